/** The local pool's tokens, as whoever verifies Cognito's takes them: the published key, the claims, and what is refused. */
import { createPublicKey, verify } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type OperatorsPool, startOperatorsPool } from '../../../local/standins/operators.ts';

const now = Date.parse('2010-12-01T08:00:00Z');
const spec = {
  issuer: 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_0123abcde',
  clientId: 'a-client',
  groups: ['operator', 'reader'],
  tokenSeconds: 900,
};
let pool: OperatorsPool;
beforeAll(async () => {
  pool = await startOperatorsPool(spec, () => now);
});
afterAll(() => pool.close());

const ask = (body: unknown) => {
  const { status, body: text } = pool.token(JSON.stringify(body));
  return { status, body: JSON.parse(text) };
};
const decoded = (part = '') => JSON.parse(Buffer.from(part, 'base64url').toString());

async function published(path = '/eu-west-1_0123abcde/.well-known/jwks.json') {
  return fetch(`${pool.url}${path}`);
}

describe('a token', () => {
  it.each(['access_token', 'id_token'])('%s is signed by the key that the pool publishes', async (which) => {
    const { keys } = (await (await published()).json()) as { keys: { kid: string }[] };
    const [head, claims, signature = ''] = ask({ username: 'ada', groups: ['operator'] }).body[which].split(
      '.',
    );
    const { kid, alg } = decoded(head);
    expect([alg, keys.map((key) => key.kid)]).toEqual(['RS256', [kid]]);
    const key = createPublicKey({ key: keys[0] as never, format: 'jwk' });
    expect(verify('sha256', Buffer.from(`${head}.${claims}`), key, Buffer.from(signature, 'base64url'))).toBe(
      true,
    );
  });

  it('says who it is of, in which groups, for whom, and until when by the local clock', () => {
    const { body } = ask({ username: 'ada', groups: ['operator'] });
    const { sub, jti, ...claims } = decoded(body.access_token.split('.')[1]);
    expect(claims).toEqual({
      'cognito:groups': ['operator'],
      iss: spec.issuer,
      client_id: spec.clientId,
      token_use: 'access',
      scope: 'openid',
      auth_time: now / 1000,
      iat: now / 1000,
      exp: now / 1000 + 900,
      username: 'ada',
    });
    expect([body.token_type, body.expires_in]).toEqual(['Bearer', 900]);
    const others = [ask({ username: 'ada', groups: [] }), ask({ username: 'eve', groups: [] })];
    const [again, other] = others.map((one) => decoded(one.body.access_token.split('.')[1]));
    expect([again.sub === sub, other.sub === sub, again.jti === jti]).toEqual([true, false, false]);
    expect(again).not.toHaveProperty('cognito:groups');
  });

  it.each([
    [{}, ['username', 'groups']],
    [{ username: 'a b', groups: [] }, ['username']],
    [{ username: 'ada', groups: ['approver'] }, ['groups']],
    [{ username: 'ada', groups: 'operator' }, ['groups']],
    [{ username: 'ada', groups: [], email: 'ada@example.com' }, ['email']],
    [[], ['username', 'groups']],
  ])('%j is no person', (body, paths) => {
    const { status, body: problem } = ask(body);
    expect([status, problem.errors.map(({ path }: { path: string }) => path)]).toEqual([400, paths]);
  });
});

it('publishes its keys at its own address alone', async () => {
  expect((await published('/eu-west-1_another/.well-known/jwks.json')).status).toBe(404);
  expect((await published('/')).status).toBe(404);
});
