/**
 * From the channels' queues into the ledger. Channels may put events on the bus themselves, so the door's checks hold
 * here, too: what they refuse is listed for operators, and nothing of it is posted.
 */
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import type { Channels } from '../../core/channels.ts';
import { type FieldError, Problem } from '../../core/contract/errors.ts';
import { envelope, eventBytesMax } from '../../core/contract/events.ts';
import { channelScopedId } from '../../core/contract/ids.ts';
import type { MemberReference } from '../../core/contract/shapes/member.ts';
import { type ChannelEvent, isChannelEvent, readChannelEvent } from '../../core/intake.ts';
import type { Program } from '../../core/program.ts';
import { LedgerUnavailable, listRefusedEvent, recordPurchase, recordRefund } from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import { withPhone } from '../kit/contact.ts';
import { parseShallow, wrongIn } from '../kit/json.ts';
import { depsFor, eachRecord, logFailure } from '../kit/queue.ts';
import { keepChannel } from '../kit/references.ts';

const yearMs = 365 * 86_400_000;

type Envelope = ReturnType<typeof envelope.parse>;

/** Everything that the door would say of an event that can be read. */
function checkEvent(event: Envelope, program: Program, channels: Channels, now: number): ChannelEvent {
  const name = event['detail-type'];
  if (!isChannelEvent(name)) throw new Error(`The purchase function does not consume ${name}.`);
  try {
    const read = readChannelEvent(name, event, program, channels, now);
    if (read.type === 'purchase') return { ...read, purchase: withOnePhone(read.purchase) };
    if (read.type === 'refund') return { ...read, refund: withOnePhone(read.refund) };
    return read;
  } catch (error) {
    if (error instanceof Problem) return { type: 'refused', errors: error.errors };
    throw error;
  }
}

function withOnePhone<T extends { readonly member?: MemberReference | undefined }>(body: T): T {
  return body.member ? { ...body, member: withPhone(body.member, 'detail.data.member.phone') } : body;
}

/** The id of the purchase or refund that an event is about, as far as it gives one. */
function subjectOf(detail: unknown): string | undefined {
  const id = channelScopedId.safeParse((detail as { data?: { id?: unknown } } | null | undefined)?.data?.id);
  return id.success ? id.data : undefined;
}

/** What tells an event apart. Each try has a key of its own: the same, sent again, is told by what it says. */
function contentOf(detail: unknown): string {
  const { idempotencyKey: _key, ...said } = Object(detail);
  return JSON.stringify(said);
}

async function refuse(
  event: Envelope,
  { errors, content }: { readonly errors: readonly FieldError[]; readonly content: string },
  given: Deps,
): Promise<void> {
  const now = given.now();
  const { source, time, detail } = event;
  const subject = subjectOf(detail) ?? event.id;
  const detailType = event['detail-type'];
  const putAt = typeof time === 'string' ? Date.parse(time) : Number.NaN;
  // An event with an impossible time is told of with those of today.
  const at = Math.abs(putAt - now) < yearMs ? putAt : now;
  const refused = { subject, source, detailType, content, errors, putAt: at };
  if ((await listRefusedEvent(given.ledger, refused, now)) === 'listed')
    given.logger.warn('An event of a channel was refused', { subject, source, errors });
}

export async function record(body: string, given: Deps): Promise<void> {
  const event = envelope.parse(JSON.parse(body));
  const [program, channels] = await Promise.all([given.program(), given.channels()]);
  if (!program) throw new LedgerUnavailable('throttled', 'No programme is in force yet');
  const now = given.now();
  const wrong = wrongIn(event.detail, 'detail', eventBytesMax);
  // What is too deep or too large to be handled is not even compared as text: what is wrong with it tells it apart.
  if (wrong) return refuse(event, { errors: [wrong], content: JSON.stringify(wrong) }, given);
  const checked = checkEvent(event, program, channels, now);
  switch (checked.type) {
    case 'refused':
      return refuse(event, { errors: checked.errors, content: contentOf(event.detail) }, given);
    case 'purchase':
      await keepChannel(given, checked.channel);
      await recordPurchase(given.ledger, program, checked.purchase, now, checked.key);
      return;
    case 'refund':
      await keepChannel(given, checked.channel);
      await recordRefund(given.ledger, program, checked.refund, now);
      return;
  }
}

/** Events of one order, or of somebody who is named alike, come one after the other. */
function keysOf({ body }: SQSRecord): string[] {
  const event = parseShallow(body) as { detail?: { data?: Record<string, unknown> } } | null;
  const { id, purchaseId, member } = event?.detail?.data ?? {};
  const named = member === null || typeof member !== 'object' ? [] : Object.values(member);
  return [id, purchaseId, ...named].filter((key) => typeof key === 'string');
}

export const handler = async (batch: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
  const given = await depsFor(context);
  const handle = ({ body }: SQSRecord) => record(body, given);
  return eachRecord(batch, context, { handle, failed: logFailure(given), keysOf });
};
