/**
 * The runner's own database: queue messages, and under `state` what must survive a restart (clock,
 * checkpoints, last firings). One file, so that an event's copies in several queues are one transaction.
 */
import { DatabaseSync } from 'node:sqlite';
import { opening } from './disk.ts';
import { alone, type Turn } from './turn.ts';

export interface State {
  get<T>(key: string): T | undefined;
  set(key: string, value: unknown): void;
}

/** How long a thread waits for its turn to write: others have it for less than a millisecond, but for a full machine. */
export const LOCK_MS_MAX = 10_000;

/**
 * Opens the file. A commit is in the operating system's hands before it returns, so the death of this process
 * loses nothing; only a power cut could lose the last moments, which is the price of not syncing each write.
 */
export function openDatabase(path: string): DatabaseSync {
  return opening(path, () => {
    const database = new DatabaseSync(path, { timeout: LOCK_MS_MAX });
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;');
    return database;
  });
}

/** Runs `work` in one transaction: all of it is written, or none. */
export function transaction<T>(database: DatabaseSync, turn: Turn, work: () => T): T {
  return turn.during(() => {
    database.exec('BEGIN IMMEDIATE');
    try {
      const result = work();
      database.exec('COMMIT');
      return result;
    } catch (error) {
      // A full disk ends the transaction by itself.
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  });
}

export function openState(database: DatabaseSync, turn = alone): State {
  database.exec('CREATE TABLE IF NOT EXISTS state (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT');
  const read = database.prepare('SELECT value FROM state WHERE key = ?');
  const write = database.prepare(
    'INSERT INTO state VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  return {
    get: <T>(key: string) => {
      const row = read.get(key);
      return row === undefined ? undefined : (JSON.parse(String(row['value'])) as T);
    },
    set: (key, value) => {
      turn.during(() => write.run(key, JSON.stringify(value)));
    },
  };
}
