/** Verification names every tampering by member, sequence and field, and nothing where nothing is wrong. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account, Entry } from '../../core/account.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { entryHash } from '../../core/replay.ts';
import { createMemoryErasureList } from '../../ledger/erasure/list.ts';
import {
  eraseMember,
  getAccount,
  listEntries,
  recordPurchase,
  recordRefund,
  segmentsOf,
  verifyLedger,
} from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { keys, toItem } from '../../ledger/store/items.ts';
import type { Verified, VerifyPosition } from '../../ledger/walks/verify.ts';
import { changingHistory, history, newMember, play, putInForce, richProgram } from '../support/histories.ts';
import { aPurchase, aRefund, noon, often, runs, sha256, testContext } from '../support/world.ts';
import { type Engine, engines } from './engines.ts';

const program = richProgram();
const later = noon + 3_600_000;

/** A member with six entries: enrolled, welcome, two purchases (the first with a new tier), a refund, a purchase. */
async function aMember(ledger: LedgerContext): Promise<MemberId> {
  const memberId = await newMember(ledger, program);
  const bought = [[60_000], [4_000, 2_000], [1_000]].map((amounts, index) =>
    aPurchase(amounts, {
      member: { memberId },
      occurredAt: new Date(noon + index * 60_000).toISOString(),
      ...(index === 1 ? { channel: 'web', id: `web:V${memberId}` } : {}),
    }),
  );
  const [first, second, third] = bought;
  if (!first || !second || !third) throw new Error('Three purchases are needed.');
  await recordPurchase(ledger, program, first, noon + 60_000);
  await recordPurchase(ledger, program, second, noon + 120_000);
  await recordRefund(ledger, program, aRefund(second, { '2': 2_000 }), noon + 180_000);
  await recordPurchase(ledger, program, third, noon + 240_000);
  return memberId;
}

async function ledgerWith(engine: Engine, members: number) {
  const ledger = testContext(await engine.newStore());
  await putInForce(ledger, program);
  const ids: MemberId[] = [];
  for (let made = 0; made < members; made++) ids.push(await aMember(ledger));
  return { ledger, ids };
}

async function leave(ledger: LedgerContext, memberId: MemberId, now: number): Promise<void> {
  const request = { memberId, operator: { keyId: 'key_test', name: 'Tess' }, reason: null };
  await eraseMember(ledger, createMemoryErasureList(), program, request, now, () => true);
}

const always = { hasTime: () => true, differencesMax: 1000 };

async function verified(ledger: LedgerContext, memberId?: MemberId): Promise<Verified> {
  const answer = await verifyLedger(ledger, { ...always, ...(memberId ? { memberId } : {}) });
  expect(answer.next).toBeNull();
  return answer;
}

async function entriesOf(ledger: LedgerContext, memberId: MemberId): Promise<Entry[]> {
  return (await listEntries(ledger, memberId, { limit: 1000 })).reverse();
}

async function accountOf(ledger: LedgerContext, memberId: MemberId): Promise<Account> {
  const account = await getAccount(ledger, memberId);
  if (!account) throw new Error(`${memberId} has no account.`);
  return account;
}

/** Writes past the ledger, as somebody with the table's keys can. */
async function putEntry(ledger: LedgerContext, at: number, memberId: MemberId, entry: Entry): Promise<void> {
  await ledger.store.transact([{ put: toItem(keys.entry(memberId, at), 'entry', entry) }]);
}

async function putAccount(ledger: LedgerContext, memberId: MemberId, changes: Partial<Account>) {
  const account = { ...(await accountOf(ledger, memberId)), ...changes };
  await ledger.store.transact([{ put: toItem(keys.account(memberId), 'account', account) }]);
}

/** Changes an entry as a careful forger does: every hash from there on is made anew, the account's head too. */
async function forge(
  ledger: LedgerContext,
  memberId: MemberId,
  at: number,
  change: (entry: Entry) => Partial<Entry>,
) {
  let previousHash = '';
  for (const entry of await entriesOf(ledger, memberId)) {
    const { hash: _hash, ...said } = entry.sequence === at ? { ...entry, ...change(entry) } : entry;
    const unhashed = { ...said, previousHash };
    previousHash = entryHash(unhashed, sha256);
    await putEntry(ledger, entry.sequence, memberId, { ...unhashed, hash: previousHash });
  }
  await putAccount(ledger, memberId, { head: previousHash });
}

type Tampering = (ledger: LedgerContext, memberId: MemberId, other: MemberId) => Promise<void>;
/** Words, what is done, and differences that have to be among those named: sequence and field. */
type Case = [string, Tampering, ...[number, string][]];

const edited =
  (at: number, change: (entry: Entry) => object): Tampering =>
  async (ledger, memberId) => {
    const entry = (await entriesOf(ledger, memberId))[at - 1] as Entry;
    await putEntry(ledger, at, memberId, { ...entry, ...change(entry) });
  };
const removed =
  (at: number): Tampering =>
  async (ledger, memberId) => {
    await ledger.store.transact([{ delete: keys.entry(memberId, at) }]);
  };
const accountChanged =
  (change: (account: Account) => Partial<Account>): Tampering =>
  async (ledger, memberId) =>
    putAccount(ledger, memberId, change(await accountOf(ledger, memberId)));
const forged =
  (at: number, change: (entry: Entry) => Partial<Entry>): Tampering =>
  (ledger, memberId) =>
    forge(ledger, memberId, at, change);

const cases: Case[] = [
  [
    'an entry with other postings',
    edited(4, ({ postings }) => ({ postings: postings.map((one) => ({ ...one, points: one.points * 2 })) })),
    [4, 'hash'],
    [4, 'balance.after.pending'],
    [4, 'lots.pending'],
    [4, 'postings.programme:issued'],
  ],
  [
    'postings that do not sum to zero',
    edited(3, ({ postings }) => ({ postings: postings.slice(0, 1) })),
    [3, 'postings'],
  ],
  ['an entry with another date', edited(5, () => ({ occurredAt: '2020-01-01T00:00:00Z' })), [5, 'hash']],
  [
    'an entry with another balance',
    forged(4, ({ balance }) => ({ balance: { ...balance, after: { ...balance.after, available: 7 } } })),
    [4, 'balance.after.available'],
    [5, 'balance.before.available'],
  ],
  [
    'an entry with another lot',
    forged(4, ({ lots }) => ({ lots: lots.map((lot) => ({ ...lot, points: 1 })) })),
    [4, 'lots.pending'],
    [6, 'lots'],
  ],
  [
    'an entry that lets points be spent early',
    forged(4, ({ lots }) => ({ lots: lots.map((lot) => ({ ...lot, availableAt: '2026-11-23T00:00:00Z' })) })),
    [4, 'lots.availableAt'],
  ],
  [
    'an entry that lets points live longer',
    forged(6, ({ lots }) => ({ lots: lots.map((lot) => ({ ...lot, expiresAt: null })) })),
    [6, 'lots.expiresAt'],
  ],
  [
    'an entry with a tier that was not reached',
    forged(6, () => ({ tier: { id: 'intime', validUntil: null, steps: [] } })),
    [6, 'tier'],
  ],
  [
    'a clawback with a tier that it does not take',
    forged(5, () => ({ tier: { id: 'ami', validUntil: null, steps: [] } })),
    [5, 'tier'],
  ],
  [
    'an entry whose tier was left out',
    forged(3, ({ tier: _tier, ...rest }) => ({ ...rest, tier: undefined as never })),
    [3, 'tier'],
  ],
  [
    'a basis with another result',
    forged(4, ({ basis }) => (basis ? { basis: { ...basis, points: basis.points + 1 } } : {})),
    [4, 'basis.points'],
  ],
  [
    'a basis with another rate',
    forged(4, ({ basis }) => (basis ? { basis: { ...basis, rate: { points: 2, perMinor: 100 } } } : {})),
    [4, 'basis.rate'],
    [4, 'basis.points'],
  ],
  [
    'a basis with a tier that was not held',
    forged(4, ({ basis }) => (basis ? { basis: { ...basis, tier: { id: 'ami', multiplier: '1' } } } : {})),
    [4, 'basis.tier'],
  ],
  ['an earning without a basis', forged(4, () => ({ basis: undefined as never })), [4, 'basis']],
  ['a programme that never was', forged(4, () => ({ programVersion: 9 })), [4, 'programVersion']],
  [
    'an entry that cannot be read',
    edited(4, () => ({ postings: 'none', lots: null })),
    [4, 'hash'],
    [4, 'entry'],
  ],
  [
    'an entry that is no entry any more',
    async (ledger, memberId) => {
      await ledger.store.transact([{ put: { ...keys.entry(memberId, 4), item: 'note' } }]);
    },
    [4, 'sequence'],
  ],
  ['an entry removed', removed(4), [4, 'sequence'], [5, 'previousHash'], [5, 'lots']],
  ['the first entry removed', removed(1), [1, 'sequence']],
  ['the newest entry removed', removed(6), [6, 'sequence'], [5, 'version'], [5, 'head']],
  [
    'two entries swapped',
    async (ledger, memberId) => {
      const [, , third, fourth] = await entriesOf(ledger, memberId);
      if (!third || !fourth) throw new Error('There are four entries.');
      await putEntry(ledger, 4, memberId, third);
      await putEntry(ledger, 3, memberId, fourth);
    },
    [3, 'sequence'],
    [4, 'sequence'],
    [5, 'previousHash'],
  ],
  [
    "another member's entry in its place",
    async (ledger, memberId, other) => {
      await putEntry(ledger, 4, memberId, (await entriesOf(ledger, other))[3] as Entry);
    },
    [4, 'previousHash'],
  ],
  ['a balance of the account', accountChanged(({ debt }) => ({ debt: debt + 5 })), [6, 'debt']],
  ['held points', accountChanged(() => ({ held: 1 })), [6, 'held']],
  ['a lot of the account', accountChanged(({ lots }) => ({ lots: lots.slice(1) })), [6, 'lots']],
  [
    'lifetime points',
    accountChanged(({ lifetime }) => ({ lifetime: { ...lifetime, earned: 9 } })),
    [6, 'lifetime.earned'],
  ],
  ['the tier', accountChanged(({ tier }) => ({ tier: { ...tier, id: 'intime' } })), [6, 'tier.id']],
  [
    'qualifying points',
    accountChanged(() => ({ qualifying: { '2026-11': 1, '2026-10': 2 } })),
    [6, 'qualifying.2026-11'],
    [6, 'qualifying.2026-10'],
  ],
  ['who is a member', accountChanged(() => ({ status: 'closed' })), [6, 'status']],
  ['the head of the chain', accountChanged(() => ({ head: 'x' })), [6, 'head']],
  [
    'an account deleted',
    async (ledger, memberId) => {
      await ledger.store.transact([{ delete: keys.account(memberId) }]);
    },
    [6, 'account'],
  ],
  [
    'an account and its first entry deleted',
    async (ledger, memberId) => {
      await ledger.store.transact([{ delete: keys.account(memberId) }, { delete: keys.entry(memberId, 1) }]);
    },
    [6, 'account'],
    [1, 'sequence'],
  ],
  [
    'entries deleted, all of them',
    async (ledger, memberId) => {
      await ledger.store.transact([1, 2, 3, 4, 5, 6].map((at) => ({ delete: keys.entry(memberId, at) })));
    },
    [1, 'sequence'],
    [6, 'sequence'],
    [0, 'version'],
  ],
  [
    'an account rolled back',
    accountChanged(({ lots }) => ({ version: 3, lots: lots.slice(0, 1) })),
    [6, 'version'],
    [6, 'lots'],
  ],
];

describe.each(Object.entries(engines))('verification on %s', (_name, { wanted, start }) => {
  let engine: Engine;
  beforeAll(async () => {
    if (wanted) engine = await start();
  });
  afterAll(async () => {
    await engine?.stop();
  });
  const test = it.skipIf(!wanted);

  test('finds nothing after any history, and after the end of one', async () => {
    const numRuns = Math.ceil(engine.runs / 4);
    const ended = fc.record({ steps: history, leaves: fc.boolean() });
    await fc.assert(
      fc.asyncProperty(fc.array(ended, { minLength: 1, maxLength: 3 }), async (histories) => {
        const ledger = testContext(await engine.newStore());
        await putInForce(ledger, program);
        let entries = 0;
        for (const { steps, leaves } of histories) {
          const memberId = await newMember(ledger, program);
          const now = await play(ledger, program, memberId, steps);
          if (leaves) await leave(ledger, memberId, now);
          entries += (await accountOf(ledger, memberId)).version;
        }
        const { next: _next, ...found } = await verified(ledger);
        expect(found).toEqual({ members: histories.length, entries, differences: [] });
      }),
      runs(numRuns),
    );
  });

  test('finds nothing whatever the programme becomes', async () => {
    let taken = 0;
    await fc.assert(
      fc.asyncProperty(changingHistory, async (steps) => {
        const ledger = testContext(await engine.newStore());
        await putInForce(ledger, program);
        const memberId = await newMember(ledger, program);
        await play(ledger, program, memberId, steps);
        expect((await verified(ledger, memberId)).differences).toEqual([]);
        const entries = await entriesOf(ledger, memberId);
        taken += entries.filter(({ type, tier }) => type === 'clawed_back' && tier).length;
      }),
      runs(engine.runs),
    );
    // On few runs there may be none; on many some clawback has taken a tier back.
    if (engine.runs >= 1000) expect(taken).toBeGreaterThan(often(10));
  });

  test('names a clawback that should have taken a tier back, although its threshold is another now', async () => {
    const ledger = testContext(await engine.newStore());
    await putInForce(ledger, program);
    const memberId = await newMember(ledger, program);
    const purchase = aPurchase([60_000], { member: { memberId } });
    await recordPurchase(ledger, program, purchase, noon);
    const tiers = program.tiers.map((tier) => ({ ...tier, threshold: tier.threshold / 5 }));
    const lowered = { ...program, tiers, version: 2 };
    await putInForce(ledger, lowered);
    await recordRefund(ledger, lowered, aRefund(purchase, 40_000), later);
    expect(await verified(ledger)).toMatchObject({ entries: 4, differences: [] });
    await forge(ledger, memberId, 4, () => ({ tier: undefined as never }));
    const { differences } = await verified(ledger);
    const computed = { id: 'ami', validUntil: null, steps: [] };
    expect(differences).toContainEqual({ memberId, sequence: 4, field: 'tier', stored: null, computed });
  });

  test('takes a clawback at the turn of a month by the calendar of any zone', async () => {
    const ledger = testContext(await engine.newStore());
    await putInForce(ledger, program);
    const memberId = await newMember(ledger, program);
    const purchase = aPurchase([60_000], { member: { memberId } });
    await recordPurchase(ledger, program, purchase, noon);
    // In Paris it is still October, and the step of last November in the window; in the zone in force it is not.
    const turned = { ...program, timeZone: 'Pacific/Kiritimati', version: 2 };
    await putInForce(ledger, turned);
    const october = Date.parse('2027-10-31T12:00:00Z');
    await recordRefund(ledger, turned, aRefund(purchase, 40_000), october);
    expect((await accountOf(ledger, memberId)).tier.id).toBe('complice');
    expect((await verified(ledger)).differences).toEqual([]);
  });

  test.each(cases)('names %s', async (_words, tamper, ...named) => {
    const { ledger, ids } = await ledgerWith(engine, 3);
    const [before, memberId, other] = ids as [MemberId, MemberId, MemberId];
    expect(await verified(ledger, memberId)).toMatchObject({ members: 1, entries: 6, differences: [] });
    await tamper(ledger, memberId, other);
    const { differences, members } = await verified(ledger);
    const places = differences.map(({ sequence, field }) => [sequence, field]);
    for (const place of named) expect(places).toContainEqual(place);
    expect(new Set(differences.map((one) => one.memberId))).toEqual(new Set([memberId]));
    expect(members).toBe(3);
    expect((await verified(ledger, memberId)).differences).toEqual(differences);
    expect((await verified(ledger, before)).differences).toEqual([]);
  });

  test('names an entry behind the one that closed the account, and an account that was opened again', async () => {
    const { ledger, ids } = await ledgerWith(engine, 1);
    const [memberId] = ids as [MemberId];
    await leave(ledger, memberId, later);
    const entries = await entriesOf(ledger, memberId);
    const [last, earlier] = [entries.at(-1), entries.at(-2)];
    if (last?.type !== 'erased' || !earlier) throw new Error('The last entry closes the account.');
    await putAccount(ledger, memberId, { status: 'active' });
    expect((await verified(ledger)).differences).toEqual([
      { memberId, sequence: last.sequence, field: 'status', stored: 'active', computed: 'closed' },
    ]);
    await putEntry(ledger, last.sequence + 1, memberId, { ...earlier, sequence: last.sequence + 1 });
    expect((await verified(ledger)).differences).toContainEqual({
      memberId,
      sequence: last.sequence + 1,
      field: 'type',
      stored: earlier.type,
      computed: null,
    });
  });

  test('says what is stored and what is computed', async () => {
    const { ledger, ids } = await ledgerWith(engine, 1);
    const [memberId] = ids as [MemberId];
    await putAccount(ledger, memberId, { debt: 5 });
    expect((await verified(ledger)).differences).toEqual([
      { memberId, sequence: 6, field: 'debt', stored: 5, computed: 0 },
    ]);
  });

  test('names an edited entry at its own place and nowhere behind it', async () => {
    const { ledger, ids } = await ledgerWith(engine, 1);
    const [memberId] = ids as [MemberId];
    await edited(4, () => ({ occurredAt: '2020-01-01T00:00:00Z' }))(ledger, memberId, memberId);
    const { differences } = await verified(ledger);
    expect(new Set(differences.map(({ sequence }) => sequence))).toEqual(new Set([4]));
  });

  /** The sum of the answers of a verification that is given time for one step at a time. */
  async function stepwise(ledger: LedgerContext, memberId?: MemberId) {
    const sum = { members: 0, entries: 0, differences: [] as unknown[] };
    let from: VerifyPosition | null | undefined;
    for (let calls = 0; from !== null; calls++) {
      expect(calls).toBeLessThan(200);
      // A cursor carries the position as JSON.
      const given = from && (JSON.parse(JSON.stringify(from)) as VerifyPosition);
      const answer = await verifyLedger(ledger, {
        hasTime: () => false,
        differencesMax: 1000,
        ...(memberId ? { memberId } : {}),
        ...(given ? { from: given } : {}),
      });
      sum.members += answer.members;
      sum.entries += answer.entries;
      sum.differences.push(...answer.differences);
      from = answer.next;
    }
    return sum;
  }

  test('goes on where it stopped, however little time there is, and finds the same', async () => {
    const { ledger, ids } = await ledgerWith(engine, 4);
    const [first, second, , fourth] = ids as [MemberId, MemberId, MemberId, MemberId];
    for (const memberId of [second, fourth]) await removed(2)(ledger, memberId, first);
    const { entries, differences } = await verified(ledger);
    expect(await stepwise(ledger)).toEqual({ members: 4, entries, differences });
    expect(await stepwise(ledger, first)).toEqual({ members: 1, entries: 6, differences: [] });
  });

  test('finds the same in segments side by side, each member in one of them', async () => {
    const store = await engine.newStore();
    const ledger = testContext(store);
    await putInForce(ledger, program);
    for (let made = 0; made < 30; made++) await newMember(ledger, program);
    const whole = await verifyLedger(ledger, { hasTime: () => true, differencesMax: 10 });
    const parts = await Promise.all(
      segmentsOf(7).map((segment) =>
        verifyLedger(ledger, { from: { segment }, hasTime: () => true, differencesMax: 10 }),
      ),
    );
    const sum = (of: 'members' | 'entries') => parts.reduce((total, part) => total + part[of], 0);
    expect([sum('members'), sum('entries')]).toEqual([whole.members, whole.entries]);
    expect(whole.members).toBe(30);
  });

  test('answers no more differences than it may, and the rest with the next call', async () => {
    const { ledger, ids } = await ledgerWith(engine, 3);
    for (const memberId of ids)
      await accountChanged(() => ({ held: 3, debt: 3 }))(ledger, memberId, memberId);
    let from: VerifyPosition | null | undefined;
    const counts: number[] = [];
    while (from !== null) {
      const answer: Verified = await verifyLedger(ledger, {
        ...always,
        differencesMax: 2,
        ...(from ? { from } : {}),
      });
      counts.push(answer.differences.length);
      from = answer.next;
    }
    expect(counts.filter((count) => count > 0)).toEqual([2, 2, 2]);
  });

  test('finds nothing wrong while purchases are being posted', async () => {
    const { ledger, ids } = await ledgerWith(engine, 2);
    let posting = true;
    const post = async (memberId: MemberId) => {
      for (let posted = 0; posted < 15; posted++)
        await recordPurchase(ledger, program, aPurchase([500], { member: { memberId } }), later);
    };
    const all = Promise.all(ids.map(post)).then(() => {
      posting = false;
    });
    while (posting) {
      expect((await verified(ledger)).differences).toEqual([]);
      // Lets the postings go on where everything is in memory.
      await new Promise((resolve) => setImmediate(resolve));
    }
    await all;
    expect(await verified(ledger)).toMatchObject({ members: 2, entries: 42, differences: [] });
  });

  test('counts nobody where there is nobody', async () => {
    const ledger = testContext(await engine.newStore());
    expect(await verified(ledger)).toMatchObject({ members: 0, entries: 0 });
    const unknown = 'mem_01JD0000000000000000000000' as MemberId;
    expect(await verified(ledger, unknown)).toMatchObject({ members: 0, entries: 0 });
  });
});
