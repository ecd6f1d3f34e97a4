import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach } from 'vitest';

type Json = Record<string, unknown>;

export interface Call {
  method: string;
  path: string;
  body: Json;
}

interface Reply {
  status: number;
  body?: unknown;
  headers?: Record<string, string>;
}

export const OPS_KEY = 'phk_ops_secret';

/**
 * A small server that answers as the API's contract says: members by e-mail, purchases in batches, refunds,
 * the local clock and idle. It stands in for the real API in the tests of the import command alone.
 */
export interface ContractApi {
  baseUrl: string;
  port: number;
  calls: Call[];
  clock: string;
  members: Set<string>;
  /** Answers a call instead of the contract's usual answer, when it gives one. */
  interrupt: (call: Call, attempt: number) => Reply | 'drop' | undefined;
  /** `method path` of every call but those of idle and clock, in order. */
  paths(): string[];
  /** The ids in each batch and refund, in order. */
  sent(): string[][];
}

export function useContractApi(): ContractApi {
  const server = createServer((request, response) => void answer(api, request, response));
  const api: ContractApi = {
    baseUrl: '',
    port: 0,
    calls: [],
    clock: '',
    members: new Set(),
    interrupt: () => undefined,
    paths: () =>
      api.calls.map(({ method, path }) => `${method} ${path}`).filter((path) => !path.includes('/local/')),
    sent: () =>
      api.calls.flatMap(({ path, body }) => {
        if (path !== '/v1/imports') return [];
        return [(body['items'] as Json[]).map(({ id }) => String(id))];
      }),
  };
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    api.port = (server.address() as AddressInfo).port;
    api.baseUrl = `http://127.0.0.1:${api.port}`;
  });
  beforeEach(() => {
    api.calls = [];
    api.clock = '2010-12-01T00:00:00Z';
    api.members = new Set();
    api.interrupt = () => undefined;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });
  return api;
}

async function answer(api: ContractApi, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const text = (await request.setEncoding('utf8').toArray()).join('');
  const call = {
    method: request.method ?? '',
    path: request.url ?? '',
    body: text === '' ? {} : JSON.parse(text),
  };
  api.calls.push(call);
  const attempt = api.calls.filter(({ method, path }) => method === call.method && path === call.path).length;
  const reply = api.interrupt(call, attempt) ?? contractReply(api, call, request.headers.authorization);
  if (reply === 'drop') request.socket.destroy();
  else
    response
      .writeHead(reply.status, reply.headers)
      .end(reply.body === undefined ? '' : JSON.stringify(reply.body));
}

export function problem(status: number, code: string, path?: string): Reply {
  const errors = path === undefined ? [] : [{ path, message: `${path} is wrong` }];
  return { status, body: { type: 'about:blank', title: code, status, code, detail: `The ${code}.`, errors } };
}

function contractReply(
  api: ContractApi,
  { method, path, body }: Call,
  authorization: string | undefined,
): Reply {
  if (path.startsWith('/v1/') && authorization !== `Bearer ${OPS_KEY}`)
    return problem(401, 'unauthenticated');
  switch (`${method} ${path.split('?')[0]}`) {
    case 'GET /local/idle':
      return { status: 200 };
    case 'GET /local/clock':
      return { status: 200, body: { now: api.clock } };
    case 'PUT /local/clock':
      api.clock = String(body['now']);
      return { status: 200, body: { now: api.clock } };
    case 'GET /v1/channels':
      return { status: 200, body: { items: ['app', 'store', 'web'].map((id) => ({ id })), cursor: null } };
    case 'POST /v1/members':
      return enrol(api, String(body['email']));
    case 'POST /v1/imports':
      return { status: 200, body: { results: (body['items'] as Json[]).map(itemResult) } };
    default:
      return problem(404, 'not_found');
  }
}

function enrol({ members }: ContractApi, email: string): Reply {
  if (!email.includes('@')) return problem(400, 'validation', 'email');
  if (members.has(email)) return problem(409, 'member_exists');
  members.add(email);
  return { status: 201, body: { memberId: `mem_${members.size}` } };
}

function itemResult({ id, type }: Json): Json {
  const wrong =
    type === 'refund' ? problem(400, 'validation', 'lines') : problem(400, 'total_mismatch', 'totalMinor');
  return id === 'bad' ? { id, status: 'rejected', error: wrong.body } : { id, status: 'posted' };
}
