/** `philia channels`. */
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import type { BodyFrom, RequestTo } from '../contract.ts';
import { exits, Failure } from '../failure.ts';
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
  readonly kind?: string;
  readonly name?: string;
  readonly adapter?: string;
  readonly setting: readonly string[];
  readonly secretFile: readonly string[];
  readonly apiTokenFile?: string;
  readonly wait?: boolean;
}

interface Reconcile {
  readonly since: string;
  readonly post?: boolean;
}

type Adapter = BodyFrom<'GET /v1/adapters'>['items'][number];

const collected = (value: string, before: readonly string[]) => [...before, value];

export function channelsCommands(program: Command, act: Act): void {
  const channels = group(
    program,
    'channels',
    'list, show, add, pause, resume, reconcile and remove the channels that sell',
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
          'add one, connect it to its shop, or give it another name; its terms are in the programme, else those of its kind',
        )
        .argument('<id>', 'up to 32 lower-case letters, digits and dashes: its purchases are named by it')
        .option('--kind <kind>', 'web, store or app; it stays what it was added as (default: web for a shop)')
        .option('--name <name>', 'what people call it (default: its id)')
        .option(
          '--adapter <shop>',
          'the shop that delivers to it (default: the id, where a shop is called so)',
        )
        .option(
          '--setting <name=value>',
          'what the shop needs, once for each; asked for otherwise',
          collected,
          [],
        )
        .option(
          '--secret-file <file>',
          'holds a secret that the shop signs with, once for each',
          collected,
          [],
        )
        .option('--api-token-file <file>', "holds the token of the shop's API")
        .option('--no-wait', 'do not wait for the first delivery'),
    ).action(act<Add>(add)),
    'channels add till-2 --kind store --name "Second till, Lyon"',
  );
  example(
    channels
      .command('reconcile')
      .description("compare a shop's orders and refunds with the ledger, and post what is missing")
      .argument('<id>', 'as shopify')
      .requiredOption('--since <instant>', 'orders that changed since, as 2026-11-01T00:00:00Z')
      .option('--post', 'post what is missing; else it is only shown')
      .action(act<Reconcile>(reconcile)),
    'channels reconcile shopify --since 2026-11-01T00:00:00Z --post',
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

async function add(cli: Cli, options: Add, id = ''): Promise<Result> {
  const { kind: said, name, adapter } = options;
  // Which kinds there are, the API says.
  if (adapter === undefined && said !== undefined && name !== undefined)
    return put(cli, id, { kind: said, name } as Wanted, options);
  const api = await cli.api();
  const { items: shops } = (await api.call('GET /v1/adapters', {})).body;
  const shop = shops.find(({ adapter }) => adapter === (options.adapter ?? id));
  if (options.adapter !== undefined && !shop)
    throw new Failure(
      exits.usage,
      `${options.adapter} is none of ${shops.map((one) => one.adapter).join(', ')}.`,
    );
  if (!shop) throw new Failure(exits.usage, 'Say --kind (web, store or app) and --name.');
  const wanted = { kind: said ?? 'web', name: name ?? id } as Wanted;
  const before = await lastDelivery(cli, id);
  const added = await put(cli, id, { ...wanted, ...(await ofShop(cli, shop, options)) }, options);
  const { baseUrl } = await cli.system({ role: 'ops' });
  const url = `${baseUrl}/v1/channels/${id}/deliveries`;
  for (const [index, click] of shop.clicks.entries())
    cli.note(`${index + 1}. ${click.replaceAll('{url}', url)}`);
  if (options.wait === false || !cli.io.canAsk) return added;
  cli.note(`Waiting for the first delivery to ${url} (Ctrl-C ends the waiting, and nothing else) …`);
  for (;;) {
    await cli.io.pause(waitMs);
    const last = await lastDelivery(cli, id);
    if (last !== null && last !== before) return one(await read(cli, id));
  }
}

/** How often it is looked whether something was delivered. */
const waitMs = 2_000;

async function lastDelivery(cli: Cli, id: string): Promise<string | null> {
  const api = await cli.api();
  const { items } = (await api.call('GET /v1/channels', { query: { limit: 100 } })).body;
  return items.find((channel) => channel.id === id)?.lastDeliveryAt ?? null;
}

/** What the shop needs: as it was said, and asked for where somebody can answer. */
async function ofShop(
  cli: Cli,
  { adapter, settings, secret, apiToken }: Adapter,
  options: Add,
): Promise<Partial<Wanted>> {
  const said = new Map(options.setting.map((text) => pairOf(text)));
  for (const { name, says, needed } of settings) {
    if (said.has(name)) continue;
    const answer = cli.io.canAsk
      ? await cli.io.askText(`${says}${needed ? '' : ' (may be left out)'}`, false)
      : '';
    if (answer !== '') said.set(name, answer);
  }
  const secrets = await Promise.all(options.secretFile.map(readSecret));
  if (secret !== null && secrets.length === 0 && cli.io.canAsk) {
    const answer = await cli.io.askText(secret, true);
    if (answer !== '') secrets.push(answer);
  }
  let token = options.apiTokenFile === undefined ? '' : await readSecret(options.apiTokenFile);
  if (apiToken !== null && token === '' && cli.io.canAsk)
    token = await cli.io.askText(`${apiToken} (may be left out: then nothing can be reconciled)`, true);
  return {
    adapter,
    settings: Object.fromEntries(said),
    ...(secrets.length > 0 ? { secrets } : {}),
    ...(token === '' ? {} : { apiToken: token }),
  };
}

function pairOf(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new Failure(exits.usage, `--setting takes name=value, not ${shown(text)}.`);
  return [text.slice(0, at), text.slice(at + 1)];
}

async function readSecret(file: string): Promise<string> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    throw new Failure(exits.usage, `${file} cannot be read: ${(error as Error).message}`);
  }
}

async function reconcile(cli: Cli, { since, post = false }: Reconcile, channelId = ''): Promise<Result> {
  const api = await cli.api();
  const items: BodyFrom<'POST /v1/channels/{channelId}/reconcile'>['items'][number][] = [];
  let cursor: string | null = null;
  let looked = 0;
  do {
    const body: RequestTo<'POST /v1/channels/{channelId}/reconcile'>['body'] = { since, cursor, post };
    const page: BodyFrom<'POST /v1/channels/{channelId}/reconcile'> = (
      await api.call('POST /v1/channels/{channelId}/reconcile', { params: { channelId }, body })
    ).body;
    looked += page.items.length;
    items.push(
      ...page.items.filter(
        ({ purchases, refunds, refused }) => purchases.length + refunds.length + refused.length > 0,
      ),
    );
    cursor = page.cursor;
    cli.note(cli.style.dim(`${looked} looked at, ${items.length} differ …`));
  } while (cursor !== null);
  const rest = items.filter(({ refused }) => !post || refused.length > 0);
  return {
    json: { looked, items, posted: post },
    exit: rest.length > 0 ? 1 : 0,
    text: (style) => reconciledText(style, items, looked, post),
  };
}

function reconciledText(
  style: Style,
  items: readonly BodyFrom<'POST /v1/channels/{channelId}/reconcile'>['items'][number][],
  looked: number,
  posted: boolean,
): string {
  if (items.length === 0) return style.good(`Nothing is missing of ${looked} orders and refunds.`);
  const rows = items.map(({ orderId, purchases, refunds, refused }) => [
    shown(orderId),
    refused.length > 0 ? style.bad('cannot be posted') : posted ? style.good('posted') : 'missing',
    purchases.map(({ id, totalMinor, currency }) => `${id} (${totalMinor} ${currency})`).join(', ') || '–',
    refunds.map(({ id }) => id).join(', ') || '–',
    refused.join('; ') || '–',
  ]);
  return table(style, ['order', 'state', 'purchases', 'refunds', 'why'], rows);
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
  const { id, kind, name, adapter, secretCount, hasApiToken, lastDeliveryAt } = channel;
  const { pausedAt, createdAt, removable } = channel;
  const shop: [string, string][] =
    adapter === null
      ? []
      : [
          ['shop', adapter],
          ['secrets', String(secretCount)],
          ['can be asked', hasApiToken ? 'yes' : 'no'],
          ['last delivery', shown(lastDeliveryAt)],
        ];
  return {
    json: channel,
    text: (style) =>
      facts(style, [
        ['channel', style.bold(id)],
        ['name', shown(name)],
        ['kind', kind],
        ...shop,
        ['state', pausedAt === null ? style.good('going on') : style.bad(`paused since ${pausedAt}`)],
        ['added', shown(createdAt)],
        ['removable', removable ? 'yes' : 'no'],
      ]),
  };
}

function listText(style: Style, items: readonly Channel[]): string {
  return table(
    style,
    ['channel', 'kind', 'shop', 'last delivery', 'state', 'name'],
    items.map(({ id, kind, adapter, lastDeliveryAt, paused, name }) => [
      id,
      kind,
      shown(adapter),
      shown(lastDeliveryAt),
      paused ? 'paused' : 'going on',
      shown(name),
    ]),
  );
}
