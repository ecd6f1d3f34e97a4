/**
 * Joining. Whoever is a member already gets the same kind of answer after the same time, and the link to the
 * card by a message to the address that the ledger knows. Apart from the cards, so that a crowd at the door
 * keeps nobody from the card they hold.
 */

import { Problem } from '../../core/contract/errors.ts';
import { membersSource } from '../../core/contract/events.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { enrol } from '../../ledger/ledger.ts';
import { checkedPerson } from '../kit/contact.ts';
import { serve } from '../kit/serve.ts';
import { linksOf, programOf, unknownReferral } from '../members/present.ts';

/** Joining takes at least this long, so its duration does not tell who is a member already. */
const joinFloorMs = 250;

export const handler = serve('join', {
  async join({ body }, deps) {
    const startedAt = deps.monotonic();
    const now = deps.now();
    const outcome = await enrol(deps.ledger, await programOf(deps), checkedPerson(body, now), now);
    if (outcome.type === 'unknown_referral') throw unknownReferral();
    if (outcome.type === 'exists') {
      const detail = { version: 1, memberId: outcome.memberId, requestedAt: utc(deps.now()) };
      const [taken] = await deps.bus.put([{ source: membersSource, name: 'CardLinkRequested', detail }]);
      if (!taken) throw new Problem('unavailable');
    }
    await deps.sleep(Math.max(0, startedAt + joinFloorMs - deps.monotonic()));
    const cardUrl =
      outcome.type === 'enrolled' ? linksOf(deps, outcome.member.account.memberId).cardUrl : undefined;
    return { status: 202, body: { status: 'accepted', ...(cardUrl ? { cardUrl } : {}) } };
  },
});
