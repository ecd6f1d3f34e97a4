/** `DELETE /v1/members/{memberId}`. */
import { Problem } from '../../core/contract/errors.ts';
import { type Erased, eraseMemberOnce as erase, type StoredAnswer } from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { type Answer, type HttpRequest, onceAnswer, operatorOf, refusalOf } from '../kit/serve.ts';
import { programOf } from './present.ts';

/** Work before the answer, well inside the ten seconds that a request has. What is left then the night does. */
const workMsMax = 5_000;

export async function eraseMember(
  { params, body, caller, once, requestId }: HttpRequest<'eraseMember'>,
  deps: Deps,
): Promise<Answer> {
  const operator = operatorOf(caller);
  const { memberId } = params;
  const begun = deps.monotonic();
  const answer = (outcome: Erased['type']): StoredAnswer =>
    outcome === 'missing'
      ? refusalOf(new Problem('not_found'), requestId)
      : { status: 202, body: { memberId, status: 'erased' } };
  return onceAnswer(
    await erase(
      deps.ledger,
      deps.erasures,
      await programOf(deps),
      { memberId, operator, reason: body.reason ?? null },
      { once, answer },
      deps.now(),
      () => deps.monotonic() - begun < workMsMax,
    ),
  );
}
