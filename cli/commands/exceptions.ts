/** `philia exceptions`. */
import type { Command } from 'commander';
import type { Api } from '../api.ts';
import type { BodyFrom, RequestTo } from '../contract.ts';
import { exits, Failure } from '../failure.ts';
import { count, facts, jsonText, type Style, shown, table } from '../text.ts';
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
  withReason,
  withYes,
} from './kit.ts';

type Exception = BodyFrom<'GET /v1/exceptions'>['items'][number];
type Query = RequestTo<'GET /v1/exceptions'>['query'];

interface List {
  readonly type?: string;
  readonly status?: string;
  readonly limit: number;
}

interface Redrive extends Once {
  readonly consumer?: string;
  readonly yes?: boolean;
}

const id = 'exc_01JD3F8Q2V9T4C7XKZ5M6N8P0R';

export function exceptionsCommands(program: Command, act: Act): void {
  const exceptions = group(
    program,
    'exceptions',
    'list, show, retry, dismiss and redrive what an operator should look at',
    'exceptions list',
  );
  example(
    withLimit(
      exceptions
        .command('list')
        .description('list them, newest first')
        .option('--type <type>', 'only of this type, as over_refund or dead_letter')
        .option('--status <status>', 'open, resolved or dismissed', 'open'),
    ).action(act<List>(list)),
    'exceptions list --type over_refund',
  );
  example(
    exceptions
      .command('show')
      .description('show one, with what was received')
      .argument('<id>', 'exc_…')
      .action(act(show)),
    `exceptions show ${id}`,
  );
  example(
    withOnce(
      exceptions
        .command('retry')
        .description('try again what went wrong')
        .argument('<id>', 'exc_…')
        .option('--as <id>', 'post a purchase or refund whose id was taken under this one'),
    ).action(
      act<Once & { readonly as?: string }>(async (cli, { as, ...options }, exceptionId = '') => {
        const { body } = await (await cli.api()).call('POST /v1/exceptions/{exceptionId}/retry', {
          params: { exceptionId },
          body: as === undefined ? {} : { as },
          idempotencyKey: onceKey(cli, options),
        });
        return { json: body, text: (style) => one(style, body), exit: body.status === 'open' ? 1 : 0 };
      }),
    ),
    `exceptions retry ${id} --as INV-1001-B`,
  );
  example(
    withOnce(
      withReason(
        exceptions
          .command('dismiss')
          .description('close one without doing anything about it')
          .argument('<id>', 'exc_…'),
      ),
    ).action(
      act<Once & { readonly reason: string }>(async (cli, { reason, ...options }, exceptionId = '') => {
        const { body } = await (await cli.api()).call('POST /v1/exceptions/{exceptionId}/dismiss', {
          params: { exceptionId },
          body: { reason },
          idempotencyKey: onceKey(cli, options),
        });
        return { json: body, text: (style) => one(style, body) };
      }),
    ),
    `exceptions dismiss ${id} --reason "The till sent a test"`,
  );
  example(
    withOnce(
      withYes(
        exceptions
          .command('redrive')
          .description('send open dead letters again, of one consumer or all, to where they were not handled')
          .option('--consumer <name>', 'only those of this consumer, as purchases or apple-push'),
      ),
    ).action(act<Redrive>(redrive)),
    'exceptions redrive --consumer purchases --yes',
  );
}

async function list(cli: Cli, { limit, ...wanted }: List): Promise<Result> {
  const api = await cli.api();
  const page = await listed(limit, async (part) => {
    // What types and statuses there are, the API says.
    const query = { ...wanted, ...part } as Query;
    return (await api.call('GET /v1/exceptions', { query })).body;
  });
  return { json: page, text: (style) => listText(style, page.items) + moreThan(style, page) };
}

async function show(cli: Cli, _options: unknown, exceptionId = ''): Promise<Result> {
  const api = await cli.api();
  for (const status of ['open', 'resolved', 'dismissed'] as const) {
    const found = await find(api, status, exceptionId);
    if (found) return { json: found, text: (style) => one(style, found) };
  }
  throw new Failure(exits.notRight, `There is no exception ${exceptionId}.`);
}

/** Lists are sorted by id, newest first, so the search ends where it would have been. */
async function find(
  api: Api,
  status: NonNullable<Query['status']>,
  exceptionId: string,
): Promise<Exception | undefined> {
  let cursor: string | null = null;
  do {
    const query: Query = { status, limit: 100, ...(cursor !== null && { cursor }) };
    const { body }: { body: BodyFrom<'GET /v1/exceptions'> } = await api.call('GET /v1/exceptions', {
      query,
    });
    const found = body.items.find((one) => one.exceptionId === exceptionId);
    if (found) return found;
    if (body.items.some((one) => one.exceptionId < exceptionId)) return undefined;
    cursor = body.cursor;
  } while (cursor !== null);
  return undefined;
}

/** In bounded requests; letters that come back meanwhile are left for another time. */
async function redrive(cli: Cli, { consumer, yes, ...options }: Redrive): Promise<Result> {
  await cli.confirm(`Send the dead letters of ${shown(consumer ?? 'every consumer')} again?`, yes);
  const api = await cli.api();
  const body = (
    consumer === undefined ? {} : { consumer }
  ) as RequestTo<'POST /v1/dead-letters/redrive'>['body'];
  // Each request has a key of its own, the first one that of a request that is repeated.
  let idempotencyKey = onceKey(cli, options);
  let redriven = 0;
  let total: number | undefined;
  for (;;) {
    const { body: done } = await api.call('POST /v1/dead-letters/redrive', { body, idempotencyKey });
    redriven += done.redriven;
    total ??= done.redriven + done.left;
    if (done.redriven === 0 || done.left === 0 || redriven >= total)
      return {
        json: { redriven, left: done.left },
        text: () => `${count(redriven, 'dead letter')} sent again, ${done.left} left.`,
        exit: done.left > 0 ? 1 : 0,
      };
    idempotencyKey = cli.io.newKey();
    cli.note(cli.style.dim(`${redriven} of ${total} sent again …`));
  }
}

function one(style: Style, exception: Exception): string {
  const { status, memberId, resolvedAt, data, handledBy } = exception;
  const said = facts(style, [
    ['exception', exception.exceptionId],
    ['type', style.bold(exception.type)],
    ['status', status === 'open' ? style.warn(status) : style.good(status)],
    ['about', shown(exception.subject)],
    ...(memberId === null ? [] : [['member', memberId] as const]),
    ['detail', shown(exception.detail)],
    ['opened', exception.openedAt],
    ...(resolvedAt === null ? [] : [['closed', resolvedAt] as const]),
    ...(handledBy === undefined ? [] : [['by', shown(handledBy.name)] as const]),
    ...(handledBy?.reason ? [['because', shown(handledBy.reason)] as const] : []),
  ]);
  return data === undefined || data === null ? said : `${said}\n\n${jsonText(data)}`;
}

function listText(style: Style, items: readonly Exception[]): string {
  if (items.length === 0) return 'There are none.';
  return table(
    style,
    ['exception', 'opened', 'type', 'about', 'detail'],
    items.map(({ exceptionId, openedAt, type, subject, detail }) => [
      exceptionId,
      openedAt,
      type,
      shown(subject),
      shown(detail),
    ]),
  );
}
