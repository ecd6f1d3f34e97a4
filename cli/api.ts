/** The API as the commands call it: typed by the route table, refusals and lost answers as failures. */
import type { ProblemBody } from '../core/contract/errors.ts';
import type { AnswerFrom, Endpoint, RequestTo } from './contract.ts';
import { exits, Failure } from './failure.ts';
import { isRecord } from './json.ts';
import type { Answer, Lost, Send } from './sender.ts';

export interface Api {
  readonly baseUrl: string;
  /** @throws Failure when the system refuses, is not reached, or what became of the request is unknown */
  call<E extends Endpoint>(endpoint: E, request: RequestTo<E>): Promise<AnswerFrom<E>>;
  /** The same for a body that is no JSON, with the cursor that its `Link` header names. */
  text<E extends Endpoint>(endpoint: E, request: RequestTo<E>): Promise<TextPage>;
}

export interface TextPage {
  readonly text: string;
  readonly cursor: string | null;
}

export interface ApiOptions {
  readonly baseUrl: string;
  readonly send: Send;
  /** Told of a change that is sent, and when its outcome is known. */
  readonly underWay?: (change: { readonly idempotencyKey?: string | undefined } | undefined) => void;
}

/** Methods that may be repeated: the second time changes nothing more. */
const repeatable = ['GET', 'PUT', 'DELETE'];
/** These only read. */
const readers = ['POST /v1/ledger/verify', 'POST /v1/program/plan'];

/** The parts of any request; which of them there are, its type says. */
interface Parts {
  readonly params?: Readonly<Record<string, string>>;
  readonly query?: Readonly<Record<string, unknown>>;
  readonly body?: unknown;
  readonly idempotencyKey?: string;
}

export function createApi({ baseUrl, send, underWay }: ApiOptions): Api {
  async function taken(endpoint: Endpoint, request: Parts): Promise<Answer> {
    const { params = {}, query = {}, body, idempotencyKey } = request;
    const [method = '', template = ''] = endpoint.split(' ');
    const reads = method === 'GET' || readers.includes(endpoint);
    if (!reads) underWay?.({ idempotencyKey });
    const sent = await send({
      method,
      path: pathOf(template, params) + queryOf(query),
      body,
      idempotencyKey,
      repeatable: reads || repeatable.includes(method) || idempotencyKey !== undefined,
    });
    underWay?.(undefined);
    const change: Change = { reads, repeatable: repeatable.includes(method), idempotencyKey };
    if ('lost' in sent) throw lostFailure(baseUrl, sent.lost, change);
    const { status, repeated } = sent.answer;
    if (status >= 200 && status < 300) return sent.answer;
    // What is not there when asked again to go has gone the first time.
    if (method === 'DELETE' && status === 404 && repeated) return { ...sent.answer, status: 204, body: null };
    throw refusal(baseUrl, sent.answer, change);
  }

  return {
    baseUrl,
    async call(endpoint, request) {
      const answer = await taken(endpoint, request as Parts);
      if (answer.body === undefined && answer.status === 200) throw strange(baseUrl, answer);
      return answer as never;
    },
    async text(endpoint, request) {
      const { text, link } = await taken(endpoint, request as Parts);
      const [, next] = /<([^>]*)>\s*;\s*rel="?next"?/.exec(link ?? '') ?? [];
      const cursor = next === undefined ? null : new URL(next, baseUrl).searchParams.get('cursor');
      return { text, cursor };
    },
  };
}

function pathOf(template: string, params: Readonly<Record<string, string>>): string {
  return template.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name] ?? ''));
}

function queryOf(query: Readonly<Record<string, unknown>>): string {
  const given = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) if (value !== undefined) given.set(name, String(value));
  return given.size === 0 ? '' : `?${given}`;
}

interface Change {
  readonly reads: boolean;
  /** By its method alone. */
  readonly repeatable: boolean;
  readonly idempotencyKey: string | undefined;
}

function problemOf({ body }: Answer): ProblemBody | undefined {
  if (!isRecord(body) || typeof body['code'] !== 'string') return undefined;
  const { errors } = body;
  return { ...(body as unknown as ProblemBody), errors: Array.isArray(errors) ? errors : [] };
}

/** What the person may do about an outcome that is unknown. */
function remedy({ reads, repeatable: safe, idempotencyKey }: Change): string {
  if (reads) return 'Try again.';
  const unknown = 'What became of it is unknown.';
  if (idempotencyKey !== undefined)
    return `${unknown} Repeating is safe with --idempotency-key ${idempotencyKey}.`;
  return safe ? `${unknown} Repeating is safe.` : `${unknown} Look before you repeat it.`;
}

function details(problem: ProblemBody | undefined, { idempotencyKey }: Change) {
  return { ...(problem && { problem }), ...(idempotencyKey !== undefined && { idempotencyKey }) };
}

function lostFailure(baseUrl: string, { trouble, attempts, sent, answer }: Lost, change: Change): Failure {
  const problem = answer && problemOf(answer);
  if (answer?.status === 429)
    return new Failure(exits.refused, `${baseUrl} is too busy; nothing was done.`, details(problem, change));
  const tried = attempts === 1 ? '' : ` (tried ${attempts} times)`;
  const message = sent
    ? `${baseUrl} gave no answer that counts, last ${trouble}${tried}. ${remedy(change)}`
    : `${baseUrl} cannot be reached, ${trouble}${tried}. Nothing was done.`;
  return new Failure(exits.unknown, message, details(problem, change));
}

function refusal(baseUrl: string, answer: Answer, change: Change): Failure {
  const problem = problemOf(answer);
  if (!problem) return strange(baseUrl, answer);
  const { title, detail, status, errors } = problem;
  // Wrong fields are listed below the message, which need not name the first of them as well.
  const isSaid = detail === title || errors.some(({ message }) => detail.includes(message));
  const words = isSaid ? `${title}.` : `${title}: ${detail}`;
  if (status < 500) return new Failure(exits.refused, words, details(problem, change));
  return new Failure(exits.unknown, `${words} ${remedy(change)}`, details(problem, change));
}

/** Something answers there, but not as this API does. */
function strange(baseUrl: string, { status }: Answer): Failure {
  return new Failure(
    exits.unknown,
    `${baseUrl} answered with status ${status} and no words of Philia's: is the address right?`,
  );
}
