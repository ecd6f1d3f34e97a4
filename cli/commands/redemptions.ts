/** `philia redemptions`: the switch that stops spending while earning goes on. */
import type { Command } from 'commander';
import type { BodyFrom } from '../contract.ts';
import { facts, type Style, shown } from '../text.ts';
import {
  type Act,
  type Cli,
  example,
  group,
  type Once,
  onceKey,
  type Result,
  withOnce,
  withReason,
} from './kit.ts';

type Switch = BodyFrom<'GET /v1/switches/redemption'>;

export function redemptionsCommands(program: Command, act: Act): void {
  const redemptions = group(
    program,
    'redemptions',
    'pause and resume spending, or ask whether it is paused; earning goes on',
    'redemptions status',
  );
  example(
    withOnce(withReason(redemptions.command('pause').description('stop redemptions within a minute'))).action(
      act<Turn>((cli, options) => turn(cli, true, options)),
    ),
    'redemptions pause --reason "Vouchers are printed twice in Lyon"',
  );
  example(
    withOnce(
      redemptions.command('resume').description('let redemptions go on').option('--reason <text>', 'why'),
    ).action(act<Turn>((cli, options) => turn(cli, false, options))),
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

interface Turn extends Once {
  readonly reason?: string;
}

async function turn(cli: Cli, paused: boolean, { reason, ...options }: Turn): Promise<Result> {
  const { body } = await (await cli.api()).call('PUT /v1/switches/redemption', {
    body: { paused, ...(reason !== undefined && { reason }) },
    idempotencyKey: onceKey(cli, options),
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
