/**
 * Callers' keys: `phk_<channel>_<secret>` for channels, `phk_ops_<secret>` for operators. Only a keyed hash is
 * stored, so the table gives no key away; finding the item by that hash is the constant-time comparison. Beside
 * it each key stands in one partition, where operators find it by its id.
 */
import { type ChannelId, type KeyId, prefixes } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { type LedgerContext, LedgerUnavailable, newId } from '../store/context.ts';
import { decide } from '../store/decide.ts';
import { decideOnce, type Once, outcomeOf, type Reply } from '../store/idempotency.ts';
import { type Credential, fromItem, type KeyIndex, keys, keysPk, toItem } from '../store/items.ts';
import { absent, asRead, present, scanPartition, type Write } from '../store/store.ts';
import { auditWrite, type Operator } from './audit.ts';
import { usingWrites } from './channels.ts';

export interface NewKey {
  readonly name: string;
  readonly role: 'channel' | 'ops';
  readonly channel?: ChannelId | undefined;
}

/** A key with its text, which is not to be had again. */
export interface MadeKey {
  readonly text: string;
  readonly credential: Credential;
}

export type Rotated = ({ readonly type: 'rotated' } & MadeKey) | { readonly type: 'missing' };
export type Revoked = { readonly type: 'revoked' | 'missing' | 'last' };

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';
/** 32 characters of 62: 190 random bits. */
const secretLength = 32;
const hourMs = 3_600_000;

function hashOf(context: LedgerContext, key: string): string {
  return context.keyed('credential', key);
}

function isOver({ expiresAt }: Credential, now: number): boolean {
  return expiresAt !== null && Date.parse(expiresAt) <= now;
}

/** The writes of a key and of its place among all keys. One that ends is swept after its end. */
function keyWrites(index: KeyIndex, before: KeyIndex | undefined): Write[] {
  const { hash, revision: _revision, ...credential } = index;
  const ttl = index.expiresAt === null ? undefined : Math.ceil(Date.parse(index.expiresAt) / 1000);
  return [
    {
      put: toItem(keys.keyIndex(index.keyId), 'keyIndex', index, ttl),
      if: asRead(before),
    },
    {
      put: toItem(keys.credential(hash), 'credential', credential, ttl),
      if: before ? present : absent,
    },
  ];
}

/** Whether a holder is somebody who signs in, and not the first of some keys. */
export function isPerson(holder: string): boolean {
  return !holder.startsWith(`${prefixes.key}_`);
}

/** Whose an operator's key is that somebody makes: whoever signed in has read it, and is not two people with it. */
function makerOf({ role }: NewKey, { holder }: Operator): string | undefined {
  return role === 'ops' && holder !== undefined && isPerson(holder) ? holder : undefined;
}

/** A new key; `holder` is whose it is, its own first where that is not known. */
function makeKey(
  context: LedgerContext,
  { name, role, channel }: NewKey,
  holder: string | undefined,
  now: number,
): MadeKey & { readonly writes: Write[] } {
  const secret = Array.from({ length: secretLength }, () => alphabet[context.randomInteger(62)]).join('');
  const text = `phk_${role === 'ops' ? 'ops' : channel}_${secret}`;
  const keyId = newId(context, 'key', now);
  const credential: Credential = {
    keyId,
    name,
    role,
    channel: channel ?? null,
    createdAt: utc(now),
    expiresAt: null,
    holder: holder ?? keyId,
  };
  const index = { ...credential, hash: hashOf(context, text), revision: 1 };
  return { text, credential, writes: keyWrites(index, undefined) };
}

function audited(context: LedgerContext, by: Operator, action: string, subject: KeyId, now: number): Write {
  return auditWrite(context, by, { action, subject, reason: null }, now);
}

/**
 * Makes a key; a channel's first keeps the channel from being removed.
 * @throws LedgerUnavailable also where the channel was removed at this moment: that there is one, whoever asks has seen
 */
export async function createKey(
  context: LedgerContext,
  wanted: NewKey,
  by: Operator,
  now: number,
): Promise<MadeKey> {
  const { channel } = wanted;
  return decide<MadeKey>(context, 'Creating a key', async () => {
    const using = channel === undefined ? [] : await usingWrites(context, channel, now);
    if (!using) throw new LedgerUnavailable('contended', `Creating a key of ${channel}`);
    const { text, credential, writes } = makeKey(context, wanted, makerOf(wanted, by), now);
    const audit = audited(context, by, 'create_key', credential.keyId, now);
    return { result: { text, credential }, writes: [...writes, ...using, audit] };
  });
}

/** What stands under a key's hash. */
export async function readCredential(context: LedgerContext, hash: string): Promise<Credential | undefined> {
  const item = await context.store.get(keys.credential(hash));
  return item && fromItem(item, 'credential');
}

/**
 * The caller of a key that is known and has not expired.
 * @param read gives what stands under a hash; it may have been read some time ago, but that a key has expired is known
 * at once
 */
export async function findCredential(
  context: LedgerContext,
  key: string,
  now: number,
  read = (hash: string) => readCredential(context, hash),
): Promise<Credential | undefined> {
  if (!/^phk_[a-z][a-z0-9-]{0,31}_[A-Za-z0-9]{16,64}$/.test(key)) return undefined;
  const credential = await read(hashOf(context, key));
  return !credential || isOver(credential, now) ? undefined : credential;
}

async function getKey(context: LedgerContext, keyId: KeyId, now: number): Promise<KeyIndex | undefined> {
  const item = await context.store.get(keys.keyIndex(keyId));
  const index = item && fromItem(item, 'keyIndex');
  return index && !isOver(index, now) ? index : undefined;
}

/** A page of the keys that can be used, newest first; `after` is where the page before ended. */
export async function listKeys(
  context: LedgerContext,
  page: { readonly after?: string; readonly limit: number },
  now: number,
): Promise<{ items: Credential[]; next: string | null }> {
  const found = await context.store.query(keysPk, { prefix: '', descending: true, ...page });
  const items = found.map((item) => fromItem(item, 'keyIndex')).filter((index) => !isOver(index, now));
  const last = found.at(-1);
  return { items, next: last && found.length === page.limit ? last.sk : null };
}

/**
 * Makes the successor of a key, for the same holder unless a person makes it; the old one can be used for some hours more, and never
 * longer than it could before.
 */
export async function rotateKey(
  context: LedgerContext,
  keyId: KeyId,
  graceHours: number,
  by: Operator,
  now: number,
): Promise<Rotated> {
  return decide<Rotated>(context, `Rotating ${keyId}`, async () => {
    const before = await getKey(context, keyId, now);
    if (!before) return { result: { type: 'missing' }, writes: [] };
    const { name, role, channel, holder } = before;
    const wanted = { name, role, channel: channel ?? undefined };
    const { text, credential, writes } = makeKey(context, wanted, makerOf(wanted, by) ?? holder, now);
    const ends = [now + graceHours * hourMs, ...(before.expiresAt ? [Date.parse(before.expiresAt)] : [])];
    const after = { ...before, expiresAt: utc(Math.min(...ends)), revision: before.revision + 1 };
    return {
      result: { type: 'rotated', text, credential },
      writes: [
        ...keyWrites(after, before),
        ...writes,
        audited(context, by, 'rotate_key', keyId, now),
        audited(context, by, 'create_key', credential.keyId, now),
      ],
    };
  });
}

/**
 * Ends a key at once. An operator's is kept unless another operator's key lasts: the transaction holds on to that
 * one, so that of two operators who revoke each other's only one succeeds.
 */
export async function revokeKey(
  context: LedgerContext,
  keyId: KeyId,
  by: Operator,
  now: number,
): Promise<Revoked> {
  return outcomeOf<Revoked>((reply) => revokeKeyOnce(context, keyId, by, reply, now));
}

/** The same, once for an Idempotency-Key. */
export async function revokeKeyOnce(
  context: LedgerContext,
  keyId: KeyId,
  by: Operator,
  reply: Reply<Revoked>,
  now: number,
): Promise<Once> {
  return decideOnce(context, `Revoking ${keyId}`, reply.once, now, async () => {
    const refused = (type: 'missing' | 'last') => ({ answer: reply.answer({ type }), writes: [] });
    const index = await getKey(context, keyId, now);
    if (!index) return refused('missing');
    const other = index.role === 'ops' ? await lastingOperator(context, keyId) : undefined;
    if (index.role === 'ops' && !other) return refused('last');
    return {
      answer: reply.answer({ type: 'revoked' }),
      writes: [
        { delete: keys.keyIndex(keyId), if: asRead(index) },
        { delete: keys.credential(index.hash) },
        ...(other ? [{ check: keys.keyIndex(other), if: present }] : []),
        audited(context, by, 'revoke_key', keyId, now),
      ],
    };
  });
}

/** An operator's key beside one, which no rotation has given an end. */
async function lastingOperator(context: LedgerContext, beside: KeyId): Promise<KeyId | undefined> {
  for await (const item of scanPartition(context.store, keysPk, '')) {
    const { keyId, role, expiresAt } = fromItem(item, 'keyIndex');
    if (role === 'ops' && expiresAt === null && keyId !== beside) return keyId;
  }
  return undefined;
}
