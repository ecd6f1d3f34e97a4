/** Events that channels put on the bus themselves: what the door would refuse is told to operators and posted by nobody. */
import { beforeEach, describe, expect, it } from 'vitest';
import { record } from '../../functions/events/purchases.ts';
import {
  dismissException,
  enrol,
  getAccount,
  getPurchase,
  getRefund,
  type LedgerContext,
  listExceptions,
} from '../../ledger/ledger.ts';
import { putInForce } from '../support/histories.ts';
import { newWorld, type World } from '../support/ports.ts';
import { defaultProgram, noon } from '../support/world.ts';

const dayMs = 86_400_000;
const iso = (at: number) => new Date(at).toISOString();
let world: World;
let clock: { now: number };
let memberId: string;
beforeEach(async () => {
  clock = { now: noon };
  world = newWorld(clock);
  await putInForce(world.ledger, defaultProgram());
  const enrolled = await enrol(world.ledger, defaultProgram(), { phone: '+33612345678' }, noon);
  if (enrolled.type !== 'enrolled') throw new Error('The member exists already.');
  memberId = enrolled.member.account.memberId;
});

type Json = Record<string, unknown>;

const sold = (change: Json = {}): Json => ({
  channel: 'web',
  id: 'web:B1',
  occurredAt: iso(noon - 1000),
  currency: 'EUR',
  lines: [{ id: '1', sku: 'A', quantity: 1, amountMinor: 1000 }],
  totalMinor: 1000,
  member: { memberId },
  ...change,
});
const returned = (change: Json = {}): Json => ({
  channel: 'web',
  id: 'web:R1',
  occurredAt: iso(noon - 1000),
  currency: 'EUR',
  purchaseId: 'web:B1',
  amountMinor: 1000,
  ...change,
});
const detailOf = (data: unknown): Json => ({ version: 1, idempotencyKey: 'k', data });
const eventOf = (name: string, data: unknown, change: Json = {}): Json => ({
  version: '0',
  id: '7b0f1c1e-8f0a-4f53-9d0e-0a6f0c2b1d3e',
  'detail-type': name,
  source: 'philia.channel.web',
  time: iso(noon).replace(/\.\d+/, ''),
  detail: detailOf(data),
  ...change,
});
const purchase = (data: Json = {}, change: Json = {}) => eventOf('PurchaseRecorded', sold(data), change);
const refund = (data: Json = {}, change: Json = {}) => eventOf('PurchaseRefunded', returned(data), change);

const come = (event: Json) => record(JSON.stringify(event), world.deps);
const refused = async (ledger: LedgerContext = world.ledger) =>
  (await listExceptions(ledger, { status: 'open', type: 'event_refused', limit: 100 })).items;
const version = async () => (await getAccount(world.ledger, memberId as never))?.version;

const deep = (levels: number): unknown => (levels === 0 ? 1 : [deep(levels - 1)]);
const hostile = (): unknown => JSON.parse('{"version":1,"idempotencyKey":"k","data":{"__proto__":{"a":1}}}');

const wrong: readonly (readonly [string, string, () => Json])[] = [
  ["another channel's name", 'detail.data.channel', () => purchase({ channel: 'store' })],
  ["another channel's id", 'detail.data.id', () => purchase({ id: 'store:B1' })],
  ['an id with a channel in it twice', 'detail.data.id', () => purchase({ id: 'web:store:B1' })],
  ['no id at all', 'detail.data.id', () => purchase({ id: undefined })],
  ['a date of 1971', 'detail.data.occurredAt', () => purchase({ occurredAt: '1971-01-01T00:00:00Z' })],
  ['a date that is to come', 'detail.data.occurredAt', () => purchase({ occurredAt: iso(noon + dayMs) })],
  ['a date without offset', 'detail.data.occurredAt', () => purchase({ occurredAt: '2026-11-22T10:00:00' })],
  ['a wrong total', 'detail.data.totalMinor', () => purchase({ totalMinor: 999 })],
  ['a currency without a rate', 'detail.data.currency', () => purchase({ currency: 'XXX' })],
  [
    'a negative amount',
    'detail.data.lines.0.amountMinor',
    () => purchase({ lines: [{ id: '1', sku: 'A', quantity: 1, amountMinor: -1 }], totalMinor: -1 }),
  ],
  ['a field of no one', 'detail.data.balance', () => purchase({ balance: 5 })],
  ['a phone that is none', 'detail.data.member.phone', () => purchase({ member: { phone: '12' } })],
  ['another version', 'detail.version', () => purchase({}, { detail: { ...detailOf(sold()), version: 2 } })],
  ['no content', 'detail.version', () => purchase({}, { detail: {} })],
  ['an id with a control character', 'detail.data.id', () => purchase({ id: 'web:a\u0007' })],
  ['an id that is too long', 'detail.data.id', () => purchase({ id: `web:${'a'.repeat(129)}` })],
  [
    'a card number with a wrong digit',
    'detail.data.member.cardNumber',
    () => purchase({ member: { cardNumber: '2900000000000' } }),
  ],
  ['hostile depth', 'detail', () => purchase({}, { detail: deep(500) })],
  ['a hostile key', 'detail.data.__proto__', () => purchase({}, { detail: hostile() })],
  ['half a character', 'detail.data.store', () => purchase({ store: '\ud800' })],
  ['more than an event holds', 'detail', () => purchase({}, { detail: { long: 'x'.repeat(300_000) } })],
  ['a source that is no channel', 'source', () => purchase({}, { source: 'philia.ledger' })],
  [
    'its own time of 1971',
    'time',
    () => purchase({ occurredAt: '1971-01-01T00:00:00Z' }, { time: '1971-01-01T00:00:00Z' }),
  ],
  [
    'an age that only its own time allows',
    'time',
    () => purchase({ occurredAt: iso(noon - 450 * dayMs) }, { time: iso(noon - 100 * dayMs) }),
  ],
  ['its own time to come', 'time', () => purchase({}, { time: iso(noon + dayMs) })],
  ['no time', 'time', () => purchase({}, { time: undefined })],
  ["a refund with another channel's id", 'detail.data.id', () => refund({ id: 'app:R1' })],
  ["a refund of another channel's", 'detail.data.channel', () => refund({ channel: 'app' })],
  ['a refund without a rate', 'detail.data.currency', () => refund({ currency: 'XXX' })],
  ['a refund of 1971', 'detail.data.occurredAt', () => refund({ occurredAt: '1971-01-01T00:00:00Z' })],
  ['a refund of nothing', 'detail.data.lines', () => refund({ amountMinor: undefined })],
  [
    'a return of nobody',
    'detail.data.member',
    () =>
      refund({
        purchaseId: undefined,
        amountMinor: undefined,
        lines: [{ sku: 'A', quantity: 1, amountMinor: 1 }],
      }),
  ],
];

describe('an event with', () => {
  it.each(wrong)('%s is listed once, with %s named, and nothing is posted', async (_what, path, make) => {
    const before = await version();
    await come(make());
    await come(make());
    const [one, ...others] = await refused();
    expect(others).toEqual([]);
    expect(one?.data).toMatchObject({ errors: expect.arrayContaining([expect.objectContaining({ path })]) });
    expect(one?.detail).toContain(path);
    expect(await version()).toBe(before);
    for (const id of ['web:B1', 'store:B1', 'web:store:B1'] as const)
      expect(await getPurchase(world.ledger, id)).toBeUndefined();
    for (const id of ['web:R1', 'app:R1'] as const) expect(await getRefund(world.ledger, id)).toBeUndefined();
  });

  it('a depth at which nothing can write it is listed once like any other', async () => {
    const levels = 100_000;
    const text = JSON.stringify(purchase({ store: 'HERE' }));
    const body = text.replace('"HERE"', `${'['.repeat(levels)}${']'.repeat(levels)}`);
    await record(body, world.deps);
    await record(body, world.deps);
    expect((await refused()).map(({ subject }) => subject)).toEqual(['web:B1']);
  });

  it('the e-mail of somebody leaves none of it behind', async () => {
    await come(purchase({ totalMinor: 1, member: { email: 'secret@example.com' } }));
    expect(await refused()).toHaveLength(1);
    expect(JSON.stringify(world.items())).not.toContain('secret');
  });
});

describe('what is refused', () => {
  it('is told again when it comes again with other content, and stays dismissed when it does not', async () => {
    await come(purchase({ totalMinor: 1 }));
    const [first] = await refused();
    if (!first) throw new Error('Nothing was listed.');
    const by = { operator: { keyId: 'key', name: 'Ann' }, reason: 'known' };
    await dismissException(world.ledger, first.exceptionId, by, noon);
    await come(purchase({ totalMinor: 1 }));
    expect(await refused()).toEqual([]);
    await come(purchase({ totalMinor: 2 }));
    expect(await refused()).toHaveLength(1);
  });

  it('is told once a day of a channel that puts it on the bus again and again', async () => {
    for (const hour of [0, 1, 2, 3]) {
      clock.now = noon + hour * 3_600_000;
      const detail = { ...detailOf(sold({ totalMinor: 1 })), idempotencyKey: `key ${hour}` };
      await come(purchase({}, { id: `event ${hour}`, time: iso(clock.now), detail }));
    }
    expect(await refused()).toHaveLength(1);
  });

  it('can be sent corrected', async () => {
    await come(purchase({ totalMinor: 1 }));
    await come(purchase());
    expect(await getPurchase(world.ledger, 'web:B1')).toMatchObject({ memberId });
  });
});

describe('an event that is right', () => {
  it('is posted, and its refund', async () => {
    await come(purchase());
    await come(refund());
    expect(await getPurchase(world.ledger, 'web:B1')).toMatchObject({ memberId, refundIds: ['web:R1'] });
    expect(await refused()).toEqual([]);
  });

  it('is judged by when it was put on the bus: delayed or replayed after 58 days it is what it was', async () => {
    clock.now = noon + 58 * dayMs;
    await come(purchase({ occurredAt: iso(noon - 399 * dayMs) }));
    expect(await getPurchase(world.ledger, 'web:B1')).toBeDefined();
  });

  it('names a phone however it likes', async () => {
    await come(purchase({ member: { phone: '+33 6 12 34 56 78' } }));
    expect(await getPurchase(world.ledger, 'web:B1')).toMatchObject({ memberId });
  });

  it('may have been ahead by what the door lets pass, though the bus cuts its time to seconds', async () => {
    const time = iso(noon).replace(/\.\d+/, '');
    await come(purchase({ occurredAt: iso(noon + 999 + 5 * 60_000) }, { time }));
    expect(await getPurchase(world.ledger, 'web:B1')).toBeDefined();
  });
});
