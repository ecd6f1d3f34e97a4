/**
 * `npm run verify`: has the running system recompute every balance, lot, tier, hash and sequence from the
 * entries, and names each difference. The exit status is 1 when there is one, or when it could not be done.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Presets, SingleBar } from 'cli-progress';
import { Command } from 'commander';
import { messageOf } from './failure.ts';
import { type Answer, type Client, createClient, ImportStopped } from './import/client.ts';
import { isRecord } from './import/lines.ts';

interface Flags {
  data: string;
  member?: string;
  json: boolean;
}

interface Difference {
  readonly memberId: string;
  readonly sequence: number;
  readonly field: string;
  readonly stored: unknown;
  readonly computed: unknown;
}

interface Totals {
  members: number;
  entries: number;
  readonly differences: Difference[];
}

const program = new Command('verify')
  .usage('[options]')
  .description('Recomputes every account of the running system from its entries and names what differs.')
  .option('--data <dir>', 'the data folder of the running system', '.local')
  .option('--member <id>', 'verify this member only')
  .option('--json', 'print one JSON document', false)
  .addHelpText('after', '\nThe exit status is 1 when there is any difference, 0 otherwise.');

/** Runs the command and gives its exit status. */
async function main(argv: string[]): Promise<number> {
  program.parse(argv);
  const flags = program.opts<Flags>();
  const totals: Totals = { members: 0, entries: 0, differences: [] };
  const progress = createProgress(process.stderr);
  try {
    const client = createClient(await readCredentials(flags.data));
    await verify(client, flags.member, totals, () => progress.update(totals));
  } catch (error) {
    if (!(error instanceof ImportStopped)) throw error;
    console.error(error.message);
    return 1;
  } finally {
    progress.stop();
  }
  console.log(flags.json ? JSON.stringify(totals) : describe(totals));
  return totals.differences.length > 0 ? 1 : 0;
}

/** Follows the answers' cursors to the end and adds up what they say. */
async function verify(client: Client, memberId: string | undefined, totals: Totals, onStep: () => void) {
  let cursor: string | undefined;
  do {
    const body = { ...(memberId && { memberId }), ...(cursor && { cursor }) };
    const answer = await client.call('POST', '/v1/ledger/verify', body);
    const { members, entries, differences, cursor: next } = readAnswer(answer);
    totals.members += members;
    totals.entries += entries;
    totals.differences.push(...differences);
    cursor = next;
    onStep();
  } while (cursor !== undefined);
}

/** @throws ImportStopped with the API's own words when it refuses */
function readAnswer({ status, body }: Answer): Totals & { cursor?: string } {
  if (status === 200 && isRecord(body)) return body as unknown as Totals & { cursor?: string };
  const words = isRecord(body) ? `${String(body['code'])}: ${String(body['detail'])}` : 'no reason given';
  throw new ImportStopped(`The system refused to verify with status ${status}, ${words}.`);
}

function describe({ members, entries, differences }: Totals): string {
  const lines = differences.map(
    ({ memberId, sequence, field, stored, computed }) =>
      `${memberId} entry ${sequence} ${field}: stored ${JSON.stringify(stored)}, computed ${JSON.stringify(computed)}`,
  );
  const rows = Object.entries({ members, entries, differences: differences.length });
  return [...lines, ...rows.map(([name, value]) => `${name.padEnd(13)}${value}`)].join('\n');
}

/** How many members there are is not known before the end, so what is shown is how many were done. */
function createProgress(stream: NodeJS.WriteStream): { update(totals: Totals): void; stop(): void } {
  const words = ({ members, entries, differences }: Totals) =>
    `${members} members, ${entries} entries verified, ${differences.length} differences`;
  if (!stream.isTTY) return { update: (totals) => stream.write(`${words(totals)}\n`), stop: () => undefined };
  const bar = new SingleBar(
    { format: '{words} | {duration_formatted}', stream, hideCursor: true },
    Presets.shades_classic,
  );
  bar.start(0, 0, { words: 'verifying' });
  return { update: (totals) => bar.update({ words: words(totals) }), stop: () => bar.stop() };
}

/** The address of the running system and the operator's key, which `npm start` writes into the data folder. */
async function readCredentials(data: string): Promise<{ baseUrl: string; key: string }> {
  const file = join(data, 'credentials.json');
  let credentials: unknown;
  try {
    credentials = JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    const remedy = 'Start the system with npm start, or name its folder with --data.';
    throw new ImportStopped(`${file} cannot be read: ${messageOf(error)}. ${remedy}`, { cause: error });
  }
  const { baseUrl, ops } = isRecord(credentials) ? credentials : {};
  if (typeof baseUrl !== 'string' || typeof ops !== 'string')
    throw new ImportStopped(`${file} has no baseUrl and ops: let npm start write it again.`);
  return { baseUrl, key: ops };
}

process.exitCode = await main(process.argv);
