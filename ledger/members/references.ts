/** How channels name members, and how much of it is kept. */
import type { MemberReference } from '../../core/contract/shapes/member.ts';
import { aheadMaxMs } from '../../core/intake.ts';
import type { LedgerContext } from '../store/context.ts';
import { fromItem, keys } from '../store/items.ts';
import { contactHash } from './contacts.ts';
import { resolveMember } from './members.ts';

interface Naming {
  readonly member?: MemberReference | undefined;
  readonly occurredAt: string;
}

/** What is kept beside the member's id. */
export function withoutMember<T extends Naming>(body: T): Omit<T, 'member'> {
  const { member: _member, ...rest } = body;
  return rest;
}

/**
 * A body as it may be stored: a member who is known is named by the id alone, so that an e-mail address stands
 * in the profile and nowhere else. Who is not known stays named as the channel did, until somebody claims it,
 * unless that was somebody who has left since: then it came late, and is kept as a guest's.
 */
export async function storable<T extends Naming>(context: LedgerContext, body: T, now: number): Promise<T> {
  const { member } = body;
  if (!member || member.memberId !== undefined) return body;
  const memberId = await resolveMember(context, member);
  if (memberId !== undefined) return { ...body, member: { memberId } };
  return (await isErased(context, member, body.occurredAt, now)) ? (withoutMember(body) as T) : body;
}

async function isErased(
  context: LedgerContext,
  { email, phone, cardNumber }: MemberReference,
  occurredAt: string,
  now: number,
): Promise<boolean> {
  const contact = email ?? phone ?? cardNumber;
  const item = contact && (await context.store.get(keys.erasedContact(contactHash(context, contact))));
  if (!item) return false;
  const { erasedAt, expiresAt } = fromItem(item, 'erasedContact');
  // Clocks of tills may be ahead by as much.
  return Date.parse(expiresAt) > now && Date.parse(occurredAt) <= Date.parse(erasedAt) + aheadMaxMs;
}
