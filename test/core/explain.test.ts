/** An explanation can be followed by hand: its last step is what was posted, and nobody sees another's lines. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Account,
  type EarningBasis,
  type Entry,
  emptyAccount,
  type PlannedEntry,
} from '../../core/account.ts';
import { allChannels } from '../../core/channels.ts';
import { base32, type EntryId, entryIdOf, type MemberId, placeOf } from '../../core/contract/ids.ts';
import { explanation } from '../../core/contract/shapes/entry.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import { decided, priced, valuedAtBest, written } from '../../core/earning.ts';
import { explain, type Named } from '../../core/explain.ts';
import { award, clawBack, enrol, noteProfileChange, settle, withProfileBonus } from '../../core/points.ts';
import { pricingSteps, roundingOf } from '../../core/pricing-steps.ts';
import type { Program } from '../../core/program.ts';
import { seal } from '../../core/replay.ts';
import { bought, purchaseOf, richProgram } from '../support/histories.ts';
import { aPurchase, defaultProgram, noon, runs, sha256 } from '../support/world.ts';

const memberId = 'mem_01JD000000ABCDEFGHJKMNPQRS' as MemberId;
const program = defaultProgram({ visits: { points: 3, minimumMinor: 1000, coolDownHours: 0 } });
const day = 86_400_000;

function member(): Account {
  return enrol(program, memberId, noon - 400 * day).account;
}

/** What a purchase earns now, as its entry keeps it. */
function earningOf(rules: Program, account: Account, purchase: RecordedPurchase): EarningBasis {
  return written(valuedAtBest(decided(rules, account, purchase, Date.parse(purchase.occurredAt))));
}

function sealed(drafts: readonly PlannedEntry[]): Entry[] {
  const ids = (of: MemberId, sequence: number) => entryIdOf(noon, of, sequence);
  return seal({ account: emptyAccount(memberId), entries: drafts }, { head: '' }, ids, sha256).entries;
}

const kindOf: Named['kindOf'] = (id) => allChannels([]).get(id)?.kind;

function told(draft: PlannedEntry | undefined, named: Partial<Named> = {}) {
  const [entry] = sealed(draft ? [draft] : []);
  if (!entry) throw new Error('There is no such entry.');
  const all = { program, before: undefined, purchase: undefined, detailed: true, kindOf, ...named };
  return explanation.parse(explain(entry, all));
}

describe('the id of an entry', () => {
  it('is a ULID that says where the entry stands', () => {
    fc.assert(
      fc.property(fc.nat(2 ** 30 - 1), fc.integer({ min: 0, max: 2 ** 47 }), (sequence, at) => {
        const id = entryIdOf(at, memberId, sequence);
        expect(id).toMatch(/^ent_[0-7][0-9A-HJKMNP-TV-Z]{25}$/);
        expect(placeOf(id)).toEqual({ memberTail: 'GHJKMNPQRS', sequence });
        expect(id.slice(4, 14)).toBe(base32(at, 10));
      }),
      runs(300),
    );
  });

  it('sorts by time as every ULID does', () => {
    const ids: EntryId[] = [noon, noon + 1, noon + day].map((at) => entryIdOf(at, memberId, 1));
    expect([...ids].sort()).toEqual(ids);
  });
});

describe('the steps of a price', () => {
  const rich = richProgram();
  const arbitrary = fc.record({
    buy: bought,
    tier: fc.constantFrom('ami', 'complice', 'intime'),
    max: fc.constantFrom(50, 100_000),
    orderRefund: fc.option(fc.nat(150_000)),
    refunded: fc.nat(2000),
  });

  it('end in what the purchase earns, whatever campaigns, tiers, caps and refunds', () => {
    fc.assert(
      fc.property(arbitrary, ({ buy, tier, max, orderRefund, refunded }) => {
        const rules = { ...rich, maxPointsPerPurchase: max };
        const account = { ...member(), tier: { id: tier, validUntil: null, steps: [] } };
        const full = earningOf(rules, account, purchaseOf(buy, memberId, noon));
        const basis = priced({
          ...full,
          lines: full.lines.map((line) => ({
            id: line.id,
            amountMinor: Math.max(0, line.amountMinor - refunded),
          })),
          totalMinor: Math.max(0, full.totalMinor - refunded - (orderRefund ?? 0)),
          ...(orderRefund ? { orderRefundMinor: orderRefund } : {}),
        });
        for (const one of [full, basis])
          expect(pricingSteps(one, rules).at(-1)).toMatchObject({
            value: String(one.points),
            unit: 'points',
          });
      }),
      runs(2000),
    );
  });

  it('stand in their order, each with its factor and what comes out', () => {
    const account = { ...member(), tier: { id: 'complice', validUntil: null, steps: [] } };
    const buy = { amounts: [1180, 4001], category: 'coffee', currency: 'EUR', shippingMinor: 490 } as const;
    const basis = earningOf(rich, account, purchaseOf({ ...buy, channel: 'app' }, memberId, noon));
    expect(pricingSteps(basis, rich)).toEqual([
      { label: 'Amounts that earn, 2 lines', value: '5181', unit: 'minor' },
      {
        label: 'Campaign Coffee year, Everything on 1180 of it',
        factor: '2.275',
        value: '6685.5',
        unit: 'minor',
      },
      { label: 'Campaign Everything on 4001 of it', factor: '1.3', value: '7885.8', unit: 'minor' },
      { label: 'Points for EUR', factor: '1/100', value: '78.858', unit: 'points' },
      { label: 'Tier Complice', factor: '1.25', value: '98.5725', unit: 'points' },
      { label: 'Channel app', factor: '1.2', value: '118.287', unit: 'points' },
      { label: 'Rounded down to whole points', value: '118', unit: 'points' },
      { label: 'Campaign Thank you', factor: '+25', value: '143', unit: 'points' },
      { label: 'The visit', factor: '+3', value: '146', unit: 'points' },
      { label: 'Campaign Launch, from its budget', factor: '+185', value: '331', unit: 'points' },
      { label: 'Campaign Gift, from its budget', factor: '+40', value: '371', unit: 'points' },
    ]);
    expect(roundingOf(basis)).toBe('The exact sum, 118.287, was rounded down once, at the end, to 118.');
  });

  it('name what refunds on the whole order leave', () => {
    const basis = priced({ ...earningOf(program, member(), aPurchase([1000])), orderRefundMinor: 250 });
    expect(pricingSteps(basis, program).slice(-3, -1)).toEqual([
      {
        label: 'What refunds on the whole order leave of it',
        factor: '750/1000',
        value: '7.5',
        unit: 'points',
      },
      { label: 'Rounded down to whole points', value: '7', unit: 'points' },
    ]);
  });

  it('show digits that are left out, and say where nothing was rounded', () => {
    const yen = earningOf(program, member(), aPurchase([1499], { currency: 'JPY' }));
    expect(pricingSteps(yen, program)[1]).toMatchObject({ factor: '1/150', value: '9.9933…' });
    const euros = earningOf(program, member(), aPurchase([1500]));
    expect(roundingOf(euros)).toBe('The sum is a whole number: 15.');
  });
});

describe('an explanation', () => {
  const purchase = {
    ...aPurchase([1250, 999], { channel: 'web', id: 'web:W1' }),
    shippingMinor: 490,
    totalMinor: 2739,
  };
  purchase.lines = purchase.lines.map((line, index) =>
    index === 1 ? { ...line, name: 'A card', category: 'gift-card' } : { ...line, name: 'Beans' },
  );
  const earned = award(program, member(), purchase, noon);

  it('of an earning tells the lines, what earns and what does not, the event, the lot and the balance', () => {
    const { inputs, sourceEvent, steps, lots, ...rest } = told(earned.entries.at(-1), { purchase });
    expect(rest).toMatchObject({
      type: 'earned',
      summary: 'The purchase web:W1 earned 15 points.',
      points: 15,
      tier: null,
      rounding: 'The exact sum, 12.5, was rounded down once, at the end, to 12.',
      balance: { before: { available: 0 }, after: { pending: 15 } },
    });
    expect(sourceEvent).toEqual({
      via: 'bus',
      source: 'philia.channel.web',
      detailType: 'PurchaseRecorded',
      id: 'web:W1',
    });
    expect(inputs).toEqual({
      currency: 'EUR',
      totalMinor: 2739,
      shippingMinor: 490,
      orderRefundMinor: 0,
      lines: [
        { id: '1', sku: 'SKU-1', name: 'Beans', quantity: 1, amountMinor: 1250, eligible: true },
        {
          id: '2',
          sku: 'SKU-2',
          name: 'A card',
          category: 'gift-card',
          quantity: 1,
          amountMinor: 999,
          eligible: false,
          reason: 'gift-card earns nothing',
        },
      ],
    });
    expect(steps.at(-1)).toMatchObject({ label: 'The visit', value: '15' });
    expect(lots).toEqual([
      { availableAt: '2026-12-05T23:00:00Z', expiresAt: '2027-11-30T23:00:00Z', points: 15 },
    ]);
  });

  it('of a purchase that met a bound of a stamp card says how many stamps it did not give, and why', () => {
    const coffees = (quantity: number) => {
      const purchase = aPurchase([9000]);
      const lines = purchase.lines.map((line) => ({ ...line, category: 'coffee', quantity }));
      return { ...purchase, lines };
    };
    const first = award(program, member(), coffees(1_000_000), noon);
    expect(told(first.entries.at(-1)).stamps).toEqual([
      {
        id: 'coffee',
        name: 'Coffee card',
        count: 0,
        notGiven: { count: 999_980, reason: 'One purchase gives at most 20 stamps of this card.' },
      },
    ]);
    const second = award(program, first.account, coffees(3), noon);
    expect(told(second.entries.at(-1)).stamps).toEqual([
      {
        id: 'coffee',
        name: 'Coffee card',
        count: 0,
        notGiven: {
          count: 3,
          reason: 'One day gives at most 20 stamps of this card, and 0 of them were left.',
        },
      },
    ]);
    expect(told(award(program, member(), coffees(3), noon).entries.at(-1)).stamps).toEqual([
      { id: 'coffee', name: 'Coffee card', count: 3 },
    ]);
    // Of a programme that nobody knows any more the card has its id, and the bounds that all have.
    expect(told(first.entries.at(-1), { program: undefined }).stamps[0]).toMatchObject({
      name: 'coffee',
      notGiven: { reason: 'One purchase gives at most 20 stamps of this card.' },
    });
    const bounded = (bounds: { perPurchase?: number; perDay?: number }) => {
      const rules = { ...program, stamps: program.stamps.map((card) => ({ ...card, ...bounds })) };
      const plan = award(rules, member(), coffees(9), noon);
      return told(plan.entries.at(-1), { program: rules }).stamps[0]?.notGiven;
    };
    expect(bounded({ perPurchase: 4 })).toEqual({
      count: 5,
      reason: 'One purchase gives at most 4 stamps of this card.',
    });
    expect(bounded({ perDay: 6 })).toEqual({
      count: 3,
      reason: 'One day gives at most 6 stamps of this card, and 6 of them were left.',
    });
  });

  it('shows another channel the amounts and nothing of what was sold', () => {
    const { inputs } = told(earned.entries.at(-1), { purchase, detailed: false });
    expect(inputs?.lines).toEqual([
      { amountMinor: 1250, eligible: true },
      { amountMinor: 999, eligible: false },
    ]);
    const bare = told(earned.entries.at(-1), { detailed: false });
    expect(bare.inputs?.lines).toEqual([{ amountMinor: 1250, eligible: true }]);
  });

  it('tells what campaigns a purchase was considered for, and nothing where one of its sources is not known', () => {
    const dates = { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' };
    const campaigns = [
      { id: 'beans', name: 'Beans', ...dates, when: "line.sku == 'SKU-1'", bonusPoints: 5 },
      { id: 'tea', name: 'Tea', ...dates, when: "line.sku == 'TEA'", bonusPoints: 5 },
    ];
    const rules = defaultProgram({ bonuses: {}, campaigns });
    const plan = award(rules, member(), purchase, noon);
    const [entry] = plan.entries.slice(-1);
    const considered = told(entry, { program: rules, purchase }).campaigns;
    expect(considered.map(({ id, outcome }) => [id, outcome])).toEqual([
      ['beans', 'gave'],
      ['tea', 'condition'],
    ]);
    expect(told(entry, { program: undefined, purchase }).campaigns).toEqual([]);
    expect(told(entry, { program: rules }).campaigns).toEqual([]);
    // A refund asks no condition again.
    const target = priced({ ...entry?.basis, lines: [], totalMinor: 0 } as never);
    const refund = { id: 'web:R1', occurredAt: '2026-11-22T11:30:00Z' };
    const [taken] = clawBack(rules, plan.account, plan.earning, target, refund, noon).entries;
    expect(told(taken, { program: rules, purchase }).campaigns).toEqual([]);
    const unknown = told(entry, { program: undefined, purchase }).inputs?.lines[1];
    expect(unknown).not.toHaveProperty('reason');
    const bare = told(entry, { program: rules }).inputs;
    expect(bare?.lines).toEqual([{ id: '1', amountMinor: 1250, eligible: true }]);
    expect(bare?.shippingMinor).toBeNull();
  });

  it('of an upgrade names the tiers and the points that reached it', () => {
    const before = member();
    const plan = award(program, before, aPurchase([60_000]), noon);
    expect(told(plan.entries.at(-1), { before }).tier).toEqual({
      before: { id: 'ami', name: 'Ami' },
      after: { id: 'complice', name: 'Complice' },
      validUntil: '2027-11-30T23:00:00Z',
      qualifyingPoints: 600,
    });
    expect(told(plan.entries.at(-1)).tier).toMatchObject({ before: null, qualifyingPoints: null });
  });

  it('counts the twelve months up to when an entry was written, and to when a term ended', () => {
    const at = (months: Record<string, number>) => ({ ...member(), qualifying: months });
    const [entry] = award(program, member(), aPurchase([60_000]), noon).entries.slice(-1);
    const of = (more: object, before = at({ '2025-11': 7, '2025-12': 30, '2026-11': 100 })) =>
      told({ ...entry, ...more } as PlannedEntry, { before }).tier?.qualifyingPoints;
    expect(of({})).toBe(730);
    // It happened in October, and counts for the month that it says.
    expect(of({ occurredAt: '2026-10-31T11:00:00Z' })).toBe(730);
    expect(of({ qualifying: { month: '2025-11', points: 600 } })).toBe(130);
    expect(of({ qualifying: { month: '2026-12', points: 600 } })).toBe(130);
    const ended = { type: 'tier_reviewed', occurredAt: '2026-10-31T11:00:00Z', qualifying: undefined };
    expect(of(ended)).toBe(37);
    expect(of({ ...ended, type: 'earned' })).toBe(130);
  });

  it('of a clawback tells what remains, what was before and the difference, debt apart', () => {
    const target = priced({ ...earned.entries.at(-1)?.basis, lines: [], totalMinor: 0 } as never);
    const refund = { id: 'web:R1', occurredAt: '2026-11-22T11:30:00Z' };
    const spent = { ...earned.account, lots: [] };
    const told_ = told(clawBack(program, spent, earned.earning, target, refund, noon).entries.at(-1));
    expect(told_.summary).toBe('The refund web:R1 took 15 points back.');
    expect(told_.sourceEvent).toMatchObject({ source: 'philia.channel.web', detailType: 'PurchaseRefunded' });
    expect(told_.steps.slice(-4)).toEqual([
      { label: 'Rounded down to whole points', value: '0', unit: 'points' },
      { label: 'What the purchase was worth before', value: '15', unit: 'points' },
      { label: 'The difference, taken back', value: '15', unit: 'points' },
      { label: 'Of that, owed as a debt', value: '15', unit: 'points' },
    ]);
  });

  it('of a refund that takes no points says so, and why', () => {
    const refund = { id: 'web:R1', occurredAt: '2026-11-22T11:30:00Z' };
    const target = priced({ ...earned.entries.at(-1)?.basis, totalMinor: 1740 } as never);
    const [entry] = clawBack(program, earned.account, earned.earning, target, refund, noon).entries;
    expect(told(entry)).toMatchObject({
      summary: 'The refund web:R1 took no points: what remains of the purchase is worth as many as before.',
      points: 0,
    });
    expect(told(entry).steps.slice(-2)).toEqual([
      { label: 'What the purchase was worth before', value: '15', unit: 'points' },
      { label: 'The difference, taken back', value: '0', unit: 'points' },
    ]);
  });

  it('is there for what time and people do, too', () => {
    const [joined, welcome] = enrol(program, memberId, noon).entries;
    expect(told(joined)).toMatchObject({
      summary: 'The member joined.',
      sourceEvent: { via: 'api', id: memberId },
      steps: [],
      inputs: null,
      rounding: null,
      tier: { before: null, after: { id: 'ami' } },
    });
    expect(told(welcome)).toMatchObject({
      summary: 'The welcome bonus gave 50 points.',
      steps: [{ label: "The programme's welcome bonus", value: '50' }],
    });
    const gift = { points: 50, reward: 'free-coffee' };
    const giving = defaultProgram({ bonuses: { welcome: gift, profile: { reward: 'free-coffee' } } });
    const given = withProfileBonus(giving, enrol(giving, memberId, noon), noon).entries;
    const coffee = { rewardId: 'free-coffee', name: 'A coffee on us' };
    expect(told(given[1])).toMatchObject({
      summary: 'The welcome bonus gave 50 points and a voucher for A coffee on us.',
      vouchers: [coffee],
    });
    expect(told(given[2])).toMatchObject({
      summary: 'The profile bonus gave a voucher for A coffee on us.',
      steps: [],
      vouchers: [coffee],
    });
    const [note] = noteProfileChange(program, member(), noon - 399 * day).entries;
    expect(told(note)).toMatchObject({ steps: [], points: 0, sourceEvent: { via: 'api' } });
    const owing = { ...award(program, earned.account, aPurchase([60_000]), noon).account, debt: 4 };
    const [activated, expired, review] = settle(program, owing, noon + 800 * day).entries;
    expect(told(activated)).toMatchObject({
      type: 'activated',
      summary: '15 pending points could be spent from 2026-12-06 on.',
      sourceEvent: { via: 'clock', source: null },
      steps: [{ value: '15' }, { label: 'Of that, repaid on a debt', value: '4' }],
    });
    expect(told(expired)).toMatchObject({ type: 'expired', steps: [{ value: '614' }], points: -614 });
    expect(told(review, { before: owing })).toMatchObject({
      type: 'tier_reviewed',
      steps: [{ label: 'Qualifying points in the twelve months that count', value: '0' }],
      tier: { before: { name: 'Complice' }, after: { name: 'Ami' }, qualifyingPoints: 0 },
    });
  });
});
