/** The door for purchases: what it accepts the bus can take and its consumer posts, and what it refuses it says. */
import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { envelope, eventBytesMax } from '../../core/contract/events.ts';
import { newOwnId, type PurchaseId } from '../../core/contract/ids.ts';
import type { Deps } from '../../functions/deps.ts';
import { record } from '../../functions/events/purchases.ts';
import { handler } from '../../functions/http/intake.ts';
import { eventBytes } from '../../functions/kit/bus.ts';
import { createKey, getPurchase, listExceptions } from '../../ledger/ledger.ts';
import { putInForce } from '../support/histories.ts';
import { httpEvent } from '../support/outside.ts';
import { newWorld, type World } from '../support/ports.ts';
import { defaultProgram, noon, runs } from '../support/world.ts';

const current = vi.hoisted(() => ({ deps: undefined as unknown }));
vi.mock('../../functions/deps.ts', () => ({ deps: async () => current.deps as Deps }));

let world: World;
let key: string;
beforeEach(async () => {
  world = newWorld();
  current.deps = world.deps;
  await putInForce(world.ledger, defaultProgram());
  const wanted = { name: 'till', role: 'channel', channel: 'store' } as const;
  key = (await createKey(world.ledger, wanted, { keyId: 'setup', name: 'setup' }, noon)).text;
});

interface Answer {
  readonly statusCode: number;
  readonly body: string;
}

/** What the answers of the door hold, each of them some of it. */
interface Said {
  readonly code: string;
  readonly detail: string;
  readonly purchaseId: PurchaseId;
  readonly results: readonly {
    readonly error: {
      readonly code: string;
      readonly detail: string;
      readonly errors: readonly { readonly path: string }[];
    };
  }[];
}

async function post(path: string, body: unknown): Promise<{ status: number; body: Said }> {
  const event = httpEvent(`POST ${path}`, { key, body });
  const answer = (await handler(event as never, {} as never)) as unknown as Answer;
  return { status: answer.statusCode, body: JSON.parse(answer.body) };
}

/** A purchase whose body has just so many bytes. */
function purchaseOf(bytes: number): object {
  const lines = Array.from({ length: 500 }, (_, index) => ({
    id: String(index),
    sku: 'A',
    name: 'n'.repeat(100),
    quantity: 1,
    amountMinor: 1,
  }));
  const body = {
    id: 'BIG',
    occurredAt: new Date(noon).toISOString(),
    currency: 'EUR',
    lines,
    totalMinor: 500,
  };
  let missing = bytes - Buffer.byteLength(JSON.stringify(body));
  for (const line of lines) {
    const more = Math.min(400, missing);
    line.name += 'n'.repeat(Math.max(0, more));
    missing -= more;
  }
  if (missing !== 0) throw new Error(`${missing} bytes are missing.`);
  return body;
}

describe('a body of the largest size', () => {
  it('is refused where the bus could not take it, with the limit named, alone', async () => {
    const { status, body } = await post('/v1/purchases', purchaseOf(eventBytesMax));
    expect([status, body.code]).toEqual([413, 'payload_too_large']);
    expect(body.detail).toContain(String(eventBytesMax));
    expect(world.events).toEqual([]);
  });

  it('passes where it can', async () => {
    expect((await post('/v1/purchases', purchaseOf(eventBytesMax - 200))).status).toBe(202);
    const [event] = world.events;
    expect(event && eventBytes(event)).toBeLessThanOrEqual(eventBytesMax);
  });

  it('is refused in a batch by itself', async () => {
    const purchases = [purchaseOf(eventBytesMax - 20), 1];
    const { status, body } = await post('/v1/purchases/batch', { purchases });
    expect(status).toBe(200);
    const codes = body.results.map(({ error }) => error.code);
    expect(codes).toEqual(['payload_too_large', 'invalid_request']);
    expect(body.results[0]?.error.detail).toContain(String(eventBytesMax));
  });
});

/** Items that are wrong each in a way of its own, as JSON, and the field that is named. */
const wrongItems: readonly (readonly [string, string, string])[] = [
  ['half a character in a text', item({ store: '\ud800' }), 'store'],
  ['half a character in an id', item({ id: '\udc00' }), 'id'],
  ['half a character in a name', item({ '\ud800': 1 }), '\uFFFD'],
  ['a key that reaches for the prototype', item({}).replace('{', '{"__proto__":{"a":1},'), '__proto__'],
  ['hostile depth', item({}).replace('{', `{"deep":${'['.repeat(50_000)}${']'.repeat(50_000)},`), 'deep'],
  [
    'a card number with a wrong digit',
    item({ member: { cardNumber: '2900000000000' } }),
    'member.cardNumber',
  ],
  ['an id with a control character', item({ id: 'a\u0007' }), 'id'],
];

function item(change: object): string {
  const lines = [{ id: '1', sku: 'A', quantity: 1, amountMinor: 100 }];
  const occurredAt = new Date(noon).toISOString();
  return JSON.stringify({ id: 'ONE', occurredAt, currency: 'EUR', lines, totalMinor: 100, ...change });
}

async function postText(path: string, text: string): Promise<{ status: number; body: Said }> {
  const event = { ...httpEvent(`POST ${path}`, { key }), body: text };
  const answer = (await handler(event as never, {} as never)) as unknown as Answer;
  return { status: answer.statusCode, body: JSON.parse(answer.body) };
}

describe('one bad item', () => {
  it.each(wrongItems)(
    'with %s spoils no other of its batch, and its field is named',
    async (_what, bad, path) => {
      const good = (id: string) => item({ id, store: '\uFFFD' });
      const batch = `{"purchases":[${good('A')},${bad},${good('B')}]}`;
      const { status, body } = await postText('/v1/purchases/batch', batch);
      expect(status).toBe(200);
      expect(body.results.map(({ error }) => error?.code)).toEqual([undefined, 'invalid_request', undefined]);
      expect(body.results[1]?.error.errors.map((one) => one.path)).toEqual([path]);
      expect(world.events).toHaveLength(2);
    },
  );

  it.each(wrongItems)('with %s is 400 alone, and nothing is written', async (_what, bad) => {
    const { status, body } = await postText('/v1/purchases', bad);
    expect([status, ['invalid_request', 'invalid_json']]).toEqual([400, expect.arrayContaining([body.code])]);
    expect(world.events).toEqual([]);
  });
});

describe('what the door accepts', () => {
  const at = (instant: number) => ({ occurredAt: new Date(instant).toISOString() });
  const free = { lines: [{ id: '1', sku: 'A', quantity: 1, amountMinor: 0 }], totalMinor: 0 };

  it.each([
    ['a line of nothing', free, 202],
    ['five minutes ahead', at(noon + 5 * 60_000), 202],
    ['a millisecond more', at(noon + 5 * 60_000 + 1), 400],
    ['400 days back', at(noon - 400 * 86_400_000), 202],
    ['a millisecond more', at(noon - 400 * 86_400_000 - 1), 400],
  ])('of %s is as its limits say', async (_what, change, status) => {
    expect((await postText('/v1/purchases', item(change))).status).toBe(status);
    expect(world.events).toHaveLength(status === 202 ? 1 : 0);
  });

  const text = fc
    .string({ minLength: 1, maxLength: 40, unit: 'binary' })
    .filter((one) => !one.includes('\0'));
  const purchase = fc
    .record({
      id: fc
        .string({ unit: 'binary', minLength: 1, maxLength: 128, size: 'max' })
        .filter((id) => newOwnId.safeParse(id).success),
      back: fc.integer({ min: -5 * 60_000, max: 400 * 86_400_000 }),
      store: text,
      amounts: fc.array(fc.integer({ min: 0, max: 1_000_000_000_000 }), { minLength: 1, maxLength: 5 }),
      name: text,
      phone: fc.constantFrom(undefined, '+33612345678', '+33 6 12 34 56 78'),
    })
    .map(({ id, back, store, amounts, name, phone }) => ({
      id,
      occurredAt: new Date(noon - back).toISOString(),
      currency: 'EUR',
      store,
      ...(phone === undefined ? {} : { member: { phone } }),
      lines: amounts.map((amountMinor, index) => ({
        id: String(index),
        sku: 'A',
        name,
        quantity: 1,
        amountMinor,
      })),
      totalMinor: amounts.reduce((sum, amount) => sum + amount, 0),
    }));

  it('is taken by the bus and posted from it, never refused there', async () => {
    await fc.assert(
      fc.asyncProperty(purchase, async (body) => {
        world.events.length = 0;
        const answer = await post('/v1/purchases', body);
        const [event] = world.events;
        if (answer.status !== 202 || !event) return expect(answer.status).toBeLessThan(500);
        expect(eventBytes(event)).toBeLessThanOrEqual(eventBytesMax);
        const raw = { id: 'e', source: event.source, 'detail-type': event.name, detail: event.detail };
        const time = new Date(Math.floor(noon / 1000) * 1000).toISOString();
        await record(JSON.stringify(envelope.parse({ ...raw, time })), world.deps);
        expect(await getPurchase(world.ledger, answer.body.purchaseId)).toBeDefined();
        const { items } = await listExceptions(world.ledger, {
          status: 'open',
          type: 'event_refused',
          limit: 1,
        });
        expect(items).toEqual([]);
      }),
      runs(200) as fc.Parameters<[typeof purchase extends fc.Arbitrary<infer P> ? P : never]>,
    );
  });
});

describe('a batch of which the bus does not take all', () => {
  const item = (id: string) => ({
    id,
    occurredAt: new Date(noon).toISOString(),
    currency: 'EUR',
    lines: [{ id: '1', sku: 'A', quantity: 1, amountMinor: 100 }],
    totalMinor: 100,
  });

  it('tells of each what became of it, refused ones among them', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom('taken', 'lost', 'wrong'), { minLength: 1, maxLength: 12 }),
        async (fates) => {
          const taken = fates.filter((fate) => fate !== 'wrong').map((fate) => fate === 'taken');
          current.deps = { ...world.deps, bus: { put: async () => taken } };
          const purchases = fates.map((fate, at) =>
            fate === 'wrong' ? { ...item(`P${at}`), totalMinor: 1 } : item(`P${at}`),
          );
          const { status, body } = await post('/v1/purchases/batch', { purchases });
          expect(status).toBe(200);
          const said = {
            taken: ['accepted', undefined],
            lost: ['rejected', 'unavailable'],
            wrong: ['rejected', 'total_mismatch'],
          };
          expect(body.results).toMatchObject(
            fates.map((fate, at) => {
              const [was, code] = said[fate as keyof typeof said];
              return { id: `P${at}`, status: was, ...(code ? { error: { code } } : {}) };
            }),
          );
        },
      ),
      runs(100) as fc.Parameters<[string[]]>,
    );
  });
});
