/** Requests to the bus: none larger than EventBridge takes, and each event's own answer is given. */
import type { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createBus } from '../../functions/kit/bus.ts';
import { runs } from '../support/world.ts';

interface Entry {
  readonly Source?: string | undefined;
  readonly DetailType?: string | undefined;
  readonly Detail?: string | undefined;
}

/** A bus that remembers its requests, and takes what it is told to. */
function aBus(isTaken: (detail: string) => boolean) {
  const requests: Entry[][] = [];
  const client = {
    send: async ({ input }: PutEventsCommand) => {
      const entries = input.Entries ?? [];
      requests.push(entries);
      return {
        Entries: entries.map(({ Detail }) =>
          isTaken(Detail ?? '') ? { EventId: 'e' } : { ErrorCode: 'ThrottlingException' },
        ),
      };
    },
  } as unknown as EventBridgeClient;
  return {
    requests,
    bus: createBus(
      client,
      'philia',
      async () => {},
      () => {},
    ),
  };
}

const bytesOf = ({ Source = '', DetailType = '', Detail = '' }: Entry) =>
  Buffer.byteLength(Source) + Buffer.byteLength(DetailType) + Buffer.byteLength(Detail);

it('a request has ten events and 256 KB at most, and what was refused is answered so by its place', async () => {
  // Near the limits, and of characters that take several bytes; or so many small ones that their number alone tells.
  const detailsOf = (...lengths: number[]) => {
    const text = fc
      .tuple(fc.constantFrom(...lengths), fc.constantFrom('a', 'é'))
      .map(([length, character]) => character.repeat(length));
    return fc.array(fc.record({ text, taken: fc.boolean() }), { maxLength: 30, size: 'max' });
  };
  const details = fc.oneof(detailsOf(10, 2_000, 24_000, 25_000, 80_000, 119_900), detailsOf(10, 2_000));
  await fc.assert(
    fc.asyncProperty(details, async (all) => {
      const { requests, bus } = aBus((detail) => JSON.parse(detail).taken);
      const events = all.map((one, at) => ({ source: 'philia.ledger', name: 'X', detail: { ...one, at } }));
      expect(await bus.put(events)).toEqual(all.map(({ taken }) => taken));
      for (const entries of requests) {
        expect(entries.length).toBeLessThanOrEqual(10);
        expect(entries.reduce((sum, entry) => sum + bytesOf(entry), 0)).toBeLessThanOrEqual(256 * 1024);
      }
    }),
    runs(200) as fc.Parameters<[{ text: string; taken: boolean }[]]>,
  );
});
