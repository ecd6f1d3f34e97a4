/** From a ledger event to Google. */
import { consumer } from '../kit/queue.ts';
import * as google from '../wallets/google-card.ts';
import { follow } from '../wallets/wallet.ts';

export const handler = consumer(follow(google));
