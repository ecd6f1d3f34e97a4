/** What channels' shops have delivered of late: beside the channels, since it changes without an operator. */
import type { ChannelId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { LedgerContext } from '../store/context.ts';
import { commit } from '../store/decide.ts';
import { channelHealthPrefix, fromItem, keys, toItem } from '../store/items.ts';
import { scanPartition } from '../store/store.ts';

/** Notes that a shop has delivered something genuine. Of two that do so at once either may stay. */
export async function noteHealth(context: LedgerContext, channel: ChannelId, now: number): Promise<void> {
  const put = toItem(keys.channelHealth(channel), 'channelHealth', { channel, lastDeliveryAt: utc(now) });
  await commit(context, `Noting a delivery to ${channel}`, [{ put }]);
}

/** When each channel's shop last delivered; a channel whose shop never did is not in it. */
export async function readHealth(context: LedgerContext): Promise<ReadonlyMap<ChannelId, string>> {
  const all = new Map<ChannelId, string>();
  for await (const item of scanPartition(context.store, keys.channels.pk, channelHealthPrefix)) {
    const { channel, lastDeliveryAt } = fromItem(item, 'channelHealth');
    all.set(channel, lastDeliveryAt);
  }
  return all;
}
