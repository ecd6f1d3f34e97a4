import { invalidRequest } from './errors.ts';
import type { Comparator, Condition, Operand } from './expressions.ts';
import { assertKeyContent, type KeySchema, type TableDefinition } from './schema.ts';
import type { RangeBounds } from './store.ts';
import { type AttributeValue, sortableKey, typeOf } from './values.ts';

/**
 * What a KeyConditionExpression selects: one hash key, and bounds of the range key.
 *
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Query.KeyConditionExpressions.html
 */
export interface KeyRange {
  readonly hash: string;
  readonly bounds: RangeBounds;
}

interface Predicate {
  readonly attribute: string;
  readonly operator: '=' | '<' | '<=' | '>' | '>=' | 'between' | 'beginsWith';
  readonly values: readonly AttributeValue[];
}

export function keyRange(condition: Condition, table: TableDefinition, key: KeySchema): KeyRange {
  const predicates = conjuncts(condition).map(predicateOf);
  const hash = predicates.filter(({ attribute }) => attribute === key.hash);
  const range = predicates.filter(({ attribute }) => attribute === key.range);
  if (hash.length > 1 || range.length > 1) {
    throw invalidRequest('KeyConditionExpressions must only contain one condition per key');
  }
  const [onHash] = hash;
  if (onHash === undefined || hash.length + range.length < predicates.length) {
    const missed = onHash === undefined ? key.hash : key.range;
    throw invalidRequest(
      `Query condition missed key schema element${missed === undefined ? '' : `: ${missed}`}`,
    );
  }
  if (onHash.operator !== '=') throw invalidRequest('Query key condition not supported');
  const [hashText] = keyTexts(table, 'hash', onHash);
  const [onRange] = range;
  return {
    hash: hashText as string,
    bounds: onRange === undefined ? {} : boundsOf(onRange, keyTexts(table, 'range', onRange)),
  };
}

/** Whether a key that a page starts after lies within the bounds. */
export function withinBounds({ from, to }: RangeBounds, key: string): boolean {
  const bytes = Buffer.from(key);
  const above = from === undefined ? 1 : Buffer.compare(bytes, Buffer.from(from.key));
  const below = to === undefined ? -1 : Buffer.compare(bytes, Buffer.from(to.key));
  return (
    (above > 0 || (above === 0 && from?.inclusive === true)) &&
    (below < 0 || (below === 0 && to?.inclusive === true))
  );
}

function conjuncts(condition: Condition): Condition[] {
  if (condition.kind !== 'and') return [condition];
  return [...conjuncts(condition.left), ...conjuncts(condition.right)];
}

const MIRRORED: Readonly<Record<Comparator, Comparator>> = {
  '=': '=',
  '<>': '<>',
  '<': '>',
  '<=': '>=',
  '>': '<',
  '>=': '<=',
};

function predicateOf(condition: Condition): Predicate {
  switch (condition.kind) {
    case 'compare': {
      const { comparator, left, right } = condition;
      if (comparator === '<>') throw refusedOperator(comparator);
      if (left.kind !== 'value')
        return { attribute: keyName(left), operator: comparator, values: [value(right)] };
      const operator = MIRRORED[comparator] as Exclude<Comparator, '<>'>;
      return { attribute: keyName(right), operator, values: [left.value] };
    }
    case 'between':
      return {
        attribute: keyName(condition.operand),
        operator: 'between',
        values: [value(condition.low), value(condition.high)],
      };
    case 'beginsWith':
      return {
        attribute: keyName(condition.operand),
        operator: 'beginsWith',
        values: [value(condition.argument)],
      };
    case 'exists':
      throw refusedOperator(condition.expected ? 'attribute_exists' : 'attribute_not_exists');
    case 'type':
      throw refusedOperator('attribute_type');
    case 'contains':
      throw refusedOperator('contains');
    default:
      throw refusedOperator(condition.kind.toUpperCase());
  }
}

function refusedOperator(name: string): Error {
  return invalidRequest(`Invalid operator used in KeyConditionExpression: ${name}`);
}

function keyName(operand: Operand): string {
  if (operand.kind !== 'path') {
    throw invalidRequest('KeyConditionExpressions cannot contain nested operations');
  }
  const [name, ...rest] = operand.path;
  if (rest.length === 0) return name;
  throw invalidRequest(
    `Key attributes must be scalars; list random access '[]' and map lookup '.' are not allowed: Key: ${name}`,
  );
}

function value(operand: Operand): AttributeValue {
  if (operand.kind === 'value') return operand.value;
  throw invalidRequest('Invalid condition in KeyConditionExpression: a key is compared with a value only');
}

function keyTexts(table: TableDefinition, role: 'hash' | 'range', predicate: Predicate): string[] {
  return predicate.values.map((operand) => {
    if (typeOf(operand) !== table.types[predicate.attribute]) {
      throw invalidRequest(
        'One or more parameter values were invalid: Condition parameter type does not match schema type',
      );
    }
    assertKeyContent(predicate.attribute, role, operand);
    return sortableKey(operand);
  });
}

function boundsOf({ operator }: Predicate, [first, second]: readonly string[]): RangeBounds {
  const key = first as string;
  switch (operator) {
    case '=':
      return { from: { key, inclusive: true }, to: { key, inclusive: true } };
    case '<':
    case '<=':
      return { to: { key, inclusive: operator === '<=' } };
    case '>':
    case '>=':
      return { from: { key, inclusive: operator === '>=' } };
    case 'between':
      return { from: { key, inclusive: true }, to: { key: second as string, inclusive: true } };
    case 'beginsWith': {
      const end = afterPrefix(key);
      return {
        from: { key, inclusive: true },
        ...(end === undefined ? {} : { to: { key: end, inclusive: false } }),
      };
    }
  }
}

/** The least text greater than every text with this prefix, by code point, which is also UTF-8's order. */
function afterPrefix(prefix: string): string | undefined {
  const points = Array.from(prefix, (character) => character.codePointAt(0) as number);
  while (points.at(-1) === 0x10ffff) points.pop();
  const last = points.pop();
  if (last === undefined) return undefined;
  // U+D800 to U+DFFF are no characters.
  return String.fromCodePoint(...points, last === 0xd7ff ? 0xe000 : last + 1);
}
