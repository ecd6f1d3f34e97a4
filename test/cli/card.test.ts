/** `philia card preview`: files that a designer can open, from a programme file or a member's card. */
import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { png } from '../../tools/images.ts';
import { ok, philia, refusal, serveContract } from './api.ts';
import * as sample from './samples.ts';

const root = join(import.meta.dirname, '../..');
const api = serveContract();
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'philia-card-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const programFile = join(root, 'program.json');
const names = ['apple.png', 'apple-back.png', 'google.png', 'card.html'];
const preview = (...argv: string[]) => philia(api, ['card', 'preview', ...argv]);

function sizeOf(png: Buffer): [width: number, height: number] {
  expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
  return [png.readUInt32BE(16), png.readUInt32BE(20)];
}

const cardUrl = 'https://points.example.com/card/AAAAAAAAAAAAAAAAAAAAAA';
const member = { ...sample.member, cardUrl };
/** A picture of one colour. */
function plain(width: number, height: number): Buffer {
  return png({ width, height, rgba: new Uint8Array(4 * width * height).fill(200) });
}

const { memberId, cardNumber, name, balance, tier, expiring, version, wallet } = member;
const card = {
  ...{ memberId, version, programName: 'Maison Philia', name, locale: 'en', cardNumber, balance, tier },
  profile: { missing: [], points: 0, reward: null, unconfirmed: [], mustConfirm: false },
  expiring,
  stamps: [{ id: 'coffee', name: 'Coffee card', count: 3, of: 5 }],
  vouchers: [{ code: '8QK2M7TX04PCR', name: '€5 off', type: 'amount', expiresAt: null }],
  donations: [],
  status: 'active',
  referralCode: 'AB12CD34',
  updatedAt: '2026-11-22T10:00:00Z',
  timeZone: 'Europe/Paris',
  barcodes: null,
  colours: null,
  supportUrl: null,
  cardUrl,
  wallet,
};

describe('of a programme file', () => {
  test('draws both wallets without any system, in a folder of its own, and lists the files', async () => {
    const out = join(folder, 'new/of-program');
    const script = join(root, 'cli/philia.js');
    const argv = [script, 'card', 'preview', '--program', programFile, '--out', out, '--json'];
    // A process of its own that knows of no system and of no key.
    const { stdout, stderr } = await promisify(execFile)(process.execPath, argv, { cwd: folder, env: {} });
    expect(stderr).toBe('');
    expect(JSON.parse(stdout)).toEqual({
      member: null,
      locale: 'en',
      files: names.map((file) => join(out, file)),
      notes: [],
    });
    expect(readdirSync(out).sort()).toEqual([...names].sort());
    expect(sizeOf(readFileSync(join(out, 'apple.png')))).toEqual([750, 920]);
    for (const file of ['apple-back.png', 'google.png']) {
      const [width, height] = sizeOf(readFileSync(join(out, file)));
      expect(width).toBe(750);
      expect(height).toBeGreaterThan(900);
    }
    const page = readFileSync(join(out, 'card.html'), 'utf8');
    for (const said of ['<title>Maison Philia', 'Camille Durand', 'Complice', 'CARD HOLDER', 'Coffee card'])
      expect(page).toContain(said);
  });

  test('speaks the language that is asked for, and says where the files are', async () => {
    const out = join(folder, 'fr');
    const said = await preview('--program', programFile, '--locale', 'fr', '--out', out);
    expect(said).toMatchObject({ exit: 0, stderr: '' });
    expect(said.stdout).toBe(
      `Camille Durand: 4 files in ${out}\n${names.map((file) => `  ${join(out, file)}\n`).join('')}`,
    );
    const page = readFileSync(join(out, 'card.html'), 'utf8');
    expect(page).toContain('<html lang="fr">');
    expect(page).toContain('TITULAIRE');
    expect(api.calls).toEqual([]);
  });

  test("shows the programme's own logos, which lie beside its file, and makes room for a wide one", async () => {
    const home = join(folder, 'own');
    mkdirSync(join(home, 'brand'), { recursive: true });
    writeFileSync(join(home, 'program.json'), readFileSync(programFile));
    const logoOf = (scale: number) => plain(150 * scale, 40 * scale);
    for (const [name, image] of [
      ['logo.png', logoOf(1)],
      ['logo@2x.png', logoOf(2)],
      ['logo@3x.png', logoOf(3)],
      ['program-logo.png', plain(660, 660)],
    ] as const)
      writeFileSync(join(home, 'brand', name), image);
    const draw = () => preview('--program', join(home, 'program.json'), '--out', join(home, 'drawn'));
    expect((await draw()).exit).toBe(0);
    const page = readFileSync(join(home, 'drawn/card.html'), 'utf8');
    for (const image of [logoOf(3), plain(660, 660)]) expect(page).toContain(image.toString('base64'));
    const [, logoWidth, nameAt] = /width="(150)" height="40"\/><text x="([\d.]+)"/.exec(page) ?? [];
    expect(Number(nameAt)).toBeGreaterThan(Number(logoWidth));
    writeFileSync(join(home, 'brand/logo@3x.png'), 'no image');
    expect(await draw()).toMatchObject({ exit: 1, stderr: 'brand/logo@3x.png is not a PNG image.\n' });
  });

  test.each<[string, string, number, RegExp]>([
    ['that is not there', '', 2, /^\S+none\.json cannot be read: /],
    ['that is not JSON', 'tiers:', 1, /none\.json is not JSON: /],
    [
      'that is not valid',
      '{"name":"Maison"}',
      1,
      /^The programme is not valid: timeZone is missing: must be a text\.\n$/,
    ],
  ])('%s is refused in one sentence, and nothing is written', async (_, content, exit, message) => {
    const file = join(folder, 'none.json');
    if (content !== '') writeFileSync(file, content);
    const out = join(folder, 'nothing');
    const said = await preview('--program', file, '--out', out);
    expect(said).toMatchObject({ exit, stdout: '' });
    expect(said.stderr).toMatch(message);
    expect(said.stderr.trim().split('\n')).toHaveLength(1);
    expect(existsSync(out)).toBe(false);
  });

  test('says when the folder cannot be written', async () => {
    const out = join(folder, 'a-file');
    writeFileSync(out, '');
    const { exit, stderr } = await preview('--program', programFile, '--out', out);
    expect(exit).toBe(2);
    expect(stderr).toMatch(/a-file cannot be written: EEXIST/);
  });
});

describe('of a member', () => {
  test.each([
    [memberId, `GET /v1/members/${memberId}`, member],
    ['ada@example.com', 'GET /v1/members?email=ada%40example.com', { items: [member] }],
    [cardNumber, `GET /v1/members?cardNumber=${cardNumber}`, { items: [member] }],
  ])('named by %s draws the card that the API answers', async (who, request, found) => {
    api.answers = [ok(found), ok(card)];
    const out = join(folder, 'member');
    const said = await preview('--member', who, '--out', out, '--json');
    expect(said).toMatchObject({ exit: 0, stderr: '' });
    expect(JSON.parse(said.stdout)).toMatchObject({ member: memberId, locale: 'en' });
    expect(api.calls.map((call) => call.request)).toEqual([request, 'GET /v1/cards/AAAAAAAAAAAAAAAAAAAAAA']);
    const page = readFileSync(join(out, 'card.html'), 'utf8');
    for (const shown of ['Ada Lovelace', '1,234', '8QK2M7TX04PCR', 'Complice']) expect(page).toContain(shown);
  });

  test('is drawn in another language where one is asked for', async () => {
    api.answers = [ok(member), ok(card)];
    const said = await preview('--member', memberId, '--out', join(folder, 'de'), '--locale', 'de', '--json');
    expect(JSON.parse(said.stdout)).toMatchObject({ locale: 'de' });
    expect(readFileSync(join(folder, 'de/card.html'), 'utf8')).toContain('MITGLIED');
  });

  test('that nobody is, or that was refused, writes nothing', async () => {
    const out = join(folder, 'nobody');
    api.answers = [ok({ items: [] }), refusal('not_found')];
    const none = await preview('--member', 'nobody@example.com', '--out', out);
    expect(none).toMatchObject({ exit: 1, stderr: expect.stringContaining('There is no member ') });
    expect((await preview('--member', memberId, '--out', out)).exit).toBe(3);
    expect(existsSync(out)).toBe(false);
  });
});

test.each([
  [[]],
  [['--member', 'ada@example.com', '--program', programFile]],
  [['--program', programFile, '--locale', 'French']],
  [['--member', 'Ada']],
])('used wrongly, as with %j, it says so', async (argv) => {
  const said = await preview(...argv);
  expect(said).toMatchObject({ exit: 2, stdout: '' });
  expect(said.stderr).not.toBe('');
});
