/** A member asks for everything that is held, then to be forgotten: on the running system, to every card and beyond a restore. */
import { DatabaseSync } from 'node:sqlite';
import { unzipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSqliteDynamoDb } from '../support/dynamodb.ts';
import { type System, startSystem } from '../support/system.ts';

const person = {
  name: 'Zoë Quatremère',
  email: 'zoe.quatremere@example.com',
  phone: '+33612345678',
  birthday: '1987-03-14',
};
const minute = '2026-11-22T09:59:00Z';

let system: System;
// biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests are about.
let member: any;
/** What nothing may show any more. */
let secrets: string[];
/** How a phone asks for the pass, and what it last had. */
let phone: { pass: string; list: string; headers: Record<string, string>; lastModified: string };
let objectId: string;

const ops = (method: string, path: string, body?: unknown) => system.call(method, path, body, 'ops');
const store = (method: string, path: string, body?: unknown) => system.call(method, path, body, 'store');

async function buy(id: string, named: object, more: object = {}) {
  const line = { id: '1', sku: 'ESP-250', gtin: '3017620422003', name: '=1+1 "Crème"', category: 'coffee' };
  const lines = [{ ...line, quantity: 2, amountMinor: 60_000, discountMinor: 500 }];
  const sale = { id, occurredAt: minute, currency: 'EUR', member: named, lines, totalMinor: 60_000, ...more };
  expect((await store('POST', '/v1/purchases', sale)).status).toBe(202);
  await system.idle();
}

async function redeem(key: string) {
  const response = await fetch(`${system.baseUrl}/v1/redemptions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${system.credentials.channels.store}`,
      'idempotency-key': key,
    },
    body: JSON.stringify({ member: { email: person.email }, rewardId: 'five-euros', mode: 'capture' }),
  });
  const body = (await response.json()) as { voucher?: { code: string } };
  return { status: response.status, body };
}

async function fetchPass(headers: Record<string, string> = {}) {
  const response = await fetch(phone.pass, { headers: { ...phone.headers, ...headers } });
  const bytes = new Uint8Array(await response.arrayBuffer());
  const json = response.status === 200 ? unzipSync(bytes)['pass.json'] : undefined;
  const text = json ? Buffer.from(json).toString('utf8') : '';
  return { status: response.status, text, lastModified: response.headers.get('last-modified') ?? '' };
}

async function register(device: string, pushToken: string) {
  const url = `${system.baseUrl}/apple/v1/devices/${device}/registrations/${phone.list}`;
  const body = JSON.stringify({ pushToken });
  return (await fetch(url, { method: 'POST', headers: phone.headers, body })).status;
}

/** Every item of every table, read by the protocol from the file of a system that has stopped. */
async function scanTables(): Promise<Record<string, object[]>> {
  const { database, stop } = await startSqliteDynamoDb({ path: `${system.dataDirectory}/table.db` });
  const call = (operation: string, body: object) =>
    database.call(`DynamoDB_20120810.${operation}`, body) as Record<string, never>;
  const tables: Record<string, object[]> = {};
  for (const TableName of call('ListTables', {})['TableNames'] as unknown as string[]) {
    const items: object[] = [];
    let page: { Items?: object[]; LastEvaluatedKey?: object } = {};
    do {
      const from = page.LastEvaluatedKey ? { ExclusiveStartKey: page.LastEvaluatedKey } : {};
      page = call('Scan', { TableName, ...from });
      items.push(...(page.Items ?? []));
    } while (page.LastEvaluatedKey);
    tables[TableName] = items;
  }
  await stop();
  return tables;
}

const ledgerOf = (tables: Record<string, object[]>) =>
  Object.values(tables).find((items) => JSON.stringify(items).includes('"PROGRAM"')) ?? [];

/** Puts the ledger's table back to how a copy has it; the table of erasures stays as it is, as on AWS. */
function restoreLedger(copy: string): void {
  const database = new DatabaseSync(`${system.dataDirectory}/table.db`);
  database.exec(`
    ATTACH '${copy}' AS copy;
    CREATE TEMP TABLE ledger AS
      SELECT DISTINCT table_id AS id FROM items WHERE json_extract(item, '$.pk.S') = 'PROGRAM';
    DELETE FROM main.items WHERE table_id IN (SELECT id FROM ledger);
    INSERT INTO main.items SELECT * FROM copy.items WHERE table_id IN (SELECT id FROM ledger);`);
  database.close();
}

beforeAll(async () => {
  system = await startSystem('--clock', '2026-11-22T10:00:00Z');
  // Before anybody knew the address.
  await buy('EARLY', { email: person.email });
  const enrolled = await store('POST', '/v1/members', { ...person, consents: { email: true } });
  expect(enrolled.status).toBe(201);
  member = enrolled.body;
  for (const [id, named] of Object.entries({
    MAIL: { email: person.email },
    PHONE: { phone: person.phone },
    CARD: { cardNumber: member.cardNumber },
  }))
    await buy(id, named);
  await buy('MAIL', { email: person.email }, { occurredAt: '2026-11-22T09:58:00Z' });
  const { body: redemption } = await redeem('till-1');
  const { code = '' } = redemption.voucher ?? {};

  const apple = await fetch(member.wallet.appleUrl);
  const pass = unzipSync(new Uint8Array(await apple.arrayBuffer()))['pass.json'] ?? new Uint8Array();
  const { passTypeIdentifier, serialNumber, authenticationToken } = JSON.parse(Buffer.from(pass).toString());
  phone = {
    pass: `${system.baseUrl}/apple/v1/passes/${passTypeIdentifier}/${serialNumber}`,
    list: `${passTypeIdentifier}/${serialNumber}`,
    headers: { authorization: `ApplePass ${authenticationToken}` },
    lastModified: apple.headers.get('last-modified') ?? '',
  };
  expect(await register('zoes-phone', 'zoes-push-token')).toBe(201);
  expect(await register('zoes-lost-phone', 'zoes-lost-token')).toBe(201);
  const saved = await fetch(member.wallet.googleUrl, { redirect: 'manual' });
  const [, payload = ''] = (saved.headers.get('location') ?? '').split('.').slice(-3);
  objectId = JSON.parse(Buffer.from(payload, 'base64url').toString()).payload.loyaltyObjects[0].id;
  const cardToken = member.cardUrl.split('/').pop();
  secrets = [...Object.values(person), member.cardNumber, cardToken, code, 'zoes-push-token'];
}, 150_000);
afterAll(async () => {
  await system?.remove();
});

describe('the export', () => {
  it('is everything that is held, for operators only', async () => {
    const path = `/v1/members/${member.memberId}/export`;
    expect((await store('GET', path)).status).toBe(403);
    const { status, body } = await ops('GET', path);
    expect(status).toBe(200);
    expect(body.person.member).toMatchObject({ ...person, cardNumber: member.cardNumber });
    expect(body.person.devices).toHaveLength(2);
    expect(body.person.google).toMatchObject({ objectId });
    expect(body.cursor).toBeNull();
    const ids = body.purchases.map(({ purchaseId }: { purchaseId: string }) => purchaseId);
    // What was bought before anybody knew the address is theirs as soon as the step comes to it.
    expect(ids.toSorted()).toEqual(['store:CARD', 'store:EARLY', 'store:MAIL', 'store:PHONE']);
    for (const { purchaseId, namedAs, lines } of body.purchases) {
      expect(lines[0]).toMatchObject({ gtin: '3017620422003', discountMinor: 500 });
      expect([null, ...(purchaseId === 'store:EARLY' ? [{ email: person.email }] : [])]).toContainEqual(
        namedAs,
      );
    }
    for (const list of ['entries', 'vouchers', 'redemptions', 'exceptions'])
      expect(body[list].length).toBeGreaterThan(0);
  });

  it('is to be had as CSV that a spreadsheet opens and does not run', async () => {
    const response = await fetch(`${system.baseUrl}/v1/members/${member.memberId}/export?format=csv`, {
      headers: { authorization: `Bearer ${system.credentials.ops}` },
    });
    expect(response.headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(response.headers.get('link')).toBeNull();
    const bytes = Buffer.from(await response.arrayBuffer());
    expect([...bytes.subarray(0, 3)]).toEqual([0xef, 0xbb, 0xbf]);
    const [head, ...rows] = bytes.toString('utf8').slice(1).split('\r\n');
    expect(head).toMatch(/^purchaseId,occurredAt,.*gtin.*discountMinor/);
    expect(rows).toHaveLength(5);
    const line = `ESP-250,3017620422003,"'=1+1 ""Crème""",coffee,,2,60000,500,EUR,`;
    const mail = rows.find((row) => row.startsWith('store:MAIL,'));
    expect(mail).toContain(`store:MAIL,${minute},store,,1,${line}`);
  });
});

describe('the erasure', () => {
  const copyOf = () => `${system.dataDirectory}/../copy.db`;

  it('is for operators, of members there are', async () => {
    const database = new DatabaseSync(`${system.dataDirectory}/table.db`);
    database.exec(`VACUUM INTO '${copyOf()}'`);
    database.close();
    const path = `/v1/members/${member.memberId}`;
    expect((await store('DELETE', path)).status).toBe(403);
    expect((await ops('DELETE', '/v1/members/mem_01JD0000000000000000000000')).status).toBe(404);
    const { body } = await ops('DELETE', path, { reason: 'x', hard: true });
    expect(body).toMatchObject({ code: 'invalid_request', errors: [{ path: 'hard' }] });
    const erased = { memberId: member.memberId, status: 'erased' };
    const reason = `A letter from ${person.email}`;
    expect(await ops('DELETE', path, { reason })).toMatchObject({ status: 202, body: erased });
    expect(await ops('DELETE', path)).toMatchObject({ status: 202, body: erased });
    await system.idle();
  });

  it('leaves no route that shows the person', async () => {
    const { memberId, cardNumber, cardUrl } = member;
    const path = `/v1/members/${memberId}`;
    const card = `/v1/cards/${cardUrl.split('/').pop()}`;
    const code = secrets.at(-2) ?? '';
    const shown: string[] = [];
    const answered = async (of: typeof ops, method: string, where: string, body?: unknown) => {
      const answer = await of(method, where, body);
      shown.push(JSON.stringify(answer.body));
      return answer;
    };
    for (const [method, where, body] of [
      ['GET', path],
      ['PATCH', path, { name: 'Zoë' }],
      ['GET', `${path}/vouchers`],
      ['GET', `/v1/vouchers/${code}`],
      ['GET', card],
      ['GET', `${card}/apple`],
      ['GET', `${card}/google`],
    ] as const)
      for (const of of [ops, store]) expect((await answered(of, method, where, body)).status).toBe(404);
    expect((await answered(ops, 'GET', `${path}/export`)).status).toBe(404);
    for (const query of [
      `email=${person.email}`,
      `phone=${encodeURIComponent(person.phone)}`,
      `cardNumber=${cardNumber}`,
    ])
      expect((await answered(store, 'GET', `/v1/members?${query}`)).body).toEqual({ items: [] });
    expect((await answered(store, 'GET', `${path}/entries`)).status).toBe(404);
    const entries = await answered(ops, 'GET', `${path}/entries`);
    expect(entries.body.items[0]).toMatchObject({ type: 'erased', balance: { available: 0, pending: 0 } });
    const { entryId } = entries.body.items[0];
    expect((await answered(store, 'GET', `/v1/entries/${entryId}/explain`)).status).toBe(404);
    expect((await answered(ops, 'GET', `/v1/entries/${entryId}/explain`)).status).toBe(200);
    for (const status of ['open', 'resolved'])
      await answered(ops, 'GET', `/v1/exceptions?status=${status}&limit=100`);
    for (const id of ['EARLY', 'MAIL', 'PHONE', 'CARD'])
      expect((await answered(store, 'GET', `/v1/purchases/store:${id}`)).status).toBe(200);
    for (const secret of secrets) expect(shown.join('\n')).not.toContain(secret);
  });

  it('has nothing posted to the account any more', async () => {
    const { memberId } = member;
    await buy('AFTER', { memberId });
    const bought = await store('GET', '/v1/purchases/store:AFTER');
    expect(bought.body).toMatchObject({ status: 'unclaimed', memberId: null });
    const claim = { member: { memberId }, totalMinor: 60_000 };
    expect((await store('POST', '/v1/purchases/store:AFTER/claim', claim)).status).toBe(400);
    expect(await redeem('till-2')).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
    // What was on its way when the member left is kept as a guest's.
    await buy('LATE', { email: person.email });
    expect((await store('GET', '/v1/purchases/store:LATE')).body.status).toBe('unclaimed');
    const { body } = await ops('POST', '/v1/ledger/verify', {});
    expect(body.differences).toEqual([]);
  });

  it('voids the pass on the phone, which is told once and then forgotten', async () => {
    const { body: apns } = await system.call('GET', '/local/apns');
    const told = apns.pushes.map(({ pushToken }: { pushToken: string }) => pushToken);
    expect(told).toContain('zoes-push-token');
    expect(told).toContain('zoes-lost-token');
    const changed = `/apple/v1/devices/zoes-phone/registrations/${phone.list.split('/')[0]}`;
    expect((await system.call('GET', changed)).body.serialNumbers).toEqual([member.memberId]);
    const pass = await fetchPass({ 'if-modified-since': phone.lastModified });
    expect(pass.status).toBe(200);
    expect(JSON.parse(pass.text)).toMatchObject({
      voided: true,
      barcodes: [],
      serialNumber: member.memberId,
    });
    for (const secret of secrets) expect(pass.text).not.toContain(secret);
    expect((await fetchPass({ 'if-modified-since': pass.lastModified })).status).toBe(304);
    expect((await system.call('GET', changed)).status).toBe(204);
    expect(await register('zoes-phone', 'zoes-push-token')).toBe(401);
  });

  it('expires the object at Google, and takes the person off it', async () => {
    const { body } = await system.call('GET', `/local/google/objects/${objectId}`);
    expect(body.state).toBe('EXPIRED');
    for (const secret of secrets) expect(JSON.stringify(body)).not.toContain(secret);
  });

  it('leaves nothing in the tables but who was erased', async () => {
    await system.call('PUT', '/local/clock', { now: '2026-12-23T10:00:00Z' });
    await system.stop();
    const tables = await scanTables();
    const text = JSON.stringify(Object.values(tables));
    for (const secret of [...secrets, 'zoes-lost-token', 'zoes-lost-phone'])
      expect(text).not.toContain(secret);
    const [list, ...more] = Object.values(tables).filter((items) => items !== ledgerOf(tables));
    expect(more).toEqual([]);
    expect(list).toEqual([{ memberId: { S: member.memberId }, erasedAt: { S: expect.any(String) } }]);
  });

  it('is applied again to a ledger that was restored from before', async () => {
    restoreLedger(copyOf());
    expect(JSON.stringify(ledgerOf(await scanTables()))).toContain(person.email);
    system = await system.restart('--reapply-erasures');
    expect((await ops('GET', `/v1/members/${member.memberId}`)).status).toBe(404);
    expect((await ops('GET', `/v1/members?email=${person.email}`)).body).toEqual({ items: [] });
    const { body } = await ops('GET', '/v1/exceptions?limit=100');
    expect(JSON.stringify(body)).not.toContain(person.email);
    expect((await ops('POST', '/v1/ledger/verify', {})).body.differences).toEqual([]);
    await system.idle();
    expect((await system.call('GET', `/local/google/objects/${objectId}`)).body.state).toBe('EXPIRED');
    const { phone: _phone, ...anew } = person;
    const joined = await store('POST', '/v1/members', anew);
    expect(joined.status).toBe(201);
    expect(joined.body.memberId).not.toBe(member.memberId);
  });
});
