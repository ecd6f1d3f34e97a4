import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  addNumbers,
  canonicalNumber,
  compareNumbers,
  numberBytes,
  sortableNumber,
  subtractNumbers,
} from '../../../local/dynamodb/numbers.ts';

describe('numbers are exact decimals', () => {
  test.each([
    ['1.0', '1'],
    ['1E2', '100'],
    ['+5', '5'],
    ['5.', '5'],
    ['.5', '0.5'],
    ['-0.0', '0'],
    ['007', '7'],
    ['120e-1', '12'],
    ['-1.5e-3', '-0.0015'],
    ['9.9999999999999999999999999999999999999E125', `${'9'.repeat(38)}${'0'.repeat(88)}`],
    ['1E-130', `0.${'0'.repeat(129)}1`],
  ])('%s is written %s', (given, canonical) => {
    expect(canonicalNumber(given)).toBe(canonical);
    expect(canonicalNumber(canonical)).toBe(canonical);
  });

  test.each(['', ' 1', '1 ', 'abc', '0x10', 'NaN', 'Infinity', '1_000', '1e', '.', '--1', '٣'])(
    '%j is refused',
    (given) => {
      expect(() => canonicalNumber(given)).toThrow('cannot be converted to a numeric value');
    },
  );

  test.each([
    ['1E126', 'overflow'],
    ['-1E126', 'overflow'],
    ['1E-131', 'underflow'],
    ['1'.repeat(39), '38 significant digits'],
    [`0.${'1'.repeat(39)}`, '38 significant digits'],
  ])('%s is out of range', (given, message) => {
    expect(() => canonicalNumber(given)).toThrow(message);
  });

  test.each([
    ['0.1', '0.2', '0.3'],
    ['9007199254740993', '1', '9007199254740994'],
    ['99999999999999999999999999999999999999', '1', `1${'0'.repeat(38)}`],
    ['-5', '5', '0'],
    ['1E20', '1E-17', '100000000000000000000.00000000000000001'],
  ])('%s + %s = %s', (left, right, sum) => {
    expect(addNumbers(left, right)).toBe(sum);
    expect(subtractNumbers(sum, right)).toBe(canonicalNumber(left));
  });

  test('a sum that 38 digits cannot hold is refused, not rounded', () => {
    expect(() => addNumbers('1E40', '1')).toThrow('38 significant digits');
    expect(() => addNumbers('9E125', '9E125')).toThrow('overflow');
    expect(() => subtractNumbers('1.1E-130', '1E-130')).toThrow('underflow');
  });

  const decimal = fc
    .tuple(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), fc.integer({ min: -100, max: 100 }))
    .map(([digits, exponent]) => `${digits}E${exponent}`);

  test('order, sortable text and difference agree', () => {
    fc.assert(
      fc.property(decimal, decimal, (left, right) => {
        const order = compareNumbers(left, right);
        const [a, b] = [sortableNumber(left), sortableNumber(right)];
        expect(Buffer.compare(Buffer.from(a), Buffer.from(b))).toBe(order);
        expect(compareNumbers(right, left)).toBe(order === 0 ? 0 : -order);
      }),
    );
  });

  test('neighbours differ in their sortable text', () => {
    fc.assert(
      fc.property(fc.integer({ min: -2000, max: 2000 }), (n) => {
        expect(sortableNumber(String(n)) < sortableNumber(String(n + 1))).toBe(true);
        expect(sortableNumber(`${n}.5`) === sortableNumber(`${n}.50`)).toBe(true);
      }),
    );
  });

  test.each([
    ['0', 1],
    ['5', 2],
    ['35', 2],
    ['350', 3],
    ['-350', 4],
    ['100', 2],
    ['1000', 2],
    ['0.5', 2],
    ['12.34', 3],
    ['12345678901234567890123456789012345678', 20],
  ])('%s counts %i bytes', (number, bytes) => {
    expect(numberBytes(number)).toBe(bytes);
  });
});
