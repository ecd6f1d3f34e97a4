/** The wallets' pictures of a card, by the functions that also draw it for designers. */
import type { CardAnswer } from '../../core/contract/shapes/card.ts';
import { applePreview } from '../../passes/preview/apple.ts';
import { googleFrontPreview } from '../../passes/preview/google.ts';
import { type Logos, pngUrl } from '../../passes/preview/logos.ts';
import { dataUrl, type Picture } from '../../passes/preview/svg.ts';
import { linksOf, viewOf } from '../../passes/preview/view.ts';

interface Drawn {
  readonly wallet: 'apple' | 'google';
  /** Of the picture: a data URL, which the Content-Security-Policy lets images have. */
  readonly address: string;
  readonly width: number;
  readonly height: number;
}

/** The card in each of these wallets that it can be added to. */
export function draw(card: CardAnswer, logos: Logos): Drawn[] {
  const [view, links] = [viewOf(card), linksOf(card)];
  const { appleUrl, googleUrl } = card.wallet;
  return [
    ...(appleUrl ? [{ wallet: 'apple' as const, ...shown(applePreview(view, links, logos)) }] : []),
    ...(googleUrl ? [{ wallet: 'google' as const, ...shown(googleFrontPreview(view, links, logos)) }] : []),
  ];
}

/** The programme's logos. In a picture they have to be whole: an image of SVG loads nothing. */
export async function loadLogos(): Promise<Logos> {
  const [apple, google] = await Promise.all([load('/wallet-logo.png'), load('/program-logo.png')]);
  return { apple, google };
}

async function load(path: string): Promise<string> {
  const bytes = new Uint8Array(await (await fetch(path)).arrayBuffer());
  return pngUrl(btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join('')));
}

function shown({ svg, width, height }: Picture) {
  return { address: dataUrl(svg), width, height };
}
