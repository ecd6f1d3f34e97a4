/**
 * Locks between processes: an exclusive transaction on a small SQLite file. The operating system lets go of it
 * when the process ends in whatever way, so a lock is never stale.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

export interface Lock {
  release(): void;
}

/** A database that nobody refers to is closed by the garbage collector, and its lock lost. */
const held = new Set<DatabaseSync>();

/** Takes the lock at `path`, or answers who has it (as far as known). */
export function tryLock(path: string): { lock: Lock } | { holder: string } {
  const holderPath = `${path}.pid`;
  const database = new DatabaseSync(path);
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!String(error).includes('locked')) throw error;
    return { holder: readHolder(holderPath) };
  }
  writeFileSync(holderPath, String(process.pid));
  held.add(database);
  const release = (): void => {
    held.delete(database);
    database.close();
  };
  return { lock: { release } };
}

/** Takes the lock as soon as whoever has it lets go. */
export async function waitForLock(path: string): Promise<Lock> {
  while (true) {
    const attempt = tryLock(path);
    if ('lock' in attempt) return attempt.lock;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

function readHolder(path: string): string {
  try {
    return `process ${readFileSync(path, 'utf8')}`;
  } catch {
    return 'another process'; // It has only just taken the lock and not yet written who it is.
  }
}
