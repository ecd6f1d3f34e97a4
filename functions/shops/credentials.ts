/** What is known of a channel's shop, kept for a while: a delivery costs no request to Secrets Manager. */
import type { Credentials } from '../../channels/adapter.ts';
import type { Channel } from '../../core/channels.ts';
import type { ChannelId } from '../../core/contract/ids.ts';
import type { Deps } from '../deps.ts';
import { isFresh } from '../kit/fresh.ts';

/** How long an instance goes on with what it has read, unless the channel says that it was given other ones since. */
const keepMs = 60_000;

const none: Credentials = { secrets: [], apiToken: null };

interface Kept {
  readonly at: number;
  readonly secretsAt: string | undefined;
  readonly value: Promise<Credentials>;
}

const kept = new Map<ChannelId, Kept>();

export async function credentialsOf(deps: Deps, { id, secretsAt }: Channel): Promise<Credentials> {
  const now = deps.now();
  const known = kept.get(id);
  if (known && known.secretsAt === secretsAt && isFresh(known.at, now, keepMs)) return known.value;
  const value = deps.channelSecrets.read(id).then((read) => read ?? none);
  const entry = { at: now, secretsAt, value };
  kept.set(id, entry);
  value.catch(() => {
    if (kept.get(id) === entry) kept.delete(id);
  });
  return value;
}
