/** What an operator has tried again: a guest's purchase whose member is known by now, a return that matches by now. */
import type { PurchaseId, RefundId } from '../core/contract/ids.ts';
import type { ExceptionAnswer, MemberReference } from '../core/contract/shapes.ts';
import type { Program } from '../core/program.ts';
import type { Operator } from './audit.ts';
import { claimPurchase } from './claims.ts';
import { backOff, decisionsMax, type LedgerContext, LedgerUnavailable } from './context.ts';
import { getPurchase, getRefund } from './decision.ts';
import { getException } from './exceptions.ts';
import { unavailable } from './members.ts';
import { findReturnMatch, tryReturn } from './returns.ts';

export type Retried =
  | { readonly type: 'done'; readonly exception: ExceptionAnswer }
  | { readonly type: 'not_retryable'; readonly reason: string };

const notRetryable = (reason: string): Retried => ({ type: 'not_retryable', reason });

async function done(context: LedgerContext, { exceptionId }: ExceptionAnswer): Promise<Retried> {
  const exception = await getException(context, exceptionId);
  if (!exception) throw new Error(`${exceptionId} is gone.`);
  return { type: 'done', exception };
}

/** Gives a purchase to the member whom it names, if that one is known by now. */
export async function retryUnclaimed(
  context: LedgerContext,
  program: Program,
  exception: ExceptionAnswer,
  operator: Operator,
  now: number,
): Promise<Retried> {
  const { member } = exception.data as { member: MemberReference | null };
  if (member === null) return notRetryable('It names no member: it can only be claimed with the receipt.');
  const purchaseId = exception.subject as PurchaseId;
  const record = await getPurchase(context, purchaseId);
  if (!record) return notRetryable('The purchase is not there any more.');
  const claim = { member, totalMinor: record.purchase.totalMinor };
  const claimed = await claimPurchase(context, program, purchaseId, claim, now, operator);
  switch (claimed.type) {
    case 'claimed':
      return done(context, exception);
    case 'no_member':
      return notRetryable('The member that it names is still not known.');
    case 'closed':
      return notRetryable(claimed.reason);
    case 'missing':
    case 'mismatch':
      throw new Error(`${purchaseId} changed its total.`);
  }
}

/** Matches a return without receipt again, as if it came now. */
export async function retryUnmatched(
  context: LedgerContext,
  program: Program,
  exception: ExceptionAnswer,
  operator: Operator,
  now: number,
): Promise<Retried> {
  const refundId = exception.subject as RefundId;
  for (let attempt = 1; attempt <= decisionsMax; attempt++) {
    const record = await getRefund(context, refundId);
    if (record?.status !== 'unmatched') return done(context, exception);
    const match = await findReturnMatch(context, record.refund);
    if (match.status === 'unmatched') {
      // What it would match may have been taken by this very return, tried again by somebody else meanwhile.
      const after = await getRefund(context, refundId);
      if (after?.revision !== record.revision) continue;
      return notRetryable(
        match.account ? 'Still no purchase matches it.' : 'The member that it names is still not known.',
      );
    }
    const again = { record, exception, operator };
    const outcome = await tryReturn(context, program, record.refund, match, now, again);
    if (outcome.type === 'committed') return done(context, exception);
    if (outcome.type !== 'refused') throw unavailable(outcome, `Matching ${refundId}`);
    await backOff(context, attempt);
  }
  throw new LedgerUnavailable('contended', `Matching ${refundId}`);
}
