/** `POST /v1/program/plan`. */
import { compileCandidate } from '../../core/backtest/candidate.ts';
import { refuseInvariant } from '../../core/backtest/invariants.ts';
import { reportOf } from '../../core/backtest/report.ts';
import { type BacktestSums, backtest, mergeSums, noSums } from '../../core/backtest/sums.ts';
import { canonicalJson } from '../../core/canonical.ts';
import type { Channels } from '../../core/channels.ts';
import { compiled } from '../../core/compiled.ts';
import { type FieldError, fieldErrors, Problem } from '../../core/contract/errors.ts';
import { type Program, type ProgramDocument, programDocument } from '../../core/program.ts';
import { unknownChannels } from '../../core/program-channels.ts';
import { programDifference } from '../../core/program-difference.ts';
import { missingTexts } from '../../core/program-texts.ts';
import {
  type BacktestPosition,
  currentProgram,
  programAt,
  readWindows,
  segmentsOf,
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
  /** Whether every member, or every one of a part, is in the sums. */
  readonly isDone?: true;
}

export async function planProgram({ body }: HttpRequest<'planProgram'>, deps: Deps): Promise<Answer> {
  const candidate = readProgram(body, await deps.channels());
  refuseInvariants(body);
  refuseMixtures(body);
  // A cursor goes on with this very plan and no other.
  const { cursor, segments, parts, ...asked } = body;
  const list = `plan ${deps.ledger.sha256(canonicalJson(asked))}`;
  const encode = (progress: Progress) => encodeCursor(deps, list, JSON.stringify(progress));
  const decode = (text: string) => JSON.parse(decodeCursor(deps, list, text) ?? '') as Progress;
  const before = parts ? together(parts.map(decode)) : cursor === undefined ? undefined : decode(cursor);
  const inForce = await inForceAt(deps, before?.version);
  const missing = missingTexts(candidate);
  const changes = programDifference(inForce, candidate);
  const told = { changes, ...(missing.length > 0 && { missingTexts: missing }) };
  if (!body.backtest) return { status: 200, body: told };
  const begun: Progress = before ?? { version: inForce.version, to: windowEnd(body.backtest, deps.now()) };
  if (segments !== undefined) {
    // The programme and the window's end are the same for all of them, whenever each is begun.
    const cursors = segmentsOf(segments).map((segment) => encode({ ...begun, position: { segment } }));
    return { status: 200, body: { ...told, progress: { membersDone: 0 }, cursors } };
  }
  const from = Date.parse(body.backtest.from);
  const { sums, position } = await goOn(deps, inForce, candidate, from, begun);
  const { version, to } = begun;
  const segment = begun.position?.segment;
  const asksFor = { from, to, candidate, changes, invariants: body.invariants ?? [] };
  return {
    status: 200,
    body: {
      ...told,
      backtest: reportOf(sums, asksFor),
      progress: { membersDone: sums.members },
      ...(position ? { cursor: encode({ version, to, sums, position }) } : {}),
      ...(segment && !position
        ? { part: encode({ version, to, sums, position: { segment }, isDone: true }) }
        : {}),
    },
  };
}

/** What the parts of a backtest have come to together. */
function together(parts: readonly Progress[]): Progress {
  const [first] = parts;
  const { version = 0, to = 0 } = first ?? {};
  const isOne = parts.every((part) => part.isDone && part.version === version && part.to === to);
  const seen = new Set(parts.map(({ position }) => position?.segment?.index));
  const isWhole = parts.every(({ position }) => position?.segment?.of === parts.length);
  if (!isOne || !isWhole || seen.size < parts.length)
    throw new Problem('invalid_request', undefined, [
      { path: 'parts', message: 'must be what all the parts of one backtest came to, each once' },
    ]);
  return { version, to, isDone: true, sums: mergeSums(parts.map(({ sums }) => sums ?? noSums)) };
}

/** @throws Problem for a request that would begin, go on and end at once */
function refuseMixtures({ cursor, segments, parts, backtest: window }: Body): void {
  const refuse = (path: string, message: string) => {
    throw new Problem('invalid_request', undefined, [{ path, message }]);
  };
  if (segments !== undefined && (cursor !== undefined || parts !== undefined))
    refuse('segments', 'begins a backtest: give no cursor and no parts with it');
  if (parts !== undefined && cursor !== undefined) refuse('parts', 'ends a backtest: give no cursor with it');
  if (!window && segments !== undefined) refuse('segments', 'needs a backtest');
  if (!window && parts !== undefined) refuse('parts', 'needs a backtest');
}

/** Plays members until the time is over or all are done. */
async function goOn(
  deps: Deps,
  inForce: Program,
  candidate: ProgramDocument,
  from: number,
  { to, sums, position, isDone }: Progress,
): Promise<{ readonly sums: BacktestSums; readonly position: BacktestPosition | null }> {
  if (isDone) return { sums: sums ?? noSums, position: null };
  const started = deps.monotonic();
  const played = compileCandidate(candidate);
  const test = backtest(played, inForce, to, sums);
  const next = await readWindows(deps.ledger, inForce, {
    window: { from, to },
    ...(position ? { from: position } : {}),
    hasTime: () => deps.monotonic() - started < workMsMax,
    facts: compiled(played).facts,
    onMember: test.add,
  });
  return { sums: test.sums(), position: next };
}

/** @throws Problem that names the path of what is wrong in the request, as it would be wrong to put it in force */
function readProgram({ program }: Body, channels: Channels): ProgramDocument {
  const { data, error } = programDocument.safeParse(program);
  const wrong = data ? unknownChannels(data, channels) : fieldErrors(error);
  if (data && wrong.length === 0) return data;
  const errors = wrong.map(({ path, message }): FieldError => {
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
