/** The ledger's table and the list of who was erased, behind one client. */
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { createDynamoDbErasureList, createDynamoDbStore, type ErasureList } from '../../ledger/ledger.ts';
import { inTime } from '../kit/budget.ts';

type StoreOptions = Omit<Parameters<typeof createDynamoDbStore>[0], 'client'>;

export interface Table {
  readonly store: (options: StoreOptions) => ReturnType<typeof createDynamoDbStore>;
  readonly erasures: (table: string) => ErasureList;
}

export function connect(settings: object): Table {
  const client = inTime(new DynamoDBClient(settings));
  return {
    store: (options) => createDynamoDbStore({ ...options, client }),
    erasures: (table) => createDynamoDbErasureList(client, table),
  };
}
