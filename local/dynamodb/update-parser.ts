import type { Path, SetValue, Update } from './expressions.ts';
import { Parser } from './parser.ts';
import type { Placeholders } from './placeholders.ts';
import { type AttributeValue, typeOf } from './values.ts';

/** Parses an UpdateExpression, with the checks that need no item: operand types and overlapping paths. */
export function parseUpdate(text: string, placeholders: Placeholders): Update {
  return new UpdateParser(text, placeholders, 'UpdateExpression', SECTIONS).update();
}

const SECTIONS = ['set', 'remove', 'add', 'delete'];
const FUNCTIONS = ['if_not_exists', 'list_append'];
const CONDITION_FUNCTIONS = [
  'attribute_exists',
  'attribute_not_exists',
  'attribute_type',
  'begins_with',
  'contains',
  'size',
];

class UpdateParser extends Parser {
  update(): Update {
    const update = {
      set: [] as Update['set'],
      remove: [] as Update['remove'],
      add: [] as Update['add'],
      delete: [] as Update['delete'],
    };
    const seen = new Set<string>();
    do {
      const section = this.#sectionWord(seen);
      if (section === 'set') update.set = this.separatedByCommas(() => this.#assignment());
      else if (section === 'remove') update.remove = this.separatedByCommas(() => this.path());
      else update[section] = this.separatedByCommas(() => this.#setChange(section));
    } while (this.next().kind !== 'end');
    this.expectEnd();
    const assigned = [...update.set, ...update.add, ...update.delete].map((action) => action.path);
    this.assertDisjoint([...assigned, ...update.remove]);
    return update;
  }

  #sectionWord(seen: Set<string>): 'set' | 'remove' | 'add' | 'delete' {
    const word = this.next().text.toLowerCase();
    if (!SECTIONS.includes(word)) throw this.syntaxError();
    this.take();
    if (seen.has(word)) {
      throw this.invalid(
        `The "${word.toUpperCase()}" section can only be used once in an update expression;`,
      );
    }
    seen.add(word);
    return word as 'set' | 'remove' | 'add' | 'delete';
  }

  #assignment(): { path: Path; value: SetValue } {
    const path = this.path();
    this.expectSymbol('=');
    return { path, value: this.#arithmetic() };
  }

  #arithmetic(): SetValue {
    if (this.isSymbol('(') && this.#bracketHoldsArithmetic()) {
      this.take();
      if (this.isSymbol('(') && this.#bracketHoldsArithmetic()) {
        throw this.redundant();
      }
      const value = this.#arithmetic();
      this.expectSymbol(')');
      return value;
    }
    const left = this.#setOperand();
    const symbol = this.next().text;
    if (!this.isSymbol('+') && !this.isSymbol('-')) return left;
    this.take();
    const right = this.#setOperand();
    this.#assertAddends(symbol, [left, right]);
    return { kind: symbol === '+' ? 'plus' : 'minus', left, right };
  }

  /** `(a + b)` and `(a) + b` begin alike; the sign before the closing parenthesis tells them apart. */
  #bracketHoldsArithmetic(): boolean {
    let depth = 0;
    for (const { kind, text } of this.ahead()) {
      if (kind !== 'symbol') continue;
      if (text === '(') depth += 1;
      if (text === ')') depth -= 1;
      if (depth === 0) return false;
      if (text === '+' || text === '-') return true;
    }
    return false;
  }

  #setOperand(): SetValue {
    if (this.isSymbol('(')) {
      this.take();
      const nested = this.isSymbol('(');
      const value = this.#setOperand();
      this.expectSymbol(')');
      if (nested) throw this.redundant();
      return value;
    }
    if (this.next().kind === 'value') return { kind: 'value', value: this.value() };
    if (this.isFunction()) return this.#updateFunction();
    return { kind: 'path', path: this.path() };
  }

  #updateFunction(): SetValue {
    const name = this.operator().text;
    if (CONDITION_FUNCTIONS.includes(name)) {
      throw this.invalid(`The function is not allowed in an update expression; function: ${name}`);
    }
    if (!FUNCTIONS.includes(name)) throw this.invalid(`Invalid function name; function: ${name}`);
    this.expectSymbol('(');
    const operands = this.separatedByCommas(() => this.#setOperand());
    this.expectSymbol(')');
    this.assertCount(name, operands, 2);
    const [first, second] = operands as [SetValue, SetValue];
    if (second.kind === 'append' || first.kind === 'append') throw this.misused('list_append');
    if (name === 'list_append') return this.#append(first, second);
    if (first.kind !== 'path') throw this.pathNeeded(name);
    return { kind: 'ifNotExists', path: first.path, otherwise: second };
  }

  #append(first: SetValue, second: SetValue): SetValue {
    for (const operand of [first, second]) {
      if (operand.kind === 'value' && !('L' in operand.value)) {
        throw this.wrongType('list_append', typeOf(operand.value));
      }
    }
    return { kind: 'append', first, second };
  }

  #assertAddends(symbol: string, operands: readonly SetValue[]): void {
    for (const operand of operands) {
      if (operand.kind === 'append') throw this.misused('list_append');
      if (operand.kind === 'value' && !('N' in operand.value)) {
        throw this.wrongType(symbol, typeOf(operand.value));
      }
    }
  }

  #setChange(section: 'add' | 'delete'): { path: Path; value: AttributeValue } {
    const path = this.path();
    if (this.next().kind !== 'value') throw this.syntaxError();
    const value = this.value();
    const allowed = section === 'add' ? ['N', 'SS', 'NS', 'BS'] : ['SS', 'NS', 'BS'];
    if (!allowed.includes(typeOf(value))) {
      const operator = section.toUpperCase();
      throw this.invalid(
        `Incorrect operand type for operator or function; operator: ${operator}, operand type: ${typeOf(value)}, typeSet: ALLOWED_FOR_${operator}_OPERAND`,
      );
    }
    return { path, value };
  }
}
