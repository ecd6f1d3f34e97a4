/** `philia audit`. */
import type { Command } from 'commander';
import { shown, table } from '../text.ts';
import { type Act, example, listed, moreThan, withLimit } from './kit.ts';

export function auditCommand(program: Command, act: Act): void {
  example(
    withLimit(
      program.command('audit').description('list what operators have done, with who and why, newest first'),
    ).action(
      act<{ readonly limit: number }>(async (cli, { limit }) => {
        const api = await cli.api();
        const page = await listed(limit, async (query) => (await api.call('GET /v1/audit', { query })).body);
        const rows = page.items.map(({ at, name, action, subject, reason }) =>
          [at, name, action, subject, reason].map(shown),
        );
        return {
          json: page,
          text: (style) => table(style, ['at', 'who', 'did', 'to', 'why'], rows) + moreThan(style, page),
        };
      }),
    ),
    'audit --limit 50',
  );
}
