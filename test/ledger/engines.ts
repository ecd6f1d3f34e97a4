/** Every engine that the ledger runs on, each with a store of its own per call. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoDbStore } from '../../ledger/store/dynamodb.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import type { Store } from '../../ledger/store/store.ts';
import { dynamoDbLocalWanted, startDynamoDbLocal, startSqliteDynamoDb } from '../support/dynamodb.ts';
import { isShort } from '../support/world.ts';

export interface Engine {
  readonly name: string;
  readonly runs: number;
  newStore(): Promise<Store>;
  stop(): Promise<void>;
}

async function dynamoDb(name: string, runs: number, started: { endpoint: string; stop(): Promise<void> }) {
  const clients: DynamoDBClient[] = [];
  return {
    name,
    runs,
    async newStore() {
      const client = new DynamoDBClient({
        endpoint: started.endpoint,
        region: 'eu-west-1',
        credentials: { accessKeyId: `test${clients.length}`, secretAccessKey: 'test' },
      });
      clients.push(client);
      const table = `t${randomUUID()}`;
      await client.send(
        new CreateTableCommand({
          TableName: table,
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: [
            { AttributeName: 'pk', AttributeType: 'S' },
            { AttributeName: 'sk', AttributeType: 'S' },
          ],
          KeySchema: [
            { AttributeName: 'pk', KeyType: 'HASH' },
            { AttributeName: 'sk', KeyType: 'RANGE' },
          ],
        }),
      );
      return createDynamoDbStore({
        client,
        table,
        random: Math.random,
        sleep: async (milliseconds) => {
          await sleep(milliseconds);
        },
        newToken: randomUUID,
      });
    },
    async stop() {
      for (const client of clients) client.destroy();
      await started.stop();
    },
  };
}

/** Name -> how to start it; DynamoDB Local only where its licence was accepted by `DYNAMODB_LOCAL=1`. */
export const engines: Readonly<Record<string, { readonly wanted: boolean; start(): Promise<Engine> }>> = {
  memory: {
    wanted: true,
    start: async () => ({
      name: 'memory',
      runs: 1000,
      newStore: async () => createMemoryStore(),
      stop: async () => {},
    }),
  },
  SQLite: { wanted: !isShort, start: async () => dynamoDb('SQLite', 25, await startSqliteDynamoDb()) },
  'DynamoDB Local': {
    wanted: dynamoDbLocalWanted,
    start: async () => dynamoDb('DynamoDB Local', 10, await startDynamoDbLocal()),
  },
};
