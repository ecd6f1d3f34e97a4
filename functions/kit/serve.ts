/**
 * The HTTP stack of every function behind the API. A function gives a handler per route of the table; the
 * stack finds the route, the caller, checks what comes in and what goes out, and turns refusals into problems.
 */
import { Logger } from '@aws-lambda-powertools/logger';
import middy, { type MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import type * as z from 'zod';
import type { Channel, Channels } from '../../core/channels.ts';
import {
  errors as errorTable,
  fieldErrors,
  Problem,
  type ProblemBody,
  problemSchema,
} from '../../core/contract/errors.ts';
import { type HttpFunction, originHeader } from '../../core/contract/functions.ts';
import {
  isChoice,
  mayName,
  methodsOf,
  type Role,
  type Route,
  type RouteName,
  routeKeysOf,
  routes,
  routesOf,
} from '../../core/contract/routes.ts';
import {
  answerOnce,
  type Credential,
  type Holder,
  LedgerUnavailable,
  type Once,
  type OnceKey,
  onceKey,
  type StoredAnswer,
} from '../../ledger/ledger.ts';
import { type Deps, deps } from '../deps.ts';
import { endingWith } from './budget.ts';
import { isOfChannel, isToken } from './callers.ts';
import { parseBody, parseBytes } from './json.ts';
import { sourceInLogs, sourceOf } from './source.ts';

type RouteOf<N extends RouteName> = (typeof routes)[N];
type Parsed<R, K extends string> = R extends { readonly [P in K]: infer S extends z.ZodType }
  ? z.output<S>
  : undefined;

/** An operator, or who may only read. */
interface Staff<R extends 'ops' | 'reader'> extends Holder {
  readonly role: R;
}

/** Who calls: a known key, a person who signed in, or somebody who holds what the path or header carries. */
export type Caller =
  | { readonly role: 'channel'; readonly channel: Channel; readonly keyId: string }
  | Staff<'ops'>
  | Staff<'reader'>
  | { readonly role: 'card' | 'device' | 'public' };

export interface HttpRequest<N extends RouteName> {
  readonly params: Parsed<RouteOf<N>, 'params'>;
  readonly query: Parsed<RouteOf<N>, 'query'>;
  readonly body: Parsed<RouteOf<N>, 'body'>;
  /** The body as it came, on the routes that take it so. */
  readonly bytes: RouteOf<N> extends { readonly bytesMax: number } ? Buffer : undefined;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly caller: Caller;
  readonly requestId: string;
  /** From where on the network it comes. */
  readonly source: string;
  /** What makes a repeat of the request known, on the routes that ask for an Idempotency-Key. */
  readonly once: OnceKey | undefined;
}

export interface Answer {
  readonly status: number;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

export type Handlers<F extends HttpFunction> = {
  [N in RouteName as RouteOf<N>['function'] extends F ? N : never]: (
    request: HttpRequest<N>,
    deps: Deps,
  ) => Promise<Answer>;
};

type Event = APIGatewayProxyEventV2;
type Result = APIGatewayProxyStructuredResultV2;

const common = { 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' };

// The caller ------------------------------------------------------------------------------------------------

/** The API's own address is on the internet, too: behind it nothing is told to whoever did not come by CloudFront. */
async function checkDoor({ headers }: Event, { door, publicUrl }: Deps): Promise<void> {
  if (await door(headers[originHeader])) return;
  throw new Problem('forbidden', `Requests are answered at ${publicUrl}, and at no other address.`);
}

/** The access log says by the same id what was asked and answered; API Gateway would write addresses only in clear. */
function noteSource({ requestContext: { requestId } }: Event, source: string, given: Deps): void {
  const { logger, ledger, now } = given;
  logger.info('A request', { requestId, source: sourceInLogs(ledger.keyed, source, now()) });
}

async function callerOf(event: Event, route: Route, given: Deps): Promise<Caller> {
  const open = route.who.find((role): role is 'card' | 'device' | 'public' =>
    (['card', 'device', 'public'] as Role[]).includes(role),
  );
  if (open) return { role: open };
  // A token is some thousand characters long, and a key less than a hundred.
  const [, shown] = /^Bearer ([\x21-\x7e]{1,4096})$/i.exec(event.headers['authorization'] ?? '') ?? [];
  const found = shown === undefined ? undefined : await findCaller(shown, route, given);
  if (!found) throw new Problem('unauthorized');
  if (route.who.includes(found.role)) return found;
  const isReading = found.role === 'reader' && route.who.includes('ops');
  throw new Problem('forbidden', isReading ? 'Whoever is in the group reader changes nothing.' : undefined);
}

async function findCaller(shown: string, { who }: Route, given: Deps): Promise<Caller | undefined> {
  if (isToken(shown)) {
    // A function without a route for people knows of no pool.
    if (!who.includes('ops')) throw new Problem('forbidden', 'This route is for keys of channels.');
    return given.person(shown);
  }
  // Side by side, since one who comes seldom finds neither kept.
  const [credential, channels] = await Promise.all([
    given.credential(shown),
    isOfChannel(shown) ? given.channels() : undefined,
  ]);
  return credential && toCaller(credential, channels);
}

function toCaller(
  { role, channel: id, keyId, name, holder }: Credential,
  channels: Channels | undefined,
): Caller | undefined {
  if (role === 'ops') return { role, keyId, name, holder };
  const channel = channels?.get(id ?? '');
  return channel && { role, channel, keyId };
}

/** A channel that operators have paused reads, and changes nothing. */
function refusePaused(caller: Caller, { method }: Route): void {
  if (caller.role !== 'channel' || caller.channel.pausedAt === null || method === 'GET') return;
  const { name, pausedAt } = caller.channel;
  throw new Problem('channel_paused', `${name} is paused since ${pausedAt}.`);
}

/** Who acts, on a route that is for operators only. */
export function operatorOf(caller: Caller): Holder {
  if (caller.role !== 'ops') throw new Problem('forbidden');
  return readerOf(caller);
}

/** Who reads, on a route that is for operators and readers only. */
export function readerOf(caller: Caller): Holder {
  if (!seesAll(caller)) throw new Problem('forbidden');
  const { keyId, name, holder } = caller;
  return { keyId, name, holder };
}

/** Whether somebody sees what is of every channel, and what is left of members who have gone. */
export function seesAll(caller: Caller): caller is Staff<'ops'> | Staff<'reader'> {
  return caller.role === 'ops' || caller.role === 'reader';
}

// In and out ------------------------------------------------------------------------------------------------

function parse(schema: z.ZodType | undefined, value: unknown): unknown {
  if (!schema) return undefined;
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new Problem('invalid_request', undefined, fieldErrors(parsed.error));
  return parsed.data;
}

/** What was sent; nothing at all stands for an object without fields where that is allowed. */
function bodyOf(schema: z.ZodType, { apart }: Route, event: Event): unknown {
  if (!event.body && schema.safeParse({}).success) return {};
  const contentLength = event.headers['content-length'];
  return parseBody(event.body, event.isBase64Encoded, { contentLength, apart });
}

/**
 * A path that names nothing that could exist is answered as one that names nothing that does. API Gateway has decoded
 * what the path leaves open, once, and nobody decodes it again.
 */
function parseParams({ params: schema, path }: Route, event: Event): unknown {
  const given = event.routeKey.includes('+}') ? spanned(path, event) : (event.pathParameters ?? {});
  const parsed = schema?.safeParse(given);
  if (parsed && !parsed.success) throw new Problem('not_found', undefined, fieldErrors(parsed.error));
  return parsed?.data;
}

/** What the route that takes slashes, too, has caught, without what the path says behind it. */
function spanned(path: string, event: Event): Record<string, string> {
  const [, name = '', behind = ''] = /\{(\w+)\}(.*)$/.exec(path) ?? [];
  const caught = event.pathParameters?.[name] ?? '';
  if (!caught.endsWith(behind)) throw unrouted(event);
  return { [name]: caught.slice(0, caught.length - behind.length) };
}

/**
 * The answer as API Gateway wants it, its body checked against what the table promises.
 * @throws z.ZodError when a handler answers what the route does not declare: a defect, answered 500
 */
function toResult(route: Route, answer: Answer): Result {
  // A refusal that was kept is a problem body already.
  if (answer.status >= 400) return storedProblem(answer);
  const declared = route.answers[answer.status];
  if (declared === undefined)
    throw new Error(`${route.method} ${route.path} does not declare ${answer.status}.`);
  const promised = isChoice(declared) ? declared[answer.body instanceof Buffer ? 1 : 0] : declared;
  const headers = { ...common, ...answer.headers };
  if (promised === null) return { statusCode: answer.status, headers };
  if (typeof promised === 'string') {
    const bytes = answer.body instanceof Buffer ? answer.body : Buffer.alloc(0);
    const typed = { ...headers, 'content-type': promised };
    return {
      statusCode: answer.status,
      headers: typed,
      body: bytes.toString('base64'),
      isBase64Encoded: true,
    };
  }
  return {
    statusCode: answer.status,
    headers: { ...headers, 'content-type': 'application/json' },
    body: JSON.stringify(promised.parse(answer.body)),
  };
}

function storedProblem({ status, body, headers }: Answer): Result {
  const problem = problemSchema.parse(body);
  return {
    statusCode: status,
    headers: { ...problemHeaders(problem), ...headers },
    body: JSON.stringify(problem),
  };
}

function toProblem(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (error instanceof LedgerUnavailable) return new Problem('unavailable', undefined, [], { cause: error });
  return new Problem('internal', undefined, [], { cause: error });
}

/** Whole seconds from an instant to a later one, as `Retry-After` has them. */
export function secondsUntil(until: number, now: number): number {
  return Math.ceil((until - now) / 1000);
}

/** How long a caller should wait where the registry says that a later repeat helps. */
const retryAfterSeconds = '1';

function problemHeaders({ code, status }: Pick<ProblemBody, 'code' | 'status'>): Record<string, string> {
  return {
    ...common,
    'content-type': 'application/problem+json',
    ...(errorTable[code].retry === 'later' ? { 'retry-after': retryAfterSeconds } : {}),
    ...(status === 401 ? { 'www-authenticate': challengeOf(code) } : {}),
  };
}

/** RFC 6750: what was wrong with a token is said, and nothing to who sent none. */
function challengeOf(code: ProblemBody['code']): string {
  return code === 'invalid_token' || code === 'token_expired' ? 'Bearer error="invalid_token"' : 'Bearer';
}

export function problemResult(problem: Problem, requestId: string): Result {
  const { retryAfterSeconds: seconds, allowed } = problem;
  const retryAfter = seconds === undefined ? {} : { 'retry-after': String(seconds) };
  const allow = allowed === undefined ? {} : { allow: allowed.join(', ') };
  return {
    statusCode: problem.status,
    headers: { ...problemHeaders(problem), ...retryAfter, ...allow },
    body: JSON.stringify(problem.body(requestId)),
  };
}

/** Why API Gateway found no route: the path is none of ours, or is, for other methods. */
function unrouted({ rawPath, requestContext: { http } }: Event): Problem {
  const path = rawPath.slice(0, 200);
  const allowed = methodsOf(rawPath);
  if (allowed.length === 0 && mayName(http.method, rawPath))
    return new Problem('not_found', `There is nothing at ${path}.`);
  if (allowed.length === 0 || (allowed as string[]).includes(http.method))
    return new Problem('not_found', `There is no path ${path}; every one is listed in /openapi.json.`);
  const detail = `${path} does not take ${http.method}, but ${allowed.join(', ')}.`;
  return new Problem('method_not_allowed', detail, [], { allowed });
}

/** @param loggerNow is asked when there is something to say: what it comes from may be what failed */
function problems(loggerNow: () => Pick<Logger, 'error'>): MiddlewareObj<Event, Result> {
  return {
    onError: async (request) => {
      const problem = toProblem(request.error);
      const { requestId, routeKey } = request.event.requestContext;
      if (problem.status >= 500) {
        loggerNow().error('A request failed', { requestId, routeKey, error: problem.cause as Error });
      }
      request.response = problemResult(problem, requestId);
    },
  };
}

// Answers that are kept ---------------------------------------------------------------------------------------

/** A refusal as it is kept: a repeat gets the very same body. */
export function refusalOf(problem: Problem, requestId: string): StoredAnswer {
  return { status: problem.status, body: problem.body(requestId) };
}

/** The answer that was decided now, or the first time. */
export function onceAnswer(outcome: Once): Answer {
  if (outcome.type === 'mismatch') throw new Problem('idempotency_mismatch');
  if (outcome.type === 'gone') throw new Problem('not_found');
  const { answer, replayed } = outcome;
  const headers = replayed ? { 'idempotency-replayed': 'true' } : {};
  return { ...answer, headers };
}

/**
 * What a handler does; a refusal that it throws is kept with its key, too, and whoever repeats a key that was answered
 * gets that answer though the same request would be refused by now.
 */
async function kept(
  { ledger, now }: Deps,
  name: RouteName,
  once: OnceKey | undefined,
  requestId: string,
  handle: () => Promise<Answer>,
): Promise<Answer> {
  try {
    return await handle();
  } catch (error) {
    const isRefusal = error instanceof Problem && error.status < 500;
    if (!once || !isRefusal || error.code === 'idempotency_mismatch') throw error;
    const outcome = await answerOnce(ledger, `Refusing ${name}`, once, refusalOf(error, requestId), now());
    if (outcome.type === 'answered' && !outcome.replayed) throw error;
    return onceAnswer(outcome);
  }
}

// The function ----------------------------------------------------------------------------------------------

async function dispatch(
  table: ReadonlyMap<string, RouteName>,
  handlers: Readonly<Record<string, (request: never, deps: Deps) => Promise<Answer>>>,
  event: Event,
  depsNow: () => Promise<Deps>,
): Promise<Result> {
  const given = await depsNow();
  await checkDoor(event, given);
  const source = sourceOf(event);
  noteSource(event, source, given);
  const name = table.get(event.routeKey);
  const handler = name && handlers[name];
  if (!name || !handler) throw unrouted(event);
  const route: Route = routes[name];
  const caller = await callerOf(event, route, given);
  const params = parseParams(route, event);
  const query = parse(route.query, event.queryStringParameters ?? {});
  const body = route.body && parse(route.body, bodyOf(route.body, route, event));
  const bytes =
    route.bytesMax === undefined ? undefined : parseBytes(event.body, event.isBase64Encoded, route.bytesMax);
  const { requestId } = event.requestContext;
  const once = onceOf(name, event, caller, { params, body }, given);
  const request = { params, query, body, bytes, headers: event.headers, caller, requestId, source, once };
  const handle = async () => {
    refusePaused(caller, route);
    return handler(request as never, given);
  };
  return toResult(route, await kept(given, name, once, requestId, handle));
}

/**
 * Names a caller in what is kept of its requests, so that keys can rotate: keys of one channel are one caller, and
 * an operator's key and its successor are, and a person with the keys that the person made.
 */
export function callerName(caller: Caller): string {
  if (caller.role === 'channel') return `channel ${caller.channel.id}`;
  return seesAll(caller) ? `ops ${caller.holder}` : caller.role;
}

/**
 * The key under which the answer to a request is kept.
 * @throws Problem when the route asks for a key and there is none, or it is not 1 to 255 visible ASCII characters
 */
function onceOf(
  name: RouteName,
  event: Event,
  caller: Caller,
  content: unknown,
  given: Deps,
): OnceKey | undefined {
  const route: Route = routes[name];
  if (!route.idempotent) return undefined;
  const key = event.headers['idempotency-key'];
  const wrong = (code: 'idempotency_key_missing' | 'invalid_request', message: string) =>
    new Problem(code, undefined, [{ path: 'Idempotency-Key', message }]);
  if (key === undefined && route.idempotent === 'accepted') return undefined;
  if (key === undefined) throw wrong('idempotency_key_missing', 'is needed here');
  if (!/^[\x21-\x7e]{1,255}$/.test(key))
    throw wrong('invalid_request', 'must be 1 to 255 visible ASCII characters');
  return onceKey(given.ledger, { caller: callerName(caller), operation: name, key, content });
}

/**
 * What is left of a function's time when a request that has no answer yet gets one: whoever waits is told in time that
 * the outcome is unknown, and nobody tells it when Lambda ends the function.
 */
export const answerReserveMs = 2_000;

function outOfTime(): never {
  const cause = new Error('Something that the request waits for has not answered in time.');
  throw new Problem('unavailable', undefined, [], { cause });
}

/** The Lambda handler of one HTTP function. Its handlers are exactly the routes that the table gives it. */
export function serve<F extends HttpFunction>(name: F, handlers: Handlers<F>) {
  const table = new Map(
    routesOf(name).flatMap((route) => routeKeysOf(routes[route]).map((key) => [key, route] as const)),
  );
  let given: Deps | undefined;
  const depsNow = async () => {
    given = await deps();
    return given;
  };
  return middy<Event, Result>({ timeoutEarlyInMillis: answerReserveMs, timeoutEarlyResponse: outOfTime })
    .use(problems(() => given?.logger ?? new Logger()))
    .handler((event, _context, { signal }) =>
      endingWith(signal, () => dispatch(table, handlers as never, event, depsNow)),
    );
}
