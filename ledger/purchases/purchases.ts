/**
 * Purchases, each posted in one transaction: its record under its business key, the entries, the account. A
 * repeat finds the record; who changed the account in between makes the decision be made again.
 */
import type { Account } from '../../core/account.ts';
import type { Budgets } from '../../core/campaigns.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import { award, type Plan, settle } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import { newPurchaseRecord, type PurchaseRecord } from '../../core/purchases.ts';
import { isReturned } from '../../core/remains.ts';

import { accountOf, contactKeys, contactKinds, contactOf, resolveMember } from '../members/members.ts';

import { storable, withoutMember } from '../members/references.ts';
import { contactDays } from '../operators/exception-places.ts';
import { type NewException, openException, openOnce } from '../operators/exceptions.ts';
import { otherCurrency } from '../spending/orders.ts';
import { returnSpent } from '../spending/spent.ts';
import { unusedVouchers } from '../spending/vouchers.ts';
import type { LedgerContext } from '../store/context.ts';
import { type Attempt, type Decided, decide } from '../store/decide.ts';
import { type AwaitedPurchase, fromItem, keys } from '../store/items.ts';
import { absent, type Write } from '../store/store.ts';
import { applyAwaited, awaitedRefunds, draftAwaited } from './awaited.ts';
import { readBudgets, takeBudgets } from './budgets.ts';
import { isParked, parkConflict } from './conflicts.ts';
import { contentHash, getRefund, type PurchaseDraft, purchaseWrites, type Recorded } from './decision.ts';
import { type BuyerRead, readBuyer } from './facts.ts';

export function unclaimedException(purchase: RecordedPurchase): NewException {
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

/** A purchase as it came to the ledger. */
interface Received {
  readonly purchase: RecordedPurchase;
  /** What its event is known as, which a repeat has and a try of its own has not; undefined for what is no event. */
  readonly sentAs: string | undefined;
}

/**
 * Posts a purchase: what it earns, and the refunds that came before it.
 * @param key the event's own key, where it came by one
 * @throws LedgerUnavailable when it could not be decided, or its outcome is unknown: it is safe to repeat
 */
export async function recordPurchase(
  context: LedgerContext,
  program: Program,
  purchase: RecordedPurchase,
  now: number,
  key?: string,
): Promise<Recorded<PurchaseRecord>> {
  const received = { purchase, sentAs: key === undefined ? undefined : shortened(context, key) };
  const recorded = await decide(context, `Posting ${purchase.id}`, (attempt) =>
    decidePurchase(context, program, received, attempt, now),
  );
  await afterPurchase(context, program, recorded.record, now);
  return recorded;
}

/** What one transaction had no room for. After a repeat, too: the first delivery may have ended in between. */
export async function afterPurchase(
  context: LedgerContext,
  program: Program,
  record: PurchaseRecord,
  now: number,
): Promise<void> {
  const { refundIds, awaited = [] } = record;
  await applyAwaited(context, program, record, now);
  // Refunds that came before may have given all of it back.
  if (refundIds.length + awaited.length > 0) await returnSpent(context, program, record.purchase.id, now);
}

/** One decision on a purchase: a conflict comes with the writes that park it. */
export async function decidePurchase(
  context: LedgerContext,
  program: Program,
  received: Received,
  attempt: Attempt,
  now: number,
): Promise<Decided<Recorded<PurchaseRecord>>> {
  const { purchase } = received;
  const standing = attempt.found.at(keys.purchase(purchase.id));
  if (standing?.item === 'purchase')
    return repeated(context, fromItem(standing, 'purchase'), received, attempt, now);
  // Asked again each time: somebody may have joined meanwhile.
  const memberId = purchase.member ? await resolveMember(context, purchase.member) : undefined;
  const account = memberId && (await accountOf(context, memberId, attempt.found));
  const awaited = standing && fromItem(standing, 'awaitedPurchase');
  return postWrites(context, program, received, { memberId, account, awaited }, attempt.partsMax, now);
}

/** Enough of an event's key to tell tries of one purchase apart. */
function shortened(context: LedgerContext, key: string): string {
  return context.sha256(key).slice(0, 11);
}

/** The purchase with as many of the refunds that wait for it as one transaction has room for. */
async function postWrites(
  context: LedgerContext,
  program: Program,
  { purchase, sentAs }: Received,
  before: {
    readonly memberId: MemberId | undefined;
    readonly account: Account | undefined;
    readonly awaited: AwaitedPurchase | undefined;
  },
  refundsMax: number,
  now: number,
): Promise<Decided<Recorded<PurchaseRecord>>> {
  const { memberId, awaited } = before;
  const buyer = before.account && (await readBuyer(context, program, before.account));
  const account = buyer?.account;
  const { offers, budgets } = await readBudgets(context, program, purchase, buyer, now);
  let draft = buyer
    ? draftPurchase(context, program, purchase, buyer, now, budgets)
    : draftUnclaimed(context, program, purchase, await storable(context, purchase, now), now);
  if (memberId === undefined)
    draft = { ...draft, writes: [...draft.writes, ...nobodyChecks(context, purchase)] };
  if (sentAs !== undefined) draft = { ...draft, record: { ...draft.record, sentAs } };
  const taken = draft.record.earning ? takeBudgets(offers, draft.record.earning) : [];
  draft = { ...draft, writes: [...draft.writes, ...taken] };
  // Only refunds that came before can revoke vouchers, and hardly any purchase has those.
  if (awaited && account) draft = { ...draft, unused: await unusedVouchers(context, account) };
  const waiting = await awaitedRefunds(context, awaited);
  const applied = waiting.slice(0, refundsMax);
  for (const refund of applied) draft = await draftAwaited(context, program, draft, refund, now);
  const later = waiting.slice(applied.length).map(({ refundId }) => refundId);
  if (later.length > 0) draft = { ...draft, record: { ...draft.record, awaited: later } };
  const mismatch = awaited && otherCurrency(purchase, draft.record.memberId, awaited);
  if (mismatch) draft = { ...draft, writes: [...draft.writes, ...openException(context, mismatch, now)] };
  const { record, writes } = purchaseWrites(context, { record: awaited, account }, draft, now);
  return { result: { type: 'posted', record }, writes, parts: applied.length };
}

/**
 * That a contact is still nobody's: whoever joins by it at the same moment either finds this purchase among what guests
 * have bought, or makes it be posted as theirs.
 */
function nobodyChecks(context: LedgerContext, { member }: RecordedPurchase): Write[] {
  return contactKinds.flatMap((kind) => {
    const given = member?.[kind];
    if (given === undefined) return [];
    return contactKeys(context, contactOf(kind, given)).map((check): Write => ({ check, if: absent }));
  });
}

/** The record of a purchase as it came; `stored` is what is kept of it. */
function newRecord(
  context: LedgerContext,
  purchase: RecordedPurchase,
  stored: RecordedPurchase,
  memberId: PurchaseRecord['memberId'],
  now: number,
): PurchaseRecord {
  const hash = contentHash(context, purchase);
  return newPurchaseRecord(stored, { contentHash: hash, memberId, recordedAt: utc(now), earning: null });
}

function draftPurchase(
  context: LedgerContext,
  program: Program,
  purchase: RecordedPurchase,
  { account, facts }: BuyerRead,
  now: number,
  budgets: Budgets,
): PurchaseDraft {
  const record = newRecord(context, purchase, withoutMember(purchase), account.memberId, now);
  const { earning, ...awarded } = award(program, account, purchase, now, budgets, facts);
  return { record: { ...record, earning }, plan: lapsed(program, awarded, now), writes: [], unused: [] };
}

/** What an old purchase earned may have lapsed by now: it is written so at once, since no night looks back that far. */
function lapsed(program: Program, plan: Plan, now: number): Plan {
  const isLate = plan.account.lots.some(
    ({ expiresAt }) => expiresAt !== null && Date.parse(expiresAt) <= now,
  );
  if (!isLate) return plan;
  const settled = settle(program, plan.account, now);
  return { account: settled.account, entries: [...plan.entries, ...settled.entries] };
}

function draftUnclaimed(
  context: LedgerContext,
  { version: programVersion }: Program,
  purchase: RecordedPurchase,
  stored: RecordedPurchase,
  now: number,
): PurchaseDraft {
  const end = Date.parse(stored.occurredAt) + contactDays * 86_400_000;
  const isOver = stored.member === undefined && end < now;
  return {
    record: { ...newRecord(context, purchase, stored, null, now), programVersion },
    plan: null,
    // A guest's that nobody can claim any more is nothing to look at.
    writes: isOver ? [] : openException(context, unclaimedException(stored), now),
    unused: [],
  };
}

/** The same id again: with the same content nothing happens, with other content an operator is told. */
async function repeated(
  context: LedgerContext,
  record: PurchaseRecord,
  { purchase, sentAs }: Received,
  { found }: Attempt,
  now: number,
): Promise<Decided<Recorded<PurchaseRecord>>> {
  const hash = contentHash(context, purchase);
  const memberId = purchase.member && (await resolveMember(context, purchase.member));
  const told = {
    subject: purchase.id,
    memberId: memberId ?? null,
    data: await storable(context, purchase, now),
    distinction: hash,
    occurredAt: purchase.occurredAt,
  };
  if (hash !== record.contentHash) {
    const detail = 'The same purchase id came again with other content. The first stays as it is.';
    const conflict: NewException = { type: 'purchase_conflict', detail, ...told };
    const parked = parkConflict(context, record, conflict, found, now);
    return { result: { type: 'conflict', record: parked.record }, writes: parked.writes };
  }
  const detail = 'It was given back in full, and came again as it was. What was given back stays so.';
  const reopened: NewException = { type: 'purchase_reopened', detail, ...told };
  const isNew = (await isReopened(context, record, sentAs)) && !isParked(context, reopened, found);
  return { result: { type: 'duplicate', record }, writes: isNew ? openOnce(context, reopened, now) : [] };
}

/**
 * Whether a purchase that has been given back was sent once more, and not only delivered once more: by an event of its
 * own. One that had come back before it was posted is left out, since what comes behind it then is most likely the
 * second try of a caller that had no answer.
 */
async function isReopened(
  context: LedgerContext,
  record: PurchaseRecord,
  sentAs: string | undefined,
): Promise<boolean> {
  if (sentAs === undefined || !isReturned(record)) return false;
  if (sentAs === (record.sentAs ?? shortened(context, record.purchase.id))) return false;
  const newest = record.refundIds.at(-1);
  const refund = newest && (await getRefund(context, newest));
  return refund !== undefined && Date.parse(refund.recordedAt) > Date.parse(record.recordedAt);
}
