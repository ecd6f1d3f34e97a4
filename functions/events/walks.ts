/** Takes the steps of walks, and puts those that follow on the queue before a step is off it. */
import type { Context, SQSBatchResponse, SQSEvent } from 'aws-lambda';
import { takeStep, type WalkMessage } from '../../ledger/ledger.ts';
import { type Deps, deps } from '../deps.ts';
import { type Count, count } from '../kit/metrics.ts';
import { sendSteps, walkMessage } from '../walks/steps.ts';
import { walksOf } from '../walks/walks.ts';

type Given = Pick<Deps, 'ledger' | 'program' | 'now' | 'send' | 'bus' | 'logger'> & { readonly count: Count };

/** Time to finish what was begun, and to put on the queue what follows. */
const reserveMs = 8_000;

export async function walkOn(body: string, given: Given, hasTime: () => boolean): Promise<void> {
  const message: WalkMessage = walkMessage.parse(JSON.parse(body));
  const program = await given.program();
  // Before the first programme there is nobody to go through.
  if (!program) return;
  const means = { context: given.ledger, program, now: given.now(), hasTime };
  const { messages, counted } = await takeStep(walksOf(given), means, message);
  await sendSteps(given, messages);
  if (counted['stale']) given.count('StaleCards', counted['stale']);
  if (counted['aside']) given.count('DeadLetters', counted['aside']);
  given.logger.info('A step is done', { ...message, counted, next: messages.length });
}

export const handler = async (batch: SQSEvent, context: Context): Promise<SQSBatchResponse> => {
  const given = { ...(await deps()), count };
  const batchItemFailures: { itemIdentifier: string }[] = [];
  for (const { messageId, body } of batch.Records) {
    try {
      await walkOn(body, given, () => context.getRemainingTimeInMillis() > reserveMs);
    } catch (error) {
      given.logger.error('A step is to be taken again', { messageId, body, error: error as Error });
      batchItemFailures.push({ itemIdentifier: messageId });
    }
  }
  return { batchItemFailures };
};
