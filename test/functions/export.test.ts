/** The export: complete, in pages that Lambda can answer, and as CSV that no spreadsheet takes for a program. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MemberExport, memberExport } from '../../core/contract/export.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import type { Deps } from '../../functions/deps.ts';
import { csvLine } from '../../functions/kit/csv.ts';
import { exportMember } from '../../functions/members/export.ts';
import {
  getMember,
  listAudit,
  mergeMembers,
  offerSamsung,
  recordPurchase,
  registerDevice,
} from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { newMember, putInForce, richProgram } from '../support/histories.ts';
import { aLeaver, neighbour, person } from '../support/leaving.ts';
import { aPurchase, noon, runs, testContext } from '../support/world.ts';

const program = richProgram();
const caller = { role: 'ops', keyId: 'key_test', name: 'Tess' } as const;
/** What Lambda lets through, and the share of it that an answer may take. */
const answerBytesMax = 5_000_000;
const lambdaBytesMax = 6 * 1024 * 1024;

/** A system whose clock moves by `stepMs` each time it is asked. */
async function world(stepMs = 0) {
  const ledger = testContext(createMemoryStore());
  await putInForce(ledger, program);
  let at = 0;
  const monotonic = () => {
    at += stepMs;
    return at;
  };
  const deps = {
    ledger,
    monotonic,
    now: () => noon,
    publicUrl: 'https://philia.example',
    program: async () => program,
  } as unknown as Deps;
  const ask = (memberId: MemberId, query: object) =>
    exportMember({ params: { memberId }, query, caller } as Parameters<typeof exportMember>[0], deps);
  const page = async (memberId: MemberId, cursor?: string): Promise<MemberExport> =>
    memberExport.parse((await ask(memberId, { format: 'json', ...(cursor ? { cursor } : {}) })).body);
  const pages = async (memberId: MemberId) => {
    const all = [await page(memberId)];
    for (let cursor = all[0]?.cursor; cursor; cursor = all.at(-1)?.cursor)
      all.push(await page(memberId, cursor));
    return all;
  };
  const csvPages = async (memberId: MemberId) => {
    const all: Buffer[] = [];
    let cursor: string | undefined;
    do {
      const { body, headers } = await ask(memberId, { format: 'csv', ...(cursor ? { cursor } : {}) });
      all.push(body as Buffer);
      const [, address] = /^<(.+)>; rel="next"$/.exec(headers?.['link'] ?? '') ?? [];
      cursor =
        address && (new URL(address, 'https://philia.example').searchParams.get('cursor') ?? undefined);
    } while (cursor);
    return all;
  };
  return { ledger, ask, pages, csvPages };
}

/** Purchases whose records come near what a table's item may hold. */
async function buyMuch(ledger: LedgerContext, memberId: MemberId, purchases: number): Promise<string[]> {
  const ids: string[] = [];
  for (let made = 0; made < purchases; made++) {
    const name = '"Crème" '.repeat(60);
    const purchase = aPurchase(
      Array.from({ length: 500 }, () => 100),
      { member: { memberId } },
    );
    const lines = purchase.lines.map((line) => ({ ...line, name, gtin: '3017620422003', discountMinor: 5 }));
    await recordPurchase(ledger, program, { ...purchase, lines }, noon);
    ids.push(purchase.id);
  }
  return ids;
}

/** A reader of RFC 4180 that knows nothing of how the text was made. */
function readCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  const field = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n|$)/gy;
  while (field.lastIndex < text.length) {
    const match = field.exec(text);
    if (!match) throw new Error(`No CSV at ${text.slice(field.lastIndex, 20)}`);
    const [, quoted, plain = '', end] = match;
    row.push(quoted === undefined ? plain : quoted.replaceAll('""', '"'));
    if (end === ',') continue;
    rows.push(row);
    row = [];
  }
  return rows;
}

/** Every text that stands anywhere in a value, but under some names. */
function textsOf(value: unknown, except: ReadonlySet<string> = new Set()): Set<string> {
  if (typeof value === 'string') return new Set([value]);
  if (typeof value !== 'object' || value === null) return new Set();
  const inner = Object.entries(value).filter(([name]) => !except.has(name));
  return new Set(inner.flatMap(([, one]) => [...textsOf(one, except)]));
}

describe('an export', () => {
  it('holds everything on the person, and nobody else', async () => {
    const { ledger, pages } = await world();
    const { memberId, referrerId, newcomerId, secrets } = await aLeaver(ledger, program);
    await neighbour(ledger, program);
    await recordPurchase(ledger, program, aPurchase([1], { member: { email: 'guest@example.com' } }), noon);
    const [all, ...more] = await pages(memberId);
    if (!all) throw new Error('There is a page.');
    expect(more).toEqual([]);
    const { name, email, phone, birthday } = person;
    expect(all.person).toMatchObject({
      member: { memberId, name, email, phone, birthday, cardNumber: secrets['cardNumber'] },
      consents: { email: { granted: true } },
      broughtBy: { referrerId, status: 'waiting' },
      devices: [{ pushToken: 'token-of-zoe-1' }, { pushToken: 'token-of-zoe-2' }],
      google: { objectId: `1.${memberId}` },
      account: { memberId, status: 'active' },
    });
    expect(all.referrals).toMatchObject([{ newcomerId, referrerId: memberId }]);
    const version = all.person?.member.version ?? 0;
    expect(all.entries.map((entry) => entry['sequence'])).toEqual(
      Array.from({ length: version }, (_, index) => index + 1),
    );
    const codes = all.vouchers.flatMap(({ code }) => code ?? []);
    expect(codes.sort()).toEqual(
      Object.entries(secrets)
        .flatMap(([what, secret]) => (what.startsWith('voucher code') ? [secret] : []))
        .sort(),
    );
    expect(all.redemptions).toMatchObject([{ rewardId: 'five-euros', status: 'captured' }]);
    const posted = all.purchases.filter(({ namedAs }) => namedAs === null);
    expect(posted.map(({ memberId: owner }) => owner)).toEqual(Array(5).fill(memberId));
    // Bought before anybody knew the address, under this one and the one before.
    const unclaimed = all.purchases.filter(
      ({ status }) => status !== 'posted' && status !== 'partially_refunded',
    );
    expect(unclaimed.flatMap(({ namedAs }) => namedAs?.email ?? []).sort()).toEqual(
      [person.email, person.formerEmail].sort(),
    );
    const statuses = all.refunds.map(({ status }) => status).sort();
    expect(statuses).toEqual(['applied', 'rejected', 'unmatched', 'unmatched']);
    expect(new Set(all.exceptions.map(({ type }) => type))).toEqual(
      new Set([
        'purchase_unclaimed',
        'purchase_conflict',
        'refund_unmatched',
        'refund_rejected',
        'over_refund',
      ]),
    );
    const text = JSON.stringify(all);
    for (const other of [
      'nestor@example.com',
      'rita@example.com',
      'newcomer@example.com',
      'Nestor',
      'guest@example.com',
    ])
      expect(text).not.toContain(other);
  });

  it('holds after a merge whatever the export of each held before', async () => {
    const { ledger, pages } = await world();
    const { memberId: from, now } = await aLeaver(ledger, program);
    const into = await neighbour(ledger, program, { consents: { email: true } });
    const own = (await getMember(ledger, from))?.profile.formerContacts ?? [];
    expect(own.length).toBeGreaterThan(0);
    const signed = Date.parse('2026-06-01T10:00:00Z');
    await offerSamsung(ledger, from, 3, 'FR', signed);
    await registerDevice(
      ledger,
      { memberId: into, device: 'of-nestor', passType: 'pass.test', pushToken: 'token-of-nestor' },
      1,
      now,
    );
    const before = [...(await pages(from)), ...(await pages(into))];
    await mergeMembers(ledger, program, { into, from }, now);
    const after = await pages(from);
    expect(after).toEqual(await pages(into));
    const [{ person: one, ...lists } = { person: null }] = after;
    expect(one?.merged).toMatchObject([
      {
        member: { memberId: from, name: person.name, email: person.email, phone: person.phone },
        consentsBefore: { email: { granted: true } },
        devices: [{ pushToken: 'token-of-zoe-1' }, { pushToken: 'token-of-zoe-2' }],
        samsung: { countryCode: 'FR' },
      },
    ]);
    expect(one?.devices).toMatchObject([{ pushToken: 'token-of-nestor' }]);
    const said = textsOf({ one, lists });
    // What an account had is on the other by now; what it is, by which version, is told by the entries.
    const moved = new Set(['balance', 'expiring', 'account', 'stamps', 'tier', 'lifetime', 'cursor']);
    const lost = [...textsOf(before, moved)].filter((text) => !said.has(text));
    expect(lost).toEqual([]);
  });

  it('comes in pages within what may be answered, each thing once', async () => {
    const { ledger, pages } = await world();
    const memberId = await newMember(ledger, program);
    const bought = await buyMuch(ledger, memberId, 25);
    const all = await pages(memberId);
    expect(all.length).toBeGreaterThan(1);
    for (const one of all) {
      const body = JSON.stringify(one);
      expect(Buffer.byteLength(body)).toBeLessThan(answerBytesMax);
      // Lambda's own envelope carries the body as a string of JSON.
      expect(Buffer.byteLength(JSON.stringify({ body }))).toBeLessThan(lambdaBytesMax);
    }
    expect(all.flatMap(({ purchases }) => purchases.map(({ purchaseId }) => purchaseId))).toEqual(bought);
    expect(all.map(({ person: one }) => one !== null)).toEqual([true, ...all.slice(1).map(() => false)]);
    expect(all.slice(1).flatMap(({ entries }) => entries)).toEqual([]);
    const lines = all.flatMap(({ purchases }) => purchases.flatMap((one) => one.lines));
    expect(lines).toHaveLength(25 * 500);
    expect(lines[0]).toMatchObject({ gtin: '3017620422003', discountMinor: 5 });
  });

  it('stops when its time is over and goes on where it stopped', async () => {
    const { ledger, pages } = await world(4_000);
    const { memberId } = await aLeaver(ledger, program);
    const slow = await pages(memberId);
    expect(slow.length).toBeGreaterThan(10);
    const quick = await world();
    Object.assign(quick.ledger, ledger);
    const [whole] = await quick.pages(memberId);
    for (const list of ['vouchers', 'exceptions', 'entries', 'redemptions', 'purchases'] as const)
      expect(slow.flatMap((one) => one[list] as object[])).toEqual(whole?.[list]);
  });

  it('is written down once, with who did it', async () => {
    const { ledger, pages } = await world(4_000);
    const memberId = await newMember(ledger, program);
    expect((await pages(memberId)).length).toBeGreaterThan(1);
    const audit = await listAudit(ledger, { limit: 10 });
    // Putting the programme in force is in the audit, too.
    expect(audit.filter(({ action }) => action !== 'put_program')).toMatchObject([
      { action: 'export_member', subject: memberId, keyId: 'key_test', name: 'Tess' },
    ]);
  });

  it('refuses a cursor of another format or member, and a member who is none', async () => {
    const { ledger, ask, pages } = await world(4_000);
    const [memberId, other] = [await newMember(ledger, program), await newMember(ledger, program)];
    const [first] = await pages(memberId);
    const cursor = first?.cursor;
    expect(cursor).toBeTypeOf('string');
    await expect(ask(memberId, { format: 'csv', cursor })).rejects.toMatchObject({ code: 'invalid_cursor' });
    await expect(ask(other, { format: 'json', cursor })).rejects.toMatchObject({ code: 'invalid_cursor' });
    const unknown = 'mem_01JD0000000000000000000000' as MemberId;
    await expect(ask(unknown, { format: 'json' })).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('as CSV', () => {
  it('holds a row for each line of each purchase, over as many pages as it takes', async () => {
    const { ledger, csvPages } = await world();
    const memberId = await newMember(ledger, program);
    const bought = await buyMuch(ledger, memberId, 20);
    const parts = await csvPages(memberId);
    expect(parts.length).toBeGreaterThan(1);
    for (const part of parts) expect(part.toString('base64').length).toBeLessThan(lambdaBytesMax);
    const text = Buffer.concat(parts).toString('utf8');
    expect(text.startsWith('\uFEFFpurchaseId,occurredAt,')).toBe(true);
    const [head, ...rows] = readCsv(text.slice(1));
    expect(rows).toHaveLength(20 * 500);
    const column = (name: string) => rows.map((row) => row[head?.indexOf(name) ?? -1]);
    expect([...new Set(column('purchaseId'))]).toEqual(bought);
    expect(new Set(column('gtin'))).toEqual(new Set(['3017620422003']));
    expect(new Set(column('discountMinor'))).toEqual(new Set(['5']));
    expect(new Set(column('name'))).toEqual(new Set(['"Crème" '.repeat(60)]));
  });

  it('is read back as it was written, but for the apostrophes before what would be a formula', () => {
    const part = fc.oneof(
      fc.constantFrom('=1+1', '+1', '-1', '@SUM(A1)', '＝1', '＋1', '－1', '＠A', '=HYPERLINK("x","y")', 'x'),
      fc.constantFrom('\t', '\r', '\n', '\r\n', ';', ',', '"', '""', "'", ' ', '\u00A0', '\u200B', '\uFEFF'),
      fc.string({ unit: 'binary', maxLength: 4 }),
    );
    const cell = fc.array(part, { maxLength: 6 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(
        fc.array(fc.array(cell, { minLength: 1, maxLength: 5 }), { minLength: 1, maxLength: 5 }),
        (rows) => {
          // One empty cell alone is an empty line, which says nothing.
          const written = rows.map((row) => ['x', ...row]);
          const text = written.map(csvLine).join('');
          const read = readCsv(text);
          const bare = (row: readonly string[]) => row.map((one) => one.replaceAll("'", ''));
          expect(read.map(bare)).toEqual(written.map(bare));
          for (const separator of [',', ';', '\t'])
            for (const one of spreadsheetCells(text, separator)) expect(one.trim()).not.toMatch(formula);
        },
      ),
      runs(2000),
    );
  });

  it.each([
    ['x;=1', `"x;'=1"\r\n`],
    ['\n=1', `"'\n'=1"\r\n`],
    [' ＝1', `"' ＝1"\r\n`],
    ['a;b', '"a;b"\r\n'],
    ['1-2', '1-2\r\n'],
  ])('%j is written as %j', (text, line) => {
    expect(csvLine([text])).toBe(line);
  });
});

const formula = /^[\s\u200B-\u200F\u2060]*[=+\-@＝＋－＠]/;

/** The cells as a spreadsheet cuts them that has this list separator: a quote counts only where a cell begins. */
function spreadsheetCells(text: string, separator: string): string[] {
  const cells: string[] = [];
  let cell = '';
  let state: 'start' | 'quoted' | 'plain' = 'start';
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? '';
    if (state === 'quoted') {
      if (character !== '"') cell += character;
      else if (text[at + 1] === '"') cell += text[++at];
      else state = 'plain';
    } else if (character === separator || character === '\r' || character === '\n') {
      cells.push(cell);
      cell = '';
      state = 'start';
    } else if (character === '"' && state === 'start') state = 'quoted';
    else {
      state = 'plain';
      cell += character;
    }
  }
  return [...cells, cell];
}
