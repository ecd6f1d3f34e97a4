import { randomUUID } from 'node:crypto';
import { type Incoming, json, type Reply, type RunningServer, serveHttp } from './http.ts';
import { type Mail, readMail } from './mime.ts';
import type { Message, Store } from './store.ts';

const SNS_NAMESPACE = 'http://sns.amazonaws.com/doc/2010-03-31/';
const E164 = /^\+[1-9]\d{6,14}$/;

export interface MessagesOptions {
  store: Store;
  /** Epoch milliseconds. */
  clock: () => number;
  port: number;
}

/**
 * Text messages and e-mail on one HTTP server: Amazon SNS `Publish` to a phone number (AWS query protocol,
 * `POST /`) and SES v2 `SendEmail` (REST JSON, `POST /v2/email/outbound-emails`). Any other operation is
 * refused by its name; signatures are not checked.
 */
export function startMessages({ store, clock, port }: MessagesOptions): Promise<RunningServer> {
  const record: Recorder = (message) => {
    const id = randomUUID();
    store.put('message', id, { ...message, at: new Date(clock()).toISOString() });
    return id;
  };
  return serveHttp(port, (request) => {
    const path = `/${request.segments.join('/')}`;
    if (request.method === 'POST' && path === '/') return publish(request, record);
    if (request.method === 'POST' && path === '/v2/email/outbound-emails') return sendEmail(request, record);
    const known = 'SNS Publish (POST /) and SES v2 SendEmail (POST /v2/email/outbound-emails)';
    return sesError(
      'NotFoundException',
      `${request.method} ${path} is not served here: only ${known} are.`,
      404,
    );
  });
}

type Recorder = (message: Omit<Message, 'at'>) => string;

/** https://docs.aws.amazon.com/sns/latest/api/API_Publish.html */
function publish({ body }: Incoming, record: Recorder): Reply {
  const form = new URLSearchParams(body);
  const action = form.get('Action');
  if (action !== 'Publish') {
    return snsError('InvalidAction', `The local SNS serves Publish only, not "${action}".`);
  }
  if (form.has('TopicArn') || form.has('TargetArn')) {
    return snsError(
      'InvalidParameter',
      'The local SNS publishes to a PhoneNumber only, not to a topic or target.',
    );
  }
  const to = form.get('PhoneNumber') ?? '';
  if (!E164.test(to))
    return snsError('InvalidParameter', `PhoneNumber is "${to}", not a number as +33612345678.`);
  const text = form.get('Message') ?? '';
  if (text === '') return snsError('InvalidParameter', 'Message is empty.');
  const subject = form.get('Subject');
  const id = record({ channel: 'sms', to, ...(subject !== null && { subject }), text });
  const result = `<PublishResult><MessageId>${id}</MessageId></PublishResult>`;
  return xml(200, `<PublishResponse xmlns="${SNS_NAMESPACE}">${result}${metadata()}</PublishResponse>`);
}

function snsError(code: string, message: string): Reply {
  const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${escapeXml(message)}</Message></Error>`;
  return xml(
    400,
    `<ErrorResponse xmlns="${SNS_NAMESPACE}">${error}<RequestId>${randomUUID()}</RequestId></ErrorResponse>`,
  );
}

function metadata(): string {
  return `<ResponseMetadata><RequestId>${randomUUID()}</RequestId></ResponseMetadata>`;
}

function xml(status: number, body: string): Reply {
  return { status, headers: { 'content-type': 'text/xml' }, body };
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The part of a SendEmail request that is read, https://docs.aws.amazon.com/ses/latest/APIReference-V2/. */
interface EmailRequest {
  FromEmailAddress?: string;
  Destination?: { ToAddresses?: string[]; CcAddresses?: string[]; BccAddresses?: string[] };
  Content?: {
    Simple?: { Subject?: { Data?: string }; Body?: { Text?: { Data?: string }; Html?: { Data?: string } } };
    Raw?: { Data?: string };
    Template?: unknown;
  };
}

function sendEmail({ body }: Incoming, record: Recorder): Reply {
  const request = parse(body);
  if (!request) return sesError('BadRequestException', 'The body is not a JSON object.');
  const mail = mailOf(request.Content ?? {});
  if (typeof mail === 'string') return sesError('BadRequestException', mail);
  const { ToAddresses = [], CcAddresses = [], BccAddresses = [] } = request.Destination ?? {};
  const named = [...ToAddresses, ...CcAddresses, ...BccAddresses];
  const recipients = named.length > 0 ? named : mail.to;
  if (recipients.length === 0) return sesError('BadRequestException', 'Destination names no address.');
  const wrong = recipients.find((address) => !address.includes('@'));
  if (wrong !== undefined)
    return sesError('BadRequestException', `Destination holds "${wrong}", not an address.`);
  const { subject, text } = mail;
  const ids = recipients.map((to) => record({ channel: 'email', to, subject, text }));
  return json(200, { MessageId: ids[0] });
}

/** What the content says, or the sentence that refuses it. */
function mailOf({ Simple, Raw, Template }: NonNullable<EmailRequest['Content']>): Mail | string {
  if (Template) return 'The local SES serves Content.Simple and Content.Raw, not Content.Template.';
  if (Raw)
    return readMail(Buffer.from(Raw.Data ?? '', 'base64')) ?? 'Content.Raw.Data is not an e-mail in base64.';
  const subject = Simple?.Subject?.Data;
  if (!subject) return 'Content.Simple.Subject.Data is required.';
  const text = Simple.Body?.Text?.Data ?? Simple.Body?.Html?.Data;
  if (!text) return 'Content.Simple.Body needs Text.Data or Html.Data.';
  return { to: [], subject, text };
}

function parse(text: string): EmailRequest | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined; // Answered as BadRequestException.
  }
}

function sesError(type: string, message: string, status = 400): Reply {
  return json(status, { message }, { 'x-amzn-errortype': type });
}
