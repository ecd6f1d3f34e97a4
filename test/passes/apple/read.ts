/** Readers of what a phone reads: a stored zip, and pass.strings. Written apart from what writes them. */
import { crc32 } from 'node:zlib';

/** The files of an archive whose entries are all stored, by the directory at its end. */
export function unzip(archive: Buffer): Map<string, Buffer> {
  const end = archive.length - 22;
  if (archive.readUInt32LE(end) !== 0x06054b50) throw new Error('There is no end record.');
  const files = new Map<string, Buffer>();
  let at = archive.readUInt32LE(end + 16);
  for (let index = 0; index < archive.readUInt16LE(end + 10); index++) {
    if (archive.readUInt32LE(at) !== 0x02014b50) throw new Error(`There is no directory entry at ${at}.`);
    const [checksum, size] = [archive.readUInt32LE(at + 16), archive.readUInt32LE(at + 24)];
    const nameLength = archive.readUInt16LE(at + 28);
    const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
    const local = archive.readUInt32LE(at + 42);
    const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
    const bytes = archive.subarray(start, start + size);
    if (crc32(bytes) !== checksum) throw new Error(`${name} has another checksum.`);
    files.set(name, bytes);
    at += 46 + nameLength;
  }
  return files;
}

/** Keys and values of a strings file in UTF-16 with its byte order mark. */
export function parseStrings(bytes: Buffer): Map<string, string> {
  if (bytes.readUInt16BE(0) !== 0xfeff) throw new Error('There is no big-endian byte order mark.');
  const text = Buffer.from(bytes.subarray(2)).swap16().toString('utf16le');
  const entries = new Map<string, string>();
  let at = 0;
  const literal = (): string => {
    let value = '';
    if (text[at++] !== '"') throw new Error(`There is no quote at ${at - 1}.`);
    while (text[at] !== '"') {
      if (at >= text.length) throw new Error('A text has no end.');
      if (/[\r\n]/.test(text[at] ?? '')) throw new Error(`A line ends within a text at ${at}.`);
      value += text[at] === '\\' ? unescaped(text[++at]) : text[at];
      at++;
    }
    at++;
    return value;
  };
  const expect = (wanted: string) => {
    if (!text.startsWith(wanted, at)) throw new Error(`There is no ${JSON.stringify(wanted)} at ${at}.`);
    at += wanted.length;
  };
  while (at < text.length) {
    const key = literal();
    expect(' = ');
    entries.set(key, literal());
    expect(';\n');
  }
  return entries;
}

function unescaped(letter: string | undefined): string {
  const meanings: Record<string, string> = { n: '\n', r: '\r', '"': '"', '\\': '\\' };
  const meaning = meanings[letter ?? ''];
  if (meaning === undefined) throw new Error(`\\${letter} means nothing.`);
  return meaning;
}

export type PassJson = Record<string, unknown> & {
  storeCard: Record<
    'headerFields' | 'primaryFields' | 'secondaryFields' | 'auxiliaryFields' | 'backFields',
    Record<string, unknown>[]
  >;
};

export function passJson(archive: Buffer): PassJson {
  return JSON.parse(unzip(archive).get('pass.json')?.toString() ?? 'null');
}

/** All fields of a pass by their keys; a key that comes twice is an error. */
export function fieldsByKey({ storeCard }: PassJson): Map<unknown, Record<string, unknown>> {
  const fields = Object.values(storeCard).flat();
  const byKey = new Map(fields.map((field) => [field['key'], field]));
  if (byKey.size !== fields.length) throw new Error('Two fields have the same key.');
  return byKey;
}
