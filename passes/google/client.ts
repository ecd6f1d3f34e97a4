/**
 * Writes classes and objects to Google Wallet. Source: Google Wallet API v1, REST; error reasons by Google's
 * standard error format.
 */
import type { GoogleCredentials } from './credentials.ts';
import type { LoyaltyClass, LoyaltyObject } from './loyalty.ts';
import { createTokenSource, type TokenOutcome } from './token.ts';

export type WriteOutcome =
  /** `notified`: the phone was told to show a notice, and Google's daily quota of them allowed it. */
  | { readonly type: 'written'; readonly notified: boolean }
  /** Not written; `after` is in seconds, where Google says. */
  | { readonly type: 'retry'; readonly reason: string; readonly after?: number }
  /** Sent and not answered: written or not. Writing the same again is harmless. */
  | { readonly type: 'unknown'; readonly reason: string }
  /** The object's class is not there, so it has to be written first. */
  | { readonly type: 'no_class' }
  /** There is no such object, and none was to be made. */
  | { readonly type: 'no_object' }
  /** Refused for a reason that another try does not change. */
  | { readonly type: 'refused'; readonly reason: string };

/** Waits until the caller may send its next request. */
export type Pace = () => Promise<void>;

export interface GoogleClient {
  /** Creates the programme's class, or updates it. */
  upsertClass(loyaltyClass: LoyaltyClass): Promise<WriteOutcome>;
  /**
   * Updates a card's object, or makes it where it is not there unless `create` is false; with `notify` the phone
   * shows a notice of an update.
   */
  upsertObject(
    object: LoyaltyObject,
    options: { readonly notify: boolean; readonly create?: boolean },
  ): Promise<WriteOutcome>;
}

export interface GoogleClientOptions {
  readonly credentials: GoogleCredentials;
  /** Waited for before each request; Google takes 20 a second of one issuer. */
  readonly pace: Pace;
  /** Milliseconds since 1970. */
  readonly now: () => number;
  readonly fetch?: typeof globalThis.fetch;
  readonly timeoutMs?: number;
}

type Collection = 'loyaltyClass' | 'loyaltyObject';
type Body = Readonly<Record<string, unknown>>;

interface Answer {
  readonly type: 'answer';
  readonly status: number;
  readonly reason: string;
  readonly retryAfter: string | null;
}
type Reply = Answer | Exclude<WriteOutcome, { type: 'written' | 'no_class' | 'no_object' }>;

export function createGoogleClient({
  credentials,
  pace,
  now,
  fetch = globalThis.fetch,
  timeoutMs = 4_000,
}: GoogleClientOptions): GoogleClient {
  const tokens = createTokenSource({ credentials, fetch, now, timeoutMs });
  const root = `${credentials.walletUrl}/walletobjects/v1`;

  /** A token that Google no longer takes is replaced, once. */
  async function request(method: 'POST' | 'PATCH', path: string, body: Body): Promise<Reply> {
    const reply = await authorized(method, path, body);
    if (reply.type !== 'answer' || reply.status !== 401) return reply;
    tokens.drop();
    return authorized(method, path, body);
  }

  async function authorized(method: string, path: string, body: Body): Promise<Reply> {
    const outcome: TokenOutcome = await tokens.get();
    if (outcome.type !== 'token') return outcome;
    await pace();
    return send(`${root}/${path}`, method, body, outcome.token);
  }

  async function send(url: string, method: string, body: Body, token: string): Promise<Reply> {
    try {
      const response = await fetch(url, {
        method,
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(timeoutMs),
      });
      const text = await response.text();
      return {
        type: 'answer',
        status: response.status,
        reason: reasonOf(text),
        retryAfter: response.headers.get('retry-after'),
      };
    } catch (error) {
      return { type: 'unknown', reason: `Google did not answer ${method} ${url}: ${messageOf(error)}` };
    }
  }

  function insert(collection: Collection, body: Body): Promise<Reply> {
    return request('POST', collection, body);
  }

  function patch(collection: Collection, id: string, body: Body): Promise<Reply> {
    return request('PATCH', `${collection}/${encodeURIComponent(id)}`, body);
  }

  return {
    async upsertClass(loyaltyClass) {
      const inserted = await insert('loyaltyClass', loyaltyClass);
      const reply = isStatus(inserted, 409)
        ? await patch('loyaltyClass', loyaltyClass.id, loyaltyClass)
        : inserted;
      return outcomeOf(reply, false);
    },

    async upsertObject(object, { notify, create = true }) {
      const body = { ...object };
      const notifying = { ...body, notifyPreference: 'NOTIFY_ON_UPDATE' };
      const update = (content: Body) => patch('loyaltyObject', object.id, content);

      const updated = await update(notify ? notifying : body);
      if (notify && isStatus(updated, 403) && updated.reason.startsWith('quotaExceeded'))
        return outcomeOf(await update(body), false);
      if (!isStatus(updated, 404)) return outcomeOf(updated, notify);
      if (!create) return { type: 'no_object' };
      const inserted = await insert('loyaltyObject', body);
      if (isStatus(inserted, 404)) return { type: 'no_class' };
      // Somebody saved the card between the two requests.
      return outcomeOf(isStatus(inserted, 409) ? await update(body) : inserted, false);
    },
  };
}

function isStatus(reply: Reply, status: number): reply is Answer {
  return reply.type === 'answer' && reply.status === status;
}

function outcomeOf(reply: Reply, notified: boolean): WriteOutcome {
  if (reply.type !== 'answer') return reply;
  const { status } = reply;
  if (status >= 200 && status < 300) return { type: 'written', notified };
  const reason = `Google answered ${status}: ${reply.reason}`;
  if (status !== 429 && status < 500) return { type: 'refused', reason };
  const after = Number(reply.retryAfter);
  return { type: 'retry', reason, ...(after > 0 && { after }) };
}

interface GoogleError {
  readonly error?: {
    readonly message?: unknown;
    readonly errors?: readonly { readonly reason?: unknown }[];
  };
}

/** `<reason>: <message>` of Google's `{ error: { message, errors: [{ reason }] } }`, or the text as it is. */
function reasonOf(text: string): string {
  try {
    const { error } = JSON.parse(text) as GoogleError;
    const reason = error?.errors?.[0]?.reason ?? 'no reason';
    return `${reason}: ${error?.message ?? 'no message'}`;
  } catch {
    return text.slice(0, 200); // A proxy's page; its beginning says which.
  }
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? `${error.message} (${error.cause.message})` : error.message;
}
