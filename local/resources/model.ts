/** Everything the local run acts on, read from the stack; whatever it would have to ignore stops the start. */
import { StartFailure } from '../failure.ts';
import { isDeploymentFunction, reasonForNoEffect } from '../template/inert.ts';
import type { Stack } from '../template/stack.ts';
import { type ApiSpec, readApis } from './apis.ts';
import { type BucketSpec, readBuckets } from './buckets.ts';
import { type BusSpec, type RuleSpec, readBuses, readRules } from './buses.ts';
import { type DistributionSpec, readDistribution } from './distributions.ts';
import { type FunctionSpec, readFunctions } from './functions.ts';
import { type MappingSpec, readMappings } from './mappings.ts';
import { type PoolSpec, readPool } from './pools.ts';
import { type QueueSpec, readQueues } from './queues.ts';
import { readSchedules, type ScheduleSpec } from './schedules.ts';
import { readSecrets, type SecretSpec } from './secrets.ts';
import { readTables, type TableSpec } from './tables.ts';

export interface Model {
  readonly apis: readonly ApiSpec[];
  readonly buckets: readonly BucketSpec[];
  readonly buses: readonly BusSpec[];
  readonly rules: readonly RuleSpec[];
  readonly distribution: DistributionSpec;
  readonly functions: readonly FunctionSpec[];
  readonly mappings: readonly MappingSpec[];
  /** Whose tokens are taken; absent where nobody signs in. */
  readonly operators: PoolSpec | undefined;
  readonly queues: readonly QueueSpec[];
  readonly schedules: readonly ScheduleSpec[];
  readonly secrets: readonly SecretSpec[];
  readonly tables: readonly TableSpec[];
}

/** The types that the readers below interpret. */
const INTERPRETED = new Set([
  'AWS::ApiGatewayV2::Api',
  'AWS::ApiGatewayV2::Integration',
  'AWS::ApiGatewayV2::Route',
  'AWS::ApiGatewayV2::Stage',
  'AWS::CloudFront::CachePolicy',
  'AWS::CloudFront::Distribution',
  'AWS::CloudFront::Function',
  'AWS::CloudFront::OriginRequestPolicy',
  'AWS::CloudFront::ResponseHeadersPolicy',
  'AWS::Cognito::UserPool',
  'AWS::Cognito::UserPoolClient',
  'AWS::Cognito::UserPoolGroup',
  'AWS::DynamoDB::GlobalTable',
  'AWS::Events::EventBus',
  'AWS::Events::Rule',
  'AWS::Lambda::EventInvokeConfig',
  'AWS::Lambda::EventSourceMapping',
  'AWS::Lambda::Function',
  'AWS::S3::Bucket',
  'AWS::SQS::Queue',
  'AWS::Scheduler::Schedule',
  'AWS::SecretsManager::Secret',
  'Custom::CDKBucketDeployment',
]);

export function readModel(stack: Stack): Model {
  for (const { id, type } of stack.resources) {
    if (!INTERPRETED.has(type) && reasonForNoEffect(type) === undefined) {
      throw new StartFailure(`${id} (${type}): the resource type ${type} is not known to the local run.`);
    }
  }
  const model = {
    apis: readApis(stack),
    buckets: readBuckets(stack),
    buses: readBuses(stack),
    rules: readRules(stack),
    distribution: readDistribution(stack),
    functions: readFunctions(stack),
    mappings: readMappings(stack),
    operators: readPool(stack),
    queues: readQueues(stack),
    schedules: readSchedules(stack),
    secrets: readSecrets(stack),
    tables: readTables(stack),
  };
  for (const { id, type, properties } of stack.resources) {
    if (INTERPRETED.has(type) && !isDeploymentFunction(id)) properties.finish();
  }
  checkReferences(model);
  return model;
}

/** Everything that one resource sends to another must be in the same template: found now, not at the first event. */
function checkReferences({
  queues,
  functions,
  tables,
  rules,
  mappings,
  schedules,
  buses,
  distribution,
  apis,
  buckets,
}: Model): void {
  const arns = new Set([...queues, ...functions].map(({ arn }) => arn));
  const sources = new Set([...arns, ...tables.map(({ streamArn }) => streamArn)]);
  const names = new Set(functions.map(({ name }) => name));
  const busNames = new Set(buses.map(({ name }) => name));
  const hosts = new Set([...apis, ...buckets].map(({ host }) => host));
  const missing = [
    ...rules.flatMap(({ queueArns }) => queueArns.filter((arn) => !arns.has(arn))),
    ...rules.map(({ busName }) => busName).filter((name) => !busNames.has(name)),
    ...queues
      .map(({ redrive }) => redrive?.deadLetterArn)
      .filter((arn) => arn !== undefined && !arns.has(arn)),
    ...mappings.map(({ sourceArn }) => sourceArn).filter((arn) => !sources.has(arn)),
    ...mappings.map(({ functionName }) => functionName).filter((name) => !names.has(name)),
    ...mappings
      .map((mapping) => (mapping.kind === 'stream' ? mapping.onFailureArn : undefined))
      .filter((arn) => arn !== undefined && !arns.has(arn)),
    ...functions
      .map(({ asynchronous }) => asynchronous.onFailureArn)
      .filter((arn) => arn !== undefined && !arns.has(arn)),
    ...schedules.map(({ targetArn }) => targetArn).filter((arn) => !arns.has(arn)),
    ...apis
      .flatMap(({ routes }) => routes.map(({ functionArn }) => functionArn))
      .filter((arn) => !arns.has(arn)),
    ...distribution.origins.map(({ host }) => host).filter((host) => !hosts.has(host)),
  ];
  if (missing.length > 0) {
    throw new StartFailure(
      `The template refers to what it does not contain: ${[...new Set(missing)].join(', ')}.`,
    );
  }
}
