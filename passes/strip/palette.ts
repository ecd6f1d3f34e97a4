/**
 * The few colours that a drawing is made of, from the three of a programme. Wallets lay their text over the
 * drawing, so every tone that may come to lie behind it is held to the contrast that the programme's own
 * colours were held to.
 */
import { contrast, type Rgb, rgbOf } from '../../core/colours.ts';
import type { CardColours } from '../../core/look.ts';

/** WCAG 2.2, success criterion 1.4.3, and a little more: what is drawn is rounded, edges are blended. */
const textContrastMin = 4.6;
/** WCAG 2.2, success criterion 1.4.11: what a shape needs to be told from its ground. */
const shapeContrastMin = 3;

export interface Palette {
  readonly background: string;
  /** Three tones of the background, each a little further from it, on all of which text can be read. */
  readonly tones: readonly [string, string, string];
  /** The tone that stands out most of those on which text can be read. */
  readonly hairline: string;
  /** What has been reached. */
  readonly accent: string;
  /** What has not been reached: its outline, and its ground. */
  readonly outline: string;
  readonly track: string;
}

export function paletteOf({ background, foreground, label }: CardColours): Palette {
  const [ground, accent] = [rgbOf(background), rgbOf(label)];
  const texts = [rgbOf(foreground), accent];
  const isReadable = (tone: Rgb) => texts.every((text) => contrast(text, tone) >= textContrastMin);
  const [toward, reach] = tonesFrom(ground, rgbOf(foreground), isReadable);
  const tone = (share: number) => mix(ground, toward, share * reach);
  const tones = [tone(1 / 3), tone(2 / 3), tone(1)] as const;
  const outline =
    shares.map((share) => mix(ground, accent, share)).find((one) => isTold(one, [ground, ...tones])) ??
    accent;
  return {
    background,
    tones: [hexOf(tones[0]), hexOf(tones[1]), hexOf(tones[2])],
    hairline: hexOf(shares.map((share) => mix(ground, accent, share)).findLast(isReadable) ?? ground),
    accent: label,
    outline: hexOf(outline),
    track: hexOf(
      tracks.map((share) => mix(ground, outline, share)).find((one) => isTold(accent, [one])) ?? ground,
    ),
  };
}

/** How much of the outline is in the ground of a bar, the best first. */
const tracks = [0.4, 0.3, 0.2, 0.1];

/** From 5 % to 100 %. */
const shares = Array.from({ length: 20 }, (_, index) => (index + 1) / 20);

/** How far the strongest tone lies from the background: enough to be seen, too little to be noticed. */
const reachMax = 0.12;

/**
 * The direction of the tones and how far they may go: towards the text where it stays readable on them, else
 * away from it, where it only becomes more so.
 */
function tonesFrom(
  ground: Rgb,
  text: Rgb,
  isReadable: (tone: Rgb) => boolean,
): readonly [toward: Rgb, reach: number] {
  const away = contrast(text, black) > contrast(ground, black) ? black : white;
  for (const toward of [text, away])
    for (const reach of [reachMax, reachMax / 2])
      if ([1 / 3, 2 / 3, 1].every((share) => isReadable(mix(ground, toward, share * reach))))
        return [toward, reach];
  return [ground, 0];
}

const black: Rgb = [0, 0, 0];
const white: Rgb = [255, 255, 255];

function isTold(shape: Rgb, grounds: readonly Rgb[]): boolean {
  return grounds.every((ground) => contrast(shape, ground) >= shapeContrastMin);
}

function mix(one: Rgb, other: Rgb, share: number): Rgb {
  const channel = (index: 0 | 1 | 2) => Math.round(one[index] + (other[index] - one[index]) * share);
  return [channel(0), channel(1), channel(2)];
}

function hexOf(rgb: Rgb): string {
  return `#${rgb.map((channel) => channel.toString(16).padStart(2, '0')).join('')}`;
}
