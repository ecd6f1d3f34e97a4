import { Resvg } from '@resvg/resvg-wasm';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { contrast, type Rgb, rgbOf } from '../../../core/colours.ts';
import type { CardColours } from '../../../core/look.ts';
import { colours as houseColours } from '../../../passes/colours.ts';
import { paletteOf } from '../../../passes/strip/palette.ts';
import { loadRasterizer } from '../../../passes/strip/raster.ts';
import { steps } from '../../../passes/strip/state.ts';
import { stripSvg, textShare } from '../../../passes/strip/svg.ts';
import { ana, arbView, check } from '../views.ts';

const size = { width: 375, height: 144 };
/** Whatever the schema of a programme's look lets through. */
const contrastMin = 4.5;
beforeAll(async () => {
  await loadRasterizer();
});

const arbHex = fc
  .integer({ min: 0, max: 0xffffff })
  .map((value) => `#${value.toString(16).padStart(6, '0')}`);
const canBeRead = ({ background, foreground, label }: CardColours) =>
  [foreground, label].every((text) => contrast(rgbOf(text), rgbOf(background)) >= contrastMin);
const arbColours: fc.Arbitrary<CardColours> = fc.oneof(
  fc.record({ background: arbHex, foreground: arbHex, label: arbHex }).filter(canBeRead),
  // The least that is allowed: text on both sides of a grey that hardly lets it be read.
  fc.constantFrom(
    { background: '#767676', foreground: '#ffffff', label: '#000000' },
    { background: '#767676', foreground: '#ffffff', label: '#ffffff' },
    { background: '#ffffff', foreground: '#767676', label: '#0000ff' },
    { background: '#000000', foreground: '#757575', label: '#ffff00' },
  ),
);

/** The colours of the pixels over which wallets write. */
function shadesBehindText(svg: string): Rgb[] {
  const document = new Resvg(svg);
  const image = document.render();
  const { pixels, width, height } = image;
  const shades = new Map<string, Rgb>();
  for (let at = 0; at < 4 * width * Math.floor(height * textShare); at += 4) {
    const [red = 0, green = 0, blue = 0, opacity = 0] = pixels.subarray(at, at + 4);
    if (opacity !== 255) throw new Error('What lies behind the strip shows through it.');
    shades.set(`${red},${green},${blue}`, [red, green, blue]);
  }
  image.free();
  document.free();
  return [...shades.values()];
}

function expectReadable(colours: CardColours, svg: string): void {
  for (const shade of shadesBehindText(svg))
    for (const text of [colours.foreground, colours.label])
      expect(contrast(rgbOf(text), shade), `${text} on ${shade}`).toBeGreaterThanOrEqual(contrastMin);
}

describe('text over the strip', () => {
  it.each([
    ['the usual', ana],
    ['the highest tier', { ...ana, tier: { ...ana.tier, nextTier: null } }],
    ['two rows of stamps', { ...ana, stamps: [{ id: 'a', name: 'A', count: 13, of: 20 }] }],
  ])("can be read in the house's colours: %s", (_what, view) => {
    expect(shadesBehindText(stripSvg(view, size)).length).toBeGreaterThan(3);
    expectReadable(houseColours, stripSvg(view, { width: 750, height: 288 }));
  });

  it('can be read in the colours of any programme, whatever the card', () => {
    check(
      fc.property(arbView, arbColours, (view, colours) => {
        expectReadable(colours, stripSvg({ ...view, colours }, size));
      }),
      60,
    );
  });
});

describe('what is drawn', () => {
  it('can be told from its ground in the colours of any programme', () => {
    check(
      fc.property(arbColours, (colours) => {
        const { accent, background, outline, tones, track } = paletteOf(colours);
        for (const ground of [background, ...tones]) {
          expect(contrast(rgbOf(accent), rgbOf(ground))).toBeGreaterThanOrEqual(contrastMin);
          expect(contrast(rgbOf(outline), rgbOf(ground))).toBeGreaterThanOrEqual(3);
        }
        expect(contrast(rgbOf(accent), rgbOf(track))).toBeGreaterThanOrEqual(3);
      }),
      500,
    );
  });

  it('has no text and nothing of the person', () => {
    check(
      fc.property(arbView, (view) => {
        const svg = stripSvg(view, size);
        expect(svg).not.toMatch(/<text|<image|NaN|undefined|Infinity/);
        expect(stripSvg({ ...view, name: 'Somebody else', version: view.version + 1 }, size)).toBe(svg);
      }),
    );
  });

  it('is a bar as long as the steps that were reached', () => {
    for (let step = 1; step < steps; step++) {
      const nextTier = { id: 'b', name: 'B', pointsMissing: 100 * (steps - step) };
      const view = { ...ana, tier: { ...ana.tier, qualifyingPoints: 100 * step, nextTier } };
      const [track, reached] = bars(stripSvg(view, size));
      expect(reached?.fill).toBe(houseColours.label);
      expect(reached?.length).toBeCloseTo(((track?.length ?? 0) * step) / steps, 1);
    }
  });

  it('is a full bar and a filled star for the highest tier, and for no other', () => {
    const isComplete = (svg: string) => {
      const [track, reached] = bars(svg);
      return track?.length === reached?.length && svg.includes(`z" fill="${houseColours.label}"/>`);
    };
    const nextTier = { id: 'b', name: 'B', pointsMissing: 0 };
    expect(isComplete(stripSvg({ ...ana, stamps: [], tier: { ...ana.tier, nextTier } }, size))).toBe(false);
    expect(isComplete(stripSvg({ ...ana, stamps: [], tier: { ...ana.tier, nextTier: null } }, size))).toBe(
      true,
    );
  });

  it('is a place for each stamp, filled for each that was given', () => {
    for (let of = 1; of <= 20; of++)
      for (let count = 0; count <= of; count++) {
        const svg = stripSvg({ ...ana, stamps: [{ id: 'a', name: 'A', count, of }] }, size);
        const places = [
          ...svg.matchAll(/<circle cx="[\d.]+" cy="1(?!50)[\d.]+" r="([\d.]+)" fill="([^"]+)"/g),
        ];
        expect(places.length).toBe(of);
        expect(places.filter(([, , fill]) => fill === houseColours.label).length).toBe(count);
        expectInside(svg);
      }
  });

  it('is nothing but a muted line for a closed card', () => {
    const svg = stripSvg({ ...ana, status: 'closed' }, size);
    expect(bars(svg).length).toBe(1);
    expect(svg).not.toContain(houseColours.label);
    expect(svg).not.toMatch(/<circle/);
  });

  it('fills wider pictures too', () => {
    const [track] = bars(stripSvg({ ...ana, stamps: [] }, size));
    const [wider] = bars(stripSvg({ ...ana, stamps: [] }, { width: 1032, height: 336 }));
    expect((wider?.length ?? 0) - (track?.length ?? 0)).toBeCloseTo((144 * 1032) / 336 - 375, 1);
  });
});

function bars(svg: string): { length: number; fill: string }[] {
  return [...svg.matchAll(/<rect [^>]*?width="([\d.]+)"[^>]*?fill="([^"]+)"/g)].map(
    ([, length, fill = '']) => ({ length: Number(length), fill }),
  );
}

/** No bar has shrunk to nothing beside the stamps. */
function expectInside(svg: string): void {
  for (const { length } of bars(svg)) expect(length).toBeGreaterThan(5);
}
