import { describe, expect, test } from 'vitest';
import { CapacityMeter, readUnits, writeUnits } from '../../../local/dynamodb/capacity.ts';
import { itemBytes, readItem, readValue, sameItem, sortableKey } from '../../../local/dynamodb/values.ts';

const bytesOf = (item: object) => itemBytes(readItem(item));

describe('an item counts its bytes by the rule of AWS', () => {
  test.each([
    ['a name and a text', { name: { S: 'Åse' } }, 4 + 4],
    ['a number', { n: { N: '123' } }, 1 + 3],
    ['a binary, decoded', { b: { B: 'aGVsbG8=' } }, 1 + 5],
    ['true and null', { t: { BOOL: true }, u: { NULL: true } }, 2 + 2],
    ['a set', { s: { SS: ['ab', 'c'] }, n: { NS: ['1', '2'] } }, 1 + 3 + 1 + 4],
    ['an empty list', { l: { L: [] } }, 1 + 3],
    ['a list, with one byte for each element', { l: { L: [{ S: 'ab' }, { N: '1' }] } }, 1 + 3 + 2 + 2 + 2],
    ['a map, with one byte for each member', { m: { M: { ab: { S: 'c' } } } }, 1 + 3 + 1 + 3],
  ])('%s', (_, item, bytes) => {
    expect(bytesOf(item)).toBe(bytes);
  });
});

describe('values have one form', () => {
  test('sets are sorted by bytes or by value, so equal sets are equal', () => {
    expect(readValue({ SS: ['b', '😀', '\uffff', 'a'] })).toEqual({ SS: ['a', 'b', '\uffff', '😀'] });
    expect(readValue({ NS: ['10', '9', '-1.0'] })).toEqual({ NS: ['-1', '9', '10'] });
  });

  test('the order of members does not matter', () => {
    const left = readItem({ a: { M: { x: { N: '1.0' }, y: { S: 's' } } }, b: { S: 't' } });
    const right = readItem({ b: { S: 't' }, a: { M: { y: { S: 's' }, x: { N: '1' } } } });
    expect(sameItem(left, right)).toBe(true);
    expect(sameItem(left, readItem({ b: { S: 't' } }))).toBe(false);
    expect(sameItem(readItem({ toString: { S: 'a' } }), readItem({ other: { S: 'a' } }))).toBe(false);
  });

  test.each([
    ['no type', {}],
    ['two types', { S: 'a', N: '1' }],
    ['an unknown type', { X: 'a' }],
    ['false as null', { NULL: false }],
    ['a lone surrogate', { S: '\ud800' }],
    ['a lone surrogate in a name', { M: { '\udfff': { S: 'a' } } }],
    ['base64 with a stray character', { B: 'a-b=' }],
    ['a number for a text', { S: 5 }],
    ['a bare text', 'a'],
    ['an empty set', { SS: [] }],
    ['a set with an element twice', { BS: ['YQ==', 'YQ=='] }],
  ])('%s is refused', (_, value) => {
    expect(() => readValue(value)).toThrow();
  });

  test('32 levels are allowed, 10,000 refused', () => {
    const nested = (levels: number) => {
      let value: object = { S: 'x' };
      for (let level = 0; level < levels; level += 1) value = { L: [value] };
      return { deep: value };
    };
    expect(() => readItem(nested(31))).not.toThrow();
    expect(() => readItem(nested(32))).toThrow('Nesting Levels');
    expect(() => readItem(nested(10_000))).toThrow('Nesting Levels');
  });

  test('an attribute may be called __proto__', () => {
    const item = readItem(JSON.parse('{"__proto__":{"S":"a"}}'));
    expect(JSON.stringify(item)).toBe('{"__proto__":{"S":"a"}}');
    expect(bytesOf(item)).toBe(10);
  });

  test('keys sort as DynamoDB sorts them', () => {
    const binaries = ['AA==', 'AAE=', 'fw==', '/w=='].map((B) => sortableKey({ B }));
    expect(binaries).toEqual(binaries.toSorted());
  });
});

describe('capacity', () => {
  test.each([
    [0, 1],
    [1024, 1],
    [1025, 2],
    [409_600, 400],
  ])('a write of %i bytes costs %i units', (bytes, units) => {
    expect(writeUnits(bytes)).toBe(units);
  });

  test.each([
    [0, 'eventual', 0.5],
    [4096, 'strong', 1],
    [4097, 'eventual', 1],
    [4097, 'strong', 2],
    [4097, 'transactional', 4],
  ] as const)('a read of %i bytes, %s, costs %f units', (bytes, consistency, units) => {
    expect(readUnits(bytes, consistency)).toBe(units);
  });

  test('is reported as a total, with indexes, or not at all', () => {
    const meter = new CapacityMeter('Write');
    meter.add('members', 2);
    meter.add('members', 1, 'byTier');
    expect(meter.one('NONE')).toEqual({});
    expect(meter.one('TOTAL')).toEqual({ ConsumedCapacity: { TableName: 'members', CapacityUnits: 3 } });
    expect(meter.one('INDEXES')).toEqual({
      ConsumedCapacity: {
        TableName: 'members',
        CapacityUnits: 3,
        Table: { CapacityUnits: 2 },
        GlobalSecondaryIndexes: { byTier: { CapacityUnits: 1 } },
      },
    });
  });
});
