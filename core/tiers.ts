/**
 * Tiers: reached by qualifying points in a window of twelve calendar months (the current one and the eleven
 * before it, in the programme's time zone), held to the end of the twelfth month after the upgrade.
 */
import type { Account, TierState, TierStep } from './account.ts';
import type { TierStanding } from './card.ts';
import { utc } from './contract/shapes.ts';
import { baseTier, type ProgramDocument, tierOf } from './program.ts';
import { addMonths, monthOf, monthStart } from './time.ts';

/** Qualifying points in the window whose current month is `month` (as `2026-11`). */
export function windowPoints(qualifying: Account['qualifying'], month: string): number {
  const oldest = addMonths(month, -11);
  let sum = 0;
  for (const [name, points] of Object.entries(qualifying)) if (name >= oldest && name <= month) sum += points;
  return sum;
}

/** The end of the twelfth month after `month`. */
function validity(month: string, timeZone: string): string {
  return utc(monthStart(addMonths(month, 13), timeZone));
}

/** The steps that a clawback may still take back. */
function insideWindow(steps: readonly TierStep[], month: string): TierStep[] {
  return steps.filter((step) => step.month >= addMonths(month, -11));
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
  const held = tierOf(program, tier.id).threshold;
  let after = tier;
  for (const step of program.tiers) {
    if (step.threshold <= held || step.threshold > points) continue;
    after = {
      id: step.id,
      validUntil: validity(month, program.timeZone),
      steps: [
        ...insideWindow(after.steps, month),
        { id: step.id, month, before: { id: after.id, validUntil: after.validUntil } },
      ],
    };
  }
  return after === tier ? undefined : after;
}

/**
 * The tier after a clawback: each step reached inside the window whose threshold is no longer reached is taken
 * back, newest first, and what was held before it comes back. A step stands as long as today's window reaches
 * its threshold, or the window of the month in which it was made still does: months that have merely passed
 * since take nothing away before the tier's own end. Undefined when nothing changes.
 */
export function stepsTakenBack(
  program: ProgramDocument,
  tier: TierState,
  qualifying: Account['qualifying'],
  now: number,
): TierState | undefined {
  const month = monthOf(now, program.timeZone);
  const points = windowPoints(qualifying, month);
  let { id, validUntil } = tier;
  const steps = insideWindow(tier.steps, month);
  let changed = false;
  const stands = (step: TierStep) =>
    tierOf(program, step.id).threshold <= Math.max(points, windowPoints(qualifying, step.month));
  for (let step = steps.at(-1); step && !stands(step); step = steps.at(-1)) {
    ({ id, validUntil } = step.before);
    steps.pop();
    changed = true;
  }
  return changed ? { id, validUntil, steps } : undefined;
}

/**
 * The tier at the instant its validity ended: the window decides afresh, down as many steps as it says, for
 * another twelve months; the base tier is held without end.
 */
export function reviewed(
  program: ProgramDocument,
  tier: TierState,
  qualifying: Account['qualifying'],
  at: number,
): TierState {
  const month = monthOf(at, program.timeZone);
  const points = windowPoints(qualifying, month);
  const held = tierOf(program, tier.id).threshold;
  const deserved = program.tiers.filter((one) => one.threshold <= Math.min(points, held)).at(-1);
  const base = baseTier(program);
  if (!deserved || deserved.id === base.id) return { id: base.id, validUntil: null, steps: [] };
  // The new term runs through the twelve months that begin now.
  return { id: deserved.id, validUntil: utc(monthStart(addMonths(month, 12), program.timeZone)), steps: [] };
}

/** How a member stands, as the card and the API show it. */
export function standing(program: ProgramDocument, account: Account, at: number): TierStanding {
  const points = windowPoints(account.qualifying, monthOf(at, program.timeZone));
  const held = tierOf(program, account.tier.id);
  const next = program.tiers.find((one) => one.threshold > held.threshold);
  return {
    id: held.id,
    name: held.name,
    qualifyingPoints: points,
    nextTier: next
      ? { id: next.id, name: next.name, pointsMissing: Math.max(0, next.threshold - points) }
      : null,
    validUntil: account.tier.validUntil,
  };
}
