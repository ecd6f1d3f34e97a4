/** Stream records as a function gets them: the shape of Lambda's DynamoDB event, plain JSON. */
import type { Json } from '../bus/pattern.ts';
import { REGION } from '../template/intrinsics.ts';

export interface StreamRecord {
  readonly sequenceNumber: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** The record in the function's event. */
  readonly event: { [name: string]: Json };
}

/** A record as the protocol has it; the values of its items are what functions get. */
export interface WireRecord {
  readonly eventID?: string;
  readonly eventName?: string;
  readonly dynamodb?: {
    /** Seconds since 1970. */
    readonly ApproximateCreationDateTime?: number;
    readonly SequenceNumber?: string;
    readonly SizeBytes?: number;
    readonly StreamViewType?: string;
    readonly [image: string]: Json | undefined;
  };
  readonly userIdentity?: { readonly Type?: string; readonly PrincipalId?: string };
}

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html */
export function streamRecord(record: WireRecord, streamArn: string): StreamRecord {
  const change = record.dynamodb ?? {};
  const sequenceNumber = change.SequenceNumber ?? '';
  const createdAt = (change.ApproximateCreationDateTime ?? 0) * 1000;
  return {
    sequenceNumber,
    createdAt,
    event: {
      eventID: record.eventID ?? '',
      eventName: record.eventName ?? '',
      eventVersion: '1.1',
      eventSource: 'aws:dynamodb',
      awsRegion: REGION,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(createdAt / 1000),
        ...images(change, 'Keys', 'NewImage', 'OldImage'),
        SequenceNumber: sequenceNumber,
        SizeBytes: change.SizeBytes ?? 0,
        StreamViewType: change.StreamViewType ?? '',
      },
      eventSourceARN: streamArn,
      ...(record.userIdentity && {
        userIdentity: {
          type: record.userIdentity.Type ?? '',
          principalId: record.userIdentity.PrincipalId ?? '',
        },
      }),
    },
  };
}

function images(change: NonNullable<WireRecord['dynamodb']>, ...names: string[]): { [name: string]: Json } {
  return Object.fromEntries(
    names.flatMap((name) => (change[name] === undefined ? [] : [[name, change[name]] as const])),
  );
}
