/** What operators do, over every engine: each decision once, by whom it may be, with who and why beside it. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { balanceOf, withoutListeners } from '../../core/account.ts';
import type { AdjustmentId, KeyId, MemberId } from '../../core/contract/ids.ts';
import type { ExceptionAnswer, ExceptionType } from '../../core/contract/shapes/exception.ts';
import type { RecordedRefund } from '../../core/contract/shapes/refund.ts';
import { erase } from '../../core/points.ts';
import { replay } from '../../core/replay.ts';
import {
  type Adjusted,
  claimAgain,
  claimPurchase,
  countDeadLetters,
  createAdjustment,
  createKey,
  createRedemption,
  currentProgram,
  decideAdjustment,
  dismissException,
  endRedemption,
  enrol,
  expireRedemption,
  findCredential,
  getAccount,
  getPurchase,
  getRefund,
  type Holder,
  listAdjustments,
  listAudit,
  listDeadLetter,
  listEntries,
  listExceptions,
  listKeys,
  listPrograms,
  matchAgain,
  type NewDeadLetter,
  type OnceKey,
  onceKey,
  openDeadLetters,
  putProgram,
  type RedemptionState,
  readRedemption,
  readTally,
  recordPurchase,
  recordRefund,
  resolveDeadLetter,
  retryException,
  revokeKey,
  rollBackProgramOnce,
  rotateKey,
  setSwitch,
} from '../../ledger/ledger.ts';
import { append } from '../../ledger/members/append.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { keys, toItem } from '../../ledger/store/items.ts';
import { runNight } from '../support/night.ts';
import { aPurchase, defaultProgram, noon, sha256, testContext } from '../support/world.ts';
import { type Engine, engines } from './engines.ts';

const program = defaultProgram({
  grantLimit: 100,
  bonuses: { welcome: 50 },
  rewards: [
    {
      id: 'mug',
      name: 'Mug',
      points: 30,
      type: 'gift',
      sku: 'MUG',
      validDays: 30,
      limit: 1,
      limitPerMember: 1,
    },
  ],
});
const minute = 60_000;

const operator = (name: string): Holder => {
  const keyId = `key_${name}` as KeyId;
  return { keyId, name, holder: keyId };
};
const [ada, bob] = [operator('ada'), operator('bob')];

async function newMember(ledger: LedgerContext, wanted: Parameters<typeof enrol>[2] = {}): Promise<MemberId> {
  const outcome = await enrol(ledger, program, wanted, noon);
  if (outcome.type !== 'enrolled') throw new Error('The member exists already.');
  return outcome.member.account.memberId;
}

/** What can be spent, after checking that the account is what its entries add up to. */
async function available(ledger: LedgerContext, memberId: MemberId): Promise<number> {
  const account = await getAccount(ledger, memberId);
  const entries = await listEntries(ledger, memberId, { limit: 1000 });
  expect(replay(memberId, entries.reverse(), sha256)).toEqual(account && withoutListeners(account));
  if (!account) throw new Error(`${memberId} has no account.`);
  return balanceOf(account).available;
}

/** What the audit says, in the order of the alphabet: here everything happens in one millisecond. */
async function audited(ledger: LedgerContext): Promise<string[]> {
  const items = await listAudit(ledger, { limit: 100 });
  return items.map(({ name, action, reason }) => `${name} ${action} ${reason ?? '-'}`).sort();
}

async function open(ledger: LedgerContext, type?: ExceptionType): Promise<ExceptionAnswer[]> {
  const { items } = await listExceptions(ledger, { status: 'open', limit: 100, ...(type ? { type } : {}) });
  return items;
}

const tryAgain = (ledger: LedgerContext, { exceptionId }: ExceptionAnswer, how: typeof claimAgain) =>
  retryException(ledger, exceptionId, (exception) => how(ledger, program, exception, ada, noon), noon);

// Adjustments, told as what became of them -----------------------------------------------------------------------

async function outcomeOf(run: (answer: (outcome: Adjusted) => { status: number; body: unknown }) => unknown) {
  let told: Adjusted | undefined;
  const answered = await run((outcome) => {
    told = outcome;
    return { status: 200, body: outcome.type };
  });
  return { told: told as Adjusted, answered };
}

async function adjust(
  ledger: LedgerContext,
  memberId: MemberId,
  points: number,
  by = ada,
  once?: OnceKey,
): Promise<Adjusted> {
  const wanted = { memberId, points, reason: 'a gift', by };
  const { told } = await outcomeOf((answer) =>
    createAdjustment(ledger, program, wanted, { once, answer }, noon),
  );
  return told;
}

async function decide(
  ledger: LedgerContext,
  adjustmentId: AdjustmentId,
  decision: 'approve' | 'reject',
  by: Holder,
  once?: OnceKey,
): Promise<Adjusted> {
  const wanted = { adjustmentId, decision, reason: 'looked at', by };
  const { told } = await outcomeOf((answer) =>
    decideAdjustment(ledger, program, wanted, { once, answer }, noon),
  );
  return told;
}

async function waiting(
  ledger: LedgerContext,
  memberId: MemberId,
  points: number,
  by = ada,
): Promise<AdjustmentId> {
  const asked = await adjust(ledger, memberId, points, by);
  if (asked.type !== 'waiting') throw new Error(`It is ${asked.type}.`);
  return asked.adjustment.adjustmentId;
}

describe.each(Object.entries(engines))('operators on %s', (name, { wanted, start }) => {
  let engine: Engine;
  beforeAll(async () => {
    if (wanted) engine = await start();
    else console.warn(`Operators on ${name} are not tried: set DYNAMODB_LOCAL=1 to accept its licence.`);
  });
  afterAll(async () => {
    await engine?.stop();
  });
  const test = it.skipIf(!wanted);
  const newLedger = async () => testContext(await engine.newStore());

  describe('an adjustment', () => {
    test('within the limit is an entry at once, with who and why', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger);
      const given = await adjust(ledger, memberId, 100);
      const taken = await adjust(ledger, memberId, -20, bob);
      expect([given, taken].map(({ type }) => type)).toEqual(['posted', 'posted']);
      expect(await available(ledger, memberId)).toBe(130);
      const decided = await listAdjustments(ledger, 'decided', { limit: 10 });
      const first = decided.find(({ points }) => points === 100);
      const entry = given.type === 'posted' ? given.entry : undefined;
      expect(entry?.cause).toEqual({ type: 'adjustment', id: first?.adjustmentId });
      expect(first).toMatchObject({
        status: 'approved',
        points: 100,
        reason: 'a gift',
        requestedBy: ada.keyId,
        decidedBy: ada.keyId,
        entryId: entry?.entryId,
      });
      expect(await audited(ledger)).toEqual(['ada adjust a gift', 'bob adjust a gift']);
    });

    test('with one key is one entry, however often it is sent; other content is refused', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger);
      const once = (points: number) =>
        onceKey(ledger, { caller: 'ops ada', operation: 'x', key: '1', content: { points } });
      await Promise.all(Array.from({ length: 10 }, () => adjust(ledger, memberId, 10, ada, once(10))));
      expect(await available(ledger, memberId)).toBe(60);
      const wanted = { memberId, points: 11, reason: 'a gift', by: ada };
      const answer = () => ({ status: 201, body: null });
      const other = await createAdjustment(ledger, program, wanted, { once: once(11), answer }, noon);
      expect(other).toEqual({ type: 'mismatch' });
      expect(await available(ledger, memberId)).toBe(60);
    });

    test.each([101, -101])('of %i waits, and another operator posts it', async (points) => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger);
      await adjust(ledger, memberId, 100);
      const id = await waiting(ledger, memberId, points);
      expect(await available(ledger, memberId)).toBe(150);
      expect((await listAdjustments(ledger, 'waiting', { limit: 10 })).map((one) => one.status)).toEqual([
        'waiting',
      ]);
      expect((await decide(ledger, id, 'approve', bob)).type).toBe('posted');
      expect(await available(ledger, memberId)).toBe(150 + points);
      expect(await listAdjustments(ledger, 'waiting', { limit: 10 })).toEqual([]);
      const all = await listAdjustments(ledger, 'decided', { limit: 10 });
      expect(all.find(({ adjustmentId }) => adjustmentId === id)).toMatchObject({
        status: 'approved',
        requestedBy: ada.keyId,
        decidedBy: bob.keyId,
        decisionReason: 'looked at',
      });
      expect(await audited(ledger)).toEqual([
        'ada adjust a gift',
        'ada request_adjustment a gift',
        'bob approve_adjustment looked at',
      ]);
      expect(await decide(ledger, id, 'approve', bob)).toEqual({ type: 'closed', status: 'approved' });
      expect(await decide(ledger, id, 'reject', bob)).toEqual({ type: 'closed', status: 'approved' });
      expect(await available(ledger, memberId)).toBe(150 + points);
    });

    test('is not approved by who asked for it, with whichever key; taking it back is allowed', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger);
      const id = await waiting(ledger, memberId, 500);
      const rotated: Holder = { ...ada, keyId: 'key_next' as KeyId };
      expect((await decide(ledger, id, 'approve', ada)).type).toBe('second_needed');
      expect((await decide(ledger, id, 'approve', rotated)).type).toBe('second_needed');
      expect(await available(ledger, memberId)).toBe(50);
      expect(await decide(ledger, id, 'reject', ada)).toMatchObject({
        type: 'rejected',
        adjustment: { status: 'rejected', decisionReason: 'looked at' },
      });
      expect(await decide(ledger, id, 'approve', bob)).toEqual({ type: 'closed', status: 'rejected' });
      expect(await available(ledger, memberId)).toBe(50);
    });

    test('counts people, not keys: a person and a key of that person are one', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger);
      const person = (sub: string): Holder => ({ keyId: sub, name: sub, holder: sub });
      const [grace, eve] = [person('0a1b-grace'), person('0a1b-eve')];
      const keyOf = async (by: Holder) => {
        const { credential } = await createKey(ledger, { name: 'a key', role: 'ops' }, by, noon);
        return credential;
      };
      const own = await keyOf(grace);
      const ofOwn = await keyOf(own);
      const taken = await rotateKey(ledger, (await keyOf(eve)).keyId as KeyId, 1, grace, noon);
      if (taken.type !== 'rotated') throw new Error('It was not rotated.');
      const all: Record<string, Holder> = { ada, bob, grace, eve, own, ofOwn, taken: taken.credential };
      const may: string[] = [];
      for (const [asker, by] of Object.entries(all))
        for (const [approver, other] of Object.entries(all)) {
          const id = await waiting(ledger, memberId, 500, by);
          if ((await decide(ledger, id, 'approve', other)).type === 'posted')
            may.push(`${asker} ${approver}`);
        }
      // Of two keys that nobody who signed in has made it is taken that two people have them.
      const people = ['grace', 'own', 'ofOwn', 'taken'];
      const expected = ['ada bob', 'bob ada', ...people.flatMap((one) => [`${one} eve`, `eve ${one}`])];
      expect(may.sort()).toEqual(expected.sort());
    });

    test('decided by many at once is decided once', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger);
      const id = await waiting(ledger, memberId, 500);
      const decisions = Array.from({ length: 10 }, (_, index) =>
        decide(ledger, id, index % 2 ? 'approve' : 'reject', operator(`op${index}`)),
      );
      const types = (await Promise.all(decisions)).map(({ type }) => type);
      expect(types.filter((type) => type !== 'closed')).toHaveLength(1);
      const posted = types.includes('posted') ? 500 : 0;
      expect(await available(ledger, memberId)).toBe(50 + posted);
    });

    test('takes what can be spent and no more, at once or after waiting', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger);
      const takes = await Promise.all(Array.from({ length: 12 }, () => adjust(ledger, memberId, -10)));
      expect(takes.filter(({ type }) => type === 'posted')).toHaveLength(5);
      expect(takes.filter(({ type }) => type === 'insufficient')).toHaveLength(7);
      expect(await available(ledger, memberId)).toBe(0);
      expect(await adjust(ledger, memberId, -101)).toEqual({ type: 'insufficient', available: 0 });
      await adjust(ledger, memberId, 100);
      await adjust(ledger, memberId, 100);
      const id = await waiting(ledger, memberId, -200);
      await adjust(ledger, memberId, -1);
      expect(await decide(ledger, id, 'approve', bob)).toEqual({ type: 'insufficient', available: 199 });
      await adjust(ledger, memberId, 1);
      expect((await decide(ledger, id, 'approve', bob)).type).toBe('posted');
      expect(await available(ledger, memberId)).toBe(0);
    });

    test('is for members who are there', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger);
      const id = await waiting(ledger, memberId, 500);
      const account = await getAccount(ledger, memberId);
      if (!account) throw new Error('There is no account.');
      const left = append(ledger, account, erase(program, account, noon), noon);
      await ledger.store.transact(left.writes);
      const { version } = left.account;
      expect((await adjust(ledger, memberId, 1)).type).toBe('no_member');
      expect((await decide(ledger, id, 'approve', bob)).type).toBe('no_member');
      expect((await adjust(ledger, 'mem_01JD0000000000000000000000' as MemberId, 1)).type).toBe('no_member');
      expect((await getAccount(ledger, memberId))?.version).toBe(version);
      expect(
        (await decide(ledger, 'adj_01JD0000000000000000000000' as AdjustmentId, 'reject', bob)).type,
      ).toBe('missing');
    });
  });

  describe('a key', () => {
    const inHours = (hours: number) => noon + hours * 60 * minute;

    test('and its successor both live through the grace, then the successor alone', async () => {
      const ledger = await newLedger();
      const old = await createKey(ledger, { name: 'till', role: 'channel', channel: 'store' }, ada, noon);
      const made = await rotateKey(ledger, old.credential.keyId, 24, ada, noon);
      if (made.type !== 'rotated') throw new Error('It was not rotated.');
      expect(made.text).not.toBe(old.text);
      for (const { text } of [old, made])
        expect(await findCredential(ledger, text, inHours(23))).toMatchObject({
          name: 'till',
          role: 'channel',
          channel: 'store',
          holder: old.credential.keyId,
        });
      expect(await findCredential(ledger, old.text, inHours(24))).toBeUndefined();
      expect(await findCredential(ledger, made.text, inHours(10_000))).toBeDefined();
      const ends = async (now: number) =>
        (await listKeys(ledger, { limit: 10 }, now)).items.map(({ expiresAt }) => expiresAt);
      expect((await ends(noon)).sort()).toEqual(['2026-11-23T12:00:00Z', null]);
      expect(await ends(inHours(24))).toEqual([null]);
      expect((await rotateKey(ledger, old.credential.keyId, 24, ada, inHours(25))).type).toBe('missing');
      expect(await audited(ledger)).toEqual(['ada create_key -', 'ada create_key -', 'ada rotate_key -']);
    });

    test('lives no longer for being rotated again, and not at all without grace', async () => {
      const ledger = await newLedger();
      const { text, credential } = await createKey(ledger, { name: 'ops', role: 'ops' }, ada, noon);
      await rotateKey(ledger, credential.keyId, 1, ada, noon);
      await rotateKey(ledger, credential.keyId, 720, ada, noon);
      expect(await findCredential(ledger, text, inHours(1) - 1)).toBeDefined();
      expect(await findCredential(ledger, text, inHours(1))).toBeUndefined();
      const [newest] = (await listKeys(ledger, { limit: 1 }, noon)).items;
      await rotateKey(ledger, newest?.keyId as KeyId, 0, ada, noon);
      expect((await listKeys(ledger, { limit: 10 }, noon)).items.map(({ keyId }) => keyId)).not.toContain(
        newest?.keyId,
      );
    });

    test('is rotated by many at once without one being lost or found twice', async () => {
      const ledger = await newLedger();
      const { credential } = await createKey(ledger, { name: 'ops', role: 'ops' }, ada, noon);
      const all = await Promise.all(
        Array.from({ length: 5 }, () => rotateKey(ledger, credential.keyId, 1, ada, noon)),
      );
      for (const one of all) {
        if (one.type !== 'rotated') throw new Error('It was not rotated.');
        expect(await findCredential(ledger, one.text, inHours(2))).toMatchObject(one.credential);
      }
      expect((await listKeys(ledger, { limit: 10 }, noon)).items).toHaveLength(6);
    });

    test('that is revoked is nobody’s from then on', async () => {
      const ledger = await newLedger();
      const wanted = { name: 'web', role: 'channel', channel: 'web' } as const;
      const { text, credential } = await createKey(ledger, wanted, ada, noon);
      expect(await revokeKey(ledger, credential.keyId, bob, noon)).toEqual({ type: 'revoked' });
      expect(await findCredential(ledger, text, noon)).toBeUndefined();
      expect((await listKeys(ledger, { limit: 10 }, noon)).items).toEqual([]);
      expect(await revokeKey(ledger, credential.keyId, bob, noon)).toEqual({ type: 'missing' });
      expect(await audited(ledger)).toEqual(['ada create_key -', 'bob revoke_key -']);
    });

    test('of an operator is kept when no other one lasts, even when two revoke each other', async () => {
      const ledger = await newLedger();
      const wanted = { name: 'ops', role: 'ops' } as const;
      const [first, second] = await Promise.all([1, 2].map(() => createKey(ledger, wanted, ada, noon)));
      const ids = [first?.credential.keyId, second?.credential.keyId] as KeyId[];
      const outcomes = await Promise.all(ids.map((id) => revokeKey(ledger, id, ada, noon)));
      expect(outcomes.map(({ type }) => type).sort()).toEqual(['last', 'revoked']);
      const [left] = (await listKeys(ledger, { limit: 10 }, noon)).items;
      // One that is about to end is no other way in.
      const next = await rotateKey(ledger, left?.keyId as KeyId, 24, ada, noon);
      const nextId = next.type === 'rotated' ? next.credential.keyId : ('' as KeyId);
      expect((await revokeKey(ledger, nextId, ada, noon)).type).toBe('last');
      expect((await revokeKey(ledger, left?.keyId as KeyId, ada, noon)).type).toBe('revoked');
    });

    test('is listed page by page, each once', async () => {
      const ledger = await newLedger();
      for (let made = 0; made < 7; made++)
        await createKey(ledger, { name: `k${made}`, role: 'ops' }, ada, noon + made);
      const names: string[] = [];
      let after: string | undefined;
      do {
        const { items, next } = await listKeys(ledger, { limit: 3, ...(after ? { after } : {}) }, noon);
        names.push(...items.map((key) => key.name));
        after = next ?? undefined;
      } while (after);
      expect(names).toEqual(['k6', 'k5', 'k4', 'k3', 'k2', 'k1', 'k0']);
    });
  });

  describe('an exception', () => {
    test('that is dismissed keeps who and why, and is dismissed once', async () => {
      const ledger = await newLedger();
      await recordPurchase(ledger, program, aPurchase([1000]), noon);
      const [opened] = await open(ledger);
      if (!opened) throw new Error('Nothing is open.');
      const by = { operator: ada, reason: 'a test' };
      const both = await Promise.all(
        [1, 2].map(() => dismissException(ledger, opened.exceptionId, by, noon)),
      );
      expect(both.map(({ type }) => type).sort()).toEqual(['closed', 'done']);
      expect(await open(ledger)).toEqual([]);
      expect((await listExceptions(ledger, { status: 'resolved', limit: 10 })).items).toEqual([]);
      const { items } = await listExceptions(ledger, { status: 'dismissed', limit: 10 });
      expect(items).toMatchObject([
        {
          exceptionId: opened.exceptionId,
          status: 'dismissed',
          handledBy: { keyId: ada.keyId, name: 'ada', reason: 'a test' },
          resolvedAt: '2026-11-22T12:00:00Z',
        },
      ]);
      expect(await audited(ledger)).toEqual(['ada dismiss_exception a test']);
    });

    test('that was dismissed and resolves itself after all is among the resolved only', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger);
      const purchase = aPurchase([1000]);
      await recordPurchase(ledger, program, purchase, noon);
      const [opened] = await open(ledger);
      const by = { operator: ada, reason: 'a test' };
      await dismissException(ledger, opened?.exceptionId ?? ('' as never), by, noon);
      const claim = { member: { memberId }, totalMinor: 1000 };
      expect((await claimPurchase(ledger, program, purchase.id, claim, noon)).type).toBe('claimed');
      expect((await listExceptions(ledger, { status: 'dismissed', limit: 10 })).items).toEqual([]);
      expect((await listExceptions(ledger, { status: 'resolved', limit: 10 })).items).toHaveLength(1);
      expect(await open(ledger)).toEqual([]);
    });

    test('of a purchase whose member was not known is claimed for them once they are', async () => {
      const ledger = await newLedger();
      const purchase = aPurchase([1000], { member: { email: 'zoe@example.com' } });
      await recordPurchase(ledger, program, purchase, noon);
      const [opened] = await open(ledger, 'purchase_unclaimed');
      if (!opened) throw new Error('Nothing is open.');
      expect(await tryAgain(ledger, opened, claimAgain)).toEqual({
        type: 'not_retryable',
        reason: 'The member that it names is still not known.',
      });
      const memberId = await newMember(ledger, { email: 'Zoe@example.com' });
      const tried = await Promise.all([1, 2, 3].map(() => tryAgain(ledger, opened, claimAgain)));
      for (const one of tried)
        expect(one).toMatchObject({
          type: 'done',
          exception: { status: 'resolved', handledBy: { keyId: ada.keyId } },
        });
      expect((await getPurchase(ledger, purchase.id))?.memberId).toBe(memberId);
      expect(await available(ledger, memberId)).toBe(60);
      expect(await audited(ledger)).toEqual(['ada retry_exception -']);
      expect(await open(ledger)).toEqual([]);
    });

    test('of a guest cannot be tried again', async () => {
      const ledger = await newLedger();
      await recordPurchase(ledger, program, aPurchase([1000]), noon);
      const [opened] = await open(ledger);
      if (!opened) throw new Error('Nothing is open.');
      expect((await tryAgain(ledger, opened, claimAgain)).type).toBe('not_retryable');
      expect(await audited(ledger)).toEqual([]);
    });

    const returned = (memberId: MemberId, quantity: number): RecordedRefund => ({
      channel: 'store',
      id: 'store:RETURN',
      occurredAt: '2026-11-22T11:45:00Z',
      currency: 'EUR',
      member: { memberId },
      lines: [{ sku: 'SKU-1', quantity, amountMinor: 1000 * quantity }],
    });

    test('of a return is matched once its purchase is there', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger);
      const refund = returned(memberId, 1);
      await recordRefund(ledger, program, refund, noon);
      const [opened] = await open(ledger, 'refund_unmatched');
      if (!opened) throw new Error('Nothing is open.');
      expect(await tryAgain(ledger, opened, matchAgain)).toEqual({
        type: 'not_retryable',
        reason: 'Still no purchase matches it.',
      });
      await recordPurchase(ledger, program, aPurchase([1000], { member: { memberId } }), noon);
      expect(await available(ledger, memberId)).toBe(60);
      const tried = await Promise.all([1, 2, 3].map(() => tryAgain(ledger, opened, matchAgain)));
      expect(tried.map(({ type }) => type)).toEqual(['done', 'done', 'done']);
      expect(await available(ledger, memberId)).toBe(50);
      expect(await getRefund(ledger, refund.id)).toMatchObject({
        status: 'applied',
        clawedBack: 10,
        revision: 2,
      });
      expect(await open(ledger)).toEqual([]);
      expect(await audited(ledger)).toEqual(['ada retry_exception -']);
      // The same return again is still the same return.
      expect((await recordRefund(ledger, program, refund, noon)).type).toBe('duplicate');
    });

    test('of a return that matches in part now becomes the one that says so', async () => {
      const ledger = await newLedger();
      const memberId = await newMember(ledger);
      await recordRefund(ledger, program, returned(memberId, 2), noon);
      const [opened] = await open(ledger, 'refund_unmatched');
      if (!opened) throw new Error('Nothing is open.');
      await recordPurchase(ledger, program, aPurchase([1000], { member: { memberId } }), noon);
      expect((await tryAgain(ledger, opened, matchAgain)).type).toBe('done');
      expect((await open(ledger)).map(({ type }) => type)).toEqual(['refund_partially_matched']);
      expect((await getRefund(ledger, 'store:RETURN'))?.status).toBe('partially_matched');
    });
  });

  describe('a dead letter', () => {
    const letter = (change: Partial<NewDeadLetter> = {}): NewDeadLetter => ({
      subject: 'message-1',
      sentAt: '2026-11-22T11:00:00Z',
      memberId: null,
      detail: 'purchases gave it up.',
      consumer: 'purchases',
      queue: 'purchases-store-dead',
      sendTo: 'purchases-store',
      body: '{"a":1e400,"__proto__":0}',
      receiveCount: 1,
      ...change,
    });

    test('is listed once, with its text as it was, whatever became of it', async () => {
      const ledger = await newLedger();
      expect(await listDeadLetter(ledger, letter(), noon)).toBe('listed');
      expect(await listDeadLetter(ledger, letter({ receiveCount: 2 }), noon + minute)).toBe('known');
      const [opened, ...more] = await open(ledger, 'dead_letter');
      expect(more).toEqual([]);
      expect(opened).toMatchObject({
        subject: 'message-1',
        data: { consumer: 'purchases', body: '{"a":1e400,"__proto__":0}', receiveCount: 1 },
      });
      const by = { operator: ada, reason: 'a test' };
      await dismissException(ledger, opened?.exceptionId ?? ('' as never), by, noon);
      expect(await listDeadLetter(ledger, letter(), noon)).toBe('known');
      expect(await open(ledger)).toEqual([]);
      expect(await countDeadLetters(ledger, undefined, 10)).toBe(0);
    });

    test('is found by its consumer, oldest first, until it was sent again', async () => {
      const ledger = await newLedger();
      await listDeadLetter(ledger, letter({ subject: '2', sentAt: '2026-11-22T11:02:00Z' }), noon);
      await listDeadLetter(ledger, letter({ subject: '1', sentAt: '2026-11-22T11:01:00Z' }), noon);
      await listDeadLetter(ledger, letter({ subject: '3', consumer: 'holds', sendTo: 'holds' }), noon);
      await listDeadLetter(ledger, letter({ subject: '4', consumer: 'night', sendTo: null }), noon);
      await listDeadLetter(ledger, letter({ subject: '5', consumer: 'outbox', sendTo: null }), noon);
      expect(await open(ledger)).toHaveLength(5);
      expect(await countDeadLetters(ledger, undefined, 10)).toBe(3);
      expect(await countDeadLetters(ledger, undefined, 2)).toBe(2);
      expect(await countDeadLetters(ledger, 'purchases', 10)).toBe(2);
      const found = await openDeadLetters(ledger, 'purchases', 10);
      expect(found.map(({ subject }) => subject)).toEqual(['1', '2']);
      const [first] = found;
      const outcomes = await Promise.all(
        [1, 2].map(() => resolveDeadLetter(ledger, first?.exceptionId ?? ('' as never), ada, noon)),
      );
      expect(outcomes.map(({ type }) => type).sort()).toEqual(['closed', 'done']);
      expect((await openDeadLetters(ledger, undefined, 10)).map(({ subject }) => subject)).toEqual([
        '3',
        '2',
      ]);
      // One that is found at the moment at which it is closed is none any more.
      const exceptionId = first?.exceptionId ?? ('' as never);
      const place = toItem(keys.deadLetter('purchases', exceptionId), 'deadLetter', {
        consumer: 'purchases',
        exceptionId,
      });
      await ledger.store.transact([{ put: place }]);
      expect((await openDeadLetters(ledger, 'purchases', 10)).map(({ subject }) => subject)).toEqual(['2']);
    });
  });

  describe('a hold', () => {
    async function redeem(ledger: LedgerContext, memberId: MemberId, now: number) {
      let state: RedemptionState | undefined;
      const request = {
        member: { memberId },
        rewardId: 'mug',
        mode: 'authorize' as const,
        purchaseId: null,
        channel: 'store' as const,
        paused: false,
      };
      await createRedemption(
        ledger,
        program,
        request,
        {
          once: undefined,
          answer: (outcome) => {
            state = outcome.type === 'done' ? outcome : undefined;
            return { status: 201, body: null };
          },
        },
        now,
      );
      return state?.record.redemptionId;
    }
    const stock = async (ledger: LedgerContext) => (await readTally(ledger, 'mug')).count;
    const end = (ledger: LedgerContext, redemptionId: never, how: 'capture' | 'cancel', now: number) =>
      endRedemption(
        ledger,
        program,
        { redemptionId, end: how, mayUse: () => true },
        { once: undefined, answer: ({ type }) => ({ status: 200, body: type }) },
        now,
      );

    test('that is over gives points and stock back once, and its redemption has expired', async () => {
      const ledger = await newLedger();
      const [memberId, other] = [await newMember(ledger), await newMember(ledger)];
      const id = (await redeem(ledger, memberId, noon)) as never;
      expect([await available(ledger, memberId), await stock(ledger)]).toEqual([20, 1]);
      expect(await redeem(ledger, other, noon)).toBeUndefined();
      expect(await expireRedemption(ledger, program, id, noon + 15 * minute - 1)).toBe('held');
      expect([await available(ledger, memberId), await stock(ledger)]).toEqual([20, 1]);
      const over = noon + 15 * minute;
      const ends = await Promise.all([1, 2, 3].map(() => expireRedemption(ledger, program, id, over)));
      expect(ends.sort()).toEqual(['ended', 'ended', 'expired']);
      expect([await available(ledger, memberId), await stock(ledger)]).toEqual([50, 0]);
      expect(await readRedemption(ledger, id, over)).toMatchObject({
        status: 'expired',
        record: { status: 'expired' },
      });
      expect(await end(ledger, id, 'capture', over)).toMatchObject({ answer: { body: 'closed' } });
      expect(await redeem(ledger, other, over)).toBeDefined();
      expect(await redeem(ledger, memberId, over)).toBeUndefined();
    });

    test('whose points the night has given back already still frees its stock', async () => {
      const ledger = await newLedger();
      await putProgram(ledger, program, ada, noon);
      const memberId = await newMember(ledger);
      const id = (await redeem(ledger, memberId, noon)) as never;
      const night = noon + 24 * 60 * minute;
      await runNight(ledger, program, night);
      const version = (await getAccount(ledger, memberId))?.version;
      expect([await available(ledger, memberId), await stock(ledger)]).toEqual([50, 1]);
      expect(await expireRedemption(ledger, program, id, night)).toBe('expired');
      expect(await stock(ledger)).toBe(0);
      expect((await getAccount(ledger, memberId))?.version).toBe(version);
    });

    test.each(['capture', 'cancel'] as const)('ends once: by %s, or by its time', async (how) => {
      for (let round = 0; round < 5; round++) {
        const ledger = await newLedger();
        const memberId = await newMember(ledger);
        const id = (await redeem(ledger, memberId, noon)) as never;
        await Promise.all([
          end(ledger, id, how, noon + minute),
          expireRedemption(ledger, program, id, noon + 16 * minute),
        ]);
        const captured = (await readRedemption(ledger, id, noon + 16 * minute))?.status === 'captured';
        expect([await available(ledger, memberId), await stock(ledger)]).toEqual(
          captured ? [20, 1] : [50, 0],
        );
        expect(await expireRedemption(ledger, program, id, noon + 17 * minute)).toBe('ended');
      }
    });
  });

  test('the programme and the switch are put by somebody', async () => {
    const ledger = await newLedger();
    const { version: _version, ...document } = program;
    await putProgram(ledger, document, ada, noon);
    for (const paused of [true, false])
      await setSwitch(ledger, { name: 'redemption', paused, reason: 'fraud' }, bob, noon);
    expect(await audited(ledger)).toEqual(['ada put_program -', 'bob pause fraud', 'bob resume fraud']);
  });

  test('an earlier version comes back as the next one, and says which it was', async () => {
    const ledger = await newLedger();
    const { version: _version, ...document } = defaultProgram();
    const plain = { once: undefined, answer: (body: unknown) => ({ status: 200, body }) };
    const back = (to: number) => rollBackProgramOnce(ledger, to, bob, plain, noon);
    await putProgram(ledger, document, ada, noon);
    await putProgram(ledger, { ...document, holdMinutes: 20 }, ada, noon);
    expect(await back(7)).toMatchObject({ answer: { body: { type: 'missing' } } });
    expect(await back(1)).toMatchObject({ answer: { body: { type: 'put', version: 3 } } });
    expect(await back(1)).toMatchObject({ answer: { body: { type: 'unchanged', version: 3 } } });
    const [newest, before, ...older] = await listPrograms(ledger, { limit: 10 });
    expect(newest?.stored).toMatchObject({ version: 3, document, restores: 1, putByName: 'bob' });
    expect(before?.stored).toMatchObject({ version: 2, document: { holdMinutes: 20 } });
    expect(older).toHaveLength(1);
    expect((await currentProgram(ledger))?.version).toBe(3);
    expect(await audited(ledger)).toEqual([
      'ada put_program -',
      'ada put_program -',
      'bob roll_back_program the content of version 1',
    ]);
  });
});
