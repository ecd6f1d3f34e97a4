/** `AWS::SQS::Queue`. */
import type { Stack } from '../template/stack.ts';

export interface QueueSpec {
  readonly arn: string;
  readonly visibilityTimeoutMs: number;
  readonly delayMs: number;
  readonly retentionMs: number;
  readonly redrive: { readonly deadLetterArn: string; readonly receiveCountMax: number } | undefined;
}

export function readQueues(stack: Stack): QueueSpec[] {
  return stack.ofType('AWS::SQS::Queue').map((resource) => {
    const { properties } = resource;
    properties
      .inert('encryption at rest and in transit is AWS’s', 'SqsManagedSseEnabled', 'KmsMasterKeyId')
      .inert('encryption at rest and in transit is AWS’s', 'KmsDataKeyReusePeriodSeconds')
      .inert('describes the queue', 'QueueName', 'Tags')
      .inert('pollers here wait for a wake-up, not for a long poll', 'ReceiveMessageWaitTimeSeconds')
      .inert('says who may use it as a dead-letter queue', 'RedriveAllowPolicy');
    const redrive = properties.object('RedrivePolicy');
    return {
      arn: resource.attribute('Arn') ?? '',
      visibilityTimeoutMs: properties.number('VisibilityTimeout', 30) * 1000,
      delayMs: properties.number('DelaySeconds', 0) * 1000,
      retentionMs: properties.number('MessageRetentionPeriod', 345_600) * 1000,
      redrive: redrive.has('deadLetterTargetArn')
        ? {
            deadLetterArn: redrive.text('deadLetterTargetArn'),
            receiveCountMax: redrive.number('maxReceiveCount'),
          }
        : undefined,
    };
  });
}
