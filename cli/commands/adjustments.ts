/** `philia adjustments`, and `philia members adjust`, which asks for one. */
import type { Command } from 'commander';
import type { AnswerFrom, BodyFrom } from '../contract.ts';
import { memberIdOf } from '../member.ts';
import { facts, number, type Style, shown, signed, table } from '../text.ts';
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
} from './kit.ts';

type Adjustment = BodyFrom<'GET /v1/adjustments'>['items'][number];
type Entry = BodyFrom<'POST /v1/adjustments/{adjustmentId}/approve'>;

export interface Reasoned extends Once {
  readonly reason: string;
}

export function adjustmentsCommands(program: Command, act: Act): void {
  const adjustments = group(
    program,
    'adjustments',
    'list, approve and reject points that wait for a second operator',
    'adjustments list',
  );
  example(
    withLimit(
      adjustments
        .command('list')
        .description('list them, newest first')
        .option('--decided', 'those that were decided instead of those that wait'),
    ).action(act(list)),
    'adjustments list --decided',
  );
  example(
    withOnce(
      adjustments
        .command('approve')
        .description('post an adjustment that another operator has asked for')
        .argument('<id>', 'adj_…')
        .option('--reason <text>', 'why'),
    ).action(act(approve)),
    'adjustments approve adj_01JD3F8Q2V9T4C7XKZ5M6N8P0R',
  );
  example(
    withOnce(
      withReason(
        adjustments
          .command('reject')
          .description('refuse an adjustment that waits')
          .argument('<id>', 'adj_…'),
      ),
    ).action(act(reject)),
    'adjustments reject adj_01JD3F8Q2V9T4C7XKZ5M6N8P0R --reason "Paid out in the shop"',
  );
}

async function list(
  cli: Cli,
  { limit, decided }: { readonly limit: number; readonly decided?: boolean },
): Promise<Result> {
  const api = await cli.api();
  const status = decided ? 'decided' : 'waiting';
  const page = await listed(limit, async (part) => {
    return (await api.call('GET /v1/adjustments', { query: { status, ...part } })).body;
  });
  return { json: page, text: (style) => listText(style, page.items) + moreThan(style, page) };
}

async function approve(
  cli: Cli,
  { reason, ...options }: Once & { readonly reason?: string },
  adjustmentId = '',
): Promise<Result> {
  const { body } = await (await cli.api()).call('POST /v1/adjustments/{adjustmentId}/approve', {
    params: { adjustmentId },
    body: reason === undefined ? {} : { reason },
    idempotencyKey: onceKey(cli, options),
  });
  return { json: body, text: (style) => posted(style, body) };
}

async function reject(cli: Cli, options: Reasoned, adjustmentId = ''): Promise<Result> {
  const { body } = await (await cli.api()).call('POST /v1/adjustments/{adjustmentId}/reject', {
    params: { adjustmentId },
    body: { reason: options.reason },
    idempotencyKey: onceKey(cli, options),
  });
  return { json: body, text: (style) => one(style, body) };
}

export interface AdjustFlags extends Reasoned {
  readonly yes?: boolean;
}

/** `philia members adjust`. */
export async function adjust(
  cli: Cli,
  options: AdjustFlags,
  member: string,
  points: number,
): Promise<Result> {
  const api = await cli.api();
  const memberId = await memberIdOf(api, member);
  const what =
    points > 0 ? `Give ${shown(member)} ${number(points)}` : `Take ${number(-points)} from ${shown(member)}`;
  await cli.confirm(`${what} points?`, options.yes);
  const answer = await api.call('POST /v1/adjustments', {
    body: { memberId, points, reason: options.reason },
    idempotencyKey: onceKey(cli, options),
  });
  return { json: answer.body, text: (style) => adjusted(style, answer) };
}

function adjusted(style: Style, answer: AnswerFrom<'POST /v1/adjustments'>): string {
  if (answer.status === 201) return posted(style, answer.body);
  const { adjustmentId } = answer.body;
  const next = `A second operator has to approve it: philia adjustments approve ${adjustmentId}`;
  return `${one(style, answer.body)}\n\n${style.warn(next)}`;
}

function posted(style: Style, entry: Entry): string {
  return facts(style, [
    ['entry', entry.entryId],
    ['member', entry.memberId],
    ['points', style.bold(signed(entry.points))],
    ['available', shown(entry.balance.available)],
    ['version', shown(entry.sequence)],
  ]);
}

function one(style: Style, adjustment: Adjustment): string {
  const { status, decidedBy, decidedAt, decisionReason, entryId } = adjustment;
  return facts(style, [
    ['adjustment', adjustment.adjustmentId],
    ['status', status === 'waiting' ? style.warn(status) : status],
    ['member', adjustment.memberId],
    ['points', style.bold(signed(adjustment.points))],
    ['reason', shown(adjustment.reason)],
    ['asked for', `${adjustment.requestedAt} by ${shown(adjustment.requestedBy)}`],
    ...(decidedAt === undefined ? [] : [['decided', `${decidedAt} by ${shown(decidedBy)}`] as const]),
    ...(decisionReason === undefined ? [] : [['because', shown(decisionReason)] as const]),
    ...(entryId === undefined ? [] : [['entry', entryId] as const]),
  ]);
}

function listText(style: Style, items: readonly Adjustment[]): string {
  if (items.length === 0) return 'There are none.';
  return table(
    style,
    ['adjustment', 'status', 'member', 'points', 'asked for', 'by', 'reason'],
    items.map((item) => [
      item.adjustmentId,
      item.status,
      item.memberId,
      signed(item.points),
      item.requestedAt,
      shown(item.requestedBy),
      shown(item.reason),
    ]),
    ['points'],
  );
}
