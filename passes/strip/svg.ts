/**
 * The picture behind the holder's name: the way to the next tier and the stamps, in the programme's colours.
 * Wallets write over its upper part, which therefore holds nothing but tones that text can be read on; what
 * the picture tells lies in a band along its lower edge. It has no text of its own: wallets say all of it in
 * fields, in the reader's language, and nobody who signs a pass needs a font.
 */
import type { CardView } from '../../core/card.ts';
import { colours as houseColours } from '../colours.ts';
import { type Palette, paletteOf } from './palette.ts';
import { type Fill, fillOf, type StripState, stateOf, steps } from './state.ts';

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** All lengths are Apple's points: a strip is 144 of them high, however many pixels it has. */
const height = 144;
/** Wallets write above this line; below it lies the band. */
export const textShare = 100 / height;
const margin = 16;
/** The band's middle. */
const middle = 120;
const barHeight = 6;

/** The strip of a card as a whole SVG document: the same view and size always give the same text. */
export function stripSvg(view: CardView, size: Size): string {
  const width = (height * size.width) / size.height;
  const palette = paletteOf(view.colours ?? houseColours);
  const content =
    view.status === 'closed'
      ? closedStrip(palette, width)
      : [rings(palette, width, view.tier.nextTier === null), band(stateOf(view), palette, width)].join('');
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${size.width}" height="${size.height}" viewBox="0 0 ${n(width)} ${height}"><path fill="${palette.background}" d="M0 0H${n(width)}V${height}H0z"/>${content}</svg>`;
}

/** At most two decimals, so that the text is short and no machine writes it in another way. */
function n(length: number): string {
  return String(Math.round(length * 100) / 100);
}

/** Who has left has reached nothing any more and is on the way to nothing: a bare line. */
function closedStrip({ track }: Palette, width: number): string {
  return bar(margin, width - 2 * margin, track);
}

/** Rings that spread from the lower right corner, with one fine line, or three for the highest tier. */
function rings({ tones, hairline }: Palette, width: number, isHighest: boolean): string {
  const [x, y] = [n(width - 36), 150];
  const discs = tones.map((tone, index) => circle(x, y, 186 - 62 * index, `fill="${tone}"`));
  const lines = (isHighest ? [172, 179, 186] : [186]).map((radius) =>
    circle(x, y, radius, `fill="none" stroke="${hairline}"`),
  );
  return [...discs, ...lines].join('');
}

function circle(x: string, y: number, radius: number, paint: string): string {
  return `<circle cx="${x}" cy="${n(y)}" r="${n(radius)}" ${paint}/>`;
}

/** The tier on the left, the stamps, where there are any, on the right. */
function band({ tier, stamps }: StripState, palette: Palette, width: number): string {
  const space = width - 2 * margin;
  if (!stamps) return tierBar(tier, palette, space);
  const { drawing, taken } = stampCard(stamps, palette, width - margin);
  return tierBar(tier, palette, space - taken - 22) + drawing;
}

/** A bar that leads to a sign of what is reached at its end. */
function tierBar(fill: Fill, palette: Palette, space: number): string {
  const radius = 10;
  const end = margin + space - radius;
  const goal =
    fill === 'full'
      ? star(end, middle, radius, `fill="${palette.accent}"`)
      : star(
          end,
          middle,
          radius,
          `fill="none" stroke="${palette.outline}" stroke-width="1.3" stroke-linejoin="round"`,
        );
  return filledBar(fill, palette, margin, space - 2 * radius - 7) + goal;
}

function filledBar(fill: Fill, { track, accent }: Palette, x: number, length: number): string {
  const reached = filledLength(fill, length);
  return bar(x, length, track) + (reached > 0 ? bar(x, reached, accent) : '');
}

/** What has begun shows as a dot, which is shorter than any step. */
function filledLength(fill: Fill, length: number): number {
  if (fill === 'empty') return 0;
  if (fill === 'begun') return barHeight;
  return fill === 'full' ? length : (length * fill) / steps;
}

function bar(x: number, length: number, colour: string): string {
  const half = barHeight / 2;
  return `<rect x="${n(x)}" y="${middle - half}" width="${n(length)}" height="${barHeight}" rx="${half}" fill="${colour}"/>`;
}

/** A star of four points. */
function star(x: number, y: number, radius: number, paint: string): string {
  const [r, waist] = [n(radius), n(radius * 0.22)];
  return `<path transform="translate(${n(x)} ${n(y)})" d="M0-${r}Q${waist}-${waist} ${r} 0Q${waist} ${waist} 0 ${r}Q-${waist} ${waist}-${r} 0Q-${waist}-${waist} 0-${r}z" ${paint}/>`;
}

/** As many stamps as can be told apart; a card of more is drawn as a bar. */
const stampsMax = 20;

interface Drawn {
  readonly drawing: string;
  /** The width that it takes. */
  readonly taken: number;
}

/** A place for each stamp, the last with the star that it earns; `right` is where the card ends. */
function stampCard(
  { filled, of }: NonNullable<StripState['stamps']>,
  palette: Palette,
  right: number,
): Drawn {
  if (of > stampsMax) {
    const length = 120;
    return {
      drawing: filledBar(fillOf(filled, of), palette, right - length, length),
      taken: length,
    };
  }
  const { perRow, radius, gap } = stampGrid(of);
  const pitch = 2 * radius + gap;
  const rows = Math.ceil(of / perRow);
  const taken = perRow * pitch - gap;
  const places = Array.from({ length: of }, (_, index) => {
    const x = right - taken + radius + pitch * (index % perRow);
    const y = middle + pitch * (Math.floor(index / perRow) - (rows - 1) / 2);
    return stamp(x, y, radius, { isFilled: index < filled, isLast: index === of - 1 }, palette);
  });
  return { drawing: places.join(''), taken };
}

/** Up to ten stamps stand in one row; more of them in two. */
function stampGrid(of: number): { perRow: number; radius: number; gap: number } {
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
    ? circle(n(x), y, radius, `fill="${accent}"`)
    : circle(n(x), y, radius - line / 2, `fill="none" stroke="${outline}" stroke-width="${n(line)}"`);
  if (isLast) return ground + star(x, y, radius * 0.68, `fill="${isFilled ? background : outline}"`);
  return isFilled ? ground + tick(x, y, radius, background) : ground;
}

function tick(x: number, y: number, radius: number, colour: string): string {
  const at = (dx: number, dy: number) => `${n(x + dx * radius)} ${n(y + dy * radius)}`;
  return `<path d="M${at(-0.4, 0.04)}L${at(-0.1, 0.34)}L${at(0.44, -0.3)}" fill="none" stroke="${colour}" stroke-width="${n(radius * 0.19)}" stroke-linecap="round" stroke-linejoin="round"/>`;
}
