/**
 * Messages to members: the link to a card, which confirms the contact that it is sent to. Whoever asks, and however
 * often, one goes to a contact in a quarter of an hour, and five a day.
 */
import { type Language, languageOf } from '../../core/localized.ts';
import { languagesOf, speak } from '../../core/program-texts.ts';
import {
  contactStatusOf,
  contactsOf,
  getMember,
  linkLimits,
  newConfirmation,
  personHashes,
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

/** Whoever gets it may be somebody else than who made the card: the page asks, and lets them say so. */
const made: Readonly<Record<Language, (programme: string) => string>> = {
  en: (programme) =>
    `Somebody made a ${programme} card with this contact. Open the link and say whether it was you; if not, nothing has to be done`,
  fr: (programme) =>
    `Quelqu’un a créé une carte ${programme} avec ce contact. Ouvrez le lien et dites si c’était vous ; sinon, vous n’avez rien à faire`,
  de: (programme) =>
    `Mit diesem Kontakt wurde eine Karte von ${programme} angelegt. Öffnen Sie den Link und sagen Sie, ob Sie es waren; wenn nicht, müssen Sie nichts tun`,
  es: (programme) =>
    `Alguien ha creado una tarjeta de ${programme} con este contacto. Abre el enlace y di si has sido tú; si no, no tienes que hacer nada`,
  nl: (programme) =>
    `Iemand heeft met dit contact een kaart van ${programme} gemaakt. Open de link en zeg of jij het was; zo niet, dan hoef je niets te doen`,
  it: (programme) =>
    `Qualcuno ha creato una carta di ${programme} con questo contatto. Apri il link e di’ se sei stato tu; altrimenti non devi fare nulla`,
};

/** In the member's language; where it is none of ours, in the one that stands in. */
function cardLinkText(language: Language, programName: string, link: string, isUnconfirmed: boolean) {
  const subject = yours[language](programName);
  const said = isUnconfirmed ? made[language](programName) : subject;
  return { subject, text: `${said}${language === 'fr' ? ' :' : ':'} ${link}` };
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
  // One mailbox, however its address is written.
  const hash = personHashes(deps.ledger, contact).at(-1) ?? '';
  // The event that comes again is the same turn: what it was taken for may not have been sent.
  const turn = `${memberId} ${requestedAt}`;
  if ((await takeTurnOf(deps.ledger, 'link', hash, linkLimits, now, turn)) !== undefined) return;
  const program = await programOf(deps);
  const language = languageOf(profile.locale) ?? languagesOf(program)[0] ?? 'en';
  const programName = speak(program, profile.locale)(program.name);
  const { cardUrl } = linksOf(deps, memberId);
  const status = contactStatusOf(profile, contact.kind);
  // What stands behind the number sign goes to no server: the page sends it where somebody says that it is them.
  const link =
    status === 'confirmed'
      ? cardUrl
      : `${cardUrl}#confirm=${await newConfirmation(deps.ledger, memberId, contact, profile, requestedAt, now)}`;
  const { subject, text } = cardLinkText(language, programName, link, status === 'unconfirmed');
  const messages = await deps.messages();
  if (contact.kind === 'email') await messages.email(to, { subject, text });
  else await messages.sms(to, text);
});
