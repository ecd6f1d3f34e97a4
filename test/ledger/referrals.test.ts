/** Referrals beside what else happens: refunds at the same moment, refunds that move no points, days that pass. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { balanceOf, withoutListeners } from '../../core/account.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import type { Program } from '../../core/program.ts';
import { replay } from '../../core/replay.ts';
import { createMemoryErasureList } from '../../ledger/erasure/list.ts';
import {
  enrol,
  eraseMember,
  getAccount,
  getReferral,
  listEntries,
  recordPurchase,
  recordRefund,
  referralCode,
  settleReferral,
} from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { keys, toItem } from '../../ledger/store/items.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import type { Store, Write } from '../../ledger/store/store.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { runNight } from '../support/night.ts';
import { watched } from '../support/stores.ts';
import { aPurchase, aRefund, defaultProgram, isShort, noon, sha256, testContext } from '../support/world.ts';
import { type Engine, engines } from './engines.ts';

const program = defaultProgram();
/** The midnight at which what was bought on the web at noon is no longer pending. */
const released = Date.parse('2026-12-05T23:00:00Z');

function giftCard(memberId: MemberId, more: Parameters<typeof aPurchase>[1] = {}): RecordedPurchase {
  const purchase = aPurchase([2000], { member: { memberId }, ...more });
  return { ...purchase, lines: purchase.lines.map((line) => ({ ...line, category: 'gift-card' })) };
}

/** Whether a transaction is one that settles a referral. */
function settles(writes: readonly Write[]): boolean {
  return writes.some((write) => 'put' in write && write.put.item === 'referral');
}

describe('the history of a newcomer who buys too little', () => {
  it.skipIf(isShort)('is not read again and again, and what counts is found all the same', async () => {
    const store = createMemoryStore();
    const ledger = testContext(store);
    await putInForce(ledger, program);
    const joined = async (wanted: Parameters<typeof enrol>[2]) => {
      const outcome = await enrol(ledger, program, wanted, noon);
      if (outcome.type !== 'enrolled') throw new Error('The member exists already.');
      return outcome.member.account.memberId;
    };
    const referrer = await joined({});
    const newcomer = await joined({ referralCode: referralCode(ledger, referrer) });
    const post = async (amount: number, more: Parameters<typeof aPurchase>[1] = {}) => {
      const purchase = aPurchase([amount], { member: { memberId: newcomer }, ...more });
      await recordPurchase(ledger, program, purchase, noon);
      return purchase;
    };
    /** Entries that settling reads. */
    const settling = async (rules: Program = program, now = noon) => {
      let read = 0;
      const query: Store['query'] = async (pk, range) => {
        const page = await store.query(pk, range);
        if (range.prefix.startsWith('ENTRY')) read += page.length;
        return page;
      };
      await settleReferral({ ...ledger, store: { ...store, query } }, rules, newcomer, now);
      return read;
    };
    const status = async () => (await getReferral(ledger, newcomer))?.status;
    for (let count = 0; count < 2500; count++) await post(100);
    expect(await settling()).toBeGreaterThan(2500);
    expect(await settling()).toBe(0);
    for (let count = 0; count < 300; count++) {
      await post(100);
      expect(await settling()).toBeLessThanOrEqual(55);
    }
    // A pending one is remembered while the others go on, and counts from its day on.
    await post(2500, { channel: 'web', id: 'web:pending', occurredAt: '2026-11-22T11:00:00Z' });
    for (let count = 0; count < 200; count++) await post(100);
    await settling();
    expect([await settling(), await status()]).toEqual([0, 'waiting']);
    await settling(program, released);
    expect(await status()).toBe('paid');
    expect((await getReferral(ledger, newcomer))?.paid?.purchaseId).toBe('web:pending');
  });

  it('is noted where many came since it was last noted, and not for a few', async () => {
    const ledger = testContext(createMemoryStore());
    await putInForce(ledger, program);
    const referrer = await newMember(ledger, program);
    const code = referralCode(ledger, referrer);
    const joined = await enrol(ledger, program, { referralCode: code }, noon);
    if (joined.type !== 'enrolled') throw new Error('The member exists already.');
    const { memberId } = joined.member.account;
    const seen = async () => (await getReferral(ledger, memberId))?.seen?.sequence;
    const post = async (count: number) => {
      for (let at = 0; at < count; at++)
        await recordPurchase(ledger, program, aPurchase([100], { member: { memberId } }), noon);
      await settleReferral(ledger, program, memberId, noon);
    };
    await post(40);
    expect(await seen()).toBeUndefined();
    await post(20);
    const noted = await seen();
    expect(noted).toBeGreaterThanOrEqual(60);
    await post(40);
    expect(await seen()).toBe(noted);
    await post(10);
    expect(await seen()).toBe((noted ?? 0) + 50);
  });

  it('is looked at by the minimum of each purchase’s own currency', async () => {
    for (const [amount, status] of [
      [2999, 'waiting'],
      [3000, 'paid'],
    ] as const) {
      const ledger = testContext(createMemoryStore());
      await putInForce(ledger, program);
      const first = await enrol(ledger, program, {}, noon);
      if (first.type !== 'enrolled') throw new Error('The member exists already.');
      const code = referralCode(ledger, first.member.account.memberId);
      const second = await enrol(ledger, program, { referralCode: code }, noon);
      if (second.type !== 'enrolled') throw new Error('The member exists already.');
      const { memberId } = second.member.account;
      const purchase = aPurchase([amount], { currency: 'JPY', member: { memberId } });
      await recordPurchase(ledger, program, purchase, noon);
      await settleReferral(ledger, program, memberId, noon);
      const referral = await getReferral(ledger, memberId);
      expect([amount, referral?.status]).toEqual([amount, status]);
      if (status === 'paid') expect(referral?.paid?.minimumMinor).toBe(3000);
    }
  });

  /** As it was written before minimums were per currency. */
  async function seenWithOneAmount(ledger: LedgerContext, newcomer: MemberId): Promise<void> {
    const known = await getReferral(ledger, newcomer);
    if (!known?.seen) throw new Error('Nothing was noted.');
    const old = { ...known, seen: { ...known.seen, minimumMinor: 2000 } };
    await ledger.store.transact([{ put: toItem(keys.referral(newcomer), 'referral', old) }]);
  }

  it.each([false, true])(
    'is read anew when the minimum is lowered (as it was before: %s)',
    async (asBefore) => {
      const ledger = testContext(createMemoryStore());
      await putInForce(ledger, program);
      const outcomes = [await enrol(ledger, program, {}, noon)];
      const [first] = outcomes;
      if (first?.type !== 'enrolled') throw new Error('The member exists already.');
      const code = referralCode(ledger, first.member.account.memberId);
      const second = await enrol(ledger, program, { referralCode: code }, noon);
      if (second.type !== 'enrolled') throw new Error('The member exists already.');
      const { memberId } = second.member.account;
      for (let count = 0; count < 120; count++)
        await recordPurchase(ledger, program, aPurchase([1500], { member: { memberId } }), noon);
      await settleReferral(ledger, program, memberId, noon);
      if (asBefore) await seenWithOneAmount(ledger, memberId);
      const { referral } = program.bonuses;
      if (!referral) throw new Error('There are no referrals.');
      const lower = {
        ...program,
        bonuses: { ...program.bonuses, referral: { ...referral, minimumMinor: 1000 } },
      };
      await settleReferral(ledger, lower, memberId, noon);
      expect((await getReferral(ledger, memberId))?.status).toBe('paid');
    },
  );
});

describe.each(Object.entries(engines))('a referral on %s', (_name, { wanted, start }) => {
  let engine: Engine;
  beforeAll(async () => {
    if (wanted) engine = await start();
  });
  afterAll(async () => {
    await engine?.stop();
  });
  const test = it.skipIf(!wanted);

  const referred = async () => {
    const ledger = testContext(await engine.newStore());
    await putInForce(ledger, program);
    const newMember = async (wantedMember: Parameters<typeof enrol>[2]) => {
      const outcome = await enrol(ledger, program, wantedMember, noon);
      if (outcome.type !== 'enrolled') throw new Error('The member exists already.');
      return outcome.member.account.memberId;
    };
    const referrer = await newMember({ email: 'ann@example.com' });
    const newcomer = await newMember({ referralCode: referralCode(ledger, referrer) });
    const buy = async (purchase: RecordedPurchase) => {
      await recordPurchase(ledger, program, purchase, noon);
      return purchase;
    };
    const available = async () =>
      Promise.all([referrer, newcomer].map((memberId) => availableOf(ledger, memberId)));
    return { ledger, referrer, newcomer, buy, available };
  };

  /** What a member may spend, after checking that the account is what its entries add up to. */
  async function availableOf(ledger: LedgerContext, memberId: MemberId): Promise<number> {
    const account = await getAccount(ledger, memberId);
    const entries = await listEntries(ledger, memberId, { limit: 1000 });
    expect(replay(memberId, entries.reverse(), sha256)).toEqual(account && withoutListeners(account));
    if (!account) throw new Error(`${memberId} has no account.`);
    return balanceOf(account).available;
  }

  /** The ledger as somebody sees it who is overtaken once, just before settling a referral. */
  function overtaken(ledger: LedgerContext, by: () => Promise<unknown>): LedgerContext {
    let once = false;
    const before = async (writes: readonly Write[]) => {
      if (once || !settles(writes)) return;
      once = true;
      await by();
    };
    return { ...ledger, store: watched(ledger.store, before) };
  }

  /** Only who brought somebody is given points: the newcomer's account says nothing of what happens to it. */
  const oneSided = (perMonth: number) => {
    const referral = { referrer: 200, referee: 0, minimumMinor: 2000, perMonth };
    return { ...program, bonuses: { ...program.bonuses, referral } };
  };

  test('is not paid for a purchase that is refunded at the same moment', async () => {
    for (const rules of [program, oneSided(10)]) {
      const { ledger, newcomer, buy, available } = await referred();
      const purchase = await buy(giftCard(newcomer));
      const refund = () => recordRefund(ledger, rules, aRefund(purchase, 1), noon);
      await settleReferral(overtaken(ledger, refund), rules, newcomer, noon);
      expect(await available()).toEqual([50, 50]);
      expect(await getReferral(ledger, newcomer)).toMatchObject({ status: 'waiting' });
    }
  });

  test('is not refused for the month’s limit on account of such a purchase', async () => {
    const { ledger, newcomer, buy } = await referred();
    const rules = oneSided(0);
    const purchase = await buy(giftCard(newcomer));
    const refund = () => recordRefund(ledger, rules, aRefund(purchase, 1), noon);
    await settleReferral(overtaken(ledger, refund), rules, newcomer, noon);
    expect(await getReferral(ledger, newcomer)).toMatchObject({ status: 'waiting' });
  });

  test('is decided again where the purchase changes while it is taken back', async () => {
    const { ledger, newcomer, buy, available } = await referred();
    const rules = oneSided(10);
    const purchase = await buy(aPurchase([3000], { member: { memberId: newcomer } }));
    await settleReferral(ledger, rules, newcomer, noon);
    expect(await available()).toEqual([250, 80]);
    await recordRefund(ledger, rules, aRefund(purchase, 2000), noon);
    let attempts = 0;
    const counted = watched(ledger.store, async (writes) => {
      attempts += settles(writes) ? 1 : 0;
    });
    const refund = () => recordRefund(ledger, rules, aRefund(purchase, 1000), noon);
    const late = overtaken({ ...ledger, store: counted }, refund);
    await settleReferral(late, rules, newcomer, noon);
    expect(attempts).toBe(2);
    expect(await available()).toEqual([50, 50]);
  });

  test('goes back with a gift card, whose refund is an entry without points', async () => {
    const { ledger, newcomer, buy, available } = await referred();
    const purchase = await buy(giftCard(newcomer));
    await settleReferral(ledger, program, newcomer, noon);
    expect(await available()).toEqual([250, 150]);
    const { record } = await recordRefund(ledger, program, aRefund(purchase, { '1': 2000 }), noon);
    expect(record).toMatchObject({ status: 'applied', clawedBack: 0, debt: 0 });
    const [entry] = await listEntries(ledger, newcomer, { limit: 1 });
    expect(entry).toMatchObject({
      type: 'clawed_back',
      cause: { id: record.refundId },
      postings: [],
      lots: [],
    });
    await settleReferral(ledger, program, newcomer, noon);
    expect(await available()).toEqual([50, 50]);
    // More than all of it changes nothing, and says nothing.
    await recordRefund(ledger, program, aRefund(purchase, { '1': 1 }), noon);
    const [last] = await listEntries(ledger, newcomer, { limit: 1 });
    expect(last).toMatchObject({ type: 'bonus_taken_back' });
  });

  test('is not paid for what cost nothing, and goes back with all of a purchase, where there is no minimum', async () => {
    const { ledger, newcomer, buy, available } = await referred();
    const referral = { referrer: 200, referee: 100, minimumMinor: 0, perMonth: 10 };
    const rules = { ...program, bonuses: { ...program.bonuses, referral } };
    await buy(aPurchase([0], { member: { memberId: newcomer } }));
    await settleReferral(ledger, rules, newcomer, noon);
    expect(await available()).toEqual([50, 50]);
    const purchase = await buy(aPurchase([100], { member: { memberId: newcomer } }));
    await settleReferral(ledger, rules, newcomer, noon);
    expect(await available()).toEqual([250, 151]);
    await recordRefund(ledger, rules, aRefund(purchase, { '1': 100 }), noon);
    await settleReferral(ledger, rules, newcomer, noon);
    expect(await available()).toEqual([50, 50]);
  });

  test('gives its place in the month back, also where only the newcomer is given points', async () => {
    for (const points of [200, 0]) {
      const { ledger, referrer, newcomer, buy } = await referred();
      const referral = { referrer: points, referee: 100, minimumMinor: 2000, perMonth: 1 };
      const rules = { ...program, bonuses: { ...program.bonuses, referral } };
      const bought = await buy(aPurchase([2000], { member: { memberId: newcomer } }));
      await settleReferral(ledger, rules, newcomer, noon);
      expect((await getReferral(ledger, newcomer))?.status).toBe('paid');
      await recordRefund(ledger, rules, aRefund(bought, 2000), noon);
      await settleReferral(ledger, rules, newcomer, noon);
      const next = await enrol(ledger, rules, { referralCode: referralCode(ledger, referrer) }, noon);
      if (next.type !== 'enrolled') throw new Error('The member exists already.');
      const { memberId } = next.member.account;
      await buy(aPurchase([2000], { member: { memberId } }));
      await settleReferral(ledger, rules, memberId, noon);
      expect([points, (await getReferral(ledger, memberId))?.status]).toEqual([points, 'paid']);
    }
  });

  test('is settled by the night where the pending period ends without a point moving', async () => {
    const { ledger, newcomer, buy, available } = await referred();
    await buy(giftCard(newcomer, { channel: 'web', id: 'web:GIFT' }));
    await settleReferral(ledger, program, newcomer, noon);
    await runNight(ledger, program, released - 1);
    expect(await available()).toEqual([50, 50]);
    await runNight(ledger, program, released);
    await runNight(ledger, program, released + 1);
    expect(await available()).toEqual([250, 150]);
    // Nobody has to look again.
    const { keys: due } = await ledger.store.scan(['due'], { limit: 1000 });
    expect(due.filter(({ sk }) => sk.endsWith('#REFERRAL'))).toEqual([]);
  });

  test('whose referrer leaves while it is settled stays a referral by nobody', async () => {
    const { ledger, referrer, newcomer, buy } = await referred();
    // For the one who settles late the month is full; of who has left nothing is counted.
    const rules = oneSided(0);
    await buy(aPurchase([3000], { member: { memberId: newcomer } }));
    const leave = async () => {
      const request = { memberId: referrer, operator: { keyId: 'key_test', name: 'Tess' }, reason: null };
      await eraseMember(ledger, createMemoryErasureList(), rules, request, noon, () => true);
      await settleReferral(ledger, rules, newcomer, noon);
    };
    await settleReferral(overtaken(ledger, leave), rules, newcomer, noon);
    expect(await getReferral(ledger, newcomer)).toMatchObject({ status: 'paid', referrerId: null });
  });

  test('is not paid by the night for what was given back in the pending period', async () => {
    const { ledger, newcomer, buy, available } = await referred();
    const purchase = await buy(giftCard(newcomer, { channel: 'web', id: 'web:GIFT' }));
    await settleReferral(ledger, program, newcomer, noon);
    await recordRefund(ledger, program, aRefund(purchase, 1), noon);
    await runNight(ledger, program, released);
    expect(await available()).toEqual([50, 50]);
  });

  test('costs the night nothing for members who wait for none', async () => {
    const { ledger, referrer, buy } = await referred();
    await buy(aPurchase([2000], { channel: 'web', id: 'web:PLAIN', member: { memberId: referrer } }));
    // A night looks once at whoever has joined.
    await runNight(ledger, program, released - 1);
    const store = watched(ledger.store);
    await runNight({ ...ledger, store }, program, released);
    // The account, and nothing else of a member.
    expect(store.reads.filter((pk) => pk.startsWith('MEMBER#'))).toEqual([`MEMBER#${referrer}`]);
  });

  test('reads no purchase that was too small from the start', async () => {
    const { ledger, newcomer, buy } = await referred();
    for (let small = 0; small < 5; small++) await buy(aPurchase([1999], { member: { memberId: newcomer } }));
    const large = await buy(aPurchase([2000], { member: { memberId: newcomer } }));
    const store = watched(ledger.store);
    await settleReferral({ ...ledger, store }, program, newcomer, noon);
    expect(store.reads.filter((pk) => pk.startsWith('PURCHASE#'))).toEqual([`PURCHASE#${large.id}`]);
    expect(await getReferral(ledger, newcomer)).toMatchObject({ status: 'paid' });
  });
});
