/**
 * The picture behind the holder's name: the way to the next tier and the stamps, in the programme's colours.
 * Wallets write over its upper part, which therefore holds nothing but tones that text can be read on; what
 * the picture tells lies in a band along its lower edge. It has no text of its own: wallets say all of it in
 * fields, in the reader's language, and nobody who signs a pass needs a font.
 */
import type { CardView } from '../../core/card.ts';
import { type Palette, paletteOf } from './palette.ts';
import { bar, circle, n, star, tick } from './shapes.ts';
import { type Fill, type StampState, type StripState, stateOf, steps } from './state.ts';

/** In pixels. */
export interface Size {
  readonly width: number;
  readonly height: number;
}

/** All other lengths are Apple's points: a strip is 144 of them high, however many pixels it has. */
const height = 144;
/** The share of the height, from the top, over which wallets write. */
export const textShare = 100 / height;
const margin = 16;
/** The middle of the band, and the thickness of a bar. */
const [middle, thickness] = [120, 6];
/** Between the tier and the stamps. */
const gutter = 22;

/** The strip of a card as a whole SVG document: the same view and size always give the same text. */
export function stripSvg(view: CardView, size: Size): string {
  return drawState(stateOf(view), size);
}

/** The strip of a state, from which all of it follows. */
export function drawState(state: StripState, size: Size): string {
  const width = (height * size.width) / size.height;
  const palette = paletteOf(state.colours);
  const content = state.type === 'closed' ? closedStrip(palette, width) : openStrip(state, palette, width);
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="0 0 ${n(width)} ${height}"><path fill="${palette.background}" d="M0 0H${n(width)}V${height}H0z"/>${content}</svg>`;
}

/** Who has left has reached nothing any more and is on the way to nothing: a bare line. */
function closedStrip({ track }: Palette, width: number): string {
  return bar(margin, middle, width - 2 * margin, thickness, track);
}

/** The tier on the left and the stamps, where there are any, on the right. */
function openStrip(
  { tier, stamps }: Extract<StripState, { type: 'open' }>,
  palette: Palette,
  width: number,
): string {
  const card = stamps ? stampCard(stamps, palette, width - margin) : { drawing: '', width: -gutter };
  const space = width - 2 * margin - gutter - card.width;
  return rings(palette, width, tier === 'full') + tierBar(tier, palette, space) + card.drawing;
}

/** Rings that spread from the lower right corner, with one fine line, or three for the highest tier. */
function rings({ tones, hairline }: Palette, width: number, isHighest: boolean): string {
  const [x, y] = [width - 36, 150];
  const discs = tones.map((tone, index) => circle(x, y, 186 - 62 * index, `fill="${tone}"`));
  const lines = (isHighest ? [172, 179, 186] : [186]).map((radius) =>
    circle(x, y, radius, `fill="none" stroke="${hairline}"`),
  );
  return [...discs, ...lines].join('');
}

/** A bar that leads to a star, which is filled once there is no higher tier. */
function tierBar(fill: Fill, palette: Palette, space: number): string {
  const radius = 10;
  const paint =
    fill === 'full'
      ? `fill="${palette.accent}"`
      : `fill="none" stroke="${palette.outline}" stroke-width="1.3" stroke-linejoin="round"`;
  return (
    filledBar(fill, palette, margin, space - 2 * radius - 7) +
    star(margin + space - radius, middle, radius, paint)
  );
}

function filledBar(fill: Fill, { track, accent }: Palette, x: number, length: number): string {
  const reached = filledLength(fill, length);
  const ground = bar(x, middle, length, thickness, track);
  return reached > 0 ? ground + bar(x, middle, reached, thickness, accent) : ground;
}

/** What has begun shows as a dot, which is shorter than any step. */
function filledLength(fill: Fill, length: number): number {
  if (fill === 'empty') return 0;
  if (fill === 'begun') return thickness;
  return fill === 'full' ? length : (length * fill) / steps;
}

interface Drawn {
  readonly drawing: string;
  readonly width: number;
}

/** A stamp card that ends at `right`: a place for each stamp, the last with the star that it earns. */
function stampCard(stamps: StampState, palette: Palette, right: number): Drawn {
  if (stamps.type === 'bar') {
    const width = 120;
    return { drawing: filledBar(stamps.fill, palette, right - width, width), width };
  }
  const { filled, of } = stamps;
  const { perRow, radius, gap } = gridOf(of);
  const pitch = 2 * radius + gap;
  const rows = Math.ceil(of / perRow);
  const width = perRow * pitch - gap;
  const places = Array.from({ length: of }, (_, index) => {
    const x = right - width + radius + pitch * (index % perRow);
    const y = middle + pitch * (Math.floor(index / perRow) - (rows - 1) / 2);
    return stamp(x, y, radius, { isFilled: index < filled, isLast: index === of - 1 }, palette);
  });
  return { drawing: places.join(''), width };
}

/** Up to ten stamps stand in one row, more of them in two. */
function gridOf(of: number): { perRow: number; radius: number; gap: number } {
  if (of <= 5) return { perRow: of, radius: 11, gap: 7 };
  if (of <= 8) return { perRow: of, radius: 8.5, gap: 5.5 };
  if (of <= 10) return { perRow: of, radius: 7, gap: 5 };
  return { perRow: Math.ceil(of / 2), radius: 6.5, gap: 4.5 };
}

interface Place {
  readonly isFilled: boolean;
  readonly isLast: boolean;
}

function stamp(x: number, y: number, radius: number, { isFilled, isLast }: Place, palette: Palette): string {
  const { accent, background, outline } = palette;
  const line = Math.max(1, radius * 0.13);
  const ground = isFilled
    ? circle(x, y, radius, `fill="${accent}"`)
    : circle(x, y, radius - line / 2, `fill="none" stroke="${outline}" stroke-width="${n(line)}"`);
  if (isLast) return ground + star(x, y, radius * 0.68, `fill="${isFilled ? background : outline}"`);
  return isFilled ? ground + tick(x, y, radius, background) : ground;
}
