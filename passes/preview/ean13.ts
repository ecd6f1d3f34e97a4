/**
 * EAN-13 (GS1 General Specifications, section 5.2): 13 digits as 95 modules. The first digit is not drawn;
 * it is told by which of the six digits on the left use the alphabet with even parity.
 */
const odd = [
  '0001101',
  '0011001',
  '0010011',
  '0111101',
  '0100011',
  '0110001',
  '0101111',
  '0111011',
  '0110111',
  '0001011',
];
const parities = [
  'OOOOOO',
  'OOEOEE',
  'OOEEOE',
  'OOEEEO',
  'OEOOEE',
  'OEEOOE',
  'OEEEOO',
  'OEOEOE',
  'OEOEEO',
  'OEEOEO',
];
const guard = '101';
const centre = '01010';

/** Light modules that a scanner needs beside the bars. */
export const quietLeft = 11;
export const quietRight = 7;
export const moduleCount = 95;

const inverted = (bits: string) => bits.replace(/[01]/g, (bit) => (bit === '1' ? '0' : '1'));
const reversed = (bits: string) => [...bits].reverse().join('');

/** The digits on the right of the centre are the odd alphabet inverted; even parity is that one reversed. */
const right = odd.map(inverted);
const even = right.map(reversed);

/** The check digit of the first twelve: weights 1 and 3 in turn, up to the next ten. */
export function checkDigit(digits: string): number {
  const sum = [...digits.slice(0, 12)].reduce(
    (total, digit, at) => total + Number(digit) * (at % 2 ? 3 : 1),
    0,
  );
  return (10 - (sum % 10)) % 10;
}

/**
 * The 95 modules from left to right, `1` for a bar; null for what is no EAN-13, since a barcode with a wrong
 * check digit is one that no till reads.
 */
export function ean13(digits: string): string | null {
  if (!/^\d{13}$/.test(digits) || checkDigit(digits) !== Number(digits[12])) return null;
  const [first = 0, ...rest] = [...digits].map(Number);
  const parity = parities[first] ?? '';
  const draw = (alphabet: readonly string[], digit: number) => alphabet[digit] ?? '';
  const leftHalf = rest.slice(0, 6).map((digit, at) => draw(parity[at] === 'O' ? odd : even, digit));
  const rightHalf = rest.slice(6).map((digit) => draw(right, digit));
  return [guard, ...leftHalf, centre, ...rightHalf, guard].join('');
}
