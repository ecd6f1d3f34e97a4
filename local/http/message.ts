/** A request and a response as they travel from the distribution to an origin and back. */

export interface Request {
  readonly method: string;
  /** The path as it was sent, percent-encoded. */
  readonly path: string;
  /** The query string as it was sent, without `?`. */
  readonly query: string;
  /** Names in lower case; repeated headers are repeated entries. */
  readonly headers: readonly Header[];
  /** Undefined: it was longer than the origin takes. */
  readonly body: Buffer | undefined;
  readonly sourceIp: string;
}

export interface Response {
  readonly status: number;
  readonly headers: readonly Header[];
  readonly body: Buffer;
}

export type Header = readonly [name: string, value: string];

export function header(headers: readonly Header[], name: string): string | undefined {
  return headers.find(([known]) => known === name)?.[1];
}

export function jsonResponse(status: number, value: unknown): Response {
  return {
    status,
    headers: [['content-type', 'application/json']],
    body: Buffer.from(JSON.stringify(value)),
  };
}
