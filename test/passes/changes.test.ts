import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../core/account.ts';
import { type LastChange, lastChangeOf } from '../../core/card.ts';
import { pendingNotice, pointsNotice } from '../../passes/changes.ts';
import { styleOf } from '../../passes/wording.ts';
import { defaultProgram } from '../support/world.ts';
import { arbChange, check, entryTypes } from './views.ts';

function change(of: Partial<LastChange>): LastChange {
  return { type: 'earned', cause: 'purchase', points: 0, pending: 0, ...of };
}

const earned = change({ points: 25 });
const inStore = change({ points: 1, store: 'Paris Marais' });
const later = change({ pending: 1240 });
const refunded = change({ type: 'clawed_back', cause: 'refund', points: -25 });
const expired = change({ type: 'expired', cause: 'schedule', points: -1 });
const birthday = change({ type: 'bonus', cause: 'birthday', points: 100 });
const referral = change({ type: 'bonus', cause: 'referral', points: 200 });
const takenBack = change({ type: 'bonus_taken_back', cause: 'referral', points: -200 });

describe('what a phone says when points change', () => {
  it.each([
    [
      'en',
      '+25 points, %@ now',
      'Paris Marais: +1 point, %@ now',
      '+1,240 points pending, %@ in total',
      'Return: -25 points, %@ now',
      'Expired: -1 point, %@ now',
      'Happy birthday! +100 points, %@ now',
      'Bonus: +200 points, %@ now',
      'Bonus taken back: -200 points, %@ now',
    ],
    [
      'fr',
      '+25 points, vous en avez maintenant %@',
      'Paris Marais\u00a0: +1 point, vous en avez maintenant %@',
      '+1\u202f240 points en attente, %@ au total',
      'Retour\u00a0: -25 points, vous en avez maintenant %@',
      'Expiration\u00a0: -1 point, vous en avez maintenant %@',
      'Joyeux anniversaire\u00a0! +100 points, vous en avez maintenant %@',
      'Bonus\u00a0: +200 points, vous en avez maintenant %@',
      'Bonus repris\u00a0: -200 points, vous en avez maintenant %@',
    ],
    [
      'de',
      '+25 Punkte, jetzt %@',
      'Paris Marais: +1 Punkt, jetzt %@',
      '+1.240 Punkte vorgemerkt, insgesamt %@',
      'Rückgabe: -25 Punkte, jetzt %@',
      'Verfallen: -1 Punkt, jetzt %@',
      'Alles Gute zum Geburtstag! +100 Punkte, jetzt %@',
      'Bonus: +200 Punkte, jetzt %@',
      'Bonus zurückgebucht: -200 Punkte, jetzt %@',
    ],
    [
      'es',
      '+25 puntos, ahora tienes %@',
      'Paris Marais: +1 punto, ahora tienes %@',
      '+1240 puntos pendientes, %@ en total',
      'Devolución: -25 puntos, ahora tienes %@',
      'Caducidad: -1 punto, ahora tienes %@',
      '¡Feliz cumpleaños! +100 puntos, ahora tienes %@',
      'Puntos extra: +200 puntos, ahora tienes %@',
      'Puntos extra anulados: -200 puntos, ahora tienes %@',
    ],
    [
      'nl',
      '+25 punten, nu %@',
      'Paris Marais: +1 punt, nu %@',
      '+1.240 punten in behandeling, %@ in totaal',
      'Retour: -25 punten, nu %@',
      'Vervallen: -1 punt, nu %@',
      'Gefeliciteerd met je verjaardag! +100 punten, nu %@',
      'Bonus: +200 punten, nu %@',
      'Bonus teruggeboekt: -200 punten, nu %@',
    ],
    [
      'it',
      '+25 punti, ora ne hai %@',
      'Paris Marais: +1 punto, ora ne hai %@',
      '+1240 punti in attesa, %@ in totale',
      'Reso: -25 punti, ora ne hai %@',
      'Scadenza: -1 punto, ora ne hai %@',
      'Buon compleanno! +100 punti, ora ne hai %@',
      'Bonus: +200 punti, ora ne hai %@',
      'Bonus stornato: -200 punti, ora ne hai %@',
    ],
  ])('is said in %s, by its cause', (locale, ...texts) => {
    const style = styleOf(locale);
    expect([
      pointsNotice(earned, style),
      pointsNotice(inStore, style),
      pendingNotice(later, style),
      ...[refunded, expired, birthday, referral, takenBack].map((one) => pointsNotice(one, style)),
    ]).toEqual(texts);
  });

  it.each([
    ['en', 'Reserved: ', 'Available again: ', 'Redeemed: ', 'Redemption cancelled: '],
    [
      'fr',
      'Réservés\u00a0: ',
      'De nouveau disponibles\u00a0: ',
      'Utilisés\u00a0: ',
      'Utilisation annulée\u00a0: ',
    ],
    ['de', 'Reserviert: ', 'Wieder verfügbar: ', 'Eingelöst: ', 'Einlösung storniert: '],
    ['es', 'Reservados: ', 'Disponibles de nuevo: ', 'Canjeados: ', 'Canje anulado: '],
    ['nl', 'Gereserveerd: ', 'Weer beschikbaar: ', 'Ingewisseld: ', 'Inwisseling geannuleerd: '],
    ['it', 'Riservati: ', 'Di nuovo disponibili: ', 'Utilizzati: ', 'Utilizzo annullato: '],
  ])('is said of redemptions in %s', (locale, held, released, redeemed, cancelled) => {
    const style = styleOf(locale);
    const adjusted = pointsNotice(change({ type: 'adjusted', points: -100 }), style) ?? '';
    const types = [
      'held',
      'released',
      'holds_expired',
      'captured',
      'redeemed',
      'redemption_cancelled',
    ] as const;
    expect(
      types.map((type) => pointsNotice(change({ type, cause: 'redemption', points: -100 }), style)),
    ).toEqual(
      [held, released, released, redeemed, redeemed, cancelled].map((occasion) => occasion + adjusted),
    );
  });

  it('is the spending of points that were on hold, of which the balance itself knows nothing any more', () => {
    const postings = [
      { account: 'member:held', points: -100 },
      { account: 'programme:redeemed', points: 100 },
    ];
    const entry = { type: 'captured', cause: { type: 'redemption', id: 'red_1' }, postings };
    expect(pointsNotice(lastChangeOf(defaultProgram(), entry as unknown as Entry), styleOf('en'))).toBe(
      'Redeemed: -100 points, %@ now',
    );
  });

  it('is nothing for what only happened inside: activation, notices, tiers, the profile, enrolment', () => {
    const speaking = entryTypes.filter(
      (type) => pointsNotice(change({ type, points: 5 }), styleOf('en')) !== undefined,
    );
    expect(speaking).toEqual([
      ...['bonus', 'earned', 'clawed_back', 'expired', 'bonus_taken_back', 'held', 'captured', 'released'],
      ...['holds_expired', 'redeemed', 'redemption_cancelled', 'adjusted'],
      ...['merged_in', 'unmerged_out', 'unmerged_in'],
    ]);
  });

  it('is nothing for points that did not move, and nothing where the cause is not known', () => {
    const style = styleOf('en');
    expect(pointsNotice(change({ pending: 5 }), style)).toBeUndefined();
    expect(pendingNotice(change({ points: 5 }), style)).toBeUndefined();
    expect(pendingNotice(change({ type: 'clawed_back', pending: -5 }), style)).toBeUndefined();
    expect([pointsNotice(null, style), pendingNotice(null, style)]).toEqual([undefined, undefined]);
  });

  it('has one place for the new value, whatever a store is called', () => {
    check(
      fc.property(arbChange, fc.constantFrom('en', 'fr', 'de', 'es', 'nl', 'it'), (one, locale) => {
        for (const notice of [pointsNotice(one, styleOf(locale)), pendingNotice(one, styleOf(locale))])
          if (notice !== undefined) expect(notice.split('%')).toHaveLength(2);
        expect(pointsNotice({ ...one, store: '100 % Café %@' }, styleOf(locale))).toEqual(
          pointsNotice({ type: one.type, cause: one.cause, points: one.points, pending: 0 }, styleOf(locale)),
        );
      }),
      500,
    );
  });
});
