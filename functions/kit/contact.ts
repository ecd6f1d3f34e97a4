/** Phones in one form: E.164, by Google's own numbering data. */
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

/** The same object with its phone, if any, as E.164. */
export function withPhone<T extends { phone?: string | undefined }>(value: T, path = 'phone'): T {
  return value.phone === undefined ? value : { ...value, phone: normalisePhone(value.phone, path) };
}
