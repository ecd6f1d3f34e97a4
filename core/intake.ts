/** What the door refuses beyond a body's shape: sums, currencies and dates. */
import type { ErrorCode, FieldError } from './contract/errors.ts';
import type { PurchaseBody } from './contract/shapes/purchase.ts';
import type { Program } from './program.ts';

export interface Refusal {
  readonly code: ErrorCode;
  readonly errors: readonly FieldError[];
}

/** Clocks of tills and servers may differ by this much. */
export const aheadMaxMs = 5 * 60_000;
export const backMaxMs = 400 * 86_400_000;

function refuseInstant(occurredAt: string, now: number): Refusal | undefined {
  const at = Date.parse(occurredAt);
  const limits = { code: 'invalid_request' as const };
  if (at > now + aheadMaxMs)
    return { ...limits, errors: [{ path: 'occurredAt', message: 'must be at most 5 minutes ahead' }] };
  if (at < now - backMaxMs)
    return { ...limits, errors: [{ path: 'occurredAt', message: 'must be at most 400 days back' }] };
  return undefined;
}

function refuseCurrency(currency: string, program: Program): Refusal | undefined {
  if (Object.hasOwn(program.currencies, currency)) return undefined;
  const known = Object.keys(program.currencies).join(', ');
  return {
    code: 'currency_not_supported',
    errors: [{ path: 'currency', message: `must be one of ${known}; ${currency} is not` }],
  };
}

/** Why a purchase is refused, or undefined when it may pass. */
export function refusePurchase(
  body: Omit<PurchaseBody, 'id'>,
  program: Program,
  now: number,
): Refusal | undefined {
  const sum = body.lines.reduce((total, line) => total + line.amountMinor, body.shippingMinor ?? 0);
  if (sum !== body.totalMinor)
    return {
      code: 'total_mismatch',
      errors: [
        {
          path: 'totalMinor',
          message: `must be ${sum}, the lines and shipping added up, not ${body.totalMinor}`,
        },
      ],
    };
  return refuseCurrency(body.currency, program) ?? refuseInstant(body.occurredAt, now);
}

/** Why a refund is refused, or undefined when it may pass. */
export function refuseRefund(
  body: { readonly currency: string; readonly occurredAt: string },
  program: Program,
  now: number,
): Refusal | undefined {
  return refuseCurrency(body.currency, program) ?? refuseInstant(body.occurredAt, now);
}
