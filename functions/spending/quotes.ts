/** `POST /v1/quotes`. */
import { sellerOf } from '../../core/channels.ts';
import { considered } from '../../core/considered.ts';
import { Problem } from '../../core/contract/errors.ts';
import { scopedId } from '../../core/contract/ids.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import { refusePurchase } from '../../core/intake.ts';
import { pricingSteps } from '../../core/pricing-steps.ts';
import { speak } from '../../core/program-texts.ts';
import { quotePurchase as quote } from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { withPhone } from '../kit/contact.ts';
import type { Answer, HttpRequest } from '../kit/serve.ts';
import { programOf } from '../members/present.ts';

/** What the door refuses for a purchase it refuses here, so that a quote can always be posted. */
export async function quotePurchase(
  { body, caller }: HttpRequest<'quotePurchase'>,
  deps: Deps,
): Promise<Answer> {
  if (caller.role !== 'channel') throw new Problem('forbidden');
  const program = await programOf(deps);
  const now = deps.now();
  const refusal = refusePurchase(body, program, now);
  if (refusal) throw new Problem(refusal.code, undefined, refusal.errors);
  const { member, ...rest } = body;
  const purchase: RecordedPurchase = {
    ...rest,
    ...(member ? { member: withPhone(member, 'member.phone') } : {}),
    ...sellerOf(caller.channel),
    // A purchase that is never posted needs no id of its own.
    id: scopedId(caller.channel.id, 'quote'),
  };
  const paused = await deps.redemptionsPaused();
  const { basis, member: buyer, rewards } = await quote(deps.ledger, program, purchase, paused, now);
  const say = speak(program);
  return {
    status: 200,
    body: {
      points: basis.points,
      breakdown: pricingSteps(basis, program),
      campaigns: considered({ program, purchase, basis, member: buyer }),
      rewards: rewards.map(({ id, name, type, points }) => ({ id, name: say(name), type, points })),
    },
  };
}
