/**
 * What a purchase earns: one exact sum, one floor at the end.
 *
 *   points = min(max, floor( Σ over eligible lines of amountMinor × points/perMinor × tier × channel × campaign ))
 *            + Σ bonus points of campaigns + points for the visit
 *
 * The same function prices a purchase and, after refunds, what is left of it, so the two cannot drift apart.
 */
import type { EarningBasis, MemberFacts, Standing } from './account.ts';
import {
  type AppliedCampaign,
  type Budgets,
  bonusPoints,
  type CampaignMember,
  lineMultiplier,
  matchingCampaigns,
  weighted,
} from './campaigns.ts';
import type { Seller } from './channels.ts';
import { compiled } from './compiled.ts';
import type { RecordedPurchase } from './contract/shapes/purchase.ts';
import { type Day, dayOf } from './days.ts';
import { type Decimal, decimal, factor, multiply } from './decimal.ts';
import type { Exclusions } from './exclusions.ts';
import type { Fact } from './expressions.ts';
import type { LotInstants } from './lots.ts';
import { ownValue } from './own.ts';
import { nextPlace, noPlaces } from './places.ts';
import type { Program } from './program.ts';
import { boundStamps, countStamps, matchingStamps } from './stamps.ts';
import { instantOf } from './time.ts';

/** What a purchase is priced under. Its lines may be the purchase's own, with all that these say beside. */
export type Basis = Omit<EarningBasis, 'points' | 'qualifyingPoints'>;

/** What comes out under a basis. */
interface Worth {
  readonly points: number;
  readonly qualifyingPoints: number;
}

/** A basis with what comes out under it. */
export interface Valued extends Worth {
  readonly basis: Basis;
}

/** What an account says of who buys. */
type Person = 'memberId' | 'merged' | 'createdAt' | 'purchases' | 'freePlaces';

const one: Decimal = { units: 1n, scale: 0 };
const noCampaigns: readonly AppliedCampaign[] = [];

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

/** The lines as entries keep them, with the multiplier that their campaigns make, absent where it is 1. */
function multiplied({ lines, campaigns = noCampaigns, totalMinor }: Basis): EarningBasis['lines'] {
  if (campaigns.length === 0) return lines.map(({ id, amountMinor }) => ({ id, amountMinor }));
  return lines.map(({ id, amountMinor }) => {
    const multiplier = lineMultiplier(campaigns, id, totalMinor);
    return { id, amountMinor, ...(multiplier === undefined ? {} : { multiplier }) };
  });
}

/** What does not depend on amounts, where something remains: bonuses of campaigns and the visit. */
function fixedPoints({ lines, visit, totalMinor }: Basis, campaigns: readonly AppliedCampaign[]): number {
  const visited = visit && totalMinor >= visit.minimumMinor ? visit.points : 0;
  return campaigns.length === 0 ? visited : bonusPoints(campaigns, lines, totalMinor) + visited;
}

/** Points for the visit where nothing was paid, or nothing of that remains: what is given back in full has none. */
export function freeVisit({ visit, totalMinor }: Basis): number {
  return visit?.free && totalMinor >= visit.minimumMinor ? visit.points : 0;
}

/** Points under some of a basis's campaigns, whatever their budgets. */
function uncapped(basis: Basis, campaigns: readonly AppliedCampaign[]): Worth {
  let plain = 0;
  for (const { amountMinor } of basis.lines) plain += amountMinor;
  const spread = basis.orderRefundMinor ?? 0;
  const left = plain > spread ? plain - spread : 0;
  const { points, qualifyingPoints } = inNumbers(basis, campaigns, plain, left) ?? exactly(basis, campaigns);
  const { maxPoints } = basis;
  return {
    points: Math.min(points, maxPoints) + (left > 0 ? fixedPoints(basis, campaigns) : freeVisit(basis)),
    qualifyingPoints: Math.min(qualifyingPoints, maxPoints),
  };
}

/**
 * Floors a quotient of non-negative safe integers; undefined where one is not. It never rounds up to a whole number
 * that it does not reach: what it lacks is at least 1 / denominator, and doubles near it lie closer than that.
 */
function quotient(numerator: number, denominator: number): number | undefined {
  if (!Number.isSafeInteger(numerator) || !Number.isSafeInteger(denominator) || numerator < 0)
    return undefined;
  return Math.floor(numerator / denominator);
}

/**
 * The formula in safe integers; undefined where they do not hold every intermediate result. Products and sums of
 * non-negative safe integers are exact or, rounded, larger than any safe integer, so testing the result tests the
 * way to it.
 * @param plain the sum of the lines
 * @param left what refunds on the whole order have left of it
 */
function inNumbers(
  basis: Basis,
  campaigns: readonly AppliedCampaign[],
  plain: number,
  left: number,
): Worth | undefined {
  const { rate } = basis;
  const by = left === plain ? 1 : left;
  const per = left === plain ? 1 : plain;
  const qualifyingPoints = quotient(plain * rate.points * by, rate.perMinor * per);
  const tier = factor(basis.tier.multiplier);
  const channel = factor(basis.channel.multiplier);
  const factors = tier.units * channel.units * rate.points * by;
  const divisors = tier.of * channel.of * rate.perMinor * per;
  if (campaigns.length === 0) {
    const points = quotient(plain * factors, divisors);
    return points === undefined || qualifyingPoints === undefined ? undefined : { points, qualifyingPoints };
  }
  const { units, of } = weighted(campaigns, basis.lines, basis.totalMinor);
  const points = quotient(units * factors, of * divisors);
  return points === undefined || qualifyingPoints === undefined ? undefined : { points, qualifyingPoints };
}

/** The formula, whatever the size of its numbers. */
function exactly(basis: Basis, campaigns: readonly AppliedCampaign[]): Worth {
  let sum: Decimal = { units: 0n, scale: 0 };
  let plain = 0n;
  for (const { amountMinor, multiplier } of multiplied({ ...basis, campaigns })) {
    const amount: Decimal = { units: BigInt(amountMinor), scale: 0 };
    sum = add(sum, multiply(amount, multiplier ? decimal(multiplier) : one));
    plain += amount.units;
  }
  const factors = multiply(decimal(basis.tier.multiplier), decimal(basis.channel.multiplier));
  const spread = BigInt(basis.orderRefundMinor ?? 0);
  const left = plain > spread ? plain - spread : 0n;
  const of = plain > 0n ? plain : 1n;
  return {
    points: Number(floorPoints(multiply(sum, factors), basis.rate, left, of)),
    qualifyingPoints: Number(floorPoints({ units: plain, scale: 0 }, basis.rate, left, of)),
  };
}

/**
 * Completes a basis with what comes out under it. Amounts refunded on the whole order shrink every line alike;
 * campaigns and the visit count as long as what remains reaches their minimum. A campaign with a budget gives
 * what it adds to the campaigns before it, up to its budget; what it gave is what stays in the result.
 */
export function valued(basis: Basis): Valued {
  const { campaigns = noCampaigns } = basis;
  const whole = uncapped(basis, campaigns);
  if (!hasBudget(campaigns)) return { basis, points: whole.points, qualifyingPoints: whole.qualifyingPoints };
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
  const gave = campaigns.map((campaign) => {
    const budgetPoints = given.get(campaign.id);
    return budgetPoints === undefined ? campaign : { ...campaign, budgetPoints };
  });
  return { basis: { ...basis, campaigns: gave }, points, qualifyingPoints: whole.qualifyingPoints };
}

function hasBudget(campaigns: readonly AppliedCampaign[]): boolean {
  for (const { budgetPoints } of campaigns) if (budgetPoints !== undefined) return true;
  return false;
}

/** A basis as entries keep it: each line with its id, its amount and its multiplier, and nothing else. */
export function written({ basis, points, qualifyingPoints }: Valued): EarningBasis {
  return { ...basis, lines: multiplied(basis), points, qualifyingPoints };
}

/** Completes a basis with what comes out under it, as entries keep it. */
export function priced(basis: Basis): EarningBasis {
  return written(valued(basis));
}

/** Values a purchase; a campaign whose budget is cut stands aside where the others give more without it. */
export function valuedAtBest(basis: Basis): Valued {
  const whole = valued(basis);
  const { campaigns = noCampaigns } = basis;
  if (!hasBudget(campaigns)) return whole;
  for (const { id, budgetPoints } of campaigns) {
    if (budgetPoints === undefined) continue;
    const others = campaigns.filter((campaign) => campaign.id !== id);
    const { campaigns: _campaigns, ...rest } = basis;
    const without = valued(others.length > 0 ? { ...rest, campaigns: others } : rest);
    if (without.points > whole.points) return valuedAtBest(without.basis);
  }
  return whole;
}

/**
 * The visit's points, unless nothing of the purchase earns (a gift card alone is no visit, nor is what cost nothing
 * where the programme does not say so), or the last rewarded visit is nearer than the cool-down, before or after.
 */
function visitOf(
  program: Program,
  lastVisitAt: string | null,
  purchase: RecordedPurchase,
  occurredAt: number,
  eligible: readonly { readonly amountMinor: number }[],
): EarningBasis['visit'] {
  const { visits } = program;
  if (!visits) return undefined;
  const visit = compiled(program).visitIn(purchase.currency);
  if (!visit || purchase.totalMinor < visit.minimumMinor) return undefined;
  if (eligible.every(({ amountMinor }) => amountMinor <= 0) && (!visits.free || eligible.length === 0))
    return undefined;
  const apart = lastVisitAt === null ? undefined : Math.abs(occurredAt - instantOf(lastVisitAt));
  if (apart !== undefined && apart < visits.coolDownHours * 3_600_000) return undefined;
  return visit;
}

/**
 * What a purchase is priced under when it is posted now for a member.
 * @param occurredAt the purchase's instant, in milliseconds
 * @throws Error when the programme has no rate for the currency: the door refuses such a purchase
 */
export function decided(
  program: Program,
  standing: Pick<Standing, Person | 'tier' | 'lastVisitAt'>,
  purchase: RecordedPurchase,
  occurredAt: number,
  budgets: Budgets = {},
  known: MemberFacts = {},
): Basis {
  const { currency, totalMinor } = purchase;
  const rate = ownValue(program.currencies, currency);
  if (!rate) throw new Error(`The programme has no rate for ${currency}.`);
  const { tiers, baseTier, channelOf, exclusions, facts } = compiled(program);
  const tier = tiers.get(standing.tier.id) ?? baseTier;
  const lines = eligibleLines(exclusions, purchase);
  const visit = visitOf(program, standing.lastVisitAt, purchase, occurredAt, lines);
  const basis: { -readonly [K in keyof Basis]: Basis[K] } = {
    currency,
    rate,
    tier,
    channel: channelOf(purchase),
    maxPoints: program.maxPointsPerPurchase,
    lines,
    totalMinor,
  };
  if (visit) basis.visit = visit;
  const { campaigns, stamps } = program;
  if (campaigns.length === 0 && stamps.length === 0) return basis;
  const member = buyerOf(standing, tier.id, known);
  if (facts.size > 0) basis.facts = factsOf(member, facts);
  const met = matchingCampaigns(program, purchase, occurredAt, member, lines, budgets);
  if (met.length > 0) basis.campaigns = met;
  const filled = matchingStamps(program, purchase, member);
  if (filled.length > 0) {
    const units = wholeUnits(purchase);
    basis.stampCards = boundStamps(program, filled, units);
    basis.stamps = countStamps(basis.stampCards, units);
  }
  return basis;
}

/** Who buys. What is not known of a member, as of a guest, is as conditions say of it. */
function buyerOf(standing: Pick<Standing, Person>, tier: string, known: MemberFacts): CampaignMember {
  const { memberId, merged = [], createdAt, purchases = 0, freePlaces = noPlaces } = standing;
  const before = nextPlace({ purchases, freePlaces }) - 1;
  return { memberId, merged, tier, since: createdAt, purchases: before, ...known };
}

/** What is kept with an earning of who buys: what conditions asked for. */
function factsOf(member: CampaignMember, asked: ReadonlySet<Fact>): MemberFacts {
  const kept: Partial<Record<Fact, number>> = {};
  for (const fact of asked) kept[fact] = member[fact] ?? 0;
  return kept;
}

/** The lines that earn: the purchase's own list where all of them do. */
export function eligibleLines(
  { reason }: Exclusions,
  { lines }: RecordedPurchase,
): RecordedPurchase['lines'] {
  let earning: RecordedPurchase['lines'] | undefined;
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] as (typeof lines)[number];
    if (reason(line) === undefined) earning?.push(line);
    else earning ??= lines.slice(0, index);
  }
  return earning ?? lines;
}

/** The whole units of a purchase's lines. */
function wholeUnits(purchase: RecordedPurchase): (lineId: string) => number {
  const units = new Map(purchase.lines.map((line) => [line.id, Math.floor(line.quantity)]));
  return (lineId) => units.get(lineId) ?? 0;
}

/** When points that were earned on a day can be spent, and when they lapse; at once where nobody sold anything. */
export function lotOn({ expiresAt, opens }: Day, seller: Seller | null, now: number): LotInstants {
  const pending = seller && opens(seller);
  return { availableAt: pending && pending.at > now ? pending.text : null, expiresAt };
}

/** The same for points that were earned at an instant. */
export function lotInstants(
  program: Program,
  seller: Seller | null,
  occurredAt: number,
  now: number,
): LotInstants {
  return lotOn(dayOf(program, occurredAt), seller, now);
}
