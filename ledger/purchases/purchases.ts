/**
 * Purchases, each posted in one transaction: its record under its business key, the entries, the account. A
 * repeat finds the record; who changed the account in between makes the decision be made again.
 */
import type { Account } from '../../core/account.ts';
import type { Budgets } from '../../core/campaigns.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import type { RecordedRefund } from '../../core/contract/shapes/refund.ts';
import { award } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import { newPurchaseRecord, type PurchaseRecord } from '../../core/purchases.ts';
import { getOpenAccount, ifOpen, resolveMember, unavailable } from '../members/members.ts';
import { storable, withoutMember } from '../members/references.ts';
import { type NewException, openException, resolveException } from '../operators/exceptions.ts';
import { returnSpent } from '../spending/spent.ts';
import { unusedVouchers } from '../spending/vouchers.ts';
import { backOff, decisionsMax, type LedgerContext, LedgerUnavailable } from '../store/context.ts';
import { type AwaitedPurchase, fromItem, keys, toItem } from '../store/items.ts';
import { readBudgets, takeBudgets } from './budgets.ts';
import { changedAccount, commit, contentHash, type Draft, type Recorded } from './decision.ts';
import { draftRefund, waitingException } from './refund-drafts.ts';

/** The record of a purchase as it came; `stored` is what is kept of it. */
function newRecord(
  context: LedgerContext,
  purchase: RecordedPurchase,
  stored: RecordedPurchase,
  memberId: MemberId | null,
  now: number,
): PurchaseRecord {
  const contentHashed = contentHash(context, purchase);
  const known = { contentHash: contentHashed, memberId, recordedAt: utc(now), earning: null };
  return newPurchaseRecord(stored, known);
}

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
  const recorded = await postPurchase(context, program, purchase, now);
  // Refunds that came before may have given all of it back.
  if (recorded.record.refundIds.length > 0) await returnSpent(context, program, purchase.id, now);
  return recorded;
}

async function postPurchase(
  context: LedgerContext,
  program: Program,
  purchase: RecordedPurchase,
  now: number,
): Promise<Recorded<PurchaseRecord>> {
  const memberId = purchase.member ? await resolveMember(context, purchase.member) : undefined;
  let account = memberId && (await getOpenAccount(context, memberId));
  let awaited: AwaitedPurchase | undefined;
  for (let attempt = 1; attempt <= decisionsMax; attempt++) {
    const { shards, budgets } = await readBudgets(context, program, purchase, account);
    let draft = account
      ? draftPurchase(context, program, purchase, account, now, budgets)
      : draftUnclaimed(context, purchase, await storable(context, purchase, now), now);
    // Only refunds that came before can revoke vouchers, and hardly any purchase has those.
    if (awaited && account) draft = { ...draft, unused: await unusedVouchers(context, account.memberId) };
    const taken = draft.record.earning ? takeBudgets(shards, draft.record.earning) : [];
    for (const refund of awaited?.refunds ?? []) draft = draftAwaited(context, program, draft, refund, now);
    const { outcome, record } = await commit(
      context,
      { record: awaited, account },
      {
        ...draft,
        record: { ...draft.record, revision: (awaited?.revision ?? 0) + 1 },
        writes: [...draft.writes, ...taken],
      },
      now,
    );
    if (outcome.type === 'committed') return { type: 'posted', record };
    if (outcome.type !== 'refused') throw unavailable(outcome, `Posting ${purchase.id}`);
    const standing = outcome.items.get(0);
    if (standing?.item === 'purchase')
      return repeated(context, fromItem(standing, 'purchase'), purchase, now);
    if (standing) awaited = fromItem(standing, 'awaitedPurchase');
    const changed = changedAccount(outcome.items);
    account = changed ? ifOpen(changed) : account;
    await backOff(context, attempt);
  }
  throw new LedgerUnavailable('contended', `Posting ${purchase.id}`);
}

function draftPurchase(
  context: LedgerContext,
  program: Program,
  purchase: RecordedPurchase,
  account: Account,
  now: number,
  budgets: Budgets,
): Draft {
  const record = newRecord(context, purchase, withoutMember(purchase), account.memberId, now);
  const { earning, ...plan } = award(program, account, purchase, now, budgets);
  return { record: { ...record, earning }, plan, writes: [], unused: [] };
}

function draftUnclaimed(
  context: LedgerContext,
  purchase: RecordedPurchase,
  stored: RecordedPurchase,
  now: number,
): Draft {
  return {
    record: newRecord(context, purchase, stored, null, now),
    plan: null,
    writes: [openException(context, unclaimedException(stored), now)],
    unused: [],
  };
}

/** A refund that waits has been written once. */
const waitingRevision = { revision: 1 };

/** Applies a refund that waited for this purchase, in the same transaction. */
function draftAwaited(
  context: LedgerContext,
  program: Program,
  draft: Draft,
  refund: RecordedRefund,
  now: number,
): Draft {
  const { writes, ...after } = draftRefund(context, program, draft, refund, now, waitingRevision);
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
    data: await storable(context, purchase, now),
    distinction: hash,
    occurredAt: purchase.occurredAt,
  };
  const marked = { ...record, revision: record.revision + 1, conflict: true };
  const outcome = await context.store.transact([
    {
      put: toItem(keys.purchase(record.purchase.id), 'purchase', marked),
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
