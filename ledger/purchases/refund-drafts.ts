/** What a refund does to a decision: the record shrinks, points go back to the target, the refund is written. */

import type { MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { MemberReference } from '../../core/contract/shapes/member.ts';
import type { RecordedRefund } from '../../core/contract/shapes/refund.ts';
import { clawBack, type Earning, isWorthAsMuch, type Plan, shrunk } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import {
  addRefund,
  isFull,
  type PurchaseRecord,
  type RefundOutcome,
  refundsMax,
  worth,
} from '../../core/purchases.ts';
import { givesBackMore, isLess, isReturned } from '../../core/remains.ts';
import type { StampChange, StampVoucher } from '../../core/stamps.ts';
import { currentId, resolveMember } from '../members/members.ts';
import { withoutMember } from '../members/references.ts';
import { type NewException, openException } from '../operators/exceptions.ts';
import type { LedgerContext } from '../store/context.ts';
import { keys, type RefundRecord, type RefundStatus, toItem } from '../store/items.ts';
import { asRead } from '../store/store.ts';
import { contentHash, type PurchaseDraft } from './decision.ts';

/** What a repeat is known by: whom a refund of a purchase names changes nothing, since the purchase knows whose it is. */
export function refundHash(context: LedgerContext, refund: RecordedRefund): string {
  return contentHash(context, refund.purchaseId === undefined ? refund : withoutMember(refund));
}

export function newRefund(
  context: LedgerContext,
  refund: RecordedRefund,
  status: RefundStatus,
  memberId: MemberId | null,
  now: number,
): RefundRecord {
  return {
    refundId: refund.id,
    refund,
    contentHash: refundHash(context, refund),
    revision: 1,
    status,
    purchaseIds: refund.purchaseId === undefined ? [] : [refund.purchaseId],
    memberId,
    recordedAt: utc(now),
    clawedBack: 0,
    debt: 0,
  };
}

export function waitingException(refund: RecordedRefund): NewException {
  return {
    type: 'refund_waiting',
    subject: refund.id,
    memberId: null,
    detail: `The purchase ${refund.purchaseId} has not come yet. The refund is applied when it does.`,
    data: refund,
    occurredAt: refund.occurredAt,
  };
}

/** Whether all of a refund was there to be given back. */
function isFitting({ excessMinor, unknownLines, excessUnits }: RefundOutcome): boolean {
  return excessMinor === 0 && unknownLines.length === 0 && excessUnits.length === 0;
}

/** Why a refund cannot be applied in full, as an exception; undefined when it can. */
function refundException(
  refund: RecordedRefund,
  memberId: MemberId | null,
  outcome: RefundOutcome,
  status: RefundStatus,
): NewException | undefined {
  const { excessMinor, unknownLines, excessUnits } = outcome;
  if (isFitting(outcome)) {
    if (status === 'applied') return undefined;
    return rejection(
      refund,
      memberId,
      `It gives nothing of ${refund.purchaseId} back: no amount, and no units.`,
    );
  }
  const said = [
    ...(excessMinor > 0
      ? [`${excessMinor} of the refund is more than ${refund.purchaseId} still holds and was refused.`]
      : []),
    ...(unknownLines.length > 0 ? [`The purchase has no line ${someOf(unknownLines)}.`] : []),
    ...(excessUnits.length > 0
      ? [`More units came back than were sold of line ${someOf(excessUnits)}.`]
      : []),
  ];
  return {
    type: status === 'rejected' && unknownLines.length > 0 ? 'refund_rejected' : 'over_refund',
    subject: refund.id,
    memberId,
    detail: said.join(' '),
    data: refund,
    occurredAt: refund.occurredAt,
  };
}

/** So many lines are named in a sentence: the refund itself, which stands beside it, names all. */
const namedMax = 10;

function someOf(ids: readonly string[]): string {
  const named = ids.slice(0, namedMax).join(', ');
  return ids.length > namedMax ? `${named} and ${ids.length - namedMax} more` : named;
}

/** A refund that would be one too many for its purchase: what a record holds is bounded. */
export function tooManyRefunds(refund: RecordedRefund, memberId: MemberId | null): NewException {
  const detail = `${refund.purchaseId} has had as many refunds as are kept of one purchase: ${refundsMax}, fewer where their ids are long.`;
  return rejection(refund, memberId, detail);
}

function rejection(refund: RecordedRefund, memberId: MemberId | null, detail: string): NewException {
  const { id: subject, occurredAt } = refund;
  return { type: 'refund_rejected', subject, memberId, detail, data: refund, occurredAt };
}

/** A decision with a refund in it that is refused as a whole and leaves the purchase as it is. */
function draftRejected(
  context: LedgerContext,
  draft: PurchaseDraft,
  refund: RecordedRefund,
  exception: NewException,
  now: number,
  previous?: RefundRecord,
): Drafted {
  return drafted(context, draft, { refund, previous, status: 'rejected', exception }, now);
}

/**
 * The same as `draftRefund` where the refund may be another channel's than the purchase. Such a one may say whose the
 * purchase is, and is rejected where that is not so: who has guessed an id does not know it. A guest's purchase is
 * nobody's yet, so nobody loses anything by it.
 */
export async function draftChecked(
  context: LedgerContext,
  program: Program,
  draft: PurchaseDraft,
  refund: RecordedRefund,
  now: number,
  previous?: RefundRecord,
): Promise<Drafted> {
  const { memberId } = draft.record;
  if (refund.member && memberId !== null && !(await isNamed(context, refund.member, memberId))) {
    const detail = `${refund.purchaseId} is not a purchase of the member whom the refund names.`;
    return draftRejected(context, draft, refund, rejection(refund, memberId, detail), now, previous);
  }
  return draftRefund(context, program, draft, refund, now, previous);
}

/** Whether somebody who is named is a member, or whoever either was merged into. */
async function isNamed(context: LedgerContext, named: MemberReference, memberId: MemberId): Promise<boolean> {
  const found = await resolveMember(context, named);
  return found !== undefined && (await currentId(context, found)) === (await currentId(context, memberId));
}

/** A decision with one more refund in it, and the refund as it is written. */
interface Drafted {
  readonly draft: PurchaseDraft;
  readonly refund: RefundRecord;
}

/**
 * Adds one refund to a decision: the record shrinks, points go back to the target, the refund is written.
 * @param previous the refund as it was written before, where it has waited
 */
export function draftRefund(
  context: LedgerContext,
  program: Program,
  draft: PurchaseDraft,
  refund: RecordedRefund,
  now: number,
  previous?: RefundRecord,
): Drafted {
  const { memberId, purchase } = draft.record;
  if (refund.currency !== purchase.currency) {
    const detail = `The refund is in ${refund.currency}, the purchase ${purchase.id} in ${purchase.currency}.`;
    return draftRejected(context, draft, refund, rejection(refund, memberId, detail), now, previous);
  }
  if (isFull(draft.record.refundIds, refund.id))
    return draftRejected(context, draft, refund, tooManyRefunds(refund, memberId), now, previous);
  const outcome = addRefund(draft.record, refund);
  const status: RefundStatus = givesBackMore(draft.record, outcome.record) ? 'applied' : 'rejected';
  const clawed = draftClawback(program, draft, outcome.record, refund, now);
  const exception = refundException(refund, memberId, outcome, status);
  const after: PurchaseDraft = {
    ...draft,
    record: clawed
      ? {
          ...outcome.record,
          earning: clawed.earning,
          clawedBack: draft.record.clawedBack + clawed.clawedBack,
        }
      : outcome.record,
    plan: clawed ? clawed.plan : draft.plan,
  };
  return drafted(context, after, { refund, previous, status, exception, clawed }, now);
}

/** The refund's own record behind a decision, and the exception that tells what is wrong with it. */
function drafted(
  context: LedgerContext,
  draft: PurchaseDraft,
  one: {
    readonly refund: RecordedRefund;
    readonly previous: RefundRecord | undefined;
    readonly status: RefundStatus;
    readonly exception: NewException | undefined;
    readonly clawed?: { readonly clawedBack: number; readonly debt: number } | undefined;
  },
  now: number,
): Drafted {
  const { previous, status, exception, clawed } = one;
  // Once it is applied the purchase says whose it is; until then an exception leads to whoever is named.
  const refund = status === 'applied' ? withoutMember(one.refund) : one.refund;
  const record: RefundRecord = {
    ...newRefund(context, refund, status, draft.record.memberId, now),
    revision: (previous?.revision ?? 0) + 1,
    clawedBack: clawed?.clawedBack ?? 0,
    debt: clawed?.debt ?? 0,
  };
  return {
    refund: record,
    draft: {
      ...draft,
      writes: [
        ...draft.writes,
        // Two deliveries of one id may name two purchases: the refund's own item lets only one of them through.
        { put: toItem(keys.refund(refund.id), 'refund', record), if: asRead(previous) },
        ...(exception ? openException(context, exception, now) : []),
      ],
    },
  };
}

export function draftClawback(
  program: Program,
  draft: PurchaseDraft,
  record: PurchaseRecord,
  refund: Pick<RecordedRefund, 'id' | 'occurredAt'>,
  now: number,
): { plan: Plan; earning: Earning; clawedBack: number; debt: number } | undefined {
  const { earning } = record;
  if (!earning || !draft.plan) return undefined;
  const target = worth(record, earning);
  // What is less in money alone is an entry, too: whoever follows the ledger learns of every refund.
  if (!isLess(draft.record, record) && isWorthAsMuch(earning, target)) return undefined;
  const vouchers = unusedAfter(draft.unused, draft.plan.entries);
  const { account } = draft.plan;
  const { memberId } = record;
  // Of somebody who was merged: should that be undone, it is theirs that was taken.
  const of = memberId === null || memberId === account.memberId ? {} : { of: memberId };
  const asked = { ...refund, ...of, isReturned: isReturned(record) && !isReturned(draft.record) };
  const { clawedBack, debt, ...plan } = clawBack(program, account, earning, target, asked, now, vouchers);
  return {
    plan: { account: plan.account, entries: [...draft.plan.entries, ...plan.entries] },
    // What the purchase is worth from now on; its amounts stay the original ones in the purchase itself.
    earning: shrunk(earning, target),
    clawedBack,
    debt,
  };
}

/** Unused vouchers once the planned entries are written. */
function unusedAfter(
  unused: readonly StampVoucher[],
  entries: readonly { readonly stamps?: StampChange }[],
): StampVoucher[] {
  const issued = entries.flatMap((entry) => entry.stamps?.issued ?? []);
  const revoked = new Set(entries.flatMap((entry) => entry.stamps?.revoked ?? []));
  return [...unused, ...issued].filter((voucher) => !revoked.has(voucher.voucherId));
}
