/** Paths: decoded once by API Gateway and by nobody behind it, whatever stands in an id. */
import fc from 'fast-check';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { originHeader } from '../../core/contract/functions.ts';
import { newOwnId, type PurchaseId, scopedId } from '../../core/contract/ids.ts';
import { type RouteName, routeKeysOf, routes } from '../../core/contract/routes.ts';
import type { Deps } from '../../functions/deps.ts';
import { handler } from '../../functions/http/members.ts';
import { createKey, enrol, recordPurchase } from '../../ledger/ledger.ts';
import { createGateway } from '../../local/http/gateway.ts';
import { putInForce } from '../support/histories.ts';
import { httpEvent } from '../support/outside.ts';
import { newWorld, type World } from '../support/ports.ts';
import { aPurchase, defaultProgram, noon, originSecret, runs } from '../support/world.ts';

const current = vi.hoisted(() => ({ deps: undefined as unknown }));
vi.mock('../../functions/deps.ts', () => ({ deps: async () => current.deps as Deps }));

const program = defaultProgram();
let world: World;
let key: string;
beforeEach(async () => {
  world = newWorld();
  current.deps = world.deps;
  await putInForce(world.ledger, program);
  const wanted = { name: 'books', role: 'ops' } as const;
  key = (await createKey(world.ledger, wanted, { keyId: 'setup', name: 'setup' }, noon)).text;
});

interface Said {
  readonly status: number;
  readonly body: {
    readonly code?: string;
    readonly detail?: string;
    readonly purchaseId?: string;
    readonly memberId?: string;
  };
}

async function handled(event: unknown): Promise<Said> {
  const answer = (await handler(event as never, {} as never)) as { statusCode: number; body: string };
  return { status: answer.statusCode, body: JSON.parse(answer.body) };
}

/** By the local gateway, which decodes a path before it looks for its route. */
async function throughGateway(method: string, path: string, body?: object): Promise<Said> {
  let said: Said | undefined;
  const invoke = async (_name: string, event: unknown) => {
    said = await handled(event);
    return { kind: 'answer', payload: '{"statusCode":200}' };
  };
  const keysOf = Object.values(routes).flatMap((route) => routeKeysOf(route));
  const api = {
    id: 'api',
    host: 'api.example',
    routes: keysOf.map((routeKey) => ({ routeKey, functionArn: 'arn:aws:lambda:f', timeoutMs: 10_000 })),
  };
  const gateway = createGateway(api, { invoke } as never, () => noon);
  const answer = await gateway({
    method,
    path,
    query: '',
    headers: [
      [originHeader, originSecret],
      ['authorization', `Bearer ${key}`],
      ['content-type', 'application/json'],
    ],
    body: Buffer.from(body === undefined ? '' : JSON.stringify(body)),
    sourceIp: '127.0.0.1',
  });
  return said ?? { status: answer.status, body: {} };
}

/** As a gateway would hand it over that looks for the route first and decodes its variables then. */
function withVariables(name: RouteName, params: Record<string, string>, body?: object): Promise<Said> {
  const { method, path } = routes[name];
  return handled(httpEvent(`${method} ${path}`, { key, params, body }));
}

/** As a gateway hands over what it has no route for. */
function nowhere(method: string, rawPath: string): Promise<Said> {
  const event = httpEvent('$default', { key }) as { requestContext: { http: object } };
  const http = { ...event.requestContext.http, method, path: rawPath };
  return handled({ ...event, rawPath, requestContext: { ...event.requestContext, http } });
}

const ids = fc
  .oneof(
    fc.string({ unit: 'binary', minLength: 1, maxLength: 128, size: 'max' }),
    fc.string({
      unit: fc.constantFrom('/', '%', '2', 'F', '?', '#', '+', ' ', '.', 'é', 'claim'),
      minLength: 1,
    }),
  )
  .filter((id) => newOwnId.safeParse(id).success)
  .map((id) => newOwnId.parse(id));

describe('a purchase under any id', () => {
  it('is read and claimed by it, wherever a gateway decodes', async () => {
    const enrolled = await enrol(world.ledger, program, { email: 'ada@example.com' }, noon);
    if (enrolled.type !== 'enrolled') throw new Error('She exists.');
    const member = { email: 'ada@example.com' };
    await fc.assert(
      fc.asyncProperty(ids, async (own) => {
        const purchaseId = scopedId('store', own);
        await recordPurchase(world.ledger, program, aPurchase([1000], { id: purchaseId }), noon);
        const path = `/v1/purchases/${encodeURIComponent(purchaseId)}`;
        const found = { status: 200, body: { purchaseId } };
        expect(await throughGateway('GET', path)).toMatchObject(found);
        expect(await withVariables('getPurchase', { purchaseId })).toMatchObject(found);
        const claim = { member, totalMinor: 1000 };
        expect(await throughGateway('POST', `${path}/claim`, claim)).toMatchObject(found);
        expect(await withVariables('claimPurchase', { purchaseId }, claim)).toMatchObject(found);
      }),
      {
        ...(runs(150) as object),
        examples: [['INV/2024/1'], ['#1001'], ['a/claim'], ['%2F'], ['a%252Fb'], ['+ +']],
      },
    );
  });

  it('is another one under what the id would be if it were decoded twice', async () => {
    const purchaseId: PurchaseId = 'store:a%2Fb';
    await recordPurchase(world.ledger, program, aPurchase([1000], { id: purchaseId }), noon);
    expect((await throughGateway('GET', '/v1/purchases/store:a%252Fb')).status).toBe(200);
    expect((await throughGateway('GET', '/v1/purchases/store:a%2Fb')).status).toBe(404);
    expect((await withVariables('getPurchase', { purchaseId: 'store:a/b' })).status).toBe(404);
  });
});

describe('a code with a slash in it', () => {
  it.each([
    ['GET', '/v1/vouchers/a%2Fb', 'There is nothing at /v1/vouchers/a/b.'],
    ['POST', '/v1/vouchers/a%2Fb/redeem', 'There is nothing at /v1/vouchers/a/b/redeem.'],
    ['POST', '/v1/vouchers/a%2Fb/revoke', 'There is nothing at /v1/vouchers/a/b/revoke.'],
    ['GET', '/v1/nothing/a%2Fb', 'There is no path /v1/nothing/a/b; every one is listed in /openapi.json.'],
    ['GET', '/v1/members/a%2Fb', 'There is no path /v1/members/a/b; every one is listed in /openapi.json.'],
  ])('%s %s is nobody’s where such a thing could be, and no path elsewhere', async (method, path, detail) => {
    expect(await nowhere(method, decodeURIComponent(path))).toMatchObject({ status: 404, body: { detail } });
  });
});

describe('a query', () => {
  it.each([
    ['phone=+33612345678', 200],
    ['phone=%2B33612345678', 200],
    ['phone=+33%206%2012%2034%2056%2078', 200],
    ['phone=%2B33+6+12+34+56+78', 200],
    ['email=ada+shop@example.com', 200],
    ['email=ada%2Bshop%40example.com', 200],
    ['phone=33612345678', 400],
    ['email=%20ada%2Bshop@example.com', 200],
  ])('%s is understood where its plus signs can have been nothing else', async (query, status) => {
    const contact = { email: 'ada+shop@example.com', phone: '+33612345678' };
    await enrol(world.ledger, program, contact, noon);
    const decoded = Object.fromEntries(new URLSearchParams(query));
    const answer = await handled(httpEvent('GET /v1/members', { key, query: decoded }));
    expect(answer.status).toBe(status);
    if (status === 200) expect(answer.body).toMatchObject({ items: [contact] });
  });

  it('with a card number whose check digit is wrong is refused by name', async () => {
    const query = { cardNumber: '2900000000000' };
    const answer = await handled(httpEvent('GET /v1/members', { key, query }));
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'cardNumber' }] } });
  });
});

describe('a path', () => {
  it('that is encoded twice names nothing', async () => {
    const enrolled = await enrol(world.ledger, program, { email: 'ada@example.com' }, noon);
    if (enrolled.type !== 'enrolled') throw new Error('She exists.');
    const { memberId } = enrolled.member.account;
    const once = memberId.replace('_', '%5F');
    expect((await throughGateway('GET', `/v1/members/${once}`)).body).toMatchObject({ memberId });
    const twice = await throughGateway('GET', `/v1/members/${memberId.replace('_', '%255F')}`);
    expect(twice).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect((await withVariables('getMember', { memberId: once })).status).toBe(404);
  });

  it('below a purchase that is no route is not found', async () => {
    await recordPurchase(world.ledger, program, aPurchase([1000], { id: 'store:a/b' }), noon);
    expect((await throughGateway('POST', '/v1/purchases/store:a%2Fb/other', {})).status).toBe(404);
    expect((await throughGateway('POST', '/v1/purchases/store:a%2Fb', {})).status).toBe(404);
  });
});
