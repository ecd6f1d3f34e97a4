/** Where a member's card lives, as operators see it, and what of the ledger it does not show there yet. */
import { Problem } from '../../core/contract/errors.ts';
import type { MemberWallets } from '../../core/contract/shapes/wallet.ts';
import { getAccount } from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import type { Answer, HttpRequest } from '../kit/serve.ts';
import * as apple from '../wallets/apple-card.ts';
import * as google from '../wallets/google-card.ts';
import * as samsung from '../wallets/samsung-card.ts';

export async function getWallets({ params }: HttpRequest<'getWallets'>, deps: Deps): Promise<Answer> {
  const account = await getAccount(deps.ledger, params.memberId);
  if (!account) throw new Problem('not_found');
  const body: MemberWallets = {
    version: account.version,
    apple: await apple.state(deps, account),
    google: await google.state(deps, account),
    samsung: await samsung.state(deps, account),
  };
  return { status: 200, body };
}
