/** Scope: from an event on the bus to its consumer, and to somebody's notice when that fails. */
import { describe, expect, it } from 'vitest';
import { busRules, type EventName, events } from '../../core/contract/events.ts';
import { functionNames } from '../../infra/names.ts';
import { synthesize } from './template.ts';

const template = synthesize();
const names = Object.keys(events) as EventName[];
const sources = [...new Set(names.flatMap((name) => events[name].sources as readonly string[]))];

const mappings = template.all('AWS::Lambda::EventSourceMapping').map(({ Properties }) => Properties);
const rules = template.all('AWS::Events::Rule').map(({ Properties }) => {
  const [target] = Properties.Targets;
  const queue = template.target(target.Arn);
  const mapping = mappings.find((one) => one.EventSourceArn['Fn::GetAtt']?.[0] === queue.id);
  return { properties: Properties, pattern: Properties.EventPattern, target, queue, mapping };
});

/** Who gets an event, by patterns of plain lists; any other pattern does not count as a match. */
function receivers(source: string, name: string): string[] {
  return rules
    .filter(({ pattern }) => pattern.source.includes(source) && pattern['detail-type'].includes(name))
    .map(({ mapping }) => template.functionName(mapping.FunctionName));
}

describe('rules', () => {
  it('are those of the event table, pattern for pattern', () => {
    expect(rules.map(({ pattern }) => pattern)).toEqual(busRules().map(({ pattern }) => pattern));
  });

  it.each(names)(
    '%s reaches each of its consumers once, from each of its sources, and from no other',
    (name) => {
      for (const source of sources) {
        const sends = (events[name].sources as readonly string[]).includes(source);
        expect(receivers(source, name)).toEqual(sends ? events[name].consumers : []);
      }
    },
  );

  it('stand on the bus that the contract names, and are on', () => {
    for (const { properties } of rules) {
      expect(template.target(properties.EventBusName).Properties.Name).toBe('philia');
      expect(properties.State).toBe('ENABLED');
      expect(properties.Targets).toHaveLength(1);
    }
  });

  it('hold nothing back: the first change is shown at once', () => {
    for (const { queue } of rules) expect(queue.Properties.DelaySeconds).toBeUndefined();
  });

  it('have a queue each, which only they may fill', () => {
    expect(new Set(rules.map(({ queue }) => queue.id)).size).toBe(busRules().length);
    for (const { queue } of rules) {
      const policy = template.one('AWS::SQS::QueuePolicy', ({ Properties }) =>
        Properties.Queues.some((one: { Ref: string }) => one.Ref === queue.id),
      );
      const allowed = policy.Properties.PolicyDocument.Statement.filter(
        (one: { Effect: string }) => one.Effect === 'Allow',
      );
      expect(allowed).toHaveLength(1);
      const rule = template.target(allowed[0].Condition.ArnEquals['aws:SourceArn']);
      expect(template.target(rule.Properties.Targets[0].Arn).id).toBe(queue.id);
    }
  });

  it('are archived: every event of the table matches the archive', () => {
    const { Properties } = template.one('AWS::Events::Archive');
    const [{ prefix }] = Properties.EventPattern.source;
    for (const source of sources) expect(source.startsWith(prefix)).toBe(true);
    expect(Properties.RetentionDays).toBeGreaterThan(0);
  });
});

describe('dead letters', () => {
  it('take what a rule could not deliver and what a consumer could not handle, and keep it for 14 days', () => {
    for (const { target, queue } of rules) {
      const undelivered = template.target(target.DeadLetterConfig.Arn);
      const unhandled = template.target(queue.Properties.RedrivePolicy.deadLetterTargetArn);
      expect(undelivered.Properties.QueueName).toBe('philia-dev-undelivered');
      expect(unhandled.Properties.QueueName).toBe(`${queue.Properties.QueueName}-dead`);
      for (const one of [undelivered, unhandled])
        expect(one.Properties.MessageRetentionPeriod).toBe(14 * 24 * 3600);
    }
  });

  it('of walks gives a step up to its dead letters when it has failed for half an hour', () => {
    const queue = template
      .all('AWS::SQS::Queue')
      .find((one) => one.Properties.QueueName === 'philia-dev-walks');
    const { deadLetterTargetArn, maxReceiveCount } = queue?.Properties.RedrivePolicy ?? {};
    expect(maxReceiveCount).toBe(10);
    expect(template.target(deadLetterTargetArn).Properties.QueueName).toBe('philia-dev-walks-dead');
    const mapping = template
      .all('AWS::Lambda::EventSourceMapping')
      .find(({ Properties }) => template.target(Properties.EventSourceArn).id === queue?.id);
    // One step an invocation, and half of the table's throughput for the tills.
    expect(mapping?.Properties).toMatchObject({ BatchSize: 1, ScalingConfig: { MaximumConcurrency: 6 } });
  });

  it('take what the schedules could not start', () => {
    const names = template
      .all('AWS::Scheduler::Schedule')
      .map(({ Properties }) => template.target(Properties.Target.DeadLetterConfig.Arn).Properties.QueueName);
    expect(names.sort()).toEqual(['philia-dev-certificates-dead', 'philia-dev-night-dead']);
  });

  it('are encrypted, like every queue', () => {
    for (const { Properties } of template.all('AWS::SQS::Queue'))
      expect(Properties.SqsManagedSseEnabled).toBe(true);
  });
});

describe('alarms', () => {
  const alarms = template.all('AWS::CloudWatch::Alarm').map(({ Properties }) => Properties);
  const by = (metric: string) => alarms.filter(({ MetricName }) => MetricName === metric);
  const ofRules = new Set(rules.map(({ queue }) => queue.id));

  it.each(['quarantine', 'outbox', 'walks'])('ring for the first dead letter that %s lists', (service) => {
    const watched = by('DeadLetters').filter(({ Dimensions }) => Dimensions[0].Value === service);
    expect(watched).toMatchObject([
      {
        Namespace: 'Philia',
        Dimensions: [{ Name: 'service', Value: service }],
        ComparisonOperator: 'GreaterThanThreshold',
        Threshold: 0,
        EvaluationPeriods: 1,
        Statistic: 'Sum',
      },
    ]);
    const variables = template.function(service).Properties.Environment.Variables;
    expect(variables.POWERTOOLS_SERVICE_NAME).toBe(service);
  });

  it('ring for any dead-letter queue that stays filled, its messages shown or being tried', () => {
    interface Stat {
      readonly MetricStat?: { Metric: { MetricName: string; Dimensions: { Value: object }[] }; Stat: string };
      readonly Expression?: string;
    }
    const watched = alarms.filter((one) => JSON.stringify(one).includes('NumberOfMessagesVisible'));
    const queues = watched.map(({ Metrics, Threshold, EvaluationPeriods, ComparisonOperator }) => {
      expect([Threshold, EvaluationPeriods, ComparisonOperator]).toEqual([0, 3, 'GreaterThanThreshold']);
      const stats = (Metrics as Stat[]).flatMap(({ MetricStat }) => MetricStat ?? []);
      expect(stats.map(({ Metric, Stat }) => `${Stat} ${Metric.MetricName}`).sort()).toEqual([
        'Maximum ApproximateNumberOfMessagesNotVisible',
        'Maximum ApproximateNumberOfMessagesVisible',
      ]);
      expect((Metrics as Stat[]).flatMap(({ Expression }) => Expression ?? [])).toEqual(['shown + tried']);
      const [first, second] = stats.map(
        ({ Metric }) => template.target(Metric.Dimensions[0]?.Value ?? {}).id,
      );
      expect(first).toBe(second);
      return first ?? '';
    });
    const dead = template
      .all('AWS::SQS::Queue')
      .filter(({ id, Properties }) => !ofRules.has(id) && Properties.QueueName !== 'philia-dev-walks');
    expect(queues.sort()).toEqual(dead.map(({ id }) => id).sort());
  });

  it.each(['Errors', 'Throttles'])('ring for %s of every function', (metric) => {
    const watched = by(metric).map(({ Dimensions }) => template.functionName(Dimensions[0].Value));
    expect(watched.sort()).toEqual([...functionNames].sort());
  });

  it('ring when the outbox falls five minutes behind', () => {
    const [age] = by('IteratorAge');
    expect(template.functionName(age?.Dimensions[0].Value)).toBe('outbox');
    expect([age?.Statistic, age?.Threshold]).toEqual(['Maximum', 300_000]);
  });

  it.each(['apple-push', 'google-update', 'samsung-update'])(
    'ring when the cards of %s follow late',
    (name) => {
      const late = by('CardLag').filter(({ Dimensions }) => Dimensions[0].Value === name);
      expect(late).toMatchObject([
        { Namespace: 'Philia', ExtendedStatistic: 'p95', Threshold: 300, EvaluationPeriods: 3 },
      ]);
      const { Variables } = template.function(name).Properties.Environment;
      expect(Variables).toMatchObject({
        POWERTOOLS_METRICS_NAMESPACE: 'Philia',
        POWERTOOLS_SERVICE_NAME: name,
      });
    },
  );

  /** Every queue that is there to be worked off: those that the others leave their dead letters in are not. */
  const worked = template
    .all('AWS::SQS::Queue')
    .filter(({ Properties }) => Properties.RedrivePolicy !== undefined)
    .map(({ Properties }) => Properties.QueueName as string);

  it.each(worked)('ring when something waits too long on %s', (name) => {
    // Where nothing is delivered at all nothing is measured: the queue's age tells.
    const waiting = by('ApproximateAgeOfOldestMessage').filter(
      ({ Dimensions }) => template.target(Dimensions[0].Value).Properties.QueueName === name,
    );
    expect(waiting).toMatchObject([{ Statistic: 'Maximum', EvaluationPeriods: 3 }]);
    // What waits for the end of a hold is on its queue for a quarter of an hour without anything being wrong, and a
    // walk's steps follow one another for as long as there is something to go through.
    const allowed: Record<string, number> = { 'philia-dev-holds': 900 + 180, 'philia-dev-walks': 3600 };
    expect(waiting[0]?.Threshold).toBe(allowed[name] ?? 180);
  });

  it('ring when the steps of a night wait for an hour', () => {
    const waiting = by('ApproximateAgeOfOldestMessage').filter(
      ({ Dimensions }) => template.target(Dimensions[0].Value).Properties.QueueName === 'philia-dev-walks',
    );
    expect(waiting).toMatchObject([{ Statistic: 'Maximum', Threshold: 3600, EvaluationPeriods: 3 }]);
  });

  it('ring when the night finds cards that were left behind', () => {
    expect(by('StaleCards')).toMatchObject([
      { Dimensions: [{ Name: 'service', Value: 'walks' }], Statistic: 'Sum', Threshold: 0 },
    ]);
  });

  it('ring when DynamoDB throttles or fails', () => {
    expect(by('ReadThrottleEvents')).toHaveLength(1);
    expect(by('WriteThrottleEvents')).toHaveLength(1);
    expect(alarms.filter((one) => JSON.stringify(one).includes('"SystemErrors"'))).toHaveLength(1);
  });

  it('ring when the API fails', () => {
    expect(alarms.filter((one) => JSON.stringify(one).includes('"5xx"'))).toHaveLength(1);
  });

  it('ring thirty days before the pass certificate ends', () => {
    expect(by('PassCertificateDaysLeft')).toMatchObject([
      {
        Namespace: 'Philia',
        Dimensions: [{ Name: 'service', Value: 'certificates' }],
        ComparisonOperator: 'LessThanThreshold',
        Threshold: 30,
        Statistic: 'Minimum',
      },
    ]);
    const variables = template.function('certificates').Properties.Environment.Variables;
    expect(variables.POWERTOOLS_METRICS_NAMESPACE).toBe('Philia');
    expect(variables.POWERTOOLS_SERVICE_NAME).toBe('certificates');
  });

  it('all go to one encrypted topic, to which CloudWatch may publish', () => {
    const topic = template.one('AWS::SNS::Topic');
    for (const { AlarmActions } of alarms) expect(AlarmActions).toEqual([{ Ref: topic.id }]);
    const key = template.target(topic.Properties.KmsMasterKeyId);
    const mayUse = (statements: { Principal: { Service?: string } }[]) =>
      statements.some(({ Principal }) => Principal.Service === 'cloudwatch.amazonaws.com');
    expect(mayUse(key.Properties.KeyPolicy.Statement)).toBe(true);
    const policy = template.one('AWS::SNS::TopicPolicy');
    expect(mayUse(policy.Properties.PolicyDocument.Statement)).toBe(true);
  });

  it('are mailed when an address was given', () => {
    const subscription = template.one('AWS::SNS::Subscription');
    expect(subscription.Condition).toBeDefined();
    expect(subscription.Properties).toMatchObject({ Protocol: 'email', Endpoint: { Ref: 'AlarmEmail' } });
  });
});
