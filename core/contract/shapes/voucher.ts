/** Vouchers. */
import * as z from 'zod';
import { idSchema, purchaseReference } from '../ids.ts';
import { amountMinor, currency, instant, text } from './basics.ts';
import { memberReference } from './member.ts';
import { rewardId, rewardTerms } from './reward.ts';

export const voucher = z
  .strictObject({
    voucherId: idSchema('voucher'),
    code: z.string().nullable().describe('Null once it is revoked.'),
    status: z.enum(['issued', 'used', 'expired', 'revoked']),
    memberId: idSchema('member'),
    ...rewardTerms,
    uses: z.int(),
    usesMax: z.int().nullable().describe('Null: as often as one likes until it expires.'),
    issuedAt: instant,
    expiresAt: instant.nullable(),
  })
  .meta({ id: 'Voucher' });
export type VoucherAnswer = z.infer<typeof voucher>;

export const voucherUse = z
  .strictObject({
    purchaseId: purchaseReference
      .optional()
      .describe('The purchase that it is used on, of the same channel.'),
    amountMinor: amountMinor.optional().describe('What the voucher is used on comes to, in minor units.'),
    currency: currency
      .optional()
      .describe(
        "What amountMinor is in. Where it is absent it is the purchase's, if that is known, else the reward's.",
      ),
  })
  .meta({ id: 'VoucherUse' });

export const voucherUsed = z
  .strictObject({
    ...voucher.shape,
    discountMinor: z
      .int()
      .optional()
      .describe('What it takes off amountMinor, where that was given and the reward takes something off.'),
  })
  .meta({ id: 'VoucherUsed' });

export const voucherGift = z
  .strictObject({ member: memberReference, rewardId, reason: text(500) })
  .meta({ id: 'VoucherGift' });
