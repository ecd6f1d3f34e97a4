/** What the law gives a person: everything, whole, for nobody else to read; and to be forgotten. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ok, philia, type Reply, serveContract } from './api.ts';
import * as sample from './samples.ts';

const api = serveContract();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'philia-person-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const exportMember = ['members', 'export', sample.memberId];

const refund = (refundId: string) => ({
  refundId,
  purchaseId: 'web:1',
  status: 'applied',
  occurredAt: '2026-11-22T10:00:00Z',
  recordedAt: '2026-11-22T10:00:00Z',
  currency: 'EUR',
  amountMinor: 100,
  shippingMinor: null,
  lines: [],
  points: { clawedBack: 1, debt: 0 },
});

const page = (more: object) => ({
  memberId: sample.memberId,
  exportedAt: '2026-11-22T10:00:00Z',
  person: null,
  referrals: [],
  vouchers: [],
  exceptions: [],
  entries: [],
  redemptions: [],
  purchases: [],
  refunds: [],
  cursor: null,
  ...more,
});

const person = {
  member: sample.member,
  consents: {},
  referralCode: 'ADA',
  referralCodeGiven: null,
  account: {},
  broughtBy: null,
  devices: [],
  apple: null,
  google: null,
  samsung: null,
  merged: [],
};

describe('members export', () => {
  const pages = (): Reply[] => [
    ok(page({ person, entries: [{ entryId: sample.entryId }], refunds: [refund('web:R1')], cursor: 'c1' })),
    ok(page({ refunds: [refund('web:R1'), refund('web:R2')] })),
  ];
  const whole = page({
    person,
    entries: [{ entryId: sample.entryId }],
    refunds: [refund('web:R1'), refund('web:R2')],
  });

  test('is one document of all pages, each thing in it once', async () => {
    for (const argv of [exportMember, [...exportMember, '--json']]) {
      api.answers = pages();
      const said = await philia(api, argv);
      expect(said.exit).toBe(0);
      expect(JSON.parse(said.stdout)).toEqual(whole);
    }
    expect(api.calls.slice(0, 2).map(({ request }) => request)).toEqual([
      `GET /v1/members/${sample.memberId}/export?format=json`,
      `GET /v1/members/${sample.memberId}/export?format=json&cursor=c1`,
    ]);
  });

  test('goes into a file that only its owner can read, whatever was there before', async () => {
    const file = join(folder, 'ada.json');
    writeFileSync(file, 'before', { mode: 0o644 });
    api.answers = pages();
    const said = await philia(api, [...exportMember, '--out', file, '--json']);
    expect(JSON.parse(said.stdout)).toEqual({ file, bytes: statSync(file).size });
    expect(JSON.parse(readFileSync(file, 'utf8'))).toEqual(whole);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(readdirSync(folder)).toEqual(['ada.json']);
  });

  test('as CSV follows the Link header, and what was sent comes out byte by byte', async () => {
    const csv = (text: string, next?: string): Reply => ({
      status: 200,
      text,
      headers: { 'content-type': 'text/csv', ...(next && { link: `<${next}>; rel="next"` }) },
    });
    const next = `/v1/members/${sample.memberId}/export?format=csv&cursor=a%2Bb`;
    api.answers = [csv('\ufeffid,name\r\n', next), csv('1,"x"\r\n')];
    const said = await philia(api, [...exportMember, '--format', 'csv']);
    expect(said.stdout).toBe('\ufeffid,name\r\n1,"x"\r\n');
    expect(api.calls[1]?.request).toBe(`GET ${next}`);
  });

  test('as CSV is no JSON document, so --json needs a file to put it in', async () => {
    const said = await philia(api, [...exportMember, '--format', 'csv', '--json']);
    expect(said.exit).toBe(2);
    expect(JSON.parse(said.stdout).error.message).toContain('CSV is no JSON document');
    expect(api.calls).toEqual([]);
  });

  test('where the file cannot be written says so', async () => {
    api.answers = pages();
    const said = await philia(api, [...exportMember, '--out', join(folder, 'none', 'x.json')]);
    expect(said.exit).toBe(2);
    expect(said.stderr).toContain('cannot be written');
  });
});

describe('members erase', () => {
  const erased = ok({ memberId: sample.memberId, status: 'erased' }, 202);

  test('names whom it asks about, and sends the reason', async () => {
    api.answers = [erased];
    const argv = ['members', 'erase', sample.memberId, '--reason', 'Asked'];
    const said = await philia(api, argv, { tty: true, answer: true });
    expect(said.exit).toBe(0);
    expect(said.questions[0]).toContain(`Erase ${sample.memberId}?`);
    expect(api.calls[0]).toMatchObject({
      request: `DELETE /v1/members/${sample.memberId}`,
      body: { reason: 'Asked' },
    });
  });

  test('with --json says who it was', async () => {
    api.answers = [erased];
    const said = await philia(api, ['members', 'erase', sample.memberId, '--yes', '--json']);
    expect(JSON.parse(said.stdout)).toEqual({ memberId: sample.memberId, status: 'erased' });
    expect(api.calls[0]?.body).toEqual({});
  });
});
