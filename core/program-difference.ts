/**
 * The difference between two programmes, change by change. Tiers, campaigns, stamp cards and rewards are held
 * against each other by their ids, so their order says nothing; multipliers are compared by value. Every field
 * of the document is looked at, whether there are words of its own for it (core/difference-sentences.ts) or not.
 */

import { compare, decimal } from './decimal.ts';
import { sentence } from './difference-sentences.ts';
import { type Gift, giftOf } from './gifts.ts';
import { isByLanguage } from './localized.ts';
import { ownValue } from './own.ts';
import type { Program, ProgramDocument } from './program.ts';

export interface Change {
  /** Dotted; members of lists stand under their ids, as in `tiers.complice.threshold`. */
  readonly path: string;
  readonly kind: 'added' | 'removed' | 'changed';
  /** Null where there was nothing. */
  readonly before: unknown;
  /** Null where there is nothing any more. */
  readonly after: unknown;
  readonly text: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** Parts that are said in one sentence, whatever of them changes, by list and depth. */
const whole: readonly (readonly [string, number])[] = [
  ['currencies', 2],
  ['expiry', 1],
];
const wholeNames = ['minimumMinor'];

/** What changes from one programme to the other, in the order of the document. */
export function programDifference(before: ProgramDocument, after: ProgramDocument): Change[] {
  const changes = [...fieldChanges([], byIds(before), byIds(after)), ...firstCurrency(before, after)];
  return changes.map((change) => ({
    path: change.place.join('.'),
    kind: change.kind,
    before: change.before,
    after: change.after,
    text: sentence(change, before, after),
  }));
}

/** The order of currencies says nothing but which is the first, that minimums are in. */
function firstCurrency(before: ProgramDocument, after: ProgramDocument): PlacedChange[] {
  const [was, is] = [before, after].map(({ currencies }) => Object.keys(currencies)[0]);
  return was === is ? [] : [{ place: ['currencies'], kind: 'changed', before: was, after: is }];
}

/** The document with its lists as records: what has an id under it, categories and articles under themselves. */
function byIds(program: ProgramDocument): Fields {
  // Neither says anything of the programme; a version is there when one in force is given.
  const { $schema: _schema, version: _version, ...document } = program as ProgramDocument & Partial<Program>;
  const listed = (list: readonly { readonly id: string }[]) =>
    Object.fromEntries(list.map(({ id, ...rest }) => [id, rest]));
  const named = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, name]));
  const excluded = Object.entries(document.excluded ?? {});
  const { referral, ...gifts } = document.bonuses;
  return {
    ...document,
    excludedCategories: named(document.excludedCategories),
    excluded: Object.fromEntries(excluded.map(([kind, names]) => [kind, named(names ?? [])])),
    bonuses: {
      ...Object.fromEntries(Object.entries(gifts).map(([name, gift]) => [name, plainGift(gift)])),
      referral,
    },
    tiers: listed(document.tiers),
    campaigns: listed(document.campaigns),
    stamps: listed(document.stamps),
    rewards: listed(document.rewards),
  };
}

/** However it is written: points alone are a number, and none are not named. */
function plainGift(gift: Gift | undefined): unknown {
  if (gift === undefined) return undefined;
  const { points, reward } = giftOf(gift);
  if (reward === undefined) return points;
  return points === 0 ? { reward } : { points, reward };
}

/** A change before it is put in words, with the parts of its path: a category's name may hold dots. */
export type PlacedChange = Omit<Change, 'path' | 'text'> & { readonly place: readonly string[] };

function fieldChanges(place: readonly string[], before: Fields, after: Fields): PlacedChange[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
  // `null` says the same as a field that is not there.
  return names.flatMap((name) =>
    valueChanges([...place, name], ownValue(before, name) ?? null, ownValue(after, name) ?? null),
  );
}

function valueChanges(place: readonly string[], before: unknown, after: unknown): PlacedChange[] {
  if (same(before, after)) return [];
  // What is excluded is told one by one, also where nothing of its kind was.
  if (place[0] === 'excluded' && place.length === 2)
    return fieldChanges(place, (before ?? {}) as Fields, (after ?? {}) as Fields);
  if (before === null) return [{ place, kind: 'added', before, after }];
  if (after === null) return [{ place, kind: 'removed', before, after }];
  const isWhole =
    isByLanguage(before) ||
    isByLanguage(after) ||
    wholeNames.includes(place.at(-1) ?? '') ||
    isGift(place) ||
    whole.some(([list, depth]) => place[0] === list && place.length === depth);
  if (isRecord(before) && isRecord(after) && !isWhole) return fieldChanges(place, before, after);
  return [{ place, kind: 'changed', before, after }];
}

/** What a bonus gives is said in one sentence; a referral's has parts. */
function isGift([list, name, ...rest]: readonly string[]): boolean {
  return list === 'bonuses' && name !== undefined && name !== 'referral' && rest.length === 0;
}

function isRecord(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

const decimalPattern = /^\d{1,4}(\.\d{1,4})?$/;

function same(a: unknown, b: unknown): boolean {
  if (typeof a === 'string' && typeof b === 'string')
    return (
      a === b || (decimalPattern.test(a) && decimalPattern.test(b) && compare(decimal(a), decimal(b)) === 0)
    );
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((one, index) => same(one, b[index]));
  if (isRecord(a) && isRecord(b)) {
    const names = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...names].every((name) => same(ownValue(a, name) ?? null, ownValue(b, name) ?? null));
  }
  return a === b;
}
