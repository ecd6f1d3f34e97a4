/** What each shop tells is understood as its vectors say, and fits what the ledger takes. */
import { describe, expect, it } from 'vitest';
import { expected, readingOf, refused, shops, vectorsOf } from './vectors.ts';

/** What of every shop's life has to be shown, as far as the shop has it. */
const everywhere = ['guest', 'member', 'truncated', 'error inside', 'repeated', 'reordered', 'unpaid'];

describe.each(shops)('%s', (shop) => {
  const vectors = vectorsOf(shop);

  it.each(vectors.map((vector) => [vector.name, vector] as const))('%s', (_, vector) => {
    const read = readingOf(shop, vector);
    expect(read).toEqual(expected(vector));
    if (read.type === 'told') for (const told of read.told) expect(refused(told)).toBeUndefined();
  });

  it('has vectors with names of their own, for what happens in every shop', () => {
    expect(new Set(vectors.map((vector) => vector.name)).size).toBe(vectors.length);
    const covered = new Set(vectors.flatMap((vector) => vector.covers));
    expect(everywhere.filter((one) => !covered.has(one))).toEqual([]);
  });
});
