/**
 * What an operator should look at. An exception's id follows from what it is about, so a redelivered event
 * does not list it twice; its writes ride in the transaction of what it is about.
 */
import type { ExceptionId, MemberId } from '../core/contract/ids.ts';
import { base32, makeId } from '../core/contract/ids.ts';
import { type ExceptionAnswer, type ExceptionType, utc } from '../core/contract/shapes.ts';
import type { LedgerContext } from './context.ts';
import { exceptionPk, exceptionShards, fromItem, keys, toItem } from './items.ts';
import type { Write } from './store.ts';

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

/** The write that lists an exception. Writing it again changes nothing that matters. */
export function openException(context: LedgerContext, opened: NewException, now: number): Write {
  const id = exceptionId(context, opened);
  const exception: ExceptionAnswer = {
    exceptionId: id,
    type: opened.type,
    status: 'open',
    subject: opened.subject,
    memberId: opened.memberId,
    detail: opened.detail,
    data: opened.data,
    openedAt: utc(now),
    resolvedAt: null,
  };
  return { put: toItem(keys.exception(id, 'open'), 'exception', exception) };
}

/** The writes that move an exception from open to resolved. */
export function resolveException(
  context: LedgerContext,
  opened: NewException,
  openedAt: string,
  now: number,
): Write[] {
  const id = exceptionId(context, opened);
  const { distinction: _distinction, occurredAt: _occurredAt, ...said } = opened;
  const resolved: ExceptionAnswer = {
    exceptionId: id,
    ...said,
    status: 'resolved',
    openedAt,
    resolvedAt: utc(now),
  };
  return [
    { delete: keys.exception(id, 'open') },
    { put: toItem(keys.exception(id, 'resolved'), 'exception', resolved) },
  ];
}

/** A page of exceptions, newest first, over all shards. `after` is the last id of the page before. */
export async function listExceptions(
  context: LedgerContext,
  wanted: { status: ExceptionAnswer['status']; type?: ExceptionType; after?: string; limit: number },
): Promise<{ items: ExceptionAnswer[]; next: string | null }> {
  const items: ExceptionAnswer[] = [];
  let after = wanted.after;
  // A type that is rare among many others is looked for in a bounded number of pages; the cursor goes on.
  for (let round = 0; round < 20; round++) {
    const page = await newestOfAllShards(context, wanted.status, after, wanted.limit);
    for (const exception of page) {
      after = exception.exceptionId;
      if (wanted.type !== undefined && exception.type !== wanted.type) continue;
      items.push(exception);
      if (items.length === wanted.limit) return { items, next: after };
    }
    if (page.length < wanted.limit) return { items, next: null };
  }
  return { items, next: after ?? null };
}

async function newestOfAllShards(
  context: LedgerContext,
  status: ExceptionAnswer['status'],
  after: string | undefined,
  limit: number,
): Promise<ExceptionAnswer[]> {
  const range = { prefix: '', descending: true, limit, ...(after === undefined ? {} : { after }) };
  const shards = Array.from({ length: exceptionShards }, (_, shard) =>
    context.store.query(exceptionPk(status, shard), range),
  );
  const pages = await Promise.all(shards);
  return pages
    .flat()
    .map((item) => fromItem(item, 'exception'))
    .sort((a, b) => (a.exceptionId < b.exceptionId ? 1 : -1))
    .slice(0, limit);
}
