/** Measured text, against the font and the reader of SVG that draw it. */
import { Resvg } from '@resvg/resvg-wasm';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { loadFonts, pngScale, previewPngs } from '../../../passes/preview/png.ts';
import { previewsOf } from '../../../passes/preview/previews.ts';
import { picture } from '../../../passes/preview/svg.ts';
import { oneLine, shortened, shrink, textAt, widthOf, wrap } from '../../../passes/preview/text.ts';
import { loadRasterizer } from '../../../passes/strip/raster.ts';
import { languages } from '../../../passes/wording.ts';
import { readPng } from '../../support/png.ts';
import { readBarcode } from '../../support/zxing.ts';
import { ana, arbText, arbView, check, links } from '../views.ts';
import { logos } from './read.ts';

let fonts: Uint8Array[];
beforeAll(async () => {
  [fonts] = await Promise.all([loadFonts(), loadRasterizer()]);
});

/** The width of what is drawn of a line, in points. */
function inkOf(text: string, weight: 400 | 500 | 600): number {
  const place = { x: 10, y: 60, width: 1e6, size: 40, weight, fill: '#000000' };
  const { svg } = picture(2000, 100, '', textAt(text, place));
  const document = new Resvg(svg, { font: { fontBuffers: fonts } });
  const width = document.getBBox()?.width ?? 0;
  document.free();
  return width;
}

describe('the width of a text', () => {
  it('is what Inter takes for it, or a little more, in every weight', () => {
    const letters =
      ' !"#$%&\'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~';
    const arbLine = fc
      .string({ unit: fc.constantFrom(...letters, ...'éàçñöüßœłÉŁ’€…–ЖщюΩλ'), minLength: 3, maxLength: 25 })
      .map((text) => `H${text.trim()}H`);
    check(
      fc.property(arbLine, fc.constantFrom(400, 500, 600), (text, weight) => {
        const width = widthOf(oneLine(text), { size: 40 });
        const ink = inkOf(text, weight);
        expect(ink, text).toBeLessThanOrEqual(width + 0.5);
        // Two letters' own space at the ends, and capitals of all scripts counted as the widest of theirs.
        expect(ink, text).toBeGreaterThan(0.7 * width - 12);
      }),
      60,
    );
  });

  it('is never more than was asked for, once it is shortened, shrunk or wrapped', () => {
    check(
      fc.property(arbText, fc.integer({ min: 30, max: 400 }), (text, width) => {
        const font = { size: 15 };
        const shrunk = shrink(text, font, 9, width);
        expect(widthOf(shortened(text, font, width), font)).toBeLessThanOrEqual(width);
        expect(widthOf(shrunk.text, shrunk)).toBeLessThanOrEqual(width + 0.01);
        const lines = wrap(text, font, width, 4);
        expect(lines.length).toBeLessThanOrEqual(4);
        for (const line of lines) expect(widthOf(line, font)).toBeLessThanOrEqual(width);
      }),
    );
  });

  it('leaves alone what has room, and says by an ellipsis that something is missing', () => {
    expect(shortened('Ana Lopes', { size: 15 }, 100)).toBe('Ana Lopes');
    expect(shortened('Ana Lopes', { size: 15 }, 60)).toBe('Ana L…');
    expect(wrap('one two three', { size: 10 }, 40, 2)).toEqual(['one two', 'three']);
    expect(wrap('one two three four five six', { size: 10 }, 40, 2)).toEqual(['one two', 'three…']);
  });
});

describe('the pictures', () => {
  it('of any card are SVG that a strict reader opens', () => {
    check(
      fc.property(arbView, (view) => {
        for (const { svg, width, height } of Object.values(previewsOf(view, links, logos))) {
          const document = new Resvg(svg);
          expect([document.width, document.height]).toEqual([width, height]);
          document.free();
        }
      }),
      30,
    );
  });

  it('are PNG of twice their size', async () => {
    const all = Object.values(previewsOf(ana, links, logos));
    const pngs = await previewPngs(all);
    for (const [index, { width, height }] of all.entries()) {
      const png = pngs[index] ?? Buffer.alloc(0);
      expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
      expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([width * pngScale, height * pngScale]);
    }
  });

  it.each([
    [null, 'CODE_128', 'EAN_13'],
    [['ean13', 'code128'], 'EAN_13', 'EAN_13'],
    [['code128'], 'CODE_128', 'CODE_128'],
  ] as const)('hold a barcode that ZXing reads: %j', async (barcodes, appleFormat, googleFormat) => {
    const { apple, google } = previewsOf({ ...ana, barcodes }, links, logos);
    const pngs = await previewPngs([apple, google]);
    // The bars stand on a light tile in the middle of the card.
    for (const [index, [y, format]] of [
      [374, appleFormat],
      [236, googleFormat],
    ].entries() as Iterable<[number, [number, string]]>) {
      const { width, brightness } = readPng(pngs[index] ?? Buffer.alloc(0));
      // As a person holds a scanner: over the tile, and not over the card around it.
      const [left, top] = [width / 2 - 148 * pngScale, y * pngScale - 20];
      const strip = {
        width: 296 * pngScale,
        height: 40,
        brightness: (x: number, at: number) => brightness(left + x, top + at),
      };
      expect(readBarcode(strip)).toEqual({ format, text: ana.cardNumber });
    }
  });

  it('say the same every time', () => {
    for (const locale of languages)
      expect(previewsOf({ ...ana, locale }, links, logos)).toEqual(
        previewsOf({ ...ana, locale }, links, logos),
      );
  });
});
