/**
 * Which partitions the night's walks have to ask. What falls due lies under its day and shard, birthdays and the holders
 * of cards under theirs, and nearly all of these partitions are empty. Each that is not has a place in one list of them,
 * since the first item was put there: so a night asks for what there is, however late it is.
 *
 * A place goes when a night finds its partition empty although its day was over long before (ledger/walks/due.ts), since
 * nothing comes there any more: what falls due is listed under the day on which that is written, at the earliest
 * (ledger/members/due.ts).
 */
import { type LedgerContext, LedgerUnavailable } from './context.ts';
import { type ItemType, keys, listsPk, toItem } from './items.ts';
import { writesMax } from './limits.ts';
import { type Store, scanPartition, type Write } from './store.ts';

const listing: ReadonlySet<string> = new Set<ItemType>(['due', 'walletHolder']);

/** The partitions that have their places, as far as this instance knows: so it asks once. */
const known = new WeakMap<Store, Set<string>>();
/** As many as fall due in a year. */
const knownMax = 12_000;

function knownIn({ store }: LedgerContext): Set<string> {
  const before = known.get(store);
  if (before && before.size < knownMax) return before;
  const none = new Set<string>();
  known.set(store, none);
  return none;
}

/** What gives partitions their places, and what is to be remembered once it is written. */
export interface Listing {
  readonly writes: readonly Write[];
  written(): void;
}

/**
 * What gives a place to each partition in which some writes list something. The one way to write
 * (ledger/store/decide.ts) adds it to them, so nobody can forget it.
 */
export async function listingOf(context: LedgerContext, writes: readonly Write[]): Promise<Listing> {
  const seen = knownIn(context);
  const named = writes.flatMap((write) =>
    'put' in write && listing.has(write.put.item) ? [write.put.pk] : [],
  );
  const asked = [...new Set(named)].filter((pk) => !seen.has(pk));
  // Another instance was first at most of them, and unlike writes, reads of many are in nobody's way.
  const found = await Promise.all(asked.map((pk) => context.store.get(keys.list(pk))));
  return {
    writes: asked.filter((_, at) => !found[at]).map((pk) => ({ put: toItem(keys.list(pk), 'list', {}) })),
    written: () => {
      for (const pk of asked) seen.add(pk);
    },
  };
}

/** Takes partitions off the list in which nothing will be any more. */
export async function endLists(context: LedgerContext, partitions: readonly string[]): Promise<void> {
  for (let at = 0; at < partitions.length; at += writesMax)
    await change(
      context,
      partitions.slice(at, at + writesMax).map((pk) => ({ delete: keys.list(pk) })),
    );
}

async function change({ store }: LedgerContext, writes: readonly Write[]): Promise<void> {
  const { type } = await store.transact(writes);
  if (type === 'committed') return;
  throw new LedgerUnavailable(type === 'refused' ? 'unknown' : type, 'Changing the list of partitions');
}

/** What is written with a ledger's first programme: its list names all that there is. */
export function listsBegun(): Write {
  return { put: toItem(keys.list(all), 'list', {}) };
}
const all = 'ALL';

/**
 * The partitions with places behind one name and up to another, in the order of their names.
 * @returns undefined for a ledger that is older than the list: there may be something in any of them
 */
export async function listedBetween(
  context: LedgerContext,
  after: string,
  last: string,
): Promise<string[] | undefined> {
  const seen = knownIn(context);
  if (!seen.has(all)) {
    if (!(await context.store.get(keys.list(all)))) return undefined;
    seen.add(all);
  }
  const found: string[] = [];
  for await (const { sk } of scanPartition(context.store, listsPk, '', after)) {
    if (sk > last) break;
    found.push(sk);
  }
  return found;
}

/** Those of some partitions in which there may be something. */
export async function thoseListed<P extends { readonly pk: string }>(
  context: LedgerContext,
  partitions: readonly P[],
): Promise<readonly P[]> {
  const names = partitions.map(({ pk }) => pk).sort();
  // Behind the name before the first.
  const listed = await listedBetween(context, (names[0] ?? '').slice(0, -1), names.at(-1) ?? '');
  if (!listed) return partitions;
  const there = new Set(listed);
  return partitions.filter(({ pk }) => there.has(pk));
}
