/** The public address serves what CloudFront would: the right origin, told no more than the policies say. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createDistribution, patternOf } from '../../../local/edge/distribution.ts';
import { createSite } from '../../../local/edge/site.ts';
import type { Origin } from '../../../local/http/gateway.ts';
import { header, type Request, type Response } from '../../../local/http/message.ts';
import type { BehaviorSpec, DistributionSpec } from '../../../local/resources/distributions.ts';

describe('a path pattern', () => {
  it.each([
    ['/v1/*', '/v1/', true],
    ['/v1/*', '/v1/a/b', true],
    ['/v1/*', '/v1', false],
    ['/v1/*', '/V1/a', false],
    ['v1/*', '/v1/a', true],
    ['*.jpg', '/a/b.jpg', true],
    ['*.jpg', '/a/bxjpg', false],
    ['/a?c', '/abc', true],
    ['/a?c', '/ac', false],
    ['*', '/', true],
  ])('%s fits %s: %s', (pattern, path, expected) => {
    expect(patternOf(pattern).test(path)).toBe(expected);
  });
});

const none = { kind: 'none' } as const;
const all = { kind: 'all' } as const;

function behavior(pathPattern: string, originId: string, more: Partial<BehaviorSpec> = {}): BehaviorSpec {
  return {
    pathPattern,
    originId,
    methods: ['GET', 'HEAD', 'POST'],
    keptSecondsMax: 0,
    forwarding: [{ headers: { kind: 'except', names: ['host'] }, cookies: all, queries: all }],
    responseHeaders: { set: [], remove: [] },
    requestFunction: undefined,
    responseFunction: undefined,
    ...more,
  };
}

/** A distribution over two origins that tell what they were asked. */
function open(
  behaviors: BehaviorSpec[],
  more: Partial<DistributionSpec> = {},
  answer: (origin: string, request: Request) => Partial<Response> = () => ({}),
  clock = { now: 0 },
): {
  get: (path: string, request?: Partial<Request>) => Promise<Response>;
  asked: { origin: string; request: Request }[];
} {
  const asked: { origin: string; request: Request }[] = [];
  const origin =
    (name: string): Origin =>
    async (request) => {
      asked.push({ origin: name, request });
      return { status: 200, headers: [], body: Buffer.from(name), ...answer(name, request) };
    };
  const spec: DistributionSpec = {
    id: 'D',
    domain: 'd.cloudfront.net',
    defaultRootObject: 'index.html',
    behaviors,
    origins: [
      { id: 'api', host: 'api.example', path: '', headers: { 'x-from': 'edge' } },
      { id: 'site', host: 'site.example', path: '/files', headers: {} },
    ],
    errorPages: [],
    ...more,
  };
  const serve = createDistribution(
    spec,
    new Map([
      ['api.example', origin('api')],
      ['site.example', origin('site')],
    ]),
    () => clock.now,
  );
  const get = (path: string, request: Partial<Request> = {}): Promise<Response> =>
    serve({
      method: 'GET',
      path,
      query: '',
      headers: [],
      body: Buffer.alloc(0),
      sourceIp: '1.2.3.4',
      ...request,
    });
  return { get, asked };
}

describe('the distribution', () => {
  const behaviors = [behavior('/v1/private/*', 'site'), behavior('/v1/*', 'api'), behavior('*', 'site')];

  it.each([
    ['/v1/members', 'api', '/v1/members'],
    ['/v1/private/x', 'site', '/files/v1/private/x'],
    ['/', 'site', '/files/index.html'],
    ['/a/', 'site', '/files/a/'],
    ['/v1/../a', 'site', '/files/a'],
    ['/a/../v1/./b', 'api', '/v1/b'],
    ['/v1/a%2e', 'api', '/v1/a%2e'],
  ])('sends %s to %s as %s', async (path, origin, asPath) => {
    const { get, asked } = open(behaviors);
    await get(path);
    expect(asked.map((call) => [call.origin, call.request.path])).toEqual([[origin, asPath]]);
  });

  it('refuses a method that the behaviour does not allow', async () => {
    const { get, asked } = open([behavior('*', 'site', { methods: ['GET', 'HEAD'] })]);
    expect((await get('/', { method: 'POST' })).status).toBe(403);
    expect(asked).toEqual([]);
  });

  it('tells the origin who asks, and not by what name', async () => {
    const { get, asked } = open(behaviors);
    await get('/v1/a', {
      headers: [
        ['host', 'public.example'],
        ['connection', 'keep-alive'],
        ['x-forwarded-for', '6.6.6.6'],
        ['authorization', 'Bearer k'],
        ['x-from', 'somebody'],
      ],
    });
    const { headers = [], sourceIp } = asked[0]?.request ?? {};
    expect(header(headers, 'host')).toBe('api.example');
    expect(header(headers, 'connection')).toBeUndefined();
    expect(header(headers, 'authorization')).toBe('Bearer k');
    expect(headers.filter(([name]) => name === 'x-from')).toEqual([['x-from', 'edge']]);
    // The viewer's address is the one before the last: what stands before it anybody can write.
    expect(header(headers, 'x-forwarded-for')).toBe(`6.6.6.6, 1.2.3.4, ${sourceIp}`);
    expect(sourceIp).not.toBe('1.2.3.4');
  });

  it('forwards no header, cookie or query that no policy names', async () => {
    const forwarding = [
      { headers: none, cookies: none, queries: none },
      {
        headers: { kind: 'only', names: ['x-kept'] },
        cookies: { kind: 'only', names: ['c'] },
        queries: { kind: 'except', names: ['no'] },
      },
    ] as const;
    const { get, asked } = open([behavior('*', 'api', { forwarding })]);
    await get('/', {
      query: 'no=1&yes=2',
      headers: [
        ['x-kept', '1'],
        ['x-lost', '2'],
        ['authorization', 'Bearer k'],
        ['user-agent', 'browser'],
        ['cookie', 'a=1; c=2'],
      ],
    });
    const { headers = [], query } = asked[0]?.request ?? {};
    expect(query).toBe('yes=2');
    expect(header(headers, 'x-kept')).toBe('1');
    expect(header(headers, 'cookie')).toBe('c=2');
    expect(header(headers, 'user-agent')).toBe('Amazon CloudFront');
    for (const name of ['x-lost', 'authorization']) expect(header(headers, name)).toBeUndefined();
  });

  it('adds, replaces and removes response headers as the policy says', async () => {
    const responseHeaders = {
      set: [
        { name: 'x-forced', value: 'policy', override: true },
        { name: 'x-default', value: 'policy', override: false },
        { name: 'x-new', value: 'policy', override: false },
      ],
      remove: ['server'],
    };
    const { get } = open([behavior('*', 'api', { responseHeaders })], {}, () => ({
      headers: [
        ['x-forced', 'origin'],
        ['x-default', 'origin'],
        ['server', 'secret'],
      ],
    }));
    expect((await get('/')).headers).toEqual([
      ['x-default', 'origin'],
      ['x-forced', 'policy'],
      ['x-new', 'policy'],
    ]);
  });

  it('shows the page for an error, with the status asked for', async () => {
    const errorPages = [{ status: 403, responseStatus: 404, pagePath: '/404.html' }];
    const missing = open([behavior('*', 'site')], { errorPages }, (_, { path }) =>
      path === '/files/404.html' ? { body: Buffer.from('page') } : { status: 403 },
    );
    expect(await missing.get('/nowhere')).toMatchObject({ status: 404, body: Buffer.from('page') });
    const pageless = open([behavior('*', 'site')], { errorPages }, () => ({ status: 403 }));
    expect((await pageless.get('/nowhere')).status).toBe(403);
  });
});

describe('the edge', () => {
  const clock = { now: 0 };
  const cacheable: Partial<Response> = {
    headers: [
      ['etag', '"1"'],
      ['cache-control', 'public, max-age=0, s-maxage=2'],
    ],
  };
  const cards = (answer: () => Partial<Response>, keptSecondsMax = 60) =>
    open([behavior('*', 'api', { keptSecondsMax })], {}, answer, clock);

  it('keeps what says so for as long, under its whole address', async () => {
    const { get, asked } = cards(() => cacheable);
    await get('/a');
    await get('/a');
    expect(asked).toHaveLength(1);
    await get('/b');
    await get('/a', { query: 'x=1' });
    await get('/a', { method: 'POST' });
    expect(asked).toHaveLength(4);
    clock.now += 2_000;
    await get('/a');
    expect(asked).toHaveLength(5);
  });

  it('tells by itself that somebody has it already', async () => {
    const { get, asked } = cards(() => cacheable);
    const conditional = { headers: [['if-none-match', '"1"'] as const] };
    expect((await get('/a', conditional)).status).toBe(304);
    expect((await get('/a', conditional)).status).toBe(304);
    expect((await get('/a')).status).toBe(200);
    expect(asked).toHaveLength(1);
  });

  it.each([
    ['that says nothing', {}, 60],
    ['that is nobody else’s', { headers: [['cache-control', 'private, s-maxage=9'] as const] }, 60],
    ['that is an error', { ...cacheable, status: 503 }, 60],
    ['where its policy keeps nothing', cacheable, 0],
  ])('keeps no answer %s', async (_what, answer, keptSecondsMax) => {
    const { get, asked } = cards(() => answer, keptSecondsMax);
    await get('/a');
    await get('/a');
    expect(asked).toHaveLength(2);
  });

  it('keeps nothing for longer than its policy lets it', async () => {
    const { get, asked } = cards(() => cacheable, 1);
    await get('/a');
    clock.now += 1_000;
    await get('/a');
    expect(asked).toHaveLength(2);
  });
});

describe('a function at the edge', () => {
  const requestFunction = `async function handler(event) {
    const { request, viewer, context } = event;
    if (request.uri === '/go') {
      return { statusCode: 302, headers: { location: { value: '/to?' + request.querystring.a.value } },
        cookies: { seen: { value: '1', attributes: 'Secure' } }, body: 'moved' };
    }
    if (request.uri === '/') request.uri = '/other.html';
    request.headers['x-viewer'] = { value: viewer.ip + ' ' + context.eventType };
    request.querystring = { b: { value: '2', multiValue: [{ value: '2' }, { value: '3' }] } };
    return request;
  }`;

  it('may rewrite a request', async () => {
    const { get, asked } = open([behavior('*', 'api', { requestFunction })]);
    await get('/', { query: 'a=1', headers: [['cookie', 'k=v']] });
    const { path, query, headers = [] } = asked[0]?.request ?? {};
    expect([path, query]).toEqual(['/other.html', 'b=2&b=3']);
    expect(header(headers, 'x-viewer')).toBe('1.2.3.4 viewer-request');
    expect(header(headers, 'cookie')).toBe('k=v');
  });

  it('may answer by itself', async () => {
    const { get, asked } = open([behavior('*', 'api', { requestFunction })]);
    expect(await get('/go', { query: 'a=1' })).toEqual({
      status: 302,
      headers: [
        ['location', '/to?1'],
        ['set-cookie', 'seen=1; Secure'],
      ],
      body: Buffer.from('moved'),
    });
    expect(asked).toEqual([]);
  });

  it('may change a response, and cannot reach this process', async () => {
    const responseFunction = `function handler(event) {
      event.response.headers['x-globals'] = { value: typeof process + typeof require + typeof fetch };
      return event.response;
    }`;
    const { get } = open([behavior('*', 'api', { responseFunction })]);
    const response = await get('/');
    expect(header(response.headers, 'x-globals')).toBe('undefinedundefinedundefined');
    expect(response.body.toString()).toBe('api');
  });
});

describe('a bucket', () => {
  const directory = mkdtempSync(join(tmpdir(), 'site-'));
  mkdirSync(join(directory, 'deep'));
  writeFileSync(join(directory, 'index.html'), '<p>');
  writeFileSync(join(directory, 'deep', 'a b.json'), '{"url":"MARK"}');
  writeFileSync(join(directory, 'blob'), 'MARK');
  const source = {
    directory,
    keyPrefix: '',
    markers: { MARK: 'a"b$&' },
    jsonEscape: true,
    cacheControl: 'no-cache',
  };
  const site = (listable: boolean): Origin => createSite({ host: 'h', listable, sources: [source] });
  const get = (path: string, more: Partial<Request> = {}): Promise<Response> =>
    site(true)({ method: 'GET', path, query: '', headers: [], body: Buffer.alloc(0), sourceIp: '', ...more });

  it('gives its files with type, tag and caching', async () => {
    const { status, headers, body } = await get('/index.html');
    expect([status, body.toString(), header(headers, 'content-type')]).toEqual([200, '<p>', 'text/html']);
    expect(header(headers, 'cache-control')).toBe('no-cache');
    expect(header((await get('/blob')).headers, 'content-type')).toBe('binary/octet-stream');
  });

  it('answers 304 to who has the file already', async () => {
    const etag = header((await get('/index.html')).headers, 'etag') ?? '';
    expect(await get('/index.html', { headers: [['if-none-match', etag]] })).toMatchObject({ status: 304 });
    expect(await get('/index.html', { headers: [['if-none-match', '"x"']] })).toMatchObject({ status: 200 });
  });

  it('has values of the deployment put into its files', async () => {
    expect(JSON.parse((await get('/deep/a%20b.json')).body.toString())).toEqual({ url: 'a"b$&' });
  });

  it('says whether a file is missing only when it may be listed', async () => {
    expect((await get('/nothing')).status).toBe(404);
    expect((await get('/%zz')).status).toBe(404);
    const hidden = await site(false)({
      method: 'GET',
      path: '/nothing',
      query: '',
      headers: [],
      body: undefined,
      sourceIp: '',
    });
    expect(hidden.status).toBe(403);
  });

  it('is read-only', async () => {
    expect((await get('/index.html', { method: 'POST' })).status).toBe(405);
  });
});
