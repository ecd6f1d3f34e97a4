import { randomUUID } from 'node:crypto';
import {
  constants,
  createSecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { TLSSocket } from 'node:tls';
import type { Certificates } from './certificates.ts';
import { closed, listen, type RunningServer, readBody } from './http.ts';
import type { ConnectionFailure, ScriptedAnswer, Store } from './store.ts';

/** Apple: "the maximum payload size is 4 KB", for everything but voice calls. */
const PAYLOAD_BYTES_MAX = 4096;

/**
 * Apple takes hexadecimal tokens of its own making. Phones under test register names such as `abc123`, so
 * any short name goes here.
 */
const PUSH_TOKEN = /^[A-Za-z0-9_-]+$/;

const PUSH_TYPES = new Set(
  'alert background complication controls fileprovider liveactivity location mdm pushtotalk voip widgets'.split(
    ' ',
  ),
);

/** What `POST /local/apns/respond` may ask for: the failures Apple documents, 4xx and 5xx, and lost connections. */
export type ScriptedFailure = ScriptedAnswer & { pushToken: string };

export interface PushService extends RunningServer {
  /** Makes the next push to that token fail so; asked twice before a push, the later one counts. */
  respond(failure: ScriptedFailure): void;
  /** Makes the next pushes to a token fail so, one each, in order, in place of what was asked for before. */
  respondInTurn(pushToken: string, failures: readonly ScriptedAnswer[]): void;
  /** Forgets every failure that was asked for. */
  calm(): void;
}

export interface PushServiceOptions {
  certificates: Certificates;
  store: Store;
  /** Epoch milliseconds, for the record and for the `timestamp` of a 410. */
  clock: () => number;
  port: number;
}

interface Answer {
  status: number;
  reason?: string;
  timestamp?: number;
  /** In seconds, as a header. */
  retryAfter?: number;
}

/**
 * Apple's push service: HTTP/2 over TLS, `POST /3/device/{token}`, the client known by its certificate.
 * Protocol: Apple, "Sending notification requests to APNs" and "Handling notification responses from APNs".
 */
export async function startPushService(options: PushServiceOptions): Promise<PushService> {
  const { certificates, store } = options;
  const sessions = new Set<ServerHttp2Session>();
  const server = createSecureServer({
    key: certificates.serverKey,
    cert: certificates.serverCertificate,
    // Apple knows its own intermediate, so a client need not send it.
    ca: [certificates.root, certificates.wwdr],
    requestCert: true,
    // Apple lets any client connect and refuses its requests with a reason; an aborted handshake has none.
    rejectUnauthorized: false,
  });
  server.on('session', (session) => {
    sessions.add(session);
    // A connection or a push that breaks off is for the other side to notice, and no reason to end the run.
    session.on('error', () => undefined);
    session.once('close', () => sessions.delete(session));
  });
  server.on('stream', (stream, headers) => {
    stream.on('error', () => undefined);
    receive(options, stream, headers).catch((error: unknown) => {
      console.error("Apple's stand-in failed:", error);
      if (!stream.destroyed) reply(stream, { status: 500, reason: 'InternalServerError' }, headers);
    });
  });
  const url = await listen(server, options.port, 'https');
  return {
    url,
    respond: ({ pushToken, ...failure }) => store.put('scriptedAnswers', pushToken, [failure]),
    respondInTurn: (pushToken, failures) => store.put('scriptedAnswers', pushToken, [...failures]),
    calm: () => store.clear('scriptedAnswers'),
    close: () => {
      for (const session of sessions) session.destroy();
      return closed(server);
    },
  };
}

async function receive(
  options: PushServiceOptions,
  stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
): Promise<void> {
  const payload = await readBody(stream, PAYLOAD_BYTES_MAX);
  const socket = stream.session?.socket;
  if (!socket) return; // The client left before its request was read; there is nobody to answer.
  const answer = refuse(headers, payload, socket as TLSSocket) ?? accept(options, headers);
  if ('connection' in answer) fail(stream, answer.connection);
  else reply(stream, answer, headers);
}

/** Leaves the push without an answer, and the connection with it. */
function fail(stream: ServerHttp2Stream, how: ConnectionFailure): void {
  const { session, id = 0 } = stream;
  if (how === 'close') {
    session?.destroy();
    return;
  }
  // Streams above the last one that is named were not looked at: their sender may send them again.
  session?.goaway(constants.NGHTTP2_NO_ERROR, Math.max(0, id - 2));
  stream.close(constants.NGHTTP2_REFUSED_STREAM);
}

/** Apple's checks, or undefined for a push that is in order. */
function refuse(
  headers: IncomingHttpHeaders,
  payload: Buffer | undefined,
  socket: TLSSocket,
): Answer | undefined {
  const token = pushTokenOf(headers);
  if (token === undefined) return { status: 404, reason: 'BadPath' };
  if (headers[':method'] !== 'POST') return { status: 405, reason: 'MethodNotAllowed' };
  const subject = socket.getPeerCertificate().subject;
  if (subject === undefined) return { status: 403, reason: 'MissingProviderToken' };
  if (!socket.authorized) return { status: 403, reason: 'BadCertificate' };
  if (token === '') return { status: 400, reason: 'MissingDeviceToken' };
  if (!PUSH_TOKEN.test(token)) return { status: 400, reason: 'BadDeviceToken' };
  const topic = headers['apns-topic'];
  if (topic === undefined || topic === '') return { status: 400, reason: 'MissingTopic' };
  if (topic !== userIdOf(subject)) return { status: 400, reason: 'TopicDisallowed' };
  const pushType = headers['apns-push-type'];
  if (pushType !== undefined && !PUSH_TYPES.has(String(pushType)))
    return { status: 400, reason: 'InvalidPushType' };
  if (payload === undefined) return { status: 413, reason: 'PayloadTooLarge' };
  if (payload.length === 0) return { status: 400, reason: 'PayloadEmpty' };
  return undefined;
}

/** The token of `/3/device/{token}`, undefined for any other path. */
function pushTokenOf(headers: IncomingHttpHeaders): string | undefined {
  return /^\/3\/device\/([^/?]*)$/.exec(headers[':path'] ?? '')?.[1];
}

/** Node's type of a certificate's subject lists the usual attributes only; UID is Apple's. */
function userIdOf(subject: object): unknown {
  return 'UID' in subject ? subject.UID : undefined;
}

/** Records the push and answers 200, or the failure that was asked for, once. A push without answer is none. */
function accept(
  { store, clock }: PushServiceOptions,
  headers: IncomingHttpHeaders,
): Answer | { connection: ConnectionFailure } {
  const pushToken = pushTokenOf(headers) ?? '';
  const [scripted, ...others] = store.get('scriptedAnswers', pushToken) ?? [];
  if (others.length > 0) store.put('scriptedAnswers', pushToken, others);
  else if (scripted) store.remove('scriptedAnswers', pushToken);
  if (scripted && 'connection' in scripted) return scripted;
  const now = clock();
  store.put('push', randomUUID(), {
    pushToken,
    topic: String(headers['apns-topic']),
    pushType: headers['apns-push-type']?.toString() ?? null,
    at: new Date(now).toISOString(),
    status: scripted?.status ?? 200,
  });
  if (!scripted) return { status: 200 };
  const { status, reason, timestamp = now, retryAfter } = scripted;
  return {
    status,
    reason,
    ...(status === 410 && { timestamp }),
    ...(retryAfter !== undefined && { retryAfter }),
  };
}

function reply(
  stream: ServerHttp2Stream,
  { status, retryAfter, ...body }: Answer,
  headers: IncomingHttpHeaders,
): void {
  // Another push on the same connection may have lost it meanwhile.
  if (stream.destroyed || stream.closed) return;
  const apnsId = headers['apns-id']?.toString() ?? randomUUID().toUpperCase();
  const patience = retryAfter === undefined ? {} : { 'retry-after': String(retryAfter) };
  stream.respond({ ':status': status, 'apns-id': apnsId, ...patience });
  stream.end(body.reason === undefined ? undefined : JSON.stringify(body));
}
