/** The kill switch: redemptions stop everywhere, earning goes on. */
import {
  getSwitch,
  redemptionSwitch,
  type StoredAnswer,
  type Switch,
  setSwitchOnce,
} from '../../ledger/ledger.ts';
import { type Deps, programFreshMs } from '../deps.ts';
import { type Answer, type HttpRequest, onceAnswer, operatorOf } from '../kit/serve.ts';

function switchAnswer(thrown: Switch | undefined): StoredAnswer {
  const { paused = false, changedAt = null, changedBy = null, reason = null } = thrown ?? {};
  return { status: 200, body: { paused, changedAt, changedBy, reason } };
}

export async function getRedemptionSwitch(
  _request: HttpRequest<'getRedemptionSwitch'>,
  deps: Deps,
): Promise<Answer> {
  return switchAnswer(await getSwitch(deps.ledger, redemptionSwitch));
}

export async function setRedemptionSwitch(
  { body, caller, once }: HttpRequest<'setRedemptionSwitch'>,
  deps: Deps,
): Promise<Answer> {
  const { paused, reason = null } = body;
  const wanted = { name: redemptionSwitch, paused, reason };
  const given = { once, answer: switchAnswer };
  const thrown = onceAnswer(await setSwitchOnce(deps.ledger, wanted, operatorOf(caller), given, deps.now()));
  // Every instance reads the switch anew within this time: what is asked after the answer meets it.
  await deps.sleep(programFreshMs);
  return thrown;
}
