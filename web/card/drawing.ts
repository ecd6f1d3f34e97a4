/** The wallets' pictures of a card, by the functions that also draw it for designers. */
import type { CardAnswer } from '../../core/contract/shapes.ts';
import { applePreview } from '../../passes/preview/apple.ts';
import { googleFrontPreview } from '../../passes/preview/google.ts';
import { dataUrl, type Picture } from '../../passes/preview/svg.ts';
import { linksOf, viewOf } from '../../passes/preview/view.ts';

interface Drawn {
  readonly wallet: 'apple' | 'google';
  /** Of the picture: a data URL, which the Content-Security-Policy lets images have. */
  readonly address: string;
  readonly width: number;
  readonly height: number;
}

export function draw(card: CardAnswer): Drawn[] {
  const [view, links] = [viewOf(card), linksOf(card)];
  return [
    { wallet: 'apple', ...shown(applePreview(view, links)) },
    { wallet: 'google', ...shown(googleFrontPreview(view, links)) },
  ];
}

function shown({ svg, width, height }: Picture) {
  return { address: dataUrl(svg), width, height };
}
