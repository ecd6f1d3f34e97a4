/** Queues as they all are here: encrypted, refusing plain HTTP. */
import { Duration, Stack } from 'aws-cdk-lib';
import { type IQueue, Queue, QueueEncryption, type QueueProps } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { accept } from './nag.ts';
import { physicalName } from './names.ts';

/** Requests have an answer within this. */
export const httpTimeout = Duration.seconds(10);
/** Consumers run so long at most; SQS advises six times that before a message is shown again. */
export const consumerTimeout = Duration.seconds(15);
export const visibilityTimeout = Duration.seconds(6 * consumerTimeout.toSeconds());

/** A queue by the name that functions know it by. */
export interface NamedQueue<Kind extends IQueue = IQueue> {
  readonly name: string;
  readonly queue: Kind;
}

/**
 * How often a message comes before it is given up: half an hour of tries three minutes apart, longer than the usual
 * disturbance of a service behind us.
 */
export const receivesMax = 10;

/** @param name the physical name without the system's; operators meet it when they redrive */
export function makeQueue(scope: Construct, id: string, name: string, props: QueueProps = {}): Queue {
  return new Queue(scope, id, {
    queueName: physicalName(scope, name),
    encryption: QueueEncryption.SQS_MANAGED,
    enforceSSL: true,
    ...props,
  });
}

/**
 * Where messages end that could not be handled, until the quarantine has listed them. Kept for 14 days, the longest
 * that SQS allows.
 * @param behind whether it is a queue whose messages end here, or a schedule, a stream or a rule
 */
export function makeDeadLetters(
  scope: Construct,
  name: string,
  behind: 'queue' | 'another source',
): NamedQueue<Queue> {
  const queue = makeQueue(scope, name, name, { visibilityTimeout, retentionPeriod: Duration.days(14) });
  // What is behind a queue the first of the rules sees by itself.
  const rules = behind === 'queue' ? [] : ['AwsSolutions-SQS3'];
  for (const rule of [...rules, 'Serverless-SQSRedrivePolicy'])
    accept(
      queue,
      rule,
      'It is a dead letter queue itself: what cannot be listed stays there, and an alarm rings.',
    );
  return { name, queue };
}

/** A queue of another stack, by its name. */
export function queueNamed(scope: Construct, name: string): IQueue {
  const arn = Stack.of(scope).formatArn({ service: 'sqs', resource: physicalName(scope, name) });
  return Queue.fromQueueArn(scope, `${name}-queue`, arn);
}
