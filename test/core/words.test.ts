/** What is wrong is said in words of ours, whatever is sent to whichever route. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { type ErrorCode, errors, fieldErrors, Problem } from '../../core/contract/errors.ts';
import { methodsOf, type Route, routes } from '../../core/contract/routes.ts';
import { programDocument } from '../../core/program.ts';
import { defaultProgram, runs } from '../support/world.ts';

const table = Object.entries(routes) as [string, Route][];
const schemas: [string, z.ZodType][] = [
  ...table.flatMap(([name, { params, query, body }]) =>
    Object.entries({ params, query, body }).flatMap(([place, schema]): [string, z.ZodType][] =>
      schema ? [[`${name} ${place}`, schema]] : [],
    ),
  ),
  ['the programme', programDocument],
];

/** What zod says of itself, and a reader of HTTP should never see. */
const raw = /Invalid|\bexpected\b|\breceived\b|Too (big|small)|Unrecognized|undefined|NaN|\[object/;

function messagesOf(schema: z.ZodType, value: unknown) {
  const parsed = schema.safeParse(value);
  return parsed.success ? [] : fieldErrors(parsed.error);
}

const named = fc.constantFrom(
  ...'id member memberId email phone birthday lines quantity amountMinor sku consents points reason type limit cursor status currency totalMinor occurredAt mode rewardId program backtest from to'.split(
    ' ',
  ),
);
const leaf = fc.oneof(
  fc.constantFrom(null, true, '', 'x', 'mem_1', '2026-13-01', 'a@', -1, 0, 1.5, 1e300, [], {}),
  fc.string({ maxLength: 3 }),
  fc.integer(),
);
const anything = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(named, tie('value'), { maxKeys: 5 }),
  ),
})).value;

describe('words for what is wrong', () => {
  it.each(schemas)('of %s are ours', (_name, schema) => {
    fc.assert(
      fc.property(fc.oneof(anything, fc.dictionary(named, anything)), (value) => {
        for (const { message, path } of messagesOf(schema, value)) {
          expect(message).not.toMatch(raw);
          expect(`${path} ${message}`).toMatch(/^\S* [a-z]/);
        }
      }),
      runs(60),
    );
  });

  it('of a programme are ours wherever one value in it is replaced', () => {
    const { version: _version, ...document } = defaultProgram();
    const places: string[][] = [];
    const walk = (value: unknown, at: string[]) => {
      if (at.length > 0) places.push(at);
      if (typeof value === 'object' && value !== null)
        for (const [key, inner] of Object.entries(value)) walk(inner, [...at, key]);
    };
    walk(document, []);
    fc.assert(
      fc.property(fc.constantFrom(...places), leaf, (place, value) => {
        const copy = structuredClone(document) as unknown as Record<string, unknown>;
        let inner = copy;
        for (const key of place.slice(0, -1)) inner = inner[key] as Record<string, unknown>;
        inner[place.at(-1) ?? ''] = value;
        for (const { message } of messagesOf(programDocument, copy)) expect(message).not.toMatch(raw);
      }),
      runs(400),
    );
  });

  it.each([
    ['a text for a number', z.int(), 'x', 'must be a number, not a text'],
    ['a fraction for a whole number', z.int(), 1.5, 'must be a whole number, not 1.5'],
    ['a number past what is exact', z.int(), 1e300, 'must be at most 9007199254740991'],
    ['nothing', z.string(), undefined, 'is missing: must be a text'],
    ['nothing for one of some', z.enum(['a', 'b']), undefined, 'is missing: must be one of a, b'],
    ['none of some', z.enum(['a', 'b']), 'c', 'must be one of a, b'],
    ['not the one', z.literal('a'), 'c', 'must be "a"'],
    ['too little', z.number().min(1), 0, 'must be at least 1'],
    ['not enough', z.number().positive(), 0, 'must be more than 0'],
    ['an empty text', z.string().min(1), '', 'must not be empty'],
    ['too many', z.array(z.int()).max(1), [1, 2], 'must have at most 1 item'],
    ['too long', z.string().max(2), 'abc', 'must have at most 2 characters'],
    ['no day', z.iso.date(), '2026-02-30', 'must be a day that exists, as 2026-11-30'],
    ['no address', z.url(), 'x', 'must be a whole address, as https://example.com'],
    ['no e-mail', z.email(), 'x', 'must be an e-mail address'],
    ['a pattern', z.string().regex(/^a$/), 'b', 'must match the pattern /^a$/'],
    ['no multiple', z.number().multipleOf(5), 3, 'must be a multiple of 5'],
    [
      'none of two forms',
      z.union([z.string(), z.int()]),
      true,
      'must be a text, not true, or must be a number, not true',
    ],
    [
      'no kind that is known',
      z.discriminatedUnion('type', [z.object({ type: z.literal('a') }), z.object({ type: z.literal('b') })]),
      { type: 'c' },
      'must be one of a, b',
    ],
    [
      'a wrong name',
      z.record(z.string().regex(/^a/, 'must begin with a'), z.int()),
      { b: 1 },
      'is not a name that is allowed here: must begin with a',
    ],
    ['a wrong item of a set', z.set(z.int()), new Set(['x']), 'must be a number, not a text'],
    ['what its own check refuses', z.int().refine(() => false), 1, 'is not allowed here'],
    ['a field too many', z.strictObject({}), { x: 1 }, 'unknown field'],
  ])('%s', (_what, schema, value, message) => {
    expect(messagesOf(schema as z.ZodType, value).map((one) => one.message)).toEqual([message]);
  });

  it('are said once of a field', () => {
    const schema = z.strictObject({ at: z.iso.datetime({ error: 'no' }).refine(() => false, 'no') });
    expect(messagesOf(schema, { at: 'x' })).toEqual([{ path: 'at', message: 'no' }]);
  });

  it('name fifty fields at most, each in a path of a length to be read', () => {
    const many = Object.fromEntries(Array.from({ length: 5_000 }, (_, at) => [`${at}${'x'.repeat(500)}`, 1]));
    const found = messagesOf(z.strictObject({}), many);
    expect(found).toHaveLength(50);
    for (const { path } of found) expect(path.length).toBeLessThan(210);
  });
});

describe('a problem', () => {
  it.each(Object.keys(errors) as ErrorCode[])('%s says more in its detail than in its title', (code) => {
    const { title, meaning, remedy } = errors[code];
    const { detail } = new Problem(code).body('request');
    expect(detail).toBe(meaning);
    for (const sentence of [meaning, remedy]) expect(sentence).toMatch(/^[A-Z`].{20,}\.$/s);
    expect(detail).not.toContain(title);
  });

  it('with wrong fields says the first of them, and how many more there are', () => {
    const fields = ['a', 'b', 'c'].map((path) => ({ path, message: 'must be less' }));
    const detail = (count: number) =>
      new Problem('invalid_request', undefined, fields.slice(0, count)).message;
    expect(detail(1)).toBe('a: must be less.');
    expect(detail(2)).toBe('a: must be less. 1 more of `errors` is wrong, too.');
    expect(detail(3)).toBe('a: must be less. 2 more of `errors` are wrong, too.');
  });
});

describe('the methods of a path', () => {
  it.each([
    ['/v1/purchases', ['POST']],
    ['/v1/members', ['GET', 'POST']],
    ['/v1/members/mem_x', ['DELETE', 'GET', 'PATCH']],
    ['/v1/purchases/batch', ['GET', 'POST']],
    ['/v1/members/', []],
    ['/v1/nothing', []],
    ['/v1/members/a/b/c', []],
  ])('%s', (path, methods) => {
    expect(methodsOf(path)).toEqual(methods);
  });
});
