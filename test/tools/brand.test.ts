import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';
import { afterAll, describe, expect, it } from 'vitest';
import { imagesBase64 } from '../../passes/apple/images.ts';
import { BrandFailure, readBrand } from '../../tools/brand.ts';
import { png } from '../../tools/images.ts';

const temporary = mkdtempSync(join(tmpdir(), 'philia-brand-'));
afterAll(() => rmSync(temporary, { recursive: true, force: true }));

const image = (width: number, height = width) =>
  png({ width, height, rgba: new Uint8Array(4 * width * height).fill(200) });

type Files = Readonly<Record<string, Buffer>>;
const icons: Files = { 'icon.png': image(29), 'icon@2x.png': image(58), 'icon@3x.png': image(87) };
const logos: Files = {
  'logo.png': image(140, 36),
  'logo@2x.png': image(279, 72),
  'logo@3x.png': image(419, 107),
};

let folders = 0;
function folderOf(files: Files): string {
  const folder = join(temporary, String(folders++), 'brand');
  mkdirSync(folder, { recursive: true });
  for (const [name, bytes] of Object.entries(files)) writeFileSync(join(folder, name), bytes);
  return folder;
}

/** What is said of a folder, sentence by sentence. */
function problemsOf(files: Files): string[] {
  try {
    readBrand(folderOf(files));
  } catch (error) {
    if (error instanceof BrandFailure) return error.message.split('\n');
    throw error;
  }
  return [];
}

describe('the brand folder', () => {
  it('may be absent or empty: then cards show the house’s images', () => {
    for (const folder of [join(temporary, 'nowhere'), folderOf({})]) {
      const { apple, programLogo } = readBrand(folder);
      expect([...apple].map(([name, bytes]) => [name, bytes.toString('base64')])).toEqual(
        Object.entries(imagesBase64),
      );
      expect(programLogo).toBeUndefined();
    }
  });

  it('replaces the kinds of images that it has, and no others', () => {
    const { apple, programLogo } = readBrand(folderOf({ ...logos, 'program-logo.png': image(660) }));
    expect([...apple.keys()]).toEqual(Object.keys(imagesBase64));
    for (const [name, bytes] of Object.entries(logos)) expect(apple.get(name)).toEqual(bytes);
    expect(apple.get('icon@2x.png')?.toString('base64')).toBe(imagesBase64['icon@2x.png']);
    expect(programLogo).toEqual(image(660));
  });

  it('takes the largest and the smallest that fit, and leaves alone what file managers hide there', () => {
    const largest = {
      'logo.png': image(160, 50),
      'logo@2x.png': image(320, 100),
      'logo@3x.png': image(480, 150),
    };
    expect(problemsOf({ ...icons, ...largest, '.DS_Store': Buffer.from('x') })).toEqual([]);
    expect(problemsOf({ 'program-logo.png': image(1024) })).toEqual([]);
  });

  it.each<[string, Files, string]>([
    [
      'an icon of another size',
      { ...icons, 'icon@2x.png': image(60, 58) },
      'brand/icon@2x.png is 60 × 58 pixels; it has to be 58 × 58.',
    ],
    [
      'a logo that is too wide',
      { ...logos, 'logo@2x.png': image(321, 72) },
      'brand/logo@2x.png is 321 × 72 pixels; it has to be at most 320 × 100.',
    ],
    [
      'a logo that is too high',
      { ...logos, 'logo.png': image(140, 51) },
      'brand/logo.png is 140 × 51 pixels; it has to be at most 160 × 50.',
    ],
    [
      'a small programme logo',
      { 'program-logo.png': image(659) },
      'brand/program-logo.png is 659 × 659 pixels; it has to be square, at least 660 × 660.',
    ],
    [
      'a programme logo that is not square',
      { 'program-logo.png': image(700, 660) },
      'brand/program-logo.png is 700 × 660 pixels; it has to be square, at least 660 × 660.',
    ],
    [
      'another format',
      { ...icons, 'icon.png': Buffer.from('\xff\xd8\xff\xe0JFIF', 'latin1') },
      'brand/icon.png is not a PNG image.',
    ],
    [
      'a file that was cut off',
      { ...icons, 'icon.png': image(29).subarray(0, -20) },
      'brand/icon.png is a damaged PNG image: it is cut off or was altered.',
    ],
    [
      'a file that was altered',
      { ...icons, 'icon.png': altered(image(29)) },
      'brand/icon.png is a damaged PNG image: it is cut off or was altered.',
    ],
    [
      'an unknown name',
      { 'Logo.png': image(29) },
      'brand/Logo.png is no image that a card has; it may have icon.png, icon@2x.png, icon@3x.png, logo.png, logo@2x.png, logo@3x.png, program-logo.png.',
    ],
    [
      'a size that is missing',
      { 'icon.png': image(29), 'icon@3x.png': image(87) },
      'brand/icon@2x.png is missing beside brand/icon.png and brand/icon@3x.png.',
    ],
    [
      'logos that differ',
      { ...logos, 'logo@3x.png': image(300, 107) },
      'brand/logo@3x.png is 300 × 107 pixels; it has to be 3 times brand/logo.png, 420 × 108.',
    ],
    [
      'an image that would make every pass heavy',
      { ...icons, 'icon.png': heavy(image(29)) },
      'brand/icon.png weighs 141 KB; it may weigh 100 KB.',
    ],
  ])('is refused for %s, with one sentence', (_what, files, sentence) => {
    expect(problemsOf(files)).toEqual([sentence]);
  });

  it('is told everything that is wrong with it at once', () => {
    expect(problemsOf({ ...icons, 'icon.png': image(30), 'banner.png': image(9) })).toHaveLength(2);
  });

  it('has to be a folder', () => {
    const file = join(temporary, 'brand');
    writeFileSync(file, '');
    expect(() => readBrand(file)).toThrow(new BrandFailure('brand is a file; it has to be a folder.'));
  });
});

function altered(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  copy[50] = (copy[50] ?? 0) ^ 1;
  return copy;
}

/** The same image with a chunk of 140 KB behind its header that no reader looks at. */
function heavy(bytes: Buffer): Buffer {
  const afterHeader = 8 + 25;
  const text = Buffer.concat([Buffer.from('tEXt'), Buffer.alloc(140 * 1024)]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(text.length - 4);
  checksum.writeUInt32BE(crc32(text));
  return Buffer.concat([bytes.subarray(0, afterHeader), length, text, checksum, bytes.subarray(afterHeader)]);
}
