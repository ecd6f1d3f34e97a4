/** What people give of themselves, beyond what a schema can say: phones in one form, and birthdays that have been. */
import { parsePhoneNumberFromString } from 'libphonenumber-js/min';
import { Problem } from '../../core/contract/errors.ts';

/**
 * A phone number as E.164.
 * @throws Problem naming `path` when it is not a possible number
 */
export function normalisePhone(phone: string, path: string): string {
  const parsed = parsePhoneNumberFromString(phone);
  if (!parsed?.isPossible())
    throw new Problem('invalid_request', undefined, [
      { path, message: 'must be an international phone number, as +33612345678' },
    ]);
  return parsed.number;
}

/** The same object with its phone, if any, as E.164, by Google's own numbering data. */
export function withPhone<T extends { phone?: string | null | undefined }>(value: T, path = 'phone'): T {
  const { phone } = value;
  return typeof phone === 'string' ? { ...value, phone: normalisePhone(phone, path) } : value;
}

/** The first place on Earth in which a day begins is fourteen hours ahead of UTC. */
const earliestMs = 14 * 3_600_000;

interface Person {
  readonly phone?: string | null | undefined;
  readonly birthday?: string | null | undefined;
}

/**
 * A person as given, with the phone as E.164.
 * @throws Problem naming the field for a number that cannot be, and for a birthday that is nowhere yet
 */
export function checkedPerson<T extends Person>(person: T, now: number): T {
  const today = new Date(now + earliestMs).toISOString().slice(0, 10);
  if (typeof person.birthday === 'string' && person.birthday > today)
    throw new Problem('invalid_request', undefined, [
      { path: 'birthday', message: 'must not be a day to come' },
    ]);
  return withPhone(person);
}
