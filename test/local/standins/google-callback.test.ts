/** Google's side of a card saved or deleted, and the failures that a test may ask of it. */
import { createPublicKey, verify } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { START, useStandIns } from './setup.ts';

const rig = useStandIns();
const received: { path: string; body: Record<string, unknown> }[] = [];
let status = 200;
/** The issuer's own server, which a class names. */
const issuer = createServer(async (request, response) => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  received.push({ path: request.url ?? '', body: JSON.parse(Buffer.concat(chunks).toString()) });
  response.writeHead(status).end();
});
let url = '';

beforeAll(async () => {
  issuer.listen(0, '127.0.0.1');
  await new Promise((resolve) => issuer.once('listening', resolve));
  url = `http://127.0.0.1:${(issuer.address() as AddressInfo).port}/google/callback`;
});
afterAll(() => {
  issuer.close();
});

const id = (suffix: string) => `${rig.standIns.google.serviceAccount.issuerId}.${suffix}`;

/** A request to the API, by a token that the account's own library gets. */
async function write(method: string, path: string, body: object) {
  const { JWT } = await import('google-auth-library');
  const { serviceAccount, walletUrl, tokenUri } = rig.standIns.google;
  const scopes = ['https://www.googleapis.com/auth/wallet_object.issuer'];
  const { client_email: email, private_key: key } = serviceAccount;
  const account = new JWT({ email, key, scopes, additionalClaims: { aud: tokenUri } });
  account.transporter.interceptors.request.add({
    resolved: async (request) => ({ ...request, url: new URL(tokenUri) }),
  });
  const { token } = await account.getAccessToken();
  return fetch(`${walletUrl}/walletobjects/v1/${path}`, {
    method,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function newCard(suffix: string, callbackOptions: object | undefined = { url }) {
  const loyaltyClass = {
    id: id(`class-${suffix}`),
    issuerName: 'Maison',
    programName: 'Club',
    programLogo: { sourceUri: { uri: 'https://example.com/logo.png' } },
    reviewStatus: 'UNDER_REVIEW',
    ...(callbackOptions && { callbackOptions }),
  };
  expect((await write('POST', 'loyaltyClass', loyaltyClass)).status).toBe(200);
  const object = { id: id(suffix), classId: loyaltyClass.id, state: 'ACTIVE' };
  expect((await write('POST', 'loyaltyObject', object)).status).toBe(200);
}

const tell = async (body: unknown) => {
  const answer = await rig.standIns.tellIssuer(typeof body === 'string' ? body : JSON.stringify(body));
  return { status: answer.status, body: JSON.parse(answer.body) };
};

describe('a card saved or deleted', () => {
  test.each(['save', 'del'])('is told to the address that its class names: %s', async (eventType) => {
    await newCard(eventType);
    const answer = await tell({ objectId: id(eventType), eventType });
    expect(answer).toEqual({ status: 200, body: { url, status: 200 } });
    const { path, body } = received.at(-1) ?? {};
    expect(path).toBe('/google/callback');
    expect(body).toMatchObject({ protocolVersion: 'ECv2SigningOnly' });
    expect(JSON.parse(String(body?.['signedMessage']))).toMatchObject({
      classId: id(`class-${eventType}`),
      objectId: id(eventType),
      eventType,
      expTimeMillis: START + 3_600_000,
      nonce: expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
  });

  test('is signed by a key that the published root signed, byte for byte as Google describes', async () => {
    await newCard('signed');
    await tell({ objectId: id('signed'), eventType: 'save' });
    const body = received.at(-1)?.body as unknown as {
      signature: string;
      signedMessage: string;
      intermediateSigningKey: { signedKey: string; signatures: [string] };
    };
    const list = await (await fetch(rig.standIns.google.callbackKeysUrl)).json();
    const [root] = (list as { keys: { keyValue: string; protocolVersion: string; keyExpiration: string }[] })
      .keys;
    expect(root).toMatchObject({ protocolVersion: 'ECv2SigningOnly' });
    expect(Number(root?.keyExpiration)).toBeGreaterThan(START);
    const isSigned = (keyValue: string, bytes: Buffer, signature: string) => {
      const key = createPublicKey({ key: Buffer.from(keyValue, 'base64'), format: 'der', type: 'spki' });
      return verify('sha256', bytes, key, Buffer.from(signature, 'base64'));
    };
    const { signedKey, signatures } = body.intermediateSigningKey;
    const part = (text: string) => `${String.fromCharCode(text.length & 255, text.length >> 8, 0, 0)}${text}`;
    const bytes = (...parts: string[]) => Buffer.from(parts.map(part).join(''), 'latin1');
    const keyBytes = bytes('GooglePayPasses', 'ECv2SigningOnly', signedKey);
    expect(isSigned(root?.keyValue ?? '', keyBytes, signatures[0])).toBe(true);
    const { issuerId } = rig.standIns.google.serviceAccount;
    const messageBytes = bytes('GooglePayPasses', issuerId, 'ECv2SigningOnly', body.signedMessage);
    expect(isSigned(JSON.parse(signedKey).keyValue, messageBytes, body.signature)).toBe(true);
  });

  test('gives back what the issuer answered', async () => {
    await newCard('refused');
    status = 401;
    expect((await tell({ objectId: id('refused'), eventType: 'save' })).body).toEqual({ url, status: 401 });
    status = 200;
  });

  test('needs an object, a class with an address, and a right request', async () => {
    await newCard('silent', {});
    expect((await tell({ objectId: id('silent'), eventType: 'save' })).status).toBe(404);
    expect((await tell({ objectId: id('nobody'), eventType: 'save' })).status).toBe(404);
    for (const wrong of ['[', '{}', { objectId: id('silent') }, { objectId: 1, eventType: 'save' }])
      expect((await tell(wrong)).status).toBe(400);
    expect((await tell({ objectId: id('silent'), eventType: 'save', more: 1 })).body).toMatchObject({
      errors: [{ path: 'more' }],
    });
  });
});

describe('POST /local/google/respond', () => {
  const ask = (body: object) =>
    rig.standIns.handle('POST', '/local/google/respond', JSON.stringify(body))?.status;
  const patch = () => write('PATCH', `loyaltyObject/${id('faulty')}`, { accountName: 'Ada' });

  test('makes coming requests fail, one each, in order; then all is well', async () => {
    await newCard('faulty');
    expect(ask({ status: 429, reason: 'rateLimitExceeded' })).toBe(200);
    expect(ask({ status: 500, reason: 'backendError' })).toBe(200);
    const first = await patch();
    expect(first.status).toBe(429);
    expect(await first.json()).toMatchObject({ error: { errors: [{ reason: 'rateLimitExceeded' }] } });
    expect([(await patch()).status, (await patch()).status]).toEqual([500, 200]);
  });

  test('takes several at once, for the requests that come in turn', async () => {
    await newCard('in-turn');
    const faults = [
      { status: 503, reason: 'backendError' },
      { status: 429, reason: 'rateLimitExceeded' },
    ];
    expect(ask({ faults })).toBe(200);
    const change = () => write('PATCH', `loyaltyObject/${id('in-turn')}`, { accountName: 'Ada' });
    expect([(await change()).status, (await change()).status, (await change()).status]).toEqual([
      503, 429, 200,
    ]);
  });

  test('closes the connection before a write, or after it', async () => {
    const nameOf = () => rig.get(`/local/google/objects/${id('closing')}`) as { accountName?: string };
    await newCard('closing');
    const change = (accountName: string) => write('PATCH', `loyaltyObject/${id('closing')}`, { accountName });
    ask({ close: 'before' });
    await expect(change('Ada')).rejects.toThrow();
    expect(nameOf().accountName).toBeUndefined();
    ask({ close: 'after' });
    await expect(change('Eva')).rejects.toThrow();
    expect(nameOf().accountName).toBe('Eva');
  });

  test.each([
    {},
    { status: 200, reason: 'ok' },
    { status: 500 },
    { close: 'now' },
    { close: 'after', more: 1 },
    { faults: [] },
    { faults: [{ status: 500, reason: 'backendError' }, { status: 200 }] },
    { faults: [{ status: 500, reason: 'backendError' }], more: 1 },
  ])('refuses %j', (body) => {
    expect(ask(body)).toBe(400);
  });
});
