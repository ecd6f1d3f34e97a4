import { invalidRequest, unreadable } from './errors.ts';

/**
 * Reading of request bodies against an explicit table of fields. A field that the table does not name is refused
 * by name: a parameter that were ignored here and obeyed on AWS would be a bug found in production.
 */
export interface Field<T> {
  readonly read: (input: unknown, where: string) => T;
  readonly required: boolean;
}

export type Fields = Readonly<Record<string, Field<unknown>>>;

type Required<F extends Fields> = { [K in keyof F as F[K] extends { required: true } ? K : never]: F[K] };
type Optional<F extends Fields> = { [K in keyof F as F[K] extends { required: true } ? never : K]: F[K] };
type Value<T> = T extends Field<infer V> ? V : never;

/** The typed request that a table of fields describes. */
export type Request<F extends Fields> = {
  readonly [K in keyof Required<F>]: Value<F[K & keyof F]>;
} & { readonly [K in keyof Optional<F>]?: Value<F[K & keyof F]> };

export type RequiredField<T> = Field<T> & { readonly required: true };
export type OptionalField<T> = Field<T> & { readonly required: false };

function field<T>(type: string, is: (input: unknown) => input is T): OptionalField<T> {
  return {
    required: false,
    read(input, where) {
      if (is(input)) return input;
      throw unreadable(`${where} must be ${type}, not ${JSON.stringify(input)?.slice(0, 200)}`);
    },
  };
}

export function required<T>(optional: OptionalField<T>): RequiredField<T> {
  return { ...optional, required: true };
}

export const text = field('a string', (input): input is string => typeof input === 'string');
export const flag = field('true or false', (input): input is boolean => typeof input === 'boolean');
export const integer = field('an integer', (input): input is number => Number.isSafeInteger(input));
export const record = field(
  'an object',
  (input): input is Record<string, unknown> =>
    typeof input === 'object' && input !== null && !Array.isArray(input),
);
export const list = field('an array', (input): input is unknown[] => Array.isArray(input));

/** A string out of a closed set. */
export function oneOf<const T extends string>(...values: readonly T[]): OptionalField<T> {
  return {
    required: false,
    read(input, where) {
      const value = values.find((allowed) => allowed === input);
      if (value !== undefined) return value;
      throw failedConstraint(input, where, `Member must satisfy enum value set: [${values.join(', ')}]`);
    },
  };
}

export function between(min: number, max: number): OptionalField<number> {
  return {
    required: false,
    read(input, where) {
      const value = integer.read(input, where);
      if (value < min) {
        throw failedConstraint(value, where, `Member must have value greater than or equal to ${min}`);
      }
      if (value > max) {
        throw failedConstraint(value, where, `Member must have value less than or equal to ${max}`);
      }
      return value;
    },
  };
}

/** An object with fields of its own. */
export function structure<F extends Fields>(fields: F): OptionalField<Request<F>> {
  return { required: false, read: (input, where) => readFields(fields, input, where) };
}

/** An array of `min` to `max` elements. */
export function listOf<T>(element: Field<T>, min: number, max: number): OptionalField<readonly T[]> {
  return {
    required: false,
    read(input, where) {
      const elements = list.read(input, where);
      if (elements.length < min) {
        throw failedConstraint([], where, `Member must have length greater than or equal to ${min}`);
      }
      if (elements.length > max) {
        throw failedConstraint('[…]', where, `Member must have length less than or equal to ${max}`);
      }
      return elements.map((entry, index) => element.read(entry, `${where}.${index + 1}.member`));
    },
  };
}

/** Reads a request's body. `where` names the operation or the structure in error messages. */
export function readFields<F extends Fields>(fields: F, body: unknown, where: string): Request<F> {
  const input = record.read(body, where);
  const request: Record<string, unknown> = {};
  for (const name of Object.keys(input)) {
    if (!Object.hasOwn(fields, name)) {
      throw invalidRequest(
        `${where}: the parameter ${name} is not supported; supported are ${Object.keys(fields).join(', ')}`,
      );
    }
  }
  for (const [name, { read, required: isRequired }] of Object.entries(fields)) {
    const value = input[name] ?? undefined;
    const place = /^[a-z]/.test(where) ? `${where}.${lowerFirst(name)}` : lowerFirst(name);
    if (value !== undefined) request[name] = read(value, place);
    else if (isRequired) throw failedConstraint(null, place, 'Member must not be null');
  }
  return request as Request<F>;
}

export function failedConstraint(value: unknown, where: string, constraint: string): Error {
  const shown = value === null ? 'null' : `'${String(value)}'`;
  return invalidRequest(
    `1 validation error detected: Value ${shown} at '${where}' failed to satisfy constraint: ${constraint}`,
  );
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
