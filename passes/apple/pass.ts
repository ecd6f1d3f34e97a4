/**
 * A card's view as a signed Apple Wallet pass. Everything that is the same for all cards is made once per
 * credentials; a pass costs little more than its RSA signature.
 */
import { createHash } from 'node:crypto';
import type { CardLinks, CardView } from '../../core/card.ts';
import type { Rasterizer } from '../strip/raster.ts';
import { cardProperties } from './card.ts';
import { createSigner, type Signer } from './cms.ts';
import type { AppleCredentials } from './credentials.ts';
import { createStrips, type Strip, type Strips } from './strips.ts';
import { brandImages, createTemplate, type Image, type Template } from './template.ts';
import { type ZipStart, zip, zipStart } from './zip.ts';

export const passContentType = 'application/vnd.apple.pkpass';
export const passesContentType = 'application/vnd.apple.pkpasses';

export interface PassContent {
  readonly view: CardView;
  readonly links: CardLinks;
  /** Where phones ask for changes: the part before `/v1/…`. */
  readonly webServiceUrl: string;
  /** The pass's own secret, at least 16 characters, which never changes. */
  readonly authenticationToken: string;
}

export interface PassBuilder {
  /**
   * The pass as the bytes of a `.pkpass`, signed at an epoch time in milliseconds. The same content at the
   * same time gives the same bytes.
   * @throws RangeError when the authentication token is too short
   */
  build(content: PassContent, now: number): Buffer;
  /**
   * The manifest alone, which the phone compares to tell whether a pass has changed: the same content gives
   * the same bytes, whenever it is signed.
   */
  manifest(content: PassContent): Buffer;
}

interface Prepared {
  readonly credentials: AppleCredentials;
  readonly template: Template;
  readonly sign: Signer;
  readonly strips: Strips;
  /** The files that are in every pass, as they stand in the archive. */
  readonly start: ZipStart;
  /** The manifest as far as they fill it. */
  readonly manifestStart: string;
}

function prepare(credentials: AppleCredentials, draw: Rasterizer, images: readonly Image[]): Prepared {
  const template = createTemplate(credentials, images);
  const hashes = template.files.map(({ name, bytes }) => `${JSON.stringify(name)}:"${sha1(bytes)}"`);
  return {
    credentials,
    template,
    sign: createSigner(credentials),
    strips: createStrips(draw),
    start: zipStart(template.files),
    manifestStart: `{${hashes.join()}`,
  };
}

/** A builder of passes in the name of some credentials: keep it, for it costs some milliseconds. */
export function createPassBuilder(
  credentials: AppleCredentials,
  draw: Rasterizer,
  images: readonly Image[] = brandImages,
): PassBuilder {
  const prepared = prepare(credentials, draw, images);
  return {
    build(content, now) {
      const pass = passBytes(prepared, content);
      const strips = prepared.strips(content.view);
      const manifest = manifestBytes(prepared, pass, strips);
      const signature = prepared.sign(manifest, now);
      return zip(
        [
          ...strips,
          { name: 'pass.json', bytes: pass },
          { name: 'manifest.json', bytes: manifest },
          { name: 'signature', bytes: signature },
        ],
        prepared.start,
      );
    },
    manifest: (content) =>
      manifestBytes(prepared, passBytes(prepared, content), prepared.strips(content.view)),
  };
}

function passBytes({ template, credentials }: Prepared, content: PassContent): Buffer {
  const organizationName = credentials.organizationName ?? content.view.programName;
  return Buffer.from(
    JSON.stringify({ ...template.pass, ...cardProperties({ ...content, organizationName }) }),
  );
}

function manifestBytes({ manifestStart }: Prepared, pass: Buffer, strips: readonly Strip[]): Buffer {
  const pictures = strips.map(({ name, sha1 }) => `,"${name}":"${sha1}"`).join('');
  return Buffer.from(`${manifestStart}${pictures},"pass.json":"${sha1(pass)}"}`);
}

function sha1(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex');
}

/** Several passes for one person as the bytes of a `.pkpasses`, which phones offer to add all at once. */
export function bundlePasses(passes: readonly Uint8Array[]): Buffer {
  return zip(passes.map((bytes, index) => ({ name: `card-${index + 1}.pkpass`, bytes })));
}
