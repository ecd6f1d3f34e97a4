/**
 * What all passes of one set of credentials have in common. passkit-generator builds it and checks it, once;
 * because that library drops what it does not know without a word, what it wrote is read back and compared.
 * The passes themselves are filled in and signed outside it, at a small part of its cost (see pass.ts).
 */
import { isDeepStrictEqual } from 'node:util';
import { PKPass } from 'passkit-generator';
import { cardProperties } from './card.ts';
import type { AppleCredentials } from './credentials.ts';
import { imagesBase64 } from './images.ts';
import { sampleCard } from './sample.ts';
import type { ZipEntry } from './zip.ts';

export interface Template {
  /** The top level of pass.json, without what differs from card to card. */
  readonly pass: Readonly<Record<string, unknown>>;
  readonly images: readonly ZipEntry[];
}

export interface Image {
  readonly name: string;
  readonly bytes: Buffer;
}

export const brandImages: readonly Image[] = Object.entries(imagesBase64).map(([name, base64]) => ({
  name,
  bytes: Buffer.from(base64, 'base64'),
}));

/**
 * Builds the template; keep it, for all of its checks take some milliseconds.
 * @throws Error when passkit-generator changed or left out anything that it was given
 */
export function createTemplate(credentials: AppleCredentials, images: readonly Image[]): Template {
  const pass = constants(credentials);
  const readBack = buildWithLibrary({ ...pass, ...cardProperties(sampleCard) }, images);
  return {
    pass: Object.fromEntries(Object.keys(pass).map((name) => [name, readBack[name]])),
    images,
  };
}

function constants({ passTypeIdentifier, teamIdentifier }: AppleCredentials) {
  return {
    formatVersion: 1,
    passTypeIdentifier,
    teamIdentifier,
    sharingProhibited: true,
    suppressStripShine: true,
  };
}

/**
 * What the library makes of a whole pass.json with its images. It is not asked to sign: that is done
 * elsewhere, and would take it some 50 ms of arithmetic in JavaScript.
 */
function buildWithLibrary(pass: Record<string, unknown>, images: readonly Image[]): Record<string, unknown> {
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
