/** Which texts of pass.json phones translate, and how: what pass.strings holds, before it is bytes. */
import { type Language, type Localized, labels, notices } from '../wording.ts';

/** Every text of pass.json that phones translate. Points, in both languages the same, is among them too. */
export const translated: readonly Localized[] = [...Object.values(labels), ...Object.values(notices)];

/** The keys and values of one language. All languages have the same keys: a text without one shows its key. */
export function translations(language: Language): (readonly [key: string, value: string])[] {
  return translated.map((text) => [text.en, text[language]]);
}
