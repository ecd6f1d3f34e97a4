/** An export holds everything once, however much there is and however often it stops. */
import { expect, it } from 'vitest';
import { getMember, recordPurchase, recordRefund } from '../../ledger/ledger.ts';
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
    default:
      return held.section;
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
