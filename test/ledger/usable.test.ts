/** The vouchers on a card: all that can be used, wherever they stand, by a bounded number of reads. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MemberId } from '../../core/contract/ids.ts';
import type { Program } from '../../core/program.ts';
import {
  createRedemption,
  endRedemption,
  eraseMember,
  giveVoucher,
  listVouchers,
  type Redeemed,
  recordPurchase,
  recordRefund,
  revokeVoucher,
  rewardOf,
  usableVouchers,
  useVoucher,
  type Voucher,
} from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { keys, toItem } from '../../ledger/store/items.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import type { Store } from '../../ledger/store/store.ts';
import { listWrites } from '../../ledger/store/usable.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { watched } from '../support/stores.ts';
import { aPurchase, aRefund, defaultProgram, noon, runs, testContext } from '../support/world.ts';

const day = 86_400_000;
const operator = { keyId: 'key_x', name: 'Ops' };
const program = defaultProgram({
  bonuses: {},
  rewards: [
    { id: 'short', name: 'Short', type: 'gift', points: 10, sku: 'A', validDays: 5 },
    { id: 'long', name: 'Long', type: 'gift', points: 10, sku: 'B', validDays: 500 },
    { id: 'ever', name: 'Ever', type: 'experience', points: 10 },
    { id: 'right', name: 'Right', type: 'right', points: 10, percent: '5', validDays: 30 },
    { id: 'free-coffee', name: 'Coffee', type: 'gift', points: 150, sku: 'C', validDays: 60 },
  ],
});
const plain = { once: undefined, answer: (body: unknown) => ({ status: 200, body }) };

async function give(context: LedgerContext, memberId: MemberId, rewardId: string, now: number) {
  const wanted = { member: { memberId }, rewardId, operator, reason: 'A gift' };
  const given = await giveVoucher(context, program, wanted, plain, now);
  if (given.type !== 'answered') throw new Error('There is no key.');
  return (given.answer.body as { voucher: Voucher }).voucher;
}

async function use(context: LedgerContext, voucher: Voucher, now: number, order?: string): Promise<void> {
  const purchaseId = order === undefined ? null : (`store:${order}` as const);
  const wanted = { voucher, channel: null, purchaseId, amountMinor: undefined, paused: false };
  await useVoucher(context, program, wanted, plain, now);
}

/** What could be used at an instant, found by looking at everything. */
async function model(context: LedgerContext, memberId: MemberId, now: number): Promise<string[]> {
  const all = await listVouchers(context, memberId, { limit: 10_000 });
  const end = ({ expiresAt, voucherId }: Voucher) => `${expiresAt ?? '9999'} ${voucherId}`;
  return all
    .filter(
      ({ status, expiresAt }) => status === 'issued' && (expiresAt === null || Date.parse(expiresAt) > now),
    )
    .sort((a, b) => (end(a) < end(b) ? -1 : 1))
    .slice(0, 100)
    .map(({ voucherId }) => voucherId);
}

const shown = async (context: LedgerContext, memberId: MemberId, now: number) =>
  (await usableVouchers(context, { memberId }, now)).map(({ voucherId }) => voucherId);

async function world(store: Store = createMemoryStore()) {
  const context = testContext(store);
  await putInForce(context, program);
  return { context, memberId: await newMember(context, program) };
}

/** As many vouchers as an instance of before would have left: without a list. */
async function usedBefore(context: LedgerContext, like: Voucher, many: number): Promise<void> {
  for (let at = 0; at < many; at++) {
    const voucherId = `vou_${String(at).padStart(6, '0')}${like.voucherId.slice(10)}` as Voucher['voucherId'];
    const used: Voucher = { ...like, voucherId, status: 'used', uses: 1 };
    await context.store.transact([{ put: toItem(keys.voucher(like.memberId, voucherId), 'voucher', used) }]);
  }
}

describe('the vouchers on a card', () => {
  it('are those that can be used, whatever was issued, used, returned, revoked and cancelled', async () => {
    const act = fc.record({
      kind: fc.constantFrom('give', 'redeem', 'use', 'order', 'revoke', 'cancel', 'stamps', 'wait', 'forget'),
      reward: fc.constantFrom('short', 'long', 'ever', 'right'),
      which: fc.nat(5),
      days: fc.integer({ min: 1, max: 200 }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 1, maxLength: 20, size: 'max' }), async (acts) => {
        const { context, memberId } = await world();
        const order = aPurchase([100_000], { member: { memberId } });
        await recordPurchase(context, { ...program, tiers: program.tiers.slice(0, 1) }, order, noon);
        let now = noon;
        const redeemed: Redeemed[] = [];
        for (const [at, { kind, reward, which, days }] of acts.entries()) {
          now += 60_000;
          const all = await listVouchers(context, memberId, { limit: 100 });
          const one = all[which % Math.max(1, all.length)];
          if (kind === 'wait') now += days * day;
          else if (kind === 'give') await give(context, memberId, reward, now);
          else if (kind === 'use' && one) await use(context, one, now);
          else if (kind === 'order' && one) {
            const bought = aPurchase([500], { member: { memberId }, id: `store:O${at}${one.voucherId}` });
            await use(context, one, now, bought.id.slice('store:'.length));
            await recordPurchase(context, program, bought, now);
            await recordRefund(context, program, aRefund(bought, 500), now);
          } else if (kind === 'revoke' && one)
            await revokeVoucher(
              context,
              program,
              { voucher: one, operator, reason: 'A mistake' },
              plain,
              now,
            );
          else if (kind === 'redeem') {
            const wanted = { member: { memberId }, rewardId: reward, mode: 'capture' as const };
            const request = { ...wanted, purchaseId: null, channel: 'store' as const, paused: false };
            const done = await createRedemption(context, program, request, plain, now);
            if (done.type === 'answered') redeemed.push(done.answer.body as Redeemed);
          } else if (kind === 'cancel') {
            const undone = redeemed[which % Math.max(1, redeemed.length)];
            if (undone?.type !== 'done') continue;
            const request = {
              redemptionId: undone.record.redemptionId,
              end: 'cancel' as const,
              mayUse: () => true,
            };
            await endRedemption(context, program, request, plain, now);
          } else if (kind === 'stamps') {
            const bought = aPurchase([1000], { member: { memberId } });
            const lines = bought.lines.map((line) => ({ ...line, category: 'coffee', quantity: 7 }));
            await recordPurchase(context, program, { ...bought, lines }, now);
            if (which % 2) await recordRefund(context, program, aRefund(bought, 1000), now);
          } else if (kind === 'forget') {
            // As before there were lists.
            await context.store.transact([{ delete: keys.usableVouchers(memberId) }]);
          }
          expect(await shown(context, memberId, now)).toEqual(await model(context, memberId, now));
        }
      }),
      runs(150),
    );
  }, 120_000);

  it('hold one that stands behind five thousand that were used, found by a bounded number of reads', async () => {
    const store = watched(createMemoryStore());
    const { context, memberId } = await world(store);
    const old = await give(context, memberId, 'long', noon);
    await usedBefore(context, old, 5000);
    const used = await give(context, memberId, 'short', noon + 1);
    await use(context, used, noon + 2);
    store.reads.length = 0;
    expect(await shown(context, memberId, noon + 3)).toEqual([old.voucherId]);
    expect(store.reads).toHaveLength(2);
  });

  it('hold one of before there were lists behind thousands, and are listed with the next one', async () => {
    const store = watched(createMemoryStore());
    const { context, memberId } = await world(store);
    const old = await give(context, memberId, 'long', noon);
    await usedBefore(context, old, 2000);
    await context.store.transact([{ delete: keys.usableVouchers(memberId) }]);
    expect(await shown(context, memberId, noon)).toEqual([old.voucherId]);
    const next = await give(context, memberId, 'short', noon + 1);
    store.reads.length = 0;
    expect(await shown(context, memberId, noon + 3)).toEqual([next.voucherId, old.voucherId]);
    expect(store.reads).toHaveLength(3);
  });

  it('are a hundred at most, the next ones following as they are used', async () => {
    const { context, memberId } = await world();
    for (let count = 0; count < 230; count++)
      await give(context, memberId, count % 3 ? 'long' : 'ever', noon + count);
    for (let now = noon + 1000; ; now++) {
      const all = await shown(context, memberId, now);
      expect(all).toEqual(await model(context, memberId, now));
      if (all.length === 0) break;
      for (const voucher of (await usableVouchers(context, { memberId }, now)).slice(0, 60))
        await use(context, voucher, now);
    }
  });

  it('are a hundred also once most of those that are listed have ended', async () => {
    const { context, memberId } = await world();
    for (let count = 0; count < 140; count++) await give(context, memberId, 'short', noon);
    for (let count = 0; count < 110; count++) await give(context, memberId, 'long', noon);
    const ends = (await usableVouchers(context, { memberId }, noon)).map(({ expiresAt }) => expiresAt);
    expect(new Set(ends).size).toBe(1);
    const later = Date.parse(ends[0] ?? '');
    expect(await shown(context, memberId, later)).toHaveLength(100);
    expect(await shown(context, memberId, later)).toEqual(await model(context, memberId, later));
  });

  it('leave no list behind with who leaves', async () => {
    const memory = createMemoryStore();
    const context = testContext(memory);
    await putInForce(context, program);
    const memberId = await newMember(context, program);
    for (let count = 0; count < 130; count++) await give(context, memberId, 'ever', noon + count);
    const list = { add: async () => {}, page: async () => ({ items: [] }) };
    const request = { memberId, operator, reason: null };
    await eraseMember(context, list as never, program, request, noon + 1000, () => true);
    expect(memory.items().filter(({ item }) => item === 'usableVouchers')).toEqual([]);
    expect(await shown(context, memberId, noon + 1001)).toEqual([]);
  });

  it('are listed also where another member’s list goes in the same transaction', async () => {
    const { context, memberId } = await world();
    const other = await newMember(context, program);
    const voucher = await give(context, memberId, 'long', noon);
    await give(context, other, 'long', noon);
    const own = keys.usableVouchers(memberId);
    const used = {
      put: toItem(keys.voucher(memberId, voucher.voucherId), 'voucher', {
        ...voucher,
        status: 'used' as const,
      }),
    };
    const listed = async (gone: MemberId) =>
      (await listWrites(context, [used, { delete: keys.usableVouchers(gone) }])).map((write) =>
        'put' in write ? [write.put.pk, write.put['vouchers']] : [],
      );
    expect(await listed(other)).toEqual([[own.pk, []]]);
    expect(await listed(memberId)).toEqual([]);
  });
});

describe('a version of the programme', () => {
  it('is read once, however many vouchers were issued under it', async () => {
    const store = watched(createMemoryStore());
    const { context, memberId } = await world(store);
    for (let count = 0; count < 48; count++) await give(context, memberId, 'ever', noon + count);
    const newer: Program = { ...program, rewards: [], version: 2 };
    const vouchers = await usableVouchers(context, { memberId }, noon + 100);
    store.reads.length = 0;
    const rewards = await Promise.all(vouchers.map((voucher) => rewardOf(context, newer, voucher)));
    expect(rewards.map((reward) => reward?.id)).toEqual(Array.from({ length: 48 }, () => 'ever'));
    expect(store.reads).toEqual(['PROGRAM']);
  });
});
