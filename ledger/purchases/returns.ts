/** Returns without receipt: matched to the member's newest purchases, all in one transaction. */
import type { Account } from '../../core/account.ts';
import type { MemberId, PurchaseId } from '../../core/contract/ids.ts';
import type { ExceptionAnswer } from '../../core/contract/shapes/exception.ts';
import type { RecordedRefund } from '../../core/contract/shapes/refund.ts';
import type { Plan } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import { addRefund, type PurchaseRecord } from '../../core/purchases.ts';
import { type MatchedPart, matchPurchase, type ReturnLine, returnLines } from '../../core/returns.ts';
import { getOpenAccount, resolveMember } from '../members/members.ts';
import { storable } from '../members/references.ts';
import { auditWrite, type Operator } from '../operators/audit.ts';
import { closeException, type NewException, openException, retryOf } from '../operators/exceptions.ts';
import { mayRevoke, unusedVouchers } from '../spending/vouchers.ts';
import type { LedgerContext } from '../store/context.ts';
import { entryPrefix, fromItem, keys, type RefundRecord, type RefundStatus, toItem } from '../store/items.ts';
import { scanPartition, type Transacted, type Write } from '../store/store.ts';
import { getPurchase, sealed, withEntries } from './decision.ts';
import { draftClawback, newRefund } from './refund-drafts.ts';

/** At most this many purchases give to one return: their records and entries fit into one transaction. */
const returnPurchasesMax = 20;

/** Purchases that are read together: most returns find theirs among the first. */
const readAtOnce = 25;

/** The member's purchases from the newest on: by when they happened, then by when they were posted. */
async function* newestPurchases(context: LedgerContext, memberId: MemberId): AsyncGenerator<PurchaseRecord> {
  const { pk } = keys.account(memberId);
  const posted: { id: PurchaseId; occurredAt: string; sequence: number }[] = [];
  for await (const item of scanPartition(context.store, pk, entryPrefix)) {
    const { type, cause, occurredAt, sequence } = fromItem(item, 'entry');
    if (type === 'earned') posted.push({ id: cause.id as PurchaseId, occurredAt, sequence });
  }
  posted.sort((a, b) => Date.parse(b.occurredAt) - Date.parse(a.occurredAt) || b.sequence - a.sequence);
  for (let at = 0; at < posted.length; at += readAtOnce) {
    const chunk = posted.slice(at, at + readAtOnce);
    for (const record of await Promise.all(chunk.map(({ id }) => getPurchase(context, id))))
      if (record) yield record;
  }
}

interface MatchedReturn {
  readonly taken: readonly { readonly record: PurchaseRecord; readonly parts: readonly MatchedPart[] }[];
  readonly rest: readonly ReturnLine[];
}

async function matchReturn(
  context: LedgerContext,
  memberId: MemberId,
  refund: RecordedRefund,
): Promise<MatchedReturn> {
  const taken: { record: PurchaseRecord; parts: MatchedPart[] }[] = [];
  let rest = returnLines(refund);
  for await (const record of newestPurchases(context, memberId)) {
    if (taken.length === returnPurchasesMax || rest.every((line) => line.quantity === 0)) break;
    if (record.purchase.currency !== refund.currency) continue;
    const matched = matchPurchase(record, rest);
    if (matched.parts.length > 0) taken.push({ record, parts: matched.parts });
    rest = matched.rest;
  }
  return { taken, rest };
}

/** What became of a return: how much of it was matched decides the status. */
function returnStatus({ taken, rest }: MatchedReturn): RefundStatus {
  if (taken.length === 0) return 'unmatched';
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

/** Whose return it is and which purchases give, as things stand. */
export interface ReturnMatch {
  readonly account: Account | undefined;
  readonly matched: MatchedReturn;
  readonly status: RefundStatus;
}

export async function findReturnMatch(context: LedgerContext, refund: RecordedRefund): Promise<ReturnMatch> {
  const memberId = refund.member && (await resolveMember(context, refund.member));
  const account = memberId && (await getOpenAccount(context, memberId));
  const matched = account
    ? await matchReturn(context, account.memberId, refund)
    : { taken: [], rest: returnLines(refund) };
  return { account, matched, status: returnStatus(matched) };
}

/** A return that did not match when it came, and who has it matched again. */
export interface ReturnAgain {
  readonly record: RefundRecord;
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

/** One decision on a return without receipt: every purchase that gives, the entries and the refund together. */
export async function tryReturn(
  context: LedgerContext,
  program: Program,
  refund: RecordedRefund,
  match: ReturnMatch,
  now: number,
): Promise<Transacted> {
  return context.store.transact(await returnWrites(context, program, refund, match, now));
}

/** The writes of that decision. */
export async function returnWrites(
  context: LedgerContext,
  program: Program,
  refund: RecordedRefund,
  { account, matched, status }: ReturnMatch,
  now: number,
  again?: ReturnAgain,
): Promise<Write[]> {
  const records = matched.taken.map(({ record }) => record);
  const unused = account && mayRevoke(records) ? await unusedVouchers(context, account.memberId) : [];
  let plan: Plan | null = account ? { account, entries: [] } : null;
  let clawedBack = 0;
  let debt = 0;
  const changed: { record: PurchaseRecord; revision: number; claws: boolean }[] = [];
  for (const { record, parts } of matched.taken) {
    const shrunk = addRefund(record, { ...refund, lines: [...parts] }).record;
    const clawed = draftClawback(program, { record, plan, writes: [], unused }, shrunk, refund, now);
    clawedBack += clawed?.clawedBack ?? 0;
    debt += clawed?.debt ?? 0;
    plan = clawed?.plan ?? plan;
    const { earning } = clawed ?? shrunk;
    const total = record.clawedBack + (clawed?.clawedBack ?? 0);
    changed.push({
      record: { ...shrunk, earning, clawedBack: total },
      revision: record.revision,
      claws: clawed !== undefined,
    });
  }
  const stored = await storable(context, refund, now);
  const exception = returnException(stored, account?.memberId ?? null, status, matched.rest);
  const written: RefundRecord = {
    ...newRefund(context, refund, status, account?.memberId ?? null, now),
    refund: stored,
    purchaseIds: changed.map(({ record }) => record.purchase.id),
    ...(again ? { recordedAt: again.record.recordedAt, revision: again.record.revision + 1 } : {}),
    clawedBack,
    debt,
    matched: matched.taken.map(({ record, parts }) => ({ purchaseId: record.purchase.id, lines: parts })),
  };
  const moves =
    account && plan && plan.entries.length > 0 ? sealed(context, account, plan, unused, now) : undefined;
  const entries = moves?.entries.filter(({ type }) => type === 'clawed_back') ?? [];
  return [
    {
      put: toItem(keys.refund(refund.id), 'refund', written),
      if: again ? { kind: 'unchanged', field: 'revision', value: again.record.revision } : { kind: 'absent' },
    },
    ...(moves?.writes ?? []),
    ...changed.map(({ record, revision, claws }): Write => {
      // Entries stand in the order of the purchases that made one.
      const own = claws ? entries.splice(0, 1) : [];
      return {
        put: toItem(keys.purchase(record.purchase.id), 'purchase', withEntries(record, own)),
        if: { kind: 'unchanged', field: 'revision', value: revision },
      };
    }),
    ...(exception ? [openException(context, exception, now)] : []),
    ...matchedNow(context, again, now),
  ];
}
