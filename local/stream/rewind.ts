/** A table that was put back from a copy has records with lower numbers than those that were read before. */
import type { StreamMappingSpec } from '../resources/mappings.ts';
import type { State } from '../state.ts';
import type { Checkpoint } from './shards.ts';

/** Where a mapping's place in its stream is kept. */
export function checkpointKey({ id }: Pick<StreamMappingSpec, 'id'>): string {
  return `stream:${id}`;
}

/**
 * Sets each place that lies behind the newest record to that record: what the copy holds was read before, and what
 * comes next is new. Without it nothing would be read until the numbers have caught up.
 * @param newest the number of the newest record that the table has given
 */
export function rewindStreams(state: State, mappings: readonly StreamMappingSpec[], newest: string): void {
  for (const mapping of mappings) {
    const checkpoint = state.get<Checkpoint>(checkpointKey(mapping));
    if (!checkpoint) continue;
    const rewound = Object.entries(checkpoint).map(([shardId, place]) => {
      const { sequenceNumber } = place;
      const isBeyond = sequenceNumber !== undefined && BigInt(sequenceNumber) > BigInt(newest);
      return [shardId, isBeyond ? { ...place, sequenceNumber: newest } : place] as const;
    });
    state.set(checkpointKey(mapping), Object.fromEntries(rewound));
  }
}
