import { describe, expect, it } from 'vitest';
import { keepAppleLog, listAppleLog } from '../../ledger/ledger.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { noon, testContext } from '../support/world.ts';

const day = 86_400_000;

function newLog() {
  const store = createMemoryStore();
  const ledger = testContext(store);
  const all = async (limit: number, now = noon) => {
    const messages: string[] = [];
    let after: string | undefined;
    do {
      const { items, next } = await listAppleLog(ledger, { limit, ...(after ? { after } : {}) }, now);
      expect(items.length).toBeLessThanOrEqual(limit);
      messages.push(...items.map(({ message }) => message));
      after = next ?? undefined;
    } while (after !== undefined);
    return messages;
  };
  return { store, ledger, all };
}

describe('what phones log', () => {
  it('is listed newest first over days, page by page, each line once', async () => {
    const { ledger, all } = newLog();
    const lines = Array.from({ length: 23 }, (_, index) => `line ${index}`);
    for (const [index, line] of lines.entries())
      await keepAppleLog(ledger, [line], noon - 20 * day + index * 0.8 * day);
    for (const limit of [1, 2, 5, 23, 100]) expect(await all(limit)).toEqual(lines.toReversed());
  });

  it('of one request stays in its order, the last line first', async () => {
    const { ledger, all } = newLog();
    await keepAppleLog(ledger, ['a', 'b', 'c'], noon);
    expect(await all(2)).toEqual(['c', 'b', 'a']);
  });

  it('is bounded, in lines and in their length, and what is left out is said', async () => {
    const { store, ledger, all } = newLog();
    const flood = Array.from({ length: 5000 }, (_, index) => `${index} ${'x'.repeat(5000)}`);
    await keepAppleLog(ledger, flood, noon);
    const kept = await all(100);
    expect(kept).toHaveLength(21);
    expect(kept[0]).toBe('(4980 more were not kept)');
    for (const message of kept.slice(1)) expect(message).toMatch(/^\d+ x{900,} …$/);
    expect(JSON.stringify(store.items()).length).toBeLessThan(30_000);
  });

  it('is kept as it came, line breaks and all, and what is not well-formed is made so', async () => {
    const { ledger, all } = newLog();
    await keepAppleLog(ledger, ['a\nlevel=error forged', '\ud800 <script>', ''], noon);
    expect(await all(10)).toEqual(['', '\ufffd <script>', 'a\nlevel=error forged']);
    await keepAppleLog(ledger, [], noon);
    expect(await all(10)).toHaveLength(3);
  });

  it('goes after a month', async () => {
    const { store, ledger, all } = newLog();
    await keepAppleLog(ledger, ['old'], noon);
    expect(store.items()[0]?.ttl).toBe(noon / 1000 + 30 * 86_400);
    expect(await all(10, noon + 29 * day)).toEqual(['old']);
    expect(await all(10, noon + 40 * day)).toEqual([]);
  });
});
