/**
 * Channels: who sells, each of a kind. They are data that operators add, pause and remove; one of each kind is there
 * from the beginning. What a channel's purchases earn by the programme says, under the channel's id or else its kind's.
 */
import {
  type ChannelId,
  type ChannelKind,
  channelKinds,
  channelScopedId,
  type PurchaseId,
  scopedId,
} from './contract/ids.ts';
import { ownValue } from './own.ts';

export interface Channel {
  readonly id: ChannelId;
  /** Never another one: the queues, and what was earned by the terms of the kind, go by it. */
  readonly kind: ChannelKind;
  readonly name: string;
  /** The shop that delivers to it; absent where it posts by its keys alone. */
  readonly adapter?: string;
  /** What the adapter has to know of that shop. */
  readonly settings?: Readonly<Record<string, string>>;
  /** How many secrets its deliveries may be signed with, and whether its shop can be asked: the texts are elsewhere. */
  readonly secretCount?: number;
  readonly hasApiToken?: boolean;
  /** When these were last given: whoever has read them since has the newest. */
  readonly secretsAt?: string;
  /** Since when its keys change nothing; null while they may. */
  readonly pausedAt: string | null;
  /** When operators made it; null for one that was there from the beginning. */
  readonly createdAt: string | null;
  /**
   * When it was given its first key, or its first event or import came: from then on it stays. Null before, and for one
   * that was there from the beginning, which stays anyway.
   */
  readonly usedAt: string | null;
}

/** All that there are, by their ids and in the order of these. */
export type Channels = ReadonlyMap<ChannelId, Channel>;

/** So many there can be: each instance of a function reads them all, once a second. */
export const channelsMax = 100;

const firstNames: Readonly<Record<ChannelKind, string>> = { web: 'Web', store: 'Store', app: 'App' };
const firstChannels = channelKinds.map(
  (kind): Channel => ({
    id: kind,
    kind,
    name: firstNames[kind],
    pausedAt: null,
    createdAt: null,
    usedAt: null,
  }),
);

/** Whether a channel was there from the beginning: it has the name of its kind. */
export function isFirst(id: ChannelId): id is ChannelKind {
  return (channelKinds as readonly string[]).includes(id);
}

/** Whether a channel may still be removed, and has to be kept from it before something comes by it. */
export function isUnused({ id, usedAt }: Channel): boolean {
  return usedAt === null && !isFirst(id);
}

/** All channels: those that operators made or changed, and of the others those of the beginning. */
export function allChannels(stored: readonly Channel[]): Channels {
  const all = new Map([...firstChannels, ...stored].map((channel) => [channel.id, channel]));
  return new Map([...all].sort(([a], [b]) => (a < b ? -1 : 1)));
}

/** Who sold, as purchases say it: the kind stands beside a channel that is not named like its kind. */
export interface Seller {
  readonly channel: ChannelId;
  readonly channelKind?: ChannelKind | undefined;
}

export function sellerOf({ id, kind }: Channel): { channel: ChannelId; channelKind?: ChannelKind } {
  return id === kind ? { channel: id } : { channel: id, channelKind: kind };
}

export function kindOf({ channel, channelKind }: Seller): ChannelKind {
  return channelKind ?? (channel as ChannelKind);
}

/** What holds for a seller of what is said of channels by their ids, and of each kind in any case. */
export function ofSeller<T>(
  said: Readonly<Record<ChannelKind, T> & Record<ChannelId, T>>,
  seller: Seller,
): T {
  return ownValue(said, seller.channel) ?? said[kindOf(seller)];
}

/** The channel that a text begins with, and a colon behind it, as a full id does. */
export function channelBefore(text: string, channels: Channels): Channel | undefined {
  const colon = text.indexOf(':');
  return colon < 0 ? undefined : channels.get(text.slice(0, colon));
}

/**
 * The full id of a purchase that a channel names, by either kind of id.
 * @param channel whose own id it may be; null for an operator, who is no channel
 * @returns null where it is no full id and nobody's own one, or longer than an own one may be
 */
export function fullId(channel: ChannelId | null, reference: string, channels: Channels): PurchaseId | null {
  if (channelBefore(reference, channels)) return reference as PurchaseId;
  if (channel === null) return null;
  const id = channelScopedId.safeParse(scopedId(channel, reference));
  return id.success ? id.data : null;
}

/** Names channels in a sentence. */
export function channelNames(channels: Channels): string {
  return [...channels.keys()].join(', ');
}
