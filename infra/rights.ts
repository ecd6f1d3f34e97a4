/** Each grant of the contract as IAM statements on the system's resources; there are no other rights. */
import { Arn, ArnFormat, Stack } from 'aws-cdk-lib';
import type { TableV2 } from 'aws-cdk-lib/aws-dynamodb';
import type { EventBus } from 'aws-cdk-lib/aws-events';
import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { IConstruct } from 'constructs';
import {
  channelSecretsVariable,
  type Grant,
  poolVariables,
  type SecretName,
  secretVariable,
  type WalletSecret,
  walletSecretNames,
} from '../core/contract/functions.ts';
import { walksQueue } from '../core/contract/queues.ts';
import { systemOf } from './names.ts';
import type { NamedQueue } from './queues.ts';

/** What grants are about. */
export interface Resources {
  readonly table: TableV2;
  /** Who has been erased. */
  readonly erasures: TableV2;
  readonly bus: EventBus;
  /** The consumers' queues, by the names of their rules, and the queue of walks. */
  readonly queues: readonly NamedQueue[];
  readonly secrets: Readonly<Record<SecretName, Secret>>;
  /** Whose tokens are taken, by functions that know people. */
  readonly signIn?: { readonly issuer: string; readonly clientId: string };
  /** The address that e-mail is sent from, where any is. */
  readonly mailFrom?: string;
}

/** The same for the grant of each wallet's secret. */
function ofWalletSecrets<T>(make: (name: WalletSecret) => T): Record<`secret:${WalletSecret}`, T> {
  const made = walletSecretNames.map((name) => [`secret:${name}`, make(name)] as const);
  return Object.fromEntries(made) as Record<`secret:${WalletSecret}`, T>;
}

const statements: Record<Grant, (on: Resources) => PolicyStatement> = {
  'ledger:read': ({ table }) => onTable(table, ['GetItem', 'Query']),
  // A transaction is authorised by the actions of its parts.
  'ledger:write': ({ table }) => onTable(table, ['ConditionCheckItem', 'DeleteItem', 'PutItem']),
  'ledger:scan': ({ table }) => onTable(table, ['Scan']),
  'erasures:read': ({ erasures }) => onTable(erasures, ['Scan']),
  'erasures:write': ({ erasures }) => onTable(erasures, ['PutItem']),
  'bus:put': ({ bus }) =>
    new PolicyStatement({ actions: ['events:PutEvents'], resources: [bus.eventBusArn] }),
  'queues:send': ({ queues }) => sendTo(queues),
  'holds:send': ({ queues }) => sendTo(named(queues, 'holds')),
  'walks:send': ({ queues }) => sendTo(named(queues, walksQueue)),
  'channel-secrets:read': (on) => onChannelSecrets(on, ['GetSecretValue']),
  'channel-secrets:write': (on) => onChannelSecrets(on, ['CreateSecret', 'PutSecretValue']),
  'secret:keys': ({ secrets }) => readSecret(secrets.keys),
  'secret:origin': ({ secrets }) => readSecret(secrets.origin),
  ...ofWalletSecrets(
    (name) =>
      ({ secrets }) =>
        readSecret(secrets[name]),
  ),
  // A phone number has no ARN, so it is what remains when everything with an SNS ARN is left out.
  'sms:send': ({ table }) =>
    new PolicyStatement({
      actions: ['sns:Publish'],
      notResources: [
        Arn.format({ service: 'sns', region: '*', account: '*', resource: '*' }, Stack.of(table)),
      ],
    }),
  'email:send': ({ table, ...on }) =>
    new PolicyStatement({
      actions: ['ses:SendEmail'],
      resources: [Stack.of(table).formatArn({ service: 'ses', resource: 'identity', resourceName: '*' })],
      conditions: { StringEquals: { 'ses:FromAddress': senderOf(on) } },
    }),
};

/** Each channel's secret is made when it is first given: by its name, of which the beginning is known. */
function onChannelSecrets({ table }: Resources, operations: readonly string[]): PolicyStatement {
  const stack = Stack.of(table);
  const secrets = stack.formatArn({
    service: 'secretsmanager',
    resource: 'secret',
    resourceName: `${channelSecretsOf(table)}*`,
    arnFormat: ArnFormat.COLON_RESOURCE_NAME,
  });
  return new PolicyStatement({
    actions: operations.map((operation) => `secretsmanager:${operation}`),
    resources: [secrets],
  });
}

function channelSecretsOf(scope: IConstruct): string {
  return `${systemOf(scope)}/channels/`;
}

function senderOf({ mailFrom }: Pick<Resources, 'mailFrom'>): string {
  if (mailFrom === undefined) throw new Error('No sender of e-mail is given where email:send is granted.');
  return mailFrom;
}

function onTable(table: TableV2, operations: readonly string[]): PolicyStatement {
  return new PolicyStatement({
    actions: operations.map((operation) => `dynamodb:${operation}`),
    resources: [table.tableArn],
  });
}

function named(queues: readonly NamedQueue[], name: string): NamedQueue[] {
  return queues.filter((one) => one.name === name);
}

function sendTo(queues: readonly NamedQueue[]): PolicyStatement {
  const resources = queues.map(({ queue }) => queue.queueArn);
  return new PolicyStatement({ actions: ['sqs:SendMessage'], resources });
}

/** Where to send, as the JSON of an object from names to addresses. */
function addressesOf(queues: readonly NamedQueue[], { table }: Resources): string {
  const urls = Object.fromEntries(queues.map(({ name, queue }) => [name, queue.queueUrl]));
  return Stack.of(table).toJsonString(urls);
}

function readSecret(secret: Secret): PolicyStatement {
  return new PolicyStatement({ actions: ['secretsmanager:GetSecretValue'], resources: [secret.secretArn] });
}

/**
 * The statement of one grant.
 * @throws Error for a grant that has no line above, so that synthesis stops rather than grant nothing
 */
export function statementOf(grant: Grant, on: Resources): PolicyStatement {
  if (!Object.hasOwn(statements, grant))
    throw new Error(`The grant ${grant} has no rights; known are ${Object.keys(statements).join(', ')}.`);
  return statements[grant](on);
}

/** The variables that tell a function whose tokens it takes. */
export function poolVariablesOf({ signIn }: Pick<Resources, 'signIn'>): Record<string, string> {
  if (signIn === undefined) throw new Error('No pool is given where people are to be known.');
  return { [poolVariables.issuer]: signIn.issuer, [poolVariables.client]: signIn.clientId };
}

/** The variables that tell a function where its granted resources are; nothing it may not use is named. */
export function variablesOf(grant: Grant, on: Resources): Record<string, string> {
  switch (grant) {
    case 'ledger:read':
    case 'ledger:write':
    case 'ledger:scan':
      return { TABLE_NAME: on.table.tableName };
    case 'erasures:read':
    case 'erasures:write':
      return { ERASURES_TABLE_NAME: on.erasures.tableName };
    case 'bus:put':
      return { BUS_NAME: on.bus.eventBusName };
    case 'queues:send':
      return { QUEUES: addressesOf(on.queues, on) };
    case 'holds:send':
      return { QUEUES: addressesOf(named(on.queues, 'holds'), on) };
    case 'walks:send':
      return { QUEUES: addressesOf(named(on.queues, walksQueue), on) };
    case 'channel-secrets:read':
    case 'channel-secrets:write':
      return { [channelSecretsVariable]: channelSecretsOf(on.table) };
    case 'email:send':
      return { MAIL_FROM: senderOf(on) };
    case 'sms:send':
      return {};
    default:
      return secretVariables(grant, on);
  }
}

function secretVariables(grant: `secret:${SecretName}`, { secrets }: Resources) {
  const name = grant.slice('secret:'.length) as SecretName;
  return { [secretVariable(name)]: secrets[name].secretArn };
}
