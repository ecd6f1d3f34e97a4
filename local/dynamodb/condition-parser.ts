import { type Comparator, type Condition, type Operand, type Path, showPath } from './expressions.ts';
import { Parser } from './parser.ts';
import type { Placeholders } from './placeholders.ts';
import { type AttributeValue, compareValues, typeOf, VALUE_TYPES, type ValueType } from './values.ts';

export type ConditionParameter = 'ConditionExpression' | 'FilterExpression' | 'KeyConditionExpression';

/** Parses a condition, with the checks that need no item: operand types, bounds, numbers of operands. */
export function parseCondition(
  text: string,
  placeholders: Placeholders,
  parameter: ConditionParameter,
): Condition {
  return new ConditionParser(text, placeholders, parameter, KEYWORDS).condition();
}

const KEYWORDS = ['and', 'or', 'not', 'between', 'in'];
const PREDICATES = ['attribute_exists', 'attribute_not_exists', 'attribute_type', 'begins_with', 'contains'];
const UPDATE_FUNCTIONS = ['if_not_exists', 'list_append'];
const CHOICES_MAX = 100;
/** Deeper nesting cannot be needed: each useful pair of parentheses takes an operator, and 300 are allowed. */
const BRACKETS_MAX = 301;

/** What a parenthesis or a predicate may hold; an operand only becomes a condition through a comparator. */
type Parsed =
  | { readonly kind: 'operand'; readonly operand: Operand; readonly bracketed: boolean }
  | { readonly kind: 'condition'; readonly condition: Condition; readonly bracketed: boolean };

class ConditionParser extends Parser {
  #brackets = 0;

  condition(): Condition {
    const condition = this.#asCondition(this.#disjunction());
    this.expectEnd();
    return condition;
  }

  #disjunction(): Parsed {
    return this.#chain('or', () => this.#conjunction());
  }

  #conjunction(): Parsed {
    return this.#chain('and', () => this.#negation());
  }

  #chain(kind: 'and' | 'or', part: () => Parsed): Parsed {
    let parsed = part();
    while (this.isWord(kind)) {
      const left = this.#asCondition(parsed);
      this.operator();
      const right = this.#asCondition(part());
      parsed = { kind: 'condition', condition: { kind, left, right }, bracketed: false };
    }
    return parsed;
  }

  #negation(): Parsed {
    if (!this.isWord('not')) return this.#predicate();
    this.operator();
    const condition: Condition = { kind: 'not', condition: this.#asCondition(this.#negation()) };
    return { kind: 'condition', condition, bracketed: false };
  }

  #predicate(): Parsed {
    const parsed = this.isSymbol('(') ? this.#bracket() : this.#predicateOrOperand();
    if (parsed.kind === 'condition') return parsed;
    const condition = this.#comparison(parsed.operand);
    if (condition !== undefined) return { kind: 'condition', condition, bracketed: false };
    if (parsed.operand.kind === 'size') throw this.misused('size');
    return parsed;
  }

  #bracket(): Parsed {
    this.take();
    this.#brackets += 1;
    if (this.#brackets > BRACKETS_MAX) throw this.redundant();
    const inner = this.#disjunction();
    this.expectSymbol(')');
    this.#brackets -= 1;
    if (inner.bracketed) throw this.redundant();
    return { ...inner, bracketed: true };
  }

  #predicateOrOperand(): Parsed {
    if (!this.isFunction()) return { kind: 'operand', operand: this.#operand(), bracketed: false };
    const name = this.next().text;
    if (name === 'size') return { kind: 'operand', operand: this.#size(), bracketed: false };
    const condition = this.#predicateFunction();
    if (this.#comparator() !== undefined) throw this.misused(name);
    return { kind: 'condition', condition, bracketed: false };
  }

  /** `undefined` where no comparator follows: the operand may then stand in parentheses only. */
  #comparison(left: Operand): Condition | undefined {
    const comparator = this.#comparator();
    if (comparator !== undefined) {
      this.operator();
      return this.#comparedBy(comparator, left, this.#operand());
    }
    if (this.isWord('between')) return this.#between(left);
    if (this.isWord('in')) return this.#in(left);
    return undefined;
  }

  #comparator(): Comparator | undefined {
    const { kind, text } = this.next();
    if (kind !== 'symbol' || !['=', '<>', '<', '<=', '>', '>='].includes(text)) return undefined;
    return text as Comparator;
  }

  #comparedBy(comparator: Comparator, left: Operand, right: Operand): Condition {
    this.#assertDistinct(comparator, left, [right]);
    if (comparator !== '=' && comparator !== '<>') this.#assertOrdered(comparator, [left, right]);
    return { kind: 'compare', comparator, left, right };
  }

  #between(operand: Operand): Condition {
    this.operator();
    const low = this.#operand();
    if (!this.isWord('and')) throw this.syntaxError();
    this.take();
    const high = this.#operand();
    this.#assertOrdered('BETWEEN', [operand, low, high]);
    this.#assertBounds(low, high);
    return { kind: 'between', operand, low, high };
  }

  #in(operand: Operand): Condition {
    this.operator();
    this.expectSymbol('(');
    const choices = this.separatedByCommas(() => this.#operand());
    this.expectSymbol(')');
    if (choices.length > CHOICES_MAX) {
      throw this.invalid(
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
        this.assertCount(name, operands, 1);
        return { kind: 'exists', path: this.#pathOf(name, first), expected: name === 'attribute_exists' };
      case 'attribute_type':
        this.assertCount(name, operands, 2);
        this.#assertDistinct(name, first, operands.slice(1));
        return { kind: 'type', operand: first, type: this.#typeName(operands[1] as Operand) };
      case 'begins_with':
        this.assertCount(name, operands, 2);
        this.#assertDistinct(name, first, operands.slice(1));
        this.#assertTypes(name, operands, ['S', 'B']);
        return { kind: 'beginsWith', operand: first, argument: operands[1] as Operand };
      default:
        this.assertCount(name, operands, 2);
        this.#assertDistinct(name, first, operands.slice(1));
        return { kind: 'contains', operand: first, argument: operands[1] as Operand };
    }
  }

  #call(): { name: string; operands: Operand[] } {
    const name = this.operator().text;
    if (UPDATE_FUNCTIONS.includes(name)) {
      throw this.invalid(`The function is not allowed in a condition expression; function: ${name}`);
    }
    if (!PREDICATES.includes(name) && name !== 'size') {
      throw this.invalid(`Invalid function name; function: ${name}`);
    }
    this.expectSymbol('(');
    const operands = this.separatedByCommas(() => this.#operand());
    this.expectSymbol(')');
    return { name, operands };
  }

  #size(): Operand {
    const { operands } = this.#call();
    this.assertCount('size', operands, 1);
    this.#assertTypes('size', operands, ['S', 'B', 'SS', 'NS', 'BS', 'L', 'M']);
    return { kind: 'size', of: operands[0] as Operand };
  }

  #operand(): Operand {
    if (this.isSymbol('(')) {
      this.take();
      const nested = this.isSymbol('(');
      const operand = this.#operand();
      this.expectSymbol(')');
      if (nested) throw this.redundant();
      return operand;
    }
    if (this.next().kind === 'value') return { kind: 'value', value: this.value() };
    if (!this.isFunction()) return { kind: 'path', path: this.path() };
    if (PREDICATES.includes(this.next().text)) throw this.misused(this.next().text);
    return this.#size();
  }

  #asCondition(parsed: Parsed): Condition {
    if (parsed.kind === 'condition') return parsed.condition;
    throw this.syntaxError();
  }

  #assertDistinct(operator: string, first: Operand, others: readonly Operand[]): void {
    if (first.kind !== 'path') return;
    const same = others.some(
      (other) => other.kind === 'path' && showPath(other.path) === showPath(first.path),
    );
    if (!same) return;
    throw this.invalid(
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
      if (type !== undefined && !exempt && !allowed.includes(type)) throw this.wrongType(operator, type);
    }
  }

  #assertBounds(low: Operand, high: Operand): void {
    if (low.kind !== 'value' || high.kind !== 'value') return;
    const shown = `lower bound operand: ${showValue(low.value)}, upper bound operand: ${showValue(high.value)}`;
    const order = compareValues(low.value, high.value);
    if (order === undefined) {
      throw this.invalid(`The BETWEEN operator requires same data type for lower and upper bounds; ${shown}`);
    }
    if (order > 0) {
      throw this.invalid(
        `The BETWEEN operator requires upper bound to be greater than or equal to lower bound; ${shown}`,
      );
    }
  }

  #pathOf(name: string, operand: Operand): Path {
    if (operand.kind !== 'path') throw this.pathNeeded(name);
    return operand.path;
  }

  #typeName(operand: Operand): ValueType {
    if (operand.kind !== 'value') throw this.invalid('The second operand of attribute_type must be a value');
    if (!('S' in operand.value)) throw this.wrongType('attribute_type', typeOf(operand.value));
    const type = VALUE_TYPES.find((known) => 'S' in operand.value && known === operand.value.S);
    if (type !== undefined) return type;
    throw this.invalid(
      `Invalid attribute type name found; type: ${operand.value.S}, valid types: {${VALUE_TYPES.join(',')}}`,
    );
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
