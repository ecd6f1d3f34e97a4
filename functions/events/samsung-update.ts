/** From a ledger event to Samsung. */
import { consumer } from '../kit/queue.ts';
import * as samsung from '../wallets/samsung-card.ts';
import { follow } from '../wallets/wallet.ts';

export const handler = consumer(follow(samsung));
