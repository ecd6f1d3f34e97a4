/** The programme: the version in force, those before it, and how another comes in force. */
import { fieldErrors, Problem } from '../../core/contract/errors.ts';
import { programDocument } from '../../core/program.ts';
import {
  currentProgram,
  listPrograms,
  type ProgramPut,
  putProgramOnce,
  type StoredProgram,
  storedProgram,
  type ToPut,
} from '../../ledger/ledger.ts';
import { type Deps, programFreshMs } from '../deps.ts';
import { decodeCursor, encodeCursor } from '../kit/cursor.ts';
import { type Answer, type Caller, type HttpRequest, onceAnswer, operatorOf } from '../kit/serve.ts';

async function inForce(deps: Deps): Promise<StoredProgram> {
  const stored = await currentProgram(deps.ledger);
  if (!stored) throw new Problem('unavailable', 'No programme is in force yet.');
  return stored;
}

export async function getProgram(_request: HttpRequest<'getProgram'>, deps: Deps): Promise<Answer> {
  const { version, document } = await inForce(deps);
  return { status: 200, body: { version, program: document } };
}

export async function putProgram(
  { body, caller, once }: HttpRequest<'putProgram'>,
  deps: Deps,
): Promise<Answer> {
  const parsed = programDocument.safeParse(body);
  if (!parsed.success) throw new Problem('invalid_request', undefined, fieldErrors(parsed.error));
  return put({ document: parsed.data }, caller, once, deps);
}

async function put(
  wanted: ToPut,
  caller: Caller,
  once: HttpRequest<'putProgram'>['once'],
  deps: Deps,
): Promise<Answer> {
  const answer = ({ type, version }: ProgramPut) => ({
    status: 200,
    body: { version, ...(type === 'unchanged' ? { unchanged: true } : {}) },
  });
  const outcome = await putProgramOnce(deps.ledger, wanted, operatorOf(caller), { once, answer }, deps.now());
  if (outcome.type === 'contended') throw new Problem('contended');
  const answered = onceAnswer(outcome);
  // Every instance reads the programme anew within this time: what is posted after the answer earns by it.
  await deps.sleep(programFreshMs);
  return answered;
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

async function versionOf(deps: Deps, version: number): Promise<StoredProgram> {
  const stored = await storedProgram(deps.ledger, version);
  if (!stored) throw new Problem('not_found');
  return stored;
}

export async function getProgramVersion(
  { params }: HttpRequest<'getProgramVersion'>,
  deps: Deps,
): Promise<Answer> {
  const stored = await versionOf(deps, params.version);
  return { status: 200, body: { ...putOf(stored), program: stored.document } };
}

/** An earlier version's content comes in force as a new version: what entries name is never changed. */
export async function rollBackProgram(
  { params, caller, once }: HttpRequest<'rollBackProgram'>,
  deps: Deps,
): Promise<Answer> {
  const { version, document } = await versionOf(deps, params.version);
  const parsed = programDocument.safeParse(document);
  if (!parsed.success)
    throw new Problem(
      'invalid_request',
      `What version ${version} says is not let through any more: show it, mend it and push that.`,
      fieldErrors(parsed.error).map(({ path, message }) => ({ path: `program.${path}`, message })),
    );
  return put({ document: parsed.data, restores: version }, caller, once, deps);
}
