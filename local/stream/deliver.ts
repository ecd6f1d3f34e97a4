/**
 * What Lambda does with one batch of stream records until each is processed or given up: it retries from the
 * first record the function names, or halves a batch that failed as a whole, and never goes on to later
 * records before.
 * Source: https://docs.aws.amazon.com/lambda/latest/dg/services-ddb-batchfailurereporting.html
 */
import type { Outcome } from '../functions/instance.ts';
import { itemFailures } from '../queues/poller.ts';
import type { StreamMappingSpec } from '../resources/mappings.ts';
import type { StreamRecord } from './records.ts';

export interface Delivery {
  readonly mapping: Pick<StreamMappingSpec, 'bisects' | 'retriesMax' | 'reportsItemFailures'>;
  invoke(records: readonly StreamRecord[]): Promise<Outcome>;
  /** Everything up to this record is done. */
  checkpoint(record: StreamRecord): void;
  /** Whether the records have been tried for as long as they may be. */
  isTooOld(): boolean;
  /** Retries are exhausted, or the records too old: they are skipped. */
  giveUp(records: readonly StreamRecord[], attempts: number): void;
  /** Waits before attempt number `attempt` (the first retry is 1). False: the run is stopping, leave it. */
  waitBefore(attempt: number): Promise<boolean>;
}

interface Part {
  readonly records: readonly StreamRecord[];
  /** Attempts that have failed. */
  readonly attempts: number;
}

/** Resolves when all records are done, or early when the run is stopping. */
export async function deliver(records: readonly StreamRecord[], delivery: Delivery): Promise<void> {
  const parts: Part[] = [{ records, attempts: 0 }];
  for (let part = parts.shift(); part; part = parts.shift()) {
    if (part.attempts > 0 && !(await delivery.waitBefore(part.attempts))) return;
    parts.unshift(...(await attempt(part, delivery)));
  }
}

/** Tries one part; answers what of it is left to do, in order. */
async function attempt({ records, attempts }: Part, delivery: Delivery): Promise<Part[]> {
  const { bisects, retriesMax, reportsItemFailures } = delivery.mapping;
  const outcome = await delivery.invoke(records);
  const failedAt = firstFailure(outcome, records, reportsItemFailures);
  if (failedAt === undefined) {
    checkpointAt(records.length - 1);
    return [];
  }
  const wholeFailed = outcome.kind !== 'answer' || failedAt === 'all';
  const rest = wholeFailed ? records : records.slice(failedAt);
  checkpointAt(records.length - rest.length - 1);
  if (wholeFailed && bisects && rest.length > 1) {
    // Halving costs no attempt: it only looks for the record that is to blame.
    const middle = Math.ceil(rest.length / 2);
    return [
      { records: rest.slice(0, middle), attempts },
      { records: rest.slice(middle), attempts },
    ];
  }
  if ((retriesMax >= 0 && attempts >= retriesMax) || delivery.isTooOld()) {
    delivery.giveUp(rest, attempts + 1);
    checkpointAt(records.length - 1);
    return [];
  }
  return [{ records: rest, attempts: attempts + 1 }];

  function checkpointAt(index: number): void {
    const record = records[index];
    if (record) delivery.checkpoint(record);
  }
}

/** The index of the first record that failed, 'all' when the function says nothing usable, undefined when none did. */
function firstFailure(
  outcome: Outcome,
  records: readonly StreamRecord[],
  reportsItemFailures: boolean,
): number | 'all' | undefined {
  if (outcome.kind !== 'answer') return 'all';
  if (!reportsItemFailures) return undefined;
  const failures = itemFailures(outcome.payload);
  if (failures?.length === 0) return undefined;
  const indexes = (failures ?? ['']).map((id) => records.findIndex((record) => record.sequenceNumber === id));
  return indexes.includes(-1) ? 'all' : Math.min(...indexes);
}
