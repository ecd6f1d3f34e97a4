/** `philia explain`: how the points of an entry came about, step by step. */
import type { Command } from 'commander';
import type { BodyFrom } from '../contract.ts';
import { facts, number, type Style, shown, signed } from '../text.ts';
import { type Act, example } from './kit.ts';

type Explanation = BodyFrom<'GET /v1/entries/{entryId}/explain'>;

export function explainCommand(program: Command, act: Act): void {
  example(
    program
      .command('explain')
      .description('explain an entry: what it was computed from, and each step')
      .argument('<entry>', 'ent_…, as members entries lists them')
      .action(
        act(async (cli, _options, entryId = '') => {
          const { body } = await (await cli.api()).call('GET /v1/entries/{entryId}/explain', {
            params: { entryId },
          });
          return { json: body, text: (style) => describe(style, body) };
        }),
      ),
    'explain ent_01JD3F8Q2V9T4C7XKZ5M6N8P0R',
  );
}

/** What a campaign gave, or why it gave nothing. */
function verdict(style: Style, { id, name, points, reason }: Explanation['campaigns'][number]): string {
  const what = `${shown(name)} (${id})`;
  return reason === null
    ? `${what} gave ${number(points)} ${points === 1 ? 'point' : 'points'}`
    : `${what} gave nothing${style.dim(`: ${shown(reason)}`)}`;
}

function describe(style: Style, one: Explanation): string {
  const { steps, inputs, tier, balance } = one;
  const lines = (inputs?.lines ?? []).map((line) => {
    const what = line.name ?? line.sku ?? line.id ?? 'a line';
    const why = line.eligible ? '' : ` does not earn${line.reason === undefined ? '' : `: ${line.reason}`}`;
    return ['line', `${shown(what)} ${number(line.amountMinor)}${style.dim(why)}`] as const;
  });
  return facts(style, [
    ['entry', `${one.entryId}, number ${number(one.sequence)} of ${one.memberId}`],
    ['what', style.bold(shown(one.summary))],
    ['cause', `${one.cause.type} ${shown(one.cause.id)}`],
    ['occurred', one.occurredAt],
    ['recorded', `${one.recordedAt} under version ${number(one.programVersion)} of the programme`],
    ...lines,
    ...steps.map(({ label, factor, value, unit }) => {
      const by = factor === undefined ? '' : ` ${/^[+-]/.test(factor) ? factor : `× ${factor}`}`;
      return [
        'step',
        `${shown(label)}${by} = ${value} ${unit === 'minor' ? 'minor units' : 'points'}`,
      ] as const;
    }),
    ...(one.rounding === null ? [] : [['rounding', shown(one.rounding)] as const]),
    ...one.campaigns.map((campaign) => ['campaign', verdict(style, campaign)] as const),
    ['points', style.bold(signed(one.points))],
    ...(tier === null ? [] : [['tier', `${shown(tier.before?.name)} to ${shown(tier.after.name)}`] as const]),
    ...one.stamps.map(({ name, count, notGiven }) => {
      const kept =
        notGiven && style.dim(`, and not ${number(notGiven.count)} more: ${shown(notGiven.reason)}`);
      return ['stamps', `${shown(name)} ${signed(count)}${kept ?? ''}`] as const;
    }),
    ...one.vouchers.map(({ voucherId, name }) => ['voucher', `${shown(name)}, ${voucherId}`] as const),
    ['available', `${number(balance.before.available)} before, ${number(balance.after.available)} after`],
  ]);
}
