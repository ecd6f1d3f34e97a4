/** What the visitor has typed, and the request that is made of it. */
import type { Enrolment } from '../../core/contract/shapes/member.ts';

export interface Draft {
  readonly name: string;
  readonly email: string;
  readonly phone: string;
  readonly referralCode: string;
  readonly consentEmail: boolean;
  readonly consentSms: boolean;
}

export const emptyDraft: Draft = {
  name: '',
  email: '',
  phone: '',
  referralCode: '',
  consentEmail: false,
  consentSms: false,
};

/** The form as it opens: a friend's link, `/?ref=CODE`, brings the friend's code along. `search` as in the address. */
export function draftFrom(search: string): Draft {
  return { ...emptyDraft, referralCode: new URLSearchParams(search).get('ref')?.trim() ?? '' };
}

/** Whether there is a way to reach the person; everything else is for the API to judge. */
export function isReachable(draft: Draft): boolean {
  return draft.email.trim() !== '' || draft.phone.trim() !== '';
}

export function hasTwoContacts({ email, phone }: Enrolment): boolean {
  return email !== undefined && phone !== undefined;
}

/** Fields left empty are left out: the API takes a missing e-mail, not an empty one. */
export function enrolmentOf(draft: Draft, locale: string): Enrolment {
  const name = draft.name.trim();
  const email = draft.email.trim();
  const phone = international(draft.phone.trim());
  const referralCode = draft.referralCode.trim();
  return {
    ...(name !== '' && { name }),
    ...(email !== '' && { email }),
    ...(phone !== '' && { phone }),
    ...(referralCode !== '' && { referralCode }),
    locale,
    consents: { email: draft.consentEmail, sms: draft.consentSms },
  };
}

/**
 * `0033 6…` becomes `+33 6…`. A number without a country code stays as it is and is refused: guessing the
 * country could send somebody's card to a stranger.
 */
function international(phone: string): string {
  return phone.replace(/^00/, '+');
}
