/** Whoever guesses codes and totals behind a caller: a shop's one key serves all of its visitors. */
import { Problem } from '../../core/contract/errors.ts';
import { clientHeader } from '../../core/contract/routes.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { countWrong, guesserOf, stoppedUntil } from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { type Caller, callerName, secondsUntil } from './serve.ts';

/** What the caller says of whom it asks for; undefined where it says nothing. */
export function clientOf(headers: Readonly<Record<string, string | undefined>>): string | undefined {
  return headers[clientHeader.toLowerCase()]?.trim() || undefined;
}

/** The name under which the guesses of one visitor or basket of a caller are counted. */
export function guesserBehind({ ledger }: Deps, caller: Caller, kind: string, who: unknown): string {
  return guesserOf(ledger, kind, callerName(caller), who);
}

interface Asked {
  readonly caller: Caller;
  readonly headers: Readonly<Record<string, string | undefined>>;
}

/**
 * What a code stands for; wrong ones are counted before they are answered, each kind for itself, for the client whom the
 * caller names, who is then stopped altogether. A caller who names nobody may be a whole shop: after its ten wrong codes
 * it is told no more which ones are wrong, and right ones are taken as before, since they are too long to be guessed in
 * so many tries. A key that was answered is asked before: the first answer stands whatever its caller has guessed since.
 * @throws Problem `too_many_requests` after too many wrong ones
 */
export async function foundByCode<T>(
  deps: Deps,
  { caller, headers }: Asked,
  kind: 'codes' | 'referral codes',
  find: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const client = clientOf(headers);
  const key = 'keyId' in caller ? caller.keyId : caller.role;
  const guesser = guesserBehind(deps, caller, kind, client === undefined ? { key } : { client });
  const found = await find();
  if (found !== undefined && client === undefined) return found;
  // Read after the look-up, so that what was counted in between stops this one, too.
  const now = deps.now();
  const until = await (found === undefined ? countWrong : stoppedUntil)(deps.ledger, guesser, now);
  if (until !== undefined) throw stopped(kind, client, until, now);
  return found;
}

function stopped(kind: string, client: string | undefined, until: number, now: number): Problem {
  const detail =
    client === undefined
      ? `Ten wrong ${kind} have come with this key. Right ones are taken as before; name the visitor in ${clientHeader}, and only who guesses is stopped.`
      : `Ten wrong ${kind} have come from this ${clientHeader}: it is stopped until ${utc(until)}.`;
  return new Problem('too_many_requests', detail, [], { retryAfterSeconds: secondsUntil(until, now) });
}
