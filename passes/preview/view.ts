/** The view of a card from the API's answer, for those who draw it away from the ledger. */
import type { CardLinks, CardView } from '../../core/card.ts';
import type { CardAnswer } from '../../core/contract/shapes/card.ts';

/** What the answer leaves out is shown by no card: places, readers, and what was said of the last change. */
export function viewOf(card: CardAnswer): CardView {
  const { donations, referralCode, cardUrl, wallet, ...shown } = card;
  return {
    ...shown,
    modifiedAt: card.updatedAt,
    programVersion: 0,
    lastChange: null,
    stores: [],
    beacons: [],
    nfc: null,
    texts: [],
  };
}

export function linksOf({ cardUrl, wallet }: CardAnswer): CardLinks {
  const { appleUrl = '', googleUrl = '' } = wallet;
  return { cardUrl, appleUrl, googleUrl };
}
