/** The names of what a card shows, in every language that the wallets show. */

import type { Localized } from '../core/localized.ts';

export { type Language, type Localized, languages } from '../core/localized.ts';

/** A name, which is the same in every language. */
export function everywhere(name: string): Localized {
  return { en: name, fr: name, de: name, es: name, nl: name, it: name };
}

/**
 * Names of what a card shows. A phone looks every text of an Apple pass up among their English forms to
 * translate it, so none of them may be what a member, a tier or a programme could be called.
 */
export const labels = {
  points: { en: 'Points', fr: 'Points', de: 'Punkte', es: 'Puntos', nl: 'Punten', it: 'Punti' },
  holder: {
    en: 'Card holder',
    fr: 'Titulaire',
    de: 'Mitglied',
    es: 'Titular',
    nl: 'Kaarthouder',
    it: 'Titolare',
  },
  programme: {
    en: 'Loyalty programme',
    fr: 'Programme de fidélité',
    de: 'Treueprogramm',
    es: 'Programa de fidelidad',
    nl: 'Spaarprogramma',
    it: 'Programma fedeltà',
  },
  tier: {
    en: 'Your tier',
    fr: 'Votre statut',
    de: 'Ihr Status',
    es: 'Tu nivel',
    nl: 'Je status',
    it: 'Il tuo livello',
  },
  nextTier: {
    en: 'Next tier',
    fr: 'Prochain statut',
    de: 'Nächster Status',
    es: 'Próximo nivel',
    nl: 'Volgende status',
    it: 'Prossimo livello',
  },
  tierUntil: {
    en: 'Tier valid until',
    fr: 'Statut valable jusqu’au',
    de: 'Status gültig bis',
    es: 'Nivel válido hasta',
    nl: 'Status geldig tot',
    it: 'Livello valido fino al',
  },
  pending: {
    en: 'Pending points',
    fr: 'Points en attente',
    de: 'Vorgemerkte Punkte',
    es: 'Puntos pendientes',
    nl: 'Punten in behandeling',
    it: 'Punti in attesa',
  },
  held: {
    en: 'Points on hold',
    fr: 'Points réservés',
    de: 'Reservierte Punkte',
    es: 'Puntos reservados',
    nl: 'Gereserveerde punten',
    it: 'Punti riservati',
  },
  debt: {
    en: 'Points owed',
    fr: 'Points dus',
    de: 'Geschuldete Punkte',
    es: 'Puntos adeudados',
    nl: 'Verschuldigde punten',
    it: 'Punti dovuti',
  },
  expiring: {
    en: 'Expiring points',
    fr: 'Points qui expirent',
    de: 'Verfallende Punkte',
    es: 'Puntos que caducan',
    nl: 'Punten die vervallen',
    it: 'Punti in scadenza',
  },
  cardNumber: {
    en: 'Card number',
    fr: 'Numéro de carte',
    de: 'Kartennummer',
    es: 'Número de tarjeta',
    nl: 'Kaartnummer',
    it: 'Numero della carta',
  },
  cardPage: {
    en: 'Your card online',
    fr: 'Votre carte en ligne',
    de: 'Ihre Karte online',
    es: 'Tu tarjeta en línea',
    nl: 'Je kaart online',
    it: 'La tua carta online',
  },
  newCard: {
    en: 'Your new card',
    fr: 'Votre nouvelle carte',
    de: 'Ihre neue Karte',
    es: 'Tu nueva tarjeta',
    nl: 'Je nieuwe kaart',
    it: 'La tua nuova carta',
  },
  moved: {
    en: 'This card has moved',
    fr: 'Cette carte a déménagé',
    de: 'Diese Karte ist umgezogen',
    es: 'Esta tarjeta se ha trasladado',
    nl: 'Deze kaart is verhuisd',
    it: 'Questa carta si è spostata',
  },
  movedText: {
    en: 'Your points are on your other card. Open it by the link, and delete this one.',
    fr: 'Vos points sont sur votre autre carte. Ouvrez-la avec le lien et supprimez celle-ci.',
    de: 'Ihre Punkte sind auf Ihrer anderen Karte. Öffnen Sie sie über den Link und löschen Sie diese.',
    es: 'Tus puntos están en tu otra tarjeta. Ábrela con el enlace y elimina esta.',
    nl: 'Je punten staan op je andere kaart. Open die met de link en verwijder deze.',
    it: 'I tuoi punti sono sull’altra carta. Aprila con il link ed elimina questa.',
  },
  support: {
    en: 'Help and contact',
    fr: 'Aide et contact',
    de: 'Hilfe und Kontakt',
    es: 'Ayuda y contacto',
    nl: 'Hulp en contact',
    it: 'Assistenza e contatti',
  },
  about: {
    en: 'About this card',
    fr: 'À propos de cette carte',
    de: 'Über diese Karte',
    es: 'Acerca de esta tarjeta',
    nl: 'Over deze kaart',
    it: 'Informazioni sulla carta',
  },
  aboutText: {
    en: 'This card is personal and shows your balance as of its last update. Your card online is always up to date.',
    fr: 'Cette carte est personnelle et indique votre solde à sa dernière mise à jour. Votre carte en ligne est toujours à jour.',
    de: 'Diese Karte ist persönlich und zeigt Ihren Punktestand zum Zeitpunkt der letzten Aktualisierung. Ihre Karte online ist immer aktuell.',
    es: 'Esta tarjeta es personal y muestra tu saldo en el momento de su última actualización. Tu tarjeta en línea está siempre al día.',
    nl: 'Deze kaart is persoonlijk en toont je saldo bij de laatste update. Je kaart online is altijd actueel.',
    it: 'Questa carta è personale e mostra il saldo al suo ultimo aggiornamento. La tua carta online è sempre aggiornata.',
  },
} as const satisfies Record<string, Localized>;

/** What a phone says when a value changes; `%@` is the new value. */
export const notices = {
  tier: {
    en: 'Your tier is now %@.',
    fr: 'Votre statut est désormais %@.',
    de: 'Ihr Status ist jetzt %@.',
    es: 'Tu nivel ahora es %@.',
    nl: 'Je status is nu %@.',
    it: 'Il tuo livello ora è %@.',
  },
  stamps: {
    en: 'Your stamps: %@.',
    fr: 'Vos tampons : %@.',
    de: 'Ihre Stempel: %@.',
    es: 'Tus sellos: %@.',
    nl: 'Je stempels: %@.',
    it: 'I tuoi timbri: %@.',
  },
} as const satisfies Record<string, Localized>;
