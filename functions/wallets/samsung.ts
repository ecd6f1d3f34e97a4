/** Samsung's credentials and client, kept for the life of an instance. */
import { Problem } from '../../core/contract/errors.ts';
import {
  createSamsungClient,
  parseSamsungCredentials,
  type SamsungCredentials,
} from '../../passes/samsung/index.ts';
import type { Deps } from '../deps.ts';

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
