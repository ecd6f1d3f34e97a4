import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { encodeStrings, translated } from '../../../passes/apple/strings.ts';
import { labels, languages } from '../../../passes/labels.ts';
import { ana, arbText, arbView, check, look } from '../views.ts';
import { openWorkshop, type Workshop } from './build.ts';
import { fieldsByKey, parseStrings, passJson, unzip } from './read.ts';

describe('a strings file', () => {
  it('is UTF-16, big end first, with its byte order mark', () => {
    expect(encodeStrings([['é', '"']]).toString('hex')).toBe(
      'feff002200e900220020003d00200022005c00220022003b000a',
    );
  });

  it('gives back any text exactly: quotes, backslashes, line breaks, any script', () => {
    check(
      fc.property(fc.uniqueArray(fc.tuple(arbText, arbText), { selector: ([key]) => key }), (entries) => {
        expect([...parseStrings(encodeStrings(entries))]).toEqual(entries);
      }),
      500,
    );
  });
});

describe('pass.strings', () => {
  let workshop: Workshop;
  beforeAll(async () => {
    workshop = await openWorkshop();
  });

  function stringsOf(language: string): Map<string, string> {
    const bytes = unzip(workshop.build(ana)).get(`${language}.lproj/pass.strings`);
    if (!bytes) throw new Error(`${language} has no pass.strings.`);
    return parseStrings(bytes);
  }

  it('has the same keys in all six languages, and in English each key for its own value', () => {
    const english = stringsOf('en');
    expect(english.size).toBe(translated.length);
    for (const [key, value] of english) expect(value).toBe(key);
    for (const language of languages) expect([...stringsOf(language).keys()]).toEqual([...english.keys()]);
  });

  it.each([
    ['fr', 'Points en attente', 'Votre statut est désormais %@.'],
    ['de', 'Vorgemerkte Punkte', 'Ihr Status ist jetzt %@.'],
    ['es', 'Puntos pendientes', 'Tu nivel ahora es %@.'],
    ['nl', 'Punten in behandeling', 'Je status is nu %@.'],
    ['it', 'Punti in attesa', 'Il tuo livello ora è %@.'],
  ])('speaks %s', (language, pending, tier) => {
    const strings = stringsOf(language);
    expect(strings.get(labels.pending.en)).toBe(pending);
    expect(strings.get('Your tier is now %@.')).toBe(tier);
  });

  it('translates every label of a card that is not written for its member', () => {
    const keys = new Set(translated.map(({ en }) => en));
    check(
      fc.property(arbView, (view) => {
        const own = [...view.stamps, ...view.vouchers].map(({ name }) => name);
        const full = { ...view, ...look };
        for (const [key, field] of fieldsByKey(passJson(workshop.build(full)))) {
          const isWritten = /^expiring(-\d)?$/.test(String(key)) || own.includes(String(field['label']));
          if (!isWritten) expect(keys).toContain(field['label']);
        }
        for (const key of ['tier', ...view.stamps.map(({ id }) => `stamp-${id}`)])
          expect(keys).toContain(fieldsByKey(passJson(workshop.build(full))).get(key)?.['changeMessage']);
      }),
    );
  });
});
