/** Phone numbers as people write them: with their country's code or without, and with what is dialled before either. */

/** Codes of countries that are shorter than three digits (ITU-T E.164, list of assigned codes). */
const shortCodes = /^(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58])/;

function parted(digits: string): { code: string; rest: string } {
  const code = shortCodes.exec(digits)?.[0] ?? digits.slice(0, 3);
  return { code, rest: digits.slice(code.length) };
}

/** Zeros are dialled before a number, or a country's code, in some places, and left out in others. */
function withoutZeros(digits: string): string {
  return digits.replace(/^0+/, '');
}

/** What is dialled within a country instead of a zero. */
const trunks: ReadonlyMap<string, string> = new Map([
  ['7', '8'],
  ['36', '06'],
  ['375', '80'],
  ['993', '8'],
]);
/** Shorter ones are somebody's in each town. */
const writtenMin = 7;

/** Every form that `readPhone` makes of some way to write an international number, and the number itself. */
export function phoneForms(phone: string): string[] {
  const digits = phone.replace(/\D/g, '');
  const { code, rest } = parted(digits);
  const national = withoutZeros(rest);
  const forms = [digits, code + national, national, withoutZeros((trunks.get(code) ?? '') + national)];
  return [phone, ...new Set(forms.filter(({ length }) => length >= writtenMin))];
}

/** What is dialled before the code of a country in North America; elsewhere it is zeros. */
const outward = /^011(?=\d{7})/;

/**
 * The forms by which a number is recognised that is written as these digits.
 * @param hasPlus whether a plus stands before them
 */
export function readPhone(digits: string, hasPlus: boolean): string[] {
  if (!hasPlus) return [withoutZeros(digits), ...(outward.test(digits) ? [digits.replace(outward, '')] : [])];
  const { code, rest } = parted(digits);
  return [`+${digits}`, code + withoutZeros(rest)];
}
