/** Erasures that a request had no time for any more, or a crash has left. */
import type { MemberId } from '../../core/contract/ids.ts';
import { finishErasure } from '../erasure/erasure.ts';
import { openErasurePk } from '../store/items.ts';
import { throughPartitions } from './walk.ts';

export const erasureWalk = throughPartitions({
  name: 'erasures',
  // Nobody who wants to be forgotten is taken off this list before that is done.
  isList: false,
  memberOf: (sk) => sk as MemberId,
  partitions: (_means, { to: day }) => [{ pk: openErasurePk, day }],
  handle: async ({ context, hasTime }, { sk }) => {
    const isOpen = !(await finishErasure(context, sk as MemberId, hasTime));
    return { counted: { members: isOpen ? 0 : 1 }, isOpen };
  },
});
