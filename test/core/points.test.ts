import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Account, balanceOf, foldLots, type PlannedEntry } from '../../core/account.ts';
import { viewCard } from '../../core/card.ts';
import type { MemberId, RedemptionId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import { award, clawBack, enrol, nextDue, settle } from '../../core/points.ts';
import { addRefund, type PurchaseRecord, worth } from '../../core/purchases.ts';
import { aPurchase, aRefund, defaultProgram, noon, recordOf, runs } from '../support/world.ts';

const memberId = 'mem_01JD0000000000000000000000' as MemberId;
const day = 86_400_000;

/** A programme in which tiers multiply nothing, for properties that the order of purchases must not change. */
const flat = defaultProgram({
  tiers: defaultProgram().tiers.map((tier) => ({ ...tier, multiplier: '1' })),
  bonuses: {},
});
const program = defaultProgram({ bonuses: {} });

function member(rules = program): Account {
  return enrol(rules, memberId, noon - 400 * day).account;
}

/** The account without what only says that something happened. */
function state({ lots, held, debt, lifetime, tier, qualifying }: Account) {
  return { lots, held, debt, lifetime, tier, qualifying };
}

/** Applies refunds one after the other, as the ledger does. */
function refundAll(
  rules: typeof program,
  account: Account,
  record: PurchaseRecord,
  refunds: readonly ReturnType<typeof aRefund>[],
  now = noon,
): { account: Account; record: PurchaseRecord; entries: PlannedEntry[] } {
  const entries: PlannedEntry[] = [];
  let current = account;
  let kept = record;
  for (const refund of refunds) {
    kept = addRefund(kept, refund).record;
    if (!kept.earning) throw new Error('The purchase earned nothing.');
    const target = worth(kept, kept.earning);
    const plan = clawBack(rules, current, kept.earning, target, refund, now);
    current = plan.account;
    entries.push(...plan.entries);
    kept = {
      ...kept,
      earning: { ...kept.earning, points: target.points, qualifyingPoints: target.qualifyingPoints },
      clawedBack: kept.clawedBack + plan.clawedBack,
    };
  }
  return { account: current, record: kept, entries };
}

function lotSums(account: Account) {
  const sum = (lots: Account['lots']) => lots.reduce((total, lot) => total + lot.points, 0);
  return sum(account.lots);
}

const amounts = fc.array(fc.integer({ min: 0, max: 500_000 }), { minLength: 1, maxLength: 6 });
const channel = fc.constantFrom('web' as const, 'store' as const, 'app' as const);

describe('earning', () => {
  it.each([
    ['one euro is one point', [100], 'store', 1],
    ['99 cents are none', [99], 'store', 0],
    ['lines are added up before the one floor', [199, 101], 'store', 3],
    ['the app multiplies by 1.2', [1000], 'app', 12],
    ['1.2 of 999 cents is 11.988, floored', [999], 'app', 11],
  ] as const)('%s', (_words, lines, of, points) => {
    const plan = award(program, member(), aPurchase([...lines], { channel: of }), noon);
    expect(plan.earning.points).toBe(points);
  });

  it('excluded categories earn nothing', () => {
    const purchase = aPurchase([1000, 5000]);
    const lines = purchase.lines.map((line, index) =>
      index === 1 ? { ...line, category: 'gift-card' } : line,
    );
    expect(award(program, member(), { ...purchase, lines }, noon).earning.points).toBe(10);
  });

  it('the last visit is the newest, in whatever order purchases arrive', () => {
    const rules = { ...program, visits: { points: 5, minimumMinor: 100, coolDownHours: 4 } };
    const days = ['2026-11-20T11:00:00Z', '2026-11-21T11:00:00Z', '2026-11-22T11:00:00Z'];
    for (const order of [days, days.toReversed()]) {
      let account = member(rules);
      for (const occurredAt of order) {
        const plan = award(rules, account, aPurchase([1000], { occurredAt }), noon);
        expect(plan.earning.points).toBe(15);
        ({ account } = plan);
      }
      expect(account.lastVisitAt).toBe(days[2]);
    }
  });

  it('yen have their own rate', () => {
    const plan = award(program, member(), aPurchase([1499], { currency: 'JPY' }), noon);
    expect(plan.earning.points).toBe(9);
  });

  it('a purchase earns at most what the programme allows', () => {
    const plan = award({ ...program, maxPointsPerPurchase: 100 }, member(), aPurchase([50_000]), noon);
    expect(plan.earning).toMatchObject({ points: 100, qualifyingPoints: 100 });
    expect(plan.account.qualifying).toEqual({ '2026-11': 100 });
  });

  it('is exact where no number holds the way to it, whatever the multipliers of the lines', () => {
    const of = (sku: string, multiplier: string) => ({
      id: sku,
      name: sku,
      from: '2026-01-01T00:00:00Z',
      to: '2027-01-01T00:00:00Z',
      when: `line.sku == '${sku}'`,
      multiplier,
    });
    const rules = {
      ...program,
      maxPointsPerPurchase: Number.MAX_SAFE_INTEGER,
      campaigns: [of('SKU-1', '1.0001'), of('SKU-2', '1.5')],
    };
    const lines = [4_000_000_000_001, 3_000_000_000_003, 99];
    const [one = 0n, two = 0n, three = 0n] = lines.map(BigInt);
    // In ten thousandths; the app multiplies by 1.2.
    const exact = ((one * 10_001n + two * 15_000n + three * 10_000n) * 12n) / (10_000n * 10n * 100n);
    const { earning } = award(rules, member(rules), aPurchase(lines, { channel: 'app' }), noon);
    expect(BigInt(earning.points)).toBe(exact);
    expect(earning.qualifyingPoints).toBe(70_000_000_001);
    // Also where nothing was paid.
    const fine = {
      ...rules,
      tiers: [{ id: 'ami', name: 'Ami', threshold: 0, multiplier: '1.000000001' }],
      channels: { ...program.channels, store: { multiplier: '1.00000001', pendingDays: 0 } },
    };
    expect(award(fine, member(fine), aPurchase([0]), noon).earning.points).toBe(0);
  });

  it('is the exact sum, floored once, whatever the multipliers', () => {
    const multiplier = fc.tuple(fc.integer({ min: 0, max: 99 }), fc.nat(9999));
    fc.assert(
      fc.property(amounts, multiplier, multiplier, (lines, [t, tt], [c, cc]) => {
        const text = (whole: number, fraction: number) => `${whole}.${String(fraction).padStart(4, '0')}`;
        const rules = {
          ...program,
          maxPointsPerPurchase: 10_000_000,
          tiers: [{ id: 'ami', name: 'Ami', threshold: 0, multiplier: text(t, tt) }],
          channels: { ...program.channels, store: { multiplier: text(c, cc), pendingDays: 0 } },
        };
        const sum = BigInt(lines.reduce((total, amount) => total + amount, 0));
        const exact = (sum * BigInt(t * 10_000 + tt) * BigInt(c * 10_000 + cc)) / (100n * 10_000n * 10_000n);
        const capped = exact < 10_000_000n ? Number(exact) : 10_000_000;
        expect(award(rules, member(rules), aPurchase(lines), noon).earning.points).toBe(capped);
      }),
      runs(1000),
    );
  });

  it('web points are pending until the midnight that begins the fourteenth day after', () => {
    const plan = award(program, member(), aPurchase([5000], { channel: 'web' }), noon);
    expect(balanceOf(plan.account)).toEqual({ available: 0, pending: 50, held: 0, debt: 0 });
    expect(plan.account.lots).toEqual([
      { availableAt: '2026-12-05T23:00:00Z', expiresAt: '2027-11-30T23:00:00Z', points: 50 },
    ]);
    const at = Date.parse('2026-12-05T23:00:00Z');
    expect(balanceOf(settle(program, plan.account, at - 1).account).available).toBe(0);
    expect(balanceOf(settle(program, plan.account, at).account).available).toBe(50);
  });

  it('points lapse at the end of the twelfth month after the purchase, and once', () => {
    const earned = award(program, member(), aPurchase([5000]), noon).account;
    const end = Date.parse('2027-11-30T23:00:00Z');
    // A month before, the member is told.
    expect(nextDue(earned)).toBe('2027-10-30T23:00:00Z');
    const told = settle(program, earned, end - 1);
    expect(told.entries.map((entry) => entry.type)).toEqual(['expiry_noticed']);
    expect(nextDue(told.account)).toBe('2027-11-30T23:00:00Z');
    const lapsed = settle(program, told.account, end);
    expect(lapsed.entries.map((entry) => entry.type)).toEqual(['expired']);
    expect(lapsed.account.lifetime.expired).toBe(50);
    expect(settle(program, lapsed.account, end).entries).toEqual([]);
  });

  it('the next credit repays a debt first', () => {
    const owing: Account = { ...member(), debt: 30 };
    const plan = award(program, owing, aPurchase([5000]), noon);
    expect(balanceOf(plan.account)).toEqual({ available: 20, pending: 0, held: 0, debt: 0 });
  });
});

describe('giving back', () => {
  it('a full refund leaves exactly what was there before: lots, debt, tier, qualifying points', () => {
    fc.assert(
      fc.property(
        amounts,
        amounts,
        channel,
        fc.nat(300),
        fc.boolean(),
        fc.nat(20),
        (before, lines, of, owed, whole, laterDays) => {
          const start = award(program, { ...member(), debt: owed }, aPurchase(before), noon).account;
          const purchase = aPurchase(lines, { channel: of });
          const { account, earning } = award(program, start, purchase, noon);
          const refund = aRefund(
            purchase,
            whole
              ? purchase.totalMinor
              : Object.fromEntries(purchase.lines.map((l) => [l.id, l.amountMinor])),
          );
          const now = noon + laterDays * day;
          const end = refundAll(program, account, recordOf(purchase, earning), [refund], now);
          expect(state(end.account)).toEqual(state(settle(program, start, now).account));
        },
      ),
      runs(2000),
    );
  });

  it('any order and any splitting of the same refunds ends in the same state', () => {
    const part = fc.record({
      line: fc.nat(5),
      amount: fc.integer({ min: 1, max: 300_000 }),
      whole: fc.boolean(),
    });
    fc.assert(
      fc.property(
        amounts,
        channel,
        fc.array(part, { minLength: 1, maxLength: 6 }),
        fc.infiniteStream(fc.nat()),
        (lines, of, parts, shuffle) => {
          const purchase = aPurchase(lines, { channel: of });
          const { account, earning } = award(program, member(), purchase, noon);
          const refunds = parts.map(({ line, amount, whole }) =>
            aRefund(purchase, whole ? amount : { [String((line % lines.length) + 1)]: amount }),
          );
          const keyed = refunds.map((refund) => ({ refund, key: shuffle.next().value ?? 0 }));
          const shuffled = keyed.sort((a, b) => a.key - b.key).map(({ refund }) => refund);
          const record = recordOf(purchase, earning);
          const one = refundAll(program, account, record, refunds);
          const other = refundAll(program, account, record, shuffled);
          expect(state(one.account)).toEqual(state(other.account));
          expect(one.record.earning?.points).toBe(other.record.earning?.points);
        },
      ),
      runs(2000),
    );
  });

  it('takes the own lot, then what can be spent, and what is missing is owed', () => {
    const purchase = aPurchase([10_000]);
    const { account, earning } = award(program, member(), purchase, noon);
    const spent: Account = {
      ...account,
      lots: [
        { availableAt: null, expiresAt: '2027-05-31T22:00:00Z', points: 5 },
        { availableAt: null, expiresAt: earning.lot.expiresAt, points: 20 },
        { availableAt: '2026-12-01T23:00:00Z', expiresAt: '2027-12-31T23:00:00Z', points: 500 },
      ],
    };
    const plan = clawBack(
      program,
      spent,
      earning,
      worth({ ...recordOf(purchase, earning), refundedOrderMinor: 10_000 }, earning),
      { id: 'store:R', occurredAt: '2026-11-22T11:30:00Z' },
      noon,
    );
    expect(plan.debt).toBe(75);
    expect(balanceOf(plan.account)).toEqual({ available: 0, pending: 500, held: 0, debt: 75 });
  });

  it('takes the own lot at the very instant from which it can be spent', () => {
    const purchase = aPurchase([10_000], { channel: 'web' });
    const { account, earning } = award(flat, member(flat), purchase, noon);
    const [own] = account.lots;
    if (!own?.availableAt) throw new Error('Web points are pending.');
    const at = Date.parse(own.availableAt);
    const sooner = { availableAt: null, expiresAt: utc(at + day), points: 100 };
    const both = { ...account, lots: foldLots(account.lots, [sooner]) };
    const kept = addRefund(recordOf(purchase, earning), aRefund(purchase, 10_000)).record;
    const plan = clawBack(flat, both, earning, worth(kept, earning), aRefund(purchase, 10_000), at);
    expect(plan.account.lots).toEqual([sooner]);
  });

  it('a programme that forgives writes off what is missing', () => {
    const rules = { ...program, debt: 'forgive' as const };
    const purchase = aPurchase([10_000]);
    const { account, earning } = award(rules, member(rules), purchase, noon);
    const target = worth({ ...recordOf(purchase, earning), refundedOrderMinor: 10_000 }, earning);
    const refund = { id: 'store:R', occurredAt: '2026-11-22T11:30:00Z' };
    const plan = clawBack(rules, { ...account, lots: [] }, earning, target, refund, noon);
    expect(balanceOf(plan.account)).toEqual({ available: 0, pending: 0, held: 0, debt: 0 });
    expect(plan.debt).toBe(0);
  });

  it('an amount on the whole order shrinks the eligible lines in proportion', () => {
    const purchase = aPurchase([6000, 3000], { channel: 'app' });
    const { earning } = award(program, member(), purchase, noon);
    expect(earning.points).toBe(108);
    const record = addRefund(recordOf(purchase, earning), aRefund(purchase, 3000)).record;
    expect(worth(record, earning).points).toBe(72);
  });

  it('more than a line holds is an excess, in whatever parts it is asked for', () => {
    const purchase = aPurchase([1000, 500]);
    const { earning } = award(program, member(), purchase, noon);
    const once = addRefund(recordOf(purchase, earning), aRefund(purchase, { '1': 700 }));
    expect(once.excessMinor).toBe(0);
    const twice = addRefund(once.record, aRefund(purchase, { '1': 700 }));
    expect(twice.excessMinor).toBe(400);
    const unknown = addRefund(twice.record, aRefund(purchase, { '9': 50 }));
    expect(unknown).toMatchObject({ excessMinor: 50, unknownLines: ['9'] });
  });
});

describe('tiers', () => {
  const spend = (account: Account, amountMinor: number, at = noon, rules = program) =>
    award(rules, account, aPurchase([amountMinor], { occurredAt: new Date(at).toISOString() }), at);

  it('are reached at once, one step per threshold, and count from the next purchase on', () => {
    const first = spend(member(), 200_000);
    expect(first.earning.points).toBe(2000);
    expect(first.account.tier).toMatchObject({ id: 'intime', validUntil: '2027-11-30T23:00:00Z' });
    expect(first.account.tier.steps.map((step) => step.id)).toEqual(['complice', 'intime']);
    expect(spend(first.account, 1000).earning.points).toBe(15);
  });

  it('hold to the end of the twelfth month after, then the window decides, as many steps down as it says', () => {
    const reached = spend(member(), 200_000).account;
    const end = Date.parse('2027-11-30T23:00:00Z');
    expect(settle(program, reached, end - 1).account.tier.id).toBe('intime');
    expect(settle(program, reached, end).account.tier).toEqual({ id: 'ami', validUntil: null, steps: [] });
    const busy = spend(reached, 60_000, Date.parse('2027-06-15T12:00:00Z')).account;
    const kept = settle({ ...program, expiry: null }, busy, end).account.tier;
    expect(kept).toEqual({ id: 'complice', validUntil: '2028-11-30T23:00:00Z', steps: [] });
  });

  it('that end are judged by the window at their end, whenever that is written down', () => {
    let { account } = award(program, member(), aPurchase([500_000]), noon);
    const { id } = account.tier;
    const june = Date.parse('2027-06-15T11:00:00Z');
    const later = aPurchase([500_000], { occurredAt: utc(june) });
    ({ account } = award(program, settle(program, account, june).account, later, june));
    expect(account.tier).toMatchObject({ id, validUntil: '2027-11-30T23:00:00Z' });
    for (const now of ['2027-12-01T00:00:00Z', '2028-10-15T00:00:00Z'])
      expect(settle(program, account, Date.parse(now)).account.tier.id).toBe(id);
  });

  it('a refund takes back each step whose threshold the window no longer reaches, newest first', () => {
    const start = spend(member(), 60_000).account;
    expect(start.tier.id).toBe('complice');
    const purchase = aPurchase([200_000]);
    const { account, earning } = award(program, start, purchase, noon + day);
    expect(account.tier.id).toBe('intime');
    const half = refundAll(
      program,
      account,
      recordOf(purchase, earning),
      [aRefund(purchase, { '1': 100_000 })],
      noon + day,
    );
    expect(half.account.tier).toEqual(start.tier);
  });

  it('where tiers multiply nothing, purchases in any order give the same balances and tier', () => {
    const one = fc.record({
      amount: fc.integer({ min: 0, max: 150_000 }),
      daysBack: fc.nat(360),
      of: channel,
    });
    fc.assert(
      fc.property(
        fc.array(one, { minLength: 2, maxLength: 8 }),
        fc.infiniteStream(fc.nat()),
        (list, shuffle) => {
          const purchases = list.map(({ amount, daysBack, of }) =>
            aPurchase([amount], { channel: of, occurredAt: new Date(noon - daysBack * day).toISOString() }),
          );
          const keyed = purchases.map((purchase) => ({ purchase, key: shuffle.next().value ?? 0 }));
          const shuffled = keyed.sort((a, b) => a.key - b.key).map(({ purchase }) => purchase);
          const end = (all: readonly RecordedPurchase[]) =>
            all.reduce((account, purchase) => award(flat, account, purchase, noon).account, member(flat));
          const [a, b] = [end(purchases), end(shuffled)];
          expect({ lots: a.lots, qualifying: a.qualifying, tier: a.tier.id }).toEqual({
            lots: b.lots,
            qualifying: b.qualifying,
            tier: b.tier.id,
          });
        },
      ),
      runs(1000),
    );
  });
});

describe('what time makes true', () => {
  /** An hour between the tenth and the hundredth from noon on. */
  const hour = fc.integer({ min: 10, max: 100 }).map((hours) => utc(noon + hours * 3_600_000));
  const points = fc.integer({ min: 1, max: 50 });
  const lot = fc.record({ availableAt: fc.option(hour), expiresAt: fc.option(hour), points });
  const given = fc.record({ availableAt: fc.constant(null), expiresAt: fc.option(hour), points });

  it('ends the same in however many nights it is written down, whoever repays the debt', () => {
    const accounts = fc
      .record({
        lots: fc.array(lot, { maxLength: 5 }),
        holds: fc.array(
          fc.record({ expiresAt: hour, lots: fc.array(given, { minLength: 1, maxLength: 2 }) }),
          {
            maxLength: 4,
          },
        ),
        debt: fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 150 })),
      })
      .map(({ lots, holds, debt }): Account => {
        const held = holds.flatMap((hold) => hold.lots).reduce((total, one) => total + one.points, 0);
        const opened = holds.map((hold, index) => ({
          ...hold,
          redemptionId: `red_${index}` as RedemptionId,
        }));
        return { ...member(flat), lots: foldLots([], lots), holds: opened, held, debt };
      });
    const nights = fc.array(fc.integer({ min: 0, max: 110 }), { maxLength: 6 });
    fc.assert(
      fc.property(accounts, nights, (account, hours) => {
        const end = noon + 110 * 3_600_000;
        let nightly = account;
        for (const night of hours.toSorted((a, b) => a - b))
          nightly = settle(flat, nightly, noon + night * 3_600_000).account;
        expect(state(settle(flat, nightly, end).account)).toEqual(state(settle(flat, account, end).account));
      }),
      runs(2000),
    );
  });

  it('lets what comes first repay the debt', () => {
    const at = (days: number) => utc(noon + days * day);
    const held = [{ availableAt: null, expiresAt: at(20), points: 50 }];
    const pending = { availableAt: at(1), expiresAt: at(60), points: 100 };
    const owing = (endsAt: string): Account => ({
      ...member(flat),
      lots: [pending],
      holds: [{ redemptionId: 'red_1' as RedemptionId, expiresAt: endsAt, lots: held }],
      held: 50,
      debt: 80,
    });
    const waited = (endsAt: string) => settle(flat, owing(endsAt), noon + 5 * day).account;
    // The pending points come first: what was held is whole again, and will lapse.
    expect(waited(at(3)).lots).toEqual([
      { availableAt: null, expiresAt: at(20), points: 50 },
      { availableAt: null, expiresAt: at(60), points: 20 },
    ]);
    // What was held comes first, or at the same instant.
    for (const endsAt of [at(0.5), at(1)])
      expect(waited(endsAt).lots).toEqual([{ availableAt: null, expiresAt: at(60), points: 70 }]);
  });

  it('lets what is held come before what waits at the same instant, and both before what comes later', () => {
    const at = (days: number) => utc(noon + days * day);
    const hold = (days: number, points: number, expiresAt: string) => ({
      redemptionId: `red_${days}` as RedemptionId,
      expiresAt: at(days),
      lots: [{ availableAt: null, expiresAt, points }],
    });
    const left = (lots: Account['lots'], holds: Account['holds']) => {
      const held = holds.reduce((sum, one) => sum + (one.lots[0]?.points ?? 0), 0);
      return settle(flat, { ...member(flat), lots, holds, held, debt: 80 }, noon + 5 * day).account.lots;
    };
    const pending = { availableAt: at(1), expiresAt: at(60), points: 100 };
    expect(left([pending], [hold(1, 20, at(20)), hold(3, 50, at(40))])).toEqual([
      { availableAt: null, expiresAt: at(40), points: 50 },
      { availableAt: null, expiresAt: at(60), points: 40 },
    ]);
    const [first, second] = [
      { ...pending, points: 20 },
      { ...pending, availableAt: at(2) },
    ];
    expect(left([first, second], [hold(2, 50, at(40))])).toEqual([
      { availableAt: null, expiresAt: at(60), points: 90 },
    ]);
  });

  it('is written once for points that were held and once for those that waited, where nothing is owed', () => {
    const at = (days: number) => utc(noon + days * day);
    const lots = [1, 3].map((days) => ({ availableAt: at(days), expiresAt: at(60), points: 10 }));
    const holds = [2, 4].map((days) => ({
      redemptionId: `red_${days}` as RedemptionId,
      expiresAt: at(days),
      lots: [{ availableAt: null, expiresAt: at(60), points: 5 }],
    }));
    const { entries } = settle(flat, { ...member(flat), lots, holds, held: 10 }, noon + 5 * day);
    expect(entries.map(({ type, occurredAt }) => [type, occurredAt])).toEqual([
      ['holds_expired', at(4)],
      ['activated', at(3)],
    ]);
  });

  it('is of the newest instant at which something did, and lets the first of the pending repay', () => {
    const at = (days: number) => utc(noon + days * day);
    const pending = [
      { availableAt: at(2), expiresAt: at(40), points: 100 },
      { availableAt: at(1), expiresAt: at(60), points: 100 },
    ];
    for (const lots of [pending, pending.toReversed()]) {
      const { account, entries } = settle(flat, { ...member(flat), lots, debt: 80 }, noon + 3 * day);
      expect(entries).toMatchObject([{ type: 'activated', occurredAt: at(2) }]);
      expect(account.lots).toEqual([
        { availableAt: null, expiresAt: at(40), points: 100 },
        { availableAt: null, expiresAt: at(60), points: 20 },
      ]);
    }
    const lapsing = [1, 2].map((days) => ({ availableAt: null, expiresAt: at(days), points: 10 }));
    const { entries } = settle(flat, { ...member(flat), lots: lapsing }, noon + 3 * day);
    expect(entries).toMatchObject([{ type: 'expired', occurredAt: at(2) }]);
  });
});

describe('the account', () => {
  it('lots add up to the balance, postings to zero, and a card shows just that', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(amounts, channel, fc.nat(40)), { maxLength: 6 }), (list) => {
        let account = member();
        let now = noon;
        for (const [lines, of, days] of list) {
          now += days * day;
          const purchase = aPurchase(lines, { channel: of, occurredAt: new Date(now).toISOString() });
          const plan = award(program, account, purchase, now);
          for (const entry of plan.entries) {
            expect(entry.postings.reduce((sum, one) => sum + one.points, 0)).toBe(0);
            const moved = entry.postings
              .filter((one) => one.account === 'member:available' || one.account === 'member:pending')
              .reduce((sum, one) => sum + one.points, 0);
            expect(entry.lots.reduce((sum, lot) => sum + lot.points, 0)).toBe(moved);
          }
          account = plan.account;
        }
        const { available, pending } = balanceOf(account);
        expect(lotSums(account)).toBe(available + pending);
        const card = viewCard(program, account, { name: 'A', locale: 'en', cardNumber: '2900000000001' });
        expect(card.balance).toEqual(balanceOf(account));
        expect(card.expiring.reduce((sum, one) => sum + one.points, 0)).toBe(available + pending);
        expect(card.version).toBe(account.version);
      }),
      runs(1000),
    );
  });
});
