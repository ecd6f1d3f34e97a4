import { invalidRequest } from './errors.ts';

/**
 * DynamoDB's numbers: exact decimals of up to 38 significant digits, between 1E-130 and 9.99…E+125 in magnitude.
 *
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/HowItWorks.NamingRulesDataTypes.html
 */

/** coefficient × 10^exponent; the coefficient is 0 (with exponent 0) or not divisible by 10. */
export interface Decimal {
  readonly coefficient: bigint;
  readonly exponent: number;
}

const DIGITS_MAX = 38;
const MAGNITUDE_MAX = 125;
const MAGNITUDE_MIN = -130;

const NUMBER = /^([+-]?)(?:(\d+)(?:\.(\d*))?|\.(\d+))(?:[eE]([+-]?\d{1,6}))?$/;
/** Integers of up to 37 digits without sign tricks or leading zeros are their own canonical text. */
const CANONICAL_INTEGER = /^(?:0|-?[1-9]\d{0,36})$/;

/** Reads a number as a client wrote it; refuses what DynamoDB cannot hold. */
export function parseNumber(text: string): Decimal {
  const match = NUMBER.exec(text);
  if (match === null) {
    const shown = text === '' ? '' : `: ${text}`;
    throw invalidRequest(`The parameter cannot be converted to a numeric value${shown}`);
  }
  const [, sign, whole = '', fraction = match[4] ?? '', , exponent = '0'] = match;
  const digits = `${whole}${fraction}`;
  const coefficient = BigInt(sign === '-' ? `-${digits}` : digits);
  return checked(reduced(coefficient, Number(exponent) - fraction.length));
}

/** The text DynamoDB answers with: plain, without exponent, leading or trailing zeros ("1.0" -> "1"). */
export function canonicalNumber(text: string): string {
  return CANONICAL_INTEGER.test(text) ? text : formatNumber(parseNumber(text));
}

export function formatNumber({ coefficient, exponent }: Decimal): string {
  const sign = coefficient < 0n ? '-' : '';
  const digits = digitsOf(coefficient);
  if (exponent >= 0) return `${sign}${digits}${'0'.repeat(exponent)}`;
  const padded = digits.padStart(1 - exponent, '0');
  return `${sign}${padded.slice(0, exponent)}.${padded.slice(exponent)}`;
}

export function addNumbers(left: string, right: string): string {
  return formatNumber(combined(left, right, (a, b) => a + b));
}

export function subtractNumbers(left: string, right: string): string {
  return formatNumber(combined(left, right, (a, b) => a - b));
}

/** Negative, zero or positive as `left` is less than, equal to or greater than `right`. */
export function compareNumbers(left: string, right: string): number {
  if (left === right) return 0;
  const [a, b] = aligned(parseNumber(left), parseNumber(right));
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Bytes a number counts in an item: one, one more for each pair of digits, one more for a minus sign. The pairs
 * are aligned to the decimal point, so 350 has two of them (3, 50), as 35 has one.
 */
export function numberBytes(text: string): number {
  const { coefficient, exponent } = parseNumber(text);
  if (coefficient === 0n) return 1;
  const digits = digitsOf(coefficient).length + (exponent % 2 === 0 ? 0 : 1);
  return 1 + Math.ceil(digits / 2) + (coefficient < 0n ? 1 : 0);
}

/**
 * A text that sorts bytewise as the numbers do, for number keys in an index: sign, then magnitude, then digits,
 * the latter two complemented for negative numbers.
 */
export function sortableNumber(text: string): string {
  const { coefficient, exponent } = parseNumber(text);
  if (coefficient === 0n) return '1';
  const digits = digitsOf(coefficient);
  const magnitude = String(digits.length + exponent + 500);
  if (coefficient > 0n) return `2${magnitude}${digits}`;
  return `0${complement(magnitude)}${complement(digits)}~`;
}

function complement(digits: string): string {
  return digits.replace(/\d/g, (digit) => String(9 - Number(digit)));
}

function digitsOf(coefficient: bigint): string {
  return (coefficient < 0n ? -coefficient : coefficient).toString();
}

function combined(left: string, right: string, operation: (a: bigint, b: bigint) => bigint): Decimal {
  const a = parseNumber(left);
  const b = parseNumber(right);
  return checked(reduced(operation(...aligned(a, b)), Math.min(a.exponent, b.exponent)));
}

function aligned(a: Decimal, b: Decimal): [bigint, bigint] {
  const exponent = Math.min(a.exponent, b.exponent);
  return [a, b].map((x) => x.coefficient * 10n ** BigInt(x.exponent - exponent)) as [bigint, bigint];
}

function reduced(coefficient: bigint, exponent: number): Decimal {
  if (coefficient === 0n) return { coefficient: 0n, exponent: 0 };
  const text = coefficient.toString();
  const digits = text.replace(/0+$/, '');
  return { coefficient: BigInt(digits), exponent: exponent + text.length - digits.length };
}

function checked(number: Decimal): Decimal {
  if (number.coefficient === 0n) return number;
  const digits = digitsOf(number.coefficient).length;
  const magnitude = digits + number.exponent - 1;
  if (magnitude > MAGNITUDE_MAX) {
    throw invalidRequest(
      'Number overflow. Attempting to store a number with magnitude larger than supported range',
    );
  }
  if (magnitude < MAGNITUDE_MIN) {
    throw invalidRequest(
      'Number underflow. Attempting to store a number with magnitude smaller than supported range',
    );
  }
  if (digits > DIGITS_MAX) {
    throw invalidRequest('Attempting to store more than 38 significant digits in a Number');
  }
  return number;
}
