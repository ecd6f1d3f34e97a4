/**
 * What the emulator (MiniStack 1.5.33) does not know. Each entry says why, and is tried alone: the test fails when the
 * emulator has learned it.
 */
import type { CfnResource } from 'aws-cdk-lib';

export interface LeftOut {
  readonly what: string;
  readonly why: string;
  readonly is: (type: string, properties: Readonly<Record<string, unknown>>) => boolean;
  /** The smallest template with such a resource. */
  readonly alone: { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> };
}

const math = { Id: 'sum', Expression: 'shown + tried', ReturnData: true };
const metric = (Id: string, MetricName: string) => ({
  Id,
  ReturnData: false,
  MetricStat: { Metric: { Namespace: 'AWS/SQS', MetricName }, Period: 300, Stat: 'Maximum' },
});

export const leftOut: readonly LeftOut[] = [
  {
    what: 'the archive of the bus',
    why: 'AWS::Events::Archive is no resource type that it recognizes',
    is: (type) => type === 'AWS::Events::Archive',
    alone: {
      Type: 'AWS::Events::Archive',
      Properties: { SourceArn: 'arn:aws:events:eu-west-1:000000000000:event-bus/default' },
    },
  },
  {
    what: 'alarms on sums of metrics',
    why: 'AWS::CloudWatch::Alarm with Metrics (metric math) is refused by name',
    is: (type, { metrics }) => type === 'AWS::CloudWatch::Alarm' && metrics !== undefined,
    alone: {
      Type: 'AWS::CloudWatch::Alarm',
      Properties: {
        ComparisonOperator: 'GreaterThanThreshold',
        EvaluationPeriods: 1,
        Threshold: 0,
        Metrics: [metric('shown', 'A'), metric('tried', 'B'), math],
      },
    },
  },
];

/**
 * Not by its type: CDK's own function that brings the site's files runs, but asks for a program in a layer
 * (`/opt/awscli/aws`), and the emulator puts layers elsewhere. The test brings the files itself.
 */
export const deploymentOfFiles = 'Custom::CDKBucketDeployment';

export function isLeftOut(resource: CfnResource): boolean {
  const type = resource.cfnResourceType;
  const properties = resource as unknown as Readonly<Record<string, unknown>>;
  return type === deploymentOfFiles || leftOut.some(({ is }) => is(type, properties));
}
