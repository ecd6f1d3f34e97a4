/** Gives exceptions that are older than their places those places: once in a ledger's life, by its first night. */
import { placeWrites, unplacedPartitions } from '../operators/exception-places.ts';
import { decide } from '../store/decide.ts';
import { fromItem, keys, toItem } from '../store/items.ts';
import { absent, asRead, present } from '../store/store.ts';
import { type Means, type Place, throughPartitions } from './walk.ts';

export const exceptionIndexWalk = throughPartitions({
  name: 'exception-index',
  isList: false,
  memberOf: () => null,
  partitions: async ({ context }, { to: day }) =>
    (await unplacedPartitions(context)).map((pk): Place => ({ pk, day })),
  handle: async ({ context, now }, key) => {
    await decide(context, `Giving ${key.sk} its places`, async () => {
      const item = await context.store.get(key);
      if (!item) return { result: undefined, writes: [] };
      const places = placeWrites(context, fromItem(item, 'exception'), now);
      return { result: undefined, writes: [{ check: key, if: present }, ...places] };
    });
    return { counted: { exceptions: 1 } };
  },
  ended: notePlaced,
});

/** Notes that every exception of a partition has its places. */
async function notePlaced({ context }: Means, { pk }: Place): Promise<void> {
  await decide(context, 'Noting the exceptions’ places', async () => {
    const item = await context.store.get(keys.exceptionIndex);
    const before = item && fromItem(item, 'exceptionIndex');
    const done = [...new Set([...(before?.done ?? []), pk])].sort();
    if (done.length === before?.done.length) return { result: undefined, writes: [] };
    const after = { done, revision: (before?.revision ?? 0) + 1 };
    return {
      result: undefined,
      writes: [
        { put: toItem(keys.exceptionIndex, 'exceptionIndex', after), if: before ? asRead(before) : absent },
      ],
    };
  });
}
