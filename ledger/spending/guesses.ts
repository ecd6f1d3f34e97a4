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

function isBlocked(guesses: Guesses | undefined, now: number): boolean {
  const until = guesses?.blockedUntil;
  return until !== undefined && until !== null && now < Date.parse(until);
}

/** Whether a caller may not try codes at the moment. */
export async function isStopped(context: LedgerContext, caller: string, now: number): Promise<boolean> {
  return isBlocked(await read(context, caller), now);
}

/** Counts a wrong code; `stopped` when the caller had been stopped already, so that this one is not answered. */
export async function countWrong(
  context: LedgerContext,
  caller: string,
  now: number,
): Promise<'counted' | 'stopped'> {
  return decide<'counted' | 'stopped'>(context, 'Counting a wrong code', async () => {
    const before = await read(context, caller);
    if (isBlocked(before, now)) return { result: 'stopped', writes: [] };
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
    return { result: 'counted', writes: [{ put, if: asRead(before) }] };
  });
}
