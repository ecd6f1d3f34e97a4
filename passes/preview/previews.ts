/** A card as both wallets show it, drawn from what is sent to them. Pure: the card page draws by it too. */
import type { CardLinks, CardView } from '../../core/card.ts';
import { applePreview } from './apple.ts';
import { appleBackPreview } from './apple-back.ts';
import { googlePreview } from './google.ts';
import type { Logos } from './logos.ts';
import type { Picture } from './svg.ts';

export interface Previews {
  readonly apple: Picture;
  readonly appleBack: Picture;
  readonly google: Picture;
}

export function previewsOf(view: CardView, links: CardLinks, logos: Logos): Previews {
  return {
    apple: applePreview(view, links, logos),
    appleBack: appleBackPreview(view, links),
    google: googlePreview(view, links, logos),
  };
}
