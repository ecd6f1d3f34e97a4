import { resourceNotFound } from './errors.ts';
import type { Store, Table } from './store.ts';

/** What every operation works with. */
export interface Context {
  readonly store: Store;
  /** Milliseconds since the epoch. */
  readonly clock: () => number;
}

/** The table of a data operation. */
export function tableOf(context: Context, name: string): Table {
  const table = context.store.table(name);
  if (table === undefined) throw resourceNotFound();
  return table;
}
