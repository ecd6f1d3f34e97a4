/**
 * Tells phones that a pass has changed, over Apple's push service: an empty notification per device, after
 * which the phone asks the web service for its passes.
 * Source: Apple, Sending notification requests to APNs; Handling notification responses from APNs; Adding a
 * web service to update passes.
 */
import { type ClientHttp2Session, type ClientHttp2Stream, connect, constants } from 'node:http2';
import type { AppleCredentials } from './credentials.ts';

export type PushOutcome =
  | { readonly type: 'accepted' }
  /** No phone has this token any more; since when, in epoch milliseconds, where Apple says so. */
  | { readonly type: 'gone'; readonly since?: number }
  /** Not delivered, or not known to be; pushing again is harmless. `after` is in seconds. */
  | { readonly type: 'retry'; readonly reason: string; readonly after?: number }
  /** Refused for a reason that another try does not change. */
  | { readonly type: 'refused'; readonly reason: string };

export interface PusherOptions {
  readonly credentials: AppleCredentials;
  /** How long an answer is waited for: a few tries fit into what a function has. */
  readonly timeoutMs?: number;
}

export interface Pusher {
  push(pushToken: string): Promise<PushOutcome>;
  /** Closes the connection once the pushes under way are answered. */
  close(): Promise<void>;
}

/** What came of one request on one connection; `lost` when the connection failed before an answer. */
type Attempt = PushOutcome | { readonly type: 'lost'; readonly reason: string };

const answerBytesMax = 4096;

/** A pusher with one connection, opened by the first push and opened anew whenever it has failed. */
export function createPusher({ credentials, timeoutMs = 4000 }: PusherOptions): Pusher {
  let current: ClientHttp2Session | undefined;

  /** The connection, unless Apple has said that it goes away, or it has failed. */
  function usable(): ClientHttp2Session | undefined {
    return current && !current.closed && !current.destroyed ? current : undefined;
  }

  function open(): ClientHttp2Session {
    const session = connect(credentials.pushUrl, {
      cert: credentials.certificate.toString(),
      key: credentials.privateKey.export({ type: 'pkcs8', format: 'pem' }),
      ...(credentials.pushCa !== undefined && { ca: credentials.pushCa }),
    });
    // Its requests learn of a failure by themselves; without a listener it would end the process.
    session.on('error', () => undefined);
    // An idle connection must not keep the process alive. While a push is under way its timer does.
    session.unref();
    current = session;
    return session;
  }

  async function attempt(session: ClientHttp2Session, pushToken: string): Promise<Attempt> {
    const stream = session.request({
      ':method': 'POST',
      ':path': `/3/device/${encodeURIComponent(pushToken)}`,
      'apns-topic': credentials.passTypeIdentifier,
      'apns-push-type': credentials.pushType,
      'apns-priority': '5',
    });
    const answer = await readAnswer(stream, timeoutMs);
    if (answer.type === 'answer') return outcomeOf(answer);
    // A connection that is silent or broken takes no more requests; those on it may still be answered.
    session.close();
    return answer;
  }

  return {
    async push(pushToken) {
      const reused = usable();
      const first = await attempt(reused ?? open(), pushToken);
      if (first.type !== 'lost') return first;
      // A connection that was idle may have been closed by Apple, or have died while a function was frozen.
      const last = reused ? await attempt(usable() ?? open(), pushToken) : first;
      return last.type === 'lost' ? { type: 'retry', reason: last.reason } : last;
    },
    close() {
      const session = usable();
      if (!session) return Promise.resolve();
      const closed = Promise.withResolvers<void>();
      session.close(closed.resolve);
      return closed.promise;
    },
  };
}

interface Answer {
  readonly type: 'answer';
  readonly status: number;
  readonly retryAfter: string | undefined;
  readonly body: string;
}

type Reading = Answer | Extract<Attempt, { type: 'retry' | 'lost' }>;

/** Sends the empty payload and waits: a silence that is too long is `retry`, for the push may have arrived. */
function readAnswer(stream: ClientHttp2Stream, timeoutMs: number): Promise<Reading> {
  const { promise, resolve } = Promise.withResolvers<Reading>();
  const timer = setTimeout(() => {
    resolve({ type: 'retry', reason: `Apple did not answer within ${timeoutMs} ms.` });
    stream.close(constants.NGHTTP2_CANCEL);
  }, timeoutMs);
  let head: Omit<Answer, 'body'> | undefined;
  let body = '';
  stream.setEncoding('utf8');
  stream.on('response', (headers) => {
    head = {
      type: 'answer',
      status: Number(headers[':status']),
      retryAfter: headers['retry-after']?.toString(),
    };
  });
  stream.on('data', (text: string) => {
    if (body.length < answerBytesMax) body += text;
  });
  let failure = 'The connection to Apple closed before an answer.';
  stream.on('error', (error) => {
    failure = error.message;
  });
  stream.on('close', () => {
    clearTimeout(timer);
    resolve(head ? { ...head, body } : { type: 'lost', reason: failure });
  });
  stream.end('{}');
  return promise;
}

function outcomeOf({ status, retryAfter, body }: Answer): PushOutcome {
  if (status === 200) return { type: 'accepted' };
  const { reason = 'no reason', timestamp } = parseBody(body);
  // A 410 always says since when. One that does not was cut off with its connection, and the phone may well be there.
  if ((status === 410 && timestamp !== undefined) || (status === 400 && reason === 'BadDeviceToken'))
    return { type: 'gone', ...(timestamp !== undefined && { since: timestamp }) };
  const said = `Apple answered ${status}: ${reason}.`;
  if (![410, 429].includes(status) && status < 500) return { type: 'refused', reason: said };
  const after = Number(retryAfter);
  return { type: 'retry', reason: said, ...(after > 0 && { after }) };
}

/** Apple's JSON `{ reason, timestamp? }`; what is not of that shape is left out. */
function parseBody(body: string): { reason?: string; timestamp?: number } {
  try {
    const parsed: unknown = JSON.parse(body);
    if (typeof parsed !== 'object' || parsed === null) return {};
    const { reason, timestamp } = parsed as Record<string, unknown>;
    return {
      ...(typeof reason === 'string' && { reason }),
      ...(typeof timestamp === 'number' && { timestamp }),
    };
  } catch {
    return {}; // The status alone decides then.
  }
}
