/**
 * Campaigns' budgets. A budget is split over shards, so that a busy campaign does not make every purchase
 * write the same item; a purchase takes from its member's shard first and from the others when that is empty.
 * What is taken is written in the purchase's own transaction, so the shards never give more than the budget,
 * and the last purchase gets exactly what is left. Refunds give nothing back to a budget.
 */
import type { Account } from '../../core/account.ts';
import type { Budgets } from '../../core/campaigns.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import type { Earning } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import type { LedgerContext } from '../store/context.ts';
import { type BudgetShard, budgetShards, fromItem, keys, memberShard, toItem } from '../store/items.ts';
import { asRead, type Write } from '../store/store.ts';

interface Shard {
  readonly number: number;
  readonly capacity: number;
  /** Undefined while nothing was taken from it. */
  readonly state: BudgetShard | undefined;
}

export type CampaignShards = ReadonlyMap<string, readonly Shard[]>;

/**
 * How much each shard may have given in all: the budget evenly over the shards, the remainder to those numbered
 * first. A shard that has given more than that, since the budget was lowered, keeps what it gave, and what it
 * gave too much the others have less, evenly again, until none of them is over.
 *
 * This comes out the same while points are taken, so it is enough that a write depends on the shards that it
 * takes from, whenever the others were read. A share never grows from one round to the next. So a shard that
 * is within its last share was within every one before, and still is after giving up to it: the rounds set the
 * same shards aside. Those give nothing more, since what they may have given is what they gave. Where something
 * comes back, as a limited reward does that was not wanted after all, shares grow and never shrink, so an older
 * look at the others allows too little rather than too much. Only another budget takes from the shares.
 */
export function capacitiesOf(budget: number, spent: readonly number[]): number[] {
  const capacities = [...spent];
  let within = spent.map((_, shard) => shard);
  while (within.length > 0) {
    const inside = new Set(within);
    const rest = spent.reduce((sum, given, shard) => (inside.has(shard) ? sum : sum - given), budget);
    const share = Math.floor(rest / within.length);
    const remainder = rest - share * within.length;
    const shareOf = (place: number) => share + (place < remainder ? 1 : 0);
    const still = within.filter((shard, place) => (spent[shard] ?? 0) <= shareOf(place));
    if (still.length === within.length) {
      for (const [place, shard] of within.entries()) capacities[shard] = shareOf(place);
      break;
    }
    within = still;
  }
  return capacities;
}

function left({ capacity, state }: Shard): number {
  return capacity - (state?.spent ?? 0);
}

/** The campaigns with a budget that may hold for a purchase, by their window and channel alone. */
function budgeted(program: Program, { occurredAt, channel }: RecordedPurchase) {
  const at = Date.parse(occurredAt);
  return program.campaigns.filter(
    (campaign) =>
      campaign.budgetPoints !== undefined &&
      Date.parse(campaign.from) <= at &&
      at < Date.parse(campaign.to) &&
      (campaign.channels?.includes(channel) ?? true),
  );
}

/** Reads what budgets have left, the member's own shard first. Reads nothing when no campaign has a budget. */
export async function readBudgets(
  context: LedgerContext,
  program: Program,
  purchase: RecordedPurchase,
  account: Pick<Account, 'memberId'> | undefined,
): Promise<{ shards: CampaignShards; budgets: Budgets }> {
  const shards = new Map<string, Shard[]>();
  const budgets: Record<string, number> = {};
  if (!account) return { shards, budgets };
  const first = memberShard(account.memberId);
  for (const { id, budgetPoints = 0 } of budgeted(program, purchase)) {
    const states = await Promise.all(
      Array.from({ length: budgetShards }, async (_, number) => {
        const item = await context.store.get(keys.budget(id, number));
        return item && fromItem(item, 'budget');
      }),
    );
    const capacities = capacitiesOf(
      budgetPoints,
      states.map((state) => state?.spent ?? 0),
    );
    const all = states.map((_, step): Shard => {
      const number = (first + step) % budgetShards;
      return { number, capacity: capacities[number] ?? 0, state: states[number] };
    });
    shards.set(id, all);
    budgets[id] = all.reduce((sum, shard) => sum + left(shard), 0);
  }
  return { shards, budgets };
}

/** The writes that take from the shards what an earning's campaigns gave. */
export function takeBudgets(shards: CampaignShards, earning: Earning): Write[] {
  return (earning.terms.campaigns ?? []).flatMap(({ id, budgetPoints }) => {
    let open = budgetPoints ?? 0;
    const writes: Write[] = [];
    for (const shard of shards.get(id) ?? []) {
      const taken = Math.min(open, left(shard));
      if (taken === 0) continue;
      open -= taken;
      writes.push(takeFrom(id, shard, taken));
    }
    return writes;
  });
}

function takeFrom(campaignId: string, { number, state }: Shard, taken: number): Write {
  const after: BudgetShard = {
    campaignId,
    spent: (state?.spent ?? 0) + taken,
    revision: (state?.revision ?? 0) + 1,
  };
  return {
    put: toItem(keys.budget(campaignId, number), 'budget', after),
    if: asRead(state),
  };
}
