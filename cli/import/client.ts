/** The import's own client: everything it sends may be sent twice, known by the ids of purchases and refunds. */
import { exits, Failure } from '../failure.ts';
import { type Answer, createSender } from '../sender.ts';

export interface Client {
  call(method: string, path: string, body?: unknown): Promise<Answer>;
}

export interface ClientOptions {
  baseUrl: string;
  /** The channel's key, or an operator's. */
  key: string;
  /** How often one call is tried, the first time included. */
  attemptsMax?: number;
  /** Waits that many milliseconds; a test that does not want to wait passes its own. */
  pause?: (ms: number) => Promise<unknown>;
}

/** A long run may well meet a restart: about a minute of it. */
const attemptsUsual = 8;
/** Moving the clock over months runs every schedule in between. */
const timeoutMs = 10 * 60 * 1000;

/** Its calls throw a Failure when there was no answer after all attempts. */
export function createClient({ baseUrl, key, attemptsMax = attemptsUsual, pause }: ClientOptions): Client {
  const send = createSender({ baseUrl, key, attemptsMax, timeoutMs, pause });
  return {
    async call(method, path, body) {
      const sent = await send({ method, path, body, repeatable: true });
      if ('answer' in sent) return sent.answer;
      const { attempts, trouble } = sent.lost;
      throw new Failure(
        exits.unknown,
        `${method} ${baseUrl}${path} failed ${attempts} times, last with ${trouble}.`,
      );
    },
  };
}
