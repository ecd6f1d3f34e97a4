/**
 * Every identifier that leaves the system, in one table. An id is a prefix that says what it names and a
 * ULID (https://github.com/ulid/spec); the brand keeps two kinds from being swapped unnoticed.
 */
import * as z from 'zod';

/** The prefix of each kind of id. */
export const prefixes = {
  member: 'mem',
  entry: 'ent',
  exception: 'exc',
  key: 'key',
  redemption: 'red',
  voucher: 'vou',
} as const;

export type Kind = keyof typeof prefixes;

declare const kind: unique symbol;
/** An id of one kind, for example `mem_01JD…`. */
export type Id<K extends Kind> = string & { readonly [kind]: K };
export type MemberId = Id<'member'>;
export type EntryId = Id<'entry'>;
export type ExceptionId = Id<'exception'>;

/** Crockford's base32: no I, L, O, U. The first character holds only three bits, so it ends at 7. */
const ulid = '[0-7][0-9A-HJKMNP-TV-Z]{25}';

/** The schema of one kind of id; its output carries the brand. */
export function idSchema<K extends Kind>(of: K): z.ZodType<Id<K>, string> {
  const pattern = new RegExp(`^${prefixes[of]}_${ulid}$`);
  return z
    .string()
    .regex(pattern, `must be ${prefixes[of]}_ followed by a ULID`)
    .meta({ id: `${of[0]?.toUpperCase()}${of.slice(1)}Id` }) as unknown as z.ZodType<Id<K>, string>;
}

/** Puts the prefix of a kind before a ULID. */
export function makeId<K extends Kind>(of: K, ulidText: string): Id<K> {
  return `${prefixes[of]}_${ulidText}` as Id<K>;
}

/** The channels that sell. Each has a bus source, a rule, a queue and keys of its own. */
export const channels = ['web', 'store', 'app'] as const;
export type Channel = (typeof channels)[number];

/** `<channel>:<the channel's own id>`: unique over all channels because the channel is part of it. */
export type PurchaseId = `${Channel}:${string}`;
export type RefundId = `${Channel}:${string}`;

/** A channel's own id for a purchase, refund or line. */
export const ownIdPattern = /^(?!.*\.\.)[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$/;
export const ownId = z
  .string()
  .regex(
    ownIdPattern,
    'must be 1 to 128 letters, digits or . _ : - , starting with a letter or digit, without two dots in a row',
  );

/** The id of a purchase or refund as the whole system knows it. */
export const channelScopedId = z
  .string()
  .regex(
    new RegExp(`^(?:${channels.join('|')}):(?!.*\\.\\.)[A-Za-z0-9][A-Za-z0-9._:-]{0,127}$`),
    `must be a channel (${channels.join(', ')}), a colon and the channel's own id`,
  ) as unknown as z.ZodType<PurchaseId, string>;

/** Joins a channel and its own id. */
export function scopedId(channel: Channel, own: string): PurchaseId {
  return `${channel}:${own}`;
}

/** The channel part of a purchase's or refund's id. */
export function channelOf(id: PurchaseId): Channel {
  return id.slice(0, id.indexOf(':')) as Channel;
}
