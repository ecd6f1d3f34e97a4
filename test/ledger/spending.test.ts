/** What spending keeps beside the points: who did it and when it ends, on whose order, and what comes back of it. */
import { beforeEach, describe, expect, it } from 'vitest';
import { balanceOf } from '../../core/account.ts';
import type { MemberId, PurchaseId, VoucherId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import { createMemoryErasureList } from '../../ledger/erasure/list.ts';
import {
  changeProfile,
  claimPurchase,
  createAdjustment,
  dismissException,
  endRedemption,
  eraseMember,
  expireRedemption,
  findVoucher,
  getAccount,
  getVoucher,
  giveVoucher,
  listAudit,
  listEntries,
  listExceptions,
  listVouchers,
  mergeMembers,
  readRedemption,
  readTally,
  recordPurchase,
  recordRefund,
  revokeVoucher,
  useVoucher,
  type Voucher,
  type VoucherOutcome,
} from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { redeemed, used } from '../support/spending.ts';
import { aPurchase, aRefund, defaultProgram, noon, testContext } from '../support/world.ts';

const minute = 60_000;
const day = 1440 * minute;
const program = defaultProgram({
  bonuses: {},
  campaigns: [],
  stamps: [],
  rewards: [
    { id: 'euros', name: 'Euros', type: 'amount', points: 100, valueMinor: 500, currency: 'EUR' },
    { id: 'yen', name: 'Yen', type: 'amount', points: 100, valueMinor: 500, currency: 'JPY' },
    { id: 'gift', name: 'Gift', type: 'gift', points: 50, sku: 'SKU-2', validDays: 30 },
    { id: 'rare', name: 'Rare', type: 'experience', points: 10, limit: 100, limitPerMember: 1 },
    { id: 'right', name: 'Right', type: 'right', points: 10, percent: '5', validDays: 30 },
    { id: 'both', name: 'Both', type: 'bundle', points: 60, rewards: ['gift', 'right'] },
    { id: 'tree', name: 'Tree', type: 'donation', points: 10 },
    {
      id: 'till',
      name: 'Till',
      type: 'amount',
      points: 10,
      valueMinor: 100,
      currency: 'EUR',
      minimumMinor: 1000,
    },
  ],
});
const operator = { keyId: 'key_01JD0000000000000000000000', name: 'Tess' };
const plain = { once: undefined, answer: (body: unknown) => ({ status: 200, body }) };

let ledger: LedgerContext;
beforeEach(async () => {
  ledger = testContext(createMemoryStore());
  await putInForce(ledger, program);
});

/** A member with a thousand points, none of them from a purchase. */
async function world(): Promise<MemberId> {
  const memberId = await newMember(ledger, program);
  const by = { ...operator, holder: operator.keyId };
  const wanted = { memberId, points: 1000, reason: 'test', by };
  await createAdjustment(ledger, program, wanted as never, plain, noon);
  return memberId;
}

async function available(memberId: MemberId): Promise<number | undefined> {
  const account = await getAccount(ledger, memberId);
  return account && balanceOf(account).available;
}

async function buy(amount: number, more: Parameters<typeof aPurchase>[1] = {}): Promise<RecordedPurchase> {
  const purchase = aPurchase([amount], more);
  await recordPurchase(ledger, program, purchase, noon);
  return purchase;
}

async function spent(
  memberId: MemberId,
  rewardId: string,
  more: { mode?: 'authorize' | 'capture'; purchaseId?: PurchaseId } = {},
  now = noon,
) {
  const done = await redeemed(ledger, program, { memberId, rewardId, ...more }, now);
  if (done.type !== 'done') throw new Error(`It was not done: ${done.type}.`);
  return done;
}

async function voucherOf(memberId: MemberId, rewardId: string, now = noon): Promise<Voucher> {
  const [voucher] = (await spent(memberId, rewardId, {}, now)).vouchers;
  if (!voucher) throw new Error('It gave no voucher.');
  return voucher;
}

async function ended(
  redemptionId: Awaited<ReturnType<typeof spent>>['record']['redemptionId'],
  end: 'capture' | 'cancel',
) {
  const request = { redemptionId, end, mayUse: () => true };
  const result = await endRedemption(ledger, program, request, plain, noon);
  return result.type === 'answered' ? result.answer.body : undefined;
}

describe('a redemption', () => {
  it('ends when it does, and not when another that is open does', async () => {
    const memberId = await world();
    const [first, second] = [
      await spent(memberId, 'gift', { mode: 'authorize' }),
      await spent(memberId, 'gift', { mode: 'authorize' }, noon + 5 * minute),
    ];
    const over = (begun: number) => utc(begun + program.holdMinutes * minute);
    expect([first.record.expiresAt, second.record.expiresAt]).toEqual([over(noon), over(noon + 5 * minute)]);
    const at = noon + program.holdMinutes * minute;
    expect((await readRedemption(ledger, first.record.redemptionId, at))?.status).toBe('expired');
    expect((await readRedemption(ledger, second.record.redemptionId, at))?.status).toBe('authorized');
  });

  it('that is taken back leaves its reward as if nobody had had it', async () => {
    const memberId = await world();
    for (let times = 0; times < 2; times++) {
      const { record } = await spent(memberId, 'rare');
      expect(await readTally(ledger, 'rare')).toEqual({ count: 1, points: 10 });
      expect((await redeemed(ledger, program, { memberId, rewardId: 'rare' }, noon)).type).toBe(
        'unavailable',
      );
      expect(await ended(record.redemptionId, 'cancel')).toMatchObject({ type: 'done' });
      expect(await readTally(ledger, 'rare')).toEqual({ count: 0, points: 0 });
    }
    expect(await available(memberId)).toBe(1000);
  });

  it('of one voucher that was used says so', async () => {
    const memberId = await world();
    const { record, vouchers } = await spent(memberId, 'gift');
    const order = await buy(500, { member: { memberId } });
    await used(ledger, program, vouchers[0]?.code ?? '', order.id, noon);
    expect(await ended(record.redemptionId, 'cancel')).toMatchObject({
      type: 'closed',
      reason: 'Its voucher has been used.',
    });
  });

  it('is answered the same however often it is ended, and gives its points back once', async () => {
    const memberId = await world();
    const { record } = await spent(memberId, 'gift', { mode: 'authorize' });
    const captured = await ended(record.redemptionId, 'capture');
    expect(captured).toMatchObject({
      type: 'done',
      status: 'captured',
      terms: { version: 1 },
      vouchers: [{ rewardId: 'gift', status: 'issued' }],
    });
    expect(await ended(record.redemptionId, 'capture')).toEqual(captured);
    for (let times = 0; times < 2; times++)
      expect(await ended(record.redemptionId, 'cancel')).toMatchObject({ type: 'done', status: 'cancelled' });
    expect(await available(memberId)).toBe(1000);
    expect(await ended(record.redemptionId, 'capture')).toEqual({ type: 'closed', status: 'cancelled' });
  });

  it('of which a voucher was revoked takes back the others alone', async () => {
    const memberId = await world();
    const { record, vouchers } = await spent(memberId, 'both');
    const [first, second] = vouchers;
    if (!first || !second) throw new Error('It gave two.');
    const wanted = { voucher: first, operator, reason: 'A mistake' };
    await revokeVoucher(ledger, program, wanted, plain, noon);
    const before = await getVoucher(ledger, memberId, first.voucherId);
    expect(await ended(record.redemptionId, 'cancel')).toMatchObject({ type: 'done' });
    expect(await getVoucher(ledger, memberId, first.voucherId)).toEqual(before);
    const [last] = await listEntries(ledger, memberId, { limit: 1 });
    expect(last?.vouchers).toEqual({ revoked: [second.voucherId] });
  });

  it('is told to nobody whose it is not, and cannot be ended by them', async () => {
    const memberId = await world();
    const { record } = await spent(memberId, 'gift', { mode: 'authorize' });
    const { redemptionId } = record;
    expect(await readRedemption(ledger, redemptionId, noon, () => false)).toBeUndefined();
    const request = { redemptionId, end: 'capture' as const, mayUse: () => false };
    const refused = await endRedemption(ledger, program, request, plain, noon);
    expect(refused).toMatchObject({ answer: { body: { type: 'missing' } } });
    expect(await readRedemption(ledger, redemptionId, noon)).toMatchObject({ status: 'authorized' });
  });

  it('that is captured while it is read is read as captured', async () => {
    const memberId = await world();
    const { record } = await spent(memberId, 'gift', { mode: 'authorize' });
    let isFirst = true;
    const busy: LedgerContext = {
      ...ledger,
      store: {
        ...ledger.store,
        get: async (key) => {
          const item = await ledger.store.get(key);
          if (isFirst && item?.item === 'redemption') {
            isFirst = false;
            await ended(record.redemptionId, 'capture');
          }
          return item;
        },
      },
    };
    expect((await readRedemption(busy, record.redemptionId, noon))?.status).toBe('captured');
  });

  it('that nobody captured is written down as expired once, when its time is over and not before', async () => {
    const memberId = await world();
    const { record } = await spent(memberId, 'rare', { mode: 'authorize' });
    const { redemptionId } = record;
    const over = noon + program.holdMinutes * minute;
    expect(await expireRedemption(ledger, program, redemptionId, over - 1)).toBe('held');
    expect(await readTally(ledger, 'rare')).toEqual({ count: 1, points: 10 });
    expect(await expireRedemption(ledger, program, redemptionId, over)).toBe('expired');
    expect(await readTally(ledger, 'rare')).toEqual({ count: 0, points: 0 });
    const version = (await getAccount(ledger, memberId))?.version;
    expect(await expireRedemption(ledger, program, redemptionId, over)).toBe('ended');
    expect((await getAccount(ledger, memberId))?.version).toBe(version);
    expect(await available(memberId)).toBe(1000);
    // The reward can be had again: each may have it once.
    expect((await redeemed(ledger, program, { memberId, rewardId: 'rare' }, over)).type).toBe('done');
  });

  it('says why there is none', async () => {
    const memberId = await world();
    const ask = (rewardId: string, purchaseId?: PurchaseId) =>
      redeemed(ledger, program, { memberId, rewardId, ...(purchaseId ? { purchaseId } : {}) }, noon);
    const order = await buy(500, { member: { memberId } });
    const others = await buy(500, { member: { memberId: await world() } });
    expect(await ask('cake')).toEqual({ type: 'unavailable', reason: 'The programme has no reward cake.' });
    expect(await ask('euros', others.id)).toEqual({
      type: 'unavailable',
      reason: 'The purchase is not of this member.',
    });
    expect(await ask('yen', order.id)).toEqual({
      type: 'unavailable',
      reason: 'It takes an amount in JPY off, and this is in EUR.',
    });
    await recordRefund(ledger, program, aRefund(order, 500), noon);
    expect(await ask('euros', order.id)).toEqual({
      type: 'unavailable',
      reason: 'The purchase has been given back.',
    });
    expect(await available(memberId)).toBe(1000);
  });

  it('that was held by somebody who is another by now gives the vouchers to them', async () => {
    const [into, from] = [await world(), await world()];
    const { record } = await spent(from, 'gift', { mode: 'authorize' });
    await mergeMembers(ledger, program, { into, from }, noon);
    expect(await ended(record.redemptionId, 'capture')).toMatchObject({ type: 'done' });
    const state = await readRedemption(ledger, record.redemptionId, noon);
    expect(state).toMatchObject({ status: 'captured', record: { memberId: into } });
    expect(state?.vouchers).toMatchObject([{ memberId: into, rewardId: 'gift' }]);
    expect(await ended(record.redemptionId, 'cancel')).toMatchObject({ type: 'done' });
    expect(await available(into)).toBe(2000);
  });
});

describe('what operators do with vouchers', () => {
  it('is refused where a reward gives no voucher, or more than one', async () => {
    const memberId = await world();
    const give = async (rewardId: string, member: MemberId = memberId) => {
      const wanted = { member: { memberId: member }, rewardId, operator, reason: 'Late parcel' };
      const result = await giveVoucher(ledger, program, wanted, plain, noon);
      return result.type === 'answered' ? result.answer.body : undefined;
    };
    const before = await listAudit(ledger, { limit: 10 });
    expect([await give('cake'), await give('both'), await give('tree')]).toEqual([
      { type: 'unavailable', reason: 'The programme has no reward cake.' },
      { type: 'unavailable', reason: 'both is a bundle: give its rewards one by one.' },
      { type: 'unavailable', reason: 'tree is a donation: it gives no voucher.' },
    ]);
    expect(await give('gift', 'mem_01JD0000000000000000000000' as MemberId)).toEqual({ type: 'no_member' });
    expect(await listVouchers(ledger, memberId, { limit: 1 })).toEqual([]);
    expect(await listAudit(ledger, { limit: 10 })).toEqual(before);
    expect(await give('gift')).toMatchObject({
      type: 'done',
      reward: { id: 'gift' },
      voucher: { rewardId: 'gift', status: 'issued', redemptionId: null, stampId: null },
    });
    expect(await available(memberId)).toBe(1000);
  });

  it('is kept with who did it and why', async () => {
    const memberId = await world();
    const wanted = { member: { memberId }, rewardId: 'gift', operator, reason: 'Late parcel' };
    await giveVoucher(ledger, program, wanted, plain, noon);
    const [voucher] = await listVouchers(ledger, memberId, { limit: 1 });
    if (!voucher) throw new Error('It was given.');
    const revoking = { voucher, operator, reason: 'A mistake' };
    for (let times = 0; times < 2; times++)
      await revokeVoucher(ledger, program, revoking, plain, noon + minute);
    expect(await getVoucher(ledger, memberId, voucher.voucherId)).toMatchObject({
      status: 'revoked',
      code: null,
    });
    const audit = (await listAudit(ledger, { limit: 10 })).filter(({ action }) =>
      action.endsWith('_voucher'),
    );
    const { voucherId: subject } = voucher;
    expect(audit).toHaveLength(2);
    expect(audit).toMatchObject([
      { name: 'Tess', action: 'revoke_voucher', subject, reason: 'A mistake' },
      { name: 'Tess', action: 'issue_voucher', subject, reason: 'Late parcel' },
    ]);
  });

  it('changes nothing of one that was used', async () => {
    const memberId = await world();
    const { code } = await voucherOf(memberId, 'gift');
    const order = await buy(500, { member: { memberId } });
    await used(ledger, program, code ?? '', order.id, noon);
    const [voucher] = await listVouchers(ledger, memberId, { limit: 1 });
    if (!voucher) throw new Error('It is there.');
    const refused = await revokeVoucher(ledger, program, { voucher, operator, reason: '' }, plain, noon);
    expect(refused).toMatchObject({
      answer: { body: { type: 'refused', refusal: { code: 'voucher_used', reason: 'It has been used.' } } },
    });
  });

  it('is told anew of each hold, and of none again that they have dismissed', async () => {
    const memberId = await world();
    const open = async () =>
      (await listExceptions(ledger, { status: 'open', limit: 10 })).items.filter(
        ({ type }) => type === 'points_held',
      );
    const drain = async (now: number) => {
      for (let times = 0; times < 12; times++)
        if ((await redeemed(ledger, program, { memberId, rewardId: 'euros' }, now + times)).type === 'held')
          return;
      throw new Error('Nothing was held.');
    };
    await changeProfile(ledger, program, memberId, { email: 'a@example.com' }, noon);
    await changeProfile(ledger, program, memberId, { email: 'b@example.com' }, noon);
    await drain(noon);
    const [told] = await open();
    if (!told) throw new Error('It was told.');
    await dismissException(ledger, told.exceptionId, { operator, reason: 'seen' }, noon + minute);
    await drain(noon + 2 * minute);
    expect(await open()).toEqual([]);
    await changeProfile(ledger, program, memberId, { email: 'c@example.com' }, noon + day);
    await drain(noon + day);
    expect(await open()).toMatchObject([{ memberId, data: { since: utc(noon + day) } }]);
  });
});

describe('an order', () => {
  it('gives back to whoever its spender is by now', async () => {
    const [into, from] = [await world(), await world()];
    const order = await buy(500, { member: { memberId: from } });
    const before = await available(from);
    await spent(from, 'euros', { purchaseId: order.id });
    const { code, voucherId } = await voucherOf(from, 'gift');
    await used(ledger, program, code ?? '', order.id, noon);
    await mergeMembers(ledger, program, { into, from }, noon);
    await recordRefund(ledger, program, aRefund(order, 500), noon);
    // All but the gift, whose voucher can be used again, and what the order gave.
    expect(await available(into)).toBe(1000 + (before ?? 0) - 50 - 5);
    expect(await getVoucher(ledger, from, voucherId)).toMatchObject({ status: 'issued', uses: 0 });
  });

  it('of a guest is claimed by whoever its spender is by now, and by nobody else while something is spent on it', async () => {
    const [into, from, other] = [await world(), await world(), await world()];
    const orders = [await buy(500), await buy(500), await buy(500)] as const;
    const claim = async ({ id }: RecordedPurchase, memberId: MemberId) =>
      (await claimPurchase(ledger, program, id, { member: { memberId }, totalMinor: 500 }, noon)).type;
    const [captured, held, undone] = orders;
    await spent(from, 'euros', { purchaseId: captured.id });
    await spent(from, 'euros', { purchaseId: held.id, mode: 'authorize' });
    const { record } = await spent(from, 'euros', { purchaseId: undone.id });
    await ended(record.redemptionId, 'cancel');
    await mergeMembers(ledger, program, { into, from }, noon);
    expect([await claim(captured, other), await claim(held, other), await claim(undone, other)]).toEqual([
      'closed',
      'closed',
      'claimed',
    ]);
    expect([await claim(captured, into), await claim(held, from)]).toEqual(['claimed', 'claimed']);
  });

  it('that comes later is held against every currency that was taken off it, and keeps what waits for it', async () => {
    const memberId = await world();
    const order = aPurchase([5000], { member: { memberId }, currency: 'JPY' });
    const { purchaseId: _id, ...refund } = aRefund(order, 3000);
    await recordRefund(ledger, program, { ...refund, purchaseId: order.id }, noon);
    for (const rewardId of ['euros', 'yen'])
      await used(ledger, program, (await voucherOf(memberId, rewardId)).code ?? '', order.id, noon);
    await recordPurchase(ledger, program, order, noon);
    const { items } = await listExceptions(ledger, {
      status: 'open',
      type: 'voucher_not_applicable',
      limit: 10,
    });
    expect(items).toMatchObject([{ subject: order.id, data: { currency: 'JPY', usedIn: ['EUR'] } }]);
    const { items: waiting } = await listExceptions(ledger, { status: 'open', limit: 10 });
    expect(waiting).toHaveLength(1);
    const earned = (await getAccount(ledger, memberId))?.lifetime.earned;
    // 2,000 of the 5,000 yen are left.
    expect(earned).toBe(1000 + Math.floor(2000 / 150));
  });
});

describe('the use of a voucher', () => {
  async function use(
    voucher: Voucher,
    more: {
      purchaseId?: PurchaseId | null;
      amountMinor?: number;
      currency?: string;
      paused?: boolean;
    } = {},
    context = ledger,
  ) {
    const { purchaseId = null, amountMinor, currency, paused = false } = more;
    const wanted = { voucher, channel: 'store' as const, purchaseId, amountMinor, currency, paused };
    const result = await useVoucher(context, program, wanted, plain, noon);
    return result.type === 'answered' ? (result.answer.body as VoucherOutcome) : undefined;
  }
  const refused = (reason: string) => ({
    type: 'refused',
    refusal: { code: 'voucher_not_applicable', reason },
  });

  it('is of the amount and in the currency of its order, unless they are said', async () => {
    const memberId = await world();
    const voucher = await voucherOf(memberId, 'till');
    const [small, large] = [
      await buy(900, { member: { memberId } }),
      await buy(1000, { member: { memberId } }),
    ];
    expect(await use(voucher)).toEqual(refused('It needs amountMinor: the reward has a minimum.'));
    expect(await use(voucher, { purchaseId: small.id })).toEqual(
      refused('It needs 1000 minor units of EUR or more, not 900.'),
    );
    expect(await use(voucher, { purchaseId: large.id, amountMinor: 999 })).toEqual(
      refused('It needs 1000 minor units of EUR or more, not 999.'),
    );
    expect(await use(voucher, { amountMinor: 1000, currency: 'JPY' })).toEqual(
      refused('It takes an amount in EUR off, and this is in JPY.'),
    );
    expect(await use(voucher, { purchaseId: large.id, currency: 'JPY' })).toEqual(
      refused('The purchase is in EUR, not in JPY.'),
    );
    expect(await getVoucher(ledger, memberId, voucher.voucherId)).toEqual(voucher);
    expect(await use(voucher, { purchaseId: large.id, currency: 'EUR' })).toMatchObject({
      type: 'done',
      reward: { id: 'till' },
      voucher: { status: 'used', uses: 1 },
    });
  });

  it('is refused while operators have stopped it, and on what is not the member’s or was given back', async () => {
    const memberId = await world();
    const voucher = await voucherOf(memberId, 'gift');
    const [back, others] = [await buy(500, { member: { memberId } }), await buy(500)];
    await claimPurchase(
      ledger,
      program,
      others.id,
      { member: { memberId: await world() }, totalMinor: 500 },
      noon,
    );
    await recordRefund(ledger, program, aRefund(back, 500), noon);
    expect(await use(voucher, { paused: true })).toEqual({ type: 'paused' });
    expect(await use(voucher, { purchaseId: back.id })).toEqual(refused('The purchase has been given back.'));
    expect(await use(voucher, { purchaseId: others.id })).toEqual(
      refused('The purchase is not of this member.'),
    );
    expect(await getVoucher(ledger, memberId, voucher.voucherId)).toEqual(voucher);
  });

  it('is decided on the voucher as it is by then, whoever changed it in between', async () => {
    const memberId = await world();
    const [right, gift] = [await voucherOf(memberId, 'right'), await voucherOf(memberId, 'gift')];
    for (let times = 1; times <= 3; times++)
      // As it was found at first, each time.
      expect(await use(right)).toMatchObject({ type: 'done', voucher: { uses: times, status: 'issued' } });
    const revoked = () =>
      revokeVoucher(ledger, program, { voucher: gift, operator, reason: 'A mistake' }, plain, noon);
    const done = { answer: { body: { type: 'done', voucher: { status: 'revoked' } } } };
    expect(await revoked()).toMatchObject(done);
    expect(await use(gift)).toEqual(refused('It was revoked.'));
    // Done again it is the same, and nothing is written.
    const { version } = (await getAccount(ledger, memberId)) ?? {};
    expect(await revoked()).toMatchObject(done);
    expect((await getAccount(ledger, memberId))?.version).toBe(version);
  });

  it('of a right may be more than once on one order, and each comes back with it', async () => {
    const memberId = await world();
    const voucher = await voucherOf(memberId, 'right');
    const order = aPurchase([500], { member: { memberId } });
    await use(voucher);
    for (let times = 0; times < 3; times++) await use(voucher, { purchaseId: order.id });
    await recordPurchase(ledger, program, order, noon);
    expect(await getVoucher(ledger, memberId, voucher.voucherId)).toMatchObject({ uses: 4 });
    for (let times = 0; times < 2; times++) await recordRefund(ledger, program, aRefund(order, 500), noon);
    expect(await getVoucher(ledger, memberId, voucher.voucherId)).toMatchObject({
      uses: 1,
      status: 'issued',
    });
  });
});

describe('a voucher that comes back with its order', () => {
  it('is usable for thirty days anew from its very end on, and else as long as before', async () => {
    const memberId = await world();
    for (const [late, longer] of [
      [-1000, 0],
      [0, 30 * day],
      [1000, 30 * day + 1000],
    ] as const) {
      const voucher = await voucherOf(memberId, 'gift');
      const until = Date.parse(voucher.expiresAt ?? '');
      const order = await buy(500, { member: { memberId } });
      await used(ledger, program, voucher.code ?? '', order.id, noon);
      await recordRefund(ledger, program, aRefund(order, 500), until + late);
      expect(await getVoucher(ledger, memberId, voucher.voucherId)).toMatchObject({
        status: 'issued',
        expiresAt: utc(until + longer),
      });
    }
  });

  it('is back by one use of as many as it had', async () => {
    const memberId = await world();
    const { code, voucherId } = await voucherOf(memberId, 'right');
    const orders = [await buy(500, { member: { memberId } }), await buy(500, { member: { memberId } })];
    const last = async () => (await listEntries(ledger, memberId, { limit: 1 }))[0]?.entryId;
    for (const { id } of orders) {
      await used(ledger, program, code ?? '', id, noon);
      // It says which entry it is as it is by.
      expect((await getVoucher(ledger, memberId, voucherId))?.entryId).toBe(await last());
    }
    const [first] = orders;
    if (!first) throw new Error('There are two.');
    for (let times = 0; times < 2; times++) await recordRefund(ledger, program, aRefund(first, 500), noon);
    expect(await getVoucher(ledger, memberId, voucherId)).toMatchObject({ uses: 1, status: 'issued' });
  });
});

describe('a voucher of who has left', () => {
  it('stays nobody’s when the order that it was used on is given back', async () => {
    const memberId = await world();
    const { code, voucherId } = await voucherOf(memberId, 'gift');
    const order = await buy(500, { member: { memberId } });
    await used(ledger, program, code ?? '', order.id, noon);
    const request = { memberId, operator, reason: null };
    await eraseMember(ledger, createMemoryErasureList(), program, request, noon, () => true);
    const before = await getVoucher(ledger, memberId, voucherId);
    expect(before).toMatchObject({ status: 'used', code: null });
    await recordRefund(ledger, program, aRefund(order, 500), noon);
    expect(await getVoucher(ledger, memberId, voucherId)).toEqual(before);
  });
});

describe('a voucher that was revoked', () => {
  it('stays so when an order that it was used on is given back', async () => {
    const memberId = await world();
    const { code, voucherId } = await voucherOf(memberId, 'right');
    const order = await buy(500, { member: { memberId } });
    await used(ledger, program, code ?? '', order.id, noon);
    const voucher = await getVoucher(ledger, memberId, voucherId);
    if (!voucher) throw new Error('It is there.');
    await revokeVoucher(ledger, program, { voucher, operator, reason: 'A fraud' }, plain, noon);
    await recordRefund(ledger, program, aRefund(order, 500), noon);
    expect(await getVoucher(ledger, memberId, voucherId)).toMatchObject({ status: 'revoked', uses: 1 });
  });
});

describe('the vouchers of a member', () => {
  it('are listed newest first, with those of whoever was merged into them, page by page', async () => {
    const [into, from] = [await world(), await world()];
    const ids: VoucherId[] = [];
    for (let at = 0; at < 6; at++)
      ids.push((await voucherOf(at % 2 === 0 ? into : from, 'right', noon + at * minute)).voucherId);
    await mergeMembers(ledger, program, { into, from }, noon + day);
    const newest = ids.toReversed();
    const page = async (after?: VoucherId) =>
      (await listVouchers(ledger, into, { limit: 4, ...(after ? { after } : {}) })).map(
        ({ voucherId }) => voucherId,
      );
    expect(await page()).toEqual(newest.slice(0, 4));
    expect(await page(newest[3])).toEqual(newest.slice(4));
  });

  it('are found by nobody once they have left', async () => {
    const memberId = await world();
    const { code, voucherId } = await voucherOf(memberId, 'gift');
    expect(await findVoucher(ledger, code ?? '')).toMatchObject({ voucherId });
    const request = { memberId, operator, reason: null };
    await eraseMember(ledger, createMemoryErasureList(), program, request, noon, () => true);
    expect(await findVoucher(ledger, code ?? '')).toBeUndefined();
    expect(await getVoucher(ledger, memberId, voucherId)).toMatchObject({ status: 'revoked', code: null });
  });
});
