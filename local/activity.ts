/**
 * Counts work that is being done at this moment and remembers that some was done. Idleness is found in two
 * looks with a question to the stream between them: only an unchanged generation proves that nothing moved
 * from a place not yet looked at to one already found empty.
 */
export interface Activity {
  /** How many pieces of work are being done. */
  readonly active: number;
  /** Changes with every beginning and end. */
  readonly generation: number;
  /** How many pieces of work have begun, as one Int32 that threads can see. */
  readonly beginnings: SharedArrayBuffer;
  /** Begins a piece of work; the returned function ends it, once. */
  begin(): () => void;
  /** Calls `listener` after each end, until the returned function is called. */
  onEnd(listener: () => void): () => void;
}

export function createActivity(): Activity {
  let active = 0;
  let generation = 0;
  const beginnings = new SharedArrayBuffer(4);
  const begun = new Int32Array(beginnings);
  const listeners = new Set<() => void>();
  return {
    get active() {
      return active;
    },
    get generation() {
      return generation;
    },
    beginnings,
    begin() {
      active += 1;
      generation += 1;
      Atomics.add(begun, 0, 1);
      let ended = false;
      return () => {
        if (ended) return;
        ended = true;
        active -= 1;
        generation += 1;
        for (const listener of listeners) listener();
      };
    },
    onEnd(listener) {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
}
