import { createReadStream } from 'node:fs';
import { isRecord, parseJson } from '../json.ts';

export type Body = Record<string, unknown>;

/** A line that can be sent. */
export interface Item {
  kind: 'purchase' | 'refund';
  /** Counted from 1, as editors do. */
  line: number;
  /** What is posted: the line without its `type`. */
  body: Body;
  /** Size of the posted body in bytes. */
  bytes: number;
  /** Every identifier of its member, as `email:ada@example.com`; none for a guest. */
  memberKeys: string[];
  /** By which `--enrol` makes a member of its buyer. */
  email: string | undefined;
  /** Epoch milliseconds; undefined when missing or unreadable, which the API then says. */
  occurredAt: number | undefined;
}

/** Why a line was not taken: by this command, before it was sent, or by the API. */
export interface Refusal {
  kind: 'refused';
  line: number;
  /** From the API's registry of error codes, or `invalid_line`. */
  code: string;
  /** The failing field, empty when it is the whole line. */
  path: string;
  message: string;
}

/**
 * Reads the file line by line, from line `from` on; `onBytes` hears how many bytes each line took. Lines end where
 * editors and JSON see an end: U+2028 within a text is none, though Node's own reader of lines takes it for one.
 */
export async function* readLines(
  file: string,
  from: number,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Item | Refusal> {
  let line = 0;
  for await (const bytes of linesOf(createReadStream(file))) {
    line += 1;
    onBytes(bytes.length + 1);
    if (line < from) continue;
    const text = textOf(bytes);
    if (text === undefined) yield invalid(line, '', 'The line is not valid UTF-8.');
    else if (text.trim() !== '') yield parseLine(line, text);
  }
}

async function* linesOf(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let begun: Buffer[] = [];
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end >= 0; end = chunk.indexOf(newline, start)) {
      yield Buffer.concat([...begun, chunk.subarray(start, end)]);
      begun = [];
      start = end + 1;
    }
    begun.push(chunk.subarray(start));
  }
  const last = Buffer.concat(begun);
  if (last.length > 0) yield last;
}

const newline = 0x0a;

/** Without a byte-order mark, which begins the files of some programs, and a line where such files were joined. */
const utf8 = new TextDecoder('utf-8', { fatal: true });

function textOf(bytes: Buffer): string | undefined {
  try {
    return utf8.decode(bytes);
  } catch {
    return undefined; // Said by the caller, who knows which line it is.
  }
}

/** More than any body of the API nests, and less than JSON can be written at. */
const depthMax = 100;

function isTooDeep(value: unknown): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth < depthMax; depth++) {
    level = level.flatMap((one) => (typeof one === 'object' && one !== null ? Object.values(one) : []));
    if (level.length === 0) return false;
  }
  return true;
}

export function parseLine(line: number, text: string): Item | Refusal {
  const value = parseJson(text);
  if (!isRecord(value)) return invalid(line, '', 'The line is not a JSON object.');
  if (isTooDeep(value)) return invalid(line, '', `The line nests deeper than ${depthMax} levels.`);
  const { type, ...body } = value;
  if (type !== undefined && type !== 'refund') {
    return invalid(line, 'type', `${JSON.stringify(type)} must be "refund", or absent for a purchase.`);
  }
  if (typeof body['id'] !== 'string' || body['id'] === '') {
    return invalid(line, 'id', `${JSON.stringify(body['id'])} must be the channel's own id, a string.`);
  }
  const member = isRecord(body['member']) ? body['member'] : {};
  const occurredAt = Date.parse(String(body['occurredAt']));
  return {
    kind: type === 'refund' ? 'refund' : 'purchase',
    line,
    body,
    bytes: Buffer.byteLength(JSON.stringify(body)),
    memberKeys: Object.entries(member).map(([name, id]) => `${name}:${String(id).toLowerCase()}`),
    email: typeof member['email'] === 'string' ? member['email'] : undefined,
    occurredAt: Number.isNaN(occurredAt) ? undefined : occurredAt,
  };
}

function invalid(line: number, path: string, message: string): Refusal {
  return { kind: 'refused', line, code: 'invalid_line', path, message };
}
