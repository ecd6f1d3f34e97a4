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
/** PutEvents takes ten entries; the bytes stay under the request's limit with room for the envelope. */
const entriesMax = 10;
const bytesMax = 240 * 1024;

interface Sized {
  readonly index: number;
  readonly source: string;
  readonly name: string;
  readonly detail: string;
}

function chunks(entries: readonly Sized[]): Sized[][] {
  const all: Sized[][] = [];
  let bytes = 0;
  for (const entry of entries) {
    const size = Buffer.byteLength(entry.detail) + entry.source.length + entry.name.length + 100;
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
  /** The entries of one request that the bus did not take. A request whose answer is lost took none for certain. */
  async function send(entries: readonly Sized[]): Promise<Sized[]> {
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
      return entries.filter((_, index) => !answer.Entries?.[index]?.EventId);
    } catch (error) {
      lost(error);
      // The caller is told by the results that these are not certain; the SDK has retried what can be.
      return [...entries];
    }
  }

  return {
    async put(events) {
      let open: Sized[] = events.map(({ source, name, detail }, index) => ({
        index,
        source,
        name,
        detail: JSON.stringify(detail),
      }));
      for (let attempt = 1; open.length > 0 && attempt <= attemptsMax; attempt++) {
        if (attempt > 1) await sleep(50 * 2 ** attempt);
        open = (await Promise.all(chunks(open).map(send))).flat();
      }
      const lost = new Set(open.map(({ index }) => index));
      return events.map((_, index) => !lost.has(index));
    },
  };
}
