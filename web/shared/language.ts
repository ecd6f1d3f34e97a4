/** Which of the two languages somebody reads, and how numbers and dates are written for them. */
export type Language = 'en' | 'fr';

export interface Speech {
  readonly language: Language;
  /** A BCP 47 tag that Intl accepts, region kept: `fr-CH` writes numbers otherwise than `fr`. */
  readonly locale: string;
}

/** The first tag in a language that we speak wins; English when there is none. */
export function speechFor(tags: readonly string[]): Speech {
  for (const tag of tags) {
    const language = tag.toLowerCase().split('-')[0];
    if (language === 'en' || language === 'fr') return { language, locale: canonical(tag) ?? language };
  }
  return { language: 'en', locale: 'en' };
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

/** An instant to the minute, for what ends in the middle of a day. */
export function formatMoment(instant: string, speech: Speech): string {
  const format = new Intl.DateTimeFormat(speech.locale, { dateStyle: 'long', timeStyle: 'short' });
  return format.format(Date.parse(instant));
}

/**
 * The last day on which something holds that ends at `instant`. What the programme ends, it ends at a
 * midnight, so naming that instant's own day would promise a day too many.
 */
export function formatLastDay(instant: string, speech: Speech): string {
  return new Intl.DateTimeFormat(speech.locale, { dateStyle: 'long' }).format(Date.parse(instant) - 1);
}
