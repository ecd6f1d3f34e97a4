/** `POST /v1/program/plan`. */
import { compileCandidate } from '../../core/backtest/candidate.ts';
import { refuseInvariant } from '../../core/backtest/invariants.ts';
import { reportOf } from '../../core/backtest/report.ts';
import { type BacktestSums, backtest } from '../../core/backtest/sums.ts';
import { canonicalJson } from '../../core/canonical.ts';
import { type FieldError, fieldErrors, Problem } from '../../core/contract/errors.ts';
import { programDifference } from '../../core/plan.ts';
import { type Program, type ProgramDocument, programDocument } from '../../core/program.ts';
import {
  type BacktestPosition,
  currentProgram,
  programAt,
  readWindows,
  toProgram,
} from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { decodeCursor, encodeCursor } from '../kit/cursor.ts';
import type { Answer, HttpRequest } from '../kit/serve.ts';

/** Work before an answer, well inside the ten seconds that a request has. */
const workMsMax = 6_000;

type Body = HttpRequest<'planProgram'>['body'];

/** What a backtest has come to: all that the next request needs. */
interface Progress {
  /** The programme that was in force when it began: a new version put meanwhile changes nothing of it. */
  readonly version: number;
  /** The end of its window, in milliseconds: an end in the future was taken for the time at which it began. */
  readonly to: number;
  readonly sums?: BacktestSums;
  readonly position?: BacktestPosition;
}

export async function planProgram({ body }: HttpRequest<'planProgram'>, deps: Deps): Promise<Answer> {
  const candidate = readProgram(body);
  refuseInvariants(body);
  // A cursor goes on with this very plan and no other.
  const { cursor, ...asked } = body;
  const list = `plan ${deps.ledger.sha256(canonicalJson(asked))}`;
  const decoded = decodeCursor(deps, list, cursor);
  const before = decoded === undefined ? undefined : (JSON.parse(decoded) as Progress);
  const inForce = await inForceAt(deps, before?.version);
  const changes = programDifference(inForce, candidate);
  if (!body.backtest) return { status: 200, body: { changes } };
  const begun = before ?? { version: inForce.version, to: windowEnd(body.backtest, deps.now()) };
  const from = Date.parse(body.backtest.from);
  const { progress, next } = await goOn(deps, inForce, candidate, from, begun);
  const { to, sums } = progress;
  const invariants = body.invariants ?? [];
  return {
    status: 200,
    body: {
      changes,
      backtest: reportOf(sums, { from, to, candidate, changes, invariants }),
      progress: { membersDone: sums.members },
      ...(next ? { cursor: encodeCursor(deps, list, JSON.stringify({ ...progress, position: next })) } : {}),
    },
  };
}

/** Plays members until the time is over or all are done. */
async function goOn(
  deps: Deps,
  inForce: Program,
  candidate: ProgramDocument,
  from: number,
  { version, to, sums, position }: Progress,
): Promise<{ progress: Progress & { readonly sums: BacktestSums }; next: BacktestPosition | null }> {
  const started = deps.monotonic();
  const test = backtest(compileCandidate(candidate), inForce, to, sums);
  const next = await readWindows(deps.ledger, inForce, {
    window: { from, to },
    ...(position ? { from: position } : {}),
    hasTime: () => deps.monotonic() - started < workMsMax,
    onMember: test.add,
  });
  return { progress: { version, to, sums: test.sums() }, next };
}

/** @throws Problem that names the path of what is wrong in the request */
function readProgram({ program }: Body): ProgramDocument {
  const parsed = programDocument.safeParse(program);
  if (parsed.success) return parsed.data;
  const errors = fieldErrors(parsed.error).map(({ path, message }): FieldError => {
    return { path: path === '' ? 'program' : `program.${path}`, message };
  });
  throw new Problem('invalid_request', undefined, errors);
}

function refuseInvariants({ invariants = [], backtest: window }: Body): void {
  const refuse = (path: string, message: string) => {
    throw new Problem('invalid_request', undefined, [{ path, message }]);
  };
  for (const [index, invariant] of invariants.entries()) {
    const message = refuseInvariant(invariant);
    if (message) refuse(`invariants.${index}`, message);
  }
  if (invariants.length > 0 && !window)
    refuse('invariants', 'need a backtest: a plan alone holds no figures');
}

function windowEnd({ from, to }: NonNullable<Body['backtest']>, now: number): number {
  if (Date.parse(from) < now) return Math.min(Date.parse(to), now);
  throw new Problem('invalid_request', undefined, [
    { path: 'backtest.from', message: 'must lie in the past: nothing was recorded since' },
  ]);
}

async function inForceAt(deps: Deps, version: number | undefined): Promise<Program> {
  if (version !== undefined) {
    const program = await programAt(deps.ledger, version);
    if (program) return program;
  }
  const stored = await currentProgram(deps.ledger);
  if (!stored) throw new Problem('unavailable', 'No programme is in force yet.');
  return toProgram(stored);
}
