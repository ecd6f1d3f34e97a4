/**
 * Every identifier that leaves the system, in one table. An id is a prefix that says what it names and a
 * ULID (https://github.com/ulid/spec); the brand keeps two kinds from being swapped unnoticed.
 */
import * as z from 'zod';

/** The prefix of each kind of id. */
export const prefixes = {
  adjustment: 'adj',
  audit: 'aud',
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
export type VoucherId = Id<'voucher'>;
export type RedemptionId = Id<'redemption'>;
export type AdjustmentId = Id<'adjustment'>;
export type AuditId = Id<'audit'>;
export type KeyId = Id<'key'>;

/** Crockford's base32: no I, L, O, U. The first character holds only three bits, so it ends at 7. */
const ulid = '[0-7][0-9A-HJKMNP-TV-Z]{25}';

/** What an id may look like. */
const sample = '01KBAZ5H00QK7WJ0C4PTSH3N1D';

function makeSchema(of: Kind): z.ZodType {
  const pattern = new RegExp(`^${prefixes[of]}_${ulid}$`);
  return z
    .string()
    .regex(
      pattern,
      `must be ${prefixes[of]}_ and a ULID of 26 digits and capitals, as ${prefixes[of]}_${sample}`,
    )
    .meta({ id: `${of[0]?.toUpperCase()}${of.slice(1)}Id` });
}

/** One schema of each kind: a named one may not stand twice in a document. */
const schemas = new Map((Object.keys(prefixes) as Kind[]).map((of) => [of, makeSchema(of)]));

/** The schema of one kind of id; its output carries the brand. */
export function idSchema<K extends Kind>(of: K): z.ZodType<Id<K>, string> {
  return schemas.get(of) as z.ZodType<Id<K>, string>;
}

/** Puts the prefix of a kind before a ULID. */
export function makeId<K extends Kind>(of: K, ulidText: string): Id<K> {
  return `${prefixes[of]}_${ulidText}` as Id<K>;
}

const crockford = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The last `length` digits of a non-negative integer in Crockford's base32. */
export function base32(value: number, length: number): string {
  let text = '';
  for (let rest = value, at = 0; at < length; at++, rest = Math.floor(rest / 32))
    text = crockford[rest % 32] + text;
  return text;
}

/** Which of up to 1,024 shards serves a member: by the last two characters of the id, which are random. */
export function shardOf(memberId: MemberId, shards: number): number {
  const [high = '', low = ''] = memberId.slice(-2);
  // Who is nobody yet, as the guest of a quote, is served by the first.
  return (base32Value(high) * 32 + base32Value(low)) % shards;
}

/** What a character stands for in Crockford's base32, 0 to 31; 0 for any other. */
export function base32Value(character: string): number {
  return Math.max(0, crockford.indexOf(character.toUpperCase()));
}

/** The part of a member's id that the ids of its entries carry: ten characters, unique by enrolment. */
export function memberTail(memberId: MemberId): string {
  return memberId.slice(-10);
}

/**
 * The id of a member's entry: a ULID in form, its time that of recording, and behind it, instead of
 * randomness, the member's tail and the sequence (30 bits). So an entry is found by its id alone, at once, and
 * no index has to be written beside it.
 */
export function entryIdOf(recordedAt: number, memberId: MemberId, sequence: number): EntryId {
  return makeId('entry', base32(recordedAt, 10) + memberTail(memberId) + base32(sequence, 6));
}

/** Where the entry of an id stands, if there is one. */
export function placeOf(entryId: EntryId): { readonly memberTail: string; readonly sequence: number } {
  let sequence = 0;
  for (const character of entryId.slice(-6)) sequence = sequence * 32 + crockford.indexOf(character);
  return { memberTail: entryId.slice(-16, -6), sequence };
}

/**
 * What a channel can be. The kind has a bus source, a rule and a queue, and terms in the programme, which are those of
 * each channel of the kind that the programme says nothing of. A channel is data; one of each kind, named like it, is
 * there from the beginning.
 */
export const channelKinds = ['web', 'store', 'app'] as const;
export type ChannelKind = (typeof channelKinds)[number];

/** Names a channel wherever something is said to be its own: in its keys, its purchases, the programme. */
export type ChannelId = string;
/** Not `ops`: keys of operators are called so. */
export const channelIdPattern = /^(?!ops$)[a-z][a-z0-9-]{0,31}$/;
export const channelId = z
  .string()
  .regex(
    channelIdPattern,
    'must be 1 to 32 lower-case letters, digits and dashes that begin with a letter, as till-2, and not ops',
  )
  .meta({ id: 'ChannelId' });

/** `<channel>:<the channel's own id>`: unique over all channels because the channel is part of it. */
export type PurchaseId = `${ChannelId}:${string}`;
export type RefundId = `${ChannelId}:${string}`;

/** Characters of a channel's own id, counted as JSON Schema and Zod do: what takes two of JavaScript's is one. */
export const ownIdMax = 128;
/** Any character but Unicode's controls (category Cc), said so that every validator of JSON Schema reads it alike. */
const noControls = String.raw`[^\u0000-\u001f\u007f-\u009f]`;
const unencodable = 'must be well-formed Unicode: it holds half of a surrogate pair';

/**
 * What a channel may call its purchases, refunds and lines: any text without control characters, since tills, shops
 * and accountants number as they like (`#1001`, `INV/2024/1`). One that is spelt with combining accents and one that
 * is not are the same, and kept in the composed form.
 */
export const ownId = z
  .string()
  .overwrite(composed)
  .regex(new RegExp(`^${noControls}*$`), 'must not hold control characters')
  .refine(isWellFormed, unencodable)
  .min(1, 'must not be empty')
  .max(ownIdMax, `must have at most ${ownIdMax} characters`);

/** Who sends a text that no encoding can carry is told so, and not what would have become of it. */
function composed(text: string): string {
  return isWellFormed(text) ? text.normalize('NFC') : text;
}

function isWellFormed(text: string): boolean {
  return text.isWellFormed();
}

const startsWithKind = (text: string) => channelKinds.some((kind) => text.startsWith(`${kind}:`));

export const ownIdHelp = "must be the channel's own id, without the channel before it";

/**
 * The id that a channel gives something new. It does not begin with the name of a channel, so that wherever a purchase
 * is named by either kind of id, nobody has to guess which one is meant. Which further channels there are the door
 * knows (core/intake.ts).
 */
export const newOwnId = ownId.refine((id) => !startsWithKind(id), ownIdHelp);

const scopedHelp = `must be a channel (as ${channelKinds.join(', ')}), a colon and the channel's own id`;

/** The id of a purchase or refund as the whole system knows it. */
export const channelScopedId = z
  .string()
  .overwrite(composed)
  .regex(new RegExp(`^[a-z][a-z0-9-]{0,31}:${noControls}+$`), scopedHelp)
  .refine(isWellFormed, unencodable)
  .refine((id) => [...id.slice(id.indexOf(':') + 1)].length <= ownIdMax, scopedHelp) as unknown as z.ZodType<
  PurchaseId,
  string
>;

/** How a caller names a purchase: by the channel's own id, or by the full one, which may be another channel's. */
export const purchaseReference = z.union([channelScopedId, newOwnId], {
  error: `must be the channel's own id of at most ${ownIdMax} characters, without control characters, or a full id: ${scopedHelp.slice('must be '.length)}`,
});

/** Joins a channel and its own id. */
export function scopedId(channel: ChannelId, own: string): PurchaseId {
  return `${channel}:${own}`;
}

/** The channel part of a purchase's or refund's id. */
export function channelOf(id: PurchaseId): ChannelId {
  return id.slice(0, id.indexOf(':'));
}
