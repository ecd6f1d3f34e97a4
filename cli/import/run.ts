import { exits, Failure } from '../failure.ts';
import { isRecord } from '../json.ts';
import type { Item, Refusal } from './lines.ts';
import { codeOf, describe, refusalsOf, unexpected } from './refusals.ts';
import { type RestOptions, rest } from './rest.ts';
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
  /** Whose documents they are. */
  channel: string;
  /** Enrol members by their e-mail before their first line. */
  enrol: boolean;
  /** Move the local clock to each step's latest time. */
  clock: boolean;
  onProgress: (line: number) => void;
}

export function emptyTally(): Tally {
  return { lines: 0, purchases: 0, refunds: 0, enrolled: 0, refusals: [] };
}

/**
 * Sends the steps one after another into `tally`, and waits until all that they caused is done.
 * Throws a Failure, which names the line to resume at, when the system cannot go on.
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
      if (!(error instanceof Failure)) throw error;
      const { exit, problem } = error;
      const details = { cause: error, ...(problem && { problem }) };
      throw new Failure(exit, `${error.message} Resume with --from ${first.line}.`, details);
    }
    tally.lines += step.items.length;
    options.onProgress(step.items.at(-1)?.line ?? first.line);
  }
  await rest(options);
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
    for (const item of step.items) tally[countOf(item)] += 1;
    for (const { email } of step.items) if (enrol && email !== undefined) emails.add(email.toLowerCase());
  }
  tally.enrolled = emails.size;
}

function countOf({ kind }: Item): 'purchases' | 'refunds' {
  return kind === 'refund' ? 'refunds' : 'purchases';
}

async function send(
  { items: all }: Step,
  tally: Tally,
  known: Set<string>,
  options: RunOptions,
): Promise<void> {
  if (options.clock) await moveClock(options, latestOf(all));
  const refused = options.enrol ? await enrolMembers(options, all, known, tally) : new Set<Item>();
  const items = all.filter((item) => !refused.has(item));
  if (items.length > 0) await post(options, items, tally);
}

/** Epoch milliseconds; negative infinity where no line says when it happened. */
function latestOf(items: readonly Item[]): number {
  return items.reduce((latest, { occurredAt = latest }) => Math.max(latest, occurredAt), -Infinity);
}

/** Forward only: a system that stands later than the lines is left there. */
async function moveClock(options: RunOptions, to: number): Promise<void> {
  const { client } = options;
  const read = await client.call('GET', '/local/clock');
  const now = isRecord(read.body) ? Date.parse(String(read.body['now'])) : Number.NaN;
  if (read.status !== 200 || Number.isNaN(now)) throw unexpected('GET /local/clock', read);
  if (now >= to) return;
  const moved = await client.call('PUT', '/local/clock', { now: new Date(to).toISOString() });
  if (moved.status < 200 || moved.status > 299) throw unexpected('PUT /local/clock', moved);
  await rest(options);
}

/** Members that are made at the same time: who joins does not wait for the others. */
const enrolmentsAtOnce = 4;

/** Answers the items whose member the API would not enrol; their lines are not sent. */
async function enrolMembers(
  { client }: RunOptions,
  items: readonly Item[],
  known: Set<string>,
  tally: Tally,
): Promise<Set<Item>> {
  const refused = new Set<Item>();
  const unknown = Map.groupBy(
    items.filter(({ email }) => email !== undefined && !known.has(email.toLowerCase())),
    ({ email }) => email?.toLowerCase() ?? '',
  );
  const enrol = async ([email, of]: [string, Item[]]) => {
    const [first] = of as [Item];
    const answer = await client.call('POST', '/v1/members', { email: first.email });
    if (answer.status === 201) tally.enrolled += 1;
    else if (codeOf(answer.body) !== 'member_exists') {
      for (const item of of) {
        tally.refusals.push(...refusalsOf('POST /v1/members', item, answer));
        refused.add(item);
      }
      return;
    }
    known.add(email);
  };
  const waiting = unknown.entries();
  const caller = async () => {
    for (const one of waiting) await enrol(one);
  };
  await Promise.all(Array.from({ length: enrolmentsAtOnce }, caller));
  return refused;
}

async function post({ client, channel }: RunOptions, items: readonly Item[], tally: Tally): Promise<void> {
  const operation = 'POST /v1/imports';
  const bodies = items.map(({ kind, body }) => (kind === 'refund' ? { type: 'refund', ...body } : body));
  const answer = await client.call('POST', '/v1/imports', { channel, items: bodies });
  const results = isRecord(answer.body) ? answer.body['results'] : undefined;
  if (answer.status !== 200) {
    for (const item of items) tally.refusals.push(...refusalsOf(operation, item, answer));
    return;
  }
  if (!Array.isArray(results) || results.length !== items.length)
    throw new Failure(
      exits.unknown,
      `${operation} answered without one result for each of ${items.length} lines.`,
    );
  for (const [index, item] of items.entries()) {
    const result: unknown = results[index];
    const { status, error } = isRecord(result) ? result : {};
    if (status === 'posted' || status === 'duplicate') tally[countOf(item)] += 1;
    else if (status === 'conflict') tally.refusals.push(conflictOf(item));
    else tally.refusals.push(...describe(item.line, error));
  }
}

/** The first stays; what came under its id is an exception that operators see. */
function conflictOf({ line, kind }: Item): Refusal {
  const message = `was posted before with other content; the first stays, and ${kind}_conflict is listed.`;
  return { kind: 'refused', line, code: `${kind}_conflict`, path: 'id', message };
}
