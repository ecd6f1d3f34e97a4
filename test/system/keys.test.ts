/** Idempotency-Keys over HTTP, on every change that may be sent with one: the first answer again, whatever happens. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { routes } from '../../core/contract/routes.ts';
import { type System, startSystem } from '../support/system.ts';

let system: System;
const program = JSON.parse(readFileSync(join(import.meta.dirname, '../../program.json'), 'utf8'));
beforeAll(async () => {
  system = await startSystem('--clock', '2026-11-22T10:00:00Z');
}, 150_000);
afterAll(async () => {
  await system?.remove();
});

let serial = 0;

interface Request {
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
}

async function send({ method, path, body }: Request, key?: string, as = system.credentials.ops) {
  const response = await fetch(`${system.baseUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${as}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return {
    status: response.status,
    // biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests are about.
    body: (text === '' ? null : JSON.parse(text)) as any,
    replayed: response.headers.get('idempotency-replayed'),
  };
}

const get = async (path: string) => (await send({ method: 'GET', path })).body;
const newKey = () => `key-${++serial}`;

async function newMember(more: object = {}): Promise<string> {
  const body = { email: `person${++serial}@example.com`, ...more };
  return (await send({ method: 'POST', path: '/v1/members', body })).body.memberId;
}

/** A purchase of a guest, or of somebody who is not known yet. */
async function aPurchase(member?: object, id = `P-${++serial}`, amountMinor = 1000): Promise<string> {
  const body = {
    id,
    occurredAt: '2026-11-22T09:00:00Z',
    currency: 'EUR',
    ...(member ? { member } : {}),
    lines: [{ id: '1', sku: 'A', quantity: 1, amountMinor }],
    totalMinor: amountMinor,
  };
  const sent = await send(
    { method: 'POST', path: '/v1/purchases', body },
    undefined,
    system.credentials.channels.store,
  );
  expect(sent.status).toBe(202);
  await system.idle();
  return `store:${id}`;
}

/** Two sales under one number: the second waits for an operator. */
async function aConflict(memberId: string): Promise<string> {
  const id = `C-${++serial}`;
  await aPurchase({ memberId }, 'TAKEN');
  await aPurchase({ memberId }, id);
  return exceptionOf('purchase_conflict', await aPurchase({ memberId }, id, 2000));
}

async function anException(email: string): Promise<string> {
  return exceptionOf('purchase_unclaimed', await aPurchase({ email }));
}

async function exceptionOf(type: string, purchaseId: string): Promise<string> {
  const { items } = await get(`/v1/exceptions?type=${type}&limit=100`);
  return items.find(({ subject }: { subject: string }) => subject === purchaseId).exceptionId;
}

interface Case {
  readonly request: Request;
  /** The same operation with other content; a refusal of it, where there is one, is kept, too. */
  readonly other: Request;
  readonly refused?: Request;
  /** What there is of the effect. */
  readonly effect: () => Promise<unknown>;
}

const ofAudit = async (action: string) =>
  (await get('/v1/audit?limit=100')).items.filter((one: { action: string }) => one.action === action).length;
const nowhere = (prefix: string) => `${prefix}_01JD0000000000000000000000`;

const cases: Readonly<Record<string, () => Promise<Case>>> = {
  changeMember: async () => {
    const [memberId, email] = [await newMember(), `taken${++serial}@example.com`];
    await newMember({ email });
    const path = `/v1/members/${memberId}`;
    return {
      request: { method: 'PATCH', path, body: { name: 'Zoë' } },
      other: { method: 'PATCH', path, body: { name: 'Chloé' } },
      refused: { method: 'PATCH', path, body: { email } },
      effect: async () => {
        const { name, version } = await get(path);
        return [name, version];
      },
    };
  },
  liftContactHold: async () => {
    const memberId = await newMember({ email: `held${++serial}@example.com` });
    const change = { method: 'PATCH', path: `/v1/members/${memberId}` };
    await send({ ...change, body: { email: `free${serial}@example.com` } });
    const path = `/v1/members/${memberId}/lift-hold`;
    return {
      request: { method: 'POST', path, body: { reason: 'A test' } },
      other: { method: 'POST', path, body: { reason: 'Another' } },
      refused: {
        method: 'POST',
        path: `/v1/members/${nowhere('mem')}/lift-hold`,
        body: { reason: 'A test' },
      },
      effect: async () => [
        (await get(`/v1/members/${memberId}`)).contactHold,
        await ofAudit('lift_contact_hold'),
      ],
    };
  },
  claimPurchase: async () => {
    const [memberId, purchaseId] = [await newMember(), await aPurchase()];
    const path = `/v1/purchases/${purchaseId}/claim`;
    const body = { member: { memberId }, totalMinor: 1000 };
    return {
      request: { method: 'POST', path, body },
      other: { method: 'POST', path, body: { ...body, totalMinor: 1001 } },
      refused: { method: 'POST', path, body: { ...body, totalMinor: 1001 } },
      effect: async () => (await get(`/v1/members/${memberId}`)).balance,
    };
  },
  putProgram: async () => ({
    request: { method: 'PUT', path: '/v1/program', body: { ...program, name: `One ${++serial}` } },
    other: { method: 'PUT', path: '/v1/program', body: { ...program, name: 'Another' } },
    effect: async () => (await get('/v1/program')).version,
  }),
  rollBackProgram: async () => {
    await send({ method: 'PUT', path: '/v1/program', body: { ...program, name: `One ${++serial}` } });
    const rollback = (version: number) => `/v1/program/versions/${version}/rollback`;
    return {
      request: { method: 'POST', path: rollback(1), body: {} },
      other: { method: 'POST', path: rollback(2), body: {} },
      refused: { method: 'POST', path: rollback(99_999), body: {} },
      effect: async () => [(await get('/v1/program')).version, await ofAudit('roll_back_program')],
    };
  },
  setRedemptionSwitch: async () => {
    const path = '/v1/switches/redemption';
    return {
      request: { method: 'PUT', path, body: { paused: true, reason: 'A test' } },
      other: { method: 'PUT', path, body: { paused: false } },
      effect: async () => [await get(path), await ofAudit('pause'), await ofAudit('resume')],
    };
  },
  dismissException: async () => {
    const path = `/v1/exceptions/${await anException(`nobody${++serial}@example.com`)}/dismiss`;
    const missing = `/v1/exceptions/${nowhere('exc')}/dismiss`;
    return {
      request: { method: 'POST', path, body: { reason: 'A test' } },
      other: { method: 'POST', path, body: { reason: 'Another' } },
      refused: { method: 'POST', path: missing, body: { reason: 'A test' } },
      effect: () => ofAudit('dismiss_exception'),
    };
  },
  retryException: async () => {
    const memberId = await newMember();
    const [id, never] = [await aConflict(memberId), await aConflict(memberId)];
    const request = (which: string, as: string) => ({
      method: 'POST',
      path: `/v1/exceptions/${which}/retry`,
      body: { as },
    });
    return {
      request: request(id, `AS-${++serial}`),
      other: request(id, `AS-${++serial}`),
      refused: request(never, 'TAKEN'),
      effect: async () => [(await get(`/v1/members/${memberId}`)).balance, await ofAudit('retry_exception')],
    };
  },
  redriveDeadLetters: async () => {
    const path = '/v1/dead-letters/redrive';
    return {
      request: { method: 'POST', path, body: { limit: 1 } },
      other: { method: 'POST', path, body: { limit: 2 } },
      effect: () => ofAudit('redrive'),
    };
  },
  putChannel: async () => {
    const path = `/v1/channels/till-${++serial}`;
    return {
      request: { method: 'PUT', path, body: { kind: 'store', name: 'A till' } },
      other: { method: 'PUT', path, body: { kind: 'store', name: 'Another' } },
      refused: { method: 'PUT', path: '/v1/channels/web', body: { kind: 'store', name: 'A till' } },
      effect: async () => [(await get(path)).name, await ofAudit('put_channel')],
    };
  },
  removeChannel: async () => {
    const path = `/v1/channels/till-${++serial}`;
    await send({ method: 'PUT', path, body: { kind: 'store', name: 'A till' } }, newKey());
    return {
      request: { method: 'DELETE', path },
      other: { method: 'DELETE', path: '/v1/channels/web' },
      refused: { method: 'DELETE', path: '/v1/channels/web' },
      effect: () => ofAudit('remove_channel'),
    };
  },
  revokeKey: async () => {
    const body = { name: 'till', role: 'channel', channel: 'store' };
    const { keyId } = (await send({ method: 'POST', path: '/v1/keys', body })).body;
    const missing = { method: 'DELETE', path: `/v1/keys/${nowhere('key')}` };
    return {
      request: { method: 'DELETE', path: `/v1/keys/${keyId}` },
      other: missing,
      refused: missing,
      effect: () => ofAudit('revoke_key'),
    };
  },
  eraseMember: async () => {
    const path = `/v1/members/${await newMember()}`;
    return {
      request: { method: 'DELETE', path, body: { reason: 'A letter' } },
      other: { method: 'DELETE', path, body: { reason: 'Another' } },
      refused: { method: 'DELETE', path: `/v1/members/${nowhere('mem')}`, body: {} },
      effect: () => ofAudit('erase_member'),
    };
  },
};

async function caseOf(name: string): Promise<Case> {
  const make = cases[name];
  if (!make) throw new Error(`There is no case for ${name}.`);
  return make();
}

describe.each(Object.keys(cases))('%s', (name) => {
  it('with one key is done once and answered alike, sent at once or again; other content is refused', async () => {
    const { request, other, effect } = await caseOf(name);
    const key = newKey();
    const both = await Promise.all([send(request, key), send(request, key)]);
    const first = both.find(({ replayed }) => replayed === null);
    expect(first?.status, JSON.stringify(first?.body)).toBeLessThan(300);
    const again = { ...first, replayed: 'true' };
    expect(both.filter((one) => one !== first)).toEqual([again]);
    const then = await effect();
    expect(await send(request, key)).toEqual(again);
    expect(await effect()).toEqual(then);
    const mismatch = await send(other, key);
    expect([mismatch.status, mismatch.body.code]).toEqual([422, 'idempotency_mismatch']);
    expect(await effect()).toEqual(then);
  });

  it('that is refused is refused again in the same words, and has no effect', async () => {
    const { refused, effect } = await caseOf(name);
    if (!refused) return;
    const before = await effect();
    const key = newKey();
    const first = await send(refused, key);
    expect(first.status).toBeGreaterThanOrEqual(400);
    expect(first.replayed).toBeNull();
    expect(await send(refused, key)).toEqual({ ...first, replayed: 'true' });
    expect(await effect()).toEqual(before);
  });

  it('refuses what is no key, and does nothing', async () => {
    const { request, effect } = await caseOf(name);
    const before = await effect();
    for (const key of ['with space', 'x'.repeat(256)]) {
      const { status, body } = await send(request, key);
      expect([status, body.errors[0]?.path]).toEqual([400, 'Idempotency-Key']);
    }
    expect(await effect()).toEqual(before);
  });
});

describe('a key', () => {
  it('is taken by every change that is answered at once, but where an answer must not be kept', () => {
    // What is recognised by an id or a code of its own, writes nothing, can be done once, or may be sent by anybody.
    const own = [
      'join',
      'sendLink',
      'confirmContact',
      'addToProfile',
      'importItems',
      'recordPurchase',
      'recordPurchases',
      'recordRefund',
      'quotePurchase',
      'deliverToChannel',
      'reconcileChannel',
      'planProgram',
      'verifyLedger',
    ];
    // A key's text is in its first answer and nowhere else.
    const secret = ['createKey', 'rotateKey'];
    const without = Object.entries(routes)
      .filter(([, route]) => !['GET', 'HEAD'].includes(route.method) && /^\/v1\//.test(route.path))
      .filter(([, route]) => !('idempotent' in route))
      .map(([name]) => name);
    expect(without.sort()).toEqual([...own, ...secret].sort());
  });

  it('is good again after a crash between the change and its answer', async () => {
    const { version } = await get('/v1/program');
    const key = newKey();
    const request = { method: 'PUT', path: '/v1/program', body: { ...program, name: 'After a crash' } };
    const lost = send(request, key).catch(() => 'no answer');
    // It answers only once every instance goes by it, a while after it was written.
    while ((await get('/v1/program')).version === version) await sleep(10);
    await system.kill();
    await lost;
    system = await system.restart();
    expect(await send(request, key)).toMatchObject({
      status: 200,
      body: { version: version + 1 },
      replayed: 'true',
    });
    expect((await get('/v1/program')).version).toBe(version + 1);
  }, 150_000);
});
