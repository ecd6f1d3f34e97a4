/** What one would write by hand for a single route: the yardstick of `npm run bench:cold`. */
import { DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import middy from '@middy/core';
import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import * as z from 'zod';

const params = z.strictObject({ memberId: z.string().regex(/^mem_[0-9A-Z]{26}$/) });
const client = new DynamoDBClient({});

export const handler = middy<APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2>().handler(
  async ({ pathParameters }) => {
    const { memberId } = params.parse(pathParameters);
    const key = { pk: { S: `MEMBER#${memberId}` }, sk: { S: 'ACCOUNT' } };
    const { Item } = await client.send(
      new GetItemCommand({ TableName: process.env['TABLE_NAME'], Key: key }),
    );
    return { statusCode: Item ? 200 : 404, body: JSON.stringify(Item ?? null) };
  },
);
