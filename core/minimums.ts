/**
 * What a purchase has to come to at least for a campaign, a visit, a referral or a voucher. Money has a currency, so a
 * minimum is one amount for each: what the document says of a currency, and for the others the amount that earns as
 * many base points.
 */
import * as z from 'zod';
import type { ProgramDocument } from './program.ts';

/** Minor units of the programme's first currency, or amounts by currency. */
export type Minimum = number | Readonly<Record<string, number>>;

const example = '{ "EUR": 5000, "JPY": 8000 }';

/** A minimum in the document; `least` is the smallest amount that makes sense. */
export function minimumSchema(currencyCode: z.ZodType<string, string>, least: 0 | 1) {
  const amount = z.int().min(least);
  const byCurrency = z
    .record(currencyCode, amount)
    .refine((amounts) => Object.keys(amounts).length > 0, 'must hold at least one currency');
  return z
    .union([amount, byCurrency], {
      error: `must be a whole number of minor units, ${least} or more, or such numbers by currency, as ${example}`,
    })
    .describe(
      `Minor units of the first of the currencies, or amounts by currency, as ${example}. In another currency of the programme it is the amount that earns as many base points, rounded up.`,
    );
}

/** The currencies that a minimum names and the programme does not accept. */
export function unlisted(minimum: Minimum | undefined, currencies: ProgramDocument['currencies']): string[] {
  return typeof minimum === 'object'
    ? Object.keys(minimum).filter((code) => !Object.hasOwn(currencies, code))
    : [];
}

/**
 * The minimum in a currency, in its minor units.
 * @param own the currency of a plain number, where it is not the first of the programme's
 * @returns undefined where the programme has no rate to convert it by
 */
export function minimumIn(
  { currencies }: Pick<ProgramDocument, 'currencies'>,
  minimum: Minimum,
  currency: string,
  own?: string,
): number | undefined {
  if (typeof minimum === 'number') return converted(currencies, minimum, own ?? first(currencies), currency);
  if (Object.hasOwn(minimum, currency)) return minimum[currency];
  const from = first(minimum);
  return converted(currencies, minimum[from] ?? 0, from, currency);
}

/** What is made once for every currency that the programme accepts. */
export function byCurrency<T>(
  program: Pick<ProgramDocument, 'currencies'>,
  minimum: Minimum | undefined,
  make: (minimumMinor: number | undefined) => T,
): (currency: string) => T {
  const without = make(undefined);
  if (minimum === undefined) return () => without;
  const made = new Map(
    Object.keys(program.currencies).map((code) => [code, make(minimumIn(program, minimum, code))]),
  );
  return (currency) => made.get(currency) ?? without;
}

function first(record: Readonly<Record<string, unknown>>): string {
  return Object.keys(record)[0] ?? '';
}

/** The smallest amount that earns as many base points as another does in its currency, before any are rounded down. */
function converted(
  currencies: ProgramDocument['currencies'],
  amountMinor: number,
  from: string,
  to: string,
): number | undefined {
  if (from === to) return amountMinor;
  const [have, want] = [rateOf(currencies, from), rateOf(currencies, to)];
  if (!have || !want) return undefined;
  const numerator = BigInt(amountMinor) * BigInt(have.points) * BigInt(want.perMinor);
  const denominator = BigInt(have.perMinor) * BigInt(want.points);
  return Number((numerator + denominator - 1n) / denominator);
}

function rateOf(currencies: ProgramDocument['currencies'], code: string) {
  return Object.hasOwn(currencies, code) ? currencies[code] : undefined;
}
