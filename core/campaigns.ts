/**
 * Campaigns: which of them a purchase meets is decided once, when it is posted, and kept with it. What they
 * are worth is computed from what remains of the purchase, so a refund takes back exactly what they gave.
 */
import type { RecordedPurchase } from './contract/shapes/purchase.ts';
import { compare, decimal, decimalText, multiply } from './decimal.ts';
import {
  compileCondition,
  type ExpressionScope,
  lineScope,
  memberScope,
  purchaseScope,
} from './expressions.ts';
import type { Program } from './program.ts';

/** A campaign that held when the purchase occurred, with the eligible lines that its condition matched. */
export interface AppliedCampaign {
  readonly id: string;
  readonly multiplier?: string;
  readonly stacks?: true;
  readonly bonusPoints?: number;
  /** What has to remain of the whole purchase for the campaign to count, in minor units. */
  readonly minimumMinor?: number;
  /** For a campaign with a budget: what it had left for this purchase, then what it gave, at most. */
  readonly budgetPoints?: number;
  /** The eligible lines that its condition matched; absent when all of them did. */
  readonly lines?: readonly string[];
}

/** What campaigns with a budget have left to give, by id; the whole budget where nothing is said. */
export type Budgets = Readonly<Record<string, number>>;

export interface CampaignMember {
  readonly tier: string;
  /** When the member enrolled, RFC 3339. */
  readonly since: string;
}

/** The campaigns that a purchase meets. A condition that cannot be evaluated on a line does not match it. */
export function matchingCampaigns(
  program: Program,
  purchase: RecordedPurchase,
  member: CampaignMember,
  eligible: RecordedPurchase['lines'],
  budgets: Budgets,
): AppliedCampaign[] {
  const at = Date.parse(purchase.occurredAt);
  const held = program.campaigns.filter(
    (campaign) =>
      Date.parse(campaign.from) <= at &&
      at < Date.parse(campaign.to) &&
      (campaign.channels?.includes(purchase.channel) ?? true) &&
      (campaign.tiers?.includes(member.tier) ?? true),
  );
  if (held.length === 0) return [];
  const scope = { purchase: purchaseScope(purchase), member: memberScope(member) };
  return held.flatMap((campaign) => {
    const lines = eligible
      .filter(
        (line) => campaign.when === undefined || holds(campaign.when, { ...scope, line: lineScope(line) }),
      )
      .map(({ id }) => id);
    if (lines.length === 0) return [];
    const { id, multiplier, bonusPoints, minimumMinor, budgetPoints } = campaign;
    const left = budgetPoints === undefined ? undefined : (budgets[id] ?? budgetPoints);
    // What has nothing left to give is as if it were over, and leaves the line to the others.
    if (left === 0) return [];
    return [
      {
        id,
        ...(multiplier === undefined ? {} : { multiplier }),
        ...(campaign.stacks ? { stacks: true as const } : {}),
        ...(bonusPoints === undefined ? {} : { bonusPoints }),
        ...(minimumMinor === undefined ? {} : { minimumMinor }),
        ...(left === undefined ? {} : { budgetPoints: left }),
        ...(lines.length === eligible.length ? {} : { lines }),
      },
    ];
  });
}

function holds(when: string, scope: ExpressionScope): boolean {
  const compiled = compileCondition(when);
  // The programme's schema refuses what does not compile, so this is a programme that was never checked.
  if ('error' in compiled)
    throw new Error(`The condition ${when} does not compile: ${compiled.error.message}`);
  return compiled.condition(scope);
}

function counting(campaigns: readonly AppliedCampaign[], totalMinor: number): AppliedCampaign[] {
  return campaigns.filter((one) => one.minimumMinor === undefined || totalMinor >= one.minimumMinor);
}

/**
 * A line's multiplier: the highest of the campaigns that match it, times every one that stacks; undefined
 * where no campaign does anything.
 */
export function lineMultiplier(
  campaigns: readonly AppliedCampaign[],
  lineId: string,
  totalMinor: number,
): string | undefined {
  let best: string | undefined;
  let stacked = decimal('1');
  for (const { multiplier, stacks, lines } of counting(campaigns, totalMinor)) {
    if (multiplier === undefined || !(lines?.includes(lineId) ?? true)) continue;
    if (stacks) stacked = multiply(stacked, decimal(multiplier));
    else if (best === undefined || compare(decimal(multiplier), decimal(best)) > 0) best = multiplier;
  }
  const text = decimalText(multiply(decimal(best ?? '1'), stacked));
  return text === '1' ? undefined : text;
}

/** The bonus points of the campaigns of which at least one matching line remains. */
export function bonusPoints(
  campaigns: readonly AppliedCampaign[],
  remaining: ReadonlySet<string>,
  totalMinor: number,
): number {
  return counting(campaigns, totalMinor)
    .filter(({ lines }) => lines?.some((line) => remaining.has(line)) ?? remaining.size > 0)
    .reduce((sum, one) => sum + (one.bonusPoints ?? 0), 0);
}
