/** Goods bought in one channel and brought back in another: applied in every order, and only for whoever bought them. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { MemberId } from '../../core/contract/ids.ts';
import type { MemberReference } from '../../core/contract/shapes/member.ts';
import { statusOf } from '../../core/purchases.ts';
import { createMemoryErasureList } from '../../ledger/erasure/list.ts';
import {
  changeProfile,
  claimPurchase,
  enrol,
  eraseMember,
  getAccount,
  getPurchase,
  getRefund,
  listExceptions,
  mergeMembers,
  recordPurchase,
  recordRefund,
  resolveMember,
} from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import type { Item } from '../../ledger/store/store.ts';
import { aPurchase, aRefund, defaultProgram, noon, testContext } from '../support/world.ts';

const program = defaultProgram();
const buyer = 'ada@example.com';
let ledger: LedgerContext;
let items: () => Item[];
let memberId: MemberId;
beforeEach(async () => {
  const store = createMemoryStore();
  ledger = testContext(store);
  items = () => store.items();
  const enrolled = await enrol(ledger, program, { email: buyer }, noon - 1000);
  if (enrolled.type !== 'enrolled') throw new Error('She exists.');
  memberId = enrolled.member.account.memberId;
  await enrol(ledger, program, { email: 'ben@example.com' }, noon - 1000);
});

const web = (member?: MemberReference) =>
  aPurchase([10_000], { channel: 'web', id: 'web:R3', ...(member ? { member } : {}) });
const fromStore = (member?: MemberReference, id: `store:${string}` = 'store:RF') =>
  aRefund(web(), 10_000, { channel: 'store', id, ...(member ? { member } : {}) });

type Step = 'purchase' | 'refund';
async function play(order: readonly Step[], purchase = web({ email: buyer }), refund = fromStore()) {
  for (const step of order)
    if (step === 'purchase') await recordPurchase(ledger, program, purchase, noon);
    else await recordRefund(ledger, program, refund, noon);
}

async function open(type?: 'refund_rejected' | 'refund_waiting' | 'over_refund') {
  return (await listExceptions(ledger, { status: 'open', limit: 50, ...(type ? { type } : {}) })).items;
}

const orders: readonly (readonly Step[])[] = [
  ['purchase', 'refund'],
  ['refund', 'purchase'],
  // Deliveries come more than once.
  ['purchase', 'refund', 'purchase', 'refund'],
  ['refund', 'purchase', 'refund', 'purchase'],
  ['refund', 'refund', 'purchase', 'purchase'],
];

describe.each(orders.map((order) => [order.join(', '), order] as const))('after %s', (_name, order) => {
  it.each<[string, MemberReference | undefined]>([
    ['nobody', undefined],
    ['the buyer', { email: buyer }],
    ['the buyer, spelt otherwise', { email: buyer.toUpperCase() }],
  ])('a refund that names %s takes the points of it back', async (_who, member) => {
    const before = (await getAccount(ledger, memberId))?.lifetime.earned;
    await play(order, web({ email: buyer }), fromStore(member));
    const record = await getPurchase(ledger, 'web:R3');
    expect(record && statusOf(record)).toBe('refunded');
    expect(await getRefund(ledger, 'store:RF')).toMatchObject({ status: 'applied', memberId });
    expect((await getAccount(ledger, memberId))?.lifetime.earned).toBe(before);
    expect(await open()).toEqual([]);
    // Nothing is kept under what the store would have called it.
    expect(items().map(({ pk }) => pk)).not.toContain('PURCHASE#store:web:R3');
  });

  it.each<[string, MemberReference]>([
    ['who the buyer was merged into', { email: 'ben@example.com' }],
    ['the buyer, who was merged', { email: buyer }],
  ])('a refund that names %s takes the points of it back', async (_who, member) => {
    await recordPurchase(ledger, program, web({ email: buyer }), noon);
    const into = await resolveMember(ledger, { email: 'ben@example.com' });
    if (into === undefined) throw new Error('He is there.');
    await mergeMembers(ledger, program, { into, from: memberId }, noon);
    await play(order, web({ email: buyer }), fromStore(member));
    expect(await getRefund(ledger, 'store:RF')).toMatchObject({ status: 'applied' });
  });

  it.each<[string, MemberReference]>([
    ['somebody else', { email: 'ben@example.com' }],
    ['nobody that is known', { email: 'nobody@example.com' }],
  ])('a refund that names %s is rejected and shown to operators, and takes nothing', async (_who, member) => {
    await play(order, web({ email: buyer }), fromStore(member));
    const record = await getPurchase(ledger, 'web:R3');
    expect(record && [statusOf(record), record.clawedBack]).toEqual(['posted', 0]);
    expect(await getRefund(ledger, 'store:RF')).toMatchObject({ status: 'rejected', clawedBack: 0 });
    const [one, ...others] = await open();
    expect(others).toEqual([]);
    expect(one).toMatchObject({ type: 'refund_rejected', subject: 'store:RF', memberId });
    // Another one, of the buyer, is applied.
    await recordRefund(ledger, program, fromStore({ email: buyer }, 'store:RG'), noon);
    expect(await getRefund(ledger, 'store:RG')).toMatchObject({ status: 'applied' });
  });

  it("is of a guest's purchase before it is claimed and behind that", async () => {
    await play(order, web(), fromStore({ email: buyer }));
    const claim = { member: { email: buyer }, totalMinor: 10_000 };
    expect((await claimPurchase(ledger, program, 'web:R3', claim, noon)).type).toBe('claimed');
    const record = await getPurchase(ledger, 'web:R3');
    expect(record && statusOf(record)).toBe('refunded');
    expect(await getRefund(ledger, 'store:RF')).toMatchObject({ status: 'applied', memberId });
  });
});

describe('a refund of an id that nothing was sold under', () => {
  it('waits where operators see it', async () => {
    await recordRefund(ledger, program, fromStore(), noon);
    expect(await getRefund(ledger, 'store:RF')).toMatchObject({ status: 'waiting' });
    expect(await open('refund_waiting')).toHaveLength(1);
  });

  it('keeps the contact that it names only as long as it waits, and under its exception', async () => {
    const named = JSON.stringify({ email: 'guest@example.com' });
    const naming = () => items().filter((item) => JSON.stringify(item).includes('guest@example.com'));
    await recordRefund(ledger, program, fromStore(JSON.parse(named)), noon);
    expect(naming().map(({ item }) => item)).toEqual(expect.arrayContaining(['refund', 'exception']));
    await recordPurchase(ledger, program, web(), noon);
    expect(naming().map(({ item }) => item)).toEqual(['exception']);
  });
});

describe('what waits', () => {
  it('names nobody any more once whoever it names has left', async () => {
    const guest = aPurchase([500], { member: { email: 'later@example.com' } });
    await recordPurchase(ledger, program, guest, noon);
    const refund = fromStore({ email: 'later@example.com' });
    await recordRefund(ledger, program, refund, noon);
    await changeProfile(ledger, program, memberId, { email: 'later@example.com' }, noon);
    expect((await getRefund(ledger, refund.id))?.refund.member).toEqual({ email: 'later@example.com' });
    const before = await getPurchase(ledger, guest.id);
    expect(before).toMatchObject({ revision: 1, purchase: { member: { email: 'later@example.com' } } });
    const request = { memberId, operator: { keyId: 'key_test', name: 'Tess' }, reason: null };
    await eraseMember(ledger, createMemoryErasureList(), program, request, noon, () => true);
    const { member: _, ...nameless } = refund;
    expect(await getRefund(ledger, refund.id)).toMatchObject({ refund: nameless, revision: 2 });
    expect((await getRefund(ledger, refund.id))?.refund).toEqual(nameless);
    const after = await getPurchase(ledger, guest.id);
    expect(after?.revision).toBe(2);
    expect(after?.purchase).not.toHaveProperty('member');
  });
});

describe("a refund of the channel's own purchase", () => {
  it('is of whoever bought it, whomever it names', async () => {
    await recordPurchase(ledger, program, web({ email: buyer }), noon);
    const refund = aRefund(web(), 10_000, { id: 'web:RF', member: { email: 'ben@example.com' } });
    await recordRefund(ledger, program, refund, noon);
    expect(await getRefund(ledger, 'web:RF')).toMatchObject({ status: 'applied', memberId });
  });
});
