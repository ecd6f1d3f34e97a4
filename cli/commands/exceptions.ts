/** `philia exceptions`. */
import type { Command } from 'commander';
import type { BodyFrom, RequestTo } from '../contract.ts';
import { type Style, shown, table } from '../text.ts';
import { type Act, example, listed, moreThan, withLimit } from './kit.ts';

type Exceptions = BodyFrom<'GET /v1/exceptions'>;
type Query = RequestTo<'GET /v1/exceptions'>['query'];

interface List {
  readonly type?: string;
  readonly status?: string;
  readonly limit: number;
}

export function exceptionsCommands(program: Command, act: Act): void {
  const exceptions = program.command('exceptions').description('what an operator should look at');
  example(
    withLimit(
      exceptions
        .command('list')
        .description('list them, newest first')
        .option('--type <type>', 'only of this type, as over_refund or dead_letter')
        .option('--status <status>', 'open or resolved', 'open'),
    ).action(
      act<List>(async (cli, { limit, ...wanted }) => {
        const api = await cli.api();
        const page = await listed(limit, async (part) => {
          // What type and status there are, the API says.
          const query = { ...wanted, ...part } as Query;
          return (await api.call('GET /v1/exceptions', { query })).body;
        });
        return { json: page, text: (style) => describe(style, page) + moreThan(style, page) };
      }),
    ),
    'exceptions list --type over_refund',
  );
}

function describe(
  style: Style,
  { items }: Pick<Exceptions, 'items'> | { items: readonly Exceptions['items'][number][] },
): string {
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
