/**
 * Samsung's own requests. Source: Samsung Wallet, Card lifecycle APIs: Get card data, and Send card state.
 * The partner's address, as the Partners Portal is given it, is `<our address>/samsung`.
 */

import { Problem } from '../../core/contract/errors.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { ownValue } from '../../core/own.ts';
import { findByLookup, getCardAccount, noteSamsungFetched, noteSamsungState } from '../../ledger/ledger.ts';
import { cardData, checkAuthorization } from '../../passes/samsung/index.ts';
import type { Deps } from '../deps.ts';
import { type Answer, type HttpRequest, serve } from '../kit/serve.ts';
import { programOf, walletView } from '../members/present.ts';
import { loadSamsung } from '../wallets/samsung.ts';
import { samsungCard, update } from '../wallets/samsung-card.ts';

type CardRequest = Pick<HttpRequest<'getSamsungCard'>, 'params' | 'headers'>;

/**
 * The member of a card that Samsung asks about; undefined when there is none such.
 * @throws Problem `unauthorized` for what Samsung did not sign for this request and now
 */
async function authorized(
  deps: Deps,
  method: 'GET' | 'POST',
  { params: { cardId, refId }, headers }: CardRequest,
): Promise<{ readonly memberId: MemberId | undefined; readonly signedAt: number }> {
  const { credentials } = await loadSamsung(deps);
  const path = `/cards/${cardId}/${refId}`;
  const request = { method, paths: [`/samsung${path}`, path], refId };
  const outcome = checkAuthorization(credentials, headers['authorization'], request, deps.now());
  if (outcome.type === 'refused') {
    deps.logger.warn('A request was not signed by Samsung', { reason: outcome.reason });
    throw new Problem('unauthorized');
  }
  const isOurs = cardId === credentials.cardId;
  const memberId = isOurs ? await findByLookup(deps.ledger, 'cardToken', refId) : undefined;
  return { memberId, signedAt: outcome.signedAt };
}

/** What Samsung's events mean for a card; every other one changes nothing. */
const states: Readonly<Record<string, 'saved' | 'deleted'>> = { ADDED: 'saved', DELETED: 'deleted' };

export async function getSamsungCard(request: CardRequest, deps: Deps): Promise<Answer> {
  const { memberId } = await authorized(deps, 'GET', request);
  const account = memberId && (await getCardAccount(deps.ledger, memberId));
  const view = account && (await walletView(deps, await programOf(deps), memberId));
  if (!view) return { status: 204 };
  const { credentials } = await loadSamsung(deps);
  const card = await samsungCard(deps, credentials, account, view);
  await noteSamsungFetched(deps.ledger, memberId, view.version);
  return { status: 200, body: { cdata: cardData(credentials, card, deps.now()) } };
}

export async function noteState(
  request: CardRequest & Pick<HttpRequest<'noteSamsungState'>, 'query' | 'body'>,
  deps: Deps,
): Promise<Answer> {
  const { memberId, signedAt } = await authorized(deps, 'POST', request);
  const { cc2: countryCode, event } = request.query;
  const state = ownValue(states, event.toUpperCase());
  if (memberId && state) {
    const callback = request.body.callback ?? null;
    const message = { memberId, state, signedAt, countryCode, callback };
    await noteSamsungState(deps.ledger, message, deps.now());
    // What was posted between the click and now has not been told.
    await update(deps, { memberId });
  }
  return { status: 200 };
}

export const handler = serve('samsung', { getSamsungCard, noteSamsungState: noteState });
