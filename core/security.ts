/**
 * Whose an account is. A contact may be given by somebody whose it is not: until its owner has used the link that was
 * sent there, purchases by it earn and nothing can be spent.
 *
 * Who takes over an account replaces the e-mail or phone and spends the points before anybody notices; who has stolen a
 * card's link adds their own. So when a contact is replaced, or added by the card alone, a part of the points has to
 * stay for a while; the rest, and what is earned since, can be spent.
 */
import { utc } from './contract/shapes/basics.ts';
import type { ContactStatus } from './contract/shapes/member.ts';
import type { ProgramDocument } from './program.ts';

/** Points that have to stay, since a contact of the member was changed. */
export interface ContactHold {
  /** When the contact was changed that it is for, RFC 3339. */
  readonly since: string;
  /** RFC 3339; until then. */
  readonly until: string;
  /** So many have to stay. */
  readonly keeps: number;
}

/** Who has to confirm a contact before points and vouchers can be spent. */
export const confirmationRules = ['public_join', 'always', 'off'] as const;
export type ConfirmationRule = (typeof confirmationRules)[number];

export const defaultSecurity = {
  contactChangeHoldMinutes: 60,
  contactChangeKeepPercent: 50,
  confirmation: 'public_join' as ConfirmationRule,
  joinsPerAddress: 20,
} as const;

/** What a programme says of security; documents of before say less. */
export function securityOf({ security }: Pick<ProgramDocument, 'security'>) {
  return { ...defaultSecurity, ...security };
}

/** How each contact of a member is known to be theirs. */
export interface Known {
  /** Whether they came by the public page, and not by somebody who sells. */
  readonly isPublic: boolean;
  readonly statuses: readonly ContactStatus[];
  /** Whether purchases are theirs by a contact that nobody has confirmed. */
  readonly isDoubted: boolean;
}

/**
 * Whether somebody is who they say they are: a channel or an operator enrolled them, or one contact is known theirs and
 * none by which they earn is not. Somebody else's address beside one's own number would else earn what can be spent.
 */
export function isProven({ isPublic, statuses, isDoubted }: Known): boolean {
  return !isPublic || (!isDoubted && statuses.some((status) => status !== 'unconfirmed'));
}

/** Whether a contact has to be confirmed before the member can spend. */
export function mustConfirm(program: Pick<ProgramDocument, 'security'>, known: Known): boolean {
  switch (securityOf(program).confirmation) {
    case 'off':
      return false;
    case 'public_join':
      return !isProven(known);
    case 'always':
      return !known.statuses.includes('confirmed');
  }
}

/**
 * What is held once a contact is changed; a hold that is there already is never made weaker by another change.
 * @param available the points that could be spent at that moment
 */
export function holdContact(
  program: Pick<ProgramDocument, 'security'>,
  available: number,
  before: ContactHold | undefined,
  now: number,
): ContactHold | undefined {
  const { contactChangeHoldMinutes, contactChangeKeepPercent } = securityOf(program);
  const open = before && isOpen(before, now) ? before : undefined;
  const keeps = Math.ceil((available * contactChangeKeepPercent) / 100);
  if (contactChangeHoldMinutes === 0 || keeps === 0) return open;
  const until = now + contactChangeHoldMinutes * 60_000;
  return {
    since: utc(now),
    until: utc(Math.max(until, open ? Date.parse(open.until) : 0)),
    keeps: Math.max(keeps, open?.keeps ?? 0),
  };
}

export function isOpen(hold: ContactHold, now: number): boolean {
  return now < Date.parse(hold.until);
}

/** Whether a hold stands in the way of spending so many of the available points. */
export function isHeld(hold: ContactHold | undefined, available: number, points: number, now: number) {
  return hold !== undefined && isOpen(hold, now) && points > 0 && available - points < hold.keeps;
}
