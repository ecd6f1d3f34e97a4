/** `philia purchases`. */
import type { Command } from 'commander';
import type { BodyFrom } from '../contract.ts';
import type { Failure } from '../failure.ts';
import { exits } from '../failure.ts';
import { type ImportFlags, importFile } from '../import/file.ts';
import { describeRefusals, describeTally } from '../import/report.ts';
import { emptyTally } from '../import/run.ts';
import { memberReference, withMember } from '../member.ts';
import { facts, number, type Style, shown } from '../text.ts';
import {
  type Act,
  example,
  group,
  type Once,
  onceKey,
  positiveNumber,
  wholeNumber,
  withOnce,
} from './kit.ts';

type Purchase = BodyFrom<'GET /v1/purchases/{purchaseId}'>;
type Refund = BodyFrom<'GET /v1/refunds/{refundId}'>;

interface ClaimFlags extends Once {
  readonly total: number;
}

export function purchasesCommands(program: Command, act: Act): void {
  const purchases = group(
    program,
    'purchases',
    'import purchases and refunds, show what became of one, and give a guest’s to a member',
    'purchases import december.ndjson --channel store',
  );
  example(
    purchases
      .command('show')
      .description('show what became of a purchase')
      .argument('<id>', 'with its channel, as web:INV-1')
      .action(
        act(async (cli, _options, purchaseId = '') => {
          const params = { purchaseId };
          const { body } = await (await cli.api()).call('GET /v1/purchases/{purchaseId}', { params });
          return { json: body, text: (style) => describePurchase(style, body) };
        }),
      ),
    'purchases show web:INV-1',
  );
  example(
    withOnce(
      withMember(
        purchases
          .command('claim')
          .description("give a guest's purchase to a member, who earns as of the day that it was made")
          .argument('<id>', 'with its channel, as web:INV-1'),
      ).requiredOption(
        '--total <minor>',
        'what it came to, in minor units: what the receipt says',
        wholeNumber,
      ),
    ).action(
      act<ClaimFlags>(async (cli, { total, ...options }, purchaseId = '', member = '') => {
        const { body } = await (await cli.api()).call('POST /v1/purchases/{purchaseId}/claim', {
          params: { purchaseId },
          body: { member: memberReference(member), totalMinor: total },
          idempotencyKey: onceKey(cli, options),
        });
        return { json: body, text: (style) => describePurchase(style, body) };
      }),
    ),
    'purchases claim web:INV-1 ada@example.com --total 1670',
  );
  example(
    purchases
      .command('import')
      .description(
        'send a file of purchases and refunds in file order; the same file twice changes nothing, and the exit status is 1 when a line was refused',
      )
      .argument('<file>', 'one JSON body per line; a refund has "type": "refund"')
      .requiredOption('--channel <channel>', 'whose purchases they are: the id of a channel, as store')
      .option('--enrol', 'enrol members that the system does not know, by their e-mail', false)
      .option('--clock', "move the clock of a local run to each line's occurredAt, never backwards", false)
      .option('--dry-run', 'read and check the file, send nothing', false)
      .option('--from <line>', 'begin at this line', positiveNumber, 1)
      .action(
        act<ImportFlags>(async (cli, flags, file = '') => {
          const startedAt = performance.now();
          const tally = emptyTally();
          const stopped = await importFile(
            {
              ...flags,
              file,
              stderr: cli.io.stderr,
              pause: cli.io.pause,
              findSystem: () => cli.system({ role: 'ops' }),
            },
            tally,
          );
          const summary = describeTally(tally, { dryRun: flags.dryRun, ms: performance.now() - startedAt });
          for (const line of describeRefusals(tally)) cli.note(line);
          if (stopped) throw stoppedAfter(stopped, tally.lines > 0 ? () => cli.note(summary) : () => {});
          return {
            json: tally,
            text: () => summary,
            exit: tally.refusals.length > 0 ? exits.notRight : exits.done,
          };
        }),
      ),
    'purchases import december.ndjson --channel store --enrol',
  );
}

/** What was done before it ended counts, so it is told first. */
function stoppedAfter(stopped: Failure, tell: () => void): Failure {
  tell();
  return stopped;
}

export function refundsCommands(program: Command, act: Act): void {
  const refunds = group(program, 'refunds', 'show what became of a refund', 'refunds show web:RF-1');
  example(
    refunds
      .command('show')
      .description('show what became of a refund')
      .argument('<id>', 'with its channel, as web:RF-1')
      .action(
        act(async (cli, _options, refundId = '') => {
          const { body } = await (await cli.api()).call('GET /v1/refunds/{refundId}', {
            params: { refundId },
          });
          return { json: body, text: (style) => describeRefund(style, body) };
        }),
      ),
    'refunds show web:RF-1',
  );
}

function describePurchase(style: Style, purchase: Purchase): string {
  const { totalMinor, refundedMinor, points, entryIds } = purchase;
  return facts(style, [
    ['purchase', shown(purchase.purchaseId)],
    ['status', purchase.status === 'posted' ? style.good(purchase.status) : style.warn(purchase.status)],
    ['member', shown(purchase.memberId)],
    ['total', `${number(totalMinor)} minor units, ${number(refundedMinor)} of them refunded`],
    ['points', `${number(points.earned)} earned, ${number(points.clawedBack)} clawed back`],
    ...entryIds.map((entryId) => ['entry', entryId] as const),
  ]);
}

function describeRefund(style: Style, { refundId, status, points }: Refund): string {
  return facts(style, [
    ['refund', shown(refundId)],
    ['status', status === 'applied' ? style.good(status) : style.warn(status)],
    ['points', `${number(points.clawedBack)} clawed back, ${number(points.debt)} of them owed`],
  ]);
}
