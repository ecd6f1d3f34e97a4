import type { AttributeValue, ValueType } from './values.ts';

/**
 * What DynamoDB's expressions mean once they are parsed. Placeholders are resolved while parsing, so these trees
 * hold attribute names and values.
 *
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
 */

/** Names of attributes and map members as strings, list positions as numbers; never empty. */
export type Path = readonly [string, ...(string | number)[]];

export type Operand =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly value: AttributeValue }
  | { readonly kind: 'size'; readonly of: Operand };

export type Comparator = '=' | '<>' | '<' | '<=' | '>' | '>=';

export type Condition =
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'not'; readonly condition: Condition }
  | {
      readonly kind: 'compare';
      readonly comparator: Comparator;
      readonly left: Operand;
      readonly right: Operand;
    }
  | { readonly kind: 'between'; readonly operand: Operand; readonly low: Operand; readonly high: Operand }
  | { readonly kind: 'in'; readonly operand: Operand; readonly choices: readonly Operand[] }
  | { readonly kind: 'exists'; readonly path: Path; readonly expected: boolean }
  | { readonly kind: 'type'; readonly operand: Operand; readonly type: ValueType }
  | { readonly kind: 'beginsWith' | 'contains'; readonly operand: Operand; readonly argument: Operand };

export type SetValue =
  | { readonly kind: 'path'; readonly path: Path }
  | { readonly kind: 'value'; readonly value: AttributeValue }
  | { readonly kind: 'ifNotExists'; readonly path: Path; readonly otherwise: SetValue }
  | { readonly kind: 'append'; readonly first: SetValue; readonly second: SetValue }
  | { readonly kind: 'plus' | 'minus'; readonly left: SetValue; readonly right: SetValue };

export interface Update {
  readonly set: readonly { readonly path: Path; readonly value: SetValue }[];
  readonly remove: readonly Path[];
  readonly add: readonly { readonly path: Path; readonly value: AttributeValue }[];
  readonly delete: readonly { readonly path: Path; readonly value: AttributeValue }[];
}

/** As DynamoDB's messages print a path: `[a, b, [0]]`. */
export function showPath(path: Path): string {
  return `[${path.map((part) => (typeof part === 'number' ? `[${part}]` : part)).join(', ')}]`;
}

/** Whether two paths touch the same place (`overlap`), or take one place for a map and for a list (`conflict`). */
export function relate(one: Path, two: Path): 'apart' | 'overlap' | 'conflict' {
  for (let index = 0; index < Math.min(one.length, two.length); index += 1) {
    if (one[index] === two[index]) continue;
    return typeof one[index] === typeof two[index] ? 'apart' : 'conflict';
  }
  return 'overlap';
}
