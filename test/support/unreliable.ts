/** A database of which answers are lost, and a caller who asks again. */
import { setImmediate as turn } from 'node:timers/promises';
import type { Store } from '../../ledger/store/store.ts';

/** A store whose answers take turns, and of which some are lost, before or after the commit. */
export function unreliable(store: Store, lose: () => 'no' | 'before' | 'after'): Store {
  return {
    ...store,
    async get(key) {
      await turn();
      return store.get(key);
    },
    async transact(writes) {
      await turn();
      const fate = lose();
      if (fate === 'before') return { type: 'unknown', cause: 'lost on the way there' };
      const outcome = await store.transact(writes);
      return fate === 'after' ? { type: 'unknown', cause: 'lost on the way back' } : outcome;
    },
  };
}

/** Repeats with the same key until the outcome is known, as a till does. */
export async function known<T>(act: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++)
    try {
      return await act();
    } catch (error) {
      if (attempt === 50 || (error as Error).name !== 'LedgerUnavailable') throw error;
    }
}
