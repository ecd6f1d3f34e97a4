/** What operators are told of what came and could not be done, word for word. */
import { beforeEach, expect, it } from 'vitest';
import type { MemberId } from '../../core/contract/ids.ts';
import type { RecordedRefund } from '../../core/contract/shapes/refund.ts';
import {
  changeProfile,
  createAdjustment,
  getPurchase,
  getRefund,
  listExceptions,
  recordPurchase,
  recordRefund,
} from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { keys, toItem } from '../../ledger/store/items.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { redeemed } from '../support/spending.ts';
import { aPurchase, aRefund, defaultProgram, noon, testContext } from '../support/world.ts';

const program = defaultProgram({
  bonuses: {},
  campaigns: [],
  stamps: [],
  rewards: [{ id: 'gift', name: 'Gift', type: 'gift', points: 90, sku: 'A' }],
});
const nobody = 'mem_01JD0000000000000000000000' as MemberId;

let ledger: LedgerContext;
let memberId: MemberId;
beforeEach(async () => {
  ledger = testContext(createMemoryStore());
  await putInForce(ledger, program);
  memberId = await newMember(ledger, program);
});

/** What has been told since, of whom and of what, and in which words. */
async function told() {
  const { items } = await listExceptions(ledger, { status: 'open', limit: 50 });
  return items.map(({ type, subject, memberId: of, detail }) => [type, subject, of, detail]);
}

async function buy(more: Parameters<typeof aPurchase>[1] = {}, amounts = [500, 700]) {
  const purchase = aPurchase(amounts, more);
  await recordPurchase(ledger, program, purchase, noon);
  return purchase;
}

async function back(refund: RecordedRefund) {
  await recordRefund(ledger, program, refund, noon);
  return refund;
}

it('a purchase of nobody says how long it can be claimed', async () => {
  const guest = await buy();
  const unknown = await buy({ member: { memberId: nobody } });
  expect(await told()).toEqual(
    expect.arrayContaining([
      ['purchase_unclaimed', guest.id, null, 'A guest bought this. It can be claimed within 90 days.'],
      [
        'purchase_unclaimed',
        unknown.id,
        null,
        'The member that the purchase names is not known. It can be claimed within 90 days.',
      ],
    ]),
  );
});

it('a purchase that came twice with other content, and one that came again after it was given back', async () => {
  const order = await buy({ member: { memberId } });
  await recordPurchase(ledger, program, { ...order, occurredAt: '2026-11-22T10:00:00Z' }, noon);
  const other = aPurchase([500, 700], { member: { memberId } });
  await recordPurchase(ledger, program, other, noon, 'first');
  await recordRefund(ledger, program, aRefund(other, { '1': 500, '2': 700 }), noon + 1000);
  await recordPurchase(ledger, program, other, noon + 2000, 'again');
  const all = await told();
  expect(all).toContainEqual([
    'purchase_conflict',
    order.id,
    memberId,
    'The same purchase id came again with other content. The first stays as it is.',
  ]);
  expect(all).toContainEqual([
    'purchase_reopened',
    other.id,
    memberId,
    'It was given back in full, and came again as it was. What was given back stays so.',
  ]);
});

it('a refund that waits, and one that came twice with other content', async () => {
  const order = aPurchase([500], { member: { memberId } });
  const early = await back(aRefund(order, 100));
  const waiting = await getRefund(ledger, early.id);
  expect(waiting).toMatchObject({ status: 'waiting', purchaseIds: [order.id], revision: 1 });
  expect(await told()).toEqual([
    [
      'refund_waiting',
      early.id,
      null,
      `The purchase ${order.id} has not come yet. The refund is applied when it does.`,
    ],
  ]);
  await recordPurchase(ledger, program, order, noon);
  expect(await told()).toEqual([]);
  expect(await getRefund(ledger, early.id)).toMatchObject({ status: 'applied', revision: 2 });
  await back({ ...early, amountMinor: 200 } as RecordedRefund);
  expect(await told()).toEqual([
    [
      'refund_conflict',
      early.id,
      null,
      'The same refund id came again with other content. The first stays as it is.',
    ],
  ]);
});

it('a refund of more than there is says of what', async () => {
  const order = await buy({ member: { memberId } });
  const lines = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [`x${index}`, 1]));
  const cases: readonly (readonly [RecordedRefund, string, string])[] = [
    [aRefund(order, {}), 'refund_rejected', `It gives nothing of ${order.id} back: no amount, and no units.`],
    [
      aRefund(order, { '9': 100 }),
      'refund_rejected',
      `100 of the refund is more than ${order.id} still holds and was refused. The purchase has no line 9.`,
    ],
    [
      aRefund(order, lines(12)),
      'refund_rejected',
      `12 of the refund is more than ${order.id} still holds and was refused. The purchase has no line x0, x1, x2, x3, x4, x5, x6, x7, x8, x9 and 2 more.`,
    ],
    [
      aRefund(order, lines(10)),
      'refund_rejected',
      `10 of the refund is more than ${order.id} still holds and was refused. The purchase has no line x0, x1, x2, x3, x4, x5, x6, x7, x8, x9.`,
    ],
    [aRefund(order, { '9': 0 }), 'refund_rejected', 'The purchase has no line 9.'],
    [
      aRefund(order, { '1': 650 }),
      'over_refund',
      `150 of the refund is more than ${order.id} still holds and was refused.`,
    ],
    [
      aRefund(order, { '2': 701, '9': 1 }),
      'over_refund',
      `2 of the refund is more than ${order.id} still holds and was refused. The purchase has no line 9.`,
    ],
    [
      { ...aRefund(order, {}), lines: [{ lineId: '1', quantity: 2, amountMinor: 0 }] },
      'over_refund',
      'More units came back than were sold of line 1.',
    ],
  ];
  for (const [refund, type, detail] of cases) {
    await back(refund);
    expect(await told()).toContainEqual([type, refund.id, memberId, detail]);
  }
  expect(await told()).toHaveLength(cases.length);
});

it('a refund of somebody else’s purchase, in another currency, or one too many', async () => {
  const order = await buy({ member: { memberId } });
  const foreign = aRefund(order, 100, { channel: 'web', id: 'web:R1', member: { memberId: nobody } });
  const inYen = aRefund(order, 100, { currency: 'JPY' });
  for (const refund of [foreign, inYen]) await back(refund);
  // Whom it names is kept as long as nothing came of it.
  expect((await getRefund(ledger, foreign.id))?.refund.member).toEqual({ memberId: nobody });
  const record = await getPurchase(ledger, order.id);
  if (!record) throw new Error('It was bought.');
  const refundIds = Array.from({ length: 500 }, (_, index) => `store:X${index}` as const);
  const full = toItem(keys.purchase(order.id), 'purchase', { ...record, refundIds });
  await ledger.store.transact([{ put: full }]);
  const more = await back(aRefund(order, 100));
  expect(await getRefund(ledger, more.id)).toMatchObject({ status: 'rejected', clawedBack: 0, revision: 1 });
  expect(await told()).toEqual(
    expect.arrayContaining([
      [
        'refund_rejected',
        foreign.id,
        memberId,
        `${order.id} is not a purchase of the member whom the refund names.`,
      ],
      ['refund_rejected', inYen.id, memberId, `The refund is in JPY, the purchase ${order.id} in EUR.`],
      [
        'refund_rejected',
        more.id,
        memberId,
        `${order.id} has had as many refunds as are kept of one purchase: 500, fewer where their ids are long.`,
      ],
    ]),
  );
});

it('a return without receipt names what no purchase holds', async () => {
  const order = await buy({ member: { memberId } });
  const returned = (member: RecordedRefund['member'], items: readonly [string, number][]) => {
    const { purchaseId: _, lines: __, amountMinor: ___, ...refund } = aRefund(order, 1);
    const lines = items.map(([sku, quantity]) => ({ sku, quantity, amountMinor: 100 * quantity }));
    return back({ ...refund, ...(member ? { member } : {}), lines } as RecordedRefund);
  };
  const none = await returned({ memberId }, [['HAT', 2]]);
  const some = await returned({ memberId }, [
    ['SKU-1', 1],
    ['HAT', 1],
    ['CUP', 3],
  ]);
  const whose = await returned({ memberId: nobody }, [['HAT', 2]]);
  const all = await told();
  expect(all).toContainEqual([
    'refund_unmatched',
    none.id,
    memberId,
    'No purchase of this member holds 2 × HAT: nothing was clawed back for it.',
  ]);
  expect(all).toContainEqual([
    'refund_partially_matched',
    some.id,
    memberId,
    'No purchase of this member holds 1 × HAT, 3 × CUP: nothing was clawed back for it.',
  ]);
  expect(all).toContainEqual([
    'refund_unmatched',
    whose.id,
    null,
    'The member of this return is not known: nothing was clawed back.',
  ]);
});

it('points that are held, and why', async () => {
  const by = {
    keyId: 'key_01JD0000000000000000000000',
    name: 'Tess',
    holder: 'key_01JD0000000000000000000000',
  };
  const plain = { once: undefined, answer: (body: unknown) => ({ status: 200, body }) };
  await createAdjustment(
    ledger,
    program,
    { memberId, points: 100, reason: 'test', by } as never,
    plain,
    noon,
  );
  await changeProfile(ledger, program, memberId, { email: 'a@example.com' }, noon);
  await changeProfile(ledger, program, memberId, { email: 'b@example.com' }, noon);
  expect((await redeemed(ledger, program, { memberId, rewardId: 'gift' }, noon)).type).toBe('held');
  expect(await told()).toEqual([
    [
      'points_held',
      memberId,
      memberId,
      'An e-mail or phone was replaced, and most of the points were to be spent soon after.',
    ],
  ]);
});
