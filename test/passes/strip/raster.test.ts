import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { rasterize } from '../../../passes/strip/raster.ts';

const square =
  '<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10"><path d="M0 0h10v10H0z"/></svg>';
const letter =
  '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="40"><text x="4" y="30" font-family="Inter" font-size="30">R</text></svg>';

describe('the rasteriser', () => {
  it('makes a PNG of the size that the drawing has', async () => {
    const png = await rasterize(square);
    expect(png.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
    expect([png.readUInt32BE(16), png.readUInt32BE(20)]).toEqual([20, 10]);
  });

  it('gives the same bytes for the same drawing', async () => {
    const [first, other] = await Promise.all([rasterize(square), rasterize(letter)]);
    expect((await rasterize(square)).equals(first)).toBe(true);
    expect(other.equals(first)).toBe(false);
  });

  it('writes with the fonts that it is given, and with none of the machine', async () => {
    const file = createRequire(import.meta.url).resolve(
      '@fontsource/inter/files/inter-latin-400-normal.woff2',
    );
    const written = await rasterize(letter, [readFileSync(file)]);
    const empty = await rasterize(letter);
    expect(written.equals(empty)).toBe(false);
    expect(empty.equals(await rasterize(letter.replace('R', 'S')))).toBe(true);
  });

  it('says what is wrong with a drawing that it cannot read, and goes on', async () => {
    await expect(rasterize('<svg')).rejects.toThrow();
    expect((await rasterize(square)).length).toBeGreaterThan(0);
  });
});
