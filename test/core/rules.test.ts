/** What time does to points, and a refund to the visit and the place that its purchase had. */
import { describe, expect, it } from 'vitest';
import { type Account, emptyAccount, type Lot, ownStanding } from '../../core/account.ts';
import type { MemberId, RedemptionId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { clawedBack, type Due, settleLots, visitTakenBack } from '../../core/rules.ts';
import { defaultProgram, noon } from '../support/world.ts';

it('a place is given up when all of its purchase came back, where the member has it', () => {
  const account = {
    ...emptyAccount('mem_01JD0000000000000000000000' as MemberId),
    purchases: 2,
    freePlaces: [2],
  };
  const change = (place: number | undefined, isReturned = true) => {
    const taken = { points: 0, qualifyingPoints: 0, month: '2026-11', own: undefined, place, isReturned };
    const { purchases, place: given } = clawedBack(
      defaultProgram(),
      ownStanding(account),
      taken,
      noon,
    ).change;
    return [purchases, given];
  };
  expect(change(1)).toEqual([-1, 1]);
  expect(change(3)).toEqual([-1, 3]);
  const nothing = change(undefined);
  for (const place of [2, 4]) expect(change(place)).toEqual(nothing);
  expect(change(1, false)).toEqual(nothing);
});

it('a visit goes when what remains is none, unless a newer one came, or nobody knows the one before', () => {
  const [before, at, later] = ['2026-11-20T11:00:00Z', '2026-11-22T11:00:00Z', '2026-11-23T11:00:00Z'];
  const visited = { visit: { points: 5, minimumMinor: 500 }, occurredAt: at, lastVisitAt: before };
  const left = { points: 5, totalMinor: 500 };
  const last = { lastVisitAt: at };
  expect(visitTakenBack(last, visited, left)).toBeUndefined();
  expect(visitTakenBack(last, visited, { ...left, totalMinor: 499 })).toBe(before);
  expect(visitTakenBack(last, visited, { ...left, points: 0 })).toBe(before);
  const none = { points: 0, totalMinor: 0 };
  expect(visitTakenBack(last, { ...visited, lastVisitAt: null }, none)).toBeNull();
  expect(visitTakenBack({ lastVisitAt: later }, visited, none)).toBeUndefined();
  expect(visitTakenBack(last, { ...visited, lastVisitAt: undefined }, none)).toBeUndefined();
  expect(visitTakenBack(last, { ...visited, visit: undefined }, none)).toBeUndefined();
});

describe('points whose time has come', () => {
  const minute = 60_000;
  const at = (minutes: number) => utc(noon + minutes * minute);
  const end = at(100);
  const lot = (points: number, opens: number | null = null, expiresAt: string | null = end): Lot => ({
    points,
    availableAt: opens === null ? null : at(opens),
    expiresAt,
  });
  const hold = (name: string, minutes: number, points: number) => ({
    redemptionId: name as RedemptionId,
    expiresAt: at(minutes),
    lots: [lot(points)],
  });
  /** What fell due by so many minutes after noon, and what there is then. */
  function settled(of: Partial<Account>, minutes: number) {
    const holds = of.holds ?? [];
    const held = holds.flatMap(({ lots }) => lots).reduce((sum, { points }) => sum + points, 0);
    const account = { ...emptyAccount('mem_01JD0000000000000000000000' as MemberId), ...of, held } as Account;
    const standing = ownStanding(account);
    const told: [Due['type'], string, number][] = [];
    settleLots(standing, noon + minutes * minute, ({ type, at: when, points }) =>
      told.push([type, when, points]),
    );
    const { lots, debt } = standing;
    return { told, lots, debt, holds: standing.holds.map(({ redemptionId }) => redemptionId) };
  }

  it('come out of holds, can be spent and lapse, each by its own instant', () => {
    const of = {
      holds: [hold('b', 2, 20), hold('a', 1, 10), hold('c', 4, 5)],
      // Soonest to lapse first, as accounts have them.
      lots: [lot(1, null, at(3)), lot(2, null, at(4)), lot(8, 2), lot(7, 3), lot(9, 5), lot(3, null, null)],
    };
    expect(settled(of, 0).told).toEqual([]);
    const { told, lots, debt, holds } = settled(of, 3);
    expect(told).toEqual([
      ['holds_expired', at(2), 30],
      ['activated', at(3), 15],
      ['expired', at(3), 1],
    ]);
    expect([debt, holds]).toEqual([0, ['c']]);
    expect([...lots].sort((a, b) => a.points - b.points)).toEqual([
      lot(2, null, at(4)),
      lot(3, null, null),
      lot(9, 5),
      lot(45),
    ]);
  });

  it('repay a debt in the order of their instants, and no later one before it is there', () => {
    const first = settled({ debt: 15, holds: [hold('a', 1, 10), hold('b', 4, 10)], lots: [lot(7, 5)] }, 2);
    expect(first).toMatchObject({ told: [['holds_expired', at(1), 10]], debt: 5, holds: ['b'] });
    expect(first.lots).toEqual([lot(7, 5)]);
    const second = settled({ debt: 15, holds: [hold('b', 9, 10)], lots: [lot(7, 1), lot(6, 8)] }, 2);
    expect(second).toMatchObject({ told: [['activated', at(1), 7]], debt: 8, holds: ['b'] });
    const turns = settled(
      { debt: 25, holds: [hold('a', 1, 10), hold('b', 3, 10)], lots: [lot(7, 2), lot(6, 4)] },
      4,
    );
    expect(turns).toMatchObject({
      told: [
        ['holds_expired', at(1), 10],
        ['activated', at(2), 7],
        ['holds_expired', at(3), 10],
        ['activated', at(4), 6],
      ],
      debt: 0,
      holds: [],
    });
    expect(turns.lots).toEqual([lot(8)]);
    // At one instant a hold is first.
    expect(settled({ debt: 5, holds: [hold('a', 1, 3)], lots: [lot(3, 1)] }, 1).told).toEqual([
      ['holds_expired', at(1), 3],
      ['activated', at(1), 3],
    ]);
  });
});
