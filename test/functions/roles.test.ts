/** Every route of the table and every role: who is let in, who is told to say who they are, and who is sent away. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { httpFunctions } from '../../core/contract/functions.ts';
import { channels } from '../../core/contract/ids.ts';
import { type Role, type Route, type RouteName, routes, routesOf } from '../../core/contract/routes.ts';
import type { Deps } from '../../functions/deps.ts';
import { cardToken, createKey, enrol, revokeKey, rotateKey } from '../../ledger/ledger.ts';
import { doors, knock, stray } from '../support/doors.ts';
import { putInForce } from '../support/histories.ts';
import { newWorld } from '../support/ports.ts';
import { defaultProgram, noon } from '../support/world.ts';

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
/** Role -> what its bearer sends. */
const bearers = new Map<string, { readonly role: Role | 'nobody'; readonly key: string | undefined }>();
const names = [
  'nobody',
  'a wrong key',
  'a key that was revoked',
  'a key that has expired',
  "a card's token",
  ...channels,
  'ops',
];

beforeAll(async () => {
  current.deps = world.deps;
  await putInForce(world.ledger, defaultProgram());
  const enrolled = await enrol(world.ledger, defaultProgram(), { email: 'ann@example.com' }, noon);
  if (enrolled.type !== 'enrolled') throw new Error('The member exists already.');
  const make = (
    name: string,
    of: { role: 'ops' } | { role: 'channel'; channel: (typeof channels)[number] },
  ) => createKey(world.ledger, { name, ...of }, by, noon);
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
  for (const channel of channels)
    bearers.set(channel, { role: 'channel', key: (await make(channel, { role: 'channel', channel })).text });
  bearers.set('ops', { role: 'ops', key: ops.text });
});

/** What the table says of a role at a route: that it is let in, or the status that sends it away. */
function expected({ who }: Route, role: Role | 'nobody'): 'let in' | 401 | 403 {
  if (who.some((one) => one === 'public' || one === 'card')) return 'let in';
  // A phone says who it is in a way of its own, and a key of ours is none.
  if (who.includes('device')) return 401;
  if (role === 'nobody') return 401;
  return who.includes(role) ? 'let in' : 403;
}

/** A phone's body is read before its token, so it has to be one. */
const bodyOf = ({ who, body }: Route) =>
  body && who.includes('device') ? { body: { pushToken: 'a1' } } : {};

/** Google and Samsung sign what they send, and a phone what it fetches; whoever is neither is sent away. */
const isSigned = ({ errors, function: door }: Route) => errors.includes('unauthorized') || door === 'apple';

describe.each(table)('%s', (name, route) => {
  it.each(names)('asked by %s', async (bearer) => {
    const { role, key } = bearers.get(bearer) ?? { role: 'nobody', key: undefined };
    const before = world.items().length;
    const { status, body, headers } = await knock(name, {
      params: paramsOf(route),
      ...bodyOf(route),
      ...(key === undefined ? {} : { key }),
    });
    const wanted = expected(route, role);
    if (wanted === 'let in') {
      if (!isSigned(route)) expect([401, 403]).not.toContain(status);
      return;
    }
    // This world has no certificate of Apple's, and what it lacks is said first.
    if (route.who.includes('device') && body.code === 'wallet_not_configured') return;
    expect([status, body.code]).toEqual([wanted, wanted === 401 ? 'unauthorized' : 'forbidden']);
    if (wanted === 401) expect(headers['www-authenticate']).toBe('Bearer');
    expect(world.items()).toHaveLength(before);
  });

  it('is answered by its own function and by no other', async () => {
    const key = bearers.get('ops')?.key ?? '';
    for (const door of httpFunctions)
      if (door !== route.function)
        expect((await knock(name, { params: paramsOf(route), key }, door)).status).toBe(404);
  });
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
