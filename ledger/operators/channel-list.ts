/** The channels as they are read: apart from what changes them, since every function reads them and few do more. */
import { allChannels, type Channels } from '../../core/channels.ts';
import type { LedgerContext } from '../store/context.ts';
import { fromItem, keys, type StoredChannels } from '../store/items.ts';

/** All channels, with what they were read from. */
export interface StoredRead {
  readonly channels: Channels;
  readonly before: StoredChannels | undefined;
}

export async function readStored(context: LedgerContext): Promise<StoredRead> {
  const item = await context.store.get(keys.channels);
  const before = item && fromItem(item, 'channels');
  return { channels: allChannels(before?.channels ?? []), before };
}

export async function readChannels(context: LedgerContext): Promise<Channels> {
  return (await readStored(context)).channels;
}
