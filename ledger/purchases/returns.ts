/** Returns without receipt: matched to the member's newest purchases. */
import type { Account } from '../../core/account.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import type { ExceptionAnswer } from '../../core/contract/shapes/exception.ts';
import type { RecordedRefund } from '../../core/contract/shapes/refund.ts';
import type { Plan } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import { addRefund, isFull, type PurchaseRecord } from '../../core/purchases.ts';
import { type MatchedPart, matchPurchase, type ReturnLine, returnLines } from '../../core/returns.ts';
import { append } from '../members/append.ts';
import { getOpenAccount, resolveMember } from '../members/members.ts';
import { storable } from '../members/references.ts';
import { auditWrite, type Operator } from '../operators/audit.ts';
import { closeException, type NewException, openException, retryOf } from '../operators/exceptions.ts';
import { mayRevoke, unusedVouchers } from '../spending/vouchers.ts';
import type { LedgerContext } from '../store/context.ts';
import { decide } from '../store/decide.ts';
import { keys, type RefundRecord, type RefundStatus, toItem } from '../store/items.ts';
import { asRead, type Write } from '../store/store.ts';
import { contentHash, getRefund, withEntries } from './decision.ts';
import { newestPurchases } from './newest.ts';
import { draftClawback, newRefund } from './refund-drafts.ts';

/** Purchases that give in one transaction: where it has no room for them, fewer do, and the others in the next. */
const purchasesAtOnce = 20;

/** Parts that one return takes in all: its record holds them. What is beyond stays unmatched. */
const returnPartsMax = 500;

interface MatchedReturn {
  readonly taken: readonly { readonly record: PurchaseRecord; readonly parts: readonly MatchedPart[] }[];
  readonly rest: readonly ReturnLine[];
  /** Whether there may be more purchases that give. */
  readonly mayGoOn: boolean;
}

/** Matches what is open of a return to the member's newest purchases, as many as give at once. */
async function matchReturn(
  context: LedgerContext,
  account: Account,
  { id, currency }: RecordedRefund,
  open: readonly ReturnLine[],
  most: { readonly purchases: number; readonly parts: number },
): Promise<MatchedReturn> {
  const taken: { record: PurchaseRecord; parts: MatchedPart[] }[] = [];
  let [rest, parts] = [open, 0];
  for await (const record of newestPurchases(context, account)) {
    if (rest.every((line) => line.quantity === 0)) break;
    if (record.purchase.currency !== currency || isFull(record.refundIds, id)) continue;
    const matched = matchPurchase(record, rest);
    if (matched.parts.length === 0) continue;
    parts += matched.parts.length;
    if (parts > most.parts) break;
    if (taken.length === most.purchases) return { taken, rest, mayGoOn: true };
    taken.push({ record, parts: matched.parts });
    rest = matched.rest;
  }
  return { taken, rest, mayGoOn: false };
}

/** What became of a return: how much of it was matched decides the status. */
function returnStatus(matched: RefundRecord['matched'], rest: readonly ReturnLine[]): RefundStatus {
  if (!matched || matched.length === 0) return 'unmatched';
  return rest.some((line) => line.quantity > 0) ? 'partially_matched' : 'applied';
}

function returnException(
  refund: RecordedRefund,
  memberId: MemberId | null,
  status: RefundStatus,
  rest: readonly ReturnLine[],
): NewException | undefined {
  if (status === 'applied') return undefined;
  const open = rest.filter((line) => line.quantity > 0);
  const skus = open.map((line) => `${line.quantity} × ${line.sku}`).join(', ');
  return {
    type: status === 'unmatched' ? 'refund_unmatched' : 'refund_partially_matched',
    subject: refund.id,
    memberId,
    detail: memberId
      ? `No purchase of this member holds ${skus}: nothing was clawed back for it.`
      : 'The member of this return is not known: nothing was clawed back.',
    data: { refund, unmatched: open },
    occurredAt: refund.occurredAt,
  };
}

/** Who has a return matched again that did not match when it came. */
export interface ReturnAgain {
  readonly exception: ExceptionAnswer;
  readonly operator: Operator;
}

/** The writes that resolve what is matched now. */
function matchedNow(context: LedgerContext, again: ReturnAgain | undefined, now: number): Write[] {
  if (!again) return [];
  const { exception, operator } = again;
  const { writes } = closeException(exception, 'resolved', { operator, reason: null }, now);
  return [...writes, auditWrite(context, operator, retryOf(exception.exceptionId), now)];
}

/** A return as far as it has come. */
export interface ReturnSoFar {
  readonly refund: RecordedRefund;
  /** As it was written last. */
  readonly record?: RefundRecord | undefined;
  /** Who has it matched again. */
  readonly again?: ReturnAgain | undefined;
}

/** What a step of a return writes, and its record after that: with `rest` as long as more purchases may give. */
export interface ReturnStep {
  readonly record: RefundRecord;
  readonly writes: readonly Write[];
  /** How many purchases give. */
  readonly parts: number;
  /** Whether its member is known. */
  readonly isMember: boolean;
}

/**
 * One decision on a return without receipt: the purchases that give, the entries and the refund together. One that
 * takes from more purchases than a transaction has room for takes several steps; the end is the same, since what one
 * step took the next one does not find any more.
 */
export async function returnStep(
  context: LedgerContext,
  program: Program,
  { refund, record: before, again }: ReturnSoFar,
  purchasesMax: number,
  now: number,
): Promise<ReturnStep> {
  const memberId = refund.member && (await resolveMember(context, refund.member));
  const account = memberId && (await getOpenAccount(context, memberId));
  const open = before?.rest ?? returnLines(refund);
  const partsBefore = (before?.matched ?? []).reduce((sum, { lines }) => sum + lines.length, 0);
  const most = { purchases: Math.min(purchasesMax, purchasesAtOnce), parts: returnPartsMax - partsBefore };
  const found: MatchedReturn = account
    ? await matchReturn(context, account, refund, open, most)
    : { taken: [], rest: open, mayGoOn: false };
  const given = await givenBack(context, program, refund, account, found.taken, now);
  const record = recordAfter(
    context,
    { received: refund, refund: await storable(context, refund, now), before, found, given },
    account,
    now,
  );
  const exception = record.rest
    ? undefined
    : returnException(record.refund, record.memberId, record.status, found.rest);
  return {
    record,
    parts: found.taken.length,
    isMember: account !== undefined,
    writes: [
      { put: toItem(keys.refund(refund.id), 'refund', record), if: asRead(before) },
      ...given.writes,
      ...(exception ? openException(context, exception, now) : []),
      ...(record.rest ? [] : matchedNow(context, again, now)),
    ],
  };
}

/** The return's record after a step. */
function recordAfter(
  context: LedgerContext,
  step: {
    readonly received: RecordedRefund;
    /** What is kept of it. */
    readonly refund: RecordedRefund;
    readonly before: RefundRecord | undefined;
    readonly found: MatchedReturn;
    readonly given: { readonly clawedBack: number; readonly debt: number };
  },
  account: Account | undefined,
  now: number,
): RefundRecord {
  const { received, refund, before, found, given } = step;
  const taken = found.taken.map(({ record, parts }) => ({ purchaseId: record.purchase.id, lines: parts }));
  const matched = [...(before?.matched ?? []), ...taken];
  const status = found.mayGoOn ? 'waiting' : returnStatus(matched, found.rest);
  const fresh = newRefund(context, refund, status, account?.memberId ?? null, now);
  return {
    ...fresh,
    contentHash: before?.contentHash ?? contentHash(context, received),
    purchaseIds: [...new Set(matched.map(({ purchaseId }) => purchaseId))],
    ...(before ? { recordedAt: before.recordedAt, revision: before.revision + 1 } : {}),
    clawedBack: (before?.clawedBack ?? 0) + given.clawedBack,
    debt: (before?.debt ?? 0) + given.debt,
    matched,
    ...(found.mayGoOn ? { rest: found.rest } : {}),
  };
}

/** What the purchases that give lose, and what their member does. */
async function givenBack(
  context: LedgerContext,
  program: Program,
  refund: RecordedRefund,
  account: Account | undefined,
  taken: MatchedReturn['taken'],
  now: number,
): Promise<{ writes: Write[]; clawedBack: number; debt: number }> {
  const records = taken.map(({ record }) => record);
  const unused = account && mayRevoke(records) ? await unusedVouchers(context, account) : [];
  let plan: Plan | null = account ? { account, entries: [] } : null;
  let [clawedBack, debt] = [0, 0];
  const changed: { before: PurchaseRecord; after: PurchaseRecord; claws: boolean }[] = [];
  for (const { record, parts } of taken) {
    const shrunk = addRefund(record, { ...refund, lines: [...parts] }).record;
    const clawed = draftClawback(program, { record, plan, writes: [], unused }, shrunk, refund, now);
    clawedBack += clawed?.clawedBack ?? 0;
    debt += clawed?.debt ?? 0;
    plan = clawed?.plan ?? plan;
    const { earning } = clawed ?? shrunk;
    const total = record.clawedBack + (clawed?.clawedBack ?? 0);
    const after = { ...shrunk, earning, clawedBack: total };
    changed.push({ before: record, after, claws: clawed !== undefined });
  }
  const moves = account && plan ? append(context, account, plan, now, { unused }) : undefined;
  const entries = moves?.entries.filter(({ type }) => type === 'clawed_back') ?? [];
  const purchases = changed.map(({ before, after, claws }): Write => {
    // Entries stand in the order of the purchases that made one.
    const own = claws ? entries.splice(0, 1) : [];
    return {
      put: toItem(keys.purchase(after.purchase.id), 'purchase', withEntries(after, own)),
      if: asRead(before),
    };
  });
  return { writes: [...(moves?.writes ?? []), ...purchases], clawedBack, debt };
}

/** Goes on with a return that its first transaction had no room for, to its end. */
export async function continueReturn(
  context: LedgerContext,
  program: Program,
  begun: RefundRecord,
  now: number,
): Promise<RefundRecord> {
  let record = begun;
  while (record.rest)
    record = await decide(context, `Going on with ${record.refundId}`, async ({ partsMax }) => {
      const before = (await getRefund(context, begun.refundId)) ?? begun;
      if (!before.rest) return { result: before, writes: [] };
      const soFar = { refund: before.refund, record: before };
      const { record: after, ...step } = await returnStep(context, program, soFar, partsMax, now);
      return { result: after, ...step };
    });
  return record;
}
