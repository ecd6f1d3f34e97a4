/** The schema of texts by language; apart from what speaks them, since pages in a browser do that without it. */
import * as z from 'zod';
import { text } from './contract/shapes/basics.ts';
import { languages } from './localized.ts';

/** @param max characters, of the text in each language */
export function localizedText(max: number) {
  const error = `must be a text of 1 to ${max} characters, or such a text for each language, as { "en": "…", "fr": "…" }, of ${languages.join(', ')}`;
  const each = text(max).optional();
  const byLanguage = z
    .strictObject({ en: each, fr: each, de: each, es: each, nl: each, it: each }, { error })
    .refine((texts) => Object.values(texts).some((one) => one !== undefined), error);
  return z.union([text(max), byLanguage], { error });
}
