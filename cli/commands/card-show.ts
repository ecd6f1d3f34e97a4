/** `philia card show`: in which wallets a member's card is, which version each has, and what it lacks. */
import type { Command } from 'commander';
import type { BodyFrom } from '../contract.ts';
import { memberIdOf, withMember } from '../member.ts';
import { count, facts, number, type Style, shown } from '../text.ts';
import { type Act, example } from './kit.ts';

type Wallets = BodyFrom<'GET /v1/members/{memberId}/wallets'>;
type Behind = Wallets['apple']['behind'];

export function cardShow(card: Command, act: Act): void {
  example(
    withMember(
      card
        .command('show')
        .description(
          "show in which wallets a member's card is, and how far behind the ledger; the exit status is 1 when one is behind",
        ),
    ).action(
      act(async (cli, _options, member = '') => {
        const api = await cli.api();
        const params = { memberId: await memberIdOf(api, member) };
        const { body } = await api.call('GET /v1/members/{memberId}/wallets', { params });
        const isBehind = [body.apple, body.google, body.samsung].some((one) => one?.behind);
        return { json: body, text: (style) => describe(style, body), exit: isBehind ? 1 : 0 };
      }),
    ),
    'card show ada@example.com',
  );
}

function describe(style: Style, { version, apple, google, samsung }: Wallets): string {
  const { devices, told, fetched } = apple;
  return facts(style, [
    ['ledger', `version ${number(version)}`],
    ['apple', devices === 0 ? style.dim('on no device') : count(devices, 'device')],
    ...noted('  told', told),
    ...noted('  fetched', fetched),
    ...lag(style, apple.behind),
    ['google', google ? stateOf(google) : style.dim('never offered')],
    ...(google ? ([['  given', `version ${number(google.version)}`]] as const) : []),
    ...(google?.doubted
      ? ([['  doubt', style.warn('a write went unanswered: it may show an older version')]] as const)
      : []),
    ...lag(style, google?.behind ?? null),
    ['samsung', samsung ? stateOf(samsung) : style.dim('never offered')],
    ...(samsung ? ([['  told', `version ${number(samsung.version)}`]] as const) : []),
    ...(samsung
      ? ([['  fetched', samsung.fetched === null ? '–' : `version ${number(samsung.fetched)}`]] as const)
      : []),
    ...lag(style, samsung?.behind ?? null),
  ]);
}

type Rows = readonly (readonly [string, string])[];

function stateOf({ state, at }: NonNullable<Wallets['google' | 'samsung']>): string {
  return `${shown(state)} since ${at}`;
}

function noted(name: string, one: Wallets['apple']['told']): Rows {
  return one ? [[name, `version ${number(one.version)} at ${one.at}`]] : [];
}

function lag(style: Style, behind: Behind): Rows {
  if (!behind) return [];
  const { versions, since, seconds } = behind;
  return [
    ['  behind', style.warn(`${count(versions, 'version')}, for ${duration(seconds)}, since ${since}`)],
  ];
}

/** In the two largest units: `3 days 4 hours`. */
function duration(seconds: number): string {
  const parts = [
    [Math.floor(seconds / 86_400), 'day'],
    [Math.floor(seconds / 3600) % 24, 'hour'],
    [Math.floor(seconds / 60) % 60, 'minute'],
    [Math.floor(seconds % 60), 'second'],
  ] as const;
  const first = parts.findIndex(([value]) => value > 0);
  if (first < 0) return 'less than a second';
  const said = parts.slice(first, first + 2).filter(([value]) => value > 0);
  return said.map(([value, unit]) => count(value, unit)).join(' ');
}
