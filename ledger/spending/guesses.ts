/**
 * Wrong voucher codes are counted per caller, and the tenth in a quarter of an hour stops the caller for as long.
 * A wrong code is written down before it is answered, so of many guesses at one moment no more than ten are told
 * that they are wrong.
 */
import { utc } from '../../core/contract/shapes/basics.ts';
import type { LedgerContext } from '../store/context.ts';
import { decide } from '../store/decide.ts';
import { fromItem, type Guesses, keys, toItem } from '../store/items.ts';
import { asRead } from '../store/store.ts';

export const wrongMax = 10;
const windowMs = 15 * 60_000;
/** What nobody asks for any more is swept a while after it has stopped to matter. */
const keptSeconds = 3600;

async function read(context: LedgerContext, caller: string): Promise<Guesses | undefined> {
  const item = await context.store.get(keys.guesses(caller));
  return item && fromItem(item, 'guesses');
}

function blockedUntil(guesses: Guesses | undefined, now: number): number | undefined {
  const until = Date.parse(guesses?.blockedUntil ?? '');
  return until > now ? until : undefined;
}

/** Until when a caller may not try codes, in milliseconds; undefined when it may. */
export async function stoppedUntil(
  context: LedgerContext,
  caller: string,
  now: number,
): Promise<number | undefined> {
  return blockedUntil(await read(context, caller), now);
}

/** Counts a wrong code. @returns until when the caller had been stopped already, so that this one is not answered */
export async function countWrong(
  context: LedgerContext,
  caller: string,
  now: number,
): Promise<number | undefined> {
  return decide<number | undefined>(context, 'Counting a wrong code', async () => {
    const before = await read(context, caller);
    const until = blockedUntil(before, now);
    if (until !== undefined) return { result: until, writes: [] };
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
    const put = toItem(keys.guesses(caller), 'guesses', after, ttl);
    return { result: undefined, writes: [{ put, if: asRead(before) }] };
  });
}
