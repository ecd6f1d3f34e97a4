/** Spending, over every engine: exact under concurrency, one effect per key, back to the same lots. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Account, balanceOf, withoutListeners } from '../../core/account.ts';
import type { MemberId, PurchaseId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { settle } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import { replay } from '../../core/replay.ts';
import {
  countWrong,
  createRedemption,
  endRedemption,
  findVoucher,
  getAccount,
  giveVoucher,
  listEntries,
  onceKey,
  putProgram,
  type Redeemed,
  type RedemptionEnded,
  readRedemption,
  readTally,
  recordPurchase,
  recordRefund,
  rewardOf,
  stoppedUntil,
  useVoucher,
  type VoucherOutcome,
} from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { keys } from '../../ledger/store/items.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { aPurchase, aRefund, defaultProgram, noon, runs, sha256, testContext } from '../support/world.ts';
import { type Engine, engines } from './engines.ts';

const minute = 60_000;
const day = 24 * 60 * minute;
const program = defaultProgram({
  bonuses: {},
  rewards: [
    {
      id: 'five',
      name: 'Five',
      type: 'amount',
      points: 100,
      valueMinor: 500,
      currency: 'EUR',
      validDays: 90,
    },
    {
      id: 'till',
      name: 'Till',
      type: 'percent',
      points: 100,
      percent: '10',
      channels: ['store'],
      minimumMinor: 1000,
    },
    { id: 'rare', name: 'Rare', type: 'experience', points: 10, limit: 7 },
    { id: 'once', name: 'Once', type: 'gift', points: 10, sku: 'A', limitPerMember: 1 },
    { id: 'right', name: 'Right', type: 'right', points: 10, percent: '5', validDays: 30 },
    { id: 'tree', name: 'Tree', type: 'donation', points: 25 },
    { id: 'pair', name: 'Pair', type: 'bundle', points: 100, rewards: ['once', 'five', 'once'] },
    { id: 'vip', name: 'VIP', type: 'experience', points: 10, tier: 'intime' },
  ],
});

type Mode = 'authorize' | 'capture';

async function world(ledger: LedgerContext, points = 1000): Promise<MemberId> {
  await putInForce(ledger, program);
  const memberId = await newMember(ledger, program);
  // Below the second tier's threshold, so that every point is one euro.
  for (let left = points; left > 0; left -= 400) {
    const purchase = aPurchase([Math.min(400, left) * 100], { member: { memberId } });
    await recordPurchase(ledger, { ...program, tiers: program.tiers.slice(0, 1) }, purchase, noon);
  }
  return memberId;
}

/** Asks for a redemption; answers what came of it, also when it was a repeat. */
async function redeem(
  ledger: LedgerContext,
  memberId: MemberId,
  rewardId: string,
  more: { mode?: Mode; key?: string; now?: number; purchaseId?: PurchaseId; paused?: boolean } = {},
): Promise<{ body: Redeemed; replayed: boolean }> {
  const { mode = 'capture', key, now = noon, purchaseId = null, paused = false } = more;
  const content = { memberId, rewardId, mode };
  const once =
    key === undefined ? undefined : onceKey(ledger, { caller: 'store', operation: 'redeem', key, content });
  const request = { member: { memberId }, rewardId, mode, purchaseId, channel: 'store' as const, paused };
  const answer = (body: Redeemed) => ({ status: 200, body });
  const result = await createRedemption(ledger, program, request, { once, answer }, now);
  if (result.type !== 'answered') throw new Error('The key was used for something else.');
  return { body: result.answer.body as Redeemed, replayed: result.replayed };
}

function idOf({ body }: { body: Redeemed | RedemptionEnded }) {
  if (body.type !== 'done') throw new Error(`It was not done: ${body.type}.`);
  return body.record.redemptionId;
}

async function end(
  ledger: LedgerContext,
  redemptionId: ReturnType<typeof idOf>,
  how: 'capture' | 'cancel',
  now = noon,
): Promise<RedemptionEnded> {
  const answer = (body: RedemptionEnded) => ({ status: 200, body });
  const request = { redemptionId, end: how, mayUse: () => true };
  const result = await endRedemption(ledger, program, request, { once: undefined, answer }, now);
  if (result.type !== 'answered') throw new Error('There is no key.');
  return result.answer.body as RedemptionEnded;
}

async function use(
  ledger: LedgerContext,
  code: string,
  more: { now?: number; channel?: 'store' | 'web'; amountMinor?: number; purchaseId?: PurchaseId } = {},
): Promise<VoucherOutcome> {
  const voucher = await findVoucher(ledger, code);
  if (!voucher) throw new Error(`There is no voucher ${code}.`);
  const { now = noon, channel = 'store', amountMinor, purchaseId = null } = more;
  const answer = (body: VoucherOutcome) => ({ status: 200, body });
  const wanted = { voucher, channel, amountMinor, purchaseId, paused: false };
  const result = await useVoucher(ledger, program, wanted, { once: undefined, answer }, now);
  return result.type === 'answered' ? (result.answer.body as VoucherOutcome) : { type: 'missing' };
}

/** The account as stored, after checking that the entries add up to it and every posting sums to zero. */
async function audited(ledger: LedgerContext, memberId: MemberId): Promise<Account> {
  const entries = (await listEntries(ledger, memberId, { limit: 1000 })).reverse();
  const account = await getAccount(ledger, memberId);
  expect(replay(memberId, entries, sha256)).toEqual(account && withoutListeners(account));
  expect(entries.flatMap(({ postings }) => postings).reduce((sum, { points }) => sum + points, 0)).toBe(0);
  if (!account) throw new Error('The member has no account.');
  return account;
}

function codeOf(body: Redeemed | RedemptionEnded): string {
  if (body.type !== 'done' || !body.vouchers[0]?.code) throw new Error('It gave no voucher.');
  return body.vouchers[0].code;
}

describe.each(Object.entries(engines))('spending on %s', (name, { wanted, start }) => {
  let engine: Engine;
  beforeAll(async () => {
    if (wanted) engine = await start();
    else console.warn(`Spending on ${name} is not tried: set DYNAMODB_LOCAL=1 to accept its licence.`);
  });
  afterAll(async () => {
    await engine?.stop();
  });
  const test = it.skipIf(!wanted);
  const newLedger = async () => testContext(await engine.newStore());

  test('a hundred redemptions at once of a balance that is worth seven: seven succeed', async () => {
    const ledger = await newLedger();
    const memberId = await world(ledger, 750);
    const wantedModes = Array.from(
      { length: 100 },
      (_, index): Mode => (index % 2 ? 'capture' : 'authorize'),
    );
    const all = await Promise.all(wantedModes.map((mode) => redeem(ledger, memberId, 'five', { mode })));
    expect(all.filter(({ body }) => body.type === 'done')).toHaveLength(7);
    expect(all.filter(({ body }) => body.type === 'insufficient')).toHaveLength(93);
    expect(balanceOf(await audited(ledger, memberId)).available).toBe(50);
  });

  test('fifty requests with one key have one effect and one answer', async () => {
    const ledger = await newLedger();
    const memberId = await world(ledger);
    const all = await Promise.all(
      Array.from({ length: 50 }, () => redeem(ledger, memberId, 'five', { key: 'k' })),
    );
    expect(new Set(all.map(idOf)).size).toBe(1);
    expect(all.filter(({ replayed }) => !replayed)).toHaveLength(1);
    expect(balanceOf(await audited(ledger, memberId)).available).toBe(900);
  });

  test('a refusal is the answer to its key for thirty days, and not a day longer', async () => {
    const ledger = await newLedger();
    const memberId = await world(ledger, 50);
    expect((await redeem(ledger, memberId, 'five', { key: 'k' })).body.type).toBe('insufficient');
    const purchase = aPurchase([30_000], { member: { memberId } });
    await recordPurchase(ledger, program, purchase, noon);
    const soon = await redeem(ledger, memberId, 'five', { key: 'k', now: noon + 30 * day - 1 });
    expect(soon).toMatchObject({ body: { type: 'insufficient' }, replayed: true });
    const late = await redeem(ledger, memberId, 'five', { key: 'k', now: noon + 30 * day });
    expect(late).toMatchObject({ body: { type: 'done' }, replayed: false });
    const again = await redeem(ledger, memberId, 'five', { key: 'k', now: noon + 31 * day });
    expect(again).toMatchObject({ body: { type: 'done' }, replayed: true });
    expect(balanceOf(await audited(ledger, memberId)).available).toBe(250);
  });

  test('a key that was used for other content is a mismatch, and another caller has keys of its own', async () => {
    const ledger = await newLedger();
    const memberId = await world(ledger);
    await redeem(ledger, memberId, 'five', { key: 'k' });
    await expect(redeem(ledger, memberId, 'once', { key: 'k' })).rejects.toThrow('something else');
    const mine = onceKey(ledger, { caller: 'store', operation: 'redeem', key: 'k', content: { b: 1, a: 2 } });
    const other = onceKey(ledger, { caller: 'web', operation: 'redeem', key: 'k', content: { a: 2, b: 1 } });
    expect(other.hash).not.toBe(mine.hash);
    expect(other.fingerprint).toBe(mine.fingerprint);
  });

  test('a hold ends once, however many want to end it', async () => {
    const ledger = await newLedger();
    const memberId = await world(ledger);
    const id = idOf(await redeem(ledger, memberId, 'five', { mode: 'authorize' }));
    expect(balanceOf(await audited(ledger, memberId))).toMatchObject({ available: 900, held: 100 });
    const ends = Array.from({ length: 20 }, (_, index) => end(ledger, id, index % 2 ? 'capture' : 'cancel'));
    const done = await Promise.all(ends);
    // Whoever comes after the cancellation of a capture finds it closed; nobody pays twice.
    expect(done.filter(({ type }) => type === 'done').length).toBeGreaterThan(0);
    const { available, held } = balanceOf(await audited(ledger, memberId));
    expect([available, held]).toEqual([1000, 0]);
  });

  test('a hold that nobody captured has expired to the millisecond, and its points are back', async () => {
    const ledger = await newLedger();
    const memberId = await world(ledger);
    const id = idOf(await redeem(ledger, memberId, 'five', { mode: 'authorize' }));
    const over = noon + program.holdMinutes * minute;
    expect((await readRedemption(ledger, id, over - 1))?.status).toBe('authorized');
    expect((await readRedemption(ledger, id, over))?.status).toBe('expired');
    expect(await end(ledger, id, 'capture', over)).toMatchObject({ type: 'closed', status: 'expired' });
    expect(await end(ledger, id, 'cancel', over)).toMatchObject({ type: 'closed', status: 'expired' });
    const account = await audited(ledger, memberId);
    expect(balanceOf(settle(program, account, over).account)).toMatchObject({ available: 1000, held: 0 });
    expect(await end(ledger, id, 'capture', over - 1)).toMatchObject({ type: 'done' });
  });

  test('a limited reward is given as often as it may be, over all members, and cancelling frees one', async () => {
    const ledger = await newLedger();
    const memberId = await world(ledger);
    const other = await newMember(ledger, program);
    await recordPurchase(ledger, program, aPurchase([40_000], { member: { memberId: other } }), noon);
    const all = await Promise.all(
      Array.from({ length: 30 }, (_, index) => redeem(ledger, index % 2 ? memberId : other, 'rare')),
    );
    const done = all.filter(({ body }) => body.type === 'done');
    expect(done).toHaveLength(7);
    expect(all.filter(({ body }) => body.type === 'unavailable')).toHaveLength(23);
    const [first] = done;
    if (first) await end(ledger, idOf(first), 'cancel');
    expect((await redeem(ledger, memberId, 'rare')).body.type).toBe('done');
    expect((await redeem(ledger, memberId, 'rare')).body.type).toBe('unavailable');
    expect((await readTally(ledger, 'rare')).count).toBe(7);
  });

  test('a reward that each member may have once is had once, and again after it was given back', async () => {
    const ledger = await newLedger();
    const memberId = await world(ledger);
    const all = await Promise.all(Array.from({ length: 10 }, () => redeem(ledger, memberId, 'once')));
    expect(all.filter(({ body }) => body.type === 'done')).toHaveLength(1);
    const [won] = all.filter(({ body }) => body.type === 'done');
    if (won) await end(ledger, idOf(won), 'cancel');
    expect((await redeem(ledger, memberId, 'once')).body.type).toBe('done');
  });

  test('tier, a stop by operators and unknown rewards and members are refused without a trace', async () => {
    const ledger = await newLedger();
    const memberId = await world(ledger);
    const before = await audited(ledger, memberId);
    expect((await redeem(ledger, memberId, 'vip')).body.type).toBe('unavailable');
    expect((await redeem(ledger, memberId, 'nothing')).body.type).toBe('unavailable');
    expect((await redeem(ledger, memberId, 'five', { paused: true })).body.type).toBe('paused');
    const nobody = 'mem_01JD0000000000000000000000' as MemberId;
    expect((await redeem(ledger, nobody, 'five')).body.type).toBe('no_member');
    expect(await audited(ledger, memberId)).toEqual(before);
  });

  test('a voucher is used once, whoever tries at the same moment, and its redemption cannot be undone then', async () => {
    const ledger = await newLedger();
    const memberId = await world(ledger);
    const redeemed = await redeem(ledger, memberId, 'five');
    const code = codeOf(redeemed.body);
    const uses = await Promise.all(Array.from({ length: 20 }, () => use(ledger, code)));
    expect(uses.filter(({ type }) => type === 'done')).toHaveLength(1);
    expect(uses.filter((one) => one.type === 'refused' && one.refusal.code === 'voucher_used')).toHaveLength(
      19,
    );
    expect(await end(ledger, idOf(redeemed), 'cancel')).toMatchObject({ type: 'closed' });
    await audited(ledger, memberId);
  });

  test('a voucher keeps to its channel, its minimum and its time; a right is used as often as one likes', async () => {
    const ledger = await newLedger();
    const memberId = await world(ledger);
    const till = codeOf((await redeem(ledger, memberId, 'till')).body);
    const refusal = async (more: Parameters<typeof use>[2]) => {
      const outcome = await use(ledger, till, more);
      return outcome.type === 'refused' ? outcome.refusal.code : outcome.type;
    };
    expect(await refusal({ channel: 'web', amountMinor: 5000 })).toBe('voucher_not_applicable');
    expect(await refusal({})).toBe('voucher_not_applicable');
    expect(await refusal({ amountMinor: 999 })).toBe('voucher_not_applicable');
    expect(await refusal({ amountMinor: 1000 })).toBe('done');
    const right = codeOf((await redeem(ledger, memberId, 'right')).body);
    for (let count = 0; count < 3; count++)
      expect((await use(ledger, right, { now: noon + count * day })).type).toBe('done');
    const late = await use(ledger, right, { now: noon + 30 * day });
    expect(late).toMatchObject({ refusal: { code: 'voucher_expired' } });
  });

  test('a cancelled redemption takes its voucher with it, and the lots are as they were', async () => {
    const ledger = await newLedger();
    const memberId = await world(ledger);
    const before = await audited(ledger, memberId);
    const redeemed = await redeem(ledger, memberId, 'five');
    const code = codeOf(redeemed.body);
    expect(await end(ledger, idOf(redeemed), 'cancel')).toMatchObject({ type: 'done', status: 'cancelled' });
    expect(await findVoucher(ledger, code)).toMatchObject({ status: 'revoked', code: null });
    const { lots, lifetime, debt } = await audited(ledger, memberId);
    expect({ lots, lifetime, debt }).toEqual({
      lots: before.lots,
      lifetime: before.lifetime,
      debt: before.debt,
    });
  });

  test('points and vouchers that paid for an order come back once when all of it is given back', async () => {
    const ledger = await newLedger();
    const memberId = await world(ledger);
    const code = codeOf((await redeem(ledger, memberId, 'five')).body);
    const order = aPurchase([5000], { member: { memberId }, id: 'store:ORDER' });
    await redeem(ledger, memberId, 'five', { purchaseId: order.id });
    await use(ledger, code, { purchaseId: order.id });
    await recordPurchase(ledger, program, order, noon);
    expect(balanceOf(await audited(ledger, memberId)).available).toBe(850);
    await recordRefund(ledger, program, aRefund(order, { '1': 2000 }), noon);
    expect(balanceOf(await audited(ledger, memberId)).available).toBe(830);
    const rest = aRefund(order, { '1': 3000 });
    for (let times = 0; times < 3; times++) await recordRefund(ledger, program, rest, noon);
    // 100 of the order's own redemption are back; those of the voucher are in the voucher, which can be used again.
    expect(balanceOf(await audited(ledger, memberId)).available).toBe(900);
    expect(await findVoucher(ledger, code)).toMatchObject({ status: 'issued', uses: 0 });
    expect((await use(ledger, code)).type).toBe('done');
    await recordRefund(ledger, program, rest, noon);
    expect(await findVoucher(ledger, code)).toMatchObject({ status: 'used' });
  });

  test('ten wrong codes stop a caller for a quarter of an hour, and of a hundred at once ten are answered', async () => {
    const ledger = await newLedger();
    const answers = await Promise.all(Array.from({ length: 100 }, () => countWrong(ledger, 'key_a', noon)));
    expect(answers.filter((one) => one === undefined)).toHaveLength(10);
    expect(await stoppedUntil(ledger, 'key_a', noon + 15 * minute - 1)).toBe(noon + 15 * minute);
    expect(await stoppedUntil(ledger, 'key_b', noon)).toBeUndefined();
    expect(await stoppedUntil(ledger, 'key_a', noon + 15 * minute)).toBeUndefined();
    // Nine in any quarter of an hour are nobody's business.
    for (let count = 0; count < 30; count++)
      expect(await countWrong(ledger, 'key_c', noon + count * 100_000)).toBeUndefined();
  });

  test('a bundle gives a voucher of each of its rewards, each used for itself', async () => {
    const ledger = await newLedger();
    const memberId = await world(ledger);
    const { body } = await redeem(ledger, memberId, 'pair');
    if (body.type !== 'done') throw new Error('It was not done.');
    const { vouchers } = body;
    const terms = vouchers.map(({ rewardId, expiresAt, status }) => [rewardId, expiresAt, status]);
    const in90Days = utc(noon + 90 * day);
    expect(terms).toEqual([
      ['once', null, 'issued'],
      ['five', in90Days, 'issued'],
      ['once', null, 'issued'],
    ]);
    expect(new Set(vouchers.map(({ code }) => code)).size).toBe(3);
    expect(await use(ledger, vouchers[1]?.code ?? '')).toMatchObject({ type: 'done' });
    expect(await use(ledger, vouchers[1]?.code ?? '')).toMatchObject({ refusal: { code: 'voucher_used' } });
    // What is left of a bundle that was begun is not given back for points.
    expect(await end(ledger, idOf({ body }), 'cancel')).toMatchObject({
      type: 'closed',
      reason: 'One of its vouchers has been used.',
    });
    expect(await use(ledger, vouchers[0]?.code ?? '')).toMatchObject({ type: 'done' });
    expect(balanceOf(await audited(ledger, memberId)).available).toBe(900);
  });

  test('a bundle that is undone takes all its vouchers back', async () => {
    const ledger = await newLedger();
    const memberId = await world(ledger);
    const held = await redeem(ledger, memberId, 'pair', { mode: 'authorize' });
    const captured = await end(ledger, idOf(held), 'capture');
    if (captured.type !== 'done') throw new Error('It was not captured.');
    const codes = captured.vouchers.map(({ code }) => code ?? '');
    expect(codes).toHaveLength(3);
    expect(await end(ledger, idOf(held), 'cancel')).toMatchObject({ type: 'done', status: 'cancelled' });
    for (const code of codes)
      expect(await use(ledger, code)).toMatchObject({ refusal: { reason: 'It was revoked.' } });
    expect(balanceOf(await audited(ledger, memberId)).available).toBe(1000);
  });

  test('a bundle on a purchase is taken at once, and comes back with it', async () => {
    const ledger = await newLedger();
    const memberId = await world(ledger);
    const purchase = aPurchase([2_000], { id: 'store:BUNDLE', member: { memberId } });
    await recordPurchase(ledger, program, purchase, noon);
    const { body } = await redeem(ledger, memberId, 'pair', { purchaseId: 'store:BUNDLE' as PurchaseId });
    expect(body).toMatchObject({ type: 'done', vouchers: [] });
    await recordRefund(ledger, program, aRefund(purchase, { '1': 2_000 }), noon);
    expect(balanceOf(await audited(ledger, memberId)).available).toBe(1000);
  });

  test('an operator gives the rewards of a bundle one by one', async () => {
    const ledger = await newLedger();
    const memberId = await world(ledger);
    const wanted = {
      member: { memberId },
      rewardId: 'pair',
      operator: { keyId: 'key_x', name: 'Ops' },
      reason: 'Sorry',
    };
    const answer = (body: unknown) => ({ status: 200, body });
    expect(await giveVoucher(ledger, program, wanted, { once: undefined, answer }, noon)).toMatchObject({
      answer: { body: { type: 'unavailable', reason: 'pair is a bundle: give its rewards one by one.' } },
    });
    const unknown = { ...wanted, rewardId: 'nothing' };
    expect(await giveVoucher(ledger, program, unknown, { once: undefined, answer }, noon)).toMatchObject({
      answer: { body: { type: 'unavailable', reason: 'The programme has no reward nothing.' } },
    });
  });

  test('what was promised is captured, whatever the programme has become', async () => {
    const ledger = await newLedger();
    const memberId = await world(ledger);
    const [held, bundle] = [
      await redeem(ledger, memberId, 'five', { mode: 'authorize' }),
      await redeem(ledger, memberId, 'pair', { mode: 'authorize' }),
    ];
    const later: Program = { ...program, rewards: [], version: 2 };
    await putProgram(ledger, later, { keyId: 'key_x', name: 'Ops' }, noon);
    for (const { body } of [held, bundle]) {
      const request = { redemptionId: idOf({ body }), end: 'capture' as const, mayUse: () => true };
      const answer = (one: RedemptionEnded) => ({ status: 200, body: one });
      const ended = await endRedemption(ledger, later, request, { once: undefined, answer }, noon);
      const done = ended.type === 'answered' ? (ended.answer.body as RedemptionEnded) : undefined;
      if (done?.type !== 'done' || done.vouchers.length === 0) throw new Error('It gave no voucher.');
      for (const { code, programVersion } of done.vouchers) {
        expect(programVersion).toBe(1);
        const voucher = await findVoucher(ledger, code ?? '');
        expect(voucher && (await rewardOf(ledger, later, voucher))).toBeDefined();
      }
    }
  });

  test('a redemption of before, which knew one voucher, is undone with it', async () => {
    const ledger = await newLedger();
    const memberId = await world(ledger);
    const { body } = await redeem(ledger, memberId, 'five');
    if (body.type !== 'done') throw new Error('It was not done.');
    const { redemptionId, voucherIds, ...rest } = body.record;
    const key = keys.redemption(redemptionId);
    const [voucherId] = voucherIds;
    await ledger.store.transact([{ put: { ...key, item: 'redemption', redemptionId, voucherId, ...rest } }]);
    expect(await end(ledger, redemptionId, 'cancel')).toMatchObject({ type: 'done', status: 'cancelled' });
    expect(await use(ledger, codeOf(body))).toMatchObject({ refusal: { reason: 'It was revoked.' } });
  });

  test('donations add up over members, and take back what was undone', async () => {
    const ledger = await newLedger();
    const memberId = await world(ledger);
    const all = await Promise.all(Array.from({ length: 8 }, () => redeem(ledger, memberId, 'tree')));
    const [first] = all;
    if (first) await end(ledger, idOf(first), 'cancel');
    expect(await readTally(ledger, 'tree')).toEqual({ count: 7, points: 175 });
    expect(all.every(({ body }) => body.type === 'done' && body.vouchers.length === 0)).toBe(true);
  });

  test('an operator gives a voucher away, and who and why is kept', async () => {
    const ledger = await newLedger();
    const memberId = await world(ledger);
    const operator = { keyId: 'key_x', name: 'Ops' };
    const wantedGift = { member: { memberId }, rewardId: 'five', operator, reason: 'Late parcel' };
    const given = { once: undefined, answer: (body: unknown) => ({ status: 200, body }) };
    const result = await giveVoucher(ledger, program, wantedGift, given, noon);
    expect(result).toMatchObject({ answer: { body: { type: 'done', voucher: { status: 'issued' } } } });
    expect(balanceOf(await audited(ledger, memberId)).available).toBe(1000);
  });

  test('for any order of spending, undoing and lapsing, the entries add up and nothing is lost', async () => {
    const act = fc.record({
      kind: fc.constantFrom('authorize' as const, 'spend' as const, 'capture' as const, 'cancel' as const),
      reward: fc.constantFrom('five', 'tree', 'right', 'pair'),
      which: fc.nat(9),
      minutes: fc.constantFrom(0, 1, 10, 15, 60 * 24 * 200),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 12 }), async (acts) => {
        const ledger = await newLedger();
        const memberId = await world(ledger, 400);
        const ids: ReturnType<typeof idOf>[] = [];
        let now = noon;
        for (const { kind, reward, which, minutes } of acts) {
          now += minutes * minute;
          const id = ids[which % Math.max(1, ids.length)];
          if (kind === 'authorize' || kind === 'spend') {
            const mode = kind === 'spend' ? 'capture' : 'authorize';
            const redeemed = await redeem(ledger, memberId, reward, { mode, now });
            if (redeemed.body.type === 'done') ids.push(idOf(redeemed));
          } else if (id) await end(ledger, id, kind, now);
        }
        const account = await audited(ledger, memberId);
        const { available, held } = balanceOf(account);
        const { spent, expired } = account.lifetime;
        expect(available + held + spent + expired).toBe(400);
        const states = await Promise.all(ids.map((id) => readRedemption(ledger, id, now)));
        const captured = states.filter((one) => one?.status === 'captured');
        expect(spent).toBe(captured.reduce((sum, one) => sum + (one?.record.points ?? 0), 0));
      }),
      runs(engine.runs),
    );
  }, 240_000);
});

describe('lots that come back', () => {
  it('have their own expiry, or thirty days where that has passed', async () => {
    const { createMemoryStore } = await import('../../ledger/store/memory.ts');
    const ledger = testContext(createMemoryStore());
    const memberId = await world(ledger, 200);
    const id = idOf(await redeem(ledger, memberId, 'five'));
    const { lots } = await audited(ledger, memberId);
    const lapses = Date.parse(lots[0]?.expiresAt ?? '');
    await end(ledger, id, 'cancel', lapses + day);
    const after: Program = program;
    const account = settle(after, await audited(ledger, memberId), lapses + day).account;
    expect(account.lots).toEqual([
      {
        availableAt: null,
        expiresAt: new Date(lapses + 31 * day).toISOString().replace('.000Z', 'Z'),
        points: 100,
      },
    ]);
  });
});

describe('an enrolment with a key', () => {
  it('is answered again as the first time, until the member has left', async () => {
    const { createMemoryStore } = await import('../../ledger/store/memory.ts');
    const { enrolOnce, eraseMember } = await import('../../ledger/ledger.ts');
    const ledger = testContext(createMemoryStore());
    await putInForce(ledger, program);
    const wanted = { email: 'zoe@example.com', name: 'Zoë' };
    const once = onceKey(ledger, { caller: 'store', operation: 'enrol', key: 'k', content: wanted });
    const answer = (body: unknown) => ({ status: 201, body });
    const enrol = () => enrolOnce(ledger, program, wanted, { once, answer }, noon);
    const all = await Promise.all(Array.from({ length: 20 }, enrol));
    const told = all.map((one) => one.type === 'answered' && JSON.stringify(one.answer));
    expect(new Set(told).size).toBe(1);
    const first = await enrol();
    expect(first).toMatchObject({ replayed: true, answer: { body: { type: 'enrolled' } } });
    const { member } = (first as { answer: { body: { member: { account: Account } } } }).answer.body;
    const erasures = { add: async () => {}, read: async () => ({ items: [] }) };
    const request = {
      memberId: member.account.memberId,
      operator: { keyId: 'key_x', name: 'Ops' },
      reason: null,
    };
    await eraseMember(ledger, erasures as never, program, request, noon, () => true);
    expect(await enrol()).toEqual({ type: 'gone' });
  });
});

describe('a right', () => {
  it('that was used is not given back, though it can be used again', async () => {
    const ledger = testContext(createMemoryStore());
    const memberId = await world(ledger);
    const answer = (body: unknown) => ({ status: 200, body });
    const reply = { once: undefined, answer };
    const request = {
      member: { memberId },
      rewardId: 'right',
      mode: 'capture' as const,
      purchaseId: null,
      channel: 'store' as const,
      paused: false,
    };
    const once = async () => {
      const made = await createRedemption(ledger, program, request, reply, noon);
      const done = made.type === 'answered' ? (made.answer.body as Redeemed) : undefined;
      if (done?.type !== 'done' || !done.vouchers[0]) throw new Error('A right is a voucher.');
      return done;
    };
    const cancel = async (redemptionId: Awaited<ReturnType<typeof once>>['record']['redemptionId']) => {
      const ending = { redemptionId, end: 'cancel' as const, mayUse: () => true };
      const ended = await endRedemption(ledger, program, ending, reply, noon);
      return ended.type === 'answered' ? (ended.answer.body as RedemptionEnded) : undefined;
    };
    const [used, unused] = [await once(), await once()];
    const use = { voucher: used.vouchers[0] as (typeof used.vouchers)[number], channel: 'store' as const };
    const wanted = { ...use, purchaseId: null, amountMinor: 1_000, paused: false };
    await useVoucher(ledger, program, wanted, reply, noon);
    expect(await cancel(used.record.redemptionId)).toMatchObject({ type: 'closed', status: 'captured' });
    expect(await cancel(unused.record.redemptionId)).toMatchObject({ type: 'done', status: 'cancelled' });
  });
});
