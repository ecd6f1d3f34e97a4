/** The bus and its archive; and one rule with its own queue for every line of the event table's rules. */
import { Duration } from 'aws-cdk-lib';
import { EventBus, type EventPattern, type IEventBus, Match, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type BusRule, busRules, type ConsumerName } from '../core/contract/events.ts';
import { deadLetterQueue, undeliveredQueue } from '../core/contract/queues.ts';
import { makeDeadLetters, makeQueue, type NamedQueue, receivesMax, visibilityTimeout } from './queues.ts';

export class Bus extends Construct {
  readonly bus: EventBus;

  constructor(scope: Construct, id: string) {
    super(scope, id);
    // The name is part of the contract: channels with AWS access put their events on it themselves.
    this.bus = new EventBus(this, 'Bus', { eventBusName: 'philia' });
    // A month covers the replay after an incident; events may name a member by e-mail, so not for ever.
    this.bus.archive('Archive', {
      eventPattern: { source: Match.prefix('philia.') },
      retention: Duration.days(30),
    });
  }
}

export interface RuleQueue extends NamedQueue<Queue> {
  readonly consumer: ConsumerName;
}

export class Rules extends Construct {
  readonly queues: readonly RuleQueue[];
  readonly deadLetters: readonly NamedQueue<Queue>[];

  constructor(scope: Construct, id: string, bus: EventBus) {
    super(scope, id);
    const undelivered = makeDeadLetters(this, undeliveredQueue, 'another source');
    const made = busRules().map((rule) => this.addRule(bus, rule, undelivered.queue));
    this.queues = made.map(({ rule: { name, consumer }, queue }) => ({ name, consumer, queue }));
    this.deadLetters = [undelivered, ...made.map(({ dead }) => dead)];
  }

  /** The rule's own dead letter takes what EventBridge could not put on the queue; the queue's, what failed. */
  private addRule(bus: EventBus, rule: BusRule, undelivered: Queue) {
    const dead = makeDeadLetters(this, deadLetterQueue(rule.name), 'queue');
    const queue = makeQueue(this, `${rule.name}-queue`, rule.name, {
      visibilityTimeout,
      retentionPeriod: Duration.days(14),
      deadLetterQueue: { queue: dead.queue, maxReceiveCount: receivesMax },
    });
    new Rule(this, rule.name, {
      // An EventBus is an IEventBus, though its type says so only without `exactOptionalPropertyTypes`.
      eventBus: bus as IEventBus,
      eventPattern: patternOf(rule),
      targets: [new SqsQueue(queue, { deadLetterQueue: undelivered })],
    });
    return { rule, queue, dead };
  }
}

function patternOf({ pattern: { source, 'detail-type': detailType, detail } }: BusRule): EventPattern {
  return { source: [...source], detailType: [...detailType], ...(detail && { detail }) };
}
