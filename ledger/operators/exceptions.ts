/**
 * What an operator should look at. An exception's id follows from what it is about, so a redelivered event
 * does not list it twice; its writes ride in the transaction of what it is about.
 */
import { type DeadLetterConsumer, deadLetterConsumers } from '../../core/contract/events.ts';
import type { ExceptionId, MemberId } from '../../core/contract/ids.ts';
import { base32, makeId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { ExceptionAnswer, ExceptionType } from '../../core/contract/shapes/exception.ts';
import { settleConflict } from '../purchases/conflicts.ts';
import type { LedgerContext } from '../store/context.ts';
import { decideOnce, type Once, outcomeOf, type Reply } from '../store/idempotency.ts';
import {
  type DeadLetter,
  exceptionPk,
  exceptionShards,
  exceptionTypePk,
  fromItem,
  keys,
  toItem,
} from '../store/items.ts';
import { absent, type Item, present, type Write } from '../store/store.ts';
import { auditWrite, type Operator } from './audit.ts';
import { moveWrites, placeWrites, replaceWrites, unplacedPartitions } from './exception-places.ts';

export interface NewException {
  readonly type: ExceptionType;
  readonly subject: string;
  readonly memberId: MemberId | null;
  readonly detail: string;
  readonly data: unknown;
  /** What tells two exceptions of one type and subject apart: a content hash, or empty. */
  readonly distinction?: string;
  /** When what it is about happened: the id's time part, so the newest come first. */
  readonly occurredAt: string;
}

/** ULID-shaped: 48 bits of time, then 80 bits of what it is about, hashed. */
export function exceptionId(
  context: LedgerContext,
  about: Pick<NewException, 'type' | 'subject' | 'distinction' | 'occurredAt'>,
): ExceptionId {
  const digest = context.sha256(`${about.type} ${about.subject} ${about.distinction ?? ''}`);
  const bytes = Buffer.from(digest, 'base64url').subarray(0, 16);
  const random = [...bytes].map((byte) => base32(byte, 1)).join('');
  return makeId('exception', base32(Date.parse(about.occurredAt), 10) + random);
}

function opening(context: LedgerContext, opened: NewException, now: number): ExceptionAnswer {
  return {
    exceptionId: exceptionId(context, opened),
    type: opened.type,
    status: 'open',
    subject: opened.subject,
    memberId: opened.memberId,
    detail: opened.detail,
    data: opened.data,
    openedAt: utc(now),
    resolvedAt: null,
  };
}

/** The writes that list an exception, with its places. Writing it again changes nothing that matters. */
export function openException(context: LedgerContext, opened: NewException, now: number): Write[] {
  const exception = opening(context, opened, now);
  return [putOpen(exception), ...placeWrites(context, exception, now)];
}

function putOpen(exception: ExceptionAnswer) {
  return { put: toItem(keys.exception(exception.exceptionId, 'open'), 'exception', exception) };
}

/**
 * The writes that list an exception, refused where it was listed before, whatever became of it since: what was
 * dismissed stays dismissed.
 */
export function openOnce(context: LedgerContext, opened: NewException, now: number): Write[] {
  const exception = opening(context, opened, now);
  return [
    { ...putOpen(exception), if: absent },
    { check: keys.exception(exception.exceptionId, 'resolved'), if: absent },
    ...placeWrites(context, exception, now),
  ];
}

/**
 * The writes that move an exception from open to resolved; `operator` is who made that happen, and is then
 * audited with it.
 */
export function resolveException(
  context: LedgerContext,
  opened: NewException,
  openedAt: string,
  now: number,
  operator?: Operator,
): Write[] {
  const id = exceptionId(context, opened);
  const { distinction: _distinction, occurredAt: _occurredAt, ...said } = opened;
  const resolved: ExceptionAnswer = {
    exceptionId: id,
    ...said,
    status: 'resolved',
    openedAt,
    resolvedAt: utc(now),
    ...(operator ? { handledBy: handled(operator, null) } : {}),
  };
  return [
    { delete: keys.exception(id, 'open') },
    { put: toItem(keys.exception(id, 'resolved'), 'exception', resolved) },
    // Somebody may have dismissed it before it resolved itself.
    ...moveWrites(resolved, ['open', 'dismissed'], 'resolved'),
    ...(operator ? [auditWrite(context, operator, retryOf(id), now)] : []),
  ];
}

/** How the audit names that an operator tried an exception again. */
export function retryOf(id: ExceptionId) {
  return { action: 'retry_exception', subject: id, reason: null };
}

function handled({ keyId, name }: Operator, reason: string | null) {
  return { keyId, name, reason };
}

/** The writes by which an operator closes an exception that is still open, and the exception after them. */
export function closeException(
  exception: ExceptionAnswer,
  status: 'resolved' | 'dismissed',
  by: { readonly operator: Operator; readonly reason: string | null },
  now: number,
): { closed: ExceptionAnswer; writes: Write[] } {
  const { exceptionId: id } = exception;
  const handledBy = handled(by.operator, by.reason);
  const closed: ExceptionAnswer = { ...exception, status, resolvedAt: utc(now), handledBy };
  const consumer = resendable(exception)?.consumer;
  return {
    closed,
    writes: [
      { delete: keys.exception(id, 'open'), if: present },
      { put: toItem(keys.exception(id, status), 'exception', closed) },
      ...moveWrites(exception, ['open'], status),
      ...(consumer ? [{ delete: keys.deadLetter(consumer, id) }] : []),
    ],
  };
}

/** What a dead letter holds. */
export function deadLetterOf({ type, data }: ExceptionAnswer): DeadLetter | undefined {
  return type === 'dead_letter' ? (data as DeadLetter) : undefined;
}

/** A dead letter that can be sent again, whose consumer is then one of the list. */
export function resendable(
  exception: ExceptionAnswer,
): (DeadLetter & { readonly consumer: DeadLetterConsumer; readonly sendTo: string }) | undefined {
  const letter = deadLetterOf(exception);
  const consumer = deadLetterConsumers.find((one) => one === letter?.consumer);
  if (!letter || letter.sendTo === null || consumer === undefined) return undefined;
  return { ...letter, consumer, sendTo: letter.sendTo };
}

/** An exception by its id, open or not. */
export async function getException(
  context: LedgerContext,
  id: ExceptionId,
): Promise<ExceptionAnswer | undefined> {
  const item =
    (await context.store.get(keys.exception(id, 'open'))) ??
    (await context.store.get(keys.exception(id, 'resolved')));
  return item && fromItem(item, 'exception');
}

export type Closed =
  | { readonly type: 'done'; readonly exception: ExceptionAnswer }
  | { readonly type: 'missing' }
  | ({ readonly type: 'closed' } & Pick<ExceptionAnswer, 'status' | 'handledBy'>);

/** That an exception was closed before, and by whom. */
export function closedBefore({ status, handledBy }: ExceptionAnswer): Closed {
  return { type: 'closed', status, ...(handledBy ? { handledBy } : {}) };
}

/** Closes an exception without doing anything about it; who and why stay with it. */
export async function dismissException(
  context: LedgerContext,
  id: ExceptionId,
  by: { readonly operator: Operator; readonly reason: string },
  now: number,
): Promise<Closed> {
  return outcomeOf<Closed>((reply) => dismissExceptionOnce(context, id, by, reply, now));
}

/** The same, once for a key: whoever repeats the request gets the answer to the first. */
export async function dismissExceptionOnce(
  context: LedgerContext,
  id: ExceptionId,
  by: { readonly operator: Operator; readonly reason: string },
  reply: Reply<Closed>,
  now: number,
): Promise<Once> {
  return decideOnce(context, `Dismissing ${id}`, reply.once, now, async () => {
    const refused = (outcome: Closed) => ({ answer: reply.answer(outcome), writes: [] });
    const exception = await getException(context, id);
    if (!exception) return refused({ type: 'missing' });
    if (exception.status !== 'open') return refused(closedBefore(exception));
    const { closed, writes } = closeException(exception, 'dismissed', by, now);
    const done = { action: 'dismiss_exception', subject: id, reason: by.reason };
    const audit = auditWrite(context, by.operator, done, now);
    return {
      answer: reply.answer({ type: 'done', exception: closed }),
      writes: [
        ...writes,
        // Who writes down why may have written whom.
        ...replaceWrites(context, exception, closed),
        ...(await settleConflict(context, exception)),
        audit,
      ],
    };
  });
}

interface Wanted {
  readonly status: ExceptionAnswer['status'];
  readonly type?: ExceptionType;
  /** The last id of the page before. */
  readonly after?: string;
  readonly limit: number;
}

interface Page {
  readonly items: ExceptionAnswer[];
  readonly next: string | null;
}

/** A page of exceptions, newest first, over all shards. */
export async function listExceptions(context: LedgerContext, wanted: Wanted): Promise<Page> {
  const { type } = wanted;
  if (type !== undefined && (await unplacedPartitions(context)).length === 0)
    return listByType(context, { ...wanted, type });
  return listAll(context, wanted);
}

/** Of one type, by their places: what is read is what is answered. */
async function listByType(
  context: LedgerContext,
  { status, type, after, limit }: Wanted & { readonly type: ExceptionType },
): Promise<Page> {
  const places = await newestOfAllShards(
    context,
    (shard) => exceptionTypePk(status, type, shard),
    after,
    limit,
  );
  const found = await Promise.all(
    places.map(({ sk }) => context.store.get(keys.exception(sk as ExceptionId, status))),
  );
  // One that has moved to another state meanwhile is not there any more.
  const items = found.flatMap((item) => (item ? [fromItem(item, 'exception')] : []));
  return {
    items: items.filter((exception) => exception.status === status),
    next: places.length < limit ? null : (places.at(-1)?.sk ?? null),
  };
}

async function listAll(context: LedgerContext, wanted: Wanted): Promise<Page> {
  const items: ExceptionAnswer[] = [];
  let { after } = wanted;
  // What is rare among much else is looked for in a bounded number of pages; the cursor goes on.
  for (let round = 0; round < 20; round++) {
    const partitionOf = (shard: number) => exceptionPk(wanted.status, shard);
    const page = await newestOfAllShards(context, partitionOf, after, wanted.limit);
    for (const exception of page.map((item) => fromItem(item, 'exception'))) {
      after = exception.exceptionId;
      if (exception.status !== wanted.status) continue;
      if (wanted.type !== undefined && exception.type !== wanted.type) continue;
      items.push(exception);
      if (items.length === wanted.limit) return { items, next: after };
    }
    if (page.length < wanted.limit) return { items, next: null };
  }
  return { items, next: after ?? null };
}

/** The newest of some items that lie under their exceptions' ids in as many partitions as exceptions have shards. */
async function newestOfAllShards(
  context: LedgerContext,
  partitionOf: (shard: number) => string,
  after: string | undefined,
  limit: number,
): Promise<Item[]> {
  const range = { prefix: '', descending: true, limit, ...(after === undefined ? {} : { after }) };
  const shards = Array.from({ length: exceptionShards }, (_, shard) =>
    context.store.query(partitionOf(shard), range),
  );
  const pages = await Promise.all(shards);
  return pages
    .flat()
    .sort((a, b) => (a.sk < b.sk ? 1 : -1))
    .slice(0, limit);
}
