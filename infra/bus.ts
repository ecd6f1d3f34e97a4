/** The bus, its archive, and one rule with its own queue for every line of the event table's rules. */
import { Duration } from 'aws-cdk-lib';
import { EventBus, type EventPattern, Match, Rule } from 'aws-cdk-lib/aws-events';
import { SqsQueue } from 'aws-cdk-lib/aws-events-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { type BusRule, busRules, type ConsumerName } from '../core/contract/events.ts';
import { deadLetterQueue, undeliveredQueue } from '../core/contract/queues.ts';
import { makeDeadLetters, makeQueue, type NamedQueue, receivesMax, visibilityTimeout } from './queues.ts';

export interface RuleQueue extends NamedQueue {
  readonly consumer: ConsumerName;
}

export class Bus extends Construct {
  readonly bus: EventBus;
  readonly queues: readonly RuleQueue[];
  readonly deadLetters: readonly Queue[];

  constructor(scope: Construct, id: string) {
    super(scope, id);
    // The name is part of the contract: channels with AWS access put their events on it themselves.
    this.bus = new EventBus(this, 'Bus', { eventBusName: 'philia' });
    // A month covers the replay after an incident; events may name a member by e-mail, so not for ever.
    this.bus.archive('Archive', {
      eventPattern: { source: Match.prefix('philia.') },
      retention: Duration.days(30),
    });
    const undelivered = makeDeadLetters(this, 'Undelivered', undeliveredQueue, 'another source');
    const made = busRules().map((rule) => this.addRule(rule, undelivered));
    this.queues = made.map(({ rule: { name, consumer }, queue }) => ({ name, consumer, queue }));
    this.deadLetters = [undelivered, ...made.map(({ dead }) => dead)];
  }

  /** The rule's own dead letter takes what EventBridge could not put on the queue; the queue's, what failed. */
  private addRule(rule: BusRule, undelivered: Queue) {
    const dead = makeDeadLetters(this, `${rule.name}-dead`, deadLetterQueue(rule.name), 'queue');
    const queue = makeQueue(this, `${rule.name}-queue`, rule.name, {
      visibilityTimeout,
      retentionPeriod: Duration.days(14),
      deadLetterQueue: { queue: dead, maxReceiveCount: receivesMax },
    });
    new Rule(this, rule.name, {
      eventBus: this.bus,
      eventPattern: patternOf(rule),
      targets: [new SqsQueue(queue, { deadLetterQueue: undelivered })],
    });
    return { rule, queue, dead };
  }
}

function patternOf({ pattern: { source, 'detail-type': detailType, detail } }: BusRule): EventPattern {
  return { source: [...source], detailType: [...detailType], ...(detail && { detail }) };
}
