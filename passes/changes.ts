/**
 * What a phone says on its lock screen when points change, by what changed them, in the member's language.
 * `%@` is where the phone writes the new value. What changes nothing that a member would ask about is said by
 * nobody.
 */
import type { EntryType } from '../core/account.ts';
import { isYearly, type YearlyBonus } from '../core/bonuses.ts';
import type { LastChange } from '../core/card.ts';
import type { Localized } from './labels.ts';
import { type Style, signedPointsText } from './wording.ts';

/** What stands before the points, its punctuation included: of bonuses that come round, by their name. */
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
  held: {
    en: 'Reserved: ',
    fr: 'Réservés\u00a0: ',
    de: 'Reserviert: ',
    es: 'Reservados: ',
    nl: 'Gereserveerd: ',
    it: 'Riservati: ',
  },
  released: {
    en: 'Available again: ',
    fr: 'De nouveau disponibles\u00a0: ',
    de: 'Wieder verfügbar: ',
    es: 'Disponibles de nuevo: ',
    nl: 'Weer beschikbaar: ',
    it: 'Di nuovo disponibili: ',
  },
  redeemed: {
    en: 'Redeemed: ',
    fr: 'Utilisés\u00a0: ',
    de: 'Eingelöst: ',
    es: 'Canjeados: ',
    nl: 'Ingewisseld: ',
    it: 'Utilizzati: ',
  },
  redemptionCancelled: {
    en: 'Redemption cancelled: ',
    fr: 'Utilisation annulée\u00a0: ',
    de: 'Einlösung storniert: ',
    es: 'Canje anulado: ',
    nl: 'Inwisseling geannuleerd: ',
    it: 'Utilizzo annullato: ',
  },
  expired: {
    en: 'Expired: ',
    fr: 'Expiration\u00a0: ',
    de: 'Verfallen: ',
    es: 'Caducidad: ',
    nl: 'Vervallen: ',
    it: 'Scadenza: ',
  },
} as const satisfies Record<YearlyBonus, Localized> & Record<string, Localized>;

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

/**
 * What is said of each type of entry, by its occasion or by the points alone. Null is silence: for entries that
 * move points at most from pending to available, announce something or concern the person, the card is there to
 * be looked at.
 */
const saidOf: Readonly<Record<EntryType, keyof typeof occasions | 'points' | null>> = {
  enrolled: null,
  profile_changed: null,
  bonus: 'bonus',
  earned: 'points',
  clawed_back: 'refund',
  activated: null,
  expired: 'expired',
  tier_reviewed: null,
  bonus_taken_back: 'bonusTakenBack',
  expiry_noticed: null,
  held: 'held',
  captured: 'redeemed',
  released: 'released',
  holds_expired: 'released',
  redeemed: 'redeemed',
  redemption_cancelled: 'redemptionCancelled',
  voucher_issued: null,
  voucher_used: null,
  voucher_returned: null,
  voucher_revoked: null,
  adjusted: 'points',
  merged_out: null,
  merged_in: 'points',
  unmerged_out: 'points',
  unmerged_in: 'points',
  erased: null,
};

/** What stands before the points; undefined where nothing is said. */
function occasionText(change: LastChange, { language }: Style): string | undefined {
  const said = saidOf[change.type];
  if (said === null) return undefined;
  if (said === 'points') return atStore(change, language === 'fr' ? '\u00a0: ' : ': ');
  return occasions[isYearly(change.cause) ? change.cause : said][language];
}

/** A name with a percent sign could read as a place for the value, so it is not said. */
function atStore({ store }: LastChange, colon: string): string {
  return store === undefined || store.includes('%') ? '' : `${store}${colon}`;
}

/** `Paris Marais: +25 points, %@ now`; undefined when the points that can be spent change in silence. */
export function pointsNotice(change: LastChange | null, style: Style): string | undefined {
  if (!change || change.points === 0) return undefined;
  return notice(change, change.points, now, style);
}

/** `+25 points pending, %@ in total`; undefined when nothing was added to the pending points. */
export function pendingNotice(change: LastChange | null, style: Style): string | undefined {
  if (!change || change.pending <= 0) return undefined;
  return notice(change, change.pending, pending, style);
}

function notice(change: LastChange, points: number, then: Localized, style: Style): string | undefined {
  const occasion = occasionText(change, style);
  return occasion === undefined
    ? undefined
    : occasion + signedPointsText(points, style) + then[style.language];
}
