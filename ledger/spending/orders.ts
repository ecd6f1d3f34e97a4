/**
 * The order that something is spent on. It may come before or after what is spent, and so may its return. What is spent
 * first comes back with the return; on an order that was given back already nothing is spent any more: so every order
 * of arrival ends the same, and nobody gets something for points or a voucher that they keep.
 */
import { type Account, isTheirs } from '../../core/account.ts';
import type { MemberId, PurchaseId } from '../../core/contract/ids.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import { isReturned } from '../../core/remains.ts';
import { refuseCurrency } from '../../core/vouchers.ts';
import type { NewException } from '../operators/exceptions.ts';
import type { LedgerContext } from '../store/context.ts';
import { type AwaitedPurchase, fromItem, keys, toItem } from '../store/items.ts';
import { asRead, type Write } from '../store/store.ts';

export type Order =
  | { readonly type: 'refused'; readonly reason: string }
  | {
      readonly type: 'open';
      /** The purchase, where it has come. */
      readonly purchase: RecordedPurchase | undefined;
      /** Holds as long as nothing has happened to the order since it was read. */
      readonly writes: readonly Write[];
    };

/**
 * Whether something of a member's may be spent on an order as it is now; one that has not come yet may come.
 * @param currency what is spent takes an amount in it off: an order that has not come yet is judged by it when it does
 */
export async function orderFor(
  context: LedgerContext,
  account: Pick<Account, 'memberId' | 'merged'>,
  purchaseId: PurchaseId | null,
  currency: string | undefined,
): Promise<Order> {
  if (purchaseId === null) return { type: 'open', purchase: undefined, writes: [] };
  const key = keys.purchase(purchaseId);
  const item = await context.store.get(key);
  if (item?.item !== 'purchase') {
    const awaited = item && fromItem(item, 'awaitedPurchase');
    return { type: 'open', purchase: undefined, writes: [expecting(purchaseId, awaited, currency)] };
  }
  const record = fromItem(item, 'purchase');
  if (record.memberId !== null && !isTheirs(account, record.memberId))
    return { type: 'refused', reason: 'The purchase is not of this member.' };
  if (isReturned(record)) return { type: 'refused', reason: 'The purchase has been given back.' };
  const { purchase } = record;
  const reason = refuseCurrency(currency === undefined ? {} : { currency }, purchase.currency);
  if (reason !== undefined) return { type: 'refused', reason };
  // Whoever claims a guest's purchase at this instant has to look again at what was spent on it, and by whom.
  const touched = toItem(key, 'purchase', { ...record, revision: record.revision + 1 });
  const write: Write =
    record.memberId === null ? { put: touched, if: asRead(record) } : { check: key, if: asRead(record) };
  return { type: 'open', purchase, writes: [write] };
}

/** Holds as long as the purchase has not come, and notes the currency that it is expected in. */
function expecting(
  purchaseId: PurchaseId,
  awaited: AwaitedPurchase | undefined,
  currency: string | undefined,
): Write {
  const key = keys.purchase(purchaseId);
  const { currencies = [], revision = 0, refundIds = [] } = awaited ?? {};
  if (currency === undefined || currencies.includes(currency)) return { check: key, if: asRead(awaited) };
  const expected = { purchaseId, revision: revision + 1, refundIds, currencies: [...currencies, currency] };
  return { put: toItem(key, 'awaitedPurchase', expected), if: asRead(awaited) };
}

/**
 * What operators are told of a purchase that came in another currency than an amount that was taken off it before;
 * undefined where there is none.
 */
export function otherCurrency(
  { id, currency, occurredAt }: RecordedPurchase,
  memberId: MemberId | null,
  { currencies = [] }: Partial<AwaitedPurchase>,
): NewException | undefined {
  const others = currencies.filter((one) => one !== currency);
  if (others.length === 0) return undefined;
  return {
    type: 'voucher_not_applicable',
    subject: id,
    memberId,
    detail: `A voucher or reward in ${others.join(', ')} was used on it before it came, and it is in ${currency}. It stays used, since the till may have taken the amount off; if it did not, give the member another one.`,
    data: { currency, usedIn: others },
    occurredAt,
  };
}
