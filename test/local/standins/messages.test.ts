import {
  ListEmailIdentitiesCommand,
  SESv2Client,
  SendEmailCommand,
  type SendEmailCommandInput,
} from '@aws-sdk/client-sesv2';
import { CreateTopicCommand, PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { describe, expect, test } from 'vitest';
import type { Message } from '../../../local/standins/store.ts';
import { useStandIns } from './setup.ts';

const rig = useStandIns();
const common = {
  region: 'eu-west-3',
  credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
  maxAttempts: 1,
};
const sns = () => new SNSClient({ ...common, endpoint: rig.standIns.snsUrl });
const ses = () => new SESv2Client({ ...common, endpoint: rig.standIns.sesUrl });
const messagesTo = (to: string) =>
  (rig.get('/local/messages') as { messages: Message[] }).messages.filter((message) => message.to === to);

function simple(to: string, text: string): SendEmailCommandInput {
  return {
    FromEmailAddress: 'club@example.com',
    Destination: { ToAddresses: [to] },
    Content: { Simple: { Subject: { Data: 'Your card – été' }, Body: { Text: { Data: text } } } },
  };
}

describe('a text message by the SNS client', () => {
  test('is shown with its number, text and local time', async () => {
    const text = 'Your card: https://example.com/c?a=1&b=2 <été> + 10 %';
    const answer = await sns().send(new PublishCommand({ PhoneNumber: '+33612345678', Message: text }));
    expect(answer.MessageId).toMatch(/^[0-9a-f-]{36}$/);
    expect(messagesTo('+33612345678')).toEqual([
      { channel: 'sms', to: '+33612345678', text, at: '2010-12-01T08:00:00.000Z' },
    ]);
  });

  test.each([
    ['a number that is not international', { PhoneNumber: '0612345678', Message: 'x' }, /0612345678/],
    ['no text', { PhoneNumber: '+33612345679', Message: '' }, /Message is empty/],
    ['a topic', { TopicArn: 'arn:aws:sns:eu-west-3:1:t', Message: 'x' }, /PhoneNumber only/],
  ])('is refused for %s', async (_, input, message) => {
    await expect(sns().send(new PublishCommand(input))).rejects.toMatchObject({
      name: 'InvalidParameterException',
      message: expect.stringMatching(message),
    });
  });

  test('any other operation is refused by its name', async () => {
    await expect(sns().send(new CreateTopicCommand({ Name: 't' }))).rejects.toThrow(/CreateTopic/);
  });
});

describe('an e-mail by the SES v2 client', () => {
  test('is shown with its address, subject, text and local time', async () => {
    const answer = await ses().send(new SendEmailCommand(simple('ada@example.com', 'Hello Ada')));
    expect(answer.MessageId).toMatch(/^[0-9a-f-]{36}$/);
    expect(messagesTo('ada@example.com')).toEqual([
      {
        channel: 'email',
        to: 'ada@example.com',
        subject: 'Your card – été',
        text: 'Hello Ada',
        at: '2010-12-01T08:00:00.000Z',
      },
    ]);
  });

  test('to several addresses is a message to each', async () => {
    const input = simple('one@example.com', 'x');
    input.Destination = { ToAddresses: ['one@example.com'], BccAddresses: ['two@example.com'] };
    await ses().send(new SendEmailCommand(input));
    expect([...messagesTo('one@example.com'), ...messagesTo('two@example.com')]).toHaveLength(2);
  });

  test('in raw form is read: encoded subject, plain part of two, quoted-printable', async () => {
    const raw = [
      'From: club@example.com',
      'To: Bob <bob@example.com>',
      `Subject: =?utf-8?B?${Buffer.from('Carte d’été').toString('base64')}?=`,
      'Content-Type: multipart/alternative;',
      ' boundary="b1"',
      '',
      '--b1',
      'Content-Type: text/html; charset=utf-8',
      '',
      '<p>Bonjour</p>',
      '--b1',
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      'Bonjour =C3=A0 tous, voici la=',
      ' carte',
      '--b1--',
      '',
    ].join('\r\n');
    await ses().send(new SendEmailCommand({ Content: { Raw: { Data: Buffer.from(raw) } } }));
    expect(messagesTo('bob@example.com')).toMatchObject([
      { subject: 'Carte d’été', text: 'Bonjour à tous, voici la carte' },
    ]);
  });

  test.each([
    ['no address', { ...simple('x@example.com', 'x'), Destination: {} }, /names no address/],
    ['no @ in an address', simple('nobody', 'x'), /"nobody"/],
    ['no text', simple('x@example.com', ''), /Body needs/],
    [
      'a template',
      { Destination: { ToAddresses: ['x@example.com'] }, Content: { Template: {} } },
      /Template/,
    ],
  ])('is refused for %s', async (_, input, message) => {
    await expect(ses().send(new SendEmailCommand(input))).rejects.toMatchObject({
      name: 'BadRequestException',
      message: expect.stringMatching(message),
    });
  });

  test('any other operation is refused by its path', async () => {
    await expect(ses().send(new ListEmailIdentitiesCommand({}))).rejects.toThrow(
      /POST \/v2\/email\/list-identities/,
    );
  });
});

test('what was sent is remembered over a restart, in order', async () => {
  await ses().send(new SendEmailCommand(simple('first@example.com', 'x')));
  await sns().send(new PublishCommand({ PhoneNumber: '+33600000002', Message: 'x' }));
  const before = rig.get('/local/messages') as { messages: Message[] };
  await rig.restart();
  expect(rig.get('/local/messages')).toEqual(before);
  expect(before.messages.slice(-2).map(({ to }) => to)).toEqual(['first@example.com', '+33600000002']);
});
