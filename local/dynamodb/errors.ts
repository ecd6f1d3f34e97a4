/**
 * The errors of DynamoDB's wire protocol. `code` is the name an SDK client throws, `members` are the error's
 * further fields (`Item`, `CancellationReasons`).
 *
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
 */

/**
 * `item` marks a refusal that depends on the table's schema or on the stored item. A transaction reports such a
 * refusal as one item's cancellation reason, whereas a malformed request is refused whole.
 */
export type ErrorScope = 'request' | 'item';

export class DynamoDbError extends Error {
  readonly code: string;
  readonly status: number;
  readonly scope: ErrorScope;
  readonly members: Readonly<Record<string, unknown>>;

  constructor(
    code: string,
    message: string,
    options: { status?: number; scope?: ErrorScope; members?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message);
    this.name = code;
    this.code = code;
    this.status = options.status ?? 400;
    this.scope = options.scope ?? 'request';
    this.members = options.members ?? {};
  }
}

/** The request itself is wrong, whatever the table holds. */
export function invalidRequest(message: string): DynamoDbError {
  return new DynamoDbError('ValidationException', message);
}

/** One item of the request does not fit the table's schema or the stored item. */
export function invalidItem(message: string): DynamoDbError {
  return new DynamoDbError('ValidationException', message, { scope: 'item' });
}

export function resourceNotFound(what?: string): DynamoDbError {
  const detail = what === undefined ? '' : `: ${what} not found`;
  return new DynamoDbError('ResourceNotFoundException', `Requested resource not found${detail}`);
}

/** The body is not JSON, or a member has the wrong JSON type. */
export function unreadable(message: string): DynamoDbError {
  return new DynamoDbError('SerializationException', message);
}

const CONDITION_FAILED = 'The conditional request failed';

/** `item` is the stored item, where the request asked for it by ReturnValuesOnConditionCheckFailure. */
export function conditionFailed(item: object | undefined): DynamoDbError {
  return new DynamoDbError('ConditionalCheckFailedException', CONDITION_FAILED, {
    members: item === undefined ? {} : { Item: item },
  });
}

export interface CancellationReason {
  readonly Code: string;
  readonly Message?: string;
  readonly Item?: object;
}

export const NO_REASON: CancellationReason = { Code: 'None' };

export function conditionFailedReason(item: object | undefined): CancellationReason {
  const reason = { Code: 'ConditionalCheckFailed', Message: CONDITION_FAILED };
  return item === undefined ? reason : { ...reason, Item: item };
}

/** One reason per item, in the order of the request; items that would have succeeded say `None`. */
export function transactionCancelled(reasons: readonly CancellationReason[]): DynamoDbError {
  const codes = reasons.map((reason) => reason.Code).join(', ');
  return new DynamoDbError(
    'TransactionCanceledException',
    `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`,
    { members: { CancellationReasons: reasons } },
  );
}

/** ValidationException lives in another namespace than DynamoDB's own errors, as on AWS. */
function wireType(code: string): string {
  return code === 'ValidationException'
    ? `com.amazon.coral.validate#${code}`
    : `com.amazonaws.dynamodb.v20120810#${code}`;
}

/** The error as it stands in the body of an HTTP answer. */
export function errorBody(error: DynamoDbError): object {
  const messageMember = error.code === 'TransactionCanceledException' ? 'Message' : 'message';
  return { __type: wireType(error.code), [messageMember]: error.message, ...error.members };
}
