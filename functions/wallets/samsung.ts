/** Samsung's credentials and client, kept for the life of an instance, and what becomes of members' cards. */
import { Problem } from '../../core/contract/errors.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import type { Program } from '../../core/program.ts';
import {
  cardToken,
  getAccount,
  getSamsungPass,
  LedgerUnavailable,
  type Member,
  noteSamsungTold,
} from '../../ledger/ledger.ts';
import {
  createSamsungClient,
  loyaltyCard,
  parseSamsungCredentials,
  type SamsungCard,
  type SamsungCredentials,
} from '../../passes/samsung/index.ts';
import type { Deps } from '../deps.ts';
import { cardView, linksOf } from '../members/present.ts';
import { measureLag } from './lag.ts';

export interface SamsungWallet {
  readonly secret: string;
  readonly credentials: SamsungCredentials;
  readonly client: ReturnType<typeof createSamsungClient>;
}

let samsung: SamsungWallet | undefined;

/** @throws Problem `wallet_not_configured`, saying what is wrong with the credentials */
export async function loadSamsung(deps: Deps): Promise<SamsungWallet> {
  const value = await deps.walletSecret('samsung');
  const secret = JSON.stringify(value);
  if (samsung?.secret === secret) return samsung;
  const credentials = parseSamsungCredentials(value);
  if (credentials === null) throw new Problem('wallet_not_configured', 'Samsung Wallet is not configured.');
  if ('problem' in credentials) {
    deps.logger.error('The Samsung Wallet credentials cannot be used', { problem: credentials.problem });
    throw new Problem('wallet_not_configured', 'Samsung Wallet is not configured correctly.');
  }
  samsung = { secret, credentials, client: createSamsungClient({ credentials }) };
  return samsung;
}

/** Whether to offer Samsung Wallet at all; a card is shown without it rather than not shown. */
export async function isSamsungOffered(deps: Deps): Promise<boolean> {
  try {
    await loadSamsung(deps);
    return true;
  } catch (error) {
    if (!(error instanceof Problem))
      deps.logger.warn('Samsung’s secret cannot be read', { error: error as Error });
    return false;
  }
}

/** A member's card as Samsung shows it. Its name there is the card's token: known to its holder alone. */
export async function samsungCard(
  deps: Deps,
  { balanceAttributes }: SamsungCredentials,
  program: Program,
  member: Member,
): Promise<SamsungCard> {
  const { memberId, createdAt } = member.account;
  return loyaltyCard({
    view: await cardView(deps, program, member),
    links: linksOf(deps, memberId),
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
export async function tellSamsung(deps: Deps, memberId: MemberId): Promise<void> {
  const pass = await getSamsungPass(deps.ledger, memberId);
  if (pass?.state !== 'saved') return;
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
      return measureLag(deps, memberId, pass.version);
    case 'retry':
      throw new LedgerUnavailable('throttled', `Telling Samsung of a card: ${outcome.reason}`);
    case 'refused':
      throw new Error(`Telling Samsung of a card was refused: ${outcome.reason}`);
  }
}
