/** Messages to members. The link to a card goes only to the address that the ledger knows. */
import { speak } from '../../core/program-texts.ts';
import { getMember } from '../../ledger/ledger.ts';
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
  const { memberId } = event.detail;
  const member = await getMember(deps.ledger, memberId);
  if (!member) return;
  const { profile } = member;
  const program = await programOf(deps);
  const programName = speak(program, profile.locale)(program.name);
  const { subject, text } = cardLinkText(profile.locale, programName, linksOf(deps, memberId).cardUrl);
  const messages = await deps.messages();
  if (profile.email !== null) await messages.email(profile.email, { subject, text });
  else if (profile.phone !== null) await messages.sms(profile.phone, text);
});
