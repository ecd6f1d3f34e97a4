/**
 * EventBridge's event patterns, pure: a pattern is compiled once and then asked about events. Lambda's filter
 * criteria are the same language.
 *
 * A pattern becomes branches (one per combination of `$or` alternatives), a branch a list of paths with
 * conditions. An event matches a branch when each path has a value that fulfils its condition, where two
 * values that lie under the same array must lie in the same element of it: arrays are looked through, but
 * fields of different elements never add up to a match.
 * Source: https://github.com/aws/event-ruler, "JSON Array Matching" and "And and Or With Ruler".
 */
import { isObject, type Json, Repeated, type Scalar } from './json.ts';
import { type Condition, PatternError, parseCondition } from './matchers.ts';

export type { Json } from './json.ts';

export interface Pattern {
  /** Whether the event fulfils the pattern. */
  matches(event: Json): boolean;
}

export type Compiled =
  | { readonly ok: true; readonly pattern: Pattern }
  | { readonly ok: false; readonly path: string; readonly message: string };

interface Field {
  readonly path: string;
  readonly condition: Condition;
}

type Branch = readonly Field[];

/** A value of the event, with the index it has in each array above it. */
interface Leaf {
  readonly value: Scalar;
  readonly elements: ReadonlyMap<object, number>;
}

/** Names of operators: where `$or` holds one of them, it is a field like any other. */
const OPERATORS = new Set([
  'prefix',
  'suffix',
  'equals-ignore-case',
  'wildcard',
  'anything-but',
  'numeric',
  'exists',
  'cidr',
]);

/** Compiles a pattern (already parsed JSON); a malformed one is refused with the path of the fault. */
export function compilePattern(source: unknown): Compiled {
  try {
    if (!isObject(source)) throw new PatternError('', 'A pattern is an object.');
    const branches = branchesOf(source, '', false);
    return { ok: true, pattern: { matches: (event) => matchesAny(branches, event) } };
  } catch (error) {
    if (error instanceof PatternError) return { ok: false, path: error.path, message: error.message };
    throw error;
  }
}

/** The alternatives that an object of the pattern allows: its fields joined with "and", `$or` multiplied out. */
function branchesOf(object: { [key: string]: Json }, prefix: string, withinOr: boolean): Branch[] {
  const entries = Object.entries(object);
  if (entries.length === 0) throw new PatternError(prefix, 'An empty object is not allowed.');
  let branches: Branch[] = [[]];
  for (const [name, value] of entries) {
    const path = prefix === '' ? name : `${prefix}.${name}`;
    const more = alternativesOf(name, value, prefix, path, withinOr);
    branches = branches.flatMap((branch) => more.map((fields) => [...branch, ...fields]));
  }
  return branches;
}

function alternativesOf(
  name: string,
  value: Json,
  prefix: string,
  path: string,
  withinOr: boolean,
): Branch[] {
  if (value instanceof Repeated) throw new PatternError(path, 'It stands twice, and one would be forgotten.');
  if (name === '$or' && isChoice(value))
    return value.flatMap((alternative) => branchesOf(alternative, prefix, true));
  if (withinOr && OPERATORS.has(name)) {
    throw new PatternError(path, `"${name}" is an operator and cannot be the name of a field inside $or.`);
  }
  if (Array.isArray(value)) return [[{ path, condition: parseCondition(value, path) }]];
  if (isObject(value)) return branchesOf(value, path, withinOr);
  throw new PatternError(path, 'Expected a list of values or an object of fields.');
}

/** Whether `$or` means a choice: it is a field's name where its list is not one of at least two sets of fields. */
function isChoice(value: Json): value is { [key: string]: Json }[] {
  return (
    Array.isArray(value) &&
    value.length > 1 &&
    value.every((one) => isObject(one) && !Object.keys(one).some((name) => OPERATORS.has(name)))
  );
}

function matchesAny(branches: readonly Branch[], event: Json): boolean {
  const leaves = leavesOf(event, new Set(branches.flatMap((branch) => branch.map(({ path }) => path))));
  return branches.some((branch) => matchesFrom(branch, 0, leaves, new Map()));
}

/** Tries each value of the field at `index` that fits those already chosen, then the fields after it. */
function matchesFrom(
  branch: Branch,
  index: number,
  leaves: ReadonlyMap<string, readonly Leaf[]>,
  chosen: ReadonlyMap<object, number>,
): boolean {
  const field = branch[index];
  if (!field) return true;
  const candidates = leaves.get(field.path) ?? [];
  if (candidates.length === 0) {
    return field.condition.absent && matchesFrom(branch, index + 1, leaves, chosen);
  }
  return candidates.some(
    ({ value, elements }) =>
      field.condition.tests.some((test) => test(value)) &&
      [...elements].every(([array, element]) => (chosen.get(array) ?? element) === element) &&
      matchesFrom(branch, index + 1, leaves, new Map([...chosen, ...elements])),
  );
}

/** The event's values at the wanted paths. Objects and arrays themselves are no values; an empty one is absent. */
function leavesOf(event: Json, wanted: ReadonlySet<string>): Map<string, Leaf[]> {
  const found = new Map<string, Leaf[]>();
  const onTheWay = new Set([...wanted].flatMap(pathsAbove));
  const visit = (value: Json, path: string, elements: ReadonlyMap<object, number>): void => {
    if (value instanceof Repeated) {
      for (const item of value) visit(item, path, elements);
    } else if (Array.isArray(value)) {
      for (const [index, item] of value.entries()) visit(item, path, new Map([...elements, [value, index]]));
    } else if (isObject(value)) {
      if (!onTheWay.has(path)) return;
      for (const [name, item] of Object.entries(value))
        visit(item, path === '' ? name : `${path}.${name}`, elements);
    } else if (wanted.has(path)) {
      found.set(path, [...(found.get(path) ?? []), { value, elements }]);
    }
  };
  visit(event, '', new Map());
  return found;
}

function pathsAbove(path: string): string[] {
  const names = path.split('.');
  return names.map((_, index) => names.slice(0, index).join('.'));
}
