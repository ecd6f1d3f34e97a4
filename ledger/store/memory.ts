/** The store in memory: the reference that the other engines are held against. */
import { tooLarge } from './limits.ts';
import {
  type Condition,
  type Item,
  type Key,
  keyOf,
  type Range,
  type Store,
  standing,
  type Transacted,
  type Write,
} from './store.ts';

/** DynamoDB orders by UTF-8 bytes, JavaScript by UTF-16 units: they differ only beyond the basic plane. */
function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function holds(condition: Condition | undefined, item: Item | undefined): boolean {
  switch (condition?.kind) {
    case undefined:
      return true;
    case 'absent':
      return item === undefined;
    case 'present':
      return item !== undefined;
    case 'unchanged':
      return (
        item !== undefined &&
        Object.entries(condition.fields).every(([field, value]) => item[field] === value)
      );
  }
}

export function createMemoryStore(): Store & { readonly items: () => Item[] } {
  const partitions = new Map<string, Map<string, string>>();
  const read = ({ pk, sk }: Key): Item | undefined => {
    const text = partitions.get(pk)?.get(sk);
    return text === undefined ? undefined : JSON.parse(text);
  };
  const transact = async (writes: readonly Write[]): Promise<Transacted> => {
    const excess = tooLarge(writes);
    if (excess) throw excess;
    const keys = writes.map((write) => `${keyOf(write).pk}\0${keyOf(write).sk}`);
    if (new Set(keys).size < keys.length) throw new Error('A transaction writes each item once.');
    const refused = new Map<number, Item | undefined>();
    for (const [index, write] of writes.entries()) {
      const item = read(keyOf(write));
      if (!holds(write.if, item)) refused.set(index, item);
    }
    if (refused.size > 0) return { type: 'refused', standing: standing(writes, refused) };
    for (const write of writes) {
      if ('put' in write) {
        const { pk, sk } = write.put;
        const partition = partitions.get(pk) ?? new Map<string, string>();
        partitions.set(pk, partition.set(sk, JSON.stringify(write.put)));
      } else if ('delete' in write) partitions.get(write.delete.pk)?.delete(write.delete.sk);
    }
    return { type: 'committed' };
  };
  return {
    get: async (key) => read(key),
    query: async (pk, { prefix, after, descending = false, limit }: Range) => {
      const sorted = [...(partitions.get(pk)?.keys() ?? [])]
        .filter((sk) => sk.startsWith(prefix))
        .sort((a, b) => (descending ? byBytes(b, a) : byBytes(a, b)))
        .filter(
          (sk) => after === undefined || (descending ? byBytes(sk, after) < 0 : byBytes(sk, after) > 0),
        );
      return sorted.slice(0, limit).map((sk) => read({ pk, sk }) as Item);
    },
    scan: async (types, { after, limit }) => {
      const all = [...partitions].flatMap(([pk, items]) =>
        [...items.keys()].sort(byBytes).map((sk): Key => ({ pk, sk })),
      );
      const from = after ? all.findIndex(({ pk, sk }) => pk === after.pk && sk === after.sk) + 1 : 0;
      const page = all.slice(from, from + limit);
      const last = page.at(-1);
      const keys = page.filter((key) => types.includes(read(key)?.item ?? ''));
      return { keys, ...(last && from + limit < all.length ? { next: last } : {}) };
    },
    transact,
    items: () => [...partitions.values()].flatMap((one) => [...one.values()].map((text) => JSON.parse(text))),
  };
}
