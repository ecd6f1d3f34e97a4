/**
 * What fell due: points that can be spent or lapsed, tiers that ended, referrals that count by now, exceptions that have
 * held somebody's contacts long enough. What is done is taken off the list in the transaction that did it.
 */
import type { ExceptionId, MemberId } from '../../core/contract/ids.ts';
import { nextDue, settle } from '../../core/points.ts';
import { isProven } from '../../core/security.ts';
import { closeMember } from '../erasure/closing.ts';
import { forgetGuest } from '../erasure/sweep.ts';
import { append } from '../members/append.ts';
import { accountAsRead } from '../members/listeners.ts';
import { getOpenAccount, knownOf, type Member } from '../members/members.ts';
import { settleReferral } from '../members/referrals.ts';
import { commit, decide } from '../store/decide.ts';
import {
  dueDayOf,
  dueJoinSuffix,
  duePrefix,
  dueProofSuffix,
  dueReferralSuffix,
  dueShards,
  dueTakenSuffix,
  fromItem,
  keys,
} from '../store/items.ts';
import { endLists, listedBetween } from '../store/lists.ts';
import type { Key } from '../store/store.ts';
import { daysBefore, daysOf } from './night.ts';
import { followProof } from './proofs.ts';
import { followTaking } from './taken.ts';
import { type Handled, type Means, type NightDays, type Place, throughPartitions } from './walk.ts';

/** Member, member#REFERRAL, #PROOF, #TAKEN or #JOIN, or exception. */
function memberIn(sk: string): MemberId | null {
  return sk.startsWith('mem_') ? (sk.split('#')[0] as MemberId) : null;
}

export const dueWalk = throughPartitions({
  name: 'due',
  isList: true,
  memberOf: memberIn,
  partitions: async ({ context }, night) => {
    const listed = await listedBetween(context, duePrefix, `${duePrefix}${night.to}#~`);
    return listed?.map((pk): Place => ({ pk, day: dueDayOf(pk) })) ?? unlisted(night);
  },
  empty: async ({ context }, places, { to }) => {
    // Its day is over everywhere, and so is whatever was under way when it ended.
    const over = places.filter(({ day }) => day < daysBefore(to, 2));
    await endLists(
      context,
      over.map(({ pk }) => pk),
    );
  },
  handle: async (means, key, { day, isNew }) => {
    const { context, program, now } = means;
    const memberId = memberIn(key.sk);
    if (memberId === null) {
      await forgetGuest(context, key.sk as ExceptionId, key);
      return { counted: { exceptions: 1 } };
    }
    if (key.sk.endsWith(dueProofSuffix)) return followProof(means, memberId, key, isNew);
    if (key.sk.endsWith(dueTakenSuffix)) return followTaking(means, memberId, key);
    if (key.sk.endsWith(dueJoinSuffix)) return endJoin(means, memberId, key);
    if (!key.sk.endsWith(dueReferralSuffix)) return settleDue(means, memberId, key, day);
    await settleReferral(context, program, memberId, now, key);
    return { counted: { members: 1 } };
  },
});

/** In a ledger that is older than the list of partitions: the days of the night, and those of a week once more. */
function unlisted(night: NightDays): Place[] {
  return daysOf(night).flatMap((day) =>
    Array.from({ length: dueShards }, (_, shard): Place => ({ pk: keys.duePk(day, shard), day })),
  );
}

/**
 * Writes down what time has made true of an account. It stays on the list where something falls due later on the same
 * day; the account's version says that nobody has listed it again meanwhile.
 */
async function settleDue(
  { context, program, now }: Means,
  memberId: MemberId,
  { pk, sk }: Key,
  day: string,
): Promise<Handled> {
  const takenOff = { delete: { pk, sk } };
  const entries = await decide<number>(context, `Settling ${memberId}`, async () => {
    const before = await getOpenAccount(context, memberId);
    // What was due of somebody who was merged is due, and listed, where it has gone.
    if (before?.memberId !== memberId) return { result: 0, writes: [takenOff] };
    const { account, entries, writes } = append(context, before, settle(program, before, now), now);
    const isDueAgain = nextDue(account)?.slice(0, 10) === day;
    if (isDueAgain) return { result: entries.length, writes };
    const asRead = { check: keys.account(memberId), if: accountAsRead(before) };
    return {
      result: entries.length,
      writes: [...writes, takenOff, ...(writes.length > 0 ? [] : [asRead])],
    };
  });
  return { counted: { members: 1, entries } };
}

const byNight = { keyId: 'night', name: 'night' };
const neverCame = 'Joined by the public page and never came.';

/**
 * Ends who joined by the public page, has confirmed nothing and has not come since: bought nothing, and has the card in
 * no wallet. It is so for a contact that was a member's already and for one that was nobody's, so that nobody learns
 * which it was by waiting.
 */
async function endJoin(
  { context, program, now }: Means,
  memberId: MemberId,
  { pk, sk }: Key,
): Promise<Handled> {
  const item = await context.store.get({ pk, sk });
  const { joined } = item ? fromItem(item, 'due') : {};
  const isOver = ({ account, profile }: Member) =>
    // Who has become another member is that one.
    account.memberId === memberId &&
    profile.memberId === memberId &&
    !isProven(knownOf(profile)) &&
    account.version === joined &&
    (account.listeners ?? []).length === 0;
  const request = { memberId, operator: byNight, reason: neverCame, isWanted: isOver };
  const ended = await closeMember(context, program, request, now);
  await commit(context, `Taking ${sk} off the list`, [{ delete: { pk, sk } }]);
  return { counted: { members: 1, ended: ended ? 1 : 0 } };
}
