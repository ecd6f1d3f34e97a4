/** The kill switch: redemptions stop everywhere, earning goes on. */
import { getSwitch, redemptionSwitch, type Switch, setSwitch } from '../ledger/ledger.ts';
import { type Deps, programFreshMs } from './deps.ts';
import { type Answer, type HttpRequest, operatorOf } from './http.ts';

function switchAnswer(thrown: Switch | undefined): Answer {
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
  { body, caller }: HttpRequest<'setRedemptionSwitch'>,
  deps: Deps,
): Promise<Answer> {
  const { paused, reason = null } = body;
  const wanted = { name: redemptionSwitch, paused, reason };
  const thrown = await setSwitch(deps.ledger, wanted, operatorOf(caller), deps.now());
  // Every instance reads the switch anew within this time: what is asked after the answer meets it.
  await deps.sleep(programFreshMs);
  return switchAnswer(thrown);
}
