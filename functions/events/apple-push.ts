/** From a ledger event to the phones. */
import { consumer } from '../kit/queue.ts';
import * as apple from '../wallets/apple-card.ts';
import { follow } from '../wallets/wallet.ts';

export const handler = consumer(follow(apple));
