/**
 * The stand-in knows the fields that Google's API has, no more and no fewer. google-types.json holds the names and types
 * of the interfaces that the npm package @googleapis/walletobjects 18.0.0 declares for v1, as far as they are looked into.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  type Fields,
  LOYALTY_CLASS,
  LOYALTY_OBJECT,
  MESSAGE,
  type Shape,
  violations,
} from '../../../local/standins/google-fields.ts';

const types = JSON.parse(readFileSync(join(import.meta.dirname, 'google-types.json'), 'utf8')) as Readonly<
  Record<string, Readonly<Record<string, string>>>
>;

/** What differs between a table of fields and an interface, by path. */
function differences(fields: Fields, name: string, path = name): string[] {
  const declared = types[name] ?? {};
  const names = new Set([...Object.keys(fields), ...Object.keys(declared)]);
  return [...names].flatMap((field) => {
    const [shape, type] = [fields[field], declared[field]];
    const at = `${path}.${field}`;
    if (shape === undefined) return [`${at} is not in the table`];
    return type === undefined ? [`${at} is not Google's`] : shapeDifferences(shape, type, at);
  });
}

function shapeDifferences(shape: Shape, type: string, at: string): string[] {
  if (typeof shape === 'string') {
    // An int64 is text in Google's JSON; an object may be left closed.
    const wanted = { string: 'string', boolean: 'boolean', integer: 'number', long: 'string', object: '' }[
      shape
    ];
    const fits = shape === 'object' ? /^[A-Z]/.test(type) : wanted === type;
    return fits ? [] : [`${at} is ${type}, not ${shape}`];
  }
  if ('list' in shape) {
    return type.endsWith('[]')
      ? shapeDifferences(shape.list, type.slice(0, -2), `${at}[]`)
      : [`${at} is no list`];
  }
  if ('fields' in shape) return differences(shape.fields, type, at);
  return type === ('number' in shape ? 'number' : 'string') ? [] : [`${at} is ${type}`];
}

describe('the fields that the stand-in knows', () => {
  it.each([
    ['LoyaltyClass', LOYALTY_CLASS],
    ['LoyaltyObject', LOYALTY_OBJECT],
    ['Message', MESSAGE],
  ])("of a %s are those of Google's own types", (name, fields) => {
    expect(Object.keys(types[name] ?? {}).length).toBeGreaterThan(5);
    expect(differences(fields, name)).toEqual([]);
  });

  it('are as many of a kind as Google takes', () => {
    const counts = { valueAddedModuleData: 15, merchantLocations: 10, messages: 10 };
    for (const [name, most] of Object.entries(counts)) {
      expect(violations({ [name]: Array(most).fill({}) }, LOYALTY_OBJECT)).toEqual([]);
      expect(violations({ [name]: Array(most + 1).fill({}) }, LOYALTY_OBJECT)).toMatchObject([
        { field: name },
      ]);
    }
  });
});
