/** What is known of a channel's shop, kept for a while: a delivery costs no request to Secrets Manager. */
import type { Credentials } from '../../channels/adapter.ts';
import type { ChannelId } from '../../core/contract/ids.ts';
import type { Deps } from '../deps.ts';
import { isFresh } from '../kit/fresh.ts';

/** How long an instance goes on with what it has read. */
const keepMs = 60_000;
/** What does not fit may have been signed with a newer secret: it is looked for again, so often at most. */
const againMs = 1_000;

export const noCredentials: Credentials = { secrets: [], apiToken: null };

interface Kept {
  readonly at: number;
  readonly value: Promise<Credentials>;
}

const kept = new Map<ChannelId, Kept>();

/** @param ageMs how old what is known may be */
export async function credentialsOf(deps: Deps, id: ChannelId, ageMs = keepMs): Promise<Credentials> {
  const now = deps.now();
  const known = kept.get(id);
  if (known && isFresh(known.at, now, ageMs)) return known.value;
  const value = deps.channelSecrets.read(id).then((read) => read ?? noCredentials);
  const entry = { at: now, value };
  kept.set(id, entry);
  value.catch(() => {
    if (kept.get(id) === entry) kept.delete(id);
  });
  return value;
}

/** Whether what is known fits, or what is known by now. */
export async function fits(
  deps: Deps,
  id: ChannelId,
  check: (credentials: Credentials) => boolean,
): Promise<boolean> {
  return check(await credentialsOf(deps, id)) || check(await credentialsOf(deps, id, againMs));
}
