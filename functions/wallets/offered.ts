/** Which wallets a card can be added to. */
import { Problem } from '../../core/contract/errors.ts';
import type { WalletSecret } from '../../core/contract/functions.ts';
import type { Deps } from '../deps.ts';
import { loadApple } from './apple.ts';
import { loadGoogle } from './google.ts';
import { loadSamsung } from './samsung.ts';

export type Offered = Readonly<Record<WalletSecret, boolean>>;

const loads: Readonly<Record<WalletSecret, (deps: Deps) => Promise<unknown>>> = {
  apple: loadApple,
  google: loadGoogle,
  samsung: loadSamsung,
};

/** What is not configured, or not as it has to be, is not offered: a card is shown without it. */
export async function offeredWallets(deps: Deps): Promise<Offered> {
  const [apple, google, samsung] = await Promise.all([
    isOffered(deps, 'apple'),
    isOffered(deps, 'google'),
    isOffered(deps, 'samsung'),
  ]);
  return { apple, google, samsung };
}

async function isOffered(deps: Deps, wallet: WalletSecret): Promise<boolean> {
  try {
    await loads[wallet](deps);
    return true;
  } catch (error) {
    if (!(error instanceof Problem))
      deps.logger.warn('The secret of a wallet cannot be read', { wallet, error: error as Error });
    return false;
  }
}
