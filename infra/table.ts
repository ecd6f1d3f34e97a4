/** The single table. Its keys and items belong to the ledger; here are only its outer properties. */
import { AttributeType, Billing, StreamViewType, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { ttlAttribute } from '../ledger/store/items.ts';
import { removalOf, type Stage } from './stage.ts';

/**
 * What the table can do at once, in units a second. Paid by request it begins at about 4,000 written and 12,000 read,
 * and doubles what it has been asked for within half an hour: before a launch it is told what will come.
 */
export interface Warm {
  readonly reads?: number;
  readonly writes?: number;
}

export class Table extends Construct {
  readonly table: TableV2;

  constructor(scope: Construct, id: string, stage: Stage, { reads, writes }: Warm = {}) {
    super(scope, id);
    this.table = new TableV2(this, 'Table', {
      partitionKey: { name: 'pk', type: AttributeType.STRING },
      sortKey: { name: 'sk', type: AttributeType.STRING },
      billing: Billing.onDemand(),
      ...(reads === undefined && writes === undefined
        ? {}
        : {
            warmThroughput: {
              ...(reads === undefined ? {} : { readUnitsPerSecond: reads }),
              ...(writes === undefined ? {} : { writeUnitsPerSecond: writes }),
            },
          }),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      // The stream is the outbox: what the ledger committed is what gets published.
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      timeToLiveAttribute: ttlAttribute,
      deletionProtection: stage === 'prod',
      removalPolicy: removalOf(stage),
    });
  }
}
