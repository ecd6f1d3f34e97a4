/**
 * What shops deliver. Whether it is genuine the shop's adapter says; to who is not, nothing is said, not even whether
 * there is such a channel. What is genuine is in the ledger's table, or on the bus, before it is answered.
 */
import type { Delivery } from '../../channels/adapter.ts';
import type { Channel } from '../../core/channels.ts';
import { Problem } from '../../core/contract/errors.ts';
import { deliveriesSource } from '../../core/contract/events.ts';
import type { Told } from '../../core/orders.ts';
import { isDelivered, listUnreadable, noteDelivered, noteHealth } from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { isFresh } from '../kit/fresh.ts';
import { serve } from '../kit/serve.ts';
import { credentialsOf } from '../shops/credentials.ts';
import { adapterOf, settingsOf, shopOf } from '../shops/shops.ts';
import { take } from '../shops/telling.ts';

/** @throws Problem `unavailable` when the bus does not have all of it for certain */
async function announce(deps: Deps, channel: Channel, told: readonly Told[]): Promise<void> {
  const events = told.flatMap((one) =>
    one.type === 'changed'
      ? [
          {
            source: deliveriesSource,
            name: 'OrderChanged',
            detail: { version: 1, channel: channel.id, orderId: one.orderId },
          },
        ]
      : [],
  );
  const taken = await deps.bus.put(events);
  if (!taken.every(Boolean))
    throw new Problem('unavailable', 'The bus did not take the delivery for certain.');
}

/** When this instance last noted that a channel delivers. */
const seen = new Map<string, number>();
const seenMs = 30_000;

/** A channel that delivers ten times a second need not be noted as often. */
async function noteSeen(deps: Deps, { id }: Channel, now: number): Promise<void> {
  if (isFresh(seen.get(id) ?? Number.NEGATIVE_INFINITY, now, seenMs)) return;
  seen.set(id, now);
  await noteHealth(deps.ledger, id, now);
}

export const handler = serve('deliveries', {
  async deliverToChannel({ params, bytes, headers }, deps) {
    const channel = (await deps.channels()).get(params.channelId);
    const adapter = channel && adapterOf(channel);
    const url = `${deps.publicUrl}/v1/channels/${params.channelId}/deliveries`;
    const delivery: Delivery = { body: bytes, headers, url };
    const now = deps.now();
    if (!channel || !adapter?.verify(delivery, await credentialsOf(deps, channel), now))
      throw new Problem('unauthorized');
    // The shop sends it again for a while, and what it gives up is found by reconciling.
    if (channel.pausedAt !== null) throw new Problem('unavailable', 'The channel is paused.');
    await noteSeen(deps, channel, now);
    const deliveryId = adapter.deliveryId(delivery);
    if (deliveryId !== undefined && (await isDelivered(deps.ledger, channel, deliveryId)))
      return { status: 200, body: { accepted: 0 } };
    const reading = adapter.read(delivery, settingsOf(channel));
    let accepted = 0;
    if (reading.type === 'unreadable') {
      const { reason } = reading;
      const body = bytes.toString('utf8');
      const subject = deliveryId ?? 'delivery';
      await listUnreadable(deps.ledger, { channel, subject, reason, body }, now);
    }
    if (reading.type === 'told') {
      const shop = await shopOf(deps, channel);
      await announce(deps, channel, reading.told);
      for (const told of reading.told)
        if (told.type === 'changed' || (await take(deps, shop, told))) accepted++;
    }
    if (deliveryId !== undefined) await noteDelivered(deps.ledger, channel, deliveryId, now);
    return { status: 200, body: { accepted } };
  },
});
