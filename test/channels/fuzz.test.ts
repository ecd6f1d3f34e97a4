/** Whatever a shop sends is told, nothing, or unreadable: nothing is thrown, and what is told fits the ledger. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Reading } from '../../channels/adapter.ts';
import { adapters } from '../../channels/adapters.ts';
import { often, runs } from '../support/world.ts';
import { deliveryOf, readingOf, refused, shops, type Vector, vectorsOf } from './vectors.ts';

/** What may stand where something else was expected. */
const junk = fc.oneof(
  fc.constantFrom(
    null,
    '',
    '0',
    '-1',
    '1e9',
    'NaN',
    '99999999999999999999',
    '\0',
    '\ud800',
    1e21,
    -0.5,
    0,
    -1,
  ),
  fc.constantFrom(
    [],
    {},
    [null],
    [[]],
    [{}],
    true,
    false,
    '2026-13-45T99:99:99Z',
    '__proto__',
    'x'.repeat(999),
  ),
  fc.jsonValue({ maxDepth: 2 }),
);

type Place = { readonly holder: Record<string, unknown>; readonly key: string };

function placesOf(value: unknown): Place[] {
  if (typeof value !== 'object' || value === null) return [];
  const holder = value as Record<string, unknown>;
  return Object.keys(holder).flatMap((key) => [{ holder, key }, ...placesOf(holder[key])]);
}

/** A change of JSON: at one of its places something is other, missing or there twice. */
const change = fc.record({ place: fc.nat(), what: fc.constantFrom('put', 'drop', 'double'), value: junk });

function changed(
  json: unknown,
  changes: readonly { place: number; what: string; value: unknown }[],
): unknown {
  const copy: unknown = structuredClone(json);
  for (const { place, what, value } of changes) {
    const places = placesOf(copy);
    const at = places[place % Math.max(1, places.length)];
    if (!at) return value;
    if (what === 'put') at.holder[at.key] = structuredClone(value);
    else if (what === 'drop') delete at.holder[at.key];
    else at.holder[at.key] = [at.holder[at.key], at.holder[at.key]];
  }
  return copy;
}

/** Lists have no holes in JSON. */
const asJson = (value: unknown): unknown => JSON.parse(JSON.stringify(value ?? null));

const some = fc.record({
  vector: fc.nat(),
  changes: fc.array(change, { minLength: 1, maxLength: 4 }),
  /** A body that ends or breaks somewhere: where, and by which byte. */
  broken: fc.option(fc.tuple(fc.nat(), fc.option(fc.nat(255))), { freq: 4 }),
});

describe.each(shops)('%s', (shop) => {
  const vectors = vectorsOf(shop);

  it('reads 10,000 bodies and answers that nobody wrote', { timeout: 600_000 }, () => {
    const seen = { told: 0, nothing: 0, unreadable: 0 };
    fc.assert(
      fc.property(some, ({ vector, changes, broken }) => {
        const one = vectors[vector % vectors.length] as Vector;
        const read: Reading = one.answers
          ? readingOf(shop, { ...one, answers: [asJson(changed(one.answers, changes))].flat() })
          : readBody(one, changed(one.body ?? one.text, changes), broken);
        seen[read.type] += 1;
        if (read.type === 'told') for (const told of read.told) expect(refused(told)).toBeUndefined();
      }),
      runs(10_000),
    );
    expect(Math.min(seen.told, seen.unreadable)).toBeGreaterThan(often(100));
  });

  function readBody(one: Vector, json: unknown, broken: [number, number | null] | null): Reading {
    const { body, ...rest } = deliveryOf({ ...one, text: JSON.stringify(json) ?? '' });
    const bytes = Buffer.from(body);
    if (broken && bytes.length > 0) {
      const at = broken[0] % bytes.length;
      if (broken[1] !== null) bytes[at] = broken[1];
      return adapters[shop].read(
        { ...rest, body: broken[1] === null ? bytes.subarray(0, at) : bytes },
        one.settings ?? {},
      );
    }
    return adapters[shop].read({ ...rest, body: bytes }, one.settings ?? {});
  }
});
