import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { opening } from '../disk.ts';

/** A push that reached Apple's stand-in, whatever it was answered. */
export interface Push {
  pushToken: string;
  topic: string;
  pushType: string | null;
  at: string;
  /** The HTTP status it was answered with: 200, or the failure that was asked for. */
  status: number;
}

/** A text message or e-mail to one recipient. */
export interface Message {
  channel: 'sms' | 'email';
  to: string;
  subject?: string;
  text: string;
  at: string;
}

/**
 * A failure that the next push to a token is to meet: an answer of Apple's, or no answer at all. `timestamp` is
 * that of a 410, epoch milliseconds; the time of the push where it is not given. `retryAfter` is in seconds.
 */
export type ScriptedAnswer =
  | { status: number; reason: string; timestamp?: number | undefined; retryAfter?: number | undefined }
  | { connection: ConnectionFailure };

/** `close` cuts the connection; `goaway` says first, as HTTP/2 wants it, that nothing more is taken. */
export const connectionFailures = ['close', 'goaway'] as const;
export type ConnectionFailure = (typeof connectionFailures)[number];

/** A class or an object of Google Wallet, as its owner wrote it. */
export interface Resource {
  id: string;
  [field: string]: unknown;
}

/** What each kind of document holds. */
interface Documents {
  push: Push;
  /** In the order in which a token's next pushes meet them. */
  scriptedAnswers: ScriptedAnswer[];
  message: Message;
  loyaltyClass: Resource;
  loyaltyObject: Resource;
  /** Times, in epoch milliseconds, of the notices that an object's holder got in the last day. */
  notices: number[];
}

export type Kind = keyof Documents;

/**
 * The memory of the outside world. Apple, Google and the carriers do not forget when Philia restarts, so
 * what they hold is on disk, apart from Philia's own tables.
 */
export interface Store {
  get<K extends Kind>(kind: K, key: string): Documents[K] | undefined;
  /** Inserts, or replaces in place: the order of `list` is that of the first insertion. */
  put<K extends Kind>(kind: K, key: string, document: Documents[K]): void;
  remove(kind: Kind, key: string): void;
  /** Removes all of a kind. */
  clear(kind: Kind): void;
  list<K extends Kind>(kind: K): Documents[K][];
  close(): void;
}

const SCHEMA = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE IF NOT EXISTS documents (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    body TEXT NOT NULL,
    UNIQUE (kind, key)
  );`;

/** Opens `<dataDir>/standins.db`. */
export function openStore(dataDir: string): Store {
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, 'standins.db');
  const database = opening(path, () => {
    const opened = new DatabaseSync(path);
    opened.exec(SCHEMA);
    return opened;
  });
  const get = database.prepare('SELECT body FROM documents WHERE kind = ? AND key = ?');
  const put = database.prepare(
    'INSERT INTO documents (kind, key, body) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body',
  );
  const remove = database.prepare('DELETE FROM documents WHERE kind = ? AND key = ?');
  const clear = database.prepare('DELETE FROM documents WHERE kind = ?');
  const list = database.prepare('SELECT body FROM documents WHERE kind = ? ORDER BY sequence');
  return {
    get: (kind, key) => {
      const row = get.get(kind, key);
      return row && JSON.parse(String(row['body']));
    },
    put: (kind, key, document) => {
      put.run(kind, key, JSON.stringify(document));
    },
    remove: (kind, key) => {
      remove.run(kind, key);
    },
    clear: (kind) => {
      clear.run(kind);
    },
    list: (kind) => list.all(kind).map((row) => JSON.parse(String(row['body']))),
    close: () => database.close(),
  };
}
