/** What makes the functions run that are not behind a route: queues, the table's stream, a schedule. */
import { Aws, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import type { ITable, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import {
  type CfnFunction,
  FilterCriteria,
  FilterRule,
  type Function as Lambda,
  StartingPosition,
} from 'aws-cdk-lib/aws-lambda';
import { DynamoEventSource, SqsDlq, SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import { Schedule, ScheduleExpression, ScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { LambdaInvoke } from 'aws-cdk-lib/aws-scheduler-targets';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import type { OtherFunction } from '../core/contract/functions.ts';
import { deadLetterQueue } from '../core/contract/queues.ts';
import type { RuleQueue } from './bus.ts';
import type { Concurrency } from './concurrency.ts';
import { accept } from './nag.ts';
import { makeDeadLetters, type NamedQueue } from './queues.ts';

export interface TriggersProps {
  readonly functions: Readonly<Record<OtherFunction, Lambda>>;
  readonly queues: readonly RuleQueue[];
  /** The steps of walks. */
  readonly walks: Queue;
  /** Those of the bus and of the walks; the others are made here. */
  readonly deadLetters: readonly NamedQueue<Queue>[];
  readonly table: TableV2;
  readonly concurrency: Concurrency;
}

/** Messages that a copy is given at a time. */
export const recordsAtOnce = 10;

/** A flood of dead letters is listed without haste, as few as SQS lets a queue be read by. */
const quarantineCopies = 2;

export class Triggers extends Construct {
  /** All of them, those of the bus included. */
  readonly deadLetters: readonly NamedQueue<Queue>[];
  private readonly group: ScheduleGroup;

  constructor(scope: Construct, id: string, props: TriggersProps) {
    super(scope, id);
    this.group = new ScheduleGroup(this, 'Schedules', { removalPolicy: RemovalPolicy.DESTROY });
    for (const { consumer, queue } of props.queues)
      read(props.functions[consumer], queue, props.concurrency.ofQueue(consumer));
    // A step is as much as an invocation has time for.
    read(props.functions.walks, props.walks, props.concurrency.ofWalks, 1);
    this.deadLetters = [
      ...props.deadLetters,
      this.publishFrom(props.table, props.functions.outbox),
      // At 03:00 UTC, when little else happens.
      this.runRegularly(
        'certificates',
        props.functions.certificates,
        ScheduleExpression.cron({ minute: '0', hour: '3' }),
      ),
      // A minute past every hour: the function itself looks whether a day has begun where the programme lives.
      this.runRegularly('night', props.functions.night, ScheduleExpression.cron({ minute: '1' })),
    ];
    for (const { queue } of this.deadLetters) read(props.functions.quarantine, queue, quarantineCopies);
    const { walks, quarantine } = props.functions;
    for (const reader of new Set([
      ...props.queues.map(({ consumer }) => props.functions[consumer]),
      walks,
      quarantine,
    ]))
      accept(
        reader,
        'Serverless-LambdaEventSourceMappingDestination',
        'Lambda takes no destination for a queue: the queue has its own dead letter queue.',
      );
  }

  /**
   * The outbox. Only new entries are delivered, each a self-contained item. What cannot be published at all the
   * function puts aside itself, so what fails here is the bus: that is waited for as long as the stream keeps its
   * records. What is then given up leaves a pointer here.
   */
  private publishFrom(table: TableV2, outbox: Lambda): NamedQueue<Queue> {
    const failed = makeDeadLetters(this, deadLetterQueue('outbox'), 'another source');
    outbox.addEventSource(
      // TableV2 is an ITable, though its type says so only without `exactOptionalPropertyTypes`.
      new DynamoEventSource(table as ITable, {
        startingPosition: StartingPosition.TRIM_HORIZON,
        batchSize: 100,
        reportBatchItemFailures: true,
        bisectBatchOnError: true,
        maxRecordAge: Duration.hours(24),
        onFailure: new SqsDlq(failed.queue),
        filters: [
          FilterCriteria.filter({
            eventName: FilterRule.isEqual('INSERT'),
            dynamodb: { NewImage: { item: { S: FilterRule.or('entry', 'channelEvents') } } },
          }),
        ],
      }),
    );
    return failed;
  }

  private runRegularly(name: string, target: Lambda, schedule: ScheduleExpression): NamedQueue<Queue> {
    const failed = makeDeadLetters(this, deadLetterQueue(name), 'another source');
    const role = new Role(this, `${name}-role`, {
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
      }),
    });
    accept(
      role,
      `AwsSolutions-IAM5[Resource::<${Stack.of(this).getLogicalId(target.node.defaultChild as CfnFunction)}.Arn>:*]`,
      'The function and its versions, as CDK grants every caller of a function.',
    );
    new Schedule(this, name, {
      scheduleGroup: this.group,
      schedule,
      target: new LambdaInvoke(target, {
        role,
        deadLetterQueue: failed.queue,
        retryAttempts: 5,
        maxEventAge: Duration.hours(1),
      }),
    });
    return failed;
  }
}

function read(consumer: Lambda, queue: Queue, maxConcurrency: number, batchSize = recordsAtOnce): void {
  consumer.addEventSource(
    new SqsEventSource(queue, {
      batchSize,
      reportBatchItemFailures: true,
      maxConcurrency,
    }),
  );
}
