/** What wakes somebody up, all on one encrypted topic. */
import { Aws, CfnCondition, Duration, Fn, RemovalPolicy } from 'aws-cdk-lib';
import type { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import {
  Alarm,
  ComparisonOperator,
  type IMetric,
  MathExpression,
  Metric,
  TreatMissingData,
} from 'aws-cdk-lib/aws-cloudwatch';
import { SnsAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
import { Operation, type TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Key } from 'aws-cdk-lib/aws-kms';
import { CfnSubscription, Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import type { ConsumerName } from '../core/contract/events.ts';
import type { FunctionName } from '../core/contract/functions.ts';
import { walksQueue } from '../core/contract/queues.ts';
import { accept } from './nag.ts';
import { functionNames, physicalName } from './names.ts';
import { queueNamed } from './queues.ts';

interface WatchedQueue {
  readonly name: string;
  readonly consumer: ConsumerName;
}

/** Functions and queues are of other stacks, and are watched by their names. */
export interface AlarmsProps {
  /** Where alarms are mailed; nowhere when empty, as known only at deployment. */
  readonly email: string;
  /** The names of the dead letters' queues. */
  readonly deadLetters: readonly string[];
  /** The consumers' queues by their names. */
  readonly queues: readonly WatchedQueue[];
  readonly table: TableV2;
  readonly api: HttpApi;
}

const period = Duration.minutes(5);

/** Who brings cards up to date. */
const updaters: ReadonlySet<ConsumerName> = new Set<ConsumerName>([
  'apple-push',
  'google-update',
  'samsung-update',
]);
const lagSecondsMax = 5 * 60;
/** SQS leaves out what it has shown more than three times, so where everything fails this is as old as it gets. */
const ageSecondsMax = 3 * 60;
/** A hold's message is delayed by up to a quarter of an hour, and then put on the queue anew. */
const holdSecondsMax = 15 * 60 + ageSecondsMax;

const walkAgeSecondsMax = 60 * 60;

/** What the ledger asks of the table. */
const operations = [
  Operation.GET_ITEM,
  Operation.BATCH_GET_ITEM,
  Operation.QUERY,
  Operation.PUT_ITEM,
  Operation.UPDATE_ITEM,
  Operation.DELETE_ITEM,
  Operation.TRANSACT_WRITE_ITEMS,
];

export class Alarms extends Construct {
  private readonly topic: Topic;

  constructor(scope: Construct, id: string, props: AlarmsProps) {
    super(scope, id);
    this.topic = this.makeTopic();
    this.mailTo(props.email);
    this.watchDeadLetters(props.deadLetters);
    for (const name of functionNames) this.watchFunction(name);
    this.watchOutbox();
    this.watchQueues(props.queues);
    this.watchCards(props.queues);
    this.watchWalks();
    this.watchTable(props.table);
    this.watchApi(props.api);
    this.watchCertificate();
  }

  /** CloudWatch may not use the key that AWS keeps for SNS, so an encrypted topic needs a key of its own. */
  private makeTopic(): Topic {
    const cloudwatch = new ServicePrincipal('cloudwatch.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': Aws.ACCOUNT_ID } },
    });
    const key = new Key(this, 'Key', {
      description: 'Encrypts the alarms of Philia.',
      enableKeyRotation: true,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    key.grant(cloudwatch, 'kms:Decrypt', 'kms:GenerateDataKey*');
    const topic = new Topic(this, 'Topic', { masterKey: key, enforceSSL: true });
    topic.addToResourcePolicy(
      new PolicyStatement({
        principals: [cloudwatch],
        actions: ['sns:Publish'],
        resources: [topic.topicArn],
      }),
    );
    return topic;
  }

  private mailTo(email: string): void {
    const given = new CfnCondition(this, 'EmailGiven', {
      expression: Fn.conditionNot(Fn.conditionEquals(email, '')),
    });
    const subscription = new CfnSubscription(this, 'Email', {
      topicArn: this.topic.topicArn,
      protocol: 'email',
      endpoint: email,
    });
    subscription.cfnOptions.condition = given;
    accept(
      subscription,
      'Serverless-SNSRedrivePolicy',
      'Mail that bounces has left SNS, so a queue behind the subscription would stay empty.',
    );
  }

  /**
   * What could not be handled is counted as it is listed. A queue that stays filled for a quarter of an hour, its
   * messages shown or just being tried, is one that cannot be emptied.
   */
  private watchDeadLetters(names: readonly string[]): void {
    for (const service of ['quarantine', 'outbox', 'walks']) {
      const listed = new Metric({
        namespace: 'Philia',
        metricName: 'DeadLetters',
        dimensionsMap: { service },
        statistic: 'Sum',
        period,
      });
      this.above(`${service}-dead-letters`, 'Something could not be handled: see the exceptions.', 0, listed);
    }
    for (const name of names) {
      const queue = queueNamed(this, name);
      const maximum = { period, statistic: 'Maximum' };
      const kept = new MathExpression({
        expression: 'shown + tried',
        usingMetrics: {
          shown: queue.metricApproximateNumberOfMessagesVisible(maximum),
          tried: queue.metricApproximateNumberOfMessagesNotVisible(maximum),
        },
        label: 'Dead letters that are not listed',
        period,
      });
      this.above(`${name}-filled`, 'Dead letters cannot be listed: see the quarantine.', 0, kept, 3);
    }
  }

  private watchFunction(name: FunctionName): void {
    const failed = this.ofFunction(name, 'Errors', 'Sum');
    this.above(`${name}-errors`, `${name} failed or ran out of time.`, 0, failed);
    const throttled = this.ofFunction(name, 'Throttles', 'Sum');
    this.above(`${name}-throttles`, `${name} was not allowed to run.`, 0, throttled);
  }

  private watchOutbox(): void {
    const age = this.ofFunction('outbox', 'IteratorAge', 'Maximum');
    this.above('outbox-age', 'Entries wait to be published; cards are behind.', 5 * 60_000, age);
  }

  private ofFunction(name: FunctionName, metricName: string, statistic: string): Metric {
    const dimensionsMap = { FunctionName: physicalName(this, name) };
    return new Metric({ namespace: 'AWS/Lambda', metricName, dimensionsMap, statistic, period });
  }

  /** Whatever waits is people's: their points, their cards, their messages. */
  private watchQueues(queues: readonly WatchedQueue[]): void {
    for (const { name, consumer } of queues) {
      const age = queueNamed(this, name).metricApproximateAgeOfOldestMessage({
        period,
        statistic: 'Maximum',
      });
      const most = consumer === 'holds' ? holdSecondsMax : ageSecondsMax;
      this.above(`${name}-age`, `Events wait too long: see ${name}.`, most, age, 3);
    }
  }

  /**
   * A card that has caught up says how long it took. One that has not says nothing, but its queue is watched, too, and
   * the night looks for those that no queue holds any more.
   */
  private watchCards(queues: readonly WatchedQueue[]): void {
    for (const { name, consumer } of queues.filter((one) => updaters.has(one.consumer))) {
      const lag = new Metric({
        namespace: 'Philia',
        metricName: 'CardLag',
        dimensionsMap: { service: consumer },
        statistic: 'p95',
        period,
      });
      this.above(`${name}-lag`, `Cards follow late: see ${name}.`, lagSecondsMax, lag, 3);
    }
    const stale = new Metric({
      namespace: 'Philia',
      metricName: 'StaleCards',
      dimensionsMap: { service: 'walks' },
      statistic: 'Sum',
      period,
    });
    this.above('stale-cards', 'Cards were left behind and announced again: see the walks.', 0, stale);
  }

  /** A step that is not taken within the hour is one of a night that does not come to its end. */
  private watchWalks(): void {
    const age = queueNamed(this, walksQueue).metricApproximateAgeOfOldestMessage({
      period,
      statistic: 'Maximum',
    });
    this.above('walks-age', 'A night does not come to its end: see walks.', walkAgeSecondsMax, age, 3);
  }

  private watchTable(table: TableV2): void {
    for (const kind of ['Read', 'Write'])
      this.above(
        `table-${kind.toLowerCase()}-throttles`,
        `${kind}s of the table were throttled.`,
        0,
        table.metric(`${kind}ThrottleEvents`, { period, statistic: 'Sum' }),
      );
    this.above(
      'table-system-errors',
      'DynamoDB failed on its side.',
      0,
      table.metricSystemErrorsForOperations({ operations, period }),
    );
  }

  /** In percent of requests, for a quarter of an hour: one failure among few is the functions' alarm. */
  private watchApi(api: HttpApi): void {
    const rate = new MathExpression({
      expression: '100 * failed / requests',
      usingMetrics: { failed: api.metricServerError({ period }), requests: api.metricCount({ period }) },
      label: 'Server errors in percent',
      period,
    });
    this.above('api-errors', 'More than 1 % of requests fail on our side.', 1, rate, 3);
  }

  /** The function certificates reports daily; without a certificate there is nothing to report. */
  private watchCertificate(): void {
    const daysLeft = new Metric({
      namespace: 'Philia',
      metricName: 'PassCertificateDaysLeft',
      dimensionsMap: { service: 'certificates' },
      statistic: 'Minimum',
      period: Duration.days(1),
    });
    this.alarm('certificate-expiry', 'Renew the Pass Type ID certificate: see docs/deploy.md.', daysLeft, {
      threshold: 30,
      comparisonOperator: ComparisonOperator.LESS_THAN_THRESHOLD,
      evaluationPeriods: 1,
    });
  }

  private above(id: string, says: string, threshold: number, metric: IMetric, evaluationPeriods = 1): void {
    const comparisonOperator = ComparisonOperator.GREATER_THAN_THRESHOLD;
    this.alarm(id, says, metric, { threshold, comparisonOperator, evaluationPeriods });
  }

  private alarm(
    id: string,
    alarmDescription: string,
    metric: IMetric,
    when: { threshold: number; comparisonOperator: ComparisonOperator; evaluationPeriods: number },
  ): void {
    new Alarm(this, id, {
      metric,
      alarmDescription,
      treatMissingData: TreatMissingData.NOT_BREACHING,
      ...when,
    }).addAlarmAction(new SnsAction(this.topic));
  }
}
