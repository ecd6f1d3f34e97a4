/** The queue of walks: the steps of whatever goes through many, and what has given up a step. */
import { Duration } from 'aws-cdk-lib';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { deadLetterQueue, walksQueue } from '../core/contract/queues.ts';
import { makeDeadLetters, makeQueue, type NamedQueue, receivesMax, visibilityTimeout } from './queues.ts';

export class Walks extends Construct {
  readonly queue: Queue;
  readonly deadLetters: NamedQueue<Queue>;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    this.deadLetters = makeDeadLetters(this, deadLetterQueue(walksQueue), 'queue');
    this.queue = makeQueue(this, 'walks-queue', walksQueue, {
      visibilityTimeout,
      retentionPeriod: Duration.days(14),
      deadLetterQueue: { queue: this.deadLetters.queue, maxReceiveCount: receivesMax },
    });
  }
}
