/** Walks come to their end whatever happens on the way: nothing is done twice, and nobody is in anybody's way. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyAccount } from '../../core/account.ts';
import { type MemberId, makeId } from '../../core/contract/ids.ts';
import { enrol as enrolled, nextDue, settle } from '../../core/points.ts';
import {
  changeProfile,
  createRedemption,
  getAccount,
  listExceptions,
  openDeadLetters,
  recordPurchase,
} from '../../ledger/ledger.ts';
import { append } from '../../ledger/members/append.ts';
import { type LedgerContext, LedgerUnavailable } from '../../ledger/store/context.ts';
import { commit } from '../../ledger/store/decide.ts';
import { keys, toItem } from '../../ledger/store/items.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import type { Item, Store } from '../../ledger/store/store.ts';
import { dueWalk } from '../../ledger/walks/due.ts';
import { nightDays } from '../../ledger/walks/night.ts';
import { takeStep, type WalkMessage, type Walks } from '../../ledger/walks/walk.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { ledgerWalks, runNight } from '../support/night.ts';
import { watched } from '../support/stores.ts';
import { aPurchase, defaultProgram, isShort, noon, runs, testContext } from '../support/world.ts';

const day = 86_400_000;
const program = defaultProgram();

/** What chance decides, so that a seed repeats it. */
function dice(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

interface Chance {
  readonly random: () => number;
  /** How likely a step is killed, a message comes twice, and a write of the table has no answer. */
  readonly killed: number;
  readonly twice: number;
  readonly lost: number;
}

/**
 * A queue as SQS is, run until it is empty: messages come in any order, some of them twice, and whoever takes one may
 * be killed at any call to the table, or just before it is taken off the queue; then it comes again.
 */
async function runToEnd(
  walks: Walks,
  store: Store,
  begun: readonly WalkMessage[],
  now: number,
  chance: Chance,
): Promise<{ steps: number; kills: number; most: number }> {
  const { random, killed, twice, lost } = chance;
  const queue = begun.map((message) => JSON.stringify(message));
  let [steps, kills, most] = [0, 0, 0];
  while (queue.length > 0) {
    const at = Math.floor(random() * queue.length);
    const [text = ''] = queue.splice(at, 1);
    if (random() < twice) queue.push(text);
    steps++;
    // Behind the call at which it is killed nothing gets through.
    let callsLeft = random() < killed ? Math.floor(random() * 150) : Number.POSITIVE_INFINITY;
    const through = async <T>(call: () => Promise<T>): Promise<T> => {
      if (callsLeft-- <= 0) throw new LedgerUnavailable('unknown', 'Killed');
      return call();
    };
    const context: LedgerContext = {
      ...testContext({
        ...store,
        get: (key) => through(() => store.get(key)),
        query: (pk, range) => through(() => store.query(pk, range)),
        // Now and then one answer alone is lost, of what was done or not.
        transact: (writes) =>
          through(async () => {
            if (random() >= lost) return store.transact(writes);
            if (random() < 0.5) await store.transact(writes);
            throw new LedgerUnavailable('unknown', 'Lost');
          }),
      }),
      sleep: async () => undefined,
    };
    try {
      const means = { context, program, now, hasTime: () => true };
      const { messages, counted } = await takeStep(walks, means, JSON.parse(text));
      most = Math.max(most, counted['members'] ?? 0);
      queue.push(...messages.map((message) => JSON.stringify(message)));
      // Killed when what follows is on the queue, and this not yet off it.
      if (random() < killed / 20) queue.push(text);
    } catch (error) {
      if (!(error instanceof LedgerUnavailable)) throw error;
      kills++;
      queue.push(text);
    }
  }
  return { steps, kills, most };
}

async function begin(context: LedgerContext, walks: Walks, now: number): Promise<WalkMessage[]> {
  const night = await nightDays(context, program, now);
  return Object.keys(walks).map((walk) => ({ walk, night }));
}

describe.skipIf(isShort)('200,000 accounts that fall due on one day', () => {
  const members = 200_000;

  it('are settled but for the one that cannot be, whatever is killed or comes twice', async () => {
    const store = createMemoryStore();
    const context = testContext(store);
    const seed = runs(1).seed ?? 0;
    const random = dice(seed);
    const ids: MemberId[] = [];
    await putInForce(context, program);
    for (let made = 0; made < members; made++) {
      const memberId = makeId('member', context.ulid(noon));
      const { writes } = append(context, emptyAccount(memberId), enrolled(program, memberId, noon), noon);
      await commit(context, 'Enrolling', writes);
      ids.push(memberId);
    }
    const poisoned = ids[Math.floor(random() * members)] as MemberId;
    const account = await getAccount(context, poisoned);
    if (!account) throw new Error('There is an account.');
    const now = Date.parse(nextDue(account) ?? '') + 3_600_000;
    // What no programmer has thought of, and every read of which throws.
    await store.transact([
      { put: { ...toItem(keys.account(poisoned), 'account', account), item: 'broken' } },
    ]);

    const walks = { due: dueWalk };
    const chance = { random, killed: 0.2, twice: 0.01, lost: 0.001 };
    const { steps, kills, most } = await runToEnd(
      walks,
      store,
      await begin(context, walks, now),
      now,
      chance,
    );
    console.info(`${steps} steps, ${kills} killed`);
    expect(most).toBeLessThanOrEqual(100);
    expect(kills).toBeGreaterThan(100);

    const items = store.items();
    const entries = new Map<string, number>();
    for (const { item, pk } of items) if (item === 'entry') entries.set(pk, (entries.get(pk) ?? 0) + 1);
    const sample = settle(program, account, now).entries.length + account.version;
    const wrong = ids.filter((id) => entries.get(keys.account(id).pk) !== (id === poisoned ? 2 : sample));
    expect(wrong).toEqual([]);
    expect(sample).toBeGreaterThan(2);
    const { items: listed } = await listExceptions(context, { status: 'open', limit: 100 });
    expect(listed.map(({ type, memberId }) => [type, memberId])).toEqual([['dead_letter', poisoned]]);
    // Nobody is listed under that day any more, not even the one.
    const today = keys.due(new Date(now - 3_600_000).toISOString().slice(0, 10), poisoned).pk.slice(0, -2);
    expect(items.filter(({ pk }) => pk.startsWith(today.replace(/#\d*$/, '#')))).toEqual([]);

    // Mended and sent again by itself, it is done like the others.
    await store.transact([{ put: toItem(keys.account(poisoned), 'account', account) }]);
    const [letter] = await openDeadLetters(context, 'walks', 10);
    if (!letter) throw new Error('It can be sent again.');
    const again = JSON.parse((letter.data as { body: string }).body) as WalkMessage;
    const step = await takeStep(walks, { context, program, now, hasTime: () => true }, again);
    expect([step.messages, step.counted]).toEqual([[], { members: 1, entries: sample - account.version }]);
    expect((await getAccount(context, poisoned))?.version).toBe(sample);
    // A net, as all of them: on a machine that has nothing else to do it is a minute.
  }, 900_000);
});

describe('a place on the list that is out of date', () => {
  it('is taken off, unless somebody lists the account there again at that moment', async () => {
    const today = '2026-11-22';
    const listed = async (isAgain: boolean) => {
      const memory = createMemoryStore();
      const plain = testContext(memory);
      await putInForce(plain, program);
      const memberId = await newMember(plain, program);
      const place = keys.due(today, memberId);
      await memory.transact([{ put: toItem(place, 'due', { memberId }) }]);
      await recordPurchase(plain, program, aPurchase([100_000], { member: { memberId } }), noon);
      let isOpen = isAgain;
      const store = watched(memory, async () => {
        if (!isOpen) return;
        isOpen = false;
        const hold = { member: { memberId }, rewardId: 'five-euros', mode: 'authorize' } as const;
        const request = { ...hold, purchaseId: null, channel: null, paused: false };
        const given = { once: undefined, answer: () => ({ status: 201, body: null }) };
        await createRedemption(plain, program, request, given, noon);
      });
      const means = { context: testContext(store), program, now: noon, hasTime: () => true };
      const position = { pk: place.pk, day: today };
      await takeStep({ due: dueWalk }, means, { walk: 'due', position });
      return (await memory.get(place)) !== undefined;
    };
    expect([await listed(false), await listed(true)]).toEqual([false, true]);
  });
});

/** What a ledger has come to, apart from what chance gave. Which empty partitions nights still ask is no part of it. */
function stateOf(items: readonly Item[]): string[] {
  return items
    .filter(({ item }) => item !== 'list')
    .map((item) => JSON.stringify(item))
    .sort();
}

describe('every walk of the ledger', () => {
  /** A ledger in which there is something for each of them. */
  async function aLedger() {
    const store = createMemoryStore();
    let drawn = 0;
    const random = dice(7);
    const context: LedgerContext = {
      ...testContext(store),
      // The same for every copy.
      ulid: () => `01JD${String(drawn++).padStart(22, '0')}`,
      randomInteger: (below) => Math.floor(random() * below),
    };
    await putInForce(context, program);
    for (let made = 0; made < 12; made++) {
      const memberId = await newMember(context, program);
      await changeProfile(context, program, memberId, { birthday: '1990-12-06' }, noon);
      const purchase = aPurchase([5_000], { channel: 'web', id: `web:${made}`, member: { memberId } });
      await recordPurchase(context, program, purchase, noon);
      const guest = { id: `store:G${made}`, member: { email: `guest${made}@example.com` } } as const;
      await recordPurchase(context, program, aPurchase([1_000], guest), noon);
    }
    return { store, context };
  }

  it('ends the same, killed anywhere and with every message twice', async () => {
    const nights = [noon + 15 * day, noon + 95 * day];
    const plain = await aLedger();
    for (const now of nights) await runNight(plain.context, program, now);
    const wanted = stateOf(plain.store.items());
    await fc.assert(
      fc.asyncProperty(fc.integer(), async (seed) => {
        const { store, context } = await aLedger();
        for (const now of nights) {
          const chance = { random: dice(seed), killed: 0.4, twice: 0.1, lost: 0.02 };
          await runToEnd(ledgerWalks, store, await begin(context, ledgerWalks, now), now, chance);
          await runNight(context, program, now);
        }
        expect(stateOf(store.items())).toEqual(wanted);
      }),
      runs(30),
    );
  });
});
