/** Channels, the shops that they are connected to, and what of those is not in the ledger. */
import { serve } from '../kit/serve.ts';
import { getChannel, listAdapters, listChannels, putChannel, removeChannel } from '../shops/channels.ts';
import { reconcileChannel } from '../shops/reconciling.ts';

export const handler = serve('channels', {
  listChannels,
  getChannel,
  putChannel,
  removeChannel,
  listAdapters,
  reconcileChannel,
});
