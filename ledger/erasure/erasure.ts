/**
 * Erasure. One transaction makes it final: the account is closed by its last entry, the profile and everything
 * that finds the person go with it. What may be too much for that transaction is removed behind it; an item says
 * that this is still to be done, until it is, so whoever comes next goes on: a repeat of the request, or the night.
 */
import type { MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { Program } from '../../core/program.ts';
import { getAccount, idsOfPerson } from '../members/members.ts';
import type { Operator } from '../operators/audit.ts';
import type { LedgerContext } from '../store/context.ts';
import { commit } from '../store/decide.ts';
import { decideOnce, type Once, type Reply } from '../store/idempotency.ts';
import { fromItem, keys, openErasurePk } from '../store/items.ts';
import { scanPartition } from '../store/store.ts';
import { closeMember, type ErasureRequest, removeLeftovers } from './closing.ts';
import type { ErasureList } from './list.ts';
import { sweepPerson } from './sweep.ts';

export type Erased = { readonly type: 'missing' } | { readonly type: 'erased'; readonly complete: boolean };

/**
 * Erases a member. The list is written first: should this stop half way, the list knows what was meant. Asking again
 * finishes what is left, and changes nothing when there is nothing left.
 * @param hasTime whether there is time to go on; what is left then is done later
 * @throws LedgerUnavailable when it could not be decided, or its outcome is unknown: it is safe to repeat
 */
export async function eraseMember(
  context: LedgerContext,
  list: ErasureList,
  program: Program,
  request: ErasureRequest,
  now: number,
  hasTime: () => boolean,
): Promise<Erased> {
  const ids = await idsOfPerson(context, request.memberId);
  if (ids.length === 0) return { type: 'missing' };
  for (const memberId of ids) await list.add({ memberId, erasedAt: utc(now) });
  // Who was merged leaves with whom they were merged into: that one last, since whoever finds no member asks no more.
  for (const memberId of ids.toReversed()) await closeMember(context, program, { ...request, memberId }, now);
  let complete = true;
  for (const memberId of ids) complete = (await finishErasure(context, memberId, hasTime)) && complete;
  return { type: 'erased', complete };
}

/**
 * The same for a key, which is bound to its request before anything is done: what is on the list is erased, should
 * the ledger ever be restored, so a request that is refused for its key must not come there. Whoever repeats the
 * request gets the first answer, and has finished whatever was left.
 */
export async function eraseMemberOnce(
  context: LedgerContext,
  list: ErasureList,
  program: Program,
  request: ErasureRequest,
  reply: Reply<Erased['type']>,
  now: number,
  hasTime: () => boolean,
): Promise<Once> {
  const { memberId } = request;
  const once = await decideOnce(context, `Erasing ${memberId}`, reply.once, now, async () => {
    const isMember = (await getAccount(context, memberId)) !== undefined;
    return { answer: reply.answer(isMember ? 'erased' : 'missing'), writes: [] };
  });
  // What was refused the first time is refused again, and nobody is erased by it.
  if (once.type === 'answered' && once.answer.status < 400)
    await eraseMember(context, list, program, request, now, hasTime);
  return once;
}

/**
 * Finishes an erasure that was stopped half way, if it was.
 * @returns whether nothing is left of it
 */
export async function finishErasure(
  context: LedgerContext,
  memberId: MemberId,
  hasTime: () => boolean,
): Promise<boolean> {
  const item = await context.store.get(keys.openErasure(memberId));
  if (!item) return true;
  const erasure = fromItem(item, 'openErasure');
  if (!(await removeLeftovers(context, erasure, hasTime))) return false;
  if (!(await sweepPerson(context, erasure, hasTime))) return false;
  await commit(context, `Finishing the erasure of ${memberId}`, [{ delete: keys.openErasure(memberId) }]);
  return true;
}

/** Finishes all that were; answers whether all are done. */
export async function finishErasures(context: LedgerContext, hasTime: () => boolean): Promise<boolean> {
  for await (const { sk } of scanPartition(context.store, openErasurePk, ''))
    if (!(await finishErasure(context, sk as MemberId, hasTime))) return false;
  return true;
}

// After a restore -------------------------------------------------------------------------------------------------

export interface Reapplied {
  /** Members of the list that were looked at. */
  readonly checked: number;
  /** Those who were there again. */
  readonly erased: number;
  readonly complete: boolean;
  /** Behind whom the list is to be gone on with, where the time was over before its end. */
  readonly after?: MemberId;
}

const checkedAtOnce = 25;
const bySetup: Operator = { keyId: 'setup', name: 'setup' };
const restored = 'The ledger was restored from before.';

/** Goes through the list and erases whoever is there again. Who went before and is gone costs one read. */
export async function reapplyErasures(
  context: LedgerContext,
  list: ErasureList,
  program: Program,
  from: MemberId | undefined,
  now: number,
  hasTime: () => boolean,
): Promise<Reapplied> {
  let [checked, erased] = [0, 0];
  let after = from;
  do {
    const page = await list.page(after, checkedAtOnce);
    const requests = page.items.map(({ memberId }) => ({ memberId, operator: bySetup, reason: restored }));
    const closed = await Promise.all(requests.map((one) => closeMember(context, program, one, now)));
    checked += closed.length;
    erased += closed.filter((one) => one).length;
    after = page.next;
    if (after !== undefined && !hasTime()) return { checked, erased, complete: false, after };
  } while (after !== undefined);
  return { checked, erased, complete: await finishErasures(context, hasTime) };
}
