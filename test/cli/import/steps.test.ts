import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Item, parseLine, type Refusal } from '../../../cli/import/lines.ts';
import { BATCH_BYTES_MAX, BATCH_ITEMS_MAX, planSteps, type Step } from '../../../cli/import/steps.ts';

interface Sketch {
  refund?: boolean;
  /** Email of the member; none for a guest. */
  who?: string | undefined;
  /** Minutes since the start of the file. */
  minute?: number;
  /** Bytes of filling. */
  bytes?: number;
}

const START = Date.parse('2010-12-01T08:00:00Z');

function itemOf({ refund = false, who, minute = 0, bytes = 0 }: Sketch, index: number): Item | Refusal {
  const body = {
    ...(refund && { type: 'refund' }),
    id: String(index),
    occurredAt: new Date(START + minute * 60_000).toISOString(),
    ...(who !== undefined && { member: { email: who } }),
    filling: 'x'.repeat(bytes),
  };
  return parseLine(index + 1, JSON.stringify(body));
}

async function* each(items: (Item | Refusal)[]) {
  yield* items;
}

async function planned(items: (Item | Refusal)[], byClock: boolean): Promise<(Step | Refusal)[]> {
  const steps: (Step | Refusal)[] = [];
  for await (const step of planSteps(each(items), { byClock })) steps.push(step);
  return steps;
}

async function plan(sketches: Sketch[], byClock = false): Promise<Step[]> {
  const steps = await planned(sketches.map(itemOf), byClock);
  return steps.filter((step) => step.kind !== 'refused');
}

/** Line numbers of each step. */
async function shape(sketches: Sketch[], byClock = false): Promise<number[][]> {
  return (await plan(sketches, byClock)).map(({ items }) => items.map(({ line }) => line));
}

describe('a batch', () => {
  test('holds purchases and refunds of whomever, in their order', async () => {
    const sketches = [{ who: 'a' }, {}, { who: 'a', refund: true }, { who: 'b' }, { who: 'A' }, {}];
    expect(await shape(sketches)).toEqual([[1, 2, 3, 4, 5, 6]]);
  });

  test('holds a hundred purchases', async () => {
    expect((await shape(Array(250).fill({}))).map((step) => step.length)).toEqual([100, 100, 50]);
  });

  test('stays under the size of a body, and a purchase that is too big goes alone', async () => {
    const third = BATCH_BYTES_MAX / 3;
    const sketches = [
      { bytes: third },
      { bytes: third },
      { bytes: third },
      { bytes: 2 * BATCH_BYTES_MAX },
      {},
    ];
    expect(await shape(sketches)).toEqual([[1, 2], [3], [4], [5]]);
  });

  test('by the clock ends with the hour', async () => {
    const sketches = [{ minute: 0 }, { minute: 59 }, { minute: 60 }, { minute: 119 }, { minute: 240 }];
    expect(await shape(sketches, true)).toEqual([[1, 2], [3, 4], [5]]);
    expect(await shape(sketches)).toEqual([[1, 2, 3, 4, 5]]);
  });

  test('by the clock holds what happened before, as the clock never goes back', async () => {
    const sketches = [{ minute: 60 }, { minute: 0 }, { minute: 63 }, { minute: 120 }];
    expect(await shape(sketches, true)).toEqual([[1, 2, 3], [4]]);
  });
});

test('a refused line takes no part and ends no batch', async () => {
  const lines = [itemOf({}, 0), parseLine(2, 'no'), itemOf({}, 2)];
  const steps = await planned(lines, false);
  expect(steps).toMatchObject([
    { kind: 'refused', line: 2 },
    { kind: 'batch', items: [{ line: 1 }, { line: 3 }] },
  ]);
});

const sketch = fc.record({
  refund: fc.boolean(),
  who: fc.option(fc.constantFrom('a', 'b', 'c', 'd', 'e'), { nil: undefined }),
  minute: fc.nat(300),
  bytes: fc.constantFrom(0, 0, 0, BATCH_BYTES_MAX / 2),
});

test('whatever the file: every line once, in order; no batch too big, nor over more than an hour', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(sketch, { maxLength: 60, size: 'max' }),
      fc.boolean(),
      async (sketches, byClock) => {
        const steps = await plan(sketches, byClock);
        const lines = steps.flatMap(({ items }) => items.map(({ line }) => line));
        expect(lines).toEqual(sketches.map((_, index) => index + 1));
        for (const { items } of steps) {
          expect(items.length).toBeLessThanOrEqual(BATCH_ITEMS_MAX);
          const bytes = Buffer.byteLength(JSON.stringify({ items: items.map(({ body }) => body) }));
          expect(items.length === 1 || bytes <= BATCH_BYTES_MAX + 100).toBe(true);
        }
        if (byClock) expectWithinHours(steps);
      },
    ),
  );
});

/** Where the clock stands at a step's first line, or is moved to for it, it is moved no further than to that hour's end. */
function expectWithinHours(steps: Step[]): void {
  const hourOf = (time: number) => Math.floor(time / 3_600_000);
  let clock = Number.NEGATIVE_INFINITY;
  for (const { items } of steps) {
    const first = Math.max(clock, items[0].occurredAt ?? clock);
    clock = items.reduce((latest, { occurredAt = latest }) => Math.max(latest, occurredAt), clock);
    expect(hourOf(clock)).toBe(hourOf(first));
  }
}
