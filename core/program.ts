/**
 * The programme: one JSON document that says how points are earned, kept and spent. This schema is its
 * definition; `program.schema.json` is generated from it. Tiers, campaigns, stamps and rewards are part of the
 * document and checked here.
 */
import * as z from 'zod';
import { type YearlyBonus, yearlyBonusNames } from './bonuses.ts';
import { channelId, channelIdPattern, idSchema } from './contract/ids.ts';
import { instant, text } from './contract/shapes/basics.ts';
import { compileCondition, conditionHelp } from './expressions.ts';
import { type Gift, giftOf, giftSchema } from './gifts.ts';
import { languages } from './localized.ts';
import { localizedText } from './localized-text.ts';
import { cardLook } from './look.ts';
import { type Minimum, minimumSchema, unlisted } from './minimums.ts';
import { isCurrency } from './money.ts';
import { confirmationRules, defaultSecurity } from './security.ts';
import { defaultStampsMax } from './stamps.ts';
import { isTimeZone } from './time.ts';

const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'must be lower-case letters, digits and dashes');
const multiplier = z
  .string()
  .regex(/^\d{1,4}(\.\d{1,4})?$/, 'must be a decimal string with at most 4 decimals, as "1.25"');
const pointsAmount = z.int().min(0).max(10_000_000);
const gift = giftSchema(pointsAmount, id).optional();

/** What the programme gives for each bonus that comes round. */
const yearly = Object.fromEntries(yearlyBonusNames.map((name) => [name, gift])) as Record<
  YearlyBonus,
  typeof gift
>;
const percent = z
  .string()
  .regex(/^\d{1,3}(\.\d{1,4})?$/, 'must be a decimal string with at most 4 decimals, as "10"')
  .refine((value) => Number(value) > 0 && Number(value) <= 100, 'must be above 0 and at most 100');
const currencyCode = z.string().refine(isCurrency, 'must be an ISO 4217 currency code, as EUR');

const rate = z.strictObject({
  points: z.int().min(1).max(1_000_000),
  perMinor: z.int().min(1).max(1_000_000_000),
});

const tier = z.strictObject({
  id,
  name: localizedText(100),
  threshold: z.int().min(0).max(1_000_000_000),
  multiplier,
  benefits: z.array(localizedText(200)).max(20).optional(),
});

/** A CEL condition over purchase, line and member; see core/expressions.ts for what it may hold. */
const condition = z
  .string()
  .min(1, { abort: true })
  .max(2000, { abort: true })
  .superRefine((value, context) => {
    const compiled = compileCondition(value);
    if (!('error' in compiled)) return;
    const { message, position } = compiled.error;
    const place = position === undefined ? '' : ` at position ${position}`;
    context.addIssue({
      code: 'custom',
      message: `must be a condition in CEL, but${place}: ${message}. ${conditionHelp}`,
    });
  });

/** Members that all campaigns may list together: the document is one item of the table and one request's body. */
const memberListMax = 5000;

const campaign = z
  .strictObject({
    id,
    name: localizedText(100),
    from: instant,
    to: instant,
    when: condition.optional(),
    multiplier: multiplier
      .refine((text) => Number(text) >= 1, 'must be at least 1: a campaign gives, it does not take')
      .optional(),
    bonusPoints: pointsAmount.min(1).optional(),
    stacks: z.boolean().optional(),
    channels: z.array(channelId).min(1).optional(),
    tiers: z.array(id).min(1).optional(),
    members: z
      .array(idSchema('member'))
      .min(1)
      .max(memberListMax)
      .optional()
      .describe('Only for these members, by their ids.'),
    minimumMinor: minimumSchema(currencyCode, 0).optional(),
    budgetPoints: pointsAmount.min(1).optional(),
  })
  .superRefine((value, context) => {
    if (Date.parse(value.to) <= Date.parse(value.from))
      context.addIssue({ code: 'custom', path: ['to'], message: 'must be after from' });
    if ((value.multiplier === undefined) === (value.bonusPoints === undefined))
      context.addIssue({ code: 'custom', message: 'must hold exactly one of multiplier and bonusPoints' });
  });

const stampsMax = z.int().min(1).max(10_000);

const stamp = z.strictObject({
  id,
  name: localizedText(100),
  when: condition,
  of: z.int().min(2).max(100),
  reward: id,
  free: z
    .boolean()
    .optional()
    .describe('Whether what cost nothing fills the card, too. Where nothing is said it does not.'),
  perPurchase: stampsMax
    .optional()
    .describe(`The most stamps that one purchase gives; ${defaultStampsMax} where nothing is said.`),
  perDay: stampsMax
    .optional()
    .describe(
      `The most stamps that a member gets of one day, by the programme's clock; ${defaultStampsMax} where nothing is said.`,
    ),
});

const rewardFields = {
  id,
  name: localizedText(100),
  points: pointsAmount,
  validDays: z.int().min(1).max(3650).optional(),
  tier: id.optional(),
  limit: z.int().min(1).optional(),
  limitPerMember: z.int().min(1).optional(),
  from: instant.optional(),
  to: instant.optional(),
  /** Where its voucher may be used, and for what a purchase has to come to at least. */
  channels: z.array(channelId).min(1).optional(),
  minimumMinor: minimumSchema(currencyCode, 1).optional(),
};

/** So many vouchers come of one bundle at most: a redemption writes each, and its answer holds all. */
const bundleMax = 10;

const reward = z.discriminatedUnion('type', [
  z.strictObject({
    ...rewardFields,
    type: z.literal('amount'),
    valueMinor: z.int().min(1),
    currency: currencyCode,
  }),
  z.strictObject({ ...rewardFields, type: z.literal('percent'), percent }),
  z.strictObject({ ...rewardFields, type: z.literal('gift'), sku: text(128) }),
  z.strictObject({ ...rewardFields, type: z.literal('experience') }),
  z.strictObject({ ...rewardFields, type: z.literal('right'), percent: percent.optional() }),
  z.strictObject({ ...rewardFields, type: z.literal('donation') }),
  z.strictObject({
    ...rewardFields,
    type: z.literal('bundle'),
    rewards: z
      .array(id)
      .min(2)
      .max(bundleMax)
      .describe('The rewards that it is made of, by their ids: a voucher of each, by the terms of each.'),
  }),
]);

const channelRule = z.strictObject({ multiplier, pendingDays: z.int().min(0).max(365) });

/**
 * What holds for each channel, by its id. The three that each kind begins with stand for the others of their kind, too.
 * Which others there are no document knows: whoever puts it in force asks (core/program-channels.ts).
 */
const channelRules = z
  .object({ web: channelRule, store: channelRule, app: channelRule })
  .catchall(channelRule)
  .superRefine((value, context) => {
    for (const name of Object.keys(value))
      if (!channelIdPattern.test(name))
        context.addIssue({ code: 'custom', path: [name], message: 'must be the id of a channel, as till-2' });
  })
  .describe(
    'By channel; what is said of web, store and app holds for every channel of that kind that is not listed.',
  );

/** Lines that earn nothing, beside those of excluded categories. */
const excluded = z.strictObject({
  skus: z.array(text(128)).max(1000).optional().describe('Articles, each by its whole sku.'),
  brands: z.array(text(128)).max(200).optional(),
  prefixes: z.array(text(128)).max(200).optional().describe('Articles whose sku begins with one of these.'),
});

/** What is done against accounts that are taken over; see core/security.ts. */
const security = z.strictObject({
  contactChangeHoldMinutes: z
    .int()
    .min(0)
    .max(10_080)
    .default(defaultSecurity.contactChangeHoldMinutes)
    .describe(
      'For how long points are held once an e-mail or phone was replaced, or added by the card; 0 for not at all.',
    ),
  contactChangeKeepPercent: z
    .int()
    .min(0)
    .max(100)
    .default(defaultSecurity.contactChangeKeepPercent)
    .describe('The share of the points then available that has to stay meanwhile.'),
  confirmation: z
    .enum(confirmationRules)
    .default(defaultSecurity.confirmation)
    .describe(
      'Who can spend only once a link sent to their e-mail or phone was used: who joined by the public page, everybody, or nobody.',
    ),
  joinsPerAddress: z
    .int()
    .min(1)
    .max(100_000)
    .default(defaultSecurity.joinsPerAddress)
    .describe('How often somebody may join from one address of the network in a quarter of an hour.'),
});

/** An address, or one for each language. */
const address = localizedText(2000).refine(
  (value) => (typeof value === 'string' ? [value] : Object.values(value)).every(isHttps),
  'must be an https address, or one for each language',
);

function isHttps(value: string | undefined): boolean {
  return value === undefined || z.url({ protocol: /^https$/ }).safeParse(value).success;
}

/** Where the pages of members lead to. */
const pages = z.strictObject({
  terms: address.optional().describe('The terms of the programme; without it, the page of this system.'),
  privacy: address.optional().describe('The privacy notice, where the terms do not hold it.'),
});

export const programDocument = z
  .strictObject({
    $schema: z.string().optional(),
    name: localizedText(100),
    languages: z
      .array(z.enum(languages))
      .min(1)
      .refine((all) => new Set(all).size === all.length, 'must name each language once')
      .optional()
      .describe('The languages of its texts; the first stands in where a text has no other.'),
    timeZone: z.string().refine(isTimeZone, 'must be an IANA time zone, as Europe/Paris'),
    currencies: z
      .record(currencyCode, rate)
      .refine((value) => Object.keys(value).length > 0, 'must list at least one currency'),
    excludedCategories: z.array(text(128)).max(200).default([]),
    excluded: excluded.optional(),
    channels: channelRules,
    expiry: z
      .strictObject({ months: z.int().min(1).max(120) })
      .nullable()
      .default(null),
    debt: z.enum(['carry', 'forgive']).default('carry'),
    holdMinutes: z.int().min(1).max(1440).default(15),
    grantLimit: pointsAmount.default(5000),
    maxPointsPerPurchase: pointsAmount.min(1).default(100_000),
    tiers: z.array(tier).min(1).max(20),
    bonuses: z
      .strictObject({
        welcome: gift,
        ...yearly,
        profile: gift,
        referral: z
          .strictObject({
            referrer: pointsAmount,
            referee: pointsAmount,
            minimumMinor: minimumSchema(currencyCode, 0),
            perMonth: z.int().min(1).max(10_000),
          })
          .optional(),
      })
      .default({}),
    visits: z
      .strictObject({
        points: pointsAmount.min(1),
        minimumMinor: minimumSchema(currencyCode, 0).default(0),
        coolDownHours: z.number().min(0).max(8784).default(0),
        free: z
          .boolean()
          .optional()
          .describe(
            'Whether a purchase that cost nothing is a visit, too. Where nothing is said it is none.',
          ),
      })
      .optional(),
    campaigns: z
      .array(campaign)
      .max(100)
      .refine(
        (all) => all.filter((one) => one.budgetPoints !== undefined).length <= 8,
        'must hold at most 8 with budgetPoints',
      )
      .refine((all) => all.filter((one) => one.stacks).length <= 5, 'must hold at most 5 that stack')
      .default([]),
    stamps: z.array(stamp).max(20).default([]),
    rewards: z.array(reward).max(200).default([]),
    card: cardLook.optional(),
    pages: pages.optional(),
    security: security.optional(),
  })
  .superRefine((value, context) => {
    const refuse = (path: (string | number)[], message: string) =>
      context.addIssue({ code: 'custom', path, message });
    for (const list of ['tiers', 'campaigns', 'stamps', 'rewards'] as const)
      for (const [index, one] of value[list].entries())
        if (value[list].findIndex((other) => other.id === one.id) !== index)
          refuse([list, index, 'id'], `must be distinct: ${one.id} stands twice`);
    for (const [index, one] of value.tiers.entries()) {
      const before = value.tiers[index - 1];
      if (!before && one.threshold !== 0) refuse(['tiers', 0, 'threshold'], 'must be 0 for the first tier');
      if (before && one.threshold <= before.threshold)
        refuse(['tiers', index, 'threshold'], `must be above ${before.threshold}, the threshold before it`);
    }
    const tiers = value.tiers.map((one) => one.id);
    const needsTier = (path: (string | number)[], name: string | undefined) => {
      if (name !== undefined && !tiers.includes(name))
        refuse(path, `must be one of the tiers ${tiers.join(', ')}`);
    };
    const needsCurrencies = (path: (string | number)[], minimum: Minimum | undefined) => {
      for (const code of unlisted(minimum, value.currencies))
        refuse(
          [...path, 'minimumMinor', code],
          `must be one of the currencies ${Object.keys(value.currencies).join(', ')}`,
        );
    };
    needsCurrencies(['bonuses', 'referral'], value.bonuses.referral?.minimumMinor);
    needsCurrencies(['visits'], value.visits?.minimumMinor);
    for (const list of ['campaigns', 'rewards'] as const)
      for (const [index, one] of value[list].entries()) needsCurrencies([list, index], one.minimumMinor);
    for (const [index, one] of value.rewards.entries()) {
      needsTier(['rewards', index, 'tier'], one.tier);
      if (one.from !== undefined && one.to !== undefined && Date.parse(one.to) <= Date.parse(one.from))
        refuse(['rewards', index, 'to'], 'must be after from');
    }
    for (const [index, one] of value.campaigns.entries())
      for (const [at, name] of (one.tiers ?? []).entries())
        needsTier(['campaigns', index, 'tiers', at], name);
    const listed = value.campaigns.reduce((sum, { members = [] }) => sum + members.length, 0);
    if (listed > memberListMax)
      refuse(['campaigns'], `must list at most ${memberListMax} members together; there are ${listed}`);
    const rewardAt = (path: (string | number)[], name: string) => {
      const found = value.rewards.find((other) => other.id === name);
      if (!found) refuse(path, `must be the id of a reward; ${name} is not`);
      return found;
    };
    for (const [index, one] of value.stamps.entries())
      if (rewardAt(['stamps', index, 'reward'], one.reward)?.type === 'bundle')
        refuse(['stamps', index, 'reward'], `must be a reward of one voucher; ${one.reward} is a bundle`);
    for (const [name, given] of Object.entries(value.bonuses)) {
      const { reward: wanted } = name === 'referral' ? {} : giftOf(given as Gift | undefined);
      const path = ['bonuses', name, 'reward'];
      if (wanted !== undefined && rewardAt(path, wanted)?.type === 'donation')
        refuse(path, `must be a reward that gives a voucher; ${wanted} is a donation`);
    }
    for (const [index, one] of value.rewards.entries()) {
      if (one.type !== 'bundle') continue;
      for (const field of ['validDays', 'channels', 'minimumMinor'] as const)
        if (one[field] !== undefined)
          refuse(['rewards', index, field], 'belongs to the rewards of the bundle: each voucher has its own');
      const parts = one.rewards.flatMap((name, at) => {
        const path = ['rewards', index, 'rewards', at];
        const part = rewardAt(path, name);
        if (part?.type === 'bundle' || part?.type === 'donation')
          refuse(path, `must be a reward of one voucher; ${name} is a ${part.type}`);
        return part?.type === 'amount' ? [{ path, currency: part.currency }] : [];
      });
      const [first] = parts;
      for (const { path, currency } of parts)
        if (currency !== first?.currency)
          refuse(path, `must take an amount in ${first?.currency} off, as the others, not in ${currency}`);
    }
  });

export type ProgramDocument = z.infer<typeof programDocument>;

/** A version of the programme in force; entries name the version they were computed with. */
export interface Program extends ProgramDocument {
  readonly version: number;
}
