/**
 * The shapes that cross the border, each one zod schema. Requests are strict: a field that is not listed is
 * refused. Money is integer minor units, points are integers, instants are RFC 3339 and kept in UTC.
 */
import * as z from 'zod';
import { channelScopedId, channels, idSchema, ownId } from './ids.ts';

/** Ten digits before the decimals of the largest currencies: sums over 500 lines stay exact. */
const amountMax = 1_000_000_000_000;
const linesMax = 500;

/** RFC 3339 text as canonical UTC: `2026-11-22T10:00:00Z`, milliseconds only where there are any. */
export function utc(instant: string | number): string {
  return new Date(instant).toISOString().replace('.000Z', 'Z');
}

const instantHelp = 'must be an RFC 3339 date-time with an offset, as 2026-11-22T10:00:00Z';
const isInstant = (text: string) => !Number.isNaN(Date.parse(text));

/** An overwrite also runs on what a check before it refused, so it leaves alone what is no date. */
export const instant = z.iso
  .datetime({ offset: true, error: instantHelp })
  .refine(isInstant, instantHelp)
  .overwrite((text) => (isInstant(text) ? utc(text) : text));

/** Text that can be stored and shown: well-formed Unicode without NUL, everything else as given. */
export function text(max: number) {
  return z
    .string()
    .min(1)
    .max(max)
    .refine(
      (value) => value.isWellFormed() && !value.includes('\0'),
      'must be well-formed Unicode without NUL',
    );
}

const amountMinor = z.int().min(0).max(amountMax);
export const points = z.int();
const currency = z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code of three capitals');
const quantity = z
  .number()
  .positive()
  .max(1_000_000)
  .refine((value) => Math.round(value * 1000) / 1000 === value, 'must have at most 3 decimals');

export const cardNumber = z.string().regex(/^29\d{11}$/, 'must be the 13 digits of a card, starting with 29');
export const email = z
  .email({ pattern: z.regexes.unicodeEmail, error: 'must be an e-mail address' })
  .max(254)
  .refine((value) => value.isWellFormed(), 'must be well-formed Unicode');
export const phone = z
  .string()
  .regex(/^\+[0-9 ().-]{6,30}$/, 'must be an international number that starts with +');
export const locale = z
  .string()
  .max(35)
  .regex(/^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$/, 'must be a BCP 47 language tag, as fr or en-GB');

/** How a channel names a member: exactly one of four. */
export const memberReference = z
  .strictObject({
    memberId: idSchema('member').optional(),
    cardNumber: cardNumber.optional(),
    email: email.optional(),
    phone: phone.optional(),
  })
  .refine(
    (value) => Object.values(value).filter((one) => one !== undefined).length === 1,
    'must hold exactly one of memberId, cardNumber, email, phone',
  )
  .meta({ id: 'MemberReference' });
export type MemberReference = z.infer<typeof memberReference>;

const consents = z
  .record(z.string().regex(/^[a-z][a-z_]{0,31}$/, 'must be a purpose in lower case, as email'), z.boolean())
  .refine((value) => Object.keys(value).length <= 16, 'must name at most 16 purposes');

const profileFields = {
  name: text(200).optional(),
  email: email.optional(),
  phone: phone.optional(),
  birthday: z.iso.date().optional(),
  locale: locale.optional(),
  consents: consents.optional(),
};

export const enrolment = z
  .strictObject({ ...profileFields, referralCode: text(64).optional() })
  .meta({ id: 'Enrolment' });
export type Enrolment = z.infer<typeof enrolment>;

export const profileChange = z.strictObject(profileFields).meta({ id: 'ProfileChange' });
export type ProfileChange = z.infer<typeof profileChange>;

// Purchases ---------------------------------------------------------------------------------------------

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
    amountMinor: amountMinor.describe('What the customer pays for the line: tax included, after discounts.'),
    discountMinor: amountMinor.optional(),
  })
  .meta({ id: 'PurchaseLine' });

function distinctIds(lines: readonly { id: string }[]): boolean {
  return new Set(lines.map((line) => line.id)).size === lines.length;
}

/** The id that a channel gives: what `<channel>:<id>` is made of, so it does not hold a channel itself. */
const newOwnId = ownId.refine(
  (id) => !channels.some((channel) => id.startsWith(`${channel}:`)),
  "must be the channel's own id, without the channel before it",
);

const purchaseFields = {
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

export const quote = z.strictObject(purchaseFields).meta({ id: 'Quote' });

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

// Refunds -----------------------------------------------------------------------------------------------

const refundLine = z
  .strictObject({ lineId: ownId, quantity: quantity.optional(), amountMinor })
  .meta({ id: 'RefundLine' });
const returnLine = z.strictObject({ sku: text(128), quantity, amountMinor }).meta({ id: 'ReturnLine' });

const refundFields = {
  id: newOwnId,
  occurredAt: instant,
  currency,
  purchaseId: ownId
    .optional()
    .describe(
      "The channel's own id, with or without the channel before it; absent for a return without receipt.",
    ),
  member: memberReference.optional(),
  lines: z
    .array(
      z.union([refundLine, returnLine], {
        error: 'must hold lineId and amountMinor, or sku, quantity and amountMinor',
      }),
    )
    .min(1)
    .max(linesMax)
    .optional(),
  amountMinor: z.int().min(1).max(amountMax).optional(),
};

/** With a purchase: lines by `lineId`, or one amount. Without: the member and lines by `sku`. */
export const refund = z
  .strictObject(refundFields)
  .superRefine((body, context) => {
    const refuse = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    if (body.purchaseId === undefined) {
      if (!body.member) refuse(['member'], 'is needed when there is no purchaseId');
      if (!body.lines) refuse(['lines'], 'are needed when there is no purchaseId');
      if (body.amountMinor !== undefined) refuse(['amountMinor'], 'needs a purchaseId');
    } else if ((body.lines === undefined) === (body.amountMinor === undefined)) {
      refuse(['lines'], 'exactly one of lines and amountMinor is needed');
    }
    for (const [index, line] of (body.lines ?? []).entries()) {
      if (body.purchaseId !== undefined && !('lineId' in line))
        refuse(['lines', index, 'lineId'], 'is needed when there is a purchaseId');
      if (body.purchaseId === undefined && !('sku' in line))
        refuse(['lines', index, 'sku'], 'is needed when there is no purchaseId');
    }
    const named = (body.lines ?? []).flatMap((line) => ('lineId' in line ? [{ id: line.lineId }] : []));
    if (!distinctIds(named)) refuse(['lines'], 'must name each line once');
  })
  .meta({ id: 'Refund' });
export type RefundBody = z.infer<typeof refund>;

// What travels on the bus: the same bodies, with the channel and full ids -----------------------------------

export const recordedPurchase = z
  .strictObject({ channel: z.enum(channels), ...purchase.shape, id: channelScopedId })
  .meta({ id: 'RecordedPurchase' });
export type RecordedPurchase = z.infer<typeof recordedPurchase>;

export const recordedRefund = z
  .strictObject({
    channel: z.enum(channels),
    ...refundFields,
    id: channelScopedId,
    purchaseId: channelScopedId.optional(),
  })
  .meta({ id: 'RecordedRefund' });
export type RecordedRefund = z.infer<typeof recordedRefund>;

// Answers -----------------------------------------------------------------------------------------------

export const balance = z
  .strictObject({ available: points, pending: points, held: points, debt: points })
  .meta({ id: 'Balance' });
export type Balance = z.infer<typeof balance>;

export const tierStanding = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    qualifyingPoints: points,
    nextTier: z.strictObject({ id: z.string(), name: z.string(), pointsMissing: points }).nullable(),
    validUntil: instant.nullable(),
  })
  .meta({ id: 'TierStanding' });

const expiring = z.array(z.strictObject({ points, at: instant }));
const stampCount = z.array(z.strictObject({ id: z.string(), count: z.int(), of: z.int() }));
const wallet = z.strictObject({ appleUrl: z.url(), googleUrl: z.url() });
const cardWallet = wallet.extend({
  samsungUrl: z.url().optional().describe('Only where Samsung Wallet is configured.'),
});

export const member = z
  .strictObject({
    memberId: idSchema('member'),
    cardNumber,
    name: z.string().nullable(),
    email: z.string().nullable(),
    phone: z.string().nullable(),
    birthday: z.string().nullable(),
    locale: z.string(),
    createdAt: instant,
    balance,
    lifetime: z.strictObject({ earned: points, spent: points, expired: points }),
    tier: tierStanding,
    expiring,
    stamps: stampCount,
    version: z.int().describe("The ledger's sequence for this member."),
    cardUrl: z.url(),
    wallet,
  })
  .meta({ id: 'Member' });
export type MemberAnswer = z.infer<typeof member>;

/** What every wallet and the card page show; see core/card.ts for what each field means. */
export const card = z
  .strictObject({
    memberId: idSchema('member'),
    version: z.int(),
    programName: z.string(),
    name: z.string().nullable(),
    locale: z.string(),
    cardNumber,
    balance,
    tier: tierStanding,
    expiring,
    stamps: z.array(z.strictObject({ id: z.string(), name: z.string(), count: z.int(), of: z.int() })),
    status: z.enum(['active', 'closed']),
    vouchers: z
      .array(
        z.strictObject({
          code: z.string(),
          name: z.string(),
          type: z.string(),
          expiresAt: instant.nullable(),
        }),
      )
      .describe('What the member can use now, soonest to expire first.'),
    donations: z
      .array(z.strictObject({ id: z.string(), name: z.string(), points }))
      .describe('What all members together have given to each cause.'),
    referralCode: z.string().describe('What the member passes on: a newcomer gives it when joining.'),
    updatedAt: instant,
    timeZone: z.string().describe("The programme's, in which its days begin and end."),
    colours: z
      .strictObject({ background: z.string(), foreground: z.string(), label: z.string() })
      .nullable()
      .describe("The programme's own for the cards in wallets, as #0f2a33; null for the house's."),
    supportUrl: z.url().nullable(),
    cardUrl: z.url(),
    wallet: cardWallet,
  })
  .meta({ id: 'Card' });
export type CardAnswer = z.infer<typeof card>;

const behind = z
  .strictObject({
    versions: z.int().min(1).describe('How many versions of the card were not shown yet.'),
    since: instant.describe('When the ledger wrote the first of them.'),
    seconds: z.number().min(0).describe('How long ago that was.'),
  })
  .nullable()
  .describe('What the wallet does not show yet, as far as is known; null where that is nothing.');

/** A card in a wallet whose maker tells us what became of it. */
const keptCard = z.strictObject({
  state: z
    .enum(['offered', 'saved', 'deleted'])
    .describe('`offered` until the wallet says that the card was saved.'),
  at: instant.describe('Since when it is so.'),
  version: z.int().describe('The newest version of the card that the wallet was told of.'),
  behind,
});
const notedVersion = z.strictObject({ version: z.int(), at: instant }).nullable();

/** Where a member's card lives, for operators. */
export const memberWallets = z
  .strictObject({
    version: z.int().describe("The newest version of the card: the member's ledger sequence."),
    apple: z.strictObject({
      devices: z.int().describe('Phones that registered the pass.'),
      told: notedVersion.describe(
        'The newest version that every one of them was told of; null where none was, or a new one may have missed some.',
      ),
      fetched: notedVersion.describe(
        "The newest version that was fetched, by the card's link or by a phone: a fetch does not say which.",
      ),
      behind,
    }),
    google: keptCard
      .extend({
        doubted: z.boolean().describe('Whether a write ended so that Google may show an older one.'),
      })
      .nullable(),
    samsung: keptCard
      .extend({ fetched: z.int().nullable().describe('The newest version that Samsung has.') })
      .nullable(),
  })
  .meta({ id: 'MemberWallets' });
export type MemberWallets = z.infer<typeof memberWallets>;

/** What Google signs and sends when a card is saved or deleted; its checks are in passes/google/callback.ts. */
export const googleCallback = z
  .looseObject({
    protocolVersion: z.string().max(64),
    signature: z.string().max(1024),
    intermediateSigningKey: z.looseObject({
      signedKey: z.string().max(4096),
      signatures: z.array(z.string().max(1024)).max(10),
    }),
    signedMessage: z.string().max(8192),
  })
  .meta({ id: 'GoogleCallback' });
/** The fields of it that count; Google may add others. */
export type GoogleCallback = Pick<
  z.infer<typeof googleCallback>,
  'protocolVersion' | 'signature' | 'signedMessage'
> & {
  readonly intermediateSigningKey: { readonly signedKey: string; readonly signatures: readonly string[] };
};

export const entry = z
  .strictObject({
    entryId: idSchema('entry'),
    memberId: idSchema('member'),
    sequence: z.int(),
    type: z.string(),
    cause: z.strictObject({ type: z.string(), id: z.string() }),
    occurredAt: instant,
    recordedAt: instant,
    programVersion: z.int(),
    points: points.describe('The change of available and pending points together.'),
    postings: z.array(z.strictObject({ account: z.string(), points })),
    balance,
    hash: z.string(),
    previousHash: z.string(),
  })
  .meta({ id: 'Entry' });

/** One step of a computation, in the order in which it is done. */
export const explanationStep = z
  .strictObject({
    label: z.string().describe('What is done, in plain words.'),
    factor: z.string().optional().describe('What is multiplied by, as 1.25 or 1/100; or added, as +20.'),
    value: z.string().describe('What comes out: a decimal; where digits are left out it ends in ….'),
    unit: z.enum(['minor', 'points']),
  })
  .meta({ id: 'ExplanationStep' });
export type ExplanationStep = z.infer<typeof explanationStep>;

const explanationLine = z
  .strictObject({
    amountMinor,
    eligible: z.boolean(),
    id: z.string().optional().describe("Details stand here for the purchase's own channel and operators."),
    sku: z.string().optional(),
    name: z.string().optional(),
    category: z.string().optional(),
    quantity: z.number().optional(),
    reason: z.string().optional(),
  })
  .meta({ id: 'ExplanationLine' });

const tierName = z.strictObject({ id: z.string(), name: z.string() });

/** One ledger entry, told so that it can be followed by hand. */
export const explanation = z
  .strictObject({
    entryId: idSchema('entry'),
    memberId: idSchema('member'),
    sequence: z.int(),
    type: z.string(),
    summary: z.string(),
    programVersion: z.int(),
    cause: z.strictObject({ type: z.string(), id: z.string() }),
    occurredAt: instant,
    recordedAt: instant,
    sourceEvent: z.strictObject({
      via: z.enum(['bus', 'api', 'clock']).describe('An event, a request, or nothing but time.'),
      source: z.string().nullable().describe("The event's source, as philia.channel.web."),
      detailType: z.string().nullable(),
      id: z.string(),
    }),
    inputs: z
      .strictObject({
        currency: z.string(),
        totalMinor: z.int().nullable(),
        shippingMinor: z.int().nullable(),
        orderRefundMinor: z.int().describe('Refunded on the whole order, spread over the lines.'),
        lines: z.array(explanationLine).describe('For a refund, with what remains of them.'),
      })
      .nullable(),
    steps: z.array(explanationStep),
    rounding: z.string().nullable(),
    points: points.describe('The change of available and pending points together.'),
    lots: z.array(z.strictObject({ availableAt: instant.nullable(), expiresAt: instant.nullable(), points })),
    tier: z
      .strictObject({
        before: tierName.nullable(),
        after: tierName,
        validUntil: instant.nullable(),
        qualifyingPoints: points
          .nullable()
          .describe('In the twelve months that count, with this entry; null where it is not known.'),
      })
      .nullable()
      .describe('Null where the entry did not change the tier.'),
    stamps: z
      .array(z.strictObject({ id: z.string(), name: z.string(), count: z.int() }))
      .describe('How the stamp cards changed, a full card that became a voucher taken off.'),
    balance: z.strictObject({ before: balance, after: balance }),
  })
  .meta({ id: 'Explanation' });
export type Explanation = z.infer<typeof explanation>;

export const quoteAnswer = z
  .strictObject({
    points: points.describe('What the purchase would earn if it were posted now.'),
    breakdown: z.array(explanationStep),
    rewards: z
      .array(z.strictObject({ id: z.string(), name: z.string(), type: z.string(), points }))
      .describe('What the member could redeem now; empty for a guest.'),
  })
  .meta({ id: 'QuoteAnswer' });

export const difference = z
  .strictObject({
    memberId: idSchema('member'),
    sequence: z.int().describe('The entry; for a field of the account, the newest entry.'),
    field: z.string(),
    stored: z.unknown().describe('Null for nothing.'),
    computed: z.unknown().describe('Null for nothing.'),
  })
  .meta({ id: 'Difference' });

/** How a wallet's credentials stand; `problem` says in sentences what has to be put right. */
const walletState = {
  configured: z.boolean().describe('Whether its secret holds anything at all.'),
  problem: z.string().optional().describe('Why what is configured cannot be used.'),
};
export const walletCertificates = z
  .strictObject({
    apple: z.strictObject({
      ...walletState,
      passTypeIdentifier: z.string().optional(),
      teamIdentifier: z.string().optional(),
      notAfter: instant.optional().describe('When the first of its certificates expires.'),
      daysLeft: z.int().optional().describe('Whole days until then.'),
    }),
    google: z.strictObject(walletState),
    samsung: z.strictObject(walletState),
  })
  .meta({ id: 'WalletCertificates' });

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

export const refundState = z
  .strictObject({
    refundId: channelScopedId,
    status: z.enum(['applied', 'waiting', 'unmatched', 'partially_matched', 'rejected']),
    points: z.strictObject({ clawedBack: points, debt: points }),
  })
  .meta({ id: 'RefundState' });

export const exceptionTypes = [
  'purchase_conflict',
  'purchase_unclaimed',
  'refund_conflict',
  'refund_waiting',
  'refund_unmatched',
  'refund_partially_matched',
  'over_refund',
  'refund_rejected',
  'dead_letter',
] as const;
export type ExceptionType = (typeof exceptionTypes)[number];

export const exceptionStatuses = ['open', 'resolved', 'dismissed'] as const;

export const exception = z
  .strictObject({
    exceptionId: idSchema('exception'),
    type: z.enum(exceptionTypes),
    status: z.enum(exceptionStatuses),
    subject: z.string().describe('The id of the purchase, refund or message it is about.'),
    memberId: idSchema('member').nullable(),
    detail: z.string(),
    data: z.unknown().describe('What was received, as it was received.'),
    openedAt: instant,
    resolvedAt: instant.nullable().describe('When it was resolved or dismissed.'),
    handledBy: z
      .strictObject({ keyId: z.string(), name: z.string(), reason: z.string().nullable() })
      .optional()
      .describe('The operator who tried it again or dismissed it; absent where it resolved itself.'),
  })
  .meta({ id: 'Exception' });
export type ExceptionAnswer = z.infer<typeof exception>;

// Redemptions and vouchers --------------------------------------------------------------------------------

const rewardId = z.string().max(64);

export const redemption = z
  .strictObject({
    member: memberReference,
    rewardId,
    mode: z
      .enum(['authorize', 'capture'])
      .describe('Whether the points are set aside until the till is done, or spent at once.'),
    purchaseId: ownId
      .optional()
      .describe('The purchase on which the reward is taken at once: no voucher is issued then.'),
  })
  .meta({ id: 'Redemption' });

const rewardTerms = {
  rewardId: z.string(),
  name: z.string(),
  type: z.enum(['amount', 'percent', 'gift', 'experience', 'right', 'donation']),
  valueMinor: z.int().optional(),
  currency: z.string().optional(),
  percent: z.string().optional(),
  sku: z.string().optional(),
  minimumMinor: z.int().optional(),
  channels: z.array(z.enum(channels)).optional(),
};

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

export const redemptionState = z
  .strictObject({
    redemptionId: idSchema('redemption'),
    status: z.enum(['authorized', 'captured', 'cancelled', 'expired']),
    memberId: idSchema('member'),
    rewardId: z.string(),
    points,
    voucher: voucher.optional(),
    expiresAt: instant.optional().describe('When the hold ends unless it is captured before.'),
  })
  .meta({ id: 'RedemptionState' });
export type RedemptionAnswer = z.infer<typeof redemptionState>;

export const voucherUse = z
  .strictObject({
    purchaseId: ownId.optional(),
    amountMinor: amountMinor.optional().describe('What the voucher is used on comes to, in minor units.'),
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

export const rewardAnswer = z
  .strictObject({
    ...rewardTerms,
    points,
    tier: z.string().optional(),
    validDays: z.int().optional(),
    from: instant.optional(),
    to: instant.optional(),
    limit: z.int().optional(),
    left: z.int().optional().describe('How often a limited reward can still be had, over all members.'),
    limitPerMember: z.int().optional(),
    donated: points.optional().describe('The points that all members together have given.'),
  })
  .meta({ id: 'Reward' });

// Operators -----------------------------------------------------------------------------------------------

const adjustmentPoints = 10_000_000;

export const adjustmentRequest = z
  .strictObject({
    memberId: idSchema('member'),
    points: z
      .int()
      .min(-adjustmentPoints)
      .max(adjustmentPoints)
      .refine((value) => value !== 0, 'must not be 0')
      .describe('Given when above zero, taken when below.'),
    reason: text(500),
  })
  .meta({ id: 'AdjustmentRequest' });

export const adjustment = z
  .strictObject({
    adjustmentId: idSchema('adjustment'),
    status: z.enum(['waiting', 'approved', 'rejected']),
    memberId: idSchema('member'),
    points,
    reason: z.string(),
    requestedBy: z.string().describe("The id of the operator's key."),
    requestedAt: instant,
    decidedBy: z.string().optional().describe('Absent while it waits.'),
    decidedAt: instant.optional(),
    decisionReason: z.string().optional(),
    entryId: idSchema('entry').optional().describe('The entry that it was posted with.'),
  })
  .meta({ id: 'Adjustment' });
export type AdjustmentAnswer = z.infer<typeof adjustment>;

export const auditItem = z
  .strictObject({
    auditId: idSchema('audit'),
    at: instant,
    keyId: z.string().describe("The operator's key; `setup` for what was done by hand."),
    name: z.string().describe('The name that the key was given.'),
    action: z.string(),
    subject: z.string().describe('The id of what was acted on.'),
    reason: z.string().nullable(),
  })
  .meta({ id: 'AuditItem' });

export const redemptionSwitch = z
  .strictObject({
    paused: z.boolean(),
    changedAt: instant.nullable().describe('Null where it was never thrown.'),
    changedBy: z.string().nullable().describe("The id of the operator's key."),
    reason: z.string().nullable(),
  })
  .meta({ id: 'RedemptionSwitch' });

export const keyRequest = z
  .strictObject({
    name: text(64),
    role: z.enum(['channel', 'ops']),
    channel: z.enum(channels).optional().describe("For a channel's key only."),
  })
  .superRefine(({ role, channel }, context) => {
    const refuse = (message: string) => context.addIssue({ code: 'custom', path: ['channel'], message });
    if (role === 'channel' && channel === undefined) refuse('is needed for the key of a channel');
    if (role === 'ops' && channel !== undefined) refuse('is for the key of a channel only');
  })
  .meta({ id: 'KeyRequest' });

export const key = z
  .strictObject({
    keyId: idSchema('key'),
    name: z.string(),
    role: z.enum(['channel', 'ops']),
    channel: z.enum(channels).nullable(),
    createdAt: instant,
    expiresAt: instant.nullable().describe('Set once the key was rotated; null for a key that lasts.'),
  })
  .meta({ id: 'Key' });
export type KeyAnswer = z.infer<typeof key>;

export const newKey = z
  .strictObject({ ...key.shape, key: z.string().describe('The text of the key: shown this once.') })
  .meta({ id: 'NewKey' });
// Programme plan and backtest -----------------------------------------------------------------------------

/** What a candidate may be asked to keep; core/backtest/invariants.ts says what each means. */
export const invariantForms = [
  'no_member_loses_a_tier',
  'no_member_loses_points',
  'liability_does_not_grow',
  'liability_grows_at_most:<points>',
  'issued_grows_at_most:<percent>',
] as const;

export const programChange = z
  .strictObject({
    path: z.string().describe('Dotted; members of lists stand under their ids, as tiers.complice.threshold.'),
    kind: z.enum(['added', 'removed', 'changed']),
    before: z.unknown().describe('Null for nothing.'),
    after: z.unknown().describe('Null for nothing.'),
    text: z.string().describe('The change as a sentence.'),
  })
  .meta({ id: 'ProgramChange' });

export const backtestWindow = z
  .strictObject({
    from: instant,
    to: instant.describe('An end in the future is taken for now.'),
  })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), {
    path: ['to'],
    message: 'must be after from',
  })
  .meta({ id: 'BacktestWindow' });

/** What the entries say, and what the candidate would have made of the same purchases and refunds. */
const figures = { actual: points, candidate: points };
const memberFigures = z.array(
  z.strictObject({ memberId: idSchema('member'), ...figures, difference: points }),
);

export const backtestAnswer = z
  .strictObject({
    from: instant,
    to: instant,
    members: z.int().describe('Members who were there by the end of the window.'),
    purchases: z.int().describe('Purchases that earned in the window.'),
    refunds: z.int().describe('Refunds that were applied to them, or took points of earlier ones.'),
    issued: z
      .strictObject(figures)
      .describe('Points for those purchases; bonuses are the same on both sides.'),
    clawedBack: z.strictObject(figures).describe('Points that those refunds took back.'),
    liability: z
      .strictObject({ ...figures, difference: points })
      .describe('Points owed to members at the end of the window: available, pending and held, less debt.'),
    tierMoves: z
      .array(z.strictObject({ from: z.string(), to: z.string(), members: z.int() }))
      .describe('Members who would hold another tier at the end of the window than they did.'),
    winners: memberFigures.describe(
      'Up to ten, the biggest difference first: points for purchases less what refunds took back.',
    ),
    losers: memberFigures.describe('Likewise, those who would have fewer.'),
    broken: z
      .array(z.strictObject({ invariant: z.string(), text: z.string(), members: z.int().optional() }))
      .describe('The invariants asked for that do not hold.'),
    notes: z.array(z.string()).describe('What to know when reading the figures.'),
  })
  .meta({ id: 'Backtest' });
export type BacktestAnswer = z.infer<typeof backtestAnswer>;

export const planAnswer = z
  .strictObject({
    changes: z.array(programChange),
    backtest: backtestAnswer.optional().describe('With a cursor: of the members so far.'),
    progress: z
      .strictObject({ membersDone: z.int() })
      .optional()
      .describe('How far the backtest has come; there with a backtest.'),
    cursor: z.string().optional().describe('There is more to play; absent when all is done.'),
  })
  .meta({ id: 'ProgramPlan' });
