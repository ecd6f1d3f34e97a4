/**
 * Draws the default images of the wallet cards and writes them twice: as PNG files, to look at and to serve,
 * and as the module passes/apple/images.ts, because a bundled function has no files beside it.
 *
 * Run with `node tools/images.ts` after changing a shape or a colour.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';
import { type Rgb, rgbOf } from '../core/colours.ts';
import { colours } from '../passes/colours.ts';

/** Red, green, blue and opacity, 0 to 255. */
export type Pixel = readonly [...Rgb, number];
/** The colour at a point, in units of the drawing's height with the origin at the top left. */
type Drawing = (x: number, y: number) => Pixel;

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Four bytes for each pixel, row by row: red, green, blue, opacity. */
  readonly rgba: Uint8Array;
}

const ink: Pixel = [...rgbOf(colours.background), 255];
const paper: Pixel = [...rgbOf(colours.label), 255];
const clear: Pixel = [...rgbOf(colours.label), 0];

/** The mark, which is nobody's: a point in a ring, in a square of side 1. */
function isMark(x: number, y: number): boolean {
  const [radius, stroke, point] = [0.33, 0.08, 0.13];
  const distance = Math.hypot(x - 0.5, y - 0.5);
  return Math.abs(distance - radius) <= stroke / 2 || distance <= point;
}

const icon: Drawing = (x, y) => (isMark(x, y) ? paper : ink);
const logo: Drawing = (x, y) => (isMark(x, y) ? paper : clear);
/** Google cuts a circle out of the logo, so the mark keeps clear of the corners. */
const roundLogo: Drawing = (x, y) => (isMark((x - 0.18) / 0.64, (y - 0.18) / 0.64) ? paper : ink);

const samples = 4;

/** Each pixel is the mean of a grid of points, so that edges are smooth. */
function render(drawing: Drawing, width: number, height: number): Picture {
  const rgba = new Uint8Array(4 * width * height);
  for (let row = 0; row < height; row++)
    for (let column = 0; column < width; column++)
      rgba.set(meanAt(drawing, column, row, height), 4 * (row * width + column));
  return { width, height, rgba };
}

function meanAt(drawing: Drawing, column: number, row: number, height: number): Pixel {
  const sum = [0, 0, 0, 0] as [number, number, number, number];
  for (let index = 0; index < samples * samples; index++) {
    const x = column + ((index % samples) + 0.5) / samples;
    const y = row + (Math.floor(index / samples) + 0.5) / samples;
    const point = drawing(x / height, y / height);
    for (const channel of [0, 1, 2, 3] as const) sum[channel] += point[channel];
  }
  const mean = (total: number) => Math.round(total / (samples * samples));
  return [mean(sum[0]), mean(sum[1]), mean(sum[2]), mean(sum[3])];
}

/**
 * A PNG with a palette (W3C, Portable Network Graphics, third edition). Few colours meet in these drawings,
 * so a byte per pixel holds them all and compresses best.
 */
export function png({ width, height, rgba }: Picture): Buffer {
  const pixels = Array.from({ length: width * height }, (_, at) => rgba.subarray(4 * at, 4 * at + 4));
  const palette = new Map(pixels.map((pixel) => [String(pixel), pixel]));
  if (palette.size > 256) throw new RangeError(`A palette holds 256 colours, not ${palette.size}.`);
  const indexes = new Map([...palette.keys()].map((colour, index) => [colour, index]));
  const rows = Buffer.alloc((width + 1) * height); // The byte before each row says "not filtered".
  for (const [at, pixel] of pixels.entries())
    rows[at + Math.floor(at / width) + 1] = indexes.get(String(pixel)) ?? 0;
  const entries = [...palette.values()];
  const size = Buffer.alloc(8);
  size.writeUInt32BE(width, 0);
  size.writeUInt32BE(height, 4);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', Buffer.concat([size, Buffer.from([8, 3, 0, 0, 0])])),
    chunk('PLTE', Buffer.concat(entries.map((entry) => entry.subarray(0, 3)))),
    chunk('tRNS', Buffer.from(entries.map((entry) => entry[3] ?? 255))),
    chunk('IDAT', deflateSync(rows, { level: 9 })),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, content: Buffer): Buffer {
  const typed = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(content.length);
  checksum.writeUInt32BE(crc32(typed));
  return Buffer.concat([length, typed, checksum]);
}

/** Apple's sizes of a store card's images in points, each drawn once, twice and three times as large. */
const appleImages = {
  icon: { drawing: icon, width: 29, height: 29 },
  logo: { drawing: logo, width: 50, height: 50 },
} as const;

/** Every image of an Apple pass by its file name. */
export function drawAppleImages(): Map<string, Picture> {
  const pictures = new Map<string, Picture>();
  for (const [name, { drawing, width, height }] of Object.entries(appleImages))
    for (const scale of [1, 2, 3])
      pictures.set(
        `${name}${scale === 1 ? '' : `@${scale}x`}.png`,
        render(drawing, width * scale, height * scale),
      );
  return pictures;
}

/** The logo of Google's loyalty class: square, at least 660 pixels wide. */
export function drawGoogleLogo(): Picture {
  return render(roundLogo, 660, 660);
}

/** The source of passes/apple/images.ts for these files. */
export function moduleOf(files: ReadonlyMap<string, Buffer>): string {
  const lines = [...files].map(([name, bytes]) => `  '${name}':\n    '${bytes.toString('base64')}',`);
  return `/**
 * The images of images/ as base64, for functions have no files beside them. Written by tools/images.ts.
 */
export const imagesBase64 = {
${lines.join('\n')}
} as const;
`;
}

function writeAll(): void {
  const passes = join(import.meta.dirname, '../passes');
  const files = new Map([...drawAppleImages()].map(([name, picture]) => [name, png(picture)]));
  for (const folder of ['apple/images', 'google/images'])
    mkdirSync(join(passes, folder), { recursive: true });
  for (const [name, bytes] of files) writeFileSync(join(passes, 'apple/images', name), bytes);
  writeFileSync(join(passes, 'apple/images.ts'), moduleOf(files));
  const site = join(passes, '../web/public');
  writeFileSync(join(site, 'program-logo.png'), png(drawGoogleLogo()));
  // For the card page, which shows how the card looks in a wallet.
  writeFileSync(join(site, 'wallet-logo.png'), files.get('logo@3x.png') ?? Buffer.alloc(0));
}

if (import.meta.main) writeAll();
