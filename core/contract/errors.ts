/**
 * The one registry of error codes (RFC 9457 problem details). `retry` tells the caller whether sending the
 * same request again can help: `no` (change it first), `later` (after `Retry-After`), `now` (at once).
 */
import * as z from 'zod';

export const errors = {
  invalid_request: { status: 400, title: 'The request is not valid', retry: 'no' },
  invalid_json: { status: 400, title: 'The body is not valid JSON', retry: 'no' },
  invalid_cursor: { status: 400, title: 'The cursor was not issued for this list', retry: 'no' },
  total_mismatch: { status: 400, title: 'The total is not the sum of its lines and shipping', retry: 'no' },
  currency_not_supported: { status: 400, title: 'The programme has no rate for this currency', retry: 'no' },
  unauthorized: { status: 401, title: 'A valid credential is needed', retry: 'no' },
  forbidden: { status: 403, title: 'This credential may not use this route', retry: 'no' },
  not_found: { status: 404, title: 'There is no such thing', retry: 'no' },
  member_exists: { status: 409, title: 'This e-mail or phone is already enrolled', retry: 'no' },
  confirmation_required: {
    status: 409,
    title: 'The member has to confirm an e-mail or phone first',
    retry: 'later',
  },
  link_expired: { status: 409, title: 'The link is no longer good: ask for another one', retry: 'no' },
  already_given: { status: 409, title: 'A card can only add what is missing', retry: 'no' },
  last_contact: { status: 409, title: 'Nothing would be left to reach the member by', retry: 'no' },
  insufficient_points: { status: 409, title: 'The member has not enough points to spend', retry: 'no' },
  reward_unavailable: { status: 409, title: 'The member cannot have this reward', retry: 'no' },
  redemptions_paused: { status: 409, title: 'Redemptions are paused', retry: 'later' },
  points_held: { status: 409, title: 'The points are held, since a contact was replaced', retry: 'later' },
  redemption_closed: { status: 409, title: 'The redemption has already ended the other way', retry: 'no' },
  voucher_used: { status: 409, title: 'The voucher has been used', retry: 'no' },
  voucher_expired: { status: 409, title: 'The voucher has expired', retry: 'no' },
  voucher_not_applicable: { status: 409, title: 'The voucher does not apply here', retry: 'no' },
  adjustment_closed: { status: 409, title: 'The adjustment has already been decided', retry: 'no' },
  last_operator_key: { status: 409, title: 'Without this key no operator could come in', retry: 'no' },
  second_operator_needed: { status: 409, title: 'Another operator has to decide this', retry: 'no' },
  exception_closed: { status: 409, title: 'The exception has already been resolved', retry: 'no' },
  exception_not_retryable: { status: 409, title: 'Trying this exception again cannot help', retry: 'no' },
  idempotency_key_missing: { status: 400, title: 'An Idempotency-Key is needed', retry: 'no' },
  idempotency_mismatch: {
    status: 422,
    title: 'The Idempotency-Key was used for something else',
    retry: 'no',
  },
  contended: { status: 409, title: 'Someone else changed this at the same moment', retry: 'now' },
  claim_mismatch: { status: 409, title: 'The purchase cannot be claimed with this total', retry: 'no' },
  claim_closed: { status: 409, title: 'The purchase is not open to be claimed', retry: 'no' },
  payload_too_large: { status: 413, title: 'The body is too large', retry: 'no' },
  too_many_requests: { status: 429, title: 'Too many requests', retry: 'later' },
  internal: { status: 500, title: 'Something went wrong on our side', retry: 'later' },
  wallet_not_configured: { status: 503, title: 'This wallet is not configured', retry: 'later' },
  unavailable: {
    status: 503,
    title: 'The outcome is unknown; the same request is safe to repeat',
    retry: 'later',
  },
} as const satisfies Record<string, { status: number; title: string; retry: 'no' | 'now' | 'later' }>;

export type ErrorCode = keyof typeof errors;

/** One wrong place in a request: `path` is dotted, as in `lines.0.amountMinor`. */
export interface FieldError {
  readonly path: string;
  readonly message: string;
}

/** The body of every answer that is not a success, as `application/problem+json`. */
export const problemSchema = z
  .strictObject({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    code: z.enum(Object.keys(errors) as [ErrorCode, ...ErrorCode[]]),
    detail: z.string(),
    errors: z.array(z.strictObject({ path: z.string(), message: z.string() })),
    requestId: z.string(),
  })
  .meta({ id: 'Problem' });

export type ProblemBody = z.infer<typeof problemSchema>;

/** A refusal that a handler throws; the HTTP stack turns it into a problem body. */
export class Problem extends Error {
  readonly code: ErrorCode;
  readonly errors: readonly FieldError[];
  /** When a repeat may help, where that is known. */
  readonly retryAfterSeconds: number | undefined;

  constructor(
    code: ErrorCode,
    detail?: string,
    fields: readonly FieldError[] = [],
    options: ErrorOptions & { readonly retryAfterSeconds?: number } = {},
  ) {
    super(detail ?? errors[code].title, options);
    this.name = 'Problem';
    this.code = code;
    this.errors = fields;
    this.retryAfterSeconds = options.retryAfterSeconds;
  }

  get status(): number {
    return errors[this.code].status;
  }

  /** The wire form; `type` is a relative reference to the error's place in the documentation. */
  body(requestId: string): ProblemBody {
    return {
      type: `/errors#${this.code}`,
      title: errors[this.code].title,
      status: this.status,
      code: this.code,
      detail: this.message,
      errors: [...this.errors],
      requestId,
    };
  }
}

/** zod's issues as field errors. Unknown keys are named one by one, at the place they stand. */
export function fieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.flatMap((issue) => {
    const at = issue.path.map(String);
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ path: [...at, key].join('.'), message: 'unknown field' }));
    return [{ path: at.join('.'), message: issue.message }];
  });
}
