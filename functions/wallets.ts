/** Where a member's card lives, as operators see it. */
import { Problem } from '../core/contract/errors.ts';
import { getAccount, getGooglePass, getSamsungPass, registrationsOf } from '../ledger/ledger.ts';
import type { Deps } from './deps.ts';
import type { Answer, HttpRequest } from './http.ts';

type Kept = Awaited<ReturnType<typeof getGooglePass>> | Awaited<ReturnType<typeof getSamsungPass>>;

export async function getWallets({ params }: HttpRequest<'getWallets'>, deps: Deps): Promise<Answer> {
  const { memberId } = params;
  const [account, registrations, google, samsung] = await Promise.all([
    getAccount(deps.ledger, memberId),
    registrationsOf(deps.ledger, memberId),
    getGooglePass(deps.ledger, memberId),
    getSamsungPass(deps.ledger, memberId),
  ]);
  if (!account) throw new Problem('not_found');
  const apple = { devices: registrations.length };
  return { status: 200, body: { apple, google: keptAnswer(google), samsung: keptAnswer(samsung) } };
}

function keptAnswer(kept: Kept) {
  return kept ? { state: kept.state, at: kept.stateAt, version: kept.version } : null;
}
