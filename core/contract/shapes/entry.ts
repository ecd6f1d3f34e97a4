/** Ledger entries, how they are explained, and what verification finds. */
import * as z from 'zod';
import { idSchema } from '../ids.ts';
import { balance, instant, points } from './basics.ts';

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

/** A campaign of the programme, held against a purchase. */
export const consideredCampaign = z
  .strictObject({
    id: z.string(),
    name: z.string(),
    points: points.describe('What the purchase earned more by it.'),
    outcome: z
      .enum([
        ...(['gave', 'not_begun', 'over', 'channel', 'members', 'tier', 'nothing_earns'] as const),
        ...(['condition', 'minimum', 'nothing_paid', 'better_one', 'budget'] as const),
        ...(['most', 'less_than_a_point'] as const),
      ])
      .describe('Whether it gave something, or what was in its way.'),
    reason: z.string().nullable().describe('Why it gave nothing, as a sentence; null where it gave.'),
  })
  .meta({ id: 'ConsideredCampaign' });
export type ConsideredCampaign = z.infer<typeof consideredCampaign>;

const explanationLine = z
  .strictObject({
    amountMinor: z.int(),
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
    campaigns: z
      .array(consideredCampaign)
      .describe(
        'Of a purchase that earned: each campaign of the programme, whether it gave something or not.',
      ),
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
      .array(
        z.strictObject({
          id: z.string(),
          name: z.string(),
          count: z.int(),
          notGiven: z
            .strictObject({ count: z.int(), reason: z.string() })
            .optional()
            .describe('Stamps that the purchase would have given but for a bound of the card.'),
        }),
      )
      .describe('How the stamp cards changed, a full card that became a voucher taken off.'),
    vouchers: z
      .array(z.strictObject({ voucherId: idSchema('voucher'), rewardId: z.string(), name: z.string() }))
      .describe('The vouchers that came with the entry.'),
    balance: z.strictObject({ before: balance, after: balance }),
  })
  .meta({ id: 'Explanation' });
export type Explanation = z.infer<typeof explanation>;

export const difference = z
  .strictObject({
    memberId: idSchema('member'),
    sequence: z.int().describe('The entry; for a field of the account, the newest entry.'),
    field: z.string(),
    stored: z.unknown().describe('Null for nothing.'),
    computed: z.unknown().describe('Null for nothing.'),
  })
  .meta({ id: 'Difference' });
