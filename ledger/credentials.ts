/**
 * Callers' keys: `phk_<channel>_<secret>` for channels, `phk_ops_<secret>` for operators. Only a keyed hash is
 * stored, so the table gives no key away; finding the item by that hash is the constant-time comparison.
 */
import { type Channel, channels } from '../core/contract/ids.ts';
import { utc } from '../core/contract/shapes.ts';
import { type LedgerContext, LedgerUnavailable, newId } from './context.ts';
import { type Credential, fromItem, keys, toItem } from './items.ts';

export interface NewKey {
  readonly name: string;
  readonly role: 'channel' | 'ops';
  readonly channel?: Channel;
}

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** 32 characters of 62: 190 random bits. */
const secretLength = 32;

function hashOf(context: LedgerContext, key: string): string {
  return context.keyed('credential', key);
}

/** Makes a key and returns its text, which is not to be had again. */
export async function createKey(context: LedgerContext, wanted: NewKey, now: number): Promise<string> {
  const secret = Array.from({ length: secretLength }, () => alphabet[context.randomInteger(62)]).join('');
  const text = `phk_${wanted.role === 'ops' ? 'ops' : wanted.channel}_${secret}`;
  const credential: Credential = {
    keyId: newId(context, 'key', now),
    name: wanted.name,
    role: wanted.role,
    channel: wanted.channel ?? null,
    createdAt: utc(now),
    expiresAt: null,
  };
  const outcome = await context.store.transact([
    {
      put: toItem(keys.credential(hashOf(context, text)), 'credential', credential),
      if: { kind: 'absent' },
    },
  ]);
  if (outcome.type !== 'committed')
    throw new LedgerUnavailable(outcome.type === 'refused' ? 'contended' : outcome.type, 'Creating a key');
  return text;
}

/** The caller of a key that is known and has not expired. */
export async function findCredential(
  context: LedgerContext,
  key: string,
  now: number,
): Promise<Credential | undefined> {
  const parts = /^phk_([a-z]+)_[A-Za-z0-9]{16,64}$/.exec(key);
  if (!parts || !([...channels, 'ops'] as string[]).includes(parts[1] ?? '')) return undefined;
  const item = await context.store.get(keys.credential(hashOf(context, key)));
  if (!item) return undefined;
  const credential = fromItem(item, 'credential');
  const expired = credential.expiresAt !== null && Date.parse(credential.expiresAt) <= now;
  return expired ? undefined : credential;
}
