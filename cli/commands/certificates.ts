/** `philia certificates`. */
import type { Command } from 'commander';
import type { BodyFrom } from '../contract.ts';
import { count, facts, type Style, shown } from '../text.ts';
import { type Act, example, group } from './kit.ts';

type Certificates = BodyFrom<'GET /v1/certificates'>;

/** Apple takes days to renew a certificate, and people take longer. */
const soonDays = 30;

export function certificatesCommands(program: Command, act: Act): void {
  const certificates = group(program, 'certificates', "check the wallets' credentials", 'certificates check');
  example(
    certificates
      .command('check')
      .description('check them; the exit status is 1 when one that is configured cannot be used')
      .action(
        act(async (cli) => {
          const { body } = await (await cli.api()).call('GET /v1/certificates', {});
          const broken = Object.values(body).some(({ problem }) => problem !== undefined);
          return { json: body, text: (style) => describe(style, body), exit: broken ? 1 : 0 };
        }),
      ),
    'certificates check',
  );
}

function describe(style: Style, { apple, ...others }: Certificates): string {
  const { passTypeIdentifier: passType, teamIdentifier: team, notAfter, daysLeft } = apple;
  const left = daysLeft === undefined ? '' : ` (${count(daysLeft, 'day')} left)`;
  const colour = daysLeft !== undefined && daysLeft < soonDays ? style.warn : style.good;
  return facts(style, [
    ['apple', stateOf(style, apple)],
    ...(passType === undefined ? [] : [['  pass type', shown(passType)] as const]),
    ...(team === undefined ? [] : [['  team', shown(team)] as const]),
    ...(notAfter === undefined ? [] : [['  valid until', colour(`${notAfter}${left}`)] as const]),
    ...Object.entries(others).map(([name, state]) => [name, stateOf(style, state)] as const),
  ]);
}

function stateOf(style: Style, state: { configured: boolean; problem?: string | undefined }): string {
  if (!state.configured) return style.dim('not configured');
  return state.problem === undefined ? style.good('configured') : style.bad(shown(state.problem));
}
