/**
 * The functions' own handlers over the engine in memory, with every call that they make to the outside counted
 * and, where a test wants it, broken: before it is done, after it is done, never answered, or done twice.
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { Logger } from '@aws-lambda-powertools/logger';
import type { Context } from 'aws-lambda';
import type { ChannelSecret } from '../../functions/clients/channel-secrets.ts';
import type { Deps } from '../../functions/deps.ts';
import type { BusEvent } from '../../functions/kit/bus.ts';
import { createDoor } from '../../functions/kit/door.ts';
import type { ErasureList, ListedErasure } from '../../ledger/erasure/list.ts';
import {
  currentProgram,
  findCredential,
  getSwitch,
  readChannels,
  redemptionSwitch,
  toProgram,
} from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import type { Item, Store } from '../../ledger/store/store.ts';
import { poolPeople } from './people.ts';
import { noon, originSecret, testContext } from './world.ts';

export const faults = ['throw before', 'commit then throw', 'hang', 'do twice'] as const;
export type Fault = (typeof faults)[number];

/** A fault at one call, counted from 0. */
export interface Armed {
  readonly kind: Fault;
  readonly at: number;
  /**
   * What breaks with it: the whole process, so that nothing gets through behind the call (unless told otherwise);
   * that one call alone; or every later call of its name, as when whoever answers it is away.
   */
  readonly reach?: 'process' | 'call' | 'name';
}

/** One invocation: given up, it does nothing more, whatever it still had under way. */
interface Invocation {
  readonly silence: () => void;
  isOver: boolean;
}
const invocations = new AsyncLocalStorage<Invocation>();
const never = () => new Promise<never>(() => {});

export interface World {
  readonly deps: Deps;
  readonly ledger: LedgerContext;
  /** What was put on the bus. */
  readonly events: BusEvent[];
  /** The names of the calls since the last `arm`. */
  readonly calls: string[];
  /** Breaks one call from now on, and every one behind it as long as nobody disarms. */
  arm(fault?: Armed): void;
  disarm(): void;
  /** Waits until whatever got through is done, also for an invocation that was given up. */
  settled(): Promise<void>;
  /** Makes a call one of those that are counted and broken. */
  through<T>(name: string, act: () => Promise<T>): Promise<T>;
  items(): Item[];
}

class Broken extends Error {
  override readonly name = 'Broken';
}

/** A world whose clock stands at noon unless it is moved. */
export function newWorld(clock: { now: number } = { now: noon }): World {
  const memory = createMemoryStore();
  const events: BusEvent[] = [];
  const calls: string[] = [];
  let armed: Armed | undefined;
  let counting = false;

  /** Whether a call behind the broken one goes well. */
  function isSpared({ at, reach = 'process' }: Armed, name: string): boolean {
    return reach === 'call' || (reach === 'name' && name !== calls[at]);
  }

  const underWay = new Set<Promise<unknown>>();

  function done<T>(act: () => Promise<T>): Promise<T> {
    const doing = act();
    underWay.add(doing);
    const over = () => void underWay.delete(doing);
    doing.then(over, over);
    return doing;
  }

  /** One call through a port. Behind a crash or a silence nothing else gets through in that invocation. */
  async function through<T>(name: string, begin: () => Promise<T>): Promise<T> {
    const act = () => done(begin);
    const invocation = invocations.getStore();
    if (invocation?.isOver) return never();
    if (!counting) return act();
    const index = calls.push(name) - 1;
    if (!armed || index < armed.at) return act();
    if (index > armed.at && isSpared(armed, name)) return act();
    if (armed.kind === 'do twice') {
      if (index > armed.at) return act();
      await act();
      return act();
    }
    if (index > armed.at && armed.reach !== 'name')
      throw new Broken(`Nothing gets through behind ${calls[armed.at]}.`);
    if (armed.kind === 'commit then throw') await act();
    if (armed.kind === 'hang') {
      invocation?.silence();
      return never();
    }
    throw new Broken(`${name} broke.`);
  }

  const store: Store = {
    get: (key) => through('get', () => memory.get(key)),
    query: (pk, range) => through('query', () => memory.query(pk, range)),
    scan: (types, range) => through('scan', () => memory.scan(types, range)),
    transact: (writes) => through('transact', () => memory.transact(writes)),
  };
  const ledger: LedgerContext = {
    ...testContext(store),
    sleep: async () => {
      await turn();
    },
  };
  const erased = new Map<string, ListedErasure>();
  const erasures: ErasureList = {
    add: (one) =>
      through('erasures.add', async () => {
        if (!erased.has(one.memberId)) erased.set(one.memberId, one);
      }),
    page: () => through('erasures.page', async () => ({ items: [...erased.values()] })),
  };
  const channelSecrets = new Map<string, ChannelSecret>();
  const logger = new Logger({ logLevel: 'SILENT' });
  const deps = {
    now: () => clock.now,
    monotonic: () => performance.now(),
    // A line in the log, which cannot fail.
    measure: async () => {},
    sleep: ledger.sleep,
    newRequestId: () => 'request',
    ledger,
    logger,
    publicUrl: 'https://cards.example.com',
    door: createDoor(
      () => clock.now,
      60_000,
      async () => [originSecret],
    ),
    credential: (key: string) => findCredential(ledger, key, clock.now),
    person: poolPeople(),
    bus: {
      put: (put: readonly BusEvent[]) =>
        through('bus.put', async () => {
          events.push(...put);
          return put.map(() => true);
        }),
    },
    program: async () => {
      const stored = await currentProgram(ledger);
      return stored && toProgram(stored);
    },
    channels: () => readChannels(ledger),
    erasures,
    send: (...sent: Parameters<Deps['send']>) =>
      through('send', async () => {
        events.push({ source: 'queue', name: sent[0], detail: sent[1] });
      }),
    redemptionsPaused: async () => (await getSwitch(ledger, redemptionSwitch))?.paused ?? false,
    channelSecrets: {
      read: (id: string) => through('secret', async () => channelSecrets.get(id)),
      write: (id: string, value: ChannelSecret) =>
        through('secret', async () => {
          channelSecrets.set(id, value);
        }),
    },
    walletSecret: async () => null,
  } as unknown as Deps;

  return {
    deps,
    ledger,
    events,
    calls,
    through,
    arm(fault) {
      calls.length = 0;
      counting = true;
      armed = fault;
    },
    async settled() {
      while (underWay.size > 0) await Promise.allSettled(underWay);
    },
    disarm() {
      counting = false;
      armed = undefined;
    },
    items: () => memory.items(),
  };
}

/** An invocation that hangs is given up, as Lambda does when its time is over. */
export async function invoke(
  handler: (event: never, context: Context) => unknown,
  event: unknown,
): Promise<unknown> {
  const context = {
    getRemainingTimeInMillis: () => 900_000,
    awsRequestId: 'request',
  } as unknown as Context;
  const silence = Promise.withResolvers<string>();
  const invocation: Invocation = { silence: () => silence.resolve('over'), isOver: false };
  try {
    const answer = invocations.run(invocation, async () => handler(event as never, context));
    return await Promise.race([answer, silence.promise]);
  } catch (error) {
    // The invocation failed: whoever sent the event sends it again.
    return error;
  } finally {
    invocation.isOver = true;
  }
}

const ids = /\b(mem|ent|exc|key|red|vou|adj|aud)_[0-9A-Z]{26}\b/g;
/** What is drawn anew with every attempt, or follows from what is. */
const drawn = new Set([
  'hash',
  'head',
  'previousHash',
  'fingerprint',
  'contentHash',
  'cardNumber',
  'cardUrl',
  'appleUrl',
  'googleUrl',
  'code',
  'requestId',
  'pk',
  'sk',
  'tail',
]);

/**
 * What a world has come to, apart from what chance gave: each item, with its ids taken out, in an order.
 * @param isTold whether an item is part of it
 */
export function stateOf(world: World, isTold: (item: Item) => boolean = () => true): string[] {
  const plain = (name: string, value: unknown) =>
    drawn.has(name) ? '*' : typeof value === 'string' ? value.replace(ids, '$1_*') : value;
  return world
    .items()
    .filter(isTold)
    .map((item) => JSON.stringify(item, plain))
    .sort();
}
