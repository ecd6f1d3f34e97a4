/** `AWS::DynamoDB::GlobalTable`: what `CreateTable` must be told. */

import type { PropertyReader } from '../template/reader.ts';
import type { Stack } from '../template/stack.ts';

export interface KeyElement {
  readonly name: string;
  readonly role: 'HASH' | 'RANGE';
}

export interface IndexSpec {
  readonly name: string;
  readonly keys: readonly KeyElement[];
  readonly projection: 'ALL' | 'KEYS_ONLY' | 'INCLUDE';
  readonly included: readonly string[];
}

export interface TableSpec {
  readonly name: string;
  /** The ARN that mappings name; the endpoint's own stream ARN may differ. */
  readonly streamArn: string;
  readonly attributes: readonly { readonly name: string; readonly type: 'S' | 'N' | 'B' }[];
  readonly keys: readonly KeyElement[];
  readonly indexes: readonly IndexSpec[];
  readonly stream: 'NEW_AND_OLD_IMAGES' | 'NEW_IMAGE' | 'OLD_IMAGE' | 'KEYS_ONLY' | undefined;
  readonly expiryAttribute: string | undefined;
}

export function readTables(stack: Stack): TableSpec[] {
  return stack.ofType('AWS::DynamoDB::GlobalTable').map((resource) => {
    const { properties } = resource;
    properties
      .inert('describes the table', 'TableName')
      .inert(
        'encryption at rest and capacity are AWS’s',
        'SSESpecification',
        'WriteOnDemandThroughputSettings',
      )
      .inert('encryption at rest and capacity are AWS’s', 'ReadOnDemandThroughputSettings', 'WarmThroughput');
    properties.oneOf('BillingMode', ['PAY_PER_REQUEST']);
    readReplica(properties);
    const stream = properties.object('StreamSpecification');
    const expiry = properties.object('TimeToLiveSpecification');
    const expires = expiry.flag('Enabled', false);
    const expiryAttribute = expiry.optionalText('AttributeName');
    return {
      name: resource.ref,
      streamArn: resource.attribute('StreamArn') ?? '',
      attributes: properties.objects('AttributeDefinitions').map((attribute) => ({
        name: attribute.text('AttributeName'),
        type: attribute.oneOf('AttributeType', ['S', 'N', 'B']),
      })),
      keys: readKeys(properties),
      indexes: properties.objects('GlobalSecondaryIndexes').map(readIndex),
      stream: stream.has('StreamViewType')
        ? stream.oneOf('StreamViewType', ['NEW_AND_OLD_IMAGES', 'NEW_IMAGE', 'OLD_IMAGE', 'KEYS_ONLY'])
        : undefined,
      expiryAttribute: expires ? expiryAttribute : undefined,
    };
  });
}

/** One replica, in the stack's own region, may be described; a second one has no meaning on one machine. */
function readReplica(properties: PropertyReader): void {
  const replicas = properties.objects('Replicas');
  if (replicas.length > 1) properties.fail('more than one replica is not known to the local run.');
  for (const replica of replicas) {
    replica
      .inert('there is one region here', 'Region')
      .inert('protects deployed data', 'PointInTimeRecoverySpecification', 'DeletionProtectionEnabled')
      .inert('describes or observes the replica', 'Tags', 'TableClass', 'ContributorInsightsSpecification')
      .inert('repeats the table’s own indexes', 'GlobalSecondaryIndexes')
      .inert('encryption and permissions are AWS’s', 'SSESpecification', 'ResourcePolicy');
  }
}

function readKeys(properties: PropertyReader): KeyElement[] {
  return properties
    .objects('KeySchema')
    .map((key) => ({ name: key.text('AttributeName'), role: key.oneOf('KeyType', ['HASH', 'RANGE']) }));
}

function readIndex(index: PropertyReader): IndexSpec {
  index.inert(
    'capacity is AWS’s',
    'WriteOnDemandThroughputSettings',
    'ReadOnDemandThroughputSettings',
    'WarmThroughput',
  );
  const projection = index.object('Projection');
  return {
    name: index.text('IndexName'),
    keys: readKeys(index),
    projection: projection.oneOf('ProjectionType', ['ALL', 'KEYS_ONLY', 'INCLUDE']),
    included: projection.texts('NonKeyAttributes'),
  };
}
