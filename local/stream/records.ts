/** Stream records as a function gets them: the shape of Lambda's DynamoDB event, plain JSON. */
import type { _Record, AttributeValue } from '@aws-sdk/client-dynamodb-streams';
import type { Json } from '../bus/pattern.ts';
import { REGION } from '../template/intrinsics.ts';

export interface StreamRecord {
  readonly sequenceNumber: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** The record in the function's event. */
  readonly event: { [name: string]: Json };
}

/** Source: https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html */
export function streamRecord(record: _Record, streamArn: string): StreamRecord {
  const change = record.dynamodb ?? {};
  const sequenceNumber = change.SequenceNumber ?? '';
  const createdAt = change.ApproximateCreationDateTime?.getTime() ?? 0;
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
        ...image('Keys', change.Keys),
        ...image('NewImage', change.NewImage),
        ...image('OldImage', change.OldImage),
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

function image(name: string, item: Record<string, AttributeValue> | undefined): { [name: string]: Json } {
  return item === undefined ? {} : { [name]: plainMap(item) };
}

function plainMap(item: Record<string, AttributeValue>): { [name: string]: Json } {
  return Object.fromEntries(Object.entries(item).map(([name, value]) => [name, plain(value)]));
}

/** An attribute value with its binary parts in base64. */
function plain(value: AttributeValue): Json {
  if (value.B !== undefined) return { B: base64(value.B) };
  if (value.BS !== undefined) return { BS: value.BS.map(base64) };
  if (value.L !== undefined) return { L: value.L.map(plain) };
  if (value.M !== undefined) return { M: plainMap(value.M) };
  if (value.S !== undefined) return { S: value.S };
  if (value.N !== undefined) return { N: value.N };
  if (value.SS !== undefined) return { SS: value.SS };
  if (value.NS !== undefined) return { NS: value.NS };
  if (value.BOOL !== undefined) return { BOOL: value.BOOL };
  if (value.NULL !== undefined) return { NULL: value.NULL };
  throw new TypeError(`An attribute value of unknown type: ${JSON.stringify(value)}`);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
