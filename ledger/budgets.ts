/**
 * Campaigns' budgets. A budget is split over shards, so that a busy campaign does not make every purchase
 * write the same item; a purchase takes from its member's shard first and from the others when that is empty.
 * What is taken is written in the purchase's own transaction, so the shards never give more than the budget,
 * and the last purchase gets exactly what is left. Refunds give nothing back to a budget.
 */
import type { Account } from '../core/account.ts';
import type { Budgets } from '../core/campaigns.ts';
import type { RecordedPurchase } from '../core/contract/shapes.ts';
import type { Earning } from '../core/points.ts';
import type { Program } from '../core/program.ts';
import type { LedgerContext } from './context.ts';
import { type BudgetShard, budgetShards, fromItem, keys, memberShard, toItem } from './items.ts';
import type { Write } from './store.ts';

interface Shard {
  readonly number: number;
  readonly capacity: number;
  /** Undefined while nothing was taken from it. */
  readonly state: BudgetShard | undefined;
}

export type CampaignShards = ReadonlyMap<string, readonly Shard[]>;

/** How much each shard may give of a budget. */
export function capacitiesOf(budget: number, _spent: readonly number[]): number[] {
  return Array.from(
    { length: budgetShards },
    (_, shard) => Math.floor(budget / budgetShards) + (shard < budget % budgetShards ? 1 : 0),
  );
}

function left({ capacity, state }: Shard): number {
  return Math.max(0, capacity - (state?.spent ?? 0));
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
    const numbers = Array.from({ length: budgetShards }, (_, step) => (first + step) % budgetShards);
    const all = await Promise.all(
      numbers.map(async (number): Promise<Shard> => {
        const item = await context.store.get(keys.budget(id, number));
        const state = item && fromItem(item, 'budget');
        return { number, capacity: capacitiesOf(budgetPoints, [])[number] ?? 0, state };
      }),
    );
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
    if: state ? { kind: 'unchanged', field: 'revision', value: state.revision } : { kind: 'absent' },
  };
}
