/**
 * A card's view as a signed Apple Wallet pass. Everything that is the same for all cards is made once per
 * credentials; a pass costs little more than its RSA signature.
 */
import type { CardLinks, CardView } from '../../core/card.ts';
import { cardProperties } from './card.ts';
import { createSigner, type Signer } from './cms.ts';
import type { AppleCredentials } from './credentials.ts';
import { createTemplate, type PassFile, passFile, type Template } from './template.ts';
import { zip } from './zip.ts';

export const passContentType = 'application/vnd.apple.pkpass';

export interface PassContent {
  readonly view: CardView;
  readonly links: CardLinks;
  /** Where phones ask for changes: the part before `/v1/…`. */
  readonly webServiceUrl: string;
  /** The pass's own secret, at least 16 characters, which never changes. */
  readonly authenticationToken: string;
  readonly credentials: AppleCredentials;
}

export interface PassRequest extends PassContent {
  /** Epoch milliseconds: the signing time. */
  readonly now: number;
}

interface Prepared {
  readonly template: Template;
  readonly sign: Signer;
}

const prepared = new WeakMap<AppleCredentials, Prepared>();

function prepare(credentials: AppleCredentials): Prepared {
  const known = prepared.get(credentials);
  if (known) return known;
  const made = { template: createTemplate(credentials), sign: createSigner(credentials) };
  prepared.set(credentials, made);
  return made;
}

/**
 * The pass as the bytes of a `.pkpass`. The same request gives the same bytes.
 * @throws RangeError when the authentication token is too short
 */
export function buildPass(request: PassRequest): Buffer {
  const files = filesOf(request);
  const manifest = manifestBytes(files);
  const signature = prepare(request.credentials).sign(manifest, request.now);
  return zip([...files, { name: 'manifest.json', bytes: manifest }, { name: 'signature', bytes: signature }]);
}

/**
 * The manifest alone, which the phone compares to tell whether a pass has changed: the same content gives the
 * same bytes, whenever it is signed.
 */
export function manifestOf(content: PassContent): Buffer {
  return manifestBytes(filesOf(content));
}

function filesOf({ credentials, ...content }: PassContent): PassFile[] {
  const { template } = prepare(credentials);
  const pass = {
    ...template.pass,
    ...cardProperties({
      ...content,
      organizationName: credentials.organizationName ?? content.view.programName,
    }),
  };
  return [passFile('pass.json', Buffer.from(JSON.stringify(pass))), ...template.files];
}

function manifestBytes(files: readonly PassFile[]): Buffer {
  return Buffer.from(JSON.stringify(Object.fromEntries(files.map(({ name, sha1 }) => [name, sha1]))));
}
