/**
 * Joining, and what people do for themselves with the card that they have then. Whoever joins gets a card, known or not,
 * after the same time, and the link that confirms a contact by a message to it. Apart from the cards, so that a crowd at
 * the door keeps nobody from the card they hold.
 */

import { Problem } from '../../core/contract/errors.ts';
import { membersSource } from '../../core/contract/events.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { securityOf } from '../../core/security.ts';
import {
  addToProfile,
  cardToken,
  confirmContact,
  contactsOf,
  countWrong,
  findReferrer,
  getMember,
  guesserOf,
  joinPublicly,
  joinWindowMs,
  type Member,
  takeTurnOf,
} from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { checkedPerson } from '../kit/contact.ts';
import { serve } from '../kit/serve.ts';
import { mergeTwo } from '../members/confirming.ts';
import { goOnAt } from '../members/follow.ts';
import { linksOf, memberOfToken, missingOf, programOf } from '../members/present.ts';

/** Joining takes at least this long, so its duration does not tell who is a member already. */
const joinFloorMs = 250;

type Kind = 'email' | 'phone';

/** Asks for a link to each of some contacts; whether one is due is decided where it is sent. */
async function askForLinks(deps: Deps, memberId: MemberId, kinds: readonly Kind[]): Promise<void> {
  if (kinds.length === 0) return;
  const requestedAt = utc(deps.now());
  const events = kinds.map((contact) => ({
    source: membersSource,
    name: 'CardLinkRequested' as const,
    detail: { version: 1 as const, memberId, contact, requestedAt },
  }));
  const taken = await deps.bus.put(events);
  if (!taken.every((one) => one)) throw new Problem('unavailable');
}

/** @throws Problem when too many have come from one address of late */
async function takeJoin(deps: Deps, source: string, max: number, now: number): Promise<void> {
  const hash = deps.ledger.keyed('join source', source);
  const free = await takeTurnOf(deps.ledger, 'join', hash, [{ max, windowMs: joinWindowMs }], now);
  if (free === undefined) return;
  const retryAfterSeconds = Math.ceil((free - now) / 1000);
  throw new Problem(
    'too_many_requests',
    'Too many have joined from this address of late: try again later.',
    [],
    {
      retryAfterSeconds,
    },
  );
}

/**
 * Whether the code that a newcomer gave when joining is nobody's: told to who has proved who they are. Wrong ones are
 * counted for the address that they come from; after ten of them nothing is said of any for a while.
 */
async function isReferralUnknown(deps: Deps, { profile }: Member, source: string): Promise<boolean> {
  if (profile.joined !== 'public' || profile.referralCode === null) return false;
  if ((await findReferrer(deps.ledger, profile.referralCode)) !== undefined) return false;
  const guesser = guesserOf(deps.ledger, 'referral codes', 'public', source);
  return (await countWrong(deps.ledger, guesser, deps.now())) === undefined;
}

export const handler = serve('join', {
  async join({ body, source }, deps) {
    const startedAt = deps.monotonic();
    const now = deps.now();
    const program = await programOf(deps);
    const person = checkedPerson(body, now);
    await takeJoin(deps, source, securityOf(program).joinsPerAddress, now);
    const { account, profile } = await joinPublicly(deps.ledger, program, person, now);
    await askForLinks(
      deps,
      account.memberId,
      contactsOf(profile).map(({ kind }) => kind),
    );
    await deps.sleep(Math.max(0, startedAt + joinFloorMs - deps.monotonic()));
    return { status: 202, body: { status: 'accepted', cardUrl: linksOf(deps, account.memberId).cardUrl } };
  },

  async confirmContact({ params, body, source }, deps) {
    const now = deps.now();
    const { code, keepsCard = false } = body;
    const wanted = { token: params.cardToken, code, keepsCard };
    const outcome = await confirmContact(deps.ledger, await programOf(deps), wanted, mergeTwo(deps), now);
    if (outcome.type === 'expired') throw new Problem('link_expired');
    if (outcome.type === 'moved') throw new Problem('contact_moved');
    await goOnAt(deps, ...outcome.due);
    const { memberId, kind } = outcome;
    const member = await getMember(deps.ledger, memberId);
    const isOwn = member && cardToken(deps.ledger, memberId) === params.cardToken;
    const unknown = isOwn && (await isReferralUnknown(deps, member, source));
    return {
      status: 200,
      body: {
        status: 'confirmed',
        contact: kind,
        cardUrl: linksOf(deps, memberId).cardUrl,
        ...(unknown ? { referral: 'unknown' } : {}),
      },
    };
  },

  async sendLink({ params, body }, deps) {
    const { account, profile } = await memberOfToken(deps, params.cardToken);
    const kinds = contactsOf(profile).map(({ kind }) => kind);
    const wanted =
      body.contact === undefined ? kinds.slice(0, 1) : kinds.filter((kind) => kind === body.contact);
    await askForLinks(deps, account.memberId, wanted);
    return { status: 202, body: { status: 'accepted' } };
  },

  async addToProfile({ params, body }, deps) {
    const now = deps.now();
    const program = await programOf(deps);
    const wanted = checkedPerson(body, now);
    const { account } = await memberOfToken(deps, params.cardToken);
    const outcome = await addToProfile(deps.ledger, program, account.memberId, wanted, now);
    switch (outcome.type) {
      case 'missing':
        throw new Problem('not_found');
      case 'given':
        throw new Problem(
          'already_given',
          undefined,
          outcome.fields.map((path) => ({ path, message: 'was given before: whoever sells can change it' })),
        );
      case 'added': {
        const kinds = (['email', 'phone'] as const).filter((kind) => wanted[kind] !== undefined);
        await askForLinks(deps, account.memberId, kinds);
        return { status: 200, body: { missing: missingOf(outcome.member.profile) } };
      }
    }
  },
});
