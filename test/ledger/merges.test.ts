/**
 * Two members of one person: whatever both have lived, merged at any point, nothing is doubled and nothing lost, the
 * entries add up, and all that comes for the one who was merged arrives.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Account, balanceOf, posted } from '../../core/account.ts';
import { compileCandidate } from '../../core/backtest/candidate.ts';
import { replayMember } from '../../core/backtest/member.ts';
import type { MemberWindow } from '../../core/backtest/window.ts';
import type { EntryId, MemberId, RedemptionId } from '../../core/contract/ids.ts';
import { explain } from '../../core/explain.ts';
import { settle } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import { addMonths, monthOf } from '../../core/time.ts';
import { createMemoryErasureList } from '../../ledger/erasure/list.ts';
import {
  changeProfile,
  createRedemption,
  endRedemption,
  enrol,
  eraseMember,
  exportPhases,
  findEntry,
  getAccount,
  getEntry,
  getMember,
  getPurchase,
  getReferral,
  listEntries,
  listVouchers,
  mergeMembers,
  quotePurchase,
  type Redeemed,
  readWindows,
  recordPurchase,
  recordRefund,
  referralCode,
  resolveMember,
  settleReferrals,
  unmergeMembers,
  usableVouchers,
  useVoucher,
  verifyLedger,
  walkExport,
} from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { type ContactProof, keys, type Profile, toItem } from '../../ledger/store/items.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { putInForce, richProgram } from '../support/histories.ts';
import { type Life, live, steps as someSteps } from '../support/lives.ts';
import { runNight } from '../support/night.ts';
import { redeemed } from '../support/spending.ts';
import { aPurchase, aRefund, defaultProgram, noon, runs, testContext } from '../support/world.ts';

const hour = 3_600_000;
const day = 24 * hour;
const rich = richProgram();

async function newLedger(program: Program): Promise<LedgerContext> {
  const ledger = testContext(createMemoryStore());
  await putInForce(ledger, program);
  return ledger;
}

async function join(ledger: LedgerContext, program: Program, wanted: object = {}): Promise<MemberId> {
  const outcome = await enrol(ledger, program, wanted, noon);
  if (outcome.type !== 'enrolled') throw new Error('The member exists already.');
  return outcome.member.account.memberId;
}

async function accountOf(ledger: LedgerContext, memberId: MemberId): Promise<Account> {
  const account = await getAccount(ledger, memberId);
  if (!account) throw new Error(`${memberId} has no account.`);
  return account;
}

async function differences(ledger: LedgerContext) {
  return (await verifyLedger(ledger, { hasTime: () => true, differencesMax: 100 })).differences;
}

/** What accounts are worth together, with all that time has made true by an instant. */
async function worth(ledger: LedgerContext, program: Program, ids: readonly MemberId[], now: number) {
  let [points, earned, spent, expired] = [0, 0, 0, 0];
  for (const id of ids) {
    let account = await accountOf(ledger, id);
    for (let plan = settle(program, account, now); plan.entries.length > 0; )
      [account, plan] = [plan.account, settle(program, plan.account, now)];
    const { available, pending, held, debt } = balanceOf(account);
    points += available + pending + held - debt;
    earned += account.lifetime.earned;
    spent += account.lifetime.spent;
    expired += account.lifetime.expired;
  }
  return { points, earned, spent, expired };
}

/** What an account has, without what only says how it came about, and months that no window asks for any more. */
function having(account: Account, oldest = '') {
  const { lots, holds, held, debt, lifetime, tier, stamps, lastVisitAt, bonuses, purchases, freePlaces } =
    account;
  const qualifying = Object.entries(account.qualifying).filter(([month]) => month >= oldest);
  return {
    lots,
    holds,
    held,
    debt,
    lifetime,
    tier,
    qualifying,
    stamps,
    lastVisitAt,
    bonuses,
    purchases,
    freePlaces,
  };
}

/** What is given once and was given back by somebody who was merged, as long as they are. */
async function givenBackOnce(ledger: LedgerContext, memberId: MemberId): Promise<number> {
  const entries = await listEntries(ledger, memberId, { limit: 1000 });
  const once = entries.filter(
    ({ type, cause, bonus }) =>
      (type === 'bonus_taken_back' || type === 'bonus') &&
      (cause.type === 'enrolment' || cause.type === 'profile') &&
      bonus === undefined,
  );
  return once.reduce(
    (sum, entry) => sum + posted(entry, 'programme:clawed_back') + posted(entry, 'programme:issued'),
    0,
  );
}

/** Without an erasure, which ends everything. */
const lived = someSteps.map((all) => all.filter(({ act }) => act.type !== 'erase').slice(0, 8));

/** Two members with their lives behind them. */
async function two(
  program: Program,
  [one, other]: readonly [Parameters<typeof live>[3], Parameters<typeof live>[3]],
) {
  const ledger = await newLedger(program);
  const [into, from] = [await join(ledger, program), await join(ledger, program)];
  const lives: Life[] = [];
  let now = noon;
  for (const [memberId, steps] of [
    [into, one],
    [from, other],
  ] as const) {
    const done = await live(ledger, program, memberId, steps, undefined, { at: now, lives: [] });
    lives.push(done.life);
    now = done.now;
  }
  return { ledger, into, from, lives, now: now + hour };
}

describe('for any two lives', () => {
  it('merging conserves the sums, further lives go on as one, and the entries add up', async () => {
    await fc.assert(
      fc.asyncProperty(lived, lived, lived, fc.boolean(), async (one, other, then, byOld) => {
        const { ledger, into, from, lives, now } = await two(rich, [one, other]);
        const before = await worth(ledger, rich, [into, from], now);
        expect((await mergeMembers(ledger, rich, { into, from }, now)).type).toBe('done');
        const once = await givenBackOnce(ledger, from);
        const { points, earned, ...rest } = before;
        expect(await worth(ledger, rich, [into, from], now)).toEqual({
          ...{ points: points - once, earned: earned - once, ...rest },
        });
        expect(having(await accountOf(ledger, from))).toMatchObject({
          lots: [],
          held: 0,
          debt: 0,
          stamps: {},
        });
        const begun = { at: now, lives };
        const after = await live(ledger, rich, byOld ? from : into, then, undefined, begun);
        expect(await differences(ledger)).toEqual([]);
        await runNight(ledger, rich, after.now + 40 * day);
        expect(await differences(ledger)).toEqual([]);
      }),
      runs(50),
    );
  }, 240_000);

  it('a merge that is undone at once leaves both as they were', async () => {
    await fc.assert(
      fc.asyncProperty(lived, lived, async (one, other) => {
        const { ledger, into, from, now } = await two(rich, [one, other]);
        // Both as time has made them, so that nothing but the merge makes a difference.
        for (const id of [into, from]) await changeProfile(ledger, rich, id, { name: 'N' }, now);
        const oldest = addMonths(monthOf(now, rich.timeZone), -11);
        const both = async () =>
          [await accountOf(ledger, into), await accountOf(ledger, from)].map((one) => having(one, oldest));
        const before = await both();
        await mergeMembers(ledger, rich, { into, from }, now);
        expect((await unmergeMembers(ledger, rich, { into, from }, now)).type).toBe('done');
        expect(await both()).toEqual(before);
        expect(await differences(ledger)).toEqual([]);
      }),
      runs(50),
    );
  }, 240_000);

  it('a merge that is undone later doubles nothing and loses nothing', async () => {
    await fc.assert(
      fc.asyncProperty(lived, lived, lived, lived, async (one, other, then, later) => {
        const { ledger, into, from, lives, now } = await two(rich, [one, other]);
        await mergeMembers(ledger, rich, { into, from }, now);
        const soon = then.map(({ act }) => ({ act, hours: 20 }));
        const { life, now: at } = await live(ledger, rich, into, soon, undefined, { at: now, lives });
        const { points, earned, ...rest } = await worth(ledger, rich, [into, from], at);
        const once = await givenBackOnce(ledger, from);
        expect((await unmergeMembers(ledger, rich, { into, from }, at)).type).toBe('done');
        expect(await givenBackOnce(ledger, from)).toBe(0);
        expect(await worth(ledger, rich, [into, from], at)).toEqual({
          ...{ points: points + once, earned: earned + once, ...rest },
        });
        expect(await differences(ledger)).toEqual([]);
        await live(ledger, rich, from, later, undefined, { at, lives: [life] });
        expect(await differences(ledger)).toEqual([]);
      }),
      runs(50),
    );
  }, 240_000);

  it('what is bought on either side and wholly returned leaves what was there before', async () => {
    const amounts = fc.array(fc.integer({ min: 100, max: 90_000 }), { minLength: 1, maxLength: 4 });
    await fc.assert(
      fc.asyncProperty(amounts, amounts, fc.boolean(), async (one, other, firstInto) => {
        const program = defaultProgram();
        const ledger = await newLedger(program);
        const [into, from] = [await join(ledger, program), await join(ledger, program)];
        const buy = async (memberId: MemberId, amount: number) => {
          const purchase = aPurchase([amount], { member: { memberId } });
          await recordPurchase(ledger, program, purchase, noon);
          return purchase;
        };
        const bought = [];
        for (const amount of one) bought.push(await buy(into, amount));
        for (const amount of other) bought.push(await buy(from, amount));
        await mergeMembers(ledger, program, { into, from }, noon);
        for (const purchase of firstInto ? bought : bought.toReversed())
          await recordRefund(ledger, program, aRefund(purchase, { '1': purchase.totalMinor }), noon);
        const { tier, qualifying, debt, stamps } = await accountOf(ledger, into);
        expect({ tier, qualifying, debt, stamps }).toEqual({
          tier: { id: 'ami', validUntil: null, steps: [] },
          qualifying: {},
          debt: 0,
          stamps: {},
        });
        // What both got for joining is given once.
        const once = 100 - (await givenBackOnce(ledger, from));
        expect(once).toBe(50);
        expect(balanceOf(await accountOf(ledger, into)).available).toBe(once);
        expect(await differences(ledger)).toEqual([]);
      }),
      runs(100),
    );
  }, 240_000);
});

describe('once merged', () => {
  const program = defaultProgram();
  const bought = { occurredAt: new Date(noon).toISOString() };

  async function both(wanted: object = {}, other: object = {}) {
    const ledger = await newLedger(program);
    const into = await join(ledger, program, { email: 'ada@example.com', ...wanted });
    const from = await join(ledger, program, { phone: '+33612345678', ...other });
    return { ledger, into, from };
  }

  it('whatever names the one leads to the other, and what is lacking is taken over', async () => {
    const { ledger, into, from } = await both(
      { consents: { email: true, sms: true } },
      {
        name: 'Ada',
        birthday: '1990-05-05',
        email: 'ada@work.example.com',
        consents: { email: false, post: true },
      },
    );
    const old = await getMember(ledger, from);
    await mergeMembers(ledger, program, { into, from }, noon);
    const { account, profile } = (await getMember(ledger, from)) ?? {};
    expect(account?.memberId).toBe(into);
    expect(profile).toMatchObject({
      memberId: into,
      name: 'Ada',
      email: 'ada@example.com',
      phone: '+33612345678',
      birthday: '1990-05-05',
      consents: { email: { granted: false }, sms: { granted: true }, post: { granted: true } },
    });
    for (const reference of [
      { email: 'ada@work.example.com' },
      { phone: '+33612345678' },
      { cardNumber: old?.profile.cardNumber ?? '' },
      { memberId: from },
    ]) {
      const purchase = aPurchase([1000], { ...bought, member: reference });
      const { record } = await recordPurchase(ledger, program, purchase, noon);
      expect(record.memberId).toBe(into);
      expect(
        (await getMember(ledger, (await resolveMember(ledger, reference)) as MemberId))?.account.memberId,
      ).toBe(into);
    }
    const changed = await changeProfile(ledger, program, from, { email: 'ada@work.example.com' }, noon);
    expect(changed).toMatchObject({
      type: 'changed',
      member: { profile: { email: 'ada@work.example.com' } },
    });
    expect(await differences(ledger)).toEqual([]);
  });

  it('each has again what was theirs, but for what was changed since and contacts that are another’s', async () => {
    const { ledger, into, from } = await both(
      { email: undefined, consents: { email: true, sms: true } },
      {
        name: 'Ada',
        birthday: '1990-05-05',
        email: 'ada@work.example.com',
        locale: 'fr',
        consents: { email: false, post: true },
      },
    );
    const merge = { into, from };
    await mergeMembers(ledger, program, merge, noon);
    const change = { phone: '+33698765432', name: 'Ada L.', consents: { post: false } };
    expect(await changeProfile(ledger, program, into, change, noon)).toMatchObject({ type: 'changed' });
    const third = await join(ledger, program, { phone: '+33612345678' });
    expect((await unmergeMembers(ledger, program, merge, noon)).type).toBe('done');
    expect((await getMember(ledger, into))?.profile).toMatchObject({
      name: 'Ada L.',
      email: null,
      phone: '+33698765432',
      birthday: null,
      consents: { email: { granted: true }, sms: { granted: true }, post: { granted: false } },
    });
    expect((await getMember(ledger, from))?.profile).toMatchObject({
      memberId: from,
      name: 'Ada',
      email: 'ada@work.example.com',
      phone: null,
      birthday: '1990-05-05',
      consents: { email: { granted: false }, post: { granted: true } },
    });
    const led = async (reference: Parameters<typeof resolveMember>[1]) => resolveMember(ledger, reference);
    expect([
      await led({ email: 'ada@work.example.com' }),
      await led({ phone: '+33612345678' }),
      await led({ phone: '+33698765432' }),
    ]).toEqual([from, third, into]);
    expect(await differences(ledger)).toEqual([]);
  });

  it('nobody is merged with themselves, with who is not there or with who has left', async () => {
    const { ledger, into, from } = await both();
    const nobody = 'mem_01JD0000000000000000000000' as MemberId;
    const merge = (one: MemberId, other: MemberId) =>
      mergeMembers(ledger, program, { into: one, from: other }, noon);
    const before = [await getMember(ledger, into), await getMember(ledger, from)];
    expect([await merge(into, into), await merge(into, nobody), await merge(nobody, into)]).toEqual([
      { type: 'refused', reason: 'A member cannot be merged into themselves.' },
      { type: 'missing', field: 'from' },
      { type: 'missing', field: 'into' },
    ]);
    expect(await unmergeMembers(ledger, program, { into, from }, noon)).not.toMatchObject({ type: 'done' });
    expect([await getMember(ledger, into), await getMember(ledger, from)]).toEqual(before);
    const operator = { keyId: 'key_01JD0000000000000000000000', name: 'Tess' };
    const request = { memberId: from, operator, reason: null };
    await eraseMember(ledger, createMemoryErasureList(), program, request, noon, () => true);
    const gone = [await merge(into, from), await merge(from, into)];
    expect(gone).toEqual([
      { type: 'refused', reason: `${from} has left.` },
      { type: 'refused', reason: `${from} has left.` },
    ]);
  });

  it('a hold that was open is captured or cancelled by its id, and its voucher is found', async () => {
    const { ledger, into, from } = await both();
    await recordPurchase(
      ledger,
      program,
      aPurchase([40_000], { ...bought, member: { memberId: from } }),
      noon,
    );
    const ids: RedemptionId[] = [];
    for (let times = 0; times < 2; times++)
      await createRedemption(
        ledger,
        program,
        {
          member: { memberId: from },
          rewardId: 'free-coffee',
          mode: 'authorize',
          purchaseId: null,
          channel: 'store',
          paused: false,
        },
        {
          once: undefined,
          answer: (outcome: Redeemed) => {
            if (outcome.type === 'done') ids.push(outcome.record.redemptionId);
            return { status: 200, body: null };
          },
        },
        noon,
      );
    await mergeMembers(ledger, program, { into, from }, noon);
    expect(await accountOf(ledger, into)).toMatchObject({ held: 300 });
    const end = (redemptionId: RedemptionId, how: 'capture' | 'cancel') =>
      endRedemption(
        ledger,
        program,
        { redemptionId, end: how, mayUse: () => true },
        {
          once: undefined,
          answer: (outcome) => ({ status: 200, body: outcome }),
        },
        noon,
      );
    const [first, second] = ids as [RedemptionId, RedemptionId];
    expect(await end(first, 'capture')).toMatchObject({
      answer: { body: { type: 'done', vouchers: [{ memberId: into }] } },
    });
    expect(await end(first, 'capture')).toMatchObject({
      answer: { body: { type: 'done', vouchers: [{ memberId: into }] } },
    });
    expect(await end(second, 'cancel')).toMatchObject({
      answer: { body: { type: 'done', status: 'cancelled' } },
    });
    expect(balanceOf(await accountOf(ledger, into))).toMatchObject({ held: 0, available: 300 });
    expect(await differences(ledger)).toEqual([]);
  });

  it('vouchers keep their codes, and stamps of both fill a card', async () => {
    const { ledger, into, from } = await both();
    const coffees = (memberId: MemberId, quantity: number) => {
      const lines = [{ id: '1', sku: 'C', category: 'coffee', quantity, amountMinor: 100 * quantity }];
      const member = { memberId };
      return recordPurchase(ledger, program, aPurchase([100 * quantity], { ...bought, member, lines }), noon);
    };
    await coffees(from, 9);
    await coffees(into, 3);
    await mergeMembers(ledger, program, { into, from }, noon);
    const vouchers = await listVouchers(ledger, into, { limit: 10 });
    expect(vouchers.map(({ memberId }) => memberId).sort()).toEqual([into, from].sort());
    expect(await usableVouchers(ledger, await accountOf(ledger, into), noon)).toHaveLength(2);
    expect((await accountOf(ledger, into)).stamps).toEqual({ coffee: 2 });
    const old = vouchers.find(({ memberId }) => memberId === from);
    if (!old) throw new Error('The voucher of the other is listed.');
    const wanted = {
      voucher: old,
      channel: 'store' as const,
      purchaseId: null,
      amountMinor: undefined,
      paused: false,
    };
    const reply = { once: undefined, answer: (body: unknown) => ({ status: 200, body }) };
    expect(await useVoucher(ledger, program, wanted, reply, noon)).toMatchObject({
      answer: { body: { type: 'done' } },
    });
    expect(await usableVouchers(ledger, await accountOf(ledger, into), noon)).toHaveLength(1);
    await unmergeMembers(ledger, program, { into, from }, noon);
    expect(await accountOf(ledger, from)).toMatchObject({ stamps: { coffee: 4 } });
    expect(await accountOf(ledger, into)).toMatchObject({ stamps: { coffee: 3 } });
    expect(await usableVouchers(ledger, await accountOf(ledger, from), noon)).toHaveLength(0);
    expect(await differences(ledger)).toEqual([]);
  });

  it('one who owes and one who has are even, and each again what they were when they are parted', async () => {
    for (const owes of ['into', 'from'] as const) {
      const ledger = await newLedger({ ...program, bonuses: {} });
      const [into, from] = [
        await join(ledger, { ...program, bonuses: {} }),
        await join(ledger, { ...program, bonuses: {} }),
      ];
      const [debtor, other] = owes === 'into' ? [into, from] : [from, into];
      const first = aPurchase([10_000], { ...bought, member: { memberId: debtor } });
      await recordPurchase(ledger, program, first, noon);
      const reply = { once: undefined, answer: () => ({ status: 200, body: null }) };
      const request = {
        member: { memberId: debtor },
        rewardId: 'plant-a-tree',
        mode: 'capture' as const,
        purchaseId: null,
        channel: 'store' as const,
        paused: false,
      };
      await createRedemption(ledger, program, request, reply, noon);
      await recordRefund(ledger, program, aRefund(first, { '1': 10_000 }), noon);
      await recordPurchase(
        ledger,
        program,
        aPurchase([30_000], { ...bought, member: { memberId: other } }),
        noon,
      );
      const before = [await accountOf(ledger, into), await accountOf(ledger, from)].map((one) => having(one));
      await mergeMembers(ledger, program, { into, from }, noon);
      expect(balanceOf(await accountOf(ledger, into))).toEqual({
        available: 200,
        pending: 0,
        held: 0,
        debt: 0,
      });
      await unmergeMembers(ledger, program, { into, from }, noon);
      expect(
        [await accountOf(ledger, into), await accountOf(ledger, from)].map((one) => having(one)),
      ).toEqual(before);
      expect(await differences(ledger)).toEqual([]);
    }
  });

  it('chains lead to their end, and are undone from there', async () => {
    const { ledger, into: c, from: b } = await both();
    const a = await join(ledger, program);
    await mergeMembers(ledger, program, { into: b, from: a }, noon);
    expect(await mergeMembers(ledger, program, { into: c, from: a }, noon)).toMatchObject({
      type: 'refused',
    });
    await mergeMembers(ledger, program, { into: c, from: b }, noon);
    expect((await accountOf(ledger, c)).merged).toEqual([b, a]);
    expect(
      (await recordPurchase(ledger, program, aPurchase([100], { ...bought, member: { memberId: a } }), noon))
        .record.memberId,
    ).toBe(c);
    expect(await mergeMembers(ledger, program, { into: a, from: c }, noon)).toMatchObject({
      type: 'refused',
    });
    expect(await unmergeMembers(ledger, program, { into: b, from: a }, noon)).toMatchObject({
      type: 'refused',
    });
    expect(await unmergeMembers(ledger, program, { into: c, from: b }, noon)).toMatchObject({ type: 'done' });
    expect(await unmergeMembers(ledger, program, { into: b, from: a }, noon)).toMatchObject({ type: 'done' });
    for (const id of [a, b, c]) expect(await accountOf(ledger, id)).toMatchObject({ status: 'active' });
    expect(await mergeMembers(ledger, program, { into: c, from: c }, noon)).toMatchObject({
      type: 'refused',
    });
    expect(await differences(ledger)).toEqual([]);
  });

  it('it can be undone for thirty days, and done again it changes nothing', async () => {
    const { ledger, into, from } = await both();
    await mergeMembers(ledger, program, { into, from }, noon);
    const { version } = await accountOf(ledger, into);
    expect(await mergeMembers(ledger, program, { into, from }, noon)).toMatchObject({ type: 'done' });
    expect((await accountOf(ledger, into)).version).toBe(version);
    expect(await unmergeMembers(ledger, program, { into, from }, noon + 31 * day)).toMatchObject({
      type: 'refused',
    });
    expect(await unmergeMembers(ledger, program, { into, from }, noon + 29 * day)).toMatchObject({
      type: 'done',
    });
    expect(await unmergeMembers(ledger, program, { into, from }, noon + 29 * day)).toMatchObject({
      type: 'refused',
    });
    expect((await getMember(ledger, from))?.profile.phone).toBe('+33612345678');
    expect((await getMember(ledger, into))?.profile.phone).toBe(null);
  });

  it('nobody has brought themselves', async () => {
    const ledger = await newLedger(program);
    const referrer = await join(ledger, program, { email: 'ada@example.com' });
    const newcomer = await join(ledger, program, {
      email: 'b@example.com',
      referralCode: referralCode(ledger, referrer),
    });
    await recordPurchase(
      ledger,
      program,
      aPurchase([5_000], { ...bought, member: { memberId: newcomer } }),
      noon,
    );
    await settleReferrals(ledger, program, newcomer, noon);
    expect(balanceOf(await accountOf(ledger, referrer)).available).toBe(250);
    await mergeMembers(ledger, program, { into: referrer, from: newcomer }, noon);
    expect(await getReferral(ledger, newcomer)).toMatchObject({ status: 'refused', paid: null });
    expect(balanceOf(await accountOf(ledger, referrer)).available).toBe(100);
    expect(await differences(ledger)).toEqual([]);
  });

  it.each(
    (['referrer', 'newcomer'] as const).flatMap((stays) =>
      [0, 1, 2].map((spends) => [stays, spends] as const),
    ),
  )(
    'parting gives back what was taken since they were one: the %s stays, and %d of them had spent',
    async (stays, spends) => {
      const rewards = [{ id: 'much', name: 'Much', type: 'experience' as const, points: 140 }];
      const rules = defaultProgram({ rewards });
      const ledger = await newLedger(rules);
      const referrer = await join(ledger, rules, { email: 'ada@example.com' });
      const code = referralCode(ledger, referrer);
      const newcomer = await join(ledger, rules, { email: 'b@example.com', referralCode: code });
      const purchase = aPurchase([5_000], { ...bought, member: { memberId: newcomer } });
      await recordPurchase(ledger, rules, purchase, noon);
      await settleReferrals(ledger, rules, newcomer, noon);
      for (const memberId of [newcomer, referrer].slice(0, spends))
        expect((await redeemed(ledger, rules, { memberId, rewardId: 'much' }, noon)).type).toBe('done');
      const before = await Promise.all(
        [referrer, newcomer].map(async (id) => having(await accountOf(ledger, id))),
      );
      const paid = await getReferral(ledger, newcomer);
      const [into, from] = stays === 'referrer' ? [referrer, newcomer] : [newcomer, referrer];
      for (let time = 0; time < 2; time++) {
        await mergeMembers(ledger, rules, { into, from }, noon);
        expect(await getReferral(ledger, newcomer)).toMatchObject({ status: 'refused', paid: null });
        await unmergeMembers(ledger, rules, { into, from }, noon);
        const { revision: _revision, ...again } = (await getReferral(ledger, newcomer)) ?? { revision: 0 };
        expect({ ...again, revision: paid?.revision }).toEqual(paid);
        const after = await Promise.all(
          [referrer, newcomer].map(async (id) => having(await accountOf(ledger, id))),
        );
        expect(after).toEqual(before);
      }
      expect(await differences(ledger)).toEqual([]);
      // It goes on as a referral does: with its purchase it goes back.
      await recordRefund(ledger, rules, aRefund(purchase, 5_000), noon);
      await settleReferrals(ledger, rules, newcomer, noon);
      expect(await getReferral(ledger, newcomer)).toMatchObject({ status: 'waiting' });
    },
  );

  it('what is given once comes back to who has given it back, should they be two', async () => {
    const { ledger, into, from } = await both();
    const before = having(await accountOf(ledger, from));
    await mergeMembers(ledger, program, { into, from }, noon);
    expect(balanceOf(await accountOf(ledger, into)).available).toBe(50);
    await unmergeMembers(ledger, program, { into, from }, noon);
    expect(having(await accountOf(ledger, from))).toEqual(before);
    expect(balanceOf(await accountOf(ledger, into)).available).toBe(50);
    expect(await differences(ledger)).toEqual([]);
  });

  it('who joined twice and proves it has what is given once, once', async () => {
    const { ledger, into, from } = await both();
    await mergeMembers(ledger, program, { into, from, leads: false }, noon);
    expect(balanceOf(await accountOf(ledger, into)).available).toBe(50);
    expect(await differences(ledger)).toEqual([]);
  });

  it('whom somebody else may have made says nothing of the person', async () => {
    const { ledger, into, from } = await both();
    const before = (await getMember(ledger, into))?.profile;
    await mergeMembers(ledger, program, { into, from, leads: false }, noon);
    const after = (await getMember(ledger, into))?.profile;
    const person = ({ name, email, phone, birthday, consents }: Profile) => ({
      name,
      email,
      phone,
      birthday,
      consents,
    });
    expect(after && person(after)).toEqual(before && person(before));
    expect(await resolveMember(ledger, { phone: '+33612345678' })).toBeUndefined();
    await unmergeMembers(ledger, program, { into, from }, noon);
    expect(await resolveMember(ledger, { phone: '+33612345678' })).toBe(from);
  });

  it('how a contact is known goes with it, and back again', async () => {
    const { ledger, into, from } = await both({ name: 'Ada' }, { email: 'ada@work.example.com' });
    const at = new Date(noon).toISOString();
    const known = (status: ContactProof['status']): ContactProof => ({ status, at, held: true });
    const prove = async (memberId: MemberId, proofs: NonNullable<Profile['proofs']>) => {
      const profile = (await getMember(ledger, memberId))?.profile;
      if (!profile) throw new Error('The member is there.');
      await ledger.store.transact([
        { put: toItem(keys.profile(memberId), 'profile', { ...profile, proofs }) },
      ]);
    };
    const proofs = async (memberId: MemberId) => (await getMember(ledger, memberId))?.profile.proofs;
    const own = { email: known('confirmed') };
    const others = { email: known('unconfirmed'), phone: known('confirmed') };
    await prove(into, own);
    await prove(from, others);
    await mergeMembers(ledger, program, { into, from }, noon);
    expect(await proofs(into)).toEqual({ ...own, phone: others.phone });
    await unmergeMembers(ledger, program, { into, from }, noon);
    expect(await proofs(into)).toEqual(own);
    expect(await proofs(from)).toEqual(others);
    // Without any of their own they have none, as before.
    await prove(into, {});
    await mergeMembers(ledger, program, { into, from }, noon);
    await unmergeMembers(ledger, program, { into, from }, noon);
    expect(await proofs(into)).toBeUndefined();
  });

  it('the export of one holds what was the other’s, and both leave together', async () => {
    const { ledger, into, from } = await both();
    await recordPurchase(
      ledger,
      program,
      aPurchase([100], { ...bought, id: 'store:OLD', member: { memberId: from } }),
      noon,
    );
    await mergeMembers(ledger, program, { into, from }, noon);
    const member = await getMember(ledger, into);
    if (!member) throw new Error('The member is there.');
    const found: string[] = [];
    const walk = async () => {
      for (let at = await walkExport(ledger, member, exportPhases, undefined, take); at; )
        at = await walkExport(ledger, member, exportPhases, at, take);
    };
    const take = (held: readonly { section: string; item: object }[]) => {
      found.push(...held.map(({ section, item }) => `${section} ${'memberId' in item ? item.memberId : ''}`));
      return false;
    };
    await walk();
    expect(found.filter((one) => one === `purchases ${from}`)).toHaveLength(1);
    expect(found.filter((one) => one === `entries ${from}`)).toHaveLength(5);
    const request = { memberId: from, operator: { keyId: 'key_test', name: 'Tess' }, reason: null };
    const list = createMemoryErasureList();
    expect(await eraseMember(ledger, list, program, request, noon, () => true)).toEqual({
      type: 'erased',
      complete: true,
    });
    for (const id of [into, from]) {
      expect(await accountOf(ledger, id)).toMatchObject({ status: 'closed' });
      expect(await getMember(ledger, id)).toBe(undefined);
    }
    expect(
      list
        .items()
        .map(({ memberId }) => memberId)
        .sort(),
    ).toEqual([into, from].sort());
    expect(
      (
        await recordRefund(
          ledger,
          program,
          { ...aRefund(aPurchase([100]), { '1': 100 }), purchaseId: 'store:OLD' },
          noon,
        )
      ).record.status,
    ).toBe('applied');
    expect(await resolveMember(ledger, { phone: '+33612345678' })).toBe(undefined);
    expect(await differences(ledger)).toEqual([]);
    expect((await getEntry(ledger, from, 6))?.type).toBe('erased');
    expect((await getPurchase(ledger, 'store:OLD'))?.memberId).toBe(from);
  });
});

describe('a campaign that lists its members', () => {
  it('means the person: whoever was listed counts as listed as another member, until both are parted', async () => {
    const plain = defaultProgram({ bonuses: {} });
    const ledger = await newLedger(plain);
    const [into, from] = [await join(ledger, plain), await join(ledger, plain)];
    const year = { from: '2026-01-01T00:00:00Z', to: '2027-12-31T00:00:00Z' };
    const listing = { id: 'few', name: 'Few', ...year, bonusPoints: 7, members: [from] };
    const program = { ...plain, version: 2, campaigns: [listing] };
    await putInForce(ledger, program);
    let now = noon;
    const buy = async () => {
      now += hour;
      const purchase = aPurchase([1000], {
        member: { memberId: into },
        occurredAt: new Date(now).toISOString(),
      });
      const quoted = await quotePurchase(ledger, program, purchase, false, now);
      const { record } = await recordPurchase(ledger, program, purchase, now);
      expect(quoted.basis.points).toBe(record.earning?.points);
      const found = await findEntry(ledger, record.entryIds[0] as EntryId);
      if (!found) throw new Error('The purchase has an entry.');
      const [campaign] = explain(found.entry, {
        ...found,
        purchase,
        detailed: true,
        kindOf: () => 'store',
      }).campaigns;
      return { points: record.earning?.points, outcome: campaign?.outcome };
    };
    expect(await buy()).toEqual({ points: 10, outcome: 'members' });
    await mergeMembers(ledger, program, { into, from }, now);
    expect(await buy()).toEqual({ points: 17, outcome: 'gave' });
    now += hour;
    await unmergeMembers(ledger, program, { into, from }, now);
    expect(await buy()).toEqual({ points: 10, outcome: 'members' });
    expect(await differences(ledger)).toEqual([]);
    const windows: MemberWindow[] = [];
    const to = now + hour;
    await readWindows(ledger, program, {
      window: { from: noon, to },
      hasTime: () => true,
      onMember: (member) => windows.push(member),
    });
    const own = windows.find(({ memberId }) => memberId === into);
    if (!own) throw new Error('The window has the member.');
    expect(own.actual.issued).toBe(37);
    expect(replayMember(compileCandidate(program), own, to).issued).toBe(37);
  });
});
