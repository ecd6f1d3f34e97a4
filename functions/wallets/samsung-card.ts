/** A member's card at Samsung: it is told that the card changed, and fetches it. */
import type { Account } from '../../core/account.ts';
import type { CardView } from '../../core/card.ts';
import type { LedgerDetail } from '../../core/contract/events.ts';
import type { MemberWallets } from '../../core/contract/shapes/wallet.ts';
import {
  cardToken,
  getAccount,
  getSamsungPass,
  LedgerUnavailable,
  noteSamsungTold,
} from '../../ledger/ledger.ts';
import { loyaltyCard, type SamsungCard, type SamsungCredentials } from '../../passes/samsung/index.ts';
import type { Deps } from '../deps.ts';
import { linksOfCard } from '../members/present.ts';
import { behindOf, keptState } from './behind.ts';
import { measureLag } from './lag.ts';
import { loadSamsung } from './samsung.ts';

export const follows = 'samsung-update';

/** A card as Samsung shows it. Its name there is the card's token: known to its holder alone. */
export async function samsungCard(
  deps: Deps,
  { balanceAttributes }: SamsungCredentials,
  { createdAt }: Pick<Account, 'createdAt'>,
  view: CardView,
): Promise<SamsungCard> {
  const { memberId } = view;
  return loyaltyCard({
    view,
    links: await linksOfCard(deps, view),
    refId: cardToken(deps.ledger, memberId),
    createdAt,
    publicUrl: deps.publicUrl,
    balanceAttributes,
  });
}

/**
 * Tells Samsung of the newest version of a card that somebody keeps there, unless it was told already.
 * @throws LedgerUnavailable when it has to be tried again; Error when Samsung refuses it for good
 */
export async function update(
  deps: Deps,
  { memberId, version }: Pick<LedgerDetail, 'memberId'> & Partial<Pick<LedgerDetail, 'version'>>,
): Promise<void> {
  const pass = await getSamsungPass(deps.ledger, memberId);
  if (pass?.state !== 'saved' || (version !== undefined && version <= pass.version)) return;
  const account = await getAccount(deps.ledger, memberId);
  if (!account || account.version <= pass.version) return;
  const { client } = await loadSamsung(deps);
  const { countryCode, callback } = pass;
  const refId = cardToken(deps.ledger, memberId);
  const update = { refId, countryCode, callback, requestId: deps.newRequestId(), now: deps.now() };
  const outcome = await client.tellUpdated(update);
  switch (outcome.type) {
    case 'told':
      await noteSamsungTold(deps.ledger, memberId, account.version);
      return measureLag(deps, account, pass.version);
    case 'retry':
      throw new LedgerUnavailable('throttled', `Telling Samsung of a card: ${outcome.reason}`);
    case 'refused':
      throw new Error(`Telling Samsung of a card was refused: ${outcome.reason}`);
  }
}

export async function state(deps: Deps, account: Account): Promise<MemberWallets['samsung']> {
  const pass = await getSamsungPass(deps.ledger, account.memberId);
  if (!pass) return null;
  const { fetched = null } = pass;
  const behind = pass.state === 'saved' ? await behindOf(deps, account, fetched ?? 0) : null;
  return { ...keptState(pass), fetched, behind };
}
