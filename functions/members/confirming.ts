/** What makes two members one when a contact is confirmed. */
import { type Merge, mergeMembers } from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { programOf } from './present.ts';

/**
 * Makes two members one, who have proved to be: what is given once for joining is given once. Where they cannot be one,
 * only the contact changes hands.
 */
export function mergeTwo(deps: Deps): Merge {
  return async (wanted) => {
    const request = { ...wanted, bonusesOnce: true };
    return (await mergeMembers(deps.ledger, await programOf(deps), request, deps.now())).type === 'done';
  };
}
