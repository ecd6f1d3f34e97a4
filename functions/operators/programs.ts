/** The programme: the version in force, those before it, and how another comes in force. */
import { fieldErrors, Problem } from '../../core/contract/errors.ts';
import { programDocument } from '../../core/program.ts';
import {
  currentProgram,
  listPrograms,
  type NoRollback,
  type NoSuchChannel,
  type ProgramPut,
  putProgramOnce,
  rollBackProgramOnce,
  type StoredProgram,
  storedProgram,
} from '../../ledger/ledger.ts';
import { type Deps, programFreshMs } from '../deps.ts';
import { decodeCursor, encodeCursor } from '../kit/cursor.ts';
import { type Answer, type HttpRequest, onceAnswer, operatorOf, refusalOf } from '../kit/serve.ts';

async function inForce(deps: Deps): Promise<StoredProgram> {
  const stored = await currentProgram(deps.ledger);
  if (!stored) throw new Problem('unavailable', 'No programme is in force yet.');
  return stored;
}

export async function getProgram(_request: HttpRequest<'getProgram'>, deps: Deps): Promise<Answer> {
  const { version, document } = await inForce(deps);
  return { status: 200, body: { version, program: document } };
}

function noSuchChannel({ errors }: NoSuchChannel, root = ''): Problem {
  const fields = errors.map(({ path, message }) => ({ path: `${root}${path}`, message }));
  return new Problem('invalid_request', undefined, fields);
}

function putAnswer({ type, version }: ProgramPut) {
  return { status: 200, body: { version, ...(type === 'unchanged' ? { unchanged: true } : {}) } };
}

/** Every instance reads the programme anew within this time: what is posted after the answer earns by it. */
async function onceInForce(outcome: Awaited<ReturnType<typeof putProgramOnce>>, deps: Deps): Promise<Answer> {
  if (outcome.type === 'contended') throw new Problem('contended');
  const answered = onceAnswer(outcome);
  await deps.sleep(programFreshMs);
  return answered;
}

export async function putProgram(
  { body, caller, once, requestId }: HttpRequest<'putProgram'>,
  deps: Deps,
): Promise<Answer> {
  const parsed = programDocument.safeParse(body);
  if (!parsed.success) throw new Problem('invalid_request', undefined, fieldErrors(parsed.error));
  const answer = (done: ProgramPut | NoSuchChannel) =>
    done.type === 'no_such_channel' ? refusalOf(noSuchChannel(done), requestId) : putAnswer(done);
  const reply = { once, answer };
  const outcome = await putProgramOnce(deps.ledger, parsed.data, operatorOf(caller), reply, deps.now());
  return onceInForce(outcome, deps);
}

/** As many sentences are given of what a version changed. */
const toldMax = 10;

function putOf({ version, putAt, putBy, putByName, restores }: StoredProgram) {
  return {
    version,
    putAt,
    putBy: { keyId: putBy, name: putByName ?? null },
    restores: restores ?? null,
  };
}

export async function listProgramVersions(
  { query }: HttpRequest<'listProgramVersions'>,
  deps: Deps,
): Promise<Answer> {
  const list = 'program versions';
  const after = decodeCursor(deps, list, query.cursor);
  const page = { limit: query.limit, ...(after === undefined ? {} : { before: Number(after) }) };
  const [current, versions] = await Promise.all([inForce(deps), listPrograms(deps.ledger, page)]);
  const last = versions.at(-1)?.stored.version ?? 1;
  return {
    status: 200,
    body: {
      items: versions.map(({ stored, changes }) => ({
        ...putOf(stored),
        inForce: stored.version === current.version,
        changes: changes.length,
        summary: changes.slice(0, toldMax),
      })),
      cursor: last > 1 ? encodeCursor(deps, list, String(last)) : null,
    },
  };
}

export async function getProgramVersion(
  { params }: HttpRequest<'getProgramVersion'>,
  deps: Deps,
): Promise<Answer> {
  const stored = await storedProgram(deps.ledger, params.version);
  if (!stored) throw new Problem('not_found');
  return { status: 200, body: { ...putOf(stored), program: stored.document } };
}

function noRollback(refused: NoRollback, version: number): Problem {
  if (refused.type === 'missing') return new Problem('not_found');
  if (refused.type === 'no_such_channel') return noSuchChannel(refused, 'program.');
  return new Problem(
    'invalid_request',
    `What version ${version} says is not let through any more: show it, mend it and push that.`,
    fieldErrors(refused.error).map(({ path, message }) => ({ path: `program.${path}`, message })),
  );
}

export async function rollBackProgram(
  { params, caller, once, requestId }: HttpRequest<'rollBackProgram'>,
  deps: Deps,
): Promise<Answer> {
  const { version } = params;
  const answer = (done: ProgramPut | NoRollback) =>
    'version' in done ? putAnswer(done) : refusalOf(noRollback(done, version), requestId);
  const given = { once, answer };
  const outcome = await rollBackProgramOnce(deps.ledger, version, operatorOf(caller), given, deps.now());
  return onceInForce(outcome, deps);
}
