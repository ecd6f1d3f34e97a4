/**
 * What an instance keeps of what it has read, and for how long. Age is measured by the wall clock: an instance may be
 * frozen for an hour between two events, and a clock that only counts while it runs would take what it has for new.
 */

/** Milliseconds since 1970. */
export type Clock = () => number;

/** Whether something read at a moment may still be used. A clock that was set back says nothing about its age. */
export function isFresh(readAt: number, now: number, keepMs: number): boolean {
  return now >= readAt && now - readAt < keepMs;
}

/** Keeps a value for a while, counted from when it was asked for; a failure is not kept. */
export function fresh<T>(clock: Clock, keepMs: number, load: () => Promise<T>): () => Promise<T> {
  let kept: { value: Promise<T>; at: number } | undefined;
  return () => {
    const at = clock();
    if (kept && isFresh(kept.at, at, keepMs)) return kept.value;
    const value = load();
    const entry = { value, at };
    kept = entry;
    value.catch(() => {
      if (kept === entry) kept = undefined;
    });
    return value;
  };
}

/** Makes a value when it is first needed, for the life of the instance. */
export function lazy<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** The same for what has to be waited for; a failure is not kept. */
export function lazyAsync<T>(make: () => Promise<T>): () => Promise<T> {
  return fresh(() => 0, 1, make);
}

/**
 * The same for values of many keys. What is not found is not kept, so that whoever guesses keys fills nothing; of
 * more than `entriesMax` the one that was read first goes.
 */
export function freshByKey<T>(
  clock: Clock,
  { keepMs, entriesMax }: { readonly keepMs: number; readonly entriesMax: number },
  load: (key: string) => Promise<T | undefined>,
): (key: string) => Promise<T | undefined> {
  const kept = new Map<string, { readonly value: T; readonly at: number }>();
  return async (key) => {
    const at = clock();
    const found = kept.get(key);
    if (found && isFresh(found.at, at, keepMs)) return found.value;
    kept.delete(key);
    const value = await load(key);
    if (value === undefined) return undefined;
    for (const oldest of kept.keys()) {
      if (kept.size < entriesMax) break;
      kept.delete(oldest);
    }
    kept.set(key, { value, at });
    return value;
  };
}
