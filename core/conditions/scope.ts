/** What a condition sees: the purchase, one of its lines, and the member who buys. */
import { kindOf } from '../channels.ts';
import { type ChannelKind, channelIdPattern } from '../contract/ids.ts';
import type { RecordedPurchase } from '../contract/shapes/purchase.ts';
import { type LocalDate, type LocalTime, localDate, localTime } from '../time.ts';
import { type Fraction, quantityOf } from './fraction.ts';

/** CEL's own name of its instant in time. */
export const timestamp = 'google.protobuf.Timestamp';
/** A `decimal` is CEL's double to whoever writes a condition, and computed exactly. */
export type FieldType = 'string' | 'int' | 'decimal' | typeof timestamp;

const weekdays = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

/** Dates counted without a gap. */
const dayNumber = ({ year, month, day }: LocalDate) => Date.UTC(year, month - 1, day) / 86_400_000;

const two = (value: number) => String(value).padStart(2, '0');

/** A purchase as conditions see it; text that was not given is empty, days and hours are the programme's. */
export class PurchaseScope {
  readonly channel: string;
  readonly channelKind: ChannelKind;
  readonly store: string;
  readonly currency: string;
  readonly totalMinor: bigint;
  readonly occurredAt: Date;
  readonly lineCount: bigint;
  readonly timeZone: string;
  #local: LocalTime | undefined;

  constructor(purchase: RecordedPurchase, timeZone: string) {
    const { channel, store = '', currency, totalMinor, occurredAt, lines } = purchase;
    this.channel = channel;
    this.channelKind = kindOf(purchase);
    this.store = store;
    this.currency = currency;
    this.totalMinor = BigInt(totalMinor);
    this.occurredAt = new Date(occurredAt);
    this.lineCount = BigInt(lines.length);
    this.timeZone = timeZone;
  }

  /** The clock and calendar on the programme's wall. */
  get local(): LocalTime {
    this.#local ??= localTime(this.occurredAt.getTime(), this.timeZone);
    return this.#local;
  }

  get year(): bigint {
    return BigInt(this.local.year);
  }

  /** 1 to 12. */
  get month(): bigint {
    return BigInt(this.local.month);
  }

  get day(): bigint {
    return BigInt(this.local.day);
  }

  /** As `2027-03-02`. */
  get date(): string {
    const { year, month, day } = this.local;
    return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
  }

  /** `mon` to `sun`. */
  get weekday(): string {
    const { year, month, day } = this.local;
    return weekdays[new Date(Date.UTC(year, month - 1, day)).getUTCDay()] ?? '';
  }

  get hour(): bigint {
    return BigInt(this.local.hour);
  }

  get minute(): bigint {
    return BigInt(this.local.minute);
  }

  /** As `17:30`. */
  get time(): string {
    return `${two(this.local.hour)}:${two(this.local.minute)}`;
  }

  /** Days of the programme's calendar from an instant to the purchase: 0 on the same day. */
  daysSince(instant: Date): bigint {
    return BigInt(dayNumber(this.local) - dayNumber(localDate(instant.getTime(), this.timeZone)));
  }
}

/** One of its lines; text that was not given is empty, a discount that was not given is 0. */
export class LineScope {
  readonly id: string;
  readonly sku: string;
  readonly gtin: string;
  readonly name: string;
  readonly category: string;
  readonly brand: string;
  readonly amountMinor: bigint;
  readonly discountMinor: bigint;
  readonly #quantity: number;

  constructor(line: RecordedPurchase['lines'][number]) {
    this.id = line.id;
    this.sku = line.sku;
    this.gtin = line.gtin ?? '';
    this.name = line.name ?? '';
    this.category = line.category ?? '';
    this.brand = line.brand ?? '';
    this.#quantity = line.quantity;
    this.amountMinor = BigInt(line.amountMinor);
    this.discountMinor = BigInt(line.discountMinor ?? 0);
  }

  get quantity(): Fraction {
    return quantityOf(this.#quantity);
  }
}

/** What is known of who buys. */
export interface Buyer {
  /** The id of the tier held. */
  readonly tier: string;
  /** When the member enrolled, RFC 3339. */
  readonly since: string;
  /** Places of purchases before this one's (see core/places.ts); 0 where nobody counted. */
  readonly purchases?: number | undefined;
  /** 1 to 12; 0 where it is not known. */
  readonly birthdayMonth?: number | undefined;
}

/** The member who buys, as of the purchase. */
export class MemberScope {
  readonly tier: string;
  readonly since: Date;
  readonly purchases: bigint;
  readonly birthdayMonth: bigint;
  readonly #purchase: PurchaseScope;

  constructor({ tier, since, purchases = 0, birthdayMonth = 0 }: Buyer, purchase: PurchaseScope) {
    this.tier = tier;
    this.since = new Date(since);
    this.purchases = BigInt(purchases);
    this.birthdayMonth = BigInt(birthdayMonth);
    this.#purchase = purchase;
  }

  /** The same as `since`, by the name that facts have elsewhere. */
  get joinedAt(): Date {
    return this.since;
  }

  /** Days of the programme's calendar from joining to the purchase; below 0 for one of before. */
  get joinedDaysAgo(): bigint {
    return this.#purchase.daysSince(this.since);
  }
}

/** All that a condition sees. Purchase and member are built once per purchase, the line once per line. */
export interface ExpressionScope {
  readonly purchase: PurchaseScope;
  readonly line: LineScope;
  readonly member: MemberScope;
}

/** @param timeZone the programme's, by which days and hours are told */
export function purchaseScope(purchase: RecordedPurchase, timeZone: string): PurchaseScope {
  return new PurchaseScope(purchase, timeZone);
}

export function lineScope(line: RecordedPurchase['lines'][number]): LineScope {
  return new LineScope(line);
}

export function memberScope(member: Buyer, purchase: PurchaseScope): MemberScope {
  return new MemberScope(member, purchase);
}

export const variables: ReadonlySet<string> = new Set<keyof ExpressionScope>(['purchase', 'line', 'member']);

export const purchaseFields: Record<
  Exclude<keyof PurchaseScope, 'local' | 'timeZone' | 'daysSince'>,
  FieldType
> = {
  channel: 'string',
  channelKind: 'string',
  store: 'string',
  currency: 'string',
  totalMinor: 'int',
  lineCount: 'int',
  occurredAt: timestamp,
  year: 'int',
  month: 'int',
  day: 'int',
  date: 'string',
  weekday: 'string',
  hour: 'int',
  minute: 'int',
  time: 'string',
};
export const lineFields: Record<keyof LineScope, FieldType> = {
  id: 'string',
  sku: 'string',
  gtin: 'string',
  name: 'string',
  category: 'string',
  brand: 'string',
  quantity: 'decimal',
  amountMinor: 'int',
  discountMinor: 'int',
};
export const memberFields: Record<keyof MemberScope, FieldType> = {
  tier: 'string',
  since: timestamp,
  joinedAt: timestamp,
  joinedDaysAgo: 'int',
  purchases: 'int',
  birthdayMonth: 'int',
};

export const fieldTypes: ReadonlyMap<string, FieldType> = new Map(
  Object.entries({ purchase: purchaseFields, line: lineFields, member: memberFields }).flatMap(
    ([name, fields]) =>
      Object.entries(fields).map(([field, type]): [string, FieldType] => [`${name}.${field}`, type]),
  ),
);

/** A field whose values have one form, so that a text of another form would never be equal to it. */
export const fieldForms: ReadonlyMap<string, { readonly pattern: RegExp; readonly says: string }> = new Map([
  // Which channels there are is asked when the programme is put in force (core/program-channels.ts).
  ['purchase.channel', { pattern: channelIdPattern, says: "the id of a channel, as 'store'" }],
  ['purchase.channelKind', { pattern: /^(web|store|app)$/, says: "'web', 'store' or 'app'" }],
  ['purchase.currency', { pattern: /^[A-Z]{3}$/, says: "a code as 'EUR'" }],
  ['purchase.weekday', { pattern: /^(mon|tue|wed|thu|fri|sat|sun)$/, says: "'mon' to 'sun'" }],
  ['purchase.date', { pattern: /^\d{4}-\d\d-\d\d$/, says: "a date as '2027-03-02'" }],
  ['purchase.time', { pattern: /^([01]\d|2[0-3]):[0-5]\d$/, says: "a time of day as '17:30'" }],
]);

/** The least and the most that a whole number ever is. */
export const fieldRanges: ReadonlyMap<string, readonly [min: number, max: number]> = new Map([
  ['purchase.month', [1, 12]],
  ['purchase.day', [1, 31]],
  ['purchase.hour', [0, 23]],
  ['purchase.minute', [0, 59]],
  ['purchase.lineCount', [1, Number.POSITIVE_INFINITY]],
  ['purchase.totalMinor', [0, Number.POSITIVE_INFINITY]],
  ['member.purchases', [0, Number.POSITIVE_INFINITY]],
  ['member.birthdayMonth', [0, 12]],
]);
