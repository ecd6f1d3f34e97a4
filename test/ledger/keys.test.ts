/**
 * Whatever an Idempotency-Key is sent with, on every engine: one effect and one answer for a key, refusals too, for
 * other content neither, and an answer that was lost is had by asking again.
 */
import { setImmediate as turn } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ExceptionId, KeyId, MemberId } from '../../core/contract/ids.ts';
import {
  changeProfile,
  changeProfileOnce,
  claimAgain,
  claimPurchaseOnce,
  createKey,
  currentProgram,
  dismissExceptionOnce,
  enrol,
  eraseMember,
  eraseMemberOnce,
  getAccount,
  getMember,
  getPurchase,
  getSwitch,
  listAudit,
  listExceptions,
  listKeys,
  type Once,
  type OnceKey,
  onceKey,
  putProgram,
  putProgramOnce,
  recordPurchase,
  retryExceptionOnce,
  revokeKeyOnce,
  setSwitch,
  setSwitchOnce,
} from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import type { Store } from '../../ledger/store/store.ts';
import { aPurchase, defaultProgram, noon, testContext } from '../support/world.ts';
import { type Engine, engines } from './engines.ts';

const program = defaultProgram({ bonuses: {} });
const { version: _version, ...document } = program;
const ada = { keyId: 'key_ada' as KeyId, name: 'ada' };
const answer = (body: unknown) => ({ status: 200, body });

/** What a request is asked with: its key, and what tells it from another that has the same key. */
type Ask = (once: OnceKey | undefined, variant: 'right' | 'refused') => Promise<Once>;

interface Prepared {
  readonly ask: Ask;
  /** What there is of the effect. */
  readonly effect: () => Promise<unknown>;
  /** Undoes the effect, or has another one take its place. */
  readonly after?: () => Promise<unknown>;
}

async function newMember(ledger: LedgerContext, email: string): Promise<MemberId> {
  const outcome = await enrol(ledger, program, { email }, noon);
  if (outcome.type !== 'enrolled') throw new Error('The member exists already.');
  return outcome.member.account.memberId;
}

async function anException(ledger: LedgerContext, email: string): Promise<ExceptionId> {
  await recordPurchase(ledger, program, aPurchase([1000], { member: { email } }), noon);
  const { items } = await listExceptions(ledger, { status: 'open', limit: 10 });
  const found = items.find(({ data }) => JSON.stringify(data).includes(email));
  if (!found) throw new Error('Nothing is open.');
  return found.exceptionId;
}

const audits = async (ledger: LedgerContext) => (await listAudit(ledger, { limit: 100 })).length;
const noErasures = { add: async () => {}, page: async () => ({ items: [] }) };
const nobody = 'mem_01JD0000000000000000000000' as MemberId;

/** Name -> the request, and another one that is refused unless there is none such. */
const requests: Readonly<Record<string, (ledger: LedgerContext) => Promise<Prepared>>> = {
  'a change of a profile': async (ledger) => {
    const memberId = await newMember(ledger, 'zoe@example.com');
    await newMember(ledger, 'taken@example.com');
    const wanted = { name: 'Zoë', email: 'zoe@example.org' };
    return {
      ask: (once, variant) => {
        const change = variant === 'right' ? wanted : { email: 'taken@example.com' };
        return changeProfileOnce(ledger, program, memberId, change, { once, answer }, noon);
      },
      effect: async () => {
        const member = await getMember(ledger, memberId);
        return [member?.profile.name, member?.profile.revision, member?.account.version];
      },
      after: () => changeProfile(ledger, program, memberId, { name: 'Chloé' }, noon),
    };
  },
  'a change of a profile that changes nothing': async (ledger) => {
    const memberId = await newMember(ledger, 'zoe@example.com');
    return {
      ask: (once, variant) => {
        const whom = variant === 'right' ? memberId : nobody;
        const change = { email: 'zoe@example.com' };
        return changeProfileOnce(ledger, program, whom, change, { once, answer }, noon);
      },
      effect: async () => (await getMember(ledger, memberId))?.profile.revision,
    };
  },
  'a claim': async (ledger) => {
    const memberId = await newMember(ledger, 'zoe@example.com');
    const guest = aPurchase([1000]);
    await recordPurchase(ledger, program, guest, noon);
    return {
      ask: (once, variant) => {
        const claim = { member: { memberId }, totalMinor: variant === 'right' ? 1000 : 999 };
        return claimPurchaseOnce(ledger, program, guest.id, claim, { once, answer }, noon);
      },
      effect: async () => [
        (await getPurchase(ledger, guest.id))?.revision,
        (await getAccount(ledger, memberId))?.version,
      ],
    };
  },
  'a programme': async (ledger) => ({
    ask: async (once) => {
      const outcome = await putProgramOnce(ledger, document, ada, { once, answer }, noon);
      if (outcome.type === 'contended') throw new Error('Somebody else put one.');
      return outcome;
    },
    effect: async () => [(await currentProgram(ledger))?.version, await audits(ledger)],
    after: () => putProgram(ledger, { ...document, name: 'Another' }, ada, noon),
  }),
  'a switch': async (ledger) => {
    const wanted = { name: 'redemption', paused: true, reason: null };
    return {
      ask: (once) => setSwitchOnce(ledger, wanted, ada, { once, answer }, noon),
      effect: async () => {
        const thrown = await getSwitch(ledger, 'redemption');
        return [thrown?.paused, thrown?.revision, await audits(ledger)];
      },
      after: () => setSwitch(ledger, { ...wanted, paused: false }, ada, noon),
    };
  },
  'a dismissal': async (ledger) => {
    const id = await anException(ledger, 'nobody@example.com');
    return {
      ask: (once, variant) => {
        const which = variant === 'right' ? id : ('exc_01JD0000000000000000000000' as ExceptionId);
        const by = { operator: ada, reason: 'looked at' };
        return dismissExceptionOnce(ledger, which, by, { once, answer }, noon);
      },
      effect: () => audits(ledger),
    };
  },
  'another try of a claim': async (ledger) => {
    const id = await anException(ledger, 'late@example.com');
    const unknown = await anException(ledger, 'nobody@example.com');
    const memberId = await newMember(ledger, 'late@example.com');
    return {
      ask: (once, variant) =>
        retryExceptionOnce(
          ledger,
          variant === 'right' ? id : unknown,
          (exception) => claimAgain(ledger, program, exception, ada, noon),
          { once, answer },
          noon,
        ),
      effect: async () => [(await getAccount(ledger, memberId))?.version, await audits(ledger)],
    };
  },
  'the end of a key': async (ledger) => {
    const wanted = { name: 'till', role: 'channel', channel: 'store' } as const;
    const { credential } = await createKey(ledger, wanted, ada, noon);
    return {
      ask: (once, variant) => {
        const keyId = variant === 'right' ? credential.keyId : ('key_01JD0000000000000000000000' as KeyId);
        return revokeKeyOnce(ledger, keyId, ada, { once, answer }, noon);
      },
      effect: async () => [
        (await listKeys(ledger, { limit: 10 }, noon)).items.length,
        (await listAudit(ledger, { limit: 100 })).filter(({ action }) => action === 'revoke_key').length,
      ],
    };
  },
  'an erasure': async (ledger) => {
    const memberId = await newMember(ledger, 'zoe@example.com');
    return {
      ask: (once, variant) => {
        const wanted = { memberId: variant === 'right' ? memberId : nobody, operator: ada, reason: null };
        const said = (type: string) => ({ status: type === 'missing' ? 404 : 202, body: type });
        return eraseMemberOnce(ledger, noErasures, program, wanted, { once, answer: said }, noon, () => true);
      },
      effect: async () => [(await getAccount(ledger, memberId))?.status, await audits(ledger)],
    };
  },
};
const neverRefused = ['a programme', 'a switch'];

/** A store of which the next transaction's answer is lost, before or after the commit, when told so. */
function forgetful(store: Store): Store & { lose: (when: 'before' | 'after') => void } {
  let next: 'before' | 'after' | undefined;
  return {
    ...store,
    lose(when) {
      next = when;
    },
    async transact(writes) {
      await turn();
      const fate = next;
      next = undefined;
      if (fate === 'before') return { type: 'unknown', cause: 'lost on the way there' };
      const outcome = await store.transact(writes);
      return fate === 'after' ? { type: 'unknown', cause: 'lost on the way back' } : outcome;
    },
  };
}

describe.each(Object.entries(engines))('on %s', (name, { wanted, start }) => {
  let engine: Engine;
  beforeAll(async () => {
    if (wanted) engine = await start();
    else console.warn(`Keys on ${name} are not tried: set DYNAMODB_LOCAL=1 to accept its licence.`);
  });
  afterAll(async () => {
    await engine?.stop();
  });
  const test = it.skipIf(!wanted);

  async function prepare(request: string) {
    const store = forgetful(await engine.newStore());
    const ledger = testContext(store);
    const make = requests[request];
    if (!make) throw new Error(`There is no request ${request}.`);
    const once = (content: unknown = 'content') =>
      onceKey(ledger, { caller: 'ops ada', operation: request, key: 'key', content });
    return { store, once, ...(await make(ledger)) };
  }

  describe.each(Object.keys(requests))('%s', (request) => {
    test('has one effect and one answer for a key, also when something else has happened since', async () => {
      const { ask, effect, after, once } = await prepare(request);
      const first = await ask(once(), 'right');
      expect(first).toMatchObject({ type: 'answered', replayed: false });
      await after?.();
      const then = await effect();
      expect(await ask(once(), 'right')).toEqual({ ...first, replayed: true });
      expect(await effect()).toEqual(then);
    });

    test('is refused with a key that was used for other content, and has no effect', async () => {
      const { ask, effect, once } = await prepare(request);
      await ask(once(), 'right');
      const then = await effect();
      expect(await ask(once('other content'), 'right')).toEqual({ type: 'mismatch' });
      expect(await effect()).toEqual(then);
    });

    test('sent many times at once has one effect, and all have the same answer', async () => {
      const reference = await prepare(request);
      await reference.ask(reference.once(), 'right');
      const { ask, effect, once } = await prepare(request);
      const all = await Promise.all(Array.from({ length: 8 }, () => ask(once(), 'right')));
      const first = all.find((one) => one.type === 'answered' && !one.replayed);
      const others = all.filter((one) => one !== first);
      expect(others).toEqual(others.map(() => ({ ...first, replayed: true })));
      expect(await effect()).toEqual(await reference.effect());
    });

    it.skipIf(!wanted || neverRefused.includes(request))(
      'that is refused is refused again, word for word, whatever has become possible',
      async () => {
        const { ask, effect, once } = await prepare(request);
        const before = await effect();
        const refused = await ask(once(), 'refused');
        expect(refused).toMatchObject({ type: 'answered', replayed: false });
        // The same key and content: that it would be done now changes nothing.
        expect(await ask(once(), 'right')).toEqual({ ...refused, replayed: true });
        expect(await effect()).toEqual(before);
      },
    );

    test.each(['before', 'after'] as const)(
      'whose answer was lost %s the commit is answered when asked again',
      async (when) => {
        const reference = await prepare(request);
        await reference.ask(reference.once(), 'right');
        const { ask, effect, once, store } = await prepare(request);
        store.lose(when);
        await expect(ask(once(), 'right')).rejects.toMatchObject({ name: 'LedgerUnavailable' });
        expect(await ask(once(), 'right')).toMatchObject({ type: 'answered', replayed: when === 'after' });
        expect(await effect()).toEqual(await reference.effect());
      },
    );
  });

  test('a programme as large as a request may be leaves room in every item and transaction', async () => {
    const ledger = testContext(await engine.newStore());
    const rewards = Array.from({ length: 1300 }, (_, index) => ({
      id: `reward-${index}`,
      name: 'R'.repeat(100),
      points: 1 + index,
      type: 'gift' as const,
      sku: `SKU-${index}`,
      validDays: 30,
    }));
    const large = { ...document, rewards };
    expect(Buffer.byteLength(JSON.stringify(large))).toBeGreaterThan(200 * 1024);
    const once = onceKey(ledger, { caller: 'ops ada', operation: 'put', key: 'key', content: large });
    const first = await putProgramOnce(ledger, large, ada, { once, answer }, noon);
    expect(first).toMatchObject({ type: 'answered', answer: { body: { type: 'put', version: 1 } } });
    expect(await putProgramOnce(ledger, large, ada, { once, answer }, noon)).toEqual({
      ...first,
      replayed: true,
    });
    expect((await currentProgram(ledger))?.document).toEqual(large);
  });

  test('what a key keeps of a person goes when they leave, also when they leave that very moment', async () => {
    const base = await engine.newStore();
    const calm = testContext(base);
    const memberId = await newMember(calm, 'zoe@example.com');
    const gone = { memberId, operator: ada, reason: null };
    const leave = () => eraseMember(calm, noErasures, program, gone, noon, () => true);
    const once = onceKey(calm, { caller: 'ops ada', operation: 'change', key: 'key', content: null });
    const change = { email: 'zoe@example.com' };
    let left = false;
    const ledger = testContext({
      ...base,
      transact: async (writes) => {
        if (!left) {
          left = true;
          await leave();
        }
        return base.transact(writes);
      },
    });
    const outcome = await changeProfileOnce(ledger, program, memberId, change, { once, answer }, noon);
    expect(outcome).toMatchObject({ type: 'answered', answer: { body: { type: 'missing' } } });
    const kept = await base.query(`MEMBER#${memberId}`, { prefix: 'ANSWER#', limit: 10 });
    expect(kept).toEqual([]);
    const other = await newMember(calm, 'ana@example.com');
    const key = onceKey(calm, { caller: 'ops ada', operation: 'change', key: 'other', content: null });
    await changeProfileOnce(calm, program, other, { name: 'Ana' }, { once: key, answer }, noon);
    await eraseMember(calm, noErasures, program, { ...gone, memberId: other }, noon, () => true);
    const again = await changeProfileOnce(calm, program, other, { name: 'Ana' }, { once: key, answer }, noon);
    expect(again).toEqual({ type: 'gone' });
  });
});
