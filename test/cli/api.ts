/**
 * A server on loopback that speaks the contract: each request is held against the route table's own schemas,
 * and so is each answer that a test prepares, so that a drift of either fails here.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, expect } from 'vitest';
import type * as z from 'zod';
import type { Io } from '../../cli/io.ts';
import { run } from '../../cli/run.ts';
import { type ErrorCode, Problem } from '../../core/contract/errors.ts';
import { type Route, routes } from '../../core/contract/routes.ts';

export const opsKey = 'phk_ops_0123456789abcdef';
export const storeKey = 'phk_store_0123456789abcdef';

export interface Call {
  /** As `GET /v1/members/mem_…?x=y`. */
  readonly request: string;
  readonly body: unknown;
  readonly key: string | undefined;
  readonly idempotencyKey: string | undefined;
}

export interface Reply {
  readonly status: number;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is, instead. */
  readonly text?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Served {
  readonly baseUrl: string;
  readonly calls: Call[];
  /** The replies to come, in order; `drop` hangs up after the request was read. */
  answers: (Reply | 'drop')[];
  /** What broke the contract, of requests and of prepared answers. */
  readonly breaches: string[];
}

/** An API for the tests of one file, emptied before each of them. */
export function serveContract(): Served {
  const served = { baseUrl: '', calls: [], answers: [], breaches: [] } as Served & { baseUrl: string };
  const server = createServer((request, response) => void answer(served, request, response));
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    served.baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  beforeEach(() => {
    served.calls.length = 0;
    served.answers = [];
    served.breaches.length = 0;
  });
  afterEach(() => expect(served.breaches).toEqual([]));
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return served;
}

/** A refusal as the API sends it. */
export function refusal(
  code: ErrorCode,
  detail?: string,
  errors: { path: string; message: string }[] = [],
): Reply {
  const problem = new Problem(code, detail, errors);
  return { status: problem.status, body: problem.body('req-1') };
}

export function ok(body: unknown, status = 200): Reply {
  return { status, body };
}

async function answer(served: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const text = (await request.setEncoding('utf8').toArray()).join('');
  const { method = '', url = '', headers } = request;
  const idempotencyKey = headers['idempotency-key']?.toString();
  const body: unknown = text === '' ? undefined : JSON.parse(text);
  served.calls.push({ request: `${method} ${url}`, body, key: headers.authorization, idempotencyKey });
  const reply = served.answers.shift() ?? refusal('internal', 'No answer was prepared.');
  const said = reply === 'drop' ? undefined : reply;
  served.breaches.push(
    ...breachesOf({ method, url, body, idempotencyKey, key: headers.authorization }, said),
  );
  if (reply === 'drop') request.socket.destroy();
  else
    response
      .writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers })
      .end(reply.text ?? (reply.body == null ? undefined : JSON.stringify(reply.body)));
}

interface Received {
  readonly method: string;
  readonly url: string;
  readonly body: unknown;
  readonly idempotencyKey: string | undefined;
  readonly key: string | undefined;
}

function breachesOf(received: Received, reply: Reply | undefined): string[] {
  const { method, url } = received;
  const { pathname, searchParams } = new URL(url, 'http://api');
  const found = routeAt(method, pathname);
  if (!found) return [`${method} ${pathname} is no route`];
  const { route, params } = found;
  const role = /^Bearer phk_ops_/.test(received.key ?? '') ? 'ops' : 'channel';
  const promised = reply && reply.status < 400 ? route.answers[reply.status] : null;
  return [
    // A card's token stands in its path, whoever asks.
    ...(route.who.some((one) => one === role || one === 'card')
      ? []
      : [`${role} may not ${method} ${pathname}`]),
    ...(route.idempotent === 'required' && !received.idempotencyKey
      ? ['The Idempotency-Key is missing']
      : []),
    ...wrong('params', route.params, params),
    ...wrong('query', route.query, Object.fromEntries(searchParams)),
    ...wrong('body', route.body, received.body),
    ...(promised === undefined ? [`${method} ${pathname} does not answer ${reply?.status}`] : []),
    ...(reply?.text === undefined ? wrong('answer', jsonOf(promised), reply?.body) : []),
  ];
}

/** The schema of a JSON answer; of a pair, which leaves the caller the choice, the first. */
function jsonOf(promised: unknown): z.ZodType | undefined {
  const one: unknown = Array.isArray(promised) ? promised[0] : promised;
  return typeof one === 'object' && one !== null ? (one as z.ZodType) : undefined;
}

function routeAt(method: string, pathname: string) {
  for (const route of Object.values(routes) as Route[]) {
    const match = route.method === method && patternOf(route.path).exec(pathname);
    if (match) {
      const given = Object.entries(match.groups ?? {});
      return {
        route,
        params: Object.fromEntries(given.map(([name, value]) => [name, decodeURIComponent(value)])),
      };
    }
  }
  return undefined;
}

function patternOf(path: string): RegExp {
  return new RegExp(`^${path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`);
}

function wrong(what: string, schema: z.ZodType | undefined, value: unknown): string[] {
  const parsed = schema?.safeParse(value);
  return parsed && !parsed.success ? [`${what}: ${parsed.error.message}`] : [];
}

// The person at the keyboard --------------------------------------------------------------------------------

export interface Said {
  readonly exit: number;
  readonly stdout: string;
  readonly stderr: string;
  readonly questions: readonly string[];
  /** Milliseconds that it would have waited. */
  readonly pauses: readonly number[];
}

export interface Person {
  readonly env?: Readonly<Record<string, string>>;
  /** Whether both outputs are terminals, and somebody is there. */
  readonly tty?: boolean;
  /** What is said to every question. */
  readonly answer?: boolean;
  /** What is answered to questions for a text, one after the other. */
  readonly texts?: readonly string[];
}

/** Runs a command line against the API as an operator does. */
export async function philia(
  served: Pick<Served, 'baseUrl'>,
  argv: readonly string[],
  { env, tty = false, answer: yes = false, texts: said = [] }: Person = {},
): Promise<Said> {
  const heard = { stdout: '', stderr: '' };
  const questions: string[] = [];
  const texts = [...said];
  const pauses: number[] = [];
  let keys = 0;
  const output = (name: 'stdout' | 'stderr') => ({
    isTTY: tty,
    write: (text: string) => {
      heard[name] += text;
    },
  });
  const io: Io = {
    env: env ?? { PHILIA_URL: served.baseUrl, PHILIA_KEY: opsKey },
    stdout: output('stdout'),
    stderr: output('stderr'),
    canAsk: tty,
    ask: async (question) => {
      questions.push(question);
      return yes;
    },
    askText: async (question) => {
      questions.push(question);
      return texts.shift() ?? '';
    },
    newKey: () => `key-${++keys}`,
    pause: async (ms) => void pauses.push(ms),
    underWay: () => undefined,
  };
  const exit = await run(argv, io);
  return { exit, ...heard, questions, pauses };
}
