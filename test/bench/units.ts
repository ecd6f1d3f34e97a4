/**
 * `npm run bench:units`: what a usual purchase costs, counted from its own requests by AWS's rule: requests,
 * write units, read units, and the size of each item. The number of entries a member has must not matter.
 */
import { randomUUID } from 'node:crypto';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import { enrol, recordPurchase } from '../../ledger/ledger.ts';
import { createDynamoDbStore } from '../../ledger/store/dynamodb.ts';
import { startSqliteDynamoDb } from '../support/dynamodb.ts';
import { defaultProgram, noon, testContext } from '../support/world.ts';

interface Capacity {
  readonly CapacityUnits?: number;
}

const endpoint = await startSqliteDynamoDb();
const client = new DynamoDBClient({
  endpoint: endpoint.endpoint,
  region: 'eu-west-1',
  credentials: { accessKeyId: 'bench', secretAccessKey: 'bench' },
});
const counted = { requests: 0, written: 0, read: 0 };
const reads = new Set(['GetItemCommand', 'QueryCommand']);
client.middlewareStack.add(
  (next, context) => async (args) => {
    const input = { ...(args.input as object), ReturnConsumedCapacity: 'TOTAL' };
    const answer = await next({ ...args, input: input as typeof args.input });
    const { ConsumedCapacity } = answer.output as { ConsumedCapacity?: Capacity | Capacity[] };
    const units = [ConsumedCapacity ?? []].flat().reduce((sum, one) => sum + (one.CapacityUnits ?? 0), 0);
    counted.requests++;
    counted[reads.has(String(context.commandName)) ? 'read' : 'written'] += units;
    return answer;
  },
  { step: 'initialize' },
);
const table = 'bench';
await client.send(
  new CreateTableCommand({
    TableName: table,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
  }),
);
const context = testContext(
  createDynamoDbStore({
    client,
    table,
    random: Math.random,
    sleep: async () => {},
    newToken: randomUUID,
  }),
);

const program = defaultProgram();
const outcome = await enrol(context, program, { name: 'Bench', email: 'bench@example.com' }, noon);
if (outcome.type !== 'enrolled') throw new Error('The table is not empty.');
const { memberId } = outcome.member.account;

function usualPurchase(number: number): RecordedPurchase {
  const lines = [
    { id: '1', sku: 'ESP-250', name: 'Espresso 250 g', category: 'coffee', quantity: 2, amountMinor: 1180 },
    { id: '2', sku: 'CUP-6', name: 'Six cups', category: 'kitchen', quantity: 1, amountMinor: 2490 },
    { id: '3', sku: 'FIL-100', name: 'Paper filters', category: 'coffee', quantity: 1, amountMinor: 390 },
  ];
  return {
    channel: 'store',
    id: `store:INV-${number}`,
    occurredAt: '2026-11-22T11:00:00Z',
    currency: 'EUR',
    member: { memberId },
    lines,
    totalMinor: 4060,
    store: 'paris-01',
  };
}

console.log('entries  requests  write units  read units');
let posted = 0;
for (const after of [10, 100, 1000]) {
  while (posted < after) await recordPurchase(context, program, usualPurchase(posted++), noon);
  Object.assign(counted, { requests: 0, written: 0, read: 0 });
  await recordPurchase(context, program, usualPurchase(posted++), noon);
  const { requests, written, read } = counted;
  console.log(
    `${String(after).padStart(7)}  ${String(requests).padStart(8)}  ${String(written).padStart(11)}  ${String(read).padStart(10)}`,
  );
}
client.destroy();
await endpoint.stop();
