/**
 * The syntax and functions of CEL that a condition may hold. What a condition costs has to stay linear in its
 * length: macros, regular expressions and text that grows are out. And what is let through has to mean the same on
 * every machine and in every CEL implementation: where the library is looser than the language (lower-casing beyond
 * ASCII, unchecked conversions, sums of durations), the function is out.
 */
import type { ASTNode, ASTOperator } from '@marcbachmann/cel-js';
import { isTimeZone } from '../time.ts';
import { fieldForms, fieldRanges, fieldTypes, timestamp, variables } from './scope.ts';

export interface ConditionError {
  /** A sentence without full stop that names what is wrong. */
  readonly message: string;
  /** Where, as an offset in the text, when a place can be named. */
  readonly position?: number;
}

/** The programme's schema has the same bound; it keeps hostile text away from the parser. */
export const lengthMax = 2000;
export const limits = { maxAstNodes: 200, maxDepth: 32, maxListElements: 200, maxCallArguments: 2 };

/** Maps, indexes and optional access have nothing to work on: the scope holds no lists and no maps. */
const operators: ReadonlySet<ASTOperator> = new Set<ASTOperator>([
  ...(['value', 'id', '.', 'call', 'rcall', 'list', '?:', '||', '&&', '!_', '-_'] as const),
  ...(['==', '!=', '<', '<=', '>', '>=', 'in', '+', '-', '*', '/', '%'] as const),
]);

/** Functions by name and the number of their arguments, receiver apart. */
const functions: ReadonlySet<string> = new Set([
  'size/1',
  'double/1',
  'timestamp/1',
  'duration/1',
  'daysSince/1',
]);

/** CEL's readers of an instant, and what says the same of the purchase in the programme's zone. */
const timeGetters: ReadonlyMap<string, string> = new Map([
  ['getFullYear', 'purchase.year'],
  ['getMonth', 'purchase.month, 1 for January'],
  ['getDate', 'purchase.day'],
  ['getDayOfMonth', 'purchase.day, 1 for the first'],
  ['getDayOfWeek', "purchase.weekday, as purchase.weekday == 'tue'"],
  ['getHours', 'purchase.hour'],
  ['getMinutes', 'purchase.minute'],
  ['getSeconds', 'purchase.time'],
]);
const methods: ReadonlySet<string> = new Set(['startsWith/1', 'endsWith/1', 'contains/1', 'size/0']);

const functionNames = new Set([...functions, ...methods].map((name) => name.replace(/\/.$/, '')));

/** What to tell somebody whose condition was refused. */
export const conditionHelp = [
  `Known are ${[...fieldTypes.keys()].join(', ')};`,
  'the operators && || ! ?: in == != < <= > >= + - * / %;',
  `and the functions ${[...functionNames].join(', ')}.`,
  "Days and hours are those of the programme's time zone.",
].join(' ');

const int64Max = 2n ** 63n - 1n;
const instantPattern = /^(\d{4}-\d\d-\d\d)T\d\d:\d\d:\d\d(\.\d{1,3})?(Z|[+-]\d\d:\d\d)$/;
/** Whole hours, minutes and seconds: at most 1,141 years, well inside CEL's range. */
const durationPattern = /^-?(?=\d)(\d{1,7}h)?(\d{1,7}m)?(\d{1,7}s)?$/;

/** An RFC 3339 instant whose day exists; JavaScript alone would read 30 February as 2 March. */
function isInstant(text: string): boolean {
  const day = instantPattern.exec(text)?.[1];
  if (day === undefined || Number.isNaN(Date.parse(text))) return false;
  return new Date(`${day}T00:00:00Z`).toISOString().startsWith(day);
}

/** A text that stands in the condition itself. */
function literalText(node: ASTNode | undefined): string | undefined {
  return node?.op === 'value' && typeof node.args === 'string' ? node.args : undefined;
}

/** Times and durations are read when the condition is compiled, so a wrong one is refused, not never true. */
function literalProblem(name: string, argument: ASTNode | undefined): string | undefined {
  if (name !== 'timestamp' && name !== 'duration') return undefined;
  const text = literalText(argument);
  if (name === 'timestamp' && (text === undefined || !isInstant(text)))
    return "timestamp() takes an RFC 3339 text with an offset, as timestamp('2026-11-22T10:00:00Z')";
  if (name === 'duration' && (text === undefined || !durationPattern.test(text)))
    return "duration() takes whole hours, minutes and seconds, as duration('36h') or duration('1h30m')";
  return undefined;
}

function valueProblem(value: unknown): string | undefined {
  if (typeof value === 'bigint') return value <= int64Max ? undefined : 'an integer has to fit into 64 bits';
  if (['string', 'number', 'boolean'].includes(typeof value)) return undefined;
  return 'a literal is a text, an integer, a decimal number, true or false';
}

type Kind = 'text' | 'list' | 'instant' | 'duration' | 'other';

/** The field that a node names, as `line.category`. */
function fieldOf(node: ASTNode): string | undefined {
  if (node.op !== '.') return undefined;
  const [of, field] = node.args;
  return of.op === 'id' ? `${of.args}.${field}` : undefined;
}

/** The kind of value that a node makes, provided that it type-checks: the left end decides. */
export function kindOf(node: ASTNode): Kind {
  switch (node.op) {
    case 'value':
      return typeof node.args === 'string' ? 'text' : 'other';
    case 'list':
      return 'list';
    case '.': {
      const type = fieldTypes.get(fieldOf(node) ?? '');
      if (type === 'string') return 'text';
      return type === timestamp ? 'instant' : 'other';
    }
    case 'call':
      if (node.args[0] === 'timestamp') return 'instant';
      return node.args[0] === 'duration' ? 'duration' : 'other';
    case '?:':
      return kindOf(node.args[1]);
    case '+':
      return kindOf(node.args[0]);
    case '-': {
      const kind = kindOf(node.args[0]);
      return kind === 'instant' && kindOf(node.args[1]) === 'instant' ? 'duration' : kind;
    }
    default:
      return 'other';
  }
}

/**
 * Readers of an instant without a zone read UTC, in which a shop's Tuesday begins and ends at another hour. Versions
 * of the programme that were put while they were let through go on with them.
 */
function getterProblem(name: string, parameters: readonly ASTNode[], isStored: boolean): string | undefined {
  const instead = timeGetters.get(name);
  if (instead === undefined || parameters.length > 1)
    return `no function .${name}() takes this number of arguments: ${parameters.length}`;
  if (parameters.length === 0)
    return isStored
      ? undefined
      : `.${name}() reads UTC: write ${instead}, or name a time zone, as .${name}('Europe/Paris')`;
  const zone = literalText(parameters[0]);
  return zone !== undefined && isTimeZone(zone)
    ? undefined
    : `.${name}() takes the name of a time zone, as .${name}('Europe/Paris')`;
}

/** The texts of a node or, of a list, in it, as far as they stand in the condition itself. */
function textsIn(node: ASTNode): string[] {
  return (node.op === 'list' ? node.args : [node]).map(literalText).filter((text) => text !== undefined);
}

/** The texts that a field is held against anywhere in a tree. */
export function textsBeside(field: string, node: ASTNode): string[] {
  const below = childrenOf(node).flatMap((child) => textsBeside(field, child));
  if (node.op !== '==' && node.op !== '!=' && node.op !== 'in') return below;
  const [left, right] = node.args;
  return [
    ...(fieldOf(left) === field ? textsIn(right) : []),
    ...(fieldOf(right) === field ? textsIn(left) : []),
    ...below,
  ];
}

/** Texts that a field is compared with although it never has such a value. */
function formProblem(left: ASTNode, right: ASTNode): string | undefined {
  for (const [field, other] of [
    [left, right],
    [right, left],
  ] as const) {
    const form = fieldForms.get(fieldOf(field) ?? '');
    if (!form) continue;
    const wrong = textsIn(other).find((text) => !form.pattern.test(text));
    if (wrong !== undefined) return `${fieldOf(field)} is ${form.says}, it is never '${wrong}'`;
  }
  return undefined;
}

/** A number that stands in the condition itself. */
function literalNumber(node: ASTNode): number | undefined {
  if (node.op === '-_') {
    const value = literalNumber(node.args);
    return value === undefined ? undefined : 0 - value;
  }
  if (node.op !== 'value') return undefined;
  return typeof node.args === 'bigint' || typeof node.args === 'number' ? Number(node.args) : undefined;
}

type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=' | 'in';
const turned: Readonly<Record<Comparison, Comparison>> = {
  '==': '==',
  '!=': '!=',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
  in: 'in',
};

/** Whether comparing a field of a range with a number tells anything apart; `< 24` of an hour says until midnight. */
function tellsApart(how: Comparison, value: number, [min, max]: readonly [number, number]): boolean {
  switch (how) {
    case '<':
      return value > min && value <= max + 1;
    case '>':
      return value >= min - 1 && value < max;
    case '<=':
    case '>=':
      return value >= min && value <= max;
    default:
      return Number.isInteger(value) && value >= min && value <= max;
  }
}

/** Numbers that a field is compared with although it is never there. */
function rangeProblem(how: Comparison, left: ASTNode, right: ASTNode): string | undefined {
  for (const [field, other, comparison] of [
    [left, right, how],
    [right, left, turned[how]],
  ] as const) {
    const name = fieldOf(field) ?? '';
    const range = fieldRanges.get(name);
    if (!range) continue;
    const values = (other.op === 'list' ? other.args : [other]).map(literalNumber);
    const wrong = values.find((value) => value !== undefined && !tellsApart(comparison, value, range));
    if (wrong === undefined) continue;
    const [min, max] = range;
    const says = max === Number.POSITIVE_INFINITY ? `${min} or more` : `${min} to ${max}`;
    return `${name} is ${says}: ${comparison} ${wrong} says nothing about it`;
  }
  return undefined;
}

/** What is wrong with a node itself, its children apart. */
function ownProblem(node: ASTNode, isStored: boolean): string | undefined {
  if (!operators.has(node.op))
    return 'maps, indexes and optional access cannot be used: a condition sees single values only';
  switch (node.op) {
    case 'value':
      return valueProblem(node.args);
    case 'id':
      // The library has variables of its own, for types and namespaces.
      return variables.has(node.args) ? undefined : `unknown variable ${node.args}`;
    case 'call': {
      const [name, parameters] = node.args;
      if (functions.has(`${name}/${parameters.length}`)) return literalProblem(name, parameters[0]);
      return `no function ${name}() takes this number of arguments: ${parameters.length}`;
    }
    case 'rcall': {
      const [name, , parameters] = node.args;
      if (methods.has(`${name}/${parameters.length}`)) return undefined;
      return getterProblem(name, parameters, isStored);
    }
    case '+':
    case '-': {
      const kind = kindOf(node.args[0]);
      if (kind === 'text' || kind === 'list' || kind === 'duration')
        return `${node.op} is for numbers, and for an instant and a duration: a ${kind} cannot come first`;
      return undefined;
    }
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
    case 'in':
      // What is stored was checked by what was known then.
      return isStored ? undefined : (formProblem(...node.args) ?? rangeProblem(node.op, ...node.args));
    default:
      return undefined;
  }
}

export function childrenOf(node: ASTNode): readonly ASTNode[] {
  switch (node.op) {
    case 'value':
    case 'id':
      return [];
    case '.':
      return [node.args[0]];
    case 'call':
      return node.args[1];
    case 'rcall':
      return [node.args[1], ...node.args[2]];
    case '!_':
    case '-_':
      return [node.args];
    case 'map':
    case '.?':
      // Their parent is refused before anybody looks further.
      return [];
    default:
      return node.args;
  }
}

/**
 * The first thing in the tree that is not let through. The node limit bounds the recursion.
 * @param isStored whether it was checked when it was put: instants may be read without a zone then, as before, and
 *   values are not looked at again
 */
export function problemIn(node: ASTNode, isStored: boolean): ConditionError | undefined {
  const message = ownProblem(node, isStored);
  if (message !== undefined) return { message, position: node.pos };
  for (const child of childrenOf(node)) {
    const problem = problemIn(child, isStored);
    if (problem) return problem;
  }
  return undefined;
}
