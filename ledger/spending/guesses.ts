/**
 * Wrong guesses, of a voucher's code, a referral code or a receipt's total, are counted for whoever makes them, and the tenth in a
 * quarter of an hour stops them for as long. A wrong one is written down before it is answered, so of many at one
 * moment no more than ten are told that they are wrong.
 */
import { canonicalJson } from '../../core/canonical.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { LedgerContext } from '../store/context.ts';
import { decide } from '../store/decide.ts';
import { fromItem, type Guesses, keys, toItem } from '../store/items.ts';
import { asRead, type Write } from '../store/store.ts';

export const wrongMax = 10;
const windowMs = 15 * 60_000;
/** What nobody asks for any more is swept a while after it has stopped to matter. */
const keptSeconds = 3600;

/**
 * The name under which guesses are counted. What it is made of may be personal (a session, a contact), so only its
 * keyed hash is kept.
 */
export function guesserOf(context: LedgerContext, ...of: readonly unknown[]): string {
  return context.keyed('guesser', canonicalJson(of));
}

async function read(context: LedgerContext, guesser: string): Promise<Guesses | undefined> {
  const item = await context.store.get(keys.guesses(guesser));
  return item && fromItem(item, 'guesses');
}

function blockedUntil(guesses: Guesses | undefined, now: number): number | undefined {
  const until = Date.parse(guesses?.blockedUntil ?? '');
  return until > now ? until : undefined;
}

/** Until when somebody may not guess, in milliseconds; undefined when they may. */
export async function stoppedUntil(
  context: LedgerContext,
  guesser: string,
  now: number,
): Promise<number | undefined> {
  return blockedUntil(await read(context, guesser), now);
}

/** The write that counts one more wrong guess. */
function countWrite(guesser: string, before: Guesses | undefined, now: number): Write {
  const isRecent = (at: string) => Date.parse(at) > now - windowMs;
  const wrongAt = [...(before?.wrongAt ?? []).filter(isRecent), utc(now)];
  const isFull = wrongAt.length >= wrongMax;
  const after: Guesses = {
    // Whoever was stopped begins anew afterwards.
    wrongAt: isFull ? [] : wrongAt,
    blockedUntil: isFull ? utc(now + windowMs) : null,
    revision: (before?.revision ?? 0) + 1,
  };
  const ttl = Math.floor((now + windowMs) / 1000) + keptSeconds;
  return { put: toItem(keys.guesses(guesser), 'guesses', after, ttl), if: asRead(before) };
}

/** Counts a wrong guess. @returns until when it had been stopped already, so that this one is not answered */
export async function countWrong(
  context: LedgerContext,
  guesser: string,
  now: number,
): Promise<number | undefined> {
  return decide<number | undefined>(context, 'Counting a wrong guess', async () => {
    const before = await read(context, guesser);
    const until = blockedUntil(before, now);
    if (until !== undefined) return { result: until, writes: [] };
    return { result: undefined, writes: [countWrite(guesser, before, now)] };
  });
}

/** How several guessers stand, for a decision that is told only while none of them has been stopped. */
export interface Counted {
  /** The last instant at which one of them is stopped; undefined when none is. */
  readonly until: number | undefined;
  /** The writes that count a wrong guess for each. */
  readonly wrong: readonly Write[];
  /** Hold as long as nobody has counted another one since. */
  readonly asRead: readonly Write[];
}

export async function countedOf(
  context: LedgerContext,
  guessers: readonly string[],
  now: number,
): Promise<Counted> {
  const found = await Promise.all(guessers.map(async (one) => ({ one, before: await read(context, one) })));
  const ends = found.flatMap(({ before }) => blockedUntil(before, now) ?? []);
  return {
    until: ends.length > 0 ? Math.max(...ends) : undefined,
    wrong: found.map(({ one, before }) => countWrite(one, before, now)),
    asRead: found.map(({ one, before }) => ({ check: keys.guesses(one), if: asRead(before) })),
  };
}
