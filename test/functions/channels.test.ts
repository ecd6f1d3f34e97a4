/** A fourth channel at the doors: added, sold by, paused and resumed, and one that there is not, named anywhere. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { RouteName } from '../../core/contract/routes.ts';
import type { Deps } from '../../functions/deps.ts';
import { record } from '../../functions/events/purchases.ts';
import { createKey, enrol, getPurchase, getRefund, listExceptions } from '../../ledger/ledger.ts';
import { knock, type Sent } from '../support/doors.ts';
import { putInForce } from '../support/histories.ts';
import { newWorld, type World } from '../support/ports.ts';
import { defaultProgram, noon } from '../support/world.ts';

const current = vi.hoisted(() => ({ deps: undefined as unknown }));
vi.mock('../../functions/deps.ts', () => ({ deps: async () => current.deps as Deps, programFreshMs: 0 }));

const { version: _version, ...document } = defaultProgram();
let world: World;
let clock: { now: number };
let ops: string;
let store: string;
let serial = 0;
beforeEach(async () => {
  clock = { now: noon };
  world = newWorld(clock);
  current.deps = world.deps;
  await putInForce(world.ledger, defaultProgram());
  const by = { keyId: 'setup', name: 'setup' };
  ops = (await createKey(world.ledger, { name: 'ops', role: 'ops' }, by, noon)).text;
  store = (await createKey(world.ledger, { name: 'store', role: 'channel', channel: 'store' }, by, noon))
    .text;
  const enrolled = await enrol(world.ledger, defaultProgram(), { email: 'ada@example.com' }, noon);
  if (enrolled.type !== 'enrolled') throw new Error('The member exists already.');
});

const ask = (name: RouteName, sent: Sent = {}, key = ops) =>
  knock(name, { key, headers: { 'idempotency-key': `k${++serial}` }, ...sent });
const put = (body: object = {}, channelId = 'till-2') =>
  ask('putChannel', { params: { channelId }, body: { kind: 'store', name: 'Till', ...body } });
const keyOf = async (channel = 'till-2') =>
  (await ask('createKey', { body: { name: 'till', role: 'channel', channel } })).body.key as string;
const sold = (id = 'A1', more: object = {}) => ({
  id,
  occurredAt: '2026-11-22T11:00:00Z',
  currency: 'EUR',
  member: { email: 'ada@example.com' },
  lines: [{ id: '1', sku: 'A', quantity: 1, amountMinor: 1000 }],
  totalMinor: 1000,
  ...more,
});

/** Everything that was put on the bus, handled as it comes from the queue. */
async function handled(): Promise<void> {
  for (const { source, name, detail } of world.events.splice(0))
    if (source.startsWith('philia.channel.')) await come(source, name, detail);
}
const come = (source: string, name: string, detail: unknown) =>
  record(
    JSON.stringify({
      id: '7b0f1c1e-8f0a-4f53-9d0e-0a6f0c2b1d3e',
      'detail-type': name,
      source,
      time: new Date(clock.now).toISOString(),
      detail,
    }),
    world.deps,
  );
const event = (data: object) => ({ version: 1, idempotencyKey: 'k', data });
const refused = async () =>
  (await listExceptions(world.ledger, { status: 'open', type: 'event_refused', limit: 10 })).items;

describe('a further channel', () => {
  it('is answered as it is, in the list of all of them, in pages', async () => {
    const { status, body } = await put();
    const till = {
      id: 'till-2',
      kind: 'store',
      name: 'Till',
      adapter: null,
      settings: {},
      secretCount: 0,
      hasApiToken: false,
      lastDeliveryAt: null,
      paused: false,
      pausedAt: null,
      createdAt: '2026-11-22T12:00:00Z',
      removable: true,
    };
    expect([status, body]).toEqual([200, till]);
    expect((await ask('getChannel', { params: { channelId: 'till-2' } })).body).toEqual(till);
    const first = (await ask('listChannels', { query: { limit: '3' } })).body;
    expect(first.items.map(({ id }: { id: string }) => id)).toEqual(['app', 'store', 'till-2']);
    const rest = await ask('listChannels', { query: { limit: '3', cursor: first.cursor } });
    expect(rest.body).toMatchObject({
      items: [{ id: 'web', createdAt: null, removable: false }],
      cursor: null,
    });
  });

  it.each([
    ['no kind', { kind: undefined }, 'kind'],
    ['another kind', { kind: 'fax' }, 'kind'],
    ['no name', { name: undefined }, 'name'],
    ['an adapter that there is not', { adapter: 'shopfy' }, 'adapter'],
    ['settings and no adapter', { settings: {} }, 'settings'],
    ['secrets and no adapter', { secrets: ['s'] }, 'secrets'],
    ['a token and no adapter', { apiToken: 't' }, 'apiToken'],
  ])('with %s is refused by that field', async (_what, body, path) => {
    const reply = await put(body);
    expect([reply.status, reply.body.errors[0].path]).toEqual([400, path]);
    expect((await ask('getChannel', { params: { channelId: 'till-2' } })).status).toBe(404);
  });

  it('stays of the kind that it was made as', async () => {
    await put();
    const reply = await put({ kind: 'web' });
    expect([reply.status, reply.body.code]).toEqual([409, 'channel_kind_fixed']);
  });

  it('sells, gives back and quotes by its own key, on the bus by its kind', async () => {
    await put({ kind: 'app' });
    const key = await keyOf();
    expect(key).toMatch(/^phk_till-2_/);
    expect((await ask('quotePurchase', { body: { ...sold(), id: undefined } }, key)).body.points).toBe(12);
    const posted = await ask('recordPurchase', { body: sold() }, key);
    expect([posted.status, posted.body]).toEqual([202, { purchaseId: 'till-2:A1', status: 'accepted' }]);
    const batch = await ask('recordPurchases', { body: { purchases: [sold('A2')] } }, key);
    expect(batch.body.results).toEqual([{ id: 'A2', status: 'accepted' }]);
    const back = {
      id: 'R1',
      occurredAt: '2026-11-22T11:30:00Z',
      currency: 'EUR',
      purchaseId: 'A1',
      amountMinor: 500,
    };
    await ask('recordRefund', { body: back }, key);
    expect(world.events.map(({ source }) => source)).toEqual(Array(3).fill('philia.channel.app'));
    await handled();
    const read = await ask('getPurchase', { params: { purchaseId: 'till-2:A1' } }, key);
    expect(read.body).toMatchObject({ status: 'partially_refunded', points: { earned: 12, clawedBack: 6 } });
    // Another channel learns nothing of it, an operator whence it came.
    expect((await ask('getPurchase', { params: { purchaseId: 'till-2:A1' } }, store)).status).toBe(404);
    const told = await Promise.all(
      read.body.entryIds.map((entryId: string) => ask('explainEntry', { params: { entryId } })),
    );
    for (const { body } of told) expect(body.sourceEvent.source).toBe('philia.channel.app');
    expect(told[0]?.body.steps.map(({ label }: { label: string }) => label)).toContain('Channel till-2');
    const { differences } = (await ask('verifyLedger', { body: {} })).body;
    expect(differences).toEqual([]);
  });

  it('earns by terms of its own once the programme says some, and a plan tells so', async () => {
    const program = {
      ...document,
      channels: { ...document.channels, 'till-2': { multiplier: '3', pendingDays: 0 } },
    };
    const early = await ask('putProgram', { body: program });
    expect([early.status, early.body.errors]).toEqual([
      400,
      [{ path: 'channels.till-2', message: expect.stringContaining('PUT /v1/channels/till-2') }],
    ]);
    const planned = await ask('planProgram', { body: { program } });
    expect([planned.status, planned.body.errors[0].path]).toEqual([400, 'program.channels.till-2']);
    await put();
    expect((await ask('planProgram', { body: { program } })).body.changes).toMatchObject([
      { path: 'channels.till-2', kind: 'added' },
    ]);
    expect((await ask('putProgram', { body: program })).status).toBe(200);
    await ask('recordPurchase', { body: sold() }, await keyOf());
    await handled();
    expect((await getPurchase(world.ledger, 'till-2:A1'))?.earning?.points).toBe(30);
    const removed = await ask('removeChannel', { params: { channelId: 'till-2' } });
    expect([removed.status, removed.body.code]).toEqual([409, 'channel_in_use']);
  });

  it('that went cannot be brought back by an earlier programme that names it', async () => {
    await put();
    const program = {
      ...document,
      channels: { ...document.channels, 'till-2': { multiplier: '3', pendingDays: 0 } },
    };
    await ask('putProgram', { body: program });
    await ask('putProgram', { body: document });
    expect((await ask('removeChannel', { params: { channelId: 'till-2' } })).status).toBe(204);
    const { status, body } = await ask('rollBackProgram', { params: { version: '2' }, body: {} });
    expect([status, body.errors[0].path]).toEqual([400, 'program.channels.till-2']);
  });

  it('takes its name from what others may call their purchases anew, and not what they were called', async () => {
    const at = async (id: string) => (await ask('recordPurchase', { body: sold(id) }, store)).status;
    expect(await at('till-2:7')).toBe(202);
    await handled();
    await put();
    expect(await at('till-2:8')).toBe(400);
    const back = { occurredAt: '2026-11-22T11:30:00Z', currency: 'EUR', amountMinor: 1000 };
    const refund = (id: string, purchaseId: string) =>
      ask('recordRefund', { body: { id, purchaseId, ...back } }, store);
    expect((await refund('R1', 'store:till-2:7')).status).toBe(202);
    await handled();
    expect((await getRefund(world.ledger, 'store:R1'))?.status).toBe('applied');
  });

  it('has its history imported, and is kept from then on', async () => {
    await put();
    const imported = await ask('importItems', { body: { channel: 'till-2', items: [sold()] } });
    expect(imported.body.results).toEqual([{ id: 'A1', status: 'posted' }]);
    expect((await ask('getChannel', { params: { channelId: 'till-2' } })).body.removable).toBe(false);
    const removed = await ask('removeChannel', { params: { channelId: 'till-2' } });
    expect([removed.status, removed.body.code]).toEqual([409, 'channel_in_use']);
  });

  it('is kept from the first event on that it puts on the bus itself', async () => {
    await put();
    const data = { ...sold(), id: 'till-2:B1', channel: 'till-2' };
    await come('philia.channel.store', 'PurchaseRecorded', event(data));
    expect((await getPurchase(world.ledger, 'till-2:B1'))?.earning?.points).toBe(10);
    expect((await ask('removeChannel', { params: { channelId: 'till-2' } })).status).toBe(409);
  });
});

describe('a channel that there is not', () => {
  it('gets no key, no import and no event', async () => {
    const key = await ask('createKey', { body: { name: 'till', role: 'channel', channel: 'till-2' } });
    expect([key.status, key.body.errors[0].path]).toEqual([400, 'channel']);
    const imported = await ask('importItems', { body: { channel: 'till-2', items: [sold()] } });
    expect([imported.status, imported.body.errors[0].path]).toEqual([400, 'channel']);
    const data = { ...sold(), id: 'till-2:B1', channel: 'till-2' };
    await come('philia.channel.store', 'PurchaseRecorded', event(data));
    expect(await refused()).toMatchObject([
      { subject: 'till-2:B1', data: { errors: [{ path: 'detail.data.channel' }] } },
    ]);
    expect(await getPurchase(world.ledger, 'till-2:B1')).toBeUndefined();
  });
});

describe('a channel that is paused', () => {
  /** What a till does that changes something, or asks what would. */
  const changes: readonly (readonly [RouteName, Sent])[] = [
    ['recordPurchase', { body: sold() }],
    ['recordPurchases', { body: { purchases: [sold()] } }],
    [
      'recordRefund',
      {
        body: {
          id: 'R1',
          occurredAt: '2026-11-22T11:30:00Z',
          currency: 'EUR',
          purchaseId: 'A0',
          amountMinor: 1,
        },
      },
    ],
    ['enrolMember', { body: { email: 'grace@example.com' } }],
    [
      'createRedemption',
      { body: { member: { email: 'ada@example.com' }, rewardId: 'five-euros', mode: 'capture' } },
    ],
  ];

  it.each(changes)(
    'is refused what it asks of %s, and nothing is written; resumed it is heard',
    async (name, sent) => {
      await put();
      const key = await keyOf();
      await put({ paused: true });
      const before = world.items();
      const reply = await ask(name, sent, key);
      expect([reply.status, reply.body.code]).toEqual([409, 'channel_paused']);
      expect(reply.headers['retry-after']).toBeDefined();
      expect(world.items()).toEqual(before);
      expect(world.events).toEqual([]);
      // It reads, and the others go on.
      expect((await ask('findMembers', { query: { email: 'ada@example.com' } }, key)).status).toBe(200);
      expect((await ask('recordPurchase', { body: sold() }, store)).status).toBe(202);
      await put({ paused: false });
      expect((await ask(name, sent, key)).body?.code).not.toBe('channel_paused');
    },
  );

  it('gets the first answer again to what it has asked before', async () => {
    const sent = { body: { email: 'grace@example.com' }, headers: { 'idempotency-key': 'before-the-pause' } };
    await put();
    const key = await keyOf();
    const first = await ask('enrolMember', sent, key);
    expect(first.status).toBe(201);
    await put({ paused: true });
    const again = await ask('enrolMember', sent, key);
    expect([again.status, again.body]).toEqual([201, first.body]);
  });

  it('has what the door took before posted, and what it puts on the bus since refused', async () => {
    await put();
    await ask('recordPurchase', { body: sold() }, await keyOf());
    await put({ paused: true });
    await handled();
    expect(await getPurchase(world.ledger, 'till-2:A1')).toBeDefined();
    clock.now += 120_000;
    const data = { ...sold(), id: 'till-2:B1', channel: 'till-2' };
    await come('philia.channel.store', 'PurchaseRecorded', event(data));
    expect(await refused()).toMatchObject([{ subject: 'till-2:B1' }]);
    expect(await getPurchase(world.ledger, 'till-2:B1')).toBeUndefined();
  });
});
