/** Guests' purchases, given to a member afterwards. */
import { isTheirs } from '../../core/account.ts';
import type { Budgets } from '../../core/campaigns.ts';
import type { PurchaseId } from '../../core/contract/ids.ts';
import type { MemberReference } from '../../core/contract/shapes/member.ts';
import { award, settle } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import { type PurchaseRecord, unrefunded } from '../../core/purchases.ts';
import { getOpenAccount, resolveMember } from '../members/members.ts';
import { withoutMember } from '../members/references.ts';
import type { Operator } from '../operators/audit.ts';
import { resolveException } from '../operators/exceptions.ts';
import { programAt } from '../operators/program-versions.ts';
import { countedOf, guesserOf } from '../spending/guesses.ts';
import { spentByOthers } from '../spending/spent.ts';
import { type OfStamps, unusedVouchers } from '../spending/vouchers.ts';
import type { LedgerContext } from '../store/context.ts';
import { decideOnce, type Once, outcomeOf, type Reply } from '../store/idempotency.ts';
import type { RefundRecord } from '../store/items.ts';
import { tooLarge, writesMax } from '../store/limits.ts';
import type { Write } from '../store/store.ts';
import { type CampaignOffers, readBudgets, takeBudgets } from './budgets.ts';
import { getPurchase, getRefund, type PurchaseDraft, purchaseWrites } from './decision.ts';
import { type BuyerRead, readBuyer } from './facts.ts';
import { unclaimedException } from './purchases.ts';
import { draftRefund } from './refund-drafts.ts';

export const claimDays = 90;
/** Each takes two writes of the claim's transaction, which has room for a hundred. */
const claimRefundsMax = 30;
/**
 * A claim is one transaction; its key's answer, the list of vouchers, an operator's audit and what says that nobody has
 * guessed too often are written along.
 */
const claimWritesMax = writesMax - 6;
const paidByOthers = 'Another member has spent points or a voucher on it: it can only be theirs.';
const tooMuchBack =
  'Its refunds and the vouchers of its stamps are more than one claim can write: an operator can give the points.';

export type Claimed =
  | { readonly type: 'claimed'; readonly record: PurchaseRecord }
  | { readonly type: 'missing' }
  | { readonly type: 'no_member' }
  | { readonly type: 'mismatch' }
  | { readonly type: 'closed'; readonly reason: string };

/** Too many wrong totals came before: whether this one is right is not said until then (milliseconds). */
export type MaybeClaimed = Claimed | { readonly type: 'stopped'; readonly until: number };

/** Whose the purchase is said to be. */
export interface Claim {
  readonly member: MemberReference;
  readonly totalMinor: number;
}

/**
 * Gives a guest's purchase to a member; it earns as of when it occurred, by the programme of then. The total proves that the claimant
 * holds the receipt. A repeat by the same member answers as the first did. `operator` is
 * who has the purchase's exception tried again.
 * @throws LedgerUnavailable when the outcome is unknown: it is safe to repeat
 */
export async function claimPurchase(
  context: LedgerContext,
  program: Program,
  purchaseId: PurchaseId,
  claim: Claim,
  now: number,
  operator?: Operator,
): Promise<Claimed> {
  const wanted = { ...claim, purchaseId, operator };
  const claimed = await outcomeOf<MaybeClaimed>((reply) => claimOnce(context, program, wanted, reply, now));
  if (claimed.type === 'stopped') throw new Error('Nobody was counted.');
  return claimed;
}

/**
 * The same, once for a key: whoever repeats the request gets the answer to the first, a refusal too. Wrong totals are
 * counted for `guesser`, if anybody may be guessing, and for the purchase.
 */
export async function claimPurchaseOnce(
  context: LedgerContext,
  program: Program,
  purchaseId: PurchaseId,
  claim: Claim,
  reply: Reply<MaybeClaimed>,
  now: number,
  guesser?: string,
): Promise<Once> {
  const wanted = { ...claim, purchaseId, operator: undefined };
  const guessers = guesser === undefined ? [] : [guesser, guesserOf(context, 'claims of', purchaseId)];
  return claimOnce(context, program, wanted, reply, now, guessers);
}

/** Which purchase, and who has its exception tried again. */
export type Wanted = Claim & { readonly purchaseId: PurchaseId; readonly operator: Operator | undefined };

async function claimOnce(
  context: LedgerContext,
  program: Program,
  claim: Wanted,
  reply: Reply<MaybeClaimed>,
  now: number,
  guessers: readonly string[] = [],
): Promise<Once> {
  return decideOnce(context, `Claiming ${claim.purchaseId}`, reply.once, now, async () => {
    const { until, wrong, asRead } = await countedOf(context, guessers, now);
    if (until !== undefined) return { answer: reply.answer({ type: 'stopped', until }), writes: [] };
    const { outcome, writes } = await decideClaim(context, program, claim, now);
    // Whatever else is said tells that the total is right, so it is said only as long as nobody was stopped.
    const counted = outcome.type === 'mismatch' ? wrong : outcome.type === 'missing' ? [] : asRead;
    return { answer: reply.answer(outcome), writes: [...writes, ...counted] };
  });
}

/** What a claim comes to as things stand, and what it writes. */
export async function decideClaim(
  context: LedgerContext,
  program: Program,
  { purchaseId, member, totalMinor, operator }: Wanted,
  now: number,
): Promise<{ outcome: Claimed; writes: readonly Write[] }> {
  const decided = (outcome: Claimed, writes: readonly Write[] = []) => ({ outcome, writes });
  const record = await getPurchase(context, purchaseId);
  if (!record) return decided({ type: 'missing' });
  if (record.purchase.totalMinor !== totalMinor) return decided({ type: 'mismatch' });
  const memberId = await resolveMember(context, member);
  const account = memberId && (await getOpenAccount(context, memberId));
  if (!account) return decided({ type: 'no_member' });
  if (record.memberId !== null && isTheirs(account, record.memberId))
    return decided({ type: 'claimed', record });
  const terms = await programThen(context, program, record);
  const reason = closedBecause(terms, record, now);
  if (reason !== undefined) return decided({ type: 'closed', reason });
  // Where the purchase itself says whose it is, nobody needs to be told apart by what they spent.
  if (!record.purchase.member && (await spentByOthers(context, purchaseId, account.memberId, now)))
    return decided({ type: 'closed', reason: paidByOthers });
  const buyer = await readBuyer(context, terms, account);
  const { offers, budgets } = await readBudgets(context, terms, record.purchase, buyer, now);
  const refunds = await refundsOf(context, record);
  const unused = refunds.length > 0 ? await unusedVouchers(context, account) : [];
  const read = { terms, refunds, unused, offers, budgets, operator };
  const draft = draftClaim(context, program, record, buyer, now, read);
  const claimed = purchaseWrites(context, { record, account }, draft, now);
  if (claimed.writes.length > claimWritesMax || tooLarge(claimed.writes))
    return decided({ type: 'closed', reason: tooMuchBack });
  return decided({ type: 'claimed', record: claimed.record }, claimed.writes);
}

/**
 * The programme by which a guest's purchase earns: the one that was in force when it was recorded, whatever has become
 * of its currency, campaigns or stamp cards. What was recorded before versions were kept with it earns by today's.
 */
async function programThen(
  context: LedgerContext,
  program: Program,
  { programVersion = program.version }: PurchaseRecord,
): Promise<Program> {
  if (programVersion === program.version) return program;
  return (await programAt(context, programVersion)) ?? program;
}

/** Why a purchase cannot be claimed any more; undefined when it can. */
function closedBecause(program: Program, record: PurchaseRecord, now: number): string | undefined {
  const { currency, occurredAt } = record.purchase;
  if (record.memberId !== null) return 'It belongs to a member already.';
  if (!Object.hasOwn(program.currencies, currency))
    return `The programme has no rate for ${currency} any more.`;
  if (record.refundIds.length > claimRefundsMax) return `It has more than ${claimRefundsMax} refunds.`;
  if (Date.parse(occurredAt) + claimDays * 86_400_000 < now) return `It is more than ${claimDays} days old.`;
  return undefined;
}

/** The refunds that a guest's purchase has had, in their order. */
async function refundsOf(context: LedgerContext, { refundIds }: PurchaseRecord): Promise<RefundRecord[]> {
  const records = await Promise.all(refundIds.map((id) => getRefund(context, id)));
  return records.flatMap((record) => (record ? [record] : []));
}

/**
 * The whole purchase earns, then each refund that it had is applied to it, as if the member had been known from
 * the start: the refunds' own figures come out the same.
 */
function draftClaim(
  context: LedgerContext,
  program: Program,
  record: PurchaseRecord,
  { account, facts }: BuyerRead,
  now: number,
  given: {
    /** What the purchase earns by; what time has made true until now is today's programme's. */
    terms: Program;
    refunds: readonly RefundRecord[];
    unused: readonly OfStamps[];
    offers: CampaignOffers;
    budgets: Budgets;
    operator: Operator | undefined;
  },
): PurchaseDraft {
  const settled = settle(program, account, now);
  const { budgets } = given;
  const { earning, ...earned } = award(given.terms, settled.account, record.purchase, now, budgets, facts);
  const plan = { account: earned.account, entries: [...settled.entries, ...earned.entries] };
  const purchase = withoutMember(record.purchase);
  const { programVersion: _then, ...unclaimed } = unrefunded(record);
  const owned: PurchaseRecord = {
    ...unclaimed,
    purchase,
    memberId: account.memberId,
    earning,
  };
  let draft: PurchaseDraft = { record: owned, plan, writes: [], unused: given.unused };
  for (const previous of given.refunds)
    draft = draftRefund(context, program, draft, previous.refund, now, previous).draft;
  // What was refused of them was listed when they came.
  const refunded = draft.writes.filter((write) => 'put' in write && write.put.item === 'refund');
  return {
    ...draft,
    writes: [
      ...refunded,
      ...resolveException(context, unclaimedException(purchase), record.recordedAt, now, given.operator),
      ...takeBudgets(given.offers, earning),
    ],
  };
}
