/** Every entry is found by its id alone, at once; and a quote is what posting gives. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MemberId } from '../../core/contract/ids.ts';
import { entryIdOf } from '../../core/contract/ids.ts';
import {
  findEntry,
  getAccount,
  getPurchase,
  listEntries,
  quotePurchase,
  recordPurchase,
  recordRefund,
} from '../../ledger/ledger.ts';
import { keys, toItem } from '../../ledger/store/items.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import {
  bought,
  history,
  newMember,
  play,
  purchaseOf,
  putInForce,
  richProgram,
} from '../support/histories.ts';
import { aPurchase, aRefund, defaultProgram, noon, runs, testContext } from '../support/world.ts';
import { type Engine, engines } from './engines.ts';

const program = richProgram();

describe.each(Object.entries(engines))('finding entries and quoting on %s', (_name, { wanted, start }) => {
  let engine: Engine;
  beforeAll(async () => {
    if (wanted) engine = await start();
  });
  afterAll(async () => {
    await engine?.stop();
  });
  const test = it.skipIf(!wanted);
  const newLedger = async () => {
    const ledger = testContext(await engine.newStore());
    await putInForce(ledger, program);
    return ledger;
  };

  test('finds each entry of a history by its id', async () => {
    await fc.assert(
      fc.asyncProperty(history, async (steps) => {
        const ledger = await newLedger();
        const memberId = await newMember(ledger, program);
        await newMember(ledger, program);
        await play(ledger, program, memberId, steps);
        const entries = await listEntries(ledger, memberId, { limit: 1000 });
        for (const entry of entries) expect((await findEntry(ledger, entry.entryId))?.entry).toEqual(entry);
        expect(new Set(entries.map((entry) => entry.entryId)).size).toBe(entries.length);
      }),
      runs(Math.ceil(engine.runs / 10)),
    );
  });

  test('finds nothing for an id that is another in any part of it', async () => {
    const ledger = await newLedger();
    const memberId = await newMember(ledger, program);
    expect(await findEntry(ledger, entryIdOf(noon, memberId, 2))).toBeDefined();
    expect(await findEntry(ledger, entryIdOf(noon + 1, memberId, 2))).toBeUndefined();
    expect(await findEntry(ledger, entryIdOf(noon, memberId, 3))).toBeUndefined();
    const unknown = 'mem_01JD0000000000000000000000' as MemberId;
    expect(await findEntry(ledger, entryIdOf(noon, unknown, 2))).toBeUndefined();
  });

  test('brings what an entry names: its programme, its purchase, and the account before a change of tier', async () => {
    const ledger = await newLedger();
    const memberId = await newMember(ledger, program);
    const purchase = aPurchase([60_000], { member: { memberId } });
    await recordPurchase(ledger, program, purchase, noon);
    await recordRefund(ledger, program, aRefund(purchase, 30_000), noon);
    const [clawedBack, earned, welcome] = await listEntries(ledger, memberId, { limit: 3 });
    if (!clawedBack || !earned || !welcome) throw new Error('There are four entries.');
    const found = await findEntry(ledger, earned.entryId);
    expect(found?.program?.version).toBe(1);
    expect(found?.purchase).toMatchObject({ memberId, purchase: { id: purchase.id } });
    expect(found?.before).toMatchObject({ version: 2, tier: { id: 'ami' } });
    const refunded = await findEntry(ledger, clawedBack.entryId);
    expect(refunded?.purchase?.purchase.id).toBe(purchase.id);
    expect(refunded?.before).toMatchObject({ version: 3, tier: { id: 'complice' } });
    expect((await findEntry(ledger, welcome.entryId))?.before).toBeUndefined();
  });

  test('quotes exactly what posting then earns', async () => {
    await fc.assert(
      fc.asyncProperty(history, bought, fc.nat(100), async (steps, buy, days) => {
        const ledger = await newLedger();
        const memberId = await newMember(ledger, program);
        const now = (await play(ledger, program, memberId, steps)) + days * 86_400_000;
        const purchase = purchaseOf(buy, memberId, now);
        const quote = await quotePurchase(ledger, program, purchase, false, now);
        await recordPurchase(ledger, program, purchase, now);
        const posted = await getPurchase(ledger, purchase.id);
        expect(quote.basis.points).toBe(posted?.earning?.points);
        const [entry] = await listEntries(ledger, memberId, { limit: 1 });
        expect(quote.basis).toEqual(entry?.basis);
      }),
      runs(engine.runs),
    );
  });

  test('shows a guest, and who is not known, what a new member would earn', async () => {
    const ledger = await newLedger();
    const memberId = await newMember(ledger, program);
    const guest = aPurchase([12_345]);
    const strange = { ...guest, member: { email: 'nobody@example.com' } };
    const known = { ...guest, member: { memberId } };
    const [first, second, third] = await Promise.all(
      [guest, strange, known].map((one) => quotePurchase(ledger, program, one, false, noon)),
    );
    const member = {
      memberId: 'guest',
      tier: 'ami',
      since: new Date(noon).toISOString().replace('.000', ''),
      purchases: 0,
    };
    expect(first).toEqual({ basis: third?.basis, member, rewards: [] });
    expect(second).toEqual(first);
  });

  test('offers the rewards that the points reach and the tier allows', async () => {
    const ledger = await newLedger();
    const rules = defaultProgram({ bonuses: {} });
    const memberId = await newMember(ledger, rules);
    const offered = async (now: number) => {
      const quote = await quotePurchase(ledger, rules, aPurchase([1], { member: { memberId } }), false, now);
      return quote.rewards.map(({ id }) => id);
    };
    expect(await offered(noon)).toEqual([]);
    const buy = async (amount: number, channel: 'store' | 'web') => {
      const { id, ...purchase } = aPurchase([amount], { member: { memberId }, channel });
      await recordPurchase(ledger, rules, { ...purchase, id: `${channel}:${id.slice(6)}` }, noon);
    };
    await buy(9_900, 'store');
    expect(await offered(noon)).toEqual([]);
    await buy(100, 'store');
    expect(await offered(noon)).toEqual(['five-euros', 'plant-a-tree']);
    // Pending points cannot be spent yet; a day later than their day they can.
    await buy(110_000, 'web');
    expect(await offered(noon)).toEqual(['five-euros', 'plant-a-tree']);
    const all = rules.rewards.map(({ id }) => id);
    expect(await offered(noon + 30 * 86_400_000)).toEqual(all);
    const account = await getAccount(ledger, memberId);
    if (!account) throw new Error('The member has an account.');
    const lower = { ...account, tier: { id: 'ami', validUntil: null, steps: [] } };
    await ledger.store.transact([{ put: toItem(keys.account(memberId), 'account', lower) }]);
    expect(await offered(noon + 30 * 86_400_000)).toEqual(all.filter((id) => id !== 'vip-evening'));
  });
});

it('a quote writes nothing', async () => {
  const store = createMemoryStore();
  const ledger = testContext(store);
  const memberId = await newMember(ledger, program);
  await recordPurchase(ledger, program, aPurchase([5000], { member: { memberId } }), noon);
  const before = store.items();
  await quotePurchase(
    ledger,
    program,
    aPurchase([5000], { member: { memberId } }),
    false,
    noon + 900 * 86_400_000,
  );
  expect(store.items()).toEqual(before);
});
