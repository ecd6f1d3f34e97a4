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

/** Longer than anybody writes for whom the machine has time. */
const HELD_MS_MAX = 1_000;

export function openTurn(shared: SharedArrayBuffer): Turn {
  const cell = new Int32Array(shared);
  const own = threadId + 1;
  return {
    during(work) {
      let from = 0;
      for (let holder = take(cell, from, own); holder !== from; holder = take(cell, from, own)) {
        // Whoever ended with the turn passes it no more, and who waits hears of no end: it is taken over.
        const isLate = holder !== 0 && Atomics.wait(cell, 0, holder, HELD_MS_MAX) === 'timed-out';
        from = isLate ? holder : 0;
      }
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

/** Takes the turn of `from`, 0 being nobody; answers who has had it, which is `from` where it was taken. */
function take(cell: Int32Array, from: number, own: number): number {
  return Atomics.compareExchange(cell, 0, from, own);
}

function pass(cell: Int32Array, own: number): void {
  if (Atomics.compareExchange(cell, 0, own, 0) === own) Atomics.notify(cell, 0, 1);
}
