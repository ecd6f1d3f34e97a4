/** The channels: listed, added, renamed, paused, resumed, and removed while nothing has come by them. */
import { type Channel, isUnused } from '../../core/channels.ts';
import { Problem } from '../../core/contract/errors.ts';
import type { ChannelAnswer } from '../../core/contract/shapes/channel.ts';
import {
  type ChannelPut,
  type ChannelRemoved,
  putChannelOnce as put,
  readChannels,
  removeChannelOnce as remove,
  type StoredAnswer,
} from '../../ledger/ledger.ts';
import { type Deps, programFreshMs } from '../deps.ts';
import { decodeCursor, encodeCursor } from '../kit/cursor.ts';
import { type Answer, type HttpRequest, onceAnswer, operatorOf, refusalOf } from '../kit/serve.ts';

function channelAnswer(channel: Channel): ChannelAnswer {
  const { id, kind, name, pausedAt, createdAt } = channel;
  return { id, kind, name, paused: pausedAt !== null, pausedAt, createdAt, removable: isUnused(channel) };
}

export async function listChannels({ query }: HttpRequest<'listChannels'>, deps: Deps): Promise<Answer> {
  const after = decodeCursor(deps, 'channels', query.cursor) ?? '';
  const behind = [...(await readChannels(deps.ledger)).values()].filter(({ id }) => id > after);
  const items = behind.slice(0, query.limit);
  const last = items.at(-1);
  const cursor = last && items.length < behind.length ? encodeCursor(deps, 'channels', last.id) : null;
  return { status: 200, body: { items: items.map(channelAnswer), cursor } };
}

export async function getChannel({ params }: HttpRequest<'getChannel'>, deps: Deps): Promise<Answer> {
  const channel = (await readChannels(deps.ledger)).get(params.channelId);
  if (!channel) throw new Problem('not_found');
  return { status: 200, body: channelAnswer(channel) };
}

function putAnswer(outcome: ChannelPut, requestId: string): StoredAnswer {
  switch (outcome.type) {
    case 'put':
      return { status: 200, body: channelAnswer(outcome.channel) };
    case 'other_kind':
      return refusalOf(
        new Problem(
          'channel_kind_fixed',
          `The channel was added as ${outcome.kind}, and stays of that kind.`,
        ),
        requestId,
      );
    case 'full':
      return refusalOf(new Problem('too_many_channels'), requestId);
  }
}

/** Every instance reads the channels anew within this time: whoever calls after the answer meets what it says. */
async function onceKnown(answer: Answer, deps: Deps): Promise<Answer> {
  if (answer.status < 400) await deps.sleep(programFreshMs);
  return answer;
}

export async function putChannel(
  { params, body, caller, once, requestId }: HttpRequest<'putChannel'>,
  deps: Deps,
): Promise<Answer> {
  const wanted = { id: params.channelId, ...body };
  const given = { once, answer: (outcome: ChannelPut) => putAnswer(outcome, requestId) };
  return onceKnown(onceAnswer(await put(deps.ledger, wanted, operatorOf(caller), given, deps.now())), deps);
}

const kept: Readonly<Record<'first' | 'used' | 'named', string>> = {
  first: 'The channel was there from the beginning, and stays.',
  used: 'The channel has had a key, or something has come by it: pause it instead.',
  named: 'The programme in force names the channel: put one that does not first.',
};

function removedAnswer({ type }: ChannelRemoved, requestId: string): StoredAnswer {
  if (type === 'removed') return { status: 204, body: null };
  const problem = type === 'missing' ? new Problem('not_found') : new Problem('channel_in_use', kept[type]);
  return refusalOf(problem, requestId);
}

export async function removeChannel(
  { params, caller, once, requestId }: HttpRequest<'removeChannel'>,
  deps: Deps,
): Promise<Answer> {
  const given = { once, answer: (outcome: ChannelRemoved) => removedAnswer(outcome, requestId) };
  const outcome = await remove(deps.ledger, params.channelId, operatorOf(caller), given, deps.now());
  return onceKnown(onceAnswer(outcome), deps);
}
