/**
 * Items as DynamoDB's attribute values and back. What an item holds is JSON: texts, numbers, truth values, null, lists
 * and maps, and the names in a map may be anybody's. The SDK's own converter takes a map with a name `constructor` for
 * an instance of some class and refuses it, and loses one with the name `__proto__`.
 */
import type { AttributeValue } from '@aws-sdk/client-dynamodb';

type Attributes = Record<string, AttributeValue>;

function toAttribute(value: unknown): AttributeValue {
  switch (typeof value) {
    case 'string':
      return { S: value };
    case 'boolean':
      return { BOOL: value };
    case 'number':
      if (!Number.isFinite(value) || (Number.isInteger(value) && !Number.isSafeInteger(value)))
        throw new Error(`${value} is no number that an item can hold exactly.`);
      return { N: String(value) };
    case 'object':
      if (value === null) return { NULL: true };
      return Array.isArray(value) ? { L: value.map(toAttribute) } : { M: encode(value) };
    default:
      throw new Error(`An item holds no ${typeof value}.`);
  }
}

/**
 * An item, or any map. Fields that are undefined are left out.
 * @throws Error for what is not JSON, or a number that would lose digits
 */
export function encode(item: object): Attributes {
  const given = Object.entries(item).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, toAttribute(value)]));
}

function toValue(attribute: AttributeValue): unknown {
  if (attribute.S !== undefined) return attribute.S;
  if (attribute.N !== undefined) return Number(attribute.N);
  if (attribute.BOOL !== undefined) return attribute.BOOL;
  if (attribute.NULL !== undefined) return null;
  if (attribute.L !== undefined) return attribute.L.map(toValue);
  if (attribute.M !== undefined) return decode(attribute.M);
  throw new Error(`An item holds no ${Object.keys(attribute).join(', ')}.`);
}

/** The inverse. */
export function decode(attributes: Readonly<Attributes>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attributes).map(([name, value]) => [name, toValue(value)]));
}
