/**
 * The order that something is spent on. It may come before or after what is spent, and so may its return: what is
 * spent on an order that has been given back already comes back in the same transaction, so that every order of
 * arrival ends the same.
 */
import type { PurchaseId } from '../../core/contract/ids.ts';
import { isReturned } from '../../core/purchases.ts';
import type { LedgerContext } from '../store/context.ts';
import { fromItem, keys } from '../store/items.ts';
import { asRead, type Write } from '../store/store.ts';

export interface Order {
  /** Whether all of it was given back. */
  readonly isReturned: boolean;
  /** Holds as long as nothing has happened to the order since it was read. */
  readonly writes: readonly Write[];
}

/** The order as it is now; without one, none that could be given back. */
export async function orderOf(context: LedgerContext, purchaseId: PurchaseId | null): Promise<Order> {
  if (purchaseId === null) return { isReturned: false, writes: [] };
  const key = keys.purchase(purchaseId);
  const item = await context.store.get(key);
  const isPurchase = item?.item === 'purchase';
  const record = isPurchase ? fromItem(item, 'purchase') : undefined;
  const awaited = item && !isPurchase ? fromItem(item, 'awaitedPurchase') : undefined;
  return {
    isReturned: record !== undefined && isReturned(record),
    writes: [{ check: key, if: asRead(record ?? awaited) }],
  };
}
