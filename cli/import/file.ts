/** A whole file into the system, or with `dryRun` only read and counted. */
import { stat } from 'node:fs/promises';
import { exits, Failure, messageOf } from '../failure.ts';
import type { Output } from '../io.ts';
import { isRecord } from '../json.ts';
import type { System } from '../system.ts';
import { type Client, createClient } from './client.ts';
import { readLines } from './lines.ts';
import { createProgress, type Progress } from './progress.ts';
import { unexpected } from './refusals.ts';
import { countSteps, runSteps, type Tally } from './run.ts';
import { planSteps } from './steps.ts';

export interface ImportFlags {
  readonly channel: string;
  readonly enrol: boolean;
  readonly clock: boolean;
  readonly dryRun: boolean;
  readonly from: number;
}

export interface ImportSettings extends ImportFlags {
  readonly file: string;
  readonly stderr: Output;
  readonly pause?: (ms: number) => Promise<unknown>;
  /** Not asked for a dry run. */
  readonly findSystem: () => Promise<System>;
}

/** Fills `tally`; what it gives back is why it ended before the end of the file, if it did. */
export async function importFile(settings: ImportSettings, tally: Tally): Promise<Failure | undefined> {
  const { file, channel, enrol, clock, stderr } = settings;
  let progress: Progress | undefined;
  try {
    const bytesTotal = await sizeOf(file);
    let bytes = 0;
    const lines = readLines(file, settings.from, (more) => {
      bytes += more;
    });
    const steps = planSteps(lines, { byClock: clock });
    if (settings.dryRun) {
      await countSteps(steps, tally, { enrol });
      return undefined;
    }
    const waiting = settings.pause && { pause: settings.pause };
    const client = createClient({ ...(await settings.findSystem()), ...waiting });
    await checkChannel(client, channel);
    const bar = createProgress(bytesTotal, stderr);
    progress = bar;
    const onProgress = (line: number) => bar.update(bytes, line);
    const note = (text: string) => void stderr.write(`${text}\n`);
    await runSteps(steps, tally, { client, channel, enrol, clock, onProgress, note });
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  } finally {
    progress?.stop();
  }
}

/** Before anything is sent: every line would be refused for it. */
async function checkChannel(client: Client, channel: string): Promise<void> {
  const list = 'GET /v1/channels';
  const answer = await client.call('GET', '/v1/channels?limit=100');
  const { items } = isRecord(answer.body) ? answer.body : {};
  if (answer.status !== 200 || !Array.isArray(items)) throw unexpected(list, answer);
  const known = items.filter(isRecord).map(({ id }) => String(id));
  if (known.includes(channel)) return;
  throw new Failure(exits.usage, `There is no channel "${channel}": there are ${known.join(', ')}.`);
}

async function sizeOf(file: string): Promise<number> {
  try {
    return (await stat(file)).size;
  } catch (error) {
    throw new Failure(exits.usage, `${file} cannot be read: ${messageOf(error)}.`, { cause: error });
  }
}
