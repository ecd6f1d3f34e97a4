/** What needs a person, and what an operator does about it: tries it again, or dismisses it. */
import type { Channels } from '../../core/channels.ts';
import { Problem } from '../../core/contract/errors.ts';
import { channelOf, type PurchaseId } from '../../core/contract/ids.ts';
import type { ExceptionAnswer } from '../../core/contract/shapes/exception.ts';
import {
  type Attempt,
  auditSending,
  type Closed,
  claimAgain,
  deadLetterOf,
  dismissExceptionOnce as dismiss,
  findOnce,
  getException,
  type Holder,
  listExceptions as list,
  matchAgain,
  postAs,
  type Retried,
  retryExceptionOnce,
  retryOf,
  type StoredAnswer,
  sentAgain,
} from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { decodeCursor, encodeCursor } from '../kit/cursor.ts';
import { parseShallow } from '../kit/json.ts';
import { purchaseIdAt } from '../kit/references.ts';
import { type Answer, type HttpRequest, onceAnswer, operatorOf, refusalOf } from '../kit/serve.ts';
import { programOf } from '../members/present.ts';
import { notSendable, sendAgain } from './dead-letters.ts';

/** A dead letter's body is kept as the text that it is, and shown as the JSON that it mostly is. */
function exceptionAnswer(exception: ExceptionAnswer): ExceptionAnswer {
  const letter = deadLetterOf(exception);
  return letter ? { ...exception, data: { ...letter, body: parseShallow(letter.body) } } : exception;
}

/** A function's answer has 6 MB at most, and a message up to a quarter of one: a page ends before that. */
const bytesMax = 4 * 1024 * 1024;

/** The first of some exceptions that fit into one answer; at least one does. */
function fitting(exceptions: readonly ExceptionAnswer[]): ExceptionAnswer[] {
  let bytes = 0;
  return exceptions.filter((exception, index) => {
    bytes += Buffer.byteLength(JSON.stringify(exception));
    return index === 0 || bytes <= bytesMax;
  });
}

export async function listExceptions({ query }: HttpRequest<'listExceptions'>, deps: Deps): Promise<Answer> {
  const name = `exceptions ${query.status} ${query.type ?? ''}`;
  const after = decodeCursor(deps, name, query.cursor);
  const { items, next } = await list(deps.ledger, {
    status: query.status,
    limit: query.limit,
    ...(query.type === undefined ? {} : { type: query.type }),
    ...(after === undefined ? {} : { after }),
  });
  const shown = fitting(items);
  const last = shown.length < items.length ? (shown.at(-1)?.exceptionId ?? null) : next;
  return {
    status: 200,
    body: { items: shown.map(exceptionAnswer), cursor: last && encodeCursor(deps, name, last) },
  };
}

/** Who closed an exception, and how it was resolved. Why one was dismissed is in the exception alone. */
function closedBy({ status, handledBy }: Extract<Closed, { type: 'closed' }>): string {
  const how = status === 'resolved' && handledBy?.reason ? `, ${handledBy.reason}` : '';
  return `The exception is ${status}${how}${handledBy ? ` by ${handledBy.name}` : ''}.`;
}

function refusal(outcome: Exclude<Closed | Retried, { type: 'done' }>): Problem {
  switch (outcome.type) {
    case 'missing':
      return new Problem('not_found');
    case 'closed':
      return new Problem('exception_closed', closedBy(outcome));
    case 'not_retryable':
      return new Problem('exception_not_retryable', outcome.reason);
  }
}

/**
 * What is kept with a key of an exception that was closed: all but what was received, which is as large as a message
 * may be and stays with the exception itself.
 */
function keptAnswer(outcome: Closed | Retried, requestId: string): StoredAnswer {
  if (outcome.type === 'done') return { status: 200, body: { ...outcome.exception, data: null } };
  return refusalOf(refusal(outcome), requestId);
}

async function withData({ status, body, ...rest }: Answer, deps: Deps): Promise<Answer> {
  if (status >= 400) return { status, body, ...rest };
  const kept = body as ExceptionAnswer;
  const data = (await getException(deps.ledger, kept.exceptionId))?.data ?? null;
  return { status, body: exceptionAnswer({ ...kept, data }), ...rest };
}

export async function dismissException(
  { params, body, caller, once, requestId }: HttpRequest<'dismissException'>,
  deps: Deps,
): Promise<Answer> {
  const by = { operator: operatorOf(caller), reason: body.reason };
  const given = { once, answer: (outcome: Closed) => keptAnswer(outcome, requestId) };
  return withData(onceAnswer(await dismiss(deps.ledger, params.exceptionId, by, given, deps.now())), deps);
}

export async function retryException(
  { params, body, caller, once, requestId }: HttpRequest<'retryException'>,
  deps: Deps,
): Promise<Answer> {
  // What was sent cannot be unsent, so a key is asked before.
  const before = await findOnce(deps.ledger, once, deps.now());
  if (before) return withData(onceAnswer(before), deps);
  const operator = operatorOf(caller);
  const attempt: Try = (exception, found) => retry(exception, { as: body.as, operator, found }, deps);
  const given = { once, answer: (outcome: Closed | Retried) => keptAnswer(outcome, requestId) };
  const outcome = await retryExceptionOnce(deps.ledger, params.exceptionId, attempt, given, deps.now());
  return withData(onceAnswer(outcome), deps);
}

/** What came under an id that was taken. */
const takenTypes: ReadonlySet<ExceptionAnswer['type']> = new Set([
  'purchase_conflict',
  'purchase_reopened',
  'refund_conflict',
]);

type Try = Parameters<typeof retryExceptionOnce>[2];

/** What an operator asks for. */
interface Wanted {
  readonly as: string | undefined;
  readonly operator: Holder;
  readonly found: Parameters<Try>[1];
}

/**
 * The id that something is to be posted under.
 * @throws Problem naming `as` where it would be another channel's
 */
function idAs(exception: ExceptionAnswer, as: string, channels: Channels): PurchaseId {
  const channel = channelOf(exception.subject as PurchaseId);
  const id = purchaseIdAt('as', channel, as, channels);
  if (channelOf(id) === channel) return id;
  throw new Problem('invalid_request', undefined, [{ path: 'as', message: `must be an id of ${channel}` }]);
}

/** What trying again means for each type; a sentence where it cannot help. */
async function retry(
  exception: ExceptionAnswer,
  { as, operator, found }: Wanted,
  deps: Deps,
): Promise<Attempt> {
  const { ledger } = deps;
  if (as !== undefined && !takenTypes.has(exception.type))
    throw new Problem('invalid_request', undefined, [
      { path: 'as', message: 'is only for a purchase or refund that came under an id that was taken' },
    ]);
  switch (exception.type) {
    case 'purchase_unclaimed':
      return claimAgain(ledger, await programOf(deps), exception, operator, deps.now());
    case 'refund_unmatched':
      return matchAgain(ledger, await programOf(deps), exception, operator, deps.now());
    case 'dead_letter': {
      const reason = notSendable(deadLetterOf(exception)) ?? (await sendAudited(exception, operator, deps));
      if (reason !== undefined) return { type: 'not_retryable', reason };
      return sentAgain(exception, operator, deps.now());
    }
    case 'points_held':
      return {
        type: 'not_retryable',
        reason: 'The hold ends by itself; an operator can lift it before: see the member.',
      };
    case 'voucher_not_applicable':
      return {
        type: 'not_retryable',
        reason: 'The purchase has been paid: what it should have cost can only be settled by hand.',
      };
    case 'refund_waiting':
      return { type: 'not_retryable', reason: 'It is applied by itself when its purchase comes.' };
    case 'purchase_conflict':
    case 'purchase_reopened':
    case 'refund_conflict':
      if (as !== undefined)
        return postAs(
          ledger,
          await programOf(deps),
          exception,
          idAs(exception, as, await deps.channels()),
          { operator, found },
          deps.now(),
        );
      return {
        type: 'not_retryable',
        reason: 'Its id is taken, and the first stays: say in "as" under which id it is to be posted.',
      };
    case 'delivery_unreadable':
      return {
        type: 'not_retryable',
        reason:
          'What the shop said is kept without what it says of people: philia channels reconcile asks it again.',
      };
    case 'event_refused':
      return {
        type: 'not_retryable',
        reason: 'Nothing of it is kept but what is wrong with it: its channel sends it again, corrected.',
      };
    case 'refund_partially_matched':
    case 'over_refund':
    case 'refund_rejected':
      return {
        type: 'not_retryable',
        reason: 'It was decided by what the purchase holds, which stays as it is.',
      };
  }
}

async function sendAudited(
  exception: ExceptionAnswer,
  operator: Holder,
  deps: Deps,
): Promise<string | undefined> {
  await auditSending(deps.ledger, operator, retryOf(exception.exceptionId), deps.now());
  return sendAgain(exception, deps);
}
