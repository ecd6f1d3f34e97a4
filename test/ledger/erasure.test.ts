/** After an erasure nothing of the person is left, the books still balance, and a crash on the way costs nothing. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ledgerAccounts, posted, withoutListeners } from '../../core/account.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { adjust, nextDue, settle } from '../../core/points.ts';
import { statusOf } from '../../core/purchases.ts';
import { replay } from '../../core/replay.ts';
import { finishErasures, reapplyErasures } from '../../ledger/erasure/erasure.ts';
import { createMemoryErasureList, type ErasureList } from '../../ledger/erasure/list.ts';
import {
  cardToken,
  changedPasses,
  changeProfile,
  claimPurchase,
  createRedemption,
  enrol,
  eraseMember,
  findByLookup,
  findVoucher,
  forgetTold,
  getAccount,
  getMember,
  getPurchase,
  getReferral,
  getRefund,
  listAudit,
  listEntries,
  listExceptions,
  listVouchers,
  mergeMembers,
  recordPurchase,
  recordRefund,
  referralCode,
  registerDevice,
  registrationsOf,
  resolveMember,
  settleReferral,
  touchPasses,
  unregisterDevice,
  verifyLedger,
} from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import type { Item, Store } from '../../ledger/store/store.ts';
import {
  bought,
  history,
  newMember,
  play,
  purchaseOf,
  putInForce,
  richProgram,
} from '../support/histories.ts';
import { aLeaver, foundIn, type Leaver, neighbour, operator, person, sweptAt } from '../support/leaving.ts';
import { runNight } from '../support/night.ts';
import { aPurchase, aRefund, isShort, noon, runs, sha256, testContext } from '../support/world.ts';
import { type Engine, engines } from './engines.ts';

const program = richProgram();
const day = 86_400_000;
const always = () => true;

function erase(ledger: LedgerContext, list: ErasureList, memberId: MemberId, now: number, hasTime = always) {
  return eraseMember(ledger, list, program, { memberId, operator, reason: null }, now, hasTime);
}

async function entriesOf(ledger: LedgerContext, memberId: MemberId) {
  return (await listEntries(ledger, memberId, { limit: 1000 })).reverse();
}

async function differences(ledger: LedgerContext) {
  return (await verifyLedger(ledger, { hasTime: always, differencesMax: 100 })).differences;
}

async function ledgerOn(store: Store): Promise<LedgerContext> {
  const ledger = testContext(store);
  await putInForce(ledger, program);
  return ledger;
}

describe.each(Object.entries(engines))('an erasure on %s', (name, { wanted, start }) => {
  let engine: Engine;
  beforeAll(async () => {
    if (wanted) engine = await start();
    else console.warn(`Erasure on ${name} is not tried: set DYNAMODB_LOCAL=1 to accept its licence.`);
  });
  afterAll(async () => {
    await engine?.stop();
  });
  const test = it.skipIf(!wanted);
  const newLedger = async () => ledgerOn(await engine.newStore());

  test('closes the account for good and leaves nothing that finds the person', async () => {
    const ledger = await newLedger();
    const leaver = await aLeaver(ledger, program);
    const { memberId, secrets } = leaver;
    const codes = (await listVouchers(ledger, memberId, { limit: 100 })).flatMap(({ code }) => code ?? []);
    const outcome = await erase(ledger, createMemoryErasureList(), memberId, leaver.now);
    expect(outcome).toEqual({ type: 'erased', complete: true });
    const entries = await entriesOf(ledger, memberId);
    expect(entries.at(-1)).toMatchObject({
      type: 'erased',
      balance: { after: { available: 0, pending: 0, held: 0, debt: 0 } },
    });
    const account = await getAccount(ledger, memberId);
    expect(replay(memberId, entries, sha256)).toEqual(account && withoutListeners(account));
    expect(account?.status).toBe('closed');
    expect(await differences(ledger)).toEqual([]);
    expect(await getMember(ledger, memberId)).toBeUndefined();
    const { email, phone } = person;
    for (const member of [{ email }, { phone }, { cardNumber: secrets['cardNumber'] ?? '' }])
      expect(await resolveMember(ledger, member)).toBeUndefined();
    expect(await findByLookup(ledger, 'cardToken', cardToken(ledger, memberId))).toBeUndefined();
    expect(codes.length).toBeGreaterThan(1);
    for (const code of codes) expect(await findVoucher(ledger, code)).toBeUndefined();
    for (const { code, status } of await listVouchers(ledger, memberId, { limit: 100 }))
      expect([code, status === 'issued']).toEqual([null, false]);
  });

  test('is written down with who and why, without whom', async () => {
    const ledger = await newLedger();
    const { memberId, now } = await aLeaver(ledger, program);
    const reason = `Letter of ${person.email}, born as said; call ${person.phone}.`;
    const request = { memberId, operator, reason };
    await eraseMember(ledger, createMemoryErasureList(), program, request, now + 1, always);
    const [audit] = await listAudit(ledger, { limit: 1 });
    expect(audit).toMatchObject({ ...operator, action: 'erase_member', subject: memberId });
    expect(audit?.reason).toBe('Letter of [erased], born as said; call [erased].');
  });

  test('lets the same person join anew as somebody else', async () => {
    const ledger = await newLedger();
    const { memberId, now } = await aLeaver(ledger, program);
    await erase(ledger, createMemoryErasureList(), memberId, now);
    const { name, email, phone, birthday } = person;
    const again = await enrol(ledger, program, { name, email, phone, birthday }, now);
    expect(again.type).toBe('enrolled');
    expect(await resolveMember(ledger, { email })).not.toBe(memberId);
  });

  test('of nobody is nothing, and is not listed', async () => {
    const ledger = await newLedger();
    const list = createMemoryErasureList();
    const unknown = 'mem_01JD0000000000000000000000' as MemberId;
    expect(await erase(ledger, list, unknown, noon)).toEqual({ type: 'missing' });
    expect(list.items()).toEqual([]);
  });

  test('refuses whatever would be posted afterwards, as for somebody unknown', async () => {
    const ledger = await newLedger();
    const { memberId, now } = await aLeaver(ledger, program);
    await erase(ledger, createMemoryErasureList(), memberId, now);
    const before = await getAccount(ledger, memberId);
    const purchase = aPurchase([5_000], { member: { memberId } });
    const { record } = await recordPurchase(ledger, program, purchase, now);
    expect([statusOf(record), record.memberId]).toEqual(['unclaimed', null]);
    const claim = { member: { memberId }, totalMinor: 5_000 };
    expect(await claimPurchase(ledger, program, purchase.id, claim, now)).toEqual({ type: 'no_member' });
    expect(await changeProfile(ledger, program, memberId, { name: 'X' }, now)).toEqual({ type: 'missing' });
    const request = {
      rewardId: 'five-euros',
      mode: 'authorize',
      purchaseId: null,
      channel: null,
      paused: false,
    } as const;
    const redeemed = await createRedemption(
      ledger,
      program,
      { ...request, member: { memberId } },
      { once: undefined, answer: ({ type }) => ({ status: 200, body: type }) },
      now,
    );
    expect(redeemed).toMatchObject({ answer: { body: 'no_member' } });
    const device = { memberId, device: 'late', passType: 'pass.test', pushToken: 'late' };
    expect(await registerDevice(ledger, device, 9, now)).toBe('gone');
    const earned = (await entriesOf(ledger, memberId)).find(({ type }) => type === 'earned');
    const old = await getPurchase(ledger, (earned?.cause.id ?? '') as `store:${string}`);
    if (!old) throw new Error('The purchase stays.');
    const refund = await recordRefund(ledger, program, aRefund(old.purchase, 100), now);
    expect(refund.record).toMatchObject({ status: 'applied', clawedBack: 0, debt: 0 });
    await runNight(ledger, program, now + 400 * day);
    expect(await getAccount(ledger, memberId)).toEqual(before);
    if (!before?.tier.validUntil) throw new Error('The tier would end some day.');
    expect([settle(program, before, now + 800 * day).entries, nextDue(before)]).toEqual([[], null]);
    const grant = { adjustmentId: 'adj_test', points: 1 };
    expect(() => adjust(program, before, grant, now)).toThrow('follows the one that closed the account');
    expect(await differences(ledger)).toEqual([]);
  });

  test('keeps a late purchase without the contact that it names, and a new one with it', async () => {
    const ledger = await newLedger();
    const { memberId, now } = await aLeaver(ledger, program);
    await erase(ledger, createMemoryErasureList(), memberId, now);
    const keptOf = async (email: string, occurred: number, received: number) => {
      const occurredAt = new Date(occurred).toISOString();
      const purchase = aPurchase([100], { member: { email }, occurredAt });
      await recordPurchase(ledger, program, purchase, received);
      expect((await recordPurchase(ledger, program, purchase, received)).type).toBe('duplicate');
      return (await getPurchase(ledger, purchase.id))?.purchase.member;
    };
    expect(await keptOf(person.email, now - day, now + day)).toBeUndefined();
    expect(await keptOf(person.formerEmail, now - day, now + day)).toBeUndefined();
    expect(await keptOf(person.email, now + day, now + day)).toEqual({ email: person.email });
    expect(await keptOf('other@example.com', now - day, now)).toEqual({ email: 'other@example.com' });
  });

  test('leaves the neighbours what is theirs: a referral goes on without whoever has left', async () => {
    const ledger = await newLedger();
    const list = createMemoryErasureList();
    const { memberId, referrerId, newcomerId, now } = await aLeaver(ledger, program);
    await settleReferral(ledger, program, memberId, now);
    const paid = (await getAccount(ledger, referrerId))?.lifetime.earned;
    expect(paid).toBe(50 + 200);
    await erase(ledger, list, memberId, now);
    expect(await getReferral(ledger, memberId)).toBeUndefined();
    expect(await getReferral(ledger, newcomerId)).toMatchObject({ referrerId: null, status: 'waiting' });
    await settleReferral(ledger, program, memberId, now);
    expect((await getAccount(ledger, referrerId))?.lifetime.earned).toBe(paid);
    const first = aPurchase([3_000], { member: { memberId: newcomerId } });
    await recordPurchase(ledger, program, first, now);
    await settleReferral(ledger, program, newcomerId, now);
    expect((await getAccount(ledger, newcomerId))?.lifetime.earned).toBe(50 + 30 + 3 + 100);
    expect((await getReferral(ledger, newcomerId))?.paid).toMatchObject({ referrer: 0, referee: 100 });
    await recordRefund(ledger, program, aRefund(first, 3_000), now);
    await settleReferral(ledger, program, newcomerId, now);
    expect((await getAccount(ledger, newcomerId))?.lifetime.earned).toBe(50);
    expect(await differences(ledger)).toEqual([]);
  });

  test('has phones told once, and forgets each when it has come for its void pass', async () => {
    const ledger = await newLedger();
    const { memberId, now } = await aLeaver(ledger, program, { phones: 2 });
    const others = await neighbour(ledger, program);
    const shared = { device: 'device-of-zoe-2', passType: 'pass.test', pushToken: 'shared' };
    await registerDevice(ledger, { ...shared, memberId: others }, 1, now);
    await erase(ledger, createMemoryErasureList(), memberId, now);
    const version = (await getAccount(ledger, memberId))?.version ?? 0;
    expect(await touchPasses(ledger, memberId, version, now)).toHaveLength(2);
    // Nobody has been told yet: whoever fetches by chance is not taken for a phone that was.
    await forgetTold(ledger, memberId);
    expect(await registrationsOf(ledger, memberId)).toHaveLength(2);
    const { serials } = await changedPasses(ledger, 'device-of-zoe-1', 'pass.test', 0);
    expect(serials).toEqual([memberId]);
    await forgetTold(ledger, memberId);
    expect((await registrationsOf(ledger, memberId)).map(({ device }) => device)).toEqual([
      'device-of-zoe-2',
    ]);
    await changedPasses(ledger, 'device-of-zoe-2', 'pass.test', 0);
    await forgetTold(ledger, memberId);
    expect(await registrationsOf(ledger, memberId)).toEqual([]);
    expect(await registrationsOf(ledger, others)).toHaveLength(1);
    expect((await changedPasses(ledger, 'device-of-zoe-2', 'pass.test', 0)).serials).toEqual([others]);
  });

  test('at the same moment as everything else leaves a closed account and whole books', async () => {
    const ledger = await newLedger();
    const { memberId, now } = await aLeaver(ledger, program);
    const list = createMemoryErasureList();
    const { email } = person;
    const device = { memberId, device: 'new', passType: 'pass.test', pushToken: 'new' };
    await Promise.all([
      ...Array.from({ length: 5 }, () =>
        recordPurchase(ledger, program, aPurchase([4_000], { member: { email } }), now),
      ),
      changeProfile(ledger, program, memberId, { name: 'Y' }, now),
      registerDevice(ledger, device, 3, now),
      settleReferral(ledger, program, memberId, now),
      erase(ledger, list, memberId, now),
      erase(ledger, list, memberId, now),
      touchPasses(ledger, memberId, 99, now),
    ]);
    expect((await entriesOf(ledger, memberId)).filter(({ type }) => type === 'erased')).toHaveLength(1);
    expect((await getAccount(ledger, memberId))?.status).toBe('closed');
    expect((await registrationsOf(ledger, memberId)).every(({ until }) => until !== undefined)).toBe(true);
    const open = await listExceptions(ledger, { status: 'open', limit: 100 });
    expect(foundIn(open.items as unknown as Item[], { email })).toEqual([]);
    expect(await differences(ledger)).toEqual([]);
  });

  test('takes as many transactions as much asks for, and stops and goes on in between', async () => {
    const ledger = await newLedger();
    const leaver = await aLeaver(ledger, program, { vouchers: 120, phones: 30 });
    const list = createMemoryErasureList();
    const stopped = await erase(ledger, list, leaver.memberId, leaver.now, () => false);
    expect(stopped).toEqual({ type: 'erased', complete: false });
    expect(await getMember(ledger, leaver.memberId)).toBeUndefined();
    // Codes that are still there open nothing.
    const left = await listVouchers(ledger, leaver.memberId, { limit: 100 });
    const codes = left.flatMap(({ code }) => code ?? []);
    expect(codes.length).toBeGreaterThan(0);
    for (const code of codes) expect(await findVoucher(ledger, code)).toBeUndefined();
    expect(await finishErasures(ledger, always)).toBe(true);
    expect(
      (await listVouchers(ledger, leaver.memberId, { limit: 100 })).every(({ code }) => code === null),
    ).toBe(true);
    expect(await erase(ledger, list, leaver.memberId, leaver.now)).toEqual({
      type: 'erased',
      complete: true,
    });
  });
});

// Over the memory engine, where every item can be looked at -----------------------------------------------------

function memory(items: readonly Item[] = []) {
  const store = createMemoryStore();
  return { store, ready: Promise.all(items.map((put) => store.transact([{ put }]))) };
}

/** Ids follow from a counter, so that two runs of the same can be compared. */
function repeatable(store: Store): LedgerContext {
  let made = 0;
  const ulid = () => `01JD${String(made++).padStart(22, '0')}`;
  return { ...testContext(store), ulid, sleep: async () => {} };
}

async function leaverInMemory() {
  const { store } = memory();
  const leaver = await aLeaver(await ledgerOn(store), program, { vouchers: 60 });
  return { items: store.items(), leaver };
}

/** The same person as another member, too, each named among what is the other's, and merged: by the id that stays. */
async function mergedInMemory() {
  const { store } = memory();
  const ledger = await ledgerOn(store);
  const leaver = await aLeaver(ledger, program);
  const other = { name: 'Zizi Vandenbroucke', email: 'zizi@example.org', phone: '+33699887766' };
  const memberId = await neighbour(ledger, program, other);
  const { memberId: from, now } = leaver;
  const naming = (owner: MemberId, words: Readonly<Record<string, string>>) => {
    const { lines, ...sold } = aPurchase([300], { member: { memberId: owner } });
    const name = `For ${words['name']}, ${words['email']}, ${words['phone']}`;
    return { ...sold, lines: lines.map((line) => ({ ...line, name })) };
  };
  for (const one of [naming(from, other), naming(memberId, person)]) {
    await recordPurchase(ledger, program, one, now);
    // The same id with other content is parked with all that it says.
    await recordPurchase(ledger, program, { ...one, totalMinor: 299 }, now);
  }
  await mergeMembers(ledger, program, { into: memberId, from }, now);
  const secrets = {
    ...leaver.secrets,
    otherName: other.name,
    otherEmail: other.email,
    otherPhone: other.phone,
  };
  return { items: store.items(), leaver: { ...leaver, memberId, secrets }, from };
}

describe('after an erasure and thirty days', () => {
  it('no item holds anything of the person, though before it many did', async () => {
    const { items, leaver } = await leaverInMemory();
    const { store, ready } = memory(items);
    await ready;
    // Only the hash of the token was ever stored.
    const stored = Object.keys(leaver.secrets).filter((what) => what !== 'card token');
    expect(foundIn(items, leaver.secrets)).toEqual(stored);
    await erase(testContext(store), createMemoryErasureList(), leaver.memberId, leaver.now);
    // What still goes by itself: phones until they have come for the void pass, answers kept for their repeats.
    const left = foundIn(store.items(), leaver.secrets);
    expect(left.filter((what) => !/^(push token|device|voucher code \d+)$/.test(what))).toEqual([]);
    const lifetimes = new Set(store.items().flatMap(({ item, ttl }) => (ttl === undefined ? [] : [item])));
    expect([...lifetimes].sort()).toEqual([
      'device',
      'devicePass',
      'due',
      'erasedContact',
      'idempotency',
      'registration',
    ]);
    expect(foundIn(sweptAt(store.items(), leaver.now + 30 * day), leaver.secrets)).toEqual([]);
    // Of the codes' look-ups that of the voucher revoked before stays: it leads to one without a code.
    const leading = ({ item, memberId }: Item) => item === 'voucherCode' && memberId === leaver.memberId;
    expect([items.filter(leading).length > 1, store.items().filter(leading).length]).toEqual([true, 1]);
  });

  it.each(['who stays', 'who was merged'] as const)(
    'nor of a person of two ids, asked of %s',
    async (asked) => {
      const { items, leaver, from } = await mergedInMemory();
      const { store, ready } = memory(items);
      await ready;
      const { memberId, secrets, now } = leaver;
      expect(foundIn(items, secrets)).toEqual(Object.keys(secrets).filter((what) => what !== 'card token'));
      const ledger = testContext(store);
      await erase(ledger, createMemoryErasureList(), asked === 'who stays' ? memberId : from, now);
      expect(foundIn(sweptAt(store.items(), now + 30 * day), secrets)).toEqual([]);
      expect(await differences(ledger)).toEqual([]);
    },
  );

  it('holds for any history, and the books of all accounts balance', async () => {
    const names = fc.constantFrom('email', 'phone', 'cardNumber', 'memberId');
    const sale = fc.record({ buy: bought, by: names, isKnown: fc.boolean(), returned: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(
        history,
        fc.array(sale, { maxLength: 5 }),
        fc.boolean(),
        async (steps, sales, isNew) => {
          const { store } = memory();
          const ledger = await ledgerOn(store);
          const leaver = await aLeaver(ledger, program, { vouchers: 0, phones: 1 });
          const { memberId, secrets } = leaver;
          const stranger = await newMember(ledger, program);
          await play(ledger, program, stranger, steps);
          const now = Math.max(leaver.now, await play(ledger, program, memberId, steps));
          const references = {
            email: { email: person.email },
            phone: { phone: person.phone },
            cardNumber: { cardNumber: secrets['cardNumber'] ?? '' },
            memberId: { memberId },
          };
          const send = async (at: number, { buy, by, returned }: (typeof sales)[number]) => {
            const purchase = { ...purchaseOf(buy, undefined, at), member: references[by] };
            await recordPurchase(ledger, program, purchase, at);
            const [line] = purchase.lines;
            if (!returned || !line) return;
            const { purchaseId: _none, ...rest } = aRefund(purchase, 1, { member: references[by] });
            const { amountMinor: _whole, ...refund } = rest;
            const lines = [{ sku: line.sku, quantity: 2, amountMinor: 1 }];
            await recordRefund(ledger, program, { ...refund, lines }, at);
          };
          for (const one of sales.filter(({ isKnown }) => isKnown)) await send(now, one);
          if (isNew) await changeProfile(ledger, program, memberId, { email: 'zoe.third@example.com' }, now);
          const list = createMemoryErasureList();
          await erase(ledger, list, memberId, now);
          // What was under way arrives behind it.
          for (const one of sales.filter(({ isKnown }) => !isKnown)) await send(now, one);
          const all = { ...secrets, third: 'zoe.third@example.com' };
          expect(foundIn(sweptAt(store.items(), now + 30 * day), all)).toEqual([]);
          expect(await differences(ledger)).toEqual([]);
          await expectBalanced(ledger, store.items());
          const items = store.items();
          await erase(ledger, list, memberId, now + day);
          expect(store.items()).toEqual(items);
        },
      ),
      runs(100),
    );
  }, 240_000);
});

/** All accounts together are zero, and those of members are what their postings add up to. */
async function expectBalanced(ledger: LedgerContext, items: readonly Item[]) {
  const members = items.filter(({ item }) => item === 'account').map(({ pk }) => pk.slice('MEMBER#'.length));
  const sums = new Map<string, number>();
  for (const memberId of members as MemberId[])
    for (const entry of await entriesOf(ledger, memberId))
      for (const account of ledgerAccounts)
        sums.set(account, (sums.get(account) ?? 0) + posted(entry, account));
  expect([...sums.values()].reduce((total, one) => total + one, 0)).toBe(0);
}

// Crashes ------------------------------------------------------------------------------------------------------------

class Crash extends Error {}

/** Crashes at the write with a number, counted over ledger and list: before it, or with its answer lost. */
function crashing(ledger: LedgerContext, list: ErasureList, at: number, isWritten: boolean) {
  let writes = 0;
  const write = async <T>(work: () => Promise<T>): Promise<T> => {
    const crashes = writes++ === at;
    if (crashes && !isWritten) throw new Crash();
    const done = await work();
    if (crashes) throw new Crash();
    return done;
  };
  const { store } = ledger;
  return {
    writes: () => writes,
    ledger: {
      ...ledger,
      store: { ...store, transact: (all) => write(() => store.transact(all)) },
    } as LedgerContext,
    list: { ...list, add: (one) => write(() => list.add(one)) } as ErasureList,
  };
}

describe.skipIf(isShort)('a crash', () => {
  let alone: { items: Item[]; leaver: Leaver };
  let merged: Awaited<ReturnType<typeof mergedInMemory>>;
  beforeAll(async () => {
    [alone, merged] = [await leaverInMemory(), await mergedInMemory()];
  });

  async function run(
    begin: { items: Item[]; leaver: Leaver; asked?: MemberId },
    crashAt: number,
    isWritten: boolean,
    finish: 'again' | 'night',
  ) {
    const { items, leaver, asked = leaver.memberId } = begin;
    const { store, ready } = memory(items);
    await ready;
    const list = createMemoryErasureList();
    const ledger = repeatable(store);
    const faulty = crashing(ledger, list, crashAt, isWritten);
    const first = erase(faulty.ledger, faulty.list, asked, leaver.now).catch((error: unknown) => {
      if (!(error instanceof Crash)) throw error;
    });
    await first;
    const isFinal = (await getAccount(ledger, leaver.memberId))?.status === 'closed';
    if (finish === 'night' && isFinal) await finishErasures(ledger, always);
    else await erase(ledger, list, asked, leaver.now);
    return { items: store.items().sort(byKey), list: list.items(), writes: faulty.writes(), isFinal };
  }

  it('at any write is made good by asking again, or by the night once it is final', async () => {
    const whole = await run(alone, -1, false, 'again');
    expect(whole.writes).toBeGreaterThan(5);
    expect(foundIn(sweptAt(whole.items, alone.leaver.now + 30 * day), alone.leaver.secrets)).toEqual([]);
    for (let at = 0; at < whole.writes; at++)
      for (const isWritten of [false, true])
        for (const finish of ['again', 'night'] as const) {
          const { items, list, isFinal } = await run(alone, at, isWritten, finish);
          const place = `write ${at}, ${isWritten ? 'written' : 'not written'}, ${finish}`;
          expect({ place, items: comparable(items) }).toEqual({ place, items: comparable(whole.items) });
          expect({ place, list }).toEqual({ place, list: whole.list });
          // The list is the first, the closing transaction the second: nothing of the person goes before it.
          expect({ place, isFinal }).toEqual({ place, isFinal: at > 1 || (at === 1 && isWritten) });
        }
  }, 240_000);

  it('at any write leaves nothing of a person of two ids, whichever of them is asked for again', async () => {
    const { secrets, now, memberId } = merged.leaver;
    const whole = await run(merged, -1, false, 'again');
    for (let at = 0; at < whole.writes; at++)
      for (const finish of ['again', 'night'] as const)
        for (const asked of [memberId, merged.from]) {
          const { items } = await run({ ...merged, asked }, at, true, finish);
          const place = `write ${at}, ${finish}, ${asked === memberId ? 'who stays' : 'who was merged'}`;
          expect({ place, left: foundIn(sweptAt(items, now + 30 * day), secrets) }).toEqual({
            place,
            left: [],
          });
        }
  }, 240_000);

  it('that forgets the list is no erasure: it is written first', async () => {
    const { list } = await run(alone, 0, true, 'again');
    expect(list.map(({ memberId }) => memberId)).toEqual([alone.leaver.memberId]);
  });
});

function byKey(a: Item, b: Item): number {
  return `${a.pk} ${a.sk}` < `${b.pk} ${b.sk}` ? -1 : 1;
}

/** A note of an operator is named by chance. */
function comparable(items: readonly Item[]): unknown[] {
  return items.map((item) => (item.item === 'audit' ? { ...item, sk: '', auditId: '' } : item)).sort();
}

describe('a ledger restored from before', () => {
  it('is without whoever was erased as soon as the list is applied, in steps if need be', async () => {
    const { items, leaver } = await leaverInMemory();
    const before = memory(items);
    await before.ready;
    const list = createMemoryErasureList();
    await erase(testContext(before.store), list, leaver.memberId, leaver.now);
    // Listed, and not in the backup at all.
    for (let made = 10; made < 60; made++)
      await list.add({
        memberId: `mem_01JD00000000000000000000${made}` as MemberId,
        erasedAt: '2026-11-22T12:00:00Z',
      });
    const restored = memory(items);
    await restored.ready;
    const ledger = testContext(restored.store);
    expect(await getMember(ledger, leaver.memberId)).toBeDefined();
    const now = leaver.now + day;
    const first = await reapplyErasures(ledger, list, program, undefined, now, () => false);
    expect(first).toMatchObject({ checked: 25, erased: 1, complete: false });
    const second = await reapplyErasures(ledger, list, program, first.after, now, always);
    expect(second).toEqual({ checked: 26, erased: 0, complete: true });
    expect(await getMember(ledger, leaver.memberId)).toBeUndefined();
    expect(foundIn(sweptAt(restored.store.items(), now + 30 * day), leaver.secrets)).toEqual([]);
    expect(await differences(ledger)).toEqual([]);
    const again = await reapplyErasures(ledger, list, program, undefined, now, always);
    expect(again).toEqual({ checked: 51, erased: 0, complete: true });
  });
});

describe('what is kept of how a channel names a member', () => {
  it('is nothing where the member is known, and the contact only until somebody claims it', async () => {
    const { store } = memory();
    const ledger = await ledgerOn(store);
    const purchase = aPurchase([1_000], { member: { email: 'later@example.com' } });
    await recordPurchase(ledger, program, purchase, noon);
    expect(foundIn(store.items(), { email: 'later@example.com' })).toEqual(['email']);
    const memberId = await neighbour(ledger, program);
    const claim = { member: { memberId }, totalMinor: 1_000 };
    await claimPurchase(ledger, program, purchase.id, claim, noon);
    expect(foundIn(store.items(), { email: 'later@example.com' })).toEqual([]);
    expect((await recordPurchase(ledger, program, purchase, noon)).type).toBe('duplicate');

    const known = aPurchase([500], { member: { email: 'nestor@example.com' } });
    await recordPurchase(ledger, program, known, noon);
    expect((await recordPurchase(ledger, program, known, noon)).type).toBe('duplicate');
    await recordPurchase(ledger, program, { ...known, totalMinor: 1, lines: [] }, noon);
    const { purchaseId: _none, ...refund } = aRefund(
      known,
      { '1': 1 },
      { member: { email: 'nestor@example.com' } },
    );
    const returned = { ...refund, lines: [{ sku: 'NEVER', quantity: 1, amountMinor: 1 }] };
    await recordRefund(ledger, program, returned, noon);
    expect((await recordRefund(ledger, program, returned, noon)).type).toBe('duplicate');
    expect((await getRefund(ledger, refund.id))?.refund.member).toEqual({ memberId });
    const withoutProfile = store.items().filter(({ item }) => item !== 'profile');
    expect(foundIn(withoutProfile, { email: 'nestor@example.com' })).toEqual([]);
  });

  it('goes with a phone that never comes for the void pass', async () => {
    const { store } = memory();
    const ledger = await ledgerOn(store);
    const { memberId, now } = await aLeaver(ledger, program, { phones: 1 });
    await erase(ledger, createMemoryErasureList(), memberId, now);
    await touchPasses(ledger, memberId, 99, now);
    expect(foundIn(sweptAt(store.items(), now + 29 * day), { device: 'device-of-zoe' })).toEqual(['device']);
    expect(foundIn(sweptAt(store.items(), now + 30 * day), { device: 'device-of-zoe' })).toEqual([]);
  });

  it('goes with the phone that has the last pass of somebody who has left', async () => {
    const { store } = memory();
    const ledger = await ledgerOn(store);
    const { memberId, now } = await aLeaver(ledger, program, { phones: 1 });
    const others = await neighbour(ledger, program);
    const device = { device: 'device-of-zoe-1', passType: 'pass.test', pushToken: 'shared' };
    await registerDevice(ledger, { ...device, memberId: others }, 1, now);
    await erase(ledger, createMemoryErasureList(), memberId, now);
    await touchPasses(ledger, memberId, 99, now);
    expect(sweptAt(store.items(), now + 30 * day).some(({ item }) => item === 'device')).toBe(true);
    await unregisterDevice(ledger, others, device.device);
    expect(foundIn(sweptAt(store.items(), now + 30 * day), { device: device.device })).toEqual([]);
  });
});

it('a referral code of somebody who has left brings nobody', async () => {
  const { store } = memory();
  const ledger = await ledgerOn(store);
  const { memberId, now } = await aLeaver(ledger, program);
  const code = referralCode(ledger, memberId);
  await erase(ledger, createMemoryErasureList(), memberId, now);
  const outcome = await enrol(ledger, program, { email: 'x@example.com', referralCode: code }, now);
  expect(outcome).toEqual({ type: 'unknown_referral' });
});
