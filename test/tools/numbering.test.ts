/** Bundles hold a part of Google's numbering data: what is made of a number is the same as by the whole. */
import fc from 'fast-check';
import { parsePhoneNumberFromString } from 'libphonenumber-js/core';
import metadata from 'libphonenumber-js/metadata.min.json' with { type: 'json' };
import { expect, it } from 'vitest';
import { shortPlans } from '../../tools/numbering.ts';

const short = shortPlans(metadata);
const codes = [...Object.keys(metadata.country_calling_codes), ...Object.keys(metadata.nonGeographic)];

function read(text: string, by: typeof metadata) {
  const parsed = parsePhoneNumberFromString(text, by as never);
  return parsed && { number: parsed.number, isPossible: parsed.isPossible() };
}

const digits = fc.stringMatching(/^[0-9]{2,15}$/);

it('of every numbering plan, with the prefixes that people write, and of codes that nobody has', () => {
  let possible = 0;
  fc.assert(
    fc.property(
      fc.constantFrom(...codes, '999', '210'),
      fc.constantFrom('', '0', '(0)', '1', '8', '06', '9', '15', '011'),
      digits,
      (code, prefix, rest) => {
        const text = `+${code} ${prefix}${rest}`;
        const whole = read(text, metadata);
        if (whole?.isPossible) possible++;
        expect(read(text, short)).toEqual(whole);
      },
    ),
    { numRuns: 30_000 },
  );
  expect(possible).toBeGreaterThan(3_000);
});

it('leaves out most of it', () => {
  expect(JSON.stringify(short).length).toBeLessThan(JSON.stringify(metadata).length / 2.5);
});
