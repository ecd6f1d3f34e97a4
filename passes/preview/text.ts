/**
 * Text that stays where it belongs: measured, shortened, shrunk and wrapped without a browser. Widths are those
 * of Inter, in hundredths of the font's size, rounded up; its semibold stands for all weights, for it is the
 * widest. Where another font draws what fills its place, it is drawn in the width that was reckoned.
 */
import { type Attributes, el, escaped } from './svg.ts';

/** From the blank to `~`. */
const ascii = [
  29, 33, 53, 65, 66, 101, 67, 33, 38, 38, 54, 68, 32, 47, 32, 38, 66, 43, 63, 64, 67, 62, 64, 58, 65, 64, 32,
  33, 68, 68, 68, 55, 100, 73, 66, 74, 73, 61, 60, 75, 75, 28, 58, 71, 57, 93, 76, 77, 65, 78, 66, 66, 67, 74,
  73, 103, 72, 72, 66, 38, 38, 38, 49, 47, 36, 58, 63, 59, 63, 60, 39, 63, 62, 27, 27, 57, 27, 91, 62, 61, 63,
  63, 40, 55, 36, 62, 59, 84, 57, 59, 57, 46, 36, 46, 68,
];
const others: Readonly<Record<string, number>> = {
  '\u00a0': 29,
  '\u202f': 15,
  '’': 30,
  '‘': 30,
  '“': 51,
  '”': 51,
  '…': 96,
  '–': 50,
  '—': 100,
  '€': 68,
  '·': 32,
  ß: 65,
  ł: 27,
  đ: 63,
  ı: 27,
};

const graphemes = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The characters that a reader sees as one, one by one: a flag or an accent is never cut in two. */
function charactersOf(text: string): string[] {
  return Array.from(graphemes.segment(text), ({ segment }) => segment);
}

/** The widest of the other letters that Inter has, and the wide ones. */
const widest = /^[ЉЊЖШЩЮÆŒœ]/;
const wide = /^[МЫЋΜΦΨЂДЪФĲæљњжшщюŉ]/;
const medium = /^[\p{Lu}ωψмыфφ]/u;
const isOfInter = /^[\p{Script=Latin}\p{Script=Greek}\p{Script=Cyrillic}]/u;

/** What a character takes by the table, which leaves accents out. */
function measured(character: string): number | undefined {
  return ascii[character.normalize('NFD').charCodeAt(0) - 32] ?? others[character];
}

/** What a character takes, in hundredths of the font's size; what the table does not know, rather too much. */
function widthOfOne(character: string): number {
  const known = measured(character);
  if (known !== undefined) return known;
  const base = character.normalize('NFD').charAt(0);
  if (/^[\p{M}\p{Cf}]/u.test(character)) return 0;
  if (/^\p{Extended_Pictographic}|^\p{RI}/u.test(character)) return 140;
  if (!isOfInter.test(base)) return 110;
  if (widest.test(base)) return 113;
  if (wide.test(base)) return 99;
  return medium.test(base) ? 86 : 67;
}

export interface Font {
  readonly size: number;
  readonly weight: 400 | 500 | 600;
}

/** In points. */
export function widthOf(text: string, { size }: Pick<Font, 'size'>): number {
  return (charactersOf(text).reduce((sum, one) => sum + widthOfOne(one), 0) * size) / 100;
}

/** On one line: line breaks and the like are blanks there. */
export function oneLine(text: string): string {
  return text.replace(/[\s\p{Cc}]+/gu, (blank) => (/^[\u00a0\u202f]+$/.test(blank) ? blank : ' ')).trim();
}

/** As much of a text as a width in points holds, with an ellipsis where something is left out. */
export function shortened(text: string, font: Pick<Font, 'size'>, width: number): string {
  const line = oneLine(text);
  if (widthOf(line, font) <= width) return line;
  let left = (width * 100) / font.size - widthOfOne('…');
  const kept: string[] = [];
  for (const one of charactersOf(line)) {
    left -= widthOfOne(one);
    if (left < 0) break;
    kept.push(one);
  }
  return `${kept.join('').trimEnd()}…`;
}

/** A text and the size, down to a least one, in which a width holds it; beyond that it is shortened. */
export function shrink(text: string, { size }: Pick<Font, 'size'>, sizeMin: number, width: number) {
  const needed = widthOf(oneLine(text), { size });
  const shrunk = needed <= width ? size : Math.max(sizeMin, (size * width) / needed);
  return { text: shortened(text, { size: shrunk }, width), size: shrunk };
}

/** A text over as many lines as it takes, each no wider than `width`; the last of `linesMax` ends in an ellipsis. */
export function wrap(text: string, font: Pick<Font, 'size'>, width: number, linesMax: number): string[] {
  const lines = text.split(/\r?\n/).flatMap((paragraph) => wrapped(oneLine(paragraph), font, width));
  const shown = lines.slice(0, linesMax);
  const rest = lines.slice(linesMax - 1).join(' ');
  return lines.length > linesMax ? [...shown.slice(0, -1), shortened(rest, font, width)] : shown;
}

function wrapped(text: string, font: Pick<Font, 'size'>, width: number): string[] {
  const lines = [''];
  for (const word of text.split(' ').flatMap((one) => broken(one, font, width))) {
    const line = lines.at(-1) ?? '';
    const longer = line === '' ? word.text : `${line}${word.glue}${word.text}`;
    if (widthOf(longer, font) <= width) lines[lines.length - 1] = longer;
    else lines.push(word.text);
  }
  return lines;
}

/** A word that no line holds, such as an address, in pieces. */
function broken(word: string, font: Pick<Font, 'size'>, width: number): { text: string; glue: string }[] {
  const pieces = [{ text: '', glue: ' ' }];
  for (const one of charactersOf(word)) {
    const piece = pieces.at(-1) as { text: string; glue: string };
    if (piece.text === '' || widthOf(piece.text + one, font) <= width) piece.text += one;
    else pieces.push({ text: one, glue: '' });
  }
  return pieces;
}

export interface Place extends Font {
  readonly x: number;
  /** Of the baseline. */
  readonly y: number;
  readonly fill: string;
  /** The text ends at `x`, or is centred on it. */
  readonly anchor?: 'end' | 'middle';
  /** The points that it may take. */
  readonly width: number;
}

/** One line, shortened to its place. */
export function textAt(
  text: string,
  { width, anchor, size, weight, ...place }: Place,
  more: Attributes = {},
): string {
  const line = shortened(text, { size }, width);
  if (line === '') return '';
  const needed = widthOf(line, { size });
  const attributes = {
    ...place,
    'font-size': size,
    'font-weight': weight === 400 ? undefined : weight,
    'text-anchor': anchor,
    ...(needed > 0.88 * width && isMeasured(line) && heldTo(needed)),
    ...more,
  };
  return el('text', attributes, escaped(line));
}

/** Inter itself takes that much of what is reckoned: the rest is what was rounded up. */
const taken = 0.96;

/** Where the font is another one, which may be wider; only a width that is known, or the text would be stretched. */
function heldTo(width: number): Attributes {
  return { textLength: taken * width, lengthAdjust: 'spacingAndGlyphs' };
}

/** The same picture for who has Inter, whose widths need not be held to. */
export function inOwnWidths(svg: string): string {
  return svg.replace(/ textLength="[\d.]+" lengthAdjust="spacingAndGlyphs"/g, '');
}

function isMeasured(line: string): boolean {
  return charactersOf(line).every((one) => measured(one) !== undefined);
}
