import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { code128, quiet128 } from '../../../passes/preview/code128.ts';
import { checkDigit, ean13, quietLeft } from '../../../passes/preview/ean13.ts';
import { pictureOf, readBarcode } from '../../support/zxing.ts';

const arbNumber = fc
  .array(fc.integer({ min: 0, max: 9 }), { minLength: 10, maxLength: 10 })
  .map((digits) => `29${digits.join('')}`)
  .map((digits) => digits + checkDigit(digits));

describe('a card number', () => {
  it('as Code 128 is read by ZXing as the number it was made of', () => {
    fc.assert(
      fc.property(arbNumber, (number) => {
        const read = readBarcode(pictureOf(code128(number) ?? '', quiet128));
        expect(read).toEqual({ format: 'CODE_128', text: number });
      }),
      { numRuns: 60 },
    );
  });

  it('as EAN-13 likewise', () => {
    fc.assert(
      fc.property(arbNumber, (number) => {
        const read = readBarcode(pictureOf(ean13(number) ?? '', quietLeft));
        expect(read).toEqual({ format: 'EAN_13', text: number });
      }),
      { numRuns: 60 },
    );
  });

  it.each(['', '7', '12a4', '１２'])('that is none is not drawn: %j', (text) => {
    expect(code128(text)).toBeNull();
  });
});
