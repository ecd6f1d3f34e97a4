/** From a ledger event to Samsung: it is told that the card changed, and fetches it. */

import { consumer } from '../kit/queue.ts';
import { tellSamsung } from '../wallets/samsung.ts';

export const handler = consumer(async (event, deps) => {
  switch (event.name) {
    case 'PointsPosted':
    case 'MemberUpdated':
    case 'RewardRedeemed':
    case 'VoucherRedeemed':
    case 'MemberErased':
    case 'TierChanged':
    case 'PointsExpiring':
      return tellSamsung(deps, event.detail.memberId);
    default:
      throw new Error(`The Samsung update function does not consume ${event.name}.`);
  }
});
