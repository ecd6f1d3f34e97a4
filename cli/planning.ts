/** A candidate programme against the one in force: asked for as long as the answers' cursors go on. */
import { readFile } from 'node:fs/promises';
import type { Api } from './api.ts';
import type { BodyFrom, RequestTo } from './contract.ts';
import { exits, Failure, messageOf } from './failure.ts';
import { isRecord } from './json.ts';
import { sideBySide } from './ledger-check.ts';

export type ProgramPlan = BodyFrom<'POST /v1/program/plan'>;
export type Backtest = NonNullable<ProgramPlan['backtest']>;
export type Candidate = RequestTo<'POST /v1/program/plan'>['body']['program'];

export interface Asked {
  readonly program: Candidate;
  readonly backtest?: { readonly from: string; readonly to: string };
  readonly invariants?: string[];
}

/** @throws Failure when it cannot be read, or is no JSON object */
export async function readCandidate(file: string): Promise<Candidate> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new Failure(exits.usage, `${file} cannot be read: ${messageOf(error)}.`, { cause: error });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new Failure(exits.notRight, `${file} is not JSON: ${messageOf(error)}.`, { cause: error });
  }
  if (!isRecord(value)) throw new Failure(exits.notRight, `${file} is not a JSON object.`);
  return value;
}

/**
 * Plans; a backtest in several parts of the members side by side.
 * @param onStep hears how many members were played so far
 */
export async function plan(
  api: Api,
  asked: Asked,
  onStep?: (membersDone: number) => void,
): Promise<ProgramPlan> {
  const call = async (more: object): Promise<ProgramPlan> =>
    (await api.call('POST /v1/program/plan', { body: { ...asked, ...more } })).body;
  if (!asked.backtest) return call({});
  const { cursors } = await call({ segments: sideBySide });
  if (!cursors) throw new Failure(exits.refused, 'The system does not play a backtest in parts.');
  const done = cursors.map(() => 0);
  const follow = async (from: string, at: number): Promise<string> => {
    for (let cursor = from; ; ) {
      const answer = await call({ cursor });
      done[at] = answer.progress?.membersDone ?? 0;
      onStep?.(done.reduce((sum, one) => sum + one, 0));
      if (answer.part !== undefined) return answer.part;
      if (answer.cursor === undefined)
        throw new Failure(exits.refused, 'A part of the backtest ended without its figures.');
      cursor = answer.cursor;
    }
  };
  return call({ parts: await Promise.all(cursors.map(follow)) });
}

/** Whether a refusal is of the programme that was sent, rather than of how it was sent. */
export function isOfProgram({ problem }: Failure): boolean {
  return (
    problem?.code === 'invalid_request' && problem.errors.some(({ path }) => /^program(\.|$)/.test(path))
  );
}

/** An instant as the API takes it; a date alone is its midnight in UTC. */
export function instantOf(text: string): string {
  return /^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text;
}
