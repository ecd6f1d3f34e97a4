import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { discountOf, makeVoucherCode, readVoucherCode } from '../../core/vouchers.ts';

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
