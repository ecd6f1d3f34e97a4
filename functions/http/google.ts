/** Google's own requests: the callback that tells of cards saved and deleted. */
import { Problem } from '../../core/contract/errors.ts';
import type { GoogleCallback } from '../../core/contract/shapes/wallet.ts';
import { noteGoogleState } from '../../ledger/ledger.ts';
import {
  type CallbackMessage,
  type CallbackOutcome,
  memberOfCallback,
  verifyCallback,
} from '../../passes/google/index.ts';
import type { Deps } from '../deps.ts';
import { type Answer, type HttpRequest, serve } from '../kit/serve.ts';
import { programOf } from '../members/present.ts';
import { type GoogleWallet, loadGoogle } from '../wallets/google.ts';
import { updateGoogle } from '../wallets/google-card.ts';

/**
 * Checks a callback, if need be against the root keys anew: Google may have just changed them.
 * @throws Problem `unauthorized` for what Google did not sign for us and now
 */
async function verified(
  deps: Deps,
  { credentials, rootKeys }: GoogleWallet,
  body: GoogleCallback,
): Promise<CallbackMessage> {
  const { issuerId } = credentials;
  const now = deps.now();
  let outcome: CallbackOutcome;
  try {
    outcome = verifyCallback(body, { rootKeys: await rootKeys.get(now), issuerId, now });
    if (outcome.type === 'unknown_root')
      outcome = verifyCallback(body, { rootKeys: await rootKeys.renew(now), issuerId, now });
  } catch (cause) {
    throw new Problem('unavailable', "Google's root keys cannot be had.", [], { cause });
  }
  if (outcome.type === 'verified') return outcome.message;
  const reason = outcome.type === 'forged' ? outcome.reason : 'No root key signed the intermediate key.';
  deps.logger.warn('A callback was not signed by Google', { reason });
  throw new Problem('unauthorized');
}

export async function googleCallback(
  { body }: Pick<HttpRequest<'googleCallback'>, 'body'>,
  deps: Deps,
): Promise<Answer> {
  const wallet = await loadGoogle(deps);
  const message = await verified(deps, wallet, body);
  const memberId = memberOfCallback(wallet.credentials.issuerId, message);
  // An object that is none of ours says nothing about a member; Google need not send it again.
  if (!memberId) return { status: 200 };
  const { nonce, expTimeMillis: until } = message;
  const state = message.eventType === 'save' ? 'saved' : 'deleted';
  const pass = await noteGoogleState(deps.ledger, { memberId, state, nonce, until }, deps.now());
  // Nothing was sent before the link was used, or while the card was deleted. Repeated, since an earlier try may have ended before this.
  if (pass?.state === 'saved') await updateGoogle(deps, await programOf(deps), memberId, pass);
  return { status: 200 };
}

export const handler = serve('google', { googleCallback });
