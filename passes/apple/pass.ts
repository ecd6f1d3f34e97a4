/**
 * A card's view as a signed Apple Wallet pass. Everything that is the same for all cards is made once per
 * credentials, the strip once per state; then a pass costs little more than its RSA signature.
 */
import { createHash } from 'node:crypto';
import type { CardLinks, CardView } from '../../core/card.ts';
import type { Rasterizer } from '../strip/raster.ts';
import { cardProperties } from './card.ts';
import { createSigner, type Signer } from './cms.ts';
import type { AppleCredentials } from './credentials.ts';
import { stringsFiles } from './strings.ts';
import { byState, drawStrips } from './strips.ts';
import { brandImages, createTemplate, type Image, type Template } from './template.ts';
import { type ZipEntry, type ZipStart, zip, zipStart } from './zip.ts';

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
  readonly beginningOf: (view: CardView) => Beginning;
}

/** What the passes of all cards in one state have in common: images and translations. */
interface Beginning {
  /** The files, as they stand in the archive. */
  readonly start: ZipStart;
  /** The manifest as far as they fill it. */
  readonly manifest: string;
}

function prepare(credentials: AppleCredentials, draw: Rasterizer, images: readonly Image[]): Prepared {
  const template = createTemplate(credentials, images);
  return {
    credentials,
    template,
    sign: createSigner(credentials),
    beginningOf: byState((state, texts) =>
      begin([...template.images, ...stringsFiles(texts), ...drawStrips(draw, state)]),
    ),
  };
}

function begin(files: readonly ZipEntry[]): Beginning {
  const hashes = files.map(({ name, bytes }) => `${JSON.stringify(name)}:"${sha1(bytes)}"`);
  return { start: zipStart(files), manifest: `{${hashes.join()},"pass.json":"` };
}

/**
 * A builder of passes in the name of some credentials: keep it, for it costs some milliseconds, and keeps what
 * it drew.
 */
export function createPassBuilder(
  credentials: AppleCredentials,
  draw: Rasterizer,
  images: readonly Image[] = brandImages,
): PassBuilder {
  const prepared = prepare(credentials, draw, images);
  return {
    build(content, now) {
      const pass = passBytes(prepared, content);
      const beginning = prepared.beginningOf(content.view);
      const manifest = manifestBytes(beginning, pass);
      const signature = prepared.sign(manifest, now);
      return zip(
        [
          { name: 'pass.json', bytes: pass },
          { name: 'manifest.json', bytes: manifest },
          { name: 'signature', bytes: signature },
        ],
        beginning.start,
      );
    },
    manifest: (content) => manifestBytes(prepared.beginningOf(content.view), passBytes(prepared, content)),
  };
}

function passBytes({ template, credentials }: Prepared, content: PassContent): Buffer {
  const organizationName = credentials.organizationName ?? content.view.programName;
  return Buffer.from(
    JSON.stringify({ ...template.pass, ...cardProperties({ ...content, organizationName }) }),
  );
}

function manifestBytes({ manifest }: Beginning, pass: Buffer): Buffer {
  return Buffer.from(`${manifest}${sha1(pass)}"}`);
}

function sha1(bytes: Uint8Array): string {
  return createHash('sha1').update(bytes).digest('hex');
}

/** Several passes for one person as the bytes of a `.pkpasses`, which phones offer to add all at once. */
export function bundlePasses(passes: readonly Uint8Array[]): Buffer {
  return zip(passes.map((bytes, index) => ({ name: `card-${index + 1}.pkpass`, bytes })));
}
