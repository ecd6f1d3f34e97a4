/** Passes for tests: one chain of certificates per file, and every card built with it. */
import type { CardView } from '../../../core/card.ts';
import {
  type AppleCredentials,
  createPassBuilder,
  type PassContent,
  parseAppleCredentials,
} from '../../../passes/apple/index.ts';
import { loadRasterizer } from '../../../passes/strip/raster.ts';
import { links } from '../views.ts';
import { type Chain, makeChain } from './chain.ts';

export const now = Date.parse('2026-11-22T10:00:00Z');
export const webServiceUrl = 'https://philia.example/apple';
export const authenticationToken = 'AAAAAAAAAAAAAAAAAAAAAA';

export function credentialsOf({ certificate, privateKey, wwdr }: Chain, more: object = {}): AppleCredentials {
  const ids = { passTypeIdentifier: 'pass.test.philia', teamIdentifier: 'TEAM000001' };
  const parsed = parseAppleCredentials({ ...ids, certificate, privateKey, wwdr, ...more }, now);
  if (!parsed || 'problem' in parsed) throw new Error(parsed?.problem);
  return parsed;
}

export function contentOf(view: CardView): PassContent {
  return { view, links, webServiceUrl, authenticationToken };
}

export interface Workshop {
  readonly chain: Chain;
  readonly credentials: AppleCredentials;
  build(view: CardView, at?: number): Buffer;
  manifest(view: CardView): Buffer;
}

export async function openWorkshop(): Promise<Workshop> {
  const chain = await makeChain();
  const credentials = credentialsOf(chain);
  const builder = createPassBuilder(credentials, await loadRasterizer());
  return {
    chain,
    credentials,
    build: (view, at = now) => builder.build(contentOf(view), at),
    manifest: (view) => builder.manifest(contentOf(view)),
  };
}
