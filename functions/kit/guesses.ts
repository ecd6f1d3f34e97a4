/** Whoever guesses codes and totals behind a caller: a shop's one key serves all of its visitors. */
import { clientHeader } from '../../core/contract/routes.ts';
import { guesserOf } from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { type Caller, callerName } from './serve.ts';

/** What the caller says of whom it asks for; undefined where it says nothing. */
export function clientOf(headers: Readonly<Record<string, string | undefined>>): string | undefined {
  return headers[clientHeader.toLowerCase()]?.trim() || undefined;
}

/** The name under which the guesses of one visitor or basket of a caller are counted. */
export function guesserBehind({ ledger }: Deps, caller: Caller, kind: string, who: unknown): string {
  return guesserOf(ledger, kind, callerName(caller), who);
}
