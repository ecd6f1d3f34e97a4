/** `philia verify`. */
import type { Command } from 'commander';
import { checkLedger, describe, soFar } from '../ledger-check.ts';
import { memberIdOf } from '../member.ts';
import { createWords } from '../progress.ts';
import { visibleLines } from '../text.ts';
import { type Act, example } from './kit.ts';

export function verifyCommand(program: Command, act: Act): void {
  example(
    program
      .command('verify')
      .description(
        'recompute every balance, lot, tier, hash and sequence from the entries; the exit status is 1 when anything differs',
      )
      .option('--member <who>', 'of this member only, by id, card number, e-mail or phone')
      .action(
        act<{ readonly member?: string }>(async (cli, { member }) => {
          const api = await cli.api();
          const progress = createWords(cli.io.stderr, 'verifying');
          try {
            const totals = await checkLedger(
              async (body) => (await api.call('POST /v1/ledger/verify', { body })).body,
              member === undefined ? undefined : await memberIdOf(api, member),
              (done) => progress.update(soFar(done)),
            );
            return {
              json: totals,
              text: () => visibleLines(describe(totals)),
              exit: totals.differences.length > 0 ? 1 : 0,
            };
          } finally {
            progress.stop();
          }
        }),
      ),
    'verify --member ada@example.com',
  );
}
