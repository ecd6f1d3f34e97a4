/**
 * Who has asked to be forgotten: ids and nothing else, in a table of its own. It is never restored together with
 * the ledger's, so that whoever is in a restored ledger again can be erased again.
 */
import { type DynamoDBClient, PutItemCommand, ScanCommand } from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { MemberId } from '../../core/contract/ids.ts';
import { LedgerUnavailable } from '../store/context.ts';

export interface ListedErasure {
  readonly memberId: MemberId;
  /** When it was first asked for. */
  readonly erasedAt: string;
}

export interface ErasurePage {
  readonly items: readonly ListedErasure[];
  /** Where the next page begins; absent behind the last. */
  readonly next?: MemberId;
}

export interface ErasureList {
  /**
   * Adds a member; one who is listed stays as they are.
   * @throws LedgerUnavailable when it is not known whether they are on it
   */
  add(erasure: ListedErasure): Promise<void>;
  /** A page, in an order of the list's own. */
  page(after: MemberId | undefined, limit: number): Promise<ErasurePage>;
}

export function createDynamoDbErasureList(client: DynamoDBClient, table: string): ErasureList {
  return {
    async add(erasure) {
      try {
        await client.send(
          new PutItemCommand({
            TableName: table,
            Item: marshall(erasure),
            ConditionExpression: 'attribute_not_exists(memberId)',
          }),
        );
      } catch (error) {
        // It is on the list since an earlier request.
        if (error instanceof Error && error.name === 'ConditionalCheckFailedException') return;
        throw new LedgerUnavailable('unknown', `Listing the erasure of ${erasure.memberId}`, error);
      }
    },

    async page(after, limit) {
      const { Items = [], LastEvaluatedKey: last } = await client.send(
        new ScanCommand({
          TableName: table,
          ConsistentRead: true,
          Limit: limit,
          ...(after === undefined ? {} : { ExclusiveStartKey: marshall({ memberId: after }) }),
        }),
      );
      const items = Items.map((item) => unmarshall(item) as ListedErasure);
      return { items, ...(last ? { next: (unmarshall(last) as ListedErasure).memberId } : {}) };
    },
  };
}

/** The list in memory, for tests. */
export function createMemoryErasureList(): ErasureList & { readonly items: () => ListedErasure[] } {
  const listed = new Map<MemberId, ListedErasure>();
  return {
    add: async (erasure) => {
      if (!listed.has(erasure.memberId)) listed.set(erasure.memberId, erasure);
    },
    page: async (after, limit) => {
      const all = [...listed.values()];
      const from = all.findIndex(({ memberId }) => memberId === after) + 1;
      const items = all.slice(from, from + limit);
      const last = items.at(-1);
      return { items, ...(last && from + limit < all.length ? { next: last.memberId } : {}) };
    },
    items: () => [...listed.values()],
  };
}
