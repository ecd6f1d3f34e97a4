/**
 * HTTP/1.1 on a stream, as much of it as the SDK speaks to a service: one request after another, each with its length.
 * Node's own server does the same for streams within a thread; it takes a third as long as all that is asked for.
 * Source: https://www.rfc-editor.org/rfc/rfc9112
 */
import { STATUS_CODES } from 'node:http';
import type { Duplex } from 'node:stream';

export interface Asked {
  /** By their names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

export interface Answered {
  readonly status: number;
  readonly headers: { readonly [name: string]: string };
  readonly body: Buffer;
}

const HEAD_END = '\r\n\r\n';

/** Answers what comes until the stream ends; one that says what is not understood here is ended. */
export function serveStream(stream: Duplex, answer: (asked: Asked) => Answered): void {
  let come: Buffer[] = [];
  /** How much has to be there before the next look is worth it. */
  let wanted = 0;
  let length = 0;

  function look(): void {
    let rest = come.length === 1 ? (come[0] as Buffer) : Buffer.concat(come);
    for (;;) {
      const read = readRequest(rest);
      if (typeof read === 'number') {
        wanted = read;
        break;
      }
      stream.write(written(answer(read.asked)));
      rest = rest.subarray(read.bytes);
    }
    come = rest.length > 0 ? [rest] : [];
    length = rest.length;
  }

  stream.on('data', (chunk: Buffer) => {
    come.push(chunk);
    length += chunk.length;
    if (length < wanted) return;
    try {
      look();
    } catch (error) {
      stream.destroy(error as Error);
    }
  });
  // Whoever asked has its connection's own end to hear of.
  stream.on('error', () => undefined);
  stream.on('end', () => stream.end());
}

/** The request that the bytes begin with, and how many are its; or how many there have to be. */
function readRequest(bytes: Buffer): { readonly asked: Asked; readonly bytes: number } | number {
  const end = bytes.indexOf(HEAD_END);
  if (end < 0) return bytes.length + 1;
  const [, ...lines] = bytes.toString('latin1', 0, end).split('\r\n');
  const headers = new Map(
    lines.map((line) => {
      const colon = line.indexOf(':');
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()] as const;
    }),
  );
  if (headers.has('transfer-encoding') || headers.has('expect'))
    throw new TypeError(
      'Only requests that say their length, and expect nothing, are served within a thread.',
    );
  const start = end + HEAD_END.length;
  const whole = start + Number(headers.get('content-length') ?? 0);
  return bytes.length < whole
    ? whole
    : { asked: { headers, body: bytes.subarray(start, whole) }, bytes: whole };
}

function written({ status, headers, body }: Answered): Buffer {
  const lines = Object.entries({ ...headers, 'content-length': String(body.length) });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    ...lines.map(([name, value]) => `${name}: ${value}`),
  ];
  return Buffer.concat([Buffer.from(`${head.join('\r\n')}${HEAD_END}`, 'latin1'), body]);
}
