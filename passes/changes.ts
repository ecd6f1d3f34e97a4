/**
 * What a phone says on its lock screen when points change, by what changed them, in the member's language.
 * `%@` is where the phone writes the new value. What changes nothing that a member would ask about is said by
 * nobody.
 */
import type { EntryType } from '../core/account.ts';
import type { LastChange } from '../core/card.ts';
import type { Localized } from './labels.ts';
import { type Style, signedPointsText } from './wording.ts';

/**
 * Entries that move points at most from pending to available, announce, or concern the person: the card shows
 * them when it is next looked at.
 */
const quiet: ReadonlySet<EntryType> = new Set([
  'enrolled',
  'profile_changed',
  'activated',
  'expiry_noticed',
  'tier_reviewed',
]);

/** What stands before the points, its punctuation included. */
const occasions = {
  birthday: {
    en: 'Happy birthday! ',
    fr: 'Joyeux anniversaire\u00a0! ',
    de: 'Alles Gute zum Geburtstag! ',
    es: '¡Feliz cumpleaños! ',
    nl: 'Gefeliciteerd met je verjaardag! ',
    it: 'Buon compleanno! ',
  },
  bonus: {
    en: 'Bonus: ',
    fr: 'Bonus\u00a0: ',
    de: 'Bonus: ',
    es: 'Puntos extra: ',
    nl: 'Bonus: ',
    it: 'Bonus: ',
  },
  bonusTakenBack: {
    en: 'Bonus taken back: ',
    fr: 'Bonus repris\u00a0: ',
    de: 'Bonus zurückgebucht: ',
    es: 'Puntos extra anulados: ',
    nl: 'Bonus teruggeboekt: ',
    it: 'Bonus stornato: ',
  },
  refund: {
    en: 'Return: ',
    fr: 'Retour\u00a0: ',
    de: 'Rückgabe: ',
    es: 'Devolución: ',
    nl: 'Retour: ',
    it: 'Reso: ',
  },
  expired: {
    en: 'Expired: ',
    fr: 'Expiration\u00a0: ',
    de: 'Verfallen: ',
    es: 'Caducidad: ',
    nl: 'Vervallen: ',
    it: 'Scadenza: ',
  },
} as const satisfies Record<string, Localized>;

/** What stands behind the points that can be spent. */
const now: Localized = {
  en: ', %@ now',
  fr: ', vous en avez maintenant %@',
  de: ', jetzt %@',
  es: ', ahora tienes %@',
  nl: ', nu %@',
  it: ', ora ne hai %@',
};

/** What stands behind points that can be spent later. */
const pending: Localized = {
  en: ' pending, %@ in total',
  fr: ' en attente, %@ au total',
  de: ' vorgemerkt, insgesamt %@',
  es: ' pendientes, %@ en total',
  nl: ' in behandeling, %@ in totaal',
  it: ' in attesa, %@ in totale',
};

function occasion(change: LastChange, { language }: Style): string {
  switch (change.type) {
    case 'bonus':
      return occasions[change.cause === 'birthday' ? 'birthday' : 'bonus'][language];
    case 'bonus_taken_back':
      return occasions.bonusTakenBack[language];
    case 'clawed_back':
      return occasions.refund[language];
    case 'expired':
      return occasions.expired[language];
    default:
      return atStore(change, language === 'fr' ? '\u00a0: ' : ': ');
  }
}

/** A name with a percent sign could read as a place for the value, so it is not said. */
function atStore({ store }: LastChange, colon: string): string {
  return store === undefined || store.includes('%') ? '' : `${store}${colon}`;
}

/** `Paris Marais: +25 points, %@ now`; undefined when the points that can be spent change in silence. */
export function pointsNotice(change: LastChange | null, style: Style): string | undefined {
  if (!change || change.points === 0 || quiet.has(change.type)) return undefined;
  return occasion(change, style) + signedPointsText(change.points, style) + now[style.language];
}

/** `+25 points pending, %@ in total`; undefined when nothing was added to the pending points. */
export function pendingNotice(change: LastChange | null, style: Style): string | undefined {
  if (!change || change.pending <= 0 || quiet.has(change.type)) return undefined;
  return occasion(change, style) + signedPointsText(change.pending, style) + pending[style.language];
}
