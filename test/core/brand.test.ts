/** What pages show of a programme, in its languages, and in colours that can be read. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { brandOf, iconSvg, initialOf } from '../../core/brand.ts';
import { contrast, plainColours, rgbOf } from '../../core/colours.ts';
import { type Program, programDocument } from '../../core/program.ts';
import { defaultProgram, runs } from '../support/world.ts';

/** The default programme with some of it replaced, as the schema reads it. */
function programOf(changes: object): Program {
  const { version, ...document } = defaultProgram();
  return { ...programDocument.parse({ ...document, ...changes }), version };
}

describe('the brand of a programme', () => {
  it('is what it says, and null for what it does not', () => {
    const coloured = { background: '#101820', foreground: '#ffffff', label: '#c0a060' };
    const program = programOf({
      name: { en: 'House', fr: 'Maison' },
      languages: ['fr', 'en'],
      bonuses: { welcome: { points: 50, reward: 'free-coffee' }, birthday: { reward: 'five-euros' } },
      pages: { terms: { fr: 'https://example.com/fr', en: 'https://example.com/en' } },
      card: { colours: coloured, supportUrl: 'https://example.com/help' },
    });
    expect(brandOf(program)).toMatchObject({
      name: { en: 'House', fr: 'Maison' },
      languages: ['fr', 'en'],
      colours: coloured,
      ...{ welcome: 50, profile: null, birthday: null },
      termsUrl: { fr: 'https://example.com/fr', en: 'https://example.com/en' },
      privacyUrl: null,
      supportUrl: 'https://example.com/help',
    });
    const { welcome, profile, birthday } = brandOf(program).gifts;
    expect(Object.values(welcome ?? {})).toContain('A coffee on us');
    expect(profile).toBeNull();
    expect(Object.values(birthday ?? {})).toContain('€5 off');
    const plain = programOf({
      bonuses: { profile: 30, birthday: 20 },
      pages: { privacy: 'https://example.com/p' },
    });
    expect(brandOf(plain)).toMatchObject({
      languages: [],
      colours: plainColours,
      ...{ welcome: null, profile: 30, birthday: 20, termsUrl: null, supportUrl: null },
      gifts: { welcome: null, profile: null, birthday: null },
    });
    expect(Object.values(brandOf(plain).privacyUrl ?? {})).toContain('https://example.com/p');
  });

  it('is drawn in its own colours as near as they can be read on light and on dark pages', () => {
    const grounds = { light: rgbOf('#f4f3f0'), dark: rgbOf('#121315') };
    const channel = fc.integer({ min: 0, max: 255 });
    const colour = fc
      .tuple(channel, channel, channel)
      .map((all) => `#${all.map((one) => one.toString(16).padStart(2, '0')).join('')}`);
    fc.assert(
      fc.property(colour, colour, (background, label) => {
        const { accents } = brandOf({
          ...defaultProgram(),
          card: { colours: { background, foreground: '#ffffff', label } },
        } as Program);
        for (const [own, ground, accent] of [
          [background, grounds.light, accents.light],
          [label, grounds.dark, accents.dark],
        ] as const) {
          expect(accent).toMatch(/^#[0-9a-f]{6}$/);
          expect(contrast(rgbOf(accent), ground)).toBeGreaterThanOrEqual(4.5);
          if (contrast(rgbOf(own), ground) >= 5.2) expect(accent).toBe(own);
          // No further from it than a step more than it takes.
          else expect(contrast(rgbOf(accent), ground)).toBeLessThan(8);
        }
      }),
      runs(300),
    );
  });

  it('has the first letter of its name for an icon', () => {
    expect(['maison', ' «élan»', '24h', '…', 'ǆ', 'é́tude'].map(initialOf)).toEqual([
      'M',
      'É',
      '2',
      '·',
      'Ǆ',
      'É́',
    ]);
    const colours = { background: '#101820', foreground: '#fefefe', label: '#c0a060' };
    const svg = iconSvg(programOf({ name: 'maison', card: { colours } }));
    expect(svg).toMatch(/^<svg .*<\/svg>\n$/);
    for (const part of ['>M</text>', 'fill="#101820"', 'fill="#fefefe"', 'viewBox="0 0 100 100"'])
      expect(svg).toContain(part);
  });
});
