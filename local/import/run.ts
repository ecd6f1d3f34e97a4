import { type Answer, type Client, ImportStopped } from './client.ts';
import { type Item, isRecord, type Refusal } from './lines.ts';
import type { Step } from './steps.ts';

/** What an import did, or with `--dry-run` would do. */
export interface Tally {
  /** Lines that were dealt with, empty ones left out. */
  lines: number;
  /** Accepted by the API. */
  purchases: number;
  refunds: number;
  /** New members; those that the API knew already do not count. */
  enrolled: number;
  refusals: Refusal[];
}

export interface RunOptions {
  client: Client;
  /** Enrol members by their e-mail before their first line. */
  enrol: boolean;
  /** Move the local clock to each step's time. */
  clock: boolean;
  onProgress: (line: number) => void;
}

/** The API answers 408 after this many seconds; so often it is asked again. */
const IDLE_SECONDS = 15;
const IDLE_ATTEMPTS_MAX = 40;

export function emptyTally(): Tally {
  return { lines: 0, purchases: 0, refunds: 0, enrolled: 0, refusals: [] };
}

/**
 * Sends the steps one after another into `tally`, each only when everything behind the API has come to rest.
 * Throws ImportStopped, which names the line to resume at, when the system cannot go on.
 */
export async function runSteps(
  steps: AsyncIterable<Step | Refusal>,
  tally: Tally,
  options: RunOptions,
): Promise<void> {
  const known = new Set<string>();
  for await (const step of steps) {
    if (step.kind === 'refused') {
      tally.lines += 1;
      tally.refusals.push(step);
      continue;
    }
    const [first] = step.items;
    try {
      await send(step, tally, known, options);
    } catch (error) {
      if (!(error instanceof ImportStopped)) throw error;
      throw new ImportStopped(`${error.message} Resume with --from ${first.line}.`, { cause: error });
    }
    tally.lines += step.items.length;
    options.onProgress(step.items.at(-1)?.line ?? first.line);
  }
}

/** What `--dry-run` does instead: counts what would be sent, taking every member for unknown. */
export async function countSteps(
  steps: AsyncIterable<Step | Refusal>,
  tally: Tally,
  { enrol }: { enrol: boolean },
): Promise<void> {
  const emails = new Set<string>();
  for await (const step of steps) {
    if (step.kind === 'refused') {
      tally.lines += 1;
      tally.refusals.push(step);
      continue;
    }
    tally.lines += step.items.length;
    tally[step.kind === 'refund' ? 'refunds' : 'purchases'] += step.items.length;
    for (const { email } of step.items) if (enrol && email !== undefined) emails.add(email.toLowerCase());
  }
  tally.enrolled = emails.size;
}

async function send(step: Step, tally: Tally, known: Set<string>, options: RunOptions): Promise<void> {
  const { client } = options;
  const [first] = step.items;
  if (options.clock && first.occurredAt !== undefined) await moveClock(client, first.occurredAt);
  const refused = options.enrol ? await enrolMembers(client, step.items, known, tally) : new Set<Item>();
  const items = step.items.filter((item) => !refused.has(item));
  if (items.length === 0) return;
  if (step.kind === 'refund') await postRefund(client, first, tally);
  else await postPurchases(client, items, tally);
  await untilIdle(client);
}

/** Forward only: a system that stands later than the line is left there. */
async function moveClock(client: Client, to: number): Promise<void> {
  const read = await client.call('GET', '/local/clock');
  const now = isRecord(read.body) ? Date.parse(String(read.body['now'])) : Number.NaN;
  if (read.status !== 200 || Number.isNaN(now)) throw unexpected('GET /local/clock', read);
  if (now >= to) return;
  const moved = await client.call('PUT', '/local/clock', { now: new Date(to).toISOString() });
  if (moved.status < 200 || moved.status > 299) throw unexpected('PUT /local/clock', moved);
  await untilIdle(client);
}

/** Answers the items whose member the API would not enrol; their lines are not sent. */
async function enrolMembers(
  client: Client,
  items: Item[],
  known: Set<string>,
  tally: Tally,
): Promise<Set<Item>> {
  const refused = new Set<Item>();
  for (const item of items) {
    const key = item.email?.toLowerCase();
    if (key === undefined || known.has(key)) continue;
    const answer = await client.call('POST', '/v1/members', { email: item.email });
    if (answer.status === 201) tally.enrolled += 1;
    else if (codeOf(answer.body) !== 'member_exists') {
      tally.refusals.push(...refusalsOf('POST /v1/members', item, answer));
      refused.add(item);
      continue;
    }
    known.add(key);
  }
  return refused;
}

async function postPurchases(client: Client, items: Item[], tally: Tally): Promise<void> {
  const operation = 'POST /v1/purchases/batch';
  const answer = await client.call('POST', '/v1/purchases/batch', {
    purchases: items.map(({ body }) => body),
  });
  const results = isRecord(answer.body) ? answer.body['results'] : undefined;
  if (answer.status !== 200) {
    for (const item of items) tally.refusals.push(...refusalsOf(operation, item, answer));
    return;
  }
  if (!Array.isArray(results) || results.length !== items.length) {
    throw new ImportStopped(
      `${operation} answered without one result for each of ${items.length} purchases.`,
    );
  }
  for (const [index, item] of items.entries()) {
    const result: unknown = results[index];
    const accepted = isRecord(result) && result['status'] === 'accepted';
    if (accepted) tally.purchases += 1;
    else tally.refusals.push(...describe(item.line, isRecord(result) ? result['error'] : undefined));
  }
}

async function postRefund(client: Client, item: Item, tally: Tally): Promise<void> {
  const answer = await client.call('POST', '/v1/refunds', item.body);
  if (answer.status === 202) tally.refunds += 1;
  else tally.refusals.push(...refusalsOf('POST /v1/refunds', item, answer));
}

async function untilIdle(client: Client): Promise<void> {
  for (let attempt = 1; attempt <= IDLE_ATTEMPTS_MAX; attempt++) {
    const answer = await client.call('GET', `/local/idle?timeout=${IDLE_SECONDS}`);
    if (answer.status === 200) return;
    if (answer.status !== 408) throw unexpected('GET /local/idle', answer);
    if (attempt === 1)
      console.error('Waiting for the system to come to rest: something is being tried again …');
  }
  throw new ImportStopped(`The system did not come to rest in ${IDLE_ATTEMPTS_MAX * IDLE_SECONDS} s.`);
}

/** A refusal that the next line may not meet (400, 404, 409, 413, 422) is the line's; any other ends the import. */
function refusalsOf(operation: string, item: Item, answer: Answer): Refusal[] {
  const isTheLines = [400, 404, 409, 413, 422].includes(answer.status);
  if (!isTheLines) throw unexpected(operation, answer);
  return describe(item.line, answer.body);
}

function unexpected(operation: string, { status, body }: Answer): ImportStopped {
  const { code = 'without a problem', detail = 'its body says nothing more.' } = isRecord(body) ? body : {};
  return new ImportStopped(`${operation} answered ${status} ${code}: ${detail}`);
}

/** One refusal for each error of an RFC 9457 problem, or one for the whole. */
function describe(line: number, problem: unknown): Refusal[] {
  const { code, detail, title, errors } = isRecord(problem) ? problem : {};
  const common = { kind: 'refused', line, code: String(code ?? 'unknown') } as const;
  const named = Array.isArray(errors) ? errors.filter(isRecord) : [];
  if (named.length === 0)
    return [{ ...common, path: '', message: String(detail ?? title ?? 'No reason was given.') }];
  return named.map(({ path, message }) => ({
    ...common,
    path: String(path ?? ''),
    message: String(message ?? detail),
  }));
}

function codeOf(problem: unknown): unknown {
  return isRecord(problem) ? problem['code'] : undefined;
}
