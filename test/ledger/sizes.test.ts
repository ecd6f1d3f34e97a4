/** What items and transactions take, by DynamoDB's own rule, and what one of them has no room for. */
import { describe, expect, it } from 'vitest';
import { itemBytes, TooLarge, tooLarge } from '../../ledger/store/limits.ts';
import type { Write } from '../../ledger/store/store.ts';

describe('an item', () => {
  it.each([
    [{}, 0],
    [{ a: '' }, 1],
    [{ ab: 'é用💎' }, 2 + 2 + 3 + 4],
    [{ é: 'x' }, 3],
    [{ a: undefined, b: true }, 2],
    [{ a: null }, 2],
    [{ a: [] }, 1 + 3],
    [{ a: ['x', 'yz'] }, 1 + 3 + 2 + 3],
    [{ a: {} }, 1 + 3],
    [{ a: { bc: 'd', e: undefined } }, 1 + 3 + 2 + 1 + 1],
    [{ a: [{ b: 1 }] }, 1 + 3 + 1 + 3 + 1 + 2 + 1],
  ])('takes the bytes of its names and of what they hold: %j', (item, bytes) => {
    expect(itemBytes(item)).toBe(bytes);
  });

  it.each([
    [0, 1],
    [7, 2],
    [-7, 3],
    [12, 2],
    [123, 3],
    [1200, 2],
    [120, 3],
    [1234, 3],
    [12_345, 4],
    [0.5, 2],
    [0.05, 2],
    [0.005, 2],
    [1.5, 3],
    [1.25, 3],
    [-1.25, 4],
    [1_000_000, 2],
    [100_000, 2],
  ])(
    'takes for a number a byte, one for each pair of its digits, and one for its sign: %d',
    (number, bytes) => {
      expect(itemBytes({ a: number })).toBe(1 + bytes);
    },
  );
});

describe('a transaction', () => {
  const key = { pk: 'A', sk: 'B' };
  const put = (bytes: number): Write => ({ put: { ...key, item: 'turn', text: 'x'.repeat(bytes) } }) as never;
  /** What the item above takes beside its text. */
  const around = 'pkAskBitemturntext'.length;

  it('has room for a hundred writes', () => {
    const writes = (count: number) => Array.from({ length: count }, (): Write => ({ delete: key }));
    expect(tooLarge(writes(100))).toBeUndefined();
    const error = tooLarge(writes(101));
    expect(error).toBeInstanceOf(TooLarge);
    expect(error).toMatchObject({
      ...{ name: 'TooLarge', type: 'too_large', limit: 'writes', size: 101, key: undefined },
      message: 'A transaction has at most 100 writes, not 101.',
    });
  });

  it('has room for items of 400 KB', () => {
    const max = 400 * 1024;
    expect(tooLarge([put(max - around)])).toBeUndefined();
    expect(tooLarge([put(1), put(max - around + 1)])).toMatchObject({
      ...{ limit: 'item_bytes', size: max + 1, key },
      message: `The item A B has at most ${max} bytes, not ${max + 1}.`,
    });
  });

  it('has room for 4 MB, in which a key counts, too', () => {
    const max = 4 * 1024 * 1024;
    const writes = [...Array.from({ length: 16 }, () => put(max / 16 - around)), { delete: key } as Write];
    expect(tooLarge(writes.slice(0, -1))).toBeUndefined();
    expect(tooLarge(writes)).toMatchObject({
      ...{ limit: 'transaction_bytes', size: max + 'pkAskB'.length, key: undefined },
      message: `A transaction has at most ${max} bytes, not ${max + 6}.`,
    });
  });
});
