/** Apple's web service on the running system, as phones use it: every answer of the protocol, then a crowd. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { passJson } from '../passes/apple/read.ts';
import { randomOf } from '../support/storm.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem('--clock', '2026-11-22T10:00:00Z');
}, 150_000);
afterAll(async () => {
  await system?.remove();
});

interface Holder {
  readonly memberId: string;
  readonly cardNumber: string;
  readonly passType: string;
  /** The pass's own token, as a phone sends it. */
  readonly authorization: string;
  /** The version of the pass that was downloaded by the card's link. */
  readonly version: number;
}

function versionOf(pass: Record<string, unknown>): number {
  return (pass['userInfo'] as { version: number }).version;
}

let serial = 0;

/** Again, as phones do, when a connection that was kept alive is closed at the very moment it is used. */
async function patient<T>(send: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++)
    try {
      return await send();
    } catch (error) {
      const { code } = ((error as Error).cause ?? {}) as { code?: string };
      if (attempt === 3 || (code !== 'UND_ERR_SOCKET' && code !== 'ECONNRESET')) throw error;
    }
}

const call: System['call'] = (...request) => patient(() => system.call(...request));

/** A new member who has opened the link to the pass. */
async function newHolder(): Promise<Holder> {
  serial++;
  const person = { email: `holder${serial}@example.com` };
  const { body } = await call('POST', '/v1/members', person, 'store');
  const response = await patient(() => fetch(body.wallet.appleUrl));
  const pass = passJson(Buffer.from(await response.arrayBuffer()));
  return {
    memberId: body.memberId,
    cardNumber: body.cardNumber,
    passType: String(pass['passTypeIdentifier']),
    authorization: `ApplePass ${pass['authenticationToken']}`,
    version: versionOf(pass),
  };
}

async function buy({ cardNumber }: Holder, amountMinor = 100): Promise<void> {
  serial++;
  const id = `APPLE-${serial}`;
  const { body: clock } = await call('GET', '/local/clock');
  const purchase = {
    id,
    occurredAt: clock.now,
    currency: 'EUR',
    member: { cardNumber },
    lines: [{ id: '1', sku: 'A', quantity: 1, amountMinor }],
    totalMinor: amountMinor,
  };
  expect((await call('POST', '/v1/purchases', purchase, 'store')).status).toBe(202);
}

interface Asked {
  readonly authorization?: string | undefined;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

async function ask(method: string, path: string, { authorization, body, headers = {} }: Asked = {}) {
  return patient(async () => {
    const response = await fetch(`${system.baseUrl}/apple/v1/${path}`, {
      method,
      headers: { ...headers, ...(authorization === undefined ? {} : { authorization }) },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const bytes = Buffer.from(await response.arrayBuffer());
    return { status: response.status, headers: response.headers, bytes };
  });
}

const registrationPath = (device: string, { passType, memberId }: Holder) =>
  `devices/${device}/registrations/${passType}/${memberId}`;
const listPath = (device: string, { passType }: Holder, since?: string) =>
  `devices/${device}/registrations/${passType}${since === undefined ? '' : `?passesUpdatedSince=${since}`}`;
const passPath = ({ passType, memberId }: Holder) => `passes/${passType}/${memberId}`;

async function pushesTo(token: string): Promise<number> {
  const { body } = await call('GET', '/local/apns');
  return body.pushes.filter((one: { pushToken: string }) => one.pushToken === token).length;
}

describe('registrations', () => {
  it('are 201 when new, 200 when known with a changed push token, and 200 when they go', async () => {
    const holder = await newHolder();
    const path = registrationPath('phone-1', holder);
    const post = (pushToken: string) => ask('POST', path, { ...holder, body: { pushToken } });
    expect((await post('first')).status).toBe(201);
    expect((await post('first')).status).toBe(200);
    expect((await post('second')).status).toBe(200);
    await buy(holder);
    await system.idle();
    expect([await pushesTo('first'), await pushesTo('second')]).toEqual([0, 1]);
    expect((await ask('DELETE', path, holder)).status).toBe(200);
    expect((await ask('DELETE', path, holder)).status).toBe(200);
    expect((await ask('GET', listPath('phone-1', holder))).status).toBe(204);
    await buy(holder);
    await system.idle();
    expect(await pushesTo('second')).toBe(1);
  });

  it.each([
    ['without a token', undefined, {}],
    ['with a wrong token', `ApplePass ${'x'.repeat(43)}`, {}],
    ['with the token of a key', `Bearer ${'x'.repeat(43)}`, {}],
    ['for a serial number that nobody has', 'own', { memberId: 'mem_01JD0000000000000000000000' }],
    ['for a serial number that is none', 'own', { memberId: 'x' }],
    ['for another pass type', 'own', { passType: 'pass.other' }],
  ])('are 401 and write nothing %s', async (_what, authorization, change) => {
    const holder = await newHolder();
    const asked = { authorization: authorization === 'own' ? holder.authorization : authorization };
    const path = registrationPath('stranger', { ...holder, ...change });
    expect((await ask('POST', path, { ...asked, body: { pushToken: 'stranger' } })).status).toBe(401);
    expect((await ask('DELETE', path, asked)).status).toBe(401);
    expect((await ask('GET', passPath({ ...holder, ...change }), asked)).status).toBe(401);
    expect((await ask('HEAD', passPath({ ...holder, ...change }), asked)).status).toBe(401);
    expect((await ask('GET', listPath('stranger', holder))).status).toBe(204);
  });

  it("of one member's pass are not opened by another's token", async () => {
    const [one, other] = [await newHolder(), await newHolder()];
    const asked = { authorization: other.authorization };
    const path = registrationPath('thief', one);
    expect((await ask('POST', path, { ...asked, body: { pushToken: 'thief' } })).status).toBe(401);
    expect((await ask('GET', passPath(one), asked)).status).toBe(401);
  });

  it('name what is wrong with a body', async () => {
    const holder = await newHolder();
    for (const body of [{}, { pushToken: '' }, { pushToken: 'a/b' }, '{'])
      expect((await ask('POST', registrationPath('phone-2', holder), { ...holder, body })).status).toBe(400);
    expect((await ask('GET', listPath('phone-2', holder))).status).toBe(204);
  });

  it('of one phone under a hundred ids are taken, thirty of them kept, and the phone is told once', async () => {
    const [holder, other] = [await newHolder(), 'quiet-watch'];
    const register = (device: string, pushToken: string) =>
      ask('POST', registrationPath(device, holder), { ...holder, body: { pushToken } });
    await register('watch', other);
    for (let id = 0; id < 100; id++) expect((await register(`clone-${id}`, 'clone')).status).toBe(201);
    await buy(holder);
    await system.idle();
    expect([await pushesTo('clone'), await pushesTo(other)]).toEqual([1, 1]);
  });
});

describe('the list of changed passes', () => {
  it('is 204 without any, else all that changed since the tag, with a tag of digits that moves', async () => {
    const holders = [await newHolder(), await newHolder()];
    const [one, two] = holders as [Holder, Holder];
    const list = async (since?: string) => {
      const { status, bytes } = await ask('GET', listPath('tablet', one, since));
      return { status, ...(status === 200 && JSON.parse(bytes.toString())) };
    };
    expect(await list()).toEqual({ status: 204 });
    for (const holder of holders)
      await ask('POST', registrationPath('tablet', holder), { ...holder, body: { pushToken: 'tablet' } });
    const first = await list();
    expect(first.serialNumbers.toSorted()).toEqual([one.memberId, two.memberId].toSorted());
    expect(first.lastUpdated).toMatch(/^\d+$/);
    expect(await list(first.lastUpdated)).toEqual({ status: 204 });
    await buy(one);
    await system.idle();
    const second = await list(first.lastUpdated);
    expect(second).toMatchObject({ status: 200, serialNumbers: [one.memberId] });
    await buy(two);
    await system.idle();
    const third = await list(second.lastUpdated);
    expect(third).toMatchObject({ status: 200, serialNumbers: [two.memberId] });
    expect(BigInt(third.lastUpdated)).toBeGreaterThan(BigInt(second.lastUpdated));
    expect(BigInt(second.lastUpdated)).toBeGreaterThan(BigInt(first.lastUpdated));
    // Every pass that changed since, not only the newest.
    const both = await list(first.lastUpdated);
    expect(both.serialNumbers.toSorted()).toEqual([one.memberId, two.memberId].toSorted());
    for (const strange of ['yesterday', '9'.repeat(15), '-1'])
      expect((await list(strange)).serialNumbers).toHaveLength(2);
    expect((await ask('GET', listPath('tablet', { ...one, passType: 'pass.other' }))).status).toBe(204);
  });
});

describe('a fetch', () => {
  it('is 200 with the pass and when it changed, 304 until it changes again; HEAD likewise', async () => {
    const holder = await newHolder();
    const get = (method: string, since?: string) =>
      ask(method, passPath(holder), { ...holder, headers: since ? { 'if-modified-since': since } : {} });
    const first = await get('GET');
    expect(first.status).toBe(200);
    expect(first.headers.get('content-type')).toBe('application/vnd.apple.pkpass');
    expect(passJson(first.bytes)['serialNumber']).toBe(holder.memberId);
    const modified = first.headers.get('last-modified') ?? '';
    for (const method of ['GET', 'HEAD']) {
      const unchanged = await get(method, modified);
      expect([unchanged.status, unchanged.bytes.length]).toEqual([304, 0]);
      expect(unchanged.headers.get('last-modified')).toBe(modified);
    }
    const head = await get('HEAD');
    expect([head.status, head.bytes.length]).toEqual([200, 0]);
    expect([head.headers.get('last-modified'), head.headers.get('content-type')]).toEqual([
      modified,
      'application/vnd.apple.pkpass',
    ]);
    await Promise.all([buy(holder), buy(holder), buy(holder)]);
    await system.idle();
    for (const method of ['GET', 'HEAD']) {
      const changed = await get(method, modified);
      expect(changed.status).toBe(200);
      // Three versions within a second: each counts for one.
      const seconds = (Date.parse(changed.headers.get('last-modified') ?? '') - Date.parse(modified)) / 1000;
      expect(seconds).toBeGreaterThanOrEqual(3);
    }
    expect((await get('GET', 'no date')).status).toBe(200);
  });

  it('gives the same bytes for the same version', async () => {
    const holder = await newHolder();
    const [one, two] = [
      await ask('GET', passPath(holder), holder),
      await ask('GET', passPath(holder), holder),
    ];
    expect(one.bytes.equals(two.bytes)).toBe(true);
  });
});

describe('the log', () => {
  it('is taken from anybody, bounded, and shown to operators alone, newest first', async () => {
    expect((await ask('POST', 'log', { body: { logs: ['older'] } })).status).toBe(200);
    expect((await ask('POST', 'log', { body: { logs: ['newer', 'x'.repeat(20_000)] } })).status).toBe(200);
    const flood = Array.from({ length: 500 }, (_, line) => `flood ${line}`);
    expect((await ask('POST', 'log', { body: { logs: flood } })).status).toBe(200);
    expect((await ask('POST', 'log', { body: { logs: [] } })).status).toBe(200);
    expect((await ask('POST', 'log', { body: { lines: [] } })).status).toBe(400);
    const read = (query: string, as?: 'ops' | 'store') =>
      call('GET', `/v1/wallets/apple/log${query}`, undefined, as);
    const { status, body } = await read('?limit=22', 'ops');
    expect(status).toBe(200);
    const messages = body.items.map((one: { message: string }) => one.message);
    expect([messages[0], messages[1], messages[20]]).toEqual([
      '(480 more were not kept)',
      'flood 19',
      'flood 0',
    ]);
    expect(messages[21]).toMatch(/^x{1000} …$/);
    const rest = await read(`?limit=2&cursor=${encodeURIComponent(body.cursor)}`, 'ops');
    expect(rest.body.items.map((one: { message: string }) => one.message)).toEqual(['newer', 'older']);
    expect((await read('', 'store')).status).toBe(403);
    expect((await read('')).status).toBe(401);
    expect((await read('?cursor=eA.AAAAAAAAAAAAAAAAAAAAAA', 'ops')).body.code).toBe('invalid_cursor');
  });
});

// A crowd -----------------------------------------------------------------------------------------------------

interface Held {
  version: number;
  lastModified: string | undefined;
}

/** A phone: it registers what it holds, comes when it is pushed, lists what changed and fetches it. */
class Phone {
  readonly held = new Map<Holder, Held>();
  pushToken: string;
  /** Pushes that it has followed. */
  followed = 0;
  fetched = 0;
  private tag: string | undefined;
  private readonly device: string;

  constructor(device: string) {
    this.device = device;
    this.pushToken = `${device}-0`;
  }

  /** As Wallet does it: having registered, it asks what changed since the pass was downloaded. */
  async register(holder: Holder): Promise<void> {
    const body = { pushToken: this.pushToken };
    const { status } = await ask('POST', registrationPath(this.device, holder), { ...holder, body });
    expect([200, 201]).toContain(status);
    if (!this.held.has(holder)) this.held.set(holder, { version: holder.version, lastModified: undefined });
    await this.refresh();
  }

  async unregister(holder: Holder): Promise<void> {
    const { status } = await ask('DELETE', registrationPath(this.device, holder), holder);
    expect(status).toBe(200);
    this.held.delete(holder);
  }

  async refresh(): Promise<void> {
    const [any] = this.held.keys();
    if (!any) return;
    const { status, bytes } = await ask('GET', listPath(this.device, any, this.tag));
    if (status === 204) return;
    expect(status).toBe(200);
    const { serialNumbers, lastUpdated } = JSON.parse(bytes.toString());
    expect(BigInt(lastUpdated)).toBeGreaterThan(BigInt(this.tag ?? 0));
    this.tag = lastUpdated;
    for (const holder of [...this.held.keys()])
      if (serialNumbers.includes(holder.memberId)) await this.fetch(holder);
  }

  async fetch(holder: Holder): Promise<void> {
    const held = this.held.get(holder);
    if (!held) return;
    const headers = held.lastModified === undefined ? {} : { 'if-modified-since': held.lastModified };
    const answer = await ask('GET', passPath(holder), { ...holder, headers });
    expect([200, 304]).toContain(answer.status);
    if (answer.status === 304) return;
    const version = versionOf(passJson(answer.bytes));
    const lastModified = answer.headers.get('last-modified') ?? '';
    expect(version, 'a version never goes back').toBeGreaterThanOrEqual(held.version);
    expect(Date.parse(lastModified)).toBeGreaterThanOrEqual(Date.parse(held.lastModified ?? '') || 0);
    Object.assign(held, { version, lastModified });
    this.fetched++;
  }

  /** Wiped and set up again: Apple gives it another token, and it registers all that it held. */
  async renew(): Promise<void> {
    const [name, times] = this.pushToken.split(/-(?=\d+$)/);
    this.pushToken = `${name}-${Number(times) + 1}`;
    this.followed = 0;
    for (const holder of [...this.held.keys()]) await this.register(holder);
  }
}

const failures = [
  { status: 410, reason: 'Unregistered' },
  { status: 400, reason: 'BadDeviceToken' },
  { status: 429, reason: 'TooManyRequests' },
  { status: 500, reason: 'InternalServerError' },
  { connection: 'close' },
  { connection: 'goaway' },
];

describe('a thousand steps', () => {
  const seed = Number(process.env['SEED'] ?? Date.now() % 2 ** 31);

  it(`of registering, changing and fetching leave every phone with the newest pass (seed ${seed})`, async () => {
    console.info(`seed ${seed}`);
    const random = randomOf(seed);
    const pick = <T>(all: readonly T[]): T => all[Math.floor(random() * all.length)] as T;
    const holders = await Promise.all(Array.from({ length: 6 }, newHolder));
    const phones = Array.from({ length: 8 }, (_, index) => new Phone(`crowd-${index}`));
    const wiped = new Set<Phone>();
    let steps = 0;

    /** Phones come for what they were pushed; 410s and the like were pushed to nobody. */
    const wake = async () => {
      const { body } = await call('GET', '/local/apns');
      const pushes: { pushToken: string; status: number }[] = body.pushes;
      await Promise.all(
        phones.map(async (phone) => {
          const heard = pushes.filter(
            (one) => one.pushToken === phone.pushToken && one.status === 200,
          ).length;
          if (heard === phone.followed) return;
          phone.followed = heard;
          await phone.refresh();
        }),
      );
    };

    const act = async (phone: Phone): Promise<void> => {
      const chance = random();
      const holder = pick(holders);
      if (chance < 0.35) return phone.register(holder);
      if (chance < 0.42) return phone.unregister(holder);
      if (chance < 0.8) return phone.fetch(holder);
      if (wiped.delete(phone)) return phone.renew();
      return phone.refresh();
    };

    let failed = 0;
    /** The next push to a phone fails, each time in another way. */
    const fail = async (phone: Phone): Promise<void> => {
      const failure = failures[failed++ % failures.length] as (typeof failures)[number];
      await call('POST', '/local/apns/respond', { pushToken: phone.pushToken, ...failure });
      if (failure.status === 410 || failure.status === 400) wiped.add(phone);
    };

    let calmAt = 150;
    while (steps < 1000) {
      const busy = phones.filter(() => random() < 0.6);
      const buyers = holders.filter(() => random() < 0.25);
      await Promise.all([...busy.map(act), ...buyers.map((holder) => buy(holder))]);
      steps += busy.length + buyers.length;
      if (steps < calmAt) continue;
      // Now and then nothing happens for some seconds: that is when phones are told, and some pushes fail.
      calmAt += 150;
      const holding = phones.filter(({ held }) => held.size > 0).toSorted(() => random() - 0.5);
      await Promise.all(holding.slice(0, 4).map(fail));
      await Promise.all(holders.map((holder) => buy(holder)));
      await system.idle();
      await wake();
    }

    await system.idle();
    // A token that Apple was told to be gone is of no use to its phone: it comes with another.
    for (const phone of wiped) await phone.renew();
    await wake();
    for (const holder of holders) {
      const { body } = await call('GET', `/v1/members/${holder.memberId}`, undefined, 'ops');
      for (const phone of phones)
        if (phone.held.has(holder)) expect(phone.held.get(holder)?.version).toBe(body.version);
      expect(body.version).toBeGreaterThan(10);
    }
    const { body } = await call('GET', '/local/apns');
    const statuses = new Set(body.pushes.map((one: { status: number }) => one.status));
    expect([...statuses].sort()).toEqual([200, 400, 410, 429, 500]);
    expect(phones.reduce((sum, { fetched }) => sum + fetched, 0)).toBeGreaterThan(50);
  }, 180_000);
});
