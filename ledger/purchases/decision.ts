/**
 * One decision on a purchase: its record, the account with the entries that are planned, and whatever else has
 * to be written with them. It is committed in one transaction, or made again on what was found instead.
 */
import type { Account, Entry } from '../../core/account.ts';
import { canonicalJson } from '../../core/canonical.ts';
import type { PurchaseId, RefundId } from '../../core/contract/ids.ts';
import type { Plan } from '../../core/points.ts';
import type { PurchaseRecord } from '../../core/purchases.ts';
import { seal } from '../../core/replay.ts';
import { appendWrites } from '../members/members.ts';
import { type OfStamps, voucherWrites } from '../spending/vouchers.ts';
import { entryIds, type LedgerContext } from '../store/context.ts';
import { type AwaitedPurchase, fromItem, keys, type RefundRecord, toItem } from '../store/items.ts';
import type { Item, Transacted, Write } from '../store/store.ts';

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

/** What a command has planned so far: the purchase, the account (with its planned entries), other writes. */
export interface Draft {
  readonly record: PurchaseRecord;
  readonly plan: Plan | null;
  readonly writes: readonly Write[];
  /** The member's unused vouchers, oldest first, where a refund may revoke them. */
  readonly unused: readonly OfStamps[];
}

/** Seals a plan into the writes that append it, and the ids of its entries. */
export function sealed(
  context: LedgerContext,
  previous: Account,
  plan: Plan,
  unused: readonly OfStamps[],
  now: number,
) {
  const { account, entries } = seal(plan, previous, entryIds(now), context.sha256);
  const vouchers = voucherWrites(context, unused, entries);
  return { writes: [...appendWrites(previous, account, entries), ...vouchers], entries };
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

/** The writes of one decision, and the purchase's record after them. */
export function decisionWrites(
  context: LedgerContext,
  previous: Before,
  draft: Draft,
  now: number,
): { record: PurchaseRecord; writes: Write[] } {
  const moves = draft.plan !== null && draft.plan.entries.length > 0 && previous.account !== undefined;
  const { writes, entries } =
    moves && draft.plan && previous.account
      ? sealed(context, previous.account, draft.plan, draft.unused, now)
      : { writes: [], entries: [] };
  const record = withEntries(draft.record, entries);
  const put: Write = {
    put: toItem(keys.purchase(record.purchase.id), 'purchase', record),
    if: previous.record
      ? { kind: 'unchanged', field: 'revision', value: previous.record.revision }
      : { kind: 'absent' },
  };
  return { record, writes: [put, ...writes, ...draft.writes] };
}

/**
 * Sends one decision: the purchase's record first, so that its refusal is recognised by index 0, then the
 * account at index 1 when points move.
 */
export async function commit(
  context: LedgerContext,
  previous: Before,
  draft: Draft,
  now: number,
): Promise<{ outcome: Transacted; record: PurchaseRecord }> {
  const { record, writes } = decisionWrites(context, previous, draft, now);
  return { outcome: await context.store.transact(writes), record };
}

/** The account that a refused transaction found in place of the one it was decided on, if that was why. */
export function changedAccount(refused: ReadonlyMap<number, Item | undefined>): Account | undefined {
  const item = refused.get(1);
  return item?.item === 'account' ? fromItem(item, 'account') : undefined;
}
