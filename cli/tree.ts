/** The commands and what all of them have in common. */
import { Command } from 'commander';
import { adjustmentsCommands } from './commands/adjustments.ts';
import { auditCommand } from './commands/audit.ts';
import { cardCommands } from './commands/card.ts';
import { certificatesCommands } from './commands/certificates.ts';
import { channelsCommands } from './commands/channels.ts';
import { exceptionsCommands } from './commands/exceptions.ts';
import { explainCommand } from './commands/explain.ts';
import { keysCommands } from './commands/keys.ts';
import type { Act } from './commands/kit.ts';
import { membersCommands } from './commands/members.ts';
import { programCommands } from './commands/program.ts';
import { purchasesCommands, refundsCommands } from './commands/purchases.ts';
import { redemptionsCommands } from './commands/redemptions.ts';
import { verifyCommand } from './commands/verify.ts';
import { vouchersCommands } from './commands/vouchers.ts';
import { type Io, wantsColour } from './io.ts';
import { styleOf } from './text.ts';

const after = `
The system is found by --url and --key, else by the environment (PHILIA_URL, PHILIA_KEY), else by
credentials.json in the folder of --data, where npm start writes it.

Exit status: 0 done; 1 what was asked about is not right; 2 used wrongly; 3 the system refused;
4 the system was not reached, or what became of the request is unknown.

Example:
  philia members find ada@example.com`;

/** @param act makes what commander calls of a command's action */
export function commandTree(io: Io, act: Act): Command {
  const program = new Command('philia')
    .description('Runs a loyalty programme from the command line, through its HTTP API.')
    .usage('[options] <command>')
    .option('--url <address>', 'where the system is, as https://points.example.com')
    .option('--key <key>', "an operator's key, or the access token of who signed in")
    .option('--data <dir>', 'the data folder of the system that npm start runs', '.local')
    .option('--json', 'print one JSON document and nothing else')
    .helpCommand(false)
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({
      writeOut: (text) => void io.stdout.write(text),
      writeErr: (text) => void io.stderr.write(text),
      getOutHasColors: () => wantsColour(io.env, io.stdout),
      getErrHasColors: () => wantsColour(io.env, io.stderr),
    })
    .configureHelp({ showGlobalOptions: true, styleTitle: styleOf(true).bold });
  for (const define of [
    membersCommands,
    purchasesCommands,
    refundsCommands,
    explainCommand,
    programCommands,
    exceptionsCommands,
    adjustmentsCommands,
    redemptionsCommands,
    vouchersCommands,
    cardCommands,
    channelsCommands,
    keysCommands,
    auditCommand,
    certificatesCommands,
    verifyCommand,
  ])
    define(program, act);
  return program.addHelpText('after', after);
}
