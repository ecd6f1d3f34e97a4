/** `AWS::Lambda::EventSourceMapping`: a function fed from a queue or from the table's stream. */
import { readJson } from '../bus/json.ts';
import { compilePattern, type Pattern } from '../bus/pattern.ts';
import type { PropertyReader } from '../template/reader.ts';
import type { Stack } from '../template/stack.ts';

interface MappingBase {
  /** The mapping's logical id: the name of its checkpoint. */
  readonly id: string;
  readonly sourceArn: string;
  readonly functionName: string;
  readonly batchSize: number;
  /** Whether the function may answer with the items that failed instead of failing the whole batch. */
  readonly reportsItemFailures: boolean;
}

export interface QueueMappingSpec extends MappingBase {
  readonly kind: 'queue';
  /** How long a batch may be kept open to fill. */
  readonly windowMs: number;
  readonly concurrencyMax: number | undefined;
}

export interface StreamMappingSpec extends MappingBase {
  readonly kind: 'stream';
  readonly bisects: boolean;
  /** Further attempts for a failing batch; −1 is for ever. */
  readonly retriesMax: number;
  /** How long records are tried at all, in milliseconds. */
  readonly ageMsMax: number;
  readonly onFailureArn: string | undefined;
  /** A record goes to the function if any filter matches, or there is none. */
  readonly filters: readonly Pattern[];
}

export type MappingSpec = QueueMappingSpec | StreamMappingSpec;

export function isStreamMapping(mapping: MappingSpec): mapping is StreamMappingSpec {
  return mapping.kind === 'stream';
}

export function readMappings(stack: Stack): MappingSpec[] {
  return stack.ofType('AWS::Lambda::EventSourceMapping').map(({ id, properties }) => {
    const sourceArn = properties.text('EventSourceArn');
    properties.inert('describes the mapping', 'Tags', 'MetricsConfig');
    if (!properties.flag('Enabled', true))
      properties.fail('a disabled mapping is not known to the local run.');
    const base = {
      id,
      sourceArn,
      functionName: properties.text('FunctionName').replace(/^arn:aws:lambda:[^:]*:[^:]*:function:/, ''),
      reportsItemFailures: reportsItemFailures(properties),
    };
    if (sourceArn.startsWith('arn:aws:sqs:')) {
      const concurrency = properties.object('ScalingConfig');
      return {
        ...base,
        kind: 'queue',
        batchSize: properties.number('BatchSize', 10),
        windowMs: properties.number('MaximumBatchingWindowInSeconds', 0) * 1000,
        concurrencyMax: concurrency.has('MaximumConcurrency')
          ? concurrency.number('MaximumConcurrency')
          : undefined,
      };
    }
    if (!/^arn:aws:dynamodb:.*\/stream\//.test(sourceArn))
      properties.fail(`no local source is ${sourceArn}.`);
    return { ...base, ...readStreamSettings(properties) };
  });
}

function readStreamSettings(
  properties: PropertyReader,
): Omit<StreamMappingSpec, Exclude<keyof MappingBase, 'batchSize'>> {
  properties.inert('a new system has nothing older than its start', 'StartingPosition');
  properties.inert(
    'a batch is what has come; waiting for more would only delay it',
    'MaximumBatchingWindowInSeconds',
  );
  properties.inert('one poller keeps every member in order already', 'ParallelizationFactor');
  const ageSeconds = properties.number('MaximumRecordAgeInSeconds', -1);
  return {
    kind: 'stream',
    batchSize: properties.number('BatchSize', 100),
    bisects: properties.flag('BisectBatchOnFunctionError', false),
    retriesMax: properties.number('MaximumRetryAttempts', -1),
    ageMsMax: ageSeconds === -1 ? Number.POSITIVE_INFINITY : ageSeconds * 1000,
    onFailureArn: properties.object('DestinationConfig').object('OnFailure').optionalText('Destination'),
    filters: properties
      .object('FilterCriteria')
      .objects('Filters')
      .map((filter) => readFilter(filter)),
  };
}

function readFilter(filter: PropertyReader): Pattern {
  const compiled = compilePattern(readJson(filter.text('Pattern')));
  return compiled.ok
    ? compiled.pattern
    : filter.fail(`Pattern is malformed at ${compiled.path}: ${compiled.message}`);
}

function reportsItemFailures(properties: PropertyReader): boolean {
  const types = properties.texts('FunctionResponseTypes');
  const unknown = types.find((type) => type !== 'ReportBatchItemFailures');
  if (unknown !== undefined)
    properties.fail(`FunctionResponseTypes has ${unknown}, which the local run does not know.`);
  return types.length > 0;
}
