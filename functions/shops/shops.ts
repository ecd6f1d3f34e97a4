/** Channels that a shop delivers to. */
import type { Adapter, Credentials, Settings, ShopApi } from '../../channels/adapter.ts';
import { adapters } from '../../channels/adapters.ts';
import type { Channel } from '../../core/channels.ts';
import { ownValue } from '../../core/own.ts';
import type { Shop } from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { programOf } from '../members/present.ts';
import { credentialsOf } from './credentials.ts';

export function adapterOf({ adapter }: Pick<Channel, 'adapter'>): Adapter | undefined {
  return adapter === undefined ? undefined : ownValue<Adapter>(adapters, adapter);
}

export function settingsOf({ settings = {} }: Channel): Settings {
  return settings;
}

export async function shopOf(deps: Deps, channel: Channel): Promise<Shop> {
  const [channels, program] = await Promise.all([deps.channels(), programOf(deps)]);
  return { channel, channels, program };
}

/** How a channel's shop is asked; undefined where it cannot be. */
export async function apiOf(
  deps: Deps,
  channel: Channel,
): Promise<{ readonly api: ShopApi; readonly credentials: Credentials } | undefined> {
  const api = adapterOf(channel)?.api;
  if (!api) return undefined;
  const credentials = await credentialsOf(deps, channel);
  return credentials.apiToken === null ? undefined : { api, credentials };
}
