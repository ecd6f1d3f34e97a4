/** What all commands have in common: exit statuses, JSON alone on stdout, questions, colours, safe text. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, test } from 'vitest';
import { ok, opsKey, philia, refusal, serveContract } from './api.ts';
import * as sample from './samples.ts';

const api = serveContract();
const show = ['members', 'show', sample.memberId];
const revoke = ['vouchers', 'revoke', '8QK2M7TX04PCR', '--reason', 'Twice'];
const revoked = ok({ ...sample.voucher, code: null, status: 'revoked' });
const esc = String.fromCharCode(27);

/** An address at which nobody listens. */
async function nowhere(): Promise<{ baseUrl: string }> {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return { baseUrl: `http://127.0.0.1:${port}` };
}

describe('a refusal', () => {
  const errors = [{ path: 'points', message: 'must not be 0' }];
  const adjust = ['members', 'adjust', sample.memberId, '1', '--yes', '--reason', 'x'];

  test('ends with 3 and is told with title, detail, fields and the request, on stderr alone', async () => {
    api.answers = [refusal('insufficient_points', 'Only 3 points can be taken.', errors)];
    const said = await philia(api, adjust);
    expect(said).toMatchObject({ exit: 3, stdout: '' });
    expect(said.stderr).toBe(
      [
        'The member has not enough points to spend: Only 3 points can be taken.',
        '  points: must not be 0',
        '  request req-1',
        '',
      ].join('\n'),
    );
  });

  test('is one JSON document on stdout with --json, the problem whole', async () => {
    const reply = refusal('insufficient_points', 'Only 3 points can be taken.', errors);
    api.answers = [reply];
    const said = await philia(api, [...adjust, '--json']);
    expect(said.exit).toBe(3);
    expect(JSON.parse(said.stdout)).toEqual({
      error: {
        exit: 3,
        message: 'The member has not enough points to spend: Only 3 points can be taken.',
        idempotencyKey: 'key-1',
        problem: reply.body,
      },
    });
  });

  test('without a valid key is a refusal, and what is no Philia at all is not reached', async () => {
    api.answers = [refusal('unauthorized')];
    expect((await philia(api, show)).exit).toBe(3);
    const other = createServer((_, response) => response.writeHead(301, { location: '/' }).end('<html>'));
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
    const said = await philia({ baseUrl }, show);
    other.close();
    expect(said.exit).toBe(4);
    expect(said.stderr).toContain('is the address right?');
  });
});

describe('wrong usage ends with 2, sends nothing and says what is wrong', () => {
  test.each([
    [['frobnicate'], "unknown command 'frobnicate'"],
    [['members'], 'Usage: philia members'],
    [['members', 'show'], "missing required argument 'member'"],
    [['members', 'find', sample.memberId], 'use philia members show'],
    [['members', 'find', '2912345678906', '--email', 'a@b'], 'exactly one of --card, --email and --phone'],
    [['members', 'enrol', '--name', 'Ada'], 'Give --email, --phone, or both'],
    [['purchases', 'claim', 'web:1', 'a@b', '--total', '1.5'], 'whole number'],
    [['members', 'find'], 'exactly one of --card, --email and --phone'],
    [['members', 'find', '--card', '1', '--email', 'a@b'], 'exactly one of --card, --email and --phone'],
    [['members', 'adjust', sample.memberId, '1.5', '--reason', 'x'], '1.5 is no number of points'],
    [['members', 'adjust', sample.memberId, '0', '--reason', 'x'], '0 is no number of points'],
    [['members', 'adjust', sample.memberId, '50'], "required option '--reason <text>' not specified"],
    [['vouchers', 'give', 'ada', 'five-euros', '--reason', 'x'], 'ada names no member'],
    [['audit', '--limit', '0'], 'whole number from 1'],
    [['purchases', 'import', 'x.ndjson'], '--channel'],
    [['members', 'export', sample.memberId, '--format', 'xml'], 'Allowed choices are json, csv'],
    [['redemptions', 'status', '--frob'], "unknown option '--frob'"],
    [['redemptions', 'status', 'now'], 'too many arguments'],
  ])('%j', async (argv, words) => {
    const said = await philia(api, argv);
    expect(said).toMatchObject({ exit: 2, stdout: '' });
    expect(said.stderr).toContain(words);
    const json = await philia(api, [...argv, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { exit: 2 } });
    expect(api.calls).toEqual([]);
  });
});

describe('a system that does not answer', () => {
  test('is tried again in growing pauses, a bounded number of times, and ends with 4', async () => {
    const { baseUrl } = await nowhere();
    const said = await philia({ baseUrl }, show);
    expect(said).toMatchObject({ exit: 4, stdout: '', pauses: [500, 1000, 2000] });
    expect(said.stderr).toContain(`${baseUrl} cannot be reached, ECONNREFUSED (tried 4 times).`);
    const json = await philia({ baseUrl }, [...show, '--json']);
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { exit: 4 } });
  });

  test('is waited for as long as Retry-After says, and a change is repeated with its key', async () => {
    const busy = { ...refusal('too_many_requests'), headers: { 'retry-after': '7' } };
    api.answers = [busy, refusal('unavailable'), 'drop', revoked];
    const said = await philia(api, [...revoke, '--yes']);
    expect(said).toMatchObject({ exit: 0, pauses: [7000, 1000, 2000] });
    expect(api.calls.map(({ idempotencyKey }) => idempotencyKey)).toEqual(Array(4).fill('key-1'));
  });

  test('for good leaves a change unknown: the key with which repeating is safe is printed, and taken', async () => {
    api.answers = ['drop', refusal('unavailable'), 'drop', refusal('unavailable')];
    const said = await philia(api, [...revoke, '--yes']);
    expect(said).toMatchObject({ exit: 4, stdout: '' });
    expect(said.stderr).toContain(
      'What became of it is unknown. Repeating is safe with --idempotency-key key-1.',
    );
    expect(api.calls.map(({ idempotencyKey }) => idempotencyKey)).toEqual(Array(4).fill('key-1'));
    api.answers = [revoked];
    await philia(api, [...revoke, '--yes', '--idempotency-key', 'of-yesterday']);
    expect(api.calls[4]).toEqual({ ...api.calls[0], idempotencyKey: 'of-yesterday' });
  });

  test('because it is too busy has done nothing, and that is said', async () => {
    api.answers = Array.from({ length: 4 }, () => refusal('too_many_requests'));
    const said = await philia(api, [...revoke, '--yes']);
    expect(said.exit).toBe(3);
    expect(said.stderr).toContain('is too busy; nothing was done.');
  });

  test('is not sent again what has no key and would be done twice', async () => {
    const create = ['keys', 'create', 'Till', '--role', 'ops'];
    api.answers = ['drop', ok({ ...sample.key, key: 'phk_ops_new' }, 201)];
    const said = await philia(api, create);
    expect(said.exit).toBe(4);
    expect(said.stderr).toContain('What became of it is unknown. Look before you repeat it.');
    expect(api.calls).toHaveLength(1);
  });

  test('and then knows nothing of what it was told to delete has deleted it', async () => {
    api.answers = ['drop', refusal('not_found')];
    expect((await philia(api, ['keys', 'revoke', sample.keyId, '--yes'])).exit).toBe(0);
    api.answers = [refusal('not_found')];
    expect((await philia(api, ['keys', 'revoke', sample.keyId, '--yes'])).exit).toBe(3);
  });

  test('after it broke inside leaves a change unknown, and a question unanswered', async () => {
    api.answers = [refusal('internal')];
    const said = await philia(api, [...revoke, '--yes']);
    expect(said.exit).toBe(4);
    expect(said.stderr).toContain('Repeating is safe with --idempotency-key key-1.');
    api.answers = [refusal('internal')];
    const asked = await philia(api, show);
    expect(asked.exit).toBe(4);
    expect(asked.stderr).not.toContain('unknown');
  });
});

describe('a dangerous command', () => {
  const commands = [
    revoke,
    ['keys', 'revoke', sample.keyId],
    ['members', 'erase', sample.memberId],
    ['members', 'adjust', sample.memberId, '50', '--reason', 'x'],
    ['exceptions', 'redrive'],
    ['program', 'push', 'program.json'],
  ];

  test.each(commands)('%s %s needs --yes where nobody can answer', async (...argv) => {
    const said = await philia(api, argv);
    expect(said.exit).toBe(2);
    expect(said.stderr).toContain('say --yes');
    expect(api.calls).toEqual([]);
  });

  test('asks where somebody can, and does it on a yes only', async () => {
    const no = await philia(api, revoke, { tty: true, answer: false });
    expect(no).toMatchObject({ exit: 1, questions: ['Revoke the voucher 8QK2M7TX04PCR?'] });
    expect(no.stderr).toContain('Nothing was done.');
    expect(api.calls).toEqual([]);
    api.answers = [revoked];
    const yes = await philia(api, revoke, { tty: true, answer: true });
    expect(yes.exit).toBe(0);
    expect(api.calls).toHaveLength(1);
  });

  test('does not ask when --yes was said', async () => {
    api.answers = [revoked];
    expect((await philia(api, [...revoke, '--yes'], { tty: true })).questions).toEqual([]);
  });

  test('program push shows what changes before it asks', async () => {
    api.answers = [ok({ changes: [sample.change] }), ok({ version: 4 })];
    const said = await philia(api, ['program', 'push', 'program.json'], { tty: true, answer: true });
    expect(said.exit).toBe(0);
    expect(said.stderr).toContain('The welcome bonus is 60 points instead of 50.');
    expect(api.calls.map(({ request }) => request)).toEqual(['POST /v1/program/plan', 'PUT /v1/program']);
  });
});

describe('colours', () => {
  const system = () => ({ PHILIA_URL: api.baseUrl, PHILIA_KEY: opsKey });
  const coloured = async (more: Record<string, string>, tty: boolean) => {
    api.answers = [ok(sample.member)];
    const { stdout } = await philia(api, show, { env: { ...system(), ...more }, tty });
    return stdout.includes(`${esc}[`);
  };

  test('are for terminals, unless NO_COLOR says no or FORCE_COLOR yes', async () => {
    expect(await coloured({}, true)).toBe(true);
    expect(await coloured({}, false)).toBe(false);
    expect(await coloured({ NO_COLOR: '1' }, true)).toBe(false);
    expect(await coloured({ TERM: 'dumb' }, true)).toBe(false);
    expect(await coloured({ FORCE_COLOR: '1' }, false)).toBe(true);
    expect(await coloured({ FORCE_COLOR: '0' }, true)).toBe(false);
    expect(await coloured({ FORCE_COLOR: '1', NO_COLOR: '1' }, false)).toBe(false);
  });

  test('are in the help likewise', async () => {
    const help = async (person: object) => (await philia(api, ['members', '--help'], person)).stdout;
    expect(await help({ tty: true })).toContain(`${esc}[1mOptions:`);
    expect(await help({ tty: true, env: { NO_COLOR: '1' } })).not.toContain(esc);
    expect(await help({})).not.toContain(esc);
  });

  test('never get into JSON', async () => {
    api.answers = [ok(sample.member)];
    const env = { ...system(), FORCE_COLOR: '1' };
    const { stdout } = await philia(api, [...show, '--json'], { env, tty: true });
    expect(JSON.parse(stdout)).toEqual(sample.member);
  });
});

describe('what members and channels wrote', () => {
  const name = `Ada ${esc}[2J\n\u202eevil\u009b`;

  test('steers no terminal, as text, as JSON or in a refusal', async () => {
    api.answers = [
      ok({ ...sample.member, name }),
      ok({ ...sample.member, name }),
      refusal('not_found', name),
    ];
    const said = [await philia(api, show), await philia(api, [...show, '--json']), await philia(api, show)];
    for (const { stdout, stderr } of said) expect(stdout + stderr).not.toMatch(/(?!\n)\p{Cc}|\u202e/u);
    expect(said[0]?.stdout).toContain('Ada \\u{1b}[2J\\u{a}\\u{202e}evil\\u{9b}');
  });

  test('is in JSON what it was', async () => {
    api.answers = [ok({ ...sample.member, name })];
    expect(JSON.parse((await philia(api, [...show, '--json'])).stdout)).toMatchObject({ name });
  });
});
