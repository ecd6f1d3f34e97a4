/**
 * Campaigns' budgets: what a purchase may get of them, and what it takes, in its own transaction. How they are exact,
 * whatever happens at the same moment, is in ledger/spending/allotments.ts. Refunds give nothing back to a budget.
 */
import type { Budgets } from '../../core/campaigns.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import { award, type Earning } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import { look, type Offer, offer, type Stock, take } from '../spending/allotments.ts';
import type { LedgerContext } from '../store/context.ts';
import type { Write } from '../store/store.ts';
import type { BuyerRead } from './facts.ts';

/** What a purchase may take of each campaign. */
export type CampaignOffers = ReadonlyMap<string, Offer>;

/** What a purchase would get of each campaign that it meets, by id, and in all, were there no end to any budget. */
interface Wanted {
  readonly byCampaign: ReadonlyMap<string, number>;
  readonly most: number;
}

const nothing: Wanted = { byCampaign: new Map(), most: 0 };

function wantedOf(
  program: Program,
  { account, facts }: BuyerRead,
  purchase: RecordedPurchase,
  now: number,
): Wanted {
  const budgeted = program.campaigns.filter(({ budgetPoints }) => budgetPoints !== undefined);
  if (budgeted.length === 0) return nothing;
  const endless = Object.fromEntries(budgeted.map(({ id }) => [id, Number.POSITIVE_INFINITY]));
  const { earning } = award(program, account, purchase, now, endless, facts);
  const given = (earning.terms.campaigns ?? []).flatMap(({ id, budgetPoints }) =>
    budgetPoints === undefined ? [] : [[id, budgetPoints] as const],
  );
  return { byCampaign: new Map(given), most: earning.points };
}

function stockOf(program: Program, id: string): Stock {
  const budget = program.campaigns.find((campaign) => campaign.id === id)?.budgetPoints ?? null;
  return { of: 'campaign', id, budget, version: program.version };
}

/**
 * What the campaigns that a purchase meets can give it, each as much as it wants or exactly what is left. Where one
 * cannot give that, others may give more than they would have beside it, so then they are asked for the most that
 * could come of it: no campaign gives more than the whole purchase earns under all of them.
 */
async function ask<T>(
  { byCampaign, most }: Wanted,
  one: (id: string, wanted: number) => Promise<T>,
  leftOf: (answer: T) => number,
): Promise<ReadonlyMap<string, T>> {
  const all = async (wantedOfOne: (id: string) => number) => {
    const ids = [...byCampaign.keys()];
    return new Map(await Promise.all(ids.map(async (id) => [id, await one(id, wantedOfOne(id))] as const)));
  };
  // A point at least: what has nothing left is as if it were over, also for others.
  const wanted = (id: string) => Math.max(1, byCampaign.get(id) ?? 0);
  const first = await all(wanted);
  const isEnough = [...first].every(([id, answer]) => leftOf(answer) >= wanted(id));
  return isEnough ? first : all((id) => Math.max(most, wanted(id)));
}

/** Reads what budgets have left for a purchase. Reads nothing when it meets no campaign that has one. */
export async function readBudgets(
  context: LedgerContext,
  program: Program,
  purchase: RecordedPurchase,
  buyer: BuyerRead | undefined,
  now: number,
): Promise<{ offers: CampaignOffers; budgets: Budgets }> {
  const wanted = buyer ? wantedOf(program, buyer, purchase, now) : nothing;
  const memberId = buyer?.account.memberId as MemberId;
  const one = (id: string, points: number) => offer(context, stockOf(program, id), memberId, points);
  const offers = await ask(wanted, one, ({ left }) => left);
  return { offers, budgets: Object.fromEntries([...offers].map(([id, { left }]) => [id, left])) };
}

/** The same for who only looks: nothing is written, and nothing can be taken. */
export async function lookAtBudgets(
  context: LedgerContext,
  program: Program,
  purchase: RecordedPurchase,
  buyer: BuyerRead,
  now: number,
): Promise<Budgets> {
  const one = (id: string, points: number) =>
    look(context, stockOf(program, id), buyer.account.memberId, points);
  return Object.fromEntries(await ask(wantedOf(program, buyer, purchase, now), one, (left) => left));
}

/** The writes that take what an earning's campaigns gave: at most two for each. */
export function takeBudgets(offers: CampaignOffers, earning: Earning): Write[] {
  return (earning.terms.campaigns ?? []).flatMap(({ id, budgetPoints = 0 }) => {
    const offered = offers.get(id);
    return offered ? take(offered, budgetPoints) : [];
  });
}
