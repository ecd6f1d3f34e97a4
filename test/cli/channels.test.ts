/** Connecting a channel to its shop, and comparing the two, as an operator does it. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ok, philia, refusal, serveContract } from './api.ts';

const api = serveContract();
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'philia-cli-'));
  await writeFile(join(folder, 'secret'), 'from a file\n');
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const shop = {
  adapter: 'anyshop',
  settings: [
    { name: 'host', says: "The shop's host", needed: true },
    { name: 'money', says: 'Which money', needed: false },
  ],
  secret: 'What it signs with',
  apiToken: 'The token of its API',
  clicks: ['Open Settings.', 'Enter {url}.'],
};
const channel = {
  id: 'anyshop',
  kind: 'web',
  name: 'anyshop',
  adapter: 'anyshop',
  settings: { host: 'shop.example.com' },
  secretCount: 1,
  hasApiToken: true,
  lastDeliveryAt: null as string | null,
  paused: false,
  pausedAt: null,
  createdAt: '2026-12-01T10:00:00Z',
  removable: true,
};
const listed = (lastDeliveryAt: string | null) =>
  ok({ items: [{ ...channel, lastDeliveryAt }], cursor: null });
const bodyOf = (request: string) => api.calls.find((call) => call.request === request)?.body;

describe('channels add with a shop', () => {
  test('asks for what is needed, shows the clicks, and waits for the first delivery', async () => {
    const delivered = '2026-12-01T10:05:00Z';
    api.answers = [
      ok({ items: [shop] }),
      ok({ items: [], cursor: null }),
      ok(channel),
      listed(null),
      listed(delivered),
      ok({ ...channel, lastDeliveryAt: delivered }),
    ];
    const texts = ['shop.example.com', '', 'it signs with this', 'a token'];
    const said = await philia(api, ['channels', 'add', 'anyshop'], { tty: true, texts });
    expect(said.exit).toBe(0);
    expect(said.questions).toHaveLength(4);
    expect(bodyOf('PUT /v1/channels/anyshop')).toEqual({
      kind: 'web',
      name: 'anyshop',
      adapter: 'anyshop',
      settings: { host: 'shop.example.com' },
      secrets: ['it signs with this'],
      apiToken: 'a token',
    });
    expect(said.stderr).toContain(`2. Enter ${api.baseUrl}/v1/channels/anyshop/deliveries.`);
    expect(said.pauses).toHaveLength(2);
    expect(said.stdout).toContain(delivered);
    expect(`${said.stdout}${said.stderr}`).not.toMatch(/it signs with this|a token/);
  });

  test('takes everything from the command line and files where nobody can answer, and waits for nothing', async () => {
    api.answers = [ok({ items: [shop] }), listed(null), ok(channel)];
    const args = ['channels', 'add', 'till-2', '--adapter', 'anyshop', '--kind', 'store', '--name', 'Till'];
    const more = ['--setting', 'host=a=b', '--secret-file', join(folder, 'secret')];
    const said = await philia(api, [...args, ...more]);
    expect([said.exit, said.questions]).toEqual([0, []]);
    expect(bodyOf('PUT /v1/channels/till-2')).toEqual({
      kind: 'store',
      name: 'Till',
      adapter: 'anyshop',
      settings: { host: 'a=b' },
      secrets: ['from a file'],
    });
  });

  test.each([
    ['an adapter that there is not', ['--adapter', 'other'], 'other is none of anyshop'],
    [
      'a setting without a value',
      ['--adapter', 'anyshop', '--setting', 'host'],
      '--setting takes name=value',
    ],
    [
      'a file that is not there',
      ['--adapter', 'anyshop', '--secret-file', '/nowhere/at/all'],
      'cannot be read',
    ],
    ['no shop and no kind', [], 'Say --kind'],
  ])('with %s changes nothing', async (_what, more, message) => {
    api.answers = [ok({ items: [shop] }), listed(null)];
    const said = await philia(api, ['channels', 'add', 'till-2', ...more]);
    expect([said.exit, said.stderr]).toEqual([2, expect.stringContaining(message)]);
    expect(api.calls.some(({ request }) => request.startsWith('PUT'))).toBe(false);
  });
});

describe('channels reconcile', () => {
  const args = ['channels', 'reconcile', 'anyshop', '--since', '2026-11-01T00:00:00Z'];
  const missing = {
    orderId: '7',
    purchases: [{ id: '7', totalMinor: 4500, currency: 'EUR' }],
    refunds: [{ id: 'R1', purchaseId: '7' }],
    refused: [],
  };
  const same = { orderId: '8', purchases: [], refunds: [], refused: [] };

  test('goes through all pages and shows what is missing', async () => {
    api.answers = [ok({ items: [missing], cursor: 'next' }), ok({ items: [same], cursor: null })];
    const said = await philia(api, args);
    expect([said.exit, said.stdout]).toEqual([1, expect.stringMatching(/7 .*missing .*7 \(4500 EUR\).*R1/)]);
    expect(said.stderr).toContain('2 looked at, 1 differ');
    expect(api.calls.map(({ body }) => body)).toMatchObject([
      { since: '2026-11-01T00:00:00Z', cursor: null, post: false },
      { cursor: 'next', post: false },
    ]);
  });

  test('is content when it has posted all of it, and not with what cannot be', async () => {
    api.answers = [ok({ items: [missing], cursor: null })];
    expect(await philia(api, [...args, '--post'])).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining('posted'),
    });
    const refused = { orderId: '9', purchases: [], refunds: [], refused: ['totalMinor must be 3'] };
    api.answers = [ok({ items: [missing, refused], cursor: null })];
    expect(await philia(api, [...args, '--post'])).toMatchObject({
      exit: 1,
      stdout: expect.stringContaining('totalMinor must be 3'),
    });
    api.answers = [ok({ items: [same], cursor: null })];
    expect(await philia(api, args)).toMatchObject({
      exit: 0,
      stdout: expect.stringContaining('Nothing is missing'),
    });
  });

  test('says what the shop answered', async () => {
    api.answers = Array(4).fill(refusal('shop_unavailable', 'GET https://shop is answered 401.'));
    const said = await philia(api, args);
    expect(said.stderr).toContain('is answered 401');
    expect(said.exit).not.toBe(0);
  });
});
