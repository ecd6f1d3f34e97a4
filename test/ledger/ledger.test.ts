/** One suite over every engine: what the ledger promises must not depend on where it is kept. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { balanceOf, withoutListeners } from '../../core/account.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import type { RecordedRefund } from '../../core/contract/shapes/refund.ts';
import { settle } from '../../core/points.ts';
import { statusOf } from '../../core/purchases.ts';
import { refundedMinor } from '../../core/remains.ts';
import { replay } from '../../core/replay.ts';
import { readVoucherCode } from '../../core/vouchers.ts';
import {
  cardToken,
  changedPasses,
  changeProfile,
  claimPurchase,
  createKey,
  enrol,
  findByLookup,
  findCredential,
  forgetPushToken,
  getAccount,
  getMember,
  getPurchase,
  getReferral,
  getRefund,
  listEntries,
  listExceptions,
  listPrograms,
  listVouchers,
  putProgram,
  recordPurchase,
  recordRefund,
  referralCode,
  registerDevice,
  registrationsOf,
  resolveMember,
  settleReferral,
  storedProgram,
  touchPasses,
  unregisterDevice,
} from '../../ledger/ledger.ts';
import { lookupKey } from '../../ledger/members/members.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { fromItem, keys, toItem } from '../../ledger/store/items.ts';
import { runNight } from '../support/night.ts';
import { aPurchase, aRefund, defaultProgram, noon, runs, sha256, testContext } from '../support/world.ts';
import { type Engine, engines } from './engines.ts';

const program = defaultProgram();

async function newMember(ledger: LedgerContext, wanted: Parameters<typeof enrol>[2] = {}): Promise<MemberId> {
  const outcome = await enrol(ledger, program, wanted, noon);
  if (outcome.type !== 'enrolled') throw new Error('The member exists already.');
  return outcome.member.account.memberId;
}

/** The stored account, after checking that it is what its entries add up to. */
async function auditedAccount(ledger: LedgerContext, memberId: MemberId) {
  const account = await getAccount(ledger, memberId);
  const entries = await listEntries(ledger, memberId, { limit: 1000 });
  expect(replay(memberId, entries.reverse(), sha256)).toEqual(account && withoutListeners(account));
  if (!account) throw new Error(`${memberId} has no account.`);
  return account;
}

async function openTypes(ledger: LedgerContext): Promise<string[]> {
  const { items } = await listExceptions(ledger, { status: 'open', limit: 100 });
  return items.map((one) => one.type).sort();
}

describe.each(Object.entries(engines))('the ledger on %s', (name, { wanted, start }) => {
  let engine: Engine;
  beforeAll(async () => {
    if (wanted) engine = await start();
    else console.warn(`The ledger on ${name} is not tried: set DYNAMODB_LOCAL=1 to accept its licence.`);
  });
  afterAll(async () => {
    await engine?.stop();
  });
  const test = it.skipIf(!wanted);
  const newLedger = async () => testContext(await engine.newStore());

  describe('enrolment', () => {
    test('gives a card, a welcome and look-ups that find the member', async () => {
      const ledger = await newLedger();
      const wantedMember = { name: 'Zoë', email: 'Zoe@Example.com', phone: '+33612345678' };
      const memberId = await newMember(ledger, wantedMember);
      const account = await auditedAccount(ledger, memberId);
      expect(account).toMatchObject({ version: 2, memberId });
      expect(balanceOf(account)).toEqual({ available: 50, pending: 0, held: 0, debt: 0 });
      expect(await resolveMember(ledger, { email: 'zoe@example.COM' })).toBe(memberId);
      expect(await resolveMember(ledger, { phone: '+33612345678' })).toBe(memberId);
      const cardNumber = (await getMember(ledger, memberId))?.profile.cardNumber ?? '';
      expect(await resolveMember(ledger, { cardNumber })).toBe(memberId);
      expect(await findByLookup(ledger, 'cardToken', cardToken(ledger, memberId))).toBe(memberId);
      expect(await resolveMember(ledger, { email: 'zoe@example.org' })).toBeUndefined();
    });

    test('of one e-mail a hundred times at once enrols one member', async () => {
      const ledger = await newLedger();
      const outcomes = await Promise.all(
        Array.from({ length: 100 }, (_, index) =>
          enrol(ledger, program, { email: index % 2 ? 'a@example.com' : 'A@EXAMPLE.com' }, noon),
        ),
      );
      expect(outcomes.filter((one) => one.type === 'enrolled')).toHaveLength(1);
    });

    test('finds who joined by an address in letters when its look-up lies as it was spelt', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger, { phone: '+33612345678' });
      const key = lookupKey(ledger, 'email', 'zoe@exämple.com');
      await ledger.store.transact([{ put: toItem(key, 'lookup', { memberId }) }]);
      expect(await resolveMember(ledger, { email: 'Zoe@exämple.com' })).toBe(memberId);
      const again = await enrol(ledger, program, { email: 'zoe@EXÄMPLE.com' }, noon);
      expect(again).toEqual({ type: 'exists', field: 'email', memberId });
    });

    test('refuses an e-mail or phone that is taken, and says whose', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger, { email: 'a@example.com', phone: '+33612345678' });
      const byPhone = await enrol(ledger, program, { email: 'b@example.com', phone: '+33612345678' }, noon);
      expect(byPhone).toEqual({ type: 'exists', field: 'phone', memberId });
      expect(await resolveMember(ledger, { email: 'b@example.com' })).toBeUndefined();
    });

    test('a changed profile moves its look-ups, and is an entry only where the card shows it', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger, { name: 'A', email: 'a@example.com' });
      const changed = await changeProfile(ledger, program, memberId, { email: 'b@example.com' }, noon);
      expect(changed).toMatchObject({ type: 'changed', member: { account: { version: 2 } } });
      expect(await resolveMember(ledger, { email: 'a@example.com' })).toBeUndefined();
      expect(await resolveMember(ledger, { email: 'b@example.com' })).toBe(memberId);
      await changeProfile(ledger, program, memberId, { name: 'B' }, noon);
      expect((await auditedAccount(ledger, memberId)).version).toBe(3);
      const other = await newMember(ledger, { email: 'c@example.com' });
      const taken = await changeProfile(ledger, program, other, { email: 'b@example.com' }, noon);
      expect(taken).toEqual({ type: 'exists', field: 'email' });
      expect((await getMember(ledger, other))?.profile.email).toBe('c@example.com');
    });
  });

  describe('a contact that is given up', () => {
    const both = { name: 'A', email: 'a@example.com', phone: '+33612345678', birthday: '1990-05-01' };

    test.each(['name', 'email', 'phone', 'birthday'] as const)(
      '%s is gone, and asking again changes nothing',
      async (field) => {
        const ledger = await newLedger();
        const memberId = await newMember(ledger, both);
        for (let time = 0; time < 2; time++)
          expect(await changeProfile(ledger, program, memberId, { [field]: null }, noon)).toMatchObject({
            type: 'changed',
          });
        expect((await getMember(ledger, memberId))?.profile).toMatchObject({ ...both, [field]: null });
      },
    );

    test('is free for whoever has it now, and what they buy by it is theirs', async () => {
      const ledger = await newLedger();
      const before = await newMember(ledger, both);
      await changeProfile(ledger, program, before, { phone: null }, noon);
      const after = await newMember(ledger, { phone: both.phone });
      await recordPurchase(ledger, program, aPurchase([5000], { member: { phone: both.phone } }), noon);
      expect(balanceOf(await auditedAccount(ledger, after)).available).toBe(100);
      expect(balanceOf(await auditedAccount(ledger, before)).available).toBe(50);
    });

    test('is not the last one', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger, both);
      const change = (wanted: Parameters<typeof changeProfile>[3]) =>
        changeProfile(ledger, program, memberId, wanted, noon);
      expect(await change({ email: null, phone: null })).toEqual({ type: 'last_contact', field: 'email' });
      expect(await change({ email: null })).toMatchObject({ type: 'changed' });
      expect(await change({ phone: null })).toEqual({ type: 'last_contact', field: 'phone' });
      expect(await change({ phone: '+33612345679' })).toMatchObject({ type: 'changed' });
      expect(await change({ phone: null, email: 'b@example.com' })).toMatchObject({ type: 'changed' });
    });

    test('is known again to a referral: one is not brought by oneself', async () => {
      const ledger = await newLedger();
      const referrer = await newMember(ledger, { ...both, email: 'Ada.L+shop@gmail.com' });
      await changeProfile(ledger, program, referrer, { email: 'b@example.com', phone: null }, noon);
      for (const again of [{ phone: both.phone }, { email: 'adal@googlemail.com' }]) {
        const newcomer = await newMember(ledger, { ...again, referralCode: referralCode(ledger, referrer) });
        expect(await getReferral(ledger, newcomer)).toMatchObject({ status: 'refused' });
      }
    });
  });

  describe('purchases', () => {
    test('earn once, however often they come', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger);
      const purchase = aPurchase([5000], { member: { memberId } });
      const outcomes = [];
      for (let time = 0; time < 3; time++)
        outcomes.push((await recordPurchase(ledger, program, purchase, noon)).type);
      expect(outcomes).toEqual(['posted', 'duplicate', 'duplicate']);
      expect(balanceOf(await auditedAccount(ledger, memberId)).available).toBe(100);
      const record = await getPurchase(ledger, purchase.id);
      expect(record && statusOf(record)).toBe('posted');
      expect(record?.entryIds).toHaveLength(1);
    });

    test('the same one, fifty times at once, earns once', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger);
      const purchase = aPurchase([5000], { member: { memberId } });
      const outcomes = await Promise.all(
        Array.from({ length: 50 }, () => recordPurchase(ledger, program, purchase, noon)),
      );
      expect(outcomes.filter((one) => one.type === 'posted')).toHaveLength(1);
      expect(balanceOf(await auditedAccount(ledger, memberId)).available).toBe(100);
    });

    test('of one member, many at once, are all posted without a gap in the sequence', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger);
      const purchases = Array.from({ length: 16 }, () => aPurchase([1000], { member: { memberId } }));
      await Promise.all(purchases.map((purchase) => recordPurchase(ledger, program, purchase, noon)));
      const account = await auditedAccount(ledger, memberId);
      expect(account.version).toBe(18);
      expect(balanceOf(account).available).toBe(50 + 160);
    });

    test('with other content under a known id leave the first as it is and are listed once', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger);
      const purchase = aPurchase([5000], { member: { memberId } });
      await recordPurchase(ledger, program, purchase, noon);
      const other = { ...purchase, totalMinor: 9000, lines: aPurchase([9000]).lines };
      expect((await recordPurchase(ledger, program, other, noon)).type).toBe('conflict');
      expect((await recordPurchase(ledger, program, other, noon)).type).toBe('conflict');
      expect(await openTypes(ledger)).toEqual(['purchase_conflict']);
      const record = await getPurchase(ledger, purchase.id);
      expect(record && statusOf(record)).toBe('conflict');
      expect(balanceOf(await auditedAccount(ledger, memberId)).available).toBe(100);
    });

    test('of a guest wait to be claimed, with the right total, once, within 90 days', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger);
      const guest = aPurchase([5000, 1000]);
      await recordPurchase(ledger, program, guest, noon);
      await recordRefund(ledger, program, aRefund(guest, { '2': 1000 }), noon);
      const before = await getPurchase(ledger, guest.id);
      expect(before && statusOf(before)).toBe('unclaimed');
      expect(await openTypes(ledger)).toEqual(['purchase_unclaimed']);
      const claim = (totalMinor: number, by: MemberId, now = noon) =>
        claimPurchase(ledger, program, guest.id, { member: { memberId: by }, totalMinor }, now);
      expect((await claim(5999, memberId)).type).toBe('mismatch');
      expect((await claim(6000, memberId, noon + 91 * 86_400_000)).type).toBe('closed');
      expect((await claim(6000, memberId)).type).toBe('claimed');
      expect((await claim(6000, memberId)).type).toBe('claimed');
      expect((await claim(6000, await newMember(ledger))).type).toBe('closed');
      expect(balanceOf(await auditedAccount(ledger, memberId)).available).toBe(50 + 50);
      expect(await openTypes(ledger)).toEqual([]);
    });

    test('of a member nobody knows are kept unclaimed', async () => {
      const ledger = await newLedger();
      const purchase = aPurchase([5000], { member: { email: 'nobody@example.com' } });
      await recordPurchase(ledger, program, purchase, noon);
      expect(await getPurchase(ledger, purchase.id)).toMatchObject({ memberId: null });
    });
  });

  describe('refunds', () => {
    test('that come before their purchase end like those that come after', async () => {
      const end = async (early: boolean) => {
        const ledger = await newLedger();
        const memberId = await newMember(ledger);
        const purchase = aPurchase([5000, 3000], { id: 'store:SAME', member: { memberId } });
        const refunds = [
          aRefund(purchase, { '1': 2500 }, { id: 'store:RA' }),
          aRefund(purchase, 1000, { id: 'store:RB' }),
        ];
        const give = async () => {
          for (const refund of refunds) await recordRefund(ledger, program, refund, noon);
        };
        if (early) {
          await give();
          expect(await getPurchase(ledger, purchase.id)).toBeUndefined();
          expect(await getRefund(ledger, 'store:RA')).toMatchObject({ status: 'waiting' });
          expect(await openTypes(ledger)).toEqual(['refund_waiting', 'refund_waiting']);
        }
        await recordPurchase(ledger, program, purchase, noon);
        if (!early) await give();
        expect(await openTypes(ledger)).toEqual([]);
        const record = await getPurchase(ledger, purchase.id);
        const { lots, qualifying, tier, version } = await auditedAccount(ledger, memberId);
        return {
          lots,
          qualifying,
          tier,
          version,
          status: record && statusOf(record),
          clawedBack: record?.clawedBack,
          refunds: await Promise.all(
            (['store:RA', 'store:RB'] as const).map(async (id) => {
              const found = await getRefund(ledger, id);
              return { status: found?.status, clawedBack: found?.clawedBack, debt: found?.debt };
            }),
          ),
        };
      };
      const late = await end(false);
      expect(late).toMatchObject({ status: 'partially_refunded', clawedBack: 35 });
      expect(await end(true)).toEqual(late);
    });

    test('are applied once, and other content under their id is listed', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger);
      const purchase = aPurchase([5000], { member: { memberId } });
      await recordPurchase(ledger, program, purchase, noon);
      const refund = aRefund(purchase, { '1': 2000 });
      await recordRefund(ledger, program, refund, noon);
      expect((await recordRefund(ledger, program, refund, noon)).type).toBe('duplicate');
      expect((await recordRefund(ledger, program, aRefund(purchase, 1, { id: refund.id }), noon)).type).toBe(
        'conflict',
      );
      expect(await openTypes(ledger)).toEqual(['refund_conflict']);
      expect(balanceOf(await auditedAccount(ledger, memberId)).available).toBe(80);
    });

    test('of one id that name two purchases at once take effect on one of them', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger);
      const purchases = [aPurchase([5000], { member: { memberId } }), aPurchase([5000])];
      for (const purchase of purchases) await recordPurchase(ledger, program, purchase, noon);
      const refunds = purchases.map((purchase) => aRefund(purchase, 1000, { id: 'store:TWICE' }));
      const outcomes = await Promise.all(refunds.map((one) => recordRefund(ledger, program, one, noon)));
      expect(outcomes.map((one) => one.type).sort()).toEqual(['conflict', 'posted']);
      const records = await Promise.all(purchases.map(({ id }) => getPurchase(ledger, id)));
      const refunded = records.map((record) => (record ? refundedMinor(record) : 0));
      expect(refunded.sort()).toEqual([0, 1000]);
    });

    test('of more than was paid are cut to it, and the excess is listed', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger);
      const purchase = aPurchase([5000], { member: { memberId } });
      await recordPurchase(ledger, program, purchase, noon);
      const refund = aRefund(purchase, { '1': 9000 });
      const { record } = await recordRefund(ledger, program, refund, noon);
      expect(record).toMatchObject({ status: 'applied', clawedBack: 50 });
      const again = await recordRefund(ledger, program, aRefund(purchase, { '1': 1 }), noon);
      expect(again.record).toMatchObject({ status: 'rejected', clawedBack: 0 });
      expect(await openTypes(ledger)).toEqual(['over_refund', 'over_refund']);
      const after = await getPurchase(ledger, purchase.id);
      expect(after && statusOf(after)).toBe('refunded');
      expect(balanceOf(await auditedAccount(ledger, memberId))).toMatchObject({ available: 50, debt: 0 });
    });

    test('that give nothing back are not said to be applied, and are listed', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger);
      const purchase = aPurchase([5000, 1000], { member: { memberId } });
      await recordPurchase(ledger, program, purchase, noon);
      const said = async (refund: RecordedRefund) =>
        (await recordRefund(ledger, program, refund, noon)).record.status;
      expect(await said(aRefund(purchase, 0))).toBe('rejected');
      expect(await said(aRefund(purchase, { '1': 0 }))).toBe('rejected');
      expect(await openTypes(ledger)).toEqual(['refund_rejected', 'refund_rejected']);
      const { amountMinor: _amount, ...units } = aRefund(purchase, 0);
      const twice = { ...units, lines: [{ lineId: '1', amountMinor: 5000, quantity: 2 }] };
      expect(await said(twice)).toBe('applied');
      // More units came back than were sold: what comes behind gives back no more by that.
      expect(await said(aRefund(purchase, { '1': 100 }))).toBe('rejected');
      expect(await said(aRefund(purchase, 1000))).toBe('applied');
      const again = { lineId: '2', amountMinor: 1000, quantity: 1 };
      expect(await said({ ...aRefund(purchase, { '2': 1000 }), lines: [again] })).toBe('rejected');
      expect(balanceOf(await auditedAccount(ledger, memberId)).available).toBe(50);
    });

    test('of other lines or in another currency are rejected and listed', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger);
      const purchase = aPurchase([5000], { member: { memberId } });
      await recordPurchase(ledger, program, purchase, noon);
      const line = await recordRefund(ledger, program, aRefund(purchase, { '7': 100 }), noon);
      const dollars = await recordRefund(ledger, program, aRefund(purchase, 100, { currency: 'USD' }), noon);
      expect([line.record.status, dollars.record.status]).toEqual(['rejected', 'rejected']);
      expect(await openTypes(ledger)).toEqual(['refund_rejected', 'refund_rejected']);
      expect(balanceOf(await auditedAccount(ledger, memberId)).available).toBe(100);
    });
  });

  describe('returns without receipt', () => {
    const lines = (...wanted: [sku: string, quantity: number][]) =>
      wanted.map(([sku, quantity]) => ({ sku, quantity, amountMinor: 1 }));
    const aReturn = (memberId: MemberId, what: ReturnType<typeof lines>): RecordedRefund => {
      const { purchaseId: _purchaseId, ...refund } = aRefund(aPurchase([1]), 1);
      const { amountMinor: _amount, ...rest } = refund;
      return { ...rest, member: { memberId }, lines: what };
    };
    const bought = (memberId: MemberId, day: number, sku: string, quantity: number, amountMinor: number) => {
      const purchase = aPurchase([amountMinor], {
        member: { memberId },
        occurredAt: `2026-11-${day}T10:00:00Z`,
      });
      return { ...purchase, lines: purchase.lines.map((line) => ({ ...line, sku, quantity })) };
    };

    test('take the newest purchases of the sku first, each at its own price', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger);
      const newer = bought(memberId, 20, 'CUP', 2, 1000);
      const older = bought(memberId, 10, 'CUP', 4, 8000);
      for (const purchase of [newer, older]) await recordPurchase(ledger, program, purchase, noon);
      const { record } = await recordRefund(ledger, program, aReturn(memberId, lines(['CUP', 3])), noon);
      expect(record).toMatchObject({ status: 'applied', clawedBack: 10 + 20 });
      const states = await Promise.all([newer, older].map(({ id }) => getPurchase(ledger, id)));
      expect(states.map((one) => one && statusOf(one))).toEqual(['refunded', 'partially_refunded']);
      expect(states.map((one) => one?.entryIds.length)).toEqual([2, 2]);
      expect(balanceOf(await auditedAccount(ledger, memberId)).available).toBe(50 + 60);
      expect(await openTypes(ledger)).toEqual([]);
    });

    test('of more than was bought are matched as far as it goes, and the rest is listed', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger);
      await recordPurchase(ledger, program, bought(memberId, 20, 'CUP', 2, 1000), noon);
      const refund = aReturn(memberId, lines(['CUP', 3], ['HAT', 1]));
      const { record } = await recordRefund(ledger, program, refund, noon);
      expect(record).toMatchObject({ status: 'partially_matched', clawedBack: 10 });
      const again = await recordRefund(ledger, program, aReturn(memberId, lines(['CUP', 1])), noon);
      expect(again.record).toMatchObject({ status: 'unmatched', clawedBack: 0 });
      expect(await openTypes(ledger)).toEqual(['refund_partially_matched', 'refund_unmatched']);
      await auditedAccount(ledger, memberId);
    });

    test('pass over a purchase whose money is back already', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger);
      const newer = bought(memberId, 20, 'CUP', 1, 5000);
      const older = bought(memberId, 10, 'CUP', 1, 3000);
      for (const purchase of [newer, older]) await recordPurchase(ledger, program, purchase, noon);
      await recordRefund(ledger, program, aRefund(newer, 5000), noon);
      const { record } = await recordRefund(ledger, program, aReturn(memberId, lines(['CUP', 1])), noon);
      expect(record).toMatchObject({ status: 'applied', clawedBack: 30 });
    });

    test('of one unit after the other give back what the line earned, the last taking the rest', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger);
      await recordPurchase(ledger, program, bought(memberId, 20, 'CUP', 3, 1000), noon);
      for (let unit = 0; unit < 3; unit++)
        await recordRefund(ledger, program, aReturn(memberId, lines(['CUP', 1])), noon);
      expect(balanceOf(await auditedAccount(ledger, memberId))).toMatchObject({ available: 50, debt: 0 });
    });
  });

  test('whatever comes, in whatever order and however often: accounts are the fold of their entries', async () => {
    const step = fc.record({
      what: fc.constantFrom('buy', 'buy', 'line', 'order', 'again'),
      who: fc.nat(2),
      pick: fc.nat(20),
      amounts: fc.array(fc.integer({ min: 0, max: 90_000 }), { minLength: 1, maxLength: 3 }),
      channel: fc.constantFrom('web' as const, 'store' as const),
      hours: fc.nat(24 * 20),
    });
    const property = fc.asyncProperty(fc.array(step, { maxLength: 14 }), async (steps) => {
      const ledger = await newLedger();
      const members = [await newMember(ledger), await newMember(ledger), undefined];
      const purchases: RecordedPurchase[] = [];
      const sent: (() => Promise<unknown>)[] = [];
      const owed = new Map<string, number>();
      let now = noon;
      for (const { what, who, pick, amounts, channel, hours } of steps) {
        now += hours * 3_600_000;
        const at = now;
        const memberId = members[who];
        const purchase = purchases[pick % Math.max(1, purchases.length)];
        let act: (() => Promise<unknown>) | undefined = sent[pick % Math.max(1, sent.length)];
        if (what === 'buy') {
          const bought = aPurchase(amounts, {
            channel,
            occurredAt: new Date(at).toISOString(),
            ...(memberId ? { member: { memberId } } : {}),
          });
          purchases.push(bought);
          // Every third purchase is only said to have happened: its refunds come first.
          act = pick % 3 === 0 ? undefined : () => recordPurchase(ledger, program, bought, at);
          if (pick % 3 === 0) sent.push(() => recordPurchase(ledger, program, bought, at));
        } else if (purchase && what !== 'again') {
          const refund: RecordedRefund = aRefund(
            purchase,
            what === 'line' ? { '1': (amounts[0] ?? 0) + 1 } : (amounts[0] ?? 0) + 1,
          );
          act = () => recordRefund(ledger, program, refund, at);
        }
        if (!act) continue;
        sent.push(act);
        await act();
      }
      // In the end everything is delivered once more, in another order.
      for (const act of [...sent].reverse()) await act();
      const balances = new Map<string, number>();
      for (const memberId of members.filter((one) => one !== undefined)) {
        const account = await auditedAccount(ledger, memberId);
        const { available, pending, debt } = balanceOf(account);
        balances.set(memberId, available + pending - debt + account.lifetime.expired);
        expect(available).toBeGreaterThanOrEqual(0);
        owed.set(memberId, 50);
      }
      for (const purchase of purchases) {
        const record = await getPurchase(ledger, purchase.id);
        const memberId = record?.memberId;
        if (!record || !memberId) continue;
        owed.set(memberId, (owed.get(memberId) ?? 0) + (record.earning?.points ?? 0));
      }
      // Nothing lost, nothing doubled: what members have is what their purchases are still worth.
      expect(balances).toEqual(owed);
    });
    await fc.assert(property, { ...runs(engine.runs), endOnFailure: engine.runs < 100 });
  }, 240_000);

  describe('referrals', () => {
    const referred = async (more: object = {}, by: object = { email: 'ann@example.com' }) => {
      const ledger = await newLedger();
      const referrer = await newMember(ledger, by);
      const code = referralCode(ledger, referrer);
      const newcomer = await newMember(ledger, { email: 'ben@example.com', referralCode: code, ...more });
      const settled = () => settleReferral(ledger, program, newcomer, noon);
      const balances = async () => {
        const accounts = await Promise.all([referrer, newcomer].map((id) => auditedAccount(ledger, id)));
        return accounts.map((account) => balanceOf(account));
      };
      return { ledger, referrer, newcomer, settled, balances };
    };

    test('pay both sides once the first purchase of the minimum counts, and once only', async () => {
      const { ledger, newcomer, settled, balances } = await referred();
      await recordPurchase(ledger, program, aPurchase([1999], { member: { memberId: newcomer } }), noon);
      await settled();
      expect(await balances()).toMatchObject([{ available: 50 }, { available: 69 }]);
      await recordPurchase(ledger, program, aPurchase([2000], { member: { memberId: newcomer } }), noon);
      await Promise.all([settled(), settled(), settled()]);
      expect(await balances()).toMatchObject([{ available: 250 }, { available: 189 }]);
      await recordPurchase(ledger, program, aPurchase([9000], { member: { memberId: newcomer } }), noon);
      await settled();
      expect(await balances()).toMatchObject([{ available: 250 }, { available: 279 }]);
    });

    test('wait for the pending period, and take nothing for what was given back in it', async () => {
      const { ledger, newcomer, balances } = await referred();
      const purchase = aPurchase([5000], { channel: 'web', member: { memberId: newcomer } });
      await recordPurchase(ledger, program, purchase, noon);
      await settleReferral(ledger, program, newcomer, noon);
      expect(await balances()).toMatchObject([{ available: 50 }, { available: 50, pending: 50 }]);
      await recordRefund(ledger, program, aRefund(purchase, 4000), noon);
      const later = Date.parse('2026-12-06T12:00:00Z');
      await settleReferral(ledger, program, newcomer, later);
      expect(await balances()).toMatchObject([{ available: 50 }, { available: 50, pending: 10 }]);
    });

    test('go back on both sides with the purchase, debts included, and can be earned again', async () => {
      const { ledger, newcomer, settled, balances } = await referred();
      const purchase = aPurchase([2000], { member: { memberId: newcomer } });
      await recordPurchase(ledger, program, purchase, noon);
      await settled();
      await recordRefund(ledger, program, aRefund(purchase, 2000), noon);
      await settled();
      expect(await balances()).toMatchObject([
        { available: 50, debt: 0 },
        { available: 50, debt: 0 },
      ]);
      await recordPurchase(ledger, program, aPurchase([2000], { member: { memberId: newcomer } }), noon);
      await settled();
      expect(await balances()).toMatchObject([{ available: 250 }, { available: 170 }]);
    });

    test('are not paid to who has become the same person since joining', async () => {
      const { ledger, newcomer, settled, balances } = await referred({}, { email: 'ann@gmail.com' });
      await changeProfile(ledger, program, newcomer, { email: 'ann+2@gmail.com' }, noon);
      await recordPurchase(ledger, program, aPurchase([2000], { member: { memberId: newcomer } }), noon);
      await settled();
      expect(await balances()).toMatchObject([{ available: 50 }, { available: 70 }]);
    });

    test('are never for oneself, nor beyond the month’s limit, nor by a code that nobody has', async () => {
      const own = await referred({ email: 'an.n+second@gmail.com' }, { email: 'ann@googlemail.com' });
      await recordPurchase(
        own.ledger,
        program,
        aPurchase([2000], { member: { memberId: own.newcomer } }),
        noon,
      );
      await own.settled();
      expect(await own.balances()).toMatchObject([{ available: 50 }, { available: 70 }]);
      expect(await getReferral(own.ledger, own.newcomer)).toMatchObject({ status: 'refused' });
      const unknown = await enrol(own.ledger, program, { referralCode: 'ZZZZZZZZ' }, noon);
      expect(unknown).toEqual({ type: 'unknown_referral' });
      const few = {
        ...program,
        bonuses: { ...program.bonuses, referral: { referrer: 1, referee: 1, minimumMinor: 1, perMonth: 1 } },
      };
      const { ledger, referrer, newcomer } = await referred();
      const third = await newMember(ledger, { referralCode: referralCode(ledger, referrer) });
      for (const memberId of [newcomer, third]) {
        await recordPurchase(ledger, few, aPurchase([100], { member: { memberId } }), noon);
        await settleReferral(ledger, few, memberId, noon);
      }
      expect(balanceOf(await auditedAccount(ledger, referrer)).available).toBe(51);
      expect(await getReferral(ledger, third)).toMatchObject({ status: 'refused' });
    });
  });

  describe('stamps', () => {
    test('issue a voucher with a code of its own, and revoke it with a refund', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger);
      const coffees = aPurchase([1500], { member: { memberId } });
      const purchase = {
        ...coffees,
        lines: coffees.lines.map((line) => ({ ...line, category: 'coffee', quantity: 6 })),
      };
      await recordPurchase(ledger, program, purchase, noon);
      expect((await auditedAccount(ledger, memberId)).stamps).toEqual({ coffee: 1 });
      const [issued] = await listVouchers(ledger, memberId, { limit: 100 });
      expect(issued).toMatchObject({ status: 'issued', rewardId: 'free-coffee' });
      expect(readVoucherCode(issued?.code ?? '')).toBe(issued?.code);
      const refund = { ...aRefund(purchase, {}), lines: [{ lineId: '1', quantity: 2, amountMinor: 500 }] };
      await recordRefund(ledger, program, refund, noon);
      expect((await auditedAccount(ledger, memberId)).stamps).toEqual({ coffee: 4 });
      expect(await listVouchers(ledger, memberId, { limit: 100 })).toMatchObject([
        { status: 'revoked', code: null },
      ]);
    });
  });

  describe('a campaign’s budget', () => {
    const rules = defaultProgram({
      tiers: program.tiers.map((tier) => ({ ...tier, multiplier: '1' })),
      campaigns: [
        {
          id: 'triple',
          name: 'Triple',
          from: '2026-11-01T00:00:00Z',
          to: '2026-12-01T00:00:00Z',
          multiplier: '3',
          budgetPoints: 103,
        },
      ],
    });

    test('is given exactly, however many buy at once, and not a point more', async () => {
      const ledger = await newLedger();
      const members = await Promise.all(Array.from({ length: 4 }, () => newMember(ledger)));
      const purchases = members.flatMap((memberId) =>
        Array.from({ length: 3 }, () => aPurchase([1000], { member: { memberId } })),
      );
      await Promise.all(purchases.map((purchase) => recordPurchase(ledger, rules, purchase, noon)));
      const accounts = await Promise.all(members.map((memberId) => auditedAccount(ledger, memberId)));
      const extra = accounts.reduce((sum, account) => sum + balanceOf(account).available - 50 - 30, 0);
      expect(extra).toBe(103);
      const late = aPurchase([1000], { member: { memberId: members[0] as MemberId } });
      await recordPurchase(ledger, rules, late, noon);
      expect(await getPurchase(ledger, late.id)).toMatchObject({ earning: { points: 10 } });
      // Giving a purchase back returns what it earned, and gives the budget nothing.
      const [first] = purchases;
      if (!first) throw new Error('Nothing was bought.');
      await recordRefund(ledger, rules, aRefund(first, first.totalMinor), noon);
      expect(await getPurchase(ledger, first.id)).toMatchObject({ earning: { points: 0 } });
    });
  });

  describe('a campaign’s budget that is lowered', () => {
    test('gives nothing below what was given, and exactly the rest once it is raised again', async () => {
      const withBudget = (budgetPoints: number) =>
        defaultProgram({
          tiers: program.tiers.map((tier) => ({ ...tier, multiplier: '1' })),
          campaigns: [
            {
              id: 'triple',
              name: 'Triple',
              from: '2026-11-01T00:00:00Z',
              to: '2026-12-01T00:00:00Z',
              multiplier: '3',
              budgetPoints,
            },
          ],
        });
      const ledger = await newLedger();
      const earned = async (amountMinor: number, budget: number) => {
        const purchase = aPurchase([amountMinor], { member: { memberId: await newMember(ledger) } });
        await recordPurchase(ledger, withBudget(budget), purchase, noon);
        return (await getPurchase(ledger, purchase.id))?.earning?.points;
      };
      // All of it from one shard of eight.
      expect(await earned(5000, 800)).toBe(50 + 100);
      expect(await earned(5000, 80)).toBe(50);
      expect(await earned(5000, 130)).toBe(50 + 30);
      expect(await earned(5000, 130)).toBe(50);
    });
  });

  describe('the night', () => {
    const at = (text: string) => Date.parse(text);
    const night = (ledger: LedgerContext, now: number, rules = program) => runNight(ledger, rules, now);
    const opened = async () => {
      const ledger = await newLedger();
      const { version: _version, ...document } = program;
      await putProgram(ledger, document, { keyId: 'test', name: 'test' }, noon);
      return ledger;
    };
    const types = async (ledger: LedgerContext, memberId: MemberId) =>
      (await listEntries(ledger, memberId, { limit: 100 })).map((entry) => entry.type).reverse();

    test('writes down activation and expiry once each, on their days', async () => {
      const ledger = await opened();
      const memberId = await newMember(ledger);
      const purchase = aPurchase([5000], { channel: 'web', member: { memberId } });
      await recordPurchase(ledger, program, purchase, noon);
      await night(ledger, at('2026-12-05T22:59:00Z'));
      expect(balanceOf(await auditedAccount(ledger, memberId))).toMatchObject({ available: 50, pending: 50 });
      await night(ledger, at('2026-12-05T23:05:00Z'));
      await night(ledger, at('2026-12-05T23:06:00Z'));
      expect(balanceOf(await auditedAccount(ledger, memberId))).toMatchObject({ available: 100, pending: 0 });
      // A year without a night: the next one goes through all of it.
      await night(ledger, at('2027-12-24T23:05:00Z'));
      expect(balanceOf(await auditedAccount(ledger, memberId)).available).toBe(0);
      expect(await types(ledger, memberId)).toEqual(['enrolled', 'bonus', 'earned', 'activated', 'expired']);
    });

    test('gives one month’s notice of points that lapse, once', async () => {
      const ledger = await opened();
      const memberId = await newMember(ledger);
      await night(ledger, at('2027-10-29T23:05:00Z'));
      expect(await types(ledger, memberId)).toEqual(['enrolled', 'bonus']);
      for (const day of ['30', '31']) await night(ledger, at(`2027-10-${day}T23:05:00Z`));
      expect(await types(ledger, memberId)).toEqual(['enrolled', 'bonus', 'expiry_noticed']);
      const [notice] = await listEntries(ledger, memberId, { limit: 1 });
      expect(notice?.notice).toEqual({ points: 50, at: '2027-11-30T23:00:00Z' });
      await auditedAccount(ledger, memberId);
    });

    test('ends a tier whose validity is over', async () => {
      const ledger = await opened();
      const memberId = await newMember(ledger);
      await recordPurchase(ledger, program, aPurchase([60_000], { member: { memberId } }), noon);
      expect((await auditedAccount(ledger, memberId)).tier.id).toBe('complice');
      await night(ledger, at('2027-12-01T23:05:00Z'));
      expect((await auditedAccount(ledger, memberId)).tier.id).toBe('ami');
      expect(await types(ledger, memberId)).toContain('tier_reviewed');
    });

    test('honours a birthday once in 365 days, whatever is edited', async () => {
      const ledger = await opened();
      const memberId = await newMember(ledger, { birthday: '1990-11-24' });
      await night(ledger, at('2026-11-23T23:05:00Z'));
      await night(ledger, at('2026-11-24T23:05:00Z'));
      expect(balanceOf(await auditedAccount(ledger, memberId)).available).toBe(150);
      await changeProfile(ledger, program, memberId, { birthday: '1990-12-24' }, noon);
      await night(ledger, at('2026-12-24T23:05:00Z'));
      expect(balanceOf(await auditedAccount(ledger, memberId)).available).toBe(150);
      await night(ledger, at('2027-12-24T23:05:00Z'));
      expect((await auditedAccount(ledger, memberId)).lifetime.earned).toBe(250);
    });

    test('honours a birthday late where nights were missed, and the next year on its day again', async () => {
      const ledger = await opened();
      const memberId = await newMember(ledger, { birthday: '1990-06-15' });
      const earned = async () => (await auditedAccount(ledger, memberId)).lifetime.earned;
      await night(ledger, at('2027-06-11T22:05:00Z'));
      await night(ledger, at('2027-06-18T22:05:00Z'));
      expect(await earned()).toBe(150);
      await night(ledger, at('2028-06-13T22:05:00Z'));
      expect(await earned()).toBe(150);
      for (const time of ['2028-06-14T22:05:00Z', '2028-06-15T22:05:00Z', '2028-06-18T22:05:00Z'])
        await night(ledger, at(time));
      expect(await earned()).toBe(250);
      // Two years without a night: the last birthday is honoured, and the one after it in its year.
      await night(ledger, at('2030-07-01T22:05:00Z'));
      expect(await earned()).toBe(350);
      await night(ledger, at('2031-06-14T22:05:00Z'));
      expect(await earned()).toBe(450);
    });

    test('honours a birthday on its day where summer began on it a year before', async () => {
      const ledger = await opened();
      const rules = { ...program, timeZone: 'Europe/London' };
      const memberId = await newMember(ledger, { birthday: '1990-03-29' });
      await night(ledger, at('2027-03-28T23:05:00Z'), rules);
      expect((await auditedAccount(ledger, memberId)).lifetime.earned).toBe(150);
      await night(ledger, at('2028-03-28T23:05:00Z'), rules);
      expect((await auditedAccount(ledger, memberId)).lifetime.earned).toBe(250);
    });

    test('does not honour a birthday that was over before somebody joined', async () => {
      const ledger = await opened();
      const memberId = await newMember(ledger, { birthday: '1990-11-21' });
      await night(ledger, at('2026-11-22T23:05:00Z'));
      expect((await auditedAccount(ledger, memberId)).lifetime.earned).toBe(50);
    });

    test('a leap day’s child has the 28th in other years', async () => {
      const ledger = await opened();
      const memberId = await newMember(ledger, { birthday: '2000-02-29' });
      await night(ledger, at('2027-02-27T23:05:00Z'));
      expect((await auditedAccount(ledger, memberId)).lifetime.earned).toBe(150);
    });

    test('a complete profile is rewarded once', async () => {
      const ledger = await opened();
      const memberId = await newMember(ledger, { name: 'A', email: 'a@example.com' });
      const complete = { birthday: '1990-01-01', consents: { email: true } };
      await changeProfile(ledger, program, memberId, complete, noon);
      expect(balanceOf(await auditedAccount(ledger, memberId)).available).toBe(100);
      await changeProfile(ledger, program, memberId, { consents: { email: false } }, noon);
      await changeProfile(ledger, program, memberId, { consents: { email: true } }, noon);
      expect(balanceOf(await auditedAccount(ledger, memberId)).available).toBe(100);
      const whole = { name: 'B', phone: '+33612345678', ...complete };
      expect(balanceOf(await auditedAccount(ledger, await newMember(ledger, whole))).available).toBe(100);
    });
  });

  describe('wallets', () => {
    const passType = 'pass.example.philia';

    test('a device registers once, changes its push token, and is forgotten with its last pass', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger);
      const wantedDevice = { memberId, device: 'd1', passType, pushToken: 't1' };
      expect(await registerDevice(ledger, wantedDevice, 2, noon)).toBe('created');
      expect(await registerDevice(ledger, { ...wantedDevice, pushToken: 't2' }, 2, noon)).toBe('existing');
      expect((await registrationsOf(ledger, memberId)).map((one) => one.pushToken)).toEqual(['t2']);
      await unregisterDevice(ledger, memberId, 'd1');
      expect(await registrationsOf(ledger, memberId)).toEqual([]);
      expect(await changedPasses(ledger, 'd1', passType, 0)).toEqual({ serials: [], tag: 0 });
    });

    test('a hundred devices on one pass: the newest stay, nobody is refused', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger);
      for (let device = 0; device < 40; device++)
        await registerDevice(
          ledger,
          { memberId, device: `d${device}`, passType, pushToken: 't' },
          2,
          noon + device,
        );
      const kept = (await registrationsOf(ledger, memberId)).map((one) => one.device);
      expect(kept).toHaveLength(30);
      expect(kept).toContain('d39');
      expect(kept).not.toContain('d0');
    });

    test('a refused push token is forgotten unless it registered again since', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger);
      await registerDevice(ledger, { memberId, device: 'd1', passType, pushToken: 't' }, 2, noon);
      const [registration] = await registrationsOf(ledger, memberId);
      if (!registration) throw new Error('The device is not registered.');
      await forgetPushToken(ledger, registration, noon - 1);
      expect(await registrationsOf(ledger, memberId)).toHaveLength(1);
      await forgetPushToken(ledger, registration, noon + 1);
      expect(await registrationsOf(ledger, memberId)).toHaveLength(0);
    });

    test('no change is lost behind a tag, however updates of two passes interleave', async () => {
      const ledger = await newLedger();
      const members = [await newMember(ledger), await newMember(ledger)];
      for (const memberId of members)
        await registerDevice(ledger, { memberId, device: 'phone', passType, pushToken: 't' }, 2, noon);
      const seen = new Map<string, number>();
      let tag = 0;
      const look = async () => {
        const list = await changedPasses(ledger, 'phone', passType, tag);
        expect(list.tag).toBeGreaterThanOrEqual(tag);
        for (const memberId of list.serials) seen.set(memberId, (seen.get(memberId) ?? 0) + 1);
        tag = list.tag;
      };
      for (let version = 3; version < 10; version++) {
        const before = new Map(seen);
        await Promise.all([
          ...members.map((memberId) => touchPasses(ledger, memberId, version, noon)),
          look(),
          look(),
        ]);
        await look();
        for (const memberId of members)
          expect(seen.get(memberId) ?? 0).toBeGreaterThan(before.get(memberId) ?? 0);
        await touchPasses(ledger, members[0] as MemberId, version, noon);
        expect((await changedPasses(ledger, 'phone', passType, tag)).serials).toEqual([]);
      }
    });
  });

  describe('operators', () => {
    test('programmes are numbered, and no two become the same version', async () => {
      const ledger = await newLedger();
      const { version: _version, ...document } = program;
      const outcomes = await Promise.all(
        [1, 2, 3].map((number) =>
          putProgram(ledger, { ...document, name: `Number ${number}` }, { keyId: 'key', name: 'test' }, noon),
        ),
      );
      const versions = outcomes.flatMap((one) => (one.type === 'put' ? [one.version] : []));
      expect(new Set(versions).size).toBe(versions.length);
      expect(versions.length).toBeGreaterThan(0);
      const next = { type: 'put', version: Math.max(...versions) + 1 };
      expect(await putProgram(ledger, document, { keyId: 'key', name: 'test' }, noon)).toEqual(next);
    });

    test('a programme that says the same makes no version, however it is written', async () => {
      const ledger = await newLedger();
      const { version: _version, ...document } = program;
      const by = { keyId: 'key', name: 'test' };
      const put = (changed: object) =>
        putProgram(ledger, { ...document, ...changed } as typeof document, by, noon);
      expect(await put({})).toEqual({ type: 'put', version: 1 });
      const backwards = Object.fromEntries(Object.entries(document).reverse()) as typeof document;
      for (const same of [{}, backwards, { $schema: 'elsewhere.json' }, { security: undefined }])
        expect(await put(same)).toEqual({ type: 'unchanged', version: 1 });
      // One that was stored before a field had a default says the same as with it.
      const { grantLimit: _grantLimit, ...older } = document;
      await put({ holdMinutes: 16 });
      const item = await ledger.store.get(keys.currentProgram);
      if (!item) throw new Error('There is a programme.');
      const stored = fromItem(item, 'program');
      const before = { ...stored, document: { ...older, holdMinutes: 16 } as typeof document };
      await ledger.store.transact([{ put: toItem(keys.currentProgram, 'program', before) }]);
      expect(await put({ holdMinutes: 16 })).toEqual({ type: 'unchanged', version: 2 });
      expect(await put({ holdMinutes: 17 })).toEqual({ type: 'put', version: 3 });
    });

    test('versions are told newest first, each with what it changed', async () => {
      const ledger = await newLedger();
      const { version: _version, ...document } = program;
      const by = { keyId: 'key', name: 'Ada' };
      for (const minutes of [15, 20, 25, 30])
        await putProgram(ledger, { ...document, holdMinutes: minutes }, by, noon);
      const told = async (page: Parameters<typeof listPrograms>[1]) =>
        (await listPrograms(ledger, page)).map(({ stored, changes }) => [stored.version, ...changes]);
      const changed = (from: number, to: number) =>
        `An authorised redemption holds its points for ${to} minutes instead of ${from}.`;
      expect(await told({ limit: 2 })).toEqual([
        [4, changed(25, 30)],
        [3, changed(20, 25)],
      ]);
      expect(await told({ limit: 2, before: 3 })).toEqual([[2, changed(15, 20)], [1]]);
      expect(await storedProgram(ledger, 2)).toMatchObject({ putBy: 'key', putByName: 'Ada' });
      expect(await storedProgram(ledger, 5)).toBeUndefined();
    });

    test('a key is found by its text and by nothing else', async () => {
      const ledger = await newLedger();
      const wanted = { name: 'web', role: 'channel', channel: 'web' } as const;
      const { text: key } = await createKey(ledger, wanted, { keyId: 'test', name: 'test' }, noon);
      expect(key).toMatch(/^phk_web_/);
      expect(await findCredential(ledger, key, noon)).toMatchObject({ role: 'channel', channel: 'web' });
      expect(await findCredential(ledger, `${key.slice(0, -1)}~`, noon)).toBeUndefined();
      expect(await findCredential(ledger, key.replace('web', 'ops'), noon)).toBeUndefined();
    });

    test('exceptions are listed newest first, page by page, each once', async () => {
      const ledger = await newLedger();
      for (let hour = 0; hour < 23; hour++) {
        const occurredAt = new Date(noon + hour * 3_600_000).toISOString();
        await recordPurchase(ledger, program, aPurchase([100], { occurredAt }), noon);
      }
      const seen: string[] = [];
      let after: string | undefined;
      do {
        const page = await listExceptions(ledger, { status: 'open', limit: 5, ...(after ? { after } : {}) });
        seen.push(...page.items.map((one) => one.exceptionId));
        after = page.next ?? undefined;
      } while (after);
      expect(seen).toHaveLength(23);
      expect(seen).toEqual([...seen].sort().reverse());
    });
  });

  test('reading settles in memory what the night has not written down yet', async () => {
    const ledger = await newLedger();
    const memberId = await newMember(ledger);
    await recordPurchase(ledger, program, aPurchase([5000], { channel: 'web', member: { memberId } }), noon);
    const account = await auditedAccount(ledger, memberId);
    expect(balanceOf(account)).toMatchObject({ available: 50, pending: 50 });
    const later = settle(program, account, Date.parse('2026-12-06T12:00:00Z')).account;
    expect(balanceOf(later)).toMatchObject({ available: 100, pending: 0 });
  });
});
