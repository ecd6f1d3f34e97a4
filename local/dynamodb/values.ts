import { invalidRequest, unreadable } from './errors.ts';
import { canonicalNumber, compareNumbers, numberBytes, sortableNumber } from './numbers.ts';

/**
 * Attribute values as they stand in DynamoDB's JSON, in one canonical form: numbers plain, sets sorted, so that
 * equal values have equal JSON text.
 */
export type AttributeValue =
  | { readonly S: string }
  | { readonly N: string }
  | { readonly B: string }
  | { readonly BOOL: boolean }
  | { readonly NULL: true }
  | { readonly SS: readonly string[] }
  | { readonly NS: readonly string[] }
  | { readonly BS: readonly string[] }
  | { readonly L: readonly AttributeValue[] }
  | { readonly M: Item };

export type Item = Readonly<Record<string, AttributeValue>>;
export type MutableItem = Record<string, AttributeValue>;

export type ValueType = 'S' | 'N' | 'B' | 'BOOL' | 'NULL' | 'SS' | 'NS' | 'BS' | 'L' | 'M';
export const VALUE_TYPES: readonly ValueType[] = ['S', 'N', 'B', 'BOOL', 'NULL', 'SS', 'NS', 'BS', 'L', 'M'];

/** Lists and maps inside one another within an attribute; with the item itself these are 32 levels. */
export const NESTING_MAX = 31;

/** A map without prototype: an attribute may be called `__proto__` or `constructor`. */
export function emptyItem(): MutableItem {
  return Object.create(null) as MutableItem;
}

export function copyItem(item: Item): MutableItem {
  return Object.assign(emptyItem(), item);
}

export function attribute(item: Item, name: string): AttributeValue | undefined {
  return Object.hasOwn(item, name) ? item[name] : undefined;
}

export function typeOf(value: AttributeValue): ValueType {
  for (const type of VALUE_TYPES) if (type in value) return type;
  throw new Error(`Not an attribute value: ${JSON.stringify(value)}`);
}

/** Reads an item or a key from a request. */
export function readItem(input: unknown, depth = 0): Item {
  if (!isRecord(input))
    throw unreadable(`A map of attribute values is expected, not ${JSON.stringify(input)}`);
  const item = emptyItem();
  for (const [name, value] of Object.entries(input)) {
    if (depth === 0 && name === '') throw invalidRequest('Empty attribute name');
    if (Buffer.byteLength(name) > 65_535) {
      throw invalidRequest('Attribute name is too large: at most 65535 bytes');
    }
    item[wellFormed(name)] = readValue(value, depth);
  }
  return item;
}

export function readValue(input: unknown, depth = 0): AttributeValue {
  if (depth > NESTING_MAX) {
    throw invalidRequest(
      'Nesting Levels have exceeded supported limits: Attributes in the item have nested levels beyond supported limit',
    );
  }
  if (!isRecord(input)) throw unreadable(`An attribute value is expected, not ${JSON.stringify(input)}`);
  const types = Object.keys(input).filter((key) => input[key] !== null);
  const [type] = types;
  if (type === undefined) {
    throw invalidRequest(
      'Supplied AttributeValue is empty, must contain exactly one of the supported datatypes',
    );
  }
  if (types.length > 1) {
    throw invalidRequest(
      'Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes',
    );
  }
  return readTyped(type, input[type], depth);
}

/** Levels of lists and maps inside a value: 0 for a scalar. */
export function nestingOf(value: AttributeValue): number {
  if ('L' in value) return 1 + Math.max(0, ...value.L.map(nestingOf));
  return 'M' in value ? 1 + Math.max(0, ...Object.values(value.M).map(nestingOf)) : 0;
}

function readTyped(type: string, content: unknown, depth: number): AttributeValue {
  switch (type) {
    case 'S':
      return { S: wellFormed(text(content, type)) };
    case 'N':
      return { N: canonicalNumber(text(content, type)) };
    case 'B':
      return { B: base64(text(content, type)) };
    case 'BOOL':
      if (typeof content !== 'boolean') throw wrongContent(type, 'true or false', content);
      return { BOOL: content };
    case 'NULL':
      if (content !== true) throw invalidParameter('Null attribute value types must have the value of true');
      return { NULL: true };
    case 'SS':
      return { SS: readSet(content, type, 'An string set  may not be empty', wellFormed, compareStrings) };
    case 'NS':
      return {
        NS: readSet(content, type, 'An number set  may not be empty', canonicalNumber, compareNumbers),
      };
    case 'BS':
      return { BS: readSet(content, type, 'Binary sets should not be empty', base64, compareBinaries) };
    case 'L':
      if (!Array.isArray(content)) throw wrongContent(type, 'an array', content);
      return { L: content.map((element) => readValue(element, depth + 1)) };
    case 'M':
      return { M: readItem(content, depth + 1) };
    default:
      throw invalidRequest(
        `Supplied AttributeValue has the unknown datatype ${JSON.stringify(type)}, must contain exactly one of the supported datatypes`,
      );
  }
}

function readSet(
  content: unknown,
  type: string,
  emptyMessage: string,
  canonical: (element: string) => string,
  compare: (a: string, b: string) => number,
): string[] {
  if (!Array.isArray(content)) throw wrongContent(type, 'an array', content);
  if (content.length === 0) throw invalidParameter(emptyMessage);
  const elements = content.map((element) => canonical(text(element, type)));
  if (new Set(elements).size < elements.length) {
    throw invalidParameter(`Input collection [${content.join(', ')}] contains duplicates.`);
  }
  return elements.sort(compare);
}

function isRecord(input: unknown): input is Record<string, unknown> {
  return typeof input === 'object' && input !== null && !Array.isArray(input);
}

function text(content: unknown, type: string): string {
  if (typeof content !== 'string') throw wrongContent(type, 'a string', content);
  return content;
}

/** A lone surrogate has no UTF-8 form, so it could be neither stored nor compared as DynamoDB does. */
function wellFormed(content: string): string {
  if (!content.isWellFormed()) throw invalidRequest(`${JSON.stringify(content)} is not well-formed Unicode`);
  return content;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

function base64(content: string): string {
  if (!BASE64.test(content))
    throw unreadable(`A binary value must be base64, not ${JSON.stringify(content)}`);
  return content;
}

function wrongContent(type: string, expected: string, content: unknown): Error {
  return unreadable(`${type} must hold ${expected}, not ${JSON.stringify(content)}`);
}

function invalidParameter(message: string): Error {
  return invalidRequest(`One or more parameter values were invalid: ${message}`);
}

/** Strings are ordered by their UTF-8 bytes, which differs from JavaScript's order beyond the first plane. */
export function compareStrings(left: string, right: string): number {
  return left === right ? 0 : Buffer.compare(Buffer.from(left), Buffer.from(right));
}

function compareBinaries(left: string, right: string): number {
  return Buffer.compare(Buffer.from(left, 'base64'), Buffer.from(right, 'base64'));
}

/** The order of two scalars of one type; undefined where DynamoDB defines none. */
export function compareValues(left: AttributeValue, right: AttributeValue): number | undefined {
  if ('S' in left && 'S' in right) return compareStrings(left.S, right.S);
  if ('N' in left && 'N' in right) return compareNumbers(left.N, right.N);
  if ('B' in left && 'B' in right) return compareBinaries(left.B, right.B);
  return undefined;
}

/** Equality of two canonical values; the order of a map's members does not count. */
export function sameValue(left: AttributeValue, right: AttributeValue): boolean {
  if ('M' in left && 'M' in right) return sameItem(left.M, right.M);
  if ('L' in left && 'L' in right) return sameList(left.L, right.L);
  return JSON.stringify(left) === JSON.stringify(right);
}

function sameList(left: readonly AttributeValue[], right: readonly AttributeValue[]): boolean {
  if (left.length !== right.length) return false;
  return left.every((element, index) => sameValue(element, right[index] as AttributeValue));
}

export function sameItem(left: Item, right: Item): boolean {
  const names = Object.keys(left);
  if (names.length !== Object.keys(right).length) return false;
  return names.every((name) => {
    const other = attribute(right, name);
    return other !== undefined && sameValue(left[name] as AttributeValue, other);
  });
}

/** The union (ADD) of two sets of one type, or undefined where they are no such pair. */
export function uniteSets(set: AttributeValue, more: AttributeValue): AttributeValue | undefined {
  return combineSets(set, more, (elements, others) => [
    ...elements,
    ...others.filter((other) => !elements.includes(other)),
  ]);
}

/** The difference (DELETE) of two sets of one type; it may be empty, and then the attribute goes. */
export function subtractSets(set: AttributeValue, less: AttributeValue): AttributeValue | undefined {
  return combineSets(set, less, (elements, others) =>
    elements.filter((element) => !others.includes(element)),
  );
}

function combineSets(
  left: AttributeValue,
  right: AttributeValue,
  combine: (a: readonly string[], b: readonly string[]) => string[],
): AttributeValue | undefined {
  if ('SS' in left && 'SS' in right) return { SS: combine(left.SS, right.SS).sort(compareStrings) };
  if ('NS' in left && 'NS' in right) return { NS: combine(left.NS, right.NS).sort(compareNumbers) };
  if ('BS' in left && 'BS' in right) return { BS: combine(left.BS, right.BS).sort(compareBinaries) };
  return undefined;
}

export function isEmptySet(value: AttributeValue): boolean {
  return (
    ('SS' in value && value.SS.length === 0) ||
    ('NS' in value && value.NS.length === 0) ||
    ('BS' in value && value.BS.length === 0)
  );
}

/**
 * A text that sorts bytewise as the key values do, whatever their type; it is what the tables of SQLite hold.
 * Binary values become lower-case hexadecimal.
 */
export function sortableKey(value: AttributeValue): string {
  if ('S' in value) return value.S;
  if ('N' in value) return sortableNumber(value.N);
  if ('B' in value) return Buffer.from(value.B, 'base64').toString('hex');
  throw new Error(`Not a key value: ${JSON.stringify(value)}`);
}

/**
 * Bytes an item counts, by AWS's rule: names and values as UTF-8; a number by its pairs of digits; true, false and null one; a list or map three, and one for each element.
 *
 * An item never changes, so that it is measured once.
 *
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/CapacityUnitCalculations.html
 */
export function itemBytes(item: Item): number {
  const known = measured.get(item);
  if (known !== undefined) return known;
  const bytes = mapBytes(item);
  measured.set(item, bytes);
  return bytes;
}

const measured = new WeakMap<Item, number>();

function mapBytes(item: Item): number {
  let bytes = 0;
  for (const [name, value] of Object.entries(item)) bytes += Buffer.byteLength(name) + valueBytes(value);
  return bytes;
}

export function valueBytes(value: AttributeValue): number {
  if ('S' in value) return Buffer.byteLength(value.S);
  if ('N' in value) return numberBytes(value.N);
  if ('B' in value) return Buffer.byteLength(value.B, 'base64');
  if ('BOOL' in value || 'NULL' in value) return 1;
  if ('SS' in value) return sum(value.SS, (element) => Buffer.byteLength(element));
  if ('NS' in value) return sum(value.NS, numberBytes);
  if ('BS' in value) return sum(value.BS, (element) => Buffer.byteLength(element, 'base64'));
  if ('L' in value) return 3 + value.L.length + sum(value.L, valueBytes);
  return 3 + Object.keys(value.M).length + mapBytes(value.M);
}

function sum<T>(elements: readonly T[], measure: (element: T) => number): number {
  return elements.reduce((total, element) => total + measure(element), 0);
}
