/** Points spent on rewards. */
import * as z from 'zod';
import { idSchema, purchaseReference } from '../ids.ts';
import { instant, points } from './basics.ts';
import { memberReference } from './member.ts';
import { rewardId } from './reward.ts';
import { voucher } from './voucher.ts';

export const redemption = z
  .strictObject({
    member: memberReference,
    rewardId,
    mode: z
      .enum(['authorize', 'capture'])
      .describe('Whether the points are set aside until the till is done, or spent at once.'),
    purchaseId: purchaseReference
      .optional()
      .describe(
        'The purchase on which the reward is taken at once, of the same channel: no voucher is issued then.',
      ),
  })
  .meta({ id: 'Redemption' });

export const redemptionState = z
  .strictObject({
    redemptionId: idSchema('redemption'),
    status: z.enum(['authorized', 'captured', 'cancelled', 'expired']),
    memberId: idSchema('member'),
    rewardId: z.string(),
    points,
    voucher: voucher.optional(),
    vouchers: z.array(voucher).optional().describe('Of a bundle: a voucher of each of its rewards.'),
    expiresAt: instant.optional().describe('When the hold ends unless it is captured before.'),
  })
  .meta({ id: 'RedemptionState' });
export type RedemptionAnswer = z.infer<typeof redemptionState>;
