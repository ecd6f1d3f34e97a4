/**
 * What a transaction of DynamoDB can hold (its "Quotas" page): 100 items, 4 MB together, 400 KB an item. It is added
 * up before a transaction is tried, so that what cannot be written is known in time and can be split. Sizes are
 * counted by the service's own rule: the UTF-8 bytes of names and texts, what numbers take, and what holds them.
 */
import { type Key, keyOf, type Write } from './store.ts';

export const writesMax = 100;
export const itemBytesMax = 400 * 1024;
export const transactionBytesMax = 4 * 1024 * 1024;

/** A transaction that cannot be: callers that can split what they write do, for everybody else it is a defect. */
export class TooLarge extends Error {
  readonly type = 'too_large';
  readonly limit: 'writes' | 'item_bytes' | 'transaction_bytes';
  readonly size: number;
  /** The item that is too large, where it is one. */
  readonly key: Key | undefined;

  constructor(limit: TooLarge['limit'], size: number, max: number, key?: Key) {
    const what = key ? `The item ${key.pk} ${key.sk}` : 'A transaction';
    const unit = limit === 'writes' ? 'writes' : 'bytes';
    super(`${what} has at most ${max} ${unit}, not ${size}.`);
    this.name = 'TooLarge';
    this.limit = limit;
    this.size = size;
    this.key = key;
  }
}

/** A number takes a byte, one more for each pair of its digits, aligned to the decimal point, and one for a sign. */
function numberBytes(value: number): number {
  if (value === 0) return 1;
  const [mantissa = '', power = ''] = Math.abs(value).toExponential().split('e');
  const digits = mantissa.replace('.', '').replace(/0+$/, '').length;
  const isSplit = (Number(power) - (digits - 1)) % 2 !== 0;
  return 1 + Math.ceil((digits + (isSplit ? 1 : 0)) / 2) + (value < 0 ? 1 : 0);
}

/** A list or map takes three bytes and one for each member. */
const containerBytes = 3;

function valueBytes(value: unknown): number {
  if (typeof value === 'string') return Buffer.byteLength(value);
  if (typeof value === 'number') return numberBytes(value);
  if (typeof value !== 'object' || value === null) return 1;
  if (Array.isArray(value))
    return value.reduce<number>((sum, one) => sum + 1 + valueBytes(one), containerBytes);
  return containerBytes + fieldsBytes(value, 1);
}

function fieldsBytes(value: object, each: number): number {
  let bytes = 0;
  for (const [name, field] of Object.entries(value))
    if (field !== undefined) bytes += Buffer.byteLength(name) + valueBytes(field) + each;
  return bytes;
}

/** What an item takes, in bytes. Fields that are undefined are not stored. */
export function itemBytes(item: object): number {
  return fieldsBytes(item, 0);
}

/** Why some writes cannot be one transaction; undefined when they can. */
export function tooLarge(writes: readonly Write[]): TooLarge | undefined {
  if (writes.length > writesMax) return new TooLarge('writes', writes.length, writesMax);
  let bytes = 0;
  for (const write of writes) {
    const own = 'put' in write ? itemBytes(write.put) : itemBytes(keyOf(write));
    if (own > itemBytesMax) return new TooLarge('item_bytes', own, itemBytesMax, keyOf(write));
    bytes += own;
  }
  return bytes > transactionBytesMax
    ? new TooLarge('transaction_bytes', bytes, transactionBytesMax)
    : undefined;
}
