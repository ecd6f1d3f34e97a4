/** From a ledger event to Google: the member's object is brought to the newest version. */
import { LedgerUnavailable } from '../../ledger/ledger.ts';
import { consumer } from '../kit/queue.ts';
import { updateGoogle } from '../wallets/google.ts';

export const handler = consumer(async (event, deps) => {
  switch (event.name) {
    case 'PointsPosted':
    case 'MemberUpdated':
    case 'RewardRedeemed':
    case 'VoucherRedeemed':
    case 'MemberErased':
    case 'TierChanged':
    case 'PointsExpiring': {
      const program = await deps.program();
      if (!program) throw new LedgerUnavailable('throttled', 'No programme is in force yet');
      await updateGoogle(deps, program, event.detail.memberId, { offer: false });
      return;
    }
    default:
      throw new Error(`The Google update function does not consume ${event.name}.`);
  }
});
