/**
 * What all passes of one set of credentials have in common. passkit-generator builds it and checks it, once;
 * because that library drops what it does not know without a word, what it wrote is read back and compared.
 * The passes themselves are filled in and signed outside it, at a small part of its cost (see pass.ts).
 */
import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { crc32 } from 'node:zlib';
import { PKPass } from 'passkit-generator';
import { colours, rgbOf } from '../colours.ts';
import { languages } from '../wording.ts';
import { cardProperties } from './card.ts';
import type { AppleCredentials } from './credentials.ts';
import { imagesBase64 } from './images.ts';
import { sampleCard } from './sample.ts';
import { passStrings } from './strings.ts';

/** A file of a pass with both its checksums: SHA-1 in hex for the manifest, CRC-32 for the archive. */
export interface PassFile {
  readonly name: string;
  readonly bytes: Buffer;
  readonly sha1: string;
  readonly crc32: number;
}

export interface Template {
  /** The top level of pass.json, without what differs from card to card. */
  readonly pass: Readonly<Record<string, unknown>>;
  /** Images and translations. */
  readonly files: readonly PassFile[];
}

export function passFile(name: string, bytes: Buffer): PassFile {
  return { name, bytes, sha1: createHash('sha1').update(bytes).digest('hex'), crc32: crc32(bytes) };
}

/**
 * Builds the template; keep it, for all of its checks take some milliseconds.
 * @throws Error when passkit-generator changed or left out anything that it was given
 */
export function createTemplate(credentials: AppleCredentials): Template {
  const images = Object.entries(imagesBase64).map(([name, base64]) =>
    passFile(name, Buffer.from(base64, 'base64')),
  );
  const pass = constants(credentials);
  const readBack = buildWithLibrary({ ...pass, ...cardProperties(sampleCard) }, images);
  return {
    pass: Object.fromEntries(Object.keys(pass).map((name) => [name, readBack[name]])),
    files: [
      ...images,
      ...languages.map((language) => passFile(`${language}.lproj/pass.strings`, passStrings(language))),
    ],
  };
}

function constants({ passTypeIdentifier, teamIdentifier }: AppleCredentials) {
  const css = (hex: string) => `rgb(${rgbOf(hex).join(', ')})`;
  return {
    formatVersion: 1,
    passTypeIdentifier,
    teamIdentifier,
    sharingProhibited: true,
    suppressStripShine: true,
    backgroundColor: css(colours.background),
    foregroundColor: css(colours.foreground),
    labelColor: css(colours.label),
  };
}

/**
 * What the library makes of a whole pass.json with its images. It is not asked to sign: that is done
 * elsewhere, and would take it some 50 ms of arithmetic in JavaScript.
 */
function buildWithLibrary(
  pass: Record<string, unknown>,
  images: readonly PassFile[],
): Record<string, unknown> {
  const buffers = Object.fromEntries(images.map(({ name, bytes }) => [name, bytes]));
  const library = new PKPass({ ...buffers, 'pass.json': Buffer.from(JSON.stringify(pass)) });
  const readBack: Record<string, unknown> = { ...library.props };
  for (const name of new Set([...Object.keys(pass), ...Object.keys(readBack)]))
    if (!isDeepStrictEqual(pass[name], readBack[name]))
      throw new Error(
        `passkit-generator turned ${name} of pass.json from ${JSON.stringify(pass[name])} into ${JSON.stringify(readBack[name])}.`,
      );
  const lost = images.filter(({ name }) => !library.files.includes(name)).map(({ name }) => name);
  if (lost.length > 0) throw new Error(`passkit-generator dropped the images ${lost.join(', ')}.`);
  return readBack;
}
