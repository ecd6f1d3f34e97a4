/**
 * Orders that are paid with points or vouchers and given back, over every engine: whatever comes first, it ends the
 * same. An order that cost nothing is given back by its units, or as a whole by an amount of 0.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { balanceOf } from '../../core/account.ts';
import type { MemberId, PurchaseId, RedemptionId } from '../../core/contract/ids.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import type { RecordedRefund } from '../../core/contract/shapes/refund.ts';
import { statusOf } from '../../core/purchases.ts';
import { eraseMember } from '../../ledger/erasure/erasure.ts';
import { createMemoryErasureList } from '../../ledger/erasure/list.ts';
import {
  claimPurchase,
  createAdjustment,
  endRedemption,
  getAccount,
  getPurchase,
  getVoucher,
  listExceptions,
  type Redeemed,
  readRedemption,
  recordPurchase,
  recordRefund,
  verifyLedger,
} from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { redeemed, used } from '../support/spending.ts';
import { unreliable } from '../support/unreliable.ts';
import { aPurchase, aRefund, defaultProgram, noon, testContext } from '../support/world.ts';
import { type Engine, engines } from './engines.ts';

const program = defaultProgram({
  bonuses: {},
  campaigns: [],
  stamps: [],
  rewards: [
    { id: 'points', name: 'Points', type: 'amount', points: 100, valueMinor: 500, currency: 'EUR' },
    { id: 'gift', name: 'Gift', type: 'gift', points: 50, sku: 'SKU-2', validDays: 30 },
  ],
});

/** A member with a thousand points, none of them from a purchase. */
async function world(ledger: LedgerContext): Promise<MemberId> {
  await putInForce(ledger, program);
  const memberId = await newMember(ledger, program);
  const by = { keyId: 'key_01JD0000000000000000000000', name: 'test' } as const;
  const wanted = { memberId, points: 1000, reason: 'test', by: { ...by, holder: by.keyId } };
  const reply = { once: undefined, answer: (body: unknown) => ({ status: 200, body }) };
  await createAdjustment(ledger, program, wanted as never, reply, noon);
  return memberId;
}

function permutations<T>(all: readonly T[]): T[][] {
  if (all.length <= 1) return [[...all]];
  return all.flatMap((one, at) => permutations(all.toSpliced(at, 1)).map((rest) => [one, ...rest]));
}

type Happening = 'purchase' | 'redeem' | 'refund' | 'second refund';

interface Case {
  readonly name: string;
  readonly lines: readonly number[];
  /** What each refund gives back, in lines with quantities, or of the whole order. */
  readonly refunds: readonly (
    | readonly { readonly lineId: string; readonly amountMinor: number }[]
    | number
  )[];
  readonly mode?: 'authorize' | 'capture';
}

const cases: readonly Case[] = [
  { name: 'paid wholly by points', lines: [0], refunds: [[{ lineId: '1', amountMinor: 0 }]] },
  { name: 'paid wholly by points, given back as a whole', lines: [0, 0], refunds: [0] },
  { name: 'paid in part by points', lines: [1000], refunds: [1000] },
  {
    name: 'of two lines that come back one by one',
    lines: [1000, 0],
    refunds: [[{ lineId: '1', amountMinor: 1000 }], [{ lineId: '2', amountMinor: 0 }]],
  },
  { name: 'with points set aside', lines: [1000], refunds: [1000], mode: 'authorize' },
];

function refundOf(purchase: RecordedPurchase, what: Case['refunds'][number]): RecordedRefund {
  if (typeof what === 'number') return { ...aRefund(purchase, 1), amountMinor: what };
  const { amountMinor: _amount, ...rest } = aRefund(purchase, 1);
  return { ...rest, lines: what.map((line) => ({ ...line, quantity: 1 })) };
}

/** Lets all of it happen in an order; answers what a member and the shop see in the end. */
async function happen(
  ledger: LedgerContext,
  { lines, refunds, mode = 'capture' }: Case,
  order: readonly Happening[],
) {
  const memberId = await world(ledger);
  const purchase = aPurchase(lines, { member: { memberId } });
  const [first, second] = refunds.map((what) => refundOf(purchase, what));
  let redemption: Redeemed | undefined;
  for (const step of order)
    if (step === 'purchase') await recordPurchase(ledger, program, purchase, noon);
    else if (step === 'redeem') {
      const wanted = { memberId, rewardId: 'points', mode, purchaseId: purchase.id as PurchaseId };
      redemption = await redeemed(ledger, program, wanted, noon);
    } else if (step === 'refund' && first) await recordRefund(ledger, program, first, noon);
    else if (second) await recordRefund(ledger, program, second, noon);
  if (!redemption) throw new Error('It was not asked for.');
  const account = await getAccount(ledger, memberId);
  const record = await getPurchase(ledger, purchase.id);
  if (!account || !record) throw new Error('There is no account.');
  const { differences } = await verifyLedger(ledger, { hasTime: () => true, differencesMax: 10 });
  return {
    balance: balanceOf(account),
    spent: account.lifetime.spent,
    status: statusOf(record),
    redemption:
      redemption.type === 'done'
        ? (await readRedemption(ledger, redemption.record.redemptionId, noon))?.status
        : redemption.type,
    differences,
  };
}

describe.each(Object.entries(engines))('an order on %s', (_name, { wanted, start }) => {
  let engine: Engine;
  beforeAll(async () => {
    if (wanted) engine = await start();
  });
  afterAll(async () => engine?.stop());
  const fresh = async () => testContext(await engine.newStore());

  it.runIf(wanted).each(cases)('$name ends the same in every order of arrival', async (one) => {
    const steps: Happening[] = [
      'purchase',
      'redeem',
      ...(['refund', 'second refund'] as const).slice(0, one.refunds.length),
    ];
    for (const order of permutations(steps))
      expect([order, await happen(await fresh(), one, order)]).toEqual([
        order,
        {
          balance: { available: 1000, pending: 0, held: 0, debt: 0 },
          spent: 0,
          status: 'refunded',
          // Points are not spent any more on what has been given back; what was spent before comes back.
          redemption: order.at(-1) === 'redeem' ? 'unavailable' : 'cancelled',
          differences: [],
        },
      ]);
  });

  it.runIf(wanted).each(['voucher', 'reward'] as const)(
    'of a guest is claimed, or another spends on it (a %s), and never both at one instant',
    async (what) => {
      for (let waits = -8; waits <= 8; waits++) {
        const ledger = testContext(unreliable(await engine.newStore(), () => 'no'));
        const memberId = await world(ledger);
        const other = await newMember(ledger, program);
        const gift = await redeemed(ledger, program, { memberId, rewardId: 'gift' }, noon);
        if (gift.type !== 'done' || !gift.vouchers[0]?.code) throw new Error('There is no voucher.');
        const { code } = gift.vouchers[0];
        const { member: _guest, ...purchase } = aPurchase([500]);
        await recordPurchase(ledger, program, purchase, noon);
        const later = async <T>(turns: number, act: () => Promise<T>) => {
          for (let taken = 0; taken < turns; taken++) await turn();
          return act();
        };
        const spend = async () =>
          what === 'voucher'
            ? used(ledger, program, code, purchase.id, noon)
            : redeemed(ledger, program, { memberId, rewardId: 'points', purchaseId: purchase.id }, noon);
        const claim = { member: { memberId: other }, totalMinor: 500 };
        const [claimed, spent] = await Promise.all([
          later(waits, () => claimPurchase(ledger, program, purchase.id, claim, noon)),
          later(-waits, spend),
        ]);
        expect([waits, claimed.type === 'claimed']).toEqual([waits, spent.type !== 'done']);
      }
    },
  );

  it.runIf(wanted)('keeps what was spent while a line is still with the customer', async () => {
    const twoLines: Case = { name: '', lines: [1000, 0], refunds: [[{ lineId: '1', amountMinor: 1000 }]] };
    for (const order of permutations<Happening>(['purchase', 'redeem', 'refund']))
      expect(await happen(await fresh(), twoLines, order)).toMatchObject({
        balance: { available: 900, pending: 0, held: 0, debt: 0 },
        status: 'partially_refunded',
        redemption: 'captured',
      });
  });

  it.runIf(wanted)('gives a voucher back in every order of arrival, once all lines are back', async () => {
    type Step = 'purchase' | 'use' | 'mug' | 'gift';
    for (const order of permutations<Step>(['purchase', 'use', 'mug', 'gift'])) {
      const ledger = await fresh();
      const memberId = await world(ledger);
      const gift = await redeemed(ledger, program, { memberId, rewardId: 'gift' }, noon);
      if (gift.type !== 'done' || !gift.vouchers[0]?.code) throw new Error('There is no voucher.');
      const { code, voucherId } = gift.vouchers[0];
      const purchase = aPurchase([500, 0], { member: { memberId } });
      const mug = refundOf(purchase, [{ lineId: '1', amountMinor: 500 }]);
      const coffee = refundOf(purchase, [{ lineId: '2', amountMinor: 0 }]);
      const status = async () => (await getVoucher(ledger, memberId, voucherId))?.status;
      for (const [at, step] of order.entries()) {
        if (step === 'purchase') await recordPurchase(ledger, program, purchase, noon);
        else if (step === 'use') {
          const { type } = await used(ledger, program, code, purchase.id, noon);
          expect([order, type]).toEqual([order, at === 3 ? 'refused' : 'done']);
        } else await recordRefund(ledger, program, step === 'mug' ? mug : coffee, noon);
        const isUsed = order.slice(0, at + 1).includes('use') && at + 1 < order.length;
        expect([order, at, await status()]).toEqual([order, at, isUsed ? 'used' : 'issued']);
      }
    }
  });

  it.runIf(wanted)('of another member takes neither points nor vouchers, whichever comes first', async () => {
    const ledger = await fresh();
    const ann = await world(ledger);
    const bob = await newMember(ledger, program);
    const own = aPurchase([500], { member: { memberId: bob } });
    await recordPurchase(ledger, program, own, noon);
    const onBobs = { memberId: ann, rewardId: 'points', purchaseId: own.id as PurchaseId };
    expect((await redeemed(ledger, program, onBobs, noon)).type).toBe('unavailable');
    const gift = await redeemed(ledger, program, { memberId: ann, rewardId: 'gift' }, noon);
    if (gift.type !== 'done' || !gift.vouchers[0]?.code) throw new Error('There is no voucher.');
    expect((await used(ledger, program, gift.vouchers[0].code, own.id, noon)).type).toBe('refused');
    // Spent before the purchase came, and said whose it is: its return gives nothing back to somebody else.
    const later = aPurchase([500], { member: { memberId: bob } });
    const early = await redeemed(ledger, program, { ...onBobs, purchaseId: later.id as PurchaseId }, noon);
    expect(early.type).toBe('done');
    await recordPurchase(ledger, program, later, noon);
    await recordRefund(ledger, program, aRefund(later, 500), noon);
    const account = await getAccount(ledger, ann);
    expect(account && balanceOf(account).available).toBe(850);
    // A guest's order is whoever's who holds the receipt.
    const guest = aPurchase([500]);
    await recordPurchase(ledger, program, guest, noon);
    const onGuests = { ...onBobs, purchaseId: guest.id as PurchaseId };
    expect((await redeemed(ledger, program, onGuests, noon)).type).toBe('done');
  });

  it.runIf(wanted)('in another currency takes no amount off, whichever comes first', async () => {
    const ledger = await fresh();
    const memberId = await world(ledger);
    const spentOn = async (id: RecordedPurchase['id']) => {
      const bought = await redeemed(ledger, program, { memberId, rewardId: 'points' }, noon);
      if (bought.type !== 'done' || !bought.vouchers[0]?.code) throw new Error('There is no voucher.');
      const voucher = await used(ledger, program, bought.vouchers[0].code, id, noon);
      const wanted = { memberId, rewardId: 'points', purchaseId: id };
      return [voucher.type, (await redeemed(ledger, program, wanted, noon)).type];
    };
    const mismatches = async () => {
      const { items } = await listExceptions(ledger, { status: 'open', limit: 10 });
      return items
        .filter(({ type }) => type === 'voucher_not_applicable')
        .map(({ subject, data }) => ({ subject, data }));
    };
    const euros = aPurchase([5000], { member: { memberId } });
    const yen = aPurchase([5000], { member: { memberId }, currency: 'JPY' });
    for (const purchase of [euros, yen]) await recordPurchase(ledger, program, purchase, noon);
    expect(await spentOn(euros.id)).toEqual(['done', 'done']);
    expect(await spentOn(yen.id)).toEqual(['refused', 'unavailable']);
    expect(await mismatches()).toEqual([]);
    // What has not come yet is judged when it comes: the till has taken it off, so operators are told.
    const later = aPurchase([5000], { member: { memberId }, currency: 'JPY' });
    const laterEuros = aPurchase([5000], { member: { memberId } });
    for (const { id } of [later, laterEuros]) expect(await spentOn(id)).toEqual(['done', 'done']);
    // A refund that waits, too, takes nothing of it away.
    await recordRefund(ledger, program, { ...aRefund(later, 10), currency: 'JPY' }, noon);
    for (const purchase of [later, laterEuros]) await recordPurchase(ledger, program, purchase, noon);
    expect(await mismatches()).toEqual([{ subject: later.id, data: { currency: 'JPY', usedIn: ['EUR'] } }]);
    const { differences } = await verifyLedger(ledger, { hasTime: () => true, differencesMax: 10 });
    expect(differences).toEqual([]);
  });

  it.runIf(wanted)('of a guest that a voucher was used on is claimed by nobody but its member', async () => {
    const ledger = await fresh();
    const ann = await world(ledger);
    const bob = await newMember(ledger, program);
    const claimedBy = async (purchase: RecordedPurchase, memberId: MemberId) => {
      const claim = { member: { memberId }, totalMinor: 500 };
      return (await claimPurchase(ledger, program, purchase.id as PurchaseId, claim, noon)).type;
    };
    const paid = async () => {
      const bought = await redeemed(ledger, program, { memberId: ann, rewardId: 'points' }, noon);
      if (bought.type !== 'done' || !bought.vouchers[0]?.code) throw new Error('There is no voucher.');
      const purchase = aPurchase([500]);
      await recordPurchase(ledger, program, purchase, noon);
      expect(
        (await used(ledger, program, bought.vouchers[0].code, purchase.id as PurchaseId, noon)).type,
      ).toBe('done');
      return purchase;
    };
    const [one, other] = [await paid(), await paid()];
    expect([await claimedBy(one, bob), await claimedBy(one, ann)]).toEqual(['closed', 'claimed']);
    // What was given back has given the voucher back, too, and may be anybody's.
    await recordRefund(ledger, program, aRefund(other, 500), noon);
    expect(await claimedBy(other, bob)).toBe('claimed');
  });

  it.runIf(wanted)(
    'of a guest is judged by whose it becomes: by a claim, also after an erasure',
    async () => {
      const ledger = await fresh();
      const ann = await world(ledger);
      const bob = await newMember(ledger, program);
      const available = async () => {
        const account = await getAccount(ledger, ann);
        return account && balanceOf(account).available;
      };
      const spent = new Map<string, RedemptionId>();
      const spendOn = async (id: string) => {
        const wanted = { memberId: ann, rewardId: 'points', purchaseId: id as PurchaseId };
        const outcome = await redeemed(ledger, program, wanted, noon);
        if (outcome.type === 'done') spent.set(id, outcome.record.redemptionId);
        return outcome.type;
      };
      const cancelOn = async (id: string) => {
        const request = {
          redemptionId: spent.get(id) as RedemptionId,
          end: 'cancel' as const,
          mayUse: () => true,
        };
        const reply = { once: undefined, answer: () => ({ status: 200, body: null }) };
        await endRedemption(ledger, program, request, reply, noon);
      };
      const claimedBy = async (id: string, memberId: MemberId) =>
        (
          await claimPurchase(
            ledger,
            program,
            id as PurchaseId,
            { member: { memberId }, totalMinor: 500 },
            noon,
          )
        ).type;
      const [bobs, anns, nobodys] = [aPurchase([500]), aPurchase([500]), aPurchase([500])];
      for (const guest of [bobs, anns, nobodys]) {
        await recordPurchase(ledger, program, guest, noon);
        expect(await spendOn(guest.id)).toBe('done');
      }
      const left = await available();
      // What Ann has spent something on can be nobody else's, until it has come back.
      expect([await claimedBy(anns.id, bob), await claimedBy(anns.id, ann)]).toEqual(['closed', 'claimed']);
      const earned = ((await available()) ?? 0) - (left ?? 0);
      expect(await claimedBy(bobs.id, bob)).toBe('closed');
      await cancelOn(bobs.id);
      expect(await claimedBy(bobs.id, bob)).toBe('claimed');
      expect(await spendOn(bobs.id)).toBe('unavailable');
      // Bob's order gives Ann nothing back; her own does, and one that stayed a guest's.
      for (const [guest, back] of [
        [bobs, 0],
        [anns, 100 - earned],
        [nobodys, 100],
      ] as const) {
        const before = (await available()) ?? 0;
        await recordRefund(ledger, program, aRefund(guest, 500), noon);
        expect([guest.id, await available()]).toEqual([guest.id, before + back]);
      }
      const own = aPurchase([500], { member: { memberId: bob } });
      await recordPurchase(ledger, program, own, noon);
      const request = { memberId: bob, operator: { keyId: 'test', name: 'test' }, reason: null };
      await eraseMember(ledger, createMemoryErasureList(), program, request, noon, () => true);
      expect(await spendOn(own.id)).toBe('unavailable');
      await recordRefund(ledger, program, aRefund(own, 500), noon);
      expect(await spendOn(own.id)).toBe('unavailable');
      const { differences } = await verifyLedger(ledger, { hasTime: () => true, differencesMax: 10 });
      expect(differences).toEqual([]);
    },
  );
});
