import { verify } from 'node:crypto';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createGoogleClient, loyaltyClass, loyaltyObject } from '../../../passes/google/index.ts';
import { ana, links } from '../views.ts';
import { credentialsOf, failure, publicKey, scriptedGoogle, secret } from './account.ts';

const object = loyaltyObject(ana, links, secret.issuerId);
const programme = loyaltyClass({
  programName: 'Maison',
  issuerId: secret.issuerId,
  publicUrl: 'https://philia.example',
});
const ok = () => Response.json({});

function start(...answers: (Response | 'hang')[]) {
  const google = scriptedGoogle(...answers);
  let paced = 0;
  const pace = async () => {
    paced++;
  };
  const client = createGoogleClient({
    credentials: credentialsOf(),
    fetch: google.fetch,
    pace,
    now: () => Date.now(),
    timeoutMs: 200,
  });
  const calls = () => google.requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`);
  return { ...google, client, calls, paced: () => paced };
}

const objects = '/walletobjects/v1/loyaltyObject';
const classes = '/walletobjects/v1/loyaltyClass';

afterEach(() => {
  vi.useRealTimers();
});

describe('writing an object', () => {
  it('patches it, whole', async () => {
    const { client, calls, requests } = start(ok());
    expect(await client.upsertObject(object, { notify: false })).toEqual({
      type: 'written',
      notified: false,
    });
    expect(calls()).toEqual([`PATCH ${objects}/${object.id}`]);
    expect(JSON.parse(requests[0]?.body ?? '')).toEqual(object);
  });

  it('inserts it where there is none', async () => {
    const { client, calls, requests } = start(failure(404, 'resourceNotFound'), ok());
    expect(await client.upsertObject(object, { notify: true })).toEqual({ type: 'written', notified: false });
    expect(calls()).toEqual([`PATCH ${objects}/${object.id}`, `POST ${objects}`]);
    expect(JSON.parse(requests[1]?.body ?? '')).toEqual(object);
  });

  it('patches it after all when somebody inserted it in between', async () => {
    const { client, calls } = start(failure(404, 'resourceNotFound'), failure(409, 'existingResource'), ok());
    expect((await client.upsertObject(object, { notify: false })).type).toBe('written');
    expect(calls()).toEqual([
      `PATCH ${objects}/${object.id}`,
      `POST ${objects}`,
      `PATCH ${objects}/${object.id}`,
    ]);
  });

  it('asks for a notice each time that one is wanted, and never else', async () => {
    const { client, requests } = start(ok(), ok());
    expect(await client.upsertObject(object, { notify: true })).toEqual({ type: 'written', notified: true });
    await client.upsertObject(object, { notify: false });
    const [first, second] = requests.map(({ body }) => JSON.parse(body));
    expect(first).toEqual({ ...object, notifyPreference: 'NOTIFY_ON_UPDATE' });
    expect(second).not.toHaveProperty('notifyPreference');
  });

  it('goes on without a notice once the quota of notices is spent', async () => {
    const { client, requests } = start(failure(403, 'quotaExceeded'), ok());
    expect(await client.upsertObject(object, { notify: true })).toEqual({ type: 'written', notified: false });
    expect(JSON.parse(requests[1]?.body ?? '')).not.toHaveProperty('notifyPreference');
  });

  it('takes any other 403 for a refusal', async () => {
    const { client, calls } = start(failure(403, 'permissionDenied'));
    expect(await client.upsertObject(object, { notify: true })).toEqual({
      type: 'refused',
      reason: 'Google answered 403: permissionDenied: Because of permissionDenied.',
    });
    expect(calls()).toHaveLength(1);
  });

  it('asks for the class where even the insert finds nothing', async () => {
    const { client } = start(failure(404, 'resourceNotFound'), failure(404, 'classNotFound'));
    expect((await client.upsertObject(object, { notify: false })).type).toBe('no_class');
  });

  it.each([429, 500, 503])('is to be tried again after %i, when Google says', async (status) => {
    const { client } = start(
      failure(status, 'backendError', { 'retry-after': '30' }),
      failure(status, 'later'),
    );
    expect(await client.upsertObject(object, { notify: false })).toEqual({
      type: 'retry',
      reason: `Google answered ${status}: backendError: Because of backendError.`,
      after: 30,
    });
    expect(await client.upsertObject(object, { notify: false })).not.toHaveProperty('after');
  });

  it('is unknown, not failed, when no answer comes in time', async () => {
    const { client } = start('hang');
    expect(await client.upsertObject(object, { notify: false })).toEqual({
      type: 'unknown',
      reason: expect.stringMatching(
        /^Google did not answer PATCH .*: The operation was aborted due to timeout$/,
      ),
    });
  });

  it('keeps what a proxy answered in place of Google', async () => {
    const { client } = start(new Response('<html>Bad gateway', { status: 502 }));
    expect(await client.upsertObject(object, { notify: false })).toEqual({
      type: 'retry',
      reason: 'Google answered 502: <html>Bad gateway',
    });
  });
});

describe('writing the class', () => {
  it('inserts it', async () => {
    const { client, calls } = start(ok());
    expect(await client.upsertClass(programme)).toEqual({ type: 'written', notified: false });
    expect(calls()).toEqual([`POST ${classes}`]);
  });

  it('patches it where it is there already', async () => {
    const { client, calls } = start(failure(409, 'existingResource'), ok());
    expect((await client.upsertClass(programme)).type).toBe('written');
    expect(calls()).toEqual([`POST ${classes}`, `PATCH ${classes}/${programme.id}`]);
  });
});

describe('requests', () => {
  it('are each paced', async () => {
    const { client, requests, paced } = start(failure(404, 'resourceNotFound'), ok(), ok());
    await client.upsertObject(object, { notify: false });
    await client.upsertObject(object, { notify: false });
    expect(paced()).toBe(requests.length);
  });
});

describe('the access token', () => {
  it("is asked for at the account's own endpoint, by an assertion that its key signed", async () => {
    const { client, assertions, requests } = start(ok());
    await client.upsertObject(object, { notify: false });
    expect(assertions).toHaveLength(1);
    const [head = '', claims = '', signature = ''] = assertions[0]?.split('.') ?? [];
    expect(JSON.parse(Buffer.from(claims, 'base64url').toString())).toMatchObject({
      iss: secret.serviceAccount.client_email,
      aud: secret.serviceAccount.token_uri,
      scope: 'https://www.googleapis.com/auth/wallet_object.issuer',
    });
    const signed = Buffer.from(`${head}.${claims}`);
    expect(verify('sha256', signed, publicKey, Buffer.from(signature, 'base64url'))).toBe(true);
    expect(requests[0]?.authorization).toBe('Bearer token-1');
  });

  it('is one for many requests, and replaced some minutes before its hour is over', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 0 });
    const { client, assertions } = start(ok(), ok(), ok());
    await client.upsertObject(object, { notify: false });
    vi.setSystemTime(54 * 60_000);
    await client.upsertObject(object, { notify: false });
    expect(assertions).toHaveLength(1);
    vi.setSystemTime(56 * 60_000);
    await client.upsertObject(object, { notify: false });
    expect(assertions).toHaveLength(2);
  });

  it('is asked for once by all who need one at the same time, the first time and when it has to be replaced', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: 0 });
    const { client, assertions } = start(...Array.from({ length: 6 }, ok));
    const three = () => Promise.all([1, 2, 3].map(() => client.upsertObject(object, { notify: false })));
    await three();
    expect(assertions).toHaveLength(1);
    vi.setSystemTime(56 * 60_000);
    await three();
    expect(assertions).toHaveLength(2);
  });

  it('is replaced once when Google does not take it', async () => {
    const { client, requests } = start(failure(401, 'authError'), ok());
    expect((await client.upsertObject(object, { notify: false })).type).toBe('written');
    expect(requests.map(({ authorization }) => authorization)).toEqual(['Bearer token-1', 'Bearer token-2']);
    const again = start(failure(401, 'authError'), failure(401, 'authError'));
    expect((await again.client.upsertObject(object, { notify: false })).type).toBe('refused');
  });

  it('that is refused refuses the write, with the reason; nothing is sent', async () => {
    const { client, answerTokens, requests } = start();
    answerTokens(() =>
      Response.json({ error: 'invalid_grant', error_description: 'Account disabled.' }, { status: 400 }),
    );
    expect(await client.upsertObject(object, { notify: false })).toEqual({
      type: 'refused',
      reason: 'No access token from https://token.test/token: invalid_grant: Account disabled.',
    });
    expect(requests).toEqual([]);
  });

  it.each([429, 500, 503])(
    'that cannot be had for now (%i) is asked for again later, not here',
    async (status) => {
      const { client, answerTokens, assertions } = start();
      answerTokens(() => Response.json({ error: 'later' }, { status }));
      expect((await client.upsertObject(object, { notify: false })).type).toBe('retry');
      expect(assertions).toHaveLength(1);
    },
  );
});
