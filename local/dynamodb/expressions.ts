import { invalidRequest } from './errors.ts';
import type { Placeholders } from './placeholders.ts';
import { isReserved } from './reserved.ts';
import { type AttributeValue, compareValues, typeOf, VALUE_TYPES, type ValueType } from './values.ts';

/**
 * Lexer and recursive-descent parser of DynamoDB's expressions. Placeholders are resolved while parsing, so the
 * trees below hold attribute names and values. The checks that need no item (operand types, overlapping paths,
 * reserved words) are made here, with DynamoDB's messages.
 *
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
 */

/** Names of attributes and map members as strings, list positions as numbers; never empty. */
export type Path = readonly [string, ...(string | number)[]];

export type Operand =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly value: AttributeValue }
  | { readonly kind: 'size'; readonly of: Operand };

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly condition: Condition }
  | {
      readonly kind: 'compare';
      readonly comparator: Comparator;
      readonly left: Operand;
      readonly right: Operand;
    }
  | { readonly kind: 'between'; readonly operand: Operand; readonly low: Operand; readonly high: Operand }
  | { readonly kind: 'in'; readonly operand: Operand; readonly choices: readonly Operand[] }
  | { readonly kind: 'exists'; readonly path: Path; readonly expected: boolean }
  | { readonly kind: 'type'; readonly operand: Operand; readonly type: ValueType }
  | { readonly kind: 'beginsWith' | 'contains'; readonly operand: Operand; readonly argument: Operand };

export type SetValue =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly value: AttributeValue }
  | { readonly kind: 'ifNotExists'; readonly path: Path; readonly otherwise: SetValue }
  | { readonly kind: 'append'; readonly first: SetValue; readonly second: SetValue }
  | { readonly kind: 'plus' | 'minus'; readonly left: SetValue; readonly right: SetValue };

export interface Update {
  readonly set: readonly { readonly path: Path; readonly value: SetValue }[];
  readonly remove: readonly Path[];
  readonly add: readonly { readonly path: Path; readonly value: AttributeValue }[];
  readonly delete: readonly { readonly path: Path; readonly value: AttributeValue }[];
}

export type ConditionParameter = 'ConditionExpression' | 'FilterExpression' | 'KeyConditionExpression';

export function parseCondition(
  text: string,
  placeholders: Placeholders,
  parameter: ConditionParameter,
): Condition {
  const parser = new Parser(text, placeholders, parameter);
  return parser.wholeCondition();
}

export function parseUpdate(text: string, placeholders: Placeholders): Update {
  const parser = new Parser(text, placeholders, 'UpdateExpression');
  return parser.wholeUpdate();
}

export function parseProjection(text: string, placeholders: Placeholders): readonly Path[] {
  const parser = new Parser(text, placeholders, 'ProjectionExpression');
  return parser.wholeProjection();
}

/** As DynamoDB's messages print a path: `[a, b, [0]]`. */
export function showPath(path: Path): string {
  return `[${path.map((part) => (typeof part === 'number' ? `[${part}]` : part)).join(', ')}]`;
}

interface Token {
  readonly kind: 'word' | 'name' | 'value' | 'index' | 'symbol' | 'end';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

const EXPRESSION_BYTES_MAX = 4096;
const OPERATORS_MAX = 300;
const CHOICES_MAX = 100;

const TOKEN =
  /\s*(?:([A-Za-z][A-Za-z0-9_]*)|(#[A-Za-z0-9_]+)|(:[A-Za-z0-9_]+)|(0|[1-9]\d*)|(<>|<=|>=|[\s\S])|$)/y;
const KINDS = ['word', 'name', 'value', 'index', 'symbol'] as const;

function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  TOKEN.lastIndex = 0;
  for (;;) {
    const match = TOKEN.exec(text);
    const group = match?.slice(1).findIndex((part) => part !== undefined) ?? -1;
    const kind = KINDS[group];
    if (match === null || kind === undefined || match[0].trim() === '') break;
    const content = match[group + 1] as string;
    tokens.push({ kind, text: content, start: TOKEN.lastIndex - content.length, end: TOKEN.lastIndex });
  }
  tokens.push({ kind: 'end', text: '<EOF>', start: text.length, end: text.length });
  return tokens;
}

/** What a parenthesis or a predicate may hold; an operand only becomes a condition through a comparator. */
type Parsed =
  | { readonly kind: 'operand'; readonly operand: Operand; readonly bracketed: boolean }
  | { readonly kind: 'condition'; readonly condition: Condition; readonly bracketed: boolean };

const PREDICATES = ['attribute_exists', 'attribute_not_exists', 'attribute_type', 'begins_with', 'contains'];
const UPDATE_FUNCTIONS = ['if_not_exists', 'list_append'];
/** Words of the grammar itself, which cannot stand where a name is expected. */
const CONDITION_WORDS = ['and', 'or', 'not', 'between', 'in'];
const UPDATE_WORDS = ['set', 'remove', 'add', 'delete'];

class Parser {
  readonly #text: string;
  readonly #placeholders: Placeholders;
  readonly #parameter: string;
  readonly #tokens: readonly Token[];
  readonly #words: readonly string[];
  #position = 0;
  #operators = 0;

  constructor(text: string, placeholders: Placeholders, parameter: string) {
    this.#text = text;
    this.#placeholders = placeholders;
    this.#parameter = parameter;
    this.#words = parameter === 'UpdateExpression' ? UPDATE_WORDS : CONDITION_WORDS;
    if (text === '') throw this.#invalid('The expression can not be empty;');
    const bytes = Buffer.byteLength(text);
    if (bytes > EXPRESSION_BYTES_MAX) {
      throw this.#invalid(`Expression size has exceeded the maximum allowed size; expression size: ${bytes}`);
    }
    this.#tokens = tokenize(text);
  }

  wholeCondition(): Condition {
    const condition = this.#asCondition(this.#disjunction());
    this.#expectEnd();
    return condition;
  }

  wholeProjection(): readonly Path[] {
    const paths = this.#separatedByCommas(() => this.#path());
    this.#expectEnd();
    this.#assertDisjoint(paths);
    return paths;
  }

  wholeUpdate(): Update {
    const update = {
      set: [] as Update['set'],
      remove: [] as Update['remove'],
      add: [] as Update['add'],
      delete: [] as Update['delete'],
    };
    const seen = new Set<string>();
    do {
      const section = this.#sectionWord(seen);
      if (section === 'set') update.set = this.#separatedByCommas(() => this.#assignment());
      else if (section === 'remove') update.remove = this.#separatedByCommas(() => this.#path());
      else update[section] = this.#separatedByCommas(() => this.#setChange(section));
    } while (this.#next().kind !== 'end');
    const assigned = [...update.set, ...update.add, ...update.delete].map((action) => action.path);
    this.#assertDisjoint([...assigned, ...update.remove]);
    return update;
  }

  // Conditions

  #disjunction(): Parsed {
    return this.#chain('or', () => this.#conjunction());
  }

  #conjunction(): Parsed {
    return this.#chain('and', () => this.#negation());
  }

  #chain(kind: 'and' | 'or', part: () => Parsed): Parsed {
    let parsed = part();
    while (this.#isWord(kind)) {
      const left = this.#asCondition(parsed);
      this.#operator();
      const right = this.#asCondition(part());
      parsed = { kind: 'condition', condition: { kind, left, right }, bracketed: false };
    }
    return parsed;
  }

  #negation(): Parsed {
    if (!this.#isWord('not')) return this.#predicate();
    this.#operator();
    const condition: Condition = { kind: 'not', condition: this.#asCondition(this.#negation()) };
    return { kind: 'condition', condition, bracketed: false };
  }

  #predicate(): Parsed {
    const parsed = this.#isSymbol('(') ? this.#bracket() : this.#predicateOrOperand();
    if (parsed.kind === 'condition') return parsed;
    const condition = this.#comparison(parsed.operand);
    if (condition !== undefined) return { kind: 'condition', condition, bracketed: false };
    if (parsed.operand.kind === 'size') throw this.#misused('size');
    return parsed;
  }

  #bracket(): Parsed {
    this.#take();
    const inner = this.#disjunction();
    this.#expectSymbol(')');
    if (inner.bracketed) throw this.#invalid('The expression has redundant parentheses;');
    return { ...inner, bracketed: true };
  }

  #predicateOrOperand(): Parsed {
    if (!this.#isFunction()) return { kind: 'operand', operand: this.#operand(), bracketed: false };
    const name = this.#next().text;
    if (name === 'size') return { kind: 'operand', operand: this.#size(), bracketed: false };
    const condition = this.#predicateFunction();
    if (this.#comparator() !== undefined) throw this.#misused(name);
    return { kind: 'condition', condition, bracketed: false };
  }

  /** `undefined` where no comparator follows: the operand may then stand in parentheses only. */
  #comparison(left: Operand): Condition | undefined {
    const comparator = this.#comparator();
    if (comparator !== undefined) {
      this.#operator();
      return this.#comparedBy(comparator, left, this.#operand());
    }
    if (this.#isWord('between')) return this.#between(left);
    if (this.#isWord('in')) return this.#in(left);
    return undefined;
  }

  #comparator(): Comparator | undefined {
    const { kind, text } = this.#next();
    if (kind !== 'symbol' || !['=', '<>', '<', '<=', '>', '>='].includes(text)) return undefined;
    return text as Comparator;
  }

  #comparedBy(comparator: Comparator, left: Operand, right: Operand): Condition {
    this.#assertDistinct(comparator, left, [right]);
    if (comparator !== '=' && comparator !== '<>') this.#assertOrdered(comparator, [left, right]);
    return { kind: 'compare', comparator, left, right };
  }

  #between(operand: Operand): Condition {
    this.#operator();
    const low = this.#operand();
    if (!this.#isWord('and')) throw this.#syntaxError();
    this.#take();
    const high = this.#operand();
    this.#assertOrdered('BETWEEN', [operand, low, high]);
    this.#assertBounds(low, high);
    return { kind: 'between', operand, low, high };
  }

  #in(operand: Operand): Condition {
    this.#operator();
    this.#expectSymbol('(');
    const choices = this.#separatedByCommas(() => this.#operand());
    this.#expectSymbol(')');
    if (choices.length > CHOICES_MAX) {
      throw this.#invalid(
        `The IN operator is provided with too many operands; number of operands: ${choices.length}`,
      );
    }
    this.#assertDistinct('IN', operand, choices);
    return { kind: 'in', operand, choices };
  }

  #predicateFunction(): Condition {
    const { name, operands } = this.#call();
    const [first] = operands as [Operand];
    switch (name) {
      case 'attribute_exists':
      case 'attribute_not_exists':
        this.#assertCount(name, operands, 1);
        return { kind: 'exists', path: this.#pathOf(name, first), expected: name === 'attribute_exists' };
      case 'attribute_type':
        this.#assertCount(name, operands, 2);
        this.#assertDistinct(name, first, operands.slice(1));
        return { kind: 'type', operand: first, type: this.#typeName(operands[1] as Operand) };
      case 'begins_with':
        this.#assertCount(name, operands, 2);
        this.#assertDistinct(name, first, operands.slice(1));
        this.#assertTypes(name, operands, ['S', 'B']);
        return { kind: 'beginsWith', operand: first, argument: operands[1] as Operand };
      default:
        this.#assertCount(name, operands, 2);
        this.#assertDistinct(name, first, operands.slice(1));
        return { kind: 'contains', operand: first, argument: operands[1] as Operand };
    }
  }

  #call(): { name: string; operands: Operand[] } {
    this.#operators += 1;
    const name = this.#take().text;
    if (UPDATE_FUNCTIONS.includes(name)) {
      throw this.#invalid(`The function is not allowed in a condition expression; function: ${name}`);
    }
    if (!PREDICATES.includes(name) && name !== 'size') {
      throw this.#invalid(`Invalid function name; function: ${name}`);
    }
    this.#expectSymbol('(');
    const operands = this.#separatedByCommas(() => this.#operand());
    this.#expectSymbol(')');
    return { name, operands };
  }

  #size(): Operand {
    const { operands } = this.#call();
    this.#assertCount('size', operands, 1);
    this.#assertTypes('size', operands, ['S', 'B', 'SS', 'NS', 'BS', 'L', 'M']);
    return { kind: 'size', of: operands[0] as Operand };
  }

  #operand(): Operand {
    if (this.#isSymbol('(')) {
      this.#take();
      const nested = this.#isSymbol('(');
      const operand = this.#operand();
      this.#expectSymbol(')');
      if (nested) throw this.#invalid('The expression has redundant parentheses;');
      return operand;
    }
    if (this.#next().kind === 'value') return { kind: 'value', value: this.#value() };
    if (!this.#isFunction()) return { kind: 'path', path: this.#path() };
    if (PREDICATES.includes(this.#next().text)) throw this.#misused(this.#next().text);
    return this.#size();
  }

  #asCondition(parsed: Parsed): Condition {
    if (parsed.kind === 'condition') return parsed.condition;
    throw this.#syntaxError();
  }

  // Updates

  #sectionWord(seen: Set<string>): 'set' | 'remove' | 'add' | 'delete' {
    const word = this.#next().text.toLowerCase();
    if (!UPDATE_WORDS.includes(word)) throw this.#syntaxError();
    this.#take();
    if (seen.has(word)) {
      throw this.#invalid(
        `The "${word.toUpperCase()}" section can only be used once in an update expression;`,
      );
    }
    seen.add(word);
    return word as 'set' | 'remove' | 'add' | 'delete';
  }

  #assignment(): { path: Path; value: SetValue } {
    const path = this.#path();
    this.#expectSymbol('=');
    return { path, value: this.#arithmetic() };
  }

  #arithmetic(): SetValue {
    if (this.#isSymbol('(') && this.#bracketHoldsArithmetic()) {
      this.#take();
      if (this.#isSymbol('(') && this.#bracketHoldsArithmetic()) {
        throw this.#invalid('The expression has redundant parentheses;');
      }
      const value = this.#arithmetic();
      this.#expectSymbol(')');
      return value;
    }
    const left = this.#setOperand();
    const symbol = this.#next().text;
    if (!this.#isSymbol('+') && !this.#isSymbol('-')) return left;
    this.#take();
    const right = this.#setOperand();
    this.#assertAddends(symbol, [left, right]);
    return { kind: symbol === '+' ? 'plus' : 'minus', left, right };
  }

  /** `(a + b)` and `(a) + b` begin alike; the sign before the closing parenthesis tells them apart. */
  #bracketHoldsArithmetic(): boolean {
    let depth = 0;
    for (let index = this.#position; index < this.#tokens.length; index += 1) {
      const { kind, text } = this.#tokens[index] as Token;
      if (kind !== 'symbol') continue;
      if (text === '(') depth += 1;
      if (text === ')') depth -= 1;
      if (depth === 0) return false;
      if (text === '+' || text === '-') return true;
    }
    return false;
  }

  #setOperand(): SetValue {
    if (this.#isSymbol('(')) {
      this.#take();
      const nested = this.#isSymbol('(');
      const value = this.#setOperand();
      this.#expectSymbol(')');
      if (nested) throw this.#invalid('The expression has redundant parentheses;');
      return value;
    }
    if (this.#next().kind === 'value') return { kind: 'value', value: this.#value() };
    if (this.#isFunction()) return this.#updateFunction();
    return { kind: 'path', path: this.#path() };
  }

  #updateFunction(): SetValue {
    this.#operators += 1;
    const name = this.#take().text;
    if (name === 'size' || PREDICATES.includes(name)) {
      throw this.#invalid(`The function is not allowed in an update expression; function: ${name}`);
    }
    if (!UPDATE_FUNCTIONS.includes(name)) throw this.#invalid(`Invalid function name; function: ${name}`);
    this.#expectSymbol('(');
    const operands = this.#separatedByCommas(() => this.#setOperand());
    this.#expectSymbol(')');
    this.#assertCount(name, operands, 2);
    const [first, second] = operands as [SetValue, SetValue];
    if (second.kind === 'append' || first.kind === 'append') throw this.#misused('list_append');
    if (name === 'list_append') return this.#append(first, second);
    if (first.kind !== 'path') throw this.#pathNeeded(name);
    return { kind: 'ifNotExists', path: first.path, otherwise: second };
  }

  #append(first: SetValue, second: SetValue): SetValue {
    for (const operand of [first, second]) {
      if (operand.kind === 'value' && !('L' in operand.value)) {
        throw this.#wrongType('list_append', typeOf(operand.value));
      }
    }
    return { kind: 'append', first, second };
  }

  #assertAddends(symbol: string, operands: readonly SetValue[]): void {
    for (const operand of operands) {
      if (operand.kind === 'append') throw this.#misused('list_append');
      if (operand.kind === 'value' && !('N' in operand.value)) {
        throw this.#wrongType(symbol, typeOf(operand.value));
      }
    }
  }

  #setChange(section: 'add' | 'delete'): { path: Path; value: AttributeValue } {
    const path = this.#path();
    if (this.#next().kind !== 'value') throw this.#syntaxError();
    const value = this.#value();
    const allowed = section === 'add' ? ['N', 'SS', 'NS', 'BS'] : ['SS', 'NS', 'BS'];
    if (!allowed.includes(typeOf(value))) {
      const operator = section.toUpperCase();
      throw this.#invalid(
        `Incorrect operand type for operator or function; operator: ${operator}, operand type: ${typeOf(value)}, typeSet: ALLOWED_FOR_${operator}_OPERAND`,
      );
    }
    return { path, value };
  }

  // Parts that all expressions share

  #path(): Path {
    const parts: [string, ...(string | number)[]] = [this.#attributeName()];
    for (;;) {
      if (this.#isSymbol('.')) {
        this.#take();
        parts.push(this.#attributeName());
      } else if (this.#isSymbol('[')) {
        this.#take();
        parts.push(this.#listIndex());
      } else {
        return parts;
      }
    }
  }

  #attributeName(): string {
    const { kind, text } = this.#next();
    if (kind === 'name') {
      this.#take();
      return this.#placeholders.name(text, this.#parameter);
    }
    if (kind !== 'word' || this.#words.includes(text.toLowerCase())) throw this.#syntaxError();
    this.#take();
    if (isReserved(text)) {
      throw this.#invalid(`Attribute name is a reserved keyword; reserved keyword: ${text}`);
    }
    return text;
  }

  #listIndex(): number {
    const { kind, text } = this.#next();
    if (kind !== 'index') throw this.#syntaxError();
    this.#take();
    this.#expectSymbol(']');
    const index = Number(text);
    if (index > 0x7fffffff) {
      throw this.#invalid(`List index is not within the allowable range; index: [${text}]`);
    }
    return index;
  }

  #value(): AttributeValue {
    return this.#placeholders.value(this.#take().text, this.#parameter);
  }

  #separatedByCommas<T>(parse: () => T): T[] {
    const parts = [parse()];
    while (this.#isSymbol(',')) {
      this.#take();
      parts.push(parse());
    }
    return parts;
  }

  // Checks that need no item

  #assertDistinct(operator: string, first: Operand, others: readonly Operand[]): void {
    if (first.kind !== 'path') return;
    const same = others.some(
      (other) => other.kind === 'path' && showPath(other.path) === showPath(first.path),
    );
    if (!same) return;
    throw this.#invalid(
      `The first operand must be distinct from the remaining operands for this operator or function; operator: ${operator}, first operand: ${showPath(first.path)}`,
    );
  }

  #assertOrdered(operator: string, operands: readonly Operand[]): void {
    this.#assertTypes(operator, operands, ['S', 'N', 'B']);
  }

  #assertTypes(operator: string, operands: readonly Operand[], allowed: readonly ValueType[]): void {
    for (const operand of operands) {
      const type = staticType(operand);
      // A size is compared wherever it stands, except that a size itself has none.
      const exempt = operand.kind === 'size' && operator !== 'size';
      if (type !== undefined && !exempt && !allowed.includes(type)) throw this.#wrongType(operator, type);
    }
  }

  #assertBounds(low: Operand, high: Operand): void {
    if (low.kind !== 'value' || high.kind !== 'value') return;
    const shown = `lower bound operand: ${showValue(low.value)}, upper bound operand: ${showValue(high.value)}`;
    const order = compareValues(low.value, high.value);
    if (order === undefined) {
      throw this.#invalid(
        `The BETWEEN operator requires same data type for lower and upper bounds; ${shown}`,
      );
    }
    if (order > 0) {
      throw this.#invalid(
        `The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ${shown}`,
      );
    }
  }

  #assertCount(name: string, operands: readonly unknown[], count: number): void {
    if (operands.length === count) return;
    throw this.#invalid(
      `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${operands.length}`,
    );
  }

  #assertDisjoint(paths: readonly Path[]): void {
    for (const [index, one] of paths.entries()) {
      for (const two of paths.slice(index + 1)) {
        const relation = relate(one, two);
        if (relation === 'apart') continue;
        throw this.#invalid(
          `Two document paths ${relation} with each other; must remove or rewrite one of these paths; path one: ${showPath(one)}, path two: ${showPath(two)}`,
        );
      }
    }
  }

  #pathOf(name: string, operand: Operand): Path {
    if (operand.kind !== 'path') throw this.#pathNeeded(name);
    return operand.path;
  }

  #typeName(operand: Operand): ValueType {
    if (operand.kind !== 'value') throw this.#invalid('The second operand of attribute_type must be a value');
    if (!('S' in operand.value)) throw this.#wrongType('attribute_type', typeOf(operand.value));
    const type = VALUE_TYPES.find((known) => 'S' in operand.value && known === operand.value.S);
    if (type !== undefined) return type;
    throw this.#invalid(
      `Invalid attribute type name found; type: ${operand.value.S}, valid types: {${VALUE_TYPES.join(',')}}`,
    );
  }

  // Errors

  #invalid(detail: string): Error {
    return invalidRequest(`Invalid ${this.#parameter}: ${detail}`);
  }

  #misused(name: string): Error {
    return this.#invalid(
      `The function is not allowed to be used this way in an expression; function: ${name}`,
    );
  }

  #pathNeeded(name: string): Error {
    return this.#invalid(`Operator or function requires a document path; operator or function: ${name}`);
  }

  #wrongType(operator: string, type: ValueType): Error {
    return this.#invalid(
      `Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${type}`,
    );
  }

  /** `near` runs from the token before to the token after the offending one. */
  #syntaxError(): Error {
    const token = this.#next();
    const before = this.#tokens[this.#position - 1] ?? token;
    const after = this.#tokens[this.#position + 1] ?? token;
    const near = this.#text.slice(before === token ? 0 : before.start, after.end);
    return this.#invalid(`Syntax error; token: "${token.text}", near: "${near.trimEnd() || near}"`);
  }

  // Tokens

  #next(): Token {
    return this.#tokens[this.#position] as Token;
  }

  #take(): Token {
    const token = this.#next();
    this.#position += 1;
    return token;
  }

  /** Takes an operator, of which an expression may hold 300. */
  #operator(): void {
    this.#take();
    this.#operators += 1;
  }

  #isSymbol(text: string): boolean {
    const token = this.#next();
    return token.kind === 'symbol' && token.text === text;
  }

  #isWord(word: string): boolean {
    const token = this.#next();
    return token.kind === 'word' && token.text.toLowerCase() === word;
  }

  #isFunction(): boolean {
    const after = this.#tokens[this.#position + 1];
    return this.#next().kind === 'word' && after?.kind === 'symbol' && after.text === '(';
  }

  #expectSymbol(text: string): void {
    if (!this.#isSymbol(text)) throw this.#syntaxError();
    this.#take();
  }

  #expectEnd(): void {
    if (this.#next().kind !== 'end') throw this.#syntaxError();
    if (this.#operators > OPERATORS_MAX) {
      throw this.#invalid(`The expression contains too many operators; operator count: ${this.#operators}`);
    }
  }
}

function staticType(operand: Operand): ValueType | undefined {
  if (operand.kind === 'value') return typeOf(operand.value);
  return operand.kind === 'size' ? 'N' : undefined;
}

function showValue(value: AttributeValue): string {
  const [type, content] = Object.entries(value)[0] as [string, unknown];
  return `AttributeValue: {${type}:${String(content)}}`;
}

/** Whether two paths touch the same place (`overlap`), or take one place for a map and for a list (`conflict`). */
function relate(one: Path, two: Path): 'apart' | 'overlap' | 'conflict' {
  for (let index = 0; index < Math.min(one.length, two.length); index += 1) {
    if (one[index] === two[index]) continue;
    return typeof one[index] === typeof two[index] ? 'apart' : 'conflict';
  }
  return 'overlap';
}
