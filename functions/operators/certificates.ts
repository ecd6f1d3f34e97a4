/** `GET /v1/certificates`. */
import type { WalletSecret } from '../../core/contract/functions.ts';
import { appleState, googleState, samsungState, type Unusable } from '../../passes/certificates.ts';
import type { Deps } from '../deps.ts';
import type { Answer, HttpRequest } from '../kit/serve.ts';

export async function getCertificates(_request: HttpRequest<'getCertificates'>, deps: Deps): Promise<Answer> {
  const [apple, google, samsung] = await Promise.all([
    stateOf(deps, 'apple', (secret) => appleState(secret, deps.now())),
    stateOf(deps, 'google', googleState),
    stateOf(deps, 'samsung', samsungState),
  ]);
  return { status: 200, body: { apple, google, samsung } };
}

/** A secret that is not even JSON is told like any other problem of it. */
async function stateOf<S>(
  deps: Deps,
  which: WalletSecret,
  read: (secret: unknown) => S,
): Promise<S | Unusable> {
  let secret: unknown;
  try {
    secret = await deps.walletSecret(which);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    // The parser's own words would quote the secret.
    return { configured: true, problem: `The secret of ${which} is not JSON.` };
  }
  return read(secret);
}
