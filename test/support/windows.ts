/** Random programmes, and random windows of one member under them. */
import fc from 'fast-check';
import type { Account, Lot } from '../../core/account.ts';
import type { MemberWindow, WindowEvent } from '../../core/backtest/window.ts';
import type { MemberId, RedemptionId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import type { RecordedRefund } from '../../core/contract/shapes/refund.ts';
import { award, enrol } from '../../core/points.ts';
import { type ProgramDocument, programDocument } from '../../core/program.ts';
import { addRefund, newPurchaseRecord, type PurchaseRecord } from '../../core/purchases.ts';
import { hold } from '../../core/redemptions.ts';
import { played, settled } from './slow-replay.ts';
import { aPurchase, aRefund, defaultProgram, noon } from './world.ts';

const dayMs = 86_400_000;
const channel = fc.constantFrom('web', 'store', 'app');
const multiplier = fc.constantFrom('1', '1', '1.25', '2', '1.3333', '0.5', '0', '9999.9999');
/** Campaigns only ever give. */
const campaignMultiplier = fc.constantFrom('1', '1.5', '2', '1.75', '1.3333', '7777.7777');

const conditions = [
  "line.category == 'coffee'",
  "line.amountMinor > 2000 || line.sku == 'SKU-1'",
  "line.category == 'coffee' && purchase.totalMinor > 3000",
  "line.category == 'kitchen' || member.tier == 'b'",
  "purchase.channel == 'web'",
  'purchase.totalMinor > 5000 && purchase.lineCount > 1',
  "member.tier != 'a'",
  "purchase.occurredAt > member.since + duration('240h')",
  '10 / (line.amountMinor - 100) >= 0',
];

const campaign = fc.record(
  {
    from: fc.integer({ min: -200, max: 100 }),
    days: fc.integer({ min: 1, max: 400 }),
    when: fc.constantFrom(...conditions),
    gives: fc.oneof(
      campaignMultiplier.map((text) => ({ multiplier: text })),
      fc.integer({ min: 1, max: 300 }).map((bonusPoints) => ({ bonusPoints })),
    ),
    stacks: fc.boolean(),
    channels: fc.uniqueArray(channel, { minLength: 1 }),
    tiers: fc.uniqueArray(fc.constantFrom('a', 'b'), { minLength: 1 }),
    minimumMinor: fc.integer({ min: 0, max: 9_000 }),
    budgetPoints: fc.integer({ min: 1, max: 100 }),
  },
  { requiredKeys: ['from', 'days', 'gives'] },
);

const rate = fc.oneof(
  { weight: 4, arbitrary: fc.constant({ points: 1, perMinor: 100 }) },
  { weight: 2, arbitrary: fc.constantFrom({ points: 7, perMinor: 13 }, { points: 3, perMinor: 1000 }) },
  { weight: 1, arbitrary: fc.constant({ points: 1_000_000, perMinor: 999_999_937 }) },
);

const tierIds = ['a', 'b', 'c', 'd'];

/** Any programme that the schema accepts and that says something about purchases. */
export const anyProgram: fc.Arbitrary<ProgramDocument> = fc
  .record(
    {
      rates: fc.tuple(rate, fc.option(rate)),
      timeZone: fc.constantFrom('Europe/Paris', 'America/St_Johns', 'Pacific/Apia', 'Asia/Kathmandu', 'UTC'),
      excludedCategories: fc.subarray(['coffee', 'gift-card', 'kitchen']),
      channels: fc.tuple(multiplier, multiplier, fc.integer({ min: 0, max: 40 })),
      expiry: fc.option(fc.integer({ min: 1, max: 14 })),
      debt: fc.constantFrom<'carry' | 'forgive'>('carry', 'forgive'),
      max: fc.constantFrom(100_000, 100_000, 150, 10_000_000),
      steps: fc.array(fc.tuple(fc.integer({ min: 1, max: 900 }), multiplier), { maxLength: 3 }),
      first: multiplier,
      visits: fc.record({
        points: fc.integer({ min: 1, max: 20 }),
        minimumMinor: fc.integer({ min: 0, max: 4000 }),
        coolDownHours: fc.constantFrom(0, 12, 24.5, 400),
      }),
      campaigns: fc.array(campaign, { maxLength: 5 }),
    },
    {
      requiredKeys: [
        'rates',
        'timeZone',
        'excludedCategories',
        'channels',
        'expiry',
        'debt',
        'max',
        'steps',
        'first',
        'campaigns',
      ],
    },
  )
  .map((one) => {
    let threshold = 0;
    const [euro, yen] = one.rates;
    const [web, app, pendingDays] = one.channels;
    const tiers = one.steps.map(([step, text], index) => {
      threshold += step;
      return { id: tierIds[index + 1] ?? '', name: 'Tier', threshold, multiplier: text };
    });
    const known = new Set(['a', ...tiers.map(({ id }) => id)]);
    return programDocument.parse({
      ...document(),
      timeZone: one.timeZone,
      currencies: { EUR: euro, ...(yen ? { JPY: yen } : {}) },
      excludedCategories: one.excludedCategories,
      channels: {
        web: { multiplier: web, pendingDays },
        store: { multiplier: '1', pendingDays: 0 },
        app: { multiplier: app, pendingDays: 1 },
      },
      expiry: one.expiry === null ? null : { months: one.expiry },
      debt: one.debt,
      maxPointsPerPurchase: one.max,
      tiers: [{ id: 'a', name: 'Tier', threshold: 0, multiplier: one.first }, ...tiers],
      ...(one.visits ? { visits: one.visits } : {}),
      campaigns: one.campaigns.map(({ from, days, gives, tiers: of, ...rest }, index) => {
        const kept = of?.filter((id) => known.has(id)) ?? [];
        return {
          id: `c${index}`,
          name: 'Campaign',
          from: utc(noon + from * dayMs),
          to: utc(noon + (from + days) * dayMs),
          ...gives,
          ...(kept.length > 0 ? { tiers: kept } : {}),
          ...rest,
        };
      }),
    });
  });

function document() {
  const { version: _version, ...rest } = defaultProgram({ stamps: [], rewards: [], bonuses: {} });
  return rest;
}

const amount = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 0, max: 30_000 }) },
  { weight: 1, arbitrary: fc.constantFrom(0, 1, 100, 1_000_000_000_000, 999_999_999_999) },
);

const purchase = fc.record({
  type: fc.constant('purchase' as const),
  lines: fc.array(fc.tuple(amount, fc.option(fc.constantFrom('coffee', 'kitchen', 'gift-card'))), {
    minLength: 1,
    maxLength: 6,
  }),
  shippingMinor: fc.nat(900),
  channel,
  currency: fc.constantFrom('EUR', 'EUR', 'EUR', 'JPY'),
  daysBefore: fc.constantFrom(0, 0, 0.01, 0.5, 33),
});
const refund = fc.record({
  type: fc.constant('refund' as const),
  which: fc.nat(9),
  line: fc.option(fc.nat(5)),
  hundredths: fc.integer({ min: 1, max: 130 }),
});
const other = fc.oneof(
  fc.record({ type: fc.constant('granted' as const), points: fc.integer({ min: -300, max: 300 }) }),
  fc.record({
    type: fc.constant('clawback' as const),
    points: fc.integer({ min: 0, max: 400 }),
    lot: fc.nat(5),
    share: fc.integer({ min: 0, max: 100 }),
  }),
  fc.constantFrom({ type: 'joined' as const }, { type: 'settled' as const }),
);
const spending = {
  points: fc.integer({ min: 1, max: 300 }),
  minutes: fc.integer({ min: 1, max: 60_000 }),
};
const which = fc.nat(3);
const redemption = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('held' as const), ...spending }) },
  { weight: 3, arbitrary: fc.record({ type: fc.constant('spent' as const), ...spending }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('captured' as const), which }) },
  { weight: 1, arbitrary: fc.record({ type: fc.constant('released' as const), which }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('unspent' as const), which }) },
);
const closed = fc.constant({ type: 'closed' as const });
const step = fc.record({
  // Hours between two events: mostly days, now and then more than a tier's term.
  after: fc.oneof(
    { weight: 8, arbitrary: fc.integer({ min: 0, max: 500 }) },
    { weight: 1, arbitrary: fc.integer({ min: 5_000, max: 30_000 }) },
  ),
  // At, or a millisecond beside, an instant at which time changes the account that the window begins with.
  due: fc.option(fc.tuple(fc.nat(9), fc.constantFrom(-1, 0, 1)), { freq: 4 }),
  what: fc.oneof(
    { weight: 24, arbitrary: purchase },
    { weight: 16, arbitrary: refund },
    { weight: 4, arbitrary: other },
    { weight: 10, arbitrary: redemption },
    { weight: 1, arbitrary: closed },
  ),
});
export const steps = fc.array(step, { minLength: 1, maxLength: 12 });
type Step = typeof steps extends fc.Arbitrary<(infer S)[]> ? S : never;

const memberId = 'mem_01JD0000000000000000000000' as MemberId;

function recorded(of: Extract<Step['what'], { type: 'purchase' }>, at: number): RecordedPurchase {
  const one = aPurchase(of.lines.map(([minor]) => minor));
  return {
    ...one,
    id: `${of.channel}:${one.id.slice(one.id.indexOf(':') + 1)}`,
    channel: of.channel,
    currency: of.currency,
    occurredAt: utc(at - of.daysBefore * dayMs),
    lines: one.lines.map((line, index) => {
      const category = of.lines[index]?.[1];
      return category ? { ...line, category } : line;
    }),
    shippingMinor: of.shippingMinor,
    totalMinor: one.totalMinor + of.shippingMinor,
  };
}

function refundOf(record: PurchaseRecord, of: Extract<Step['what'], { type: 'refund' }>): RecordedRefund {
  const { purchase: whole } = record;
  const share = (minor: number) => Math.max(1, Math.round((minor * of.hundredths) / 100));
  const line = of.line === null ? undefined : whole.lines[of.line % whole.lines.length];
  return line
    ? aRefund(whole, { [line.id]: share(line.amountMinor) })
    : aRefund(whole, share(whole.totalMinor));
}

/** An account that a member has after some purchases under a programme. */
export function accountAfter(
  document: ProgramDocument,
  before: readonly Step[],
): { account: Account; at: number } {
  const program = played(document);
  let { account } = enrol(program, memberId, noon);
  let at = noon;
  for (const { after, what } of before) {
    at += after * 3_600_000;
    if (what.type === 'held') {
      const redemptionId = `held${account.version}` as RedemptionId;
      const longer = { ...program, holdMinutes: what.minutes };
      const held = hold(longer, settled(program, account, at), { redemptionId, points: what.points }, at);
      if (held.type === 'planned') account = held.account;
    }
    if (what.type !== 'purchase') continue;
    const bought = recorded(what, at);
    if (Object.hasOwn(program.currencies, bought.currency))
      account = award(program, settled(program, account, at), bought, at).account;
  }
  return { account, at };
}

/** The events of a window that begins with an account at an instant. */
export function windowOf(
  start: Account,
  begin: number,
  happened: readonly Step[],
): Pick<MemberWindow, 'start' | 'events'> & { to: number } {
  const records: PurchaseRecord[] = [];
  const events: WindowEvent[] = [];
  const redemptions = start.holds.map(({ redemptionId }): string => redemptionId);
  let at = begin;
  for (const { after, due, what } of happened) {
    at = dueAfter(start, at, due) ?? at + after * 3_600_000;
    if (what.type === 'purchase') {
      const bought = recorded(what, at);
      const known = { contentHash: '', memberId, recordedAt: utc(at), earning: null };
      records.push(newPurchaseRecord(bought, known));
      events.push({ type: 'purchase', at, purchase: bought, occurredAt: Date.parse(bought.occurredAt) });
    } else if (what.type === 'refund') {
      const of = what.which % Math.max(1, records.length);
      const record = records[of];
      if (!record) continue;
      const { record: shrunk } = addRefund(record, refundOf(record, what));
      records[of] = shrunk;
      const { refundedLines, refundedOrderMinor } = shrunk;
      events.push({ type: 'refund', at, of, refunded: { refundedLines, refundedOrderMinor } });
    } else if (what.type === 'held' || what.type === 'spent') {
      const redemptionId = `${what.type}${events.length}`;
      redemptions.push(redemptionId);
      const { points, minutes } = what;
      events.push(
        what.type === 'held'
          ? { type: 'held', at, redemptionId, points, expiresAt: utc(at + minutes * 60_000) }
          : { type: 'spent', at, redemptionId, points },
      );
    } else if (what.type === 'captured' || what.type === 'released' || what.type === 'unspent') {
      const redemptionId = redemptions[what.which % Math.max(1, redemptions.length)] ?? 'before';
      events.push(
        what.type === 'unspent'
          ? { type: 'unspent', at, redemptionId, lots: before(what.which, at) }
          : { type: what.type, at, redemptionId },
      );
    } else events.push(...otherEvent(start, what, at));
  }
  return { start, events, to: at + 40 * dayMs };
}

/** What a redemption from before the window had spent: nothing, or lots of which some have lapsed since. */
function before(lots: number, at: number): Lot[] {
  const instants = [utc(at - dayMs), utc(at + dayMs), null];
  return instants.slice(0, lots).map((expiresAt) => ({ points: 70, availableAt: null, expiresAt }));
}

/** The chosen one of the instants behind `at` at which time alone changes an account. */
function dueAfter(account: Account, at: number, chosen: Step['due']): number | undefined {
  if (chosen === null) return undefined;
  const texts = account.lots.flatMap(({ availableAt, expiresAt }) => [availableAt, expiresAt]);
  const [number, beside] = chosen;
  const ends = account.holds.map(({ expiresAt }) => expiresAt);
  const instants = [...texts, ...ends, account.tier.validUntil]
    .flatMap((text) => (text === null ? [] : [Date.parse(text) + beside]))
    .filter((instant) => instant > at);
  return instants[number % Math.max(1, instants.length)];
}

function otherEvent(
  start: Account,
  what: Extract<Step['what'], { type: 'joined' | 'settled' | 'closed' | 'granted' | 'clawback' }>,
  at: number,
): WindowEvent[] {
  switch (what.type) {
    case 'joined':
      return [{ type: 'joined', at, since: utc(at) }];
    case 'closed':
    case 'settled':
      return [{ type: what.type, at }];
    case 'granted':
      return what.points === 0 ? [] : [{ type: 'granted', at, points: what.points }];
    case 'clawback': {
      const lot = start.lots[what.lot];
      const [month = '2026-11', held = 0] = Object.entries(start.qualifying)[0] ?? [];
      const visitAt = start.lastVisitAt;
      return [
        {
          type: 'clawback',
          at,
          points: what.points,
          qualifyingPoints: Math.floor((held * what.share) / 100),
          month,
          own: lot,
          place: undefined,
          ...(visitAt === null ? {} : { visit: { at: visitAt, before: null } }),
        },
      ];
    }
  }
}
