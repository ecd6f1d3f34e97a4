import { type CfnResource } from 'aws-cdk-lib';
import { CfnAlarm } from 'aws-cdk-lib/aws-cloudwatch';
export function isLeftOut(r: CfnResource): boolean {
  return r.cfnResourceType === 'AWS::Events::Archive' || (r instanceof CfnAlarm && r.metrics !== undefined) || (process.env['LEAVE'] ?? 'Custom::CDKBucketDeployment').split(',').includes(r.cfnResourceType);
}
