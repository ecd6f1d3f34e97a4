/** `philia members`. */
import type { Command } from 'commander';
import type { BodyFrom } from '../contract.ts';
import { exits, Failure } from '../failure.ts';
import { count, facts, number, type Style, shown } from '../text.ts';
import { type Act, example } from './kit.ts';

type Member = BodyFrom<'GET /v1/members/{memberId}'>;

interface Find {
  readonly card?: string;
  readonly email?: string;
  readonly phone?: string;
}

export function membersCommands(program: Command, act: Act): void {
  const members = program.command('members').description('find, show and correct members');
  example(
    members
      .command('find')
      .description('find a member; the exit status is 1 when there is none')
      .option('--card <number>', 'by card number')
      .option('--email <address>', 'by e-mail')
      .option('--phone <number>', 'by phone, starting with +')
      .action(
        act<Find>(async (cli, { card, email, phone }) => {
          const given = Object.entries({ cardNumber: card, email, phone }).filter(([, value]) => value);
          if (given.length !== 1)
            throw new Failure(exits.usage, 'Give exactly one of --card, --email and --phone.');
          const query = Object.fromEntries(given);
          const { body } = await (await cli.api()).call('GET /v1/members', { query });
          return {
            json: body,
            text: (style) =>
              body.items.map((member) => describe(style, member)).join('\n\n') || 'There is no such member.',
            exit: body.items.length > 0 ? 0 : 1,
          };
        }),
      ),
    'members find --email ada@example.com',
  );
  example(
    members
      .command('show')
      .description('show a member')
      .argument('<id>', 'mem_…')
      .action(
        act(async (cli, _options, memberId = '') => {
          const { body } = await (await cli.api()).call('GET /v1/members/{memberId}', {
            params: { memberId },
          });
          return { json: body, text: (style) => describe(style, body) };
        }),
      ),
    'members show mem_01JD3F8Q2V9T4C7XKZ5M6N8P0R',
  );
}

function describe(style: Style, member: Member): string {
  const { balance, lifetime, tier, expiring, stamps } = member;
  const next = tier.nextTier
    ? `, ${number(tier.nextTier.pointsMissing)} to ${shown(tier.nextTier.name)}`
    : '';
  const until = tier.validUntil === null ? '' : `, held until ${tier.validUntil}`;
  const signs = [
    ...(balance.pending ? [`${number(balance.pending)} pending`] : []),
    ...(balance.held ? [`${number(balance.held)} held`] : []),
    ...(balance.debt ? [style.bad(`${number(balance.debt)} owed`)] : []),
  ];
  const { earned, spent, expired } = lifetime;
  return facts(style, [
    ['member', member.memberId],
    ['name', style.bold(shown(member.name))],
    ['e-mail', shown(member.email)],
    ['phone', shown(member.phone)],
    ['birthday', shown(member.birthday)],
    ['language', shown(member.locale)],
    ['joined', member.createdAt],
    ['card', member.cardNumber],
    ['points', [style.good(`${number(balance.available)} available`), ...signs].join(', ')],
    ['over time', `${number(earned)} earned, ${number(spent)} spent, ${number(expired)} expired`],
    ['tier', `${shown(tier.name)} (${count(tier.qualifyingPoints, 'qualifying point')}${next}${until})`],
    ...expiring.map(({ points, at }) => ['expiring', `${number(points)} at ${at}`] as const),
    ...stamps.map(({ id, count: has, of }) => ['stamps', `${shown(id)} ${has} of ${of}`] as const),
    ['version', number(member.version)],
    ['card page', member.cardUrl],
  ]);
}
