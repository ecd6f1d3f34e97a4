/** What a refund does to the visit that its purchase was. */
import { expect, it } from 'vitest';
import { visitTakenBack } from '../../core/rules.ts';

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
