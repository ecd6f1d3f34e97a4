/** zod schemas as JSON Schema, with the named ones (`meta({ id })`) apart. */
import * as z from 'zod';

export type JsonSchema = { [key: string]: unknown };

export interface Converted {
  readonly schema: JsonSchema;
  /** The named schemas that it refers to as `#/$defs/<id>`. */
  readonly named: Readonly<Record<string, JsonSchema>>;
}

/** @param io `input` for what may be sent, `output` for what is answered */
export function convert(schema: z.ZodType, io: 'input' | 'output'): Converted {
  // As a part of something else a named schema becomes a reference too, where the root itself would not.
  const { properties, $defs } = z.toJSONSchema(z.object({ it: schema }), { io });
  return {
    schema: (properties?.['it'] ?? {}) as JsonSchema,
    named: ($defs ?? {}) as Record<string, JsonSchema>,
  };
}

/** A copy with its references pointing to `base` in place of `#/$defs/`. */
export function rebase(schema: JsonSchema, base: string): JsonSchema {
  const text = JSON.stringify(schema, (key, value: unknown) =>
    key === '$ref' && typeof value === 'string' ? value.replace('#/$defs/', base) : value,
  );
  return JSON.parse(text) as JsonSchema;
}

/** The same keys in alphabetical order. */
export function sorted<T>(record: Readonly<Record<string, T>>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).sort(([a], [b]) => (a < b ? -1 : 1)));
}
