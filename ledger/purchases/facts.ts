/**
 * Facts of members that conditions ask for and the account does not say: read only where the programme in force asks.
 */
import {
  type Account,
  countOf,
  emptyAccount,
  fold,
  type MemberFacts,
  ownStanding,
} from '../../core/account.ts';
import { compiled } from '../../core/compiled.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import type { Fact } from '../../core/expressions.ts';
import type { Program } from '../../core/program.ts';
import type { LedgerContext } from '../store/context.ts';
import { entryPrefix, fromItem, keys } from '../store/items.ts';
import { scanPartition } from '../store/store.ts';

/** A member who buys: the account, with purchases counted where that is asked, and what the profile says. */
export interface BuyerRead {
  readonly account: Account;
  readonly facts: MemberFacts;
}

export async function readBuyer(
  context: LedgerContext,
  program: Program,
  account: Account,
): Promise<BuyerRead> {
  const asked = compiled(program).facts;
  const [counted, facts] = await Promise.all([
    asked.has('purchases') ? countPurchases(context, account) : {},
    profileFacts(context, asked, account.memberId),
  ]);
  return { account: { ...account, ...counted }, facts };
}

/**
 * The count that the account keeps. In an account of before nobody has counted: then all entries up to its version are
 * read once, and whoever writes the account writes the count with it.
 */
async function countPurchases(
  context: LedgerContext,
  account: Account,
): Promise<Pick<Account, 'purchases' | 'freePlaces'>> {
  if (account.purchases !== undefined) return {};
  let folded = emptyAccount(account.memberId);
  for await (const item of scanPartition(context.store, keys.account(account.memberId).pk, entryPrefix)) {
    const entry = fromItem(item, 'entry');
    if (entry.sequence > account.version) break;
    folded = fold(folded, entry, entry.hash);
  }
  return countOf(ownStanding(folded));
}

/** What the profile says as it is now; nothing of a guest. */
export async function profileFacts(
  context: LedgerContext,
  asked: ReadonlySet<Fact>,
  memberId: MemberId,
): Promise<MemberFacts> {
  if (!asked.has('birthdayMonth')) return {};
  const item = await context.store.get(keys.profile(memberId));
  const birthday = item && fromItem(item, 'profile').birthday;
  return birthday ? { birthdayMonth: Number(birthday.slice(5, 7)) } : {};
}
