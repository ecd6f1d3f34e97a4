/** Items as DynamoDB has them: what is JSON comes back as it was, and nothing else is taken. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decode, encode } from '../../ledger/store/attributes.ts';
import { runs } from '../support/world.ts';

it('each kind of value has its attribute', () => {
  const item = {
    text: 'a',
    empty: '',
    one: 1,
    half: -0.5,
    yes: true,
    no: false,
    none: null,
    list: [1, ['b']],
  };
  const attributes = {
    ...{ text: { S: 'a' }, empty: { S: '' }, one: { N: '1' }, half: { N: '-0.5' } },
    ...{ yes: { BOOL: true }, no: { BOOL: false }, none: { NULL: true } },
    list: { L: [{ N: '1' }, { L: [{ S: 'b' }] }] },
  };
  expect(encode({ ...item, inner: { a: {} }, not: undefined })).toEqual({
    ...attributes,
    inner: { M: { a: { M: {} } } },
  });
  expect(encode({ inner: { not: undefined, a: 1 } })).toEqual({ inner: { M: { a: { N: '1' } } } });
  expect(decode(attributes)).toEqual(item);
});

it('what is none of them is refused', () => {
  for (const value of [undefined, () => 1, Symbol('a')])
    expect(() => encode({ list: [value] })).toThrow(`An item holds no ${typeof value}.`);
  expect(() => decode({ a: { SS: ['b'] } } as never)).toThrow('An item holds no SS.');
});

it('whatever is JSON comes back', () => {
  const values = [fc.string(), fc.maxSafeInteger(), fc.boolean(), fc.constant(null)];
  fc.assert(
    fc.property(fc.object({ values }), (value) => {
      expect(decode(encode(value))).toEqual(value);
    }),
    runs(300),
  );
});
