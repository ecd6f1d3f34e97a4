/**
 * Reads a resource's properties and remembers which were read. Whoever interprets a resource must read each
 * property or declare why it has no effect here; `finish` fails for any that is left. That is how an addition
 * to the infrastructure is never silently ignored by the local run.
 */
import type { Json } from '../bus/pattern.ts';
import { StartFailure } from '../failure.ts';
import { isReference } from './references.ts';

export class PropertyReader {
  readonly #where: string;
  readonly #values: { readonly [name: string]: Json };
  readonly #seen = new Set<string>();
  readonly #children: PropertyReader[] = [];

  /** `where` names resource and type, and the path below them, in every message. */
  constructor(where: string, values: { readonly [name: string]: Json }) {
    this.#where = where;
    this.#values = values;
  }

  /** The value as it is, or undefined when the property is absent. */
  json(name: string): Json | undefined {
    this.#seen.add(name);
    return Object.hasOwn(this.#values, name) ? this.#values[name] : undefined;
  }

  has(name: string): boolean {
    return Object.hasOwn(this.#values, name);
  }

  text(name: string): string;
  text(name: string, fallback: string): string;
  text(name: string, fallback?: string): string {
    const value = this.json(name) ?? fallback;
    if (typeof value !== 'string') return this.#wrong(name, 'a string', value);
    return isReference(value) ? this.#wrong(name, 'no dynamic reference', value) : value;
  }

  /** A string that may be a dynamic reference, which whoever uses it follows (template/references.ts). */
  textOrReference(name: string): string {
    const value = this.json(name);
    return typeof value === 'string' ? value : this.#wrong(name, 'a string', value);
  }

  optionalText(name: string): string | undefined {
    return this.has(name) ? this.text(name) : undefined;
  }

  /** A number; CloudFormation takes numbers written as strings too. */
  number(name: string, fallback?: number): number {
    const value = this.json(name) ?? fallback;
    const number = typeof value === 'string' && value !== '' ? Number(value) : value;
    return typeof number === 'number' && Number.isFinite(number)
      ? number
      : this.#wrong(name, 'a number', value);
  }

  flag(name: string, fallback: boolean): boolean {
    const value = this.json(name) ?? fallback;
    if (value === true || value === 'true') return true;
    if (value === false || value === 'false') return false;
    return this.#wrong(name, 'true or false', value);
  }

  /** One of the values the local run can act on. */
  oneOf<const T extends string>(name: string, allowed: readonly T[], fallback?: T): T {
    const value = this.json(name) ?? fallback;
    const found = allowed.find((item) => item === value);
    return found ?? this.#wrong(name, allowed.map((item) => `"${item}"`).join(' or '), value);
  }

  texts(name: string): string[] {
    const value = this.json(name) ?? [];
    if (!Array.isArray(value) || !value.every((item) => typeof item === 'string')) {
      return this.#wrong(name, 'a list of strings', value);
    }
    return value;
  }

  /** A nested object, read in the same way; empty when absent. */
  object(name: string): PropertyReader {
    const value = this.json(name) ?? {};
    return isObject(value) ? this.#child(name, value) : this.#wrong(name, 'an object', value);
  }

  /** A list of nested objects; empty when absent. */
  objects(name: string): PropertyReader[] {
    const value = this.json(name) ?? [];
    if (!Array.isArray(value)) return this.#wrong(name, 'a list', value);
    return value.map((item, index) =>
      isObject(item) ? this.#child(`${name}[${index}]`, item) : this.#wrong(name, 'a list of objects', value),
    );
  }

  /** Every property of this object as a string, for objects whose names are free: variables, markers. */
  all(): { [name: string]: string } {
    return Object.fromEntries(
      Object.keys(this.#values).map((name) => {
        const value = this.json(name);
        const simple = value !== null && typeof value !== 'object' && !isReference(value);
        return [name, simple ? String(value) : this.#wrong(name, 'a string', value)];
      }),
    );
  }

  /** Declares properties that change nothing on one machine; `why` is for the reader of the code. */
  inert(why: string, ...names: string[]): this {
    if (why === '') throw new TypeError('A property without effect needs a reason.');
    for (const name of names) this.#seen.add(name);
    return this;
  }

  /** Fails with resource, type and property when one was neither read nor declared inert. */
  finish(): void {
    for (const name of Object.keys(this.#values)) {
      if (!this.#seen.has(name)) {
        throw new StartFailure(`${this.#where}: the property ${name} is not known to the local run.`);
      }
    }
    for (const child of this.#children) child.finish();
  }

  /** Refuses the resource for a reason that no single property's type shows. */
  fail(message: string): never {
    throw new StartFailure(`${this.#where}: ${message}`);
  }

  #child(name: string, values: { readonly [name: string]: Json }): PropertyReader {
    const child = new PropertyReader(`${this.#where}.${name}`, values);
    this.#children.push(child);
    return child;
  }

  #wrong(name: string, expected: string, value: unknown): never {
    const found = value === undefined ? 'nothing' : JSON.stringify(value);
    throw new StartFailure(`${this.#where}: ${name} must be ${expected} for the local run, found ${found}.`);
  }
}

function isObject(value: unknown): value is { [key: string]: Json } {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}
