/**
 * Apple's credentials and the connection for pushes, kept for the life of an instance and made anew when the
 * secret changes. The builder of passes is not loaded here: who only pushes does without its 75 ms.
 */
import { Problem } from '../core/contract/errors.ts';
import { type AppleCredentials, parseAppleCredentials } from '../passes/apple/credentials.ts';
import { createPusher, type Pusher } from '../passes/apple/push.ts';
import type { Deps } from './deps.ts';

export interface AppleWallet {
  readonly secret: string;
  readonly credentials: AppleCredentials;
  readonly pusher: Pusher;
}

let apple: AppleWallet | undefined;

/** @throws Problem `wallet_not_configured`, saying what is wrong with the credentials */
export async function loadApple(deps: Deps): Promise<AppleWallet> {
  const value = await deps.walletSecret('apple');
  const secret = JSON.stringify(value);
  if (apple?.secret === secret && apple.credentials.notAfter > deps.now()) return apple;
  const credentials = parseAppleCredentials(value, deps.now());
  if (credentials === null) throw new Problem('wallet_not_configured', 'Apple Wallet is not configured.');
  if ('problem' in credentials) {
    deps.logger.error('The Apple Wallet credentials cannot be used', { problem: credentials.problem });
    throw new Problem('wallet_not_configured', 'Apple Wallet is not configured correctly.');
  }
  await apple?.pusher.close();
  apple = { secret, credentials, pusher: createPusher({ credentials }) };
  return apple;
}
