/** What a reader of an e-mail sees first: its addressees, subject and plain text. */
export interface Mail {
  to: string[];
  subject: string;
  text: string;
}

interface Part {
  headers: Map<string, string>;
  body: string;
}

/**
 * Reads a raw e-mail as far as a test wants to look into it: RFC 5322 headers with RFC 2047 words, and the
 * first text part of an RFC 2045 body, plain before HTML, in base64, quoted-printable or as it is, UTF-8.
 * Undefined without the blank line that ends the headers.
 */
export function readMail(raw: Buffer): Mail | undefined {
  const message = split(raw.toString('latin1').replaceAll('\r\n', '\n'));
  if (!message) return undefined;
  const { headers } = message;
  const parts = leaves(message);
  const plain = parts.find((part) => mediaType(part) === 'text/plain') ?? parts[0];
  return {
    to: ['to', 'cc', 'bcc'].flatMap((name) => addresses(headers.get(name) ?? '')),
    subject: decodeWords(headers.get('subject') ?? ''),
    text: plain ? decodeBody(plain).trimEnd() : '',
  };
}

function split(text: string): Part | undefined {
  const end = text.indexOf('\n\n');
  if (end < 0) return undefined;
  const unfolded = text.slice(0, end).replaceAll(/\n[ \t]+/g, ' ');
  const fields = unfolded.split('\n').map((line) => line.split(/:(.*)/s, 2));
  const headers = new Map(fields.map(([name = '', value = '']) => [name.trim().toLowerCase(), value.trim()]));
  return { headers, body: text.slice(end + 2) };
}

/** The parts that hold no further parts, in order. */
function leaves(part: Part): Part[] {
  const boundary = /boundary="?([^";]+)"?/i.exec(part.headers.get('content-type') ?? '')?.[1];
  if (!mediaType(part).startsWith('multipart/') || boundary === undefined) return [part];
  // A part without headers begins with its blank line, so the newline after the boundary belongs to it.
  const sections = `\n${part.body}`.split(`\n--${boundary}`).slice(1);
  return sections
    .filter((section) => !section.startsWith('--'))
    .flatMap((section) => split(section.replace(/^[ \t]*\n/, '').replace(/^(?=\n)/, '\n')) ?? [])
    .flatMap(leaves);
}

function mediaType({ headers }: Part): string {
  return (headers.get('content-type') ?? 'text/plain').split(';')[0]?.trim().toLowerCase() ?? '';
}

function decodeBody({ headers, body }: Part): string {
  const encoding = headers.get('content-transfer-encoding')?.toLowerCase();
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8');
  if (encoding === 'quoted-printable') return decodeQuoted(body.replaceAll(/=[ \t]*\n/g, ''));
  return utf8(body);
}

function decodeQuoted(text: string): string {
  return utf8(text.replaceAll(/=([0-9A-F]{2})/gi, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16))));
}

/** RFC 2047: `=?utf-8?B?…?=` and `=?utf-8?Q?…?=`; white space between two of them is no part of the text. */
function decodeWords(text: string): string {
  const joined = text.replaceAll(/\?=\s+=\?/g, '?==?');
  return utf8(joined).replaceAll(/=\?[^?]+\?([BQ])\?([^?]*)\?=/gi, (_, encoding, word) =>
    encoding.toUpperCase() === 'B'
      ? Buffer.from(word, 'base64').toString('utf8')
      : decodeQuoted(word.replaceAll('_', ' ')),
  );
}

/** The bytes were read as Latin-1, one character each, so that offsets and boundaries are those of the bytes. */
function utf8(latin1: string): string {
  return Buffer.from(latin1, 'latin1').toString('utf8');
}

/** `Ada <ada@example.com>, bob@example.com` → both addresses. */
function addresses(list: string): string[] {
  return [...list.matchAll(/[^\s<>,;"]+@[^\s<>,;"]+/g)].map(([address]) => address);
}
