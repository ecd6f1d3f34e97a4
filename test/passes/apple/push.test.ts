import { execFile } from 'node:child_process';
import {
  constants,
  createSecureServer,
  type Http2SecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  type AppleCredentials,
  createPusher,
  type Pusher,
  parseAppleCredentials,
} from '../../../passes/apple/index.ts';
import { type Chain, makeChain } from './chain.ts';

let chain: Chain;
let stranger: Chain;
beforeAll(async () => {
  [chain, stranger] = await Promise.all([makeChain(), makeChain()]);
});

interface Received {
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}
type Respond = (stream: ServerHttp2Stream) => void;

let server: Http2SecureServer;
let sessions: Set<ServerHttp2Session>;
let received: Received[];
let connections: number;
let respond: Respond;
let pusher: Pusher;

function answer(status: number, body?: object, headers: Record<string, string> = {}): Respond {
  return (stream) => {
    stream.respond({ ':status': status, ...headers });
    stream.end(body ? JSON.stringify(body) : undefined);
  };
}

beforeEach(async () => {
  [sessions, received, connections, respond] = [new Set(), [], 0, answer(200)];
  server = createSecureServer({
    cert: chain.server.certificate,
    key: chain.server.privateKey,
    ca: [chain.root, chain.wwdr],
    requestCert: true,
    rejectUnauthorized: true,
  });
  server.on('session', (session) => {
    connections++;
    sessions.add(session);
    session.on('error', () => undefined);
  });
  server.on('stream', async (stream, headers) => {
    let body = '';
    for await (const chunk of stream) body += chunk;
    received.push({ headers, body });
    respond(stream);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  pusher = createPusher({ credentials: credentials() });
});

afterEach(async () => {
  await pusher.close();
  for (const session of sessions) session.destroy();
  server.close();
});

function url(): string {
  return `https://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const now = Date.parse('2026-11-22T10:00:00Z');

function secretOf(pushUrl: string, pushCa: string) {
  const { certificate, privateKey, wwdr } = chain;
  const ids = { passTypeIdentifier: 'pass.test.philia', teamIdentifier: 'TEAM000001' };
  return { ...ids, certificate, privateKey, wwdr, pushUrl, pushCa };
}

function credentials(pushUrl = url(), pushCa = chain.root): AppleCredentials {
  const parsed = parseAppleCredentials(secretOf(pushUrl, pushCa), now);
  if (!parsed || 'problem' in parsed) throw new Error(parsed?.problem);
  return parsed;
}

describe('a push', () => {
  it('is an empty notification for the pass type, in the name of the pass certificate', async () => {
    expect(await pusher.push('abc123')).toEqual({ type: 'accepted' });
    expect(received).toHaveLength(1);
    expect(received[0]).toMatchObject({
      body: '{}',
      headers: {
        ':method': 'POST',
        ':path': '/3/device/abc123',
        'apns-topic': 'pass.test.philia',
        'apns-push-type': 'background',
        'apns-priority': '5',
      },
    });
  });

  it('may be of another type', async () => {
    const other = createPusher({ credentials: { ...credentials(), pushType: 'alert' } });
    await other.push('abc');
    expect(received[0]?.headers['apns-push-type']).toBe('alert');
    await other.close();
  });

  it('cannot be led to another path by a token', async () => {
    await pusher.push('../../x?y');
    expect(received[0]?.headers[':path']).toBe('/3/device/..%2F..%2Fx%3Fy');
  });

  it.each([
    [
      410,
      { reason: 'Unregistered', timestamp: 1_795_341_600_000 },
      { type: 'gone', since: 1_795_341_600_000 },
    ],
    // It always says since when, unless it was cut off: the phone may be there.
    [410, { reason: 'ExpiredToken' }, { type: 'retry', reason: 'Apple answered 410: ExpiredToken.' }],
    [400, { reason: 'BadDeviceToken' }, { type: 'gone' }],
    [400, { reason: 'BadTopic' }, { type: 'refused', reason: 'Apple answered 400: BadTopic.' }],
    [403, { reason: 'BadCertificate' }, { type: 'refused', reason: 'Apple answered 403: BadCertificate.' }],
    [404, undefined, { type: 'refused', reason: 'Apple answered 404: no reason.' }],
    [429, { reason: 'TooManyRequests' }, { type: 'retry', reason: 'Apple answered 429: TooManyRequests.' }],
    [
      500,
      { reason: 'InternalServerError' },
      { type: 'retry', reason: 'Apple answered 500: InternalServerError.' },
    ],
    [503, { reason: 'Shutdown' }, { type: 'retry', reason: 'Apple answered 503: Shutdown.' }],
  ])('that is answered %i %j', async (status, body, outcome) => {
    respond = answer(status, body);
    expect(await pusher.push('abc')).toEqual(outcome);
  });

  it('is tried again after as long as Apple asks for', async () => {
    respond = answer(429, { reason: 'TooManyRequests' }, { 'retry-after': '120' });
    expect(await pusher.push('abc')).toMatchObject({ type: 'retry', after: 120 });
  });

  it('whose answer is not JSON is judged by its status', async () => {
    respond = (stream) => {
      stream.respond({ ':status': 503 });
      stream.end('<html>');
    };
    expect(await pusher.push('abc')).toEqual({ type: 'retry', reason: 'Apple answered 503: no reason.' });
  });

  it('whose answer is cut off behind its 410 forgets nobody', async () => {
    respond = (stream) => {
      stream.respond({ ':status': 410 });
      // Another push on the same connection may lose it just then.
      setTimeout(() => stream.session?.destroy(), 50);
    };
    expect((await pusher.push('abc')).type).toBe('retry');
  });

  it('that is never answered is retried, not taken for a device that is gone', async () => {
    respond = () => undefined;
    const hasty = createPusher({ credentials: credentials(), timeoutMs: 200 });
    expect(await hasty.push('abc')).toEqual({ type: 'retry', reason: 'Apple did not answer within 200 ms.' });
    respond = answer(200);
    expect(await hasty.push('abc')).toEqual({ type: 'accepted' });
    expect(connections).toBe(2);
  });

  it('to nobody is retried, with the reason', async () => {
    const nobody = createPusher({ credentials: credentials('https://127.0.0.1:1') });
    expect(await nobody.push('abc')).toMatchObject({
      type: 'retry',
      reason: expect.stringContaining('ECONNREFUSED'),
    });
  });

  it('is never sent to a server that the authority does not vouch for', async () => {
    const wary = createPusher({ credentials: credentials(url(), stranger.root) });
    expect((await wary.push('abc')).type).toBe('retry');
    expect(received).toEqual([]);
  });
});

describe('the connection', () => {
  it('is one for many pushes, at the same time and one after another', async () => {
    const outcomes = await Promise.all(Array.from({ length: 50 }, (_, index) => pusher.push(`t${index}`)));
    expect(new Set(outcomes.map(({ type }) => type))).toEqual(new Set(['accepted']));
    await pusher.push('last');
    expect(received).toHaveLength(51);
    expect(connections).toBe(1);
  });

  it('is opened anew after GOAWAY', async () => {
    await pusher.push('one');
    for (const session of sessions) session.goaway();
    expect(await pusher.push('two')).toEqual({ type: 'accepted' });
  });

  it('that goes away (GOAWAY) is left at once; what is under way on it is answered, refused pushes go again', async () => {
    await pusher.push('one');
    const [first] = sessions;
    const waiting: ServerHttp2Stream[] = [];
    respond = (stream) => waiting.push(stream);
    const underWay = Promise.all(['two', 'three'].map((token) => pusher.push(token)));
    await vi.waitUntil(() => waiting.length === 2);
    respond = answer(200);
    // The second of both was not looked at, says Apple.
    first?.goaway(constants.NGHTTP2_NO_ERROR, waiting[0]?.id ?? 0);
    waiting[1]?.on('error', () => undefined).close(constants.NGHTTP2_REFUSED_STREAM);
    await vi.waitUntil(() => received.length === 4);
    expect(await pusher.push('four')).toEqual({ type: 'accepted' });
    expect(connections).toBe(2);
    if (waiting[0]) answer(200)(waiting[0]);
    expect(await underWay).toEqual([{ type: 'accepted' }, { type: 'accepted' }]);
    expect(received.map(({ headers }) => headers[':path']?.slice(10))).toEqual([
      ...['one', 'two', 'three', 'three', 'four'],
    ]);
  });

  it('that ends with an error code is opened anew within the push', async () => {
    await pusher.push('one');
    respond = (stream) => {
      respond = answer(200);
      stream.session?.goaway(constants.NGHTTP2_ENHANCE_YOUR_CALM);
    };
    expect(await pusher.push('two')).toEqual({ type: 'accepted' });
    expect(connections).toBe(2);
  });

  it('is opened anew within the push that finds it cut', async () => {
    await pusher.push('one');
    respond = (stream) => {
      respond = answer(200);
      stream.session?.destroy();
    };
    expect(await pusher.push('two')).toEqual({ type: 'accepted' });
    expect(connections).toBe(2);
  });

  it('that is cut again and again is not retried for ever', async () => {
    respond = (stream) => stream.session?.destroy();
    expect((await pusher.push('one')).type).toBe('retry');
    expect(received).toHaveLength(1);
  });

  it('is closed by close only when what is under way on it is answered', async () => {
    const waiting: ServerHttp2Stream[] = [];
    respond = (stream) => waiting.push(stream);
    const underWay = pusher.push('one');
    await vi.waitUntil(() => waiting.length === 1);
    const closed = vi.fn();
    const closing = pusher.close().then(closed);
    respond = answer(200);
    expect(await pusher.push('two')).toEqual({ type: 'accepted' });
    expect(closed).not.toHaveBeenCalled();
    if (waiting[0]) answer(200)(waiting[0]);
    expect(await underWay).toEqual({ type: 'accepted' });
    await closing;
    expect(connections).toBe(2);
  });

  it('is closed by close, and opened again by a later push', async () => {
    await pusher.push('one');
    await pusher.close();
    expect(await pusher.push('two')).toEqual({ type: 'accepted' });
    expect(connections).toBe(2);
  });

  it('lets a process end that has nothing else to do, though it is never closed', async () => {
    const apple = join(import.meta.dirname, '../../../passes/apple/index.ts');
    const script = `
      import { createPusher, parseAppleCredentials } from ${JSON.stringify(apple)};
      const credentials = parseAppleCredentials(${JSON.stringify(secretOf(url(), chain.root))}, ${now});
      console.log((await createPusher({ credentials }).push('abc')).type);`;
    const node = [process.execPath, ['--input-type=module', '--eval', script], { timeout: 30_000 }] as const;
    const { stdout } = await promisify(execFile)(...node);
    expect(stdout.trim()).toBe('accepted');
  });
});
