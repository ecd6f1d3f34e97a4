/** A preview as a PNG for screens of twice the density, its text in Inter. */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { loadRasterizer } from '../strip/raster.ts';
import type { Picture } from './svg.ts';
import { inOwnWidths } from './text.ts';

export const pngScale = 2;

const subsets = ['latin', 'latin-ext', 'cyrillic', 'cyrillic-ext', 'greek', 'vietnamese'];
const weights = [400, 500, 600];

/** The fonts of the package that the card's previews are drawn with. */
export async function loadFonts(): Promise<Buffer[]> {
  const folder = dirname(createRequire(import.meta.url).resolve('@fontsource/inter/package.json'));
  const files = weights.flatMap((weight) =>
    subsets.map((subset) => join(folder, `files/inter-${subset}-${weight}-normal.woff2`)),
  );
  return Promise.all(files.map((file) => readFile(file)));
}

/** @returns for each picture the bytes of its PNG */
export async function previewPngs(pictures: readonly Picture[]): Promise<Buffer[]> {
  const [draw, fonts] = await Promise.all([loadRasterizer(), loadFonts()]);
  return pictures.map((picture) => draw(enlarged(picture), fonts));
}

/** The document's own size is what it is drawn in; what is in it goes by the viewBox. */
function enlarged({ svg, width, height }: Picture): string {
  const size = (factor: number) => `width="${width * factor}" height="${height * factor}"`;
  return inOwnWidths(svg).replace(size(1), size(pngScale));
}
