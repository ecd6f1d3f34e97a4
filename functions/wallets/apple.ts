/**
 * Apple's credentials and the connection for pushes, kept for the life of an instance and made anew when the
 * secret changes. The builder of passes is not loaded here: who only pushes does without its 75 ms.
 */
import { Problem } from '../../core/contract/errors.ts';
import { type AppleCredentials, parseAppleCredentials } from '../../passes/apple/credentials.ts';
import { createPusher, type Pusher } from '../../passes/apple/push.ts';
import type { Deps } from '../deps.ts';

export interface AppleWallet {
  readonly credentials: AppleCredentials;
  readonly pusher: Pusher;
}

interface Loaded {
  /** The secret as it was last given: while it is the same object, nothing has to be compared or read. */
  readonly value: unknown;
  readonly text: string;
  readonly wallet: AppleWallet;
}

let loaded: Loaded | undefined;

/**
 * The wallet as the secret has it. A new secret is taken as soon as it is seen; pushes under way end on the old
 * connection, which then closes. One that cannot be used does not take the place of one that can.
 * @throws Problem `wallet_not_configured`; the log says what is wrong with the credentials
 */
export async function loadApple(deps: Deps): Promise<AppleWallet> {
  const value = await deps.walletSecret('apple');
  const now = deps.now();
  const known = loaded && loaded.wallet.credentials.notAfter > now ? loaded : undefined;
  if (known && known.value === value) return known.wallet;
  const text = JSON.stringify(value);
  const wallet = known?.text === text ? known.wallet : makeWallet(deps, value, now, known?.wallet);
  const replaced = loaded?.wallet;
  loaded = { value, text, wallet };
  if (replaced && replaced !== wallet) {
    // Not awaited: nobody who has the new one waits for the pushes of the old one.
    replaced.pusher.close().catch((error: unknown) => {
      deps.logger.warn('The old connection to Apple did not close', { error: error as Error });
    });
  }
  return wallet;
}

function makeWallet(deps: Deps, value: unknown, now: number, known: AppleWallet | undefined): AppleWallet {
  const credentials = parseAppleCredentials(value, now);
  if (credentials === null) throw new Problem('wallet_not_configured', 'Apple Wallet is not configured.');
  if (!('problem' in credentials)) return { credentials, pusher: createPusher({ credentials }) };
  deps.logger.error('The Apple Wallet credentials cannot be used', { problem: credentials.problem });
  if (known) return known;
  throw new Problem('wallet_not_configured', 'Apple Wallet is not configured correctly.');
}
