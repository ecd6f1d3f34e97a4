/**
 * What fell due: points that can be spent or lapsed, tiers that ended, referrals that count by now, exceptions that have
 * held somebody's contacts long enough. What is done is taken off the list in the transaction that did it.
 */
import type { ExceptionId, MemberId } from '../../core/contract/ids.ts';
import { nextDue, settle } from '../../core/points.ts';
import { forgetGuest } from '../erasure/sweep.ts';
import { append } from '../members/append.ts';
import { accountAsRead } from '../members/listeners.ts';
import { getOpenAccount } from '../members/members.ts';
import { settleReferral } from '../members/referrals.ts';
import { decide } from '../store/decide.ts';
import { dueReferralSuffix, dueShards, keys } from '../store/items.ts';
import type { Key } from '../store/store.ts';
import { daysOf } from './night.ts';
import { type Handled, type Means, type Place, throughPartitions } from './walk.ts';

/** Member, member#REFERRAL, or exception. */
function memberIn(sk: string): MemberId | null {
  return sk.startsWith('mem_') ? (sk.split('#')[0] as MemberId) : null;
}

export const dueWalk = throughPartitions({
  name: 'due',
  isList: true,
  memberOf: memberIn,
  partitions: (_means, night) =>
    daysOf(night).flatMap((day) =>
      Array.from({ length: dueShards }, (_, shard): Place => ({ pk: keys.duePk(day, shard), day })),
    ),
  handle: async (means, key, { day }) => {
    const { context, program, now } = means;
    const memberId = memberIn(key.sk);
    if (memberId === null) {
      await forgetGuest(context, key.sk as ExceptionId, key);
      return { counted: { exceptions: 1 } };
    }
    if (!key.sk.endsWith(dueReferralSuffix)) return settleDue(means, memberId, key, day);
    await settleReferral(context, program, memberId, now, key);
    return { counted: { members: 1 } };
  },
});

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
    if (!before) return { result: 0, writes: [takenOff] };
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
