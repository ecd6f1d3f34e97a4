/** From the channels' queues into the ledger. */
import { LedgerUnavailable, recordPurchase, recordRefund } from '../../ledger/ledger.ts';
import { consumer } from '../kit/queue.ts';

export const handler = consumer(async (event, deps) => {
  const program = await deps.program();
  if (!program) throw new LedgerUnavailable('throttled', 'No programme is in force yet');
  switch (event.name) {
    case 'PurchaseRecorded':
      await recordPurchase(deps.ledger, program, event.detail.data, deps.now());
      return;
    case 'PurchaseRefunded':
      await recordRefund(deps.ledger, program, event.detail.data, deps.now());
      return;
    default:
      throw new Error(`The purchase function does not consume ${event.name}.`);
  }
});
