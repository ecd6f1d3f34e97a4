import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { messageOf } from './failure.ts';
import { createClient, ImportStopped } from './import/client.ts';
import { isRecord, readLines } from './import/lines.ts';
import { createProgress, type Progress } from './import/progress.ts';
import { describeRefusals, describeTally } from './import/report.ts';
import { countSteps, emptyTally, runSteps, type Tally } from './import/run.ts';
import { planSteps } from './import/steps.ts';

interface Flags {
  channel: string;
  enrol: boolean;
  clock: boolean;
  data: string;
  dryRun: boolean;
  from: number;
}

const program = new Command('import')
  .usage('FILE.ndjson --channel store [options]')
  .description(
    'Sends a file of purchases and refunds, one JSON body per line, through the API in file order.',
  )
  .argument('<file>', 'newline-delimited JSON; a refund has "type": "refund"')
  .requiredOption('--channel <channel>', 'whose key to use: web, store or app')
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
  const startedAt = performance.now();
  const tally = emptyTally();
  const stopped = await importFile(file, flags, tally);
  for (const line of describeRefusals(tally)) console.error(line);
  if (!stopped || tally.lines > 0) {
    console.log(describeTally(tally, { dryRun: flags.dryRun, ms: performance.now() - startedAt }));
  }
  if (stopped) console.error(stopped.message);
  return stopped || tally.refusals.length > 0 ? 1 : 0;
}

/** Fills `tally`; what it gives back is why it ended before the end of the file, if it did. */
async function importFile(file: string, flags: Flags, tally: Tally): Promise<ImportStopped | undefined> {
  let progress: Progress | undefined;
  try {
    const bytesTotal = await sizeOf(file);
    let bytes = 0;
    const lines = readLines(file, flags.from, (more) => {
      bytes += more;
    });
    const steps = planSteps(lines, { byClock: flags.clock });
    if (flags.dryRun) {
      await countSteps(steps, tally, flags);
      return undefined;
    }
    const client = createClient(await readCredentials(flags));
    const bar = createProgress(bytesTotal, process.stderr);
    progress = bar;
    const onProgress = (line: number) => bar.update(bytes, line);
    await runSteps(steps, tally, { client, enrol: flags.enrol, clock: flags.clock, onProgress });
    return undefined;
  } catch (error) {
    if (error instanceof ImportStopped) return error;
    throw error;
  } finally {
    progress?.stop();
  }
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    throw new ImportStopped(`${file} cannot be read: ${messageOf(error)}.`, { cause: error });
  }
}

/** The address of the running system and the channel's key, which `npm start` writes into the data folder. */
async function readCredentials({ data, channel }: Flags): Promise<{ baseUrl: string; key: string }> {
  const file = join(data, 'credentials.json');
  const credentials = parseJson(await readText(file));
  const { baseUrl, channels } = isRecord(credentials) ? credentials : {};
  if (typeof baseUrl !== 'string' || !isRecord(channels)) {
    throw new ImportStopped(`${file} has no baseUrl and channels: let npm start write it again.`);
  }
  const key = Object.hasOwn(channels, channel) ? channels[channel] : undefined;
  if (typeof key !== 'string') {
    throw new ImportStopped(
      `There is no channel "${channel}": ${file} has ${Object.keys(channels).join(', ')}.`,
    );
  }
  return { baseUrl, key };
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const remedy = 'Start the system with npm start, or name its folder with --data.';
    throw new ImportStopped(`${file} cannot be read: ${messageOf(error)}. ${remedy}`, { cause: error });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Said by the caller, who knows which file it was.
  }
}

process.exitCode = await main(process.argv);
