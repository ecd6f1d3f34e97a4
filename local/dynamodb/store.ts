import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { alone, type Turn } from '../turn.ts';
import type { SortableKey, TableDefinition } from './schema.ts';
import type { Item } from './values.ts';

/**
 * The SQLite side: tables, items, index entries, stream records and idempotency tokens in one file. Nothing here
 * knows DynamoDB's rules. WAL with `synchronous=NORMAL` keeps every committed transaction through the death of the
 * process; only a loss of power may take the last ones, and never half of one.
 */

export interface Table {
  readonly id: number;
  readonly definition: TableDefinition;
}

export interface StoredItem {
  readonly item: Item;
  readonly bytes: number;
}

/** An item on its way out of a query, with the keys by which a page may end. */
export interface Row extends StoredItem {
  readonly hash: string;
}

/** Bounds of the range key, each with whether the bound itself belongs to the result. */
export interface RangeBounds {
  readonly from?: { readonly key: string; readonly inclusive: boolean };
  readonly to?: { readonly key: string; readonly inclusive: boolean };
}

/** Where a page starts, exclusively: the index key and the table key of the item before it. */
export interface StartAfter {
  readonly index: SortableKey;
  readonly table: SortableKey;
}

export interface RowQuery {
  readonly table: Table;
  /** The index's name; without it the table itself. */
  readonly index?: string;
  /** The one hash key of a query; without it all items, in the order of their keys (a scan). */
  readonly hash?: string;
  readonly bounds?: RangeBounds;
  readonly after?: StartAfter;
  readonly forward: boolean;
}

export interface StreamRow {
  readonly sequence: number;
  readonly record: string;
}

/** Kibibytes of pages that each who has the file open keeps: a thread of a function each, over what the system keeps. */
const CACHE_KIB = 512;

/** How long a writer waits for its turn where several threads have the file open. */
const LOCK_MS_MAX = 10_000;

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  PRAGMA synchronous = NORMAL;
  PRAGMA cache_size = -${CACHE_KIB};
  CREATE TABLE IF NOT EXISTS tables (
    id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE, definition TEXT NOT NULL,
    trimmed INTEGER NOT NULL DEFAULT 0
  );
  CREATE TABLE IF NOT EXISTS items (
    id INTEGER PRIMARY KEY, table_id INTEGER NOT NULL, hash TEXT NOT NULL, range TEXT NOT NULL,
    item TEXT NOT NULL, bytes INTEGER NOT NULL, expires INTEGER
  );
  CREATE UNIQUE INDEX IF NOT EXISTS items_key ON items (table_id, hash, range);
  CREATE INDEX IF NOT EXISTS items_expires ON items (table_id, expires) WHERE expires IS NOT NULL;
  CREATE TABLE IF NOT EXISTS entries (
    table_id INTEGER NOT NULL, name TEXT NOT NULL, hash TEXT NOT NULL, range TEXT NOT NULL,
    item_hash TEXT NOT NULL, item_range TEXT NOT NULL,
    PRIMARY KEY (table_id, name, hash, range, item_hash, item_range)
  ) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS records (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT, table_id INTEGER NOT NULL, created_at INTEGER NOT NULL,
    record TEXT NOT NULL
  );
  CREATE INDEX IF NOT EXISTS records_table ON records (table_id, sequence);
  CREATE INDEX IF NOT EXISTS records_age ON records (created_at);
  CREATE TABLE IF NOT EXISTS tokens (
    token TEXT PRIMARY KEY, content TEXT NOT NULL, used_at INTEGER NOT NULL
  );
  CREATE INDEX IF NOT EXISTS tokens_age ON tokens (used_at);
`;

export class Store {
  readonly #database: DatabaseSync;
  readonly #statements = new Map<string, StatementSync>();
  readonly #tables = new Map<string, Table>();
  #streamed = false;

  readonly #turn: Turn;

  constructor(path: string, turn = alone) {
    this.#turn = turn;
    this.#database = new DatabaseSync(path, { timeout: LOCK_MS_MAX });
    this.#database.exec(SCHEMA);
    this.#loadTables();
  }

  #loadTables(): void {
    this.#tables.clear();
    for (const row of this.#all('SELECT id, definition FROM tables')) {
      const definition = JSON.parse(row['definition'] as string) as TableDefinition;
      this.#tables.set(definition.name, { id: row['id'] as number, definition });
    }
  }

  close(): void {
    this.#database.close();
  }

  /** Runs `work` in one transaction; answers what it returns and whether it added stream records. */
  transaction<T>(work: () => T): { result: T; streamed: boolean } {
    return this.#turn.during(() => this.#inTurn(work));
  }

  #inTurn<T>(work: () => T): { result: T; streamed: boolean } {
    this.#streamed = false;
    this.#database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.#database.exec('COMMIT');
      return { result, streamed: this.#streamed };
    } catch (error) {
      // A full disk ends the transaction by itself.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK');
      this.#loadTables();
      throw error;
    }
  }

  /** Answers what `work` reads, all of it as of one moment though others write meanwhile. */
  snapshot<T>(work: () => T): T {
    this.#database.exec('BEGIN');
    try {
      return work();
    } finally {
      // There is nothing to undo; a generator that was left early must not keep the moment.
      this.#database.exec('ROLLBACK');
    }
  }

  // Tables

  tables(): readonly Table[] {
    return [...this.#tables.values()];
  }

  table(name: string): Table | undefined {
    return this.#tables.get(name);
  }

  createTable(definition: TableDefinition): void {
    const { lastInsertRowid } = this.#run('INSERT INTO tables (name, definition) VALUES (?, ?)', [
      definition.name,
      JSON.stringify(definition),
    ]);
    this.#tables.set(definition.name, { id: Number(lastInsertRowid), definition });
  }

  redefineTable(table: Table, definition: TableDefinition): void {
    this.#run('UPDATE tables SET definition = ? WHERE id = ?', [JSON.stringify(definition), table.id]);
    this.#tables.set(definition.name, { id: table.id, definition });
  }

  deleteTable(table: Table): void {
    for (const name of ['items', 'entries', 'records']) {
      this.#run(`DELETE FROM ${name} WHERE table_id = ?`, [table.id]);
    }
    this.#run('DELETE FROM tables WHERE id = ?', [table.id]);
    this.#tables.delete(table.definition.name);
  }

  figures(table: Table): { count: number; bytes: number } {
    const [row] = this.#all(
      'SELECT count(*) AS n, coalesce(sum(bytes), 0) AS b FROM items WHERE table_id = ?',
      [table.id],
    );
    return { count: Number(row?.['n']), bytes: Number(row?.['b']) };
  }

  // Items

  get(table: Table, key: SortableKey): StoredItem | undefined {
    const row = this.#prepared(
      'SELECT item, bytes FROM items WHERE table_id = ? AND hash = ? AND range = ?',
    ).get(table.id, key.hash, key.range);
    if (row === undefined) return undefined;
    return { item: JSON.parse(row['item'] as string) as Item, bytes: row['bytes'] as number };
  }

  put(table: Table, key: SortableKey, stored: StoredItem, expires: number | undefined): void {
    this.#run(
      `INSERT INTO items (table_id, hash, range, item, bytes, expires) VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (table_id, hash, range)
       DO UPDATE SET item = excluded.item, bytes = excluded.bytes, expires = excluded.expires`,
      [table.id, key.hash, key.range, JSON.stringify(stored.item), stored.bytes, expires ?? null],
    );
  }

  delete(table: Table, key: SortableKey): void {
    this.#run('DELETE FROM items WHERE table_id = ? AND hash = ? AND range = ?', [
      table.id,
      key.hash,
      key.range,
    ]);
  }

  addEntry(table: Table, index: string, entry: SortableKey, key: SortableKey): void {
    this.#run('INSERT OR IGNORE INTO entries VALUES (?, ?, ?, ?, ?, ?)', [
      table.id,
      index,
      entry.hash,
      entry.range,
      key.hash,
      key.range,
    ]);
  }

  removeEntry(table: Table, index: string, entry: SortableKey, key: SortableKey): void {
    this.#run(
      `DELETE FROM entries WHERE table_id = ? AND name = ? AND hash = ? AND range = ?
       AND item_hash = ? AND item_range = ?`,
      [table.id, index, entry.hash, entry.range, key.hash, key.range],
    );
  }

  /** Items in key order, read row by row: whoever stops early has not loaded the rest. */
  *rows(query: RowQuery): Generator<Row> {
    const { sql, parameters } = rowsStatement(query);
    for (const row of this.#prepared(sql).iterate(...parameters)) {
      yield {
        item: JSON.parse(row['item'] as string) as Item,
        bytes: row['bytes'] as number,
        hash: row['hash'] as string,
      };
    }
  }

  setExpiry(table: Table, key: SortableKey, expires: number | undefined): void {
    this.#run('UPDATE items SET expires = ? WHERE table_id = ? AND hash = ? AND range = ?', [
      expires ?? null,
      table.id,
      key.hash,
      key.range,
    ]);
  }

  /** Keys of the items that have expired by `second` but not before `oldest` (both seconds since the epoch). */
  expired(table: Table, oldest: number, second: number): readonly SortableKey[] {
    return this.#all(
      'SELECT hash, range FROM items WHERE table_id = ? AND expires BETWEEN ? AND ? ORDER BY expires, hash, range',
      [table.id, oldest, second],
    ).map((row) => ({ hash: row['hash'] as string, range: row['range'] as string }));
  }

  // The stream

  appendRecord(table: Table, createdAt: number, record: string): void {
    this.#streamed = true;
    this.#run('INSERT INTO records (table_id, created_at, record) VALUES (?, ?, ?)', [
      table.id,
      createdAt,
      record,
    ]);
  }

  recordsAfter(table: Table, sequence: number, limit: number): readonly StreamRow[] {
    return this.#all(
      'SELECT sequence, record FROM records WHERE table_id = ? AND sequence > ? ORDER BY sequence LIMIT ?',
      [table.id, sequence, limit],
    ).map((row) => ({ sequence: row['sequence'] as number, record: row['record'] as string }));
  }

  /** The highest sequence number ever given, whichever table it went to and whether trimmed or not. */
  lastSequence(): number {
    const [row] = this.#all(`SELECT seq FROM sqlite_sequence WHERE name = 'records'`);
    return Number(row?.['seq'] ?? 0);
  }

  /** The highest sequence number that was trimmed from this table's stream; 0 where none was. */
  trimmedTo(table: Table): number {
    const [row] = this.#all('SELECT trimmed FROM tables WHERE id = ?', [table.id]);
    return Number(row?.['trimmed'] ?? 0);
  }

  /** Forgets the records made before `instant` (milliseconds since the epoch). */
  trimRecords(instant: number): void {
    const [row] = this.#all('SELECT EXISTS (SELECT 1 FROM records WHERE created_at < ?) AS due', [instant]);
    if (row?.['due'] !== 1) return;
    this.transaction(() => {
      this.#run(
        `UPDATE tables SET trimmed = coalesce(
           (SELECT max(sequence) FROM records WHERE table_id = tables.id AND created_at < ?), trimmed)`,
        [instant],
      );
      this.#run('DELETE FROM records WHERE created_at < ?', [instant]);
    });
  }

  // Idempotency tokens of transactions

  /** What the token was used for since `instant`. */
  tokenContent(token: string, instant: number): string | undefined {
    const row = this.#prepared('SELECT content FROM tokens WHERE token = ? AND used_at > ?').get(
      token,
      instant,
    );
    return row?.['content'] as string | undefined;
  }

  /** Remembers a token, and forgets those used before `instant`. */
  useToken(token: string, content: string, usedAt: number, instant: number): void {
    this.#run('DELETE FROM tokens WHERE used_at <= ?', [instant]);
    this.#run('INSERT OR REPLACE INTO tokens VALUES (?, ?, ?)', [token, content, usedAt]);
  }

  #prepared(sql: string): StatementSync {
    const known = this.#statements.get(sql);
    if (known !== undefined) return known;
    const statement = this.#database.prepare(sql);
    this.#statements.set(sql, statement);
    return statement;
  }

  #run(sql: string, parameters: readonly SQLInputValue[]): { lastInsertRowid: number | bigint } {
    return this.#prepared(sql).run(...parameters);
  }

  #all(sql: string, parameters: readonly SQLInputValue[] = []) {
    return this.#prepared(sql).all(...parameters);
  }
}

function rowsStatement(query: RowQuery): { sql: string; parameters: SQLInputValue[] } {
  const { table, index, hash, bounds, after, forward } = query;
  const order =
    index === undefined ? ['i.hash', 'i.range'] : ['e.hash', 'e.range', 'e.item_hash', 'e.item_range'];
  const [hashColumn, rangeColumn] = order as [string, string];
  const where = index === undefined ? ['i.table_id = ?'] : ['e.table_id = ?', 'e.name = ?'];
  const parameters: SQLInputValue[] = index === undefined ? [table.id] : [table.id, index];
  const add = (condition: string, ...values: SQLInputValue[]) => {
    where.push(condition);
    parameters.push(...values);
  };
  if (hash !== undefined) add(`${hashColumn} = ?`, hash);
  if (bounds?.from !== undefined) {
    add(`${rangeColumn} ${bounds.from.inclusive ? '>=' : '>'} ?`, bounds.from.key);
  }
  if (bounds?.to !== undefined) add(`${rangeColumn} ${bounds.to.inclusive ? '<=' : '<'} ?`, bounds.to.key);
  if (after !== undefined) {
    const start = [after.index.hash, after.index.range, after.table.hash, after.table.range];
    const values = start.slice(0, order.length);
    // Within one hash key its column is left out, so that the rest is a range of the index.
    const from = hash === undefined ? 0 : 1;
    const columns = order.slice(from);
    const marks = columns.map(() => '?').join(', ');
    add(`(${columns.join(', ')}) ${forward ? '>' : '<'} (${marks})`, ...values.slice(from));
  }
  const source =
    index === undefined
      ? 'items i'
      : `entries e JOIN items i
           ON i.table_id = e.table_id AND i.hash = e.item_hash AND i.range = e.item_range`;
  const direction = forward ? 'ASC' : 'DESC';
  const sql = `SELECT i.item, i.bytes, i.hash FROM ${source} WHERE ${where.join(' AND ')}
    ORDER BY ${order.map((column) => `${column} ${direction}`).join(', ')}`;
  return { sql, parameters };
}
