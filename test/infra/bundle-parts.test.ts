/** What bundles leave out of libraries, and of what core/ says to documents, changes nothing that a function does. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import * as dynamodb from '@aws-sdk/client-dynamodb';
import * as eventbridge from '@aws-sdk/client-eventbridge';
import * as secretsManager from '@aws-sdk/client-secrets-manager';
import * as sesv2 from '@aws-sdk/client-sesv2';
import * as sns from '@aws-sdk/client-sns';
import * as sqs from '@aws-sdk/client-sqs';
import { build } from 'esbuild';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bundling } from '../../tools/build.ts';
import { withoutProse } from '../../tools/prose.ts';
import { checkOperations, operations, sdkParts } from '../../tools/sdk-parts.ts';
import { withMethods } from '../../tools/zod-parts.ts';

const root = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'philia-parts-'));
afterAll(() => rmSync(folder, { recursive: true }));

type Package = Readonly<Record<string, unknown>>;
interface Client {
  readonly config: { readonly endpointProvider: (parameters: object) => { readonly url: URL } };
  readonly send: (command: object) => Promise<unknown>;
}
type Made<T> = new (settings: object) => T;

/** Each service, its client, and something that can be asked of it. */
const services: Readonly<Record<string, readonly [whole: Package, client: string, asked: object]>> = {
  dynamodb: [dynamodb, 'DynamoDBClient', { TableName: 't', TransactItems: [], Key: {}, Item: {} }],
  eventbridge: [eventbridge, 'EventBridgeClient', { Entries: [] }],
  'secrets-manager': [secretsManager, 'SecretsManagerClient', { SecretId: 's' }],
  sesv2: [sesv2, 'SESv2Client', { Content: {} }],
  sns: [sns, 'SNSClient', { Message: 'm' }],
  sqs: [sqs, 'SQSClient', { QueueUrl: 'https://sqs.eu-west-1.amazonaws.com/1/q', MessageBody: 'm' }],
};

describe('a service, asked by what a bundle has of its client', () => {
  const bundled: Record<string, Package> = {};
  beforeAll(async () => {
    for (const [service, [, client]] of Object.entries(services)) {
      const asked = (operations[service] ?? []).map((operation) => `${operation}Command`);
      const contents = `export { ${[client, ...asked].join(', ')} } from '@aws-sdk/client-${service}';`;
      const outfile = join(folder, `${service}.mjs`);
      await build({ ...bundling, stdin: { contents, resolveDir: root }, outfile, plugins: [sdkParts] });
      bundled[service] = await import(pathToFileURL(outfile).href);
    }
  });

  const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
  const settings = { region: 'eu-west-1', credentials, maxAttempts: 1 };

  /** What comes of an operation that the service answers with an error of a name. */
  async function failed(sdk: Package, service: string, operation: string, name: string, status: number) {
    const [, client, input] = services[service] as (typeof services)[string];
    const message = `Said of ${name}.`;
    const more = { CancellationReasons: [{ Code: 'ConditionalCheckFailed' }], throttlingReasons: [] };
    const text =
      service === 'sns'
        ? `<ErrorResponse><Error><Type>Sender</Type><Code>${name}</Code><Message>${message}</Message></Error></ErrorResponse>`
        : JSON.stringify({ __type: `com.amazonaws.any#${name}`, message, Message: message, ...more });
    const headers = { 'x-amzn-errortype': name, 'x-amzn-query-error': `${name};Sender` };
    const handle = async () => ({ response: { statusCode: status, headers, body: Readable.from([text]) } });
    const made = new (sdk[client] as Made<Client>)({ ...settings, requestHandler: { handle } });
    try {
      await made.send(new (sdk[`${operation}Command`] as Made<object>)(input));
    } catch (error) {
      const { $response: _response, $metadata, ...fields } = error as Record<string, unknown>;
      const { name: called, message: said } = error as Error;
      return { called, said, fields, $metadata };
    }
    throw new Error(`${name} is no error.`);
  }

  const all = Object.entries(operations).flatMap(([service, asked]) =>
    asked.map((operation) => [service, operation] as const),
  );
  it.each(all)('%s: whatever %s fails with is as by the whole client', async (service, operation) => {
    const [whole] = services[service] as (typeof services)[string];
    const isError = (one: unknown) =>
      typeof one === 'function' && one.prototype instanceof Error && 'shapeId' in one;
    const modelled = Object.keys(whole).filter((name) => isError(whole[name]));
    expect(modelled.length).toBeGreaterThan(3);
    for (const name of [...modelled, 'AccessDeniedException', 'UnrecognizedClientException'])
      for (const status of [400, 500]) {
        const expected = await failed(whole, service, operation, name, status);
        const found = await failed(bundled[service] as Package, service, operation, name, status);
        const isAnswered = documented(service, operation).includes(name) || !modelled.includes(name);
        // What no operation of ours is answered with has its name and its words still.
        if (isAnswered) expect(found, name).toEqual(expected);
        else expect(found, name).toMatchObject({ called: expected.called, said: expected.said });
      }
  });

  function documented(service: string, operation: string): string[] {
    const path = `node_modules/@aws-sdk/client-${service}/dist-types/commands/${operation}Command.d.ts`;
    const text = readFileSync(join(root, path), 'utf8');
    return [...text.matchAll(/@throws \{@link (\w+)\}/g)].map(([, name]) => name ?? '');
  }

  it('is at the same address in every region', async () => {
    const file = 'node_modules/@aws-sdk/core/dist-es/submodules/client/util-endpoints/lib/aws/partitions.js';
    const { partitionsInfo } = await import(pathToFileURL(join(root, file)).href);
    const regions: string[] = partitionsInfo.partitions.flatMap((one: { regions: object }) =>
      Object.keys(one.regions),
    );
    expect(regions.length).toBeGreaterThan(40);
    for (const [service, [whole, client]] of Object.entries(services)) {
      const place = (sdk: Package, Region: string) =>
        new (sdk[client] as Made<Client>)(settings).config.endpointProvider({
          Region,
          UseFIPS: false,
          UseDualStack: false,
        }).url.href;
      for (const region of [...regions, 'eu-south-9', 'cn-east-7'])
        expect(place(bundled[service] as Package, region), region).toBe(place(whole, region));
    }
  });

  it('is asked nothing that its bundle has no errors for', () => {
    const file = (operation: string) =>
      `node_modules/@aws-sdk/client-dynamodb/dist-es/commands/${operation}Command.js`;
    checkOperations([file('Query'), 'core/rules.ts']);
    expect(() => checkOperations([file('Query'), file('DeleteTable')])).toThrow('DeleteTable of dynamodb');
  });
});

describe('what documents alone show', () => {
  it('is left out, whatever it is written in', () => {
    const text = `export const one = z
      .string()
      .describe('Of (one, "two", or \\'three\\'.')
      .max(2, 'Two at most')
      .meta({ id: 'One', text: \`(\${more}\` });`;
    expect(withoutProse(text, '/core/one.ts').replace(/\s+/g, '')).toBe(
      "exportconstone=z.string().max(2,'Twoatmost');",
    );
  });
});

it('zod keeps the methods that are called, and what is no method', () => {
  const text = readFileSync(join(root, 'node_modules/zod/v4/classic/schemas.js'), 'utf8');
  const left = withMethods(text, new Set(['check', 'max']));
  expect(left).toContain('\n    max(...args) {');
  expect(left).not.toContain('\n    nanoid(params) {');
  expect(left).toContain('export function nanoid(params) {');
  expect(withMethods(left, new Set(['check', 'max']))).toBe(left);
});
