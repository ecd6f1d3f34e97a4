/** What goes wrong with files, in words for the person whose files they are. */
import { messageOf, StartFailure } from './failure.ts';

/** SQLite's number for a disk that has no room. Source: https://www.sqlite.org/rescode.html#full */
const SQLITE_FULL = 13;
const FULL = new Set(['ENOSPC', 'EDQUOT']);
const CLOSED = new Set(['EACCES', 'EPERM', 'EROFS']);

type Failed = Partial<NodeJS.ErrnoException> & { readonly errcode?: number };

/** Whether something failed because the disk has no room; also what another program says of it. */
export function isDiskFull(error: unknown): boolean {
  const { code = '', errcode } = (error ?? {}) as Failed;
  return (
    FULL.has(code) || errcode === SQLITE_FULL || /ENOSPC|no space left on device/i.test(messageOf(error))
  );
}

/**
 * A failure of the disk as a sentence; undefined for any other.
 * @param place where it happened, if the error itself does not say
 */
export function diskFailure(error: unknown, place: string): StartFailure | undefined {
  // Of a copy, `path` is what is copied.
  const { code = '', dest, path = place } = (error ?? {}) as Failed & { readonly dest?: string };
  if (isDiskFull(error))
    return new StartFailure(
      `There is no room left on the disk of ${dest ?? path}: make some and start again; whatever was accepted is kept.`,
    );
  if (CLOSED.has(code)) return new StartFailure(`${path} cannot be written: ${messageOf(error)}`);
  return undefined;
}

/**
 * Opens a file of the data folder.
 * @throws StartFailure naming it where it is no database, or the disk does not take it
 */
export function opening<T>(path: string, open: () => T): T {
  try {
    return open();
  } catch (error) {
    throw (
      diskFailure(error, path) ??
      new StartFailure(
        `${path} cannot be read (${messageOf(error)}): put a copy of it back, or start with --fresh.`,
      )
    );
  }
}
