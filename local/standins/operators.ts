/**
 * Amazon Cognito's side of the operators' pool: its keys, and the tokens that they sign. Whoever may start the system is
 * asked for no password; what the tokens say is what Cognito's say.
 *
 * Source: https://docs.aws.amazon.com/cognito/latest/developerguide/amazon-cognito-user-pools-using-the-access-token.html
 */
import { createHash, generateKeyPairSync, randomUUID, sign } from 'node:crypto';
import type { PoolSpec } from '../resources/pools.ts';
import { isRecord } from './google-fields.ts';
import { type Incoming, json, type Reply, serveHttp } from './http.ts';
import { type FieldError, invalid, type LocalReply, parse, unknownFields } from './routes.ts';

export interface OperatorsPool {
  /** What the SDK's variable of Cognito's address names. */
  readonly url: string;
  /** Answers `POST /local/operators/token`. */
  token(body: string): LocalReply;
  close(): Promise<void>;
}

/** Its keys are made when they are first needed, and anew at each start, as a pool's rotate. */
function makeKeys() {
  return { kid: randomUUID(), ...generateKeyPairSync('rsa', { modulusLength: 2048 }) };
}

export async function startOperatorsPool(pool: PoolSpec, clock: () => number): Promise<OperatorsPool> {
  let made: ReturnType<typeof makeKeys> | undefined;
  const keys = () => {
    made ??= makeKeys();
    return made;
  };
  const { pathname } = new URL(`${pool.issuer}/.well-known/jwks.json`);

  function answer({ method, segments }: Incoming): Reply {
    if (method !== 'GET' || `/${segments.join('/')}` !== pathname) return json(404, { message: 'Not found' });
    const { kid, publicKey } = keys();
    return json(200, { keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }] });
  }

  function signed(claims: object): string {
    const { kid, privateKey } = keys();
    const parts = [{ kid, alg: 'RS256' }, claims].map((part) =>
      Buffer.from(JSON.stringify(part)).toString('base64url'),
    );
    const text = parts.join('.');
    return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
  }

  function token(body: string): LocalReply {
    const wanted = parseWanted(body, pool.groups);
    if (Array.isArray(wanted)) return invalid(wanted);
    const { username, groups } = wanted;
    const now = Math.floor(clock() / 1000);
    const common = {
      sub: subOf(username),
      ...(groups.length > 0 ? { 'cognito:groups': groups } : {}),
      iss: pool.issuer,
      auth_time: now,
      iat: now,
      exp: now + pool.tokenSeconds,
    };
    const access = { ...common, token_use: 'access', client_id: pool.clientId, scope: 'openid', username };
    const id = { ...common, token_use: 'id', aud: pool.clientId, 'cognito:username': username };
    const said = {
      access_token: signed({ ...access, jti: randomUUID() }),
      id_token: signed({ ...id, jti: randomUUID() }),
      token_type: 'Bearer',
      expires_in: pool.tokenSeconds,
    };
    return { status: 200, contentType: 'application/json; charset=utf-8', body: JSON.stringify(said) };
  }

  const { url, close } = await serveHttp(0, answer);
  return { url, token, close };
}

interface Wanted {
  readonly username: string;
  readonly groups: readonly string[];
}

function parseWanted(body: string, known: readonly string[]): Wanted | FieldError[] {
  const value = parse(body);
  const { username, groups, ...others } = isRecord(value) ? value : {};
  const errors = unknownFields(others);
  if (typeof username !== 'string' || !/^[\p{L}\p{M}\p{S}\p{N}\p{P}]{1,128}$/u.test(username))
    errors.push({ path: 'username', message: 'Must be a user name of 1 to 128 characters without blanks.' });
  if (!Array.isArray(groups) || !groups.every((group) => known.includes(group)))
    errors.push({ path: 'groups', message: `Must be a list of none or some of ${known.join(', ')}.` });
  return errors.length > 0 ? errors : { username: username as string, groups: groups as string[] };
}

/** The same person has the same `sub` after each start: a UUID made of the name. */
function subOf(username: string): string {
  const hex = createHash('sha256').update(username).digest('hex');
  return hex.replace(/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/, '$1-$2-4$3-8$4-$5');
}
