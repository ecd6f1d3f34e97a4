/** `philia channels`. */
import type { Command } from 'commander';
import type { BodyFrom, RequestTo } from '../contract.ts';
import { facts, type Style, shown, table } from '../text.ts';
import {
  type Act,
  type Cli,
  example,
  group,
  listed,
  moreThan,
  type Once,
  onceKey,
  type Result,
  withLimit,
  withOnce,
  withYes,
} from './kit.ts';

type Channel = BodyFrom<'GET /v1/channels/{channelId}'>;
type Wanted = RequestTo<'PUT /v1/channels/{channelId}'>['body'];

interface Add extends Once {
  readonly kind: string;
  readonly name: string;
}

export function channelsCommands(program: Command, act: Act): void {
  const channels = group(
    program,
    'channels',
    'list, show, add, pause, resume and remove the channels that sell',
    'channels list',
  );
  example(
    withLimit(channels.command('list').description('list them, by their ids')).action(
      act<{ readonly limit: number }>(list),
    ),
    'channels list',
  );
  example(
    channels
      .command('show')
      .description('show one of them')
      .argument('<id>', 'as till-2')
      .action(act(async (cli, _options, id = '') => one(await read(cli, id)))),
    'channels show till-2',
  );
  example(
    withOnce(
      channels
        .command('add')
        .description(
          'add one, or give it another name; its terms are in the programme, else those of its kind',
        )
        .argument('<id>', 'up to 32 lower-case letters, digits and dashes: its purchases are named by it')
        .requiredOption('--kind <kind>', 'web, store or app; it stays what it was added as')
        .requiredOption('--name <name>', 'what people call it'),
    ).action(act<Add>(add)),
    'channels add till-2 --kind store --name "Second till, Lyon"',
  );
  example(
    withOnce(
      channels
        .command('pause')
        .description('take nothing more from one: its keys may read and change nothing')
        .argument('<id>', 'as till-2'),
    ).action(act<Once>((cli, options, id = '') => turn(cli, true, options, id))),
    'channels pause till-2',
  );
  example(
    withOnce(channels.command('resume').description('let one go on').argument('<id>', 'as till-2')).action(
      act<Once>((cli, options, id = '') => turn(cli, false, options, id)),
    ),
    'channels resume till-2',
  );
  example(
    withOnce(
      withYes(
        channels
          .command('remove')
          .description('remove one that has had no key, and by which nothing has come')
          .argument('<id>', 'as till-2'),
      ),
    ).action(act<Once & { readonly yes?: boolean }>(remove)),
    'channels remove till-2 --yes',
  );
}

async function list(cli: Cli, { limit }: { readonly limit: number }): Promise<Result> {
  const api = await cli.api();
  const page = await listed(limit, async (query) => (await api.call('GET /v1/channels', { query })).body);
  return { json: page, text: (style) => listText(style, page.items) + moreThan(style, page) };
}

async function read(cli: Cli, channelId: string): Promise<Channel> {
  return (await (await cli.api()).call('GET /v1/channels/{channelId}', { params: { channelId } })).body;
}

async function put(cli: Cli, channelId: string, body: Wanted, options: Once): Promise<Result> {
  const request = { params: { channelId }, body, idempotencyKey: onceKey(cli, options) };
  return one((await (await cli.api()).call('PUT /v1/channels/{channelId}', request)).body);
}

async function add(cli: Cli, { kind, name, ...options }: Add, id = ''): Promise<Result> {
  // Which kinds there are, the API says.
  return put(cli, id, { kind, name } as Wanted, options);
}

async function turn(cli: Cli, paused: boolean, options: Once, id: string): Promise<Result> {
  const { kind, name } = await read(cli, id);
  return put(cli, id, { kind, name, paused }, options);
}

async function remove(
  cli: Cli,
  { yes, ...options }: Once & { readonly yes?: boolean },
  channelId = '',
): Promise<Result> {
  await cli.confirm(`Remove the channel ${shown(channelId)}?`, yes);
  const request = { params: { channelId }, idempotencyKey: onceKey(cli, options) };
  await (await cli.api()).call('DELETE /v1/channels/{channelId}', request);
  const done = `${channelId} is removed.`;
  return { json: { id: channelId, status: 'removed' }, text: (style) => style.good(done) };
}

function one(channel: Channel): Result {
  const { id, kind, name, pausedAt, createdAt, removable } = channel;
  return {
    json: channel,
    text: (style) =>
      facts(style, [
        ['channel', style.bold(id)],
        ['name', shown(name)],
        ['kind', kind],
        ['state', pausedAt === null ? style.good('going on') : style.bad(`paused since ${pausedAt}`)],
        ['added', shown(createdAt)],
        ['removable', removable ? 'yes' : 'no'],
      ]),
  };
}

function listText(style: Style, items: readonly Channel[]): string {
  return table(
    style,
    ['channel', 'kind', 'state', 'name'],
    items.map(({ id, kind, paused, name }) => [id, kind, paused ? 'paused' : 'going on', shown(name)]),
  );
}
