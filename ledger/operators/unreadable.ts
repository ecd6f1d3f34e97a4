/**
 * Deliveries of shops that are genuine and cannot be understood, or could not be posted: an operator is told, and sees
 * what came, without what it says of people.
 */
import type { Channel } from '../../core/channels.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { redacted } from '../../core/redaction.ts';
import type { LedgerContext } from '../store/context.ts';
import { commit } from '../store/decide.ts';
import { openOnce } from './exceptions.ts';

export interface UnreadableDelivery {
  readonly channel: Channel;
  /** What the delivery, or the order, is called. */
  readonly subject: string;
  /** Why, as a sentence. */
  readonly reason: string;
  /** As it came. */
  readonly body: string;
}

const dayMs = 86_400_000;
/** Of a body that is larger the beginning tells what it was. */
const bodyMax = 32_000;
const subjectMax = 200;

/**
 * Lists it, once a day for the same body.
 * @throws LedgerUnavailable when it is not certain to be listed
 */
export async function listUnreadable(
  context: LedgerContext,
  { channel, subject, reason, body }: UnreadableDelivery,
  now: number,
): Promise<'listed' | 'known'> {
  const opened = {
    type: 'delivery_unreadable' as const,
    subject: `${channel.id}:${subject}`.slice(0, subjectMax).toWellFormed(),
    memberId: null,
    detail: `What ${channel.name} delivered was not posted: ${reason}`.slice(0, 1000).toWellFormed(),
    data: {
      channel: channel.id,
      adapter: channel.adapter ?? null,
      body: redacted(body.slice(0, bodyMax)).toWellFormed(),
    },
    distinction: context.sha256(body),
    occurredAt: utc(Math.floor(now / dayMs) * dayMs),
  };
  const met = await commit(context, `Listing a delivery of ${channel.id}`, openOnce(context, opened, now));
  return met ? 'known' : 'listed';
}
