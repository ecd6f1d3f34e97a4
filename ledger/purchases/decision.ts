/**
 * One decision on a purchase: its record, the account with the entries that are planned, and whatever else has
 * to be written with them, all in one transaction.
 */
import type { Account, Entry } from '../../core/account.ts';
import { canonicalJson } from '../../core/canonical.ts';
import type { PurchaseId, RefundId } from '../../core/contract/ids.ts';
import type { Plan } from '../../core/points.ts';
import type { PurchaseRecord } from '../../core/purchases.ts';
import { append } from '../members/append.ts';
import type { OfStamps } from '../spending/vouchers.ts';
import type { LedgerContext } from '../store/context.ts';
import { type AwaitedPurchase, fromItem, keys, type RefundRecord, toItem } from '../store/items.ts';
import { asRead, type Write } from '../store/store.ts';

/**
 * What became of a purchase or refund.
 * - `posted`: written, by this call.
 * - `duplicate`: the same content was there already; nothing was written.
 * - `conflict`: other content was there under the same id; the first stays and an operator is told.
 */
export type Recorded<T> =
  | { readonly type: 'posted'; readonly record: T }
  | { readonly type: 'duplicate'; readonly record: T }
  | { readonly type: 'conflict'; readonly record: T };

/**
 * What a repeat is recognised by. Keyed, since it is taken over the body as it came: nobody who reads the table can
 * try which e-mail address belonged to a purchase.
 */
export function contentHash(context: LedgerContext, body: unknown): string {
  return context.keyed('content', canonicalJson(body));
}

export async function getPurchase(
  context: LedgerContext,
  id: PurchaseId,
): Promise<PurchaseRecord | undefined> {
  const item = await context.store.get(keys.purchase(id));
  return item?.item === 'purchase' ? fromItem(item, 'purchase') : undefined;
}

export async function getRefund(context: LedgerContext, id: RefundId): Promise<RefundRecord | undefined> {
  const item = await context.store.get(keys.refund(id));
  return item && fromItem(item, 'refund');
}

/** What is planned of a purchase so far: its record, the account (with its planned entries), other writes. */
export interface PurchaseDraft {
  readonly record: PurchaseRecord;
  readonly plan: Plan | null;
  readonly writes: readonly Write[];
  /** The member's unused vouchers, oldest first, where a refund may revoke them. */
  readonly unused: readonly OfStamps[];
}

export function withEntries(record: PurchaseRecord, entries: readonly Entry[]): PurchaseRecord {
  const added = entries
    .filter(({ type }) => type === 'earned' || type === 'clawed_back')
    .map(({ entryId }) => entryId);
  return { ...record, entryIds: [...record.entryIds, ...added] };
}

/** What a decision is made on. */
interface Before {
  readonly record: PurchaseRecord | AwaitedPurchase | undefined;
  readonly account: Account | undefined;
}

/** The writes of one decision, and the purchase's record after them: it takes the revision after the one before. */
export function purchaseWrites(
  context: LedgerContext,
  before: Before,
  draft: PurchaseDraft,
  now: number,
): { record: PurchaseRecord; writes: Write[] } {
  const { entries, writes } =
    draft.plan && before.account
      ? append(context, before.account, draft.plan, now, { unused: draft.unused })
      : { entries: [], writes: [] };
  const revision = (before.record?.revision ?? 0) + 1;
  const record = { ...withEntries(draft.record, entries), revision };
  const put: Write = {
    put: toItem(keys.purchase(record.purchase.id), 'purchase', record),
    if: asRead(before.record),
  };
  return { record, writes: [put, ...writes, ...draft.writes] };
}
