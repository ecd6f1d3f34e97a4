/** The members whose card some wallet has: found without looking at everybody else. */
import type { MemberId } from '../../core/contract/ids.ts';
import { keys, toItem } from '../store/items.ts';
import type { Write } from '../store/store.ts';

/**
 * What goes with the first that is noted of a member in any wallet. It is the same for all of them, so nothing is
 * asked of it.
 */
export function holderWrites(previous: object | undefined, memberId: MemberId): Write[] {
  return previous ? [] : [{ put: toItem(keys.walletHolder(memberId), 'walletHolder', { memberId }) }];
}
