/** Points that operators give or take, with a second operator beyond the programme's limit. */
import { Problem } from '../../core/contract/errors.ts';
import type { AdjustmentAnswer } from '../../core/contract/shapes/adjustment.ts';
import {
  type Adjusted,
  type Adjustment,
  createAdjustment as create,
  decideAdjustment,
  listAdjustments as list,
  type StoredAnswer,
} from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { decodeCursor, encodeCursor } from '../kit/cursor.ts';
import { type Answer, type HttpRequest, onceAnswer, operatorOf, refusalOf } from '../kit/serve.ts';
import { entryAnswer } from '../members/entries.ts';
import { programOf } from '../members/present.ts';

function adjustmentAnswer({ holder: _holder, ...shown }: Adjustment): AdjustmentAnswer {
  return shown;
}

/** `status` is that of an entry that was posted: made by the request, or by what it approved. */
function answerOf(outcome: Adjusted, status: 200 | 201, requestId: string): StoredAnswer {
  const refused = (problem: Problem) => refusalOf(problem, requestId);
  switch (outcome.type) {
    case 'posted':
      return { status, body: entryAnswer(outcome.entry) };
    case 'waiting':
      return { status: 202, body: adjustmentAnswer(outcome.adjustment) };
    case 'rejected':
      return { status: 200, body: adjustmentAnswer(outcome.adjustment) };
    case 'no_member':
      return refused(
        new Problem('invalid_request', undefined, [{ path: 'memberId', message: 'is not known' }]),
      );
    case 'insufficient':
      return refused(new Problem('insufficient_points', `Only ${outcome.available} points can be taken.`));
    case 'missing':
      return refused(new Problem('not_found'));
    case 'closed':
      return refused(new Problem('adjustment_closed', `The adjustment is ${outcome.status}.`));
    case 'second_needed':
      return refused(new Problem('second_operator_needed'));
  }
}

export async function createAdjustment(
  { body, caller, once, requestId }: HttpRequest<'createAdjustment'>,
  deps: Deps,
): Promise<Answer> {
  const answer = (outcome: Adjusted) => answerOf(outcome, 201, requestId);
  const wanted = { ...body, by: operatorOf(caller) };
  return onceAnswer(await create(deps.ledger, await programOf(deps), wanted, { once, answer }, deps.now()));
}

async function decide(
  decision: 'approve' | 'reject',
  request: HttpRequest<'approveAdjustment'> | HttpRequest<'rejectAdjustment'>,
  deps: Deps,
): Promise<Answer> {
  const { params, body, caller, once, requestId } = request;
  const answer = (outcome: Adjusted) => answerOf(outcome, 200, requestId);
  const wanted = { ...params, decision, reason: body.reason, by: operatorOf(caller) };
  return onceAnswer(
    await decideAdjustment(deps.ledger, await programOf(deps), wanted, { once, answer }, deps.now()),
  );
}

export const approveAdjustment = (request: HttpRequest<'approveAdjustment'>, deps: Deps) =>
  decide('approve', request, deps);
export const rejectAdjustment = (request: HttpRequest<'rejectAdjustment'>, deps: Deps) =>
  decide('reject', request, deps);

export async function listAdjustments(
  { query }: HttpRequest<'listAdjustments'>,
  deps: Deps,
): Promise<Answer> {
  const { status, limit } = query;
  const name = `adjustments ${status}`;
  const after = decodeCursor(deps, name, query.cursor);
  const page = await list(deps.ledger, status, { limit, ...(after === undefined ? {} : { after }) });
  const last = page.at(-1);
  const cursor = last && page.length === limit ? encodeCursor(deps, name, last.adjustmentId) : null;
  return { status: 200, body: { items: page.map(adjustmentAnswer), cursor } };
}
