/** Places among a member's purchases, held against a list of who has which. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { foldPlaces, isTaken, nextPlace, type Places, placesLeft } from '../../core/places.ts';
import { runs } from '../support/world.ts';

/** As a member's account says it of the places that are taken. */
function placesOf(taken: Iterable<number>): Places {
  const all = [...taken].sort((a, b) => a - b);
  const last = all.at(-1) ?? 0;
  const freePlaces = Array.from({ length: last }, (_, index) => index + 1).filter(
    (place) => !all.includes(place),
  );
  return { purchases: all.length, freePlaces };
}

const places = fc.uniqueArray(fc.integer({ min: 1, max: 14 }), { maxLength: 14, size: 'max' });

describe('places', () => {
  it('are taken from the lowest that nobody has, and given up to be taken again', () => {
    fc.assert(
      fc.property(places, fc.nat(13), (taken, index) => {
        const before = placesOf(taken);
        const next = nextPlace(before);
        expect(taken).not.toContain(next);
        for (let lower = 1; lower < next; lower++) expect(taken).toContain(lower);
        for (let place = 1; place < 20; place++) expect(isTaken(before, place)).toBe(taken.includes(place));
        expect({ purchases: taken.length + 1, freePlaces: foldPlaces(before, 1, next) }).toEqual(
          placesOf([...taken, next]),
        );
        const given = taken[index % taken.length];
        if (given === undefined) return;
        const left = taken.filter((place) => place !== given);
        expect({ purchases: left.length, freePlaces: foldPlaces(before, -1, given) }).toEqual(placesOf(left));
      }),
      runs(2_000),
    );
  });

  it('stay where nothing is counted, and are the last ones where nobody says which', () => {
    const before = placesOf([1, 2, 4, 6]);
    for (const place of [2, 3]) expect(foldPlaces(before, 0, place)).toEqual([3, 5]);
    expect(foldPlaces(before, -1, undefined)).toEqual([3]);
    expect(foldPlaces(before, 1, undefined)).toEqual([3, 5]);
  });

  it('of as many as came at some time go again: those behind the last that there was then', () => {
    // Two had come behind the fourth, and one since.
    expect(placesLeft(placesOf([1, 2, 4, 5, 6, 7]), placesOf([1, 2, 4]), 2)).toEqual([3, 5, 6]);
    expect(placesLeft(placesOf([1, 2, 4, 5, 6, 8]), placesOf([1, 2, 4]), 2)).toEqual([3, 5, 6, 7]);
    expect(placesLeft(placesOf([1, 2, 4, 5, 6]), placesOf([1, 2, 4]), 2)).toEqual([3]);
    expect(placesLeft(placesOf([1, 2, 3]), placesOf([]), 3)).toEqual([]);
    // Of more than a thousand it is the last ones.
    const many = { purchases: 1_502, freePlaces: [] };
    expect(placesLeft(many, { purchases: 1, freePlaces: [] }, 1_000)).toHaveLength(1_000);
    expect(placesLeft(many, { purchases: 1, freePlaces: [] }, 1_001)).toEqual([]);
    expect(placesLeft({ ...many, freePlaces: [1_400] }, { purchases: 1, freePlaces: [] }, 1_001)).toEqual([]);
  });
});
