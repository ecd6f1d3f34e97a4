/** Each operation of the OpenAPI document has an example, and each example is what the route's own schemas take. */
import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { type Route, type RouteName, routes } from '../../core/contract/routes.ts';
import { programDocument } from '../../core/program.ts';
import { exampleOf, examples } from '../../tools/api-examples.ts';
import { openapi } from '../../tools/openapi.ts';
import { promisedJson } from '../support/promised.ts';

const names = Object.keys(routes) as RouteName[];

/** What a schema finds wrong with a value: nothing, where there is neither. */
function faults(schema: z.ZodType | undefined, value: unknown): unknown {
  if (!schema) return value;
  return schema.safeParse(value).error?.issues;
}

describe('the example of', () => {
  it.each(names)('%s is there whole: its path, its body and its first success', (name) => {
    const route: Route = routes[name];
    const example = exampleOf(name);
    expect(example).toBeDefined();
    const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, one]) => one);
    expect(Object.keys(example?.params ?? {}).sort()).toEqual(inPath.sort());
    expect(example?.body !== undefined).toBe(route.body !== undefined);
    const firstInJson = Object.keys(route.answers).find((status) => promisedJson(route, Number(status)));
    if (firstInJson && route.method !== 'HEAD') expect(String(example?.status)).toBe(firstInJson);
  });

  it.each(examples.map((example, at) => [example.operation, at, example] as const))(
    '%s (step %i) is what its route takes and answers',
    (name, _at, { params, query, body, status, answer }) => {
      const route: Route = routes[name];
      expect(faults(route.params, params)).toBeUndefined();
      expect(faults(route.query, query ?? (route.query && {}))).toBeUndefined();
      expect(faults(route.body, body)).toBeUndefined();
      expect(route.answers).toHaveProperty(String(status));
      expect(faults(promisedJson(route, status), answer)).toBeUndefined();
    },
  );

  it('a programme is a programme', () => {
    for (const { body, answer } of examples)
      for (const one of [body, answer] as ({ program?: object } | undefined)[])
        if (one?.program) expect(faults(programDocument, one.program)).toBeUndefined();
    expect(faults(programDocument, exampleOf('putProgram')?.body)).toBeUndefined();
  });
});

it('shows them in the document: each body, each answer in JSON and the path', () => {
  const paths = openapi().paths as Record<string, Record<string, object>>;
  for (const name of names) {
    const { path, method }: Route = routes[name];
    const { params = {}, body, status, answer } = exampleOf(name) ?? {};
    const shown = paths[path]?.[method.toLowerCase()];
    if (body !== undefined)
      expect(shown).toHaveProperty(['requestBody', 'content', 'application/json', 'example'], body);
    if (answer !== undefined)
      expect(shown).toHaveProperty(
        ['responses', String(status), 'content', 'application/json', 'example'],
        answer,
      );
    const { parameters = [] } = shown as { parameters?: { name: string; in: string; example?: unknown }[] };
    for (const one of parameters.filter((parameter) => parameter.in === 'path'))
      expect(one.example).toEqual(params[one.name]);
  }
});
