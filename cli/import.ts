/** `npm run import`: what `philia purchases import` does, on the system of this machine. */
import { Command, InvalidArgumentError } from 'commander';
import { type ImportFlags, importFile } from './import/file.ts';
import { describeRefusals, describeTally } from './import/report.ts';
import { emptyTally } from './import/run.ts';
import { findSystem } from './system.ts';

interface Flags extends ImportFlags {
  data: string;
}

const program = new Command('import')
  .usage('FILE.ndjson --channel store [options]')
  .description(
    'Sends a file of purchases and refunds, one JSON body per line, through the API in file order.',
  )
  .argument('<file>', 'newline-delimited JSON; a refund has "type": "refund"')
  .requiredOption('--channel <channel>', 'whose they are: web, store or app')
  .option('--enrol', 'enrol members that the system does not know, by their e-mail', false)
  .option('--clock', "move the local clock to each line's occurredAt, never backwards", false)
  .option('--data <dir>', 'the data folder of the running system', '.local')
  .option('--dry-run', 'read and check the file, send nothing', false)
  .option('--from <line>', 'begin at this line', parseLineNumber, 1)
  .addHelpText(
    'after',
    '\nThe same file twice changes nothing. The exit status is 1 when any line was refused, 0 otherwise.',
  );

function parseLineNumber(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('A line number is a whole number from 1.');
  return Number(text);
}

/** Runs the command and gives its exit status. */
async function main(argv: string[]): Promise<number> {
  program.parse(argv);
  const [file = ''] = program.args;
  const flags = program.opts<Flags>();
  const { data } = flags;
  const startedAt = performance.now();
  const tally = emptyTally();
  const settings = {
    ...flags,
    file,
    stderr: process.stderr,
    findSystem: () => findSystem({ data }, { role: 'ops' }),
  };
  const stopped = await importFile(settings, tally);
  for (const line of describeRefusals(tally)) console.error(line);
  if (!stopped || tally.lines > 0) {
    console.log(describeTally(tally, { dryRun: flags.dryRun, ms: performance.now() - startedAt }));
  }
  if (stopped) console.error(stopped.message);
  return stopped || tally.refusals.length > 0 ? 1 : 0;
}

process.exitCode = await main(process.argv);
