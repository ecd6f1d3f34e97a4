/** `philia purchases import`: the same import, with the exit statuses and the JSON of philia. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { philia } from '../api.ts';
import { OPS_KEY, useContractApi } from './api.ts';

const api = useContractApi();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'philia-import-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const purchase = (id: string, who: string) => ({ id, member: { email: `${who}@example.com` } });

function imported(lines: object[], { key = OPS_KEY, url = api.baseUrl, flags = [] as string[] } = {}) {
  const file = join(folder, 'lines.ndjson');
  writeFileSync(file, lines.map((line) => JSON.stringify(line)).join('\n'));
  const argv = ['purchases', 'import', file, '--channel', 'store', ...flags, '--json'];
  return philia({ baseUrl: url }, argv, { env: { PHILIA_URL: url, PHILIA_KEY: key } });
}

test('prints what it did as one JSON document, progress and refused lines on stderr', async () => {
  const { exit, stdout, stderr } = await imported([purchase('1', 'a'), purchase('bad', 'b')], {
    flags: ['--enrol'],
  });
  expect(exit).toBe(1);
  expect(JSON.parse(stdout)).toEqual({
    lines: 2,
    purchases: 1,
    refunds: 0,
    enrolled: 2,
    refusals: [expect.objectContaining({ line: 2, code: 'total_mismatch', path: 'totalMinor' })],
  });
  expect(stderr).toContain('100 % (line 2)\nline 2: total_mismatch: totalMinor: totalMinor is wrong\n');
});

test('ends with 0 when everything was taken, and with --dry-run needs no system', async () => {
  expect((await imported([purchase('1', 'a')])).exit).toBe(0);
  const dry = await imported([purchase('1', 'a')], { url: 'http://127.0.0.1:1', flags: ['--dry-run'] });
  expect(dry.exit).toBe(0);
  expect(JSON.parse(dry.stdout)).toMatchObject({ purchases: 1 });
});

test('ends with 3 when the key is refused, 4 when nobody answers, 2 when the key is not an operator’s', async () => {
  const refused = await imported([purchase('1', 'a')], { key: 'phk_ops_other0123456789' });
  expect(refused.exit).toBe(3);
  expect(JSON.parse(refused.stdout)).toMatchObject({
    error: { exit: 3, message: expect.stringContaining('answered 401') },
  });
  expect((await imported([purchase('1', 'a')], { url: 'http://127.0.0.1:1' })).exit).toBe(4);
  expect((await imported([purchase('1', 'a')], { key: 'phk_store_0123456789' })).exit).toBe(2);
});
