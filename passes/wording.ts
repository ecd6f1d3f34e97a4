/**
 * How a card's sentences, numbers and dates are written, in every language that the wallets show. Both wallets
 * take them from here, so they cannot say different things.
 */
import { languageOf } from '../core/localized.ts';
import type { Language } from './labels.ts';

export { everywhere, type Language, type Localized, labels, languages, notices } from './labels.ts';

/** Kinds of keys are few, but part of them comes from members: the language tag with any region. */
const memoizedMax = 200;

/** Makes one value per key, once, for the newest keys: a formatter takes longer to make than a whole pass. */
export function memoized<K extends string, V>(make: (key: K) => V, max = memoizedMax): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const value = make(key);
    const [oldest] = made.size < max ? [] : made.keys();
    if (oldest !== undefined) made.delete(oldest);
    made.set(key, value);
    return value;
  };
}

/** A language with, where the member's locale names one, the region whose habits numbers and dates follow. */
export interface Style {
  readonly language: Language;
  readonly tag: string;
}

/** The nearest that is spoken here to a BCP 47 tag: English for a language that is not. */
export function styleOf(locale: string): Style {
  const [, , region] = /^([A-Za-z]+)(?:-([A-Za-z]{2})\b)?/.exec(locale) ?? [];
  const spoken = languageOf(locale);
  if (!spoken) return { language: 'en', tag: 'en' };
  return { language: spoken, tag: region ? `${spoken}-${region.toUpperCase()}` : spoken };
}

/** The forms that a counted noun and what hangs on it take, by Unicode's plural rules. */
type Forms = Readonly<Record<'one' | 'other', string>> & { readonly many?: string };

const pointForms: Readonly<Record<Language, Forms>> = {
  en: { one: 'point', other: 'points' },
  fr: { one: 'point', other: 'points', many: 'de points' },
  de: { one: 'Punkt', other: 'Punkte' },
  es: { one: 'punto', other: 'puntos', many: 'de puntos' },
  nl: { one: 'punt', other: 'punten' },
  it: { one: 'punto', other: 'punti', many: 'di punti' },
};
const expireForms: Readonly<Record<Language, Forms>> = {
  en: { one: 'expires', other: 'expire' },
  fr: { one: 'expire', other: 'expirent' },
  de: { one: 'verfällt', other: 'verfallen' },
  es: { one: 'caduca', other: 'caducan' },
  nl: { one: 'vervalt', other: 'vervallen' },
  it: { one: 'scade', other: 'scadono' },
};

const pluralRules = memoized((language: Language) => new Intl.PluralRules(language));

function formOf(forms: Forms, count: number, language: Language): string {
  const rule = pluralRules(language).select(count);
  return (rule === 'one' || rule === 'many' ? forms[rule] : undefined) ?? forms.other;
}

const numberFormat = memoized((tag: string) => new Intl.NumberFormat(tag));

/** `1,240`. */
export function numberText(value: number, { tag }: Style): string {
  return numberFormat(tag).format(value);
}

const signedFormat = memoized((tag: string) => new Intl.NumberFormat(tag, { signDisplay: 'exceptZero' }));

/** `+25 points`, `-1 point`. */
export function signedPointsText(points: number, { language, tag }: Style): string {
  return `${signedFormat(tag).format(points)} ${formOf(pointForms[language], Math.abs(points), language)}`;
}

/** `1,240 points`, `1 point`. */
function pointsText(points: number, style: Style): string {
  return `${numberText(points, style)} ${formOf(pointForms[style.language], points, style.language)}`;
}

/** `760 points to Gold`. */
export function nextTierText(points: number, tier: string, style: Style): string {
  const to = { en: 'to', fr: 'avant', de: 'bis', es: 'para', nl: 'tot', it: 'per' }[style.language];
  return `${pointsText(points, style)} ${to} ${tier}`;
}

/** `120 points expire on`, before a date. */
export function expireText(points: number, style: Style): string {
  const { language } = style;
  const verb = formOf(expireForms[language], points, language);
  const on = { en: 'on', fr: 'le', de: 'am', es: 'el', nl: 'op', it: 'il' }[language];
  return `${pointsText(points, style)} ${verb} ${on}`;
}

/** `340 points expire later`. */
export function expireLaterText(points: number, style: Style): string {
  const { language } = style;
  const verb = formOf(expireForms[language], points, language);
  const later = {
    en: 'later',
    fr: 'plus tard',
    de: 'später',
    es: 'más adelante',
    nl: 'later',
    it: 'più avanti',
  }[language];
  return `${pointsText(points, style)} ${verb} ${later}`;
}

/** What a screen reader says for the whole card. */
export function cardText(programName: string, { language }: Style): string {
  return {
    en: `${programName} loyalty card`,
    fr: `Carte de fidélité ${programName}`,
    de: `${programName} Treuekarte`,
    es: `Tarjeta de fidelidad ${programName}`,
    nl: `${programName} klantenkaart`,
    it: `Carta fedeltà ${programName}`,
  }[language];
}

const dayFormat = memoized((tag: string) =>
  memoized((timeZone: string) => new Intl.DateTimeFormat(tag, { dateStyle: 'long', timeZone })),
);

/** `December 1, 2027`: the day of an RFC 3339 instant in a time zone. */
export function dayText(instant: string, timeZone: string, { tag }: Style): string {
  return dayFormat(tag)(timeZone).format(new Date(instant));
}

/** The last moment before an instant: what ends at midnight is still so on the day before, and no longer. */
export function lastMoment(instant: string): string {
  return new Date(Date.parse(instant) - 1).toISOString();
}

/** How many dates of expiring points are told one by one. */
export const expiringShownMax = 8;

type Expiring = readonly { readonly points: number; readonly at: string }[];

/** The soonest dates, and the sum of the points whose date is not among them. */
export function foldExpiring(expiring: Expiring): { soonest: Expiring; laterPoints: number } {
  const later = expiring.slice(expiringShownMax);
  const laterPoints = later.reduce((sum, { points }) => sum + points, 0);
  return { soonest: expiring.slice(0, expiringShownMax), laterPoints };
}

/** A stamp card as it stands: `4 / 10`. */
export function stampText({ count, of }: { readonly count: number; readonly of: number }): string {
  return `${count} / ${of}`;
}
