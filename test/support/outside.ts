/** AWS as instances meet it: services that answer, one that accepts and never answers, and how many connections each has. */
import { createHash, createHmac, randomUUID } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { originHeader } from '../../core/contract/functions.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { createKey, enrol, type LedgerContext, putProgram } from '../../ledger/ledger.ts';
import { createDynamoDbStore } from '../../ledger/store/dynamodb.ts';
import { startSqliteDynamoDb } from './dynamodb.ts';
import { defaultProgram, noon, originSecret, testContext } from './world.ts';

export interface Listening {
  readonly url: string;
  /** Connections that were ever made to it. */
  readonly connections: () => number;
  readonly stop: () => Promise<void>;
}

async function listen(server: Server): Promise<Listening> {
  const open = new Set<Socket>();
  let connections = 0;
  server.on('connection', (socket) => {
    connections++;
    open.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => open.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    stop: async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Takes connections and whatever comes by them, and says nothing. */
export function startSilence(): Promise<Listening> {
  return listen(createServer((socket) => socket.resume()));
}

/** A way to another server that counts. */
async function through(url: string): Promise<Listening> {
  const { hostname, port } = new URL(url);
  return listen(
    createServer((socket) => {
      const there = connect(Number(port), hostname);
      there.on('error', () => socket.destroy());
      socket.on('error', () => there.destroy());
      socket.pipe(there).pipe(socket);
    }),
  );
}

/** The text of the keys' secret; every other secret is empty. */
const keysSecret = 'the root of the keyed hashes';
const secrets: Readonly<Record<string, string>> = { keys: keysSecret, origin: originSecret };

/** Secrets, bus, queues, SMS and e-mail: each takes whatever it is given. */
function startServices(): Promise<Listening> {
  const server = createHttpServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      const target = String(request.headers['x-amz-target'] ?? '');
      if (body.startsWith('Action=Publish')) {
        response.setHeader('content-type', 'text/xml');
        response.end(
          '<PublishResponse><PublishResult><MessageId>1</MessageId></PublishResult></PublishResponse>',
        );
        return;
      }
      response.setHeader('content-type', 'application/x-amz-json-1.1');
      response.end(JSON.stringify(answerOf(target, body)));
    });
  });
  return listen(server as unknown as Server);
}

function answerOf(target: string, body: string): object {
  if (target === 'secretsmanager.GetSecretValue')
    return { SecretString: secrets[JSON.parse(body).SecretId] ?? '{}' };
  if (target === 'AWSEvents.PutEvents')
    return { Entries: JSON.parse(body).Entries.map(() => ({ EventId: randomUUID() })), FailedEntryCount: 0 };
  const text = target === 'AmazonSQS.SendMessage' ? JSON.parse(body).MessageBody : '';
  return { MessageId: randomUUID(), MD5OfMessageBody: createHash('md5').update(text).digest('hex') };
}

export interface Outside {
  readonly table: Listening;
  readonly services: Listening;
  /** What a function's environment holds. */
  readonly environment: Readonly<Record<string, string>>;
  readonly keys: { readonly ops: string; readonly store: string };
  readonly memberId: MemberId;
  /** The same table, to prepare things in. */
  readonly ledger: LedgerContext;
  readonly stop: () => Promise<void>;
}

/** A table with a programme, keys and a member, and everything else that a function may call. */
export async function startOutside(): Promise<Outside> {
  const database = await startSqliteDynamoDb();
  const [table, services] = await Promise.all([through(database.endpoint), startServices()]);
  const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
  const client = new DynamoDBClient({ endpoint: database.endpoint, region: 'eu-west-1', credentials });
  for (const [TableName, keys] of [
    ['ledger', ['pk', 'sk']],
    ['erasures', ['memberId']],
  ] as const)
    await client.send(
      new CreateTableCommand({
        TableName,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: keys.map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
        KeySchema: keys.map((AttributeName, at) => ({ AttributeName, KeyType: at === 0 ? 'HASH' : 'RANGE' })),
      }),
    );
  const store = createDynamoDbStore({
    client,
    table: 'ledger',
    random: Math.random,
    sleep: async () => {},
    newToken: randomUUID,
  });
  const keyed = (label: string, text: string) => {
    const own = createHmac('sha256', keysSecret).update(label).digest();
    return createHmac('sha256', own).update(text).digest('base64url');
  };
  const ledger = { ...testContext(store), keyed };
  const by = { keyId: 'setup', name: 'setup' };
  const program = defaultProgram();
  const { version: _version, ...document } = program;
  await putProgram(ledger, document, by, noon);
  const ops = await createKey(ledger, { name: 'ops', role: 'ops' }, by, noon);
  const till = await createKey(ledger, { name: 'till', role: 'channel', channel: 'store' }, by, noon);
  const enrolled = await enrol(ledger, program, { email: 'ann@example.com' }, noon);
  if (enrolled.type !== 'enrolled') throw new Error('The table is not empty.');
  return {
    table,
    services,
    keys: { ops: ops.text, store: till.text },
    memberId: enrolled.member.account.memberId,
    ledger,
    environment: {
      AWS_REGION: 'eu-west-1',
      AWS_ACCESS_KEY_ID: 'test',
      AWS_SECRET_ACCESS_KEY: 'test',
      AWS_ENDPOINT_URL: services.url,
      AWS_ENDPOINT_URL_DYNAMODB: table.url,
      TABLE_NAME: 'ledger',
      ERASURES_TABLE_NAME: 'erasures',
      BUS_NAME: 'philia',
      QUEUES: JSON.stringify({ holds: `${services.url}/1/holds`, walks: `${services.url}/1/walks` }),
      KEYS_SECRET: 'keys',
      ORIGIN_SECRET: 'origin',
      APPLE_SECRET: 'apple',
      GOOGLE_SECRET: 'google',
      SAMSUNG_SECRET: 'samsung',
      PUBLIC_URL: 'https://cards.example.com',
      MAIL_FROM: 'loyalty@example.com',
      POWERTOOLS_LOG_LEVEL: 'SILENT',
    },
    stop: async () => {
      client.destroy();
      await Promise.all([table.stop(), services.stop()]);
      await database.stop();
    },
  };
}

/** A request as API Gateway hands it to a function: by the public address, unless its headers say otherwise. */
export function httpEvent(
  routeKey: string,
  more: {
    readonly key?: string;
    readonly body?: unknown;
    readonly params?: Record<string, string>;
    readonly query?: Record<string, string>;
    readonly headers?: Record<string, string>;
  } = {},
): object {
  const { key, body, params = {}, query = {}, headers = {} } = more;
  const [method = '', path = ''] = routeKey.split(' ');
  return {
    version: '2.0',
    routeKey,
    headers: {
      [originHeader]: originSecret,
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
      ...headers,
    },
    pathParameters: params,
    queryStringParameters: query,
    rawPath: path,
    requestContext: { requestId: randomUUID(), routeKey, http: { method, path, sourceIp: '192.0.2.1' } },
    body: body === undefined ? undefined : JSON.stringify(body),
    isBase64Encoded: false,
  };
}

/** Records as SQS hands them to a function. */
export function sqsEvent(...bodies: readonly unknown[]): { Records: object[] } {
  return {
    Records: bodies.map((body, index) => ({
      messageId: `message-${index}`,
      receiptHandle: 'r',
      body: typeof body === 'string' ? body : JSON.stringify(body),
      attributes: { ApproximateReceiveCount: '1', SentTimestamp: String(noon) },
      messageAttributes: {},
      eventSource: 'aws:sqs',
      eventSourceARN: 'arn:aws:sqs:eu-west-1:1:philia-dev-purchases-store-dead',
    })),
  };
}
