import { setTimeout as sleep } from 'node:timers/promises';
import { isRecord } from './lines.ts';

/** What ends the import before the end of the file; its message is a sentence for the person who ran it. */
export class ImportStopped extends Error {}

/** An answer of the API, `body` its JSON, or undefined when it has none. */
export interface Answer {
  status: number;
  body: unknown;
}

export interface Client {
  call(method: string, path: string, body?: unknown): Promise<Answer>;
}

export interface ClientOptions {
  baseUrl: string;
  /** The channel's key. */
  key: string;
  /** How often one call is tried, the first time included. */
  attemptsMax?: number;
  /** Waits that many milliseconds; a test that does not want to wait passes its own. */
  pause?: (ms: number) => Promise<unknown>;
}

const ATTEMPTS_MAX = 8;
const PAUSE_MS = 500;
const PAUSE_MS_MAX = 30_000;

/** Moving the clock over months runs every schedule in between. */
const TIMEOUT_MS = 10 * 60 * 1000;

/**
 * Calls the API, again and again within bounds while it is busy (429), not ready (503) or not there at all,
 * as during a restart; `Retry-After` decides the pause where the API gives one. Everything sent by this
 * command may be sent twice: purchases and refunds are known by their ids, members by their e-mail.
 */
export function createClient({ baseUrl, key, attemptsMax, pause }: ClientOptions): Client {
  const attempts = attemptsMax ?? ATTEMPTS_MAX;
  const wait = pause ?? ((ms: number) => sleep(ms));
  return {
    async call(method, path, body) {
      let trouble = '';
      for (let attempt = 1; attempt <= attempts; attempt++) {
        const outcome = await once(new URL(path, baseUrl), method, key, body);
        if ('answer' in outcome) return outcome.answer;
        trouble = outcome.trouble;
        if (attempt < attempts) await wait(outcome.retryAfterMs ?? PAUSE_MS * 2 ** (attempt - 1));
      }
      throw new ImportStopped(`${method} ${baseUrl}${path} failed ${attempts} times, last with ${trouble}.`);
    },
  };
}

type Outcome = { answer: Answer } | { trouble: string; retryAfterMs?: number };

async function once(url: URL, method: string, key: string, body: unknown): Promise<Outcome> {
  try {
    const response = await fetch(url, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      signal: AbortSignal.timeout(TIMEOUT_MS),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const { status } = response;
    if (status !== 429 && status !== 503) return { answer: { status, body: parse(text) } };
    const retryAfterMs = readRetryAfter(response.headers.get('retry-after'));
    return { trouble: `status ${status}`, ...(retryAfterMs !== undefined && { retryAfterMs }) };
  } catch (error) {
    return { trouble: causeOf(error) };
  }
}

/** Seconds, as the API sends them; anything else is left to the pauses of our own. */
function readRetryAfter(header: string | null): number | undefined {
  const seconds = Number(header ?? Number.NaN);
  return seconds >= 0 ? Math.min(seconds * 1000, PAUSE_MS_MAX) : undefined;
}

/** fetch says "fetch failed" and hides the reason (`ECONNREFUSED`) in the cause. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return isRecord(cause) && typeof cause['code'] === 'string' ? cause['code'] : cause.message;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Whoever expects a body says what the status was.
  }
}
