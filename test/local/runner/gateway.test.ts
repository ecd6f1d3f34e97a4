/** A function sees, and a client gets, what API Gateway would give them. */
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../local/functions/instance.ts';
import type { FunctionPool } from '../../../local/functions/pool.ts';
import { createGateway } from '../../../local/http/gateway.ts';
import type { Header, Request, Response } from '../../../local/http/message.ts';
import { createRouter } from '../../../local/http/routes.ts';

const route = (
  routeKey: string,
  name = routeKey,
  timeoutMs = 30_000,
): {
  routeKey: string;
  functionArn: string;
  timeoutMs: number;
} => ({ routeKey, functionArn: `arn:aws:lambda:r:0:function:${name}`, timeoutMs });

describe('a route is chosen', () => {
  const keys = [
    'GET /a/{x}',
    'GET /a/b',
    'ANY /a/b',
    'GET /a/{x+}',
    'GET /{y}/b/c',
    'ANY /{all+}',
    'HEAD /h',
    '$default',
    'GET /',
  ];
  const router = createRouter(keys.map((key) => route(key)));
  const chosen = (method: string, path: string): string | undefined => {
    const match = router.match(method, path.split('/').slice(1));
    return match && `${match.route.routeKey} ${JSON.stringify(match.parameters)}`;
  };

  it.each([
    ['GET', '/a/b', 'GET /a/b {}'],
    ['POST', '/a/b', 'ANY /a/b {}'],
    ['GET', '/a/c', 'GET /a/{x} {"x":"c"}'],
    ['GET', '/a/b/c', 'GET /a/{x+} {"x":"b/c"}'],
    ['GET', '/z/b/c', 'GET /{y}/b/c {"y":"z"}'],
    ['PUT', '/a/c', 'ANY /{all+} {"all":"a/c"}'],
    ['GET', '/a/', 'ANY /{all+} {"all":"a/"}'],
    ['HEAD', '/h', 'HEAD /h {}'],
    ['GET', '/', 'GET / {}'],
    ['POST', '/', '$default {}'],
  ])('%s %s → %s', (method, path, expected) => {
    expect(chosen(method, path)).toBe(expected);
  });

  it('or none, when nothing fits', () => {
    const strict = createRouter([route('GET /a'), route('HEAD /h')]);
    expect(strict.match('HEAD', ['a'])).toBeUndefined();
    expect(strict.match('GET', ['h'])).toBeUndefined();
    expect(strict.match('GET', ['a', ''])).toBeUndefined();
    expect(strict.match('GET', ['a', 'b'])).toBeUndefined();
  });
});

const NOW = Date.parse('2026-11-02T09:08:07.123Z');

/** A gateway over one function, which answers as told; the event it got is kept. */
function gateway(
  outcome: Outcome | Promise<Outcome>,
  timeoutMs = 30_000,
): {
  send: (request?: Partial<Request>) => Promise<Response>;
  event: () => { [name: string]: unknown };
} {
  let seen: unknown;
  const pool = {
    invoke: async (_: string, event: unknown) => {
      seen = event;
      return outcome;
    },
  } as Partial<FunctionPool> as FunctionPool;
  const api = {
    id: 'api1',
    host: 'api1.example',
    routes: ['POST /v1/{id}', 'POST /v1/{id+}'].map((key) => route(key, 'f', timeoutMs)),
  };
  const serve = createGateway(api, pool, () => NOW);
  return {
    send: (request) =>
      serve({
        method: 'POST',
        path: '/v1/x',
        query: '',
        headers: [],
        body: Buffer.alloc(0),
        sourceIp: '9.9.9.9',
        ...request,
      }),
    event: () => seen as { [name: string]: unknown },
  };
}

const answer = (value: unknown): Outcome => ({ kind: 'answer', payload: JSON.stringify(value) });
const failure: Outcome = { kind: 'failure', error: { errorType: 'Error', errorMessage: 'no' } };

describe('the event', () => {
  it('is of payload format 2.0', async () => {
    const { send, event } = gateway(answer({ statusCode: 200 }));
    await send({
      path: '/v1/a%25b%20c',
      query: 'n=1&n=2&m=%C3%A9+x&empty=',
      headers: [
        ['cookie', 'a=1; b=2'],
        ['cookie', 'c=3'],
        ['x-many', '1'],
        ['x-many', '2'],
        ['user-agent', 'test'],
        ['content-type', 'application/json; charset=utf-8'],
      ],
      body: Buffer.from('{"é":1}'),
    });
    expect(event()).toEqual({
      version: '2.0',
      routeKey: 'POST /v1/{id}',
      rawPath: '/v1/a%b c',
      rawQueryString: 'n=1&n=2&m=%C3%A9+x&empty=',
      cookies: ['a=1', 'b=2', 'c=3'],
      headers: { 'x-many': '1,2', 'user-agent': 'test', 'content-type': 'application/json; charset=utf-8' },
      queryStringParameters: { n: '1,2', m: 'é x', empty: '' },
      requestContext: {
        accountId: '000000000000',
        apiId: 'api1',
        domainName: 'api1.example',
        domainPrefix: 'api1',
        http: {
          method: 'POST',
          path: '/v1/a%b c',
          protocol: 'HTTP/1.1',
          sourceIp: '9.9.9.9',
          userAgent: 'test',
        },
        requestId: expect.any(String),
        routeKey: 'POST /v1/{id}',
        stage: '$default',
        time: '02/Nov/2026:09:08:07 +0000',
        timeEpoch: NOW,
      },
      pathParameters: { id: 'a%b c' },
      body: '{"é":1}',
      isBase64Encoded: false,
    });
  });

  it('has its path decoded once, before its route is found: an encoded slash is one', async () => {
    const { send, event } = gateway(answer({ statusCode: 200 }));
    await send({ path: '/v1/a%2Fb%252Fc' });
    expect(event()).toMatchObject({ routeKey: 'POST /v1/{id+}', pathParameters: { id: 'a/b%2Fc' } });
  });

  it('has its path cut off at a decoded question mark', async () => {
    const { send, event } = gateway(answer({ statusCode: 200 }));
    await send({ path: '/v1/a%3Fb=c' });
    expect(event()).toMatchObject({ rawPath: '/v1/a', pathParameters: { id: 'a?b=c' } });
  });

  it('leaves out what is not there', async () => {
    const { send, event } = gateway(answer({ statusCode: 200 }));
    await send();
    for (const name of ['cookies', 'queryStringParameters', 'body']) expect(event()).not.toHaveProperty(name);
    expect(event()['isBase64Encoded']).toBe(false);
  });

  it.each([
    ['text/plain', false],
    ['TEXT/csv; charset=utf-8', false],
    ['application/json', false],
    ['application/xml', false],
    ['application/javascript', false],
    ['application/json-seq', true],
    ['application/problem+json', true],
    ['application/x-www-form-urlencoded', true],
    ['application/octet-stream', true],
    ['', true],
  ])('has a body of type "%s" in base64: %s', async (type, isBase64Encoded) => {
    const { send, event } = gateway(answer({ statusCode: 200 }));
    const headers: Header[] = type === '' ? [] : [['content-type', type]];
    await send({ headers, body: Buffer.from('abc') });
    expect(event()).toMatchObject({ body: isBase64Encoded ? 'YWJj' : 'abc', isBase64Encoded });
  });

  it('keeps a header named __proto__ as a header', async () => {
    const { send, event } = gateway(answer({ statusCode: 200 }));
    await send({ headers: [['__proto__', 'x']] });
    expect(Object.entries(event()['headers'] as object)).toEqual([['__proto__', 'x']]);
  });
});

describe('the response', () => {
  it('has status, headers, cookies and body of the answer', async () => {
    const headers = { 'Content-Type': 'text/html', 'X-Number': 5 };
    const { send } = gateway(answer({ statusCode: 201, headers, cookies: ['a=1', 'b=2'], body: 'hé' }));
    expect(await send()).toEqual({
      status: 201,
      headers: [
        ['content-type', 'text/html'],
        ['x-number', '5'],
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
      ],
      body: Buffer.from('hé'),
    });
  });

  it('has a base64 body decoded', async () => {
    const { send } = gateway(answer({ statusCode: 200, body: 'AAEC', isBase64Encoded: true }));
    expect((await send()).body).toEqual(Buffer.from([0, 1, 2]));
  });

  it('takes an answer without status for the body', async () => {
    const { send } = gateway(answer({ hello: 1 }));
    expect(await send()).toMatchObject({ status: 200, body: Buffer.from('{"hello":1}') });
  });

  it.each<[string, Outcome, number]>([
    ['an error', failure, 500],
    ['a status that is none', answer({ statusCode: 'x' }), 500],
    ['a status out of range', answer({ statusCode: 99 }), 500],
    ['a body that is no string', answer({ statusCode: 200, body: { a: 1 } }), 500],
    ['a timeout', { kind: 'timeout', error: { errorType: 'T', errorMessage: '' } }, 503],
  ])('to %s says no more than its status', async (_, outcome, status) => {
    const message = status === 500 ? 'Internal Server Error' : 'Service Unavailable';
    const response = await gateway(outcome).send();
    expect([response.status, response.body.toString()]).toEqual([status, JSON.stringify({ message })]);
  });

  it('does not wait longer than the integration’s timeout', async () => {
    const never = new Promise<Outcome>(() => undefined);
    expect((await gateway(never, 20).send()).status).toBe(503);
  });

  it.each<[string, Partial<Request>, number]>([
    ['an unknown path', { path: '/v2/x' }, 404],
    ['an unknown method', { method: 'GET' }, 404],
    ['a broken path', { path: '/v1/%zz' }, 400],
    ['a body beyond ten megabytes', { body: undefined }, 413],
  ])('to %s comes without the function', async (_, request, status) => {
    const { send, event } = gateway(answer({ statusCode: 200 }));
    expect((await send(request)).status).toBe(status);
    expect(event()).toBeUndefined();
  });
});
