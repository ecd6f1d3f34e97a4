/** One purchase, from the till to every card, on the running system and by the protocols that phones speak. */
import { execFile, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type System, startSystem } from '../support/system.ts';

const run = promisify(execFile);
const hasOpenSsl = spawnSync('openssl', ['version']).status === 0;
if (!hasOpenSsl) console.warn('Signatures are not verified: openssl is not installed.');

let system: System;
beforeAll(async () => {
  system = await startSystem('--clock', '2026-11-22T10:00:00Z');
}, 150_000);
afterAll(async () => {
  await system?.remove();
});

let serial = 0;

async function newMember(fields: object = {}) {
  serial++;
  const email = `member${serial}@example.com`;
  const { status, body } = await system.call('POST', '/v1/members', { email, ...fields }, 'store');
  expect(status).toBe(201);
  return body;
}

function aPurchase(member: object | undefined, amounts: readonly number[], more: object = {}) {
  serial++;
  return {
    id: `INV-${serial}`,
    occurredAt: '2026-11-22T09:59:00Z',
    currency: 'EUR',
    ...(member ? { member } : {}),
    lines: amounts.map((amountMinor, index) => ({
      id: String(index + 1),
      sku: 'ESP-250',
      quantity: 1,
      amountMinor,
    })),
    totalMinor: amounts.reduce((sum, amount) => sum + amount, 0),
    ...more,
  };
}

async function buy(member: object | undefined, amounts: readonly number[], more: object = {}) {
  const purchase = aPurchase(member, amounts, more);
  const { status, body } = await system.call('POST', '/v1/purchases', purchase, 'store');
  expect(status).toBe(202);
  await system.idle();
  return body.purchaseId as string;
}

/** Downloads a pass and opens it with tools that are not ours; the signature is checked on the way. */
async function openPass(url: string, headers: Record<string, string> = {}) {
  const response = await fetch(url, { headers });
  expect(response.status).toBe(200);
  expect(response.headers.get('content-type')).toBe('application/vnd.apple.pkpass');
  const folder = await mkdtemp(join(tmpdir(), 'philia-pass-'));
  try {
    const files = unzipSync(new Uint8Array(await response.arrayBuffer()));
    for (const [name, bytes] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), bytes);
    }
    const { body: ca } = await system.call('GET', '/local/ca.pem');
    await writeFile(join(folder, 'ca.pem'), ca);
    const verify = ['-in', 'signature', '-inform', 'DER', '-content', 'manifest.json', '-CAfile', 'ca.pem'];
    if (hasOpenSsl)
      await run('openssl', ['smime', '-verify', ...verify, '-out', '/dev/null'], { cwd: folder });
    const manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'));
    for (const [file, hash] of Object.entries(manifest))
      expect(
        createHash('sha1')
          .update(await readFile(join(folder, file)))
          .digest('hex'),
      ).toBe(hash);
    const pass = JSON.parse(await readFile(join(folder, 'pass.json'), 'utf8'));
    return { pass, lastModified: response.headers.get('last-modified') ?? '' };
  } finally {
    await rm(folder, { recursive: true });
  }
}

function claimsOf(saveLink: string) {
  const [, payload = ''] = saveLink.replace('https://pay.google.com/gp/v/save/', '').split('.');
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
}

describe('a purchase in the store', () => {
  it('shows on the card, in the pass, at Apple’s push service and at Google', async () => {
    const member = await newMember({ name: 'Zoë <script>alert(1)</script>', locale: 'fr' });
    const token = member.cardUrl.split('/').pop();
    const first = await openPass(member.wallet.appleUrl);
    const { serialNumber, passTypeIdentifier, authenticationToken, storeCard } = first.pass;
    expect(storeCard.headerFields[0].value).toBe(50);
    const apple = `${system.baseUrl}/apple/v1`;
    const headers = { authorization: `ApplePass ${authenticationToken}` };
    const registered = await fetch(
      `${apple}/devices/dev1/registrations/${passTypeIdentifier}/${serialNumber}`,
      { method: 'POST', headers, body: JSON.stringify({ pushToken: 'abc123' }) },
    );
    expect(registered.status).toBe(201);
    const saved = await fetch(member.wallet.googleUrl, { redirect: 'manual' });
    expect(saved.status).toBe(302);
    const [object] = claimsOf(saved.headers.get('location') ?? '').payload.loyaltyObjects;

    await buy({ cardNumber: member.cardNumber }, [12_000]);

    const card = await system.call('GET', `/v1/cards/${token}`);
    expect(card.body).toMatchObject({ version: 3, balance: { available: 170 } });
    const listed = await system.call('GET', `/apple/v1/devices/dev1/registrations/${passTypeIdentifier}`);
    expect(listed.body.serialNumbers).toEqual([serialNumber]);
    const url = `${apple}/passes/${passTypeIdentifier}/${serialNumber}`;
    const again = await openPass(url, { ...headers, 'if-modified-since': first.lastModified });
    expect(again.pass.storeCard.headerFields[0].value).toBe(170);
    const unchanged = await fetch(url, { headers: { ...headers, 'if-modified-since': again.lastModified } });
    expect(unchanged.status).toBe(304);
    const { body: apns } = await system.call('GET', '/local/apns');
    expect(apns.pushes).toContainEqual(
      expect.objectContaining({ pushToken: 'abc123', topic: passTypeIdentifier }),
    );
    const google = await system.call('GET', `/local/google/objects/${object.id}`);
    expect(google.body.loyaltyPoints.balance.int).toBe(170);
    expect(google.body.barcode).toMatchObject({ type: 'EAN_13', value: member.cardNumber });
  });

  it('earns once, however often it is posted, and a repeat with other content is parked', async () => {
    const member = await newMember();
    const purchase = aPurchase({ memberId: member.memberId }, [5000]);
    for (let time = 0; time < 3; time++) await system.call('POST', '/v1/purchases', purchase, 'store');
    await system.idle();
    const path = `/v1/purchases/store:${purchase.id}`;
    expect((await system.call('GET', path, undefined, 'store')).body).toMatchObject({
      status: 'posted',
      points: { earned: 50, clawedBack: 0 },
    });
    await system.call('POST', '/v1/purchases', { ...aPurchase(undefined, [1]), id: purchase.id }, 'store');
    await system.idle();
    expect((await system.call('GET', path, undefined, 'store')).body.status).toBe('conflict');
    const { body } = await system.call('GET', '/v1/exceptions?type=purchase_conflict', undefined, 'ops');
    expect(body.items).toContainEqual(expect.objectContaining({ subject: `store:${purchase.id}` }));
    const { body: after } = await system.call('GET', `/v1/members/${member.memberId}`, undefined, 'store');
    expect(after.balance.available).toBe(100);
  });

  it('is given back by refunds that come before it and after it', async () => {
    const member = await newMember();
    const purchase = aPurchase({ memberId: member.memberId }, [6000, 4000]);
    const refund = (id: string, more: object) => ({
      id: `${purchase.id}-${id}`,
      occurredAt: '2026-11-22T09:59:30Z',
      currency: 'EUR',
      purchaseId: purchase.id,
      ...more,
    });
    const early = refund('A', { lines: [{ lineId: '1', quantity: 1, amountMinor: 6000 }] });
    expect((await system.call('POST', '/v1/refunds', early, 'store')).status).toBe(202);
    await system.idle();
    const state = (id: string) =>
      system.call('GET', `/v1/refunds/store:${purchase.id}-${id}`, undefined, 'store');
    expect((await state('A')).body.status).toBe('waiting');
    await system.call('POST', '/v1/purchases', purchase, 'store');
    await system.idle();
    expect((await state('A')).body).toMatchObject({ status: 'applied', points: { clawedBack: 60, debt: 0 } });
    await system.call('POST', '/v1/refunds', refund('B', { amountMinor: 9999 }), 'store');
    await system.idle();
    expect((await state('B')).body).toMatchObject({ status: 'applied', points: { clawedBack: 40 } });
    const { body } = await system.call('GET', `/v1/purchases/store:${purchase.id}`, undefined, 'store');
    expect(body).toMatchObject({ status: 'refunded', refundedMinor: 10_000, points: { earned: 100 } });
    const { body: exceptions } = await system.call(
      'GET',
      '/v1/exceptions?type=over_refund',
      undefined,
      'ops',
    );
    expect(exceptions.items[0]).toMatchObject({ subject: `store:${purchase.id}-B` });
  });

  it('of a guest waits, unclaimed, until a member claims it with its total', async () => {
    const purchaseId = await buy(undefined, [5000]);
    const path = `/v1/purchases/${purchaseId}`;
    expect((await system.call('GET', path, undefined, 'store')).body.status).toBe('unclaimed');
    const { body: open } = await system.call(
      'GET',
      '/v1/exceptions?type=purchase_unclaimed',
      undefined,
      'ops',
    );
    expect(open.items).toContainEqual(expect.objectContaining({ subject: purchaseId }));
    const member = await newMember();
    const claim = { member: { memberId: member.memberId }, totalMinor: 5000 };
    const wrong = await system.call('POST', `${path}/claim`, { ...claim, totalMinor: 1 }, 'store');
    expect(wrong).toMatchObject({ status: 409, body: { code: 'claim_mismatch' } });
    const claimed = await system.call('POST', `${path}/claim`, claim, 'store');
    expect(claimed).toMatchObject({ status: 200, body: { status: 'posted', points: { earned: 50 } } });
  });
});

describe('the door', () => {
  it.each([
    ['totalMinor', { totalMinor: 4999 }, 'total_mismatch'],
    ['currency', { currency: 'XAF' }, 'currency_not_supported'],
    ['occurredAt', { occurredAt: '2026-11-22T10:59:00Z' }, 'invalid_request'],
    ['occurredAt', { occurredAt: '1970-01-01T00:00:00Z' }, 'invalid_request'],
    ['occurredAt', { occurredAt: '2026-11-22T09:59:00' }, 'invalid_request'],
    ['balance', { balance: 1 }, 'invalid_request'],
    ['id', { id: 'a\u0007b' }, 'invalid_request'],
    ['id', { id: 'x'.repeat(129) }, 'invalid_request'],
    ['lines', { lines: [] }, 'invalid_request'],
    ['member', { member: {} }, 'invalid_request'],
    ['member.phone', { member: { phone: '+1' } }, 'invalid_request'],
    [
      'lines.0.amountMinor',
      { lines: [{ id: '1', sku: 'A', quantity: 1, amountMinor: -1 }] },
      'invalid_request',
    ],
    [
      'lines.0.amountMinor',
      { lines: [{ id: '1', sku: 'A', quantity: 1, amountMinor: 0.1 }] },
      'invalid_request',
    ],
    [
      'lines.0.amountMinor',
      { lines: [{ id: '1', sku: 'A', quantity: 1, amountMinor: 1e21 }] },
      'invalid_request',
    ],
    ['lines.0.quantity', { lines: [{ id: '1', sku: 'A', quantity: 0, amountMinor: 1 }] }, 'invalid_request'],
  ])('refuses a purchase whose %s is wrong: %j', async (path, change, code) => {
    const { status, body } = await system.call(
      'POST',
      '/v1/purchases',
      { ...aPurchase(undefined, [5000]), ...change },
      'store',
    );
    expect({ status, code: body.code }).toEqual({ status: 400, code });
    expect(body.errors.map((error: { path: string }) => error.path)).toContain(path);
  });

  it.each([
    ['what is not JSON', '{"id":', 400, 'invalid_json'],
    ['JSON ten thousand levels deep', `${'['.repeat(10_000)}${']'.repeat(10_000)}`, 400, 'invalid_json'],
    ['a body above 256 KiB', JSON.stringify({ id: 'x'.repeat(300_000) }), 413, 'payload_too_large'],
    ['a key that reaches for the prototype', '{"__proto__":{"ops":true}}', 400, 'invalid_request'],
  ])('refuses %s', async (_what, text, status, code) => {
    const answer = await system.call('POST', '/v1/purchases', text, 'store');
    expect(answer).toMatchObject({ status, body: { code } });
    expect(answer.headers.get('content-type')).toBe('application/problem+json');
  });

  it('takes the good ones of a batch and says what is wrong with the others', async () => {
    const [good, other] = [aPurchase(undefined, [100]), aPurchase(undefined, [200])];
    const bad = { ...aPurchase(undefined, [100]), totalMinor: 1 };
    const { status, body } = await system.call(
      'POST',
      '/v1/purchases/batch',
      { purchases: [good, bad, null, other] },
      'store',
    );
    expect(status).toBe(200);
    expect(body.results.map((one: { status: string }) => one.status)).toEqual([
      'accepted',
      'rejected',
      'rejected',
      'accepted',
    ]);
    expect(body.results[1]).toMatchObject({ id: bad.id, error: { code: 'total_mismatch' } });
    await system.idle();
    expect((await system.call('GET', `/v1/purchases/store:${other.id}`, undefined, 'ops')).status).toBe(200);
  });
});

describe('who may call', () => {
  it('nobody without a key, no role on another’s route, no channel at another’s purchase', async () => {
    const purchaseId = await buy(undefined, [100]);
    const path = `/v1/purchases/${purchaseId}`;
    expect((await system.call('GET', path)).status).toBe(401);
    expect((await system.call('GET', '/v1/program', undefined, 'web')).status).toBe(403);
    expect((await system.call('POST', '/v1/purchases', aPurchase(undefined, [1]), 'ops')).status).toBe(403);
    const others = await system.call('GET', path, undefined, 'web');
    const nothing = await system.call('GET', '/v1/purchases/web:NOTHING', undefined, 'web');
    const withoutId = ({ requestId: _requestId, ...body }: { requestId: string }) => body;
    expect([others.status, nothing.status]).toEqual([404, 404]);
    expect(withoutId(others.body)).toEqual(withoutId(nothing.body));
    expect(await system.call('GET', '/v1/nowhere', undefined, 'ops')).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    });
  });

  it('Apple’s web service only with the pass’s own token', async () => {
    const [one, other] = [await newMember(), await newMember()];
    const tokenOf = async (url: string) => (await openPass(url)).pass.authenticationToken;
    const path = `/apple/v1/passes/pass.example.philia/${one.memberId}`;
    const ask = async (token: string) =>
      (await fetch(system.baseUrl + path, { headers: { authorization: `ApplePass ${token}` } })).status;
    expect(await ask(await tokenOf(one.wallet.appleUrl))).toBe(200);
    expect(await ask(await tokenOf(other.wallet.appleUrl))).toBe(401);
    expect(await ask('x'.repeat(32))).toBe(401);
  });
});

describe('the cards of a family', () => {
  it('go to Apple Wallet in one archive, each of them once, and only with all of their tokens', async () => {
    const family = [await newMember(), await newMember()];
    const tokens = family.map(({ cardUrl }) => cardUrl.split('/').pop() as string);
    const ask = (given: readonly string[]) =>
      fetch(`${system.baseUrl}/v1/cards/apple?tokens=${encodeURIComponent(given.join())}`);
    const response = await ask([...tokens, tokens[0] as string]);
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/vnd.apple.pkpasses');
    const archive = unzipSync(new Uint8Array(await response.arrayBuffer()));
    const serials = Object.values(archive).map(
      (pass) => JSON.parse(Buffer.from(unzipSync(pass)['pass.json'] ?? []).toString('utf8')).serialNumber,
    );
    expect(serials).toEqual(family.map(({ memberId }) => memberId));
    expect((await ask([tokens[0] as string, 'x'.repeat(22)])).status).toBe(404);
    const refused = await ask(['short']);
    expect(refused.status).toBe(400);
    expect(await refused.json()).toMatchObject({ errors: [{ path: expect.stringMatching(/^tokens/) }] });
  });
});

describe('joining', () => {
  it('answers known and new people alike, each with a card, and sends the link once', async () => {
    const joined = await system.call('POST', '/v1/join', {
      email: 'new@example.com',
      consents: { email: true },
    });
    expect(joined).toMatchObject({ status: 202, body: { status: 'accepted' } });
    expect((await system.call('GET', `/v1/cards/${joined.body.cardUrl.split('/').pop()}`)).status).toBe(200);
    const again = await system.call('POST', '/v1/join', { email: 'NEW@example.com' });
    expect(again).toMatchObject({ status: 202, body: { status: 'accepted' } });
    expect(Object.keys(again.body)).toEqual(Object.keys(joined.body));
    expect((await system.call('GET', `/v1/cards/${again.body.cardUrl.split('/').pop()}`)).status).toBe(200);
    await system.idle();
    const { body } = await system.call('GET', '/local/messages');
    const messages = body.messages.filter((one: { to: string }) => one.to === 'new@example.com');
    expect(messages).toEqual([expect.objectContaining({ channel: 'email' })]);
    expect(messages[0].text).toContain(joined.body.cardUrl);
  });

  it('a phone number gets a text message', async () => {
    await system.call('POST', '/v1/join', { phone: '+33 6 12 34 56 78' });
    await system.call('POST', '/v1/join', { phone: '+33612345678' });
    await system.idle();
    const { body } = await system.call('GET', '/local/messages');
    expect(body.messages).toContainEqual(expect.objectContaining({ channel: 'sms', to: '+33612345678' }));
  });
});

describe('the programme', () => {
  it('can be read, replaced, and refuses what is wrong by its place', async () => {
    const { body: before } = await system.call('GET', '/v1/program', undefined, 'ops');
    const wrong = { ...before.program, tiers: [...before.program.tiers].reverse() };
    const refused = await system.call('PUT', '/v1/program', wrong, 'ops');
    expect(refused.status).toBe(400);
    expect(refused.body.errors[0].path).toMatch(/^tiers\.\d\.threshold$/);
    const doubled = { ...before.program, currencies: { EUR: { points: 2, perMinor: 100 } } };
    const put = await system.call('PUT', '/v1/program', doubled, 'ops');
    expect(put).toMatchObject({ status: 200, body: { version: before.version + 1 } });
    const member = await newMember();
    await buy({ memberId: member.memberId }, [5000]);
    const { body } = await system.call('GET', `/v1/members/${member.memberId}`, undefined, 'ops');
    expect(body.balance.available).toBe(50 + 100);
    await system.call('PUT', '/v1/program', before.program, 'ops');
  });
});

describe('lists', () => {
  it('page through entries, and refuse a cursor from elsewhere', async () => {
    const member = await newMember();
    for (const amount of [100, 200, 300]) await buy({ memberId: member.memberId }, [amount]);
    const path = `/v1/members/${member.memberId}/entries`;
    const sequences: number[] = [];
    let cursor: string | null = null;
    let last = '';
    do {
      const query: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
      const { body } = await system.call('GET', `${path}?limit=2${query}`, undefined, 'ops');
      sequences.push(...body.items.map((entry: { sequence: number }) => entry.sequence));
      cursor = body.cursor;
      last = cursor ?? last;
    } while (cursor);
    expect(sequences).toEqual([5, 4, 3, 2, 1]);
    const elsewhere = await system.call('GET', `/v1/exceptions?cursor=${last}`, undefined, 'ops');
    expect(elsewhere).toMatchObject({ status: 400, body: { code: 'invalid_cursor' } });
  });
});
