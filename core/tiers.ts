/**
 * Tiers: reached by qualifying points in a window of twelve calendar months (the current one and the eleven
 * before it, in the programme's time zone), held to the end of the twelfth month after the upgrade.
 */
import type { Account, TierState, TierStep } from './account.ts';
import type { TierStanding } from './card.ts';
import type { ProgramDocument } from './program.ts';
import { speak } from './program-texts.ts';
import { addMonths, borderText, monthOf, monthStart } from './time.ts';

/** The tier everybody starts in. */
export function baseTier(program: ProgramDocument): ProgramDocument['tiers'][number] {
  const [first] = program.tiers;
  if (!first) throw new Error('A programme has at least one tier.');
  return first;
}

/** The tier of an id, or the base tier when a newer programme no longer has it. */
export function tierOf(program: ProgramDocument, tierId: string): ProgramDocument['tiers'][number] {
  return program.tiers.find((one) => one.id === tierId) ?? baseTier(program);
}

/** Qualifying points in the window whose current month is `month` (as `2026-11`). */
export function windowPoints(qualifying: Account['qualifying'], month: string): number {
  const oldest = addMonths(month, -11);
  let sum = 0;
  for (const name in qualifying) if (name >= oldest && name <= month) sum += qualifying[name] ?? 0;
  return sum;
}

/** The end of the twelfth month after `month`. */
function validity(month: string, timeZone: string): string {
  return borderText(monthStart(addMonths(month, 13), timeZone));
}

/** The threshold of a tier as the programme has it now; undefined when it no longer has the tier. */
function thresholdOf(program: ProgramDocument, tierId: string): number | undefined {
  return program.tiers.find((one) => one.id === tierId)?.threshold;
}

/** The threshold of the tier held. One that the programme no longer has counts for what it took when it was reached. */
function heldThreshold(program: ProgramDocument, { id, steps }: TierState): number {
  return thresholdOf(program, id) ?? steps.findLast((step) => step.id === id)?.threshold ?? 0;
}

/**
 * The tier after the window grew: one step for each threshold above the tier held that is now reached.
 * Returns undefined when nothing changes.
 */
export function upgraded(
  program: ProgramDocument,
  tier: TierState,
  qualifying: Account['qualifying'],
  now: number,
): TierState | undefined {
  const month = monthOf(now, program.timeZone);
  const points = windowPoints(qualifying, month);
  const held = heldThreshold(program, tier);
  let after = tier;
  for (const { id, threshold } of program.tiers) {
    if (threshold <= held || threshold > points) continue;
    const before = { id: after.id, validUntil: after.validUntil };
    after = {
      id,
      validUntil: validity(month, program.timeZone),
      steps: [...after.steps, { id, threshold, month, before }],
    };
  }
  return after === tier ? undefined : after;
}

/** The same after more points of a month; looks at the calendar only where they might bring a tier at all. */
export function afterMore(
  program: ProgramDocument,
  tier: TierState,
  qualifying: Account['qualifying'],
  { month, points }: { readonly month: string; readonly points: number },
  now: number,
): TierState | undefined {
  let most = points;
  for (const name in qualifying) most += Math.max(0, qualifying[name] ?? 0);
  let highest = 0;
  for (const { threshold } of program.tiers) if (threshold <= most) highest = threshold;
  if (highest === 0 || highest <= heldThreshold(program, tier)) return undefined;
  return upgraded(program, tier, { ...qualifying, [month]: (qualifying[month] ?? 0) + points }, now);
}

/**
 * The tier after a clawback in a month: each step reached inside the window whose threshold is no longer
 * reached is taken back, newest first, and what was held before it comes back. What counts is the threshold
 * that the step was reached by, so no later programme gives or takes a tier here. A step stands as long as
 * today's window reaches its threshold, or the window of the month in which it was made still does: months
 * that have merely passed since take nothing away before the tier's own end. Undefined when nothing changes.
 */
export function stepsTakenBack(
  tier: TierState,
  qualifying: Account['qualifying'],
  month: string,
): TierState | undefined {
  let { id, validUntil } = tier;
  const steps = [...tier.steps];
  const falls = (step: TierStep) => {
    // Another time zone may have set the calendar back a month: no window is older than the step.
    const today = month > step.month ? month : step.month;
    const points = Math.max(windowPoints(qualifying, today), windowPoints(qualifying, step.month));
    return step.month >= addMonths(month, -11) && step.threshold > points;
  };
  for (let step = steps.at(-1); step && falls(step); step = steps.at(-1)) {
    ({ id, validUntil } = step.before);
    steps.pop();
  }
  return steps.length < tier.steps.length ? { id, validUntil, steps } : undefined;
}

type Held = TierStep['before'];

/**
 * The tier of two members who are one: the higher of the two, or the one that is held longer, and what their points
 * reach together. Should its steps be taken back, the other's is held, with its own steps.
 */
export function mergedTier(
  program: ProgramDocument,
  one: TierState,
  other: TierState,
  qualifying: Account['qualifying'],
  now: number,
): TierState {
  const isBetter = (a: Held, b: Held) => {
    const [left, right] = [a, b].map((held) => heldThreshold(program, { steps: [], ...held }));
    return left === right ? (a.validUntil ?? '') > (b.validUntil ?? '') : (left ?? 0) > (right ?? 0);
  };
  const [high, low] = isBetter(other, one) ? [other, one] : [one, other];
  const [first, ...steps] = high.steps;
  const isBelow = first !== undefined && isBetter(low, first.before);
  const { id, validUntil } = low;
  const held: TierState = isBelow
    ? { ...high, steps: [...low.steps, { ...first, before: { id, validUntil } }, ...steps] }
    : high;
  return upgraded(program, held, qualifying, now) ?? held;
}

/** The tier of somebody who is no longer one with another: the one of before, as far as their own points bear it. */
export function unmergedTier(
  program: ProgramDocument,
  before: TierState,
  qualifying: Account['qualifying'],
  now: number,
): TierState {
  const held = stepsTakenBack(before, qualifying, monthOf(now, program.timeZone)) ?? before;
  return upgraded(program, held, qualifying, now) ?? held;
}

/**
 * The tier at the instant its validity ended: the window decides afresh, down as many steps as it says, for
 * another twelve months; the base tier is held without end. Nobody knows how high a tier stood that the
 * programme no longer has: then the window alone decides.
 */
export function reviewed(
  program: ProgramDocument,
  tier: TierState,
  qualifying: Account['qualifying'],
  at: number,
): TierState {
  const month = monthOf(at, program.timeZone);
  const points = windowPoints(qualifying, month);
  const most = Math.min(points, thresholdOf(program, tier.id) ?? points);
  const deserved = program.tiers.findLast((one) => one.threshold <= most);
  const base = baseTier(program);
  if (!deserved || deserved.id === base.id) return { id: base.id, validUntil: null, steps: [] };
  // The new term runs through the twelve months that begin now.
  return {
    id: deserved.id,
    validUntil: borderText(monthStart(addMonths(month, 12), program.timeZone)),
    steps: [],
  };
}

/**
 * How a member stands, as the card and the API show it.
 * @param locale whose language the names are in; left out for the programme's first
 */
export function standing(
  program: ProgramDocument,
  account: Account,
  at: number,
  locale?: string,
): TierStanding {
  const say = speak(program, locale);
  const points = windowPoints(account.qualifying, monthOf(at, program.timeZone));
  const held = tierOf(program, account.tier.id);
  const next = program.tiers.find((one) => one.threshold > held.threshold);
  return {
    id: held.id,
    name: say(held.name),
    qualifyingPoints: points,
    nextTier: next
      ? { id: next.id, name: say(next.name), pointsMissing: Math.max(0, next.threshold - points) }
      : null,
    validUntil: account.tier.validUntil,
  };
}
