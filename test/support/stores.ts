/** A store that tells what is read from it, and lets something happen just before a write. */
import type { Store, Write } from '../../ledger/store/store.ts';

export interface Watched extends Store {
  /** The partitions of the items that were read one by one, in their order. */
  readonly reads: string[];
  /** The most single reads that were under way at once. */
  readonly atOnce: () => number;
}

export function watched(
  store: Store,
  before: (writes: readonly Write[]) => Promise<void> = async () => {},
): Watched {
  const reads: string[] = [];
  let [open, most] = [0, 0];
  return {
    ...store,
    reads,
    atOnce: () => most,
    get: async (key) => {
      reads.push(key.pk);
      most = Math.max(most, ++open);
      try {
        return await store.get(key);
      } finally {
        open--;
      }
    },
    transact: async (writes) => {
      await before(writes);
      return store.transact(writes);
    },
  };
}
