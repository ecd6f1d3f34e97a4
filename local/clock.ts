/**
 * The system's clock: the machine's clock plus an offset that only ever grows. Workers read the same offset
 * from shared memory, so every function sees a moved clock at once.
 */
import type { State } from './state.ts';

const KEY = 'clock';

interface Saved {
  /** The time at which this system began, milliseconds since 1970. */
  readonly startedAt: number;
  readonly offsetMs: number;
}

export interface SystemClock {
  readonly startedAt: number;
  /** Milliseconds the system's clock is ahead of the machine's, as one BigInt64 for `Atomics`. */
  readonly shared: SharedArrayBuffer;
  now(): number;
  /** Moves the clock to `to`; a moment that has passed already leaves it where it is. */
  moveTo(to: number): void;
  /** Writes down where a function's thread has moved it to. */
  keep(): void;
}

/** Continues the saved clock, or starts one at `startAt` (else at the machine's time) in a fresh system. */
export function openClock(state: State, startAt: number | undefined): SystemClock {
  const saved = state.get<Saved>(KEY);
  const startedAt = saved?.startedAt ?? startAt ?? Date.now();
  const shared = new SharedArrayBuffer(8);
  const offset = new BigInt64Array(shared);
  const read = (): number => Number(Atomics.load(offset, 0));
  const now = (): number => Date.now() + read();
  const keep = (): void => state.set(KEY, { startedAt, offsetMs: read() });
  const set = (offsetMs: number): void => {
    Atomics.store(offset, 0, BigInt(offsetMs));
    keep();
  };
  set(saved?.offsetMs ?? startedAt - Date.now());
  const moveTo = (to: number): void => {
    if (to > now()) set(read() + to - now());
  };
  return { startedAt, shared, now, moveTo, keep };
}
