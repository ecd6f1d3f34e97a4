/** What adapters read with: JSON whose ids survive, money as shops write it, and signatures. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { fieldErrors } from '../core/contract/errors.ts';
import { idSchema, newOwnId } from '../core/contract/ids.ts';
import { utc } from '../core/contract/shapes/basics.ts';
import { cardNumber, email, type MemberReference } from '../core/contract/shapes/member.ts';
import { isSettlement, type PurchaseBody, purchase } from '../core/contract/shapes/purchase.ts';
import { refund } from '../core/contract/shapes/refund.ts';
import { exponentOf } from '../core/money.ts';
import type { Order, OrderRefund, Sale, Told } from '../core/orders.ts';
import type { Delivery, Reading } from './adapter.ts';

/** Why a genuine delivery cannot be understood, as a sentence that names the field. */
export class Unreadable extends Error {}

/** A JSON object that somebody else wrote: what a field holds is looked at when it is asked for. */
export type Json = Readonly<Record<string, unknown>>;

/** An id that is a number which a double does not hold: the digits have to be read from the text again. */
class Inexact extends Unreadable {}

/**
 * Parses JSON, in which an integer that a double would not hold exactly stays the text that it was: ids of shops have up
 * to 64 bits. https://tc39.es/proposal-json-parse-with-source/
 * @throws Unreadable
 */
export function parseJson(body: Buffer | string): unknown {
  return parsedBy(body, (_key, value, context) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
      ? context?.source
      : value,
  );
}

function parsedBy(
  body: Buffer | string,
  reviver?: (key: string, value: unknown, context?: { readonly source?: string }) => unknown,
): unknown {
  try {
    return JSON.parse(typeof body === 'string' ? body : body.toString('utf8'), reviver);
  } catch {
    throw new Unreadable('The body is not JSON.');
  }
}

/**
 * What is read of a body that is a JSON object. Looking at every value takes several times as long as parsing: that is
 * done only where an id turns out to be a number that a double does not hold.
 * @throws Unreadable
 */
export function readJson<T>(body: Buffer, read: (json: Json) => T): T {
  try {
    return read(object(parsedBy(body), 'The body'));
  } catch (error) {
    if (!(error instanceof Inexact)) throw error;
    return read(object(parseJson(body), 'The body'));
  }
}

/** @throws Unreadable */
export function object(value: unknown, path: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Unreadable(`${path} is not an object.`);
  return value as Json;
}

/** An object that may be missing or null: then an empty one. @throws Unreadable */
export function optional(value: unknown, path: string): Json {
  return value === undefined || value === null ? {} : object(value, path);
}

/** The objects of a list; none where it is absent or null. @throws Unreadable */
export function objects(value: unknown, path: string): readonly Json[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Unreadable(`${path} is not a list.`);
  const wrong = value.findIndex((one) => typeof one !== 'object' || one === null || Array.isArray(one));
  if (wrong >= 0) throw new Unreadable(`${path}.${wrong} is not an object.`);
  return value;
}

/** A text that is there, or a number as the text that it is. @throws Unreadable */
export function id(value: unknown, path: string): string {
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value === 'number') return numbered(value);
  throw new Unreadable(`${path} is not an id.`);
}

function numbered(value: number): string {
  if (!Number.isSafeInteger(value)) throw new Inexact(`${value} is no id.`);
  return String(value);
}

/** A text that may be missing, null or empty: then undefined. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Milliseconds since 1970. @throws Unreadable unless it is RFC 3339, or without an offset, which then is UTC */
export function milliseconds(value: unknown, path: string): number {
  const said = typeof value === 'string' ? value : '';
  const whole = /(?:Z|[+-]\d\d:?\d\d)$/i.test(said) ? said : `${said}Z`;
  const at = /^\d{4}-\d\d-\d\dT/.test(said) ? Date.parse(whole) : Number.NaN;
  if (Number.isNaN(at)) throw new Unreadable(`${path} is not a date and time.`);
  return at;
}

/** The same as canonical UTC. @throws Unreadable */
export function instant(value: unknown, path: string): string {
  return utc(milliseconds(value, path));
}

/** @throws Unreadable */
export function currency(value: unknown, path: string): string {
  const code = typeof value === 'string' ? value.toUpperCase() : '';
  if (!/^[A-Z]{3}$/.test(code)) throw new Unreadable(`${path} is not a currency.`);
  return code;
}

/**
 * Minor units of an amount in major units, as decimal text or a JSON number, exactly: digits behind those that the
 * currency has are rounded half away from zero, since some shops keep more than can be paid.
 * @throws Unreadable
 */
export function minorUnits(value: unknown, code: string, path: string): number {
  const said = typeof value === 'number' ? String(value) : typeof value === 'string' ? value.trim() : '';
  const parts = /^([+-]?)(\d+)(?:\.(\d*))?$/.exec(said);
  if (!parts) throw new Unreadable(`${path} is not an amount.`);
  const [, sign, whole = '0', fraction = ''] = parts;
  const digits = exponentOf(code);
  // What is too long for a double is no longer safe when it is one, and refused below.
  const kept = Number(whole + fraction.slice(0, digits).padEnd(digits, '0'));
  const units = kept + (Number(fraction[digits] ?? 0) >= 5 ? 1 : 0);
  if (!Number.isSafeInteger(units)) throw new Unreadable(`${path} is too large an amount.`);
  return sign === '-' && units !== 0 ? -units : units;
}

/** The same, and 0 where nothing is said. @throws Unreadable */
export function minorUnitsOr0(value: unknown, code: string, path: string): number {
  return value === undefined || value === null || value === '' ? 0 : minorUnits(value, code, path);
}

/** Minor units that are said as an integer. @throws Unreadable */
export function integer(value: unknown, path: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value))
    throw new Unreadable(`${path} is not an integer.`);
  return value;
}

/** A quantity as a number with three decimals at most, from decimal text or a number. @throws Unreadable */
export function quantity(value: unknown, path: string): number {
  const said = Number(value);
  if (value === '' || value === null || !Number.isFinite(said))
    throw new Unreadable(`${path} is not a quantity.`);
  return Math.round(said * 1000) / 1000;
}

/** A text that fits where at most `max` characters may stand; undefined where nothing is left. */
export function fitted(value: unknown, max: number): string | undefined {
  if (typeof value !== 'string' || value === '') return undefined;
  if (value.length <= max && value.isWellFormed() && !value.includes('\0')) return value;
  const kept = value.toWellFormed().replaceAll('\0', '').slice(0, max).toWellFormed();
  return kept === '' ? undefined : kept;
}

/** An id that may be missing; what is 0 or empty names nothing. @throws Unreadable */
export function optionalId(value: unknown): string | undefined {
  if (value === 0 || value === '0') return undefined;
  return typeof value === 'number' ? numbered(value) : text(value);
}

/** What a field of the body says, where the delivery's id is there and not in a header; undefined where it is not. */
export function idInBody({ body }: Delivery, field: string): string | undefined {
  try {
    return optionalId(object(parseJson(body), 'The body')[field]);
  } catch {
    return undefined;
  }
}

// What is told --------------------------------------------------------------------------------------------

/** What attributes of an order are called that name the member, before any contact. */
const cardField = 'philia_card';
const memberField = 'philia_member';

/**
 * Whose order it is: the card or the member that an attribute names, else the first e-mail address or phone that is
 * one; undefined for a guest. Contacts that are none do not spoil an order.
 * @param attribute what the order's attribute (metadata, note) of a name says
 * @param contacts e-mail addresses and phones in the order in which they count
 */
export function memberOf(
  attribute: (name: string) => unknown,
  contacts: readonly unknown[],
): MemberReference | undefined {
  const card = parsed(cardNumber, attribute(cardField));
  if (card) return { cardNumber: card };
  const memberId = parsed(idSchema('member'), attribute(memberField));
  if (memberId) return { memberId };
  for (const contact of contacts) {
    if (typeof contact !== 'string' || contact === '') continue;
    const phone = contact.replace(/[\s().-]/g, '');
    if (/^\+[1-9]\d{6,14}$/.test(phone)) return { phone };
    const address = parsed(email, contact);
    if (address) return { email: address };
  }
  return undefined;
}

/** What a schema makes of a text; undefined where there is none, or it is refused. */
function parsed<T>(schema: { safeParse(value: unknown): { data?: T } }, value: unknown): T | undefined {
  return typeof value === 'string' ? schema.safeParse(value).data : undefined;
}

/** The attribute of a name in a text that people write, as `philia_card: 2900000000018`. */
export function inNote(note: unknown, name: string): string | undefined {
  return typeof note === 'string' ? new RegExp(`${name}\\s*[:=]\\s*(\\w+)`, 'i').exec(note)?.[1] : undefined;
}

export type Line = PurchaseBody['lines'][number];

/** A line that has no article behind it, as a tip or what was rounded: by its category alone. */
export function settled(id: string, category: string, amountMinor: number, name?: unknown): Line {
  return { id, sku: category, category, name: fitted(name, 500), quantity: 1, amountMinor };
}

/**
 * A sale whose lines and shipping add up to what the shop says that it cost.
 * @param said the shop's own total, and the field that says it
 * @param slackMinor what the two may differ by where each of the shop's amounts is rounded by itself: that becomes a line
 * @throws Unreadable where they differ by more: something was charged that is not understood
 */
export function sale(
  fields: Omit<Sale, 'totalMinor'>,
  said: { readonly totalMinor: number; readonly path: string },
  slackMinor = 0,
): Sale {
  const lines = fields.lines.filter(
    ({ amountMinor, category }) => amountMinor !== 0 || !isSettlement({ category }),
  );
  const sum = lines.reduce((total, line) => total + line.amountMinor, fields.shippingMinor ?? 0);
  const rest = said.totalMinor - sum;
  if (Math.abs(rest) > slackMinor)
    throw new Unreadable(`${said.path} is ${said.totalMinor}, and what was sold adds up to ${sum}.`);
  return {
    ...fields,
    lines: rest === 0 ? lines : [...lines, settled('rounded', 'rounding', rest)],
    ...(fields.shippingMinor ? {} : { shippingMinor: undefined }),
    totalMinor: said.totalMinor,
  };
}

/** All but what `newOwnId`, `instant` and `memberOf` saw to. */
const saleShape = purchase.omit({ id: true, occurredAt: true, member: true });

function checkedSale({ occurredAt, member, ...rest }: Sale): Sale {
  return { occurredAt, member, ...fitting(saleShape.safeParse(rest), 'The sale') };
}

/** An order, its sale as the contract wants it. @throws Unreadable */
function checkedOrder(order: Order): Order {
  return {
    ...order,
    id: fitting(newOwnId.safeParse(order.id), 'The order'),
    sale: order.sale && checkedSale(order.sale),
    ...(order.refunds ? { refunds: order.refunds.map((one) => checkedRefund(order.id, one)) } : {}),
  };
}

/** @throws Unreadable */
function checkedRefund(orderId: string, { currency, ...rest }: OrderRefund): OrderRefund {
  const {
    purchaseId: _,
    member: __,
    ...fields
  } = fitting(
    refund.safeParse({ ...rest, lines: rest.lines, currency, purchaseId: orderId }),
    `The refund ${rest.id}`,
  );
  return fields as OrderRefund;
}

function fitting<T>(
  parsed: { success: true; data: T } | { success: false; error: Parameters<typeof fieldErrors>[0] },
  what: string,
): T {
  if (parsed.success) return parsed.data;
  const [first] = fieldErrors(parsed.error);
  throw new Unreadable(`${what} does not fit: ${first?.path || 'its id'} ${first?.message ?? ''}.`);
}

function checked(told: Told): Told {
  switch (told.type) {
    case 'order':
      return { type: 'order', order: checkedOrder(told.order) };
    case 'refund':
      return { ...told, ...named(told), refund: checkedRefund(told.orderId, told.refund) };
    case 'return':
      return { type: 'return', refund: fitting(refund.safeParse(told.refund), 'The return') };
    case 'refund_failed':
      return { ...told, refundId: fitting(newOwnId.safeParse(told.refundId), 'The refund'), ...named(told) };
    case 'changed':
      return { ...told, ...named(told) };
  }
}

const named = ({ orderId }: { readonly orderId: string }) => ({
  orderId: fitting(newOwnId.safeParse(orderId), 'The order'),
});

/** What is told, each as the contract wants it; nothing where there is none. Whatever is thrown is a reason. */
export function reading(read: () => readonly Told[]): Reading {
  try {
    const told = read().map(checked);
    return told.length === 0 ? { type: 'nothing' } : { type: 'told', told };
  } catch (error) {
    if (error instanceof Unreadable) return { type: 'unreadable', reason: error.message };
    return { type: 'unreadable', reason: `It is not understood: ${String(error)}.` };
  }
}

/** None where the answers cannot be read: what reads them then says why. */
export function noneUnless<T>(read: () => readonly T[]): readonly T[] {
  try {
    return read();
  } catch {
    return [];
  }
}

/** What was given back, as one or two refunds: what has no line cannot stand beside what has one. */
export function refundsOf(
  fields: Pick<OrderRefund, 'id' | 'currency' | 'occurredAt'>,
  lines: NonNullable<OrderRefund['lines']>,
  shippingMinor: number,
  restMinor: number,
): readonly OrderRefund[] {
  const known = lines.length > 0 || shippingMinor > 0;
  return [
    ...(known
      ? [
          {
            ...fields,
            ...(lines.length > 0 ? { lines } : {}),
            ...(shippingMinor > 0 ? { shippingMinor } : {}),
          },
        ]
      : []),
    ...(restMinor > 0
      ? [{ ...fields, id: known ? `${fields.id}-rest` : fields.id, amountMinor: restMinor }]
      : []),
  ];
}

// Signatures ----------------------------------------------------------------------------------------------

/**
 * Whether a signature, as text, is the HMAC-SHA256 of `signed` by one of the secrets, compared in a time that tells
 * nothing. RFC 2104, FIPS 180-4.
 */
export function isSigned(
  signature: string | undefined,
  signed: Buffer | string,
  secrets: readonly (string | Buffer)[],
  encoding: 'base64' | 'hex' = 'base64',
): boolean {
  const said = Buffer.from(signature ?? '');
  return secrets
    .filter((secret) => secret.length > 0)
    .map((secret) => {
      const own = Buffer.from(createHmac('sha256', secret).update(signed).digest(encoding));
      return own.length === said.length && timingSafeEqual(own, said);
    })
    .includes(true);
}

/** How old a delivery may be whose signature holds a time, and how far ahead: clocks differ. */
const windowMs = 300_000;

/** @param seconds since 1970, as text */
export function isRecent(seconds: string | undefined, now: number): boolean {
  return /^\d{1,12}$/.test(seconds ?? '') && Math.abs(now - Number(seconds) * 1000) <= windowMs;
}

/**
 * Whether a delivery is signed by Standard Webhooks with one of the keys.
 * https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
 */
export function isStandardWebhook(
  { body, headers }: Delivery,
  keys: readonly (string | Buffer)[],
  now: number,
): boolean {
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signatures } = headers;
  if (!id || !at || !signatures || !isRecent(at, now)) return false;
  const signed = Buffer.concat([Buffer.from(`${id}.${at}.`), body]);
  return signatures
    .split(' ')
    .filter((one) => one.startsWith('v1,'))
    .map((one) => isSigned(one.slice('v1,'.length), signed, keys))
    .includes(true);
}
