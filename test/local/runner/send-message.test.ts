/** A message that is put on a queue directly is there, as the real client sends it, or is refused by name. */
import http from 'node:http';
import { SendMessageCommand, type SendMessageCommandInput, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { requestWithin } from '../../../local/functions/request.ts';
import type { Outgoing } from '../../../local/queues/store.ts';
import { createServices } from '../../../local/services/endpoint.ts';

const arn = 'arn:aws:sqs:eu-west-1:000000000000:philia-dev-holds';
const QueueUrl = 'https://sqs.eu-west-1.amazonaws.com/000000000000/philia-dev-holds';
const sent: Outgoing[] = [];
const { request } = http;
let client: SQSClient;

beforeAll(async () => {
  const answer = createServices({
    bus: { buses: [], rules: [], clock: Date.now, send: () => undefined },
    secrets: { find: () => undefined },
    mailbox: {
      queues: [{ arn: `${arn}-dead` }, { arn }],
      send: (messages) => {
        sent.push(...messages);
        return messages.map(() => 'an-id');
      },
    },
  });
  const within = requestWithin((host) => (host === 'services.internal' ? answer : undefined), request);
  Object.assign(http, { request: within });
  client = new SQSClient({
    endpoint: 'http://services.internal',
    region: 'eu-west-1',
    credentials: { accessKeyId: 'test', secretAccessKey: 'test' },
    maxAttempts: 1,
  });
});
afterAll(async () => {
  client.destroy();
  Object.assign(http, { request });
});

const send = (more: Partial<SendMessageCommandInput>) => {
  sent.length = 0;
  return client.send(new SendMessageCommand({ QueueUrl, MessageBody: '{}', ...more }));
};

describe('a message', () => {
  it('goes to the queue of its address; the client checks that it arrived as it was', async () => {
    const body = JSON.stringify({ text: 'Zoë 🙂\n' });
    expect((await send({ MessageBody: body })).MessageId).toBe('an-id');
    expect(sent).toEqual([{ queueArn: arn, body }]);
  });

  it.each([0, 900])('may be delayed by %i seconds', async (seconds) => {
    await send({ DelaySeconds: seconds });
    expect(sent).toEqual([{ queueArn: arn, body: '{}', delayMs: seconds * 1000 }]);
  });

  it.each<[string, Partial<SendMessageCommandInput>, string]>([
    ['for a queue that is not there', { QueueUrl: QueueUrl.replace('holds', 'hold') }, 'QueueDoesNotExist'],
    ['with a longer delay', { DelaySeconds: 901 }, 'InvalidParameterValueException'],
    ['with a delay below zero', { DelaySeconds: -1 }, 'InvalidParameterValueException'],
    ['without a body', { MessageBody: '' }, 'MissingRequiredParameterException'],
    ['over a megabyte', { MessageBody: 'é'.repeat(524_289) }, 'InvalidParameterValueException'],
    ['with a character that SQS does not take', { MessageBody: 'a\u0000b' }, 'InvalidMessageContents'],
    ['with what is not known here', { MessageGroupId: 'a' }, 'UnsupportedOperation'],
  ])('%s is refused', async (_, change, name) => {
    await expect(send(change)).rejects.toMatchObject({ name });
    expect(sent).toEqual([]);
  });
});
