/** What a bonus gives, and bundles: what the document may say, and what is refused with the field's name. */
import { describe, expect, it } from 'vitest';
import type { MemberId } from '../../core/contract/ids.ts';
import { giftOf } from '../../core/gifts.ts';
import { enrol, giveYearly, withProfileBonus } from '../../core/points.ts';
import { programDocument } from '../../core/program.ts';
import { defaultProgram, noon } from '../support/world.ts';

const memberId = 'mem_01JD0000000000000000000000' as MemberId;
const { version: _version, ...document } = defaultProgram();
const croissant = { id: 'croissant', name: 'A croissant', points: 100, type: 'gift', sku: 'CRO-1' };
const bundle = { id: 'breakfast', name: 'Breakfast', points: 200, type: 'bundle' };

function faults(changes: object): [path: string, message: string][] {
  const { error } = programDocument.safeParse({ ...document, ...changes });
  return (error?.issues ?? []).map(({ path, message }) => [path.join('.'), message]);
}

const withBundle = (more: object) => ({
  rewards: [...document.rewards, croissant, { ...bundle, ...more }],
});

describe('what a bonus gives', () => {
  const refusal =
    'must be points, a whole number from 0 to 10,000,000, or points, a reward\'s id or both, as { "points": 50, "reward": "free-coffee" }';

  it.each([
    [50, { points: 50 }],
    [{ points: 50 }, { points: 50 }],
    [{ reward: 'free-coffee' }, { points: 0, reward: 'free-coffee' }],
    [
      { points: 50, reward: 'free-coffee' },
      { points: 50, reward: 'free-coffee' },
    ],
    [undefined, { points: 0 }],
  ])('is %j', (gift, parts) => {
    for (const name of ['welcome', 'birthday', 'profile'])
      expect(faults({ bonuses: { [name]: gift } })).toEqual([]);
    expect(giftOf(gift)).toEqual(parts);
  });

  it.each([
    [{}, '', refusal],
    [{ points: 1.5 }, '', refusal],
    ['free-coffee', '', refusal],
    [{ reward: 'free-coffee', extra: 1 }, '', refusal],
    [{ reward: 'nothing' }, '.reward', 'must be the id of a reward; nothing is not'],
    [
      { reward: 'plant-a-tree' },
      '.reward',
      'must be a reward that gives a voucher; plant-a-tree is a donation',
    ],
  ])('is not %j', (gift, path, message) => {
    for (const name of ['welcome', 'birthday', 'profile'])
      expect(faults({ bonuses: { [name]: gift } })).toEqual([[`bonuses.${name}${path}`, message]]);
  });

  it('is a voucher beside the points, once, whichever bonus it is', () => {
    const gift = { points: 5, reward: 'free-coffee' };
    const program = defaultProgram({ bonuses: { welcome: gift, birthday: gift, profile: gift } });
    const joined = enrol(program, memberId, noon);
    const complete = withProfileBonus(program, joined, noon);
    const twice = withProfileBonus(program, complete, noon);
    const born = giveYearly(program, twice.account, 'birthday', '2026-11-22', noon);
    const again = giveYearly(program, born.account, 'birthday', '2026-11-23', noon + 86_400_000);
    const entries = [...twice.entries, ...born.entries, ...again.entries];
    const given = entries.filter(({ type }) => type === 'bonus');
    expect(given.map(({ bonus }) => bonus)).toEqual(['welcome', 'profile', 'birthday']);
    const vouchers = given.flatMap((entry) => entry.vouchers?.issued ?? []);
    expect(vouchers.map(({ rewardId, usesMax, expiresAt }) => [rewardId, usesMax, expiresAt])).toEqual(
      Array(3).fill(['free-coffee', 1, '2027-01-21T12:00:00Z']),
    );
    expect(new Set(vouchers.map(({ voucherId }) => voucherId)).size).toBe(3);
  });
});

describe('a bundle', () => {
  it('is made of rewards that give a voucher each, the same twice, too', () => {
    expect(faults(withBundle({ rewards: ['free-coffee', 'croissant'] }))).toEqual([]);
    expect(faults(withBundle({ rewards: ['free-coffee', 'free-coffee', 'five-euros'] }))).toEqual([]);
  });

  const at = `rewards.${document.rewards.length + 1}`;
  it.each([
    [{ rewards: ['free-coffee'] }, 'rewards', 'must have at least 2 items'],
    [{ rewards: Array(11).fill('free-coffee') }, 'rewards', 'must have at most 10 items'],
    [{ rewards: ['free-coffee', 'nothing'] }, 'rewards.1', 'must be the id of a reward; nothing is not'],
    [
      { rewards: ['breakfast', 'free-coffee'] },
      'rewards.0',
      'must be a reward of one voucher; breakfast is a bundle',
    ],
    [
      { rewards: ['free-coffee', 'plant-a-tree'] },
      'rewards.1',
      'must be a reward of one voucher; plant-a-tree is a donation',
    ],
    [
      { rewards: ['free-coffee', 'croissant'], validDays: 5 },
      'validDays',
      'belongs to the rewards of the bundle: each voucher has its own',
    ],
    [
      { rewards: ['free-coffee', 'croissant'], channels: ['store'] },
      'channels',
      'belongs to the rewards of the bundle: each voucher has its own',
    ],
  ])('is not %j', (more, path, message) => {
    expect(faults(withBundle(more))).toEqual([[`${at}.${path}`, message]]);
  });

  it('takes amounts off in one currency, since one purchase has no other', () => {
    const pounds = { ...document.rewards[0], id: 'five-pounds', currency: 'GBP' };
    const rewards = [...document.rewards, pounds, { ...bundle, rewards: ['five-euros', 'five-pounds'] }];
    expect(faults({ rewards })).toEqual([
      [`${at}.rewards.1`, 'must take an amount in EUR off, as the others, not in GBP'],
    ]);
  });

  it('fills no stamp card: a full one is one voucher', () => {
    const stamps = document.stamps.map((card) => ({ ...card, reward: 'breakfast' }));
    expect(faults({ ...withBundle({ rewards: ['free-coffee', 'croissant'] }), stamps })).toEqual([
      ['stamps.0.reward', 'must be a reward of one voucher; breakfast is a bundle'],
    ]);
  });
});
