/** Whose a guest's purchase can be, for how long, and what guessing its total leads to. */
import { describe, expect, it } from 'vitest';
import { balanceOf } from '../../core/account.ts';
import type { MemberId, PurchaseId } from '../../core/contract/ids.ts';
import {
  claimPurchase,
  claimPurchaseOnce,
  getAccount,
  getPurchase,
  getRefund,
  listEntries,
  mergeMembers,
  recordPurchase,
  recordRefund,
} from '../../ledger/ledger.ts';
import { countWrong } from '../../ledger/spending/guesses.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import type { Store } from '../../ledger/store/store.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { redeemed } from '../support/spending.ts';
import { aPurchase, aRefund, defaultProgram, noon, testContext } from '../support/world.ts';

const program = defaultProgram({ bonuses: {} });
const day = 86_400_000;

async function newLedger(store: Store = createMemoryStore()): Promise<LedgerContext> {
  const ledger = testContext(store);
  await putInForce(ledger, program);
  return ledger;
}

async function guestBuys(ledger: LedgerContext, more: Parameters<typeof aPurchase>[1] = {}) {
  const guest = aPurchase([10_000], more);
  await recordPurchase(ledger, program, guest, noon);
  return guest;
}

const claimed = async (
  ledger: LedgerContext,
  { id, totalMinor }: ReturnType<typeof aPurchase>,
  memberId: MemberId,
  now = noon,
) => (await claimPurchase(ledger, program, id, { member: { memberId }, totalMinor }, now)).type;

describe('a claim', () => {
  it('is answered as before to whom its member was merged into', async () => {
    const ledger = await newLedger();
    const [into, from] = [await newMember(ledger, program), await newMember(ledger, program)];
    const guest = await guestBuys(ledger);
    expect(await claimed(ledger, guest, from)).toBe('claimed');
    await mergeMembers(ledger, program, { into, from }, noon);
    for (const memberId of [into, from]) expect(await claimed(ledger, guest, memberId)).toBe('claimed');
    expect((await getAccount(ledger, into))?.lifetime.earned).toBe(100);
  });

  it('is had for ninety days to the millisecond, and of thirty refunds', async () => {
    const ledger = await newLedger();
    const memberId = await newMember(ledger, program);
    const at = Date.parse('2026-11-22T11:00:00Z');
    expect(await claimed(ledger, await guestBuys(ledger), memberId, at + 90 * day)).toBe('claimed');
    expect(await claimed(ledger, await guestBuys(ledger), memberId, at + 90 * day + 1)).toBe('closed');
    for (const refunds of [30, 31]) {
      const guest = await guestBuys(ledger);
      for (let times = 0; times < refunds; times++)
        await recordRefund(ledger, program, aRefund(guest, { '1': 1 }), noon);
      expect(await claimed(ledger, guest, memberId)).toBe(refunds > 30 ? 'closed' : 'claimed');
    }
  });

  it('of what somebody else has spent points on is theirs alone, unless the purchase says whose it is', async () => {
    for (const member of [undefined, { email: 'ada@example.com' }]) {
      const ledger = await newLedger();
      const [one, other] = [await newMember(ledger, program), await newMember(ledger, program)];
      const own = aPurchase([10_000], { member: { memberId: other } });
      await recordPurchase(ledger, program, own, noon);
      const id = 'store:SPENT' as const;
      const wanted = { memberId: other, rewardId: 'five-euros', purchaseId: id };
      expect((await redeemed(ledger, program, wanted, noon)).type).toBe('done');
      const guest = await guestBuys(ledger, { id, ...(member ? { member } : {}) });
      expect(await claimed(ledger, guest, one)).toBe(member ? 'claimed' : 'closed');
      expect(await claimed(ledger, guest, other)).toBe(member ? 'closed' : 'claimed');
    }
  });

  it('of what is not there, by nobody, or closed says so and why', async () => {
    const ledger = await newLedger();
    const [memberId, other] = [await newMember(ledger, program), await newMember(ledger, program)];
    const guest = await guestBuys(ledger);
    const claim = (id: PurchaseId, whom: MemberId, totalMinor = 10_000, rules = program, now = noon) =>
      claimPurchase(ledger, rules, id, { member: { memberId: whom }, totalMinor }, now);
    expect(await claim('store:NONE', memberId)).toEqual({ type: 'missing' });
    expect(await claim(guest.id, 'mem_01JD0000000000000000000009' as MemberId)).toEqual({
      type: 'no_member',
    });
    const { EUR: _, ...currencies } = program.currencies;
    const changed = { ...program, version: 2, currencies };
    // By the terms of then, and where nobody kept them by today's.
    expect((await claim(guest.id, memberId, 10_000, changed)).type).toBe('claimed');
    expect(await claim(guest.id, other)).toEqual({
      type: 'closed',
      reason: 'It belongs to a member already.',
    });
    const old = await guestBuys(ledger);
    expect(await claim(old.id, memberId, 10_000, program, noon + 91 * day)).toEqual({
      type: 'closed',
      reason: 'It is more than 90 days old.',
    });
    expect(await claim(old.id, memberId, 9_999, program, noon + 91 * day)).toEqual({ type: 'mismatch' });
  });

  it('writes down first what time has made true of its member', async () => {
    const ledger = await newLedger();
    const memberId = await newMember(ledger, program);
    const web = aPurchase([5_000], { channel: 'web', id: 'web:PENDING', member: { memberId } });
    await recordPurchase(ledger, program, web, noon);
    const guest = await guestBuys(ledger);
    expect(await claimed(ledger, guest, memberId, noon + 20 * day)).toBe('claimed');
    const types = (await listEntries(ledger, memberId, { limit: 10 })).map(({ type }) => type);
    expect(types.slice(0, 2)).toEqual(['earned', 'activated']);
    const account = await getAccount(ledger, memberId);
    expect(account && balanceOf(account)).toMatchObject({ available: 150, pending: 0 });
  });

  it('earns what has not been given back, and its refunds say what they took', async () => {
    const ledger = await newLedger();
    const memberId = await newMember(ledger, program);
    const guest = await guestBuys(ledger);
    const refund = aRefund(guest, { '1': 4_000 });
    await recordRefund(ledger, program, refund, noon);
    expect(await getRefund(ledger, refund.id)).toMatchObject({ clawedBack: 0 });
    expect(await claimed(ledger, guest, memberId)).toBe('claimed');
    expect(await getPurchase(ledger, guest.id)).toMatchObject({ memberId, clawedBack: 40 });
    expect(await getRefund(ledger, refund.id)).toMatchObject({ clawedBack: 40 });
    expect((await getAccount(ledger, memberId))?.lifetime.earned).toBe(60);
  });
});

describe('whoever guesses totals', () => {
  const asked = async (
    ledger: LedgerContext,
    guest: ReturnType<typeof aPurchase>,
    memberId: MemberId,
    totalMinor: number,
    guesser: string,
  ) => {
    const reply = { once: undefined, answer: (body: { type: string }) => ({ status: 200, body }) };
    const claim = { member: { memberId }, totalMinor };
    const result = await claimPurchaseOnce(ledger, program, guest.id, claim, reply, noon, guesser);
    return result.type === 'answered' ? (result.answer.body as { type: string }).type : result.type;
  };

  it('is stopped, wherever from, and is not told of the right one then', async () => {
    const ledger = await newLedger();
    const memberId = await newMember(ledger, program);
    const guest = await guestBuys(ledger);
    for (let wrong = 1; wrong <= 10; wrong++)
      expect(await asked(ledger, guest, memberId, wrong, `visitor ${wrong}`)).toBe('mismatch');
    // Of one purchase ten guesses are enough, whoever made them.
    expect(await asked(ledger, guest, memberId, 10_000, 'another')).toBe('stopped');
    expect((await getPurchase(ledger, guest.id))?.memberId).toBe(null);
    // And of one visitor, whatever they guessed at.
    const others = await Promise.all(Array.from({ length: 10 }, () => guestBuys(ledger)));
    for (const other of others) expect(await asked(ledger, other, memberId, 1, 'the same')).toBe('mismatch');
    expect(await asked(ledger, await guestBuys(ledger), memberId, 10_000, 'the same')).toBe('stopped');
    expect(await asked(ledger, await guestBuys(ledger), memberId, 10_000, 'another')).toBe('claimed');
    // What is not there is no guess at a total.
    const none = aPurchase([10_000]);
    for (let times = 0; times < 10; times++)
      expect(await asked(ledger, none, memberId, 1, 'a third')).toBe('missing');
    expect(await asked(ledger, await guestBuys(ledger), memberId, 10_000, 'a third')).toBe('claimed');
  });

  it('is not told of the right one by asking at the very moment of the last wrong one', async () => {
    const memory = createMemoryStore();
    let meanwhile: (() => Promise<unknown>) | undefined;
    const store: Store = {
      ...memory,
      transact: async (...given) => {
        const first = meanwhile;
        meanwhile = undefined;
        await first?.();
        return memory.transact(...given);
      },
    };
    const ledger = await newLedger(store);
    const memberId = await newMember(ledger, program);
    const guest = await guestBuys(ledger);
    for (let wrong = 0; wrong < 9; wrong++) await countWrong(ledger, 'visitor', noon);
    meanwhile = () => countWrong(ledger, 'visitor', noon);
    expect(await asked(ledger, guest, memberId, 10_000, 'visitor')).toBe('stopped');
    // Nor that there is something to be refused for.
    const old = await guestBuys(ledger, { occurredAt: '2026-01-01T11:00:00Z' });
    for (let wrong = 0; wrong < 9; wrong++) await countWrong(ledger, 'second', noon);
    meanwhile = () => countWrong(ledger, 'second', noon);
    expect(await asked(ledger, old, memberId, 10_000, 'second')).toBe('stopped');
  });
});
