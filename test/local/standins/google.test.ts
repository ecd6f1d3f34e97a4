import { createSign } from 'node:crypto';
import { JWT } from 'google-auth-library';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { issueCertificates } from '../../../local/standins/issue.ts';
import { START, useStandIns } from './setup.ts';

const rig = useStandIns();
const SCOPE = 'https://www.googleapis.com/auth/wallet_object.issuer';
const HOUR = 3_600_000;

type Json = Record<string, unknown>;

interface Answer {
  status: number;
  body: Json & { error?: { code: number; message: string; errors: { reason: string }[] } };
}

function assertion(claims: Json = {}, { key, alg = 'RS256' }: { key?: string; alg?: string } = {}): string {
  const { serviceAccount, tokenUri } = rig.standIns.google;
  const iat = Math.floor(rig.now / 1000);
  const payload = {
    iss: serviceAccount.client_email,
    aud: tokenUri,
    scope: SCOPE,
    iat,
    exp: iat + 3600,
    ...claims,
  };
  const encode = (part: Json) => Buffer.from(JSON.stringify(part)).toString('base64url');
  const signed = `${encode({ alg, typ: 'JWT' })}.${encode(payload)}`;
  const signature = createSign('sha256')
    .update(signed)
    .sign(key ?? serviceAccount.private_key, 'base64url');
  return `${signed}.${signature}`;
}

async function grant(
  jwt: string,
  grantType = 'urn:ietf:params:oauth:grant-type:jwt-bearer',
): Promise<Answer> {
  const body = new URLSearchParams({ grant_type: grantType, assertion: jwt });
  const response = await fetch(rig.standIns.google.tokenUri, { method: 'POST', body });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

async function token(): Promise<string> {
  return String((await grant(assertion())).body['access_token']);
}

afterEach(() => {
  vi.useRealTimers();
  rig.now = START;
});

let bearer: string;
beforeAll(async () => {
  bearer = await token();
});

async function call(
  method: string,
  path: string,
  body?: unknown,
  authorization = `Bearer ${bearer}`,
): Promise<Answer> {
  const response = await fetch(`${rig.standIns.google.walletUrl}/walletobjects/v1/${path}`, {
    method,
    headers: { authorization, 'content-type': 'application/json' },
    ...(body !== undefined && { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  return { status: response.status, body: (await response.json()) as Answer['body'] };
}

const issuer = () => rig.standIns.google.serviceAccount.issuerId;
const classId = () => `${issuer()}.club`;
const objectId = (suffix: string) => `${issuer()}.${suffix}`;

const loyaltyClass = (id = classId()): Json => ({
  id,
  issuerName: 'Maison',
  programName: 'Club',
  programLogo: { sourceUri: { uri: 'https://example.com/logo.png' } },
  reviewStatus: 'UNDER_REVIEW',
});

const loyaltyObject = (suffix: string, more: Json = {}): Json => ({
  id: objectId(suffix),
  classId: classId(),
  state: 'ACTIVE',
  accountName: 'Ada',
  loyaltyPoints: { label: 'Points', balance: { int: 10 } },
  barcode: { type: 'EAN_13', value: '2900000000018', alternateText: '2900000000018' },
  textModulesData: [
    { id: 'tier', header: 'Tier', body: 'Silver' },
    { id: 'stamps', header: 'Stamps', body: '3 of 10' },
  ],
  ...more,
});

describe('the token endpoint', () => {
  test('gives a service account a token for an hour', async () => {
    expect(await grant(assertion())).toEqual({
      status: 200,
      body: { access_token: expect.stringMatching(/^ya29\./), expires_in: 3600, token_type: 'Bearer' },
    });
  });

  test.each<[string, () => string | Promise<string>, string]>([
    ['another issuer', () => assertion({ iss: 'who@example.com' }), 'invalid_grant'],
    [
      "Google's own audience",
      () => assertion({ aud: 'https://oauth2.googleapis.com/token' }),
      'invalid_grant',
    ],
    ['another scope', () => assertion({ scope: 'email' }), 'invalid_scope'],
    ['a signature of none', () => assertion({}, { alg: 'none' }), 'invalid_grant'],
    ['more than an hour', () => assertion({ exp: Math.floor(START / 1000) + 7200 }), 'invalid_grant'],
    ['a time in neither clock', () => assertion({ iat: 1_000_000_000, exp: 1_000_003_600 }), 'invalid_grant'],
    ['no times', () => assertion({ iat: undefined }), 'invalid_grant'],
    [
      "another account's key",
      async () => assertion({}, { key: (await issueCertificates()).serviceAccountKey }),
      'invalid_grant',
    ],
    ['nonsense', () => 'a.b.c', 'invalid_grant'],
  ])('refuses %s', async (_, make, error) => {
    expect(await grant(await make())).toMatchObject({ status: 400, body: { error } });
  });

  test('refuses another grant', async () => {
    expect(await grant(assertion(), 'password')).toMatchObject({ body: { error: 'unsupported_grant_type' } });
  });

  test("takes an assertion by the machine's clock too, however far the local one stands", async () => {
    const iat = Math.floor(Date.now() / 1000);
    expect(await grant(assertion({ iat, exp: iat + 3600 }))).toMatchObject({ status: 200 });
  });
});

describe('a token', () => {
  test.each([
    ['none', ''],
    ['one that was never given', 'Bearer ya29.invented'],
  ])('%s: 401 in the form of Google', async (_, authorization) => {
    const answer = await call('GET', `loyaltyObject/${objectId('x')}`, undefined, authorization);
    expect(answer).toMatchObject({ status: 401, body: { error: { code: 401, status: 'UNAUTHENTICATED' } } });
  });

  test('lives through a leap of the local clock, for its holder may go by the machine’s', async () => {
    rig.now = START + 400 * 24 * HOUR;
    const answer = await call('GET', `loyaltyObject/${objectId('x')}`);
    expect(answer.status).toBe(404);
  });

  test('has run out when an hour has gone by on both clocks', async () => {
    const authorization = `Bearer ${await token()}`;
    rig.now = START + HOUR;
    vi.useFakeTimers({ toFake: ['Date'], now: Date.now() + HOUR });
    const answer = await call('GET', `loyaltyObject/${objectId('x')}`, undefined, authorization);
    expect(answer.status).toBe(401);
  });
});

describe('google-auth-library 11', () => {
  test('reaches the stand-in with the audience as a claim and its fixed token address rewritten', async () => {
    const { serviceAccount, walletUrl } = rig.standIns.google;
    const client = new JWT({
      email: serviceAccount.client_email,
      key: serviceAccount.private_key,
      scopes: [SCOPE],
      additionalClaims: { aud: serviceAccount.token_uri },
    });
    client.transporter.interceptors.request.add({
      resolved: async (request) => {
        if (String(request.url) === 'https://oauth2.googleapis.com/token') {
          request.url = new URL(serviceAccount.token_uri);
        }
        return request;
      },
    });
    const url = `${walletUrl}/walletobjects/v1/loyaltyClass`;
    const data = loyaltyClass(`${issuer()}.by-library`);
    const answer = await client.request<Json>({ url, method: 'POST', data });
    expect(answer.status).toBe(200);
    expect(answer.data['reviewStatus']).toBe('APPROVED');
  });
});

describe('a loyalty class', () => {
  test('is approved on insert and read back; a second insert is 409', async () => {
    expect(await call('POST', 'loyaltyClass', loyaltyClass())).toMatchObject({ status: 200 });
    const read = await call('GET', `loyaltyClass/${classId()}`);
    expect(read).toEqual({ status: 200, body: { ...loyaltyClass(), reviewStatus: 'APPROVED' } });
    const again = await call('POST', 'loyaltyClass', loyaltyClass());
    expect(again).toMatchObject({
      status: 409,
      body: { error: { errors: [{ reason: 'existingResource' }] } },
    });
  });

  test('needs UNDER_REVIEW with every write, and is no draft again', async () => {
    const id = `${issuer()}.review`;
    const write = (method: string, body: Json) => call(method, `loyaltyClass/${id}`, body);
    await call('POST', 'loyaltyClass', { ...loyaltyClass(id), reviewStatus: 'DRAFT' });
    expect(await write('PATCH', { reviewStatus: 'DRAFT' })).toMatchObject({
      body: { reviewStatus: 'DRAFT' },
    });
    expect(await write('PATCH', { reviewStatus: 'UNDER_REVIEW' })).toMatchObject({
      body: { reviewStatus: 'APPROVED' },
    });
    for (const reviewStatus of ['APPROVED', 'DRAFT', undefined]) {
      const answer = await write('PATCH', { programName: 'New', ...(reviewStatus && { reviewStatus }) });
      expect(answer.status, String(reviewStatus)).toBe(400);
      expect(answer.body.error?.message).toContain('reviewStatus');
    }
  });

  test('of another issuer is 403', async () => {
    expect(await call('POST', 'loyaltyClass', loyaltyClass('123.club'))).toMatchObject({ status: 403 });
  });

  test('that is a draft takes no objects', async () => {
    const id = `${issuer()}.draft`;
    await call('POST', 'loyaltyClass', { ...loyaltyClass(id), reviewStatus: 'DRAFT' });
    const answer = await call('POST', 'loyaltyObject', loyaltyObject('in-draft', { classId: id }));
    expect(answer).toMatchObject({
      status: 400,
      body: { error: { message: expect.stringContaining('draft') } },
    });
  });

  test('is found by listing its issuer', async () => {
    const answer = await call('GET', `loyaltyClass?issuerId=${issuer()}`);
    expect(answer.body['resources']).toContainEqual(expect.objectContaining({ id: classId() }));
    expect(await call('GET', 'loyaltyClass')).toMatchObject({ status: 400 });
  });
});

describe('a loyalty object', () => {
  test('is inserted once, read, and shown by /local without asking for a token', async () => {
    const object = loyaltyObject('first');
    expect(await call('POST', 'loyaltyObject', object)).toEqual({ status: 200, body: object });
    expect((await call('POST', 'loyaltyObject', object)).status).toBe(409);
    expect(await call('GET', `loyaltyObject/${objectId('first')}`)).toEqual({ status: 200, body: object });
    expect(rig.get(`/local/google/objects/${objectId('first')}`)).toEqual(object);
    expect(rig.standIns.handle('GET', '/local/google/objects/none', undefined)).toMatchObject({
      status: 404,
      contentType: 'application/problem+json',
    });
  });

  test('that does not exist is 404 to GET, PUT, PATCH and addMessage', async () => {
    const path = `loyaltyObject/${objectId('none')}`;
    const answers = [
      await call('GET', path),
      await call('PUT', path, loyaltyObject('none')),
      await call('PATCH', path, { accountName: 'x' }),
      await call('POST', `${path}/addMessage`, { message: { header: 'h', body: 'b' } }),
    ];
    for (const answer of answers) {
      expect(answer).toMatchObject({
        status: 404,
        body: { error: { errors: [{ reason: 'resourceNotFound' }] } },
      });
    }
  });

  test('of a class that does not exist is 404', async () => {
    const answer = await call(
      'POST',
      'loyaltyObject',
      loyaltyObject('classless', { classId: objectId('no-class') }),
    );
    expect(answer).toMatchObject({
      status: 404,
      body: { error: { message: expect.stringContaining('no-class') } },
    });
  });

  test('PATCH merges objects, replaces arrays whole and removes what is null', async () => {
    await call('POST', 'loyaltyObject', loyaltyObject('patched'));
    const answer = await call('PATCH', `loyaltyObject/${objectId('patched')}`, {
      loyaltyPoints: { balance: { int: 25 } },
      textModulesData: [{ id: 'tier', header: 'Tier', body: 'Gold' }],
      accountName: null,
    });
    const { accountName: _, ...expected } = loyaltyObject('patched', {
      loyaltyPoints: { label: 'Points', balance: { int: 25 } },
      textModulesData: [{ id: 'tier', header: 'Tier', body: 'Gold' }],
    });
    expect(answer).toEqual({ status: 200, body: expected });
  });

  test('PUT replaces the whole, so what is left out is gone', async () => {
    await call('POST', 'loyaltyObject', loyaltyObject('put'));
    const body = { classId: classId(), state: 'EXPIRED' };
    const answer = await call('PUT', `loyaltyObject/${objectId('put')}`, body);
    expect(answer).toEqual({ status: 200, body: { id: objectId('put'), ...body } });
    const other = await call('PUT', `loyaltyObject/${objectId('put')}`, { id: objectId('other'), ...body });
    expect(other.status).toBe(400);
  });

  test.each<[string, Json, string]>([
    ['no class', { classId: undefined }, 'classId'],
    ['no state', { state: undefined }, 'state'],
    ['an unknown field', { points: 12 }, 'points'],
    [
      'an unknown field inside',
      { loyaltyPoints: { balance: { int: 1 }, ballance: 2 } },
      'loyaltyPoints.ballance',
    ],
    ['another type', { accountName: 7 }, 'accountName'],
    [
      'a balance that is no whole number',
      { loyaltyPoints: { balance: { int: 1.5 } } },
      'loyaltyPoints.balance.int',
    ],
    [
      'a balance beyond 32 bits',
      { loyaltyPoints: { balance: { int: 2 ** 31 } } },
      'loyaltyPoints.balance.int',
    ],
    [
      'a balance in two forms',
      { loyaltyPoints: { balance: { int: 1, string: '1' } } },
      'loyaltyPoints.balance',
    ],
    ['an unknown barcode', { barcode: { type: 'EAN13', value: '1' } }, 'barcode.type'],
    ['text modules that are no array', { textModulesData: {} }, 'textModulesData'],
    ['an element of another type', { textModulesData: [{ body: 1 }] }, 'textModulesData[0].body'],
    [
      'a kind of a place',
      { merchantLocations: [{ kind: 'walletobjects#latLongPoint', latitude: 1, longitude: 1 }] },
      'merchantLocations[0].kind',
    ],
    [
      'a 16th module of added value',
      { valueAddedModuleData: Array(16).fill({ uri: 'https://example.com' }) },
      'valueAddedModuleData',
    ],
    [
      'an 11th place',
      { merchantLocations: Array(11).fill({ latitude: 1, longitude: 1 }) },
      'merchantLocations',
    ],
    [
      'a place off the globe',
      { merchantLocations: [{ latitude: 91, longitude: 1 }] },
      'merchantLocations[0].latitude',
    ],
    ['an id with a space', { id: '3388000000000000000.a b' }, 'id'],
  ])('with %s is 400 and the field is named', async (_, change, field) => {
    const answer = await call('POST', 'loyaltyObject', loyaltyObject('wrong', change));
    expect(answer.status).toBe(400);
    const details = (answer.body.error as unknown as { details: { fieldViolations: { field: string }[] }[] })
      .details;
    expect(details[0]?.fieldViolations.map((violation) => violation.field)).toEqual([field]);
    expect(answer.body.error?.message).toContain(field);
  });

  test('a body that is not JSON is 400, another method or path 404', async () => {
    expect((await call('POST', 'loyaltyObject', '{')).status).toBe(400);
    expect((await call('DELETE', `loyaltyObject/${objectId('first')}`, {})).status).toBe(404);
    expect((await call('GET', 'offerObject/1.2')).status).toBe(404);
  });

  test('its messages are added, ten at most, and named when wrong', async () => {
    await call('POST', 'loyaltyObject', loyaltyObject('talked'));
    const path = `loyaltyObject/${objectId('talked')}/addMessage`;
    const message = { id: 'm', header: 'Hello', body: 'A coffee is on us', messageType: 'TEXT' };
    const first = await call('POST', path, { message });
    expect(first).toMatchObject({ status: 200, body: { resource: { messages: [message] } } });
    for (let count = 2; count <= 10; count++) await call('POST', path, { message });
    expect(await call('POST', path, { message })).toMatchObject({ status: 400 });
    const wrong = await call('POST', path, { message: { header: 'x', text: 'y' } });
    expect(wrong.body.error?.message).toMatch(/message\.text.*message\.body/);
  });
});

describe('notices', () => {
  const notify = (suffix: string, int: number) =>
    call('PATCH', `loyaltyObject/${objectId(suffix)}`, {
      loyaltyPoints: { balance: { int } },
      notifyPreference: 'NOTIFY_ON_UPDATE',
    });

  test('are three in 24 hours by the local clock; the fourth is 403 quotaExceeded and changes nothing', async () => {
    await call('POST', 'loyaltyObject', loyaltyObject('noisy', { notifyPreference: 'NOTIFY_ON_UPDATE' }));
    for (const int of [1, 2, 3]) expect((await notify('noisy', int)).status).toBe(200);
    expect(await notify('noisy', 4)).toMatchObject({
      status: 403,
      body: { error: { code: 403, errors: [{ reason: 'quotaExceeded' }] } },
    });
    expect(rig.get(`/local/google/objects/${objectId('noisy')}`)).toMatchObject({
      loyaltyPoints: { balance: { int: 3 } },
    });
    const silent = { loyaltyPoints: { balance: { int: 4 } } };
    expect((await call('PATCH', `loyaltyObject/${objectId('noisy')}`, silent)).status).toBe(200);
    rig.now = START + 25 * HOUR;
    expect((await notify('noisy', 5)).status).toBe(200);
  });

  test('of messages count too', async () => {
    await call('POST', 'loyaltyObject', loyaltyObject('chatty'));
    const path = `loyaltyObject/${objectId('chatty')}/addMessage`;
    const message = { header: 'h', body: 'b', messageType: 'TEXT_AND_NOTIFY' };
    for (let count = 0; count < 3; count++) expect((await call('POST', path, { message })).status).toBe(200);
    expect((await call('POST', path, { message })).status).toBe(403);
    expect((await notify('chatty', 1)).status).toBe(403);
  });

  test('are asked for each time: the wish is not kept', async () => {
    await call('POST', 'loyaltyObject', loyaltyObject('wish'));
    expect((await notify('wish', 1)).body).not.toHaveProperty('notifyPreference');
    expect(rig.get(`/local/google/objects/${objectId('wish')}`)).not.toHaveProperty('notifyPreference');
  });
});

test('classes, objects, quota and account outlive a restart', async () => {
  await call('POST', 'loyaltyObject', loyaltyObject('lasting'));
  const notify = () =>
    call('PATCH', `loyaltyObject/${objectId('lasting')}`, { notifyPreference: 'NOTIFY_ON_UPDATE' });
  for (let count = 0; count < 3; count++) await notify();
  const { client_email, private_key, issuerId } = rig.standIns.google.serviceAccount;
  await rig.restart();
  expect(rig.standIns.google.serviceAccount).toMatchObject({ client_email, private_key, issuerId });
  bearer = await token();
  expect(await call('GET', `loyaltyObject/${objectId('lasting')}`)).toMatchObject({ status: 200 });
  expect((await notify()).status).toBe(403);
});

describe('a link that saves a card', () => {
  const id = '3388000000000000000.saved';
  const classId = '3388000000000000000.links';
  const object = { id, classId, state: 'ACTIVE', loyaltyPoints: { label: 'Points', balance: { int: 7 } } };
  const linkWith = (claims: Json) =>
    `https://pay.google.com/gp/v/save/${assertion({ aud: 'google', typ: 'savetowallet', ...claims })}`;
  const linkOf = (one: Json) => linkWith({ payload: { loyaltyObjects: [one] } });
  const pointsShown = async () => (await call('GET', `loyaltyObject/${id}`)).body['loyaltyPoints'];

  test('makes the object once its class is there; used again, it changes nothing', async () => {
    expect(rig.standIns.follow(linkOf(object))).toContain('Loyalty class');
    await call('POST', 'loyaltyClass', {
      id: classId,
      issuerName: 'Links',
      programName: 'Links',
      programLogo: { sourceUri: { uri: 'https://example.com/logo.png' } },
      reviewStatus: 'UNDER_REVIEW',
    });
    expect((await call('GET', `loyaltyObject/${id}`)).status).toBe(404);
    expect(rig.standIns.follow(linkOf(object))).toBeUndefined();
    expect(await pointsShown()).toEqual(object.loyaltyPoints);
    const older = { ...object, loyaltyPoints: { label: 'Points', balance: { int: 1 } } };
    expect(rig.standIns.follow(linkOf(older))).toBeUndefined();
    expect(await pointsShown()).toEqual(object.loyaltyPoints);
  });

  test('says what is wrong with it, and leaves the links of others alone', () => {
    expect(rig.standIns.follow(linkOf({ ...object, id: `${id}2`, balance: 1 }))).toContain('Unknown name');
    expect(rig.standIns.follow(linkWith({ payload: {} }))).toContain('no loyalty object');
    expect(rig.standIns.follow(linkWith({ typ: 'other' }))).toContain('typ other');
    expect(rig.standIns.follow('https://philia.example/card')).toBeUndefined();
    expect(rig.standIns.follow(`${linkOf(object).slice(0, -4)}AAAA`)).toBeUndefined();
  });
});
