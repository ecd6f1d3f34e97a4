/**
 * What nobody could handle is listed as an exception, where operators see it, send it again or dismiss it. It leaves
 * its dead-letter queue only when that is committed.
 */
import type { Context, SQSBatchResponse, SQSEvent, SQSRecord } from 'aws-lambda';
import { idSchema, type MemberId } from '../../core/contract/ids.ts';
import { type DeadLetterSource, deadLetterSource, undeliveredQueue } from '../../core/contract/queues.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { listDeadLetter, type NewDeadLetter } from '../../ledger/ledger.ts';
import { type Deps, deps } from '../deps.ts';
import { parseShallow } from '../kit/json.ts';
import { type Count, count } from '../kit/metrics.ts';
import { eachRecord } from '../kit/queue.ts';

/** A queue's own name: without the address, and without the stack's name before it. */
function nameOf(arn: string | undefined): string | undefined {
  return arn?.replace(/^.*:/, '').replace(/^philia-[a-z]+-/, '');
}

/** What can be told of a message whatever it is. */
interface Seen {
  readonly type: string;
  readonly memberId: MemberId | null;
}

function look(body: string): Seen {
  const event = parseShallow(body) as {
    'detail-type'?: unknown;
    detail?: { memberId?: unknown; data?: { member?: { memberId?: unknown } } };
  } | null;
  const type = event?.['detail-type'];
  const named = event?.detail?.memberId ?? event?.detail?.data?.member?.memberId;
  const memberId = idSchema('member').safeParse(named);
  return {
    type: typeof type === 'string' ? type.slice(0, 100) : 'this message',
    memberId: memberId.success ? memberId.data : null,
  };
}

function sentence(
  queue: string,
  { consumer, sendTo }: DeadLetterSource,
  type: string,
  reason?: string,
): string {
  if (queue === undeliveredQueue)
    return `EventBridge could not deliver ${type}${sendTo === null ? '' : ` to ${sendTo}`}: ${reason ?? 'it does not say why'}.`;
  if (sendTo !== null) return `${consumer} gave ${type} up after its last try.`;
  if (consumer === 'outbox') return 'Entries could not be published for a day, and the stream went on.';
  return `${consumer} could not be started by its schedule.`;
}

function deadLetterOf(record: SQSRecord): NewDeadLetter {
  const { messageId, body, attributes, messageAttributes, eventSourceARN } = record;
  const queue = nameOf(eventSourceARN) ?? '';
  const target = nameOf(messageAttributes['TARGET_ARN']?.stringValue);
  const source = deadLetterSource(queue, target);
  const { type, memberId } = look(body);
  return {
    subject: messageId,
    sentAt: utc(Number(attributes.SentTimestamp)),
    memberId,
    detail: sentence(queue, source, type, messageAttributes['ERROR_MESSAGE']?.stringValue),
    ...source,
    queue,
    body,
    receiveCount: Number(attributes.ApproximateReceiveCount),
  };
}

export async function quarantine(
  batch: SQSEvent,
  context: Pick<Context, 'getRemainingTimeInMillis'>,
  deps: Pick<Deps, 'ledger' | 'now' | 'logger'> & { readonly count: Count },
): Promise<SQSBatchResponse> {
  let listed = 0;
  const answer = await eachRecord(batch, context, {
    handle: async (record) => {
      const letter = deadLetterOf(record);
      if ((await listDeadLetter(deps.ledger, letter, deps.now())) === 'listed') listed++;
      const { messageId } = record;
      deps.logger.error('A message could not be handled', { messageId, queue: letter.queue });
    },
    failed: ({ messageId }, error) =>
      deps.logger.error('A dead letter could not be listed', { messageId, error: error as Error }),
  });
  if (listed > 0) deps.count('DeadLetters', listed);
  return answer;
}

export const handler = async (batch: SQSEvent, context: Context): Promise<SQSBatchResponse> =>
  quarantine(batch, context, { ...(await deps()), count });
