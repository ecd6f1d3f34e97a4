/** Waits until the caller may send its next request. */
export type Pace = () => Promise<void>;

export interface PaceOptions {
  readonly perSecond: number;
  /** Epoch milliseconds. */
  readonly clock: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * Spreads requests evenly: each gets the next free moment, a fixed step after the one before. No burst ever
 * exceeds the rate, and callers are served in the order in which they came.
 */
export function createPace({ perSecond, clock, sleep }: PaceOptions): Pace {
  const stepMs = 1000 / perSecond;
  let nextAt = Number.NEGATIVE_INFINITY;
  return async () => {
    const now = clock();
    const at = Math.max(now, nextAt);
    nextAt = at + stepMs;
    if (at > now) await sleep(at - now);
  };
}
