/**
 * Messages that could not be handled, as exceptions that operators see, send again or dismiss. Those that can be
 * sent again also stand in a partition of their own, in order of their consumers, so that they are found among
 * however many other exceptions.
 */
import type { DeadLetterConsumer } from '../../core/contract/events.ts';
import type { ExceptionId, MemberId } from '../../core/contract/ids.ts';
import type { ExceptionAnswer } from '../../core/contract/shapes/exception.ts';
import type { LedgerContext } from '../store/context.ts';
import { commit } from '../store/decide.ts';
import { type DeadLetter, deadLetterPk, fromItem, keys, toItem } from '../store/items.ts';
import { scanPartition, type Write } from '../store/store.ts';
import { type Operator, writeAudit } from './audit.ts';
import {
  type Closed,
  closedBefore,
  closeException,
  exceptionId,
  getException,
  type NewException,
  openOnce,
  resendable,
} from './exceptions.ts';

export interface NewDeadLetter extends DeadLetter {
  /** The message's id, or what names the entry: the same one is listed once. */
  readonly subject: string;
  /** When it was sent or recorded first (RFC 3339); the same whenever it comes. */
  readonly sentAt: string;
  readonly memberId: MemberId | null;
  readonly detail: string;
}

/**
 * Lists a dead letter, unless it was listed before, whatever became of it since.
 * @param also what is written with it, and is not where it was listed before
 * @throws LedgerUnavailable when it is not certain to be listed: the message has to stay where it is
 */
export async function listDeadLetter(
  context: LedgerContext,
  wanted: NewDeadLetter,
  now: number,
  also: readonly Write[] = [],
): Promise<'listed' | 'known'> {
  const { subject, sentAt, memberId, detail, ...data } = wanted;
  const opened: NewException = {
    type: 'dead_letter',
    subject,
    memberId,
    detail,
    data: data satisfies DeadLetter,
    occurredAt: sentAt,
  };
  const id = exceptionId(context, opened);
  const consumer = resendable({ type: 'dead_letter', data } as ExceptionAnswer)?.consumer;
  const met = await commit(context, `Listing the dead letter ${subject}`, [
    ...openOnce(context, opened, now),
    ...also,
    ...(consumer
      ? [{ put: toItem(keys.deadLetter(consumer, id), 'deadLetter', { consumer, exceptionId: id }) }]
      : []),
  ]);
  return met ? 'known' : 'listed';
}

/** The oldest open dead letters of one consumer, or of all, that can be sent again. */
export async function openDeadLetters(
  context: LedgerContext,
  consumer: DeadLetterConsumer | undefined,
  limit: number,
): Promise<ExceptionAnswer[]> {
  const places = await context.store.query(deadLetterPk, { prefix: prefixOf(consumer), limit });
  const found = await Promise.all(
    places.map((item) => getException(context, fromItem(item, 'deadLetter').exceptionId)),
  );
  return found.flatMap((exception) => (exception?.status === 'open' ? [exception] : []));
}

/** How many open dead letters can be sent again, counted up to a bound. */
export async function countDeadLetters(
  context: LedgerContext,
  consumer: DeadLetterConsumer | undefined,
  countMax: number,
): Promise<number> {
  let count = 0;
  for await (const _ of scanPartition(context.store, deadLetterPk, prefixOf(consumer)))
    if (++count === countMax) break;
  return count;
}

function prefixOf(consumer: DeadLetterConsumer | undefined): string {
  return consumer === undefined ? '' : `${consumer}#`;
}

/**
 * Remembers that an operator is about to send dead letters again: before it is done, since a message that was
 * sent cannot be unsent.
 */
export async function auditSending(
  context: LedgerContext,
  operator: Operator,
  done: { readonly action: string; readonly subject: string; readonly reason: string | null },
  now: number,
): Promise<void> {
  await writeAudit(context, operator, done, now);
}

/** Resolves a dead letter that was sent again. Two who send it at the same moment send it twice, and resolve it once. */
export async function resolveDeadLetter(
  context: LedgerContext,
  id: ExceptionId,
  operator: Operator,
  now: number,
): Promise<Closed> {
  const exception = await getException(context, id);
  if (!exception) return { type: 'missing' };
  if (exception.status !== 'open') return closedBefore(exception);
  const { closed, writes } = closeException(exception, 'resolved', { operator, reason: null }, now);
  const met = await commit(context, `Resolving ${id}`, writes);
  return met ? { type: 'closed', status: 'resolved' } : { type: 'done', exception: closed };
}
