/**
 * Texts that people see, in their language: one text for everybody, or one for each language. Cards, pages and
 * messages speak these languages; a text of a programme may be in any of them.
 */
export const languages = ['en', 'fr', 'de', 'es', 'nl', 'it'] as const;
export type Language = (typeof languages)[number];
export type Localized = Readonly<Record<Language, string>>;

/** A text of the programme: the same for everybody, or by language; at least one is there. */
export type LocalizedText = string | { readonly [L in Language]?: string | undefined };

/** The language of a BCP 47 tag, where it is one that is spoken here. */
export function languageOf(locale: string): Language | undefined {
  const [language] = locale.toLowerCase().split('-');
  return languages.find((one) => one === language);
}

/**
 * A text in somebody's language, else in the one that stands in, else in the first that it has.
 * @param locale BCP 47, as `fr-CH`
 */
export function inLanguage(of: LocalizedText, locale: string | undefined, standIn: Language): string {
  if (typeof of === 'string') return of;
  const own = locale === undefined ? undefined : languageOf(locale);
  const first = languages.find((one) => of[one] !== undefined);
  return (own && of[own]) ?? of[standIn] ?? (first && of[first]) ?? '';
}

/** Whether it is a text by language, and no other part of a document. */
export function isByLanguage(part: unknown): part is Exclude<LocalizedText, string> {
  if (typeof part !== 'object' || part === null || Array.isArray(part)) return false;
  const entries = Object.entries(part);
  return (
    entries.length > 0 &&
    entries.every(([name, value]) => languages.some((one) => one === name) && typeof value === 'string')
  );
}
