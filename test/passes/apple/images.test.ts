import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inflateSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { contrast, rgbOf } from '../../../core/colours.ts';
import { imagesBase64 } from '../../../passes/apple/images.ts';
import { colours } from '../../../passes/colours.ts';
import { drawAppleImages, drawGoogleLogo, type Picture } from '../../../tools/images.ts';

const passes = join(import.meta.dirname, '../../../passes');
const files = Object.entries(imagesBase64).map(([name, base64]) => ({
  name,
  bytes: Buffer.from(base64, 'base64'),
}));

/** A PNG with a palette and no filters, as tools/images.ts writes them. */
function decode(bytes: Buffer): Picture {
  const chunks = new Map<string, Buffer>();
  for (let at = 8; at < bytes.length; at += 12 + bytes.readUInt32BE(at)) {
    const length = bytes.readUInt32BE(at);
    chunks.set(bytes.toString('latin1', at + 4, at + 8), bytes.subarray(at + 8, at + 8 + length));
  }
  const chunk = (type: string) => chunks.get(type) ?? Buffer.alloc(0);
  const [width, height] = [chunk('IHDR').readUInt32BE(0), chunk('IHDR').readUInt32BE(4)];
  const [palette, alpha, rows] = [chunk('PLTE'), chunk('tRNS'), inflateSync(chunk('IDAT'))];
  const rgba = new Uint8Array(4 * width * height);
  for (let at = 0; at < width * height; at++) {
    const entry = rows[at + Math.floor(at / width) + 1] ?? 0;
    rgba.set(palette.subarray(3 * entry, 3 * entry + 3), 4 * at);
    rgba[4 * at + 3] = alpha[entry] ?? 255;
  }
  return { width, height, rgba };
}

function isSame(one: Picture, other: Picture | undefined): boolean {
  return one.width === other?.width && one.height === other.height && !Buffer.compare(one.rgba, other.rgba);
}

describe('the images', () => {
  it('are the drawings of tools/images.ts: run it again after changing one', () => {
    const drawn = drawAppleImages();
    expect(files.map(({ name }) => name)).toEqual([...drawn.keys()]);
    for (const { name, bytes } of files) expect(isSame(decode(bytes), drawn.get(name)), name).toBe(true);
    const logo = readFileSync(join(passes, '../web/public/program-logo.png'));
    expect(isSame(decode(logo), drawGoogleLogo())).toBe(true);
  });

  it('are the same in the module as in the files beside it', () => {
    for (const { name, bytes } of files)
      expect(readFileSync(join(passes, 'apple/images', name)).equals(bytes), name).toBe(true);
  });

  it('that the card page shows are those that the wallets get', () => {
    const logo = readFileSync(join(passes, '../web/public/wallet-logo.png'));
    expect(logo.toString('base64')).toBe(imagesBase64['logo@3x.png']);
  });

  it('have the sizes that Apple asks for', () => {
    const sizes = files.map(({ name, bytes }) => [name, bytes.readUInt32BE(16), bytes.readUInt32BE(20)]);
    expect(sizes).toEqual([
      ['icon.png', 29, 29],
      ['icon@2x.png', 58, 58],
      ['icon@3x.png', 87, 87],
      ['logo.png', 50, 50],
      ['logo@2x.png', 100, 100],
      ['logo@3x.png', 150, 150],
    ]);
  });

  it('weigh less than 10 KB together', () => {
    expect(files.reduce((sum, { bytes }) => sum + bytes.length, 0)).toBeLessThan(10 * 1024);
  });
});

describe('the text of a card', () => {
  it.each(['foreground', 'label'] as const)('can be read: %s on the background', (name) => {
    expect(contrast(rgbOf(colours[name]), rgbOf(colours.background))).toBeGreaterThanOrEqual(4.5);
  });
});
