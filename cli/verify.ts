/**
 * `npm run verify`: what `philia verify` does, on the system of this machine. The exit status is 1 when there
 * is a difference, or when it could not be done.
 */
import { Command } from 'commander';
import { exits, Failure } from './failure.ts';
import { createClient } from './import/client.ts';
import { isRecord } from './json.ts';
import { checkLedger, describe, soFar, type Verified } from './ledger-check.ts';
import { createWords } from './progress.ts';
import type { Answer } from './sender.ts';
import { findSystem } from './system.ts';

interface Flags {
  data: string;
  member?: string;
  json: boolean;
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
  const { data, member, json } = program.opts<Flags>();
  const progress = createWords(process.stderr, 'verifying');
  try {
    const client = createClient(await findSystem({ data }, { role: 'ops' }));
    const totals = await checkLedger(
      async (body) => readAnswer(await client.call('POST', '/v1/ledger/verify', body)),
      member,
      (done) => progress.update(soFar(done)),
    );
    progress.stop();
    console.log(json ? JSON.stringify(totals) : describe(totals));
    return totals.differences.length > 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    console.error(error.message);
    return 1;
  } finally {
    progress.stop();
  }
}

/** @throws Failure with the API's own words when it refuses */
function readAnswer({ status, body }: Answer): Verified {
  if (status === 200 && isRecord(body)) return body as unknown as Verified;
  const words = isRecord(body) ? `${String(body['code'])}: ${String(body['detail'])}` : 'no reason given';
  throw new Failure(exits.refused, `The system refused to verify with status ${status}, ${words}.`);
}

process.exitCode = await main(process.argv);
