import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkDigit, ean13 } from '../../../passes/preview/ean13.ts';
import { scanEan13 } from '../../support/scanner.ts';

const margin = (modules: number) => '0'.repeat(modules);
const samples = (modules: string) => [...margin(11), ...modules, ...margin(7)].map((bit) => bit === '1');

describe('the barcode', () => {
  it('has the bars that are published for 5901234123457', () => {
    const left = ['0001011', '0100111', '0110011', '0010011', '0111101', '0011101'];
    const right = ['1100110', '1101100', '1000010', '1011100', '1001110', '1000100'];
    expect(ean13('5901234123457')).toBe(['101', ...left, '01010', ...right, '101'].join(''));
  });

  it('is read back as the digits it was made of, whatever they are', () => {
    const twelve = fc.array(fc.integer({ min: 0, max: 9 }), { minLength: 12, maxLength: 12 });
    fc.assert(
      fc.property(twelve, (digits) => {
        const number = digits.join('') + checkDigit(digits.join(''));
        expect(scanEan13(samples(ean13(number) ?? ''))).toBe(number);
      }),
    );
  });

  it.each(['2912345678907', '291234567890', '29123456789060', '29123456789o6', ''])(
    'is not drawn for %j, which no till could read',
    (digits) => {
      expect(ean13(digits)).toBeNull();
    },
  );
});
