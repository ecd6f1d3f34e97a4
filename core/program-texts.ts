/** The texts of a programme in its members' languages. */
import {
  inLanguage,
  isByLanguage,
  type Language,
  type Localized,
  type LocalizedText,
  languages,
} from './localized.ts';
import type { ProgramDocument } from './program.ts';

interface PlacedText {
  /** Dotted; members of lists stand under their ids, as in `tiers.complice.name`. */
  readonly path: string;
  readonly text: Exclude<LocalizedText, string>;
}

/** A programme never changes, so what is found in it is kept as long as it is. */
const found = new WeakMap<ProgramDocument, readonly PlacedText[]>();

/** The texts that differ by language, wherever in the document they stand. */
function placedTexts(program: ProgramDocument): readonly PlacedText[] {
  const known = found.get(program);
  if (known) return known;
  const texts: PlacedText[] = [];
  const walk = (part: unknown, path: readonly string[]): void => {
    if (typeof part !== 'object' || part === null) return;
    if (isByLanguage(part)) {
      texts.push({ path: path.join('.'), text: part });
      return;
    }
    for (const [name, inner] of Object.entries(part)) walk(inner, [...path, idOf(inner) ?? name]);
  };
  walk(program, []);
  found.set(program, texts);
  return texts;
}

function idOf(part: unknown): string | undefined {
  if (typeof part !== 'object' || part === null || !('id' in part)) return undefined;
  return typeof part.id === 'string' ? part.id : undefined;
}

/** The languages of a programme, the one that stands in for others first: those it names, else those of its texts. */
export function languagesOf(program: ProgramDocument): readonly Language[] {
  if (program.languages) return program.languages;
  const texts = placedTexts(program);
  return languages.filter((language) => texts.some(({ text }) => text[language] !== undefined));
}

/**
 * Says a programme's texts in somebody's language.
 * @param locale BCP 47; left out where nobody's is meant: then it is the programme's first
 */
export function speak(program: ProgramDocument, locale?: string): (text: LocalizedText) => string {
  const [first = 'en'] = languagesOf(program);
  return (text) => inLanguage(text, locale, first);
}

const localized = new WeakMap<ProgramDocument, readonly Localized[]>();

/** What phones translate by themselves: each text that differs by language, in all languages. */
export function translatedTexts(program: ProgramDocument): readonly Localized[] {
  const known = localized.get(program);
  if (known) return known;
  const made = placedTexts(program).map(({ text }) => inAll(program, text));
  localized.set(program, made);
  return made;
}

/** A text in every language; what it lacks is said in the language that stands in. */
export function inAll(program: ProgramDocument, text: LocalizedText): Localized {
  const said = (language: Language) => speak(program, language)(text);
  return {
    en: said('en'),
    fr: said('fr'),
    de: said('de'),
    es: said('es'),
    nl: said('nl'),
    it: said('it'),
  };
}

export interface MissingText {
  readonly path: string;
  readonly languages: readonly Language[];
}

/** The texts by language that lack one in which the programme speaks. */
export function missingTexts(program: ProgramDocument): MissingText[] {
  const wanted = languagesOf(program);
  return placedTexts(program)
    .map(({ path, text }) => ({ path, languages: wanted.filter((one) => text[one] === undefined) }))
    .filter(({ languages: missing }) => missing.length > 0);
}
