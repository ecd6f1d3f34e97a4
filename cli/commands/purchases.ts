/** `philia purchases`. */
import type { Command } from 'commander';
import type { Failure } from '../failure.ts';
import { exits } from '../failure.ts';
import { type ImportFlags, importFile } from '../import/file.ts';
import { describeRefusals, describeTally } from '../import/report.ts';
import { emptyTally } from '../import/run.ts';
import { type Act, example, group, positiveNumber } from './kit.ts';

export function purchasesCommands(program: Command, act: Act): void {
  const purchases = group(
    program,
    'purchases',
    'import purchases and refunds',
    'purchases import december.ndjson --channel store',
  );
  example(
    purchases
      .command('import')
      .description(
        'send a file of purchases and refunds in file order; the same file twice changes nothing, and the exit status is 1 when a line was refused',
      )
      .argument('<file>', 'one JSON body per line; a refund has "type": "refund"')
      .requiredOption('--channel <channel>', 'whose purchases they are: web, store or app')
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
              findSystem: () => cli.system({ role: 'channel', channel: flags.channel }),
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
