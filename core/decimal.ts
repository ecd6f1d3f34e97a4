/** Exact decimals for multipliers: no floating point comes near points or money. */

/** `units` × 10^-`scale`. */
export interface Decimal {
  readonly units: bigint;
  readonly scale: number;
}

/** Reads a decimal text such as `1.25`. The text must have been checked by the programme's schema. */
export function decimal(text: string): Decimal {
  const [whole = '0', fraction = ''] = text.split('.');
  return { units: BigInt(whole + fraction), scale: fraction.length };
}

/** A decimal as a fraction of safe integers: `units` / `of`. */
export interface Factor {
  readonly units: number;
  readonly of: number;
}

const factors = new Map<string, Factor>();
/** Programmes hold a few dozen multipliers; the bound only guards against hostile ones. */
const factorsMax = 1000;

/** The same of a multiplier as programmes hold them, at most eight digits. The same text is read once. */
export function factor(text: string): Factor {
  let known = factors.get(text);
  if (!known) {
    const { units, scale } = decimal(text);
    known = { units: Number(units), of: 10 ** scale };
    if (factors.size > factorsMax) factors.clear();
    factors.set(text, known);
  }
  return known;
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  return { units: a.units * b.units, scale: a.scale + b.scale };
}

export function compare(a: Decimal, b: Decimal): number {
  const left = a.units * 10n ** BigInt(b.scale);
  const right = b.units * 10n ** BigInt(a.scale);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The text of a decimal without superfluous zeros: the inverse of `decimal`. */
export function decimalText({ units, scale }: Decimal): string {
  const digits = units.toString().padStart(scale + 1, '0');
  const whole = digits.slice(0, digits.length - scale);
  const fraction = digits.slice(digits.length - scale).replace(/0+$/, '');
  return fraction ? `${whole}.${fraction}` : whole;
}

/** Division of non-negative integers, rounded half up. */
export function divideHalfUp(numerator: bigint, denominator: bigint): bigint {
  return (2n * numerator + denominator) / (2n * denominator);
}
