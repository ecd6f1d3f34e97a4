/** What an operator has tried again: a guest's purchase whose member is known by now, a return that matches by now. */
import type { ExceptionId, PurchaseId, RefundId } from '../../core/contract/ids.ts';
import type { ExceptionAnswer } from '../../core/contract/shapes/exception.ts';
import { type MemberReference, memberReference } from '../../core/contract/shapes/member.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import type { RecordedRefund } from '../../core/contract/shapes/refund.ts';
import type { Program } from '../../core/program.ts';
import { withoutMember } from '../members/references.ts';
import { type Claimed, decideClaim } from '../purchases/claims.ts';
import { settleConflict } from '../purchases/conflicts.ts';
import { getPurchase, getRefund } from '../purchases/decision.ts';
import { afterPurchase, decidePurchase } from '../purchases/purchases.ts';
import { afterRefund, decideRefund } from '../purchases/refunds.ts';
import { returnStep } from '../purchases/returns.ts';
import { type LedgerContext, LedgerUnavailable } from '../store/context.ts';
import { type Attempt as DecisionAttempt, decide } from '../store/decide.ts';
import { decideOnce, type Once, outcomeOf, type Reply } from '../store/idempotency.ts';
import { fromItem, keys } from '../store/items.ts';
import { tooLarge, writesMax } from '../store/limits.ts';
import { nothing, type Standing, standing, together, type Write } from '../store/store.ts';
import { auditWrite, type Operator } from './audit.ts';
import { type Closed, closedBefore, closeException, getException, retryOf } from './exceptions.ts';

export type Retried =
  | { readonly type: 'done'; readonly exception: ExceptionAnswer }
  | { readonly type: 'not_retryable'; readonly reason: string };

/** What trying again comes to: the writes that do it and resolve the exception, or why it cannot help. */
export type Attempt =
  | {
      readonly type: 'resolves';
      readonly writes: readonly Write[];
      /** What follows once they are written, and is safe to be done twice or by whoever comes next. */
      readonly behind?: () => Promise<unknown>;
    }
  | Extract<Retried, { type: 'not_retryable' }>;

const notRetryable = (reason: string) => ({ type: 'not_retryable' as const, reason });

/**
 * Tries an exception that is open again. `attempt` says what that comes to, and is asked again when something that
 * it was decided on had changed.
 * @throws LedgerUnavailable when the outcome is unknown: it is safe to repeat
 */
export async function retryException(
  context: LedgerContext,
  id: ExceptionId,
  attempt: (exception: ExceptionAnswer, found: Standing) => Promise<Attempt>,
  now: number,
): Promise<Closed | Retried> {
  return outcomeOf<Closed | Retried>((reply) => retryExceptionOnce(context, id, attempt, reply, now));
}

/** The same, once for a key: whoever repeats the request gets the answer to the first, a refusal too. */
export async function retryExceptionOnce(
  context: LedgerContext,
  id: ExceptionId,
  attempt: (exception: ExceptionAnswer, found: Standing) => Promise<Attempt>,
  reply: Reply<Closed | Retried>,
  now: number,
): Promise<Once> {
  let mine: ExceptionAnswer | undefined;
  let behind: (() => Promise<unknown>) | undefined;
  const once = await decideOnce(context, `Trying ${id} again`, reply.once, now, async ({ found }) => {
    behind = undefined;
    const said = (outcome: Closed | Retried) => ({ answer: reply.answer(outcome), writes: [] });
    const exception = await getException(context, id);
    if (!exception) return said({ type: 'missing' });
    // Of several who try it at the same moment one resolves it, and the others find done what they wanted, or not.
    const isDone = mine && exception.status === 'resolved' && wayOf(mine) === wayOf(exception);
    if (isDone) return said({ type: 'done', exception });
    if (exception.status !== 'open') return said(closedBefore(exception));
    const tried = await attempt(exception, found);
    if (tried.type === 'not_retryable') return said(tried);
    const { writes } = tried;
    behind = tried.behind;
    mine = await resolvedBy(context, exception, writes);
    return { answer: reply.answer({ type: 'done', exception: mine }), writes };
  });
  await behind?.();
  return once;
}

/** How an exception was resolved, where there is more than one way. */
function wayOf({ handledBy }: ExceptionAnswer): string | null {
  return handledBy?.reason ?? null;
}

/** The exception as some writes leave it, or as it is where they leave it alone. */
async function resolvedBy(
  context: LedgerContext,
  { exceptionId }: ExceptionAnswer,
  writes: readonly Write[],
): Promise<ExceptionAnswer> {
  for (const write of writes) {
    if (!('put' in write) || write.put.item !== 'exception') continue;
    const exception = fromItem(write.put, 'exception');
    if (exception.exceptionId === exceptionId) return exception;
  }
  const exception = await getException(context, exceptionId);
  if (!exception) throw new Error(`${exceptionId} is gone.`);
  return exception;
}

/** Gives a purchase to the member whom it names, if that one is known by now. */
export async function claimAgain(
  context: LedgerContext,
  program: Program,
  exception: ExceptionAnswer,
  operator: Operator,
  now: number,
): Promise<Attempt> {
  const { member } = exception.data as { member: MemberReference | null };
  if (member === null) return notRetryable('It names no member: it can only be claimed with the receipt.');
  const purchaseId = exception.subject as PurchaseId;
  const record = await getPurchase(context, purchaseId);
  if (!record) return notRetryable('The purchase is not there any more.');
  const claim = { purchaseId, member, totalMinor: record.purchase.totalMinor, operator };
  const { outcome, writes } = await decideClaim(context, program, claim, now);
  return claimed(purchaseId, outcome, writes);
}

function claimed(purchaseId: PurchaseId, outcome: Claimed, writes: readonly Write[]): Attempt {
  switch (outcome.type) {
    case 'claimed':
      return { type: 'resolves', writes };
    case 'no_member':
      return notRetryable('The member that it names is still not known.');
    case 'closed':
      return notRetryable(outcome.reason);
    case 'missing':
    case 'mismatch':
      throw new Error(`${purchaseId} changed its total.`);
  }
}

/** Steps of a return in one request: it takes some five hundred parts in all. */
const matchStepsMax = 100;

/** Matches a return without receipt again, as if it came now. */
export async function matchAgain(
  context: LedgerContext,
  program: Program,
  exception: ExceptionAnswer,
  operator: Operator,
  now: number,
): Promise<Attempt> {
  const refundId = exception.subject as RefundId;
  for (let step = 0; step < matchStepsMax; step++) {
    const record = await getRefund(context, refundId);
    if (record?.status !== 'unmatched' && !record?.rest) return { type: 'resolves', writes: [] };
    const soFar = { refund: record.refund, record, again: { exception, operator } };
    const matched = await returnStep(context, program, soFar, Number.POSITIVE_INFINITY, now);
    if (matched.record.status === 'unmatched') {
      // What it would match may have been taken by this very return, tried again by somebody else meanwhile.
      if ((await getRefund(context, refundId))?.revision !== record.revision) continue;
      return notRetryable(
        matched.isMember ? 'Still no purchase matches it.' : 'The member that it names is still not known.',
      );
    }
    if (!matched.record.rest && !tooLarge(matched.writes))
      return { type: 'resolves', writes: matched.writes };
    // Its last step resolves the exception; those before it are transactions of their own.
    await decide(context, `Matching ${refundId}`, async ({ partsMax }) => {
      const isChanged = (await getRefund(context, refundId))?.revision !== record.revision;
      if (isChanged) return { result: undefined, writes: [] };
      const most = Math.min(partsMax, matched.parts);
      const { writes, parts } = await returnStep(context, program, soFar, most, now);
      return { result: undefined, writes, parts };
    });
  }
  throw new LedgerUnavailable('contended', `Matching ${refundId}`);
}

// Under another id ----------------------------------------------------------------------------------------------

/** What is posted has to leave room for the exception, its places, the audit and a key's answer. */
const reserved = 16;

/**
 * Posts what came under an id that was taken, under another one: as if it had come so in the first place.
 * @param as its id from now on
 */
export async function postAs(
  context: LedgerContext,
  program: Program,
  exception: ExceptionAnswer,
  as: PurchaseId,
  by: { readonly operator: Operator; readonly found: Standing },
  now: number,
): Promise<Attempt> {
  let partsMax = Number.POSITIVE_INFINITY;
  for (;;) {
    const attempt = { found: by.found, partsMax };
    const posted = await decideAs(context, program, exception, as, attempt, now);
    if (posted.type !== 'resolves') return posted;
    if (posted.writes.length <= writesMax - reserved && !tooLarge(posted.writes)) {
      const reason = `posted as ${as}`;
      const closing = closeException(exception, 'resolved', { operator: by.operator, reason }, now);
      const audit = { ...retryOf(exception.exceptionId), reason };
      const writes = [
        ...posted.writes,
        ...closing.writes,
        ...(await settleConflict(context, exception)),
        auditWrite(context, by.operator, audit, now),
      ];
      return { ...posted, writes };
    }
    if (posted.parts === 0) return notRetryable('It is more than one transaction can write.');
    partsMax = Math.floor(posted.parts / 2);
  }
}

type NotRetryable = Extract<Attempt, { type: 'not_retryable' }>;
type Posted = NotRetryable | (Extract<Attempt, { type: 'resolves' }> & { readonly parts: number });

async function decideAs(
  context: LedgerContext,
  program: Program,
  { type, data }: ExceptionAnswer,
  as: PurchaseId,
  attempt: DecisionAttempt,
  now: number,
): Promise<Posted> {
  const isPurchase = type !== 'refund_conflict';
  const body = nameless({ ...(data as RecordedPurchase & RecordedRefund), id: as });
  // Whoever posts looks at what is there only when it stands in the way: here it is asked before.
  const there = isPurchase ? await context.store.get(keys.purchase(as)) : undefined;
  const met = there ? standing([{ put: there }], new Map([[0, there]])) : nothing;
  const tried = { ...attempt, found: together(attempt.found, met) };
  const decided = isPurchase
    ? await decidePurchase(context, program, { purchase: body, sentAs: undefined }, tried, now)
    : await decideRefund(context, program, body, tried, now);
  if (decided.result.type === 'conflict') return notRetryable(`${as} is taken, too.`);
  const { record } = decided.result;
  const behind = () =>
    'refundId' in record
      ? afterRefund(context, program, record, now)
      : afterPurchase(context, program, record, now);
  return { type: 'resolves', writes: decided.writes, behind, parts: decided.parts ?? 0 };
}

/** Whom it names may have been taken out of it meanwhile: then it names nobody. */
function nameless<T extends { readonly member?: MemberReference | undefined; readonly occurredAt: string }>(
  body: T,
): T {
  const isNamed = body.member !== undefined && memberReference.safeParse(body.member).success;
  return isNamed ? body : (withoutMember(body) as T);
}

/** Resolves a dead letter that has just been sent again. */
export function sentAgain(exception: ExceptionAnswer, operator: Operator, now: number): Attempt {
  const by = { operator, reason: null };
  return { type: 'resolves', writes: closeException(exception, 'resolved', by, now).writes };
}
