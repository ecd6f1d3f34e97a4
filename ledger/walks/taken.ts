/** Somebody who had another's contact by their word alone becomes the one whose it is: ledger/members/taking.ts. */
import type { MemberId } from '../../core/contract/ids.ts';
import { currentId } from '../members/members.ts';
import { mergeMembers } from '../members/merges.ts';
import { commit } from '../store/decide.ts';
import { fromItem } from '../store/items.ts';
import type { Key } from '../store/store.ts';
import type { Handled, Means } from './walk.ts';

/** Doing it again changes nothing; where either has left meanwhile, there is nothing to do. */
export async function followTaking(
  { context, program, now }: Means,
  from: MemberId,
  { pk, sk }: Key,
): Promise<Handled> {
  const item = await context.store.get({ pk, sk });
  const { takenBy } = item ? fromItem(item, 'due') : {};
  if (takenBy !== undefined) {
    const into = await currentId(context, takenBy);
    await mergeMembers(context, program, { into, from, leads: false }, now);
  }
  await commit(context, `Taking ${sk} off the list`, [{ delete: { pk, sk } }]);
  return { counted: { members: 1 } };
}
