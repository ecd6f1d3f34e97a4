/** Which of a candidate's campaigns a purchase meets, and what they make of each line: as core/campaigns.ts says it. */
import type { AppliedCampaign } from '../campaigns.ts';
import type { RecordedPurchase } from '../contract/shapes/purchase.ts';
import {
  type Condition,
  type LineScope,
  lineScope,
  type MemberScope,
  memberScope,
  type PurchaseScope,
  purchaseScope,
} from '../expressions.ts';
import type { Candidate, CandidateCampaign } from './candidate.ts';

/** A campaign that a purchase met. */
export interface Met {
  readonly campaign: CandidateCampaign;
  /** By the purchase's lines: whether the campaign matched it; null when it matched all that earn. */
  readonly lines: readonly boolean[] | null;
}

/** Whether a line earns anything. */
export function earns(candidate: Candidate, line: RecordedPurchase['lines'][number]): boolean {
  return line.category === undefined || !candidate.excluded.has(line.category);
}

/** What conditions see of a purchase, made when the first of them asks for it. */
class Seen {
  readonly #purchase: RecordedPurchase;
  readonly #member: { readonly tier: string; readonly since: string };
  readonly #lines: (LineScope | undefined)[] = [];
  #scopes: { readonly purchase: PurchaseScope; readonly member: MemberScope } | undefined;

  constructor(purchase: RecordedPurchase, tier: string, since: string) {
    this.#purchase = purchase;
    this.#member = { tier, since };
  }

  holds(condition: Condition, index: number): boolean {
    this.#scopes ??= { purchase: purchaseScope(this.#purchase), member: memberScope(this.#member) };
    const { purchase, member } = this.#scopes;
    this.#lines[index] ??= lineScope(this.#purchase.lines[index] as RecordedPurchase['lines'][number]);
    return condition({ purchase, member, line: this.#lines[index] });
  }
}

const none: readonly Met[] = [];

/**
 * @param tier the id of the tier held
 * @param since when the member joined, as RFC 3339
 */
export function campaignsMet(
  candidate: Candidate,
  purchase: RecordedPurchase,
  occurredAt: number,
  tier: string,
  since: string,
): readonly Met[] {
  let met: Met[] | undefined;
  let seen: Seen | undefined;
  for (const campaign of candidate.campaigns) {
    if (occurredAt < campaign.from || occurredAt >= campaign.to) continue;
    const { channels, tiers } = campaign.document;
    if (channels && !channels.includes(purchase.channel)) continue;
    if (tiers && !tiers.includes(tier)) continue;
    seen ??= new Seen(purchase, tier, since);
    const lines = matchedLines(candidate, campaign, purchase, seen);
    if (lines === undefined) continue;
    met ??= [];
    met.push({ campaign, lines });
  }
  return met ?? none;
}

/** Undefined where no line matches. */
function matchedLines(
  candidate: Candidate,
  campaign: CandidateCampaign,
  { lines }: RecordedPurchase,
  seen: Seen,
): Met['lines'] | undefined {
  const { condition, reads } = campaign;
  if (condition === undefined || reads.line === 'none') {
    const first = lines.findIndex((line) => earns(candidate, line));
    return first !== -1 && (condition === undefined || seen.holds(condition, first)) ? null : undefined;
  }
  const { line: field } = reads;
  const known = field === 'many' ? undefined : reads.onlyLines ? campaign.known : new Map();
  let [matched, missed] = [0, 0];
  const flags = lines.map((line, index) => {
    if (!earns(candidate, line)) return false;
    const value = field === 'many' ? undefined : line[field];
    let holds = known?.get(value);
    if (holds === undefined) {
      holds = seen.holds(condition, index);
      if (known) remember(known, value, holds);
    }
    if (holds) matched++;
    else missed++;
    return holds;
  });
  if (matched === 0) return undefined;
  return missed === 0 ? null : flags;
}

/** Categories and brands are few, while names and amounts may be many. */
function remember(known: Map<unknown, boolean>, value: unknown, holds: boolean): void {
  if (known.size > 10_000) known.clear();
  known.set(value, holds);
}

/** Campaigns that count with what remains of the whole purchase. */
export function countingWith(met: readonly Met[], totalMinor: number): readonly Met[] {
  if (met.every(({ campaign }) => totalMinor >= campaign.minimumMinor)) return met;
  return met.filter(({ campaign }) => totalMinor >= campaign.minimumMinor);
}

/**
 * A line's multiplier, in the candidate's unit for the highest campaign times one unit more for each that
 * stacks and is among `counting`, whether it matches this line or not: all lines then have the same scale.
 * @param index of the line in its purchase; undefined for a line that every campaign matches
 */
export function lineUnits(counting: readonly Met[], index: number | undefined, unit: number): number {
  let best = unit;
  let found = false;
  let stacked = 1;
  for (const { campaign, lines } of counting) {
    const { units } = campaign;
    if (units === undefined) continue;
    const matches = lines === null || index === undefined || lines[index] === true;
    if (campaign.document.stacks) stacked *= matches ? units : unit;
    else if (matches && (!found || units > best)) {
      best = units;
      found = true;
    }
  }
  return best * stacked;
}

/** The scale of `lineUnits`: what a multiplier of 1 is. */
export function scaleOf(counting: readonly Met[], unit: number): number {
  let scale = unit;
  for (const { campaign } of counting)
    if (campaign.units !== undefined && campaign.document.stacks) scale *= unit;
  return scale;
}

/** A campaign as core/earning.ts wants it. */
export function applied({ campaign, lines }: Met, purchase: RecordedPurchase): AppliedCampaign {
  const { id, multiplier, stacks, bonusPoints, minimumMinor } = campaign.document;
  return {
    id,
    ...(multiplier === undefined ? {} : { multiplier }),
    ...(stacks ? { stacks: true as const } : {}),
    ...(bonusPoints === undefined ? {} : { bonusPoints }),
    ...(minimumMinor === undefined ? {} : { minimumMinor }),
    ...(lines === null
      ? {}
      : { lines: purchase.lines.filter((_, index) => lines[index]).map((line) => line.id) }),
  };
}
