/** What answers of DynamoDB mean that no local endpoint gives when it is asked. */
import { type DynamoDBClient, TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { describe, expect, it } from 'vitest';
import { createDynamoDbStore } from '../../ledger/store/dynamodb.ts';
import type { Write } from '../../ledger/store/store.ts';

const writes: readonly Write[] = [{ put: { pk: 'A', sk: 'A', item: 'turn', revision: 1 } }];

interface Sent {
  readonly input: { readonly ClientRequestToken?: string };
}

/** A store whose client answers each request with the next of these: an error, or nothing in particular. */
function answering(...answers: (Error | undefined)[]) {
  const tokens: (string | undefined)[] = [];
  const slept: number[] = [];
  const send = async ({ input }: Sent) => {
    tokens.push(input.ClientRequestToken);
    const answer = answers.length > 1 ? answers.shift() : answers[0];
    if (answer) throw answer;
    return {};
  };
  let made = 0;
  const store = createDynamoDbStore({
    client: { send } as unknown as DynamoDBClient,
    table: 'T',
    random: () => 0.5,
    sleep: async (ms) => {
      slept.push(ms);
    },
    newToken: () => `token ${++made}`,
  });
  return { store, tokens, slept };
}

/** An error that the service answers with. */
const answered = (name: string, httpStatusCode = 400) =>
  Object.assign(new Error(name), { name, $metadata: { httpStatusCode } });

const cancelledFor = (...codes: string[]) =>
  new TransactionCanceledException({
    message: 'Cancelled',
    $metadata: { httpStatusCode: 400 },
    CancellationReasons: codes.map((Code) => ({ Code })),
  });

describe('a transaction', () => {
  it.each([
    ['ThrottlingException', answered('ThrottlingException')],
    ['a reason that asks for less', cancelledFor('None', 'ThrottlingError')],
  ])('that was throttled is not tried again: %s', async (_name, error) => {
    const { store, tokens } = answering(error);
    expect(await store.transact(writes)).toEqual({ type: 'throttled' });
    expect(tokens).toHaveLength(1);
  });

  it.each([
    ['another is under way', cancelledFor('TransactionConflict')],
    ['it is itself under way', answered('TransactionInProgressException')],
  ])('is sent again with the same token, ever later, while %s', async (_name, error) => {
    const { store, tokens, slept } = answering(error, error, undefined);
    expect(await store.transact(writes)).toEqual({ type: 'committed' });
    expect(tokens).toEqual(['token 1', 'token 1', 'token 1']);
    expect(slept).toHaveLength(2);
    expect(slept[1]).toBeGreaterThan(slept[0] ?? 0);
  });

  it('that others always stand in the way of is contended in the end', async () => {
    const { store, tokens, slept } = answering(cancelledFor('TransactionConflict'));
    expect(await store.transact(writes)).toEqual({ type: 'contended' });
    expect(tokens).toEqual(Array.from({ length: 8 }, () => 'token 1'));
    // Half of what it may be, by the random number given.
    expect(slept).toEqual([10, 20, 40, 80, 160, 200, 200]);
  });

  it.each([
    ['no answer', Object.assign(new Error('reset'), { name: 'TimeoutError' })],
    ['an answer of 500', answered('InternalServerError', 500)],
  ])('with %s may have been written', async (_name, cause) => {
    const { store, tokens } = answering(cause);
    expect(await store.transact(writes)).toEqual({ type: 'unknown', cause });
    expect(tokens).toHaveLength(1);
  });

  it.each([
    ['a request that is wrong', answered('ValidationException')],
    ['a cancellation for what no other has done', cancelledFor('ValidationError')],
  ])('is no answer at all for %s', async (_name, error) => {
    await expect(answering(error).store.transact(writes)).rejects.toBe(error);
  });

  it('that somebody was faster than is refused, whatever else was in its way', async () => {
    const key = (sk: string) => ({ pk: 'A', sk });
    const there = { ...key('2'), item: 'turn', revision: 7 };
    const { store, tokens } = answering(
      new TransactionCanceledException({
        message: 'Cancelled',
        $metadata: { httpStatusCode: 400 },
        CancellationReasons: [
          { Code: 'TransactionConflict' },
          {
            Code: 'ConditionalCheckFailed',
            Item: { pk: { S: 'A' }, sk: { S: '2' }, item: { S: 'turn' }, revision: { N: '7' } },
          },
          { Code: 'ConditionalCheckFailed' },
          { Code: 'ThrottlingError' },
        ],
      }),
    );
    const outcome = await store.transact(
      ['1', '2', '3', '4'].map((sk) => ({ check: key(sk) })) as unknown as Write[],
    );
    if (outcome.type !== 'refused') throw new Error('It is refused.');
    expect(tokens).toHaveLength(1);
    expect(['1', '2', '3', '4'].map((sk) => outcome.standing.has(key(sk)))).toEqual([
      false,
      true,
      true,
      false,
    ]);
    expect([outcome.standing.at(key('2')), outcome.standing.at(key('3'))]).toEqual([there, undefined]);
  });

  it('that one of its conditions refused is refused', async () => {
    const { store } = answering(cancelledFor('ConditionalCheckFailed'));
    expect(await store.transact(writes)).toMatchObject({ type: 'refused' });
  });

  it('that had a conflict and was throttled is sent again', async () => {
    const { store } = answering(cancelledFor('ThrottlingError', 'TransactionConflict'), undefined);
    expect(await store.transact(writes)).toEqual({ type: 'committed' });
  });
});

describe('what is sent', () => {
  it('is each write with its condition, and asks for what stands in the way', async () => {
    const sent: unknown[] = [];
    const store = createDynamoDbStore({
      client: {
        send: async ({ input }: { readonly input: { readonly TransactItems?: unknown[] } }) => {
          sent.push(...(input.TransactItems ?? []));
          return {};
        },
      } as unknown as DynamoDBClient,
      table: 'T',
      random: () => 0.5,
      sleep: async () => {},
      newToken: () => 'token',
    });
    const key = (sk: string) => ({ pk: 'A', sk });
    const item = (sk: string) => ({ ...key(sk), item: 'turn', revision: 2 });
    const unchanged = (fields: Readonly<Record<string, number | string | undefined>>) => ({
      kind: 'unchanged' as const,
      fields,
    });
    await store.transact([
      { put: item('1') },
      { put: item('2'), if: { kind: 'absent' } },
      { put: item('3'), if: { kind: 'present' } },
      { put: item('4'), if: unchanged({ revision: 1, place: undefined, name: 'x' }) },
      { delete: key('5'), if: unchanged({ place: undefined }) },
      { check: key('6') },
      { check: key('7'), if: unchanged({ revision: 1 }) },
    ] as Write[]);
    const common = { TableName: 'T', ReturnValuesOnConditionCheckFailure: 'ALL_OLD' };
    const Key = (sk: string) => ({ pk: { S: 'A' }, sk: { S: sk } });
    const Item = (sk: string) => ({ ...Key(sk), item: { S: 'turn' }, revision: { N: '2' } });
    const names = { '#c': 'pk' };
    expect(sent).toEqual([
      { Put: { ...common, Item: Item('1') } },
      {
        Put: {
          ...common,
          Item: Item('2'),
          ConditionExpression: 'attribute_not_exists(#c)',
          ExpressionAttributeNames: names,
        },
      },
      {
        Put: {
          ...common,
          Item: Item('3'),
          ConditionExpression: 'attribute_exists(#c)',
          ExpressionAttributeNames: names,
        },
      },
      {
        Put: {
          ...common,
          Item: Item('4'),
          ConditionExpression: '#c0 = :c0 AND attribute_not_exists(#c1) AND #c2 = :c2',
          ExpressionAttributeNames: { '#c0': 'revision', '#c1': 'place', '#c2': 'name' },
          ExpressionAttributeValues: { ':c0': { N: '1' }, ':c2': { S: 'x' } },
        },
      },
      {
        Delete: {
          ...common,
          Key: Key('5'),
          ConditionExpression: 'attribute_exists(pk) AND attribute_not_exists(#c0)',
          ExpressionAttributeNames: { '#c0': 'place' },
        },
      },
      { ConditionCheck: { ...common, Key: Key('6'), ConditionExpression: 'attribute_exists(pk)' } },
      {
        ConditionCheck: {
          ...common,
          Key: Key('7'),
          ConditionExpression: '#c0 = :c0',
          ExpressionAttributeNames: { '#c0': 'revision' },
          ExpressionAttributeValues: { ':c0': { N: '1' } },
        },
      },
    ]);
  });
});

describe('what is asked for', () => {
  /** A store whose client answers with these in turn, and the requests that it was sent. */
  function asked(...answers: object[]) {
    const sent: unknown[] = [];
    const send = async ({ input }: { readonly input: unknown }) => {
      sent.push(input);
      return answers.shift() ?? {};
    };
    const store = createDynamoDbStore({
      client: { send } as unknown as DynamoDBClient,
      table: 'T',
      random: () => 0.5,
      sleep: async () => {},
      newToken: () => 'token',
    });
    return { store, sent };
  }
  const Key = (sk: string) => ({ pk: { S: 'A' }, sk: { S: sk } });
  const Item = (sk: string) => ({ ...Key(sk), item: { S: 'turn' }, revision: { N: '2' } });
  const item = (sk: string) => ({ pk: 'A', sk, item: 'turn', revision: 2 });

  it('is one item by its key, as it is now', async () => {
    const { store, sent } = asked({ Item: Item('1') }, {});
    expect(await store.get({ ...item('1') } as never)).toEqual(item('1'));
    expect(await store.get({ pk: 'A', sk: '1' })).toBeUndefined();
    const request = { TableName: 'T', Key: Key('1'), ConsistentRead: true };
    expect(sent).toEqual([request, request]);
  });

  it('is as many of a partition as are wanted, page by page', async () => {
    const { store, sent } = asked(
      { Items: [Item('P1'), Item('P2')], LastEvaluatedKey: Item('P2') },
      { LastEvaluatedKey: Key('P3') },
      { Items: [Item('P4')], LastEvaluatedKey: Key('P4') },
    );
    expect(await store.query('A', { prefix: 'P', after: 'P0', limit: 3 })).toEqual(
      ['P1', 'P2', 'P4'].map(item),
    );
    const request = {
      TableName: 'T',
      ConsistentRead: true,
      KeyConditionExpression: 'pk = :pk AND begins_with(sk, :sk)',
      ExpressionAttributeValues: { ':pk': { S: 'A' }, ':sk': { S: 'P' } },
      ScanIndexForward: true,
    };
    expect(sent).toEqual([
      { ...request, Limit: 3, ExclusiveStartKey: Key('P0') },
      { ...request, Limit: 1, ExclusiveStartKey: Key('P2') },
      { ...request, Limit: 1, ExclusiveStartKey: Key('P3') },
    ]);
  });

  it('is a whole partition, from its end where that is wanted, until there is no more', async () => {
    const { store, sent } = asked({ Items: [Item('2'), Item('1')] });
    expect(await store.query('A', { prefix: '', limit: 9, descending: true })).toEqual([
      item('2'),
      item('1'),
    ]);
    expect(sent).toEqual([
      {
        TableName: 'T',
        ConsistentRead: true,
        KeyConditionExpression: 'pk = :pk',
        ExpressionAttributeValues: { ':pk': { S: 'A' } },
        ScanIndexForward: false,
        Limit: 9,
      },
    ]);
  });

  it('is the keys of some kinds of items, of all of the table or a segment of it', async () => {
    const { store, sent } = asked({ Items: [Key('1'), Key('2')], LastEvaluatedKey: Item('5') }, {});
    expect(await store.scan(['turn', 'account'], { limit: 5 })).toEqual({
      keys: [
        { pk: 'A', sk: '1' },
        { pk: 'A', sk: '2' },
      ],
      next: { pk: 'A', sk: '5' },
    });
    const segment = { index: 1, of: 4 };
    const last = await store.scan(['turn'], { limit: 5, segment, after: item('5') as never });
    expect(last).toEqual({ keys: [] });
    const request = {
      TableName: 'T',
      ProjectionExpression: 'pk, sk',
      ExpressionAttributeNames: { '#item': 'item' },
      Limit: 5,
    };
    expect(sent).toEqual([
      {
        ...request,
        FilterExpression: '#item IN (:t0, :t1)',
        ExpressionAttributeValues: { ':t0': { S: 'turn' }, ':t1': { S: 'account' } },
      },
      {
        ...request,
        FilterExpression: '#item IN (:t0)',
        ExpressionAttributeValues: { ':t0': { S: 'turn' } },
        Segment: 1,
        TotalSegments: 4,
        ExclusiveStartKey: Key('5'),
      },
    ]);
  });
});

describe('a read', () => {
  const reads = (error: Error) => {
    const { store } = answering(error);
    return [
      () => store.get({ pk: 'A', sk: 'A' }),
      () => store.query('A', { prefix: '', limit: 1 }),
      () => store.scan(['turn'], { limit: 1 }),
    ];
  };

  it.each([
    ['throttled', answered('ProvisionedThroughputExceededException')],
    ['unknown', answered('InternalServerError', 500)],
    ['unknown', new Error('reset')],
  ])('without an answer says that it may be repeated: %s', async (reason, error) => {
    for (const read of reads(error))
      await expect(read()).rejects.toMatchObject({ name: 'LedgerUnavailable', reason });
  });

  it('that is wrong fails as it is', async () => {
    const error = answered('ValidationException');
    for (const read of reads(error)) await expect(read()).rejects.toBe(error);
  });
});
