import type { Item, Refusal } from './lines.ts';

/** The API takes at most 100 documents at once and 256 KiB; the margin is for what wraps them. */
export const BATCH_ITEMS_MAX = 100;
export const BATCH_BYTES_MAX = 200 * 1024;

/** Schedules run once an hour at most, so that within one nothing happens but what the file says. */
const HOUR_MS = 60 * 60 * 1000;

/** What is sent at once. The API posts it in its order. */
export interface Step {
  kind: 'batch';
  items: [Item, ...Item[]];
}

/**
 * Cuts lines into steps, in their order. With `byClock` what happened in another hour than the first of a step, but for
 * an earlier one, begins the next.
 */
export async function* planSteps(
  lines: AsyncIterable<Item | Refusal>,
  { byClock }: { byClock: boolean },
): AsyncGenerator<Step | Refusal> {
  let batch: Batch | undefined;
  let until = Number.NEGATIVE_INFINITY;
  for await (const item of lines) {
    if (item.kind === 'refused') {
      yield item;
      continue;
    }
    const { occurredAt = until } = item;
    const isLater = byClock && occurredAt >= until;
    if (isLater) until = occurredAt - (occurredAt % HOUR_MS) + HOUR_MS;
    if (batch && !isLater && batch.takes(item)) batch.add(item);
    else {
      if (batch) yield batch.step;
      batch = new Batch(item);
    }
  }
  if (batch) yield batch.step;
}

class Batch {
  readonly step: Step;
  private bytes: number;

  constructor(first: Item) {
    this.step = { kind: 'batch', items: [first] };
    this.bytes = first.bytes;
  }

  takes(item: Item): boolean {
    return this.step.items.length < BATCH_ITEMS_MAX && this.bytes + 1 + item.bytes <= BATCH_BYTES_MAX;
  }

  add(item: Item): void {
    this.step.items.push(item);
    this.bytes += 1 + item.bytes;
  }
}
