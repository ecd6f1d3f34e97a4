/** Channels as callers name them, and purchases: by the channel's own id, or the full one. */
import { type Channel, type Channels, channelNames, fullId, isUnused } from '../../core/channels.ts';
import { Problem } from '../../core/contract/errors.ts';
import { type ChannelId, ownIdMax, type PurchaseId } from '../../core/contract/ids.ts';
import { LedgerUnavailable, noteChannelUsed } from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';

/**
 * The full id of a purchase.
 * @param channel whose own id it may be; null for an operator, who has none
 * @param path where the reference stands in the request
 * @throws Problem where it is no full id and nobody's own one
 */
export function purchaseIdAt(
  path: string,
  channel: ChannelId | null,
  reference: string,
  channels: Channels,
): PurchaseId {
  const id = fullId(channel, reference, channels);
  if (id !== null) return id;
  const message =
    channel === null
      ? 'must begin with its channel, as store:INV-1'
      : `must be the channel's own id of at most ${ownIdMax} characters, or begin with a channel that there is`;
  throw new Problem('invalid_request', undefined, [{ path, message }]);
}

/**
 * The channel of an id.
 * @param path where the id stands in the request
 * @throws Problem where there is no such channel
 */
export function channelAt(path: string, id: ChannelId, channels: Channels): Channel {
  const channel = channels.get(id);
  if (channel) return channel;
  const message = `must be a channel that there is (${channelNames(channels)}); ${id} is not`;
  throw new Problem('invalid_request', undefined, [{ path, message }]);
}

/**
 * Keeps a channel from being removed, before the first that comes by it without a key of its own is taken.
 * @throws LedgerUnavailable also where it was removed at this moment: a repeat finds that there is none
 */
export async function keepChannel(
  { ledger, now }: Pick<Deps, 'ledger' | 'now'>,
  channel: Channel,
): Promise<void> {
  if (!isUnused(channel)) return;
  if ((await noteChannelUsed(ledger, channel.id, now())) === 'missing')
    throw new LedgerUnavailable('contended', `Using the channel ${channel.id}`);
}
