/**
 * What there is only so much of: a campaign's budget in points, a limited reward in pieces. It lies in shards, each
 * of which serves some members, and in a pool behind them:
 *
 * - Usually a member's shard holds enough: a take reads and writes that shard and nothing else.
 * - A shard that runs low takes a part of the pool with the very take that needs it.
 * - Where both have too little, another shard that has enough gives it, so that little is still taken side by side.
 * - Where none has, everything is levelled: in one transaction of its own what is left is added up from what was taken,
 *   and put where it belongs. Near the end all of it is in the pool, and every take comes from there, so the last one
 *   gets exactly what is left, and whoever comes later needs two reads to know that there is nothing.
 *
 * Levelling is also how it is begun, and how another budget is put in force. Every write depends on the revision of the
 * item that it changes, and levelling writes all of them, so nothing is taken beside it: budget = taken + what lies in
 * shards and pool, always. Where a budget is lowered below what was taken, that is kept, and nothing more is given.
 */
import { type MemberId, shardOf } from '../../core/contract/ids.ts';
import { type LedgerContext, LedgerUnavailable } from '../store/context.ts';
import { decide } from '../store/decide.ts';
import {
  type AllotmentPool,
  type AllotmentShard,
  type AllotmentTerms,
  allotmentGroups,
  allotmentShardOf,
  allotmentShards,
  fromItem,
  keys,
  tallyShardsBefore,
  toItem,
} from '../store/items.ts';
import { asRead, type Key, type Write } from '../store/store.ts';

/** Of what there is only so much, as a version of the programme says. */
export interface Stock {
  readonly of: 'campaign' | 'reward';
  readonly id: string;
  /** Points of a campaign, pieces of a reward; null where it is counted, but has no end. */
  readonly budget: number | null;
  /** The programme's: an instance may have read an older one a moment ago, and the newest is in force. */
  readonly version: number;
}

/** What a member can take, and from where. */
export interface Offer {
  readonly stock: Stock;
  /** At least what was wanted, or else all there is. */
  readonly left: number;
  readonly shard: AllotmentShard;
  readonly shardNumber: number;
  /** Absent where the shard has enough. */
  readonly pool?: AllotmentPool;
}

// Reading ----------------------------------------------------------------------------------------------------------

async function readPool(context: LedgerContext, { of, id }: Stock): Promise<AllotmentPool | undefined> {
  const item = await context.store.get(keys.allotmentPool(of, id));
  return item && fromItem(item, 'allotmentPool');
}

async function readShard(
  context: LedgerContext,
  { of, id }: Stock,
  shard: number,
): Promise<AllotmentShard | undefined> {
  const item = await context.store.get(keys.allotmentShard(of, id, shard));
  return item && fromItem(item, 'allotmentShard');
}

type Shards = ReadonlyMap<number, AllotmentShard>;

/** All shards by their numbers: none before it is begun, and perhaps some of them while it is. */
async function readShards(context: LedgerContext, { of, id }: Stock): Promise<Shards> {
  const limit = allotmentShards;
  const groups = Array.from({ length: allotmentGroups }, (_, group) =>
    context.store.query(keys.allotmentGroupPk(of, id, group), { prefix: '', limit }),
  );
  const items = (await Promise.all(groups)).flat();
  return new Map(items.map((item) => [allotmentShardOf(item), fromItem(item, 'allotmentShard')]));
}

/** What an item of before has counted, before there were pools. */
interface Before {
  readonly key: Key;
  readonly revision: number;
  readonly spent: number;
  readonly points: number;
}

async function readBefore(context: LedgerContext, { of, id }: Stock): Promise<Before[]> {
  const shards = Array.from({ length: tallyShardsBefore }, async (_, shard): Promise<Before[]> => {
    const key = of === 'campaign' ? keys.budget(id, shard) : keys.tally(id, shard);
    const item = await context.store.get(key);
    if (!item) return [];
    if (of === 'campaign') return [{ key, points: 0, ...fromItem(item, 'budget') }];
    const { count, ...tally } = fromItem(item, 'tally');
    return [{ key, ...tally, spent: count }];
  });
  return (await Promise.all(shards)).flat();
}

interface Whole {
  readonly pool: AllotmentPool | undefined;
  readonly shards: Shards;
  readonly before: readonly Before[];
}

/** The pool first: who takes from it later than that changes it, and then a decision on all of it is not written. */
async function readWhole(context: LedgerContext, stock: Stock): Promise<Whole> {
  const pool = await readPool(context, stock);
  const [shards, before] = await Promise.all([
    readShards(context, stock),
    pool ? [] : readBefore(context, stock),
  ]);
  return { pool, shards, before };
}

export interface Total {
  /** Points of a campaign, pieces of a reward. */
  readonly spent: number;
  /** What the pieces of a reward have cost. */
  readonly points: number;
}

function totalOf({ pool, shards, before }: Whole): Total {
  const parts = [...(pool ? [pool] : []), ...shards.values(), ...before];
  return parts.reduce<Total>(
    (sum, { spent, points }) => ({ spent: sum.spent + spent, points: sum.points + points }),
    { spent: 0, points: 0 },
  );
}

/** What was taken in all: nine requests. */
export async function readTotal(context: LedgerContext, of: Stock['of'], id: string): Promise<Total> {
  return totalOf(await readWhole(context, { of, id, budget: null, version: 0 }));
}

// What is offered --------------------------------------------------------------------------------------------------

/** Whether something was written under the budget that somebody knows, or under a newer one, which then counts. */
function isCurrent(terms: AllotmentTerms, stock: Stock): boolean {
  return terms.budget === stock.budget || terms.version > stock.version;
}

/** What a shard can give by itself; undefined where the pool has to be asked. */
function ofShard(shard: AllotmentShard, stock: Stock, wanted: number): number | undefined {
  if (!isCurrent(shard, stock)) return undefined;
  if (shard.budget === null) return Number.POSITIVE_INFINITY;
  return !shard.isPooled && shard.free >= wanted ? shard.free : undefined;
}

/** What a shard and the pool can give together; undefined where everything has to be levelled. */
function ofBoth(shard: AllotmentShard, pool: AllotmentPool, stock: Stock, wanted: number) {
  if (!isCurrent(pool, stock) || pool.budget === null) return undefined;
  const together = shard.free + pool.free;
  // Where everything has come to the pool since that was read, nothing may be left in the shard.
  if (!pool.isPooled) return !shard.isPooled && together >= wanted ? together : undefined;
  // So much has come back that it is not near its end any more.
  const isMuch = pool.free >= Math.max(2 * pool.pooledAt, muchOf(wanted));
  return isMuch ? undefined : Math.max(0, pool.free);
}

/** From how much on it is worth to have some of it in every shard. */
function muchOf(wanted: number): number {
  return allotmentShards * Math.max(1, wanted);
}

/** A shard that can give enough by itself, whoever it serves: any of them, so that not all ask the same. */
function ofAnother(context: LedgerContext, shards: Shards, stock: Stock, wanted: number): Offer | undefined {
  const all = [...shards].flatMap(([shardNumber, shard]): Offer[] => {
    const left = ofShard(shard, stock, wanted);
    return left === undefined ? [] : [{ stock, left, shard, shardNumber }];
  });
  return all.length > 0 ? all[context.randomInteger(all.length)] : undefined;
}

/**
 * What a member can take: at least `wanted`, or else exactly all there is. Begins or levels what has to be.
 * @throws LedgerUnavailable when it could not be decided, or the outcome of levelling is unknown: safe to repeat
 */
export async function offer(
  context: LedgerContext,
  stock: Stock,
  memberId: MemberId,
  wanted: number,
): Promise<Offer> {
  const shardNumber = shardOf(memberId, allotmentShards);
  const shard = await readShard(context, stock, shardNumber);
  const own = shard && ofShard(shard, stock, wanted);
  if (shard && own !== undefined) return { stock, left: own, shard, shardNumber };
  const pool = shard && (await readPool(context, stock));
  const both = pool && ofBoth(shard, pool, stock, wanted);
  if (pool && both !== undefined) return { stock, left: both, shard, shardNumber, pool };
  return levelTogether(context, stock, shardNumber, wanted);
}

/** As much of it as a member can take, without writing anything. */
export async function look(
  context: LedgerContext,
  stock: Stock,
  memberId: MemberId,
  wanted: number,
): Promise<number> {
  const shard = await readShard(context, stock, shardOf(memberId, allotmentShards));
  const own = shard && ofShard(shard, stock, wanted);
  if (own !== undefined) return own;
  const whole = await readWhole(context, stock);
  const { budget } = termsOf(whole.pool, stock);
  return budget === null ? Number.POSITIVE_INFINITY : Math.max(0, budget - totalOf(whole).spent);
}

// Levelling ----------------------------------------------------------------------------------------------------------

function termsOf(pool: AllotmentPool | undefined, stock: Stock): Pick<Stock, 'budget' | 'version'> {
  return pool && pool.version > stock.version ? pool : stock;
}

/**
 * Of much that is left so much goes to the shards together, and so much of what a shard and the pool hold stays in the
 * shard that asks for more. Simulated with 1,000 to 100,000 takes at random: so the pool is written least often.
 */
const spreadPart = 7 / 8;
const slicesOfPool = 32;
/** So many takes from every shard are much. */
const muchTakes = 16;
/** Fewer takes than this are left near the end. */
const fewTakes = 8;

/** What goes to each shard of what is left; undefined near the end, where all of it goes to the pool. */
function spread(rest: number, wanted: number): number[] | undefined {
  const take = Math.max(1, wanted);
  const takes = Math.floor(rest / take);
  if (takes < fewTakes) return undefined;
  return Array.from({ length: allotmentShards }, (_, number) =>
    takes >= muchTakes * allotmentShards
      ? Math.floor((rest * spreadPart) / allotmentShards)
      : take * Math.floor((takes + allotmentShards - 1 - number) / allotmentShards),
  );
}

/** So often somebody looks again who met too many others that level: mostly one of them has, by then. */
const meetingsMax = 4;

async function levelTogether(
  context: LedgerContext,
  stock: Stock,
  shardNumber: number,
  wanted: number,
  met = 1,
): Promise<Offer> {
  try {
    return await level(context, stock, shardNumber, wanted);
  } catch (error) {
    const isMeeting = error instanceof LedgerUnavailable && error.reason === 'contended';
    if (!isMeeting || met >= meetingsMax) throw error;
    return levelTogether(context, stock, shardNumber, wanted, met + 1);
  }
}

/** Levels, unless there is enough in some place after all, and offers what there is then. */
async function level(
  context: LedgerContext,
  stock: Stock,
  shardNumber: number,
  wanted: number,
): Promise<Offer> {
  return decide(context, `Levelling ${stock.of} ${stock.id}`, async () => {
    const whole = await readWhole(context, stock);
    const shard = whole.shards.get(shardNumber);
    const offered = (own: AllotmentShard, pool: AllotmentPool): Offer | undefined => {
      const alone = ofShard(own, stock, wanted);
      if (alone !== undefined) return { stock, left: alone, shard: own, shardNumber };
      const left = ofBoth(own, pool, stock, wanted);
      return left === undefined ? undefined : { stock, left, shard: own, shardNumber, pool };
    };
    const there =
      (shard && whole.pool && offered(shard, whole.pool)) ?? ofAnother(context, whole.shards, stock, wanted);
    if (there) return { result: there, writes: [] };
    const { pool, shards, writes } = levelled(whole, stock, wanted);
    const own = shards.get(shardNumber);
    const result = (own && offered(own, pool)) ?? ofAnother(context, shards, stock, wanted);
    if (!result) throw new Error(`What was levelled of ${stock.id} is offered.`);
    return { result, writes };
  });
}

/** Everything as it is once it is levelled. What was counted before there were pools is taken over by the pool. */
function levelled(whole: Whole, stock: Stock, wanted: number) {
  const { budget, version } = termsOf(whole.pool, stock);
  const rest = budget === null ? 0 : budget - totalOf(whole).spent;
  const slices = budget === null ? [] : spread(rest, wanted);
  const isPooled = slices === undefined;
  const terms = { budget, version, isPooled };
  const counted = totalOf({ ...whole, shards: new Map() });
  const pool: AllotmentPool = {
    ...counted,
    ...terms,
    free: (slices ?? []).reduce((left, slice) => left - slice, rest),
    pooledAt: isPooled ? Math.max(0, rest) : 0,
    revision: (whole.pool?.revision ?? 0) + 1,
  };
  const numbers = Array.from({ length: allotmentShards }, (_, number) => number);
  const after = (number: number): AllotmentShard => {
    const { spent, points, revision } = whole.shards.get(number) ?? { spent: 0, points: 0, revision: 0 };
    return { spent, points, ...terms, free: slices?.[number] ?? 0, revision: revision + 1 };
  };
  const shards: Shards = new Map(numbers.map((number) => [number, after(number)]));
  const writes: Write[] = [
    poolWrite(stock, whole.pool, pool),
    ...[...shards].map(([number, shard]) => shardWrite(stock, number, whole.shards.get(number), shard)),
    ...whole.before.map(({ key, revision }) => ({ delete: key, if: asRead({ revision }) })),
  ];
  return { pool, shards, writes };
}

function poolWrite({ of, id }: Stock, before: AllotmentPool | undefined, after: AllotmentPool): Write {
  return { put: toItem(keys.allotmentPool(of, id), 'allotmentPool', after), if: asRead(before) };
}

function shardWrite(
  { of, id }: Stock,
  number: number,
  before: AllotmentShard | undefined,
  after: AllotmentShard,
): Write {
  return { put: toItem(keys.allotmentShard(of, id, number), 'allotmentShard', after), if: asRead(before) };
}

// Taking and giving back ---------------------------------------------------------------------------------------------

/** An item with so much more taken from it. */
function taken<T extends AllotmentShard | AllotmentPool>(from: T, amount: number, points: number): T {
  const revision = from.revision + 1;
  return { ...from, spent: from.spent + amount, points: from.points + points, revision };
}

/**
 * The writes that take from an offer: one or two, none for nothing.
 * @param amount at most what is left of it
 * @param points what a piece of a reward costs
 */
export function take({ stock, shard, shardNumber, pool }: Offer, amount: number, points = 0): Write[] {
  if (amount === 0) return [];
  if (pool?.isPooled)
    return [poolWrite(stock, pool, { ...taken(pool, amount, points), free: pool.free - amount })];
  const after = taken(shard, amount, points);
  if (!pool) {
    const free = shard.budget === null ? shard.free : shard.free - amount;
    return [shardWrite(stock, shardNumber, shard, { ...after, free })];
  }
  const rest = shard.free + pool.free - amount;
  const slice = Math.floor(rest / slicesOfPool);
  // A slice that is less than one such take would only lie about.
  const free = slice >= amount ? slice : 0;
  return [
    shardWrite(stock, shardNumber, shard, { ...after, free }),
    poolWrite(stock, pool, { ...pool, free: rest - free, revision: pool.revision + 1 }),
  ];
}

/** The write that gives back what a member had taken. */
export async function giveBack(
  context: LedgerContext,
  stock: Stock,
  memberId: MemberId,
  amount: number,
  points: number,
): Promise<Write[]> {
  // Nothing is wanted, so whatever is offered does; what was taken before there were pools is begun with it.
  const { shard, shardNumber, pool } = await offer(context, stock, memberId, 0);
  if (pool?.isPooled)
    return [poolWrite(stock, pool, { ...taken(pool, -amount, -points), free: pool.free + amount })];
  const free = shard.budget === null ? shard.free : shard.free + amount;
  return [shardWrite(stock, shardNumber, shard, { ...taken(shard, -amount, -points), free })];
}
