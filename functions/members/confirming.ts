/** What makes two members one when a contact is confirmed. */
import { type Merge, mergeMembers } from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { programOf } from './present.ts';

/** Makes two members one, who have proved to be. Where they cannot be one, only the contact changes hands. */
export function mergeTwo(deps: Deps): Merge {
  return async (wanted) => {
    return (await mergeMembers(deps.ledger, await programOf(deps), wanted, deps.now())).type === 'done';
  };
}
