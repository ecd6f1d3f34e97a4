/** Where the system is and whose key is used; above all, that a key goes to nobody whom it is not for. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { findSystem } from '../../cli/system.ts';
import { ok, opsKey, philia, serveContract, storeKey } from './api.ts';

const api = serveContract();
let data: string;
beforeAll(() => {
  data = mkdtempSync(join(tmpdir(), 'philia-system-'));
});
beforeEach(() => {
  const credentials = { baseUrl: api.baseUrl, channels: { store: storeKey }, ops: opsKey };
  writeFileSync(join(data, 'credentials.json'), JSON.stringify(credentials));
  api.answers = [ok({ items: [] }), ok({ items: [] })];
});
afterAll(() => rmSync(data, { recursive: true, force: true }));

const find = ['members', 'find', '--email', 'a@example.com'];
const other = 'phk_ops_other0123456789';
const keys = () => api.calls.map(({ key }) => key);

describe('the system is found', () => {
  test('by the data folder', async () => {
    await philia(api, [...find, '--data', data], { env: {} });
    expect(keys()).toEqual([`Bearer ${opsKey}`]);
  });

  test('by flags, which beat the environment, which beats the data folder', async () => {
    const env = { PHILIA_URL: api.baseUrl, PHILIA_KEY: opsKey };
    await philia(api, [...find, '--url', api.baseUrl, '--key', other, '--data', data], {
      env: { PHILIA_URL: 'http://127.0.0.1:1', PHILIA_KEY: 'x' },
    });
    await philia(api, [...find, '--data', join(data, 'none')], { env });
    expect(keys()).toEqual([`Bearer ${other}`, `Bearer ${opsKey}`]);
  });

  test('with the token of somebody who signed in', async () => {
    const token = `${'eyJraWQiOiJhIn0'}.${'e'.repeat(900)}.${'s'.repeat(342)}`;
    await philia(api, [...find, '--data', data], { env: { PHILIA_KEY: token } });
    expect(keys()).toEqual([`Bearer ${token}`]);
  });

  test('with the flags before the command as well as after it', async () => {
    await philia(api, ['--data', data, ...find], { env: {} });
    expect(api.calls).toHaveLength(1);
  });

  test('with a key of its own and the address of the data folder', async () => {
    await philia(api, [...find, '--key', other, '--data', data], { env: {} });
    expect(keys()).toEqual([`Bearer ${other}`]);
  });
});

describe('a key is not sent', () => {
  const refused = async (argv: readonly string[], env: Record<string, string> = {}) => {
    const said = await philia(api, [...find, ...argv], { env });
    expect(said.exit).toBe(2);
    expect(api.calls).toEqual([]);
    return said.stderr;
  };

  test('from the data folder to an address that was given', async () => {
    expect(await refused(['--url', api.baseUrl, '--data', data])).toContain('give --key or set PHILIA_KEY');
    expect(await refused(['--data', data], { PHILIA_URL: api.baseUrl })).toContain('give --key');
  });

  test("when it is a channel's and an operator's is needed, or the other way round", async () => {
    expect(await refused(['--url', api.baseUrl, '--key', storeKey])).toContain('is of store');
    const asStore = findSystem(
      { url: api.baseUrl, key: opsKey, data },
      { role: 'channel', channel: 'store' },
    );
    await expect(asStore).rejects.toThrow('The key given is of ops, and a key of store is needed.');
  });

  test('to what is no address', async () => {
    expect(await refused(['--url', 'points.example.com', '--key', opsKey])).toContain('https://');
  });

  test('from a folder where there is none, which is said with the remedy', async () => {
    expect(await refused(['--data', join(data, 'none')])).toContain('npm start');
    writeFileSync(join(data, 'credentials.json'), '{}');
    expect(await refused(['--data', data])).toContain('has no baseUrl');
  });
});

test('an address without encryption is warned of, unless it is this machine', async () => {
  const warned = async (url: string) => {
    const { stderr } = await philia(api, [...find, '--url', url, '--key', opsKey], { env: {} });
    return stderr.includes('is not encrypted');
  };
  expect(await warned('http://points.invalid')).toBe(true);
  expect(await warned(api.baseUrl)).toBe(false);
});
