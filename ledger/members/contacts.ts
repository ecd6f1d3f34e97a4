/**
 * What names a person: e-mail, phone and card number, as keyed hashes by which they can be recognised, and not
 * read, once the person has left; and their removal from whatever else they were written into.
 */
import { canonicalEmail } from '../../core/contract/email.ts';
import { readPhone } from '../../core/phones.ts';
import { mailboxOf } from '../../core/referrals.ts';
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

/** A place in a text that may be a contact, and the forms in which it may be known. */
interface Candidate {
  readonly from: number;
  readonly to: number;
  readonly forms: readonly string[];
}

/** All that stands around a sign of an address and may belong to it, with a blank on either side. */
const addressLike =
  /([^\s@＠﹫"(),:;<>[\\\]]{1,100})([ \u00A0]?[@＠﹫][ \u00A0]?)([\p{L}\p{M}\p{N}\p{Cf}_.。．｡-]{1,255})/gu;
/** Where an address may begin within that: at its start, or behind a mark. */
const beginnings = /(?<=^|[^\p{L}\p{M}\p{N}\p{Cf}])(?=.)/gu;

function* addressesIn(text: string): Generator<Candidate> {
  for (const { index, 1: name = '', 2: sign = '', 3: host = '' } of text.matchAll(addressLike)) {
    const domain = host.replace(/[.。．｡-]+$/u, '');
    for (const { index: skipped } of name.matchAll(beginnings)) {
      const address = `${name.slice(skipped)}@${domain}`;
      const from = index + skipped;
      const to = index + name.length + sign.length + domain.length;
      yield { from, to, forms: [...new Set([normaliseEmail(address), mailboxOf(address)])] };
    }
  }
}

/** Digits with what people put between them: blanks, dots, dashes, slashes, and a zero in brackets. */
const numberLike = /\p{Nd}+(?:[\s\p{Pd}\p{Cf}.()/_·\u2022]{1,3}\p{Nd}+)*/gu;
const letterBehind = /^[\p{L}\p{M}]/u;
const letterBefore = /[\p{L}\p{M}]$/u;
const plusBefore = /[+＋]\s?\(?$/;
const digitsMin = 7;
/** Fifteen, a zero in brackets, and what is dialled before the code of a country. */
const digitsMax = 19;

/** Every run of digits that may be a number, of a card or a phone, the longest from each group of them on first. */
function* numbersIn(text: string): Generator<Candidate> {
  for (const { index, 0: run } of text.matchAll(numberLike)) {
    const groups = [...run.matchAll(/\p{Nd}+/gu)].map((group) => ({
      from: index + group.index,
      to: index + group.index + group[0].length,
      digits: group[0].normalize('NFKC'),
    }));
    for (const [at, { from }] of groups.entries()) {
      const before = text.slice(Math.max(0, from - 3), from);
      if (letterBefore.test(before)) continue;
      const hasPlus = plusBefore.test(before);
      const start = from - (hasPlus ? (plusBefore.exec(before)?.[0].length ?? 0) : 0);
      const found: Candidate[] = [];
      let digits = '';
      for (const group of groups.slice(at)) {
        digits += group.digits;
        if (digits.length > digitsMax) break;
        if (digits.length < digitsMin || letterBehind.test(text.slice(group.to, group.to + 2))) continue;
        found.unshift({ from: start, to: group.to, forms: readPhone(digits, hasPlus) });
      }
      yield* found;
    }
  }
}

function* candidatesIn(text: string): Generator<Candidate> {
  yield* addressesIn(text);
  yield* numbersIn(text);
}

/** What names goods and never a person, though it may be as many digits. */
const ofGoods: ReadonlySet<string> = new Set(['gtin', 'sku']);

/** Every form of whatever in the texts of a value, as JSON has them, may be somebody's contact. */
export function contactsIn(value: unknown): string[] {
  const found: string[] = [];
  // A message may be nested deeper than calls may.
  const left: unknown[] = [value];
  while (left.length > 0) {
    const one = left.pop();
    if (typeof one === 'string') for (const { forms } of candidatesIn(one)) found.push(...forms);
    else if (typeof one === 'object' && one !== null)
      for (const [name, inner] of Object.entries(one)) if (!ofGoods.has(name)) left.push(inner);
  }
  return found;
}

/** What stands where a contact stood. */
export const erased = '[erased]';

function textWithout(context: LedgerContext, text: string, hashes: ReadonlySet<string>): string {
  let clean = '';
  let done = 0;
  const named = [...candidatesIn(text)]
    .filter(({ forms }) => forms.some((form) => hashes.has(contactHash(context, form))))
    .sort((a, b) => a.from - b.from || b.to - a.to);
  for (const { from, to } of named) {
    if (from < done) continue;
    clean += text.slice(done, from) + erased;
    done = to;
  }
  return clean + text.slice(done);
}

/** A value as JSON has them, with those contacts in its texts replaced whose hashes these are. The same when there are none. */
export function withoutContacts<T>(context: LedgerContext, value: T, hashes: ReadonlySet<string>): T {
  return withTexts(value, (text) => textWithout(context, text, hashes));
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
