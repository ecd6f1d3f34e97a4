/** Which language somebody reads, and how numbers and dates are written for them. */
export const languages = ['en', 'fr', 'de', 'es', 'nl', 'it'] as const;
export type Language = (typeof languages)[number];

/** As each calls itself. */
export const languageNames: Readonly<Record<Language, string>> = {
  en: 'English',
  fr: 'Français',
  de: 'Deutsch',
  es: 'Español',
  nl: 'Nederlands',
  it: 'Italiano',
};

export interface Speech {
  readonly language: Language;
  /** A BCP 47 tag that Intl accepts, region kept: `fr-CH` writes numbers otherwise than `fr`. */
  readonly locale: string;
}

/**
 * The first tag in a language that we speak wins.
 * @param standIn for who reads none of ours: the programme's first
 */
export function speechFor(tags: readonly string[], standIn: Language = 'en'): Speech {
  for (const tag of tags) {
    const language = languageOf(tag);
    if (language) return { language, locale: canonical(tag) ?? language };
  }
  return { language: standIn, locale: standIn };
}

/** A chosen language with the region that the reader's own tags have for it. */
export function speechIn(language: Language, tags: readonly string[]): Speech {
  return speechFor(
    tags.filter((tag) => languageOf(tag) === language),
    language,
  );
}

export function languageOf(tag: string): Language | undefined {
  const [language] = tag.toLowerCase().split('-');
  return languages.find((one) => one === language);
}

const remembered = 'language';

/** The language that somebody chose on one of the pages; undefined where nobody did, or nothing can be kept. */
export function chosenLanguage(): Language | undefined {
  try {
    return languageOf(localStorage.getItem(remembered) ?? '');
  } catch {
    return undefined;
  }
}

export function rememberLanguage(language: Language): void {
  try {
    localStorage.setItem(remembered, language);
  } catch {
    // It holds for this page, then.
  }
}

/**
 * The tag without extensions, which the API would refuse. A member's locale is any text of the right form,
 * so it may still be a tag that Intl refuses with RangeError.
 */
function canonical(tag: string): string | undefined {
  try {
    return new Intl.Locale(tag).baseName;
  } catch {
    return undefined;
  }
}

export function formatNumber(value: number, speech: Speech): string {
  return new Intl.NumberFormat(speech.locale).format(value);
}

/** Always with its sign: `+68`, `−20`. */
export function formatChange(value: number, speech: Speech): string {
  return new Intl.NumberFormat(speech.locale, { signDisplay: 'always' }).format(value);
}

export function formatTime(at: Date, speech: Speech): string {
  return new Intl.DateTimeFormat(speech.locale, { timeStyle: 'short' }).format(at);
}

/**
 * An instant to the minute, for what ends in the middle of a day: by the clocks of the programme's shops, whose zone is
 * named where somebody's own clock shows another time.
 */
export function formatMoment(instant: string, timeZone: string, speech: Speech): string {
  const at = Date.parse(instant);
  const minute = {
    year: 'numeric',
    month: 'long',
    day: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
  } as const;
  const own = new Intl.DateTimeFormat(speech.locale, minute).format(at);
  const shown = new Intl.DateTimeFormat(speech.locale, { ...minute, timeZone }).format(at);
  if (own === shown) return shown;
  return new Intl.DateTimeFormat(speech.locale, { ...minute, timeZone, timeZoneName: 'short' }).format(at);
}

/**
 * The last day, where the programme lives, on which something holds that ends at `instant`. What the programme ends,
 * it ends at a midnight, so naming that instant's own day would promise a day too many.
 */
export function formatLastDay(instant: string, timeZone: string, speech: Speech): string {
  const format = new Intl.DateTimeFormat(speech.locale, { dateStyle: 'long', timeZone });
  return format.format(Date.parse(instant) - 1);
}
