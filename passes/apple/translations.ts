/** Which texts of pass.json phones translate, and how: what pass.strings holds, before it is bytes. */
import { type Language, type Localized, labels, notices } from '../wording.ts';

/** Every text of pass.json that phones translate. Points, in both languages the same, is among them too. */
export const translated: readonly Localized[] = [...Object.values(labels), ...Object.values(notices)];

/**
 * The keys and values of one language. All languages have the same keys: a text without one shows its key.
 * @param texts the programme's own: a pass holds them in its member's language, so each language of one is a key
 */
export function translations(
  language: Language,
  texts: readonly Localized[] = [],
): (readonly [key: string, value: string])[] {
  const values = new Map(translated.map((text) => [text.en, text[language]]));
  for (const text of texts)
    for (const key of new Set(Object.values(text))) if (!values.has(key)) values.set(key, text[language]);
  return [...values];
}
