/** Where the table takes nothing, whoever runs it is told what was to be done; nobody takes it for done. */
import { beforeEach, expect, it } from 'vitest';
import type { MemberId } from '../../core/contract/ids.ts';
import { createMemoryErasureList } from '../../ledger/erasure/list.ts';
import {
  changeProfile,
  claimPurchase,
  countWrong,
  createAdjustment,
  dismissException,
  endRedemption,
  enrol,
  eraseMember,
  expireRedemption,
  giveVoucher,
  listExceptions,
  mergeMembers,
  putProgram,
  recordPurchase,
  recordRefund,
  revokeVoucher,
  takeTurnOf,
  unmergeMembers,
} from '../../ledger/ledger.ts';
import { joinPublicly } from '../../ledger/members/joining.ts';
import { addToProfile, liftContactHold } from '../../ledger/members/profiles.ts';
import { writeAudit } from '../../ledger/operators/audit.ts';
import { createKey, revokeKey, rotateKey } from '../../ledger/operators/credentials.ts';
import { setSwitch } from '../../ledger/operators/switches.ts';
import { type LedgerContext, LedgerUnavailable } from '../../ledger/store/context.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import type { Item } from '../../ledger/store/store.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { redeemed, used } from '../support/spending.ts';
import { aPurchase, aRefund, defaultProgram, noon, testContext } from '../support/world.ts';

const program = defaultProgram({
  bonuses: {},
  rewards: [
    { id: 'gift', name: 'Gift', type: 'gift', points: 10, sku: 'A' },
    { id: 'rare', name: 'Rare', type: 'gift', points: 10, sku: 'A', limit: 5 },
  ],
});
const operator = { keyId: 'key_01JD0000000000000000000000', name: 'Tess' };
const why = { operator, reason: 'test' };
const plain = { once: undefined, answer: (body: unknown) => ({ status: 200, body }) };

let ledger: LedgerContext;
/** The same table, which takes nothing. */
let full: LedgerContext;
let items: () => readonly Item[];
let member: MemberId;
let other: MemberId;
beforeEach(async () => {
  const store = createMemoryStore();
  items = () => store.items();
  ledger = testContext(store);
  full = { ...ledger, store: { ...store, transact: async () => ({ type: 'throttled' }) } };
  await putInForce(ledger, program);
  member = await newMember(ledger, program);
  other = await newMember(ledger, program);
  await recordPurchase(ledger, program, aPurchase([90_000], { member: { memberId: member } }), noon);
});

/** What there is to be done, each with how it is named. */
async function wanted(): Promise<[string, () => Promise<unknown>][]> {
  const guest = aPurchase([500]);
  await recordPurchase(ledger, program, guest, noon);
  const [told] = (await listExceptions(ledger, { status: 'open', limit: 1 })).items;
  const order = aPurchase([500], { member: { memberId: member } });
  await recordPurchase(ledger, program, order, noon);
  const next = aPurchase([500]);
  const refund = aRefund(order, 100);
  const held = await redeemed(
    ledger,
    program,
    { memberId: member, rewardId: 'gift', mode: 'authorize' },
    noon,
  );
  const spent = await redeemed(ledger, program, { memberId: member, rewardId: 'gift' }, noon);
  if (held.type !== 'done' || spent.type !== 'done' || !told) throw new Error('It was not done.');
  const voucher = spent.vouchers[0];
  if (!voucher?.code) throw new Error('It gave no voucher.');
  const { code, voucherId } = voucher;
  const { redemptionId } = held.record;
  const { keyId } = (
    await createKey(ledger, { name: 'Web', role: 'channel', channel: 'web' }, operator, noon)
  ).credential;
  const into = await newMember(ledger, program);
  const from = await newMember(ledger, program);
  await mergeMembers(ledger, program, { into, from }, noon);
  await changeProfile(ledger, program, member, { email: 'a@example.com' }, noon);
  await changeProfile(ledger, program, member, { email: 'b@example.com' }, noon);
  const end = { redemptionId, end: 'cancel' as const, mayUse: () => true };
  const adjustment = {
    memberId: member,
    points: 5,
    reason: 'test',
    by: { ...operator, holder: operator.keyId },
  };
  const gift = { member: { memberId: member }, rewardId: 'gift', ...why };
  const late = noon + 90 * 60_000;
  return [
    ['Enrolling a member', () => enrol(full, program, {}, noon)],
    ['Joining', () => joinPublicly(full, program, { name: 'Ana' }, noon)],
    ['Changing a profile', () => changeProfile(full, program, member, { name: 'Ana' }, noon)],
    [`Adding to the profile of ${member}`, () => addToProfile(full, program, member, { name: 'Ana' }, noon)],
    [`Lifting the hold of ${member}`, () => liftContactHold(full, member, why, plain, noon)],
    [`Posting ${next.id}`, () => recordPurchase(full, program, next, noon)],
    [`Posting ${refund.id}`, () => recordRefund(full, program, refund, noon)],
    [
      `Claiming ${guest.id}`,
      () => claimPurchase(full, program, guest.id, { member: { memberId: member }, totalMinor: 500 }, noon),
    ],
    ['Redeeming gift', () => redeemed(full, program, { memberId: member, rewardId: 'gift' }, noon)],
    ['Levelling reward rare', () => redeemed(full, program, { memberId: member, rewardId: 'rare' }, noon)],
    [`Ending ${redemptionId}`, () => endRedemption(full, program, end, plain, noon)],
    [`Expiring ${redemptionId}`, () => expireRedemption(full, program, redemptionId, late)],
    [`Using ${voucherId}`, () => used(full, program, code, order.id, noon)],
    [`Revoking ${voucherId}`, () => revokeVoucher(full, program, { voucher, ...why }, plain, noon)],
    ['Giving gift', () => giveVoucher(full, program, gift, plain, noon)],
    [`Adjusting ${member}`, () => createAdjustment(full, program, adjustment as never, plain, noon)],
    [
      `Merging ${other} into ${member}`,
      () => mergeMembers(full, program, { into: member, from: other }, noon),
    ],
    [`Parting ${from} from ${into}`, () => unmergeMembers(full, program, { into, from }, noon)],
    [
      `Erasing ${member}`,
      () =>
        eraseMember(full, createMemoryErasureList(), program, { memberId: member, ...why }, noon, () => true),
    ],
    ['Counting a wrong guess', () => countWrong(full, 'key', noon)],
    ['Taking a turn of join', () => takeTurnOf(full, 'join', 'hash', [{ max: 1, windowMs: 1 }], noon)],
    ['Putting the programme', () => putProgram(full, { ...program, name: 'New' }, operator, noon)],
    [
      'Setting the switch redemption',
      () => setSwitch(full, { name: 'redemption', paused: true, reason: 'test' }, operator, noon),
    ],
    ['Creating a key', () => createKey(full, { name: 'New', role: 'ops' }, operator, noon)],
    [`Rotating ${keyId}`, () => rotateKey(full, keyId, 1, operator, noon)],
    [`Revoking ${keyId}`, () => revokeKey(full, keyId, operator, noon)],
    ['Auditing', () => writeAudit(full, operator, { action: 'look', subject: member, reason: null }, noon)],
    [`Dismissing ${told.exceptionId}`, () => dismissException(full, told.exceptionId, why, noon)],
  ];
}

it('what was to be done is named, and nothing is', async () => {
  const all = await wanted();
  const before = JSON.stringify(items());
  for (const [what, act] of all) {
    const error = await act().then(
      () => undefined,
      (reason: unknown) => reason,
    );
    expect(error, what).toBeInstanceOf(LedgerUnavailable);
    expect((error as LedgerUnavailable).message).toBe(`${what}: throttled.`);
    expect((error as LedgerUnavailable).reason).toBe('throttled');
  }
  expect(JSON.stringify(items())).toBe(before);
});
