/** The channels: listed, added, renamed, paused, resumed, and removed while nothing has come by them. */
import type { Adapter, Settings } from '../../channels/adapter.ts';
import { adapters } from '../../channels/adapters.ts';
import { type Channel, isUnused } from '../../core/channels.ts';
import { type FieldError, Problem } from '../../core/contract/errors.ts';
import type { ChannelId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { ChannelAnswer } from '../../core/contract/shapes/channel.ts';
import { ownValue } from '../../core/own.ts';
import {
  type ChannelPut,
  type ChannelRemoved,
  findOnce,
  putChannelOnce as put,
  readChannels,
  readHealth,
  removeChannelOnce as remove,
  type StoredAnswer,
} from '../../ledger/ledger.ts';
import { type Deps, programFreshMs } from '../deps.ts';
import { decodeCursor, encodeCursor } from '../kit/cursor.ts';
import { type Answer, type HttpRequest, onceAnswer, operatorOf, refusalOf } from '../kit/serve.ts';

function channelAnswer(channel: Channel, lastDeliveryAt: string | null): ChannelAnswer {
  const { id, kind, name, pausedAt, createdAt } = channel;
  const { adapter = null, settings = {}, secretCount = 0, hasApiToken = false } = channel;
  const shop = { adapter, settings, secretCount, hasApiToken };
  const paused = pausedAt !== null;
  const removable = isUnused(channel);
  return { id, kind, name, ...shop, lastDeliveryAt, paused, pausedAt, createdAt, removable };
}

export async function listChannels({ query }: HttpRequest<'listChannels'>, deps: Deps): Promise<Answer> {
  const after = decodeCursor(deps, 'channels', query.cursor) ?? '';
  const [channels, health] = await Promise.all([readChannels(deps.ledger), readHealth(deps.ledger)]);
  const behind = [...channels.values()].filter(({ id }) => id > after);
  const items = behind.slice(0, query.limit);
  const last = items.at(-1);
  const cursor = last && items.length < behind.length ? encodeCursor(deps, 'channels', last.id) : null;
  return {
    status: 200,
    body: { items: items.map((one) => channelAnswer(one, health.get(one.id) ?? null)), cursor },
  };
}

export async function getChannel({ params }: HttpRequest<'getChannel'>, deps: Deps): Promise<Answer> {
  const [channels, health] = await Promise.all([readChannels(deps.ledger), readHealth(deps.ledger)]);
  const channel = channels.get(params.channelId);
  if (!channel) throw new Problem('not_found');
  return { status: 200, body: channelAnswer(channel, health.get(channel.id) ?? null) };
}

function putAnswer(outcome: ChannelPut, lastDeliveryAt: string | null, requestId: string): StoredAnswer {
  switch (outcome.type) {
    case 'put':
      return { status: 200, body: channelAnswer(outcome.channel, lastDeliveryAt) };
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

type PutBody = HttpRequest<'putChannel'>['body'];

/** @throws Problem where a shop is said that is none, or something that its adapter does not know or lacks */
function checkShop(before: Channel | undefined, { adapter, settings, secrets, apiToken }: PutBody): void {
  const wrong: FieldError[] = [];
  const name = adapter ?? before?.adapter;
  const known = name === undefined ? undefined : ownValue<Adapter>(adapters, name);
  if (adapter !== undefined && !known)
    wrong.push({
      path: 'adapter',
      message: `must be one of ${Object.keys(adapters).join(', ')}; ${adapter} is not`,
    });
  const said = { settings, secrets, apiToken };
  if (name === undefined)
    for (const [path, value] of Object.entries(said))
      if (value !== undefined) wrong.push({ path, message: 'needs an adapter' });
  if (known) {
    const kept = isOtherShop(before, adapter) ? {} : (before?.settings ?? {});
    wrong.push(...wrongSettings(known, settings ?? kept));
  }
  if (known && secrets !== undefined && secrets.length > 0 && known.secret === null)
    wrong.push({ path: 'secrets', message: `are not used by ${name}` });
  if (known && apiToken !== undefined && known.apiToken === null)
    wrong.push({ path: 'apiToken', message: `is not used by ${name}` });
  if (wrong.length > 0) throw new Problem('invalid_request', undefined, wrong);
}

function wrongSettings({ settings: known }: Adapter, said: Settings): FieldError[] {
  const names = Object.keys(known);
  const unknown = Object.keys(said).filter((name) => !names.includes(name));
  const lacking = names.filter((name) => known[name]?.needed && said[name] === undefined);
  return [
    ...unknown.map((name) => ({ path: `settings.${name}`, message: `must be one of ${names.join(', ')}` })),
    ...lacking.map((name) => ({ path: `settings.${name}`, message: `is needed: ${known[name]?.says}` })),
  ];
}

function isOtherShop(before: Channel | undefined, adapter: string | undefined): boolean {
  return adapter !== undefined && adapter !== before?.adapter;
}

/** Puts what the shop signs with where it is kept, before the channel says that there is something. */
async function keepSecrets(
  deps: Deps,
  id: ChannelId,
  before: Channel | undefined,
  { adapter, secrets, apiToken }: PutBody,
): Promise<Pick<Channel, 'secretCount' | 'hasApiToken' | 'secretsAt'>> {
  const isOther = isOtherShop(before, adapter);
  // Another shop's are not kept.
  const isLeft = isOther && before?.adapter !== undefined;
  if (secrets === undefined && apiToken === undefined && !isLeft) return {};
  const known = isOther ? undefined : await deps.channelSecrets.read(id);
  const value = { secrets: secrets ?? known?.secrets ?? [], apiToken: apiToken ?? known?.apiToken ?? null };
  await deps.channelSecrets.write(id, value);
  const secretsAt = utc(deps.now());
  return { secretCount: value.secrets.length, hasApiToken: value.apiToken !== null, secretsAt };
}

/** The shops that channels can be connected to. */
export async function listAdapters(): Promise<Answer> {
  const items = Object.entries<Adapter>(adapters).map(
    ([adapter, { settings, secret, apiToken, clicks }]) => ({
      adapter,
      settings: Object.entries(settings).map(([name, { says, needed = false }]) => ({ name, says, needed })),
      secret,
      apiToken,
      clicks,
    }),
  );
  return { status: 200, body: { items } };
}

export async function putChannel(
  { params, body, caller, once, requestId }: HttpRequest<'putChannel'>,
  deps: Deps,
): Promise<Answer> {
  const { secrets, apiToken, ...said } = body;
  const before = (await deps.channels()).get(params.channelId);
  checkShop(before, body);
  // A repeat, or one that is refused, puts no secret in the place of a newer one.
  const known = await findOnce(deps.ledger, once, deps.now());
  if (known) return onceAnswer(known);
  const isRefused = before !== undefined && before.kind !== body.kind;
  const given = isRefused ? {} : await keepSecrets(deps, params.channelId, before, body);
  const wanted = { id: params.channelId, ...said, ...given };
  const seen = (await readHealth(deps.ledger)).get(params.channelId) ?? null;
  const reply = { once, answer: (outcome: ChannelPut) => putAnswer(outcome, seen, requestId) };
  return onceKnown(onceAnswer(await put(deps.ledger, wanted, operatorOf(caller), reply, deps.now())), deps);
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
