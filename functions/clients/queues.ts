/** Messages put on a queue directly: a dead letter sent again, a hold looked at again when its time is over. */
import { SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { answered, inTime } from '../kit/budget.ts';

/**
 * Puts a text on a queue, at the earliest after a delay of up to 900 seconds.
 * @throws Error when it is not certain to be there
 */
export type Send = (queue: string, body: string, delaySeconds?: number) => Promise<void>;

/** @param urls of the queues that the function may send to, by their names */
export function connect(settings: object, urls: Readonly<Record<string, string>>): Send {
  // Requests go to the service's address and not to the queue's: the first can be another one than AWS's.
  const client = inTime(new SQSClient({ ...settings, useQueueUrlAsEndpoint: false }));
  return async (queue, body, delaySeconds = 0) => {
    const url = urls[queue];
    if (url === undefined)
      throw new Error(`There is no way to the queue ${queue}; known are ${Object.keys(urls).join(', ')}.`);
    const command = new SendMessageCommand({ QueueUrl: url, MessageBody: body, DelaySeconds: delaySeconds });
    await answered(`Sending to ${queue}`, client.send(command));
  };
}
