/**
 * A process to be killed: it writes transactions of four items each, as fast as they are answered, and says the
 * number of each answered one on a line of its own. `argv` gives the database's path.
 */
import { DynamoDBClient, type TransactWriteItem, TransactWriteItemsCommand } from '@aws-sdk/client-dynamodb';
import { openDynamoDb } from '../../../local/dynamodb/index.ts';

const database = openDynamoDb({ path: process.argv[2] as string, clock: Date.now });
const client = new DynamoDBClient({
  endpoint: await database.listen(),
  region: 'us-east-1',
  credentials: { accessKeyId: 'writer', secretAccessKey: 'none' },
});

const put = (number: number, part: number): TransactWriteItem => ({
  Put: {
    TableName: 'kept',
    Item: { pk: { S: `t${number}` }, sk: { S: String(part) }, text: { S: 'x'.repeat(500) } },
    ConditionExpression: 'attribute_not_exists(pk)',
  },
});

let next = 0;
async function write(): Promise<never> {
  for (;;) {
    next += 1;
    const number = next;
    const TransactItems = [0, 1, 2, 3].map((part) => put(number, part));
    await client.send(new TransactWriteItemsCommand({ TransactItems }));
    process.stdout.write(`${number}\n`);
  }
}

await Promise.all([write(), write(), write(), write()]);
