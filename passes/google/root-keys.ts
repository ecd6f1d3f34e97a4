/** Google's published root keys for callbacks, fetched when they are needed and kept for a while. */
import type { RootKey } from './callback.ts';

export interface RootKeys {
  /**
   * The keys as of `now` (epoch milliseconds).
   * @throws Error when there are none in store and Google does not give any
   */
  get(now: number): Promise<readonly RootKey[]>;
  /** The keys anew, for a callback that none of them signed; those in store when they are hardly older. */
  renew(now: number): Promise<readonly RootKey[]>;
}

export interface RootKeysOptions {
  readonly url: string;
  readonly fetch?: typeof globalThis.fetch;
  readonly timeoutMs?: number;
}

const keptMs = 3_600_000;
/** Forged callbacks are free to make: they must not make us ask Google each time. */
const renewedMs = 60_000;

interface Kept {
  readonly keys: readonly RootKey[];
  readonly at: number;
  readonly until: number;
}

export function createRootKeys({
  url,
  fetch = globalThis.fetch,
  timeoutMs = 4_000,
}: RootKeysOptions): RootKeys {
  let kept: Kept | undefined;

  async function load(now: number): Promise<readonly RootKey[]> {
    const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs) });
    if (!response.ok) throw new Error(`${url} answered ${response.status}.`);
    const { keys } = (await response.json()) as { readonly keys?: readonly RootKey[] };
    if (!Array.isArray(keys) || keys.length === 0) throw new Error(`${url} lists no keys.`);
    const expiries = keys.map((key) => Number(key.keyExpiration)).filter((at) => at > now);
    kept = { keys, at: now, until: Math.min(now + keptMs, ...expiries) };
    return keys;
  }

  const isWithin = (ms: number, now: number) => kept && kept.at <= now && now < kept.at + ms;
  return {
    get: async (now) => (kept && isWithin(keptMs, now) && now < kept.until ? kept.keys : load(now)),
    renew: async (now) => (kept && isWithin(renewedMs, now) ? kept.keys : load(now)),
  };
}
