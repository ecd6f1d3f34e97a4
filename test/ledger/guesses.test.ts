/** The tenth wrong guess in a quarter of an hour stops whoever makes it for as long, and nobody else. */
import { beforeEach, describe, expect, it } from 'vitest';
import { countedOf, countWrong, guesserOf, stoppedUntil, wrongMax } from '../../ledger/spending/guesses.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { noon, testContext } from '../support/world.ts';

const quarter = 15 * 60_000;
let memory: ReturnType<typeof createMemoryStore>;
let ledger: LedgerContext;
let guesser: string;

beforeEach(() => {
  memory = createMemoryStore();
  ledger = testContext(memory);
  guesser = guesserOf(ledger, 'code', 'shop', 'session');
});

/** Guesses wrongly so often, at instants a given time apart. */
async function wrong(times: number, from = noon, apart = 0, who = guesser) {
  for (let made = 0; made < times; made++)
    expect(await countWrong(ledger, who, from + made * apart)).toBeUndefined();
}

describe('whoever guesses wrongly', () => {
  it('nine times goes on', async () => {
    await wrong(wrongMax - 1);
    expect(await stoppedUntil(ledger, guesser, noon)).toBeUndefined();
  });

  it('ten times is stopped for a quarter of an hour, told until when, and begins anew behind it', async () => {
    await wrong(wrongMax);
    const until = noon + quarter;
    expect(await stoppedUntil(ledger, guesser, noon)).toBe(until);
    expect(await stoppedUntil(ledger, guesser, until - 1)).toBe(until);
    // A guess that is not answered does not count: the quarter of an hour ends all the same.
    expect(await countWrong(ledger, guesser, until - 1)).toBe(until);
    expect(await stoppedUntil(ledger, guesser, until)).toBeUndefined();
    await wrong(wrongMax - 1, until);
    expect(await stoppedUntil(ledger, guesser, until)).toBeUndefined();
    await wrong(1, until);
    expect(await stoppedUntil(ledger, guesser, until)).toBe(until + quarter);
  });

  it('is told by the last quarter of an hour alone', async () => {
    await wrong(wrongMax - 1);
    // The nine are forgotten at that instant, and not before.
    await wrong(1, noon + quarter);
    expect(await stoppedUntil(ledger, guesser, noon + quarter)).toBeUndefined();
    const another = guesserOf(ledger, 'code', 'shop', 'another');
    await wrong(wrongMax - 1, noon, 0, another);
    await wrong(1, noon + quarter - 1000, 0, another);
    expect(await stoppedUntil(ledger, another, noon + quarter)).toBe(noon + 2 * quarter - 1000);
  });

  it('stops nobody else, and is kept by no name, and not for ever', async () => {
    await wrong(wrongMax);
    expect(await stoppedUntil(ledger, guesserOf(ledger, 'code', 'shop', 'other'), noon)).toBeUndefined();
    const items = memory.items().filter(({ item }) => item === 'guesses');
    expect(JSON.stringify(items)).not.toContain('session');
    expect(items.map(({ ttl }) => ttl)).toEqual([(noon + quarter) / 1000 + 3600]);
    // Each of them is another revision, so none is written over another.
    expect(items.map(({ revision }) => revision)).toEqual([wrongMax]);
  });
});

describe('several guessers, decided on at once', () => {
  const [one, other] = [() => guesser, () => guesserOf(ledger, 'receipt', 'P1')];

  it('are stopped until the last of them is', async () => {
    expect((await countedOf(ledger, [one(), other()], noon)).until).toBeUndefined();
    await wrong(wrongMax);
    expect((await countedOf(ledger, [one(), other()], noon)).until).toBe(noon + quarter);
    await wrong(wrongMax, noon + 60_000, 0, other());
    expect((await countedOf(ledger, [one(), other()], noon + 60_000)).until).toBe(noon + 60_000 + quarter);
    expect((await countedOf(ledger, [one()], noon + 60_000)).until).toBe(noon + quarter);
  });

  it('are each counted, and what was read holds only while nobody else counts', async () => {
    await wrong(wrongMax - 1);
    const before = await countedOf(ledger, [one(), other()], noon);
    expect((await memory.transact(before.asRead)).type).toBe('committed');
    expect((await memory.transact(before.wrong)).type).toBe('committed');
    expect(await stoppedUntil(ledger, one(), noon)).toBe(noon + quarter);
    expect(await stoppedUntil(ledger, other(), noon)).toBeUndefined();
    for (const late of [before.asRead, before.wrong])
      expect((await memory.transact(late)).type).not.toBe('committed');
  });
});
