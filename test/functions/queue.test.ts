/** Records of a batch: side by side, each in its own time, and in order where they are about the same. */
import type { SQSEvent, SQSRecord } from 'aws-lambda';
import { afterEach, describe, expect, it } from 'vitest';
import { OutOfTime } from '../../functions/kit/budget.ts';
import { eachRecord, reportReserveMs } from '../../functions/kit/queue.ts';
import { sqsEvent } from '../support/outside.ts';

const never = () => new Promise<never>(() => {});
const batch = (...bodies: string[]) => sqsEvent(...bodies) as unknown as SQSEvent;
const failedOf = (answer: { batchItemFailures: readonly { itemIdentifier: string }[] }) =>
  answer.batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
const timeFor = (milliseconds: number) => ({
  getRemainingTimeInMillis: () => reportReserveMs + milliseconds,
});
/** Why records failed, by their bodies, in the order in which it was told. */
const told: [string, unknown][] = [];
const failed = ({ body }: SQSRecord, error: unknown) => {
  told.push([body, error]);
};
afterEach(() => {
  told.length = 0;
});
/** The letters before the number: what a record is about. */
const about = ({ body }: SQSRecord) => (body.match(/[a-z]/g) ?? []).map((letter) => letter);

describe('a batch', () => {
  it('is handled side by side: one that waits for the next is answered by it', async () => {
    const both = Promise.withResolvers<void>();
    let met = 0;
    const handle = async () => {
      if (++met === 10) both.resolve();
      await both.promise;
    };
    expect(failedOf(await eachRecord(batch(...'0123456789'), timeFor(60_000), { handle, failed }))).toEqual(
      [],
    );
  });

  it('loses only what has no answer in its time', async () => {
    const done: string[] = [];
    const handle = async ({ body }: SQSRecord) => {
      if (body === '3') return never();
      done.push(body);
    };
    const answer = await eachRecord(batch(...'0123456789'), timeFor(50), { handle, failed });
    expect(failedOf(answer)).toEqual(['message-3']);
    expect(told).toEqual([['3', expect.any(OutOfTime)]]);
    expect(done.toSorted()).toEqual([...'012456789']);
  });

  it('reports what threw, and nothing else', async () => {
    const handle = async ({ body }: SQSRecord) => {
      if (Number(body) % 2 === 1) throw new Error('odd');
    };
    const answer = await eachRecord(batch('0', '1', '2', '3'), timeFor(60_000), { handle, failed });
    expect(failedOf(answer)).toEqual(['message-1', 'message-3']);
    expect(told).toEqual([
      ['1', new Error('odd')],
      ['3', new Error('odd')],
    ]);
  });

  it('is answered when there is no time at all', async () => {
    const context = { getRemainingTimeInMillis: () => 0 };
    expect(failedOf(await eachRecord(batch('0'), context, { handle: never, failed }))).toEqual(['message-0']);
  });
});

describe('records about the same', () => {
  it.each([
    ['of one', ['a0', 'a1', 'b2', 'a3'], [['a0', 'a1', 'a3'], ['b2']]],
    ['of two that a third joins', ['a0', 'b1', 'ab2', 'b3'], [['a0', 'b1', 'ab2', 'b3']]],
  ])('come one after the other, in their order: %s', async (_what, bodies, groups) => {
    const begun: string[] = [];
    const running = new Set<string>();
    const handle = async ({ body }: SQSRecord) => {
      for (const group of groups)
        if (group.includes(body)) for (const other of group) expect(running).not.toContain(other);
      running.add(body);
      begun.push(body);
      await new Promise((resolve) => setTimeout(resolve, 2));
      running.delete(body);
    };
    expect(
      failedOf(await eachRecord(batch(...bodies), timeFor(60_000), { handle, failed, keysOf: about })),
    ).toEqual([]);
    for (const group of groups) expect(begun.filter((body) => group.includes(body))).toEqual(group);
  });

  it('have each its share of the time: the first, which hangs, leaves the others theirs', async () => {
    const done: string[] = [];
    const handle = async ({ body }: SQSRecord) => {
      if (body === 'a0') return never();
      done.push(body);
    };
    const answer = await eachRecord(batch('a0', 'a1', 'a2'), timeFor(60), { handle, failed, keysOf: about });
    expect(failedOf(answer)).toEqual(['message-0']);
    expect(done).toEqual(['a1', 'a2']);
  });
});
