/** Every text of a programme is said in the language of whoever reads it, and what a language lacks is told. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { viewCard } from '../../core/card.ts';
import { makeId } from '../../core/contract/ids.ts';
import { inLanguage, type Language, type LocalizedText, languages } from '../../core/localized.ts';
import { enrol } from '../../core/points.ts';
import { type Program, programDocument } from '../../core/program.ts';
import { programDifference } from '../../core/program-difference.ts';
import { inAll, languagesOf, missingTexts, speak } from '../../core/program-texts.ts';
import { cardProperties } from '../../passes/apple/card.ts';
import { sampleCard } from '../../passes/apple/sample.ts';
import { translations } from '../../passes/apple/translations.ts';
import { loyaltyClass, loyaltyObject } from '../../passes/google/loyalty.ts';

const sample = JSON.parse(readFileSync(new URL('../../program.json', import.meta.url), 'utf8'));

/** Each text in all languages, marked by its own. */
function marked(text: string): Record<Language, string> {
  return Object.fromEntries(languages.map((language) => [language, `${text} <${language}>`])) as Record<
    Language,
    string
  >;
}

function everywhere(part: unknown): unknown {
  if (Array.isArray(part)) return part.map(everywhere);
  if (typeof part !== 'object' || part === null) return part;
  return Object.fromEntries(
    Object.entries(part).map(([name, value]) => [
      name,
      name === 'name' || name === 'relevantText' ? marked(String(value)) : everywhere(value),
    ]),
  );
}

const card = { stores: [{ id: 's', name: 'Shop', latitude: 1, longitude: 2, relevantText: 'Near' }] };
const program: Program = {
  ...programDocument.parse(everywhere({ ...sample, card })),
  version: 1,
};
const memberId = makeId('member', '01JDAAAAAAAAAAAAAAAAAAAAAA');
const { account } = enrol(program, memberId, Date.parse('2026-11-30T10:00:00Z'));
const viewIn = (locale: string) =>
  viewCard(program, account, { name: 'Ana', locale, cardNumber: '2900000000018' }, [
    {
      code: '7K2M9QWERTY4B',
      name: speak(program, locale)(program.rewards[2]?.name ?? ''),
      type: 'gift',
      expiresAt: null,
    },
  ]);
const marksIn = (what: unknown) =>
  new Set([...JSON.stringify(what).matchAll(/<(\w\w)>/g)].map(([, language]) => language));

describe('a text', () => {
  it.each<[LocalizedText, string | undefined, Language, string]>([
    ['Gold', 'fr', 'en', 'Gold'],
    [{ en: 'Gold', fr: 'Or' }, 'fr-CA', 'en', 'Or'],
    [{ en: 'Gold', fr: 'Or' }, 'FR', 'en', 'Or'],
    [{ en: 'Gold', fr: 'Or' }, 'de', 'fr', 'Or'],
    [{ en: 'Gold', fr: 'Or' }, 'pt-BR', 'en', 'Gold'],
    [{ en: 'Gold', fr: 'Or' }, undefined, 'fr', 'Or'],
    [{ nl: 'Goud' }, 'constructor', 'en', 'Goud'],
  ])('%j for %s, else %s: %s', (text, locale, standIn, said) => {
    expect(inLanguage(text, locale, standIn)).toBe(said);
  });

  it.each([
    [{}, 'tiers.0.name'],
    [{ pt: 'Ouro' }, 'tiers.0.name'],
    [{ en: '' }, 'tiers.0.name.en'],
    [{ en: 'x'.repeat(101) }, 'tiers.0.name.en'],
    [7, 'tiers.0.name'],
  ])('that is none is refused by its place: %j', (name, path) => {
    const [first, ...others] = sample.tiers;
    const parsed = programDocument.safeParse({ ...sample, tiers: [{ ...first, name }, ...others] });
    expect(parsed.error?.issues[0]?.path.join('.')).toBe(path);
    expect(parsed.error?.issues[0]?.message).toMatch(/"en"|characters|empty/);
  });
});

describe.each(languages)('in %s', (language) => {
  it('a card says the texts of no other language', () => {
    const { texts: _, ...view } = viewIn(language);
    expect(marksIn(view)).toEqual(new Set([language]));
    expect(marksIn(cardProperties({ ...sampleCard, view: viewIn(language) }))).toEqual(new Set([language]));
  });

  it.each(languages)('a phone in %s translates every text of an Apple pass', (phone) => {
    const strings = new Map(translations(phone, viewIn(language).texts));
    const { storeCard, logoText } = cardProperties({ ...sampleCard, view: viewIn(language) });
    const fields = Object.values(storeCard).flat();
    // A sentence of ours around a name stays in the member's language.
    const said = [
      logoText,
      ...fields.flatMap(({ key, label, value }) => (key === 'nextTier' ? [] : [label, value])),
    ];
    expect(marksIn(said.map((text) => strings.get(String(text)) ?? text))).toEqual(new Set([phone]));
  });

  it.each(languages)('a phone in %s finds every text at Google', (phone) => {
    const { textModulesData } = loyaltyObject(viewIn(language), sampleCard.links, 'issuer');
    const modules = textModulesData.filter(({ id }) => id !== 'nextTier');
    const programme = loyaltyClass({
      programName: inAll(program, program.name),
      issuerId: 'i',
      publicUrl: 'https://x.example',
    });
    const spoken = [
      programme.localizedProgramName,
      programme.localizedIssuerName,
      ...modules.flatMap(({ localizedHeader, localizedBody }) => [localizedHeader, localizedBody]),
    ].map((text) => {
      const { defaultValue, translatedValues } = text ?? {};
      return [defaultValue, ...(translatedValues ?? [])].find((one) => one?.language === phone)?.value;
    });
    expect(marksIn(spoken)).toEqual(new Set([phone]));
    const inPlain = modules.flatMap(({ header, localizedHeader, body, localizedBody }) => [
      localizedHeader ? '' : header,
      localizedBody ? '' : body,
    ]);
    expect(marksIn(inPlain)).toEqual(new Set());
  });
});

describe('a programme', () => {
  it('names the languages that its texts lack', () => {
    const [first, ...others] = sample.tiers;
    const lacking = programDocument.parse({
      ...sample,
      name: { fr: 'Maison', en: 'House' },
      tiers: [{ ...first, name: { en: 'Friend' }, benefits: [{ fr: 'Cadeau' }, 'Gift'] }, ...others],
    });
    expect(languagesOf(lacking)).toEqual(['en', 'fr']);
    expect(missingTexts(lacking)).toEqual([
      { path: 'tiers.ami.name', languages: ['fr'] },
      { path: 'tiers.ami.benefits.0', languages: ['en'] },
    ]);
    expect(missingTexts({ ...lacking, languages: ['fr', 'de'] }).map(({ languages: all }) => all)).toEqual([
      ['de'],
      ['fr', 'de'],
      ['de'],
    ]);
    expect(missingTexts(program)).toEqual([]);
    expect(missingTexts(programDocument.parse(sample))).toEqual([]);
  });

  it('says its first language to whom no language is known', () => {
    expect(speak({ ...program, languages: ['fr', 'en'] })(program.name)).toBe('Maison Philia <fr>');
  });

  it('is told of a text that changes, in words', () => {
    const before = programDocument.parse(sample);
    const after = programDocument.parse({ ...sample, name: { en: 'House', fr: 'Maison' } });
    expect(programDifference(before, after).map(({ path, text }) => [path, text])).toEqual([
      ['name', 'The programme is called House (en), Maison (fr) instead of Maison Philia.'],
    ]);
  });
});
