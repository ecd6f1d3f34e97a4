/**
 * Every call that every handler makes, broken in every way, and the same request or event delivered again: it
 * completes once. Which calls there are is read off a run in which nothing breaks.
 */
import { marshall } from '@aws-sdk/util-dynamodb';
import { describe, expect, it, vi } from 'vitest';
import { originHeader } from '../../core/contract/functions.ts';
import { type MemberId, makeId } from '../../core/contract/ids.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import type { Deps } from '../../functions/deps.ts';
import { nightly } from '../../functions/walks/steps.ts';
import {
  createKey,
  listDeadLetter,
  listExceptions,
  recordPurchase,
  recordRefund,
  verifyLedger,
  type WalkMessage,
} from '../../ledger/ledger.ts';
import { keys } from '../../ledger/store/items.ts';
import type { Item } from '../../ledger/store/store.ts';
import { putInForce } from '../support/histories.ts';
import { type Fault, faults, invoke, newWorld, stateOf, type World } from '../support/ports.ts';
import { aPurchase, aRefund, defaultProgram, noon, originSecret } from '../support/world.ts';

const current = vi.hoisted(() => ({ deps: undefined as unknown }));
vi.mock('../../functions/deps.ts', () => ({
  deps: async () => current.deps as Deps,
  plainDeps: () => ({ ...(current.deps as Deps), ledger: () => (current.deps as Deps).ledger }),
  programFreshMs: 0,
}));

const functions = {
  intake: (await import('../../functions/http/intake.ts')).handler,
  members: (await import('../../functions/http/members.ts')).handler,
  join: (await import('../../functions/http/join.ts')).handler,
  redemptions: (await import('../../functions/http/redemptions.ts')).handler,
  operators: (await import('../../functions/http/operators.ts')).handler,
  purchases: (await import('../../functions/events/purchases.ts')).handler,
  referrals: (await import('../../functions/events/referrals.ts')).handler,
  night: (await import('../../functions/schedule/night.ts')).handler,
  walks: (await import('../../functions/events/walks.ts')).handler,
  holds: (await import('../../functions/events/holds.ts')).handler,
  quarantine: (await import('../../functions/events/quarantine.ts')).handler,
  outbox: (await import('../../functions/events/outbox.ts')).handler,
};

const program = defaultProgram({
  bonuses: {
    welcome: 50,
    birthday: 100,
    referral: { referrer: 200, referee: 100, minimumMinor: 2000, perMonth: 10 },
  },
  rewards: [
    ...defaultProgram().rewards,
    { id: 'rare', name: 'Rare', type: 'gift', points: 10, sku: 'A', limit: 5, limitPerMember: 2 },
  ],
});

interface Prepared {
  readonly world: World;
  readonly memberId: MemberId;
  readonly keys: { readonly store: string; readonly ops: string; readonly other: string };
  readonly clock: { now: number };
  /** A purchase of the member's that has been posted. */
  readonly purchase: RecordedPurchase;
}

async function prepare(clock = { now: noon }): Promise<Prepared> {
  const world = newWorld(clock);
  const { ledger } = world;
  current.deps = world.deps;
  await putInForce(ledger, program);
  const setup = { keyId: 'setup', name: 'setup' };
  const channel = { name: 'store', role: 'channel', channel: 'store' } as const;
  const { text: store } = await createKey(ledger, channel, setup, noon);
  const { text: ops } = await createKey(ledger, { name: 'ops', role: 'ops' }, setup, noon);
  const { text: other } = await createKey(ledger, { name: 'other', role: 'ops' }, setup, noon);
  const answer = await http(
    { world, memberId: '' as MemberId, keys: { store, ops, other }, purchase: aPurchase([1]), clock },
    'POST /v1/members',
    { body: { email: 'zoe@example.com', name: 'Zoë', birthday: '1990-11-22' } },
  ).deliver();
  const { memberId } = JSON.parse((answer as { body: string }).body);
  const purchase = aPurchase([40_000], { member: { memberId }, id: 'store:BASE' });
  await recordPurchase(ledger, program, purchase, noon);
  return { world, memberId, keys: { store, ops, other }, purchase, clock };
}

/** Something to deliver, as often as one likes. */
interface Delivery {
  deliver(): Promise<unknown>;
}

const functionOf: Readonly<Record<string, keyof typeof functions>> = {
  join: 'join',
  redemptions: 'redemptions',
  vouchers: 'redemptions',
  refunds: 'intake',
  program: 'operators',
  adjustments: 'operators',
  switches: 'operators',
  exceptions: 'operators',
};

function http(
  { keys }: Prepared,
  route: string,
  request: {
    readonly params?: Readonly<Record<string, string>>;
    readonly body?: unknown;
    readonly as?: 'store' | 'ops' | 'other';
    readonly with?: keyof typeof functions;
  },
): Delivery {
  const { params = {}, body, as = 'store' } = request;
  const [, noun = ''] = /\/v1\/([a-z]+)/.exec(route) ?? [];
  const handler = functions[request.with ?? functionOf[noun] ?? 'members'];
  const event = {
    routeKey: route,
    pathParameters: params,
    headers: {
      [originHeader]: originSecret,
      authorization: `Bearer ${keys[as]}`,
      'idempotency-key': 'the-key',
    },
    requestContext: { requestId: 'request', routeKey: route, http: { sourceIp: '192.0.2.1' } },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
  return { deliver: () => invoke(handler as never, event) };
}

function queued(
  name: 'purchases' | 'referrals' | 'holds',
  source: string,
  detailType: string,
  detail: unknown,
): Delivery {
  const body = JSON.stringify({ id: 'e', source, 'detail-type': detailType, detail });
  const record = { messageId: 'm', body, attributes: { ApproximateReceiveCount: '1' } };
  return { deliver: () => invoke(functions[name] as never, { Records: [record] }) };
}

async function redemptionOf(prepared: Prepared, mode: 'authorize' | 'capture', rewardId = 'rare') {
  const { memberId } = prepared;
  const answer = await http(prepared, 'POST /v1/redemptions', {
    body: { member: { memberId }, rewardId, mode },
  }).deliver();
  return JSON.parse((answer as { body: string }).body);
}

/** The exception of a purchase whose member is not known. */
async function exceptionOf({ world: { ledger } }: Prepared, email: string) {
  await recordPurchase(ledger, program, aPurchase([1000], { member: { email }, id: 'store:OF' }), noon);
  const { items } = await listExceptions(ledger, { status: 'open', limit: 10 });
  return { exceptionId: items[0]?.exceptionId ?? '' };
}

async function deadLetterOf({ world: { ledger } }: Prepared) {
  await listDeadLetter(
    ledger,
    {
      subject: 'message-1',
      sentAt: '2026-11-22T11:00:00Z',
      memberId: null,
      detail: 'purchases gave it up.',
      consumer: 'purchases',
      queue: 'purchases-store-dead',
      sendTo: 'purchases-store',
      body: '{}',
      receiveCount: 10,
    },
    noon,
  );
  const { items } = await listExceptions(ledger, { status: 'open', limit: 10 });
  return { exceptionId: items[0]?.exceptionId ?? '' };
}

const aLetterIsSent = 'a dead letter is sent again';
const allLettersAreSent = 'all dead letters are sent again';

/** Name -> what is delivered, made on a prepared world. */
const deliveries: Readonly<Record<string, (prepared: Prepared) => Promise<Delivery>>> = {
  'a member enrols': async (prepared) =>
    http(prepared, 'POST /v1/members', { body: { email: 'new@example.com', phone: '+33612345678' } }),
  // Joining is none: whoever joins again has one more card, and test/functions/join.test.ts says what becomes of it.
  'a profile changes': async (prepared) =>
    http(prepared, 'PATCH /v1/members/{memberId}', {
      params: { memberId: prepared.memberId },
      body: { name: 'Zoé', email: 'zoe@example.org' },
    }),
  'a purchase is taken at the door': async (prepared) => {
    const { channel: _channel, id: _id, ...body } = aPurchase([2500]);
    return http(prepared, 'POST /v1/purchases', { body: { ...body, id: 'DOOR-1' }, with: 'intake' });
  },
  'a refund is taken at the door': async (prepared) =>
    http(prepared, 'POST /v1/refunds', {
      body: {
        id: 'DOOR-2',
        occurredAt: '2026-11-22T11:30:00Z',
        currency: 'EUR',
        purchaseId: 'X-1',
        amountMinor: 100,
      },
    }),
  "a guest's purchase is claimed": async (prepared) => {
    const guest = aPurchase([30_000], { id: 'store:GUEST' });
    await recordPurchase(prepared.world.ledger, program, guest, noon);
    return http(prepared, 'POST /v1/purchases/{purchaseId}/claim', {
      params: { purchaseId: guest.id },
      body: { member: { memberId: prepared.memberId }, totalMinor: 30_000 },
    });
  },
  'points are set aside': async (prepared) =>
    http(prepared, 'POST /v1/redemptions', {
      body: { member: { email: 'zoe@example.com' }, rewardId: 'rare', mode: 'authorize' },
    }),
  'points are spent at once': async (prepared) =>
    http(prepared, 'POST /v1/redemptions', {
      body: { member: { memberId: prepared.memberId }, rewardId: 'rare', mode: 'capture' },
    }),
  'points are given to a cause': async (prepared) =>
    http(prepared, 'POST /v1/redemptions', {
      body: { member: { memberId: prepared.memberId }, rewardId: 'plant-a-tree', mode: 'capture' },
    }),
  'a redemption is refused': async (prepared) =>
    http(prepared, 'POST /v1/redemptions', {
      body: { member: { memberId: prepared.memberId }, rewardId: 'vip-evening', mode: 'capture' },
    }),
  'a redemption is captured': async (prepared) => {
    const { redemptionId } = await redemptionOf(prepared, 'authorize');
    return http(prepared, 'POST /v1/redemptions/{redemptionId}/capture', { params: { redemptionId } });
  },
  'a hold is cancelled': async (prepared) => {
    const { redemptionId } = await redemptionOf(prepared, 'authorize');
    return http(prepared, 'POST /v1/redemptions/{redemptionId}/cancel', { params: { redemptionId } });
  },
  'a spent redemption is cancelled': async (prepared) => {
    const { redemptionId } = await redemptionOf(prepared, 'capture');
    return http(prepared, 'POST /v1/redemptions/{redemptionId}/cancel', { params: { redemptionId } });
  },
  'a voucher is used': async (prepared) => {
    const { voucher } = await redemptionOf(prepared, 'capture');
    return http(prepared, 'POST /v1/vouchers/{code}/redeem', {
      params: { code: voucher.code },
      body: { purchaseId: 'V-1' },
    });
  },
  'a voucher is revoked': async (prepared) => {
    const { voucher } = await redemptionOf(prepared, 'capture');
    return http(prepared, 'POST /v1/vouchers/{code}/revoke', {
      params: { code: voucher.code },
      body: { reason: 'Sent to the wrong person' },
      as: 'ops',
    });
  },
  'a voucher is given away': async (prepared) =>
    http(prepared, 'POST /v1/vouchers', {
      body: { member: { memberId: prepared.memberId }, rewardId: 'free-coffee', reason: 'Late parcel' },
      as: 'ops',
    }),
  'a purchase is posted': async ({ memberId }) => {
    const data = aPurchase([5000, 700], { member: { memberId }, id: 'store:Q-1' });
    const detail = { version: 1, idempotencyKey: data.id, data };
    return queued('purchases', 'philia.channel.store', 'PurchaseRecorded', detail);
  },
  'a refund is posted': async ({ purchase }) => {
    const data = aRefund(purchase, { '1': 15_000 }, { id: 'store:R-1' });
    const detail = { version: 1, idempotencyKey: data.id, data };
    return queued('purchases', 'philia.channel.store', 'PurchaseRefunded', detail);
  },
  'a whole order is refunded on which points and a voucher were spent': async (prepared) => {
    const { memberId, purchase } = prepared;
    const purchaseId = purchase.id.slice('store:'.length);
    const { voucher } = await redemptionOf(prepared, 'capture');
    const body = { member: { memberId }, rewardId: 'plant-a-tree', mode: 'capture', purchaseId };
    const more = http(prepared, 'POST /v1/redemptions', { body });
    await more.deliver();
    // Another key, since the first was used above: the deliveries here share one.
    await http(prepared, 'POST /v1/vouchers/{code}/redeem', {
      params: { code: voucher.code },
      body: { purchaseId },
    }).deliver();
    const data = aRefund(purchase, { '1': 40_000 }, { id: 'store:R-1' });
    const detail = { version: 1, idempotencyKey: data.id, data };
    return queued('purchases', 'philia.channel.store', 'PurchaseRefunded', detail);
  },
  'a refund comes before its purchase': async () => {
    const data = aRefund(aPurchase([900], { id: 'store:LATER' }), { '1': 900 }, { id: 'store:R-2' });
    const detail = { version: 1, idempotencyKey: data.id, data };
    return queued('purchases', 'philia.channel.store', 'PurchaseRefunded', detail);
  },
  'a purchase comes after its refund': async ({ memberId, world }) => {
    const data = aPurchase([30_000], { member: { memberId }, id: 'store:LATER' });
    await recordRefund(world.ledger, program, aRefund(data, { '1': 9000 }, { id: 'store:R-2' }), noon);
    const detail = { version: 1, idempotencyKey: data.id, data };
    return queued('purchases', 'philia.channel.store', 'PurchaseRecorded', detail);
  },
  'a return without receipt is matched': async ({ memberId }) => {
    const data = {
      id: 'store:R-3',
      channel: 'store',
      occurredAt: '2026-11-22T11:45:00Z',
      currency: 'EUR',
      member: { memberId },
      lines: [{ sku: 'SKU-1', quantity: 1, amountMinor: 40_000 }],
    };
    const detail = { version: 1, idempotencyKey: data.id, data };
    return queued('purchases', 'philia.channel.store', 'PurchaseRefunded', detail);
  },
  'points are given by an operator': async (prepared) =>
    http(prepared, 'POST /v1/adjustments', {
      body: { memberId: prepared.memberId, points: 120, reason: 'Late parcel' },
      as: 'ops',
    }),
  'more points than one operator may give are asked for': async (prepared) =>
    http(prepared, 'POST /v1/adjustments', {
      body: { memberId: prepared.memberId, points: 6000, reason: 'Lost card' },
      as: 'ops',
    }),
  'a second operator approves': async (prepared) => {
    const asked = await http(prepared, 'POST /v1/adjustments', {
      body: { memberId: prepared.memberId, points: 6000, reason: 'Lost card' },
      as: 'ops',
    }).deliver();
    const { adjustmentId } = JSON.parse((asked as { body: string }).body);
    return http(prepared, 'POST /v1/adjustments/{adjustmentId}/approve', {
      params: { adjustmentId },
      body: {},
      as: 'other',
    });
  },
  'a hold ends that nobody captured': async (prepared) => {
    const { redemptionId, expiresAt } = await redemptionOf(prepared, 'authorize');
    prepared.clock.now = Date.parse(expiresAt);
    const at = new Date(noon).toISOString();
    const balance = { available: 440, pending: 0, held: 10, debt: 0 };
    return queued('holds', 'philia.ledger', 'RedemptionAuthorized', {
      version: 4,
      memberId: prepared.memberId,
      entryId: makeId('entry', '01JD0000000000000000000000'),
      entryType: 'held',
      cause: { type: 'redemption', id: redemptionId },
      occurredAt: at,
      recordedAt: at,
      programVersion: 1,
      points: -10,
      balance: { before: balance, after: balance },
      redemption: { redemptionId, expiresAt },
    });
  },
  'a message that nobody could handle is put aside': async () => ({
    deliver: () =>
      invoke(functions.quarantine as never, {
        Records: [
          {
            messageId: 'message-1',
            body: '{"detail-type":"PurchaseRecorded"}',
            attributes: { ApproximateReceiveCount: '10', SentTimestamp: String(noon) },
            messageAttributes: {},
            eventSourceARN: 'arn:aws:sqs:eu-west-1:000000000000:philia-dev-purchases-store-dead',
          },
        ],
      }),
  }),
  'an entry that cannot be published is put aside, and the others are': async ({ memberId, world }) => {
    const key = { pk: { S: `MEMBER#${memberId}` }, sk: { S: 'ENTRY#000000000009' } };
    const poison = { ...key, item: { S: 'entry' }, type: { S: 'earned' } };
    const [good] = world.items().filter(({ item }) => item === 'entry');
    const record = (NewImage: unknown, SequenceNumber: string) => ({
      eventName: 'INSERT',
      dynamodb: {
        Keys: key,
        NewImage,
        SequenceNumber,
        ApproximateCreationDateTime: Math.floor(noon / 1000),
      },
    });
    const records = [record(poison, '1'), record(marshall(good ?? {}), '2')];
    return { deliver: () => invoke(functions.outbox as never, { Records: records }) };
  },
  'a member is forgotten': async (prepared) =>
    http(prepared, 'DELETE /v1/members/{memberId}', {
      params: { memberId: prepared.memberId },
      body: { reason: 'A letter' },
      as: 'ops',
      with: 'operators',
    }),
  'a programme is put in force': async (prepared) => {
    const { version: _version, ...document } = program;
    return http(prepared, 'PUT /v1/program', { body: { ...document, name: 'Another' }, as: 'ops' });
  },
  'redemptions are stopped': async (prepared) =>
    http(prepared, 'PUT /v1/switches/redemption', { body: { paused: true }, as: 'ops' }),
  'a key is revoked': async (prepared) => {
    const wanted = { name: 'till', role: 'channel', channel: 'store' } as const;
    const by = { keyId: 'setup', name: 'setup' };
    const { credential } = await createKey(prepared.world.ledger, wanted, by, noon);
    const { keyId } = credential;
    return http(prepared, 'DELETE /v1/keys/{keyId}', { params: { keyId }, as: 'ops', with: 'operators' });
  },
  'an exception is dismissed': async (prepared) => {
    const params = await exceptionOf(prepared, 'nobody@example.com');
    const body = { reason: 'A test' };
    return http(prepared, 'POST /v1/exceptions/{exceptionId}/dismiss', { params, body, as: 'ops' });
  },
  'a purchase is tried again, whose member is known now': async (prepared) => {
    const params = await exceptionOf(prepared, 'late@example.com');
    await http(prepared, 'POST /v1/members', { body: { email: 'late@example.com' } }).deliver();
    return http(prepared, 'POST /v1/exceptions/{exceptionId}/retry', { params, as: 'ops' });
  },
  [aLetterIsSent]: async (prepared) => {
    const params = await deadLetterOf(prepared);
    return http(prepared, 'POST /v1/exceptions/{exceptionId}/retry', { params, as: 'ops' });
  },
  [allLettersAreSent]: async (prepared) => {
    await deadLetterOf(prepared);
    return http(prepared, 'POST /v1/dead-letters/redrive', { body: {}, as: 'ops', with: 'operators' });
  },
  'the night begins its walks': async () => ({ deliver: () => invoke(functions.night as never, {}) }),
  ...Object.fromEntries(
    nightly.map((walk) => [
      `a night's walk ${walk} begins`,
      async () => aStep({ walk, night: { from: '2026-11-22', to: '2026-11-22' } }),
    ]),
  ),
  'a step of a walk writes down what time has made true': async ({ memberId }) =>
    aStep({
      walk: 'due',
      position: { day: '2026-11-22', pk: keys.due('2026-11-22', memberId).pk },
    }),
  'a step of a walk gives a birthday bonus': async ({ memberId }) =>
    aStep({
      walk: 'yearly',
      position: { day: '2026-11-22', pk: keys.yearly('birthday', '11-22', memberId).pk },
    }),
};

function aStep(message: WalkMessage): Delivery {
  const Records = [{ messageId: 'step', body: JSON.stringify(message) }];
  return { deliver: () => invoke(functions.walks as never, { Records }) };
}

/** What two tries leave behind that one does not: each is in the audit, and a redrive says how much was left for it. */
const toldOf = (name: string) => (item: Item) =>
  !(name === aLetterIsSent && item.item === 'audit') &&
  !(name === allLettersAreSent && ['audit', 'idempotency'].includes(item.item));

async function clean(world: World): Promise<void> {
  const { differences } = await verifyLedger(world.ledger, { hasTime: () => true, differencesMax: 10 });
  expect(differences).toEqual([]);
}

/** What was put on the bus or a queue, at least once each. */
function sentBy({ events }: World): string[] {
  return [...new Set(events.map(({ source, name }) => `${source} ${name}`))].sort();
}

/** The worlds' clocks stand where birthdays and holds are due for the night. */
async function ready(name: string): Promise<{ prepared: Prepared; delivery: Delivery }> {
  const prepared = await prepare();
  const make = deliveries[name];
  if (!make) throw new Error(`There is no delivery ${name}.`);
  return { prepared, delivery: await make(prepared) };
}

/** What a delivery comes to when nothing breaks and it comes once, and the calls that it makes. */
async function reference(name: string) {
  const { prepared, delivery } = await ready(name);
  prepared.world.arm();
  await delivery.deliver();
  const calls = [...prepared.world.calls];
  prepared.world.disarm();
  return { calls, state: stateOf(prepared.world, toldOf(name)), sent: sentBy(prepared.world) };
}

async function broken(name: string, kind: Fault, at: number): Promise<World> {
  const { prepared, delivery } = await ready(name);
  const { world } = prepared;
  world.arm({ kind, at });
  await delivery.deliver();
  world.disarm();
  await delivery.deliver();
  return world;
}

/** What one state has and the other has not, each with its sign. */
function different(wanted: readonly string[], found: readonly string[]): string[] {
  const rest = [...found];
  const missing = wanted.filter((item) => {
    const at = rest.indexOf(item);
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
  return [...missing.map((item) => `- ${item}`), ...rest.map((item) => `+ ${item}`)];
}

describe.each(Object.keys(deliveries))('%s', (name) => {
  it('completes once, whichever call broke before it was delivered again', async () => {
    const { calls, state, sent } = await reference(name);
    expect(calls.length).toBeGreaterThan(0);
    for (const [at, call] of calls.entries())
      for (const kind of faults) {
        const world = await broken(name, kind, at);
        expect(different(state, stateOf(world, toldOf(name))), `${kind} at call ${at}, ${call}`).toEqual([]);
        expect(sentBy(world), `${kind} at call ${at}, ${call}`).toEqual(expect.arrayContaining(sent));
        await clean(world);
      }
  });

  it('changes nothing when it is delivered three times', async () => {
    const { state } = await reference(name);
    const { prepared, delivery } = await ready(name);
    for (let times = 0; times < 3; times++) await delivery.deliver();
    expect(different(state, stateOf(prepared.world, toldOf(name)))).toEqual([]);
  });
});
