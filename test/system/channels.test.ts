/** A fourth channel on a running system, added, paused and resumed over HTTP: no file changes, and nothing restarts. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runScript, type System, startSystem } from '../support/system.ts';

let system: System;
let till = '';
beforeAll(async () => {
  system = await startSystem('--clock', '2026-11-22T10:00:00Z');
}, 150_000);
afterAll(async () => {
  await system?.remove();
});

let serial = 0;
async function send(method: string, path: string, body?: unknown, key = system.credentials.ops) {
  const response = await fetch(`${system.baseUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      'idempotency-key': `key-${++serial}`,
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : JSON.parse(text) };
}
const put = (paused: boolean) =>
  send('PUT', '/v1/channels/till-2', { kind: 'app', name: 'Second till, Lyon', paused });
const sold = (id: string, member: object) => ({
  id,
  occurredAt: '2026-11-22T09:00:00Z',
  currency: 'EUR',
  member,
  lines: [{ id: '1', sku: 'ESP-250', category: 'coffee', quantity: 1, amountMinor: 10_000 }],
  totalMinor: 10_000,
});

it('sells as soon as it is added, by its own key and the terms of its kind', async () => {
  expect((await put(false)).status).toBe(200);
  const made = await send('POST', '/v1/keys', { name: 'Till 2', role: 'channel', channel: 'till-2' });
  expect(made.status).toBe(201);
  till = made.body.key;
  const member = (await send('POST', '/v1/members', { email: 'ada@example.com' }, till)).body;
  const posted = await send('POST', '/v1/purchases', sold('A1', { memberId: member.memberId }), till);
  expect([posted.status, posted.body]).toEqual([202, { purchaseId: 'till-2:A1', status: 'accepted' }]);
  await system.idle();
  expect((await send('GET', '/v1/purchases/till-2:A1', undefined, till)).body).toMatchObject({
    status: 'posted',
    points: { earned: 120, clawedBack: 0 },
  });
  const after = (await send('GET', `/v1/members/${member.memberId}`)).body;
  expect(after.balance).toMatchObject({ available: member.balance.available, pending: 120 });
  const card = await system.call('GET', `/v1/cards/${new URL(member.cardUrl).pathname.split('/').at(-1)}`);
  expect(card.body.balance).toMatchObject({ pending: 120 });
}, 60_000);

it('earns otherwise once the programme names it, which it may since there is one', async () => {
  const { program } = (await send('GET', '/v1/program')).body;
  const named = (id: string) => ({
    ...program,
    channels: { ...program.channels, [id]: { multiplier: '3', pendingDays: 0 } },
  });
  const unknown = await send('PUT', '/v1/program', named('kiosk'));
  expect([unknown.status, unknown.body.errors[0].path]).toEqual([400, 'channels.kiosk']);
  expect((await send('PUT', '/v1/program', named('till-2'))).status).toBe(200);
  await send('POST', '/v1/purchases', sold('A2', { email: 'ada@example.com' }), till);
  await system.idle();
  expect((await send('GET', '/v1/purchases/till-2:A2')).body.points.earned).toBe(300);
  const exported = (await send('GET', '/v1/members?email=ada@example.com')).body.items[0].memberId;
  const { purchases } = (await send('GET', `/v1/members/${exported}/export`)).body;
  expect(purchases.map(({ channel }: { channel: string }) => channel)).toEqual(['till-2', 'till-2']);
  const verified = await send('POST', '/v1/ledger/verify', {});
  expect(verified.body.differences).toEqual([]);
}, 60_000);

it('is refused while it is paused and heard once it is resumed, from the command line as well', async () => {
  const philia = (...args: string[]) =>
    runScript('cli/philia.js', ['--data', system.dataDirectory, 'channels', ...args]);
  expect((await philia('pause', 'till-2')).stdout).toContain('paused since');
  const refused = await send('POST', '/v1/purchases', sold('A3', { email: 'ada@example.com' }), till);
  expect([refused.status, refused.body.code]).toEqual([409, 'channel_paused']);
  await system.idle();
  expect((await send('GET', '/v1/purchases/till-2:A3')).status).toBe(404);
  expect((await philia('resume', 'till-2')).stdout).toContain('going on');
  const taken = await send('POST', '/v1/purchases', sold('A3', { email: 'ada@example.com' }), till);
  expect(taken.status).toBe(202);
  await system.idle();
  expect((await send('GET', '/v1/purchases/till-2:A3')).body.status).toBe('posted');
  expect(await philia('remove', 'till-2', '--yes')).toMatchObject({ code: 3 });
}, 60_000);

it('is still there after a restart', async () => {
  await system.stop();
  system = await system.restart();
  expect((await send('GET', '/v1/channels/till-2')).body).toMatchObject({ kind: 'app', paused: false });
  expect(Object.keys(system.credentials.channels)).toEqual(['web', 'store', 'app']);
  const posted = await send('POST', '/v1/purchases', sold('A4', { email: 'ada@example.com' }), till);
  expect(posted.status).toBe(202);
}, 150_000);
