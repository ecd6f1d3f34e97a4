/**
 * Places among a member's purchases: the first, the second … A purchase takes the lowest place that none has, and gives
 * it up when it is wholly returned. So what is given for the fifth purchase is had by one at a time: who gives back
 * the first of five makes the first again next, and not another fifth.
 */

export interface Places {
  /** Purchases that have a place. */
  readonly purchases: number;
  /** Places below the last that none has, lowest first. */
  readonly freePlaces: readonly number[];
}

export const noPlaces: readonly number[] = [];

/** The last place that a purchase has. */
function lastOf({ purchases, freePlaces }: Places): number {
  return purchases + freePlaces.length;
}

/** The place that the next purchase takes. */
export function nextPlace(places: Places): number {
  return places.freePlaces[0] ?? lastOf(places) + 1;
}

/** Whether a purchase has a place: none that was numbered as somebody else's does. */
export function isTaken(places: Places, place: number): boolean {
  return place <= lastOf(places) && !places.freePlaces.includes(place);
}

/**
 * The free places once the count changes by `purchases`.
 * @param place the one that is taken or given up; without it the last ones are, as in entries of before and of merges
 */
export function foldPlaces(places: Places, purchases: number, place: number | undefined): readonly number[] {
  let free = places.freePlaces;
  if (place !== undefined && purchases > 0) free = free.filter((one) => one !== place);
  if (place !== undefined && purchases < 0 && place < lastOf(places))
    free = [...free, place].sort((a, b) => a - b);
  return belowLast(places.purchases + purchases, free);
}

/** Free places without those behind the last purchase that has one: they are free by themselves. */
function belowLast(purchases: number, freePlaces: readonly number[]): readonly number[] {
  let free = freePlaces;
  while (free.length > 0 && (free.at(-1) as number) >= purchases + free.length) free = free.slice(0, -1);
  return free.length > 0 ? free : noPlaces;
}

/** So many are remembered to be free again one by one; of more the last ones are. */
const leftMax = 1000;

/**
 * The free places once as many as came at some time go again: those behind the last that was taken then.
 * @param before as it was when they came
 */
export function placesLeft(places: Places, before: Places, gone: number): readonly number[] {
  if (gone > leftMax) return foldPlaces(places, 0 - gone, undefined);
  const last = lastOf(before);
  const came = Array.from({ length: gone }, (_, index) => last + 1 + index);
  const free = [...places.freePlaces, ...came].sort((a, b) => a - b);
  return belowLast(places.purchases - gone, free);
}
