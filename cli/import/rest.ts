/**
 * A local run says when all that an import has caused is done, by `/local/idle`. A deployed system has no such route:
 * there the ledger has what was answered, and what follows of it, such as cards, is on its way.
 */
import { exits, Failure } from '../failure.ts';
import type { Client } from './client.ts';
import { unexpected } from './refusals.ts';

/** The API answers 408 after this many seconds; so often it is asked again. */
const idleSeconds = 15;
const idleAttemptsMax = 40;

export interface RestOptions {
  readonly client: Client;
  readonly note?: ((text: string) => void) | undefined;
}

/** Waits until nothing is in flight, where that can be asked. */
export async function rest({ client, note = console.error }: RestOptions): Promise<void> {
  for (let attempt = 1; attempt <= idleAttemptsMax; attempt++) {
    const answer = await client.call('GET', `/local/idle?timeout=${idleSeconds}`);
    if (answer.status === 200 || (answer.status === 404 && attempt === 1)) return;
    if (answer.status !== 408) throw unexpected('GET /local/idle', answer);
    if (attempt === 1) note('Waiting for the system to come to rest: something is being tried again …');
  }
  const seconds = idleAttemptsMax * idleSeconds;
  throw new Failure(exits.unknown, `The system did not come to rest in ${seconds} s.`);
}
