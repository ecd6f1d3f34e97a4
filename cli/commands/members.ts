/** `philia members`. */
import { type Command, Option } from 'commander';
import type { BodyFrom } from '../contract.ts';
import { exits, Failure } from '../failure.ts';
import { count, facts, number, type Style, shown } from '../text.ts';
import { adjust, type Reasoned } from './adjustments.ts';
import { type Act, example, group, onceKey, withOnce, withReason, withYes } from './kit.ts';
import { type EraseFlags, type ExportFlags, eraseMember, exportMember } from './person.ts';

type Member = BodyFrom<'GET /v1/members/{memberId}'>;

interface Find {
  readonly card?: string;
  readonly email?: string;
  readonly phone?: string;
}

export function membersCommands(program: Command, act: Act): void {
  const members = group(
    program,
    'members',
    'find, show, adjust, release, export and erase members',
    'members find --email ada@example.com',
  );
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
  example(
    withOnce(
      withReason(
        members
          .command('adjust')
          .description(
            "give points, or take them when below zero; beyond the programme's limit a second operator approves",
          )
          .argument('<id>', 'mem_…')
          .argument('<points>', 'a whole number, as 50 or -50'),
      ),
    ).action(
      act<Reasoned>((cli, options, memberId = '', points = '') =>
        adjust(cli, options, memberId, wholePoints(points)),
      ),
    ),
    'members adjust mem_01JD3F8Q2V9T4C7XKZ5M6N8P0R 50 --reason "Sorry for the wait"',
  );
  example(
    withOnce(
      withReason(
        members
          .command('release')
          .description('let a member spend all points again, before the hold of a replaced contact ends')
          .argument('<id>', 'mem_…'),
      ),
    ).action(
      act<Reasoned>(async (cli, options, memberId = '') => {
        const { body } = await (await cli.api()).call('POST /v1/members/{memberId}/lift-hold', {
          params: { memberId },
          body: { reason: options.reason },
          idempotencyKey: onceKey(cli, options),
        });
        return { json: body, text: (style) => describe(style, body) };
      }),
    ),
    'members release mem_01JD3F8Q2V9T4C7XKZ5M6N8P0R --reason "Knew the last purchase"',
  );
  example(
    members
      .command('export')
      .description('give everything held on a member, or as CSV the lines of all purchases')
      .argument('<id>', 'mem_…')
      .addOption(new Option('--format <format>', 'how').choices(['json', 'csv']).default('json'))
      .option('--out <file>', 'write it there, readable by you only, instead of to the terminal')
      .action(act<ExportFlags>((cli, flags, memberId = '') => exportMember(cli, flags, memberId))),
    'members export mem_01JD3F8Q2V9T4C7XKZ5M6N8P0R --out ada.json',
  );
  example(
    withOnce(
      withYes(
        members
          .command('erase')
          .description('remove a person for good; the entries stay under the pseudonym')
          .argument('<id>', 'mem_…')
          .option('--reason <text>', 'why; it is written down with who did it'),
      ),
    ).action(act<EraseFlags>((cli, flags, memberId = '') => eraseMember(cli, flags, memberId))),
    'members erase mem_01JD3F8Q2V9T4C7XKZ5M6N8P0R --reason "Asked for by e-mail" --yes',
  );
}

function wholePoints(text: string): number {
  const points = Number(text);
  if (/^[+-]?\d+$/.test(text) && Number.isSafeInteger(points) && points !== 0) return points;
  throw new Failure(exits.usage, `${text} is no number of points: give a whole number that is not 0.`);
}

function describe(style: Style, member: Member): string {
  const { balance, lifetime, tier, expiring, stamps, contactHold } = member;
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
    ...(contactHold
      ? [
          [
            'held',
            style.warn(
              `${number(contactHold.keeps)} have to stay until ${contactHold.until}: a contact was replaced`,
            ),
          ] as const,
        ]
      : []),
    ['over time', `${number(earned)} earned, ${number(spent)} spent, ${number(expired)} expired`],
    ['tier', `${shown(tier.name)} (${count(tier.qualifyingPoints, 'qualifying point')}${next}${until})`],
    ...expiring.map(({ points, at }) => ['expiring', `${number(points)} at ${at}`] as const),
    ...stamps.map(({ id, count: has, of }) => ['stamps', `${shown(id)} ${has} of ${of}`] as const),
    ['version', number(member.version)],
    ['card page', member.cardUrl],
  ]);
}
