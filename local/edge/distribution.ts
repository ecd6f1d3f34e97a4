/**
 * The CloudFront distribution, which is what the public address serves: the first behaviour whose pattern fits
 * the path decides origin, edge functions, what is forwarded, what is kept, and which headers are added.
 * Source: https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/
 */
import { randomUUID } from 'node:crypto';
import type { Origin } from '../http/gateway.ts';
import type { Header, Request, Response } from '../http/message.ts';
import type { BehaviorSpec, DistributionSpec, OriginSpec, Selection } from '../resources/distributions.ts';
import type { Secrets } from '../secrets.ts';
import { followed } from '../template/references.ts';
import { createEdgeCache } from './cache.ts';
import { createEdgeFunction, type EdgeFunction } from './function.ts';

/** An address of CloudFront's, which is what an origin sees as its peer. */
const EDGE_ADDRESS = '130.176.0.1';

/** Headers that CloudFront never takes over from the viewer. */
const NEVER_FORWARDED = new Set([
  'connection',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'transfer-encoding',
  'upgrade',
]);
/** Headers that an origin gets without any policy naming them. */
const ALWAYS_FORWARDED = new Set([
  'content-length',
  'content-type',
  'if-none-match',
  'if-modified-since',
  'range',
]);

interface Behavior {
  readonly spec: BehaviorSpec;
  readonly pattern: RegExp;
  readonly origin: OriginSpec;
  readonly serve: Origin;
  readonly onRequest: EdgeFunction | undefined;
  readonly onResponse: EdgeFunction | undefined;
}

/** The same with what its origins are told read from the secrets that the template refers to. */
export function withSecrets(spec: DistributionSpec, secrets: Pick<Secrets, 'find'>): DistributionSpec {
  const told = (headers: OriginSpec['headers']) =>
    Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, followed(value, secrets)]));
  return { ...spec, origins: spec.origins.map((one) => ({ ...one, headers: told(one.headers) })) };
}

/** `origins` are the places that can be an origin, by host name. */
export function createDistribution(
  spec: DistributionSpec,
  origins: ReadonlyMap<string, Origin>,
  clock: () => number = Date.now,
): Origin {
  const cache = createEdgeCache(clock);
  const behaviors = spec.behaviors.map((behavior) => behaviorOf(behavior, spec, origins));

  /** `*` is the last pattern, so one always fits. */
  function behaviorFor(path: string): Behavior {
    const found = behaviors.find(({ pattern }) => pattern.test(path));
    if (!found) throw new TypeError(`No cache behaviour fits ${path}.`);
    return found;
  }

  async function fromOrigin(behavior: Behavior, request: Request): Promise<Response> {
    const { keptSecondsMax } = behavior.spec;
    const response = await cache(forwarded(behavior, request), keptSecondsMax, behavior.serve);
    const page = spec.errorPages.find(({ status }) => status === response.status);
    if (page?.pagePath === undefined) return response;
    const pageRequest = { ...request, method: 'GET', path: page.pagePath, query: '', body: Buffer.alloc(0) };
    const pageBehavior = behaviorFor(page.pagePath);
    const found = await pageBehavior.serve(forwarded(pageBehavior, pageRequest));
    if (found.status !== 200) return response;
    return { ...found, status: page.responseStatus ?? response.status };
  }

  return async (original) => {
    const viewed = { ...original, path: normalized(original.path) };
    const behavior = behaviorFor(viewed.path);
    if (!behavior.spec.methods.includes(original.method))
      return errorPage(403, 'This method is not allowed here.');
    const edited = behavior.onRequest ? await behavior.onRequest.onRequest(viewed) : { request: viewed };
    if ('response' in edited) return edited.response;
    const path = edited.request.path === '/' ? `/${spec.defaultRootObject}` : edited.request.path;
    const response = await fromOrigin(behavior, { ...edited.request, path });
    const dressed = { ...response, headers: dressedHeaders(response.headers, behavior.spec.responseHeaders) };
    return behavior.onResponse ? behavior.onResponse.onResponse(edited.request, dressed) : dressed;
  };
}

function behaviorOf(
  spec: BehaviorSpec,
  distribution: DistributionSpec,
  origins: ReadonlyMap<string, Origin>,
): Behavior {
  const origin = distribution.origins.find(({ id }) => id === spec.originId);
  const serve = origin && origins.get(origin.host);
  if (!origin || !serve) {
    throw new TypeError(
      `The behaviour ${spec.pathPattern} leads to ${origin?.host ?? spec.originId}, which is not served here.`,
    );
  }
  const edge = (code: string | undefined): EdgeFunction | undefined =>
    code === undefined ? undefined : createEdgeFunction(code, distribution);
  return {
    spec,
    pattern: patternOf(spec.pathPattern),
    origin,
    serve,
    onRequest: edge(spec.requestFunction),
    onResponse: edge(spec.responseFunction),
  };
}

/** `*` stands for any characters, `?` for one; the leading slash may be left out. */
export function patternOf(pattern: string): RegExp {
  const source = pattern.replace(/^\//, '').replace(/[$()+.[\\\]^{|}]/g, '\\$&');
  const expression = source.replaceAll('*', '[^]*').replaceAll('?', '[^]');
  return new RegExp(`^/${expression}$`);
}

/** Dot segments are removed before a behaviour is chosen, so that none can be climbed out of. */
function normalized(path: string): string {
  const kept: string[] = [];
  const segments = path.split('/').slice(1);
  for (const [index, segment] of segments.entries()) {
    const isLast = index === segments.length - 1;
    if (segment === '..') kept.pop();
    if (segment !== '.' && segment !== '..') kept.push(segment);
    else if (isLast) kept.push('');
  }
  return `/${kept.join('/')}`;
}

/** What the origin gets: the viewer's request less what no policy forwards, and what CloudFront adds. */
function forwarded({ spec, origin }: Behavior, request: Request): Request {
  const selects = (
    choose: (forwarding: BehaviorSpec['forwarding'][number]) => Selection,
    name: string,
  ): boolean => spec.forwarding.some((forwarding) => includes(choose(forwarding), name));
  const headers = request.headers.filter(
    ([name]) =>
      !NEVER_FORWARDED.has(name) &&
      name !== 'cookie' &&
      name !== 'x-forwarded-for' &&
      !Object.hasOwn(origin.headers, name) &&
      (ALWAYS_FORWARDED.has(name) || selects(({ headers }) => headers, name)),
  );
  const cookies = request.headers
    .filter(([name]) => name === 'cookie')
    .flatMap(([, value]) => value.split(/;\s*/))
    .filter((cookie) => selects(({ cookies }) => cookies, (cookie.split('=')[0] ?? '').toLowerCase()));
  const query = request.query
    .split('&')
    .filter(
      (part) => part !== '' && selects(({ queries }) => queries, (part.split('=')[0] ?? '').toLowerCase()),
    );
  const userAgent = headers.some(([name]) => name === 'user-agent')
    ? []
    : [['user-agent', 'Amazon CloudFront'] as const];
  const via = request.headers.filter(([name]) => name === 'x-forwarded-for').map(([, value]) => value);
  return {
    ...request,
    path: origin.path + request.path,
    query: query.join('&'),
    sourceIp: EDGE_ADDRESS,
    headers: [
      ...headers,
      ...(cookies.length > 0 ? [['cookie', cookies.join('; ')] as const] : []),
      ...userAgent,
      ...Object.entries(origin.headers),
      ['host', origin.host],
      ['via', '1.1 local.cloudfront.net (CloudFront)'],
      ['x-amz-cf-id', randomUUID()],
      // The origin appends its own peer, which is CloudFront.
      ['x-forwarded-for', [...via, request.sourceIp, EDGE_ADDRESS].join(', ')],
      ['x-forwarded-port', '443'],
      ['x-forwarded-proto', 'https'],
    ],
  };
}

function includes(selection: Selection, name: string): boolean {
  if (selection.kind === 'all') return true;
  if (selection.kind === 'none') return false;
  return selection.names.includes(name) === (selection.kind === 'only');
}

function dressedHeaders(
  headers: readonly Header[],
  { set, remove }: BehaviorSpec['responseHeaders'],
): Header[] {
  const kept = headers.filter(([name]) => !remove.includes(name));
  const added = set.filter(({ name, override }) => override || !kept.some(([known]) => known === name));
  const replaced = new Set(added.map(({ name }) => name));
  return [
    ...kept.filter(([name]) => !replaced.has(name)),
    ...added.map(({ name, value }): Header => [name, value]),
  ];
}

function errorPage(status: number, message: string): Response {
  return {
    status,
    headers: [['content-type', 'text/html']],
    body: Buffer.from(`<h1>${status}</h1><p>${message}</p>`),
  };
}
