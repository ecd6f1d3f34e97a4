/** `philia program`. */
import { type Command, InvalidArgumentError } from 'commander';
import type { BodyFrom } from '../contract.ts';
import { exits, Failure } from '../failure.ts';
import { changesText, missingText, planText } from '../plan-text.ts';
import { instantOf, isOfProgram, plan, readCandidate } from '../planning.ts';
import { createWords } from '../progress.ts';
import { count, jsonText, type Style, shown, visible } from '../text.ts';
import {
  type Act,
  type Cli,
  example,
  group,
  listed,
  moreThan,
  type Once,
  onceKey,
  type Result,
  withLimit,
  withOnce,
  withYes,
} from './kit.ts';

interface PlanFlags {
  readonly from?: string;
  readonly to?: string;
  readonly invariant: readonly string[];
}

export function programCommands(root: Command, act: Act): void {
  const program = group(
    root,
    'program',
    'show, check, plan and push the programme, and roll it back',
    'program show --json',
  );
  example(
    program
      .command('show')
      .description('show the programme in force, or a version of before')
      .option('--version <number>', 'the version', version)
      .action(act<{ readonly version?: string }>((cli, flags) => show(cli, flags))),
    'program show --version 3',
  );
  example(
    withLimit(
      program
        .command('list')
        .description('list the versions of the programme, newest first, with what each changed'),
    ).action(act<{ readonly limit: number }>((cli, { limit }) => list(cli, limit))),
    'program list --limit 20',
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
  example(
    withOnce(
      withYes(
        program
          .command('rollback')
          .description(
            'put the content of an earlier version in force again, as a new version; asks first, showing what changes',
          )
          .argument('<version>', 'the version, as in program list', version),
      ),
    ).action(act<Push>((cli, flags, number = '') => rollback(cli, flags, number))),
    'program rollback 3 --yes',
  );
}

/** @throws InvalidArgumentError for what is no version's number */
function version(text: string): string {
  if (!/^[1-9]\d{0,7}$/.test(text))
    throw new InvalidArgumentError('It has to be the number of a version, as 3.');
  return text;
}

/** Without --json the document alone, so that it can go into a file, be changed and pushed. */
async function show(cli: Cli, { version: wanted }: { readonly version?: string }): Promise<Result> {
  const api = await cli.api();
  if (wanted === undefined) {
    const { body } = await api.call('GET /v1/program', {});
    cli.note(cli.style.dim(`Version ${body.version} is in force.`));
    return { json: body, text: () => jsonText(body.program) };
  }
  const { body } = await api.call('GET /v1/program/versions/{version}', { params: { version: wanted } });
  cli.note(cli.style.dim(`Version ${body.version}, put at ${body.putAt} by ${whoOf(body.putBy)}.`));
  return { json: body, text: () => jsonText(body.program) };
}

function whoOf({ name, keyId }: { readonly name: string | null; readonly keyId: string }): string {
  return shown(name ?? keyId);
}

async function list(cli: Cli, limit: number): Promise<Result> {
  const api = await cli.api();
  const page = await listed(
    limit,
    async (query) => (await api.call('GET /v1/program/versions', { query })).body,
  );
  return {
    json: page,
    text: (style) => page.items.map((one) => versionText(style, one)).join('\n\n') + moreThan(style, page),
  };
}

type Listed = BodyFrom<'GET /v1/program/versions'>['items'][number];

function versionText(style: Style, one: Listed): string {
  const { version: number, putAt, putBy, restores, inForce, changes, summary } = one;
  const head = `${style.bold(`Version ${number}`)}, ${putAt}, by ${whoOf(putBy)}${inForce ? `, ${style.good('in force')}` : ''}`;
  const more = changes > summary.length ? [`… and ${changes - summary.length} more`] : [];
  const of = restores === null ? [] : [`The content of version ${restores} again.`];
  return [head, ...[...of, ...summary.map(visible), ...more].map((text) => `  ${text}`)].join('\n');
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
  return { json: body, text: (style) => putText(style, body) };
}

function putText(style: Style, { version: number, unchanged }: BodyFrom<'PUT /v1/program'>): string {
  return unchanged
    ? `Nothing changes: version ${number} says the same and stays in force.`
    : style.good(`Version ${number} is in force.`);
}

async function rollback(cli: Cli, { yes, ...options }: Push, number: string): Promise<Result> {
  const api = await cli.api();
  const params = { version: number };
  if (!yes && cli.io.canAsk) {
    const { body } = await api.call('GET /v1/program/versions/{version}', { params });
    cli.note(changesText(cli.style, await plan(api, { program: body.program })));
  }
  await cli.confirm(`Put the content of version ${number} in force again?`, yes);
  const { body } = await api.call('POST /v1/program/versions/{version}/rollback', {
    params,
    body: {},
    idempotencyKey: onceKey(cli, options),
  });
  return { json: body, text: (style) => putText(style, body) };
}
