/** `philia members merge` and `unmerge`: two members of one person become one, or are parted again. */
import type { Command } from 'commander';
import { number, shown } from '../text.ts';
import { type Act, example, type Once, onceKey, type Result, withOnce, withYes } from './kit.ts';
import type { Member } from './members.ts';

interface Flags extends Once {
  readonly from: string;
  readonly reason?: string;
  readonly yes?: boolean;
}

interface Kind {
  readonly name: 'merge' | 'unmerge';
  readonly about: string;
  readonly question: (into: string, from: string) => string;
  readonly done: (from: string, into: Member) => string;
}

const kinds: readonly Kind[] = [
  {
    name: 'merge',
    about: 'make two members of one person one: all of the other comes to this one; undone within 30 days',
    question: (into, from) =>
      `Merge ${from} into ${into}? Points, vouchers, purchases and what names the one come to the other.`,
    done: (from, into) => `${from} is merged into ${into.memberId}`,
  },
  {
    name: 'unmerge',
    about: 'part a member again that was merged into this one: what is still there of theirs goes back',
    question: (into, from) => `Part ${from} from ${into}? What is still there of theirs goes back.`,
    done: (from, into) => `${from} is parted from ${into.memberId}`,
  },
];

export function mergeCommands(members: Command, act: Act): void {
  for (const kind of kinds)
    example(
      withOnce(
        withYes(
          members
            .command(kind.name)
            .description(kind.about)
            .argument('<id>', 'mem_… who stays')
            .requiredOption('--from <id>', 'mem_… the other')
            .option('--reason <text>', 'why; it is written down with who did it'),
        ),
      ).action(
        act<Flags>(async (cli, { from, reason, yes, ...once }, memberId = ''): Promise<Result> => {
          const api = await cli.api();
          if (!yes) cli.note(await described(kind, api, memberId, from));
          await cli.confirm(kind.question(shown(memberId), shown(from)), yes);
          const request = {
            params: { memberId },
            body: { from, ...(reason === undefined ? {} : { reason }) },
            idempotencyKey: onceKey(cli, once),
          };
          const { body } =
            kind.name === 'merge'
              ? await api.call('POST /v1/members/{memberId}/merge', request)
              : await api.call('POST /v1/members/{memberId}/unmerge', request);
          return {
            json: body,
            text: (style) =>
              `${style.good(kind.done(shown(from), body))}: ${number(body.balance.available)} points available.`,
          };
        }),
      ),
      `members ${kind.name} mem_01JD3F8Q2V9T4C7XKZ5M6N8P0R --from mem_01JD3F8Q2V9T4C7XKZ5M6N8P0S --yes`,
    );
}

/** Who the two are, for whoever is asked. */
async function described(
  { name }: Kind,
  api: Awaited<ReturnType<Parameters<Parameters<Act>[0]>[0]['api']>>,
  into: string,
  from: string,
): Promise<string> {
  // Once merged, the other is shown as the one.
  const ids = name === 'merge' ? [into, from] : [into];
  const lines = ids.map(async (memberId) => {
    const { body } = await api.call('GET /v1/members/{memberId}', { params: { memberId } });
    return `${body.memberId}  ${shown(body.name)}  ${shown(body.email)}  ${shown(body.phone)}  ${number(body.balance.available)} points`;
  });
  return (await Promise.all(lines)).join('\n');
}
