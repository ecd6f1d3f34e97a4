/** What a refund does to the visit and the place that its purchase had. */
import { expect, it } from 'vitest';
import { emptyAccount, ownStanding } from '../../core/account.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { clawedBack, visitTakenBack } from '../../core/rules.ts';
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
