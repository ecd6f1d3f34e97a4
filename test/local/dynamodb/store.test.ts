import { expect, test } from 'vitest';
import type { TableDefinition } from '../../../local/dynamodb/schema.ts';
import { Store } from '../../../local/dynamodb/store.ts';

const DEFINITION: TableDefinition = {
  name: 'members',
  types: { pk: 'S' },
  key: { hash: 'pk' },
  indexes: [],
  createdAt: 0,
};

test('a transaction that fails leaves nothing behind, neither items nor tables', () => {
  const store = new Store(':memory:');
  store.createTable(DEFINITION);
  const table = store.table('members') ?? expect.fail('no table');
  const key = { hash: 'm1', range: '' };
  const failing = () =>
    store.transaction(() => {
      store.put(table, key, { item: { pk: { S: 'm1' } }, bytes: 4 }, undefined);
      store.appendRecord(table, 0, '{}');
      store.createTable({ ...DEFINITION, name: 'others' });
      throw new Error('half way');
    });
  expect(failing).toThrow('half way');
  expect(store.get(table, key)).toBeUndefined();
  expect(store.recordsAfter(table, 0, 10)).toEqual([]);
  expect(store.table('others')).toBeUndefined();
  expect(store.transaction(() => 'again')).toEqual({ result: 'again', streamed: false });
  store.close();
});
