/**
 * What phones rely on, over thousands of interleavings: every read and every transaction of the store is a step
 * that a scheduler puts in any order, and a query is not one step but one for each item, as a database reads it.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyAccount } from '../../core/account.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { makeId } from '../../core/contract/ids.ts';
import {
  changedPasses,
  forgetPushToken,
  getAccount,
  registerDevice,
  registrationsOf,
  touchPasses,
  unregisterDevice,
} from '../../ledger/ledger.ts';
import { newProfile } from '../../ledger/members/members.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { keys, toItem } from '../../ledger/store/items.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import type { Item, Store } from '../../ledger/store/store.ts';
import { getDevice, getDevicePass, lastUntil, passWrite } from '../../ledger/wallets/devices.ts';
import { forgetTold, leavingDevices } from '../../ledger/wallets/leaving-devices.ts';
import { noon, runs, testContext } from '../support/world.ts';

const passType = 'pass.example.philia';
const members = ['A', 'B', 'C'].map((letter) => makeId('member', `01JD${letter.repeat(22)}`));
const devices = ['phone', 'watch', 'tablet'];

/** A store in which the members are, as far as phones ask for them. */
async function storeWithMembers() {
  const store = createMemoryStore();
  for (const memberId of members)
    await store.transact([
      { put: toItem(keys.account(memberId), 'account', { ...emptyAccount(memberId), version: 1 }) },
      { put: toItem(keys.profile(memberId), 'profile', newProfile(memberId, '', {}, noon)) },
    ]);
  return store;
}

/** A ledger each step of whose store is given to a scheduler. */
function scheduled(store: Store, scheduler: fc.Scheduler): LedgerContext {
  const step = async <T>(what: () => Promise<T>): Promise<T> => {
    await scheduler.schedule(Promise.resolve());
    return what();
  };
  const context = testContext({
    ...store,
    get: (key) => step(() => store.get(key)),
    transact: (writes) => step(() => store.transact(writes)),
    async query(pk, range) {
      const found: Item[] = [];
      for (const { sk } of await step(() => store.query(pk, range))) {
        const item = await step(() => store.get({ pk, sk }));
        if (item) found.push(item);
      }
      return found;
    },
  });
  // Waiting is a step like any other: another may go on meanwhile.
  return { ...context, sleep: () => step(async () => undefined) };
}

/** What a phone does, one after the other, while all else goes on. */
type Act =
  | { readonly type: 'register' | 'twice' | 'unregister'; readonly member: number }
  | { readonly type: 'list' };

const member = fc.nat(members.length - 1);
const act: fc.Arbitrary<Act> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ type: fc.constant('register' as const), member }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('twice' as const), member }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('unregister' as const), member }) },
  { weight: 6, arbitrary: fc.constant({ type: 'list' as const }) },
);

/** Apple says that nobody has had a device's token for a while. */
interface Gone {
  readonly device: number;
  readonly member: number;
  readonly ago: number;
}
const gone: fc.Arbitrary<Gone> = fc.record({ device: fc.nat(devices.length - 1), member, ago: fc.nat(60) });

interface World {
  readonly ledger: LedgerContext;
  /** Milliseconds that pass with every question. */
  readonly now: () => number;
  readonly versions: Map<MemberId, number>;
}

interface HeldPass {
  registeredAt: number;
  version: number;
  /** Apple may have been right to say that it is gone. */
  isDoubtful: boolean;
}

/** A phone as Apple describes it: what it has registered, what it has fetched, and the tag of its last list. */
class Phone {
  readonly passes = new Map<MemberId, HeldPass>();
  tag = 0;
  private readonly world: World;
  private readonly device: string;

  constructor(world: World, device: string) {
    this.world = world;
    this.device = device;
  }

  /** The pass that it registers is from before: of the version that it has. */
  async register(memberId: MemberId, times = 1): Promise<void> {
    const { ledger, now, versions } = this.world;
    const registeredAt = now();
    const version = this.passes.get(memberId)?.version ?? 0;
    this.passes.set(memberId, { registeredAt, version, isDoubtful: false });
    const wanted = { memberId, device: this.device, passType, pushToken: `token-${this.device}` };
    const known = versions.get(memberId) ?? 1;
    const sent = Array.from({ length: times }, () => registerDevice(ledger, wanted, known, registeredAt));
    await Promise.all(sent);
  }

  async unregister(memberId: MemberId): Promise<void> {
    await unregisterDevice(this.world.ledger, memberId, this.device);
    this.passes.delete(memberId);
  }

  async list(): Promise<void> {
    const { ledger, versions } = this.world;
    const { serials, tag } = await changedPasses(ledger, this.device, passType, this.tag);
    if (serials.length === 0) return;
    expect(tag, 'a list moves the tag').toBeGreaterThan(this.tag);
    this.tag = tag;
    for (const memberId of serials) {
      const pass = this.passes.get(memberId);
      if (pass) pass.version = versions.get(memberId) ?? 1;
    }
  }

  async gone(memberId: MemberId, ago: number): Promise<void> {
    const { ledger, now } = this.world;
    const all = await registrationsOf(ledger, memberId);
    const registration = all.find(({ device }) => device === this.device);
    if (!registration) return;
    const since = now() - ago;
    const pass = this.passes.get(memberId);
    if (pass && pass.registeredAt <= since) pass.isDoubtful = true;
    await forgetPushToken(ledger, registration, since);
  }

  async do(one: Act): Promise<void> {
    if (one.type === 'list') return this.list();
    const memberId = members[one.member] as MemberId;
    if (one.type === 'unregister') return this.unregister(memberId);
    return this.register(memberId, one.type === 'twice' ? 2 : 1);
  }
}

async function inTurn<T>(all: readonly T[], each: (one: T) => Promise<void>): Promise<void> {
  for (const one of all) await each(one);
}

const history = fc.record({
  acts: fc.array(fc.array(act, { minLength: 2, maxLength: 8, size: 'max' }), {
    minLength: devices.length,
    maxLength: devices.length,
  }),
  updates: fc.array(fc.integer({ min: 1, max: 6 }), { minLength: members.length, maxLength: members.length }),
  gones: fc.array(gone, { maxLength: 6, size: 'max' }),
});

describe('a device', () => {
  it('misses no change and keeps its registrations, however updates, registrations and lists interleave', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), history, async (scheduler, { acts, updates, gones }) => {
        let clock = noon;
        const store = await storeWithMembers();
        const calm: World = { ledger: testContext(store), now: () => clock++, versions: new Map() };
        const world: World = { ...calm, ledger: scheduled(store, scheduler) };
        const phones = devices.map((device) => new Phone(world, device));
        for (const [index, device] of devices.entries())
          for (const memberId of members) {
            const wanted = { memberId, device, passType, pushToken: `token-${device}` };
            const registeredAt = world.now();
            await registerDevice(calm.ledger, wanted, 1, registeredAt);
            phones[index]?.passes.set(memberId, { registeredAt, version: 0, isDoubtful: false });
          }
        const update = async (memberId: MemberId) => {
          const version = (world.versions.get(memberId) ?? 1) + 1;
          world.versions.set(memberId, version);
          await touchPasses(world.ledger, memberId, version, world.now());
        };
        await scheduler.waitFor(
          Promise.all([
            ...phones.map((phone, index) => inTurn(acts[index] ?? [], (one) => phone.do(one))),
            ...members.map((memberId, index) =>
              inTurn(Array.from({ length: updates[index] ?? 0 }), () => update(memberId)),
            ),
            inTurn(gones, async ({ device, member: whose, ago }) =>
              phones[device]?.gone(members[whose] as MemberId, ago),
            ),
          ]),
        );
        for (const [index, phone] of phones.entries()) {
          await scheduler.waitFor(phone.list());
          for (const [memberId, { version, isDoubtful }] of phone.passes) {
            if (isDoubtful) continue;
            const registered = (await registrationsOf(calm.ledger, memberId)).map(({ device }) => device);
            expect(registered).toContain(devices[index]);
            expect(version, `${devices[index]} has the newest`).toBe(world.versions.get(memberId) ?? 1);
          }
        }
      }),
      runs(3000),
    );
  }, 240_000);

  it('that left for good leaves nothing behind, though its passes go at the same moment', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), async (scheduler) => {
        const store = await storeWithMembers();
        for (const memberId of members)
          await registerDevice(
            testContext(store),
            { memberId, device: 'phone', passType, pushToken: 't' },
            1,
            noon,
          );
        const ledger = scheduled(store, scheduler);
        await scheduler.waitFor(
          Promise.all(members.map((memberId) => unregisterDevice(ledger, memberId, 'phone'))),
        );
        // What was noted of the pass stays with the member.
        const stays = ['account', 'profile', 'applePass', 'walletHolder', 'list'];
        expect(store.items().filter(({ item }) => !stays.includes(item))).toEqual([]);
      }),
      runs(1000),
    );
  });
});

describe('the registrations of a pass', () => {
  const [memberId = makeId('member', '')] = members;
  const register = (ledger: LedgerContext, device: string, pushToken: string, at: number) =>
    registerDevice(ledger, { memberId, device, passType, pushToken }, 1, at);

  it('stay thirty, and a phone under ever new ids displaces itself rather than the others', async () => {
    const ledger = testContext(await storeWithMembers());
    await register(ledger, 'watch', 'watch', noon);
    for (let id = 0; id < 100; id++) await register(ledger, `phone-${id}`, 'phone', noon + 1 + id);
    const kept = (await registrationsOf(ledger, memberId)).map(({ device }) => device);
    expect(kept).toHaveLength(30);
    expect(kept).toEqual(expect.arrayContaining(['watch', 'phone-99', 'phone-71']));
    expect(kept).not.toContain('phone-70');
  });

  it('take a new phone in even when all are different: the oldest goes, with all that was its own', async () => {
    const store = await storeWithMembers();
    const ledger = testContext(store);
    for (let id = 0; id < 31; id++) await register(ledger, `phone-${id}`, `token-${id}`, noon + id);
    const kept = (await registrationsOf(ledger, memberId)).map(({ device }) => device);
    expect(kept).toHaveLength(30);
    expect(kept).not.toContain('phone-0');
    expect(store.items().filter(({ pk }) => pk === 'DEVICE#phone-0')).toEqual([]);
  });

  it('keep the newest push token, and a tag that is not ours lists everything', async () => {
    const ledger = testContext(await storeWithMembers());
    expect(await register(ledger, 'phone', 'old', noon)).toBe('created');
    const { tag } = await changedPasses(ledger, 'phone', passType, 0);
    expect(await register(ledger, 'phone', 'new', noon + 5)).toBe('existing');
    expect(await registrationsOf(ledger, memberId)).toMatchObject([{ pushToken: 'new' }]);
    expect(await changedPasses(ledger, 'phone', passType, tag)).toEqual({ serials: [], tag });
    expect(await changedPasses(ledger, 'phone', passType, tag + 1)).toEqual({ serials: [memberId], tag });
    expect(await changedPasses(ledger, 'phone', 'pass.other', 0)).toEqual({ serials: [], tag });
  });

  it('that come back after the last went have tags above all that the phone has seen', async () => {
    const ledger = testContext(await storeWithMembers());
    for (const one of members)
      await registerDevice(ledger, { memberId: one, device: 'phone', passType, pushToken: 't' }, 1, noon);
    const { tag } = await changedPasses(ledger, 'phone', passType, 0);
    for (const one of members) await unregisterDevice(ledger, one, 'phone');
    await register(ledger, 'phone', 't', noon + 1);
    const back = await changedPasses(ledger, 'phone', passType, tag);
    expect(back.serials).toEqual([memberId]);
    expect(back.tag).toBeGreaterThan(tag);
  });
});

describe('a device that registers another pass', () => {
  it('at the very moment its last one goes is remembered for it', async () => {
    const store = await storeWithMembers();
    const [first, second] = members as [MemberId, MemberId];
    const ledger = testContext(store);
    await registerDevice(ledger, { memberId: first, device: 'phone', passType, pushToken: 'T' }, 1, noon);
    let isBefore = true;
    const going = testContext({
      ...store,
      transact: async (writes) => {
        // Between what is read and what is written of it.
        if (isBefore) {
          isBefore = false;
          await registerDevice(
            ledger,
            { memberId: second, device: 'phone', passType, pushToken: 'T' },
            1,
            noon,
          );
        }
        return store.transact(writes);
      },
    });
    await unregisterDevice({ ...going, sleep: async () => {} }, first, 'phone');
    expect((await changedPasses(ledger, 'phone', passType, 0)).serials).toEqual([second]);
    await touchPasses(ledger, second, 2, noon + 1);
    expect((await changedPasses(ledger, 'phone', passType, 0)).serials).toEqual([second]);
  });
});

describe('what happens between what is read of a device and what is written', () => {
  const [memberId = makeId('member', ''), other = memberId] = members;
  const wanted = { memberId, device: 'phone', passType, pushToken: 'T' };

  /** A ledger whose next transaction that something is about waits for something else first. */
  function interrupted(
    store: Store,
    isMeant: (keysOf: string) => boolean,
    meanwhile: () => Promise<unknown>,
  ) {
    let waits = true;
    const context = testContext({
      ...store,
      transact: async (writes) => {
        if (waits && isMeant(JSON.stringify(writes))) {
          waits = false;
          await meanwhile();
        }
        return store.transact(writes);
      },
    });
    return { ...context, sleep: async () => {} };
  }

  it('a member who leaves is not remembered on it', async () => {
    const store = await storeWithMembers();
    const leaving = interrupted(
      store,
      () => true,
      () =>
        store.transact([
          { delete: keys.profile(memberId) },
          {
            put: toItem(keys.account(memberId), 'account', {
              ...emptyAccount(memberId),
              version: 2,
              status: 'closed',
            }),
          },
        ]),
    );
    expect(await registerDevice(leaving, wanted, 1, noon).catch(() => 'gone')).toBe('gone');
    expect(await registrationsOf(testContext(store), memberId)).toEqual([]);
  });

  it('the oldest that registers anew makes no room any more', async () => {
    const store = await storeWithMembers();
    const ledger = testContext(store);
    const register = (to: LedgerContext, id: number, at: number) =>
      registerDevice(to, { ...wanted, device: `phone-${id}`, pushToken: `token-${id}` }, 1, at);
    for (let id = 0; id < 30; id++) await register(ledger, id, noon + id);
    const isEviction = (writes: string) => writes.includes('"delete"');
    await register(
      interrupted(store, isEviction, () => register(ledger, 0, noon + 100)),
      30,
      noon + 50,
    );
    expect((await registrationsOf(ledger, memberId)).map(({ device }) => device)).toContain('phone-0');
  });

  it('a pass that has changed meanwhile is not written as it was', async () => {
    const store = await storeWithMembers();
    const ledger = testContext(store);
    await registerDevice(ledger, wanted, 1, noon);
    const before = await getDevicePass(ledger, 'phone', memberId);
    if (!before) throw new Error('It is registered.');
    await touchPasses(ledger, memberId, 3, noon);
    await store.transact([passWrite(before, { ...before, told: true })]).catch(() => undefined);
    expect(await getDevicePass(ledger, 'phone', memberId)).toMatchObject({ version: 3 });
  });

  it('of a version that a phone was told of nothing changes, and a device that will go goes still', async () => {
    const store = await storeWithMembers();
    const ledger = testContext(store);
    await registerDevice(ledger, wanted, 1, noon);
    const until = noon / 1000 + 60;
    for (const writes of await leavingDevices(ledger, memberId, until)) await store.transact(writes);
    await touchPasses(ledger, memberId, 3, noon);
    const told = await getDevice(ledger, 'phone');
    expect(told).toMatchObject({ until });
    for (const version of [2, 3]) await touchPasses(ledger, memberId, version, noon + 1);
    expect(await getDevice(ledger, 'phone')).toEqual(told);
  });

  it('who hears of a member’s entries for their phones does so from the first to the last of them', async () => {
    const store = await storeWithMembers();
    await store.transact([
      {
        put: toItem(keys.account(memberId), 'account', {
          ...emptyAccount(memberId),
          version: 1,
          listeners: [],
        }),
      },
    ]);
    const ledger = testContext(store);
    const heard = async () => (await getAccount(ledger, memberId))?.listeners;
    for (const device of ['phone', 'watch']) {
      await registerDevice(ledger, { ...wanted, device }, 1, noon);
      expect(await heard()).toEqual(['apple-push']);
    }
    await unregisterDevice(ledger, memberId, 'phone');
    expect(await heard()).toEqual(['apple-push']);
    await unregisterDevice(ledger, memberId, 'watch');
    expect(await heard()).toEqual([]);
  });

  it('the last of several passes that end is when the device does, unless one stays', () => {
    const pass = (until?: number) => ({
      memberId: other,
      device: 'phone',
      passType,
      tag: 1,
      version: 1,
      ...(until === undefined ? {} : { until }),
    });
    expect(lastUntil([pass(5), pass(9), pass(7)])).toBe(9);
    expect(lastUntil([pass(5), pass()])).toBeUndefined();
    expect(lastUntil([])).toBeUndefined();
  });

  it('a phone that was told of a pass before its member left is told of the void one, too', async () => {
    const ledger = testContext(await storeWithMembers());
    await registerDevice(ledger, wanted, 1, noon);
    await touchPasses(ledger, memberId, 2, noon);
    const { tag } = await changedPasses(ledger, 'phone', passType, 0);
    for (const writes of await leavingDevices(ledger, memberId, noon / 1000 + 60))
      await ledger.store.transact(writes);
    // Whoever fetches the pass now may do so for the change before.
    await forgetTold(ledger, memberId);
    expect(await registrationsOf(ledger, memberId)).toHaveLength(1);
    await touchPasses(ledger, memberId, 3, noon + 1);
    expect(await changedPasses(ledger, 'phone', passType, tag)).toMatchObject({ serials: [memberId] });
    await forgetTold(ledger, memberId);
    expect(await registrationsOf(ledger, memberId)).toEqual([]);
  });

  it('a member leaves a phone with another’s pass as it is, and one that is forgotten already', async () => {
    const store = await storeWithMembers();
    const ledger = testContext(store);
    const until = noon / 1000 + 60;
    for (const one of [memberId, other]) await registerDevice(ledger, { ...wanted, memberId: one }, 1, noon);
    const before = await getDevice(ledger, 'phone');
    for (const writes of await leavingDevices(ledger, memberId, until)) await store.transact(writes);
    expect(await getDevice(ledger, 'phone')).toEqual(before);
    await store.transact([{ delete: keys.device('phone') }]);
    for (const writes of await leavingDevices(ledger, other, until)) await store.transact(writes);
    expect(await registrationsOf(ledger, other)).toMatchObject([{ until }]);
    expect(await getDevice(ledger, 'phone')).toBeUndefined();
  });
});
