/**
 * Campaigns: which of them a purchase meets is decided once, when it is posted, and kept with it. What they
 * are worth is computed from what remains of the purchase, so a refund takes back exactly what they gave.
 */

import { idsOf } from './account.ts';
import { type CompiledCampaign, compiled } from './compiled.ts';
import type { MemberId } from './contract/ids.ts';
import type { RecordedPurchase } from './contract/shapes/purchase.ts';
import { compare, decimal, decimalText, factor, multiply } from './decimal.ts';
import {
  type Buyer,
  type Condition,
  type LineScope,
  lineScope,
  type MemberScope,
  memberScope,
  type PurchaseScope,
  purchaseScope,
} from './expressions.ts';
import { ownValue } from './own.ts';
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

/** Who buys, as campaigns and conditions see them. */
export interface CampaignMember extends Buyer {
  readonly memberId: MemberId;
  /** Who was merged into them. */
  readonly merged?: readonly MemberId[];
}

/** Whether a campaign is for a member: one who lists its members means the person, by whichever of their ids. */
export function isFor({ members }: CompiledCampaign, member: CampaignMember): boolean {
  return members === undefined || idsOf(member).some((id) => members.has(id));
}

/** A line with what is left of it. */
export interface Line {
  readonly id: string;
  readonly amountMinor: number;
}

type Lines = RecordedPurchase['lines'];

/** What conditions see of a purchase, made when the first of them asks for it. */
class Seen {
  readonly #purchase: RecordedPurchase;
  readonly #member: CampaignMember;
  readonly #timeZone: string;
  #lines: Map<Lines[number], LineScope> | undefined;
  #scopes: { readonly purchase: PurchaseScope; readonly member: MemberScope } | undefined;

  constructor(purchase: RecordedPurchase, member: CampaignMember, timeZone: string) {
    this.#purchase = purchase;
    this.#member = member;
    this.#timeZone = timeZone;
  }

  holds(condition: Condition, line: Lines[number]): boolean {
    this.#scopes ??= scopesOf(this.#purchase, this.#member, this.#timeZone);
    this.#lines ??= new Map();
    let seen = this.#lines.get(line);
    if (!seen) {
      seen = lineScope(line);
      this.#lines.set(line, seen);
    }
    return condition({ ...this.#scopes, line: seen });
  }
}

/** What conditions see of purchase and member. */
export function scopesOf(purchase: RecordedPurchase, member: CampaignMember, timeZone: string) {
  const scope = purchaseScope(purchase, timeZone);
  return { purchase: scope, member: memberScope(member, scope) };
}

const none: readonly AppliedCampaign[] = [];

/**
 * The campaigns that a purchase meets. A condition that cannot be evaluated on a line does not match it.
 * @param occurredAt the purchase's instant, in milliseconds
 */
export function matchingCampaigns(
  program: Program,
  purchase: RecordedPurchase,
  occurredAt: number,
  member: CampaignMember,
  eligible: Lines,
  budgets: Budgets,
): readonly AppliedCampaign[] {
  let met: AppliedCampaign[] | undefined;
  let seen: Seen | undefined;
  for (const campaign of compiled(program).campaigns) {
    if (occurredAt < campaign.from || occurredAt >= campaign.to) continue;
    const { id, channels, tiers, budgetPoints } = campaign.document;
    if (!isFor(campaign, member)) continue;
    if (channels && !channels.includes(purchase.channel)) continue;
    if (tiers && !tiers.includes(member.tier)) continue;
    if (campaign.condition) seen ??= new Seen(purchase, member, program.timeZone);
    const lines = seen ? matchedLines(campaign, eligible, seen) : eligible;
    if (lines.length === 0) continue;
    const left = budgetPoints === undefined ? undefined : (ownValue(budgets, id) ?? budgetPoints);
    // What has nothing left to give is as if it were over, and leaves the line to the others.
    if (left === 0) continue;
    met ??= [];
    const applied = campaign.appliedIn(purchase.currency);
    met.push(
      left === undefined && lines.length === eligible.length
        ? applied
        : {
            ...applied,
            ...(left === undefined ? {} : { budgetPoints: left }),
            ...(lines.length === eligible.length ? {} : { lines: lines.map((line) => line.id) }),
          },
    );
  }
  return met ?? none;
}

/** The lines on which a campaign's condition holds. What it can be known to say again is not asked again. */
function matchedLines({ condition, reads, known }: CompiledCampaign, eligible: Lines, seen: Seen): Lines {
  const [first] = eligible;
  if (condition === undefined || first === undefined) return eligible;
  const { line: field } = reads;
  if (field === 'none') return seen.holds(condition, first) ? eligible : [];
  if (field === 'many') return eligible.filter((line) => seen.holds(condition, line));
  const answers = reads.onlyLines ? known : new Map<unknown, boolean>();
  return eligible.filter((line) => {
    let holds = answers.get(line[field]);
    if (holds === undefined) {
      holds = seen.holds(condition, line);
      // Categories and brands are few, while names and amounts may be many.
      if (answers.size > 10_000) answers.clear();
      answers.set(line[field], holds);
    }
    return holds;
  });
}

/** Those that what remains of the whole purchase reaches: nearly always all of them. */
function counting(campaigns: readonly AppliedCampaign[], totalMinor: number): readonly AppliedCampaign[] {
  for (const { minimumMinor = 0 } of campaigns)
    if (totalMinor < minimumMinor)
      return campaigns.filter((one) => one.minimumMinor === undefined || totalMinor >= one.minimumMinor);
  return campaigns;
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

/** An amount as a fraction. */
export interface Weighted {
  readonly units: number;
  readonly of: number;
}

/**
 * The sum of lines, each times its multiplier (see `lineMultiplier`), all in one scale. Nothing here is negative,
 * so as long as the result is a safe integer every step to it was, and the sum is exact.
 */
export function weighted(
  campaigns: readonly AppliedCampaign[],
  lines: readonly Line[],
  totalMinor: number,
): Weighted {
  const applied: Multiplying[] = [];
  let unit = 1;
  let scale = 1;
  let same = true;
  for (const { multiplier, stacks, lines: ids } of counting(campaigns, totalMinor)) {
    if (multiplier === undefined) continue;
    const { units, of } = factor(multiplier);
    applied.push({ units, of, stacks: stacks === true, matches: ids && flags(ids, lines) });
    if (stacks) scale *= of;
    else if (of > unit) unit = of;
    if (ids) same = false;
  }
  let sum = 0;
  for (let index = 0; index < lines.length; index++) {
    const amount = (lines[index] as Line).amountMinor;
    sum += same ? amount : amount * weight(applied, index, unit);
  }
  // Where every campaign matches every line the amounts are summed first.
  return { units: same ? sum * weight(applied, 0, unit) : sum, of: unit * scale };
}

interface Multiplying extends Weighted {
  readonly stacks: boolean;
  /** By the place of lines; undefined where the campaign matches all of them. */
  readonly matches: readonly boolean[] | undefined;
}

/** A line's multiplier in the scale of all that apply: `unit` for the highest, times that of each that stacks. */
function weight(applied: readonly Multiplying[], index: number, unit: number): number {
  let best = -1;
  let stacked = 1;
  for (const { units, of, stacks, matches } of applied) {
    const holds = matches === undefined || matches[index] === true;
    if (stacks) stacked *= holds ? units : of;
    else if (holds) best = Math.max(best, units * (unit / of));
  }
  return (best < 0 ? unit : best) * stacked;
}

/** Which lines are among the named ones; nearly always they are named in the order of the lines. */
function flags(ids: readonly string[], lines: readonly Line[]): readonly boolean[] {
  let next = 0;
  const inOrder = lines.map(({ id }) => {
    if (ids[next] !== id) return false;
    next++;
    return true;
  });
  return next === ids.length ? inOrder : lines.map(({ id }) => ids.includes(id));
}

/** The bonus points of the campaigns of which at least one matching line remains. */
export function bonusPoints(
  campaigns: readonly AppliedCampaign[],
  lines: readonly Line[],
  totalMinor: number,
): number {
  let sum = 0;
  for (const { bonusPoints: points = 0, lines: ids } of counting(campaigns, totalMinor)) {
    if (points === 0) continue;
    if (lines.some(({ id, amountMinor }) => amountMinor > 0 && (ids?.includes(id) ?? true))) sum += points;
  }
  return sum;
}
