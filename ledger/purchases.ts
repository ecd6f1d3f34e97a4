/**
 * Purchases and refunds, each posted in one transaction: its record under its business key, the entries, the
 * account. A repeat finds the record; who changed the account in between makes the decision be made again.
 */
import type { Account, Entry } from '../core/account.ts';
import { canonicalJson } from '../core/canonical.ts';
import type { MemberId, PurchaseId, RefundId } from '../core/contract/ids.ts';
import type { MemberReference, RecordedPurchase, RecordedRefund } from '../core/contract/shapes.ts';
import { utc } from '../core/contract/shapes.ts';
import { award, clawBack, type Earning, type Plan } from '../core/points.ts';
import type { Program } from '../core/program.ts';
import {
  addRefund,
  type PurchaseRecord,
  type RefundOutcome,
  refundedMinor,
  worth,
} from '../core/purchases.ts';
import { seal } from '../core/replay.ts';
import { backOff, decisionsMax, entryIds, type LedgerContext, LedgerUnavailable } from './context.ts';
import { type NewException, openException, resolveException } from './exceptions.ts';
import {
  type AwaitedPurchase,
  fromItem,
  keys,
  type RefundRecord,
  type RefundStatus,
  toItem,
} from './items.ts';
import { appendWrites, getAccount, resolveMember, unavailable } from './members.ts';
import type { Item, Transacted, Write } from './store.ts';

/**
 * What became of a purchase or refund.
 * - `posted`: written, by this call.
 * - `duplicate`: the same content was there already; nothing was written.
 * - `conflict`: other content was there under the same id; the first stays and an operator is told.
 */
export type Recorded<T> =
  | { readonly type: 'posted'; readonly record: T }
  | { readonly type: 'duplicate'; readonly record: T }
  | { readonly type: 'conflict'; readonly record: T };

/** Refunds that may wait for one purchase: more than any shop sends, few enough for one transaction. */
const awaitedMax = 30;

export function contentHash(context: LedgerContext, body: unknown): string {
  return context.sha256(canonicalJson(body));
}

export async function getPurchase(
  context: LedgerContext,
  id: PurchaseId,
): Promise<PurchaseRecord | undefined> {
  const item = await context.store.get(keys.purchase(id));
  return item?.item === 'purchase' ? fromItem(item, 'purchase') : undefined;
}

export async function getRefund(context: LedgerContext, id: RefundId): Promise<RefundRecord | undefined> {
  const item = await context.store.get(keys.refund(id));
  return item && fromItem(item, 'refund');
}

// The state of one decision ---------------------------------------------------------------------------------

/** What a command has planned so far: the purchase, the account (with its planned entries), other writes. */
interface Draft {
  readonly record: PurchaseRecord;
  readonly plan: Plan | null;
  readonly writes: readonly Write[];
}

/** Seals a plan into the writes that append it, and the ids of its entries. */
function sealed(context: LedgerContext, previous: Account, plan: Plan, now: number) {
  const { account, entries } = seal(plan, previous, entryIds(context, now), context.sha256);
  return { writes: appendWrites(previous, account, entries), entries };
}

function withEntries(record: PurchaseRecord, entries: readonly Entry[]): PurchaseRecord {
  const added = entries
    .filter(({ type }) => type === 'earned' || type === 'clawed_back')
    .map(({ entryId }) => entryId);
  return { ...record, entryIds: [...record.entryIds, ...added] };
}

/**
 * Sends one decision: the purchase's record first, so that its refusal is recognised by index 0, then the
 * account at index 1 when points move.
 */
async function commit(
  context: LedgerContext,
  previous: { record: PurchaseRecord | AwaitedPurchase | undefined; account: Account | undefined },
  draft: Draft,
  now: number,
): Promise<{ outcome: Transacted; record: PurchaseRecord }> {
  const moves = draft.plan !== null && draft.plan.entries.length > 0 && previous.account !== undefined;
  const { writes, entries } =
    moves && draft.plan && previous.account
      ? sealed(context, previous.account, draft.plan, now)
      : { writes: [], entries: [] };
  const record = withEntries(draft.record, entries);
  const put: Write = {
    put: toItem(keys.purchase(record.purchaseId), 'purchase', record),
    if: previous.record
      ? { kind: 'unchanged', field: 'revision', value: previous.record.revision }
      : { kind: 'absent' },
  };
  return { outcome: await context.store.transact([put, ...writes, ...draft.writes]), record };
}

/** The account that a refused transaction found in place of the one it was decided on, if that was why. */
function changedAccount(refused: ReadonlyMap<number, Item | undefined>): Account | undefined {
  const item = refused.get(1);
  return item?.item === 'account' ? fromItem(item, 'account') : undefined;
}

// Purchases -------------------------------------------------------------------------------------------------

function newRecord(
  context: LedgerContext,
  purchase: RecordedPurchase,
  memberId: MemberId | null,
  now: number,
): PurchaseRecord {
  return {
    purchaseId: purchase.id,
    purchase,
    contentHash: contentHash(context, purchase),
    revision: 1,
    memberId,
    recordedAt: utc(now),
    earning: null,
    clawedBack: 0,
    refundedLines: {},
    refundedOrderMinor: 0,
    refundIds: [],
    entryIds: [],
    conflict: false,
  };
}

function unclaimedException(purchase: RecordedPurchase): NewException {
  return {
    type: 'purchase_unclaimed',
    subject: purchase.id,
    memberId: null,
    detail: purchase.member
      ? 'The member that the purchase names is not known. It can be claimed within 90 days.'
      : 'A guest bought this. It can be claimed within 90 days.',
    data: { totalMinor: purchase.totalMinor, currency: purchase.currency, member: purchase.member ?? null },
    occurredAt: purchase.occurredAt,
  };
}

/**
 * Posts a purchase: what it earns, and the refunds that came before it.
 * @throws LedgerUnavailable when it could not be decided, or its outcome is unknown: it is safe to repeat
 */
export async function recordPurchase(
  context: LedgerContext,
  program: Program,
  purchase: RecordedPurchase,
  now: number,
): Promise<Recorded<PurchaseRecord>> {
  const memberId = purchase.member ? await resolveMember(context, purchase.member) : undefined;
  let account = memberId && (await getAccount(context, memberId));
  let awaited: AwaitedPurchase | undefined;
  for (let attempt = 1; attempt <= decisionsMax; attempt++) {
    let draft = draftPurchase(context, program, purchase, account, now);
    for (const refund of awaited?.refunds ?? []) draft = draftAwaited(context, program, draft, refund, now);
    const { outcome, record } = await commit(
      context,
      { record: awaited, account },
      { ...draft, record: { ...draft.record, revision: (awaited?.revision ?? 0) + 1 } },
      now,
    );
    if (outcome.type === 'committed') return { type: 'posted', record };
    if (outcome.type !== 'refused') throw unavailable(outcome, `Posting ${purchase.id}`);
    const standing = outcome.items.get(0);
    if (standing?.item === 'purchase')
      return repeated(context, fromItem(standing, 'purchase'), purchase, now);
    if (standing) awaited = fromItem(standing, 'awaitedPurchase');
    account = changedAccount(outcome.items) ?? account;
    await backOff(context, attempt);
  }
  throw new LedgerUnavailable('contended', `Posting ${purchase.id}`);
}

function draftPurchase(
  context: LedgerContext,
  program: Program,
  purchase: RecordedPurchase,
  account: Account | undefined,
  now: number,
): Draft {
  const record = newRecord(context, purchase, account?.memberId ?? null, now);
  if (!account)
    return { record, plan: null, writes: [openException(context, unclaimedException(purchase), now)] };
  const { earning, ...plan } = award(program, account, purchase, now);
  return { record: { ...record, earning }, plan, writes: [] };
}

/** Applies a refund that waited for this purchase, in the same transaction. */
function draftAwaited(
  context: LedgerContext,
  program: Program,
  draft: Draft,
  refund: RecordedRefund,
  now: number,
): Draft {
  const { writes, ...after } = draftRefund(context, program, draft, refund, now);
  const waiting = waitingException(refund);
  return { ...after, writes: [...writes, ...resolveException(context, waiting, utc(now), now)] };
}

/** The same id again: with the same content nothing happens, with other content an operator is told. */
async function repeated(
  context: LedgerContext,
  record: PurchaseRecord,
  purchase: RecordedPurchase,
  now: number,
): Promise<Recorded<PurchaseRecord>> {
  const hash = contentHash(context, purchase);
  if (hash === record.contentHash) return { type: 'duplicate', record };
  const conflict: NewException = {
    type: 'purchase_conflict',
    subject: purchase.id,
    memberId: record.memberId,
    detail: 'The same purchase id came again with other content. The first stays as it is.',
    data: purchase,
    distinction: hash,
    occurredAt: purchase.occurredAt,
  };
  const marked = { ...record, revision: record.revision + 1, conflict: true };
  const outcome = await context.store.transact([
    {
      put: toItem(keys.purchase(record.purchaseId), 'purchase', marked),
      if: { kind: 'unchanged', field: 'revision', value: record.revision },
    },
    openException(context, conflict, now),
  ]);
  if (outcome.type === 'committed') return { type: 'conflict', record: marked };
  // Somebody changed the record meanwhile: the repeat of this event decides on what stands then.
  throw new LedgerUnavailable(
    outcome.type === 'refused' ? 'contended' : outcome.type,
    `Parking a conflict of ${purchase.id}`,
  );
}

// Refunds ---------------------------------------------------------------------------------------------------

function newRefund(
  context: LedgerContext,
  refund: RecordedRefund,
  status: RefundStatus,
  memberId: MemberId | null,
  now: number,
): RefundRecord {
  return {
    refundId: refund.id,
    refund,
    contentHash: contentHash(context, refund),
    revision: 1,
    status,
    memberId,
    recordedAt: utc(now),
    clawedBack: 0,
    debt: 0,
  };
}

function waitingException(refund: RecordedRefund): NewException {
  return {
    type: 'refund_waiting',
    subject: refund.id,
    memberId: null,
    detail: `The purchase ${refund.purchaseId} has not come yet. The refund is applied when it does.`,
    data: refund,
    occurredAt: refund.occurredAt,
  };
}

/** Why a refund cannot be applied in full, as an exception; undefined when it can. */
function refundException(
  refund: RecordedRefund,
  memberId: MemberId | null,
  outcome: RefundOutcome,
  status: RefundStatus,
): NewException | undefined {
  if (outcome.excessMinor === 0) return undefined;
  const unknown = outcome.unknownLines.length > 0;
  const lines = unknown ? ` The purchase has no line ${outcome.unknownLines.join(', ')}.` : '';
  return {
    type: status === 'rejected' && unknown ? 'refund_rejected' : 'over_refund',
    subject: refund.id,
    memberId,
    detail: `${outcome.excessMinor} of the refund is more than ${refund.purchaseId} still holds and was refused.${lines}`,
    data: refund,
    occurredAt: refund.occurredAt,
  };
}

/** Adds one refund to a decision: the record shrinks, points go back to the target, the refund is written. */
function draftRefund(
  context: LedgerContext,
  program: Program,
  draft: Draft,
  refund: RecordedRefund,
  now: number,
): Draft {
  const { memberId } = draft.record;
  if (refund.currency !== draft.record.purchase.currency)
    return {
      ...draft,
      writes: [...draft.writes, ...rejectedForCurrency(context, draft.record, refund, now)],
    };
  const outcome = addRefund(draft.record, refund);
  const applied = refundedMinor(outcome.record) > refundedMinor(draft.record);
  const status: RefundStatus = applied || outcome.excessMinor === 0 ? 'applied' : 'rejected';
  const clawed = draftClawback(program, draft, outcome.record, refund, now);
  const exception = refundException(refund, memberId, outcome, status);
  const record: RefundRecord = {
    ...newRefund(context, refund, status, memberId, now),
    clawedBack: clawed?.clawedBack ?? 0,
    debt: clawed?.debt ?? 0,
  };
  return {
    record: clawed
      ? {
          ...outcome.record,
          earning: clawed.earning,
          clawedBack: draft.record.clawedBack + clawed.clawedBack,
        }
      : outcome.record,
    plan: clawed ? clawed.plan : draft.plan,
    writes: [
      ...draft.writes,
      { put: toItem(keys.refund(refund.id), 'refund', record) },
      ...(exception ? [openException(context, exception, now)] : []),
    ],
  };
}

function draftClawback(
  program: Program,
  draft: Draft,
  record: PurchaseRecord,
  refund: Pick<RecordedRefund, 'id' | 'occurredAt'>,
  now: number,
): { plan: Plan; earning: Earning; clawedBack: number; debt: number } | undefined {
  const { earning } = record;
  if (!earning || !draft.plan) return undefined;
  const target = worth(record, earning);
  const { points, qualifyingPoints } = earning.basis;
  if (target.points === points && target.qualifyingPoints === qualifyingPoints) return undefined;
  const { clawedBack, debt, ...plan } = clawBack(program, draft.plan.account, earning, target, refund, now);
  return {
    plan: { account: plan.account, entries: [...draft.plan.entries, ...plan.entries] },
    // What the purchase is worth from now on; its amounts stay the original ones in the purchase itself.
    earning: { ...earning, basis: target },
    clawedBack,
    debt,
  };
}

function rejectedForCurrency(
  context: LedgerContext,
  record: PurchaseRecord,
  refund: RecordedRefund,
  now: number,
): Write[] {
  const exception: NewException = {
    type: 'refund_rejected',
    subject: refund.id,
    memberId: record.memberId,
    detail: `The refund is in ${refund.currency}, the purchase ${record.purchaseId} in ${record.purchase.currency}.`,
    data: refund,
    occurredAt: refund.occurredAt,
  };
  return [
    {
      put: toItem(
        keys.refund(refund.id),
        'refund',
        newRefund(context, refund, 'rejected', record.memberId, now),
      ),
    },
    openException(context, exception, now),
  ];
}

/**
 * Posts a refund: applied to its purchase, or kept waiting until the purchase comes.
 * @throws LedgerUnavailable when it could not be decided, or its outcome is unknown: it is safe to repeat
 */
export async function recordRefund(
  context: LedgerContext,
  program: Program,
  refund: RecordedRefund,
  now: number,
): Promise<Recorded<RefundRecord>> {
  for (let attempt = 1; attempt <= decisionsMax; attempt++) {
    const existing = await getRefund(context, refund.id);
    if (existing) return repeatedRefund(context, existing, refund, now);
    const { purchaseId } = refund;
    const outcome =
      purchaseId === undefined
        ? await parkUnmatched(context, refund, now)
        : await tryRefund(context, program, { ...refund, purchaseId }, now);
    if (outcome.type === 'committed') {
      const record = await getRefund(context, refund.id);
      if (record) return { type: 'posted', record };
    } else if (outcome.type !== 'refused') throw unavailable(outcome, `Posting ${refund.id}`);
    await backOff(context, attempt);
  }
  throw new LedgerUnavailable('contended', `Posting ${refund.id}`);
}

type RefundOfPurchase = RecordedRefund & { readonly purchaseId: PurchaseId };

/** One decision on a refund of a purchase. A refusal means that something changed: decide again. */
async function tryRefund(
  context: LedgerContext,
  program: Program,
  refund: RefundOfPurchase,
  now: number,
): Promise<Transacted> {
  const item = await context.store.get(keys.purchase(refund.purchaseId));
  if (item?.item !== 'purchase')
    return waitForPurchase(context, item && fromItem(item, 'awaitedPurchase'), refund, now);
  const record = fromItem(item, 'purchase');
  const account = record.memberId === null ? undefined : await getAccount(context, record.memberId);
  const start: Draft = { record, plan: account ? { account, entries: [] } : null, writes: [] };
  const draft = draftRefund(context, program, start, refund, now);
  // A refund that was rejected leaves the purchase as it was, yet is written under the same condition.
  const revised = { ...draft, record: { ...draft.record, revision: record.revision + 1 } };
  const { outcome } = await commit(context, { record, account }, revised, now);
  return outcome;
}

async function waitForPurchase(
  context: LedgerContext,
  awaited: AwaitedPurchase | undefined,
  refund: RefundOfPurchase,
  now: number,
): Promise<Transacted> {
  const refunds = [...(awaited?.refunds ?? []), refund];
  if (refunds.length > awaitedMax)
    throw new Error(`More than ${awaitedMax} refunds wait for ${refund.purchaseId}.`);
  const waiting: AwaitedPurchase = {
    purchaseId: refund.purchaseId,
    revision: (awaited?.revision ?? 0) + 1,
    refunds,
  };
  return context.store.transact([
    {
      put: toItem(keys.purchase(refund.purchaseId), 'awaitedPurchase', waiting),
      if: awaited ? { kind: 'unchanged', field: 'revision', value: awaited.revision } : { kind: 'absent' },
    },
    {
      put: toItem(keys.refund(refund.id), 'refund', newRefund(context, refund, 'waiting', null, now)),
      if: { kind: 'absent' },
    },
    openException(context, waitingException(refund), now),
  ]);
}

async function parkUnmatched(
  context: LedgerContext,
  refund: RecordedRefund,
  now: number,
): Promise<Transacted> {
  const memberId = refund.member ? ((await resolveMember(context, refund.member)) ?? null) : null;
  const exception: NewException = {
    type: 'refund_unmatched',
    subject: refund.id,
    memberId,
    detail: 'A return without receipt: no purchase was matched, nothing was clawed back.',
    data: refund,
    occurredAt: refund.occurredAt,
  };
  return context.store.transact([
    {
      put: toItem(keys.refund(refund.id), 'refund', newRefund(context, refund, 'unmatched', memberId, now)),
      if: { kind: 'absent' },
    },
    openException(context, exception, now),
  ]);
}

async function repeatedRefund(
  context: LedgerContext,
  record: RefundRecord,
  refund: RecordedRefund,
  now: number,
): Promise<Recorded<RefundRecord>> {
  const hash = contentHash(context, refund);
  if (hash === record.contentHash) return { type: 'duplicate', record };
  const conflict: NewException = {
    type: 'refund_conflict',
    subject: refund.id,
    memberId: record.memberId,
    detail: 'The same refund id came again with other content. The first stays as it is.',
    data: refund,
    distinction: hash,
    occurredAt: refund.occurredAt,
  };
  const outcome = await context.store.transact([openException(context, conflict, now)]);
  if (outcome.type === 'committed') return { type: 'conflict', record };
  throw new LedgerUnavailable(
    outcome.type === 'refused' ? 'contended' : outcome.type,
    `Parking a conflict of ${refund.id}`,
  );
}

// Claims ----------------------------------------------------------------------------------------------------

export const claimDays = 90;

export type Claimed =
  | { readonly type: 'claimed'; readonly record: PurchaseRecord }
  | { readonly type: 'missing' }
  | { readonly type: 'no_member' }
  | { readonly type: 'mismatch' }
  | { readonly type: 'closed'; readonly reason: string };

/**
 * Gives a guest's purchase to a member; it earns as of when it occurred. The total proves that the claimant
 * holds the receipt. A repeat by the same member answers as the first did.
 */
export async function claimPurchase(
  context: LedgerContext,
  program: Program,
  purchaseId: PurchaseId,
  claim: { member: MemberReference; totalMinor: number },
  now: number,
): Promise<Claimed> {
  for (let attempt = 1; attempt <= decisionsMax; attempt++) {
    const record = await getPurchase(context, purchaseId);
    if (!record) return { type: 'missing' };
    if (record.purchase.totalMinor !== claim.totalMinor) return { type: 'mismatch' };
    const memberId = await resolveMember(context, claim.member);
    const account = memberId && (await getAccount(context, memberId));
    if (!account) return { type: 'no_member' };
    if (record.memberId === memberId) return { type: 'claimed', record };
    if (record.memberId !== null) return { type: 'closed', reason: 'It belongs to a member already.' };
    if (Date.parse(record.purchase.occurredAt) + claimDays * 86_400_000 < now)
      return { type: 'closed', reason: `It is more than ${claimDays} days old.` };
    const draft = draftClaim(context, program, record, account, now);
    const { outcome, record: claimed } = await commit(context, { record, account }, draft, now);
    if (outcome.type === 'committed') return { type: 'claimed', record: claimed };
    if (outcome.type !== 'refused') throw unavailable(outcome, `Claiming ${purchaseId}`);
    await backOff(context, attempt);
  }
  throw new LedgerUnavailable('contended', `Claiming ${purchaseId}`);
}

/** The whole purchase earns, then what was refunded meanwhile is clawed back: the history stays readable. */
function draftClaim(
  context: LedgerContext,
  program: Program,
  record: PurchaseRecord,
  account: Account,
  now: number,
): Draft {
  const { earning, ...plan } = award(program, account, record.purchase, now);
  const owned: PurchaseRecord = {
    ...record,
    revision: record.revision + 1,
    memberId: account.memberId,
    earning,
  };
  const writes = resolveException(context, unclaimedException(record.purchase), record.recordedAt, now);
  const lastRefund = record.refundIds.at(-1);
  const clawed =
    lastRefund === undefined
      ? undefined
      : draftClawback(
          program,
          { record: owned, plan, writes },
          owned,
          { id: lastRefund, occurredAt: utc(now) },
          now,
        );
  return {
    record: clawed ? { ...owned, earning: clawed.earning, clawedBack: clawed.clawedBack } : owned,
    plan: clawed?.plan ?? plan,
    writes,
  };
}
