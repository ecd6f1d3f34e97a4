/** Stream records are delivered in order, and none is passed over before it was processed or given up. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Outcome } from '../../../local/functions/instance.ts';
import { type Delivery, deliver } from '../../../local/stream/deliver.ts';
import type { StreamRecord } from '../../../local/stream/records.ts';

const records = (...ids: string[]): StreamRecord[] =>
  ids.map((sequenceNumber) => ({ sequenceNumber, createdAt: 0, event: {} }));

interface Log {
  readonly invoked: string[];
  readonly checkpoints: string[];
  readonly givenUp: string[];
}

/** A function that answers by what it is given, with a record of everything that happened. */
async function run(
  batch: readonly StreamRecord[],
  mapping: Delivery['mapping'],
  answer: (ids: string[], call: number) => Outcome,
  stopAfter = Number.POSITIVE_INFINITY,
  tooOldAfter = Number.POSITIVE_INFINITY,
): Promise<Log> {
  const log: Log = { invoked: [], checkpoints: [], givenUp: [] };
  await deliver(batch, {
    mapping,
    invoke: async (part) => {
      const ids = part.map(({ sequenceNumber }) => sequenceNumber);
      log.invoked.push(ids.join(''));
      return answer(ids, log.invoked.length);
    },
    isTooOld: () => log.invoked.length >= tooOldAfter,
    checkpoint: ({ sequenceNumber }) => log.checkpoints.push(sequenceNumber),
    giveUp: (part, attempts) =>
      log.givenUp.push(`${part.map(({ sequenceNumber }) => sequenceNumber).join('')}×${attempts}`),
    waitBefore: async () => log.invoked.length < stopAfter,
  });
  return log;
}

const ok: Outcome = { kind: 'answer', payload: 'null' };
const error: Outcome = { kind: 'failure', error: { errorType: 'Error', errorMessage: 'no' } };
const failing = (...ids: string[]): Outcome => ({
  kind: 'answer',
  payload: JSON.stringify({ batchItemFailures: ids.map((itemIdentifier) => ({ itemIdentifier })) }),
});
const plain = { bisects: false, retriesMax: -1, reportsItemFailures: true };

describe('a batch of stream records', () => {
  it('is done after one good answer', async () => {
    expect(await run(records('a', 'b'), plain, () => ok)).toEqual({
      invoked: ['ab'],
      checkpoints: ['b'],
      givenUp: [],
    });
  });

  it('is given up once it is too old, however many retries it has', async () => {
    const log = await run(records('a', 'b'), plain, () => failing('b'), Number.POSITIVE_INFINITY, 3);
    expect(log).toEqual({ invoked: ['ab', 'b', 'b'], checkpoints: ['a', 'b'], givenUp: ['b×3'] });
  });

  it('is tried again whole after an error', async () => {
    const log = await run(records('a', 'b'), plain, (_, call) => (call < 3 ? error : ok));
    expect(log).toEqual({ invoked: ['ab', 'ab', 'ab'], checkpoints: ['b'], givenUp: [] });
  });

  it('is tried again from the first record named', async () => {
    const log = await run(records('a', 'b', 'c', 'd'), plain, (_, call) =>
      call === 1 ? failing('c', 'b') : ok,
    );
    expect(log).toEqual({ invoked: ['abcd', 'bcd'], checkpoints: ['a', 'd'], givenUp: [] });
  });

  it('counts as failed whole when the answer names a record that is not in it', async () => {
    const log = await run(records('a', 'b'), plain, (_, call) => (call === 1 ? failing('x') : ok));
    expect(log.invoked).toEqual(['ab', 'ab']);
  });

  it('is taken as done when partial answers were not asked for', async () => {
    const mapping = { ...plain, reportsItemFailures: false };
    expect((await run(records('a', 'b'), mapping, () => failing('a'))).invoked).toEqual(['ab']);
  });

  it('is halved until the record to blame stands alone, which is then given up', async () => {
    const mapping = { bisects: true, retriesMax: 2, reportsItemFailures: true };
    const log = await run(records('a', 'b', 'c', 'd', 'e'), mapping, (ids) =>
      ids.includes('d') ? error : ok,
    );
    expect(log).toEqual({
      invoked: ['abcde', 'abc', 'de', 'd', 'd', 'd', 'e'],
      checkpoints: ['c', 'd', 'e'],
      givenUp: ['d×3'],
    });
  });

  it('is given up whole without halving', async () => {
    const mapping = { bisects: false, retriesMax: 0, reportsItemFailures: true };
    const log = await run(records('a', 'b'), mapping, () => error);
    expect(log).toEqual({ invoked: ['ab'], checkpoints: ['b'], givenUp: ['ab×1'] });
  });

  it('is left at its last checkpoint when the run stops', async () => {
    const log = await run(records('a', 'b', 'c'), plain, () => failing('b'), 1);
    expect(log).toEqual({ invoked: ['abc'], checkpoints: ['a'], givenUp: [] });
  });

  it('has every record processed or given up, in order, whatever fails', async () => {
    const ids = 'abcdefgh'.split('');
    await fc.assert(
      fc.asyncProperty(
        fc.subarray(ids),
        fc.boolean(),
        fc.integer({ min: 0, max: 3 }),
        async (poison, reports, retriesMax) => {
          const mapping = { bisects: true, retriesMax, reportsItemFailures: reports };
          const done: string[] = [];
          const log = await run(records(...ids), mapping, (batch) => {
            const at = batch.findIndex((id) => poison.includes(id));
            if (at < 0) done.push(...batch);
            if (at < 0) return ok;
            if (reports) done.push(...batch.slice(0, at));
            return reports ? failing(batch[at] ?? '') : error;
          });
          const givenUp = log.givenUp.flatMap((entry) => (entry.split('×')[0] ?? '').split(''));
          expect([...done, ...givenUp].sort()).toEqual(ids);
          expect(log.checkpoints).toEqual([...log.checkpoints].sort());
          expect(log.checkpoints.at(-1)).toBe('h');
        },
      ),
    );
  });
});
