/** An entry by its id, with what it names. */
import { type Account, type Entry, emptyAccount, fold } from '../../core/account.ts';
import { type EntryId, makeId, type PurchaseId, placeOf, type RefundId } from '../../core/contract/ids.ts';
import type { Program } from '../../core/program.ts';
import type { PurchaseRecord } from '../../core/purchases.ts';
import { getAccount, getOpenAccount } from '../members/members.ts';
import { getPurchase, getRefund } from '../purchases/decision.ts';
import type { LedgerContext } from '../store/context.ts';
import { entryPrefix, fromItem, keys } from '../store/items.ts';
import { scanPartition } from '../store/store.ts';
import { programAt } from './program-versions.ts';

export interface ExplainedEntry {
  readonly entry: Entry;
  readonly program: Program | undefined;
  /** When the member joined. */
  readonly since: string | undefined;
  /** The account that the entry was written on, where the entry changed the tier or a campaign lists members. */
  readonly before: Account | undefined;
  /** The purchase that earned or was refunded; undefined for a return without receipt. */
  readonly purchase: PurchaseRecord | undefined;
}

/**
 * An entry's id says where the entry stands, so it is found as soon as it is written.
 * @param isOpen whether only entries of members who have not left are looked for. Then as much is read of one who has
 * as of one who never was, so that nobody can tell the two apart by the time they take.
 */
export async function findEntry(
  context: LedgerContext,
  entryId: EntryId,
  { isOpen }: { readonly isOpen: boolean } = { isOpen: false },
): Promise<ExplainedEntry | undefined> {
  const { memberTail, sequence } = placeOf(entryId);
  const owner = await context.store.get(keys.entryOwner(memberTail));
  const memberId = owner
    ? fromItem(owner, 'lookup').memberId
    : makeId('member', memberTail.padStart(26, '0'));
  if (isOpen && !(await getOpenAccount(context, memberId))) return undefined;
  const item = owner && (await context.store.get(keys.entry(memberId, sequence)));
  const entry = item && fromItem(item, 'entry');
  // Its time was in the question, too: an id that differs in it names nothing.
  if (entry?.entryId !== entryId) return undefined;
  const [account, program, purchase] = await Promise.all([
    getAccount(context, entry.memberId),
    programAt(context, entry.programVersion),
    purchaseOf(context, entry),
  ]);
  const asksWho = entry.type === 'earned' && program?.campaigns.some(({ members }) => members);
  const isAsked = sequence > 1 && (entry.tier || asksWho);
  const before = isAsked ? await accountBefore(context, entry) : undefined;
  return { entry, program, since: account?.createdAt, before, purchase };
}

/** The fold of the entries before one. Few explanations ask for it, so few read that far. */
async function accountBefore(context: LedgerContext, entry: Entry): Promise<Account> {
  let account = emptyAccount(entry.memberId);
  for await (const item of scanPartition(context.store, keys.account(entry.memberId).pk, entryPrefix)) {
    const earlier = fromItem(item, 'entry');
    if (earlier.sequence >= entry.sequence) break;
    account = fold(account, earlier, earlier.hash);
  }
  return account;
}

async function purchaseOf(context: LedgerContext, entry: Entry): Promise<PurchaseRecord | undefined> {
  const { type, id } = entry.cause;
  if (type === 'purchase') return getPurchase(context, id as PurchaseId);
  if (type !== 'refund') return undefined;
  const refund = await getRefund(context, id as RefundId);
  const purchaseId = refund?.refund.purchaseId;
  return purchaseId && getPurchase(context, purchaseId);
}
