/**
 * SQS's `SendMessage`, as far as functions use it: a body, and a delay that goes by the system's clock.
 * Source: https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
import { createHash } from 'node:crypto';
import type { QueueSpec } from '../resources/queues.ts';
import type { Queues } from './store.ts';

export interface Mailbox {
  readonly queues: readonly Pick<QueueSpec, 'arn'>[];
  readonly send: Queues['send'];
}

export type SendMessageAnswer =
  | { readonly ok: true; readonly result: { readonly MessageId: string; readonly MD5OfMessageBody: string } }
  | { readonly ok: false; readonly type: string; readonly message: string };

const BYTES_MAX = 1024 * 1024;
const DELAY_SECONDS_MAX = 900;
const KNOWN = ['QueueUrl', 'MessageBody', 'DelaySeconds'];
/** What XML 1.0 does not allow in a text, SQS does not either. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are the characters that are refused
const UNSENDABLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]|\p{Surrogate}/u;

export function sendMessage(
  { queues, send }: Mailbox,
  input: { readonly [name: string]: unknown },
): SendMessageAnswer {
  const { QueueUrl: url, MessageBody: body, DelaySeconds: delay = 0 } = input;
  const unknown = Object.keys(input).find((name) => !KNOWN.includes(name));
  if (unknown !== undefined)
    return refused('UnsupportedOperation', `${unknown} is not known to the local run.`);
  const arn = queues.find((queue) => typeof url === 'string' && isAt(url, queue.arn))?.arn;
  if (arn === undefined) return refused('QueueDoesNotExist', 'The specified queue does not exist.');
  if (typeof body !== 'string' || body === '')
    return refused(
      'MissingRequiredParameterException',
      'The request must contain the parameter MessageBody.',
    );
  if (Buffer.byteLength(body) > BYTES_MAX)
    return invalid(
      `One or more parameters are invalid. Reason: Message must be shorter than ${BYTES_MAX} bytes.`,
    );
  if (UNSENDABLE.test(body))
    return refused('InvalidMessageContents', 'Invalid characters found in the message body.');
  if (!Number.isInteger(delay) || Number(delay) < 0 || Number(delay) > DELAY_SECONDS_MAX)
    return invalid(
      `Value ${String(delay)} for parameter DelaySeconds is invalid. Reason: DelaySeconds must be >= 0 and <= ${DELAY_SECONDS_MAX}.`,
    );
  const delayMs = 'DelaySeconds' in input ? { delayMs: Number(delay) * 1000 } : {};
  const [messageId = ''] = send([{ queueArn: arn, body, ...delayMs }]);
  const MD5OfMessageBody = createHash('md5').update(body).digest('hex');
  return { ok: true, result: { MessageId: messageId, MD5OfMessageBody } };
}

/** A queue's address ends with the account and the name, as its ARN does. */
function isAt(url: string, arn: string): boolean {
  return url.endsWith(`/${arn.split(':').slice(-2).join('/')}`);
}

function invalid(message: string): SendMessageAnswer {
  return refused('InvalidParameterValueException', message);
}

function refused(type: string, message: string): SendMessageAnswer {
  return { ok: false, type: `com.amazonaws.sqs#${type}`, message };
}
