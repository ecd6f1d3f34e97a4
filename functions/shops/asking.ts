/** Asking shops: every request to any shop's API is sent from here. */

import type { Answer, Ask } from '../../channels/adapter.ts';
import { parseJson } from '../../channels/reading.ts';

/** A shop did not answer as it should: it is unknown what it would have said. */
export class ShopUnavailable extends Error {
  /** Seconds that the shop wants to be left alone, where it says so. */
  readonly retryAfterSeconds: number | undefined;

  constructor(message: string, retryAfterSeconds?: number, cause?: unknown) {
    super(message, { cause });
    this.retryAfterSeconds = retryAfterSeconds;
  }
}

export interface Answered {
  /** JSON; null for a 404. */
  readonly answer: Answer;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
}

const timeoutMs = 5_000;
/** Pages of orders are some hundred kilobytes. */
const bytesMax = 16 * 1024 * 1024;

/** @throws ShopUnavailable */
export async function ask({ method, url, headers, body }: Ask): Promise<Answered> {
  const { origin, pathname } = new URL(url);
  const said = `${method} ${origin}${pathname}`;
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method,
      headers: {
        accept: 'application/json',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    text = await response.text();
  } catch (cause) {
    throw new ShopUnavailable(`${said} was not answered.`, undefined, cause);
  }
  if (response.status === 404) return { answer: null, headers: {} };
  if (!response.ok) {
    const after = Number(response.headers.get('retry-after'));
    throw new ShopUnavailable(`${said} is answered ${response.status}.`, after > 0 ? after : undefined);
  }
  if (text.length > bytesMax) throw new ShopUnavailable(`${said} is answered with ${text.length} bytes.`);
  try {
    return { answer: parseJson(text), headers: Object.fromEntries(response.headers) };
  } catch (cause) {
    throw new ShopUnavailable(`${said} is not answered with JSON.`, undefined, cause);
  }
}
