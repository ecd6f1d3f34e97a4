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

/**
 * DynamoDB orders by UTF-8 bytes, JavaScript by UTF-16 units: they differ only where surrogates stand, which are
 * behind everything else here, too.
 */
function byBytes(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (x !== y) return rank(x) - rank(y);
  }
  return a.length - b.length;
}

function rank(unit: number): number {
  if (unit >= 0xe000) return unit - 0x800;
  return unit >= 0xd800 ? unit + 0x2000 : unit;
}

/** The items of one partition as their texts, and their sort keys in order. */
interface Partition {
  readonly texts: Map<string, string>;
  readonly sorted: string[];
  /** Among all partitions, in the order in which they came. */
  readonly place: number;
}

/** How many of some sorted keys lie before one, or up to it. */
function countBefore(sorted: readonly string[], sk: string, including: boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const order = byBytes(sorted[middle] ?? '', sk);
    if (order < 0 || (including && order === 0)) low = middle + 1;
    else high = middle;
  }
  return low;
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
  const partitions = new Map<string, Partition>();
  const names: string[] = [];
  const read = ({ pk, sk }: Key): Item | undefined => {
    const text = partitions.get(pk)?.texts.get(sk);
    return text === undefined ? undefined : JSON.parse(text);
  };
  const put = (item: Item) => {
    const { pk, sk } = item;
    let partition = partitions.get(pk);
    if (!partition) {
      partition = { texts: new Map(), sorted: [], place: names.push(pk) - 1 };
      partitions.set(pk, partition);
    }
    const { texts, sorted } = partition;
    if (!texts.has(sk)) sorted.splice(countBefore(sorted, sk, false), 0, sk);
    texts.set(sk, JSON.stringify(item));
  };
  const remove = ({ pk, sk }: Key) => {
    const partition = partitions.get(pk);
    if (partition?.texts.delete(sk)) partition.sorted.splice(countBefore(partition.sorted, sk, false), 1);
  };
  const transact = async (writes: readonly Write[]): Promise<Transacted> => {
    const excess = tooLarge(writes);
    if (excess) throw excess;
    const keys = writes.map((write) => `${keyOf(write).pk}\0${keyOf(write).sk}`);
    if (new Set(keys).size < keys.length) throw new Error('A transaction writes each item once.');
    const refused = new Map<number, Item | undefined>();
    for (const [index, write] of writes.entries()) {
      if (write.if === undefined) continue;
      const item = read(keyOf(write));
      if (!holds(write.if, item)) refused.set(index, item);
    }
    if (refused.size > 0) return { type: 'refused', standing: standing(writes, refused) };
    for (const write of writes) {
      if ('put' in write) put(write.put);
      else if ('delete' in write) remove(write.delete);
    }
    return { type: 'committed' };
  };
  return {
    get: async (key) => read(key),
    query: async (pk, range: Range) =>
      keysOf(partitions.get(pk)?.sorted ?? [], range).map((sk) => read({ pk, sk }) as Item),
    scan: async (types, { after, limit, segment }) => {
      const keys: Key[] = [];
      let looked = 0;
      for (let place = after ? (partitions.get(after.pk)?.place ?? -1) : 0; place < names.length; place++) {
        const pk = names[place] ?? '';
        // Partitions take turns at the segments.
        if (segment && place % segment.of !== segment.index) continue;
        const { sorted = [] } = partitions.get(pk) ?? {};
        for (let at = after?.pk === pk ? countBefore(sorted, after.sk, true) : 0; at < sorted.length; at++) {
          const key = { pk, sk: sorted[at] ?? '' };
          if (types.includes(read(key)?.item ?? '')) keys.push(key);
          if (++looked === limit) return { keys, next: key };
        }
      }
      return { keys };
    },
    transact,
    items: () =>
      [...partitions.values()].flatMap(({ texts }) => [...texts.values()].map((text) => JSON.parse(text))),
  };
}

/** The sort keys of a range, from the sorted ones of a partition. */
function keysOf(
  sorted: readonly string[],
  { prefix, after, descending = false, limit }: Range,
): readonly string[] {
  const begin = countBefore(sorted, prefix, false);
  const end = endOfPrefix(sorted, prefix, begin);
  if (descending) {
    const to = after === undefined ? end : Math.min(end, countBefore(sorted, after, false));
    return sorted.slice(Math.max(begin, to - limit), Math.max(begin, to)).reverse();
  }
  const from = after === undefined ? begin : Math.max(begin, countBefore(sorted, after, true));
  return sorted.slice(from, Math.min(end, from + limit));
}

/** Where the keys with a prefix end, which stand together from `begin` on. */
function endOfPrefix(sorted: readonly string[], prefix: string, begin: number): number {
  let [low, high] = [begin, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (sorted[middle]?.startsWith(prefix)) low = middle + 1;
    else high = middle;
  }
  return low;
}
