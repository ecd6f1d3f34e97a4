/** The template is understood, or the start fails naming what is not: nothing in it is ever ignored. */
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Json } from '../../../local/bus/pattern.ts';
import { type Model, readModel } from '../../../local/resources/model.ts';
import type { Assembly, Template } from '../../../local/template/assembly.ts';
import { createResolver } from '../../../local/template/intrinsics.ts';
import { PropertyReader } from '../../../local/template/reader.ts';
import { followed } from '../../../local/template/references.ts';
import { resolveStack } from '../../../local/template/stack.ts';

const bundle = mkdtempSync(join(tmpdir(), 'bundle-'));
writeFileSync(join(bundle, 'index.mjs'), 'export const handler = async () => 1;');
const site = join(bundle, 'site');
mkdirSync(site);

interface Source {
  Type: string;
  Properties?: { [name: string]: Json };
  Condition?: string;
}

const origin = { Id: 'site', DomainName: { 'Fn::GetAtt': ['Files', 'RegionalDomainName'] } };
const distribution: Source = {
  Type: 'AWS::CloudFront::Distribution',
  Properties: {
    DistributionConfig: {
      Enabled: true,
      DefaultCacheBehavior: { TargetOriginId: 'site' },
      Origins: [origin],
    },
  },
};
const base: { [id: string]: Source } = { Files: { Type: 'AWS::S3::Bucket' }, Distribution: distribution };

function assembly(resources: { [id: string]: Source }, more: Partial<Template> = {}): Assembly {
  const assets = new Map([
    ['bundle.zip', bundle],
    ['site.zip', site],
  ]);
  return { stacks: [{ name: 'S', template: { Resources: { ...base, ...resources }, ...more } }], assets };
}

function model(resources: { [id: string]: Source }, more: Partial<Template> = {}): Model {
  return readModel(resolveStack(assembly(resources, more), new Map([['PublicUrl', 'http://here']])));
}

const lambda = (properties: { [name: string]: Json } = {}): Source => ({
  Type: 'AWS::Lambda::Function',
  Properties: {
    Code: { S3Key: 'bundle.zip' },
    Handler: 'index.handler',
    Runtime: 'nodejs24.x',
    ...properties,
  },
});

/** A place in the text of `Fn::Sub`. */
const sub = (name: string): string => `\${${name}}`;

describe('a reference to a secret', () => {
  const arn = 'arn:aws:secretsmanager:eu-west-1:000000000000:secret:s/origin-abcdef';
  const secrets = {
    find: (id: string) => (id === arn ? { name: 's/origin', arn, value: 'told', versionId: 'v' } : undefined),
  };

  it('is followed where it is expected', () => {
    expect(followed(`{{resolve:secretsmanager:${arn}:SecretString:::}}`, secrets)).toBe('told');
    expect(followed('a text', secrets)).toBe('a text');
  });

  it.each([
    '{{resolve:secretsmanager:s/other:SecretString:::}}',
    `{{resolve:secretsmanager:${arn}:SecretString:key::}}`,
    `{{resolve:secretsmanager:${arn}:SecretString:::7b0f1c1e}}`,
    '{{resolve:ssm:name}}',
  ])('stops the start when it is not known: %s', (text) => {
    expect(() => followed(text, secrets)).toThrow(text);
  });

  it('stops the start where nobody would follow it', () => {
    const Environment = { Variables: { A: `{{resolve:secretsmanager:${arn}:SecretString:::}}` } };
    expect(() => model({ F: lambda({ Environment }) })).toThrow(/A must be/);
  });
});

describe('several stacks', () => {
  const data: Template = {
    Resources: { Q: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'kept' } } },
    Outputs: {
      Told: { Value: 'nobody imports it' },
      Arn: { Value: { 'Fn::GetAtt': ['Q', 'Arn'] }, Export: { Name: 'data:Arn' } },
    },
  };
  const work: Template = {
    Resources: {
      R: { Type: 'AWS::Events::Rule', Properties: { Targets: [{ 'Fn::ImportValue': 'data:Arn' }] } },
    },
  };
  const resolved = (...templates: Template[]) =>
    resolveStack(
      { stacks: templates.map((template, i) => ({ name: `s${i}`, template })), assets: new Map() },
      new Map(),
    );

  it.each([
    ['in the order of deployment', [data, work]],
    ['in any other', [work, data]],
  ])('are read as one, %s', (_, templates) => {
    const { resources, ofType } = resolved(...templates);
    expect(resources.map(({ id }) => id).sort()).toEqual(['Q', 'R']);
    expect(ofType('AWS::Events::Rule')[0]?.properties.texts('Targets')).toEqual([
      'arn:aws:sqs:eu-west-1:000000000000:kept',
    ]);
  });

  it('name what nobody exports, and what two do', () => {
    expect(() => resolved(work)).toThrow('R (AWS::Events::Rule): no stack exports data:Arn');
    const again: Template = {
      Resources: {},
      ...(data.Outputs && { Outputs: { Again: { ...data.Outputs['Arn'], Value: 1 } } }),
    };
    expect(() => resolved(data, again)).toThrow('s1, output Again: data:Arn is exported twice');
    expect(() => resolved(data, { Resources: data.Resources })).toThrow('Q (AWS::SQS::Queue): two stacks');
  });
});

describe('an intrinsic function', () => {
  const template: Template = {
    Parameters: { PublicUrl: { Default: '' }, Empty: {}, Other: { Default: 'other' } },
    Conditions: {
      Given: { 'Fn::Not': [{ 'Fn::Equals': [{ Ref: 'PublicUrl' }, ''] }] },
      Never: { 'Fn::And': [{ Condition: 'Given' }, { 'Fn::Equals': ['a', 'b'] }] },
      Either: { 'Fn::Or': [{ Condition: 'Never' }, { Condition: 'Given' }] },
    },
    Resources: { Q: { Type: 'AWS::SQS::Queue' } },
  };
  const attributes = (id: string, attribute?: string): string | undefined =>
    attribute === 'Nope' ? undefined : `${id}!${attribute ?? 'ref'}`;
  const parameters = new Map([['PublicUrl', 'http://here']]);
  const { resolve } = createResolver(template, 'S', parameters, attributes, (name) =>
    name === 'other:Url' ? 'http://there' : undefined,
  );

  it.each<[string, Json, Json | undefined]>([
    ['Ref of a pseudo parameter', { Ref: 'AWS::Region' }, 'eu-west-1'],
    ['Ref of a given parameter', { Ref: 'PublicUrl' }, 'http://here'],
    ['Ref of a default', { Ref: 'Other' }, 'other'],
    ['Ref of a resource', { Ref: 'Q' }, 'Q!ref'],
    ['Ref of no value', { a: { Ref: 'AWS::NoValue' }, b: [{ Ref: 'AWS::NoValue' }, 1] }, { b: [1] }],
    ['Fn::GetAtt', { 'Fn::GetAtt': ['Q', 'Arn'] }, 'Q!Arn'],
    ['Fn::GetAtt as text', { 'Fn::GetAtt': 'Q.Arn' }, 'Q!Arn'],
    ['Fn::Join', { 'Fn::Join': ['-', ['a', { Ref: 'Q' }, 1]] }, 'a-Q!ref-1'],
    ['Fn::Select of Fn::Split', { 'Fn::Select': ['1', { 'Fn::Split': ['/', 'a/b/c'] }] }, 'b'],
    [
      'Fn::Sub',
      { 'Fn::Sub': `${sub('AWS::AccountId')}/${sub('Q')}/${sub('Q.Arn')}/${sub('!kept')}` },
      `000000000000/Q!ref/Q!Arn/${sub('kept')}`,
    ],
    ['Fn::Sub with variables', { 'Fn::Sub': [sub('x') + sub('Other'), { x: { Ref: 'Q' } }] }, 'Q!refother'],
    ['Fn::If that holds', { 'Fn::If': ['Given', 'yes', 'no'] }, 'yes'],
    ['Fn::If that does not', { 'Fn::If': ['Never', 'yes', { Ref: 'AWS::NoValue' }] }, undefined],
    ['Fn::ImportValue', { 'Fn::ImportValue': { 'Fn::Join': [':', ['other', 'Url']] } }, 'http://there'],
    ['Fn::Or', { 'Fn::If': ['Either', 1, 2] }, 1],
    ['a name that is a property', { Ref: 'Q', more: 1 }, { Ref: 'Q', more: 1 }],
    ['a condition of a policy', { Condition: { Bool: { a: 'b' } } }, { Condition: { Bool: { a: 'b' } } }],
  ])('%s', (_, value, expected) => {
    expect(resolve(value, 'here')).toStrictEqual(expected);
  });

  it.each<[string, Json, string]>([
    ['a reference to nothing', { Ref: 'Nothing' }, 'here: Ref Nothing is not known'],
    ['an import that nobody exports', { 'Fn::ImportValue': 'S:Q' }, 'here: no stack exports S:Q'],
    ['an unknown attribute', { 'Fn::GetAtt': ['Q', 'Nope'] }, 'Fn::GetAtt Q.Nope is not known'],
    [
      'an output of another stack',
      { 'Fn::GetStackOutput': { StackName: 'S' } },
      'here: Fn::GetStackOutput is not known',
    ],
    ['an unknown function', { 'Fn::Cidr': ['a', 1] }, 'Fn::Cidr is not known'],
    ['a parameter without value', { Ref: 'Empty' }, 'the parameter Empty has no value'],
    ['an unknown condition', { 'Fn::If': ['Huh', 1, 2] }, 'no condition Huh'],
    ['a selection beyond the end', { 'Fn::Select': [3, ['a']] }, 'no element 3'],
    ['a join of objects', { 'Fn::Join': ['', [{ a: 1 }]] }, 'expected a string'],
  ])('refuses %s', (_, value, message) => {
    expect(() => resolve(value, 'here')).toThrow(message);
  });
});

describe('a property reader', () => {
  it('fails for a property that nobody read or declared, at any depth', () => {
    const reader = new PropertyReader('R (T)', { Read: 'x', Inert: 1, Deep: [{ Known: 1, New: 2 }] });
    reader.text('Read');
    reader.inert('for the test', 'Inert');
    expect(() => reader.finish()).toThrow('R (T): the property Deep is not known');
    for (const item of reader.objects('Deep')) item.number('Known');
    expect(() => reader.finish()).toThrow('R (T).Deep[0]: the property New is not known');
  });

  it('names the property and the value that it cannot use', () => {
    const reader = new PropertyReader('R', { State: 'DISABLED', Size: 'big', List: 'x' });
    expect(() => reader.oneOf('State', ['ENABLED'])).toThrow(
      'R: State must be "ENABLED" for the local run, found "DISABLED"',
    );
    expect(() => reader.number('Size')).toThrow('Size must be a number');
    expect(() => reader.objects('List')).toThrow('List must be a list');
    expect(() => reader.text('Missing')).toThrow('Missing must be a string for the local run, found nothing');
  });
});

describe('the start fails', () => {
  it.each<[string, { [id: string]: Source }, string]>([
    [
      'for an unknown type',
      { X: { Type: 'AWS::EC2::Instance' } },
      'X (AWS::EC2::Instance): the resource type',
    ],
    [
      'for an unknown property',
      { X: { Type: 'AWS::SQS::Queue', Properties: { FifoQueue: true } } },
      'X (AWS::SQS::Queue): the property FifoQueue',
    ],
    ['for an unknown property of a function', { X: lambda({ VpcConfig: {} }) }, 'the property VpcConfig'],
    ['for a function with a layer', { X: lambda({ Layers: ['arn'] }) }, 'the property Layers'],
    ['for another runtime', { X: lambda({ Runtime: 'python3.13' }) }, 'Runtime must be "nodejs24.x"'],
    ['for a missing asset', { X: lambda({ Code: { S3Key: 'other.zip' } }) }, 'the asset other.zip'],
    ['for a missing module', { X: lambda({ Handler: 'main.handler' }) }, 'main.mjs does not exist'],
    [
      'for a target that is no queue',
      {
        F: lambda(),
        X: {
          Type: 'AWS::Events::Rule',
          Properties: {
            EventPattern: { source: ['a'] },
            Targets: [{ Id: 'a', Arn: { 'Fn::GetAtt': ['F', 'Arn'] } }],
          },
        },
      },
      'only queues are targets',
    ],
    [
      'for a target with an input transformer',
      {
        X: {
          Type: 'AWS::Events::Rule',
          Properties: {
            EventPattern: { source: ['a'] },
            Targets: [{ Id: 'a', Arn: 'arn:aws:sqs:x', InputTransformer: {} }],
          },
        },
      },
      'X (AWS::Events::Rule).Targets[0]: the property InputTransformer',
    ],
    [
      'for a target that is not in the template',
      {
        X: {
          Type: 'AWS::Events::Rule',
          Properties: {
            EventPattern: { source: ['a'] },
            Targets: [{ Id: 'a', Arn: 'arn:aws:sqs:elsewhere' }],
          },
        },
      },
      'refers to what it does not contain: arn:aws:sqs:elsewhere, default.',
    ],
    [
      'for a malformed pattern',
      { X: { Type: 'AWS::Events::Rule', Properties: { EventPattern: { source: 'a' }, Targets: [] } } },
      'EventPattern is malformed at source',
    ],
    [
      'for a schedule that is none',
      {
        F: lambda(),
        X: {
          Type: 'AWS::Scheduler::Schedule',
          Properties: { ScheduleExpression: 'rate(1 fortnight)', Target: { Arn: 'arn:aws:lambda:x' } },
        },
      },
      'rate(1 fortnight)',
    ],
    [
      'for a mapping of another source',
      {
        X: {
          Type: 'AWS::Lambda::EventSourceMapping',
          Properties: { FunctionName: 'f', EventSourceArn: 'arn:aws:kinesis:x' },
        },
      },
      'no local source is arn:aws:kinesis:x',
    ],
  ])('%s', (_, resources, message) => {
    expect(() => model(resources)).toThrow(message);
  });
});

describe('the model', () => {
  it('has what a function needs, its environment resolved', () => {
    const { functions } = model(
      {
        Secret: {
          Type: 'AWS::SecretsManager::Secret',
          Properties: { Name: 'a/b', GenerateSecretString: {} },
        },
        F: lambda({
          FunctionName: 'fn',
          Timeout: 7,
          Environment: { Variables: { URL: { Ref: 'PublicUrl' }, SECRET: { Ref: 'Secret' }, N: 5 } },
        }),
      },
      { Parameters: { PublicUrl: {} } },
    );
    expect(functions).toEqual([
      {
        name: 'fn',
        arn: 'arn:aws:lambda:eu-west-1:000000000000:function:fn',
        file: join(bundle, 'index.mjs'),
        exportName: 'handler',
        environment: {
          URL: 'http://here',
          SECRET: expect.stringMatching(/^arn:aws:secretsmanager:eu-west-1:000000000000:secret:a\/b-\w{6}$/),
          N: '5',
        },
        timeoutMs: 7000,
        memoryMb: 128,
        asynchronous: { retriesMax: 2, onFailureArn: undefined },
      },
    ]);
  });

  it('leaves out what its condition excludes, and what only deploys', () => {
    const { functions } = model(
      {
        F: { ...lambda(), Condition: 'No' },
        CustomCDKBucketDeployment123: lambda({ Runtime: 'python3.13', Layers: ['x'] }),
      },
      { Conditions: { No: { 'Fn::Equals': ['a', 'b'] } } },
    );
    expect(functions).toEqual([]);
  });

  it('knows where asynchronous failures go', () => {
    const { functions } = model({
      Q: { Type: 'AWS::SQS::Queue' },
      F: lambda(),
      Config: {
        Type: 'AWS::Lambda::EventInvokeConfig',
        Properties: {
          FunctionName: { Ref: 'F' },
          Qualifier: '$LATEST',
          MaximumRetryAttempts: 0,
          DestinationConfig: { OnFailure: { Destination: { 'Fn::GetAtt': ['Q', 'Arn'] } } },
        },
      },
    });
    expect(functions[0]?.asynchronous).toEqual({
      retriesMax: 0,
      onFailureArn: 'arn:aws:sqs:eu-west-1:000000000000:S-Q',
    });
  });

  it.each([
    [{}, Number.POSITIVE_INFINITY],
    [{ MaximumRecordAgeInSeconds: -1 }, Number.POSITIVE_INFINITY],
    [{ MaximumRecordAgeInSeconds: 86_400 }, 86_400_000],
  ])('knows how long a stream is waited for by %o', (age, ageMsMax) => {
    const table = {
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
    };
    const { mappings } = model({
      T: { Type: 'AWS::DynamoDB::GlobalTable', Properties: table },
      F: lambda(),
      M: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          FunctionName: { Ref: 'F' },
          EventSourceArn: { 'Fn::GetAtt': ['T', 'StreamArn'] },
          StartingPosition: 'TRIM_HORIZON',
          ...age,
        },
      },
    });
    expect(mappings).toMatchObject([{ kind: 'stream', retriesMax: -1, ageMsMax }]);
  });

  it('tells a listable bucket from one that is not', () => {
    const policy = (Action: Json): Source => ({
      Type: 'AWS::S3::BucketPolicy',
      Properties: {
        Bucket: { Ref: 'Files' },
        PolicyDocument: {
          Statement: [{ Effect: 'Allow', Action, Principal: { Service: 'cloudfront.amazonaws.com' } }],
        },
      },
    });
    expect(model({ P: policy(['s3:GetObject', 's3:ListBucket']) }).buckets[0]?.listable).toBe(true);
    expect(model({ P: policy('s3:GetObject') }).buckets[0]?.listable).toBe(false);
  });
});
