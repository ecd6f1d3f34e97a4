/** Phone numbers are recognised however they are written, in every country, by the formats of Google's numbering data. */
import { type CountryCode, getCountries, getExampleNumber } from 'libphonenumber-js/max';
import examples from 'libphonenumber-js/mobile/examples';
import { describe, expect, it } from 'vitest';
import { phoneForms, readPhone } from '../../core/phones.ts';

function isRead(written: string, phone: string): boolean {
  const known = new Set(phoneForms(phone));
  return readPhone(written.replace(/\D/g, ''), written.startsWith('+')).some((form) => known.has(form));
}

/** As it is dialled at home, from elsewhere, and as each of the two is mixed up. */
function spellings(country: CountryCode): { phone: string; written: string[] } {
  const example = getExampleNumber(country, examples);
  if (!example) throw new Error(`${country} has an example.`);
  const { number, nationalNumber, countryCallingCode } = example;
  const abroad = [`00${number.slice(1)}`, `011${number.slice(1)}`, number.slice(1)];
  const both = `+${countryCallingCode} (0)${nationalNumber}`;
  // Six digits alone may be anything; and a mobile number of Argentina is another one at home (15 for the 9).
  const isTold = nationalNumber.length >= 7 && country !== 'AR';
  const local = isTold ? [example.formatNational(), nationalNumber] : [];
  return { phone: number, written: [number, example.formatInternational(), ...abroad, both, ...local] };
}

describe('a number of each country', () => {
  it.each(getCountries())('%s', (country) => {
    const { phone, written } = spellings(country);
    expect(written.filter((one) => !isRead(one, phone))).toEqual([]);
  });
});

it.each([
  ['06 12 34 56 79', '+33612345678'],
  ['+34612345678', '+33612345678'],
  ['345678', '+33612345678'],
])('%s is not %s', (written, phone) => {
  expect(isRead(written, phone)).toBe(false);
});

it.each([
  ['+33612345678', ['+33612345678', '33612345678', '612345678']],
  ['+79012345678', ['+79012345678', '79012345678', '9012345678', '89012345678']],
  // Of a few digits only the whole is anybody's.
  ['+2901234', ['+2901234', '2901234']],
  ['+4420123', ['+4420123', '4420123']],
  ['+390612345', ['+390612345', '390612345', '39612345']],
])('%s is known by each way to write it that has seven digits', (phone, forms) => {
  expect(phoneForms(phone)).toEqual(forms);
});

it.each([
  ['0033612345678', false, ['33612345678']],
  ['01133612345678', false, ['1133612345678', '33612345678']],
  ['011123456', false, ['11123456']],
  ['330612345678', true, ['+330612345678', '33612345678']],
  ['2901234', true, ['+2901234', '2901234']],
])('%s (with a plus: %s) is read as %j', (digits, hasPlus, forms) => {
  expect(readPhone(digits, hasPlus)).toEqual(forms);
});
