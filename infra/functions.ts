/** Lambda functions by their names in the contract, each with its own role, log group and environment. */
import { join } from 'node:path';
import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Architecture, Code, Function as Lambda, Runtime, Tracing } from 'aws-cdk-lib/aws-lambda';
import { LogGroup } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { FunctionName } from '../core/contract/functions.ts';
import { knowsPeople } from '../core/contract/routes.ts';
import type { Concurrency } from './concurrency.ts';
import { accept } from './nag.ts';
import { declaredGrants, isHttp, physicalName, systemOf } from './names.ts';
import { consumerTimeout, httpTimeout } from './queues.ts';
import { poolVariablesOf, type Resources, statementOf, variablesOf } from './rights.ts';
import { logRetentionOf, type Stage } from './stage.ts';

export interface FunctionsProps<Name extends FunctionName = FunctionName> {
  readonly names: readonly Name[];
  readonly stage: Stage;
  /** The folder of the bundles, one sub-folder for each function. */
  readonly bundles: string;
  readonly publicUrl: string;
  readonly concurrency: Concurrency;
  readonly on: Resources;
}

/**
 * Building and signing a pass is work for the processor, which Lambda deals out by memory; so is posting ten purchases
 * side by side.
 */
const working: readonly FunctionName[] = ['cards', 'apple', 'purchases'];

export class Functions<Name extends FunctionName> extends Construct {
  readonly byName: Readonly<Record<Name, Lambda>>;

  constructor(scope: Construct, id: string, props: FunctionsProps<Name>) {
    super(scope, id);
    this.byName = Object.fromEntries(
      props.names.map((name) => [name, makeFunction(new Construct(this, name), name, props)]),
    ) as Record<Name, Lambda>;
    accept(this, 'AwsSolutions-IAM5[Resource::*]', 'Writing traces is a right that IAM ties to no resource.');
    for (const name of props.names.filter((one) => declaredGrants(one).includes('email:send')))
      accept(
        this.byName[name].node.scope ?? this,
        `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:ses:<AWS::Region>:<AWS::AccountId>:identity/*]`,
        'While SES is in its sandbox it also checks the recipient as an identity; a condition fixes the sender.',
      );
    for (const name of props.names.filter((one) =>
      declaredGrants(one).some((grant) => grant.startsWith('channel-secrets:')),
    ))
      accept(
        this.byName[name].node.scope ?? this,
        `AwsSolutions-IAM5[Resource::arn:<AWS::Partition>:secretsmanager:<AWS::Region>:<AWS::AccountId>:secret:${systemOf(this)}/channels/*]`,
        'Each channel has a secret of its own, made when an operator gives it: these and no others are called so.',
      );
    accept(
      this,
      'Serverless-LambdaDLQ',
      'Requests and batches are synchronous; the daily check has its alarm and comes again the next day.',
    );
  }
}

function makeFunction(scope: Construct, name: FunctionName, props: FunctionsProps): Lambda {
  const functionName = physicalName(scope, name);
  const grants = declaredGrants(name);
  const logGroup = new LogGroup(scope, 'Logs', {
    logGroupName: `/aws/lambda/${functionName}`,
    retention: logRetentionOf(props.stage),
    removalPolicy: RemovalPolicy.DESTROY,
  });
  const role = new Role(scope, 'Role', { assumedBy: new ServicePrincipal('lambda.amazonaws.com') });
  logGroup.grantWrite(role);
  for (const grant of grants) role.addToPolicy(statementOf(grant, props.on));
  const reserved = props.concurrency.reserved(name);
  return new Lambda(scope, 'Function', {
    functionName,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    handler: 'index.handler',
    code: Code.fromAsset(join(props.bundles, name)),
    role,
    logGroup,
    tracing: Tracing.ACTIVE,
    timeout: timeoutOf(name),
    ...(reserved === undefined ? {} : { reservedConcurrentExecutions: reserved }),
    memorySize: working.includes(name) ? 1024 : 512,
    environment: {
      ...Object.assign({}, ...grants.map((grant) => variablesOf(grant, props.on))),
      ...(isHttp(name) && knowsPeople(name) ? poolVariablesOf(props.on) : {}),
      PUBLIC_URL: props.publicUrl,
      STAGE: props.stage,
      POWERTOOLS_SERVICE_NAME: name,
      POWERTOOLS_METRICS_NAMESPACE: 'Philia',
    },
  });
}

/** After a restore setup goes through everybody who was ever erased; it knows how to go on the next time. */
function timeoutOf(name: FunctionName): Duration {
  if (name === 'setup') return Duration.minutes(15);
  return isHttp(name) ? httpTimeout : consumerTimeout;
}
