/**
 * A walk goes through many: all that fell due on a day, all who hold a card, all exceptions. It is a queue of positions.
 * A step handles about a hundred of them side by side and answers where to go on; whoever runs it puts that on the queue
 * before it takes the step off. So no run is as long as the number of members, a step that dies is taken again, and
 * what is done already is found done.
 *
 * A new walk is one file that makes a `Walk`, its name and its line in functions/walks. Most go through partitions of
 * the table: those are made by `throughPartitions`.
 */

import type { MemberId } from '../../core/contract/ids.ts';
import { walksQueue } from '../../core/contract/queues.ts';
import { ownValue } from '../../core/own.ts';
import type { Program } from '../../core/program.ts';
import { listDeadLetter } from '../operators/dead-letters.ts';
import { type LedgerContext, LedgerUnavailable } from '../store/context.ts';
import { commit } from '../store/decide.ts';
import type { Item, Key } from '../store/store.ts';

/** What a step is given. */
export interface Means {
  readonly context: LedgerContext;
  /** The programme in force. */
  readonly program: Program;
  /** Milliseconds since 1970. */
  readonly now: number;
  /** Whether there is time for something long; a step may always do what it does at least. */
  readonly hasTime: () => boolean;
}

/** Which days a night looks at, both included, as `2026-11-22` in the programme's zone. */
export interface NightDays {
  readonly from: string;
  readonly to: string;
}

/** How often what happened, by names such as `members` and `entries`. */
export type Counts = Readonly<Record<string, number>>;

export interface Step<P> {
  /** Where to go on: nowhere at an end, or in several places side by side. */
  readonly next: readonly P[];
  readonly counted: Counts;
}

/** Positions are plain JSON. */
export interface Walk<P extends object = object> {
  /** Where it begins in a night: in as many places as may be gone through side by side. */
  starts(means: Means, night: NightDays): Promise<readonly P[]>;
  /**
   * Goes on from a position. Doing it again changes nothing that was done.
   * @throws LedgerUnavailable when something could not be decided: the step is to be taken again
   */
  step(means: Means, position: P): Promise<Step<P>>;
}

/** Walks by their names, whatever their positions. */
export type Walks = Readonly<Record<string, Walk>>;

/** A message of the queue: a night that is to begin, with all walks or one of them; or a walk that is to go on. */
export type WalkMessage =
  | { readonly night: NightDays; readonly walk?: never }
  | { readonly walk: string; readonly night: NightDays }
  | { readonly walk: string; readonly position: object };

export interface Taken {
  /** What is to be put on the queue. */
  readonly messages: readonly WalkMessage[];
  readonly counted: Counts;
}

/**
 * Takes the step that a message asks for.
 * @throws Error when no walk has its name
 */
export async function takeStep(walks: Walks, means: Means, message: WalkMessage): Promise<Taken> {
  if (message.walk === undefined) return beginAll(walks, means, message.night);
  const { walk: name } = message;
  const walk = ownValue(walks, name);
  if (!walk) throw new Error(`There is no walk ${name}; known are ${Object.keys(walks).join(', ')}.`);
  const { next, counted } =
    'night' in message
      ? { next: await walk.starts(means, message.night), counted: {} }
      : await walk.step(means, message.position);
  return { messages: next.map((position) => ({ walk: name, position })), counted };
}

/** Begins every walk. One that cannot begin gets a message of its own, and is in no other's way. */
async function beginAll(walks: Walks, means: Means, night: NightDays): Promise<Taken> {
  const names = Object.keys(walks);
  const begun = await sideBySide(names, async (walk) => {
    const one: WalkMessage = { walk, night };
    return takeStep(walks, means, one).then(
      ({ messages }) => messages,
      () => [one],
    );
  });
  return { messages: begun.flatMap(outcomeIn), counted: {} };
}

function addCounts(a: Counts, b: Counts): Counts {
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return Object.fromEntries(
    [...names].map((name) => [name, (ownValue(a, name) ?? 0) + (ownValue(b, name) ?? 0)]),
  );
}

// Side by side ------------------------------------------------------------------------------------------------------

/** Members of one step. */
export const stepSize = 100;
/** How many of them are handled at a time: nearly all of their time is waiting for the table. */
export const besides = 20;

/** Does something for each, so many at a time, to the end even where it fails for some. */
export async function sideBySide<T, R>(
  all: readonly T[],
  act: (one: T) => Promise<R>,
  most = besides,
): Promise<PromiseSettledResult<R>[]> {
  const results: PromiseSettledResult<R>[] = [];
  let next = 0;
  const takeTurns = async () => {
    while (next < all.length) {
      const at = next++;
      [results[at]] = (await Promise.allSettled([act(all[at] as T)])) as [PromiseSettledResult<R>];
    }
  };
  await Promise.all(Array.from({ length: Math.min(most, all.length) }, takeTurns));
  return results;
}

// Through partitions ------------------------------------------------------------------------------------------------

/** Where a walk stands in a partition; or at one item alone, sent again by an operator. */
export type Place = {
  readonly pk: string;
  /** The day it is walked for. */
  readonly day: string;
  readonly after?: string;
  readonly only?: string;
  /** Of a member who joins with it. */
  readonly isNew?: true;
  /** What was counted in the partition up to here. */
  readonly counted?: Counts;
};

export interface Handled {
  readonly counted: Counts;
  /** It was too much for one step, and goes on in one of its own. */
  readonly isOpen?: boolean;
}

export interface PartitionWalk {
  readonly name: string;
  /** The partitions of a night, each with the day it is walked for. Those that are empty are not gone through. */
  readonly partitions: (means: Means, night: NightDays) => Promise<readonly Place[]> | readonly Place[];
  /** Handles what lies under a key. */
  readonly handle: (means: Means, key: Key, place: Place) => Promise<Handled>;
  /** Whom it is about, for whoever reads of it where it cannot be handled. */
  readonly memberOf: (sk: string) => MemberId | null;
  /** Whether what is done is taken off the list: then what cannot be handled is, too. */
  readonly isList: boolean;
  /** Called with those that a night finds empty. */
  readonly empty?: (means: Means, places: readonly Place[], night: NightDays) => Promise<void>;
  /** Called at the end of a partition. */
  readonly ended?: (means: Means, place: Place) => Promise<void>;
}

/** A walk through every item of some partitions. */
export function throughPartitions(walk: PartitionWalk): Walk<Place> {
  return {
    async starts(means, night) {
      const all = await walk.partitions(means, night);
      const first = await sideBySide(all, ({ pk }) =>
        means.context.store.query(pk, { prefix: '', limit: 1 }),
      );
      const isEmpty = first.map((found) => outcomeIn(found).length === 0);
      await walk.empty?.(
        means,
        all.filter((_, at) => isEmpty[at]),
        night,
      );
      // Whoever wants to know of ends hears of those of empty partitions, too.
      return all.filter((_, at) => walk.ended || !isEmpty[at]);
    },

    async step(means, place) {
      const { pk, after, only } = place;
      if (only !== undefined) return alone(walk, means, { pk, sk: only }, place);
      const page = await means.context.store.query(pk, {
        prefix: '',
        limit: stepSize,
        ...(after === undefined ? {} : { after }),
      });
      const handled = await sideBySide(page, (item) => handleOne(walk, means, item, place));
      const done = handled.map(outcomeIn);
      const { day } = place;
      const open = page.filter((_, at) => done[at]?.isOpen).map(({ sk }): Place => ({ pk, day, only: sk }));
      const last = page.at(-1);
      const isEnd = page.length < stepSize || !last;
      if (isEnd) await walk.ended?.(means, place);
      const counted = done.map((one) => one.counted).reduce(addCounts, {});
      const soFar = addCounts(place.counted ?? {}, counted);
      return { next: [...open, ...(isEnd ? [] : [{ pk, day, after: last.sk, counted: soFar }])], counted };
    },
  };
}

/** One that is sent again by itself: what it still cannot do is the message's failure, as anybody's. */
async function alone(walk: PartitionWalk, means: Means, key: Key, place: Place): Promise<Step<Place>> {
  const { counted, isOpen } = await walk.handle(means, key, place);
  return { next: isOpen ? [place] : [], counted };
}

/**
 * Handles an item, or puts it aside: an error that is its own, and not the table's, would be there the next time, too,
 * and in the way of all who come after it.
 */
async function handleOne(walk: PartitionWalk, means: Means, item: Item, place: Place): Promise<Handled> {
  try {
    return await walk.handle(means, item, place);
  } catch (error) {
    if (error instanceof LedgerUnavailable) throw error;
    await putAside(walk, means, item, place, error);
    return { counted: { aside: 1 } };
  }
}

async function putAside(
  { name, memberOf, isList }: PartitionWalk,
  { context, now }: Means,
  { pk, sk }: Key,
  { day }: Place,
  error: unknown,
): Promise<void> {
  const reason = error instanceof Error ? error.message : String(error);
  const message: WalkMessage = { walk: name, position: { pk, day, only: sk } satisfies Place };
  const takenOff = isList ? [{ delete: { pk, sk } }] : [];
  const letter = {
    subject: `${name} ${pk} ${sk}`,
    sentAt: `${day}T00:00:00Z`,
    memberId: memberOf(sk),
    detail: `The walk ${name} could not handle ${sk}: ${reason.slice(0, 500)}`,
    consumer: walksQueue,
    queue: walksQueue,
    sendTo: walksQueue,
    body: JSON.stringify(message),
    receiveCount: 1,
  };
  // Listed by an earlier try of this step, it is only to be taken off.
  if ((await listDeadLetter(context, letter, now, takenOff)) === 'known' && isList)
    await commit(context, `Taking ${sk} off ${pk}`, takenOff);
}

/** What came of one of several, or the error that the whole step fails with. */
function outcomeIn<R>(result: PromiseSettledResult<R> | undefined): R {
  if (result?.status === 'fulfilled') return result.value;
  throw result?.reason ?? new Error('It was not handled.');
}
