/** The previews as files: for a card of the API's, or for a programme that nobody has put in force. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { CardLinks, CardView } from '../../core/card.ts';
import { fieldErrors } from '../../core/contract/errors.ts';
import type { CardAnswer } from '../../core/contract/shapes/card.ts';
import { programDocument } from '../../core/program.ts';
import { imagesBase64 } from '../apple/images.ts';
import { type Logos, pngUrl } from './logos.ts';
import { previewPage } from './page.ts';
import { previewPngs } from './png.ts';
import { previewsOf } from './previews.ts';
import { type SampleHolder, sampleLinks, sampleView } from './sample.ts';
import { linksOf, viewOf } from './view.ts';

export { notesOf } from './notes.ts';

export interface PreviewFile {
  readonly name: string;
  readonly bytes: Buffer;
}

/** A card with where its links lead. */
export interface PreviewCard {
  readonly view: CardView;
  readonly links: CardLinks;
}

export function cardOfAnswer(answer: CardAnswer): PreviewCard {
  return { view: viewOf(answer), links: linksOf(answer) };
}

export type SampleOutcome =
  | { readonly type: 'card'; readonly card: PreviewCard }
  | { readonly type: 'invalid'; readonly errors: ReturnType<typeof fieldErrors> };

/** The sample member's card under a programme's document, which may be anything; `now` in epoch milliseconds. */
export function cardOfProgram(document: unknown, holder: SampleHolder, now: number): SampleOutcome {
  const parsed = programDocument.safeParse(document);
  if (!parsed.success) return { type: 'invalid', errors: fieldErrors(parsed.error) };
  const view = sampleView({ ...parsed.data, version: 1 }, holder, now);
  return { type: 'card', card: { view, links: sampleLinks } };
}

/** A programme's own logos as PNG; those of the house for what it does not have. */
export interface OwnLogos {
  readonly apple?: Buffer | undefined;
  readonly google?: Buffer | undefined;
}

async function logosOf({ apple, google }: OwnLogos): Promise<Logos> {
  const house = join(import.meta.dirname, '../../web/public/program-logo.png');
  return {
    apple: pngUrl(apple?.toString('base64') ?? imagesBase64['logo@3x.png']),
    google: pngUrl((google ?? (await readFile(house))).toString('base64')),
  };
}

export async function previewFiles({ view, links }: PreviewCard, own: OwnLogos = {}): Promise<PreviewFile[]> {
  const previews = previewsOf(view, links, await logosOf(own));
  const names = ['apple.png', 'apple-back.png', 'google.png'];
  const pngs = await previewPngs([previews.apple, previews.appleBack, previews.google]);
  return [
    ...names.map((name, index) => ({ name, bytes: pngs[index] ?? Buffer.alloc(0) })),
    { name: 'card.html', bytes: Buffer.from(previewPage(view, previews)) },
  ];
}
