/** `DELETE /v1/members/{memberId}`. */
import { Problem } from '../core/contract/errors.ts';
import { eraseMember as erase } from '../ledger/ledger.ts';
import type { Deps } from './deps.ts';
import type { Answer, HttpRequest } from './http.ts';
import { programOf } from './present.ts';

/** Work before the answer, well inside the ten seconds that a request has. What is left then the night does. */
const workMsMax = 5_000;

export async function eraseMember(
  { params, body, caller }: HttpRequest<'eraseMember'>,
  deps: Deps,
): Promise<Answer> {
  if (caller.role !== 'ops') throw new Problem('forbidden');
  const { memberId } = params;
  const { keyId, name } = caller;
  const begun = deps.monotonic();
  const outcome = await erase(
    deps.ledger,
    deps.erasures,
    await programOf(deps),
    { memberId, operator: { keyId, name }, reason: body.reason ?? null },
    deps.now(),
    () => deps.monotonic() - begun < workMsMax,
  );
  if (outcome.type === 'missing') throw new Problem('not_found');
  return { status: 202, body: { memberId, status: 'erased' } };
}
