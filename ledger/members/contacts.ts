/**
 * What names a person: e-mail, phone and card number, as keyed hashes by which they can be recognised, and not
 * read, once the person has left; and their removal from whatever else they were written into.
 */
import { canonicalEmail } from '../../core/contract/email.ts';
import type { LedgerContext } from '../store/context.ts';

/** The form by which a mailbox is found; of what was taken for an address once and is none, the letters alone. */
export function normaliseEmail(email: string): string {
  return canonicalEmail(email) ?? spelling(email);
}

/** What look-ups of before were made of: an address whose domain is in letters is found under both. */
export function spelling(email: string): string {
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

function isCandidate(text: string): boolean {
  return text.includes('@') || /^\+?\d{7,15}$/.test(normalised(text));
}

/** What names goods and never a person, though it may be as many digits. */
const ofGoods: ReadonlySet<string> = new Set(['gtin', 'sku']);

/** Every word in the texts of a value, as JSON has them, that may be somebody's contact. */
export function contactsIn(value: unknown): string[] {
  const found: string[] = [];
  // A message may be nested deeper than calls may.
  const left: unknown[] = [value];
  while (left.length > 0) {
    const one = left.pop();
    if (typeof one === 'string')
      found.push(...[one, ...one.split(separators).map(withoutFullStop)].filter(isCandidate));
    else if (typeof one === 'object' && one !== null)
      for (const [name, inner] of Object.entries(one)) if (!ofGoods.has(name)) left.push(inner);
  }
  return found;
}

/** A full stop ends a sentence and not an address. */
function withoutFullStop(word: string): string {
  return word.replace(/[.!?]+$/, '');
}

/** Tells whether a text is one of some contacts. Most texts cannot be any, and cost no hash. */
export function recogniser(context: LedgerContext, hashes: ReadonlySet<string>): (text: string) => boolean {
  return (text) => isCandidate(text) && hashes.has(contactHash(context, text));
}

/** What stands where a contact stood. */
export const erased = '[erased]';

/** What holds a contact apart from the text around it, in sentences as in JSON. */
const separators = /([\s"'<>,;:=()[\]{}\\]+)/;

function textWithout(text: string, isContact: (text: string) => boolean): string {
  if (isContact(text)) return erased;
  const parts = text.split(separators);
  const clean = (part: string) => {
    const word = withoutFullStop(part);
    return isContact(word) ? erased + part.slice(word.length) : part;
  };
  return parts.map(clean).join('');
}

/** A value as JSON has them, with the contacts in its texts replaced. The same value when there are none. */
export function withoutContacts<T>(value: T, isContact: (text: string) => boolean): T {
  return withTexts(value, (text) => textWithout(text, isContact));
}

/** A value as JSON has them, with each of its texts replaced. The same value when none of them changes. */
export function withTexts<T>(value: T, change: (text: string) => string): T {
  return replaced(value, change) as T;
}

function replaced(value: unknown, change: (text: string) => string): unknown {
  if (typeof value === 'string') return change(value);
  if (typeof value !== 'object' || value === null) return value;
  const before = Object.entries(value);
  const after = before.map(([name, inner]) => [name, replaced(inner, change)] as const);
  if (after.every(([, inner], index) => inner === before[index]?.[1])) return value;
  return Array.isArray(value) ? after.map(([, inner]) => inner) : Object.fromEntries(after);
}
