/** What makes two members one when a contact is confirmed. */
import type { Merge } from '../../ledger/ledger.ts';

/** Two members stay two until there is what makes them one: then only the contact changes hands. */
export const mergeTwo: Merge = async () => false;
