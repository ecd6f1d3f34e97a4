import type { Item, Refusal } from './lines.ts';

/** The API takes at most 100 purchases at once and 256 KiB; the margin is for what wraps them. */
export const BATCH_ITEMS_MAX = 100;
export const BATCH_BYTES_MAX = 200 * 1024;

/** The API takes purchases of at most 5 minutes ahead of its clock; a minute is left for its own reasons. */
const AHEAD_MS_MAX = 4 * 60 * 1000;

/**
 * What is sent at once: purchases of one batch call, or one refund. Everything behind the API is applied
 * before the next step is sent, so the order of steps is the order of application.
 */
export interface Step {
  kind: 'purchases' | 'refund';
  items: [Item, ...Item[]];
}

/**
 * Cuts lines into steps that may be applied in any order within themselves: a member appears once in a
 * batch, and a refund, which may be of any purchase before it, goes alone. With `byClock` no purchase of a
 * batch is further ahead of the first than the API allows when its clock stands at the first.
 */
export async function* planSteps(
  lines: AsyncIterable<Item | Refusal>,
  { byClock }: { byClock: boolean },
): AsyncGenerator<Step | Refusal> {
  let batch: Batch | undefined;
  let clock = -Infinity;
  for await (const item of lines) {
    if (item.kind === 'refused') {
      yield item;
      continue;
    }
    if (batch && (item.kind === 'refund' || !batch.takes(item))) {
      yield batch.step;
      batch = undefined;
    }
    if (item.kind === 'refund') {
      yield { kind: 'refund', items: [item] };
    } else if (batch) {
      batch.add(item);
    } else {
      clock = Math.max(clock, item.occurredAt ?? -Infinity);
      batch = new Batch(item, byClock ? clock + AHEAD_MS_MAX : Infinity);
    }
  }
  if (batch) yield batch.step;
}

class Batch {
  readonly step: Step;
  private readonly until: number;
  private readonly memberKeys: Set<string>;
  private bytes: number;

  /** `until`: the latest moment, in epoch milliseconds, that the batch may hold. */
  constructor(first: Item, until: number) {
    this.step = { kind: 'purchases', items: [first] };
    this.until = until;
    this.memberKeys = new Set(first.memberKeys);
    this.bytes = first.bytes;
  }

  takes(item: Item): boolean {
    return (
      this.step.items.length < BATCH_ITEMS_MAX &&
      this.bytes + 1 + item.bytes <= BATCH_BYTES_MAX &&
      !item.memberKeys.some((key) => this.memberKeys.has(key)) &&
      !(item.occurredAt !== undefined && item.occurredAt > this.until)
    );
  }

  add(item: Item): void {
    this.step.items.push(item);
    this.bytes += 1 + item.bytes;
    for (const key of item.memberKeys) this.memberKeys.add(key);
  }
}
