/** From ledger events to phones, against the stand-in that speaks Apple's protocol. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Entry } from '../../core/account.ts';
import { events } from '../../core/contract/events.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { toEvents } from '../../functions/kit/ledger-events.ts';
import { update as pushChange } from '../../functions/wallets/apple-card.ts';
import {
  beginAppleTelling,
  getApplePass,
  listEntries,
  noteAppleTold,
  registrationsOf,
} from '../../ledger/ledger.ts';
import { entryTypes } from '../passes/views.ts';
import { type AppleWorld, openAppleWorld, passType } from './apple-world.ts';

let apple: AppleWorld;
beforeAll(async () => {
  apple = await openAppleWorld();
});
afterAll(() => apple.close());

let phones = 0;
let memberId: MemberId;
let token: string;
/** A member with a phone. */
beforeEach(async () => {
  phones++;
  token = `phone-${phones}`;
  memberId = await apple.newMember();
  await apple.register(memberId, `device-${phones}`, token);
  apple.slept.length = 0;
  apple.logged.length = 0;
});

const told = (phone = token) => apple.pushes().filter((one) => one === phone).length;
const purchase = { type: 'purchase', id: 'store:P' };
const change = (version: number, cause = purchase) => pushChange(apple.deps, { memberId, version, cause });
const fail = (status: number, reason: string, more: object = {}) =>
  apple.apns.respond({ pushToken: token, status, reason, ...more });

describe('a change', () => {
  it('is told to each phone once, and the next change again', async () => {
    await apple.register(memberId, `watch-${phones}`, `${token}-watch`);
    await change(await apple.buy(memberId));
    expect([told(), told(`${token}-watch`)]).toEqual([1, 1]);
    apple.world.at += 2000;
    await change(await apple.buy(memberId));
    expect([told(), told(`${token}-watch`)]).toEqual([2, 2]);
    expect(apple.slept).toEqual([]);
  });

  it('is told at once, and what follows within two seconds is one push more, when they are over', async () => {
    const first = await apple.buy(memberId);
    await change(first);
    expect([told(), apple.slept]).toEqual([1, []]);
    apple.world.at += 500;
    const versions = [];
    for (let time = 0; time < 9; time++) versions.push(await apple.buy(memberId));
    await Promise.all(versions.slice(0, -1).map((version) => change(version)));
    expect([told(), apple.slept]).toEqual([1, []]);
    await Promise.all(versions.toReversed().map((version) => change(version)));
    expect([told(), apple.slept]).toEqual([2, [1500]]);
  });

  it('is told every two seconds at the latest while others keep following it', async () => {
    const waiting: Promise<void>[] = [];
    const start = apple.world.at;
    // Whoever waits does so beside what comes meanwhile, each by a clock of its own.
    const times: [number, () => void][] = [];
    const deps = {
      ...apple.deps,
      sleep: (ms: number) => new Promise<void>((wake) => void times.push([apple.world.at + ms, wake])),
    };
    for (let at = 0; at <= 10_000; at += 500) {
      apple.world.at = start + at;
      const version = await apple.buy(memberId);
      for (const [until, wake] of times) if (until <= apple.world.at) wake();
      waiting.push(pushChange(deps, { memberId, version, cause: purchase }));
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    apple.world.at += 2000;
    for (const [, wake] of times) wake();
    await Promise.all(waiting);
    expect(told()).toBe(6);
  });

  it.each(['begun', 'told'])('that somebody has %s is told by nobody else', async (state) => {
    const version = await apple.buy(memberId);
    const { ledger } = apple.deps;
    const begin = () => beginAppleTelling(ledger, memberId, version, apple.world.at, 2000);
    expect(await begin()).toEqual({ type: 'begun' });
    if (state === 'told') await noteAppleTold(ledger, memberId, version, apple.world.at);
    await change(version);
    expect([told(), apple.slept]).toEqual([0, []]);
    // Who has begun may have failed: its event comes again.
    apple.world.at += 90_000;
    await change(version);
    expect(told()).toBe(state === 'told' ? 0 : 1);
  });

  it('that who waited has begun to tell, and could not, is told when their event comes again', async () => {
    await change(await apple.buy(memberId));
    const waited = await apple.buy(memberId);
    let newest = waited;
    const sleep = async (ms: number) => {
      if (newest === waited) newest = await apple.buy(memberId);
      fail(503, 'Shutdown');
      apple.world.at += ms;
    };
    const waiting = () =>
      pushChange({ ...apple.deps, sleep }, { memberId, version: waited, cause: purchase });
    await expect(waiting()).rejects.toThrow('not delivered');
    // The newest one's own event comes while that is being tried, and leaves it to them.
    apple.world.at = Date.parse((await getApplePass(apple.deps.ledger, memberId))?.telling?.at ?? '');
    await change(newest);
    const accepted = async () => (await getApplePass(apple.deps.ledger, memberId))?.told?.version;
    expect(await accepted()).toBeLessThan(waited);
    apple.world.at += 90_000;
    await waiting();
    expect(await accepted()).toBe(newest);
    await waiting();
    expect(told()).toBe(1 + 4 + 1);
  });

  it('waits by no clock that was set back', async () => {
    await change(await apple.buy(memberId));
    apple.world.at -= 3_600_000;
    await change(await apple.buy(memberId));
    expect([told(), apple.slept]).toEqual([2, []]);
    apple.world.at += 3_600_000;
  });

  it('of points and tier is two events of one version, and one push, at once or one after the other', async () => {
    const version = await apple.buy(memberId, 100_000);
    const [entry] = await listEntries(apple.deps.ledger, memberId, { limit: 1 });
    const names = toEvents(entry as Entry).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(['PointsPosted', 'TierChanged']));
    await Promise.all(names.map(() => change(version)));
    await change(version);
    expect(told()).toBe(1);
  });

  it('is told once to a phone that goes by a hundred device ids', async () => {
    for (let id = 0; id < 100; id++) await apple.register(memberId, `many-${phones}-${id}`, token);
    await change(await apple.buy(memberId));
    expect(told()).toBe(1);
  });

  it('is not told under another pass type, whose topic Apple would refuse', async () => {
    await apple.register(memberId, `other-${phones}`, `${token}-other`, 'pass.example.before');
    await change(await apple.buy(memberId));
    expect([told(), told(`${token}-other`)]).toEqual([1, 0]);
    expect(apple.logged).toEqual([]);
  });

  it('that came with the enrolment is told to nobody: every pass has it', async () => {
    await change(2, { type: 'enrolment', id: memberId });
    expect(told()).toBe(0);
    await change(2, { type: 'profile', id: memberId });
    expect(told()).toBe(1);
  });

  it('of any kind of entry but the first has an event that comes here, so no older one is left out in vain', async () => {
    await apple.buy(memberId);
    const [entry] = await listEntries(apple.deps.ledger, memberId, { limit: 1 });
    const { notice: _, ...plain } = entry as Entry;
    const expiring = { points: 1, at: '2027-01-01T00:00:00Z' };
    for (const type of entryTypes) {
      const written = { ...plain, type, ...(type === 'expiry_noticed' && { notice: expiring }) };
      const comes = toEvents(written).some(({ name }) =>
        (events[name as keyof typeof events].consumers as readonly string[]).includes('apple-push'),
      );
      expect(comes, type).toBe(type !== 'enrolled');
    }
  });
});

describe('a phone that is gone', () => {
  it.each([
    [410, 'Unregistered'],
    [400, 'BadDeviceToken'],
  ])('is forgotten: %i %s', async (status, reason) => {
    apple.world.at += 1000;
    fail(status, reason);
    await change(await apple.buy(memberId));
    expect(await registrationsOf(apple.deps.ledger, memberId)).toEqual([]);
    await change(await apple.buy(memberId));
    expect(told()).toBe(1);
  });

  it('stays when it registered again after the moment that Apple names', async () => {
    fail(410, 'Unregistered', { timestamp: apple.world.at - 1 });
    await change(await apple.buy(memberId));
    expect(await registrationsOf(apple.deps.ledger, memberId)).toHaveLength(1);
    fail(410, 'Unregistered', { timestamp: apple.world.at });
    await change(await apple.buy(memberId));
    expect(await registrationsOf(apple.deps.ledger, memberId)).toEqual([]);
  });

  it('is told all the same when it registered again since, and Apple comes to know of it', async () => {
    fail(410, 'Unregistered', { timestamp: apple.world.at - 1 });
    await change(await apple.buy(memberId));
    expect(told()).toBe(2);
    expect(apple.slept).toHaveLength(1);
  });

  it('goes with every device id that it had', async () => {
    for (let id = 0; id < 5; id++) await apple.register(memberId, `again-${phones}-${id}`, token);
    apple.world.at += 1000;
    fail(410, 'Unregistered');
    await change(await apple.buy(memberId));
    expect(await registrationsOf(apple.deps.ledger, memberId)).toEqual([]);
  });
});

describe('a push that does not arrive', () => {
  it.each([
    [429, 'TooManyRequests'],
    [500, 'InternalServerError'],
    [503, 'Shutdown'],
  ])('is sent again after a while: %i %s', async (status, reason) => {
    fail(status, reason);
    await change(await apple.buy(memberId));
    expect(told()).toBe(2);
    expect(apple.slept).toHaveLength(1);
    expect(apple.slept[0]).toBeGreaterThanOrEqual(100);
    expect(await registrationsOf(apple.deps.ledger, memberId)).toHaveLength(1);
  });

  it.each(['close', 'goaway'] as const)(
    'because of the connection (%s) is sent again at once',
    async (connection) => {
      apple.apns.respond({ pushToken: token, connection });
      await change(await apple.buy(memberId));
      expect(told()).toBe(1);
      expect(apple.slept.length).toBeLessThanOrEqual(1);
    },
  );

  it('is given back to the queue when Apple stays busy; then only who was not told is told', async () => {
    const watch = `${token}-watch`;
    await apple.register(memberId, `watch-${phones}`, watch);
    const version = await apple.buy(memberId);
    // Whoever is refused is refused again at each try.
    const again = apple.deps.sleep;
    const patient = {
      ...apple.deps,
      sleep: async (milliseconds: number) => {
        fail(500, 'InternalServerError');
        await again(milliseconds);
      },
    };
    fail(500, 'InternalServerError');
    await expect(pushChange(patient, { memberId, version, cause: purchase })).rejects.toThrow(
      'The push was not delivered: Apple answered 500: InternalServerError.',
    );
    expect([told(), told(watch)]).toEqual([4, 1]);
    expect(apple.slept).toHaveLength(3);
    expect(apple.deps.monotonic()).toBeLessThanOrEqual(6000);
    apple.world.at += 90_000;
    await change(version);
    expect([told(), told(watch)]).toEqual([5, 1]);
  });

  it('because Apple refuses it for good is logged and not repeated', async () => {
    fail(403, 'BadCertificate');
    const version = await apple.buy(memberId);
    await change(version);
    await change(version);
    expect(told()).toBe(1);
    expect(apple.logged).toEqual([
      ['Apple refused a push', { reason: 'Apple answered 403: BadCertificate.', memberId }],
    ]);
    expect((await registrationsOf(apple.deps.ledger, memberId)).map((one) => one.passType)).toEqual([
      passType,
    ]);
  });
});

describe('of several phones', () => {
  it('the one that is gone is forgotten, the others are told, and that is noted', async () => {
    const watch = `${token}-watch`;
    await apple.register(memberId, `watch-${phones}`, watch);
    await apple.register(memberId, `tablet-${phones}`, `${token}-tablet`);
    fail(410, 'Unregistered');
    const version = await apple.buy(memberId);
    await change(version);
    const left = (await registrationsOf(apple.deps.ledger, memberId)).map(({ pushToken }) => pushToken);
    expect(left.sort()).toEqual([`${token}-tablet`, watch].sort());
    expect((await getApplePass(apple.deps.ledger, memberId))?.told?.version).toBe(version);
  });

  it('all gone, nobody was told, and nothing is noted', async () => {
    fail(410, 'Unregistered');
    await change(await apple.buy(memberId));
    expect(await registrationsOf(apple.deps.ledger, memberId)).toEqual([]);
    expect((await getApplePass(apple.deps.ledger, memberId))?.told ?? null).toBe(null);
  });
});
