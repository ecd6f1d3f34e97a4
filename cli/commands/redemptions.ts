/** `philia redemptions`: the switch that stops spending while earning goes on. */
import type { Command } from 'commander';
import type { BodyFrom } from '../contract.ts';
import { facts, type Style, shown } from '../text.ts';
import { type Act, type Cli, example, group, type Result, withReason } from './kit.ts';

type Switch = BodyFrom<'GET /v1/switches/redemption'>;

export function redemptionsCommands(program: Command, act: Act): void {
  const redemptions = group(
    program,
    'redemptions',
    'pause and resume spending, or ask whether it is paused; earning goes on',
    'redemptions status',
  );
  example(
    withReason(redemptions.command('pause').description('stop redemptions within a minute')).action(
      act<{ readonly reason: string }>((cli, { reason }) => turn(cli, true, reason)),
    ),
    'redemptions pause --reason "Vouchers are printed twice in Lyon"',
  );
  example(
    redemptions
      .command('resume')
      .description('let redemptions go on')
      .option('--reason <text>', 'why')
      .action(act<{ readonly reason?: string }>((cli, { reason }) => turn(cli, false, reason))),
    'redemptions resume',
  );
  example(
    redemptions
      .command('status')
      .description('tell whether redemptions are paused')
      .action(
        act(async (cli) => {
          const { body } = await (await cli.api()).call('GET /v1/switches/redemption', {});
          return { json: body, text: (style) => describe(style, body) };
        }),
      ),
    'redemptions status',
  );
}

async function turn(cli: Cli, paused: boolean, reason: string | undefined): Promise<Result> {
  const { body } = await (await cli.api()).call('PUT /v1/switches/redemption', {
    body: { paused, ...(reason !== undefined && { reason }) },
  });
  return { json: body, text: (style) => describe(style, body) };
}

function describe(style: Style, { paused, changedAt, changedBy, reason }: Switch): string {
  return facts(style, [
    ['redemptions', paused ? style.bad('paused') : style.good('going on')],
    ...(changedAt === null ? [] : [['since', `${changedAt} by ${shown(changedBy)}`] as const]),
    ...(reason === null ? [] : [['reason', shown(reason)] as const]),
  ]);
}
