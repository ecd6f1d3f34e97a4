/**
 * A purchase is judged by the terms that it was made under, whatever the programme says when it is given back or
 * claimed: what a newer document changes or no longer has makes no difference to it.
 */
import { describe, expect, it } from 'vitest';
import { balanceOf } from '../../core/account.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import type { RecordedRefund } from '../../core/contract/shapes/refund.ts';
import { refuseRefund } from '../../core/intake.ts';
import { type Program, type ProgramDocument, programDocument } from '../../core/program.ts';
import {
  claimPurchase,
  getAccount,
  getPurchase,
  getRefund,
  listVouchers,
  recordPurchase,
  recordRefund,
  verifyLedger,
} from '../../ledger/ledger.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { aPurchase, aRefund, defaultProgram, noon, testContext } from '../support/world.ts';

const year = { from: '2026-01-01T00:00:00Z', to: '2027-12-31T00:00:00Z' };
const then = defaultProgram({
  bonuses: {},
  visits: { points: 5, minimumMinor: 1000, coolDownHours: 0 },
  campaigns: [
    { id: 'double', name: 'Double', ...year, when: "line.category == 'coffee'", multiplier: '2' },
    { id: 'gift', name: 'Gift', ...year, bonusPoints: 40, minimumMinor: 3000, budgetPoints: 1000 },
  ],
});
const { currencies, channels, tiers } = then;

const { EUR: _euro, ...withoutEuro } = currencies;
const store = { multiplier: '3', pendingDays: 30 };
const changes: readonly (readonly [string, Partial<ProgramDocument>])[] = [
  ['changes nothing', {}],
  ['has no rate for the currency', { currencies: withoutEuro }],
  ['has another rate', { currencies: { ...currencies, EUR: { points: 7, perMinor: 100 } } }],
  ['excludes the category', { excludedCategories: ['coffee', 'mug'] }],
  ['has no campaigns', { campaigns: [] }],
  ['has no tiers but the first', { tiers: tiers.slice(0, 1), rewards: [], stamps: [] }],
  ['has no stamp cards', { stamps: [] }],
  ['has neither stamp cards nor the rewards they gave', { stamps: [], rewards: [] }],
  ['gives another reward for a card', { stamps: then.stamps.map((card) => ({ ...card, of: 3, perDay: 1 })) }],
  ['has another rule for the channel', { channels: { ...channels, store } }],
  ['lets points never lapse', { expiry: null }],
  ['has no visits', { visits: undefined as never }],
  ['lets a purchase earn less', { maxPointsPerPurchase: 1 }],
  ['forgives debts', { debt: 'forgive' }],
  ['has another name and zone', { name: 'Other', timeZone: 'Pacific/Kiritimati' }],
];

function next(document: Partial<ProgramDocument>): Program {
  const { version, ...before } = then;
  const changed = Object.entries({ ...before, ...document }).filter(([, value]) => value !== undefined);
  return { ...programDocument.parse(Object.fromEntries(changed)), version: version + 1 };
}

function sold(memberId?: MemberId): RecordedPurchase {
  const purchase = aPurchase([60_000, 1000], memberId ? { member: { memberId } } : {});
  const [coffee, mug] = purchase.lines;
  if (!coffee || !mug) throw new Error('It has two lines.');
  return {
    ...purchase,
    lines: [
      { ...coffee, category: 'coffee', quantity: 6 },
      { ...mug, category: 'mug' },
    ],
  };
}

async function world() {
  const ledger = testContext(createMemoryStore());
  await putInForce(ledger, then);
  const memberId = await newMember(ledger, then);
  const state = async () => {
    const account = await getAccount(ledger, memberId);
    if (!account) throw new Error('There is no account.');
    const { differences } = await verifyLedger(ledger, { hasTime: () => true, differencesMax: 10 });
    const vouchers = await listVouchers(ledger, memberId, { limit: 100 });
    const { stamps, qualifying, lots, lastVisitAt, tier } = account;
    const unused = vouchers.filter(({ status }) => status === 'issued').map(({ rewardId }) => rewardId);
    const held = { balance: balanceOf(account), tier: tier.id };
    return { ...held, stamps, qualifying, lots, lastVisitAt, unused, differences };
  };
  return { ledger, memberId, state };
}

/** Refunds that the door lets through, as the channel sent them. */
async function giveBack(
  { ledger }: Awaited<ReturnType<typeof world>>,
  program: Program,
  refund: RecordedRefund,
) {
  expect(refuseRefund(refund, noon)).toBeUndefined();
  await recordRefund(ledger, program, refund, noon);
  return (await getRefund(ledger, refund.id))?.status;
}

const part = (purchase: RecordedPurchase): RecordedRefund => ({
  ...aRefund(purchase, {}),
  lines: [{ lineId: '1', quantity: 2, amountMinor: 20_000 }],
});

describe.each(changes)('a programme that %s', (_name, document) => {
  it('takes back of a purchase what it would have taken on the day', async () => {
    const here = await world();
    const before = await here.state();
    const purchase = sold(here.memberId);
    await recordPurchase(here.ledger, then, purchase, noon);
    expect(await here.state()).toMatchObject({ tier: 'complice', stamps: { coffee: 1 } });
    const program = next(document);
    await putInForce(here.ledger, program);
    // The same on the day, with nothing changed.
    const there = await world();
    const same = sold(there.memberId);
    await recordPurchase(there.ledger, then, same, noon);
    expect(await giveBack(there, then, part(same))).toBe('applied');
    expect(await giveBack(here, program, part(purchase))).toBe('applied');
    expect(await here.state()).toEqual(await there.state());
    const rest = await here.state();
    expect(rest.differences).toEqual([]);
    expect(await giveBack(here, program, aRefund(purchase, purchase.totalMinor - 20_000))).toBe('applied');
    expect(await here.state()).toEqual(before);
  });

  it('gives a guest who claims a purchase what it was worth on the day', async () => {
    const here = await world();
    const guest = sold();
    await recordPurchase(here.ledger, then, guest, noon);
    const program = next(document);
    await putInForce(here.ledger, program);
    const claim = { member: { memberId: here.memberId }, totalMinor: guest.totalMinor };
    expect((await claimPurchase(here.ledger, program, guest.id, claim, noon)).type).toBe('claimed');
    const there = await world();
    await recordPurchase(there.ledger, then, sold(there.memberId), noon);
    expect(await here.state()).toEqual(await there.state());
    const record = await getPurchase(here.ledger, guest.id);
    expect(record?.programVersion).toBeUndefined();
    expect(record?.earning?.programVersion).toBe(then.version);
  });
});

it('a purchase that was kept before its programme was is claimed by the one in force', async () => {
  const { ledger, memberId, state } = await world();
  const guest = sold();
  const { store: engine } = ledger;
  const forgetting: typeof engine = {
    ...engine,
    transact: (writes) =>
      engine.transact(
        writes.map((write) => {
          if (!('put' in write)) return write;
          const { programVersion: _version, ...item } = write.put;
          return write.put.item === 'purchase' ? { ...write, put: item as typeof write.put } : write;
        }),
      ),
  };
  await recordPurchase({ ...ledger, store: forgetting }, then, guest, noon);
  const program = next({ campaigns: [], visits: undefined as never });
  await putInForce(ledger, program);
  const claim = { member: { memberId }, totalMinor: guest.totalMinor };
  await claimPurchase(ledger, program, guest.id, claim, noon);
  expect(await state()).toMatchObject({ balance: { available: 610 }, differences: [] });
});

it('what no programme says is what the purchase was paid in: a refund in another currency is shown', async () => {
  const here = await world();
  const purchase = sold(here.memberId);
  await recordPurchase(here.ledger, then, purchase, noon);
  const dollars = { ...aRefund(purchase, 100), currency: 'USD' };
  expect(await giveBack(here, then, dollars)).toBe('rejected');
  expect(refuseRefund({ ...dollars, currency: 'ZZZ' }, noon)).toMatchObject({
    code: 'currency_not_supported',
    errors: [{ path: 'currency', message: 'must be an ISO 4217 currency; ZZZ is not' }],
  });
});
