/**
 * What a purchase earns: one exact sum, one floor at the end.
 *
 *   points = min(max, floor( Σ over eligible lines of amountMinor × points/perMinor × tier × channel × campaign ))
 *            + Σ bonus points of campaigns + points for the visit
 *
 * The same function prices a purchase and, after refunds, what is left of it, so the two cannot drift apart.
 */
import type { Account, EarningBasis } from './account.ts';
import {
  type AppliedCampaign,
  type Budgets,
  bonusPoints,
  lineMultiplier,
  matchingCampaigns,
} from './campaigns.ts';
import type { Channel } from './contract/ids.ts';
import { utc } from './contract/shapes/basics.ts';
import type { RecordedPurchase } from './contract/shapes/purchase.ts';
import { type Decimal, decimal, multiply } from './decimal.ts';
import { type Program, tierOf } from './program.ts';
import { countStamps, matchingStamps } from './stamps.ts';
import { addMonths, localDate, monthOf, monthStart, startOfDay } from './time.ts';

type BasisWithoutResult = Omit<EarningBasis, 'points' | 'qualifyingPoints'>;

const one: Decimal = { units: 1n, scale: 0 };

/** Floors an exact product of non-negative amounts to whole points. */
function floorPoints(sum: Decimal, rate: EarningBasis['rate'], left: bigint, of: bigint): bigint {
  return (sum.units * BigInt(rate.points) * left) / (BigInt(rate.perMinor) * of * 10n ** BigInt(sum.scale));
}

function add(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return {
    units: a.units * 10n ** BigInt(scale - a.scale) + b.units * 10n ** BigInt(scale - b.scale),
    scale,
  };
}

/** The lines with the multiplier that their campaigns make, absent where it is 1. */
function multiplied({ lines, campaigns = [], totalMinor }: BasisWithoutResult): EarningBasis['lines'] {
  if (campaigns.length === 0) return lines.map(({ id, amountMinor }) => ({ id, amountMinor }));
  return lines.map(({ id, amountMinor }) => {
    const multiplier = lineMultiplier(campaigns, id, totalMinor);
    return { id, amountMinor, ...(multiplier === undefined ? {} : { multiplier }) };
  });
}

/** What does not depend on amounts: bonuses of campaigns and the visit, as long as something remains. */
function fixedPoints({ lines, campaigns = [], visit, totalMinor }: BasisWithoutResult): number {
  const remaining = new Set(lines.filter((line) => line.amountMinor > 0).map((line) => line.id));
  const visited = visit && remaining.size > 0 && totalMinor >= visit.minimumMinor ? visit.points : 0;
  return bonusPoints(campaigns, remaining, totalMinor) + visited;
}

/** Points under some of a basis's campaigns, whatever their budgets. */
function uncapped(basis: BasisWithoutResult, campaigns: readonly AppliedCampaign[]) {
  const chosen = { ...basis, campaigns };
  const lines = multiplied(chosen);
  let weighted: Decimal = { units: 0n, scale: 0 };
  let plain = 0n;
  for (const line of lines) {
    const amount: Decimal = { units: BigInt(line.amountMinor), scale: 0 };
    weighted = add(weighted, multiply(amount, line.multiplier ? decimal(line.multiplier) : one));
    plain += amount.units;
  }
  const sum = multiply(multiply(weighted, decimal(basis.tier.multiplier)), decimal(basis.channel.multiplier));
  const spread = BigInt(basis.orderRefundMinor ?? 0);
  const left = plain > spread ? plain - spread : 0n;
  const of = plain > 0n ? plain : 1n;
  const max = BigInt(basis.maxPoints);
  const capped = (points: bigint) => Number(points < max ? points : max);
  return {
    lines,
    points: capped(floorPoints(sum, basis.rate, left, of)) + (left > 0n ? fixedPoints(chosen) : 0),
    qualifyingPoints: capped(floorPoints({ units: plain, scale: 0 }, basis.rate, left, of)),
  };
}

/**
 * Completes a basis with what comes out under it. Amounts refunded on the whole order shrink every line alike;
 * campaigns and the visit count as long as what remains reaches their minimum. A campaign with a budget gives
 * what it adds to the campaigns before it, up to its budget; what it gave is what stays in the result.
 */
export function priced(basis: BasisWithoutResult): EarningBasis {
  const { campaigns = [] } = basis;
  const whole = uncapped(basis, campaigns);
  if (campaigns.every((campaign) => campaign.budgetPoints === undefined)) return { ...basis, ...whole };
  const included = campaigns.filter((campaign) => campaign.budgetPoints === undefined);
  let before = uncapped(basis, included).points;
  let points = before;
  const given = new Map<string, number>();
  for (const campaign of campaigns) {
    if (campaign.budgetPoints === undefined) continue;
    included.push(campaign);
    const after = uncapped(basis, included).points;
    const gives = Math.min(after - before, campaign.budgetPoints);
    given.set(campaign.id, Math.max(0, gives));
    points += gives;
    before = after;
  }
  return {
    ...basis,
    ...whole,
    campaigns: campaigns.map((campaign) => {
      const budgetPoints = given.get(campaign.id);
      return budgetPoints === undefined ? campaign : { ...campaign, budgetPoints };
    }),
    points,
  };
}

/** Prices a purchase; a campaign whose budget is cut stands aside where the others give more without it. */
function bestOf(basis: BasisWithoutResult): EarningBasis {
  const whole = priced(basis);
  const { campaigns = [] } = basis;
  for (const { id, budgetPoints } of campaigns) {
    if (budgetPoints === undefined) continue;
    const others = campaigns.filter((campaign) => campaign.id !== id);
    const { campaigns: _campaigns, ...rest } = basis;
    const without = priced(others.length > 0 ? { ...rest, campaigns: others } : rest);
    if (without.points > whole.points) return bestOf({ ...without });
  }
  return whole;
}

/**
 * The visit's points, unless nothing of the purchase earns (a gift card alone is no visit), or the last
 * rewarded visit is nearer than the cool-down, before or after.
 */
function visitOf(
  program: Program,
  lastVisitAt: string | null,
  purchase: RecordedPurchase,
  eligible: readonly { readonly amountMinor: number }[],
): EarningBasis['visit'] {
  const { visits } = program;
  if (!visits || purchase.totalMinor < visits.minimumMinor) return undefined;
  if (eligible.every(({ amountMinor }) => amountMinor <= 0)) return undefined;
  const apart = Math.abs(Date.parse(purchase.occurredAt) - Date.parse(lastVisitAt ?? ''));
  if (lastVisitAt !== null && apart < visits.coolDownHours * 3_600_000) return undefined;
  return { points: visits.points, minimumMinor: visits.minimumMinor };
}

/**
 * What a purchase earns now for a member.
 * @throws Error when the programme has no rate for the currency: the door refuses such a purchase
 */
export function earningOf(
  program: Program,
  account: Pick<Account, 'tier' | 'createdAt' | 'lastVisitAt'>,
  purchase: RecordedPurchase,
  budgets: Budgets = {},
): EarningBasis {
  const rate = program.currencies[purchase.currency];
  if (!rate) throw new Error(`The programme has no rate for ${purchase.currency}.`);
  const tier = tierOf(program, account.tier.id);
  const excluded = new Set(program.excludedCategories);
  const eligible = purchase.lines.filter(
    (line) => line.category === undefined || !excluded.has(line.category),
  );
  const member = { tier: tier.id, since: account.createdAt };
  const campaigns = matchingCampaigns(program, purchase, member, eligible, budgets);
  const stampCards = matchingStamps(program, purchase, member);
  const visit = visitOf(program, account.lastVisitAt, purchase, eligible);
  return bestOf({
    currency: purchase.currency,
    rate,
    tier: { id: tier.id, multiplier: tier.multiplier },
    channel: { id: purchase.channel, multiplier: program.channels[purchase.channel].multiplier },
    maxPoints: program.maxPointsPerPurchase,
    lines: eligible.map(({ id, amountMinor }) => ({ id, amountMinor })),
    ...(campaigns.length > 0 ? { campaigns } : {}),
    ...(visit ? { visit } : {}),
    ...(stampCards.length > 0 ? { stampCards, stamps: countStamps(stampCards, wholeUnits(purchase)) } : {}),
    totalMinor: purchase.totalMinor,
  });
}

/** The whole units of a purchase's lines. */
function wholeUnits(purchase: RecordedPurchase): (lineId: string) => number {
  const units = new Map(purchase.lines.map((line) => [line.id, Math.floor(line.quantity)]));
  return (lineId) => units.get(lineId) ?? 0;
}

/** When points that were earned at an instant can be spent, and when they lapse. */
export function lotInstants(
  program: Program,
  channel: Channel | null,
  occurredAt: number,
  now: number,
): { availableAt: string | null; expiresAt: string | null } {
  const { timeZone } = program;
  const pendingDays = channel === null ? 0 : program.channels[channel].pendingDays;
  const date = localDate(occurredAt, timeZone);
  const available = startOfDay({ ...date, day: date.day + pendingDays }, timeZone);
  const expires =
    program.expiry &&
    monthStart(addMonths(monthOf(occurredAt, timeZone), program.expiry.months + 1), timeZone);
  return {
    availableAt: pendingDays > 0 && available > now ? utc(available) : null,
    expiresAt: expires === null ? null : utc(expires),
  };
}
