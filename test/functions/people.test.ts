/** Who has signed in: what is taken for a person's access token, what is not and why, and what is asked of the pool. */
import { describe, expect, it } from 'vitest';
import { Problem } from '../../core/contract/errors.ts';
import { connect, poolKeysFreshMs, unknownKeyMs } from '../../functions/clients/people.ts';
import { isToken } from '../../functions/kit/callers.ts';
import {
  bytesOf,
  type Claims,
  claimsOf,
  clientId,
  confused,
  issuer,
  jwksOf,
  type Key,
  newKey,
  signedBy,
  subOf,
  unsigned,
} from '../support/people.ts';

/** A pool whose keys and state a test changes. */
function newPool(first: Key = newKey(0)) {
  const pool = { keys: [first], asked: 0, fault: undefined as (() => Promise<ArrayBuffer>) | undefined };
  const clock = { now: Date.now() };
  const readKeys = async (address: string) => {
    pool.asked++;
    expect(address).toBe(`${issuer}/.well-known/jwks.json`);
    return pool.fault ? pool.fault() : bytesOf(jwksOf(...pool.keys));
  };
  const find = connect({ issuer, clientId, readKeys }, () => clock.now);
  return { pool, clock, key: first, find };
}

/** How a token is refused. */
async function refusal(finding: Promise<unknown>) {
  const error = await finding.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Problem)) throw new Error(`It was not refused: ${String(error)}`);
  return [error.status, error.code];
}

const ada = (more: Claims = {}) => claimsOf('ada', ['operator'], more);

describe('a person', () => {
  it.each([
    [['operator'], 'ops'],
    [['reader'], 'reader'],
    [['reader', 'operator'], 'ops'],
    [['accounting', 'reader'], 'reader'],
  ] as const)('of the groups %s is %s', async (groups, role) => {
    const { find, key } = newPool();
    const sub = subOf('ada');
    expect(await find(signedBy(key, claimsOf('ada', groups)))).toEqual({
      role,
      keyId: sub,
      name: 'ada',
      holder: sub,
    });
  });

  it.each([[undefined], [[]], [['approver']], ['operator'], [['Operator']], [{ operator: true }]])(
    'of the groups %s may do nothing',
    async (groups) => {
      const { find, key } = newPool();
      const token = signedBy(key, claimsOf('ada', undefined, { 'cognito:groups': groups }));
      expect(await refusal(find(token))).toEqual([403, 'forbidden']);
    },
  );

  it('without a user name goes by the sub', async () => {
    const { find, key } = newPool();
    expect((await find(signedBy(key, ada({ username: undefined })))).name).toBe(subOf('ada'));
  });
});

describe('no access token of this pool', () => {
  const seconds = () => Math.floor(Date.now() / 1000);
  const cases: readonly (readonly [string, (key: Key) => string, string])[] = [
    ['an expired one', (key) => signedBy(key, ada({ exp: seconds() - 1 })), 'token_expired'],
    ['one of tomorrow', (key) => signedBy(key, ada({ nbf: seconds() + 86_400 })), 'invalid_token'],
    ['one without an end', (key) => signedBy(key, ada({ exp: undefined })), 'invalid_token'],
    ['one without a sub', (key) => signedBy(key, ada({ sub: undefined })), 'invalid_token'],
    [
      'an ID token',
      (key) => signedBy(key, ada({ token_use: 'id', aud: clientId, client_id: undefined })),
      'invalid_token',
    ],
    [
      'an ID token that names a client',
      (key) => signedBy(key, ada({ token_use: 'id', aud: clientId })),
      'invalid_token',
    ],
    ['one of no use', (key) => signedBy(key, ada({ token_use: undefined })), 'invalid_token'],
    ['one of another client', (key) => signedBy(key, ada({ client_id: 'another' })), 'invalid_token'],
    ['one of no client', (key) => signedBy(key, ada({ client_id: undefined })), 'invalid_token'],
    [
      'one of another issuer, signed by a key of ours',
      (key) => signedBy(key, ada({ iss: `${issuer}9` })),
      'invalid_token',
    ],
    ["one of another pool's key", () => signedBy(newKey(1), ada()), 'invalid_token'],
    [
      'one of another key that takes the name of ours',
      ({ kid }) => signedBy({ ...newKey(1), kid }, ada()),
      'invalid_token',
    ],
    ['one that nobody signed', (key) => unsigned(key, ada()), 'invalid_token'],
    ['one signed by the public key', (key) => confused(key, ada()), 'invalid_token'],
    ['one by another algorithm', (key) => signedBy(key, ada(), { alg: 'RS512' }), 'invalid_token'],
    ['one that names no key', (key) => signedBy(key, ada(), { kid: undefined }), 'invalid_token'],
    ['one that was changed', (key) => swapped(signedBy(key, claimsOf('eve', ['reader']))), 'invalid_token'],
    ['nothing that can be read', () => 'a.b.c', 'invalid_token'],
  ];

  /** The same signature under other claims. */
  function swapped(token: string): string {
    const [head, , signature] = token.split('.');
    return [head, Buffer.from(JSON.stringify(ada())).toString('base64url'), signature].join('.');
  }

  it.each(cases)('%s is refused', async (_what, make, code) => {
    const { find, key } = newPool();
    const token = make(key);
    expect(isToken(token)).toBe(true);
    expect(await refusal(find(token))).toEqual([401, code]);
    // And whoever it was made of is let in.
    expect((await find(signedBy(key, ada()))).name).toBe('ada');
  });

  it('a key has another form', () => {
    expect(isToken('phk_ops_0123456789abcdefghijklmnopqrstuv')).toBe(false);
  });
});

describe("the pool's keys", () => {
  it('are asked for once, however many people come at once', async () => {
    const { find, key, pool } = newPool();
    await Promise.all(['ada', 'grace', 'eve'].map((name) => find(signedBy(key, claimsOf(name, ['reader'])))));
    await find(signedBy(key, ada()));
    expect(pool.asked).toBe(1);
  });

  it.each([
    ['are not to be had', () => Promise.reject(new Error('fetch failed'))],
    ['are no JSON', async () => bytesOf('<html>')],
    ['are none', async () => bytesOf('{}')],
  ])('that %s: nobody knows who it is, and it is asked again', async (_what, fault) => {
    const { find, key, pool } = newPool();
    pool.fault = fault;
    expect(await refusal(find(signedBy(key, ada())))).toEqual([503, 'unavailable']);
    pool.fault = undefined;
    expect((await find(signedBy(key, ada()))).name).toBe('ada');
  });

  it('rotate: a new one is found when the first token names it', async () => {
    const { find, key, pool } = newPool();
    await find(signedBy(key, ada()));
    const next = newKey(1);
    pool.keys.push(next);
    expect((await find(signedBy(next, ada()))).name).toBe('ada');
    expect(pool.asked).toBe(2);
  });

  it('that are given up are refused within the hour', async () => {
    const { find, key, pool, clock } = newPool();
    await find(signedBy(key, ada()));
    pool.keys = [newKey(1)];
    clock.now += poolKeysFreshMs;
    expect(await refusal(find(signedBy(key, ada())))).toEqual([401, 'invalid_token']);
  });

  it('that are known are good while the pool is away', async () => {
    const { find, key, pool, clock } = newPool();
    await find(signedBy(key, ada()));
    pool.fault = () => Promise.reject(new Error('fetch failed'));
    clock.now += poolKeysFreshMs;
    expect((await find(signedBy(key, ada()))).name).toBe('ada');
    expect((await find(signedBy(key, ada()))).name).toBe('ada');
    expect(pool.asked).toBe(2);
  });

  it('are not asked for by whoever makes up names of keys', async () => {
    const { find, key, pool, clock } = newPool();
    await find(signedBy(key, ada()));
    const madeUp = () => refusal(find(signedBy({ ...newKey(2) }, ada())));
    for (let time = 0; time < 20; time++) expect(await madeUp()).toEqual([401, 'invalid_token']);
    expect(pool.asked).toBe(2);
    // A new key is found soon in spite of that.
    const next = newKey(1);
    pool.keys.push(next);
    clock.now += unknownKeyMs;
    expect((await find(signedBy(next, ada()))).name).toBe('ada');
    expect(pool.asked).toBe(3);
  });
});
