/**
 * Every function behind the API over one world in memory, called by the names of the route table. Whoever imports it
 * mocks functions/deps.ts with `depsOf`.
 */
import type { HttpFunction } from '../../core/contract/functions.ts';
import { type Route, type RouteName, routes } from '../../core/contract/routes.ts';
import { handler as apple } from '../../functions/http/apple.ts';
import { handler as cards } from '../../functions/http/cards.ts';
import { handler as channels } from '../../functions/http/channels.ts';
import { handler as deliveries } from '../../functions/http/deliveries.ts';
import { handler as google } from '../../functions/http/google.ts';
import { handler as intake } from '../../functions/http/intake.ts';
import { handler as join } from '../../functions/http/join.ts';
import { handler as members } from '../../functions/http/members.ts';
import { handler as operators } from '../../functions/http/operators.ts';
import { handler as redemptions } from '../../functions/http/redemptions.ts';
import { handler as samsung } from '../../functions/http/samsung.ts';
import { httpEvent } from './outside.ts';

export const doors: Readonly<Record<HttpFunction, unknown>> = {
  intake,
  members,
  redemptions,
  operators,
  channels,
  deliveries,
  join,
  cards,
  apple,
  google,
  samsung,
};

export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Bytes are left as they are. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely.
  readonly body: any;
}

export interface Sent {
  readonly params?: Record<string, string>;
  readonly query?: Record<string, string>;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
  /** The text of a key. */
  readonly key?: string;
}

type Invoke = (event: never, context: never) => Promise<unknown>;

function replyOf(answer: unknown): Reply {
  const { statusCode, headers, body } = answer as {
    statusCode: number;
    headers: Record<string, string>;
    body?: string;
  };
  const isJson = headers['content-type']?.includes('json');
  return { status: statusCode, headers, body: isJson ? JSON.parse(body ?? '') : body };
}

/** A request to a route, as API Gateway hands it to the route's function or to another. */
export async function knock(
  name: RouteName,
  sent: Sent = {},
  door: HttpFunction = routes[name].function,
): Promise<Reply> {
  const { method, path }: Route = routes[name];
  const given = { ...sent, headers: { 'idempotency-key': 'once', ...sent.headers } };
  const invoke = doors[door] as Invoke;
  return replyOf(await invoke(httpEvent(`${method} ${path}`, given) as never, {} as never));
}

/** A request that API Gateway finds no route for. */
export async function stray(
  method: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<Reply> {
  const event = httpEvent('$default', { headers }) as { requestContext: { http: object } };
  const http = { ...event.requestContext.http, method, path };
  const strayed = { ...event, rawPath: path, requestContext: { ...event.requestContext, http } };
  return replyOf(await (cards as unknown as Invoke)(strayed as never, {} as never));
}
