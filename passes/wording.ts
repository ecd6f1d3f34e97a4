/**
 * The words on a card, in every language that the wallets show, and how its numbers and dates are written.
 * Both wallets take them from here, so they cannot say different things.
 */

export const languages = ['en', 'fr'] as const;
export type Language = (typeof languages)[number];
export type Localized = Readonly<Record<Language, string>>;

/**
 * Names of what a card shows. A phone looks every text of an Apple pass up among their English forms to
 * translate it, so none of them may be what a member, a tier or a programme could be called.
 */
export const labels = {
  points: { en: 'Points', fr: 'Points' },
  holder: { en: 'Card holder', fr: 'Titulaire' },
  programme: { en: 'Loyalty programme', fr: 'Programme de fidélité' },
  tier: { en: 'Your tier', fr: 'Votre statut' },
  nextTier: { en: 'Next tier', fr: 'Prochain statut' },
  tierUntil: { en: 'Tier valid until', fr: 'Statut valable jusqu’au' },
  pending: { en: 'Pending points', fr: 'Points en attente' },
  held: { en: 'Points on hold', fr: 'Points réservés' },
  debt: { en: 'Points owed', fr: 'Points dus' },
  expiring: { en: 'Expiring points', fr: 'Points qui expirent' },
  cardNumber: { en: 'Card number', fr: 'Numéro de carte' },
  cardPage: { en: 'Your card online', fr: 'Votre carte en ligne' },
  about: { en: 'About this card', fr: 'À propos de cette carte' },
  aboutText: {
    en: 'This card is personal and shows your balance as of its last update. Your card online is always up to date.',
    fr: 'Cette carte est personnelle et indique votre solde à sa dernière mise à jour. Votre carte en ligne est toujours à jour.',
  },
} as const satisfies Record<string, Localized>;

/** What a phone says when a value changes; `%@` is the new value. */
export const notices = {
  points: { en: 'Your points balance is now %@.', fr: 'Votre solde de points est désormais de %@.' },
  tier: { en: 'Your tier is now %@.', fr: 'Votre statut est désormais %@.' },
  stamps: { en: 'Your stamps: %@.', fr: 'Vos tampons : %@.' },
} as const satisfies Record<string, Localized>;

/**
 * Makes one value per key, once: a formatter takes longer to make than a whole pass. The keys, languages with
 * a region and the programme's time zone, are few.
 */
export function memoized<K extends string, V>(make: (key: K) => V): (key: K) => V {
  const made = new Map<K, V>();
  return (key) => {
    const value = made.get(key) ?? make(key);
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
  const [, language, region] = /^([a-z]+)(?:-([A-Za-z]{2})\b)?/.exec(locale) ?? [];
  const spoken = languages.find((one) => one === language);
  if (!spoken) return { language: 'en', tag: 'en' };
  return { language: spoken, tag: region ? `${spoken}-${region}` : spoken };
}

/** The forms that a counted noun and what hangs on it take, by Unicode's plural rules. */
type Forms = Readonly<Record<'one' | 'other', string>> & { readonly many?: string };

const pointForms: Readonly<Record<Language, Forms>> = {
  en: { one: 'point', other: 'points' },
  fr: { one: 'point', other: 'points', many: 'de points' },
};
const expireForms: Readonly<Record<Language, Forms>> = {
  en: { one: 'expires', other: 'expire' },
  fr: { one: 'expire', other: 'expirent' },
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

/** `1,240 points`, `1 point`. */
function pointsText(points: number, style: Style): string {
  return `${numberText(points, style)} ${formOf(pointForms[style.language], points, style.language)}`;
}

/** `760 points to Gold`. */
export function nextTierText(points: number, tier: string, style: Style): string {
  return `${pointsText(points, style)} ${{ en: 'to', fr: 'avant' }[style.language]} ${tier}`;
}

/** `120 points expire on`, before a date. */
export function expireText(points: number, style: Style): string {
  const { language } = style;
  const verb = formOf(expireForms[language], points, language);
  return `${pointsText(points, style)} ${verb} ${{ en: 'on', fr: 'le' }[language]}`;
}

/** `340 points expire later`. */
export function expireLaterText(points: number, style: Style): string {
  const { language } = style;
  const verb = formOf(expireForms[language], points, language);
  return `${pointsText(points, style)} ${verb} ${{ en: 'later', fr: 'plus tard' }[language]}`;
}

/** What a screen reader says for the whole card. */
export function cardText(programName: string, { language }: Style): string {
  return { en: `${programName} loyalty card`, fr: `Carte de fidélité ${programName}` }[language];
}

const dayFormat = memoized((tag: string) =>
  memoized((timeZone: string) => new Intl.DateTimeFormat(tag, { dateStyle: 'long', timeZone })),
);

/** `December 1, 2027`: the day of an RFC 3339 instant in a time zone. */
export function dayText(instant: string, timeZone: string, { tag }: Style): string {
  return dayFormat(tag)(timeZone).format(new Date(instant));
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
