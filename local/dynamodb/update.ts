import { DynamoDbError, invalidItem } from './errors.ts';
import { memberOf, valueAt } from './evaluate.ts';
import type { Path, SetValue, Update } from './expressions.ts';
import { addNumbers, subtractNumbers } from './numbers.ts';
import {
  type AttributeValue,
  attribute,
  copyItem,
  type Item,
  isEmptySet,
  type MutableItem,
  subtractSets,
  uniteSets,
} from './values.ts';

/**
 * Applies an update expression. Every operand is read from the item as it was before the update; then the values
 * are written, and removals come last, so list positions always mean positions in the old item.
 */
export function applyUpdate(update: Update, item: Item): Item {
  const writes = [
    ...update.set.map(({ path, value }) => ({ path, value: computed(value, item) })),
    ...update.add.map(({ path, value }) => ({ path, value: added(valueAt(path, item), value) })),
  ];
  const deletions = update.delete.map(({ path, value }) => ({ path, value: taken(path, value, item) }));
  const removals = [...update.remove, ...deletions.filter((d) => d.value === 'nothing').map((d) => d.path)];
  let result = copyItem(item);
  for (const { path, value } of writes.sort(byListPosition)) result = written(result, path, value);
  for (const { path, value } of deletions) {
    if (typeof value === 'object') result = written(result, path, value);
  }
  for (const path of removals.sort((a, b) => byListPosition({ path: b }, { path: a }))) {
    result = removed(result, path);
  }
  return result;
}

/** Appends beyond a list's end happen in the order of the positions asked for; removals in the opposite one. */
function byListPosition(a: { path: Path }, b: { path: Path }): number {
  return lastPosition(a.path) - lastPosition(b.path);
}

function lastPosition(path: Path): number {
  const last = path.at(-1);
  return typeof last === 'number' ? last : -1;
}

function computed(value: SetValue, item: Item): AttributeValue {
  switch (value.kind) {
    case 'value':
      return value.value;
    case 'path':
      return existing(valueAt(value.path, item));
    case 'ifNotExists':
      return valueAt(value.path, item) ?? computed(value.otherwise, item);
    case 'append':
      return { L: [...listOf(computed(value.first, item)), ...listOf(computed(value.second, item))] };
    case 'plus':
      return { N: inRange(addNumbers, computed(value.left, item), computed(value.right, item)) };
    case 'minus':
      return { N: inRange(subtractNumbers, computed(value.left, item), computed(value.right, item)) };
  }
}

function existing(value: AttributeValue | undefined): AttributeValue {
  if (value !== undefined) return value;
  throw invalidItem('The provided expression refers to an attribute that does not exist in the item');
}

function listOf(value: AttributeValue): readonly AttributeValue[] {
  if ('L' in value) return value.L;
  throw wrongType();
}

/** Whether a sum overflows depends on the stored item, so the refusal belongs to the item. */
function inRange(
  operation: (left: string, right: string) => string,
  left: AttributeValue,
  right: AttributeValue,
): string {
  if (!('N' in left && 'N' in right)) throw wrongType();
  try {
    return operation(left.N, right.N);
  } catch (error) {
    if (error instanceof DynamoDbError) throw invalidItem(error.message);
    throw error;
  }
}

function added(old: AttributeValue | undefined, value: AttributeValue): AttributeValue {
  if (old === undefined) return value;
  if ('N' in value) return { N: inRange(addNumbers, old, value) };
  const union = uniteSets(old, value);
  if (union === undefined) throw wrongType();
  return union;
}

/** The set without the elements; `nothing` where none is left, `unchanged` where there is no set. */
function taken(path: Path, value: AttributeValue, item: Item): AttributeValue | 'nothing' | 'unchanged' {
  const old = valueAt(path, item);
  if (old === undefined) {
    assertReachable(path, item);
    return 'unchanged';
  }
  const rest = subtractSets(old, value);
  if (rest === undefined) throw wrongType();
  return isEmptySet(rest) ? 'nothing' : rest;
}

function wrongType(): DynamoDbError {
  return invalidItem('An operand in the update expression has an incorrect data type');
}

function badPath(): DynamoDbError {
  return invalidItem('The document path provided in the update expression is invalid for update');
}

function assertReachable(path: Path, item: Item): void {
  const [name, ...rest] = path;
  if (rest.length > 0) {
    const parent = valueAt([name, ...rest.slice(0, -1)], item);
    assertHolds(parent, rest.at(-1) as string | number);
  }
}

function assertHolds(parent: AttributeValue | undefined, part: string | number): asserts parent {
  const fits = parent !== undefined && (typeof part === 'number' ? 'L' in parent : 'M' in parent);
  if (!fits) throw badPath();
}

function written(item: Item, [name, ...rest]: Path, value: AttributeValue): MutableItem {
  const result = copyItem(item);
  result[name] = rest.length === 0 ? value : writtenInto(attribute(item, name), rest, value);
  return result;
}

function writtenInto(
  parent: AttributeValue | undefined,
  [part, ...rest]: readonly (string | number)[],
  value: AttributeValue,
): AttributeValue {
  if (part === undefined) return value;
  assertHolds(parent, part);
  const member = rest.length === 0 ? value : writtenInto(memberOf(parent, part), rest, value);
  if ('L' in parent) return { L: replaced(parent.L, Number(part), member) };
  const members = copyItem('M' in parent ? parent.M : {});
  members[part] = member;
  return { M: members };
}

/** A position beyond the end appends. */
function replaced(list: readonly AttributeValue[], index: number, value: AttributeValue): AttributeValue[] {
  return index < list.length ? list.with(index, value) : [...list, value];
}

function removed(item: Item, [name, ...rest]: Path): MutableItem {
  const result = copyItem(item);
  if (rest.length === 0) delete result[name];
  else result[name] = removedFrom(attribute(item, name), rest);
  return result;
}

function removedFrom(
  parent: AttributeValue | undefined,
  [part, ...rest]: readonly (string | number)[],
): AttributeValue {
  if (part === undefined) throw badPath();
  assertHolds(parent, part);
  if (rest.length > 0) return writtenInto(parent, [part], removedFrom(memberOf(parent, part), rest));
  if ('L' in parent) return { L: parent.L.toSpliced(Number(part), 1) };
  const members = copyItem('M' in parent ? parent.M : {});
  delete members[part];
  return { M: members };
}
