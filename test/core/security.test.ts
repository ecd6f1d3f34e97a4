/** Who may spend, by how their contacts are known and how long ago these were changed. */
import { describe, expect, it } from 'vitest';
import { utc } from '../../core/contract/shapes/basics.ts';
import { holdContact, isHeld, isOpen, type Known, mustConfirm } from '../../core/security.ts';
import { noon } from '../support/world.ts';

const known = (statuses: Known['statuses'], more: Partial<Known> = {}): Known => ({
  isPublic: true,
  isDoubted: false,
  statuses,
  ...more,
});

it.each<[string, Known, publicJoin: boolean, always: boolean]>([
  ['joined, nothing confirmed', known(['unconfirmed']), true, true],
  ['joined and confirmed', known(['confirmed']), false, false],
  ['joined, and vouched for since', known(['vouched']), false, true],
  [
    'joined, confirmed one and earning by another that is not',
    known(['unconfirmed', 'confirmed'], { isDoubted: true }),
    true,
    false,
  ],
  [
    'joined, confirmed one and added another that leads nowhere',
    known(['confirmed', 'unconfirmed']),
    false,
    false,
  ],
  ['enrolled by a channel', known(['vouched'], { isPublic: false }), false, true],
  ['enrolled by a channel without any contact', known([], { isPublic: false }), false, true],
])('%s', (_, one, publicJoin, always) => {
  const under = (confirmation: 'off' | 'public_join' | 'always') =>
    mustConfirm(
      { security: { contactChangeHoldMinutes: 0, contactChangeKeepPercent: 0, confirmation } as never },
      one,
    );
  expect([under('off'), under('public_join'), under('always')]).toEqual([false, publicJoin, always]);
  expect(mustConfirm({}, one)).toBe(publicJoin);
});

describe('points that stay since a contact was changed', () => {
  const minute = 60_000;
  const under = (contactChangeHoldMinutes: number, contactChangeKeepPercent: number) =>
    ({ security: { contactChangeHoldMinutes, contactChangeKeepPercent } }) as never;
  const hold = (minutes: number, keeps: number, since = noon) => ({
    since: utc(since),
    until: utc(since + minutes * minute),
    keeps,
  });

  it('are so many of a hundred, rounded up, for so long', () => {
    expect(holdContact(under(30, 40), 101, undefined, noon)).toEqual(hold(30, 41));
    expect(holdContact({}, 100, undefined, noon)).toEqual(hold(60, 50));
    for (const [minutes, percent, available] of [
      [0, 40, 100],
      [30, 0, 100],
      [30, 40, 0],
    ] as const)
      expect(holdContact(under(minutes, percent), available, undefined, noon)).toBeUndefined();
  });

  it('are never made fewer or free earlier by another change, and are free once their time is over', () => {
    const before = hold(60, 50);
    const change = (minutes: number, available: number, at: number) =>
      holdContact(under(minutes, 50), available, before, at);
    expect(change(30, 80, noon)).toEqual({ ...before, keeps: 50 });
    expect(change(90, 120, noon + minute)).toEqual(hold(90, 60, noon + minute));
    expect(change(30, 0, noon + minute)).toEqual(before);
    expect(change(0, 100, noon + 60 * minute)).toBeUndefined();
    expect(change(30, 10, noon + 60 * minute)).toEqual(hold(30, 5, noon + 60 * minute));
    expect([isOpen(before, noon + 60 * minute - 1), isOpen(before, noon + 60 * minute)]).toEqual([
      true,
      false,
    ]);
  });

  it('are in the way of what would leave fewer', () => {
    const held = (points: number, at = noon, one: Parameters<typeof isHeld>[0] = hold(60, 50)) =>
      isHeld(one, 100, points, at);
    expect([held(50), held(51), held(51, noon + 60 * minute)]).toEqual([false, true, false]);
    expect(isHeld(undefined, 100, 51, noon)).toBe(false);
    // What costs nothing takes nothing of them, though fewer are there.
    expect([held(0, noon, hold(60, 500)), held(1, noon, hold(60, 500))]).toEqual([false, true]);
  });
});
