/**
 * Messages to members: the link to a card, which confirms the contact that it is sent to. Whoever asks, and however
 * often, one goes to a contact in a quarter of an hour, and five a day.
 */
import { type Language, languageOf } from '../../core/localized.ts';
import { languagesOf, speak } from '../../core/program-texts.ts';
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

const yours: Readonly<Record<Language, (programme: string) => string>> = {
  en: (programme) => `Your ${programme} card`,
  fr: (programme) => `Votre carte ${programme}`,
  de: (programme) => `Ihre Karte von ${programme}`,
  es: (programme) => `Tu tarjeta de ${programme}`,
  nl: (programme) => `Je kaart van ${programme}`,
  it: (programme) => `La tua carta di ${programme}`,
};

/** In the member's language; where it is none of ours, in the one that stands in. */
function cardLinkText(language: Language, programName: string, cardUrl: string) {
  const subject = yours[language](programName);
  return { subject, text: `${subject}${language === 'fr' ? ' :' : ':'} ${cardUrl}` };
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
  const language = languageOf(profile.locale) ?? languagesOf(program)[0] ?? 'en';
  const programName = speak(program, profile.locale)(program.name);
  const { subject, text } = cardLinkText(language, programName, await linkFor(contact));
  const messages = await deps.messages();
  if (contact.kind === 'email') await messages.email(to, { subject, text });
  else await messages.sms(to, text);

  /** What stands behind the number sign goes to no server: the page sends it where somebody says that it is them. */
  async function linkFor(one: Contact): Promise<string> {
    const { cardUrl } = linksOf(deps, memberId);
    if (contactStatusOf(profile, one.kind) === 'confirmed') return cardUrl;
    return `${cardUrl}#confirm=${await newConfirmation(deps.ledger, memberId, one, profile, requestedAt, now)}`;
  }
});
