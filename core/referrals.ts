/**
 * Referrals: both sides are paid once the newcomer's first purchase of at least the minimum has passed its
 * pending period unrefunded, and never for oneself.
 */
import { canonicalEmail } from './contract/email.ts';
import type { PurchaseRecord } from './purchases.ts';
import { isReturned, leftMinor } from './remains.ts';

/** Providers that deliver `a.b+c@` to `ab@`, and those that only ignore what follows the plus. */
const ignoreDots = new Set(['gmail.com', 'googlemail.com']);
const ignoreTags = new Set([
  ...ignoreDots,
  'outlook.com',
  'hotmail.com',
  'live.com',
  'icloud.com',
  'me.com',
  'fastmail.com',
  'proton.me',
  'protonmail.com',
]);

/** The mailbox behind an address, as far as its provider's rules are known: for telling people apart only. */
export function mailboxOf(email: string): string {
  const known = canonicalEmail(email) ?? email.normalize('NFC').toLowerCase();
  const [local = '', domain = ''] = known.split('@');
  const untagged = ignoreTags.has(domain) ? (local.split('+')[0] ?? '') : local;
  const name = ignoreDots.has(domain) ? untagged.replaceAll('.', '') : untagged;
  return `${name}@${domain === 'googlemail.com' ? 'gmail.com' : domain}`;
}

interface Person {
  readonly email: string | null;
  readonly phone: string | null;
}

/** Whether two profiles are one person's: the same mailbox or the same phone. */
export function isSamePerson(a: Person, b: Person): boolean {
  const sameMail = a.email !== null && b.email !== null && mailboxOf(a.email) === mailboxOf(b.email);
  return sameMail || (a.phone !== null && a.phone === b.phone);
}

/**
 * From when on a purchase counts for a referral, in milliseconds since 1970: as soon as its points are no longer
 * pending, if enough of it remains. Undefined when too little does, or when all of it was given back, however small the
 * minimum.
 */
export function countsForReferralFrom(record: PurchaseRecord, minimumMinor: number): number | undefined {
  if (isReturned(record) || leftMinor(record) < minimumMinor) return undefined;
  const { availableAt = null } = record.earning?.lot ?? {};
  return availableAt === null ? 0 : Date.parse(availableAt);
}

const alphabet = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** A code to pass on, of eight characters, from bytes that follow from the member. */
export function referralCodeOf(bytes: Uint8Array): string {
  return [...bytes.subarray(0, 8)].map((byte) => alphabet[byte % 32]).join('');
}

/** The code as somebody types it, or undefined when it cannot be one. */
export function readReferralCode(typed: string): string | undefined {
  const code = typed.toUpperCase().replace(/[\s-]/g, '').replace(/O/g, '0').replace(/[IL]/g, '1');
  return /^[0-9A-HJKMNP-TV-Z]{8}$/.test(code) ? code : undefined;
}
