/**
 * What names a person: e-mail, phone and card number, as keyed hashes by which they can be recognised, and not
 * read, once the person has left; and their removal from whatever else they were written into.
 */
import type { LedgerContext } from '../store/context.ts';

/** Addresses that differ only in case are one person's; what the provider makes of dots is not known here. */
export function normaliseEmail(email: string): string {
  return email.normalize('NFC').toLowerCase();
}

/** Phones are written with blanks and dashes by some, and are E.164 with us. */
function normalised(text: string): string {
  return text.includes('@') ? normaliseEmail(text) : text.replace(/[ ().-]/g, '');
}

/** The hash of a contact, whatever its kind and however it is written. */
export function contactHash(context: LedgerContext, contact: string): string {
  return context.keyed('erased contact', normalised(contact));
}

/** Tells whether a text is one of some contacts. Most texts cannot be any, and cost no hash. */
export function recogniser(context: LedgerContext, hashes: ReadonlySet<string>): (text: string) => boolean {
  const isCandidate = (text: string) => text.includes('@') || /^\+?\d{7,15}$/.test(normalised(text));
  return (text) => isCandidate(text) && hashes.has(contactHash(context, text));
}

/** What stands where a contact stood. */
const erased = '[erased]';

/** What holds a contact apart from the text around it, in sentences as in JSON. */
const separators = /([\s"'<>,;:=()[\]{}\\]+)/;

function textWithout(text: string, isContact: (text: string) => boolean): string {
  if (isContact(text)) return erased;
  const parts = text.split(separators);
  // A full stop ends a sentence and not an address.
  const clean = (part: string) => {
    const word = part.replace(/[.!?]+$/, '');
    return isContact(word) ? erased + part.slice(word.length) : part;
  };
  return parts.map(clean).join('');
}

/** A value as JSON has them, with the contacts in its texts replaced. The same value when there are none. */
export function withoutContacts<T>(value: T, isContact: (text: string) => boolean): T {
  return replaced(value, isContact) as T;
}

function replaced(value: unknown, isContact: (text: string) => boolean): unknown {
  if (typeof value === 'string') return textWithout(value, isContact);
  if (typeof value !== 'object' || value === null) return value;
  const before = Object.entries(value);
  const after = before.map(([name, inner]) => [name, replaced(inner, isContact)] as const);
  if (after.every(([, inner], index) => inner === before[index]?.[1])) return value;
  return Array.isArray(value) ? after.map(([, inner]) => inner) : Object.fromEntries(after);
}
