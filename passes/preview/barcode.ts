/** The barcode as both wallets draw it: dark bars on a light tile with the number under it. */
import { code128, quiet128 } from './code128.ts';
import { ean13, moduleCount, quietLeft } from './ean13.ts';
import { type Box, el } from './svg.ts';
import { textAt } from './text.ts';

/** Two points a module: a fraction would make bars of unequal width. */
const pitch = 2;

/** As much light on the right as the left needs, so that the bars stand in the middle. */
const tileWidth = (quietLeft + moduleCount + quietLeft) * pitch + 16;
export const tileHeight = 104;

interface Code {
  /** By the name that a wallet has for it. */
  readonly format: string;
  readonly message: string;
  readonly altText: string;
}

/** The modules of a code, and the light beside them; null for what is not drawn here, which stands as its number. */
function modulesOf({ format, message }: Code): { readonly modules: string; readonly quiet: number } | null {
  const is128 = /128/.test(format);
  if (!is128 && !/EAN/.test(format)) return null;
  const modules = is128 ? code128(message) : ean13(message);
  return modules === null ? null : { modules, quiet: is128 ? quiet128 : quietLeft };
}

/** The tile, centred in a box of its height. What cannot be drawn as bars stands without, as on a phone. */
export function barcodeTile(code: Code, { x, y, width }: Box, round: number): string {
  const drawn = modulesOf(code);
  const tile = drawn ? (drawn.modules.length + 2 * drawn.quiet) * pitch + 16 : tileWidth;
  const left = x + (width - tile) / 2;
  const bars = { x: left + 8 + (drawn?.quiet ?? 0) * pitch, y: y + 12, height: 60 };
  return [
    el('rect', { x: left, y, width: tile, height: tileHeight, rx: round, fill: '#ffffff' }),
    drawn === null ? '' : el('path', { d: barsOf(drawn.modules, bars), fill: '#000000' }),
    textAt(code.altText, {
      x: left + tile / 2,
      y: y + tileHeight - 13,
      width: tile - 24,
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
