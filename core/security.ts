/**
 * Who takes over an account replaces the e-mail or phone and spends the points before anybody notices. So when a
 * contact is replaced, a part of the points has to stay for a while; the rest, and what is earned since, can be spent.
 */
import { utc } from './contract/shapes/basics.ts';
import type { ProgramDocument } from './program.ts';

/** Points that have to stay, since a contact of the member was replaced. */
export interface ContactHold {
  /** When the contact was replaced that it is for, RFC 3339. */
  readonly since: string;
  /** RFC 3339; until then. */
  readonly until: string;
  /** So many have to stay. */
  readonly keeps: number;
}

export const defaultSecurity = { contactChangeHoldMinutes: 60, contactChangeKeepPercent: 50 } as const;

/**
 * What is held once a contact is replaced; a hold that is there already is never made weaker by another change.
 * @param available the points that could be spent at that moment
 */
export function holdContact(
  program: Pick<ProgramDocument, 'security'>,
  available: number,
  before: ContactHold | undefined,
  now: number,
): ContactHold | undefined {
  const { contactChangeHoldMinutes, contactChangeKeepPercent } = program.security ?? defaultSecurity;
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
