import type { Comparator, Condition, Operand, Path } from './expressions.ts';
import {
  type AttributeValue,
  attribute,
  compareValues,
  copyItem,
  emptyItem,
  type Item,
  sameValue,
  typeOf,
} from './values.ts';

/**
 * Conditions and projections applied to an item. An operand that the item lacks is `undefined`; then `<>` holds
 * and every other comparison fails, as on AWS.
 */
export function holds(condition: Condition, item: Item): boolean {
  switch (condition.kind) {
    case 'and':
      return holds(condition.left, item) && holds(condition.right, item);
    case 'or':
      return holds(condition.left, item) || holds(condition.right, item);
    case 'not':
      return !holds(condition.condition, item);
    case 'compare':
      return compared(
        condition.comparator,
        operandOf(condition.left, item),
        operandOf(condition.right, item),
      );
    case 'between':
      return between(condition, item);
    case 'in':
      return among(operandOf(condition.operand, item), condition.choices, item);
    case 'exists':
      return (valueAt(condition.path, item) !== undefined) === condition.expected;
    case 'type':
      return hasType(operandOf(condition.operand, item), condition.type);
    case 'beginsWith':
      return beginsWith(operandOf(condition.operand, item), operandOf(condition.argument, item));
    case 'contains':
      return contains(operandOf(condition.operand, item), operandOf(condition.argument, item));
  }
}

export function valueAt(path: Path, item: Item): AttributeValue | undefined {
  const [name, ...rest] = path;
  let value = attribute(item, name);
  for (const part of rest) {
    if (value === undefined) return undefined;
    value = memberOf(value, part);
  }
  return value;
}

export function memberOf(value: AttributeValue, part: string | number): AttributeValue | undefined {
  if (typeof part === 'number') return 'L' in value ? value.L[part] : undefined;
  return 'M' in value ? attribute(value.M, part) : undefined;
}

function operandOf(operand: Operand, item: Item): AttributeValue | undefined {
  switch (operand.kind) {
    case 'path':
      return valueAt(operand.path, item);
    case 'value':
      return operand.value;
    case 'size': {
      const size = sizeOf(operandOf(operand.of, item));
      return size === undefined ? undefined : { N: String(size) };
    }
  }
}

/** Characters of a string (UTF-16 units, as DynamoDB counts), bytes of a binary, elements of the rest. */
function sizeOf(value: AttributeValue | undefined): number | undefined {
  if (value === undefined) return undefined;
  if ('S' in value) return value.S.length;
  if ('B' in value) return Buffer.byteLength(value.B, 'base64');
  if ('L' in value) return value.L.length;
  if ('M' in value) return Object.keys(value.M).length;
  return setElements(value)?.length;
}

function setElements(value: AttributeValue): readonly string[] | undefined {
  if ('SS' in value) return value.SS;
  if ('NS' in value) return value.NS;
  return 'BS' in value ? value.BS : undefined;
}

function compared(
  comparator: Comparator,
  left: AttributeValue | undefined,
  right: AttributeValue | undefined,
): boolean {
  const equal = left !== undefined && right !== undefined && sameValue(left, right);
  if (comparator === '=') return equal;
  if (comparator === '<>') return !equal;
  const order = left === undefined || right === undefined ? undefined : compareValues(left, right);
  if (order === undefined) return false;
  switch (comparator) {
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
  }
}

function between(condition: Extract<Condition, { kind: 'between' }>, item: Item): boolean {
  const value = operandOf(condition.operand, item);
  return (
    compared('<=', operandOf(condition.low, item), value) &&
    compared('<=', value, operandOf(condition.high, item))
  );
}

function among(value: AttributeValue | undefined, choices: readonly Operand[], item: Item): boolean {
  return choices.some((choice) => compared('=', value, operandOf(choice, item)));
}

function hasType(value: AttributeValue | undefined, type: string): boolean {
  return value !== undefined && typeOf(value) === type;
}

function beginsWith(value: AttributeValue | undefined, prefix: AttributeValue | undefined): boolean {
  if (value === undefined || prefix === undefined) return false;
  if ('S' in value && 'S' in prefix) return value.S.startsWith(prefix.S);
  if (!('B' in value && 'B' in prefix)) return false;
  const start = Buffer.from(prefix.B, 'base64');
  return Buffer.from(value.B, 'base64').subarray(0, start.length).equals(start);
}

/** A substring, an element of a set, or an element of a list. */
function contains(value: AttributeValue | undefined, sought: AttributeValue | undefined): boolean {
  if (value === undefined || sought === undefined) return false;
  if ('S' in value && 'S' in sought) return value.S.includes(sought.S);
  if ('B' in value && 'B' in sought) {
    return Buffer.from(value.B, 'base64').includes(Buffer.from(sought.B, 'base64'));
  }
  if ('L' in value) return value.L.some((element) => sameValue(element, sought));
  if ('SS' in value && 'S' in sought) return value.SS.includes(sought.S);
  if ('NS' in value && 'N' in sought) return value.NS.includes(sought.N);
  return 'BS' in value && 'B' in sought && value.BS.includes(sought.B);
}

/** The parts of an item at the given paths; elements of a list keep their order and close ranks. */
export function project(paths: readonly Path[], item: Item): Item {
  const result = emptyItem();
  for (const [name, tails] of groupedByHead(paths)) {
    const value = attribute(item, name as string);
    const part = value === undefined ? undefined : projectValue(tails, value);
    if (part !== undefined) result[name as string] = part;
  }
  return result;
}

type Tail = readonly (string | number)[];

function projectValue(tails: readonly Tail[], value: AttributeValue): AttributeValue | undefined {
  if (tails.some((tail) => tail.length === 0)) return value;
  const members = [...groupedByHead(tails)]
    .map(([part, rest]) => {
      const member = memberOf(value, part);
      return { part, member: member === undefined ? undefined : projectValue(rest, member) };
    })
    .filter(
      (entry): entry is { part: string | number; member: AttributeValue } => entry.member !== undefined,
    );
  if (members.length === 0) return undefined;
  if ('L' in value) {
    members.sort((a, b) => Number(a.part) - Number(b.part));
    return { L: members.map((entry) => entry.member) };
  }
  return { M: copyItem(Object.fromEntries(members.map((entry) => [entry.part, entry.member]))) };
}

function groupedByHead(tails: readonly Tail[]): Map<string | number, Tail[]> {
  const groups = new Map<string | number, Tail[]>();
  for (const [head, ...rest] of tails) {
    if (head === undefined) continue;
    const group = groups.get(head);
    if (group === undefined) groups.set(head, [rest]);
    else group.push(rest);
  }
  return groups;
}
