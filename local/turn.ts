/**
 * Whose turn it is to write to a file, among the threads of this process. SQLite itself lets one write at a time, but
 * has whoever finds the file locked sleep, longer each time, though the others hold it for less than a millisecond.
 * What a turn protects is only that wait: the lock that data depends on is SQLite's.
 */
import { threadId } from 'node:worker_threads';

export interface Turn {
  /** Runs `work` when no other thread has the turn; it must not take one itself. */
  during<T>(work: () => T): T;
}

/** For a file that one thread alone has open. */
export const alone: Turn = { during: (work) => work() };

/** What a turn is shared by: one Int32, 0 while nobody has it, or the holder's thread and one. */
export function newTurn(): SharedArrayBuffer {
  return new SharedArrayBuffer(4);
}

export function openTurn(shared: SharedArrayBuffer): Turn {
  const cell = new Int32Array(shared);
  const own = threadId + 1;
  return {
    during(work) {
      for (let holder = take(cell, own); holder !== 0; holder = take(cell, own))
        Atomics.wait(cell, 0, holder);
      try {
        return work();
      } finally {
        pass(cell, own);
      }
    },
  };
}

/** To be called when a thread has ended, which may have had the turn. */
export function passFor(shared: SharedArrayBuffer, ended: number): void {
  pass(new Int32Array(shared), ended + 1);
}

/** 0 when it was taken, else who has it. */
function take(cell: Int32Array, own: number): number {
  return Atomics.compareExchange(cell, 0, 0, own);
}

function pass(cell: Int32Array, own: number): void {
  if (Atomics.compareExchange(cell, 0, own, 0) === own) Atomics.notify(cell, 0, 1);
}
