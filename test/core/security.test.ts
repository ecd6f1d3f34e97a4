/** Who may spend, by how their contacts are known. */
import { expect, it } from 'vitest';
import { type Known, mustConfirm } from '../../core/security.ts';

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
