/** The barcode as both wallets draw it: dark bars on a light tile with the number under it. */
import { ean13, moduleCount, quietLeft } from './ean13.ts';
import { type Box, el } from './svg.ts';
import { textAt } from './text.ts';

/** Two points a module: a fraction would make bars of unequal width. */
const pitch = 2;

/** As much light on the right as the left needs, so that the bars stand in the middle. */
const tileWidth = (quietLeft + moduleCount + quietLeft) * pitch + 16;
export const tileHeight = 104;

/** The tile, centred in a box of its height. A number that is no EAN-13 stands without bars, as on a phone. */
export function barcodeTile(digits: string, altText: string, { x, y, width }: Box, round: number): string {
  const left = x + (width - tileWidth) / 2;
  const modules = ean13(digits);
  const bars = { x: left + 8 + quietLeft * pitch, y: y + 12, height: 60 };
  return [
    el('rect', { x: left, y, width: tileWidth, height: tileHeight, rx: round, fill: '#ffffff' }),
    modules === null ? '' : el('path', { d: barsOf(modules, bars), fill: '#000000' }),
    textAt(altText, {
      x: left + tileWidth / 2,
      y: y + tileHeight - 13,
      width: tileWidth - 24,
      anchor: 'middle',
      size: 13,
      weight: 400,
      fill: '#000000',
    }),
  ].join('');
}

/** One rectangle per run of bars. */
function barsOf(modules: string, { x, y, height }: Pick<Box, 'x' | 'y' | 'height'>): string {
  return [...modules.matchAll(/1+/g)]
    .map(
      ({ index, 0: run }) =>
        `M${x + index * pitch} ${y}h${run.length * pitch}v${height}h${-run.length * pitch}z`,
    )
    .join('');
}
