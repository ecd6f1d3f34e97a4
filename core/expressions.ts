/**
 * Conditions of campaigns and stamps: CEL, the Common Expression Language
 * (https://github.com/google/cel-spec/blob/master/doc/langdef.md), over `purchase`, `line` and `member`.
 *
 * The library parses, type-checks and evaluates. On top of its limits stands a list of the syntax and functions
 * that are let through, for two reasons. What a condition costs has to stay linear in its length: macros,
 * regular expressions and text that grows are out. And what is let through has to mean the same on every
 * machine and in every CEL implementation: where the library is looser than the language (the machine's time
 * zone, lower-casing beyond ASCII, unchecked conversions, sums of durations), the function is out.
 *
 * Integers are CEL's int64, computed with bigint; a sum, difference or product that does not fit is an error.
 */
import {
  type ASTNode,
  type ASTOperator,
  Environment,
  ParseError,
  type ParseResult,
  TypeError as TypeMismatch,
} from '@marcbachmann/cel-js';
import type { RecordedPurchase } from './contract/shapes/purchase.ts';

// What a condition sees ---------------------------------------------------------------------------------

/** CEL's own name of its instant in time. */
const timestamp = 'google.protobuf.Timestamp';
type FieldType = 'string' | 'int' | 'double' | typeof timestamp;

/** A purchase as conditions see it; text that was not given is empty. */
class PurchaseScope {
  readonly channel: string;
  readonly store: string;
  readonly currency: string;
  readonly totalMinor: bigint;
  readonly occurredAt: Date;
  readonly lineCount: bigint;

  constructor({ channel, store = '', currency, totalMinor, occurredAt, lines }: RecordedPurchase) {
    this.channel = channel;
    this.store = store;
    this.currency = currency;
    this.totalMinor = BigInt(totalMinor);
    this.occurredAt = new Date(occurredAt);
    this.lineCount = BigInt(lines.length);
  }
}

/** One of its lines; text that was not given is empty, a discount that was not given is 0. */
class LineScope {
  readonly id: string;
  readonly sku: string;
  readonly gtin: string;
  readonly name: string;
  readonly category: string;
  readonly brand: string;
  readonly quantity: number;
  readonly amountMinor: bigint;
  readonly discountMinor: bigint;

  constructor(line: RecordedPurchase['lines'][number]) {
    this.id = line.id;
    this.sku = line.sku;
    this.gtin = line.gtin ?? '';
    this.name = line.name ?? '';
    this.category = line.category ?? '';
    this.brand = line.brand ?? '';
    this.quantity = line.quantity;
    this.amountMinor = BigInt(line.amountMinor);
    this.discountMinor = BigInt(line.discountMinor ?? 0);
  }
}

/** The member who buys: the id of the tier held, and when they enrolled. */
class MemberScope {
  readonly tier: string;
  readonly since: Date;

  constructor({ tier, since }: { readonly tier: string; readonly since: string }) {
    this.tier = tier;
    this.since = new Date(since);
  }
}

export type { LineScope, MemberScope, PurchaseScope };

/** All that a condition sees. Purchase and member are built once per purchase, the line once per line. */
export interface ExpressionScope {
  readonly purchase: PurchaseScope;
  readonly line: LineScope;
  readonly member: MemberScope;
}

export function purchaseScope(purchase: RecordedPurchase): PurchaseScope {
  return new PurchaseScope(purchase);
}

export function lineScope(line: RecordedPurchase['lines'][number]): LineScope {
  return new LineScope(line);
}

/** @param member the tier's id, and when the member enrolled as RFC 3339 */
export function memberScope(member: { readonly tier: string; readonly since: string }): MemberScope {
  return new MemberScope(member);
}

const variables: ReadonlySet<string> = new Set<keyof ExpressionScope>(['purchase', 'line', 'member']);
const purchaseFields: Record<keyof PurchaseScope, FieldType> = {
  channel: 'string',
  store: 'string',
  currency: 'string',
  totalMinor: 'int',
  occurredAt: timestamp,
  lineCount: 'int',
};
const lineFields: Record<keyof LineScope, FieldType> = {
  id: 'string',
  sku: 'string',
  gtin: 'string',
  name: 'string',
  category: 'string',
  brand: 'string',
  quantity: 'double',
  amountMinor: 'int',
  discountMinor: 'int',
};
const memberFields: Record<keyof MemberScope, FieldType> = { tier: 'string', since: timestamp };

const fieldTypes: ReadonlyMap<string, FieldType> = new Map(
  Object.entries({ purchase: purchaseFields, line: lineFields, member: memberFields }).flatMap(
    ([name, fields]) =>
      Object.entries(fields).map(([field, type]): [string, FieldType] => [`${name}.${field}`, type]),
  ),
);

// What is let through -----------------------------------------------------------------------------------

/** The programme's schema has the same bound; it keeps hostile text away from the parser. */
const lengthMax = 2000;
const limits = { maxAstNodes: 200, maxDepth: 32, maxListElements: 200, maxCallArguments: 2 };

const environment = new Environment({ limits })
  .registerType('Purchase', { ctor: PurchaseScope, fields: purchaseFields })
  .registerType('Line', { ctor: LineScope, fields: lineFields })
  .registerType('Member', { ctor: MemberScope, fields: memberFields })
  .registerVariable('purchase', 'Purchase')
  .registerVariable('line', 'Line')
  .registerVariable('member', 'Member');

/** Maps, indexes and optional access have nothing to work on: the scope holds no lists and no maps. */
const operators: ReadonlySet<ASTOperator> = new Set<ASTOperator>([
  ...(['value', 'id', '.', 'call', 'rcall', 'list', '?:', '||', '&&', '!_', '-_'] as const),
  ...(['==', '!=', '<', '<=', '>', '>=', 'in', '+', '-', '*', '/', '%'] as const),
]);

/**
 * Functions by name and the number of their arguments, receiver apart. The getters take no time zone, so they
 * read UTC: with one the library computes in the zone of the machine.
 */
const functions: ReadonlySet<string> = new Set(['size/1', 'double/1', 'timestamp/1', 'duration/1']);
const timeGetters = ['FullYear', 'Month', 'Date', 'DayOfMonth', 'DayOfWeek', 'Hours', 'Minutes', 'Seconds'];
const methods: ReadonlySet<string> = new Set([
  ...['startsWith/1', 'endsWith/1', 'contains/1', 'size/0'],
  ...timeGetters.map((name) => `get${name}/0`),
]);

const functionNames = new Set([...functions, ...methods].map((name) => name.replace(/\/.$/, '')));

/** What to tell somebody whose condition was refused. */
export const conditionHelp = [
  `Known are ${[...fieldTypes.keys()].join(', ')};`,
  'the operators && || ! ?: in == != < <= > >= + - * / %;',
  `and the functions ${[...functionNames].join(', ')}. Times are read in UTC.`,
].join(' ');

export interface ConditionError {
  /** A sentence without full stop that names what is wrong. */
  readonly message: string;
  /** Where, as an offset in the text, when a place can be named. */
  readonly position?: number;
}

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

/** Times and durations are read when the condition is compiled, so a wrong one is refused, not never true. */
function literalProblem(name: string, argument: ASTNode | undefined): string | undefined {
  if (name !== 'timestamp' && name !== 'duration') return undefined;
  const text = argument?.op === 'value' && typeof argument.args === 'string' ? argument.args : undefined;
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

/** The kind of value that a node makes, provided that it type-checks: the left end decides. */
function kindOf(node: ASTNode): Kind {
  switch (node.op) {
    case 'value':
      return typeof node.args === 'string' ? 'text' : 'other';
    case 'list':
      return 'list';
    case '.': {
      const [of, field] = node.args;
      const type = of.op === 'id' ? fieldTypes.get(`${of.args}.${field}`) : undefined;
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

/** What is wrong with a node itself, its children apart. */
function ownProblem(node: ASTNode): string | undefined {
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
      return `no function .${name}() takes this number of arguments: ${parameters.length}`;
    }
    case '+':
    case '-': {
      const kind = kindOf(node.args[0]);
      if (kind === 'text' || kind === 'list' || kind === 'duration')
        return `${node.op} is for numbers, and for an instant and a duration: a ${kind} cannot come first`;
      return undefined;
    }
    default:
      return undefined;
  }
}

function childrenOf(node: ASTNode): readonly ASTNode[] {
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

/** The first thing in the tree that is not let through. The node limit bounds the recursion. */
function problemIn(node: ASTNode): ConditionError | undefined {
  const message = ownProblem(node);
  if (message !== undefined) return { message, position: node.pos };
  for (const child of childrenOf(node)) {
    const problem = problemIn(child);
    if (problem) return problem;
  }
  return undefined;
}

// Compiling ---------------------------------------------------------------------------------------------

/** Whether a condition holds. An error while evaluating, such as a division by zero, is no match. */
export type Condition = (scope: ExpressionScope) => boolean;

export type Compiled =
  | { readonly condition: Condition; readonly reads: Reads }
  | { readonly error: ConditionError };

/** What a condition can tell apart. */
export interface Reads {
  /** The one field of lines that it reads; `none`, or `many` for whatever is more. */
  readonly line: keyof LineScope | 'none' | 'many';
  /** Whether it reads nothing but lines: then it says the same of the same field in every purchase. */
  readonly onlyLines: boolean;
}

/** The fields that a tree names, as `line.category`; a variable that stands by itself is named as such. */
function namesIn(node: ASTNode, names: Set<string>): Set<string> {
  if (node.op === '.' && node.args[0].op === 'id') return names.add(`${node.args[0].args}.${node.args[1]}`);
  if (node.op === 'id') return names.add(node.args);
  for (const child of childrenOf(node)) namesIn(child, names);
  return names;
}

function readsOf(ast: ASTNode): Reads {
  const names = [...namesIn(ast, new Set())];
  const ofLines = names.filter((name) => /^line\b/.test(name));
  const fields = Object.keys(lineFields) as (keyof LineScope)[];
  const field = fields.find((one) => ofLines.length === 1 && ofLines[0] === `line.${one}`);
  return {
    line: ofLines.length === 0 ? 'none' : (field ?? 'many'),
    onlyLines: ofLines.length === names.length,
  };
}

/** The library's explanation; what it did not expect of a text is explained by whatever it tripped over. */
function explained(error: unknown): ConditionError {
  if (error instanceof ParseError || error instanceof TypeMismatch) {
    const position = error.range?.start;
    return { message: error.summary, ...(position === undefined ? {} : { position }) };
  }
  return { message: error instanceof Error ? error.message : String(error) };
}

function parse(text: string): { readonly parsed: ParseResult } | { readonly error: ConditionError } {
  try {
    return { parsed: environment.parse(text) };
  } catch (error) {
    return { error: explained(error) };
  }
}

function compile(text: string): Compiled {
  const outcome = parse(text);
  if ('error' in outcome) return outcome;
  const { parsed } = outcome;
  const error = problemIn(parsed.ast);
  if (error) return { error };
  const checked = parsed.check();
  if (!checked.valid) return { error: explained(checked.error) };
  if (checked.type !== 'bool')
    return { error: { message: `the result must be bool, it is ${checked.type}`, position: 0 } };
  return {
    reads: readsOf(parsed.ast),
    condition: (scope) => {
      try {
        return parsed(scope) === true;
      } catch {
        return false;
      }
    },
  };
}

/** A programme has a few hundred conditions at most; the bound is for those who try many texts. */
const cacheMax = 1000;
const cache = new Map<string, Compiled>();

/** Compiles a condition, or says why it is none. The same text is compiled once. */
export function compileCondition(text: string): Compiled {
  if (text.length > lengthMax)
    return { error: { message: `a condition has at most ${lengthMax} characters, this has ${text.length}` } };
  if (!text.isWellFormed() || text.includes('\0'))
    return { error: { message: 'a condition is well-formed Unicode without NUL' } };
  let compiled = cache.get(text);
  if (!compiled) {
    compiled = compile(text);
    if (cache.size >= cacheMax) cache.clear();
    cache.set(text, compiled);
  }
  return compiled;
}
