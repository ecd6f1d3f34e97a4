/** The routes that exist on one machine only: the clock, idleness, and what the stand-ins have received. */

import type { SystemClock } from './clock.ts';
import { jsonResponse, type Request, type Response } from './http/message.ts';
import type { Idle } from './idle.ts';
import type { LocalReply, StandIns } from './standins/index.ts';
import type { OperatorsPool } from './standins/operators.ts';

export interface LocalRoutesSettings {
  readonly clock: SystemClock;
  readonly idle: Idle;
  readonly standIns: Pick<StandIns, 'handle' | 'tellIssuer'>;
  readonly operators: Pick<OperatorsPool, 'token'> | undefined;
  /** Moves the clock, running what lies in between. False: the system did not come to rest in time. */
  moveClock(to: number): Promise<boolean>;
}

const IDLE_SECONDS_DEFAULT = 30;
const IDLE_SECONDS_MAX = 3600;

/** Whether a path belongs to these routes and never to the distribution. */
export function isLocalPath(path: string): boolean {
  return path === '/local' || path.startsWith('/local/');
}

export async function answerLocally(request: Request, settings: LocalRoutesSettings): Promise<Response> {
  const { clock, idle, moveClock } = settings;
  const body = request.body?.toString('utf8') ?? '';
  switch (`${request.method} ${request.path}`) {
    case 'GET /local/clock':
      return jsonResponse(200, { now: utc(clock.now()) });
    case 'PUT /local/clock':
      return putClock(body, clock, moveClock);
    case 'GET /local/idle':
      return getIdle(request.query, idle);
  }
  const answer = await answerOutside(request, body, settings);
  if (!answer)
    return problem(404, 'not_found', 'Not found', `There is no ${request.method} ${request.path}.`);
  return {
    status: answer.status,
    headers: [['content-type', answer.contentType]],
    body: Buffer.from(answer.body),
  };
}

/** What is outside AWS, or is AWS's and has no other address here. */
async function answerOutside(
  { method, path }: Request,
  body: string,
  { standIns, operators }: LocalRoutesSettings,
): Promise<LocalReply | undefined> {
  switch (`${method} ${path}`) {
    case 'POST /local/google/callback':
      return standIns.tellIssuer(body);
    case 'POST /local/operators/token':
      return operators?.token(body);
    default:
      return standIns.handle(method, path, body);
  }
}

async function getIdle(query: string, idle: Idle): Promise<Response> {
  const given = new URLSearchParams(query).get('timeout');
  const seconds = given === null ? IDLE_SECONDS_DEFAULT : Number(given);
  if (given === '' || !(seconds >= 0 && seconds <= IDLE_SECONDS_MAX)) {
    const message = `Must be a number of seconds from 0 to ${IDLE_SECONDS_MAX}, not "${given}".`;
    return problem(400, 'invalid_request', 'Invalid request', message, [{ path: 'timeout', message }]);
  }
  if (await idle.wait(seconds * 1000)) return jsonResponse(200, { idle: true });
  return problem(408, 'not_idle', 'Not idle', `Something was still in flight after ${seconds} s.`);
}

/** RFC 3339 with an offset; `Date` itself takes much more than that. */
const RFC3339 = /^\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d)$/;

/** Milliseconds since 1970 for an RFC 3339 date with an offset; undefined for anything else. */
export function parseInstant(text: unknown): number | undefined {
  const at = typeof text === 'string' && RFC3339.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

async function putClock(
  body: string,
  clock: SystemClock,
  moveClock: (to: number) => Promise<boolean>,
): Promise<Response> {
  const { now, ...others } = parseObject(body) ?? {};
  const errors = Object.keys(others).map((path) => ({ path, message: 'Unknown field.' }));
  const to = parseInstant(now);
  if (to === undefined) {
    errors.push({
      path: 'now',
      message: `Must be an RFC 3339 date with an offset, not ${JSON.stringify(now)}.`,
    });
  } else if (to < clock.now()) {
    const present = utc(clock.now());
    errors.push({ path: 'now', message: `The clock only moves forward, and it is ${present} already.` });
  }
  if (to === undefined || errors.length > 0) {
    const detail = errors.map(({ path, message }) => `${path}: ${message}`).join(' ');
    return problem(400, 'invalid_request', 'Invalid request', detail, errors);
  }
  if (await moveClock(to)) return jsonResponse(200, { now: utc(to) });
  const detail = `What was in flight did not come to rest; the clock is at ${utc(clock.now())}.`;
  return problem(503, 'not_settled', 'Not settled', detail);
}

function parseObject(text: string): { [name: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return value !== null && typeof value === 'object' ? { ...value } : undefined;
  } catch {
    return undefined; // Answered as a body without the field.
  }
}

/** RFC 9457, as the API itself answers. */
function problem(
  status: number,
  code: string,
  title: string,
  detail: string,
  errors: readonly { path: string; message: string }[] = [],
): Response {
  const body = JSON.stringify({ type: 'about:blank', title, status, code, detail, errors });
  return { status, headers: [['content-type', 'application/problem+json']], body: Buffer.from(body) };
}

/** RFC 3339 in UTC, milliseconds only where there are any. */
function utc(instant: number): string {
  return new Date(instant).toISOString().replace('.000Z', 'Z');
}
