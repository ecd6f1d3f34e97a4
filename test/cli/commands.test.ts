/** Every command: what it sends, and what it says of the answer. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ok, opsKey, philia, type Reply, refusal, serveContract } from './api.ts';
import * as sample from './samples.ts';

const api = serveContract();
const { memberId, keyId, exceptionId, adjustmentId } = sample;
let folder: string;
let programFile: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'philia-cli-'));
  programFile = join(folder, 'program.json');
  writeFileSync(programFile, '{"name":"Maison"}');
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const page = (...items: object[]) => ok({ items, cursor: null });
const reason = ['--reason', 'Because'];
const because = { reason: 'Because' };
const other = 'mem_01JD3F8Q2V9T4C7XKZ5M6N8P0S';

interface Case {
  readonly argv: readonly string[];
  readonly answer: Reply;
  readonly sends: string;
  readonly body?: object;
  readonly once?: true;
  readonly says: readonly string[];
  readonly exit?: number;
}

const cases: readonly Case[] = [
  {
    argv: ['members', 'find', '--email', 'ada@example.com'],
    answer: ok({ items: [sample.member] }),
    sends: 'GET /v1/members?email=ada%40example.com',
    says: ['Ada Lovelace', '1,234 available, 118 pending', '1,380 to Intime', 'coffee 3 of 5'],
  },
  {
    argv: ['members', 'find', '--card', '2912345678906'],
    answer: ok({ items: [] }),
    sends: 'GET /v1/members?cardNumber=2912345678906',
    says: ['There is no such member.'],
    exit: 1,
  },
  {
    argv: ['members', 'find', '+33612345678'],
    answer: ok({ items: [sample.member] }),
    sends: 'GET /v1/members?phone=%2B33612345678',
    says: ['Ada Lovelace'],
  },
  {
    argv: ['members', 'enrol', '--email', 'ada@example.com', '--name', 'Ada', '--locale', 'fr-FR'],
    answer: ok(sample.member, 201),
    sends: 'POST /v1/members',
    body: { email: 'ada@example.com', name: 'Ada', locale: 'fr-FR' },
    once: true,
    says: [memberId],
  },
  {
    argv: ['members', 'entries', memberId, '--limit', '5'],
    answer: page(sample.entry),
    sends: `GET /v1/members/${memberId}/entries?limit=5`,
    says: [sample.entryId, 'adjusted', '-50', '1,234'],
  },
  {
    argv: ['purchases', 'show', 'web:INV-1'],
    answer: ok(sample.purchase),
    sends: 'GET /v1/purchases/web%3AINV-1',
    says: ['partially_refunded', '1,670 minor units, 590 of them refunded', '16 earned, 6 clawed back'],
  },
  {
    argv: ['purchases', 'claim', 'web:INV-1', 'ada@example.com', '--total', '1670'],
    answer: ok({ ...sample.purchase, status: 'posted' }),
    sends: 'POST /v1/purchases/web%3AINV-1/claim',
    body: { member: { email: 'ada@example.com' }, totalMinor: 1670 },
    once: true,
    says: ['posted', memberId],
  },
  {
    argv: ['refunds', 'show', 'web:RF-1'],
    answer: ok({ refundId: 'web:RF-1', status: 'applied', points: { clawedBack: 6, debt: 2 } }),
    sends: 'GET /v1/refunds/web%3ARF-1',
    says: ['applied', '6 clawed back, 2 of them owed'],
  },
  {
    argv: ['explain', sample.entryId],
    answer: ok(sample.explanation),
    sends: `GET /v1/entries/${sample.entryId}/explain`,
    says: [
      'Points for a purchase.',
      'Gift card 490 does not earn: Its category',
      'The rate × 1/100 = 11.8 points',
      'Coffee week (coffee) gave 4 points',
      'Thank you (thanks) gave nothing: The purchase came to 16.70 EUR; it needs 20.00 EUR.',
      'Coffee card -4, and not 3 more: One purchase gives at most 6 stamps of this card.',
      `A coffee on us, ${sample.explanation.vouchers[0]?.voucherId}`,
      '+11',
    ],
  },
  {
    argv: ['members', 'show', memberId],
    answer: ok(sample.member),
    sends: `GET /v1/members/${memberId}`,
    says: [memberId, 'https://points.example.com/card/abc'],
  },
  {
    argv: ['members', 'merge', memberId, '--from', other, ...reason, '--yes'],
    answer: ok(sample.member),
    sends: `POST /v1/members/${memberId}/merge`,
    body: { from: other, ...because },
    once: true,
    says: [`${other} is merged into ${memberId}`, '1,234 points'],
  },
  {
    argv: ['members', 'unmerge', memberId, '--from', other, '--yes'],
    answer: ok(sample.member),
    sends: `POST /v1/members/${memberId}/unmerge`,
    body: { from: other },
    once: true,
    says: [`${other} is parted from ${memberId}`],
  },
  {
    argv: ['members', 'adjust', memberId, '-50', '--yes', ...reason],
    answer: ok(sample.entry, 201),
    sends: 'POST /v1/adjustments',
    body: { memberId, points: -50, ...because },
    once: true,
    says: [sample.entryId, '-50'],
  },
  {
    argv: ['members', 'adjust', memberId, '6000', '--yes', ...reason],
    answer: ok(sample.adjustment, 202),
    sends: 'POST /v1/adjustments',
    body: { memberId, points: 6000, ...because },
    once: true,
    says: ['+6,000', `philia adjustments approve ${adjustmentId}`],
  },
  {
    argv: ['members', 'release', memberId, ...reason],
    answer: ok({
      ...sample.member,
      contactHold: { since: '2026-11-22T12:00:00Z', until: '2026-11-22T13:00:00Z', keeps: 600 },
    }),
    sends: `POST /v1/members/${memberId}/lift-hold`,
    body: because,
    once: true,
    says: [memberId, '600 have to stay until 2026-11-22T13:00:00Z'],
  },
  {
    argv: ['adjustments', 'list'],
    answer: page(sample.adjustment),
    sends: 'GET /v1/adjustments?status=waiting&limit=25',
    says: [adjustmentId, '+6,000', 'A prize'],
  },
  {
    argv: ['adjustments', 'approve', adjustmentId],
    answer: ok(sample.entry),
    sends: `POST /v1/adjustments/${adjustmentId}/approve`,
    body: {},
    once: true,
    says: [sample.entryId],
  },
  {
    argv: ['adjustments', 'reject', adjustmentId, ...reason],
    answer: ok({
      ...sample.adjustment,
      status: 'rejected',
      decidedBy: keyId,
      decidedAt: '2026-11-22T11:00:00Z',
    }),
    sends: `POST /v1/adjustments/${adjustmentId}/reject`,
    body: because,
    once: true,
    says: ['rejected', `2026-11-22T11:00:00Z by ${keyId}`],
  },
  {
    argv: ['exceptions', 'list', '--type', 'over_refund', '--status', 'resolved', '--limit', '5'],
    answer: page(sample.exception),
    sends: 'GET /v1/exceptions?status=resolved&type=over_refund&limit=5',
    says: [exceptionId, 'over_refund', 'web:RF-1'],
  },
  {
    argv: ['exceptions', 'show', exceptionId],
    answer: page(sample.exception),
    sends: 'GET /v1/exceptions?status=open&limit=100',
    says: ['More was refunded than was paid.', '"id": "RF-1"'],
  },
  {
    argv: ['exceptions', 'retry', exceptionId],
    answer: ok({ ...sample.exception, status: 'resolved', resolvedAt: '2026-11-22T11:00:00Z' }),
    sends: `POST /v1/exceptions/${exceptionId}/retry`,
    body: {},
    once: true,
    says: ['resolved'],
  },
  {
    argv: ['exceptions', 'retry', exceptionId],
    answer: ok(sample.exception),
    sends: `POST /v1/exceptions/${exceptionId}/retry`,
    body: {},
    once: true,
    says: ['open'],
    exit: 1,
  },
  {
    argv: ['exceptions', 'dismiss', exceptionId, ...reason],
    answer: ok({
      ...sample.exception,
      status: 'dismissed',
      resolvedAt: '2026-11-22T11:00:00Z',
      handledBy: { keyId, name: 'Grace', reason: 'A test' },
    }),
    sends: `POST /v1/exceptions/${exceptionId}/dismiss`,
    body: because,
    once: true,
    says: ['dismissed', 'Grace', 'A test'],
  },
  {
    argv: ['exceptions', 'redrive', '--consumer', 'purchases', '--yes'],
    answer: ok({ redriven: 3, left: 0 }),
    sends: 'POST /v1/dead-letters/redrive',
    body: { consumer: 'purchases' },
    once: true,
    says: ['3 dead letters sent again, 0 left.'],
  },
  {
    argv: ['redemptions', 'pause', ...reason],
    answer: ok({ paused: true, changedAt: '2026-11-22T11:00:00Z', changedBy: keyId, reason: 'Because' }),
    sends: 'PUT /v1/switches/redemption',
    body: { paused: true, ...because },
    once: true,
    says: ['paused', 'Because'],
  },
  {
    argv: ['redemptions', 'resume'],
    answer: ok({ paused: false, changedAt: '2026-11-22T11:00:00Z', changedBy: keyId, reason: null }),
    sends: 'PUT /v1/switches/redemption',
    body: { paused: false },
    once: true,
    says: ['going on'],
  },
  {
    argv: ['redemptions', 'status'],
    answer: ok({ paused: false, changedAt: null, changedBy: null, reason: null }),
    sends: 'GET /v1/switches/redemption',
    says: ['going on'],
  },
  {
    argv: ['vouchers', 'show', '8qk2-m7tx-04pc-r'],
    answer: ok(sample.voucher),
    sends: 'GET /v1/vouchers/8qk2-m7tx-04pc-r',
    says: ['issued', '5.00 EUR', '0 of 1'],
  },
  {
    argv: ['vouchers', 'give', 'ada@example.com', 'five-euros', ...reason],
    answer: ok(sample.voucher, 201),
    sends: 'POST /v1/vouchers',
    body: { member: { email: 'ada@example.com' }, rewardId: 'five-euros', ...because },
    once: true,
    says: ['8QK2M7TX04PCR'],
  },
  {
    argv: ['vouchers', 'revoke', '8QK2M7TX04PCR', '--yes', ...reason],
    answer: ok({ ...sample.voucher, code: null, status: 'revoked' }),
    sends: 'POST /v1/vouchers/8QK2M7TX04PCR/revoke',
    body: because,
    once: true,
    says: ['revoked'],
  },
  {
    argv: ['channels', 'list'],
    answer: page(sample.channel),
    sends: 'GET /v1/channels?limit=25',
    says: ['till-2', 'store', 'going on', 'Second till, Lyon'],
  },
  {
    argv: ['channels', 'show', 'till-2'],
    answer: ok(sample.channel),
    sends: 'GET /v1/channels/till-2',
    says: ['till-2', 'store', 'going on', 'yes'],
  },
  {
    argv: ['channels', 'add', 'till-2', '--kind', 'store', '--name', 'Second till, Lyon'],
    answer: ok(sample.channel),
    sends: 'PUT /v1/channels/till-2',
    body: { kind: 'store', name: 'Second till, Lyon' },
    once: true,
    says: ['till-2', 'going on'],
  },
  {
    argv: ['channels', 'remove', 'till-2', '--yes'],
    answer: { status: 204 },
    sends: 'DELETE /v1/channels/till-2',
    once: true,
    says: ['till-2 is removed.'],
  },
  {
    argv: ['keys', 'list'],
    answer: page(sample.key),
    sends: 'GET /v1/keys?limit=25',
    says: [keyId, 'store', 'Till 4'],
  },
  {
    argv: ['keys', 'create', 'Till 4', '--role', 'channel', '--channel', 'store'],
    answer: ok({ ...sample.key, key: 'phk_store_new' }, 201),
    sends: 'POST /v1/keys',
    body: { name: 'Till 4', role: 'channel', channel: 'store' },
    says: ['phk_store_new', 'shown this once'],
  },
  {
    argv: ['keys', 'rotate', keyId, '--grace-hours', '48'],
    answer: ok({ ...sample.key, key: 'phk_store_new' }, 201),
    sends: `POST /v1/keys/${keyId}/rotate`,
    body: { graceHours: 48 },
    says: ['phk_store_new'],
  },
  {
    argv: ['keys', 'revoke', keyId, '--yes'],
    answer: { status: 204 },
    sends: `DELETE /v1/keys/${keyId}`,
    once: true,
    says: [`${keyId} is revoked.`],
  },
  {
    argv: ['audit', '--limit', '5'],
    answer: page({
      auditId: 'aud_01JD3F8Q2V9T4C7XKZ5M6N8P0R',
      at: '2026-11-22T11:00:00Z',
      keyId,
      name: 'Ops',
      action: 'pause',
      subject: 'switch redemption',
      reason: null,
    }),
    sends: 'GET /v1/audit?limit=5',
    says: ['2026-11-22T11:00:00Z  Ops  pause  switch redemption  –'],
  },
  {
    argv: ['card', 'show', memberId],
    answer: ok(sample.wallets),
    sends: `GET /v1/members/${memberId}/wallets`,
    says: [
      '2 devices',
      'version 7 at 2026-11-22T10:00:03Z',
      'version 5 at 2026-11-21T08:00:00Z',
      '2 versions, for 1 day 3 hours, since 2026-11-22T10:00:00Z',
      'saved since 2026-11-20T10:00:00Z',
      'a write went unanswered',
      'never offered',
    ],
    exit: 1,
  },
  {
    argv: ['card', 'show', memberId],
    answer: ok({ ...sample.wallets, apple: { devices: 0, told: null, fetched: null, behind: null } }),
    sends: `GET /v1/members/${memberId}/wallets`,
    says: ['on no device'],
  },
  {
    argv: ['certificates', 'check'],
    answer: ok(sample.certificates),
    sends: 'GET /v1/certificates',
    says: ['pass.com.example', '2026-12-01T00:00:00Z (8 days left)', 'not configured'],
  },
  {
    argv: ['certificates', 'check'],
    answer: ok({ ...sample.certificates, apple: { configured: true, problem: 'It has expired.' } }),
    sends: 'GET /v1/certificates',
    says: ['It has expired.'],
    exit: 1,
  },
  {
    argv: ['verify', '--member', memberId],
    answer: ok({ members: 1, entries: 7, differences: [] }),
    sends: 'POST /v1/ledger/verify',
    body: { memberId },
    says: ['entries      7'],
  },
  {
    argv: ['verify'],
    answer: ok({
      members: 1,
      entries: 7,
      differences: [{ memberId, sequence: 3, field: 'hash', stored: 'a', computed: 'b' }],
    }),
    sends: 'POST /v1/ledger/verify',
    body: { segments: 8 },
    says: [`${memberId} entry 3 hash: stored "a", computed "b"`],
    exit: 1,
  },
  {
    argv: ['program', 'show'],
    answer: ok({ version: 3, program: { name: 'Maison' } }),
    sends: 'GET /v1/program',
    says: ['{\n  "name": "Maison"\n}\n'],
  },
  {
    argv: ['program', 'check', '$FILE'],
    answer: ok({ changes: [sample.change] }),
    sends: 'POST /v1/program/plan',
    body: { program: { name: 'Maison' } },
    says: ['The programme is valid. 1 change to the one in force.'],
  },
  {
    argv: ['program', 'check', '$FILE'],
    answer: refusal('invalid_request', undefined, [{ path: 'program.tiers', message: 'is needed' }]),
    sends: 'POST /v1/program/plan',
    body: { program: { name: 'Maison' } },
    says: ['The programme is not valid.', 'program.tiers: is needed'],
    exit: 1,
  },
  {
    argv: ['program', 'push', '$FILE', '--yes'],
    answer: ok({ version: 4 }),
    sends: 'PUT /v1/program',
    body: { name: 'Maison' },
    once: true,
    says: ['Version 4 is in force.'],
  },
  {
    argv: ['program', 'push', '$FILE', '--yes'],
    answer: ok({ version: 4, unchanged: true }),
    sends: 'PUT /v1/program',
    body: { name: 'Maison' },
    once: true,
    says: ['Nothing changes: version 4 says the same and stays in force.'],
  },
  {
    argv: ['program', 'list'],
    answer: ok({ items: [sample.programVersion], cursor: null }),
    sends: 'GET /v1/program/versions?limit=25',
    says: [
      'Version 4, 2026-11-22T10:00:00Z, by Ada, in force',
      '  The content of version 2 again.',
      '  The birthday bonus is now 200 points instead of 100.',
      '  … and 1 more',
    ],
  },
  {
    argv: ['program', 'show', '--version', '2'],
    answer: ok({
      version: 2,
      putAt: '2026-11-22T10:00:00Z',
      putBy: { keyId: 'setup', name: null },
      restores: null,
      program: { name: 'Maison' },
    }),
    sends: 'GET /v1/program/versions/2',
    says: ['{\n  "name": "Maison"\n}\n', 'Version 2, put at 2026-11-22T10:00:00Z by setup.'],
  },
  {
    argv: ['program', 'rollback', '2', '--yes'],
    answer: ok({ version: 5 }),
    sends: 'POST /v1/program/versions/2/rollback',
    body: {},
    once: true,
    says: ['Version 5 is in force.'],
  },
];

describe('the command', () => {
  test.each(cases.map((one) => [one.argv.join(' '), one] as const))('%s', async (_, one) => {
    api.answers = [one.answer];
    const argv = one.argv.map((part) => (part === '$FILE' ? programFile : part));
    const said = await philia(api, argv);
    expect(said.exit, said.stderr).toBe(one.exit ?? 0);
    const key = `Bearer ${opsKey}`;
    const idempotencyKey = one.once ? 'key-1' : undefined;
    expect(api.calls).toEqual([{ request: one.sends, body: one.body, key, idempotencyKey }]);
    for (const words of one.says) expect(said.stdout + said.stderr).toContain(words);
  });

  test.each(cases.map((one) => [one.argv.join(' '), one] as const))(
    '%s --json prints one document and nothing else on stdout',
    async (_, one) => {
      api.answers = [one.answer];
      const argv = one.argv.map((part) => (part === '$FILE' ? programFile : part));
      const { stdout } = await philia(api, [...argv, '--json']);
      expect(stdout.endsWith('\n')).toBe(true);
      expect(() => JSON.parse(stdout)).not.toThrow();
    },
  );
});

describe('a member', () => {
  const named = [
    [['members', 'show'], []],
    [
      ['members', 'adjust'],
      ['50', '--yes', ...reason],
    ],
    [['members', 'entries'], []],
    [['members', 'release'], reason],
    [['members', 'export'], []],
    [['members', 'erase'], ['--yes']],
    [['card', 'show'], []],
    [['verify', '--member'], []],
  ] as const;

  test.each(named)(
    '%j is named by id, card number, e-mail or phone, and looked up once',
    async (before, after) => {
      const names = { cardNumber: '2912345678906', email: 'ada@example.com', phone: '+33612345678' };
      for (const [field, name] of Object.entries(names)) {
        // The look-up is answered, what comes behind it refused: of interest is whom it is about.
        api.answers = [ok({ items: [sample.member] }), refusal('unauthorized')];
        await philia(api, [...before, name, ...after]);
        const [lookUp, request] = api.calls.splice(0);
        expect(lookUp?.request).toBe(`GET /v1/members?${field}=${encodeURIComponent(name)}`);
        if (before[1] === 'show' && before[0] === 'members') expect(request).toBeUndefined();
        else expect(JSON.stringify(request)).toContain(memberId);
      }
      api.answers = [refusal('unauthorized')];
      await philia(api, [...before, memberId, ...after]);
      expect(api.calls).toHaveLength(1);
    },
  );

  test('whom nobody knows is no member, and nothing else is sent', async () => {
    for (const [before, after] of named) {
      api.answers = [ok({ items: [] })];
      const said = await philia(api, [...before, 'ada@example.com', ...after]);
      expect(said.exit).toBe(1);
      expect(said.stderr).toContain('There is no member ada@example.com.');
      expect(api.calls.splice(0)).toHaveLength(1);
    }
  });
});

describe('a list', () => {
  test('goes over as many pages as it takes for the limit, and says when there is more', async () => {
    const some = (count: number) => Array.from({ length: count }, () => sample.exception);
    api.answers = [ok({ items: some(100), cursor: 'c1' }), ok({ items: some(20), cursor: 'c2' })];
    const said = await philia(api, ['exceptions', 'list', '--limit', '120']);
    expect(api.calls.map(({ request }) => request)).toEqual([
      'GET /v1/exceptions?status=open&limit=100',
      'GET /v1/exceptions?status=open&limit=20&cursor=c1',
    ]);
    expect(said.stdout).toContain('The first 120; --limit shows more.');
  });

  test('stops at its end', async () => {
    api.answers = [ok({ items: [sample.exception], cursor: null })];
    const said = await philia(api, ['exceptions', 'list', '--json']);
    expect(JSON.parse(said.stdout)).toEqual({ items: [sample.exception], cursor: null });
    expect(api.calls).toHaveLength(1);
  });
});

describe('exceptions show', () => {
  const at = (character: string) => `exc_01JD3F8Q2V9T4C7XKZ5M6N8P0${character}`;

  test('looks on among the resolved when it is not open, page by page and no further than it could be', async () => {
    const found = { ...sample.exception, status: 'resolved', exceptionId: at('5') };
    api.answers = [
      ok({
        items: [
          { ...sample.exception, exceptionId: at('9') },
          { ...sample.exception, exceptionId: at('3') },
        ],
        cursor: 'c0',
      }),
      ok({ items: [{ ...found, exceptionId: at('8') }], cursor: 'c1' }),
      page(found),
    ];
    const said = await philia(api, ['exceptions', 'show', at('5'), '--json']);
    expect(JSON.parse(said.stdout)).toMatchObject({ exceptionId: at('5'), status: 'resolved' });
    expect(api.calls.map(({ request }) => request)).toEqual([
      'GET /v1/exceptions?status=open&limit=100',
      'GET /v1/exceptions?status=resolved&limit=100',
      'GET /v1/exceptions?status=resolved&limit=100&cursor=c1',
    ]);
  });
});

describe('exceptions redrive', () => {
  test('goes on while letters are left, and ends with 1 when some could not be sent', async () => {
    api.answers = [
      ok({ redriven: 100, left: 30 }),
      ok({ redriven: 20, left: 10 }),
      ok({ redriven: 0, left: 10 }),
    ];
    const said = await philia(api, ['exceptions', 'redrive', '--yes', '--json']);
    expect(said.exit).toBe(1);
    expect(JSON.parse(said.stdout)).toEqual({ redriven: 120, left: 10 });
    expect(api.calls.map(({ body }) => body)).toEqual([{}, {}, {}]);
  });

  test('does not chase letters that come back as fast as they are sent', async () => {
    api.answers = Array.from({ length: 9 }, () => ok({ redriven: 100, left: 50 }));
    expect((await philia(api, ['exceptions', 'redrive', '--yes'])).exit).toBe(1);
    expect(api.calls).toHaveLength(2);
  });
});

describe('program plan', () => {
  const window = ['--from', '2026-09-01', '--to', '2026-11-01T00:00:00+01:00'];
  const asked = { from: '2026-09-01T00:00:00Z', to: '2026-11-01T00:00:00+01:00' };

  test('follows the cursors to their ends, tells how far it is, and shows all parts together', async () => {
    const changes = [sample.change];
    const part = { ...sample.backtest, members: 5 };
    api.answers = [
      ok({ changes, progress: { membersDone: 0 }, cursors: ['c1', 'd1'] }),
      ok({ changes, backtest: part, progress: { membersDone: 5 }, cursor: 'c2' }),
      ok({ changes, backtest: part, progress: { membersDone: 4 }, part: 'd' }),
      ok({ changes, backtest: part, progress: { membersDone: 8 }, part: 'c' }),
      ok({ changes, backtest: sample.backtest, progress: { membersDone: 12 } }),
    ];
    const said = await philia(api, ['program', 'plan', programFile, ...window]);
    expect(said.exit).toBe(0);
    expect(said.stderr).toBe('5 members played\n9 members played\n12 members played\n');
    expect(said.stdout).toBe(
      [
        '~ The welcome bonus is 60 points instead of 50.',
        '',
        'Played again: 2026-09-01T00:00:00Z to 2026-11-01T00:00:00Z',
        '12 members, 40 purchases, 1 refund',
        '',
        'points       as it was  candidate  difference  share',
        'issued           1,000      1,250        +250  +25 %',
        'clawed back          0          0           0',
        'liability        1,000      1,250        +250  +25 %',
        '',
        'tier  would be  members',
        'ami   complice        2',
        '',
        'Who would have more',
        'member                          as it was  candidate  difference',
        `${memberId}      1,000      1,250        +250`,
        '',
        '* Bonuses are the same on both sides.',
        '',
      ].join('\n'),
    );
    const program = { name: 'Maison' };
    expect(api.calls.map(({ body }) => body)).toEqual([
      { program, backtest: asked, segments: 8 },
      { program, backtest: asked, cursor: 'c1' },
      { program, backtest: asked, cursor: 'd1' },
      { program, backtest: asked, cursor: 'c2' },
      { program, backtest: asked, parts: ['c', 'd'] },
    ]);
  });

  test('ends with 1 when an invariant is broken, and says which', async () => {
    const broken = [{ invariant: 'no_member_loses_points', text: 'No member may lose points, and 1 does.' }];
    const backtest = { ...sample.backtest, broken };
    api.answers = [
      ok({ changes: [], progress: { membersDone: 0 }, cursors: ['c1'] }),
      ok({ changes: [], backtest, progress: { membersDone: 1 }, part: 'c' }),
      ok({ changes: [], backtest, progress: { membersDone: 1 } }),
    ];
    const invariants = ['--invariant', 'no_member_loses_points', 'liability_does_not_grow'];
    const said = await philia(api, ['program', 'plan', programFile, ...window, ...invariants]);
    expect(said.exit).toBe(1);
    expect(said.stdout).toContain('Broken: No member may lose points, and 1 does.');
    expect(api.calls[0]?.body).toMatchObject({
      invariants: ['no_member_loses_points', 'liability_does_not_grow'],
    });
  });

  test('is refused where the window is not whole, or an invariant has none', async () => {
    for (const flags of [window.slice(0, 2), window.slice(2), ['--invariant', 'no_member_loses_points']]) {
      const said = await philia(api, ['program', 'plan', programFile, ...flags]);
      expect(said.exit).toBe(2);
    }
    expect(api.calls).toEqual([]);
  });
});

test('a programme file that is missing is wrong usage, one that is no JSON object is not right', async () => {
  const broken = join(folder, 'broken.json');
  writeFileSync(broken, '{ "name": ');
  const list = join(folder, 'list.json');
  writeFileSync(list, '[]');
  const exitOf = async (file: string) => (await philia(api, ['program', 'check', file])).exit;
  expect(await exitOf(join(folder, 'none'))).toBe(2);
  expect(await exitOf(broken)).toBe(1);
  expect(await exitOf(list)).toBe(1);
  expect(api.calls).toEqual([]);
});
