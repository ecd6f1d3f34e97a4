/** The queues by their names, without the stack's before them: where what is left in a dead-letter queue came from. */
import { busRules } from './events.ts';

/** Takes what EventBridge could not put on the queue of a rule. */
export const undeliveredQueue = 'undelivered';

/** Takes the steps of what goes through many. */
export const walksQueue = 'walks';

/** The dead-letter queue of a rule's queue, of the outbox, or of a schedule. */
export function deadLetterQueue(of: string): string {
  return `${of}-dead`;
}

export interface DeadLetterSource {
  /** Who could not handle it. */
  readonly consumer: string;
  /** The queue by which it comes there again; null where no queue does. */
  readonly sendTo: string | null;
}

/**
 * Where the messages of a dead-letter queue came from.
 * @param target the queue that EventBridge meant, for what it could not deliver
 */
export function deadLetterSource(queue: string, target: string | undefined): DeadLetterSource {
  const isUndelivered = queue === undeliveredQueue;
  const rule = busRules().find(({ name }) =>
    isUndelivered ? name === target : deadLetterQueue(name) === queue,
  );
  if (rule) return { consumer: rule.consumer, sendTo: rule.name };
  if (queue === deadLetterQueue(walksQueue)) return { consumer: walksQueue, sendTo: walksQueue };
  return { consumer: isUndelivered ? queue : queue.replace(/-dead$/, ''), sendTo: null };
}
