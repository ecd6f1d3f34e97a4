/** Who comes by the distribution: CloudFront, and nobody else, says a secret with each request. */
import { createHash, timingSafeEqual } from 'node:crypto';
import { type Clock, fresh } from './fresh.ts';

/** Whether what a request says is a secret that is in force. */
export type Door = (said: string | undefined) => Promise<boolean>;

/**
 * Reads what is in force with the first request, and again only when something else is said, once in `keepMs` at most:
 * so that instances follow a rotation, and a request costs none of its own.
 * @param read every value in force: while CloudFront learns of a new one, the one before still is
 */
export function createDoor(clock: Clock, keepMs: number, read: () => Promise<readonly string[]>): Door {
  let known: readonly Buffer[] = [];
  const renew = fresh(clock, keepMs, async () => {
    known = (await read()).map(hashOf);
  });
  return async (said) => {
    if (said === undefined) return false;
    const hash = hashOf(said);
    if (isAmong(known, hash)) return true;
    await renew();
    return isAmong(known, hash);
  };
}

/** Values of any length are compared as hashes, in a time that tells nothing of either. */
function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

function isAmong(known: readonly Buffer[], hash: Buffer): boolean {
  return known.map((one) => timingSafeEqual(one, hash)).includes(true);
}
