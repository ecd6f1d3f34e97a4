/** What an operator may ask a candidate to keep, and whether it does. */
import { invariantForms } from '../contract/shapes/plan.ts';
import { decimal } from '../decimal.ts';
import type { BacktestSums } from './sums.ts';

/** An invariant that a backtest found broken. */
export interface Broken {
  readonly invariant: string;
  /** A sentence that says what was asked and what would be. */
  readonly text: string;
  /** How many members it is broken for, where it is about members. */
  readonly members?: number;
}

type Check = (sums: BacktestSums, parameter: string) => Omit<Broken, 'invariant'> | undefined;

type Form = (typeof invariantForms)[number];

const grows = ({ liability }: BacktestSums) => liability.candidate - liability.actual;

function pointsText(points: number): string {
  return points === 1 ? '1 point' : `${points} points`;
}

/** Sums of many members stay far below safe integers, and a percentage has four decimals at most. */
function growsBeyond({ issued }: BacktestSums, percent: string): boolean {
  const { units, scale } = decimal(percent);
  const hundred = 100n * 10n ** BigInt(scale);
  return BigInt(issued.candidate) * hundred > BigInt(issued.actual) * (hundred + units);
}

const checks: Readonly<Record<Form, Check>> = {
  no_member_loses_a_tier: ({ membersLosingTier: members }) =>
    members > 0 ? { text: `No member may lose a tier, and ${counted(members)}.`, members } : undefined,
  no_member_loses_points: ({ membersLosingPoints: members }) =>
    members > 0 ? { text: `No member may lose points, and ${counted(members)}.`, members } : undefined,
  liability_does_not_grow: (sums) =>
    grows(sums) > 0
      ? { text: `The liability may not grow, and it grows by ${pointsText(grows(sums))}.` }
      : undefined,
  'liability_grows_at_most:<points>': (sums, points) =>
    grows(sums) > Number(points)
      ? {
          text: `The liability may grow by at most ${pointsText(Number(points))}, and it grows by ${grows(sums)}.`,
        }
      : undefined,
  'issued_grows_at_most:<percent>': (sums, percent) => {
    const { actual, candidate } = sums.issued;
    return growsBeyond(sums, percent)
      ? {
          text: `Points issued may grow by at most ${percent} %, and they grow from ${actual} to ${candidate}.`,
        }
      : undefined;
  },
};

/** How the parameters are written that some invariants take behind a colon. */
const parameters: Readonly<Record<string, { readonly pattern: RegExp; readonly help: string }>> = {
  '<points>': { pattern: /^\d{1,12}$/, help: 'a whole number of points, as 1000' },
  '<percent>': { pattern: /^\d{1,6}(\.\d{1,4})?$/, help: 'a decimal with at most 4 decimals, as 2.5' },
};

function counted(members: number): string {
  return members === 1 ? '1 does' : `${members} do`;
}

/** The form that a text has by its name, and both texts' parameters. */
function formOf(invariant: string) {
  const [name = '', ...rest] = invariant.split(':');
  const form = invariantForms.find((one) => one.split(':')[0] === name);
  return { form, wanted: form?.split(':')[1], given: rest.length > 0 ? rest.join(':') : undefined };
}

/** What is wrong with the text of an invariant, or undefined. */
export function refuseInvariant(invariant: string): string | undefined {
  const { form, wanted, given } = formOf(invariant);
  if (!form) return `must be one of ${invariantForms.join(', ')}; ${invariant} is not`;
  const { pattern, help } = parameters[wanted ?? ''] ?? {};
  if (!pattern) return given === undefined ? undefined : `must be ${form}, without anything behind it`;
  return given !== undefined && pattern.test(given) ? undefined : `must be ${form}, with ${help}`;
}

/** The invariants that are broken by what was found so far. They must have passed `refuseInvariant`. */
export function brokenInvariants(invariants: readonly string[], sums: BacktestSums): Broken[] {
  return [...new Set(invariants)].flatMap((invariant) => {
    const { form, given = '' } = formOf(invariant);
    const broken = form && checks[form](sums, given);
    return broken ? [{ invariant, ...broken }] : [];
  });
}
