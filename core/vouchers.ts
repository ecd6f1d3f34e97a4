/**
 * Voucher codes: twelve characters of Crockford's base32 (https://www.crockford.com/base32.html) and its check
 * symbol, which catches a wrong or swapped character. Read as people type: any case, with dashes or blanks, O
 * for 0, I and L for 1.
 */
const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const checks = `${digits}*~$=U`;
const length = 12;

function checkOf(code: string): string {
  let value = 0;
  for (const digit of code) value = (value * 32 + digits.indexOf(digit)) % 37;
  return checks[value] ?? '';
}

/** A new code, of `randomInteger(32)` for each character: 60 random bits when that is a CSPRNG. */
export function makeVoucherCode(randomInteger: (below: number) => number): string {
  const code = Array.from({ length }, () => digits[randomInteger(32)]).join('');
  return code + checkOf(code);
}

/** The code that somebody typed, or undefined when it is none. */
export function readVoucherCode(typed: string): string | undefined {
  const folded = typed.toUpperCase().replace(/[\s-]/g, '');
  const code = folded.slice(0, length).replace(/O/g, '0').replace(/[IL]/g, '1');
  const isCode = code.length === length && [...code].every((digit) => digits.includes(digit));
  // The check symbol may be a U, and is folded like the others where it is a digit.
  const check = folded.slice(length).replace('O', '0').replace(/[IL]/, '1');
  return isCode && check === checkOf(code) ? code + check : undefined;
}
