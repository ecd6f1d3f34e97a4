/**
 * Capacity units by AWS's rule. Writes: 1 unit per KB and item, rounded up, twice that in a transaction. Reads: 1
 * unit per 4 KB for a strongly consistent read, half of it for an eventually consistent one, twice in a
 * transaction. Even an operation that touches nothing costs one step.
 *
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/read-write-operations.html
 */

export type CapacityReport = 'INDEXES' | 'TOTAL' | 'NONE' | undefined;
export type Consistency = 'eventual' | 'strong' | 'transactional';

const READ_FACTOR: Readonly<Record<Consistency, number>> = { eventual: 0.5, strong: 1, transactional: 2 };

/** `bytes` is the larger of the item before and after the write. */
export function writeUnits(bytes: number): number {
  return Math.max(1, Math.ceil(bytes / 1024));
}

/** `bytes` is one item, or the sum over the items that a query or scan evaluated. */
export function readUnits(bytes: number, consistency: Consistency): number {
  return Math.max(1, Math.ceil(bytes / 4096)) * READ_FACTOR[consistency];
}

interface TableUnits {
  table: number;
  readonly indexes: Map<string, number>;
}

/** Adds up the units one request consumed, per table and index, and reports them as the request asked. */
export class CapacityMeter {
  readonly #kind: 'Read' | 'Write';
  readonly #transactional: boolean;
  readonly #tables = new Map<string, TableUnits>();

  constructor(kind: 'Read' | 'Write', options: { transactional: boolean } = { transactional: false }) {
    this.#kind = kind;
    this.#transactional = options.transactional;
  }

  /** Without `index` the units are the table's own. */
  add(table: string, units: number, index?: string): void {
    const counted = this.#tables.get(table) ?? { table: 0, indexes: new Map() };
    this.#tables.set(table, counted);
    if (index === undefined) counted.table += units;
    else counted.indexes.set(index, (counted.indexes.get(index) ?? 0) + units);
  }

  /** For operations on one table. */
  one(report: CapacityReport): { ConsumedCapacity?: object } {
    const [first] = this.#reports(report);
    return first === undefined ? {} : { ConsumedCapacity: first };
  }

  /** For operations that may name several tables. */
  many(report: CapacityReport): { ConsumedCapacity?: readonly object[] } {
    const reports = this.#reports(report);
    return reports.length === 0 ? {} : { ConsumedCapacity: reports };
  }

  #reports(report: CapacityReport): object[] {
    if (report === undefined || report === 'NONE') return [];
    return [...this.#tables].map(([name, units]) => this.#report(name, units, report));
  }

  #report(name: string, units: TableUnits, report: 'INDEXES' | 'TOTAL'): object {
    const total = [...units.indexes.values()].reduce((sum, more) => sum + more, units.table);
    const indexes = [...units.indexes].map(([index, more]) => [index, this.#units(more)]);
    return {
      TableName: name,
      ...this.#units(total),
      ...(report === 'INDEXES' ? { Table: this.#units(units.table) } : {}),
      ...(report === 'INDEXES' && indexes.length > 0
        ? { GlobalSecondaryIndexes: Object.fromEntries(indexes) }
        : {}),
    };
  }

  /** Transactions say which kind of units they mean; single operations give the sum only. */
  #units(units: number): object {
    return {
      CapacityUnits: units,
      ...(this.#transactional ? { [`${this.#kind}CapacityUnits`]: units } : {}),
    };
  }
}
