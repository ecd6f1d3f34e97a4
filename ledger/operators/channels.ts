/**
 * The channels, all in one item: what operators add, rename, pause and remove is decided on the whole, and whoever names
 * one holds on to it by one check.
 */
import { type Channel, type Channels, channelsMax, isFirst, isUnused } from '../../core/channels.ts';
import type { ChannelId, ChannelKind } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { channelsNamed } from '../../core/program-channels.ts';
import type { LedgerContext } from '../store/context.ts';
import { decide } from '../store/decide.ts';
import { decideOnce, type Once, type Reply } from '../store/idempotency.ts';
import { keys, type StoredChannels, toItem } from '../store/items.ts';
import { asRead, type Condition, type Write } from '../store/store.ts';
import { auditWrite, type Operator } from './audit.ts';
import { readStored, type StoredRead } from './channel-list.ts';
import { currentProgram } from './program-versions.ts';

/** All channels, and the condition that nobody has changed one since. */
export async function heldChannels(
  context: LedgerContext,
): Promise<{ readonly channels: Channels; readonly held: Write }> {
  const { channels, before } = await readStored(context);
  return { channels, held: { check: keys.channels, if: asRead(before) } };
}

function putWrite({ before }: StoredRead, channels: readonly Channel[]): Write {
  const stored: StoredChannels = { revision: (before?.revision ?? 0) + 1, channels };
  return { put: toItem(keys.channels, 'channels', stored), if: asRead(before) };
}

/** What is stored with one channel more, or in the place of the one of its id. */
function withChannel({ before }: StoredRead, channel: Channel): Channel[] {
  return [...without(before, channel.id), channel];
}

function without(before: StoredChannels | undefined, id: ChannelId): Channel[] {
  return (before?.channels ?? []).filter((one) => one.id !== id);
}

type OfShop = Pick<Channel, 'adapter' | 'settings' | 'secretCount' | 'hasApiToken' | 'secretsAt'>;
/** What is not said stays, of the same shop. */
type SaidOfShop = { readonly [Field in keyof OfShop]?: OfShop[Field] | undefined };

/** What a channel is to be. */
export interface WantedChannel extends SaidOfShop {
  readonly id: ChannelId;
  readonly kind: ChannelKind;
  readonly name: string;
  /** As it is where nothing is said. */
  readonly paused?: boolean | undefined;
}

export type ChannelPut =
  | { readonly type: 'put'; readonly channel: Channel }
  /** A channel stays what it was made as. */
  | { readonly type: 'other_kind'; readonly kind: ChannelKind }
  /** There are as many as there can be. */
  | { readonly type: 'full' };

/** Adds a channel, or makes one what is wanted of it. */
export async function putChannelOnce(
  context: LedgerContext,
  { id, kind, name, paused: wanted, ...shop }: WantedChannel,
  operator: Operator,
  reply: Reply<ChannelPut>,
  now: number,
): Promise<Once> {
  return decideOnce(context, `Putting the channel ${id}`, reply.once, now, async () => {
    const known = await readStored(context);
    const before = known.channels.get(id);
    const refused = (outcome: ChannelPut) => ({ answer: reply.answer(outcome), writes: [] });
    if (before && before.kind !== kind) return refused({ type: 'other_kind', kind: before.kind });
    if (!before && known.channels.size >= channelsMax) return refused({ type: 'full' });
    const wasPaused = before !== undefined && before.pausedAt !== null;
    const paused = wanted ?? wasPaused;
    const channel: Channel = {
      ...shopOf(before, shop),
      id,
      kind,
      name,
      pausedAt: paused ? (before?.pausedAt ?? utc(now)) : null,
      createdAt: before ? before.createdAt : utc(now),
      usedAt: before?.usedAt ?? null,
    };
    const action = paused === wasPaused ? 'put_channel' : paused ? 'pause_channel' : 'resume_channel';
    return {
      answer: reply.answer({ type: 'put', channel }),
      writes: [
        putWrite(known, withChannel(known, channel)),
        auditWrite(context, operator, { action, subject: `channel ${id}`, reason: null }, now),
      ],
    };
  });
}

function shopOf(before: Channel | undefined, said: SaidOfShop): OfShop {
  const isOther = said.adapter !== undefined && said.adapter !== before?.adapter;
  const of = <Field extends keyof OfShop>(field: Field) => {
    const value = said[field] ?? (isOther ? undefined : before?.[field]);
    return value === undefined ? {} : { [field]: value };
  };
  return {
    ...of('adapter'),
    ...of('settings'),
    ...of('secretCount'),
    ...of('hasApiToken'),
    ...of('secretsAt'),
  };
}

export type ChannelRemoved = { readonly type: 'removed' | 'missing' | 'first' | 'used' | 'named' };

/**
 * Removes a channel by which nothing has come: it says so itself, since whatever comes first is noted with it before it
 * is taken; and the programme in force, which must not name it, is held on to.
 */
export async function removeChannelOnce(
  context: LedgerContext,
  id: ChannelId,
  operator: Operator,
  reply: Reply<ChannelRemoved>,
  now: number,
): Promise<Once> {
  return decideOnce(context, `Removing the channel ${id}`, reply.once, now, async () => {
    const [known, program] = await Promise.all([readStored(context), currentProgram(context)]);
    const refused = (type: ChannelRemoved['type']) => ({ answer: reply.answer({ type }), writes: [] });
    const channel = known.channels.get(id);
    if (!channel) return refused('missing');
    if (isFirst(id)) return refused('first');
    if (!isUnused(channel)) return refused('used');
    if (program && channelsNamed(program.document).some((one) => one.id === id)) return refused('named');
    const inForce: Condition = program
      ? { kind: 'unchanged', fields: { version: program.version } }
      : { kind: 'absent' };
    return {
      answer: reply.answer({ type: 'removed' }),
      writes: [
        putWrite(known, without(known.before, id)),
        { check: keys.currentProgram, if: inForce },
        auditWrite(
          context,
          operator,
          { action: 'remove_channel', subject: `channel ${id}`, reason: null },
          now,
        ),
      ],
    };
  });
}

/**
 * What notes that a channel is used from now on: nothing where that is known already.
 * @returns undefined where there is no such channel
 */
export async function usingWrites(
  context: LedgerContext,
  id: ChannelId,
  now: number,
): Promise<readonly Write[] | undefined> {
  if (isFirst(id)) return [];
  const known = await readStored(context);
  const channel = known.channels.get(id);
  if (!channel) return undefined;
  return isUnused(channel) ? [putWrite(known, withChannel(known, { ...channel, usedAt: utc(now) }))] : [];
}

/** Notes that something comes by a channel, before it is taken: from then on the channel stays. */
export async function noteChannelUsed(
  context: LedgerContext,
  id: ChannelId,
  now: number,
): Promise<'noted' | 'missing'> {
  return decide(context, `Using the channel ${id}`, async () => {
    const writes = await usingWrites(context, id, now);
    return writes ? { result: 'noted', writes } : { result: 'missing', writes: [] };
  });
}
