import { describe, expect, it } from 'vitest';
import { labels, languages, notices } from '../../passes/labels.ts';
import {
  cardText,
  dayText,
  expireLaterText,
  expireText,
  memoized,
  nextTierText,
  numberText,
  signedPointsText,
  styleOf,
} from '../../passes/wording.ts';

describe('the language of a card', () => {
  it.each([
    ['en', 'en', 'en'],
    ['en-GB', 'en', 'en-GB'],
    ['fr-CA', 'fr', 'fr-CA'],
    ['fr-Latn-BE', 'fr', 'fr'],
    ['de', 'de', 'de'],
    ['de-at', 'de', 'de-AT'],
    ['es-419', 'es', 'es'],
    ['nl-BE', 'nl', 'nl-BE'],
    ['it-CH', 'it', 'it-CH'],
    ['pt-BR', 'en', 'en'],
    ['est', 'en', 'en'],
    ['', 'en', 'en'],
  ])('of %s is %s, with the habits of %s', (locale, language, tag) => {
    expect(styleOf(locale)).toEqual({ language, tag });
  });
});

describe('numbers and dates', () => {
  it.each([
    ['en-US', '1,234,567', 'December 1, 2027'],
    ['en-GB', '1,234,567', '1 December 2027'],
    ['fr', '1\u202f234\u202f567', '1 décembre 2027'],
    ['de', '1.234.567', '1. Dezember 2027'],
    ['es', '1.234.567', '1 de diciembre de 2027'],
    ['nl', '1.234.567', '1 december 2027'],
    ['it', '1.234.567', '1 dicembre 2027'],
  ])("follow the member's locale: %s", (locale, number, day) => {
    const style = styleOf(locale);
    expect(numberText(1_234_567, style)).toBe(number);
    expect(dayText('2027-11-30T23:00:00Z', 'Europe/Paris', style)).toBe(day);
  });
});

describe('sentences', () => {
  it.each([
    ['en', 1, '1 point expires on', '1 point expires later'],
    ['en', 0, '0 points expire on', '0 points expire later'],
    ['fr', 0, '0 point expire le', '0 point expire plus tard'],
    ['fr', 2, '2 points expirent le', '2 points expirent plus tard'],
    [
      'fr',
      1_000_000,
      '1\u202f000\u202f000 de points expirent le',
      '1\u202f000\u202f000 de points expirent plus tard',
    ],
    ['de', 1, '1 Punkt verfällt am', '1 Punkt verfällt später'],
    ['de', 2, '2 Punkte verfallen am', '2 Punkte verfallen später'],
    ['es', 1, '1 punto caduca el', '1 punto caduca más adelante'],
    ['es', 1_000_000, '1.000.000 de puntos caducan el', '1.000.000 de puntos caducan más adelante'],
    ['nl', 1, '1 punt vervalt op', '1 punt vervalt later'],
    ['nl', 2, '2 punten vervallen op', '2 punten vervallen later'],
    ['it', 1, '1 punto scade il', '1 punto scade più avanti'],
    ['it', 1_000_000, '1.000.000 di punti scadono il', '1.000.000 di punti scadono più avanti'],
  ])('agree in number: %s, %d', (locale, count, on, later) => {
    const style = styleOf(locale);
    expect(expireText(count, style)).toBe(on);
    expect(expireLaterText(count, style)).toBe(later);
  });

  it.each([
    ['en', '10 points to Gold', 'Maison loyalty card', '+10 points', '-1 point'],
    ['fr', '10 points avant Gold', 'Carte de fidélité Maison', '+10 points', '-1 point'],
    ['de', '10 Punkte bis Gold', 'Maison Treuekarte', '+10 Punkte', '-1 Punkt'],
    ['es', '10 puntos para Gold', 'Tarjeta de fidelidad Maison', '+10 puntos', '-1 punto'],
    ['nl', '10 punten tot Gold', 'Maison klantenkaart', '+10 punten', '-1 punt'],
    ['it', '10 punti per Gold', 'Carta fedeltà Maison', '+10 punti', '-1 punto'],
  ])('are in %s', (locale, next, card, more, less) => {
    const style = styleOf(locale);
    expect(nextTierText(10, 'Gold', style)).toBe(next);
    expect(cardText('Maison', style)).toBe(card);
    expect(signedPointsText(10, style)).toBe(more);
    expect(signedPointsText(-1, style)).toBe(less);
  });
});

describe('labels and notices', () => {
  const texts = [...Object.entries(labels), ...Object.entries(notices)];

  it('are there in every language, and different words where the languages differ', () => {
    for (const [name, text] of texts) {
      expect(Object.keys(text), name).toEqual([...languages]);
      for (const language of languages) expect(text[language].trim(), name).toBe(text[language]);
      expect(new Set(Object.values(text)).size, name).toBeGreaterThan(name === 'points' ? 4 : 5);
    }
  });

  it('have English forms of their own: two could not be told apart by a phone', () => {
    expect(new Set(texts.map(([, { en }]) => en)).size).toBe(texts.length);
  });

  it('keep the place of the new value in every notice, once', () => {
    for (const [text, places] of [
      ...Object.values(labels).map((text) => [text, 0] as const),
      ...Object.values(notices).map((text) => [text, 1] as const),
    ])
      for (const language of languages) expect(text[language].split('%@'), text.en).toHaveLength(places + 1);
  });
});

it('what is memoized is made once, and the oldest goes when there are too many', () => {
  const made: string[] = [];
  const of = memoized((key: string) => made.push(key), 2);
  for (const key of ['a', 'a', 'b', 'a', 'c', 'b', 'a']) of(key);
  expect(made).toEqual(['a', 'b', 'c', 'a']);
});
