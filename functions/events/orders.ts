/** Orders that a shop says have changed, and nothing more: the shop is asked for each. */
import { deliveriesSource } from '../../core/contract/events.ts';
import { listUnreadable } from '../../ledger/ledger.ts';
import { consumer } from '../kit/queue.ts';
import { shopOf } from '../shops/shops.ts';
import { fetchOrder, take } from '../shops/telling.ts';

export const handler = consumer(async (event, deps) => {
  if (event.name !== 'OrderChanged')
    throw new Error(`The orders function consumes nothing but what comes from ${deliveriesSource}.`);
  const { channel: id, orderId } = event.detail;
  const channel = (await deps.channels()).get(id);
  // Removed since: then nothing was ever posted of it.
  if (!channel) return;
  const shop = await shopOf(deps, channel);
  const reading = await fetchOrder(deps, shop, orderId);
  if (reading?.type === 'told') {
    for (const told of reading.told) if (told.type !== 'changed') await take(deps, shop, told);
    return;
  }
  if (reading?.type === 'nothing') return;
  const reason = reading
    ? reading.reason
    : 'The shop has to be asked for the order, and the channel has no token for its API.';
  const unreadable = { channel, subject: orderId, reason, body: JSON.stringify({ orderId }) };
  await listUnreadable(deps.ledger, unreadable, deps.now());
});
