/** `AWS::Lambda::Function` and its asynchronous-invocation settings. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeploymentFunction } from '../template/inert.ts';
import type { Resource, Stack } from '../template/stack.ts';

export interface FunctionSpec {
  readonly name: string;
  readonly arn: string;
  /** The ESM file that exports the handler. */
  readonly file: string;
  readonly exportName: string;
  readonly environment: { readonly [name: string]: string };
  readonly timeoutMs: number;
  readonly memoryMb: number;
  /** What happens to an asynchronous invocation (a schedule's) whose function keeps failing. */
  readonly asynchronous: AsynchronousSpec;
}

export interface AsynchronousSpec {
  /** Further attempts after the first one failed. */
  readonly retriesMax: number;
  /** The queue that is told of the failure, if any. */
  readonly onFailureArn: string | undefined;
}

export function readFunctions(stack: Stack): FunctionSpec[] {
  const asynchronous = readAsynchronous(stack);
  return stack
    .ofType('AWS::Lambda::Function')
    .filter(({ id }) => !isDeploymentFunction(id))
    .map((resource) => readFunction(stack, resource, asynchronous.get(resource.ref)));
}

function readFunction(stack: Stack, resource: Resource, asynchronous?: AsynchronousSpec): FunctionSpec {
  const { properties } = resource;
  properties.oneOf('Runtime', ['nodejs24.x']);
  properties.oneOf('PackageType', ['Zip'], 'Zip');
  properties
    .inert('permissions are not enforced here', 'Role')
    .inert('the bundle is the same for every processor', 'Architectures')
    .inert('describes the function to people and bills', 'Description', 'Tags', 'FunctionName')
    .inert('logs go to a file here', 'LoggingConfig', 'TracingConfig')
    .inert('workers here are few anyway', 'ReservedConcurrentExecutions')
    .inert(
      'Lambda’s own protection against loops and of running versions',
      'RecursiveLoop',
      'RuntimeManagementConfig',
    );
  const code = properties.object('Code').inert('the bucket of the assets', 'S3Bucket');
  const directory = stack.assets.get(code.text('S3Key'));
  if (directory === undefined)
    return properties.fail(`the asset ${code.text('S3Key')} is not in the assembly.`);
  const [module = '', exportName = ''] = properties.text('Handler').split('.');
  const file = join(directory, `${module}.mjs`);
  if (!existsSync(file)) return properties.fail(`the handler's module ${file} does not exist.`);
  const deadLetter = properties.object('DeadLetterConfig').optionalText('TargetArn');
  return {
    name: resource.ref,
    arn: resource.attribute('Arn') ?? '',
    file,
    exportName,
    environment: properties.object('Environment').object('Variables').all(),
    timeoutMs: properties.number('Timeout', 3) * 1000,
    memoryMb: properties.number('MemorySize', 128),
    asynchronous: {
      retriesMax: asynchronous?.retriesMax ?? 2,
      onFailureArn: asynchronous?.onFailureArn ?? deadLetter,
    },
  };
}

function readAsynchronous(stack: Stack): Map<string, AsynchronousSpec> {
  return new Map(
    stack.ofType('AWS::Lambda::EventInvokeConfig').map(({ properties }) => {
      properties.inert('an invocation is never older than its retries here', 'MaximumEventAgeInSeconds');
      properties.oneOf('Qualifier', ['$LATEST']);
      const onFailureArn = properties
        .object('DestinationConfig')
        .object('OnFailure')
        .optionalText('Destination');
      return [
        properties.text('FunctionName'),
        { retriesMax: properties.number('MaximumRetryAttempts', 2), onFailureArn },
      ];
    }),
  );
}
