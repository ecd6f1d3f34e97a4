import type { TableDefinition } from './schema.ts';
import { attribute, type Item } from './values.ts';

/**
 * When an item expires, in whole seconds since the epoch; undefined where it does not: no TTL on the table, no
 * such attribute, or one that is not a number.
 *
 * Source: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/howitworks-ttl.html
 */
export function expiryOf(table: TableDefinition, item: Item): number | undefined {
  if (table.ttlAttribute === undefined) return undefined;
  const value = attribute(item, table.ttlAttribute);
  if (value === undefined || !('N' in value)) return undefined;
  const second = Math.floor(Number(value.N));
  return Number.isSafeInteger(second) ? second : undefined;
}

/** A time more than five years past is taken for a mistake and deletes nothing. */
export const TTL_PAST_MAX_SECONDS = 5 * 365 * 24 * 3600;

/** The writer that stream records name for items deleted by TTL. */
export const TTL_IDENTITY = { type: 'Service', principalId: 'dynamodb.amazonaws.com' } as const;
