/** Files that only their owner may read. */
import { renameSync, writeFileSync } from 'node:fs';

/** Writes the whole file or nothing of it, with mode 0600 from its first byte. */
export function writePrivately(path: string, content: string): void {
  const temporary = `${path}.${process.pid}.tmp`;
  writeFileSync(temporary, content, { mode: 0o600 });
  renameSync(temporary, path);
}
