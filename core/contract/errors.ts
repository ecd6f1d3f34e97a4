/**
 * The one registry of error codes (RFC 9457 problem details). `retry` tells the caller whether sending the
 * same request again can help: `no` (change it first), `later` (after `Retry-After`), `now` (at once). `meaning` says
 * more than the title, and is the detail where nothing more precise is known; `remedy` is what the caller does about it.
 */
import * as z from 'zod';
import './words.ts';

export interface ErrorKind {
  readonly status: number;
  readonly title: string;
  readonly retry: 'no' | 'now' | 'later';
  readonly meaning: string;
  readonly remedy: string;
}

export const errors = {
  invalid_request: {
    status: 400,
    title: 'The request is not valid',
    retry: 'no',
    meaning: 'A field of the path, the query or the body is not what it has to be; nothing was written.',
    remedy: 'Correct the fields that `errors` names: each has its `path` and what is allowed there.',
  },
  invalid_json: {
    status: 400,
    title: 'The body is not valid JSON',
    retry: 'no',
    meaning: 'The body cannot be read as one JSON document in UTF-8, or nests too deep.',
    remedy: 'Send one JSON document, written by a library and not by hand.',
  },
  invalid_cursor: {
    status: 400,
    title: 'The cursor was not issued for this list',
    retry: 'no',
    meaning: 'A cursor belongs to the list, and to the parameters, of the answer that gave it.',
    remedy: 'Begin the list anew without a cursor, or send the parameters that the cursor was given for.',
  },
  total_mismatch: {
    status: 400,
    title: 'The total is not the sum of its lines and shipping',
    retry: 'no',
    meaning: "`totalMinor` has to be the sum of every line's `amountMinor` and of `shippingMinor`.",
    remedy: 'Add up in integers of the minor unit, and send what the customer pays.',
  },
  currency_not_supported: {
    status: 400,
    title: 'The programme has no rate for this currency',
    retry: 'no',
    meaning:
      'Points are given by a rate for each currency, and the programme in force has none for this one.',
    remedy: 'Add the currency to the programme, then send the request again.',
  },
  unauthorized: {
    status: 401,
    title: 'A valid credential is needed',
    retry: 'no',
    meaning: 'No key came with the request, or one that is not known, has been revoked or has expired.',
    remedy:
      'Send `Authorization: Bearer <key>` with a key that is in force; operators list keys at `GET /v1/keys`. Operators may sign in and send their access token instead.',
  },
  invalid_token: {
    status: 401,
    title: "The token is no access token of this system's operators",
    retry: 'no',
    meaning:
      "What came has the form of a token, and is not one that the pool of this system's operators has signed for its own client, as an access token.",
    remedy: 'Read `detail`; sign in anew, and send the access token, not the ID token.',
  },
  token_expired: {
    status: 401,
    title: 'The access token has expired',
    retry: 'no',
    meaning: 'The token was good, and its time is over: an access token lasts a quarter of an hour.',
    remedy:
      'Get another access token by the refresh token, or sign in anew; then send the same request again.',
  },
  forbidden: {
    status: 403,
    title: 'This credential may not use this route',
    retry: 'no',
    meaning:
      "The key or token is valid, and its role is not one that this route is for: people of the group `reader` read and change nothing, and who is in no group may do nothing. Or the request came to the API's own address, which answers nobody but the distribution; then `detail` says so.",
    remedy:
      "Use a key or token of a role that the route's description names, and the public address. Whoever runs the system puts people into groups.",
  },
  not_found: {
    status: 404,
    title: 'There is no such thing',
    retry: 'no',
    meaning:
      "Nothing with this id or code is there for this caller: it may never have been, have gone, not have arrived yet, or be another channel's.",
    remedy:
      'Look at the id: each kind has its prefix. What was accepted asynchronously may arrive some seconds later.',
  },
  method_not_allowed: {
    status: 405,
    title: 'This path does not take this method',
    retry: 'no',
    meaning: 'The path is known, and other methods are for it.',
    remedy: 'Use one of the methods that the header `Allow` names.',
  },
  member_exists: {
    status: 409,
    title: 'This e-mail or phone is already enrolled',
    retry: 'no',
    meaning:
      'An e-mail address or a phone number belongs to one member only, and this one has a member already.',
    remedy: 'Find the member by the contact at `GET /v1/members`, and use it.',
  },
  merge_refused: {
    status: 409,
    title: 'These members cannot be merged, or parted again',
    retry: 'no',
    meaning:
      'One of the two has left, or is merged with another; or they are not merged, or have been for more than thirty days.',
    remedy: 'Read what `detail` says of the two; of several merges the newest is undone first.',
  },
  confirmation_required: {
    status: 409,
    title: 'The member has to confirm an e-mail or phone first',
    retry: 'later',
    meaning:
      'Nobody has shown yet that the contact is theirs: points are earned, and spent once one is confirmed.',
    remedy: 'Let the member use the link that was sent to them, then send the same request again.',
  },
  link_expired: {
    status: 409,
    title: 'The link is no longer good: ask for another one',
    retry: 'no',
    meaning: 'A link that was sent is good for three days, with the card that it was sent with.',
    remedy: 'Ask for another link on the join page, and use the newest message.',
  },
  contact_moved: {
    status: 409,
    title: 'The contact is no longer on this card',
    retry: 'no',
    meaning:
      'The link is good, but the contact that it was sent to has left its card: it was replaced or taken away, another link has led it to a card of its own, or the card has ended.',
    remedy:
      'Use the card that the other link led to. For the contact that the card has now, ask for a link on its page.',
  },
  already_given: {
    status: 409,
    title: 'A card can only add what is missing',
    retry: 'no',
    meaning: 'Whoever holds the link of a card may add to the profile and not change what is in it.',
    remedy: 'Ask the shop or an operator to change it.',
  },
  last_contact: {
    status: 409,
    title: 'Nothing would be left to reach the member by',
    retry: 'no',
    meaning: 'An e-mail address or a phone number has to stay, and this is the last one.',
    remedy: 'Give the member another contact first, or in the same request.',
  },
  insufficient_points: {
    status: 409,
    title: 'The member has not enough points to spend',
    retry: 'no',
    meaning: 'More points are asked for than are available: pending and held ones do not count.',
    remedy: "Read the member's `balance.available`, or offer a smaller reward.",
  },
  reward_unavailable: {
    status: 409,
    title: 'The member cannot have this reward',
    retry: 'no',
    meaning:
      'The reward is not in the programme, not offered now or in this tier, given out, or not for this purchase.',
    remedy: 'Offer the rewards that `POST /v1/quotes` names for the member.',
  },
  redemptions_paused: {
    status: 409,
    title: 'Redemptions are paused',
    retry: 'later',
    meaning:
      'Operators have stopped spending for a while; earning goes on, and so does the capture of what was authorised.',
    remedy: 'Sell without the reward, and send the same request again later, with the same key.',
  },
  points_held: {
    status: 409,
    title: 'The points are held, since a contact was changed',
    retry: 'later',
    meaning:
      'For a while after an e-mail or phone was replaced, or added by the card, a part of the points cannot be spent.',
    remedy: 'Wait for the seconds of `Retry-After`, or let an operator lift the hold.',
  },
  redemption_closed: {
    status: 409,
    title: 'The redemption has already ended the other way',
    retry: 'no',
    meaning: 'A redemption ends once: captured, cancelled or expired.',
    remedy: 'Read the redemption, and go by its status; begin another one where points are to be spent.',
  },
  voucher_used: {
    status: 409,
    title: 'The voucher has been used',
    retry: 'no',
    meaning: 'Each of its uses has been taken.',
    remedy: 'Take another voucher, or sell without one.',
  },
  voucher_expired: {
    status: 409,
    title: 'The voucher has expired',
    retry: 'no',
    meaning: 'The last day of the voucher is over.',
    remedy: 'Take another voucher, or sell without one.',
  },
  voucher_not_applicable: {
    status: 409,
    title: 'The voucher does not apply here',
    retry: 'no',
    meaning:
      "The voucher is for another channel, a larger purchase or somebody else's order, or its order was given back.",
    remedy: "Read `detail`, and the voucher's own terms at `GET /v1/vouchers/{code}`.",
  },
  adjustment_closed: {
    status: 409,
    title: 'The adjustment has already been decided',
    retry: 'no',
    meaning: 'An adjustment is approved or rejected once.',
    remedy: 'Read it at `GET /v1/adjustments?status=decided`.',
  },
  last_operator_key: {
    status: 409,
    title: 'Without this key no operator could come in',
    retry: 'no',
    meaning: "At least one operator's key without an end has to stay.",
    remedy: "Make another operator's key first.",
  },
  second_operator_needed: {
    status: 409,
    title: 'Another operator has to decide this',
    retry: 'no',
    meaning:
      'An adjustment beyond the limit of the programme is approved by somebody else than who asked for it. A key that a person made counts as that person; any other key says nothing of who holds it, so beside a person it is no second one.',
    remedy:
      'Ask somebody else who signs in; or, where the request came by a key, an operator with a key of another holder.',
  },
  channel_paused: {
    status: 409,
    title: 'The channel is paused',
    retry: 'later',
    meaning:
      'Operators have paused the channel whose key this is: it may read, and nothing that it sends is taken or written.',
    remedy:
      'Keep what was sold and send it once the channel is resumed, with the same ids and keys; operators resume it by `PUT /v1/channels/{channelId}`.',
  },
  channel_kind_fixed: {
    status: 409,
    title: 'The channel is of another kind',
    retry: 'no',
    meaning: 'A channel stays of the kind that it was added as: what came by it was earned by that.',
    remedy:
      'Send the kind that `GET /v1/channels/{channelId}` names; for another kind add a channel of another id.',
  },
  too_many_channels: {
    status: 409,
    title: 'There are as many channels as there can be',
    retry: 'no',
    meaning: 'There can be a hundred channels, and a further one was to be added.',
    remedy:
      'Remove one by which nothing has come; tills of one shop can share a channel, and each purchase names its `store`.',
  },
  channel_without_api: {
    status: 409,
    title: 'The channel has no shop that can be asked',
    retry: 'no',
    meaning: 'Orders can be asked for where the channel has an adapter whose shop has an API, and its token.',
    remedy:
      'Send `adapter`, `settings` and `apiToken` to `PUT /v1/channels/{channelId}`; `GET /v1/adapters` says what each needs.',
  },
  shop_unavailable: {
    status: 502,
    title: 'The shop did not answer as it should',
    retry: 'later',
    meaning:
      "The shop's API refused the request, answered an error, or not in time; nothing was posted of this page.",
    remedy: 'Look at what it answered; correct address or token, or send the request again later.',
  },
  channel_in_use: {
    status: 409,
    title: 'The channel cannot be removed any more',
    retry: 'no',
    meaning:
      'The channel was there from the beginning, has had a key, or something came by it; or the programme in force names it.',
    remedy: 'Pause it at `PUT /v1/channels/{channelId}`, or first put a programme that does not name it.',
  },
  exception_closed: {
    status: 409,
    title: 'The exception has already been resolved',
    retry: 'no',
    meaning: 'What the exception was about has been done or dismissed.',
    remedy: 'Nothing has to be done; read it at `GET /v1/exceptions?status=resolved`.',
  },
  exception_not_retryable: {
    status: 409,
    title: 'Trying this exception again cannot help',
    retry: 'no',
    meaning: 'What was decided stays so however often it is tried.',
    remedy: 'Read `detail`; correct it by hand and dismiss the exception.',
  },
  idempotency_key_missing: {
    status: 400,
    title: 'An Idempotency-Key is needed',
    retry: 'no',
    meaning:
      'A repeat of this request would have its effect twice, so it is taken only with a key by which a repeat is known.',
    remedy:
      'Send the header `Idempotency-Key`: a new one for each thing that you want done, the same one for each attempt at it.',
  },
  idempotency_mismatch: {
    status: 422,
    title: 'The Idempotency-Key was used for something else',
    retry: 'no',
    meaning:
      'The key has come before with other content; the first answer stands, and this request was not carried out.',
    remedy: 'Use a new key for what is new. To repeat the first request, send its content unchanged.',
  },
  contended: {
    status: 409,
    title: 'Someone else changed this at the same moment',
    retry: 'now',
    meaning: 'Others kept changing the same thing while this was decided; nothing was written.',
    remedy: 'Send the same request again at once, a few times at most.',
  },
  claim_mismatch: {
    status: 409,
    title: 'The purchase cannot be claimed with this total',
    retry: 'no',
    meaning:
      "A claim proves by the receipt's total that the purchase is the claimant's, and this is another one.",
    remedy:
      'Read `totalMinor` from the receipt, in minor units. Ten wrong ones stop the claimant for 15 minutes.',
  },
  claim_closed: {
    status: 409,
    title: 'The purchase is not open to be claimed',
    retry: 'no',
    meaning:
      'It belongs to a member already, another member has spent something on it, it is more than 90 days old, or is more than one claim can write.',
    remedy: 'Read `detail`; an operator can give the points by an adjustment.',
  },
  payload_too_large: {
    status: 413,
    title: 'The body is too large',
    retry: 'no',
    meaning: 'A body has at most 256 KiB, and so has the event that is made of it.',
    remedy: 'Send less at once: a smaller batch, or shorter texts.',
  },
  too_many_requests: {
    status: 429,
    title: 'Too many requests',
    retry: 'later',
    meaning: 'More requests came than this route takes, or too many wrong guesses.',
    remedy:
      'Wait for the seconds of `Retry-After`, then send the same request again; name your visitors in `X-Philia-Client`, so that one of them stops nobody else.',
  },
  internal: {
    status: 500,
    title: 'Something went wrong on our side',
    retry: 'later',
    meaning: 'The request met a fault that should not be there; it was written down with its `requestId`.',
    remedy:
      'Send the same request again later, with the same key where it takes one; should it persist, report the `requestId`.',
  },
  wallet_not_configured: {
    status: 503,
    title: 'This wallet is not configured',
    retry: 'later',
    meaning: "Whoever runs the system has not put the wallet's credentials in place, or they do not fit.",
    remedy: 'Operators see what is wrong at `GET /v1/certificates`; do not offer the wallet until then.',
  },
  unavailable: {
    status: 503,
    title: 'The outcome is unknown; the same request is safe to repeat',
    retry: 'later',
    meaning: 'Something that the request needs did not answer in time, maybe after it had taken effect.',
    remedy:
      'Send the same request again after `Retry-After`, with the same `Idempotency-Key` or id: it takes effect once.',
  },
} as const satisfies Record<string, ErrorKind>;

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

/** How many wrong fields an answer names: whoever sent more has one mistake many times. */
const fieldsMax = 50;
const pathLengthMax = 200;

/** What is said beside the title: the first field that is wrong, or what the code means. */
function detailOf(code: ErrorCode, [first, ...more]: readonly FieldError[]): string {
  if (!first) return errors[code].meaning;
  const one = `${first.path || 'The request'}: ${first.message}.`;
  return more.length === 0
    ? one
    : `${one} ${more.length} more of \`errors\` ${more.length === 1 ? 'is' : 'are'} wrong, too.`;
}

/** A refusal that a handler throws; the HTTP stack turns it into a problem body. */
export class Problem extends Error {
  readonly code: ErrorCode;
  readonly errors: readonly FieldError[];
  /** When a repeat may help, where that is known. */
  readonly retryAfterSeconds: number | undefined;
  /** The methods that the path takes, where this one is none of them. */
  readonly allowed: readonly string[] | undefined;

  constructor(
    code: ErrorCode,
    detail?: string,
    fields: readonly FieldError[] = [],
    options: ErrorOptions & {
      readonly retryAfterSeconds?: number;
      readonly allowed?: readonly string[];
    } = {},
  ) {
    super((detail ?? detailOf(code, fields)).toWellFormed(), options);
    this.name = 'Problem';
    this.code = code;
    // Half a character, of whatever was sent, would be text that no store takes.
    this.errors = fields.map(({ path, message }) => ({
      path: path.toWellFormed(),
      message: message.toWellFormed(),
    }));
    this.retryAfterSeconds = options.retryAfterSeconds;
    this.allowed = options.allowed;
  }

  get status(): number {
    return errors[this.code].status;
  }

  /** The wire form; `type` is a relative reference to the page of the code (tools/error-pages.ts). */
  body(requestId: string): ProblemBody {
    return {
      type: `/errors/${this.code}`,
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
  const all = error.issues.flatMap((issue) => {
    const at = issue.path.map(String);
    if (issue.code === 'unrecognized_keys')
      return issue.keys.map((key) => ({ path: [...at, key].join('.'), message: 'unknown field' }));
    return [{ path: at.join('.'), message: issue.message }];
  });
  // A value may be wrong in two ways that are said alike.
  const each = new Map(all.map((one) => [`${one.path} ${one.message}`, one]));
  return [...each.values()]
    .slice(0, fieldsMax)
    .map(({ path, message }) => ({ path: shortened(path), message }));
}

function shortened(path: string): string {
  return path.length > pathLengthMax ? `${path.slice(0, pathLengthMax).toWellFormed()}…` : path;
}
