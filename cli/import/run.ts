import { exits, Failure } from '../failure.ts';
import { isRecord } from '../json.ts';
import type { Client } from './client.ts';
import type { Item, Refusal } from './lines.ts';
import { codeOf, describe, refusalsOf, unexpected } from './refusals.ts';
import { createRest, type Rest, type RestOptions } from './rest.ts';
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

export interface RunOptions extends RestOptions {
  /** Whose key the client has: what was sent is asked for under its name. */
  channel: string;
  /** Enrol members by their e-mail before their first line. */
  enrol: boolean;
  /** Move the local clock to each step's time. */
  clock: boolean;
  onProgress: (line: number) => void;
}

export function emptyTally(): Tally {
  return { lines: 0, purchases: 0, refunds: 0, enrolled: 0, refusals: [] };
}

/**
 * Sends the steps one after another into `tally`, each only when everything behind the API has come to rest.
 * Throws a Failure, which names the line to resume at, when the system cannot go on.
 */
export async function runSteps(
  steps: AsyncIterable<Step | Refusal>,
  tally: Tally,
  options: RunOptions,
): Promise<void> {
  const known = new Set<string>();
  const rest = createRest(options);
  for await (const step of steps) {
    if (step.kind === 'refused') {
      tally.lines += 1;
      tally.refusals.push(step);
      continue;
    }
    const [first] = step.items;
    try {
      await send(step, tally, known, rest, options);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const { exit, problem } = error;
      const details = { cause: error, ...(problem && { problem }) };
      throw new Failure(exit, `${error.message} Resume with --from ${first.line}.`, details);
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

async function send(
  step: Step,
  tally: Tally,
  known: Set<string>,
  rest: Rest,
  options: RunOptions,
): Promise<void> {
  const { client, channel } = options;
  const [first] = step.items;
  if (options.clock && first.occurredAt !== undefined) await moveClock(client, first.occurredAt, rest);
  const refused = options.enrol ? await enrolMembers(client, step.items, known, tally) : new Set<Item>();
  const items = step.items.filter((item) => !refused.has(item));
  if (items.length === 0) return;
  const kind = step.kind === 'refund' ? 'refunds' : 'purchases';
  const accepted = await post(options, { ...step, items: items as Step['items'] }, tally);
  await rest(accepted.map(({ body }) => `/v1/${kind}/${encodeURIComponent(`${channel}:${body['id']}`)}`));
}

/** Forward only: a system that stands later than the line is left there. */
async function moveClock(client: Client, to: number, rest: Rest): Promise<void> {
  const read = await client.call('GET', '/local/clock');
  const now = isRecord(read.body) ? Date.parse(String(read.body['now'])) : Number.NaN;
  if (read.status !== 200 || Number.isNaN(now)) throw unexpected('GET /local/clock', read);
  if (now >= to) return;
  const moved = await client.call('PUT', '/local/clock', { now: new Date(to).toISOString() });
  if (moved.status < 200 || moved.status > 299) throw unexpected('PUT /local/clock', moved);
  await rest([]);
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

/** Answers the items that were posted, now or before. */
async function post({ client, channel }: RunOptions, { kind, items }: Step, tally: Tally): Promise<Item[]> {
  const operation = 'POST /v1/imports';
  const bodies = items.map(({ body }) => (kind === 'refund' ? { type: 'refund', ...body } : body));
  const answer = await client.call('POST', '/v1/imports', { channel, items: bodies });
  const results = isRecord(answer.body) ? answer.body['results'] : undefined;
  if (answer.status !== 200) {
    for (const item of items) tally.refusals.push(...refusalsOf(operation, item, answer));
    return [];
  }
  if (!Array.isArray(results) || results.length !== items.length)
    throw new Failure(
      exits.unknown,
      `${operation} answered without one result for each of ${items.length} lines.`,
    );
  return items.filter((item, index) => {
    const result: unknown = results[index];
    const { status, error } = isRecord(result) ? result : {};
    const isPosted = status === 'posted' || status === 'duplicate';
    if (isPosted) tally[kind === 'refund' ? 'refunds' : 'purchases'] += 1;
    else if (status === 'conflict') tally.refusals.push(conflictOf(item));
    else tally.refusals.push(...describe(item.line, error));
    return isPosted;
  });
}

/** The first stays; what came under its id is an exception that operators see. */
function conflictOf({ line, kind }: Item): Refusal {
  const message = `was posted before with other content; the first stays, and ${kind}_conflict is listed.`;
  return { kind: 'refused', line, code: `${kind}_conflict`, path: 'id', message };
}
