/**
 * Messages to members: the link to a card, which confirms the contact that it is sent to. Whoever asks, and however
 * often, one goes to a contact in a quarter of an hour, and five a day.
 */
import { speak } from '../../core/program-texts.ts';
import {
  type Contact,
  contactHash,
  contactStatusOf,
  contactsOf,
  getMember,
  linkLimits,
  newConfirmation,
  takeTurnOf,
} from '../../ledger/ledger.ts';
import { consumer } from '../kit/queue.ts';
import { linksOf, programOf } from '../members/present.ts';

interface Text {
  readonly subject: string;
  readonly text: string;
}

/** In the member's language; English where there is none of ours. */
function cardLinkText(locale: string, programName: string, cardUrl: string): Text {
  return locale.startsWith('fr')
    ? { subject: `Votre carte ${programName}`, text: `Votre carte ${programName} : ${cardUrl}` }
    : { subject: `Your ${programName} card`, text: `Your ${programName} card: ${cardUrl}` };
}

export const handler = consumer(async (event, deps) => {
  if (event.name !== 'CardLinkRequested')
    throw new Error(`The message function does not consume ${event.name}.`);
  const { memberId, contact: wanted, requestedAt } = event.detail;
  const member = await getMember(deps.ledger, memberId);
  if (!member) return;
  const { profile } = member;
  const contact = contactsOf(profile).find(({ kind }) => wanted === undefined || kind === wanted);
  const to = contact && profile[contact.kind];
  if (!contact || !to) return;
  const now = deps.now();
  const hash = contactHash(deps.ledger, contact.value);
  // The event that comes again is the same turn: what it was taken for may not have been sent.
  const turn = `${memberId} ${requestedAt}`;
  if ((await takeTurnOf(deps.ledger, 'link', hash, linkLimits, now, turn)) !== undefined) return;
  const program = await programOf(deps);
  const programName = speak(program, profile.locale)(program.name);
  const { subject, text } = cardLinkText(profile.locale, programName, await linkFor(contact));
  const messages = await deps.messages();
  if (contact.kind === 'email') await messages.email(to, { subject, text });
  else await messages.sms(to, text);

  /** What stands behind the number sign goes to no server: the page sends it where somebody says that it is them. */
  async function linkFor(one: Contact): Promise<string> {
    const { cardUrl } = linksOf(deps, memberId);
    if (contactStatusOf(profile, one.kind) === 'confirmed') return cardUrl;
    return `${cardUrl}#confirm=${await newConfirmation(deps.ledger, memberId, one, requestedAt, now)}`;
  }
});
