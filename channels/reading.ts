/** What adapters read with: JSON whose ids survive, money as shops write it, and signatures. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { exponentOf } from '../core/money.ts';

/** Why a genuine delivery cannot be understood, as a sentence that names the field. */
export class Unreadable extends Error {}

/** A JSON object that somebody else wrote: what a field holds is looked at when it is asked for. */
export type Json = Readonly<Record<string, unknown>>;

/**
 * Parses JSON, in which an integer that a double would not hold exactly stays the text that it was: ids of shops have up
 * to 64 bits. https://tc39.es/proposal-json-parse-with-source/
 * @throws Unreadable
 */
export function parseJson(body: Buffer | string): unknown {
  const text = typeof body === 'string' ? body : body.toString('utf8');
  try {
    return JSON.parse(text, (_key, value: unknown, context?: { readonly source?: string }) =>
      typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d+$/.test(context?.source ?? '')
        ? context?.source
        : value,
    );
  } catch {
    throw new Unreadable('The body is not JSON.');
  }
}

/** @throws Unreadable */
export function object(value: unknown, path: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new Unreadable(`${path} is not an object.`);
  return value as Json;
}

/** The objects of a list; none where it is absent or null. @throws Unreadable */
export function objects(value: unknown, path: string): readonly Json[] {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Unreadable(`${path} is not a list.`);
  return value.map((one, index) => object(one, `${path}.${index}`));
}

/** A text that is there, or a number as the text that it is. @throws Unreadable */
export function id(value: unknown, path: string): string {
  if (typeof value === 'string' && value !== '') return value;
  if (typeof value === 'number') return String(value);
  throw new Unreadable(`${path} is not an id.`);
}

/** A text that may be missing, null or empty: then undefined. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** @throws Unreadable unless it is RFC 3339, or without an offset, which then is UTC */
export function instant(value: unknown, path: string): string {
  const said = typeof value === 'string' ? value : '';
  const whole = /(?:Z|[+-]\d\d:?\d\d)$/i.test(said) ? said : `${said}Z`;
  const at = /^\d{4}-\d\d-\d\dT/.test(said) ? Date.parse(whole) : Number.NaN;
  if (Number.isNaN(at)) throw new Unreadable(`${path} is not a date and time.`);
  return new Date(at).toISOString().replace('.000Z', 'Z');
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
  const kept = BigInt(whole + fraction.slice(0, digits).padEnd(digits, '0'));
  const up = Number(fraction[digits] ?? 0) >= 5 ? 1n : 0n;
  const units = Number(kept + up);
  if (!Number.isSafeInteger(units)) throw new Unreadable(`${path} is too large an amount.`);
  return sign === '-' && units !== 0 ? -units : units;
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

/**
 * Whether a signature in base64 is the HMAC-SHA256 of `signed` by one of the secrets, compared in a time that tells
 * nothing. RFC 2104, FIPS 180-4.
 */
export function isSigned(
  signature: string | undefined,
  signed: Buffer | string,
  secrets: readonly (string | Buffer)[],
  encoding: 'base64' | 'hex' = 'base64',
): boolean {
  const said = Buffer.from(signature ?? '', encoding);
  return secrets
    .map((secret) => {
      const own = createHmac('sha256', secret).update(signed).digest();
      return own.length === said.length && timingSafeEqual(own, said);
    })
    .includes(true);
}
