import { invalidRequest, unreadable } from './errors.ts';
import { type AttributeValue, readValue } from './values.ts';

/**
 * ExpressionAttributeNames and ExpressionAttributeValues of one request. Every placeholder must be used by one of
 * the request's expressions, so the parser notes each use here and the request asks at the end.
 */
export class Placeholders {
  readonly #names: ReadonlyMap<string, string>;
  readonly #values: ReadonlyMap<string, AttributeValue>;
  readonly #used = new Set<string>();

  constructor(names: Record<string, unknown> | undefined, values: Record<string, unknown> | undefined) {
    this.#names = readNames(names);
    this.#values = readValues(values);
  }

  /** `expression` is the name of the parameter that holds the expression; error messages begin with it. */
  name(placeholder: string, expression: string): string {
    this.#used.add(placeholder);
    const name = this.#names.get(placeholder);
    if (name !== undefined) return name;
    throw invalidRequest(
      `Invalid ${expression}: An expression attribute name used in the document path is not defined; attribute name: ${placeholder}`,
    );
  }

  value(placeholder: string, expression: string): AttributeValue {
    this.#used.add(placeholder);
    const value = this.#values.get(placeholder);
    if (value !== undefined) return value;
    throw invalidRequest(
      `Invalid ${expression}: An expression attribute value used in expression is not defined; attribute value: ${placeholder}`,
    );
  }

  /** Refuses placeholders that no expression used; `anyExpression` tells whether the request has one at all. */
  assertAllUsed(anyExpression: boolean): void {
    const kinds = [
      ['ExpressionAttributeNames', this.#names],
      ['ExpressionAttributeValues', this.#values],
    ] as const;
    for (const [parameter, map] of kinds) {
      const unused = [...map.keys()].filter((key) => !this.#used.has(key));
      if (unused.length === 0) continue;
      if (!anyExpression) throw invalidRequest(`${parameter} can only be specified when using expressions`);
      throw invalidRequest(
        `Value provided in ${parameter} unused in expressions: keys: {${unused.join(', ')}}`,
      );
    }
  }
}

const BYTES_MAX = 2 * 1024 * 1024;

function readNames(names: Record<string, unknown> | undefined): Map<string, string> {
  const parameter = 'ExpressionAttributeNames';
  return readMap(parameter, /^#[A-Za-z0-9_]+$/, names, (key, name) => {
    if (typeof name !== 'string') {
      throw unreadable(`${parameter} ${key} must be a string, not ${JSON.stringify(name)}`);
    }
    if (name === '') {
      throw invalidRequest(`${parameter} contains invalid value: Empty attribute name for key ${key}`);
    }
    return name;
  });
}

function readValues(values: Record<string, unknown> | undefined): Map<string, AttributeValue> {
  const parameter = 'ExpressionAttributeValues';
  if (values !== undefined && Buffer.byteLength(JSON.stringify(values)) > BYTES_MAX) {
    throw invalidRequest(`${parameter} exceeds the maximum size of ${BYTES_MAX} bytes`);
  }
  return readMap(parameter, /^:[A-Za-z0-9_]+$/, values, (key, value) => {
    try {
      return readValue(value);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw invalidRequest(`${parameter} contains invalid value: ${reason} for key ${key}`);
    }
  });
}

function readMap<T>(
  parameter: string,
  keyPattern: RegExp,
  input: Record<string, unknown> | undefined,
  read: (key: string, value: unknown) => T,
): Map<string, T> {
  const entries = Object.entries(input ?? {});
  if (input !== undefined && entries.length === 0) throw invalidRequest(`${parameter} must not be empty`);
  return new Map(
    entries.map(([key, value]) => {
      if (!keyPattern.test(key)) {
        throw invalidRequest(`${parameter} contains invalid key: Syntax error; key: "${key}"`);
      }
      return [key, read(key, value)];
    }),
  );
}
