/**
 * Sends requests, again and again within bounds while the system is busy (429), not ready (503) or not there
 * at all, as during a restart; `Retry-After` decides the pause where the system gives one.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { isRecord, parseJson } from './json.ts';

/** An answer of the API, `body` its JSON, or undefined when it has none. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
  /** The body as it came. */
  readonly text: string;
  /** The `Link` header: where there is more of it. */
  readonly link: string | null;
  /** Whether an earlier attempt may have been taken, so that this one found what that one did. */
  readonly repeated: boolean;
}

export interface SenderOptions {
  readonly baseUrl: string;
  readonly key: string;
  /** How often one request is tried, the first time included. */
  readonly attemptsMax: number;
  /** Milliseconds that an answer may take. */
  readonly timeoutMs: number;
  /** Waits that many milliseconds; a test that does not want to wait passes its own. */
  readonly pause?: ((ms: number) => Promise<unknown>) | undefined;
  /** Hears why a request is tried again, and after how long. */
  readonly onRetry?: (trouble: string, ms: number) => void;
}

export interface Request {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly body?: unknown;
  readonly idempotencyKey?: string | undefined;
  /** Whether sending it twice has one effect. Else it is sent again only when the first was surely not taken. */
  readonly repeatable: boolean;
}

/** No answer that says what became of the request, after all attempts. */
export interface Lost {
  /** As `ECONNREFUSED` or `status 503`. */
  readonly trouble: string;
  readonly attempts: number;
  /** Whether the system may have taken it at any attempt. */
  readonly sent: boolean;
  /** The last answer, where there was one: a problem body of status 429 or 503. */
  readonly answer?: Answer;
}

export type Send = (request: Request) => Promise<{ readonly answer: Answer } | { readonly lost: Lost }>;

const pauseMs = 500;
const pauseMsMax = 30_000;
/** Failures before a connection was there: nothing has been sent. */
const beforeSending = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'UND_ERR_CONNECT_TIMEOUT'];

export function createSender(options: SenderOptions): Send {
  const { attemptsMax, pause = sleep, onRetry } = options;
  return async (request) => {
    let sent = false;
    for (let attempt = 1; ; attempt++) {
      const outcome = await once(options, request, sent);
      if (!('trouble' in outcome)) return outcome;
      const { trouble, retryAfterMs, taken, answer } = outcome;
      sent ||= taken;
      if (attempt === attemptsMax || (taken && !request.repeatable))
        return { lost: { trouble, attempts: attempt, sent, ...(answer && { answer }) } };
      const ms = retryAfterMs ?? Math.min(pauseMs * 2 ** (attempt - 1), pauseMsMax);
      onRetry?.(trouble, ms);
      await pause(ms);
    }
  };
}

/** Response.text() would take away the mark at the begin by which Excel knows CSV for UTF-8. */
const asItCame = new TextDecoder('utf-8', { ignoreBOM: true });

type Outcome =
  | { readonly answer: Answer }
  | {
      readonly trouble: string;
      readonly taken: boolean;
      readonly retryAfterMs?: number | undefined;
      readonly answer?: Answer;
    };

async function once(
  { baseUrl, key, timeoutMs }: SenderOptions,
  request: Request,
  repeated: boolean,
): Promise<Outcome> {
  const { method, path, body, idempotencyKey } = request;
  try {
    const response = await fetch(baseUrl.replace(/\/$/, '') + path, {
      method,
      // What comes back from elsewhere is not the system, and the key is for the system alone.
      redirect: 'manual',
      headers: {
        authorization: `Bearer ${key}`,
        'content-type': 'application/json',
        ...(idempotencyKey !== undefined && { 'idempotency-key': idempotencyKey }),
      },
      signal: AbortSignal.timeout(timeoutMs),
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = asItCame.decode(await response.arrayBuffer());
    const link = response.headers.get('link');
    const answer = { status: response.status, body: parseJson(text), text, link, repeated };
    if (answer.status !== 429 && answer.status !== 503) return { answer };
    const retryAfterMs = readRetryAfter(response.headers.get('retry-after'));
    return { trouble: `status ${answer.status}`, taken: answer.status === 503, retryAfterMs, answer };
  } catch (error) {
    const trouble = causeOf(error);
    return { trouble, taken: !beforeSending.includes(trouble) };
  }
}

/** Seconds, as the API sends them; anything else is left to the pauses of our own. */
function readRetryAfter(header: string | null): number | undefined {
  const seconds = Number(header ?? Number.NaN);
  return seconds >= 0 ? Math.min(seconds * 1000, pauseMsMax) : undefined;
}

/** fetch says "fetch failed" and hides the reason (`ECONNREFUSED`) in the cause. */
function causeOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  if (!(cause instanceof Error)) return String(cause);
  return isRecord(cause) && typeof cause['code'] === 'string' ? cause['code'] : cause.message;
}
