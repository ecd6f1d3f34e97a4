/** `philia keys`. */
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
  wholeNumber,
  withLimit,
  withOnce,
  withYes,
} from './kit.ts';

type Key = BodyFrom<'GET /v1/keys'>['items'][number];
type NewKey = BodyFrom<'POST /v1/keys'>;
type KeyRequest = RequestTo<'POST /v1/keys'>['body'];

interface Create {
  readonly role: string;
  readonly channel?: string;
}

export function keysCommands(program: Command, act: Act): void {
  const keys = group(program, 'keys', "list, create, rotate and revoke callers' keys", 'keys list');
  example(
    withLimit(keys.command('list').description('list them, newest first, without their texts')).action(
      act<{ readonly limit: number }>(list),
    ),
    'keys list',
  );
  example(
    keys
      .command('create')
      .description('make a key; its text is shown this once')
      .argument('<name>', 'what it is called in lists')
      .requiredOption('--role <role>', 'channel or ops')
      .option('--channel <channel>', "for a channel's key: its id, as store")
      .action(act<Create>(create)),
    'keys create "Till 4, Lyon" --role channel --channel store',
  );
  example(
    keys
      .command('rotate')
      .description('make the successor of a key; the old one lives on for a while')
      .argument('<id>', 'key_…')
      .option('--grace-hours <n>', 'how long the old key can still be used (24 unless said)', wholeNumber)
      .action(act<{ readonly graceHours?: number }>(rotate)),
    'keys rotate key_01JD3F8Q2V9T4C7XKZ5M6N8P0R --grace-hours 48',
  );
  example(
    withOnce(
      withYes(keys.command('revoke').description('end a key at once').argument('<id>', 'key_…')),
    ).action(act<Once & { readonly yes?: boolean }>(revoke)),
    'keys revoke key_01JD3F8Q2V9T4C7XKZ5M6N8P0R --yes',
  );
}

async function list(cli: Cli, { limit }: { readonly limit: number }): Promise<Result> {
  const api = await cli.api();
  const page = await listed(limit, async (query) => (await api.call('GET /v1/keys', { query })).body);
  return { json: page, text: (style) => listText(style, page.items) + moreThan(style, page) };
}

async function create(cli: Cli, wanted: Create, name = ''): Promise<Result> {
  // What role and channel there are, the API says.
  const body = { ...wanted, name } as KeyRequest;
  return made((await (await cli.api()).call('POST /v1/keys', { body })).body);
}

async function rotate(
  cli: Cli,
  { graceHours }: { readonly graceHours?: number },
  keyId = '',
): Promise<Result> {
  const { body } = await (await cli.api()).call('POST /v1/keys/{keyId}/rotate', {
    params: { keyId },
    body: graceHours === undefined ? {} : { graceHours },
  });
  return made(body);
}

async function revoke(
  cli: Cli,
  { yes, ...options }: Once & { readonly yes?: boolean },
  keyId = '',
): Promise<Result> {
  await cli.confirm(`Revoke the key ${shown(keyId)}? Who calls with it is refused from then on.`, yes);
  await (await cli.api()).call('DELETE /v1/keys/{keyId}', {
    params: { keyId },
    idempotencyKey: onceKey(cli, options),
  });
  return { json: { keyId, status: 'revoked' }, text: (style) => style.good(`${keyId} is revoked.`) };
}

function made(key: NewKey): Result {
  const warning = 'The text of the key is shown this once: put it where it is used.';
  return { json: key, text: (style) => `${one(style, key)}\n\n${style.warn(warning)}` };
}

function one(style: Style, { key, ...rest }: NewKey): string {
  return facts(style, [
    ['key', style.bold(key)],
    ['id', rest.keyId],
    ['name', shown(rest.name)],
    ['for', rest.channel ?? rest.role],
    ['expires', shown(rest.expiresAt)],
  ]);
}

function listText(style: Style, items: readonly Key[]): string {
  return table(
    style,
    ['key', 'for', 'created', 'expires', 'name'],
    items.map(({ keyId, role, channel, createdAt, expiresAt, name }) => [
      keyId,
      channel ?? role,
      createdAt,
      shown(expiresAt),
      shown(name),
    ]),
  );
}
