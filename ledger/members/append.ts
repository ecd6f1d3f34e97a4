/**
 * The one way from a plan to what is written: the entries in their places, the account that they lead to, where the
 * member is next looked for, and the vouchers that come and go with them.
 */
import type { Account, Entry } from '../../core/account.ts';
import type { Listener } from '../../core/contract/events.ts';
import type { RedemptionId } from '../../core/contract/ids.ts';
import type { Plan } from '../../core/points.ts';
import { seal } from '../../core/replay.ts';
import { voucherWrites } from '../spending/vouchers.ts';
import { entryIds, type LedgerContext } from '../store/context.ts';
import { keys, toItem, type Voucher } from '../store/items.ts';
import { absent, type Item, type Write } from '../store/store.ts';
import { listenersText } from '../store/stored.ts';
import { dueWrite } from './due.ts';
import { accountAsRead } from './listeners.ts';

export interface Appended {
  readonly account: Account;
  readonly entries: readonly Entry[];
  /** The vouchers that points have paid for, or nobody: a stamp card's are not among them. */
  readonly vouchers: readonly Voucher[];
  readonly writes: readonly Write[];
}

/**
 * What a plan writes on an account. A plan without entries writes nothing.
 * @param more the unused vouchers that the plan may revoke, the redemption that pays for those it issues, and who
 *   listens from here on where that changes
 */
export function append(
  context: LedgerContext,
  before: Account,
  plan: Plan,
  now: number,
  more: {
    readonly unused?: readonly Voucher[];
    readonly redemptionId?: RedemptionId;
    readonly listeners?: readonly Listener[] | undefined;
  } = {},
): Appended {
  if (plan.entries.length === 0) return { account: before, entries: [], vouchers: [], writes: [] };
  const { account: sealed, entries } = seal(plan, before, entryIds(now), context.sha256);
  // Who listens follows from no entry: it is as it was, unless somebody begins with this.
  const { listeners = before.listeners } = more;
  const account: Account = { ...sealed, ...(listeners && { listeners }) };
  const { memberId } = account;
  const { vouchers, writes } = voucherWrites(context, entries, more);
  return {
    account,
    entries,
    vouchers,
    writes: [
      { put: toItem(keys.account(memberId), 'account', account), if: accountAsRead(before) },
      ...dueWrite(before.version === 0 ? undefined : before, account, now),
      ...entries.map(
        (entry): Write => ({
          put: entryItem(entry, listeners),
          if: absent,
        }),
      ),
      ...writes,
    ],
  };
}

/** An entry with who is to hear of it, beside what it says. */
function entryItem(entry: Entry, listeners: Account['listeners']): Item {
  const item = toItem(keys.entry(entry.memberId, entry.sequence), 'entry', entry);
  return listeners ? { ...item, listeners: listenersText(listeners) } : item;
}
