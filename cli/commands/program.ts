/** `philia program`. */
import type { Command } from 'commander';
import { exits, Failure } from '../failure.ts';
import { changesText, missingText, planText } from '../plan-text.ts';
import { instantOf, isOfProgram, plan, readCandidate } from '../planning.ts';
import { createWords } from '../progress.ts';
import { count, jsonText } from '../text.ts';
import {
  type Act,
  type Cli,
  example,
  group,
  type Once,
  onceKey,
  type Result,
  withOnce,
  withYes,
} from './kit.ts';

interface PlanFlags {
  readonly from?: string;
  readonly to?: string;
  readonly invariant: readonly string[];
}

export function programCommands(root: Command, act: Act): void {
  const program = group(root, 'program', 'show, check, plan and push the programme', 'program show --json');
  example(
    program.command('show').description('show the programme in force').action(act(show)),
    'program show --json',
  );
  example(
    program
      .command('check')
      .description('check a programme file and change nothing; the exit status is 1 when it is not valid')
      .argument('<file>', 'the programme, as JSON')
      .action(act((cli, _options, file = '') => check(cli, file))),
    'program check program.json',
  );
  example(
    program
      .command('plan')
      .description(
        'tell what a programme file changes, and with a window what it would have made of its purchases; the exit status is 1 when it is not valid or breaks an invariant',
      )
      .argument('<file>', 'the programme, as JSON')
      .option('--from <date>', 'the begin of the window; a date alone is its midnight in UTC')
      .option('--to <date>', 'its end')
      .option(
        '--invariant <id...>',
        'what must hold in the window, as no_member_loses_a_tier or issued_grows_at_most:2.5',
        [],
      )
      .action(act<PlanFlags>((cli, flags, file = '') => planFile(cli, flags, file))),
    'program plan new.json --from 2026-09-01 --to 2026-11-01 --invariant no_member_loses_points',
  );
  example(
    withOnce(
      withYes(
        program
          .command('push')
          .description('put a programme file in force; asks first, showing what changes')
          .argument('<file>', 'the programme, as JSON'),
      ),
    ).action(act<Push>((cli, flags, file = '') => push(cli, flags, file))),
    'program push new.json --yes',
  );
}

/** Without --json the document alone, so that it can go into a file, be changed and pushed. */
async function show(cli: Cli): Promise<Result> {
  const { body } = await (await cli.api()).call('GET /v1/program', {});
  cli.note(cli.style.dim(`Version ${body.version} is in force.`));
  return { json: body, text: () => jsonText(body.program) };
}

/** A programme that is not valid is what was asked about, not a request that went wrong. */
async function notRight<T>(work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    if (!(error instanceof Failure) || !isOfProgram(error)) throw error;
    const { problem } = error;
    throw new Failure(exits.notRight, 'The programme is not valid.', {
      cause: error,
      ...(problem && { problem }),
    });
  }
}

async function check(cli: Cli, file: string): Promise<Result> {
  const program = await readCandidate(file);
  const planned = await notRight(plan(await cli.api(), { program }));
  const changes = count(planned.changes.length, 'change');
  return {
    json: { valid: true, ...planned },
    text: (style) =>
      [
        `${style.good('The programme is valid.')} ${changes} to the one in force.`,
        ...missingText(style, planned),
      ].join('\n'),
  };
}

async function planFile(cli: Cli, { from, to, invariant }: PlanFlags, file: string): Promise<Result> {
  if ((from === undefined) !== (to === undefined))
    throw new Failure(exits.usage, 'A window has a begin and an end: give both --from and --to, or neither.');
  if (from === undefined && invariant.length > 0)
    throw new Failure(exits.usage, 'An --invariant is held against a window: give --from and --to.');
  const program = await readCandidate(file);
  const progress = createWords(cli.io.stderr, 'playing');
  const asked = {
    program,
    ...(from !== undefined && to !== undefined && { backtest: { from: instantOf(from), to: instantOf(to) } }),
    ...(invariant.length > 0 && { invariants: [...invariant] }),
  };
  try {
    const planned = await notRight(
      plan(
        await cli.api(),
        asked,
        (members) => from && progress.update(`${count(members, 'member')} played`),
      ),
    );
    const broken = planned.backtest?.broken.length ?? 0;
    return { json: planned, text: (style) => planText(style, planned), exit: broken > 0 ? 1 : 0 };
  } finally {
    progress.stop();
  }
}

interface Push extends Once {
  readonly yes?: boolean;
}

async function push(cli: Cli, { yes, ...options }: Push, file: string): Promise<Result> {
  const program = await readCandidate(file);
  const api = await cli.api();
  if (!yes && cli.io.canAsk) cli.note(changesText(cli.style, await plan(api, { program })));
  await cli.confirm(`Put ${file} in force?`, yes);
  const { body } = await api.call('PUT /v1/program', {
    body: program,
    idempotencyKey: onceKey(cli, options),
  });
  return { json: body, text: (style) => style.good(`Version ${body.version} is in force.`) };
}
