/**
 * What the ledger needs of a database: items under a partition and a sort key, strongly consistent reads, and
 * all-or-nothing writes with a condition per item. The ledger's logic is written once over this; DynamoDB and
 * the in-memory engine each fulfil it, and one suite of tests runs over both.
 */

export interface Key {
  readonly pk: string;
  readonly sk: string;
}

/** An item as stored: its key, what it is, and its fields. `ttl` is epoch seconds after which it may go. */
export interface Item extends Key {
  readonly item: string;
  readonly ttl?: number;
  readonly [field: string]: unknown;
}

/**
 * Conditions by what they protect.
 * - `absent`: a business key is used once, for ever.
 * - `present`: what is pointed at is still there.
 * - `unchanged`: the item is as it was when the decision was made on it (optimistic concurrency). A field that is
 *   given as undefined must not be there.
 */
export type Condition =
  | { readonly kind: 'absent' }
  | { readonly kind: 'present' }
  | { readonly kind: 'unchanged'; readonly fields: Readonly<Record<string, number | string | undefined>> };

export const absent: Condition = { kind: 'absent' };
export const present: Condition = { kind: 'present' };

/** That nobody has written since something was read: it has its revision still, or is not there either. */
export function asRead(before: { readonly revision: number } | undefined): Condition {
  return before ? { kind: 'unchanged', fields: { revision: before.revision } } : absent;
}

/** One item of a transaction. Its name is the item's key: a transaction writes each item once. */
export type Write =
  | { readonly put: Item; readonly if?: Condition }
  | { readonly delete: Key; readonly if?: Condition }
  | { readonly check: Key; readonly if: Condition };

/** The key of the item that a write is about. */
export function keyOf(write: Write): Key {
  if ('put' in write) return write.put;
  return 'delete' in write ? write.delete : write.check;
}

/** What stood in the way of a transaction, found by the key of the item. */
export interface Standing {
  /** Whether it was this item's condition that failed. */
  has(key: Key): boolean;
  /** The item that stood there; undefined where none did, or its condition did not fail. */
  at(key: Key): Item | undefined;
}

const nameOf = ({ pk, sk }: Key) => `${pk}\0${sk}`;

/** What stands in the way of nothing. */
export const nothing: Standing = { has: () => false, at: () => undefined };

/** What stood in the way of several attempts; of an item that did so twice, as it was the second time. */
export function together(before: Standing, after: Standing): Standing {
  return {
    has: (key) => after.has(key) || before.has(key),
    at: (key) => (after.has(key) ? after.at(key) : before.at(key)),
  };
}

/** @param refused for each write whose condition failed, by its place, the item that stood there */
export function standing(writes: readonly Write[], refused: ReadonlyMap<number, Item | undefined>): Standing {
  const byName = new Map(
    [...refused].flatMap(([place, item]) => {
      const write = writes[place];
      return write ? [[nameOf(keyOf(write)), item] as const] : [];
    }),
  );
  return { has: (key) => byName.has(nameOf(key)), at: (key) => byName.get(nameOf(key)) };
}

/**
 * How a transaction ended, in the order in which a caller should think of them.
 * - `committed`: every write is durable.
 * - `refused`: conditions failed and nothing was written.
 * - `contended`: others kept writing the same items; nothing was written, trying again helps.
 * - `throttled`: the database asked for less; nothing was written, trying later helps.
 * - `unknown`: the answer was lost; it was written or not, and only a condition on a repeat can tell.
 */
export type Transacted =
  | { readonly type: 'committed' }
  | { readonly type: 'refused'; readonly standing: Standing }
  | { readonly type: 'contended' }
  | { readonly type: 'throttled' }
  | { readonly type: 'unknown'; readonly cause: unknown };

export interface Range {
  /** Only sort keys that begin so; empty for the whole partition. */
  readonly prefix: string;
  /** Continue behind this sort key (before it, when descending). */
  readonly after?: string;
  readonly descending?: boolean;
  readonly limit: number;
}

export interface KeyPage {
  readonly keys: readonly Key[];
  /** Where the next page begins; absent behind the last. A page may be empty although more follow. */
  readonly next?: Key;
}

/** One of so many parts of equal size that a table is read in side by side. A partition lies in one of them whole. */
export interface Segment {
  /** From 0. */
  readonly index: number;
  readonly of: number;
}

/** All the segments of a table that is read in so many. */
export function segmentsOf(of: number): Segment[] {
  return Array.from({ length: of }, (_, index) => ({ index, of }));
}

export interface Store {
  /** Strongly consistent. */
  get(key: Key): Promise<Item | undefined>;
  /** Strongly consistent, in the order of the sort keys by their UTF-8 bytes. */
  query(pk: string, range: Range): Promise<readonly Item[]>;
  /**
   * The keys of all items of some types, in an order of the store's own, after looking at `limit` items of
   * any type; of one segment of the table, if one is given. Eventually consistent: it says where to look, not
   * what is there.
   */
  scan(
    types: readonly string[],
    range: { readonly after?: Key; readonly limit: number; readonly segment?: Segment },
  ): Promise<KeyPage>;
  /** No two writes of the same item, and no more than ledger/store/limits.ts allows. */
  transact(writes: readonly Write[]): Promise<Transacted>;
}

const pageSize = 100;

/** Every item of a partition under a prefix, page by page; from behind a sort key if one is given. */
export async function* scanPartition(store: Store, pk: string, prefix: string, from?: string) {
  let after = from;
  for (;;) {
    const page = await store.query(pk, {
      prefix,
      limit: pageSize,
      ...(after === undefined ? {} : { after }),
    });
    yield* page;
    const last = page.at(-1);
    if (page.length < pageSize || !last) return;
    after = last.sk;
  }
}
