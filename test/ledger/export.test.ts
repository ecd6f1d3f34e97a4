/** An export holds everything once, however much there is and however often it stops. */
import { expect, it } from 'vitest';
import type { MemberId } from '../../core/contract/ids.ts';
import {
  enrol,
  getMember,
  mergeMembers,
  recordPurchase,
  recordRefund,
  referralCode,
} from '../../ledger/ledger.ts';
import { exportPhases, type Held, walkExport } from '../../ledger/members/export.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { redeemed } from '../support/spending.ts';
import { aPurchase, aRefund, defaultProgram, noon, testContext } from '../support/world.ts';

const program = defaultProgram({
  bonuses: {},
  rewards: [{ id: 'gift', name: 'Gift', type: 'gift', points: 1, sku: 'A' }],
});

/** As a name of what is held, for which there are no two. */
function nameOf(held: Held): string {
  switch (held.section) {
    case 'referrals':
      return `referral of ${held.item.newcomerId}`;
    case 'exceptions':
      return `${held.item.type} of ${held.item.subject}`;
    case 'entries':
      return `entry ${held.item.sequence}`;
    case 'purchases':
      return held.item.purchase.id;
    case 'refunds':
      return held.item.refundId;
    case 'redemptions':
      return held.item.redemptionId;
    case 'vouchers':
      return held.item.voucherId;
  }
}

it.each([1, 7, 1000])(
  'an export that stops after every %i holds all of a long history, each once',
  async (most) => {
    const ledger = testContext(createMemoryStore());
    await putInForce(ledger, program);
    const memberId = await newMember(ledger, program);
    const wanted: string[] = [];
    for (let count = 0; count < 27; count++) {
      const purchase = aPurchase([1000], { member: { memberId } });
      await recordPurchase(ledger, program, purchase, noon);
      const refund = aRefund(purchase, 100);
      await recordRefund(ledger, program, refund, noon);
      const done = await redeemed(ledger, program, { memberId, rewardId: 'gift' }, noon);
      if (done.type !== 'done') throw new Error('It was not done.');
      const { record, vouchers } = done;
      wanted.push(purchase.id, refund.id, record.redemptionId, ...vouchers.map(({ voucherId }) => voucherId));
    }
    const member = await getMember(ledger, memberId);
    if (!member) throw new Error('There is a member.');
    wanted.push(...Array.from({ length: member.account.version }, (_, index) => `entry ${index + 1}`));
    const found: string[] = [];
    let left = most;
    const take = (held: readonly Held[]) => {
      found.push(...held.map(nameOf));
      left -= held.length;
      return left > 0;
    };
    let next = await walkExport(ledger, member, exportPhases, undefined, take);
    while (next) {
      left = most;
      next = await walkExport(ledger, member, exportPhases, JSON.parse(JSON.stringify(next)), take);
    }
    expect(found.toSorted()).toEqual(wanted.toSorted());
  },
);

it.each([1, 3, 1000])(
  'an export that stops after every %i holds what was gathered under each of a person’s ids, each once',
  async (most) => {
    const ledger = testContext(createMemoryStore());
    await putInForce(ledger, program);
    const [into, from, chained] = [
      await newMember(ledger, program),
      await newMember(ledger, program),
      await newMember(ledger, program),
    ];
    const wanted: string[] = [];
    const gather = async (memberId: MemberId) => {
      for (let count = 0; count < 2; count++) {
        const brought = await enrol(ledger, program, { referralCode: referralCode(ledger, memberId) }, noon);
        if (brought.type !== 'enrolled') throw new Error('Nobody knows them.');
        const purchase = aPurchase([1000], { member: { memberId } });
        await recordPurchase(ledger, program, purchase, noon);
        const [refund, inYen] = [aRefund(purchase, 100), aRefund(purchase, 100, { currency: 'JPY' })];
        for (const one of [refund, inYen]) await recordRefund(ledger, program, one, noon);
        wanted.push(`referral of ${brought.member.account.memberId}`, purchase.id, refund.id);
        wanted.push(inYen.id, `refund_rejected of ${inYen.id}`);
      }
      await recordPurchase(ledger, program, aPurchase([1000], { member: { memberId } }), noon);
      const done = await redeemed(ledger, program, { memberId, rewardId: 'gift' }, noon);
      if (done.type !== 'done') throw new Error('It was not done.');
      wanted.push(done.record.redemptionId, ...done.vouchers.map(({ voucherId }) => voucherId));
    };
    for (const memberId of [into, from, chained]) await gather(memberId);
    await mergeMembers(ledger, program, { into: from, from: chained }, noon);
    await mergeMembers(ledger, program, { into, from }, noon);
    // What comes for an id of before is theirs, too.
    await gather(chained);
    const member = await getMember(ledger, into);
    if (!member) throw new Error('There is a member.');
    const found: string[] = [];
    let left = most;
    const take = (held: readonly Held[]) => {
      found.push(...held.map(nameOf));
      left -= held.length;
      return left > 0;
    };
    const phases = exportPhases.filter((phase) => phase !== 'entries');
    let next = await walkExport(ledger, member, phases, undefined, take);
    while (next) {
      left = most;
      next = await walkExport(ledger, member, phases, JSON.parse(JSON.stringify(next)), take);
    }
    const bought = found.filter((name) => name.startsWith('store:P'));
    expect(bought).toHaveLength(12);
    expect(new Set(found).size).toBe(found.length);
    expect(wanted.filter((name) => !found.includes(name))).toEqual([]);
  },
);

it('an export holds a refund once, though an exception or two purchases lead to it', async () => {
  const ledger = testContext(createMemoryStore());
  await putInForce(ledger, program);
  const memberId = await newMember(ledger, program);
  const purchases = [1000, 2000].map((amount) => aPurchase([amount], { member: { memberId } }));
  const [first, second] = purchases as [(typeof purchases)[0], (typeof purchases)[0]];
  for (const purchase of purchases) await recordPurchase(ledger, program, purchase, noon);
  const tooMuch = aRefund(first, 1500);
  await recordRefund(ledger, program, tooMuch, noon);
  const later = aPurchase([1000], { member: { memberId } });
  await recordPurchase(ledger, program, later, noon);
  const lines = [{ sku: 'SKU-1', quantity: 2, amountMinor: 3000 }];
  const { purchaseId: _purchase, amountMinor: _amount, ...rest } = aRefund(second, 1);
  const withoutReceipt = { ...rest, member: { memberId }, lines };
  await recordRefund(ledger, program, withoutReceipt, noon);
  const member = await getMember(ledger, memberId);
  if (!member) throw new Error('There is a member.');
  const found: string[] = [];
  await walkExport(ledger, member, exportPhases, undefined, (held) => {
    found.push(...held.filter(({ section }) => section === 'refunds').map(nameOf));
    return true;
  });
  expect(found.toSorted()).toEqual([tooMuch.id, withoutReceipt.id].toSorted());
});
