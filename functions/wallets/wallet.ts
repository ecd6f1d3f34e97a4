/** The one shape of a wallet: a module that says what it follows, how it is brought up to date, and how it stands. */
import type { Account } from '../../core/account.ts';
import { eventFor, type LedgerDetail, type Listener, type ParsedEvent } from '../../core/contract/events.ts';
import type { Deps } from '../deps.ts';

export interface Wallet {
  /** The consumer whose events it follows: those that cards follow, of members who have a card there. */
  readonly follows: Exclude<Listener, 'referrals'>;
  /** Brings a member's card to the newest version; doing it again changes nothing. */
  update(deps: Deps, change: LedgerDetail): Promise<void>;
  /** How a card stands, as operators see it; null where there is none. */
  state(deps: Deps, account: Account): Promise<unknown>;
}

/** What a wallet's queue does with an event. */
export function follow({ follows, update }: Wallet): (event: ParsedEvent, deps: Deps) => Promise<void> {
  return async (event, deps) => update(deps, eventFor(follows, event).detail);
}
