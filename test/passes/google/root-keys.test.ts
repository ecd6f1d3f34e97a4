import { describe, expect, it } from 'vitest';
import { createRootKeys } from '../../../passes/google/index.ts';

const now = Date.parse('2026-11-22T10:00:00Z');
const hour = 3_600_000;
const url = 'https://keys.test/list';

/** Google's list, each time with another key; counts how often it was fetched. */
function published(keyExpiration = now + 168 * hour) {
  let fetched = 0;
  let status = 200;
  const fetch: typeof globalThis.fetch = async (input) => {
    expect(String(input)).toBe(url);
    fetched++;
    const keys = [
      { keyValue: `key-${fetched}`, protocolVersion: 'ECv2SigningOnly', keyExpiration: `${keyExpiration}` },
    ];
    return Response.json({ keys }, { status });
  };
  const rootKeys = createRootKeys({ url, fetch });
  const valueAt = async (at: number, how: 'get' | 'renew' = 'get') => (await rootKeys[how](at))[0]?.keyValue;
  const fail = () => {
    status = 500;
  };
  return { valueAt, fetched: () => fetched, fail };
}

describe('the root keys', () => {
  it('are fetched once an hour', async () => {
    const { valueAt, fetched } = published();
    expect([await valueAt(now), await valueAt(now + hour - 1)]).toEqual(['key-1', 'key-1']);
    expect(await valueAt(now + hour)).toBe('key-2');
    expect(fetched()).toBe(2);
  });

  it('are fetched when one of them expires', async () => {
    const { valueAt } = published(now + 60_000);
    expect([await valueAt(now), await valueAt(now + 60_000)]).toEqual(['key-1', 'key-2']);
  });

  it('are fetched for a key that is not among them, but at most once a minute', async () => {
    const { valueAt, fetched } = published();
    await valueAt(now);
    expect(await valueAt(now + 59_999, 'renew')).toBe('key-1');
    expect(await valueAt(now + 60_000, 'renew')).toBe('key-2');
    expect(fetched()).toBe(2);
  });

  it('are fetched anew by a clock that was set back', async () => {
    const { valueAt } = published();
    await valueAt(now);
    expect(await valueAt(now - 1)).toBe('key-2');
  });

  it('that cannot be had are an error, not an empty list', async () => {
    const { valueAt, fail } = published();
    fail();
    await expect(valueAt(now)).rejects.toThrow('https://keys.test/list answered 500.');
    const empty = createRootKeys({ url, fetch: async () => Response.json({}) });
    await expect(empty.get(now)).rejects.toThrow('lists no keys');
  });
});
