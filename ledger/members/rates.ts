/**
 * How often something may be done: links to one contact, joins from one address. Whoever comes is written down before
 * anything is done for them, so of many at one moment no more than there may be go on.
 */
import { utc } from '../../core/contract/shapes/basics.ts';
import type { LedgerContext } from '../store/context.ts';
import { decide } from '../store/decide.ts';
import { fromItem, keys, type Rate, toItem } from '../store/items.ts';
import { asRead } from '../store/store.ts';

/** At most so often in any so many milliseconds. */
export interface Limit {
  readonly max: number;
  readonly windowMs: number;
}

const minuteMs = 60_000;
export const linkLimits: readonly Limit[] = [
  { max: 1, windowMs: 15 * minuteMs },
  { max: 5, windowMs: 24 * 60 * minuteMs },
];
export const joinWindowMs = 15 * minuteMs;

/**
 * Takes one turn where there is one.
 * @param what is limited, and for whom, by a keyed hash
 * @param turn names what is done, where it may be asked for again: the same once more takes no other turn
 * @returns undefined when it was taken; else when there will be one, in milliseconds since 1970
 */
export async function takeTurnOf(
  context: LedgerContext,
  what: 'link' | 'join',
  hash: string,
  limits: readonly Limit[],
  now: number,
  turn?: string,
): Promise<number | undefined> {
  const key = keys.rate(what, hash);
  return decide<number | undefined>(context, `Taking a turn of ${what}`, async () => {
    const item = await context.store.get(key);
    const before = item && fromItem(item, 'rate');
    if (turn !== undefined && before?.last === turn) return { result: undefined, writes: [] };
    const taken = (before?.at ?? []).map((at) => Date.parse(at)).sort((a, b) => a - b);
    const free = Math.max(...limits.map((limit) => freeAt(taken, limit)));
    if (free > now) return { result: free, writes: [] };
    const longest = Math.max(...limits.map(({ windowMs }) => windowMs));
    const after: Rate = {
      at: [...taken.filter((at) => at > now - longest), now].map((at) => utc(at)),
      ...(turn === undefined ? {} : { last: turn }),
      revision: (before?.revision ?? 0) + 1,
    };
    const put = toItem(key, 'rate', after, Math.ceil((now + longest) / 1000));
    return { result: undefined, writes: [{ put, if: asRead(before) }] };
  });
}

/** When the oldest of as many as there may be is out of the window; 0 where there are fewer. */
function freeAt(taken: readonly number[], { max, windowMs }: Limit): number {
  const oldest = taken.at(-max);
  return oldest === undefined ? 0 : oldest + windowMs;
}
