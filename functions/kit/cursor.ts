/** Cursors name the list they were issued for and are signed, so that one from elsewhere is refused. */
import { Problem } from '../../core/contract/errors.ts';
import type { Deps } from '../deps.ts';

function signature(deps: Deps, list: string, position: string): string {
  return deps.ledger.keyed('cursor', `${list}\n${position}`).slice(0, 22);
}

/** A cursor behind which the next page of `list` begins. */
export function encodeCursor(deps: Deps, list: string, position: string): string {
  return `${Buffer.from(position).toString('base64url')}.${signature(deps, list, position)}`;
}

/**
 * The position of a cursor; undefined for none.
 * @throws Problem `invalid_cursor` when it was not issued for this list
 */
export function decodeCursor(deps: Deps, list: string, cursor: string | undefined): string | undefined {
  if (cursor === undefined) return undefined;
  const [encoded = '', signed] = cursor.split('.');
  const position = Buffer.from(encoded, 'base64url').toString('utf8');
  if (signed !== signature(deps, list, position))
    throw new Problem('invalid_cursor', undefined, [
      { path: 'cursor', message: 'was not issued for this list' },
    ]);
  return position;
}
