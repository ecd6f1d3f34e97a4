/** Every route of the table and every role: who is let in, who is told to say who they are, and who is sent away. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { type ErrorCode, errors } from '../../core/contract/errors.ts';
import { httpFunctions } from '../../core/contract/functions.ts';
import { channelKinds } from '../../core/contract/ids.ts';
import { type Role, type Route, type RouteName, routes, routesOf } from '../../core/contract/routes.ts';
import type { Deps } from '../../functions/deps.ts';
import {
  cardToken,
  createKey,
  enrol,
  listAudit,
  listEntries,
  recordPurchase,
  revokeKey,
  rotateKey,
} from '../../ledger/ledger.ts';
import { doors, knock, stray } from '../support/doors.ts';
import { putInForce } from '../support/histories.ts';
import { claimsOf, newKey, signedBy, tokenOf } from '../support/people.ts';
import { newWorld } from '../support/ports.ts';
import { aPurchase, defaultProgram, noon } from '../support/world.ts';

const current = vi.hoisted(() => ({ deps: undefined as unknown }));
vi.mock('../../functions/deps.ts', () => ({ deps: async () => current.deps as Deps }));

const table = Object.entries(routes) as [RouteName, Route][];
const by = { keyId: 'setup', name: 'setup' };
const ulid = '01KBAZ5H00QK7WJ0C4PTSH3N1D';

/** What stands in paths: well-formed, and nothing that is there. */
const params: Record<string, string> = {
  memberId: `mem_${ulid}`,
  entryId: `ent_${ulid}`,
  purchaseId: 'web:NONE',
  refundId: 'web:NONE',
  redemptionId: `red_${ulid}`,
  code: 'NONE',
  exceptionId: `exc_${ulid}`,
  adjustmentId: `adj_${ulid}`,
  keyId: `key_${ulid}`,
  channelId: 'nowhere',
  cardToken: 'x'.repeat(32),
  device: 'device',
  passType: 'pass.example',
  serial: `mem_${ulid}`,
  cardId: 'card',
  refId: 'ref',
  version: '1',
};

/** Those of one route, with some replaced. */
function paramsOf({ path }: Route, other: Record<string, string> = {}): Record<string, string> {
  const all = { ...params, ...other };
  return Object.fromEntries([...path.matchAll(/\{(\w+)\}/g)].map(([, one = '']) => [one, all[one] ?? '']));
}

const clock = { now: noon };
const world = newWorld(clock);
interface Bearer {
  readonly role: Role | 'nobody';
  readonly key: string | undefined;
  /** What a token that is none is refused with where people are known. */
  readonly code?: ErrorCode;
}
/** Role -> what its bearer sends. */
const bearers = new Map<string, Bearer>();
const names = [
  'nobody',
  'a wrong key',
  'a key that was revoked',
  'a key that has expired',
  "a card's token",
  'an expired token',
  'an ID token',
  'a token of another pool',
  'a token of no group',
  ...channelKinds,
  'ops',
  'an operator who signed in',
  'a reader who signed in',
];

beforeAll(async () => {
  current.deps = world.deps;
  await putInForce(world.ledger, defaultProgram());
  const enrolled = await enrol(world.ledger, defaultProgram(), { email: 'ann@example.com' }, noon);
  if (enrolled.type !== 'enrolled') throw new Error('The member exists already.');
  const make = (name: string, of: { role: 'ops' } | { role: 'channel'; channel: string }) =>
    createKey(world.ledger, { name, ...of }, by, noon);
  const [revoked, expired, ops] = [
    await make('revoked', { role: 'channel', channel: 'web' }),
    await make('expired', { role: 'channel', channel: 'web' }),
    await make('ops', { role: 'ops' }),
  ];
  await revokeKey(world.ledger, revoked.credential.keyId, by, noon);
  await rotateKey(world.ledger, expired.credential.keyId, 1, by, noon);
  clock.now += 3_600_001;
  const nobody = (name: string, key?: string) => bearers.set(name, { role: 'nobody', key });
  nobody('nobody');
  nobody('a wrong key', `phk_web_${'a'.repeat(43)}`);
  nobody('a key that was revoked', revoked.text);
  nobody('a key that has expired', expired.text);
  nobody("a card's token", cardToken(world.ledger, enrolled.member.account.memberId));
  for (const channel of channelKinds)
    bearers.set(channel, { role: 'channel', key: (await make(channel, { role: 'channel', channel })).text });
  bearers.set('ops', { role: 'ops', key: ops.text });
  const token = (name: string, code: ErrorCode, key: string) =>
    bearers.set(name, { role: 'nobody', key, code });
  token(
    'an expired token',
    'token_expired',
    tokenOf('ada', ['operator'], { exp: Math.floor(Date.now() / 1000) - 1 }),
  );
  token('an ID token', 'invalid_token', tokenOf('ada', ['operator'], { token_use: 'id' }));
  token('a token of another pool', 'invalid_token', signedBy(newKey(1), claimsOf('ada', ['operator'])));
  token('a token of no group', 'forbidden', tokenOf('ada', ['approver']));
  bearers.set('an operator who signed in', { role: 'ops', key: tokenOf('ada', ['operator']) });
  bearers.set('a reader who signed in', { role: 'reader', key: tokenOf('eve', ['reader']) });
});

/** What the table says of a role at a route: that it is let in, or the code that sends it away. */
function expected({ who }: Route, { role, code }: Bearer): 'let in' | ErrorCode {
  if (who.some((one) => one === 'public' || one === 'card')) return 'let in';
  // A phone says who it is in a way of its own, and a key of ours is none.
  if (who.includes('device')) return 'unauthorized';
  if (code !== undefined) return who.includes('ops') ? code : 'forbidden';
  if (role === 'nobody') return 'unauthorized';
  return who.includes(role) ? 'let in' : 'forbidden';
}

/** A phone's body is read before its token, so it has to be one. */
const bodyOf = ({ who, body }: Route) =>
  body && who.includes('device') ? { body: { pushToken: 'a1' } } : {};

/** Google and Samsung sign what they send, and a phone what it fetches; whoever is neither is sent away. */
const isSigned = ({ errors, function: door }: Route) => errors.includes('unauthorized') || door === 'apple';

describe.each(table)('%s', (name, route) => {
  it.each(names)('asked by %s', async (bearer) => {
    const comes: Bearer = bearers.get(bearer) ?? { role: 'nobody', key: undefined };
    const { key } = comes;
    const before = world.items().length;
    const { status, body, headers } = await knock(name, {
      params: paramsOf(route),
      ...bodyOf(route),
      ...(key === undefined ? {} : { key }),
    });
    const wanted = expected(route, comes);
    if (wanted === 'let in') {
      if (!isSigned(route)) expect([401, 403]).not.toContain(status);
      return;
    }
    // This world has no certificate of Apple's, and what it lacks is said first.
    if (route.who.includes('device') && body.code === 'wallet_not_configured') return;
    expect([status, body.code]).toEqual([errors[wanted].status, wanted]);
    if (status === 401)
      expect(headers['www-authenticate']).toBe(
        wanted === 'unauthorized' ? 'Bearer' : 'Bearer error="invalid_token"',
      );
    expect(world.items()).toHaveLength(before);
  });

  it('is answered by its own function and by no other', async () => {
    const key = bearers.get('ops')?.key ?? '';
    for (const door of httpFunctions)
      if (door !== route.function)
        expect((await knock(name, { params: paramsOf(route), key }, door)).status).toBe(404);
  });
});

/** What a question has to say, to be more than refused. */
const queries: Partial<Record<RouteName, Record<string, string>>> = {
  findMembers: { email: 'ann@example.com' },
};

describe('who reads', () => {
  /** They change nothing, though they are no GET: what would be, and whether what is there is right. */
  const questions = ['planProgram', 'verifyLedger'];

  it('may do whatever an operator may that changes nothing, and nothing else', () => {
    const reading = table.filter(
      ([name, { method, who }]) => who.includes('ops') && (method === 'GET' || questions.includes(name)),
    );
    const readers = table.filter(([, { who }]) => who.includes('reader'));
    expect(readers.map(([name]) => name)).toEqual(reading.map(([name]) => name));
  });

  it.each(table.filter(([, { who }]) => who.includes('reader')).map(([name]) => [name]))(
    '%s answers the same to a reader and to an operator, and nothing is written',
    async (name) => {
      const route: Route = routes[name];
      const answers = [];
      for (const bearer of ['ops', 'an operator who signed in', 'a reader who signed in']) {
        const before = world.items().length;
        const key = bearers.get(bearer)?.key ?? '';
        const { status, body } = await knock(name, {
          key,
          params: paramsOf(route),
          query: queries[name] ?? {},
        });
        expect(world.items().length - before).toBe(0);
        answers.push([status, { ...body, requestId: '' }]);
      }
      expect(answers[1]).toEqual(answers[0]);
      expect(answers[2]).toEqual(answers[0]);
    },
  );
});

describe('whoever sees all', () => {
  it.each(['ops', 'an operator who signed in', 'a reader who signed in'])(
    '%s sees what is of a channel, and what is left of who has gone',
    async (bearer) => {
      const { ledger } = world;
      const key = bearers.get(bearer)?.key ?? '';
      const enrolled = await enrol(ledger, defaultProgram(), {}, noon);
      if (enrolled.type !== 'enrolled') throw new Error('The member exists already.');
      const { memberId } = enrolled.member.account;
      const bought = aPurchase([1000], { channel: 'web', id: `web:${memberId}`, member: { memberId } });
      await recordPurchase(ledger, defaultProgram(), bought, noon);
      const body = { member: { memberId }, rewardId: 'five-euros', mode: 'authorize' };
      const web = bearers.get('web')?.key ?? '';
      await knock('createAdjustment', {
        key: bearers.get('ops')?.key ?? '',
        body: { memberId, points: 900, reason: 'x' },
        headers: { 'idempotency-key': memberId },
      });
      const made = await knock('createRedemption', {
        key: web,
        body,
        headers: { 'idempotency-key': memberId },
      });
      const { redemptionId } = made.body;
      const [entry] = await listEntries(ledger, memberId, { limit: 100 });
      const see = async (name: RouteName, params: Record<string, string>) =>
        (await knock(name, { key, params })).status;
      expect(await see('getPurchase', { purchaseId: `web:${memberId}` })).toBe(200);
      expect(await see('getRedemption', { redemptionId })).toBe(200);
      const before = (await listAudit(ledger, { limit: 100 })).length;
      expect(await see('exportMember', { memberId })).toBe(200);
      expect((await listAudit(ledger, { limit: 100 })).length).toBe(before + 1);
      await knock('eraseMember', {
        key: bearers.get('ops')?.key ?? '',
        params: { memberId },
        body: {},
        headers: { 'idempotency-key': `${memberId} gone` },
      });
      expect(await see('listEntries', { memberId })).toBe(200);
      expect(await see('explainEntry', { entryId: entry?.entryId ?? '' })).toBe(200);
    },
  );
});

describe('a path', () => {
  it.each([
    ['/v1/nothing', 'GET'],
    ['/v1/members/', 'GET'],
    ['/apple/v2/log', 'POST'],
    ['/v1/purchases/web:1/claim/again', 'POST'],
  ])('%s is not known, and it is said where those are that are', async (path, method) => {
    const { status, body } = await stray(method, path);
    expect([status, body.code]).toEqual([404, 'not_found']);
    expect(body.detail).toContain(path);
    expect(body.detail).toContain('/openapi.json');
  });

  it.each(table)(
    "of %s says 405 to a method that is not the path's, with those that are",
    async (_name, route) => {
      const path = route.path.replace(/\{(\w+)\}/g, (_all, one: string) => params[one] ?? '');
      for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']) {
        const known = table.filter(([, other]) =>
          new RegExp(`^${other.path.replace(/\{\w+\}/g, '[^/]+')}$`).test(path),
        );
        const allowed = [...new Set(known.map(([, other]) => other.method as string))].sort();
        if (allowed.includes(method)) continue;
        const { status, body, headers } = await stray(method, path);
        expect([status, body.code, headers['allow']]).toEqual([
          405,
          'method_not_allowed',
          allowed.join(', '),
        ]);
        expect(body.detail).toContain(method);
      }
    },
  );

  it.each(table.filter(([, { params: schema }]) => schema).map(([name]) => [name]))(
    'of %s with a thing that is no id says what one looks like',
    async (name) => {
      const route: Route = routes[name];
      const key = bearers.get(route.who.includes('ops') ? 'ops' : 'web')?.key ?? '';
      const shape = route.params as unknown as {
        shape: Record<string, { safeParse(value: string): { success: boolean } }>;
      };
      for (const [one, schema] of Object.entries(shape.shape)) {
        // Any text may be a code, a serial or a pass type.
        if (schema.safeParse('nothing of the kind').success) continue;
        const { status, body } = await knock(name, {
          key,
          params: paramsOf(route, { [one]: 'nothing of the kind' }),
        });
        // A phone's address is looked at behind its token.
        if (route.who.includes('device')) continue;
        expect([status, body.code]).toEqual([404, 'not_found']);
        expect(body.errors).toEqual([{ path: one, message: expect.stringMatching(/^must /) }]);
        expect(body.detail).toContain(one);
      }
    },
  );
});

describe('the functions behind the API', () => {
  it('are those of the table, a file and a door each', () => {
    const files = readdirSync(join(import.meta.dirname, '../../functions/http')).map((one) =>
      one.replace('.ts', ''),
    );
    expect(files.sort()).toEqual([...httpFunctions].sort());
    expect(Object.keys(doors).sort()).toEqual([...httpFunctions].sort());
    expect(httpFunctions.flatMap((one) => routesOf(one)).sort()).toEqual(Object.keys(routes).sort());
  });
});
