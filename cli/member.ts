/** A member as a person at the command line names one. */
import type { Command } from 'commander';
import type { Api } from './api.ts';
import type { BodyFrom } from './contract.ts';
import { exits, Failure } from './failure.ts';

/** The argument by which every command takes a member. */
export function withMember(command: Command): Command {
  return command.argument('<member>', 'mem_…, a card number, an e-mail, or a phone starting with +');
}

/** Where a person stands in a request: by id, card number, e-mail or phone. */
export function memberReference(text: string) {
  if (text.startsWith('mem_')) return { memberId: text };
  if (text.includes('@')) return { email: text };
  if (text.startsWith('+')) return { phone: text };
  if (/^\d{13}$/.test(text)) return { cardNumber: text };
  throw new Failure(
    exits.usage,
    `${text} names no member: give an id (mem_…), a card number, an e-mail or a phone that starts with +.`,
  );
}

/**
 * The id of a member, looked up unless it is one.
 * @throws Failure when there is no such member
 */
export async function memberIdOf(api: Api, member: string): Promise<string> {
  return member.startsWith('mem_') ? member : (await memberOf(api, member)).memberId;
}

/** @throws Failure when there is no such member */
export async function memberOf(api: Api, member: string): Promise<BodyFrom<'GET /v1/members/{memberId}'>> {
  const { memberId, ...query } = { memberId: undefined, ...memberReference(member) };
  if (memberId !== undefined)
    return (await api.call('GET /v1/members/{memberId}', { params: { memberId } })).body;
  const [found] = (await api.call('GET /v1/members', { query })).body.items;
  if (!found) throw new Failure(exits.notRight, `There is no member ${member}.`);
  return found;
}
