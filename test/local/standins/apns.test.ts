import { type ClientHttp2Session, connect, type OutgoingHttpHeaders } from 'node:http2';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { issueCertificates } from '../../../local/standins/issue.ts';
import { START, useStandIns } from './setup.ts';

const rig = useStandIns();
const sessions: ClientHttp2Session[] = [];

afterEach(() => {
  for (const session of sessions.splice(0)) session.destroy();
});

interface Identity {
  cert: string;
  key: string;
}

/** Connects as Philia does: trusting the local root, known by the pass certificate alone. */
function dial(identity?: Identity): ClientHttp2Session {
  const { root, passCertificate, passKey } = rig.standIns.certificates;
  const session = connect(rig.standIns.apnsUrl, {
    ca: root,
    ...(identity ?? { cert: passCertificate, key: passKey }),
  });
  sessions.push(session);
  return session;
}

async function push(
  session: ClientHttp2Session,
  token: string,
  { payload = '{}', ...headers }: { payload?: string } & OutgoingHttpHeaders = {},
): Promise<{ status: number; apnsId: string; body: unknown }> {
  const request = session.request({
    ':method': 'POST',
    ':path': `/3/device/${token}`,
    'apns-topic': 'pass.example.philia',
    'apns-push-type': 'background',
    ...headers,
  });
  const answered = Promise.withResolvers<{ ':status'?: number; 'apns-id'?: string | string[] }>();
  request.on('response', answered.resolve).on('error', answered.reject);
  request.on('close', () => answered.reject(new Error('The stream was closed.')));
  request.end(payload);
  const responded = await answered.promise;
  const text = (await request.setEncoding('utf8').toArray()).join('');
  return {
    status: Number(responded[':status']),
    apnsId: String(responded['apns-id']),
    body: text === '' ? undefined : JSON.parse(text),
  };
}

const pushesTo = (token: string) =>
  (rig.get('/local/apns') as { pushes: { pushToken: string }[] }).pushes.filter(
    ({ pushToken }) => pushToken === token,
  );

const ask = (failure: unknown) => rig.standIns.handle('POST', '/local/apns/respond', JSON.stringify(failure));

describe('a push in order', () => {
  test('is answered 200 with an id and shown with topic, type and local time', async () => {
    rig.now = START;
    const answer = await push(dial(), 'abc123');
    expect(answer).toMatchObject({ status: 200, body: undefined });
    expect(answer.apnsId).toMatch(/^[0-9A-F-]{36}$/);
    expect(pushesTo('abc123')).toEqual([
      {
        pushToken: 'abc123',
        topic: 'pass.example.philia',
        pushType: 'background',
        at: '2010-12-01T08:00:00.000Z',
        status: 200,
      },
    ]);
  });

  test('many at once over one connection all arrive', async () => {
    const session = dial();
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => push(session, `many-${index}`)),
    );
    expect(answers.every(({ status }) => status === 200)).toBe(true);
    expect(new Set(answers.map(({ apnsId }) => apnsId)).size).toBe(200);
  });

  test('keeps the id its sender gave it, and needs no push type', async () => {
    const answer = await push(dial(), 'own-id', { 'apns-id': 'THE-SENDERS', 'apns-push-type': undefined });
    expect(answer).toMatchObject({ status: 200, apnsId: 'THE-SENDERS' });
    expect(pushesTo('own-id')).toMatchObject([{ pushType: null }]);
  });
});

describe("Apple's refusals", () => {
  test.each([
    ['a token with a character no token has', { token: 'ab%2Fc' }, 400, 'BadDeviceToken'],
    ['no token', { token: '' }, 400, 'MissingDeviceToken'],
    ['no topic', { 'apns-topic': undefined }, 400, 'MissingTopic'],
    ['a topic that is not the certificate’s', { 'apns-topic': 'pass.other' }, 400, 'TopicDisallowed'],
    ['an unknown push type', { 'apns-push-type': 'loud' }, 400, 'InvalidPushType'],
    ['no payload', { payload: '' }, 400, 'PayloadEmpty'],
    ['another path', { ':path': '/3/devices/refused' }, 404, 'BadPath'],
    ['another method', { ':method': 'PUT' }, 405, 'MethodNotAllowed'],
    ['a payload over 4 KB', { payload: 'x'.repeat(4097) }, 413, 'PayloadTooLarge'],
  ])('%s', async (_, request: { token?: string; payload?: string } & OutgoingHttpHeaders, status, reason) => {
    const { token = 'refused', ...rest } = request;
    expect(await push(dial(), token, rest)).toMatchObject({ status, body: { reason } });
    expect(pushesTo(token)).toEqual([]);
  });

  test('a payload of exactly 4 KB is taken', async () => {
    expect(await push(dial(), 'full', { payload: 'x'.repeat(4096) })).toMatchObject({ status: 200 });
  });

  test('a client without a certificate', async () => {
    const session = connect(rig.standIns.apnsUrl, { ca: rig.standIns.certificates.root });
    sessions.push(session);
    expect(await push(session, 'refused')).toMatchObject({
      status: 403,
      body: { reason: 'MissingProviderToken' },
    });
  });

  test('a certificate with the right names from another root', async () => {
    const { passCertificate, passKey } = await issueCertificates();
    const answer = await push(dial({ cert: passCertificate, key: passKey }), 'refused');
    expect(answer).toMatchObject({ status: 403, body: { reason: 'BadCertificate' } });
    expect(pushesTo('refused')).toEqual([]);
  });

  test('a certificate of our root that names no pass type', async () => {
    const { serverCertificate, serverKey } = rig.standIns.certificates;
    const answer = await push(dial({ cert: serverCertificate, key: serverKey }), 'refused');
    expect(answer.status).toBe(403);
  });
});

describe('POST /local/apns/respond', () => {
  test('fails the next push to that token, with the local time of a 410, and only that one', async () => {
    rig.now = START + 90_000;
    expect(ask({ pushToken: 'gone', status: 410, reason: 'Unregistered' })?.status).toBe(200);
    const session = dial();
    expect(await push(session, 'other')).toMatchObject({ status: 200 });
    expect(await push(session, 'gone')).toMatchObject({
      status: 410,
      body: { reason: 'Unregistered', timestamp: START + 90_000 },
    });
    expect(await push(session, 'gone')).toMatchObject({ status: 200 });
    expect(pushesTo('gone')).toMatchObject([{ status: 410 }, { status: 200 }]);
  });

  test('fails with any other status without a timestamp', async () => {
    ask({ pushToken: 'busy', status: 429, reason: 'TooManyRequests' });
    expect((await push(dial(), 'busy')).body).toEqual({ reason: 'TooManyRequests' });
  });

  test('says of a 410 when the phone was last there, where it is told', async () => {
    ask({ pushToken: 'long', status: 410, reason: 'Unregistered', timestamp: 1_000_000 });
    expect((await push(dial(), 'long')).body).toEqual({ reason: 'Unregistered', timestamp: 1_000_000 });
  });

  test.each(['close', 'goaway'])(
    'loses the connection of the next push (%s), which then is none',
    async (connection) => {
      const token = `lost-${connection}`;
      const asked = ask({ pushToken: token, connection });
      expect([asked?.status, JSON.parse(asked?.body ?? '')]).toEqual([200, { pushToken: token, connection }]);
      const session = dial();
      expect(await push(session, 'before')).toMatchObject({ status: 200 });
      session.on('error', () => undefined);
      await expect(push(session, token)).rejects.toThrow();
      await vi.waitUntil(() => session.closed || session.destroyed);
      expect(pushesTo(token)).toEqual([]);
      expect(await push(dial(), token)).toMatchObject({ status: 200 });
    },
  );

  test.each(['close', 'goaway'])(
    '%s takes what else is under way with it, and the service goes on',
    async (connection) => {
      for (const token of ['mid-3', 'mid-40']) ask({ pushToken: token, connection });
      const session = dial();
      session.on('error', () => undefined);
      const tokens = Array.from({ length: 60 }, (_, index) => `mid-${index}`);
      const outcomes = await Promise.allSettled(tokens.map(async (token) => push(session, token)));
      expect(outcomes.filter(({ status }) => status === 'rejected').length).toBeGreaterThan(0);
      await new Promise((resolve) => setImmediate(resolve));
      const next = dial();
      next.on('error', () => undefined);
      expect(await push(next, 'after-all')).toMatchObject({ status: 200 });
    },
  );

  test('fails the next pushes in turn, with what a phone is to wait for, until it is called off', async () => {
    const faults = [
      { status: 429, reason: 'TooManyRequests', retryAfter: 2 },
      { connection: 'close' },
      { status: 500, reason: 'InternalServerError' },
      { status: 503, reason: 'Shutdown' },
    ];
    const asked = ask({ pushToken: 'stormy', faults });
    expect([asked?.status, JSON.parse(asked?.body ?? '')]).toEqual([200, { pushToken: 'stormy', faults }]);
    const statuses: unknown[] = [];
    for (let time = 0; time < 3; time++) {
      const session = dial();
      session.on('error', () => undefined);
      statuses.push(
        await push(session, 'stormy').then(
          ({ status }) => status,
          () => 'lost',
        ),
      );
    }
    expect(statuses).toEqual([429, 'lost', 500]);
    expect(rig.standIns.handle('DELETE', '/local/apns/respond', undefined)?.status).toBe(200);
    expect(await push(dial(), 'stormy')).toMatchObject({ status: 200 });
    const wrong = ask({ pushToken: 'stormy', faults: [{ status: 200, reason: 'Fine' }, 7], more: 1 });
    expect(JSON.parse(wrong?.body ?? '').errors.map(({ path }: { path: string }) => path)).toEqual([
      'more',
      'faults.0.status',
      'faults.1.',
      'faults',
    ]);
  });

  test('names every field that is wrong', () => {
    const answer = ask({ pushToken: 7, status: 200, more: true });
    expect(answer).toMatchObject({ status: 400, contentType: 'application/problem+json' });
    const paths = JSON.parse(answer?.body ?? '').errors.map(({ path }: { path: string }) => path);
    expect(paths).toEqual(['pushToken', 'more', 'status', 'reason']);
    const other = ask({ pushToken: 'x', connection: 'burn', status: 410 });
    expect(JSON.parse(other?.body ?? '').errors).toEqual([
      { path: 'status', message: 'Unknown field.' },
      { path: 'connection', message: 'Must be close or goaway, not "burn".' },
    ]);
  });

  test('is remembered, like the pushes, over a restart', async () => {
    await push(dial(), 'durable');
    ask({ pushToken: 'durable', status: 503, reason: 'Shutdown' });
    await rig.restart();
    expect(pushesTo('durable')).toHaveLength(1);
    expect(await push(dial(), 'durable')).toMatchObject({ status: 503, body: { reason: 'Shutdown' } });
  });
});
