/** `npx philia` on the running system, command by command, as an operator types them. */
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runScript, type System, startSystem } from '../support/system.ts';

const root = join(import.meta.dirname, '../..');
let system: System;
let folder: string;
beforeAll(async () => {
  system = await startSystem('--clock', '2026-11-22T10:00:00Z');
  folder = await mkdtemp(join(tmpdir(), 'philia-cli-'));
}, 150_000);
afterAll(async () => {
  await system?.remove();
  await rm(folder, { recursive: true, force: true });
});

interface Said {
  readonly exit: number | null;
  // Tests look into answers freely; what they expect is checked there.
  // biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests are about.
  readonly json: any;
  readonly stderr: string;
}

/** Runs a command with --json, so that everything on stdout has to be one document. */
async function philia(...argv: string[]): Promise<Said> {
  const where = argv.includes('--key') ? [] : ['--data', system.dataDirectory];
  const { code, stdout, stderr } = await runScript('cli/philia.js', [...argv, '--json', ...where]);
  return { exit: code, json: JSON.parse(stdout), stderr };
}

let serial = 0;

async function newMember() {
  serial++;
  const given = { name: 'Ada', email: `cli${serial}@example.com` };
  return (await system.call('POST', '/v1/members', given, 'store')).body;
}

const because = ['--reason', 'Tried out'];
const purchase = (id: string, email: string, amountMinor = 10_000) => ({
  id,
  occurredAt: '2026-11-22T09:59:00Z',
  currency: 'EUR',
  member: { email },
  lines: [{ id: '1', sku: 'ESP-250', quantity: 1, amountMinor }],
  totalMinor: amountMinor,
});

async function writeLines(name: string, ...lines: object[]): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, lines.map((line) => JSON.stringify(line)).join('\n'));
  return file;
}

describe('npx philia', () => {
  it('finds the command of this folder, without the network', async () => {
    const npm = { npm_config_offline: 'true', npm_config_cache: join(folder, 'npm') };
    const child = spawn('npx', ['philia', '--help'], { cwd: root, env: { ...process.env, ...npm } });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    const code = await new Promise((resolve) => child.once('close', resolve));
    expect(code).toBe(0);
    expect(stdout).toMatch(/^Usage: philia /);
  });

  it('tells a refused key and a system that is not there apart by the exit status', async () => {
    const url = ['--url', system.baseUrl];
    expect((await philia('program', 'show', ...url, '--key', 'phk_ops_0123456789abcdef')).exit).toBe(3);
    const away = ['--url', 'http://127.0.0.1:9', '--key', system.credentials.ops];
    expect((await philia('program', 'show', ...away)).exit).toBe(4);
  });
});

describe('members and purchases', () => {
  it('are found, shown and imported; the same file twice changes nothing', async () => {
    const email = 'import@example.com';
    const file = await writeLines('two.ndjson', purchase('C-1', email), purchase('C-2', email, 5_000));
    const command = ['purchases', 'import', file, '--channel', 'store', '--enrol'];
    const first = await philia(...command);
    expect(first).toMatchObject({ exit: 0, json: { lines: 2, purchases: 2, enrolled: 1, refusals: [] } });
    expect(await philia(...command)).toMatchObject({ exit: 0, json: { purchases: 2, enrolled: 0 } });
    const found = await philia('members', 'find', '--email', email);
    const [member] = found.json.items;
    expect(member.balance).toEqual({ available: 200, pending: 0, held: 0, debt: 0 });
    expect((await philia('members', 'show', member.memberId)).json).toEqual(member);
    expect((await philia('members', 'find', '--phone', '+33123456789')).exit).toBe(1);
    expect((await philia('members', 'show', 'mem_01JD0000000000000000000000')).exit).toBe(3);
  });

  it('a refused line ends the import with 1 and is told by its number', async () => {
    const wrong = { ...purchase('C-3', 'import@example.com'), totalMinor: 1 };
    const file = await writeLines('wrong.ndjson', purchase('C-4', 'import@example.com'), wrong);
    const said = await philia('purchases', 'import', file, '--channel', 'store');
    expect(said).toMatchObject({ exit: 1, json: { purchases: 1, refusals: [{ line: 2 }] } });
    expect(said.stderr).toContain('line 2: total_mismatch');
  });
});

describe('the programme', () => {
  it('is shown, changed in a file and pushed; one that is not valid is refused with its place', async () => {
    const { version, program } = (await philia('program', 'show')).json;
    const file = join(folder, 'program.json');
    await writeFile(file, JSON.stringify({ ...program, holdMinutes: 20 }));
    expect((await philia('program', 'push', file)).exit).toBe(2);
    expect((await philia('program', 'push', file, '--yes')).json).toEqual({ version: version + 1 });
    expect((await philia('program', 'show')).json).toMatchObject({
      version: version + 1,
      program: { holdMinutes: 20 },
    });
    await writeFile(file, JSON.stringify({ ...program, holdMinutes: -1 }));
    const refused = await philia('program', 'push', file, '--yes');
    expect(refused.exit).toBe(3);
    expect(refused.json.error.problem.errors[0].path).toBe('holdMinutes');
    expect(refused.stderr).toContain('holdMinutes');
  });

  it('is checked and planned, with a window and without', async () => {
    const { program } = (await philia('program', 'show')).json;
    const file = join(folder, 'candidate.json');
    await writeFile(file, JSON.stringify({ ...program, currencies: { EUR: { points: 2, perMinor: 100 } } }));
    expect(await philia('program', 'check', file)).toMatchObject({ exit: 0, json: { valid: true } });
    const plan = ['program', 'plan', file, '--from', '2026-11-22', '--to', '2026-11-23'];
    const planned = await philia(...plan);
    expect(planned.exit).toBe(0);
    expect(planned.json.changes.length).toBeGreaterThan(0);
    const { actual, candidate } = planned.json.backtest.issued;
    expect(candidate).toBe(2 * actual);
    const broken = await philia(...plan, '--invariant', 'liability_does_not_grow');
    expect(broken.exit).toBe(1);
    expect(broken.json.backtest.broken).toHaveLength(1);
    await writeFile(file, JSON.stringify({ ...program, tiers: [] }));
    expect(await philia('program', 'check', file)).toMatchObject({ exit: 1, json: { error: { exit: 1 } } });
  });
});

describe('exceptions', () => {
  async function conflict(id: string): Promise<string> {
    const { email } = await newMember();
    const file = await writeLines(`${id}.ndjson`, purchase(id, email), purchase(id, email, 20_000));
    // The number is taken, and what came under it waits for an operator.
    expect((await philia('purchases', 'import', file, '--channel', 'store')).exit).toBe(1);
    const { json } = await philia('exceptions', 'list', '--type', 'purchase_conflict', '--limit', '100');
    const found = json.items.find(({ subject }: { subject: string }) => subject === `store:${id}`);
    expect(found).toBeDefined();
    return found.exceptionId;
  }

  it('are listed and shown', async () => {
    const id = await conflict('X-1');
    expect((await philia('exceptions', 'show', id)).json).toMatchObject({ exceptionId: id, status: 'open' });
    expect((await philia('exceptions', 'list', '--type', 'frob')).exit).toBe(3);
  });

  it('are retried, dismissed and redriven', async () => {
    const id = await conflict('X-2');
    expect((await philia('exceptions', 'retry', id)).json.error.problem.code).toBe('exception_not_retryable');
    expect((await philia('exceptions', 'dismiss', id, ...because)).json.status).toBe('dismissed');
    expect((await philia('exceptions', 'dismiss', id, ...because)).exit).toBe(3);
    expect((await philia('exceptions', 'show', id)).json).toMatchObject({ status: 'dismissed' });
    expect(await philia('exceptions', 'redrive', '--yes')).toMatchObject({
      exit: 0,
      json: { redriven: 0, left: 0 },
    });
  });
});

describe('vouchers', () => {
  it('are given once a key, shown, and revoked', async () => {
    const { memberId } = await newMember();
    const give = ['vouchers', 'give', memberId, 'five-euros', ...because, '--idempotency-key', memberId];
    const { json: given, exit } = await philia(...give);
    expect({ exit, status: given.status }).toEqual({ exit: 0, status: 'issued' });
    expect((await philia(...give)).json).toEqual(given);
    expect((await philia('vouchers', 'show', given.code.toLowerCase())).json).toEqual(given);
    expect((await philia('vouchers', 'revoke', given.code, ...because)).exit).toBe(2);
    const revoked = await philia('vouchers', 'revoke', given.code, ...because, '--yes');
    expect(revoked).toMatchObject({ exit: 0, json: { status: 'revoked', code: null } });
    expect((await philia('vouchers', 'show', given.code)).json).toMatchObject({ status: 'revoked' });
    expect((await philia('vouchers', 'give', memberId, 'nothing', ...because)).exit).toBe(3);
  });
});

describe('adjustments and keys', () => {
  it('post at once within the limit, and beyond it by a second operator', async () => {
    const { memberId } = await newMember();
    const adjust = ['members', 'adjust', memberId, '--yes'];
    expect((await philia(...adjust, '10', ...because)).json.balance.available).toBe(60);
    expect((await philia(...adjust, '-10', ...because)).json.balance.available).toBe(50);
    expect((await philia(...adjust, '-51', ...because)).json.error.problem.code).toBe('insufficient_points');
    const waiting = (await philia(...adjust, '6000', ...because)).json;
    expect(waiting.status).toBe('waiting');
    const approve = ['adjustments', 'approve', waiting.adjustmentId];
    expect((await philia(...approve)).json.error.problem.code).toBe('second_operator_needed');
    const listed = (await philia('adjustments', 'list')).json.items;
    expect(listed[0]).toMatchObject({ adjustmentId: waiting.adjustmentId, points: 6000 });
    const second = (await philia('keys', 'create', 'Second', '--role', 'ops')).json;
    const approved = await philia(...approve, '--url', system.baseUrl, '--key', second.key);
    expect(approved.json.balance.available).toBe(6050);
    const other = (await philia(...adjust, '7000', ...because)).json;
    const rejected = await philia('adjustments', 'reject', other.adjustmentId, ...because);
    expect(rejected.json.status).toBe('rejected');
    const decided = (await philia('adjustments', 'list', '--decided')).json.items;
    for (const { adjustmentId, status } of [{ ...waiting, status: 'approved' }, rejected.json])
      expect(decided).toContainEqual(expect.objectContaining({ adjustmentId, status }));
  });

  it('of callers are made, listed, rotated and revoked', async () => {
    const made = (await philia('keys', 'create', 'Till 4', '--role', 'channel', '--channel', 'store')).json;
    expect(made).toMatchObject({
      name: 'Till 4',
      channel: 'store',
      key: expect.stringMatching(/^phk_store_/),
    });
    const rotated = (await philia('keys', 'rotate', made.keyId, '--grace-hours', '1')).json;
    expect(rotated.key).not.toBe(made.key);
    const keys = (await philia('keys', 'list', '--limit', '100')).json.items;
    const old = keys.find(({ keyId }: { keyId: string }) => keyId === made.keyId);
    expect(old.expiresAt).not.toBeNull();
    expect((await philia('keys', 'revoke', rotated.keyId)).exit).toBe(2);
    expect((await philia('keys', 'revoke', rotated.keyId, '--yes')).exit).toBe(0);
    expect((await philia('keys', 'revoke', rotated.keyId, '--yes')).exit).toBe(3);
  });
});

describe('redemptions', () => {
  it('are paused and resumed, and who did it is in the audit', async () => {
    expect((await philia('redemptions', 'pause', ...because)).json).toMatchObject({ paused: true });
    expect((await philia('redemptions', 'status')).json).toMatchObject({ paused: true, reason: 'Tried out' });
    expect((await philia('redemptions', 'resume')).json).toMatchObject({ paused: false });
    const [last, before] = (await philia('audit', '--limit', '2')).json.items;
    expect(last).toMatchObject({ action: 'resume' });
    expect(before).toMatchObject({ action: 'pause', reason: 'Tried out' });
  });
});

describe('a person', () => {
  it('gets everything in a file, and is forgotten', async () => {
    const { memberId, email } = await newMember();
    const file = await writeLines('person.ndjson', purchase('P-1', email));
    await philia('purchases', 'import', file, '--channel', 'store');
    const out = join(folder, 'person.json');
    expect((await philia('members', 'export', memberId, '--out', out)).exit).toBe(0);
    expect((await stat(out)).mode & 0o777).toBe(0o600);
    const document = JSON.parse(await readFile(out, 'utf8'));
    expect(document).toMatchObject({ memberId, person: { member: { email } }, cursor: null });
    expect(document.purchases).toHaveLength(1);
    const csv = join(folder, 'person.csv');
    expect((await philia('members', 'export', memberId, '--format', 'csv', '--out', csv)).exit).toBe(0);
    expect(await readFile(csv, 'utf8')).toContain('store:P-1');
    expect((await philia('members', 'erase', memberId)).exit).toBe(2);
    const erased = await philia('members', 'erase', memberId, '--yes', ...because);
    expect(erased).toMatchObject({ exit: 0, json: { memberId, status: 'erased' } });
    expect((await philia('members', 'find', '--email', email)).exit).toBe(1);
  });
});

describe('a card', () => {
  it('is shown by whatever names its member, with what each wallet has of it', async () => {
    const { memberId, email, wallet } = await newMember();
    await fetch(wallet.appleUrl);
    await fetch(wallet.googleUrl, { redirect: 'manual' });
    const shown = await philia('card', 'show', email);
    expect(shown).toMatchObject({
      exit: 0,
      json: {
        version: 2,
        apple: { devices: 0, told: null, fetched: { version: 2 }, behind: null },
        google: { state: 'offered', version: 2, doubted: false, behind: null },
        samsung: null,
      },
    });
    expect((await philia('card', 'show', memberId)).json).toEqual(shown.json);
    expect((await philia('card', 'show', 'nobody@example.com')).exit).toBe(1);
  });
});

describe('the whole', () => {
  it('verifies, and its certificates hold', async () => {
    const verified = await philia('verify');
    expect(verified).toMatchObject({ exit: 0, json: { differences: [] } });
    expect(verified.json.members).toBeGreaterThan(0);
    const certificates = await philia('certificates', 'check');
    expect(certificates).toMatchObject({
      exit: 0,
      json: { apple: { configured: true, daysLeft: expect.any(Number) }, google: { configured: true } },
    });
    const other = await philia('verify', '--member', 'mem_01JD0000000000000000000000');
    expect(other.exit).toBe(3);
  });
});
