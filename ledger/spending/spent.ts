/**
 * What was spent on a purchase comes back when the purchase is given back in full: the points to their lots, a
 * voucher to be used again. Each comes back once, however often this is done.
 */
import type { MemberId, PurchaseId } from '../../core/contract/ids.ts';
import type { Program } from '../../core/program.ts';
import { isReturned } from '../../core/remains.ts';
import { currentId } from '../members/members.ts';
import { getPurchase } from '../purchases/decision.ts';
import type { LedgerContext } from '../store/context.ts';
import { decide } from '../store/decide.ts';
import { fromItem, keys, type SpentLink, spentPrefix, toItem } from '../store/items.ts';
import { asRead, scanPartition } from '../store/store.ts';
import { endRedemption, readRedemption } from './redemptions.ts';
import { returnVoucher } from './voucher-uses.ts';
import { getVoucher } from './vouchers.ts';

/**
 * Done behind every refund, and again when its event is delivered again.
 * @throws LedgerUnavailable when something could not be given back: it is safe to repeat
 */
export async function returnSpent(
  context: LedgerContext,
  program: Program,
  purchaseId: PurchaseId,
  now: number,
): Promise<void> {
  const record = await getPurchase(context, purchaseId);
  if (!record || !isReturned(record)) return;
  const ownerId = record.memberId && (await currentId(context, record.memberId));
  for await (const item of scanPartition(context.store, keys.purchase(purchaseId).pk, spentPrefix)) {
    const link = fromItem(item, 'spent');
    // What somebody else spent before the purchase came, and said whose it is, is none of its payment.
    const isForeign = ownerId !== null && ownerId !== (await currentId(context, link.memberId));
    if (link.returned || isForeign) continue;
    if (link.redemptionId !== null) {
      const { redemptionId } = link;
      // One that has been cancelled, or has expired, is left as it is.
      const request = { redemptionId, end: 'cancel' as const, mayUse: () => true };
      const reply = { once: undefined, answer: () => ({ status: 200, body: null }) };
      await endRedemption(context, program, request, reply, now);
    } else await returnUse(context, program, purchaseId, link, now);
  }
}

/** Whether anybody else has spent something on a purchase that has not come back. */
export async function spentByOthers(
  context: LedgerContext,
  purchaseId: PurchaseId,
  memberId: MemberId,
  now: number,
): Promise<boolean> {
  for await (const item of scanPartition(context.store, keys.purchase(purchaseId).pk, spentPrefix)) {
    const { returned, redemptionId, memberId: spender } = fromItem(item, 'spent');
    if (returned || (await currentId(context, spender)) === memberId) continue;
    if (redemptionId === null) return true;
    const redemption = await readRedemption(context, redemptionId, now);
    if (redemption?.status === 'authorized' || redemption?.status === 'captured') return true;
  }
  return false;
}

/** Makes a voucher's uses undone, and the link say so, in one transaction. */
async function returnUse(
  context: LedgerContext,
  program: Program,
  purchaseId: PurchaseId,
  link: SpentLink,
  now: number,
): Promise<void> {
  const { memberId, voucherId, uses = 1 } = link;
  if (voucherId === null) return;
  const key = keys.spent(purchaseId, voucherId);
  const put = toItem(key, 'spent', { ...link, returned: true, revision: link.revision + 1 });
  await decide(context, `Returning ${voucherId}`, async ({ found }) => {
    // Somebody else has returned these very uses.
    if (found.has(key)) return { result: undefined, writes: [] };
    const voucher = await getVoucher(context, memberId, voucherId);
    const writes = voucher ? await returnVoucher(context, program, voucher, uses, now) : [];
    return { result: undefined, writes: [...writes, { put, if: asRead(link) }] };
  });
}
