/** What of the ledger a card does not show yet, as operators see it. */
import type { Account } from '../../core/account.ts';
import { type GooglePass, type SamsungPass, supersededAt } from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';

/** What a wallet's maker says of a card. */
export function keptState({ state, stateAt: at, version }: GooglePass | SamsungPass) {
  return { state, at, version };
}

/** How far a version is behind an account; null when it is not. */
export async function behindOf(deps: Deps, { memberId, version }: Account, shown: number) {
  const since = shown < version ? await supersededAt(deps.ledger, memberId, shown) : undefined;
  if (since === undefined) return null;
  return {
    versions: version - shown,
    since,
    seconds: Math.max(0, Math.floor((deps.now() - Date.parse(since)) / 1000)),
  };
}
