import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OPS_KEY, useContractApi } from './api.ts';

const api = useContractApi();
let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'philia-import-'));
  const channels = { web: 'phk_web_secret', store: 'phk_store_secret' };
  writeFileSync(
    join(dir, 'credentials.json'),
    JSON.stringify({ baseUrl: api.baseUrl, channels, ops: OPS_KEY }),
  );
});

afterAll(() => rmSync(dir, { recursive: true, force: true }));

interface Result {
  status: number;
  stdout: string;
  stderr: string;
}

/** Runs the command as its user does, in a process of its own. */
function run(...flags: string[]): Promise<Result> {
  const command = join(import.meta.dirname, '../../../cli/philia.js');
  return new Promise((resolve) => {
    execFile(process.execPath, [command, 'purchases', 'import', ...flags], (error, stdout, stderr) =>
      resolve({ status: error ? Number(error.code) : 0, stdout, stderr }),
    );
  });
}

function file(lines: (object | string)[]): string {
  const path = join(dir, 'purchases.ndjson');
  writeFileSync(
    path,
    lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n'),
  );
  return path;
}

const purchase = (id: string, who: string) => ({ id, member: { email: `${who}@example.com` } });
const store = () => ['--channel', 'store', '--data', dir];

describe("npm run import against the contract's API", () => {
  test('ends with a summary and status 0 when everything was taken', async () => {
    const lines = [purchase('1', 'a'), '', { type: 'refund', ...purchase('2', 'a') }, purchase('3', 'b')];
    const { status, stdout, stderr } = await run(file(lines), ...store(), '--enrol');
    expect(status).toBe(0);
    expect(stdout).toMatch(
      /^lines +3\npurchases +2\nrefunds +1\nmembers enrolled +2\nrefused +0\nduration +\d+\.\d s\n$/,
    );
    expect(stderr).toContain('100 % (line 4)');
  });

  test('reports refused lines on stderr in file order and ends with status 1', async () => {
    const { status, stdout, stderr } = await run(
      file([purchase('bad', 'a'), '{', purchase('3', 'b')]),
      ...store(),
    );
    expect(status).toBe(1);
    expect(stdout).toMatch(/lines +3\npurchases +1\n.*refused +2\n/s);
    expect(stderr).toMatch(
      /line 1: total_mismatch: totalMinor: totalMinor is wrong\nline 2: invalid_line: The line is not a JSON object\.\n/,
    );
  });

  test('shows a line every ten per cent where nobody watches', async () => {
    const lines = Array.from({ length: 2000 }, (_, index) => purchase(String(index), 'same'));
    const { stderr } = await run(file(lines), ...store());
    expect(stderr.match(/^\d+0 % \(line \d+\)$/gm)).toHaveLength(10);
  });

  test('--dry-run checks and counts, and sends nothing', async () => {
    const lines = [purchase('1', 'a'), purchase('2', 'A'), { type: 'refund', id: '3' }, '{'];
    const { status, stdout } = await run(file(lines), ...store(), '--dry-run', '--enrol');
    expect(status).toBe(1);
    expect(stdout).toMatch(/Dry run.*lines +4\npurchases +2\nrefunds +1\nmembers enrolled +1\nrefused +1\n/s);
    expect(api.calls).toEqual([]);
  });

  test('--from begins at that line, by its number in the file', async () => {
    const { stdout } = await run(
      file([purchase('1', 'a'), '{', purchase('3', 'b')]),
      ...store(),
      '--from',
      '3',
    );
    expect(stdout).toMatch(/lines +1\n/);
    expect(api.sent()).toEqual([['3']]);
  });

  test.each<[string, () => string[], RegExp]>([
    ['no channel', () => [file([]), '--data', dir], /--channel/],
    [
      'a channel that does not exist',
      () => [file([]), '--channel', 'fax', '--data', dir],
      /"fax".*app, store, web/,
    ],
    ['a file that does not exist', () => [join(dir, 'none'), ...store()], /none cannot be read/],
    [
      'a system that never ran',
      () => [file([]), '--channel', 'store', '--data', join(dir, 'none')],
      /npm start/,
    ],
    ['line 0', () => [file([]), ...store(), '--from', '0'], /whole number from 1/],
  ])('with %s is one sentence, and used wrongly', async (_, flags, message) => {
    const { status, stderr, stdout } = await run(...flags());
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(stdout).toBe('');
  });

  test('--help names every flag', async () => {
    const { status, stdout } = await run('--help');
    expect(status).toBe(0);
    for (const flag of ['--channel', '--enrol', '--clock', '--data', '--dry-run', '--from']) {
      expect(stdout).toContain(flag);
    }
  });
});
