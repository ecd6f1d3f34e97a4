/** Redemptions and vouchers as tests ask for them: without a key, answered by what came of them. */
import type { MemberId, PurchaseId } from '../../core/contract/ids.ts';
import type { Program } from '../../core/program.ts';
import {
  createRedemption,
  findVoucher,
  type Redeemed,
  useVoucher,
  type VoucherOutcome,
} from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';

/** Spends points on a reward, or sets them aside. */
export async function redeemed(
  ledger: LedgerContext,
  program: Program,
  wanted: {
    readonly memberId: MemberId;
    readonly rewardId: string;
    readonly mode?: 'authorize' | 'capture';
    readonly purchaseId?: PurchaseId;
  },
  now: number,
): Promise<Redeemed> {
  const { memberId, rewardId, mode = 'capture', purchaseId = null } = wanted;
  const request = {
    member: { memberId },
    rewardId,
    mode,
    purchaseId,
    channel: 'store' as const,
    paused: false,
  };
  const reply = { once: undefined, answer: (body: Redeemed) => ({ status: 200, body }) };
  const result = await createRedemption(ledger, program, request, reply, now);
  if (result.type !== 'answered') throw new Error('There is no key.');
  return result.answer.body as Redeemed;
}

/** Uses the voucher of a code on a purchase. */
export async function used(
  ledger: LedgerContext,
  program: Program,
  code: string,
  purchaseId: PurchaseId,
  now: number,
): Promise<VoucherOutcome> {
  const voucher = await findVoucher(ledger, code);
  if (!voucher) throw new Error(`There is no voucher ${code}.`);
  const wanted = { voucher, channel: 'store' as const, amountMinor: undefined, purchaseId, paused: false };
  const reply = { once: undefined, answer: (body: VoucherOutcome) => ({ status: 200, body }) };
  const result = await useVoucher(ledger, program, wanted, reply, now);
  if (result.type !== 'answered') throw new Error('There is no key.');
  return result.answer.body as VoucherOutcome;
}
