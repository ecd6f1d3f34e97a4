/**
 * Everything held on a person, as one document in pages: the lists are filled page by page, and what there is one
 * of stands on the first page.
 */
import * as z from 'zod';
import { channelId, channelScopedId, idSchema } from './ids.ts';
import { instant, points } from './shapes/basics.ts';
import { exception } from './shapes/exception.ts';
import { member, memberReference } from './shapes/member.ts';
import { purchaseLine, purchaseState } from './shapes/purchase.ts';

const refundedLine = z
  .strictObject({
    lineId: z.string().optional(),
    sku: z.string().optional(),
    quantity: z.number().optional(),
    amountMinor: z.int(),
  })
  .meta({ id: 'ExportedRefundLine' });

const purchase = z
  .strictObject({
    ...purchaseState.shape,
    channel: channelId,
    store: z.string().nullable(),
    occurredAt: instant,
    recordedAt: instant,
    currency: z.string(),
    lines: z.array(purchaseLine),
    shippingMinor: z.int(),
    namedAs: memberReference
      .nullable()
      .describe('How the channel named somebody whom the ledger did not know then; null for a member.'),
  })
  .meta({ id: 'ExportedPurchase' });
export type ExportedPurchase = z.infer<typeof purchase>;

const refund = z
  .strictObject({
    refundId: channelScopedId,
    purchaseId: channelScopedId.nullable(),
    status: z.string(),
    occurredAt: instant,
    recordedAt: instant,
    currency: z.string(),
    amountMinor: z.int().nullable().describe('For the whole order; else by line.'),
    shippingMinor: z.int().nullable().describe('For the shipping alone, where that was named.'),
    lines: z.array(refundedLine),
    points: z.strictObject({ clawedBack: points, debt: points }),
  })
  .meta({ id: 'ExportedRefund' });
export type ExportedRefund = z.infer<typeof refund>;

const redemption = z
  .strictObject({
    redemptionId: idSchema('redemption'),
    rewardId: z.string(),
    points,
    status: z.string(),
    channel: channelId.nullable(),
    createdAt: instant,
    expiresAt: instant.nullable(),
    purchaseId: z.string().nullable(),
    voucherId: idSchema('voucher').nullable().describe('The first of its vouchers.'),
    voucherIds: z.array(idSchema('voucher')).describe('All of its vouchers: of a bundle several.'),
  })
  .meta({ id: 'ExportedRedemption' });

const voucher = z
  .strictObject({
    voucherId: idSchema('voucher'),
    rewardId: z.string(),
    code: z.string().nullable(),
    status: z.string(),
    uses: z.int(),
    usesMax: z.int().nullable(),
    issuedAt: instant,
    expiresAt: instant.nullable(),
  })
  .meta({ id: 'ExportedVoucher' });

const referral = z
  .strictObject({
    newcomerId: idSchema('member'),
    referrerId: idSchema('member').nullable().describe('Null once the referrer has left.'),
    status: z.string(),
    reason: z.string().nullable(),
    paidAt: instant.nullable(),
  })
  .meta({ id: 'ExportedReferral' });

const device = z
  .strictObject({
    device: z.string(),
    passType: z.string(),
    pushToken: z.string(),
    registeredAt: instant,
  })
  .meta({ id: 'ExportedDevice' });

const notedVersion = z.strictObject({ version: z.int(), at: instant }).nullable();

const samsung = z
  .strictObject({
    version: z.int(),
    state: z.string().describe('What became of the card there: offered, saved or deleted.'),
    stateAt: instant.describe('When it came to be so.'),
    countryCode: z.string().describe('As Samsung gave it with the card.'),
  })
  .meta({ id: 'ExportedSamsungPass' });

const consents = z.record(z.string(), z.strictObject({ granted: z.boolean(), at: instant }));

/** What there is one of for each id that is the person's. */
const kept = z
  .strictObject({
    member,
    consents,
    referralCode: z.string().describe("The member's own."),
    referralCodeGiven: z.string().nullable().describe('The one given when joining.'),
    account: z.looseObject({}).describe('The account as the ledger keeps it: the fold of the entries.'),
    broughtBy: referral.nullable(),
    devices: z.array(device).describe("Phones that asked to be told of the card's changes."),
    apple: z
      .strictObject({ told: notedVersion, fetched: notedVersion })
      .nullable()
      .describe('Which version the phones were told of, and which was fetched.'),
    google: z.strictObject({ objectId: z.string(), version: z.int() }).nullable(),
    samsung: samsung.nullable(),
  })
  .meta({ id: 'ExportedIdentity' });

const merged = z
  .strictObject({
    ...kept.shape,
    consentsBefore: consents.describe('What the one who stays had answered until they were merged.'),
  })
  .meta({ id: 'ExportedMerged' });

const person = z
  .strictObject({
    ...kept.shape,
    merged: z
      .array(merged)
      .describe('Each member who was merged into this one, as they were: kept for as long as this one is.'),
  })
  .meta({ id: 'ExportedPerson' });

export const memberExport = z
  .strictObject({
    memberId: idSchema('member'),
    exportedAt: instant,
    person: person.nullable().describe('On the first page.'),
    referrals: z.array(referral).describe('Those whom the member brought.'),
    vouchers: z.array(voucher),
    exceptions: z.array(exception),
    entries: z.array(z.looseObject({ entryId: idSchema('entry') })).describe('As the ledger keeps them.'),
    redemptions: z.array(redemption),
    purchases: z.array(purchase),
    refunds: z.array(refund).describe('One that gave back several purchases may stand on several pages.'),
    cursor: z.string().nullable().describe('For the next page; null on the last.'),
  })
  .meta({ id: 'MemberExport' });
export type MemberExport = z.infer<typeof memberExport>;
