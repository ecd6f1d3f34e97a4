/** What an operator may ask a candidate to keep, and whether it does. */
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

interface Kind {
  readonly id: string;
  /** How the parameter behind the colon is written; undefined for none. */
  readonly parameter?: { readonly name: string; readonly pattern: RegExp; readonly is: string };
  readonly check: Check;
}

const grows = ({ liability }: BacktestSums) => liability.candidate - liability.actual;

/** Sums of many members stay far below safe integers, and a percentage has four decimals at most. */
function growsBeyond({ issued }: BacktestSums, percent: string): boolean {
  const { units, scale } = decimal(percent);
  const hundred = 100n * 10n ** BigInt(scale);
  return BigInt(issued.candidate) * hundred > BigInt(issued.actual) * (hundred + units);
}

const kinds: readonly Kind[] = [
  {
    id: 'no_member_loses_a_tier',
    check: ({ membersLosingTier: members }) =>
      members > 0 ? { text: `No member may lose a tier, and ${counted(members)}.`, members } : undefined,
  },
  {
    id: 'no_member_loses_points',
    check: ({ membersLosingPoints: members }) =>
      members > 0 ? { text: `No member may lose points, and ${counted(members)}.`, members } : undefined,
  },
  {
    id: 'liability_does_not_grow',
    check: (sums) =>
      grows(sums) > 0
        ? { text: `The liability may not grow, and it grows by ${grows(sums)} points.` }
        : undefined,
  },
  {
    id: 'liability_grows_at_most',
    parameter: { name: 'points', pattern: /^\d{1,12}$/, is: 'a whole number' },
    check: (sums, points) =>
      grows(sums) > Number(points)
        ? { text: `The liability may grow by at most ${points} points, and it grows by ${grows(sums)}.` }
        : undefined,
  },
  {
    id: 'issued_grows_at_most',
    parameter: { name: 'percent', pattern: /^\d{1,6}(\.\d{1,4})?$/, is: 'a decimal, as 2.5' },
    check: (sums, percent) =>
      growsBeyond(sums, percent)
        ? {
            text: `The points issued may grow by at most ${percent} %, and they grow from ${sums.issued.actual} to ${sums.issued.candidate}.`,
          }
        : undefined,
  },
];

function counted(members: number): string {
  return members === 1 ? '1 does' : `${members} do`;
}

function split(invariant: string): { kind: Kind | undefined; parameter: string | undefined } {
  const colon = invariant.indexOf(':');
  const id = colon === -1 ? invariant : invariant.slice(0, colon);
  return {
    kind: kinds.find((one) => one.id === id),
    parameter: colon === -1 ? undefined : invariant.slice(colon + 1),
  };
}

/** What may be asked, for documents and refusals. */
export const invariantHelp = kinds
  .map(({ id, parameter }) => (parameter ? `${id}:<${parameter.name}>` : id))
  .join(', ');

/** What is wrong with the text of an invariant, or undefined. */
export function refuseInvariant(invariant: string): string | undefined {
  const { kind, parameter } = split(invariant);
  if (!kind) return `must be one of ${invariantHelp}; ${invariant} is not`;
  if (!kind.parameter)
    return parameter === undefined ? undefined : `must be ${kind.id}, without anything behind it`;
  if (parameter !== undefined && kind.parameter.pattern.test(parameter)) return undefined;
  return `must be ${kind.id}:<${kind.parameter.name}>, with ${kind.parameter.is}; ${invariant} is not`;
}

/** The invariants that are broken by what was found so far. They must have been accepted by `refuseInvariant`. */
export function brokenInvariants(invariants: readonly string[], sums: BacktestSums): Broken[] {
  return [...new Set(invariants)].flatMap((invariant) => {
    const { kind, parameter = '' } = split(invariant);
    const broken = kind?.check(sums, parameter);
    return broken ? [{ invariant, ...broken }] : [];
  });
}
