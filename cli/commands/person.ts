/** `philia members export` and `philia members erase`: what the law gives a person. */
import { rename, writeFile } from 'node:fs/promises';
import type { Api } from '../api.ts';
import type { BodyFrom } from '../contract.ts';
import { exits, Failure, messageOf } from '../failure.ts';
import { memberIdOf } from '../member.ts';
import { count, jsonText, shown } from '../text.ts';
import { type Cli, type Once, onceKey, type Result } from './kit.ts';

export interface ExportFlags {
  readonly format: string;
  readonly out?: string;
}

export interface EraseFlags extends Once {
  readonly yes?: boolean;
  readonly reason?: string;
}

const endpoint = 'GET /v1/members/{memberId}/export';

export async function exportMember(cli: Cli, { format, out }: ExportFlags, member: string): Promise<Result> {
  const asCsv = format === 'csv';
  if (asCsv && cli.json && out === undefined)
    throw new Failure(exits.usage, 'CSV is no JSON document: leave --json out, or give --out.');
  const api = await cli.api();
  const memberId = await memberIdOf(api, member);
  const document = asCsv ? undefined : await exported(api, memberId);
  const content = asCsv ? await exportedCsv(api, memberId) : `${jsonText(document)}\n`;
  if (out === undefined) return { json: document, text: () => content, raw: content };
  await writePrivately(out, content);
  const bytes = Buffer.byteLength(content);
  return {
    json: { file: out, bytes },
    text: (style) => style.good(`${count(bytes, 'byte')} written to ${shown(out)}, readable by you only.`),
  };
}

type Page = Exclude<BodyFrom<typeof endpoint>, string>;

/** All pages as one document: lists behind one another, what there is one of from the first page. */
async function exported(api: Api, memberId: string): Promise<Page> {
  let whole: Page | undefined;
  let cursor: string | null = null;
  do {
    const query: { format: 'json'; cursor?: string } = { format: 'json', ...(cursor !== null && { cursor }) };
    const { body }: { body: BodyFrom<typeof endpoint> } = await api.call(endpoint, {
      params: { memberId },
      query,
    });
    // A string is what it answers to those who ask for CSV.
    const page = body as Page;
    whole = whole === undefined ? page : { ...joined(whole, page), cursor: null };
    cursor = page.cursor;
  } while (cursor !== null);
  return whole;
}

/** A refund of several purchases may stand on several pages, and is there once. */
function joined(whole: Page, page: Page): Page {
  const before = listsOf(whole);
  const seen = new Set(before['refunds']?.map(({ refundId }) => refundId));
  const lists = Object.entries(listsOf(page)).map(([name, more]) => {
    const fresh = name === 'refunds' ? more.filter(({ refundId }) => !seen.has(refundId)) : more;
    return [name, [...(before[name] ?? []), ...fresh]];
  });
  return { ...whole, ...Object.fromEntries(lists) };
}

interface Listed {
  readonly refundId?: string;
}

function listsOf(page: Page): Readonly<Record<string, readonly Listed[]>> {
  return Object.fromEntries(Object.entries(page as object).filter(([, field]) => Array.isArray(field)));
}

async function exportedCsv(api: Api, memberId: string): Promise<string> {
  const parts: string[] = [];
  let cursor: string | null = null;
  do {
    const query: { format: 'csv'; cursor?: string } = { format: 'csv', ...(cursor !== null && { cursor }) };
    const page: { text: string; cursor: string | null } = await api.text(endpoint, {
      params: { memberId },
      query,
    });
    parts.push(page.text);
    cursor = page.cursor;
  } while (cursor !== null);
  return parts.join('');
}

/** All that is held on a person is for nobody else on this machine, not even for a moment. */
async function writePrivately(file: string, content: string): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, content, { mode: 0o600, flag: 'wx' });
    await rename(temporary, file);
  } catch (error) {
    throw new Failure(exits.usage, `${file} cannot be written: ${messageOf(error)}.`, { cause: error });
  }
}

export async function eraseMember(
  cli: Cli,
  { yes, reason, ...options }: EraseFlags,
  member: string,
): Promise<Result> {
  const api = await cli.api();
  const memberId = await memberIdOf(api, member);
  const question = `Erase ${shown(member)}? The person is removed for good, with the points that are left.`;
  await cli.confirm(question, yes);
  await api.call('DELETE /v1/members/{memberId}', {
    params: { memberId },
    body: reason === undefined ? {} : { reason },
    idempotencyKey: onceKey(cli, options),
  });
  return { json: { memberId, status: 'erased' }, text: (style) => style.good(`${memberId} is erased.`) };
}
