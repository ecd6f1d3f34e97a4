/** The one rule by which a reward is had or refused, at each of its borders. */
import { describe, expect, it } from 'vitest';
import { type Account, emptyAccount, type Lot } from '../../core/account.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { type Circumstances, refuseByAccount, refuseByCounts } from '../../core/rewards.ts';
import { defaultProgram, noon } from '../support/world.ts';

const minute = 60_000;
const memberId = 'mem_01JD0000000000000000000000' as MemberId;
const gift = { id: 'gift', name: 'Gift', type: 'gift' as const, points: 100, sku: 'SKU-1' };
const program = defaultProgram({ bonuses: {}, campaigns: [], stamps: [], rewards: [gift] });
const free: Circumstances = { paused: false, contactHold: undefined, mustConfirm: false };

function accountOf(points: number): Account {
  const lots: Lot[] = points > 0 ? [{ points, availableAt: null, expiresAt: null }] : [];
  return { ...emptyAccount(memberId), lots };
}

describe('a reward', () => {
  const had = (points: number, given: Partial<Circumstances> = {}, more = {}) =>
    refuseByAccount(program, accountOf(points), { ...gift, ...more }, { ...free, ...given }, noon);

  it('is had for as many points as it costs, and not for one less', () => {
    expect(had(100)).toBeUndefined();
    expect(had(99)).toEqual({ type: 'insufficient', available: 99, needed: 100 });
  });

  it('is refused for what stands in the way of all before what stands in the way of this one', () => {
    const hold = { since: utc(noon - minute), until: utc(noon + minute), keeps: 50 };
    const late = { to: utc(noon) };
    const all = { paused: true, mustConfirm: true, contactHold: hold };
    expect(had(0, all, late)).toEqual({ type: 'paused' });
    expect(had(0, { ...all, paused: false }, late)).toEqual({ type: 'unconfirmed' });
    expect(had(0, { contactHold: hold }, late)).toMatchObject({ type: 'unavailable' });
    expect(had(99, { contactHold: hold })).toMatchObject({ type: 'insufficient' });
    expect(had(149, { contactHold: hold })).toEqual({ type: 'held', hold });
    expect(had(150, { contactHold: hold })).toBeUndefined();
  });
});

describe('a reward of which there is only so much', () => {
  it('is had as long as one is left, and as often as each may', () => {
    const limited = { ...gift, limitPerMember: 2 };
    expect(refuseByCounts(limited, { left: 1, own: 1 })).toBeUndefined();
    expect(refuseByCounts(limited, { left: 0, own: 0 })).toEqual({
      type: 'unavailable',
      reason: 'Nothing is left of gift.',
    });
    expect(refuseByCounts(limited, { left: 1, own: 2 })).toEqual({
      type: 'unavailable',
      reason: 'The member has had gift as often as each may.',
    });
    expect(refuseByCounts(gift, { left: 1, own: 1000 })).toBeUndefined();
  });
});
