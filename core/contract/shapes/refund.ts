/** Refunds, as channels post them, as they travel on the bus, and as they stand. */
import * as z from 'zod';
import { channelId, channelScopedId, newOwnId, ownId, purchaseReference } from '../ids.ts';
import {
  amountMax,
  amountMinor,
  currency,
  instant,
  linesMax,
  points,
  quantity,
  signedAmountMinor,
  text,
} from './basics.ts';
import { memberReference } from './member.ts';
import { distinctIds } from './purchase.ts';

/** What was paid back for a line; below zero for one that is. */
const givenBack = signedAmountMinor.describe('Below zero only for a line that is below zero itself.');

const refundLine = z
  .strictObject({ lineId: ownId, quantity: quantity.optional(), amountMinor: givenBack })
  .meta({ id: 'RefundLine' });

const returnLine = z
  .strictObject({ sku: text(128), quantity, amountMinor: givenBack })
  .meta({ id: 'ReturnLine' });

const refundFields = {
  id: newOwnId,
  occurredAt: instant,
  currency,
  purchaseId: purchaseReference
    .optional()
    .describe(
      "The channel's own id of the purchase, or its full id, which may be another channel's; absent for a return without receipt.",
    ),
  member: memberReference
    .optional()
    .describe(
      "Whose return it is. Where the purchase is another channel's, it has to be that purchase's member, or the refund is rejected.",
    ),
  lines: z
    .array(
      z.union([refundLine, returnLine], {
        error: 'must hold lineId and amountMinor, or sku, quantity and amountMinor',
      }),
    )
    .min(1)
    .max(linesMax)
    .optional(),
  amountMinor: z
    .int()
    .min(0)
    .max(amountMax)
    .optional()
    .describe('Given back of the whole order; 0 gives back an order whose lines cost nothing.'),
  shippingMinor: amountMinor
    .min(1)
    .optional()
    .describe('Given back of the shipping, alone or beside lines: it takes no points.'),
};

/** With a purchase: lines by `lineId`, shipping, or one amount. Without: the member and lines by `sku`. */
function refuseUnfit(body: Fields, context: z.RefinementCtx<Fields>): void {
  const refuse = (path: (string | number)[], message: string) =>
    context.addIssue({ code: 'custom', path, message });
  if (body.purchaseId === undefined) {
    if (!body.member) refuse(['member'], 'is needed when there is no purchaseId');
    if (!body.lines) refuse(['lines'], 'are needed when there is no purchaseId');
    if (body.amountMinor !== undefined) refuse(['amountMinor'], 'needs a purchaseId');
    if (body.shippingMinor !== undefined) refuse(['shippingMinor'], 'needs a purchaseId');
  } else if (body.amountMinor === undefined && body.shippingMinor === undefined && !body.lines) {
    refuse(['lines'], 'exactly one of lines and amountMinor is needed, or shippingMinor');
  } else if (body.amountMinor !== undefined && body.lines) {
    refuse(['lines'], 'exactly one of lines and amountMinor is needed');
  } else if (body.amountMinor !== undefined && body.shippingMinor !== undefined) {
    refuse(['shippingMinor'], 'cannot stand beside amountMinor, which is of the whole order');
  }
  for (const [index, line] of (body.lines ?? []).entries()) {
    if (body.purchaseId !== undefined && !('lineId' in line))
      refuse(['lines', index, 'lineId'], 'is needed when there is a purchaseId');
    if (body.purchaseId === undefined && !('sku' in line))
      refuse(['lines', index, 'sku'], 'is needed when there is no purchaseId');
  }
  const named = (body.lines ?? []).flatMap((line) => ('lineId' in line ? [{ id: line.lineId }] : []));
  if (!distinctIds(named)) refuse(['lines'], 'must name each line once');
}

const fields = z.strictObject(refundFields);
type Fields = Pick<
  z.infer<typeof fields>,
  'purchaseId' | 'member' | 'lines' | 'amountMinor' | 'shippingMinor'
>;

export const refund = fields.superRefine(refuseUnfit).meta({ id: 'Refund' });
export type RefundBody = z.infer<typeof refund>;

export const recordedRefund = z
  .strictObject({
    channel: channelId,
    ...refundFields,
    id: channelScopedId,
    purchaseId: channelScopedId.optional(),
  })
  .superRefine(refuseUnfit)
  .meta({ id: 'RecordedRefund' });
export type RecordedRefund = z.infer<typeof recordedRefund>;

export const refundState = z
  .strictObject({
    refundId: channelScopedId,
    status: z
      .enum(['applied', 'waiting', 'unmatched', 'partially_matched', 'rejected'])
      .describe("A channel's refund of another channel's purchase is `waiting` until it is applied."),
    points: z.strictObject({ clawedBack: points, debt: points }),
  })
  .meta({ id: 'RefundState' });
