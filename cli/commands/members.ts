/** `philia members`. */
import { type Command, Option } from 'commander';
import type { BodyFrom } from '../contract.ts';
import { exits, Failure } from '../failure.ts';
import { memberIdOf, memberOf, memberReference, withMember } from '../member.ts';
import { count, facts, number, type Style, shown, signed, table } from '../text.ts';
import { type AdjustFlags, adjust, type Reasoned } from './adjustments.ts';
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
import { mergeCommands } from './merges.ts';
import { type EraseFlags, type ExportFlags, eraseMember, exportMember } from './person.ts';

export type Member = BodyFrom<'GET /v1/members/{memberId}'>;

type Entry = BodyFrom<'GET /v1/members/{memberId}/entries'>['items'][number];

interface EnrolFlags extends Once {
  readonly email?: string;
  readonly phone?: string;
  readonly name?: string;
  readonly birthday?: string;
  readonly locale?: string;
}

interface Find {
  readonly card?: string;
  readonly email?: string;
  readonly phone?: string;
}

export function membersCommands(program: Command, act: Act): void {
  const members = group(
    program,
    'members',
    'find, show, enrol, adjust, release, merge, export and erase members, and list their entries',
    'members find ada@example.com',
  );
  example(
    members
      .command('find')
      .description('find a member; the exit status is 1 when there is none')
      .argument('[member]', 'a card number, an e-mail, or a phone starting with +')
      .option('--card <number>', 'by card number')
      .option('--email <address>', 'by e-mail')
      .option('--phone <number>', 'by phone, starting with +')
      .action(
        act<Find>(async (cli, flags, member) => {
          const query = queryOf(flags, member);
          const { body } = await (await cli.api()).call('GET /v1/members', { query });
          return {
            json: body,
            text: (style) =>
              body.items.map((one) => describe(style, one)).join('\n\n') || 'There is no such member.',
            exit: body.items.length > 0 ? 0 : 1,
          };
        }),
      ),
    'members find ada@example.com',
  );
  example(
    withMember(members.command('show').description('show a member')).action(
      act(async (cli, _options, member = '') => {
        const api = await cli.api();
        const body = await memberOf(api, member);
        return { json: body, text: (style) => describe(style, body) };
      }),
    ),
    'members show ada@example.com',
  );
  example(
    withOnce(
      members
        .command('enrol')
        .description('enrol a member, by an e-mail, a phone, or both')
        .option('--email <address>', 'their e-mail')
        .option('--phone <number>', 'their phone, starting with +')
        .option('--name <name>', 'their name')
        .option('--birthday <date>', 'as 1990-05-17')
        .option('--locale <locale>', 'their language, as fr-FR'),
    ).action(act<EnrolFlags>(enrol)),
    'members enrol --email ada@example.com --name "Ada Lovelace"',
  );
  example(
    withLimit(
      withMember(
        members.command('entries').description("list a member's entries in the ledger, newest first"),
      ),
    ).action(act<{ readonly limit: number }>(listEntries)),
    'members entries ada@example.com --limit 100',
  );
  example(
    withYes(
      withOnce(
        withReason(
          withMember(
            members
              .command('adjust')
              .description(
                "give points, or take them when below zero; beyond the programme's limit a second operator approves",
              ),
          ).argument('<points>', 'a whole number, as 50 or -50'),
        ),
      ),
    ).action(
      act<AdjustFlags>((cli, options, member = '', points = '') =>
        adjust(cli, options, member, wholePoints(points)),
      ),
    ),
    'members adjust ada@example.com 50 --reason "Sorry for the wait" --yes',
  );
  example(
    withOnce(
      withReason(
        withMember(
          members
            .command('release')
            .description('let a member spend all points again, before the hold of a replaced contact ends'),
        ),
      ),
    ).action(
      act<Reasoned>(async (cli, options, member = '') => {
        const api = await cli.api();
        const { body } = await api.call('POST /v1/members/{memberId}/lift-hold', {
          params: { memberId: await memberIdOf(api, member) },
          body: { reason: options.reason },
          idempotencyKey: onceKey(cli, options),
        });
        return { json: body, text: (style) => describe(style, body) };
      }),
    ),
    'members release ada@example.com --reason "Knew the last purchase"',
  );
  mergeCommands(members, act);
  example(
    withMember(
      members
        .command('export')
        .description('give everything held on a member, or as CSV the lines of all purchases'),
    )
      .addOption(new Option('--format <format>', 'how').choices(['json', 'csv']).default('json'))
      .option('--out <file>', 'write it there, readable by you only, instead of to the terminal')
      .action(act<ExportFlags>((cli, flags, member = '') => exportMember(cli, flags, member))),
    'members export ada@example.com --out ada.json',
  );
  example(
    withOnce(
      withYes(
        withMember(
          members
            .command('erase')
            .description('remove a person for good; the entries stay under the pseudonym'),
        ).option('--reason <text>', 'why; it is written down with who did it'),
      ),
    ).action(act<EraseFlags>((cli, flags, member = '') => eraseMember(cli, flags, member))),
    'members erase ada@example.com --reason "Asked for by e-mail" --yes',
  );
}

/** By the flags, or as every other command names a member. */
function queryOf(flags: Find, member: string | undefined) {
  const { card, email, phone } = flags;
  const given = Object.entries({ cardNumber: card, email, phone }).filter(([, value]) => value);
  if (given.length + (member === undefined ? 0 : 1) !== 1)
    throw new Failure(exits.usage, 'Give a member, or exactly one of --card, --email and --phone.');
  const query = member === undefined ? Object.fromEntries(given) : memberReference(member);
  if ('memberId' in query)
    throw new Failure(exits.usage, `${query.memberId} is an id already: use philia members show.`);
  return query;
}

async function enrol(cli: Cli, { idempotencyKey, ...person }: EnrolFlags): Promise<Result> {
  if (person.email === undefined && person.phone === undefined)
    throw new Failure(exits.usage, 'Give --email, --phone, or both.');
  const { body } = await (await cli.api()).call('POST /v1/members', {
    body: person,
    idempotencyKey: onceKey(cli, { ...(idempotencyKey !== undefined && { idempotencyKey }) }),
  });
  return { json: body, text: (style) => describe(style, body) };
}

async function listEntries(cli: Cli, { limit }: { readonly limit: number }, member = ''): Promise<Result> {
  const api = await cli.api();
  const params = { memberId: await memberIdOf(api, member) };
  const page = await listed(limit, async (query) => {
    return (await api.call('GET /v1/members/{memberId}/entries', { params, query })).body;
  });
  return { json: page, text: (style) => entriesText(style, page.items) + moreThan(style, page) };
}

function entriesText(style: Style, items: readonly Entry[]): string {
  if (items.length === 0) return 'There are none.';
  return table(
    style,
    ['no.', 'entry', 'recorded', 'type', 'cause', 'points', 'available'],
    items.map(({ sequence, entryId, recordedAt, type, cause, points, balance }) => [
      number(sequence),
      entryId,
      recordedAt,
      type,
      shown(cause.id),
      signed(points),
      number(balance.available),
    ]),
    ['no.', 'points', 'available'],
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
              `${number(contactHold.keeps)} have to stay until ${contactHold.until}: a contact was changed`,
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
