import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MemberId } from '../../core/contract/ids.ts';
import {
  discountOf,
  makeVoucherCode,
  readVoucherCode,
  refuseVoucher,
  vouchersFor,
} from '../../core/vouchers.ts';
import { defaultProgram, noon } from '../support/world.ts';

const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const code = fc
  .array(fc.nat(31), { minLength: 12, maxLength: 12 })
  .map((values) => makeVoucherCode(() => values.shift() ?? 0));

describe('voucher codes', () => {
  it('carry the check symbol of Crockford’s base32', () => {
    // 31 times 1 in the last two places: 31 × 32 + 31 = 1023, which is 24 modulo 37; the 24th symbol is R.
    const values = [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 31, 31];
    expect(makeVoucherCode(() => values.shift() ?? 0)).toBe('0000000000ZZR');
  });

  it('are read as people type them', () => {
    fc.assert(
      fc.property(code, (made) => {
        const typed = `${made.slice(0, 4)}-${made.slice(4, 8)} ${made.slice(8)}`.toLowerCase();
        expect(readVoucherCode(typed.replaceAll('0', 'o').replaceAll('1', 'l'))).toBe(made);
      }),
    );
  });

  it('are refused with one character wrong, or two neighbours swapped', () => {
    fc.assert(
      fc.property(code, fc.nat(11), fc.integer({ min: 1, max: 31 }), (made, at, by) => {
        const wrong = [...made];
        wrong[at] = digits[(digits.indexOf(made[at] ?? '') + by) % 32] ?? '';
        expect(readVoucherCode(wrong.join(''))).toBeUndefined();
        const [a, b] = [made[at] ?? '', made[at + 1] ?? ''];
        if (at < 11 && a !== b) {
          const swapped = made.slice(0, at) + b + a + made.slice(at + 2);
          expect(readVoucherCode(swapped)).toBeUndefined();
        }
      }),
    );
  });

  it.each(['', '0', 'UUUUUUUUUUUU0', 'É00000000000', '0000000000000000'])('%j is none', (typed) => {
    expect(readVoucherCode(typed)).toBeUndefined();
  });
});

describe('a discount in percent', () => {
  it('is rounded half up, to the minor unit that is nearest', () => {
    const percent = fc.tuple(fc.integer({ min: 1, max: 100 }), fc.nat(99));
    fc.assert(
      fc.property(percent, fc.nat(1_000_000), ([whole, hundredths], amountMinor) => {
        const text = whole === 100 ? '100' : `${whole}.${String(hundredths).padStart(2, '0')}`;
        const exact = BigInt(amountMinor) * BigInt(whole === 100 ? 10_000 : whole * 100 + hundredths);
        const off = BigInt(discountOf({ type: 'percent', percent: text }, amountMinor) ?? -1);
        const twice = 2n * (off * 10_000n - exact);
        expect(twice > -10_000n && twice <= 10_000n).toBe(true);
      }),
    );
    expect([4, 5, 14, 15].map((minor) => discountOf({ type: 'percent', percent: '10' }, minor))).toEqual([
      0, 1, 1, 2,
    ]);
  });
});

describe('what a voucher takes off', () => {
  it('is its amount, and never more than there is', () => {
    const off = (amountMinor: number) => discountOf({ type: 'amount', valueMinor: 500 }, amountMinor);
    expect([0, 499, 500, 501].map(off)).toEqual([0, 499, 500, 500]);
  });

  it('is no amount at all where it is a thing', () => {
    expect(discountOf({ type: 'gift' }, 500)).toBeUndefined();
  });
});

describe('the vouchers of a reward', () => {
  const program = defaultProgram();
  const account = { memberId: 'mem_01JD0000000000000000000000' as MemberId, version: 3 };
  const rewards = [
    ...program.rewards,
    {
      id: 'box',
      name: 'Box',
      points: 1,
      type: 'bundle' as const,
      rewards: ['five-euros', 'plant-a-tree', 'free-coffee', 'gone'],
    },
  ] as typeof program.rewards;
  const of = (id: string, version = 3) => {
    const reward = rewards.find((one) => one.id === id);
    if (!reward) throw new Error('There is such a reward.');
    return vouchersFor({ rewards }, reward, { ...account, version }, noon);
  };

  it('may be used once, a right as often as one likes, and a donation gives none', () => {
    expect(of('five-euros')).toMatchObject([
      { rewardId: 'five-euros', expiresAt: '2027-02-20T12:00:00Z', usesMax: 1 },
    ]);
    expect(of('member-price')).toMatchObject([{ expiresAt: '2026-12-22T12:00:00Z', usesMax: null }]);
    expect(of('vip-evening')).toMatchObject([{ expiresAt: null, usesMax: 1 }]);
    expect(of('plant-a-tree')).toEqual([]);
  });

  it('are those of its parts in a bundle', () => {
    expect(of('box').map(({ rewardId }) => rewardId)).toEqual(['five-euros', 'free-coffee']);
  });

  it('have each an id of its own, the same whenever the same entry is planned', () => {
    const ids = [of('box'), of('box', 4)].flat().map(({ voucherId }) => voucherId);
    expect(new Set(ids).size).toBe(4);
    expect(of('box').map(({ voucherId }) => voucherId)).toEqual(ids.slice(0, 2));
    expect(ids[0]).toMatch(/^vou_[0-9A-HJKMNP-TV-Z]{26}$/);
  });
});

describe('a voucher', () => {
  const { currencies } = defaultProgram();
  const issued = { status: 'issued' as const, expiresAt: '2026-11-22T12:00:00Z' };
  const end = Date.parse(issued.expiresAt);
  const use = { channel: null, amountMinor: undefined, currency: undefined };
  type Terms = Parameters<typeof refuseVoucher>[2];
  const refused = (terms: Terms, used: Partial<Parameters<typeof refuseVoucher>[3]>, voucher = issued) =>
    refuseVoucher(voucher, { currencies }, terms, { ...use, ...used }, end - 1);

  it('can be used until it ends, once, and not after it was revoked', () => {
    const at = (voucher: Parameters<typeof refuseVoucher>[0], now: number) =>
      refuseVoucher(voucher, { currencies }, {}, use, now);
    expect(at(issued, end - 1)).toBeUndefined();
    expect(at(issued, end)).toEqual({
      code: 'voucher_expired',
      reason: `It expired at ${issued.expiresAt}.`,
    });
    expect(at({ ...issued, expiresAt: null }, end * 2)).toBeUndefined();
    expect(at({ ...issued, status: 'used' }, end)).toEqual({
      code: 'voucher_used',
      reason: 'It has been used.',
    });
    expect(at({ ...issued, status: 'revoked' }, end)).toEqual({
      code: 'voucher_not_applicable',
      reason: 'It was revoked.',
    });
  });

  it.each<[Terms, Parameters<typeof refused>[1], string | undefined]>([
    [{}, { channel: 'web' }, undefined],
    [{ channels: ['web', 'app'] }, { channel: 'app' }, undefined],
    [{ channels: ['web', 'app'] }, { channel: null }, undefined],
    [{ channels: ['web', 'app'] }, { channel: 'store' }, 'It may be used in web, app, not in store.'],
    [{ currency: 'EUR' }, { currency: 'EUR' }, undefined],
    [{ currency: 'EUR' }, { currency: undefined }, undefined],
    [{ currency: 'EUR' }, { currency: 'GBP' }, 'It takes an amount in EUR off, and this is in GBP.'],
    [{ minimumMinor: 2000 }, {}, 'It needs amountMinor: the reward has a minimum.'],
    [{ minimumMinor: 2000 }, { amountMinor: 2000 }, undefined],
    [{ minimumMinor: 2000 }, { amountMinor: 1999 }, 'It needs 2000 minor units of EUR or more, not 1999.'],
    [
      { minimumMinor: 2000 },
      { amountMinor: 2999, currency: 'JPY' },
      'It needs 3000 minor units of JPY or more, not 2999.',
    ],
    [
      { minimumMinor: 2000, currency: 'JPY' },
      { amountMinor: 1999 },
      'It needs 2000 minor units of JPY or more, not 1999.',
    ],
    [
      { minimumMinor: 2000 },
      { amountMinor: 9999, currency: 'CHF' },
      'It has a minimum, and says none in CHF.',
    ],
  ])('of %j on %j: %s', (terms, used, reason) => {
    expect(refused(terms, used)).toEqual(reason && { code: 'voucher_not_applicable', reason });
  });
});
