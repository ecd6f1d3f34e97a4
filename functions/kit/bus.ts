/** Putting events on the bus, each entry's result checked, what was refused sent again a few times. */
import { type EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';

export interface BusEvent {
  readonly source: string;
  readonly name: string;
  readonly detail: unknown;
}

export interface Bus {
  /** @returns for each event, in order, whether the bus has it for certain */
  readonly put: (events: readonly BusEvent[]) => Promise<boolean[]>;
}

const attemptsMax = 4;
/** PutEvents takes ten entries; the bytes stay under the request's limit, the lower one where there are two. */
const entriesMax = 10;
const bytesMax = 240 * 1024;

interface Sized {
  readonly index: number;
  readonly source: string;
  readonly name: string;
  readonly detail: string;
}

/** What an entry counts, as EventBridge does it: the UTF-8 bytes of its source, its type and its detail. */
function sizeOf({ source, name, detail }: Omit<Sized, 'index'>): number {
  return Buffer.byteLength(detail) + Buffer.byteLength(source) + Buffer.byteLength(name);
}

/** What an event takes on the bus, in bytes. */
export function eventBytes({ source, name, detail }: BusEvent): number {
  return sizeOf({ source, name, detail: JSON.stringify(detail) });
}

function chunks(entries: readonly Sized[]): Sized[][] {
  const all: Sized[][] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = sizeOf(entry);
    const last = all.at(-1);
    if (last && last.length < entriesMax && bytes + size <= bytesMax) {
      last.push(entry);
      bytes += size;
    } else {
      all.push([entry]);
      bytes = size;
    }
  }
  return all;
}

export function createBus(
  client: EventBridgeClient,
  busName: string,
  sleep: (milliseconds: number) => Promise<void>,
  /** Told of each request that was not answered. */
  lost: (error: unknown) => void,
): Bus {
  /**
   * The entries of one request that the bus refused, which may be sent again. Of a request without an answer none are:
   * the SDK has tried it as often as there is time for.
   */
  async function send(entries: readonly Sized[], taken: Set<number>): Promise<Sized[]> {
    try {
      const answer = await client.send(
        new PutEventsCommand({
          Entries: entries.map(({ source, name, detail }) => ({
            EventBusName: busName,
            Source: source,
            DetailType: name,
            Detail: detail,
          })),
        }),
      );
      const isTaken = (_: Sized, index: number) => answer.Entries?.[index]?.EventId !== undefined;
      for (const { index } of entries.filter(isTaken)) taken.add(index);
      return entries.filter((entry, index) => !isTaken(entry, index));
    } catch (error) {
      lost(error);
      return [];
    }
  }

  return {
    async put(events) {
      const taken = new Set<number>();
      let open: Sized[] = events.map(({ source, name, detail }, index) => ({
        index,
        source,
        name,
        detail: JSON.stringify(detail),
      }));
      for (let attempt = 1; open.length > 0 && attempt <= attemptsMax; attempt++) {
        if (attempt > 1) await sleep(50 * 2 ** attempt);
        open = (await Promise.all(chunks(open).map((entries) => send(entries, taken)))).flat();
      }
      return events.map((_, index) => taken.has(index));
    },
  };
}
