/**
 * The order that something is spent on. It may come before or after what is spent, and so may its return. What is spent
 * first comes back with the return; on an order that was given back already nothing is spent any more: so every order
 * of arrival ends the same, and nobody gets something for points or a voucher that they keep.
 */
import type { MemberId, PurchaseId } from '../../core/contract/ids.ts';
import { isReturned } from '../../core/remains.ts';
import type { LedgerContext } from '../store/context.ts';
import { fromItem, keys } from '../store/items.ts';
import { asRead, type Write } from '../store/store.ts';

export type Order =
  | { readonly type: 'refused'; readonly reason: string }
  | {
      readonly type: 'open';
      /** Holds as long as nothing has happened to the order since it was read. */
      readonly writes: readonly Write[];
    };

/** Whether something of a member's may be spent on an order as it is now; one that has not come yet may come. */
export async function orderFor(
  context: LedgerContext,
  memberId: MemberId,
  purchaseId: PurchaseId | null,
): Promise<Order> {
  if (purchaseId === null) return { type: 'open', writes: [] };
  const key = keys.purchase(purchaseId);
  const item = await context.store.get(key);
  if (item?.item !== 'purchase') {
    const awaited = item && fromItem(item, 'awaitedPurchase');
    return { type: 'open', writes: [{ check: key, if: asRead(awaited) }] };
  }
  const record = fromItem(item, 'purchase');
  if (record.memberId !== null && record.memberId !== memberId)
    return { type: 'refused', reason: 'The purchase is not of this member.' };
  if (isReturned(record)) return { type: 'refused', reason: 'The purchase has been given back.' };
  return { type: 'open', writes: [{ check: key, if: asRead(record) }] };
}
