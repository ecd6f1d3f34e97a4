/** Spending by the pure core: what an entry says of points that are set aside, spent, and given back. */
import { describe, expect, it } from 'vitest';
import { type Account, balanceOf } from '../../core/account.ts';
import type { MemberId, RedemptionId } from '../../core/contract/ids.ts';
import { award, enrol } from '../../core/points.ts';
import {
  capture,
  currencyOf,
  hold,
  holdsMax,
  type Reward,
  redeem,
  refuseReward,
  release,
  unredeem,
} from '../../core/redemptions.ts';
import { vouchersFor } from '../../core/vouchers.ts';
import { aPurchase, defaultProgram, noon } from '../support/world.ts';

const memberId = 'mem_01JD0000000000000000000000' as MemberId;
const redemptionId = 'red_01JD0000000000000000000000' as RedemptionId;
const minute = 60_000;
const program = defaultProgram({ bonuses: {} });
const instant = { occurredAt: '2026-11-22T12:00:00Z', recordedAt: '2026-11-22T12:00:00Z' };
const cause = { type: 'redemption', id: redemptionId };
const lot = { availableAt: null, expiresAt: '2027-11-30T23:00:00Z' };

/** 300 points that can be spent, and 100 that are pending. */
function saver(): Account {
  const enrolled = enrol(program, memberId, noon).account;
  const spendable = award(program, enrolled, aPurchase([30_000]), noon).account;
  return award(program, spendable, aPurchase([10_000], { channel: 'web' }), noon).account;
}

function planned<T extends { readonly type: string }>(outcome: T) {
  if (outcome.type !== 'planned') throw new Error(`It is ${outcome.type}.`);
  return outcome as Extract<T, { readonly type: 'planned' }>;
}

const held = (points = 100, now = noon) =>
  planned(hold(program, saver(), { redemptionId, points }, now)).account;
const rewardOf = (id: string) => program.rewards.find((one) => one.id === id) as Reward;

describe('a hold', () => {
  it('sets points aside for as many minutes as the programme says', () => {
    const { entries, account, lots } = planned(hold(program, saver(), { redemptionId, points: 100 }, noon));
    expect(entries).toMatchObject([
      {
        ...instant,
        type: 'held',
        cause,
        programVersion: 1,
        postings: [
          { account: 'member:available', points: -100 },
          { account: 'member:held', points: 100 },
        ],
        lots: [{ ...lot, points: -100 }],
        holds: { opened: { redemptionId, expiresAt: '2026-11-22T12:15:00Z' } },
      },
    ]);
    expect(lots).toEqual([{ ...lot, points: 100 }]);
    expect(balanceOf(account)).toMatchObject({ available: 200, held: 100, pending: 100 });
  });

  it('ends once, by being spent: its points are gone, and the member has the vouchers', () => {
    const account = held();
    const vouchers = vouchersFor(program, rewardOf('five-euros'), account, noon);
    const { entries, account: after } = planned(capture(program, account, { redemptionId, vouchers }, noon));
    expect(entries).toMatchObject([
      {
        ...instant,
        type: 'captured',
        cause,
        postings: [
          { account: 'member:held', points: -100 },
          { account: 'programme:redeemed', points: 100 },
        ],
        lots: [],
        holds: { ended: [redemptionId] },
        vouchers: { issued: vouchers },
      },
    ]);
    expect(balanceOf(after)).toMatchObject({ available: 200, held: 0, pending: 100 });
    for (const again of [
      capture(program, after, { redemptionId }, noon),
      release(program, after, redemptionId, noon),
    ])
      expect(again).toEqual({ type: 'no_hold' });
  });

  it('spent for what gives none says nothing of vouchers', () => {
    const { entries } = planned(capture(program, held(), { redemptionId }, noon));
    expect(entries[0]).not.toHaveProperty('vouchers');
  });

  it('ends once, by being given up: its points come back to their lots', () => {
    const { entries, account } = planned(release(program, held(), redemptionId, noon));
    expect(entries).toMatchObject([
      {
        ...instant,
        type: 'released',
        cause,
        postings: [
          { account: 'member:held', points: -100 },
          { account: 'member:available', points: 100 },
        ],
        lots: [{ ...lot, points: 100 }],
        holds: { ended: [redemptionId] },
      },
    ]);
    expect(account.lots).toEqual(saver().lots);
    expect(release(program, account, redemptionId, noon)).toEqual({ type: 'no_hold' });
  });

  it('of another redemption is left as it is', () => {
    const other = 'red_01JD0000000000000000000001' as RedemptionId;
    const both = planned(hold(program, held(), { redemptionId: other, points: 50 }, noon)).account;
    const { account, entries } = planned(capture(program, both, { redemptionId: other }, noon));
    expect(entries[0]?.postings).toContainEqual({ account: 'programme:redeemed', points: 50 });
    expect(account.holds.map((one) => one.redemptionId)).toEqual([redemptionId]);
    const given = planned(release(program, both, other, noon));
    expect(given.account.holds.map((one) => one.redemptionId)).toEqual([redemptionId]);
    expect(balanceOf(given.account).available).toBe(200);
  });

  it.each([
    [14, 'planned'],
    [15, 'no_hold'],
  ])('behind %i minutes is %s to whoever ends it', (minutes, type) => {
    const now = noon + minutes * minute;
    expect(capture(program, held(), { redemptionId }, now).type).toBe(type);
    expect(release(program, held(), redemptionId, now).type).toBe(type);
  });
});

describe('points that are spent at once', () => {
  it('are gone, and the entry says which lots gave them and which vouchers they bought', () => {
    const vouchers = vouchersFor(program, rewardOf('five-euros'), saver(), noon);
    const wanted = { redemptionId, points: 300, vouchers };
    const { entries, account, lots } = planned(redeem(program, saver(), wanted, noon));
    expect(entries).toMatchObject([
      {
        ...instant,
        type: 'redeemed',
        cause,
        postings: [
          { account: 'member:available', points: -300 },
          { account: 'programme:redeemed', points: 300 },
        ],
        lots: [{ ...lot, points: -300 }],
        vouchers: { issued: vouchers },
      },
    ]);
    expect(lots).toEqual([{ ...lot, points: 300 }]);
    expect(balanceOf(account)).toMatchObject({ available: 0, pending: 100 });
    expect(
      planned(redeem(program, saver(), { redemptionId, points: 1 }, noon)).entries[0],
    ).not.toHaveProperty('vouchers');
  });

  it('are no more than can be spent: pending ones are none of those', () => {
    const wanted = { redemptionId, points: 301 };
    for (const spend of [hold, redeem])
      expect(spend(program, saver(), wanted, noon)).toEqual({ type: 'insufficient', available: 300 });
  });

  it('come back to their lots when that is undone, and the vouchers go', () => {
    const voucherIds = vouchersFor(program, rewardOf('five-euros'), saver(), noon).map(
      (one) => one.voucherId,
    );
    const spent = planned(redeem(program, saver(), { redemptionId, points: 100 }, noon));
    const undone = unredeem(
      program,
      spent.account,
      { redemptionId, lots: spent.lots, revoked: voucherIds },
      noon,
    );
    expect(undone.entries).toMatchObject([
      {
        ...instant,
        type: 'redemption_cancelled',
        cause,
        postings: [
          { account: 'programme:redeemed', points: -100 },
          { account: 'member:available', points: 100 },
        ],
        lots: [{ ...lot, points: 100 }],
        vouchers: { revoked: voucherIds },
      },
    ]);
    expect(undone.account.lots).toEqual(saver().lots);
    const plain = unredeem(program, spent.account, { redemptionId, lots: spent.lots }, noon);
    expect(plain.entries[0]).not.toHaveProperty('vouchers');
  });
});

describe('a reward is refused', () => {
  const reward = rewardOf('five-euros');
  const [from, to] = ['2026-11-22T12:00:00Z', '2026-12-01T00:00:00Z'];

  it('before it begins, and from its end on', () => {
    const asked = (at: number) => refuseReward(program, saver(), { ...reward, from, to }, at);
    expect(asked(noon - 1)).toBe(`five-euros begins on ${from}.`);
    expect(asked(noon)).toBeUndefined();
    expect(asked(Date.parse(to) - 1)).toBeUndefined();
    expect(asked(Date.parse(to))).toBe(`five-euros ended on ${to}.`);
  });

  it('below its tier, and not in it or above', () => {
    const asked = (id: string) =>
      refuseReward(
        program,
        { ...saver(), tier: { id, validUntil: null, steps: [] } },
        { ...reward, tier: 'complice' },
        noon,
      );
    expect(asked('ami')).toBe('five-euros is for tier complice.');
    expect(['complice', 'intime'].map(asked)).toEqual([undefined, undefined]);
  });

  it('to whoever has a hundred redemptions open, and to whoever has left', () => {
    const [open] = held().holds;
    if (!open) throw new Error('There is a hold.');
    const withHolds = (count: number) => ({ ...saver(), holds: Array.from({ length: count }, () => open) });
    expect(refuseReward(program, withHolds(holdsMax - 1), reward, noon)).toBeUndefined();
    expect(refuseReward(program, withHolds(holdsMax), reward, noon)).toBe(
      'The member has 100 redemptions open.',
    );
    expect(refuseReward(program, { ...saver(), status: 'closed' }, reward, noon)).toBe(
      'The member has left.',
    );
  });
});

it('an amount off has a currency, also in a bundle, and nothing else has', () => {
  const bundle = { id: 'both', name: 'Both', points: 1, type: 'bundle' as const };
  const of = (rewards: readonly string[]) =>
    currencyOf(program, { ...bundle, rewards: [...rewards] } as Reward);
  expect(currencyOf(program, rewardOf('five-euros'))).toBe('EUR');
  expect(currencyOf(program, rewardOf('ten-percent'))).toBeUndefined();
  expect(of(['ten-percent', 'five-euros'])).toBe('EUR');
  expect(of(['ten-percent'])).toBeUndefined();
});
