/**
 * The table of who has been erased, apart from the ledger's: restoring that one to a moment brings people back, and
 * this one says who of them has to go again. It holds ids only, and is never restored with the other.
 */
import { AttributeType, Billing, TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { Construct } from 'constructs';
import { removalOf, type Stage } from './stage.ts';

export class Erasures extends Construct {
  readonly table: TableV2;

  constructor(scope: Construct, id: string, stage: Stage) {
    super(scope, id);
    this.table = new TableV2(this, 'Table', {
      partitionKey: { name: 'memberId', type: AttributeType.STRING },
      billing: Billing.onDemand(),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
      deletionProtection: stage === 'prod',
      removalPolicy: removalOf(stage),
    });
  }
}
