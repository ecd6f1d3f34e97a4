import { invalidRequest } from './errors.ts';
import { type Path, relate, showPath } from './expressions.ts';
import type { Placeholders } from './placeholders.ts';
import { isReserved } from './reserved.ts';
import { type Token, tokenize } from './tokens.ts';
import type { AttributeValue, ValueType } from './values.ts';

const EXPRESSION_BYTES_MAX = 4096;
const OPERATORS_MAX = 300;

/** What the parsers of conditions, updates and projections share: tokens, paths, and DynamoDB's messages. */
export class Parser {
  readonly #text: string;
  readonly #placeholders: Placeholders;
  readonly #parameter: string;
  readonly #tokens: readonly Token[];
  readonly #keywords: readonly string[];
  #position = 0;
  #operators = 0;

  /**
   * `parameter` names the request's parameter, with which error messages begin; `keywords` are the words of the
   * grammar, which cannot stand where a name is expected.
   */
  constructor(text: string, placeholders: Placeholders, parameter: string, keywords: readonly string[] = []) {
    this.#text = text;
    this.#placeholders = placeholders;
    this.#parameter = parameter;
    this.#keywords = keywords;
    if (text === '') throw this.invalid('The expression can not be empty;');
    const bytes = Buffer.byteLength(text);
    if (bytes > EXPRESSION_BYTES_MAX) {
      throw this.invalid(`Expression size has exceeded the maximum allowed size; expression size: ${bytes}`);
    }
    this.#tokens = tokenize(text);
  }

  protected path(): Path {
    const parts: [string, ...(string | number)[]] = [this.#attributeName()];
    for (;;) {
      if (this.isSymbol('.')) {
        this.take();
        parts.push(this.#attributeName());
      } else if (this.isSymbol('[')) {
        this.take();
        parts.push(this.#listIndex());
      } else {
        return parts;
      }
    }
  }

  #attributeName(): string {
    const { kind, text } = this.next();
    if (kind === 'name') {
      this.take();
      return this.#placeholders.name(text, this.#parameter);
    }
    if (kind !== 'word' || this.#keywords.includes(text.toLowerCase())) throw this.syntaxError();
    this.take();
    if (isReserved(text)) {
      throw this.invalid(`Attribute name is a reserved keyword; reserved keyword: ${text}`);
    }
    return text;
  }

  #listIndex(): number {
    const { kind, text } = this.next();
    if (kind !== 'index') throw this.syntaxError();
    this.take();
    this.expectSymbol(']');
    const index = Number(text);
    if (index > 0x7fffffff) {
      throw this.invalid(`List index is not within the allowable range; index: [${text}]`);
    }
    return index;
  }

  protected value(): AttributeValue {
    return this.#placeholders.value(this.take().text, this.#parameter);
  }

  protected separatedByCommas<T>(parse: () => T): T[] {
    const parts = [parse()];
    while (this.isSymbol(',')) {
      this.take();
      parts.push(parse());
    }
    return parts;
  }

  protected assertCount(name: string, operands: readonly unknown[], count: number): void {
    if (operands.length === count) return;
    throw this.invalid(
      `Incorrect number of operands for operator or function; operator or function: ${name}, number of operands: ${operands.length}`,
    );
  }

  protected assertDisjoint(paths: readonly Path[]): void {
    for (const [index, one] of paths.entries()) {
      for (const two of paths.slice(index + 1)) {
        const relation = relate(one, two);
        if (relation === 'apart') continue;
        throw this.invalid(
          `Two document paths ${relation} with each other; must remove or rewrite one of these paths; path one: ${showPath(one)}, path two: ${showPath(two)}`,
        );
      }
    }
  }

  protected invalid(detail: string): Error {
    return invalidRequest(`Invalid ${this.#parameter}: ${detail}`);
  }

  protected redundant(): Error {
    return this.invalid('The expression has redundant parentheses;');
  }

  protected misused(name: string): Error {
    return this.invalid(
      `The function is not allowed to be used this way in an expression; function: ${name}`,
    );
  }

  protected pathNeeded(name: string): Error {
    return this.invalid(`Operator or function requires a document path; operator or function: ${name}`);
  }

  protected wrongType(operator: string, type: ValueType): Error {
    return this.invalid(
      `Incorrect operand type for operator or function; operator or function: ${operator}, operand type: ${type}`,
    );
  }

  /** `near` runs from the token before to the token after the offending one. */
  protected syntaxError(): Error {
    const token = this.next();
    const before = this.#tokens[this.#position - 1] ?? token;
    const after = this.#tokens[this.#position + 1] ?? token;
    const near = this.#text.slice(before === token ? 0 : before.start, after.end);
    return this.invalid(`Syntax error; token: "${token.text}", near: "${near.trimEnd() || near}"`);
  }

  protected next(): Token {
    return this.#tokens[this.#position] as Token;
  }

  protected take(): Token {
    const token = this.next();
    this.#position += 1;
    return token;
  }

  /** Takes an operator or a function's name, of which an expression may hold 300. */
  protected operator(): Token {
    this.#operators += 1;
    return this.take();
  }

  /** The next token and all after it. */
  protected ahead(): readonly Token[] {
    return this.#tokens.slice(this.#position);
  }

  protected isSymbol(text: string): boolean {
    const token = this.next();
    return token.kind === 'symbol' && token.text === text;
  }

  protected isWord(word: string): boolean {
    const token = this.next();
    return token.kind === 'word' && token.text.toLowerCase() === word;
  }

  protected isFunction(): boolean {
    const after = this.#tokens[this.#position + 1];
    return this.next().kind === 'word' && after?.kind === 'symbol' && after.text === '(';
  }

  protected expectSymbol(text: string): void {
    if (!this.isSymbol(text)) throw this.syntaxError();
    this.take();
  }

  protected expectEnd(): void {
    if (this.next().kind !== 'end') throw this.syntaxError();
    if (this.#operators > OPERATORS_MAX) {
      throw this.invalid(`The expression contains too many operators; operator count: ${this.#operators}`);
    }
  }
}
