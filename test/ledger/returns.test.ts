/** Returns without receipt of members who have bought much: what is read for them, and in which order it is taken. */
import { expect, it } from 'vitest';
import type { MemberId } from '../../core/contract/ids.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import type { RecordedRefund } from '../../core/contract/shapes/refund.ts';
import { enrol, getPurchase, recordPurchase, recordRefund } from '../../ledger/ledger.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { watched } from '../support/stores.ts';
import { aPurchase, aRefund, defaultProgram, noon, testContext } from '../support/world.ts';

const program = defaultProgram();

/** Sixty purchases, the newest first; all hold a cup, the 31st and the 56th a hat as well. */
async function bought() {
  const ledger = testContext(createMemoryStore());
  const outcome = await enrol(ledger, program, {}, noon);
  if (outcome.type !== 'enrolled') throw new Error('The member exists already.');
  const { memberId } = outcome.member.account;
  const purchases: RecordedPurchase[] = [];
  for (let index = 0; index < 60; index++) {
    const occurredAt = new Date(noon - index * 60_000).toISOString();
    const amounts = index === 30 || index === 55 ? [100, 1000] : [100];
    const purchase = aPurchase(amounts, { member: { memberId }, occurredAt });
    const lines = purchase.lines.map((line, at) => ({ ...line, sku: at === 0 ? 'CUP' : 'HAT' }));
    purchases.push({ ...purchase, lines });
  }
  for (const purchase of purchases) await recordPurchase(ledger, program, purchase, noon);
  return { ledger, memberId, purchases };
}

function aReturn(memberId: MemberId, sku: string, quantity: number): RecordedRefund {
  const { purchaseId: _purchaseId, amountMinor: _amount, ...rest } = aRefund(aPurchase([1]), 1);
  return { ...rest, member: { memberId }, lines: [{ sku, quantity, amountMinor: 1 }] };
}

it.each([
  ['CUP', 1, 25, [0]],
  ['CUP', 3, 25, [0, 1, 2]],
  ['HAT', 1, 50, [30]],
  ['HAT', 2, 60, [30, 55]],
  ['HAT', 3, 60, [30, 55]],
])(
  'a return of %s × %i reads %i of sixty purchases, 25 at once, and takes of %j',
  async (sku, quantity, reads, taken) => {
    const { ledger, memberId, purchases } = await bought();
    // What is read behind the return is for what was spent on the purchases.
    let read: string[] | undefined;
    const store = watched(ledger.store, async () => {
      read ??= store.reads.filter((pk) => pk.startsWith('PURCHASE#'));
    });
    await recordRefund({ ...ledger, store }, program, aReturn(memberId, sku, quantity), noon);
    expect(read).toEqual(purchases.slice(0, reads).map(({ id }) => `PURCHASE#${id}`));
    expect(store.atOnce()).toBe(25);
    const records = await Promise.all(purchases.map(({ id }) => getPurchase(ledger, id)));
    const given = records.flatMap((record, index) => (record?.refundIds.length ? [index] : []));
    expect(given).toEqual(taken);
  },
);

it('finds what was bought before a hundred others, also where the history ends with a page', async () => {
  for (const later of [98, 99, 130]) {
    const ledger = testContext(createMemoryStore());
    const outcome = await enrol(ledger, program, {}, noon);
    if (outcome.type !== 'enrolled') throw new Error('The member exists already.');
    const { memberId } = outcome.member.account;
    const hat = aPurchase([1000], {
      member: { memberId },
      occurredAt: new Date(noon - 60_000).toISOString(),
    });
    const lines = hat.lines.map((line) => ({ ...line, sku: 'HAT' }));
    await recordPurchase(ledger, program, { ...hat, lines }, noon);
    for (let index = 0; index < later; index++)
      await recordPurchase(ledger, program, aPurchase([100], { member: { memberId } }), noon);
    await recordRefund(ledger, program, aReturn(memberId, 'HAT', 1), noon);
    expect((await getPurchase(ledger, hat.id))?.refundIds).toHaveLength(1);
  }
});
