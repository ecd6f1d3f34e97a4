/**
 * What every shape is made of: instants, texts, amounts and points. Money is integer minor units, points are integers,
 * instants are RFC 3339 and kept in UTC. Requests are strict: a field that is not listed is refused.
 */
import * as z from 'zod';
import '../words.ts';

/** Ten digits before the decimals of the largest currencies: sums over 500 lines stay exact. */
export const amountMax = 1_000_000_000_000;

export const linesMax = 500;

/** RFC 3339 text as canonical UTC: `2026-11-22T10:00:00Z`, milliseconds only where there are any. */
export function utc(instant: string | number): string {
  return new Date(instant).toISOString().replace('.000Z', 'Z');
}

const instantHelp = 'must be an RFC 3339 date-time with an offset, as 2026-11-22T10:00:00Z';

const isInstant = (text: string) => !Number.isNaN(Date.parse(text));

/** An overwrite also runs on what a check before it refused, so it leaves alone what is no date. */
export const instant = z.iso
  .datetime({ offset: true, error: instantHelp })
  .refine(isInstant, instantHelp)
  .overwrite((text) => (isInstant(text) ? utc(text) : text));

/** Text that can be stored and shown: well-formed Unicode without NUL, everything else as given. */
export function text(max: number) {
  return z
    .string()
    .min(1)
    .max(max)
    .refine(
      (value) => value.isWellFormed() && !value.includes('\0'),
      'must be well-formed Unicode without NUL',
    );
}

export const amountMinor = z.int().min(0).max(amountMax);

/** An amount that may be below zero: a sum that was rounded down, a deposit that was given back. */
export const signedAmountMinor = z.int().min(-amountMax).max(amountMax);

export const points = z.int();

export const currency = z.string().regex(/^[A-Z]{3}$/, 'must be an ISO 4217 code of three capitals');

export const quantity = z
  .number()
  .positive()
  .max(1_000_000)
  .refine((value) => Math.round(value * 1000) / 1000 === value, 'must have at most 3 decimals');

export const balance = z
  .strictObject({ available: points, pending: points, held: points, debt: points })
  .meta({ id: 'Balance' });
export type Balance = z.infer<typeof balance>;

/** Parts that a walk over all members may be cut into. */
export const segmentsMax = 64;

export const segments = z
  .int()
  .min(1)
  .max(segmentsMax)
  .describe(
    'Begins in so many parts that can be asked for side by side: answers their cursors and nothing else.',
  );

export const cursors = z
  .array(z.string())
  .describe('Where each part begins: to be followed to its end, in any order or side by side.');
