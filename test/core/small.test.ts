import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { canonicalJson } from '../../core/canonical.ts';
import { checkDigit, isCardNumber, makeCardNumber } from '../../core/cardnumber.ts';
import { Problem } from '../../core/contract/errors.ts';
import { compare, decimal, decimalText, divideHalfUp, multiply } from '../../core/decimal.ts';

describe('card numbers', () => {
  it('carry the check digit of the EAN-13 standard', () => {
    // Published examples: GS1's own 4006381333931 and the ISBN 9780306406157.
    expect(checkDigit('400638133393')).toBe(1);
    expect(checkDigit('978030640615')).toBe(7);
  });

  it('are recognised, and one wrong digit is not', () => {
    fc.assert(
      fc.property(fc.nat(9_999_999_999), fc.nat(12), fc.integer({ min: 1, max: 9 }), (random, at, change) => {
        const number = makeCardNumber(random);
        expect(isCardNumber(number)).toBe(true);
        const wrong = [...number];
        wrong[at] = String((Number(wrong[at]) + change) % 10);
        expect(isCardNumber(wrong.join(''))).toBe(false);
      }),
    );
  });
});

describe('decimals', () => {
  const text = fc
    .tuple(fc.nat(9999), fc.nat(9999))
    .map(([whole, fraction]) => `${whole}.${String(fraction).padStart(4, '0')}`);

  it('multiply exactly', () => {
    expect(decimalText(multiply(decimal('1.25'), decimal('1.2')))).toBe('1.5');
    expect(decimalText(multiply(decimal('0.1'), decimal('0.2')))).toBe('0.02');
  });

  it('are read and written without loss', () => {
    fc.assert(
      fc.property(text, (one) => {
        expect(compare(decimal(decimalText(decimal(one))), decimal(one))).toBe(0);
      }),
    );
  });

  it('compare by value, not by length', () => {
    expect(compare(decimal('1.5'), decimal('1.50'))).toBe(0);
    expect(compare(decimal('1.05'), decimal('1.5'))).toBe(-1);
    expect(compare(decimal('10'), decimal('9.9999'))).toBe(1);
  });

  it('divide rounded half up', () => {
    expect([divideHalfUp(5n, 2n), divideHalfUp(7n, 3n), divideHalfUp(8n, 3n), divideHalfUp(0n, 3n)]).toEqual([
      3n,
      2n,
      3n,
      0n,
    ]);
  });
});

describe('canonical JSON', () => {
  it('does not depend on key order or absent fields, and does on everything else', () => {
    expect(canonicalJson({ b: [1, { d: 'x', c: null }], a: undefined })).toBe('{"b":[1,{"c":null,"d":"x"}]}');
    expect(canonicalJson({ a: 1 })).not.toBe(canonicalJson({ a: '1' }));
    expect(canonicalJson([1, 2])).not.toBe(canonicalJson([2, 1]));
  });

  it('is JSON of the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue({ noUnicodeString: false }), (value) => {
        expect(JSON.parse(canonicalJson(value))).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('a problem', () => {
  it('is well-formed text, whatever it speaks of', () => {
    const half = '💎'.slice(0, 1);
    const body = new Problem('invalid_request', undefined, [
      { path: `lines.${half}`, message: `is ${half}` },
    ]).body('r');
    expect(JSON.stringify(body)).not.toMatch(/\\ud83d/);
    expect(body.errors).toEqual([{ path: 'lines.\ufffd', message: 'is \ufffd' }]);
  });
});
