/** The signed pass of a card as it stands. */
import type { CardLinks, CardView } from '../core/card.ts';
import { passToken } from '../ledger/ledger.ts';
import type { AppleCredentials } from '../passes/apple/credentials.ts';
import { buildPass } from '../passes/apple/pass.ts';
import type { Deps } from './deps.ts';

export function signPass(
  deps: Deps,
  credentials: AppleCredentials,
  view: CardView,
  links: CardLinks,
): Buffer {
  return buildPass({
    view,
    links,
    webServiceUrl: `${deps.publicUrl}/apple`,
    authenticationToken: passToken(deps.ledger, view.memberId),
    credentials,
    now: deps.now(),
  });
}
