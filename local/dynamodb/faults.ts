import { DynamoDbError, transactionCancelled } from './errors.ts';

/**
 * Failures on order, for tests. A fault strikes requests that come over HTTP; the same operation in process is
 * never disturbed.
 */
export type FaultKind =
  /** Refused before anything is written: TransactionCanceledException with TransactionConflict for every item, or
   *  TransactionConflictException where the operation is no transaction. */
  | 'conflict'
  /** Refused with ProvisionedThroughputExceededException. */
  | 'throughput'
  /** Refused with ThrottlingException. */
  | 'throttle'
  /** The service's own failure: InternalServerError with status 500, nothing written. */
  | 'unavailable'
  /** Committed, but the connection is destroyed before the answer. */
  | 'loseAnswer'
  /** Neither done nor answered, until the client gives up or the endpoint closes. */
  | 'hang';

export interface Fault {
  readonly kind: FaultKind;
  /** The operation's name, such as `TransactWriteItems`; without it every operation. */
  readonly operation?: string;
  /** How many requests it strikes; once where not given. */
  readonly times?: number;
}

export interface Faults {
  /** Faults strike in the order they were given: the first that matches the request. */
  inject(fault: Fault): void;
  /** Takes back every fault that has not struck yet. */
  clear(): void;
  /** How many strikes are still to come. */
  readonly pending: number;
}

interface Armed {
  readonly fault: Fault;
  left: number;
}

export class FaultQueue implements Faults {
  #armed: Armed[] = [];

  inject(fault: Fault): void {
    const times = fault.times ?? 1;
    if (!Number.isInteger(times) || times < 1) {
      throw new RangeError(`A fault strikes a positive whole number of times, not ${times}`);
    }
    this.#armed.push({ fault, left: times });
  }

  clear(): void {
    this.#armed = [];
  }

  get pending(): number {
    return this.#armed.reduce((sum, { left }) => sum + left, 0);
  }

  /** The fault that strikes this request, if one does; it is then used up by one. */
  next(operation: string): FaultKind | undefined {
    const armed = this.#armed.find(({ fault }) => (fault.operation ?? operation) === operation);
    if (armed === undefined) return undefined;
    armed.left -= 1;
    this.#armed = this.#armed.filter(({ left }) => left > 0);
    return armed.fault.kind;
  }
}

/** The error of a fault that refuses; undefined for the faults that concern the connection. */
export function faultError(kind: FaultKind, body: unknown): DynamoDbError | undefined {
  switch (kind) {
    case 'conflict':
      return conflict(body);
    case 'throughput':
      return new DynamoDbError(
        'ProvisionedThroughputExceededException',
        'The level of configured provisioned throughput for the table was exceeded. Consider increasing your provisioning level with the UpdateTable API.',
      );
    case 'throttle':
      return new DynamoDbError(
        'ThrottlingException',
        'Throughput exceeds the current capacity of your table or index. Please try again shortly.',
      );
    case 'unavailable':
      return new DynamoDbError('InternalServerError', 'The request could not be processed', { status: 500 });
    default:
      return undefined;
  }
}

function conflict(body: unknown): DynamoDbError {
  const message = 'Transaction is ongoing for the item';
  const items = (body as { TransactItems?: unknown } | null)?.TransactItems;
  if (!Array.isArray(items)) return new DynamoDbError('TransactionConflictException', message);
  return transactionCancelled(items.map(() => ({ Code: 'TransactionConflict', Message: message })));
}
