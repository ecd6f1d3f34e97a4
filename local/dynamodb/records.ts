import { keyNames, pick, type StreamView, type TableDefinition } from './schema.ts';
import { type Item, itemBytes } from './values.ts';

/** Who wrote, where it was not a client: the expiry of items by TTL. */
export interface WriterIdentity {
  readonly type: string;
  readonly principalId: string;
}

/** A stream record as it is stored: all but what follows from its position in the stream. */
export interface StoredRecord {
  readonly eventName: 'INSERT' | 'MODIFY' | 'REMOVE';
  /** Seconds since the epoch. */
  readonly createdAt: number;
  readonly keys: Item;
  readonly newImage?: Item;
  readonly oldImage?: Item;
  readonly bytes: number;
  readonly identity?: WriterIdentity;
}

/** The record of one change as JSON text, or undefined for a table without a stream. */
export function recordOf(
  table: TableDefinition,
  old: Item | undefined,
  next: Item | undefined,
  now: number,
  identity: WriterIdentity | undefined,
): string | undefined {
  if (table.stream === undefined) return undefined;
  const keys = pick((next ?? old) as Item, keyNames(table.key));
  const { newImage, oldImage } = images(table.stream.view, old, next);
  const parts = [keys, newImage, oldImage].filter((part) => part !== undefined);
  const record: StoredRecord = {
    eventName: old === undefined ? 'INSERT' : next === undefined ? 'REMOVE' : 'MODIFY',
    createdAt: Math.floor(now / 1000),
    keys,
    ...(newImage === undefined ? {} : { newImage }),
    ...(oldImage === undefined ? {} : { oldImage }),
    bytes: parts.reduce((sum, part) => sum + itemBytes(part), 0),
    ...(identity === undefined ? {} : { identity }),
  };
  return JSON.stringify(record);
}

function images(
  view: StreamView,
  old: Item | undefined,
  next: Item | undefined,
): { newImage: Item | undefined; oldImage: Item | undefined } {
  return {
    newImage: view === 'NEW_IMAGE' || view === 'NEW_AND_OLD_IMAGES' ? next : undefined,
    oldImage: view === 'OLD_IMAGE' || view === 'NEW_AND_OLD_IMAGES' ? old : undefined,
  };
}
