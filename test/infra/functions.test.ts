/** Scope: what each function may touch, is told, and is woken by, in the synthesized template. */
import { describe, expect, it } from 'vitest';
import type { Entry } from '../../core/account.ts';
import { type ConsumerName, consumers } from '../../core/contract/events.ts';
import {
  type FunctionName,
  type Grant,
  httpFunctions,
  otherFunctions,
  type WalletSecret,
  walletSecretNames,
} from '../../core/contract/functions.ts';
import { deadLetterSource } from '../../core/contract/queues.ts';
import { grantsOf, routes } from '../../core/contract/routes.ts';
import { functionNames } from '../../infra/names.ts';
import { toItem } from '../../ledger/store/items.ts';
import {
  erasuresTable,
  ledgerTable,
  type Reference,
  type Resource,
  stubApp,
  synthesize,
  type Template,
} from './template.ts';

const template = synthesize();

const queuesOf: Record<ConsumerName, readonly string[]> = {
  purchases: ['purchases-web', 'purchases-store', 'purchases-app'],
  orders: ['orders'],
  'apple-push': ['apple-push'],
  'google-update': ['google-update'],
  'samsung-update': ['samsung-update'],
  referrals: ['referrals'],
  messages: ['messages'],
  holds: ['holds'],
};
const consumed = [...Object.values(queuesOf).flat(), 'walks'];
const deadLetters = [
  'undelivered',
  ...[...consumed, 'outbox', 'certificates', 'night'].map((name) => `${name}-dead`),
];

/** For the grant of each wallet's secret. */
function ofWalletSecrets<T>(make: (name: WalletSecret) => T): Record<`secret:${WalletSecret}`, T> {
  const made = walletSecretNames.map((name) => [`secret:${name}`, make(name)] as const);
  return Object.fromEntries(made) as Record<`secret:${WalletSecret}`, T>;
}

/** The rights of a grant, written a second time on purpose: `action on resource`. */
const rightsOf: Record<Grant, readonly string[]> = {
  'ledger:read': ['dynamodb:GetItem on table', 'dynamodb:Query on table'],
  'ledger:write': [
    'dynamodb:ConditionCheckItem on table',
    'dynamodb:DeleteItem on table',
    'dynamodb:PutItem on table',
  ],
  'ledger:scan': ['dynamodb:Scan on table'],
  'erasures:read': ['dynamodb:Scan on erasures'],
  'erasures:write': ['dynamodb:PutItem on erasures'],
  'bus:put': ['events:PutEvents on philia'],
  'queues:send': consumed.map((name) => `sqs:SendMessage on philia-dev-${name}`),
  'holds:send': ['sqs:SendMessage on philia-dev-holds'],
  'walks:send': ['sqs:SendMessage on philia-dev-walks'],
  'channel-secrets:read': [
    'secretsmanager:GetSecretValue on arn::secretsmanager:::secret:philia-dev/channels/*',
  ],
  'channel-secrets:write': [
    'secretsmanager:CreateSecret on arn::secretsmanager:::secret:philia-dev/channels/*',
    'secretsmanager:PutSecretValue on arn::secretsmanager:::secret:philia-dev/channels/*',
  ],
  'secret:keys': ['secretsmanager:GetSecretValue on philia-dev/keys'],
  'secret:origin': ['secretsmanager:GetSecretValue on philia-dev/origin'],
  ...ofWalletSecrets((name) => [`secretsmanager:GetSecretValue on philia-dev/${name}`]),
  'sms:send': ['sns:Publish on all but arn::sns:*:*:*'],
  'email:send': ['ses:SendEmail on arn::ses:::identity/*'],
};

const tracing = ['xray:PutTelemetryRecords on *', 'xray:PutTraceSegments on *'];
const fromQueue = [
  'ChangeMessageVisibility',
  'DeleteMessage',
  'GetQueueAttributes',
  'GetQueueUrl',
  'ReceiveMessage',
];
const toQueue = ['GetQueueAttributes', 'GetQueueUrl', 'SendMessage'];
const fromStream = ['DescribeStream', 'GetRecords', 'GetShardIterator', 'ListStreams'];

function readsQueues(name: FunctionName): readonly string[] {
  if (name === 'walks') return ['walks'];
  return name === 'quarantine' ? deadLetters : (queuesOf[name as ConsumerName] ?? []);
}

function grantsDeclared(name: FunctionName): readonly Grant[] {
  const http = httpFunctions.find((one) => one === name);
  return http ? grantsOf(http) : otherFunctions[name as keyof typeof otherFunctions].grants;
}

function expectedRights(name: FunctionName): string[] {
  const queues = readsQueues(name);
  return [
    ...grantsDeclared(name).flatMap((grant) => rightsOf[grant]),
    ...tracing,
    ...['CreateLogStream', 'PutLogEvents'].map(
      (action) => `logs:${action} on /aws/lambda/philia-dev-${name}`,
    ),
    ...queues.flatMap((queue) => fromQueue.map((action) => `sqs:${action} on philia-dev-${queue}`)),
    ...(name === 'outbox' ? fromStream.map((action) => `dynamodb:${action} on stream`) : []),
    ...(name === 'outbox' ? toQueue.map((action) => `sqs:${action} on philia-dev-outbox-dead`) : []),
  ].sort();
}

/** Every right of a function's role, whatever policy it comes from. */
function actualRights(name: FunctionName): string[] {
  const role = template.target(template.function(name).Properties.Role);
  expect(role.Properties.ManagedPolicyArns).toBeUndefined();
  expect(role.Properties.Policies).toBeUndefined();
  const policies = template
    .all('AWS::IAM::Policy')
    .filter(({ Properties }) => Properties.Roles.some((one: { Ref: string }) => one.Ref === role.id));
  return policies.flatMap(({ Properties }) => Properties.PolicyDocument.Statement.flatMap(rights)).sort();
}

interface Statement {
  readonly Effect: string;
  readonly Action: string | string[];
  readonly Resource?: unknown;
  readonly NotResource?: unknown;
}

function rights({ Effect, Action, Resource, NotResource }: Statement): string[] {
  expect(Effect).toBe('Allow');
  const on = NotResource ? [`all but ${label(NotResource)}`] : [Resource].flat().map(label);
  return [Action].flat().flatMap((action) => on.map((resource) => `${action} on ${resource}`));
}

/** A resource's name as people know it; in an ARN, the parts known only at deployment are left empty. */
function label(reference: unknown): string {
  if (typeof reference === 'string') return reference;
  const joined = (reference as { 'Fn::Join'?: [string, unknown[]] })['Fn::Join'];
  if (joined) {
    const text = joined[1].map((part) => (typeof part === 'string' ? part : '')).join('');
    return text.startsWith('arn::sqs:') ? template.target(reference as Reference).Properties.QueueName : text;
  }
  const to: Resource = template.target(reference as Reference);
  if (to.Type === 'AWS::DynamoDB::GlobalTable') {
    if (to.id === erasuresTable(template).id) return 'erasures';
    return (reference as { 'Fn::GetAtt': string[] })['Fn::GetAtt'][1] === 'StreamArn' ? 'stream' : 'table';
  }
  return to.Properties.QueueName ?? to.Properties.LogGroupName ?? to.Properties.Name;
}

describe('rights', () => {
  it.each(functionNames)('%s has exactly the rights of its grants and its trigger', (name) => {
    expect(actualRights(name)).toEqual(expectedRights(name));
  });

  it('are never shared: each function has a role of its own', () => {
    const roles = functionNames.map((name) => template.target(template.function(name).Properties.Role).id);
    expect(new Set(roles).size).toBe(functionNames.length);
  });

  it('to send e-mail hold for the one sender only', () => {
    const conditions = template
      .all('AWS::IAM::Policy')
      .flatMap(({ Properties }) => Properties.PolicyDocument.Statement)
      .filter((statement) => [statement.Action].flat().includes('ses:SendEmail'))
      .map((statement) => statement.Condition);
    expect(conditions).toEqual([{ StringEquals: { 'ses:FromAddress': { Ref: 'MailFrom' } } }]);
  });

  it('stop synthesis when a grant is declared that no rights are known for', () => {
    const declared = otherFunctions.setup.grants as unknown as string[];
    declared.push('ledger:drop');
    try {
      expect(() => stubApp()).toThrow(/ledger:drop/);
    } finally {
      declared.pop();
    }
  });
});

const variableOf: Record<Grant, string | undefined> = {
  'ledger:read': 'TABLE_NAME',
  'ledger:write': 'TABLE_NAME',
  'ledger:scan': 'TABLE_NAME',
  'erasures:read': 'ERASURES_TABLE_NAME',
  'erasures:write': 'ERASURES_TABLE_NAME',
  'bus:put': 'BUS_NAME',
  'queues:send': 'QUEUES',
  'holds:send': 'QUEUES',
  'walks:send': 'QUEUES',
  'channel-secrets:read': 'CHANNEL_SECRETS',
  'channel-secrets:write': 'CHANNEL_SECRETS',
  'secret:keys': 'KEYS_SECRET',
  'secret:origin': 'ORIGIN_SECRET',
  ...ofWalletSecrets((name) => `${name.toUpperCase()}_SECRET`),
  'sms:send': undefined,
  'email:send': 'MAIL_FROM',
};
const always = ['PUBLIC_URL', 'STAGE', 'POWERTOOLS_SERVICE_NAME', 'POWERTOOLS_METRICS_NAMESPACE'];

describe('environment', () => {
  /** Those with routes for operators: nobody else has to know who has signed in. */
  const knowing: readonly string[] = ['cards', 'channels', 'members', 'operators', 'redemptions'];

  it.each(functionNames)('%s is told of nothing that it may not touch', (name) => {
    const granted = grantsDeclared(name).flatMap((grant) => variableOf[grant] ?? []);
    const variables = Object.keys(template.function(name).Properties.Environment.Variables);
    const people = knowing.includes(name) ? ['OPERATORS_CLIENT', 'OPERATORS_ISSUER'] : [];
    expect(variables.sort()).toEqual([...new Set([...granted, ...always, ...people])].sort());
  });

  it('names the secrets, the table and the bus of this stack', () => {
    const { Variables } = template.function('cards').Properties.Environment;
    expect(template.target(Variables.APPLE_SECRET).Properties.Name).toBe('philia-dev/apple');
    expect(template.target(Variables.GOOGLE_SECRET).Properties.Name).toBe('philia-dev/google');
    expect(template.target(Variables.SAMSUNG_SECRET).Properties.Name).toBe('philia-dev/samsung');
    expect(template.target(Variables.KEYS_SECRET).Properties.Name).toBe('philia-dev/keys');
    expect(template.target(Variables.ORIGIN_SECRET).Properties.Name).toBe('philia-dev/origin');
    expect(template.target(Variables.TABLE_NAME).id).toBe(ledgerTable(template).id);
    const { ERASURES_TABLE_NAME } = template.function('operators').Properties.Environment.Variables;
    expect(template.target(ERASURES_TABLE_NAME).id).toBe(erasuresTable(template).id);
    const { BUS_NAME } = template.function('join').Properties.Environment.Variables;
    expect(template.target(BUS_NAME).Properties.Name).toBe('philia');
    const { OPERATORS_CLIENT, OPERATORS_ISSUER } =
      template.function('members').Properties.Environment.Variables;
    expect(template.target(OPERATORS_CLIENT).Type).toBe('AWS::Cognito::UserPoolClient');
    const [, [https, region, dot, suffix, slash, pool]] = OPERATORS_ISSUER['Fn::Join'];
    expect([https, region.Ref, dot, suffix.Ref, slash]).toEqual([
      'https://cognito-idp.',
      'AWS::Region',
      '.',
      'AWS::URLSuffix',
      '/',
    ]);
    expect(template.target(pool).Type).toBe('AWS::Cognito::UserPool');
  });

  it.each([
    ['operators', consumed],
    ['holds', ['holds']],
  ])('tells %s the addresses of the queues that it may send to, by their names', (name, queues) => {
    const { QUEUES } = template.function(name).Properties.Environment.Variables;
    const parts: (string | Reference)[] = QUEUES['Fn::Join'][1];
    const text = parts.map((part) => {
      if (typeof part === 'string') return part;
      const pseudo = typeof part === 'object' && part.Ref?.startsWith('AWS::');
      return pseudo ? '' : template.target(part).Properties.QueueName;
    });
    const addresses = Object.entries(JSON.parse(text.join('')) as Record<string, string>);
    expect(Object.fromEntries(addresses.map(([queue, url]) => [queue, url.split('/').at(-1)]))).toEqual(
      Object.fromEntries(queues.map((queue) => [queue, `philia-dev-${queue}`])),
    );
  });

  it("gives the public address by the parameter, else the distribution's", () => {
    const [condition, given, otherwise] =
      template.function('cards').Properties.Environment.Variables.PUBLIC_URL['Fn::If'];
    expect(condition).toBe('PublicUrlGiven');
    expect(given).toEqual({ Ref: 'PublicUrl' });
    const [scheme, domain] = otherwise['Fn::Join'][1];
    expect(scheme).toBe('https://');
    expect(template.target(domain).Type).toBe('AWS::CloudFront::Distribution');
  });
});

describe('functions', () => {
  it.each(functionNames)('%s runs on Node 24 and arm64, traced, with a log that ends', (name) => {
    const { Properties } = template.function(name);
    expect(Properties).toMatchObject({
      FunctionName: `philia-dev-${name}`,
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      Handler: 'index.handler',
      TracingConfig: { Mode: 'Active' },
      Timeout: name === 'setup' ? 900 : httpFunctions.some((one) => one === name) ? 10 : 15,
      MemorySize: ['cards', 'apple', 'purchases'].includes(name) ? 1024 : 512,
    });
    expect(template.target(Properties.LoggingConfig.LogGroup).Properties.RetentionInDays).toBeGreaterThan(0);
  });
});

describe('triggers', () => {
  const mappings = template.all('AWS::Lambda::EventSourceMapping').map(({ Properties }) => ({
    properties: Properties,
    name: template.functionName(Properties.FunctionName),
    source: template.target(Properties.EventSourceArn),
  }));

  it.each(consumers)('%s reads exactly its own queues, ten at a time, and reports each failure', (name) => {
    const own = mappings.filter((mapping) => mapping.name === name);
    const queues = own.map(({ source }) => source.Properties.QueueName);
    expect(queues).toEqual(queuesOf[name].map((queue) => `philia-dev-${queue}`));
    for (const { properties } of own)
      expect(properties).toMatchObject({ BatchSize: 10, FunctionResponseTypes: ['ReportBatchItemFailures'] });
  });

  it('show a message again only after six times the time its consumer has', () => {
    const queues = mappings.filter(({ source }) => source.Type === 'AWS::SQS::Queue');
    expect(queues).toHaveLength(consumed.length + deadLetters.length);
    for (const { name, source } of queues)
      expect(source.Properties.VisibilityTimeout).toBe(6 * template.function(name).Properties.Timeout);
  });

  it('have every dead-letter queue listed by the quarantine, which is told of each that failed', () => {
    const own = mappings.filter(({ name }) => name === 'quarantine');
    const all = template.all('AWS::SQS::Queue').map(({ Properties }) => Properties.QueueName);
    const unread = all.filter((name) => !consumed.some((queue) => name === `philia-dev-${queue}`));
    expect(own.map(({ source }) => source.Properties.QueueName).sort()).toEqual(unread.sort());
    expect(unread.sort()).toEqual(deadLetters.map((name) => `philia-dev-${name}`).sort());
    for (const { properties } of own)
      expect(properties).toMatchObject({
        FunctionResponseTypes: ['ReportBatchItemFailures'],
        ScalingConfig: { MaximumConcurrency: 2 },
      });
  });

  it('know, of each dead-letter queue, whose it is and what leads back there', () => {
    for (const [consumer, queues] of Object.entries(queuesOf))
      for (const queue of queues) {
        expect(deadLetterSource(`${queue}-dead`, undefined)).toEqual({ consumer, sendTo: queue });
        expect(deadLetterSource('undelivered', queue)).toEqual({ consumer, sendTo: queue });
      }
    for (const consumer of ['outbox', 'certificates', 'night'])
      expect(deadLetterSource(`${consumer}-dead`, undefined)).toEqual({ consumer, sendTo: null });
    expect(deadLetterSource('undelivered', undefined)).toEqual({ consumer: 'undelivered', sendTo: null });
  });

  const copiesOf = (all: typeof mappings) =>
    all.reduce(
      (sum, { properties }) => sum + (properties.ScalingConfig?.MaximumConcurrency ?? Number.NaN),
      0,
    );

  it('let at most two copies of google-update run, for more would only wait for their turn', () => {
    expect(copiesOf(mappings.filter(({ name }) => name === 'google-update'))).toBe(2);
  });

  it('bound the copies of whatever reads a queue, and give every channel as many as the others', () => {
    const ofChannels = mappings.filter(({ name }) => name === 'purchases');
    expect(
      new Set(ofChannels.map(({ properties }) => properties.ScalingConfig.MaximumConcurrency)).size,
    ).toBe(1);
    const queues = mappings.filter(({ source }) => source.Type === 'AWS::SQS::Queue');
    for (const one of queues) expect(copiesOf([one])).toBeGreaterThanOrEqual(2);
  });

  it('give the outbox new entries only, from the start, and put aside what keeps failing', () => {
    const [outbox, ...others] = mappings.filter(({ name }) => name === 'outbox');
    expect(others).toEqual([]);
    expect(outbox?.source.id).toBe(ledgerTable(template).id);
    expect(outbox?.properties).toMatchObject({
      BatchSize: 100,
      BisectBatchOnFunctionError: true,
      FunctionResponseTypes: ['ReportBatchItemFailures'],
      MaximumRecordAgeInSeconds: 24 * 3600,
      StartingPosition: 'TRIM_HORIZON',
    });
    // A bus that does not answer is waited for as long as the stream keeps its records.
    expect(outbox?.properties.MaximumRetryAttempts ?? -1).toBe(-1);
    const patterns = outbox?.properties.FilterCriteria.Filters.map((one: { Pattern: string }) =>
      JSON.parse(one.Pattern),
    );
    expect(patterns).toEqual([
      { eventName: ['INSERT'], dynamodb: { NewImage: { item: { S: ['entry', 'channelEvents'] } } } },
    ]);
    // The ledger marks its items by that attribute.
    const written = toItem({ pk: 'MEMBER#1', sk: 'ENTRY#1' }, 'entry', { type: 'enrolled' } as Entry);
    expect(written.item).toBe('entry');
    const aside = outbox?.properties.DestinationConfig.OnFailure.Destination;
    expect(template.target(aside).Properties.QueueName).toBe('philia-dev-outbox-dead');
  });

  it.each([
    ['certificates', 'cron(0 3 * * ? *)', 'Etc/UTC'],
    // Whatever zone the programme lives in: the function asks the programme.
    ['night', 'cron(1 * * * ? *)', 'Etc/UTC'],
  ])('run %s by its schedule', (name, expression, zone) => {
    const own = template
      .all('AWS::Scheduler::Schedule')
      .filter(({ Properties }) => template.functionName(Properties.Target.Arn) === name);
    expect(own.map(({ Properties }) => Properties)).toMatchObject([
      { ScheduleExpression: expression, ScheduleExpressionTimezone: zone, State: 'ENABLED' },
    ]);
  });

  it('leave setup to be run by hand', () => {
    const { id } = template.function('setup');
    const calls = [
      ...template.all('AWS::Lambda::EventSourceMapping'),
      ...template.all('AWS::Lambda::Permission'),
      ...template.all('AWS::Scheduler::Schedule'),
    ];
    expect(calls.filter((one) => JSON.stringify(one).includes(`"${id}"`))).toEqual([]);
  });
});

describe('the account', () => {
  const tills = ['intake', 'redemptions', 'members', 'operators'];

  /** Copies that are taken when everything but the tills is flooded, and what of them is reserved. */
  function taken(flooded: Template): { readonly all: number; readonly reserved: number } {
    const reserved = functionNames.map(
      (name) => flooded.function(name).Properties.ReservedConcurrentExecutions ?? 0,
    );
    const readers = flooded
      .all('AWS::Lambda::EventSourceMapping')
      .map(({ Properties }) => Properties.ScalingConfig?.MaximumConcurrency ?? 0);
    const sum = (all: number[]) => all.reduce((one, other) => one + other, 0);
    return { all: sum(reserved) + sum(readers), reserved: sum(reserved) };
  }

  it.each([1_000, 2_000, 10_000])(
    'of %d copies keeps half for the tills, whatever else is flooded',
    (all) => {
      const given = all === 1_000 ? template : synthesize({ concurrency: String(all) });
      expect(taken(given).all).toBeLessThanOrEqual(all / 2);
      for (const name of tills)
        expect(given.function(name).Properties.ReservedConcurrentExecutions).toBeUndefined();
    },
  );

  it('bounds every door that anybody may knock at', () => {
    const open = httpFunctions.filter((name) =>
      Object.values(routes).some(
        (route) =>
          route.function === name &&
          !(route.who as readonly string[]).some((role) => role === 'ops' || role === 'channel'),
      ),
    );
    expect(open.filter((name) => !tills.includes(name)).length).toBeGreaterThan(0);
    for (const name of open.filter((one) => !tills.includes(one)))
      expect(template.function(name).Properties.ReservedConcurrentExecutions).toBeGreaterThan(0);
  });

  it.each([10, 100, 200])('of %d copies is left as many unreserved as AWS asks for', (all) => {
    const { reserved } = taken(synthesize({ concurrency: all }));
    expect(reserved === 0 || all - reserved >= 100).toBe(true);
  });

  it('stops synthesis when its size is none', () => {
    expect(() => stubApp({ concurrency: 'many' })).toThrow('-c concurrency=many is no whole number');
  });
});
