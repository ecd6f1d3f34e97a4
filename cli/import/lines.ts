import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
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

/** Reads the file line by line, from line `from` on; `onBytes` hears how many bytes each line took. */
export async function* readLines(
  file: string,
  from: number,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Item | Refusal> {
  let line = 0;
  for await (const text of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    line += 1;
    onBytes(Buffer.byteLength(text) + 1);
    if (line >= from && text.trim() !== '') yield parseLine(line, text);
  }
}

export function parseLine(line: number, text: string): Item | Refusal {
  const value = parseJson(text);
  if (!isRecord(value)) return invalid(line, '', 'The line is not a JSON object.');
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
