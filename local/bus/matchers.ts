/**
 * What one field of an event pattern may say about a value: EventBridge's comparison operators, after
 * https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html and the
 * behaviour of AWS's open-source event-ruler. Pure functions; a malformed operator throws
 * {@link PatternError}, which `compilePattern` turns into its refusal.
 */
import { inNetwork, parseAddress, parseNetwork } from './addresses.ts';
import { isObject, type Json, LongNumber, Repeated, type Scalar } from './json.ts';

/** Whether a value that is present in the event fulfils one alternative of the field's list. */
export type Test = (value: Scalar) => boolean;

/** One field's condition: any of `tests` for a present value; `absent` when a missing field fulfils it too. */
export interface Condition {
  readonly tests: readonly Test[];
  readonly absent: boolean;
}

export class PatternError extends Error {
  readonly path: string;
  constructor(path: string, message: string) {
    super(message);
    this.path = path;
  }
}

/** EventBridge documents numeric patterns up to five billion either way; the values of events may be any. */
const NUMERIC_LIMIT = 5e9;

/** Parses the list of alternatives that stands at a leaf of a pattern. */
export function parseCondition(alternatives: readonly Json[], path: string): Condition {
  if (alternatives.length === 0) throw new PatternError(path, 'An empty list matches nothing.');
  const tests: Test[] = [];
  let absent = false;
  for (const [index, alternative] of alternatives.entries()) {
    const at = `${path}[${index}]`;
    if (Array.isArray(alternative)) throw new PatternError(at, 'A list inside a list is not allowed.');
    if (!isObject(alternative)) {
      tests.push(equalTo(alternative));
      continue;
    }
    const [operator, operand] = soleEntry(alternative, at);
    if (operator === 'exists') {
      if (typeof operand !== 'boolean') throw new PatternError(`${at}.exists`, 'exists takes true or false.');
      if (operand) tests.push(() => true);
      else absent = true;
      continue;
    }
    tests.push(parseOperator(operator, operand, at));
  }
  return { tests, absent };
}

function parseOperator(operator: string, operand: Json, at: string): Test {
  const path = `${at}.${operator}`;
  switch (operator) {
    case 'prefix':
    case 'suffix':
      return parseAffix(operator, operand, path);
    case 'equals-ignore-case':
      return equalsIgnoringCase(text(operand, path));
    case 'wildcard':
      return parseWildcard(text(operand, path), path);
    case 'anything-but':
      return parseAnythingBut(operand, path);
    case 'numeric':
      return parseNumeric(operand, path);
    case 'cidr':
      return parseCidr(text(operand, path), path);
    default:
      throw new PatternError(
        path,
        `"${operator}" is not an operator; known are prefix, suffix, equals-ignore-case, wildcard, anything-but, numeric, exists and cidr.`,
      );
  }
}

function equalTo(expected: Scalar): Test {
  if (expected instanceof LongNumber)
    return (value) => value instanceof LongNumber && value.text === expected.text;
  const address = typeof expected === 'string' ? parseAddress(expected) : undefined;
  if (address === undefined) return (value) => value === expected;
  // An address written differently ("::1" and "0:0:0:0:0:0:0:1") is the same address.
  return (value) => {
    if (value === expected) return true;
    const other = typeof value === 'string' ? parseAddress(value) : undefined;
    return other !== undefined && other.bits === address.bits && other.value === address.value;
  };
}

function equalsIgnoringCase(expected: string): Test {
  const lower = expected.toLowerCase();
  return (value) => typeof value === 'string' && value.toLowerCase() === lower;
}

function parseAffix(operator: 'prefix' | 'suffix', operand: Json, path: string): Test {
  const method = operator === 'prefix' ? 'startsWith' : 'endsWith';
  if (typeof operand === 'string') return (value) => typeof value === 'string' && value[method](operand);
  const [inner, folded] = soleEntry(operand, path);
  if (inner !== 'equals-ignore-case') {
    throw new PatternError(path, `${operator} takes a string or {"equals-ignore-case": string}.`);
  }
  const lower = text(folded, `${path}.equals-ignore-case`).toLowerCase();
  return (value) => typeof value === 'string' && value.toLowerCase()[method](lower);
}

/** `*` stands for any run of characters; `\*` and `\\` are the characters themselves. */
function parseWildcard(pattern: string, path: string): Test {
  let source = '';
  for (let index = 0; index < pattern.length; index += 1) {
    const character = pattern.charAt(index);
    if (character === '*') {
      if (pattern[index + 1] === '*') throw new PatternError(path, 'Two consecutive * are not allowed.');
      source += '[^]*';
    } else if (character === '\\') {
      const escaped = pattern.charAt(index + 1);
      if (escaped !== '*' && escaped !== '\\') {
        throw new PatternError(path, 'A backslash may only escape * or another backslash.');
      }
      source += `\\${escaped}`;
      index += 1;
    } else {
      source += character.replace(/[$()+.?[\]^{|}]/, '\\$&');
    }
  }
  const expression = new RegExp(`^${source}$`);
  return (value) => typeof value === 'string' && expression.test(value);
}

/** Every form negates a plain one: it holds for each present value, of whatever type, that the plain one does not. */
function parseAnythingBut(operand: Json, path: string): Test {
  if (typeof operand === 'string' || typeof operand === 'number') return not([equalTo(operand)]);
  if (Array.isArray(operand)) {
    const strings = operand.every((item) => typeof item === 'string');
    const numbers = operand.every((item) => typeof item === 'number');
    if (operand.length === 0 || !(strings || numbers)) {
      throw new PatternError(path, 'anything-but takes a list of only strings or only numbers, not empty.');
    }
    return not(operand.map((item) => equalTo(item as string | number)));
  }
  const [inner, values] = soleEntry(operand, path);
  const innerPath = `${path}.${inner}`;
  if (!['prefix', 'suffix', 'equals-ignore-case', 'wildcard'].includes(inner)) {
    throw new PatternError(
      innerPath,
      `anything-but does not take "${inner}"; it takes values, prefix, suffix, equals-ignore-case or wildcard.`,
    );
  }
  const list = Array.isArray(values) ? values : [values];
  if (list.length === 0) throw new PatternError(innerPath, 'An empty list is not allowed.');
  return not(
    list.map((value) => {
      if (text(value, innerPath) === '') throw new PatternError(innerPath, 'An empty string is not allowed.');
      return parseOperator(inner, value, path);
    }),
  );
}

function not(tests: readonly Test[]): Test {
  return (value) => !tests.some((test) => test(value));
}

/** `["=", n]`, one bound such as `[">", n]`, or a range: a lower bound followed by an upper bound. */
function parseNumeric(operand: Json, path: string): Test {
  const terms = Array.isArray(operand) ? operand : [];
  const bounds: { comparison: string; limit: number }[] = [];
  for (let index = 0; index < terms.length; index += 2) {
    const [comparison, limit] = [terms[index], terms[index + 1]];
    if (typeof comparison !== 'string' || !['=', '<', '<=', '>', '>='].includes(comparison)) {
      throw new PatternError(`${path}[${index}]`, 'Expected one of = < <= > >=.');
    }
    if (typeof limit !== 'number' || Math.abs(limit) > NUMERIC_LIMIT) {
      throw new PatternError(
        `${path}[${index + 1}]`,
        'Expected a number from -5e9 to 5e9 with no more digits than a double holds.',
      );
    }
    bounds.push({ comparison, limit });
  }
  const [first, second] = bounds;
  if (!first || bounds.length > 2) {
    throw new PatternError(
      path,
      'numeric takes a list of one or two comparisons, such as [">", 0, "<=", 5].',
    );
  }
  if (second && !(first.comparison.startsWith('>') && second.comparison.startsWith('<'))) {
    throw new PatternError(path, 'A range is a lower bound (> or >=) followed by an upper bound (< or <=).');
  }
  if (second && first.limit >= second.limit) {
    throw new PatternError(path, 'The lower bound must be less than the upper bound.');
  }
  return (value) =>
    typeof value === 'number' && bounds.every(({ comparison, limit }) => compare(value, comparison, limit));
}

function compare(value: number, comparison: string, limit: number): boolean {
  if (comparison === '=') return value === limit;
  if (comparison === '<') return value < limit;
  if (comparison === '<=') return value <= limit;
  if (comparison === '>') return value > limit;
  return value >= limit;
}

function parseCidr(block: string, path: string): Test {
  const network = parseNetwork(block);
  if (!network)
    throw new PatternError(path, `"${block}" is not a network such as 10.0.0.0/24 or 2001:db8::/32.`);
  return (value) => {
    const address = typeof value === 'string' ? parseAddress(value) : undefined;
    return address !== undefined && inNetwork(address, network);
  };
}

function soleEntry(value: Json, path: string): [string, Json] {
  const entries = isObject(value) ? Object.entries(value) : [];
  const [entry] = entries;
  if (!entry || entries.length > 1 || entry[1] instanceof Repeated) {
    throw new PatternError(path, 'A match expression is an object with exactly one operator.');
  }
  return entry;
}

function text(value: Json, path: string): string {
  if (typeof value !== 'string') throw new PatternError(path, 'Expected a string.');
  return value;
}
