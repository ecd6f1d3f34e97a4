/**
 * Numbers with decimals in conditions: exact fractions, so that 0.1 kg times 3 is 0.3 kg. CEL's double is a binary
 * fraction, which 0.1 is not; wherever a double is exact, this says the same.
 */

/** `top` / `bottom`, the latter above zero; not necessarily in lowest terms. */
export class Fraction {
  readonly top: bigint;
  readonly bottom: bigint;

  constructor(top: bigint, bottom: bigint) {
    this.top = top;
    this.bottom = bottom;
  }
}

/** What one condition can make of its 200 nodes is bounded by this: beyond it is an error, as for an integer. */
const largest = 1n << 4096n;

function bounded(top: bigint, bottom: bigint): Fraction {
  if (top > largest || -top > largest || bottom > largest)
    throw new RangeError('The number has too many digits.');
  return new Fraction(top, bottom);
}

export function whole(value: bigint): Fraction {
  return new Fraction(value, 1n);
}

const digits = /^(-?)(\d+)(?:\.(\d+))?(?:e([+-]?\d{1,3}))?$/i;

/**
 * Reads a decimal such as `0.35` or `1e-7`.
 * @throws RangeError for what is none
 */
export function readFraction(text: string): Fraction {
  const [, sign, units, decimals = '', exponent = '0'] = digits.exec(text) ?? [];
  if (units === undefined) throw new RangeError(`${text} is not a decimal number.`);
  const scale = decimals.length - Number(exponent);
  const top = BigInt(`${sign}${units}${decimals}`);
  return scale >= 0 ? bounded(top, 10n ** BigInt(scale)) : bounded(top * 10n ** BigInt(-scale), 1n);
}

/** A quantity, which has at most three decimals, as it was meant and not as a double keeps it. */
export function quantityOf(quantity: number): Fraction {
  return new Fraction(BigInt(Math.round(quantity * 1000)), 1000n);
}

export function order(a: Fraction, b: Fraction): number {
  const left = a.top * b.bottom;
  const right = b.top * a.bottom;
  return left < right ? -1 : left > right ? 1 : 0;
}

/** What each operator makes of two fractions. */
export const arithmetic = {
  '+': (a: Fraction, b: Fraction) => bounded(a.top * b.bottom + b.top * a.bottom, a.bottom * b.bottom),
  '-': (a: Fraction, b: Fraction) => bounded(a.top * b.bottom - b.top * a.bottom, a.bottom * b.bottom),
  '*': (a: Fraction, b: Fraction) => bounded(a.top * b.top, a.bottom * b.bottom),
  '/': (a: Fraction, b: Fraction) => {
    if (b.top === 0n) throw new RangeError('A number cannot be divided by zero.');
    const sign = b.top < 0n ? -1n : 1n;
    return bounded(a.top * b.bottom * sign, a.bottom * b.top * sign);
  },
} as const;
