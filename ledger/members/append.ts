/**
 * The one way from a plan to what is written: the entries in their places, the account that they lead to, where the
 * member is next looked for, and the vouchers that come and go with them.
 */
import type { Account, Entry } from '../../core/account.ts';
import type { RedemptionId } from '../../core/contract/ids.ts';
import type { Plan } from '../../core/points.ts';
import { seal } from '../../core/replay.ts';
import { type OfStamps, voucherWrites } from '../spending/vouchers.ts';
import { entryIds, type LedgerContext } from '../store/context.ts';
import { keys, toItem, type Voucher } from '../store/items.ts';
import { absent, type Condition, type Write } from '../store/store.ts';
import { dueWrite } from './due.ts';

export interface Appended {
  readonly account: Account;
  readonly entries: readonly Entry[];
  /** The vouchers that points have paid for, or nobody: a stamp card's are not among them. */
  readonly vouchers: readonly Voucher[];
  readonly writes: readonly Write[];
}

/** That nobody has written on an account since it was read; that there is none yet, for one without entries. */
export function accountAsRead({ version }: Account): Condition {
  return version === 0 ? absent : { kind: 'unchanged', fields: { version } };
}

/**
 * What a plan writes on an account. A plan without entries writes nothing.
 * @param more the unused vouchers that the plan may revoke, and the redemption that pays for those it issues
 */
export function append(
  context: LedgerContext,
  before: Account,
  plan: Plan,
  now: number,
  more: { readonly unused?: readonly OfStamps[]; readonly redemptionId?: RedemptionId } = {},
): Appended {
  if (plan.entries.length === 0) return { account: before, entries: [], vouchers: [], writes: [] };
  const { account, entries } = seal(plan, before, entryIds(now), context.sha256);
  const { memberId } = account;
  const { vouchers, writes } = voucherWrites(context, entries, more);
  return {
    account,
    entries,
    vouchers,
    writes: [
      { put: toItem(keys.account(memberId), 'account', account), if: accountAsRead(before) },
      ...dueWrite(before.version === 0 ? undefined : before, account),
      ...entries.map(
        (entry): Write => ({
          put: toItem(keys.entry(memberId, entry.sequence), 'entry', entry),
          if: absent,
        }),
      ),
      ...writes,
    ],
  };
}
