/** From points posted to a referral paid: whoever was brought by somebody is looked at when their points change. */
import { eventFor } from '../../core/contract/events.ts';
import { LedgerUnavailable, settleReferrals } from '../../ledger/ledger.ts';
import { consumer } from '../kit/queue.ts';

export const handler = consumer(async (event, deps) => {
  const { memberId, cause } = eventFor('referrals', event).detail;
  // What this function wrote itself changes nothing about any purchase.
  if (cause.type === 'referral') return;
  const program = await deps.program();
  if (!program) throw new LedgerUnavailable('throttled', 'No programme is in force yet');
  await settleReferrals(deps.ledger, program, memberId, deps.now());
});
