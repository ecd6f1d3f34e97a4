/**
 * An API Gateway HTTP API in front of functions: payload format 2.0 in both directions.
 * Source: https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
 */
import { randomUUID } from 'node:crypto';
import type { Outcome } from '../functions/instance.ts';
import type { FunctionPool } from '../functions/pool.ts';
import type { ApiSpec, RouteSpec } from '../resources/apis.ts';
import { ACCOUNT } from '../template/intrinsics.ts';
import { type Header, header, jsonResponse, type Request, type Response } from './message.ts';
import { createRouter, type RouteMatch } from './routes.ts';

/** What a body may have at most; a longer one is 413 before any function sees it. */
export const BODY_BYTES_MAX = 10 * 1024 * 1024;

export type Origin = (request: Request) => Promise<Response>;

export function createGateway(api: ApiSpec, pool: FunctionPool, clock: () => number): Origin {
  const router = createRouter(api.routes);
  return async (request) => {
    const segments = decodedSegments(request.path);
    if (!segments) return jsonResponse(400, { message: 'Bad Request' });
    const match = router.match(request.method, segments);
    if (!match) return jsonResponse(404, { message: 'Not Found' });
    if (!request.body) return jsonResponse(413, { message: 'Request Entity Too Large' });
    const event = eventOf(api, request, match, segments, clock());
    const outcome = await withinTimeout(pool.invoke(functionName(match.route), event), match.route.timeoutMs);
    if (outcome.kind === 'timeout') return jsonResponse(503, { message: 'Service Unavailable' });
    const answer = outcome.kind === 'answer' ? responseOf(outcome.payload) : undefined;
    return answer ?? jsonResponse(500, { message: 'Internal Server Error' });
  };
}

function functionName({ functionArn }: RouteSpec): string {
  return functionArn.slice(functionArn.lastIndexOf(':') + 1);
}

/** API Gateway stops waiting, though the function goes on. */
async function withinTimeout(invocation: Promise<Outcome>, timeoutMs: number): Promise<Outcome> {
  const { promise, resolve } = Promise.withResolvers<Outcome>();
  const error = { errorType: 'Timeout', errorMessage: 'The integration took too long.' };
  const timer = setTimeout(() => resolve({ kind: 'timeout', error }), timeoutMs);
  try {
    return await Promise.race([invocation, promise]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * The path's segments; undefined when the percent-encoding is broken. An HTTP API decodes the path once, as a whole and
 * before it looks for a route, so an encoded slash has become a slash like any other.
 */
function decodedSegments(path: string): string[] | undefined {
  try {
    return decodeURIComponent(path).split('/').slice(1);
  } catch {
    return undefined; // Answered as a bad request.
  }
}

function eventOf(
  api: ApiSpec,
  request: Request,
  match: RouteMatch,
  segments: readonly string[],
  now: number,
): object {
  // An HTTP API hands the path over decoded, and cut off at a decoded question mark.
  const rawPath = `/${segments.join('/')}`.split('?')[0];
  const cookies = request.headers
    .filter(([name]) => name === 'cookie')
    .flatMap(([, value]) => value.split(/;\s*/));
  const headers = joined(request.headers.filter(([name]) => name !== 'cookie'));
  const parameters = Object.keys(match.parameters).length > 0 ? { pathParameters: match.parameters } : {};
  return {
    version: '2.0',
    routeKey: match.route.routeKey,
    rawPath,
    rawQueryString: request.query,
    ...(cookies.length > 0 ? { cookies } : {}),
    headers,
    ...(request.query === '' ? {} : { queryStringParameters: joined(new URLSearchParams(request.query)) }),
    requestContext: {
      accountId: ACCOUNT,
      apiId: api.id,
      domainName: api.host,
      domainPrefix: api.id,
      http: {
        method: request.method,
        path: rawPath,
        protocol: 'HTTP/1.1',
        sourceIp: request.sourceIp,
        userAgent: headers['user-agent'] ?? '',
      },
      requestId: randomUUID(),
      routeKey: match.route.routeKey,
      stage: '$default',
      time: commonLogTime(now),
      timeEpoch: now,
    },
    ...parameters,
    ...bodyOf(request),
  };
}

/** Repeated names are one property whose values are joined by commas. */
function joined(pairs: Iterable<Header>): { [name: string]: string } {
  const values = new Map<string, string>();
  for (const [name, value] of pairs) {
    const before = values.get(name);
    values.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(values);
}

/** `22/Nov/2026:10:00:00 +0000` */
function commonLogTime(now: number): string {
  const [, day, month, year, time] = new Date(now).toUTCString().split(/[ ,]+/);
  return `${day}/${month}/${year}:${time} +0000`;
}

/** Only these types reach a function as text; all others, and none at all, in base64. */
const TEXT_TYPE = /^(text\/[^;]+|application\/(json|xml|javascript))\s*(;|$)/i;

function bodyOf({ headers, body }: Request): { body?: string; isBase64Encoded: boolean } {
  if (!body || body.length === 0) return { isBase64Encoded: false };
  if (TEXT_TYPE.test(header(headers, 'content-type') ?? '')) {
    return { body: body.toString('utf8'), isBase64Encoded: false };
  }
  return { body: body.toString('base64'), isBase64Encoded: true };
}

interface FunctionAnswer {
  readonly statusCode?: unknown;
  readonly headers?: { readonly [name: string]: unknown };
  readonly cookies?: readonly unknown[];
  readonly body?: unknown;
  readonly isBase64Encoded?: unknown;
}

/** What the client gets for a function's answer; undefined when the answer is malformed. */
function responseOf(payload: string): Response | undefined {
  const answer = JSON.parse(payload) as FunctionAnswer | null;
  if (answer === null || typeof answer !== 'object' || answer.statusCode === undefined) {
    // An answer without a status is taken to be the body.
    const body = typeof answer === 'string' ? answer : payload;
    return { status: 200, headers: [['content-type', 'application/json']], body: Buffer.from(body) };
  }
  const status = Number(answer.statusCode);
  const body = answer.body ?? '';
  if (!Number.isInteger(status) || status < 200 || status > 599 || typeof body !== 'string') return undefined;
  const headers: Header[] = Object.entries(answer.headers ?? {}).map(([name, value]) => [
    name.toLowerCase(),
    String(value),
  ]);
  if (body !== '' && header(headers, 'content-type') === undefined) {
    headers.push(['content-type', 'text/plain;charset=UTF-8']);
  }
  for (const cookie of answer.cookies ?? []) headers.push(['set-cookie', String(cookie)]);
  return { status, headers, body: Buffer.from(body, answer.isBase64Encoded === true ? 'base64' : 'utf8') };
}
