/**
 * Exceptions are found by their type and state, by the member that they are about and by the contacts that they name,
 * as a plain list of all of them says; and what a guest's purchase holds of a person ends.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { MemberId } from '../../core/contract/ids.ts';
import { exceptionStatuses, exceptionTypes } from '../../core/contract/shapes/exception.ts';
import { createMemoryErasureList } from '../../ledger/erasure/list.ts';
import {
  claimPurchase,
  dismissException,
  enrol,
  eraseMember,
  exportPhases,
  getMember,
  getPurchase,
  getRefund,
  type Held,
  listDeadLetter,
  listExceptions,
  recordPurchase,
  recordRefund,
  walkExport,
} from '../../ledger/ledger.ts';
import { exceptionPartitions } from '../../ledger/operators/exception-places.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { fromItem } from '../../ledger/store/items.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { type Store, scanPartition } from '../../ledger/store/store.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { runNight } from '../support/night.ts';
import { aPurchase, aRefund, defaultProgram, noon, runs, testContext } from '../support/world.ts';
import { type Engine, engines } from './engines.ts';

const program = defaultProgram();
const day = 86_400_000;
const always = () => true;
const operator = { keyId: 'key_test', name: 'Tess' };

async function ledgerOn(store: Store): Promise<LedgerContext> {
  const ledger = testContext(store);
  await putInForce(ledger, program);
  return ledger;
}

/** All exceptions, read where they lie. */
async function all(ledger: LedgerContext) {
  const found = [];
  for (const pk of exceptionPartitions)
    for await (const item of scanPartition(ledger.store, pk, '')) found.push(fromItem(item, 'exception'));
  return found.sort((a, b) => (a.exceptionId < b.exceptionId ? 1 : -1));
}

async function exported(
  ledger: LedgerContext,
  memberId: MemberId,
  wanted: 'exceptions' | 'purchases' = 'exceptions',
) {
  const member = await getMember(ledger, memberId);
  if (!member) throw new Error('There is a member.');
  const held: Held[] = [];
  const take = (found: readonly Held[]) => {
    held.push(...found);
    return false;
  };
  let next = await walkExport(ledger, member, exportPhases, undefined, take);
  while (next) next = await walkExport(ledger, member, exportPhases, next, take);
  return held
    .flatMap((one): string[] => {
      if (one.section !== wanted) return [];
      return [one.section === 'exceptions' ? one.item.exceptionId : one.item.purchase.id];
    })
    .sort();
}

const people = ['ada@example.com', 'Bea@Example.com', '+33612345678'] as const;
const named = (who: string) => (who.includes('@') ? { email: who } : { phone: who });

const happening = fc.record({
  what: fc.constantFrom(
    'guest',
    'nobody',
    'again',
    'early',
    'unmatched',
    'letter',
    'claim',
    'dismiss',
    'late',
  ),
  who: fc.constantFrom(...people),
  at: fc.nat(3_600),
});

/** Does what may open an exception, or move one. */
async function happens(
  ledger: LedgerContext,
  { what, who, at }: { what: string; who: string; at: number },
  memberId: MemberId,
  serial: string,
): Promise<void> {
  const now = noon + at * 1000;
  const occurredAt = new Date(now - 60_000).toISOString();
  const bought = aPurchase([2_000], { id: `store:${serial}`, occurredAt });
  const record = (purchase: typeof bought) => recordPurchase(ledger, program, purchase, now);
  switch (what) {
    case 'guest':
      return void (await record({ ...bought, member: named(who) }));
    case 'nobody':
      return void (await record(bought));
    case 'again':
      await record({ ...bought, member: { memberId } });
      return void (await record({ ...bought, totalMinor: 1, member: named(who) }));
    case 'early':
      return void (await recordRefund(ledger, program, aRefund(bought, 500, { member: named(who) }), now));
    case 'late': {
      await recordRefund(ledger, program, aRefund(bought, 500), now);
      return void (await record({ ...bought, member: { memberId } }));
    }
    case 'unmatched': {
      const {
        purchaseId: _none,
        amountMinor: _whole,
        ...refund
      } = aRefund(bought, 1, { member: named(who) });
      const lines = [{ sku: 'NEVER-SOLD', quantity: 1, amountMinor: 100 }];
      return void (await recordRefund(ledger, program, { ...refund, lines }, now));
    }
    case 'letter': {
      const body = JSON.stringify({ detail: { data: { member: named(who) } } });
      const where = {
        consumer: 'messages',
        queue: 'messages-dead',
        sendTo: 'messages',
        body,
        receiveCount: 10,
      };
      const letter = { subject: serial, sentAt: occurredAt, memberId, detail: 'It failed.', ...where };
      return void (await listDeadLetter(ledger, letter, now));
    }
    case 'claim': {
      await record({ ...bought, member: named(who) });
      const claim = { member: { memberId }, totalMinor: 2_000 };
      return void (await claimPurchase(ledger, program, bought.id, claim, now));
    }
    default: {
      const [open] = (await all(ledger)).filter(({ status }) => status === 'open');
      const by = { operator, reason: `Rang ${who}.` };
      if (open) await dismissException(ledger, open.exceptionId, by, now);
    }
  }
}

describe.each(Object.entries(engines))('exceptions on %s', (_name, { wanted, start }) => {
  let engine: Engine;
  beforeAll(async () => {
    if (wanted) engine = await start();
  });
  afterAll(async () => {
    await engine?.stop();
  });
  const test = it.skipIf(!wanted);

  test('are found by type, member and contact as among all of them, of before as of now', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(happening, { maxLength: 25, size: 'max' }),
        fc.boolean(),
        fc.boolean(),
        async (happenings, areOld, isPlaced) => {
          const ledger = await ledgerOn(await engine.newStore());
          const memberId = await newMember(ledger, program);
          // What is new has its places by itself: the walk has no part in it.
          if (!areOld && isPlaced) await runNight(ledger, program, noon);
          for (const [at, one] of happenings.entries()) await happens(ledger, one, memberId, `${at}`);
          if (areOld) await forgetPlaces(ledger);
          if (areOld && isPlaced) await runNight(ledger, program, noon);
          const plain = await all(ledger);
          for (const status of exceptionStatuses)
            for (const type of exceptionTypes) {
              const ids: string[] = [];
              for (let after: string | null | undefined; after !== null; ) {
                const from = after === undefined ? {} : { after };
                const page = await listExceptions(ledger, { status, type, limit: 2, ...from });
                expect(page.items.length).toBeLessThanOrEqual(2);
                ids.push(...page.items.map(({ exceptionId }) => exceptionId));
                after = page.next;
              }
              const wantedIds = plain.filter((one) => one.status === status && one.type === type);
              expect(ids).toEqual(wantedIds.map(({ exceptionId }) => exceptionId));
            }
          const about = plain
            .filter((one) => one.memberId === memberId)
            .map(({ exceptionId }) => exceptionId);
          expect(await exported(ledger, memberId)).toEqual(about.sort());
          // Whoever joins later with that address is told of what names them, and of nothing else.
          const joined = await enrol(ledger, program, { email: 'bea@example.com' }, noon + day);
          const bea = joined.type === 'enrolled' ? joined.member.account.memberId : memberId;
          const naming = plain.filter(({ data }) => /bea@example\.com/i.test(JSON.stringify(data)));
          expect(await exported(ledger, bea)).toEqual(naming.map(({ exceptionId }) => exceptionId).sort());
          const request = { memberId: bea, operator, reason: null };
          await eraseMember(ledger, createMemoryErasureList(), program, request, noon + 2 * day, always);
          expect(JSON.stringify(await all(ledger))).not.toMatch(/bea@example\.com/i);
        },
      ),
      runs(Math.min(30, engine.runs)),
    );
  });
});

/** As it was before exceptions had places. */
async function forgetPlaces({ store }: LedgerContext): Promise<void> {
  for (let after: { pk: string; sk: string } | undefined; ; ) {
    const page = await store.scan(['exceptionPlace', 'due'], { limit: 100, ...(after ? { after } : {}) });
    for (const key of page.keys) await store.transact([{ delete: key }]);
    if (!page.next) return;
    after = page.next;
  }
}

/** A ledger that counts what is read from it. */
function counted(store: Store) {
  let reads = 0;
  return {
    reads: () => reads,
    store: {
      ...store,
      get: (key) => {
        reads++;
        return store.get(key);
      },
      query: async (pk, range) => {
        const items = await store.query(pk, range);
        reads += Math.max(1, items.length);
        return items;
      },
    } satisfies Store,
  };
}

describe('among however many exceptions of others', () => {
  /** The items read by an export, a list of what is rare, and an erasure. */
  async function readsAmong(others: number) {
    const { store, reads } = counted(createMemoryStore());
    const ledger = await ledgerOn(store);
    const mia = await enrol(ledger, program, { email: 'mia@example.com' }, noon);
    if (mia.type !== 'enrolled') throw new Error('Mia exists already.');
    const { memberId } = mia.member.account;
    for (let made = 0; made < others; made++) {
      const member = { email: `guest-${made}@example.com` };
      await recordPurchase(ledger, program, aPurchase([100], { id: `store:G${made}`, member }), noon);
    }
    await recordPurchase(ledger, program, aPurchase([900], { member: { memberId }, id: 'store:OWN' }), noon);
    const conflict = aPurchase([1], { id: 'store:OWN', member: { email: 'mia@example.com' } });
    await recordPurchase(ledger, program, conflict, noon);
    await runNight(ledger, program, noon);
    const costOf = async (work: () => Promise<unknown>) => {
      const before = reads();
      await work();
      return reads() - before;
    };
    const request = { memberId, operator, reason: null };
    return [
      await costOf(() => exported(ledger, memberId)),
      await costOf(() => listExceptions(ledger, { status: 'open', type: 'purchase_conflict', limit: 50 })),
      await costOf(() =>
        eraseMember(ledger, createMemoryErasureList(), program, request, noon + day, always),
      ),
    ];
  }

  it('an export, a list by type and an erasure read what is theirs', async () => {
    expect(await readsAmong(300)).toEqual(await readsAmong(3));
  });
});

describe('a purchase that nobody has claimed', () => {
  it('is exported once, however many exceptions it has', async () => {
    const ledger = await ledgerOn(createMemoryStore());
    const guest = aPurchase([700], { member: { email: 'mia@example.com' } });
    await recordPurchase(ledger, program, guest, noon);
    for (const totalMinor of [800, 900])
      await recordPurchase(ledger, program, { ...guest, totalMinor }, noon);
    const joined = await enrol(ledger, program, { email: 'mia@example.com' }, noon);
    if (joined.type !== 'enrolled') throw new Error('Mia exists already.');
    const { memberId } = joined.member.account;
    expect(await exported(ledger, memberId)).toHaveLength(3);
    expect(await exported(ledger, memberId, 'purchases')).toEqual([guest.id]);
  });
});

describe("a guest's contact", () => {
  it('ends ninety days after the purchase, in its exception and in what that is about', async () => {
    const store = createMemoryStore();
    const ledger = await ledgerOn(store);
    const secrets = ['guest@example.com', '33687654321'];
    const guest = aPurchase([700], { member: { email: 'Guest@Example.com' } });
    await recordPurchase(ledger, program, guest, noon);
    const lines = [{ sku: 'NEVER-SOLD', quantity: 1, amountMinor: 100 }];
    const { purchaseId: _none, amountMinor: _whole, ...refund } = aRefund(guest, 1);
    const returned = { ...refund, lines, member: { phone: '+33687654321' } };
    await recordRefund(ledger, program, returned, noon);
    const body = JSON.stringify({ detail: { data: { member: { email: 'guest@example.com' } } } });
    const where = { consumer: 'purchases', queue: 'q', sendTo: 'purchases-web', body, receiveCount: 10 };
    const letter = { subject: 'm', sentAt: '2026-11-22T12:00:00Z', memberId: null, detail: 'No.', ...where };
    await listDeadLetter(ledger, letter, noon);
    const left = () => secrets.filter((one) => JSON.stringify(store.items()).toLowerCase().includes(one));
    await runNight(ledger, program, noon + 89 * day);
    expect(left()).toEqual(secrets);
    await runNight(ledger, program, noon + 91 * day);
    expect(left()).toEqual([]);
    // What it was about is there, without the person.
    expect((await getPurchase(ledger, guest.id))?.purchase).toMatchObject({ totalMinor: 700 });
    expect((await getPurchase(ledger, guest.id))?.purchase.member).toBeUndefined();
    expect((await getRefund(ledger, returned.id))?.refund.member).toBeUndefined();
    expect(await all(ledger)).toHaveLength(3);
    expect(store.items().filter(({ pk }) => pk.startsWith('CONTACT#'))).toEqual([]);
  });

  it('of an exception that is older than its places ends by the night after they were given', async () => {
    const store = createMemoryStore();
    const ledger = await ledgerOn(store);
    await recordPurchase(ledger, program, aPurchase([700], { member: { email: 'guest@example.com' } }), noon);
    const places = store.items().filter(({ item }) => ['exceptionPlace', 'due'].includes(item));
    await store.transact(places.map((place) => ({ delete: place })));
    const isLeft = () => JSON.stringify(store.items()).includes('guest@example.com');
    await runNight(ledger, program, noon + 200 * day);
    expect(isLeft()).toBe(true);
    await runNight(ledger, program, noon + 201 * day);
    expect(isLeft()).toBe(false);
  });
});
