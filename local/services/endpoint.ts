/**
 * The AWS services that the runner itself serves to functions, in AWS's JSON 1.1 protocol: EventBridge, Secrets Manager
 * and SQS, as far as functions use them. Any other operation is refused by name.
 */
import { randomUUID } from 'node:crypto';
import { type Bus, putEvents } from '../bus/put-events.ts';
import { messageOf } from '../failure.ts';
import type { Answered, Asked } from '../functions/request.ts';
import { type Mailbox, sendMessage } from '../queues/send-message.ts';
import type { MadeSecrets, Secrets } from '../secrets.ts';

interface Answer {
  readonly status: number;
  readonly body: object;
}

export interface ServicesSettings {
  readonly mailbox: Mailbox;
  readonly bus: Bus;
  readonly secrets: Pick<Secrets, 'find'> & Partial<Pick<MadeSecrets, 'put'>>;
}

/** What answers the requests of a function. */
export function createServices(settings: ServicesSettings): (asked: Asked) => Answered {
  return (asked) => written(answerOf(asked, settings));
}

/** A fault of ours is told like the service's own. */
function answerOf({ headers, body }: Asked, settings: ServicesSettings): Answer {
  try {
    return perform(headers.get('x-amz-target') ?? '', body.toString('utf8'), settings);
  } catch (error) {
    return { status: 500, body: { __type: 'InternalException', message: messageOf(error) } };
  }
}

function written({ status, body }: Answer): Answered {
  const headers = { 'content-type': 'application/x-amz-json-1.1', 'x-amzn-requestid': randomUUID() };
  return { status, headers, body: Buffer.from(JSON.stringify(body)) };
}

function perform(target: string, body: string, { bus, secrets, mailbox }: ServicesSettings): Answer {
  const input = parse(body);
  if (!input) return failure('SerializationException', 'The body is not a JSON object.');
  switch (target) {
    case 'AWSEvents.PutEvents': {
      const answer = putEvents(bus, input['Entries']);
      if (!answer.ok) return failure(answer.type, answer.message);
      const failed = answer.results.filter((result) => 'ErrorCode' in result).length;
      return { status: 200, body: { FailedEntryCount: failed, Entries: answer.results } };
    }
    case 'secretsmanager.GetSecretValue':
      return getSecretValue(secrets, String(input['SecretId'] ?? ''), input['VersionStage']);
    case 'secretsmanager.CreateSecret':
    case 'secretsmanager.PutSecretValue':
      return putSecretValue(secrets, target.endsWith('CreateSecret'), input);
    case 'AmazonSQS.SendMessage': {
      const answer = sendMessage(mailbox, input);
      return answer.ok ? { status: 200, body: answer.result } : failure(answer.type, answer.message);
    }
    default:
      return failure('UnknownOperationException', `${target} is not known to the local run.`);
  }
}

/** Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html */
function getSecretValue(
  secrets: ServicesSettings['secrets'],
  secretId: string,
  stage: unknown = 'AWSCURRENT',
): Answer {
  const secret = secrets.find(secretId);
  if (!secret) {
    return failure('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  }
  // A value here is never replaced while functions run, so that there is none before it.
  if (stage !== 'AWSCURRENT') {
    const message = `Secrets Manager can't find the specified secret value for staging label: ${String(stage)}`;
    return failure('ResourceNotFoundException', message);
  }
  const { arn, name, value, versionId } = secret;
  const body = {
    ARN: arn,
    Name: name,
    SecretString: value,
    VersionId: versionId,
    VersionStages: ['AWSCURRENT'],
  };
  return { status: 200, body };
}

/**
 * A secret that a function makes, or gives another value.
 * Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html, API_PutSecretValue.html
 */
function putSecretValue(
  secrets: ServicesSettings['secrets'],
  isNew: boolean,
  input: { readonly [name: string]: unknown },
): Answer {
  const name = String(input[isNew ? 'Name' : 'SecretId'] ?? '');
  const known = secrets.find(name);
  if (isNew && known) {
    const message = `The operation failed because the secret ${name} already exists.`;
    return failure('ResourceExistsException', message);
  }
  if (!isNew && !known)
    return failure('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
  const put = secrets.put?.(name, String(input['SecretString'] ?? ''));
  if (!put) return failure('AccessDeniedException', 'No secret can be put here.');
  return { status: 200, body: { ARN: put.arn, Name: put.name, VersionId: put.versionId } };
}

function failure(type: string, message: string): Answer {
  return { status: 400, body: { __type: type, message } };
}

function parse(body: string): { [name: string]: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(body);
    return value !== null && typeof value === 'object' ? (value as { [name: string]: unknown }) : undefined;
  } catch {
    return undefined; // The caller answers that the body is no JSON.
  }
}
