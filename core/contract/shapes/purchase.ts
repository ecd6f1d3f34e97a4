/** Purchases, as channels post them, as they travel on the bus, and as they stand. */
import * as z from 'zod';
import { type ChannelKind, channelId, channelScopedId, idSchema, newOwnId, ownId } from '../ids.ts';
import {
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

/** Lines that settle a sum rather than sell something: cash is rounded, a deposit is paid or given back. */
export const settlementCategories: readonly string[] = ['rounding', 'deposit'];

/** Whether a line only settles the sum. It may be below zero, and it never earns. */
export function isSettlement({ category }: { readonly category?: string | undefined }): boolean {
  return category !== undefined && settlementCategories.includes(category);
}

export const purchaseLine = z
  .strictObject({
    id: ownId,
    sku: text(128),
    gtin: z
      .string()
      .regex(/^\d{8}$|^\d{12,14}$/, 'must be a GTIN of 8, 12, 13 or 14 digits')
      .optional(),
    name: text(500).optional(),
    category: text(128).optional(),
    brand: text(128).optional(),
    quantity,
    amountMinor: signedAmountMinor.describe(
      'What the customer pays for the line: tax included, after discounts. Below zero only where the category is rounding or deposit.',
    ),
    discountMinor: amountMinor.optional(),
  })
  .refine((line) => line.amountMinor >= 0 || isSettlement(line), {
    path: ['amountMinor'],
    error: `must not be below 0 unless the category is ${settlementCategories.join(' or ')}`,
  })
  .meta({ id: 'PurchaseLine' });

export function distinctIds(lines: readonly { id: string }[]): boolean {
  return new Set(lines.map((line) => line.id)).size === lines.length;
}

export const purchaseFields = {
  occurredAt: instant,
  currency,
  member: memberReference.optional().describe('Absent for a guest.'),
  lines: z.array(purchaseLine).min(1).max(linesMax).refine(distinctIds, 'must have distinct ids'),
  shippingMinor: amountMinor.optional(),
  totalMinor: z.int().min(0),
  store: text(64).optional(),
};

export const purchase = z.strictObject({ id: newOwnId, ...purchaseFields }).meta({ id: 'Purchase' });
export type PurchaseBody = z.infer<typeof purchase>;

export const purchaseBatch = z
  .strictObject({
    purchases: z
      .array(z.unknown().meta({ description: 'A Purchase. Each is checked by itself.' }))
      .min(1)
      .max(100),
  })
  .meta({ id: 'PurchaseBatch' });

export const claim = z
  .strictObject({ member: memberReference, totalMinor: z.int().min(0) })
  .meta({ id: 'Claim' });

export const recordedPurchase = z
  .strictObject({ channel: channelId, ...purchase.shape, id: channelScopedId })
  .meta({ id: 'RecordedPurchase' });
/** As it is posted and kept: what an event's source says of the kind of its channel stands in it. */
export type RecordedPurchase = z.infer<typeof recordedPurchase> & {
  /** Of a channel that is not named like its kind. */
  channelKind?: ChannelKind;
};

export const purchaseState = z
  .strictObject({
    purchaseId: channelScopedId,
    memberId: idSchema('member').nullable(),
    status: z.enum(['posted', 'partially_refunded', 'refunded', 'unclaimed', 'conflict']),
    totalMinor: z.int(),
    refundedMinor: z.int(),
    points: z.strictObject({ earned: points, clawedBack: points }),
    entryIds: z.array(idSchema('entry')),
  })
  .meta({ id: 'PurchaseState' });
