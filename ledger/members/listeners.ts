/**
 * Who hears of a member's entries. The account says so and each entry takes it over, so that nothing has to be looked
 * up for somebody who has no card in a wallet. Whoever begins to listen is written down in the transaction that gives
 * them something to do: entries of before they have to look for themselves, of those behind it they are told.
 */
import type { Account } from '../../core/account.ts';
import type { Listener } from '../../core/contract/events.ts';
import { keys, toItem } from '../store/items.ts';
import { absent, type Condition, type Write } from '../store/store.ts';
import { listenersText } from '../store/stored.ts';

/**
 * That nobody has written on an account since it was read, neither an entry nor who listens; that there is none yet,
 * for one without entries.
 */
export function accountAsRead({ version, listeners }: Account): Condition {
  const fields = { version, listeners: listenersText(listeners) };
  return version === 0 ? absent : { kind: 'unchanged', fields };
}

function listenersPut(account: Account, listeners: readonly Listener[]): Write[] {
  const after: Account = { ...account, listeners };
  return [{ put: toItem(keys.account(account.memberId), 'account', after), if: accountAsRead(account) }];
}

/** What makes somebody hear of a member. Nothing for who does, and of an account of before, of whom everybody hears. */
export function listenWrites(account: Account, listener: Listener): Write[] {
  const { listeners } = account;
  if (!listeners || listeners.includes(listener)) return [];
  return listenersPut(account, [...listeners, listener].sort());
}

/** What makes somebody hear no more of a member. Whoever could begin to listen meanwhile must stand in its way. */
export function silenceWrites(account: Account, listener: Listener): Write[] {
  const { listeners } = account;
  if (!listeners?.includes(listener)) return [];
  return listenersPut(
    account,
    listeners.filter((one) => one !== listener),
  );
}
