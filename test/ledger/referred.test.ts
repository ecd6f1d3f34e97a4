/** A referral from the code that was typed to what is paid for it, taken back, refused or forgotten. */
import { beforeEach, describe, expect, it } from 'vitest';
import { balanceOf } from '../../core/account.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { createMemoryErasureList } from '../../ledger/erasure/list.ts';
import {
  changeProfile,
  enrol,
  eraseMember,
  getAccount,
  getMember,
  getReferral,
  recordPurchase,
  recordRefund,
  referralCode,
  settleReferral,
} from '../../ledger/ledger.ts';
import { broughtBy, findReferrer, forgetReferral, newReferral } from '../../ledger/members/referrals.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { fromItem, keys, type Referral } from '../../ledger/store/items.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { putInForce } from '../support/histories.ts';
import { aPurchase, aRefund, defaultProgram, noon, testContext } from '../support/world.ts';

const rules = { referrer: 200, referee: 100, minimumMinor: 2000, perMonth: 2 };
const program = defaultProgram({ bonuses: { referral: rules }, campaigns: [], stamps: [] });

let ledger: LedgerContext;
let referrer: MemberId;
beforeEach(async () => {
  ledger = testContext(createMemoryStore());
  await putInForce(ledger, program);
  referrer = await join({ email: 'ada@example.com' });
});

async function join(wanted: Parameters<typeof enrol>[2] = {}): Promise<MemberId> {
  const outcome = await enrol(ledger, program, wanted, noon);
  if (outcome.type !== 'enrolled') throw new Error('The member exists already.');
  return outcome.member.account.memberId;
}

const bring = () => join({ referralCode: referralCode(ledger, referrer) });

async function buy(memberId: MemberId, amount: number, more: Parameters<typeof aPurchase>[1] = {}) {
  const purchase = aPurchase([amount], { member: { memberId }, ...more });
  await recordPurchase(ledger, program, purchase, noon);
  return purchase;
}

/** What is there to be spent or owed, beside what purchases gave. */
async function worth(memberId: MemberId): Promise<number> {
  const account = await getAccount(ledger, memberId);
  if (!account) throw new Error('There is an account.');
  const { available, pending, debt } = balanceOf(account);
  return available + pending - debt;
}

const paidThisMonth = async () => {
  const item = await ledger.store.get(keys.referralCount(referrer, '2026-11'));
  return item && fromItem(item, 'referralCount').count;
};

const settle = (memberId: MemberId, rulesNow = program) => settleReferral(ledger, rulesNow, memberId, noon);

describe('who brought somebody', () => {
  it('is found by the code that they pass on, however it is typed, and by their card', async () => {
    const member = await getMember(ledger, referrer);
    const code = referralCode(ledger, referrer);
    expect(code).toMatch(/^[0-9A-HJKMNP-TV-Z]{8}$/);
    expect(await findReferrer(ledger, code)).toBe(referrer);
    expect(await findReferrer(ledger, ` ${code.slice(0, 4).toLowerCase()}-${code.slice(4)}`)).toBe(referrer);
    expect(await findReferrer(ledger, member?.profile.cardNumber ?? '')).toBe(referrer);
    for (const typed of ['ZZZZZZZZ', '2900000000001', ''])
      expect(await findReferrer(ledger, typed)).toBeUndefined();
  });

  it('is not oneself, by what either has or had', async () => {
    await changeProfile(ledger, program, referrer, { email: 'new@example.com' }, noon);
    const of = async (email: string) => {
      const { profile } = (await getMember(ledger, await join({ email }))) ?? {};
      if (!profile) throw new Error('They have joined.');
      return newReferral(ledger, profile, referrer);
    };
    const other = await of('ben@example.com');
    expect(other).toEqual({
      ...{ newcomerId: other.newcomerId, referrerId: referrer, revision: 1 },
      ...{ status: 'waiting', reason: null, paid: null },
    });
    // Given up, it is known again.
    expect(await of('ada@example.com')).toMatchObject({
      status: 'refused',
      reason: 'The same mailbox or phone.',
      paid: null,
    });
    // Nor by two addresses of one mailbox.
    referrer = await join({ email: 'a.da@gmail.com' });
    expect(await of('ada+shop@gmail.com')).toMatchObject({ status: 'refused' });
    // Of somebody who is not there nothing is known.
    const nobody = 'mem_01JD0000000000000000000000' as MemberId;
    const { profile } = (await getMember(ledger, referrer)) ?? {};
    expect(profile && (await newReferral(ledger, profile, nobody))).toMatchObject({ status: 'waiting' });
  });

  it('has those they brought in the order of their ids, from behind any of them', async () => {
    const brought = [await bring(), await bring(), await bring()].sort();
    const found = async (after?: string) => {
      const all = [];
      for await (const one of broughtBy(ledger, referrer, after)) all.push(one);
      return all;
    };
    expect((await found()).map(({ newcomerId }) => newcomerId)).toEqual(brought);
    expect((await found(brought[0])).map(({ newcomerId }) => newcomerId)).toEqual(brought.slice(1));
    expect(await found(brought[2])).toEqual([]);
    expect((await found())[0]?.referral).toEqual(await getReferral(ledger, brought[0] as MemberId));
    expect(await findReferrer(ledger, referralCode(ledger, brought[0] as MemberId))).toBe(brought[0]);
  });
});

describe('a referral', () => {
  it('is paid to both with the first purchase that is large enough', async () => {
    const newcomer = await bring();
    await buy(newcomer, 1999);
    await settle(newcomer);
    expect(await getReferral(ledger, newcomer)).toMatchObject({ status: 'waiting', paid: null });
    const purchase = await buy(newcomer, 2000);
    await buy(newcomer, 5000);
    const before = await worth(newcomer);
    for (let times = 0; times < 2; times++) await settle(newcomer);
    expect(await getReferral(ledger, newcomer)).toMatchObject({
      ...{ newcomerId: newcomer, referrerId: referrer, status: 'paid', reason: null },
      paid: {
        ...{ purchaseId: purchase.id, at: utc(noon), month: '2026-11' },
        ...{ minimumMinor: 2000, referrer: 200, referee: 100 },
      },
    });
    expect([(await worth(newcomer)) - before, await worth(referrer)]).toEqual([100, 200]);
    expect(await paidThisMonth()).toBe(1);
  });

  it('goes back with that purchase, waits again, and is paid for another', async () => {
    const newcomer = await bring();
    const purchase = await buy(newcomer, 2500);
    await settle(newcomer);
    await recordRefund(ledger, program, aRefund(purchase, { '1': 500 }), noon);
    await settle(newcomer);
    expect(await worth(referrer)).toBe(200);
    await recordRefund(ledger, program, aRefund(purchase, { '1': 1 }), noon);
    await settle(newcomer);
    expect(await getReferral(ledger, newcomer)).toMatchObject({ status: 'waiting', paid: null });
    expect([await worth(newcomer), await worth(referrer)]).toEqual([19, 0]);
    expect(await paidThisMonth()).toBe(0);
    const other = await buy(newcomer, 2000);
    await settle(newcomer);
    expect(await getReferral(ledger, newcomer)).toMatchObject({ paid: { purchaseId: other.id } });
    expect([await worth(referrer), await paidThisMonth()]).toEqual([200, 1]);
  });

  it('is refused for good once as many were paid in a month as may be', async () => {
    const newcomers = [await bring(), await bring(), await bring()];
    for (const newcomer of newcomers) {
      await buy(newcomer, 2000);
      await settle(newcomer);
    }
    expect(await worth(referrer)).toBe(400);
    const [, , third] = newcomers as [MemberId, MemberId, MemberId];
    expect(await getReferral(ledger, third)).toMatchObject({
      status: 'refused',
      reason: 'More than 2 referrals in 2026-11.',
      paid: null,
    });
    // Nobody listens for it any more, nor is it looked at again.
    expect((await getAccount(ledger, third))?.listeners).not.toContain('referrals');
    expect((await getAccount(ledger, newcomers[0] as MemberId))?.listeners).toContain('referrals');
    await settle(third, { ...program, bonuses: { referral: { ...rules, perMonth: 9 } } });
    expect(await worth(third)).toBe(20);
  });

  it('is judged when it is paid by who they are by then', async () => {
    const newcomer = await bring();
    await changeProfile(ledger, program, newcomer, { phone: '+33612345678' }, noon);
    await changeProfile(ledger, program, newcomer, { phone: '+33612345679' }, noon);
    await changeProfile(ledger, program, referrer, { phone: '+33612345678' }, noon);
    await buy(newcomer, 2000);
    await settle(newcomer);
    expect(await getReferral(ledger, newcomer)).toMatchObject({
      status: 'refused',
      reason: 'The same mailbox or phone.',
    });
    expect(await worth(referrer)).toBe(0);
  });

  it('waits where the programme has none, and is nothing of who was brought by nobody', async () => {
    const newcomer = await bring();
    await buy(newcomer, 2000);
    const before = await getReferral(ledger, newcomer);
    await settle(newcomer, { ...program, bonuses: {} });
    expect(await getReferral(ledger, newcomer)).toEqual(before);
    await settle(referrer);
    expect(await getReferral(ledger, referrer)).toBeUndefined();
  });

  it('by who has left is paid to the newcomer alone, and goes back from them alone', async () => {
    const newcomer = await bring();
    const request = { memberId: referrer, operator: { keyId: 'key_test', name: 'Tess' }, reason: null };
    await eraseMember(ledger, createMemoryErasureList(), program, request, noon, () => true);
    const purchase = await buy(newcomer, 2000);
    await settle(newcomer);
    expect(await getReferral(ledger, newcomer)).toMatchObject({
      referrerId: null,
      paid: { referrer: 0, referee: 100 },
    });
    expect(await worth(newcomer)).toBe(120);
    await recordRefund(ledger, program, aRefund(purchase, { '1': 2000 }), noon);
    await settle(newcomer);
    expect(await worth(newcomer)).toBe(0);
  });

  it('of whom one has left is of nobody, or none', () => {
    const referral: Referral = {
      ...{ newcomerId: 'mem_1' as MemberId, referrerId: 'mem_2' as MemberId, revision: 3 },
      ...{ status: 'waiting', reason: null, paid: null },
    };
    const unchanged = { kind: 'unchanged', fields: { revision: 3 } };
    const link = { delete: keys.brought('mem_2' as MemberId, 'mem_1' as MemberId) };
    const key = keys.referral('mem_1' as MemberId);
    expect(forgetReferral(referral, 'mem_1' as MemberId)).toEqual([{ delete: key, if: unchanged }, link]);
    expect(forgetReferral(referral, 'mem_2' as MemberId)).toEqual([
      { put: { ...key, item: 'referral', ...referral, referrerId: null, revision: 4 }, if: unchanged },
      link,
    ]);
    expect(forgetReferral({ ...referral, referrerId: null }, 'mem_1' as MemberId)).toEqual([
      { delete: key, if: unchanged },
    ]);
  });
});
