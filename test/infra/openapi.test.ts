/** Scope: the documents that are generated from the contract's tables. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import * as z from 'zod';
import { errors } from '../../core/contract/errors.ts';
import { type EventName, events } from '../../core/contract/events.ts';
import { type Route, routes } from '../../core/contract/routes.ts';
import { differences, jsonText } from '../../tools/generated.ts';
import { openapi } from '../../tools/openapi.ts';
import { eventSchema } from '../../tools/schemas.ts';

interface Operation {
  readonly operationId: string;
  readonly security: readonly Record<string, never[]>[];
  readonly parameters?: readonly { name: string; in: string; required: boolean }[];
  readonly requestBody?: { required: boolean; content: { 'application/json': { schema: object } } };
  readonly responses: Readonly<Record<string, { content?: Record<string, object>; 'x-retry'?: object }>>;
}

const document = openapi();
const operations = document.paths as Record<string, Record<string, Operation>>;
const operationOf = ({ path, method }: Route) => operations[path]?.[method.toLowerCase()];
const table = Object.entries(routes) as [string, Route][];

/** Every `$ref` in a value. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const own = '$ref' in value && typeof value.$ref === 'string' ? [value.$ref] : [];
  return [...own, ...Object.values(value).flatMap(references)];
}

describe('the OpenAPI document', () => {
  it('has one operation for each route and no other', () => {
    const ids = Object.values(operations).flatMap((path) =>
      Object.values(path).map((one) => one.operationId),
    );
    expect(ids.sort()).toEqual(Object.keys(routes).sort());
    for (const [name, route] of table) expect(operationOf(route)?.operationId).toBe(name);
  });

  it.each(table)('%s names every parameter of its path as needed', (_name, route) => {
    const inPath = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    const named = operationOf(route)?.parameters?.filter((one) => one.in === 'path') ?? [];
    expect(named.map(({ name }) => name).sort()).toEqual(inPath.sort());
    expect(named.every(({ required }) => required)).toBe(true);
  });

  it.each(table.filter(([, { idempotent }]) => idempotent))(
    '%s may be repeated when its answer has gone with whom it was about',
    (_name, route) => {
      const { responses = {} } = operationOf(route) ?? {};
      expect(responses[404]?.['x-retry']).toHaveProperty('not_found');
      expect(responses[422]?.['x-retry']).toHaveProperty('idempotency_mismatch');
    },
  );

  it.each(table)(
    '%s has its answers, and each of its errors with whether a retry can help',
    (_name, route) => {
      const { responses = {} } = operationOf(route) ?? {};
      for (const status of Object.keys(route.answers)) expect(responses).toHaveProperty(status);
      for (const code of [...route.errors, 'internal' as const])
        expect(responses[errors[code].status]?.['x-retry']).toHaveProperty(code, errors[code].retry);
    },
  );

  it.each(table)(
    '%s says what is refused: no key, the wrong key, a wrong path, a wrong request, a large body',
    (_name, route) => {
      const statuses = Object.keys(operationOf(route)?.responses ?? {});
      const keyed = route.who.some((role) => role === 'channel' || role === 'ops');
      // Google and Samsung have no key of ours: what they sign is checked by the function.
      const signed = route.errors.includes('unauthorized');
      expect(statuses.includes('401')).toBe(keyed || route.who.includes('device') || signed);
      expect(statuses.includes('403')).toBe(keyed);
      expect(statuses.includes('413')).toBe(route.body !== undefined || route.bytesMax !== undefined);
      const mayBeGone = route.params !== undefined || route.idempotent !== undefined;
      expect(statuses.includes('404')).toBe(mayBeGone || route.errors.includes('not_found'));
      expect(statuses.includes('400')).toBe(Boolean(route.query ?? route.body ?? route.idempotent));
    },
  );

  it('asks for a key where a key is needed, and for none where the card or nobody is', () => {
    expect(operationOf(routes.recordPurchase)?.security).toEqual([{ bearerKey: [] }]);
    expect(operationOf(routes.getPass)?.security).toEqual([{ applePass: [] }]);
    expect(operationOf(routes.getCard)?.security).toEqual([]);
    expect(operationOf(routes.join)?.security).toEqual([]);
  });

  it('refers only to what it holds, and holds nothing that is not referred to', () => {
    const held = Object.keys(document.components.schemas).map((id) => `#/components/schemas/${id}`);
    expect([...new Set(references(document))].sort()).toEqual(held.sort());
  });

  it('says what is sent by its named schema', () => {
    const body = operationOf(routes.recordPurchase)?.requestBody?.content['application/json'].schema;
    expect(body).toEqual({ $ref: '#/components/schemas/Purchase' });
    expect(document.components.schemas['Purchase']).toMatchObject({
      additionalProperties: false,
      required: ['id', 'occurredAt', 'currency', 'lines', 'totalMinor'],
    });
  });

  it('describes each operation beyond its summary, and each group of them', () => {
    const all = Object.values(operations).flatMap((path) => Object.values(path)) as unknown as {
      summary: string;
      description: string;
      tags: string[];
    }[];
    for (const { summary, description } of all) {
      expect(description.startsWith(`${summary}. For `)).toBe(true);
      expect(description.length).toBeGreaterThan(summary.length + 10);
    }
    const described = new Map(document.tags.map((tag) => [tag.name, tag.description]));
    for (const tag of new Set(all.flatMap(({ tags }) => tags)))
      expect([tag, described.get(tag)]).toEqual([
        tag,
        expect.stringMatching(/^(?!What is called)[A-Z].*\.$/),
      ]);
  });

  it('describes each field and each parameter', () => {
    const bare: string[] = [];
    const walk = (value: unknown, at: string) => {
      if (typeof value !== 'object' || value === null) return;
      const { properties, parameters } = value as {
        properties?: Record<string, { description?: string }>;
        parameters?: readonly { name: string; description?: string }[];
      };
      for (const [name, one] of Object.entries(properties ?? {}))
        if (!one.description) bare.push(`${at}.${name}`);
      for (const one of parameters ?? []) if (!one.description) bare.push(`${at} ${one.name}`);
      // What is called "properties" within them is a field of ours, and not a schema's.
      for (const [key, inner] of Object.entries(value)) walk(inner, `${at}/${key}`);
    };
    walk(document.paths, '');
    walk(document.components.schemas, '');
    expect(bare).toEqual([]);
  });

  it('has the programme by its own schema, wherever one is sent or answered', () => {
    const own = document.components.schemas['Program'] as { properties: object };
    expect(Object.keys(own.properties)).toEqual(expect.arrayContaining(['tiers', 'currencies', 'rewards']));
    const reference = { $ref: '#/components/schemas/Program' };
    const bodyOf = (route: Route) =>
      operationOf(route)?.requestBody?.content['application/json'].schema as unknown;
    expect(bodyOf(routes.putProgram)).toEqual(reference);
    expect(operationOf(routes.putProgram)?.requestBody?.required).toBe(true);
    expect(bodyOf(routes.planProgram)).toMatchObject({ properties: { program: reference } });
    for (const route of [routes.getProgram, routes.getProgramVersion])
      expect(operationOf(route)?.responses['200']?.content?.['application/json']).toMatchObject({
        schema: { properties: { program: reference } },
      });
  });

  it('is refused when one name would stand for two schemas', () => {
    const answer = z.strictObject({ one: z.string() }).meta({ id: 'Twice' });
    const body = z.strictObject({ two: z.string() }).meta({ id: 'Twice' });
    const route: Route = { ...routes.join, body, answers: { 200: answer } };
    expect(() => openapi({ twice: route })).toThrow(/Twice/);
  });
});

describe('the schemas of events', () => {
  it.each(Object.keys(events) as EventName[])('%s allows its sources and its own name only', (name) => {
    const schema = eventSchema(name);
    expect(schema.properties['detail-type']).toEqual({ const: name });
    expect(schema.properties.source).toEqual({ enum: events[name].sources });
    expect(schema.required).toContain('detail');
  });

  it.each(Object.keys(events) as EventName[])('%s carries every definition that it refers to', (name) => {
    const schema = eventSchema(name);
    const held = Object.keys(schema.$defs ?? {}).map((id) => `#/$defs/${id}`);
    expect([...new Set(references(schema))].sort()).toEqual(held.sort());
  });
});

describe('the check of generated files', () => {
  const folder = mkdtempSync(join(tmpdir(), 'philia-generated-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'one.json');

  it('is silent about a file that is as it would be written', async () => {
    writeFileSync(path, jsonText({ a: 1 }));
    expect(await differences({ [path]: jsonText({ a: 1 }) })).toEqual([]);
  });

  it('names the file and the line that differ', async () => {
    writeFileSync(path, jsonText({ a: 1 }));
    expect(await differences({ [path]: jsonText({ a: 2 }) })).toEqual([
      expect.stringMatching(/one\.json differs at line 2: is .*1.*, would be .*2/),
    ]);
  });

  it('sees a line too many at the end', async () => {
    writeFileSync(path, `${jsonText({ a: 1 })}more\n`);
    expect(await differences({ [path]: jsonText({ a: 1 }) })).toHaveLength(1);
  });

  it('names what is missing and what is left over', async () => {
    writeFileSync(path, jsonText({ a: 1 }));
    const gone = join(folder, 'gone.json');
    expect(await differences({ [path]: null, [gone]: '{}' })).toEqual([
      expect.stringContaining('one.json belongs to nothing'),
      expect.stringContaining('gone.json is missing'),
    ]);
  });
});
