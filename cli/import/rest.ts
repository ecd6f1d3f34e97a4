/**
 * How an import knows that everything it sent has been applied, before it sends what has to come after. A
 * local run says so by `/local/idle`; a deployed system has no such route, so there the purchases and refunds
 * themselves are asked for until the ledger has them.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { exits, Failure } from '../failure.ts';
import type { Client } from './client.ts';
import { unexpected } from './refusals.ts';

/** The API answers 408 after this many seconds; so often it is asked again. */
const idleSeconds = 15;
const idleAttemptsMax = 40;

/** About ten minutes, like those of a local run. */
const looksMax = 300;
const lookMs = 250;
const lookMsMax = 2_000;
const looksAtOnce = 10;

/** Waits until everything is applied; `paths` are those of what was sent since the last time. */
export type Rest = (paths: readonly string[]) => Promise<void>;

export interface RestOptions {
  readonly client: Client;
  readonly note?: ((text: string) => void) | undefined;
  readonly pause?: ((ms: number) => Promise<unknown>) | undefined;
}

export function createRest({ client, note = console.error, pause = sleep }: RestOptions): Rest {
  let deployed = false;
  return async (paths) => {
    if (!deployed) deployed = (await untilIdle(client, note)) === 'deployed';
    if (deployed) await untilThere(client, paths, pause);
  };
}

async function untilIdle(client: Client, note: (text: string) => void): Promise<'idle' | 'deployed'> {
  for (let attempt = 1; attempt <= idleAttemptsMax; attempt++) {
    const answer = await client.call('GET', `/local/idle?timeout=${idleSeconds}`);
    if (answer.status === 200) return 'idle';
    if (answer.status === 404 && attempt === 1) return 'deployed';
    if (answer.status !== 408) throw unexpected('GET /local/idle', answer);
    if (attempt === 1) note('Waiting for the system to come to rest: something is being tried again …');
  }
  const seconds = idleAttemptsMax * idleSeconds;
  throw new Failure(exits.unknown, `The system did not come to rest in ${seconds} s.`);
}

async function untilThere(
  client: Client,
  paths: readonly string[],
  pause: (ms: number) => Promise<unknown>,
): Promise<void> {
  let missing = [...paths];
  for (let look = 1; look <= looksMax && missing.length > 0; look++) {
    await pause(Math.min(lookMs * look, lookMsMax));
    missing = await stillMissing(client, missing);
  }
  const [first] = missing;
  if (first !== undefined)
    throw new Failure(
      exits.unknown,
      `${missing.length} of ${paths.length} were accepted and not applied in ten minutes, the first of them ${first}.`,
    );
}

async function stillMissing(client: Client, paths: readonly string[]): Promise<string[]> {
  const missing: string[] = [];
  for (let at = 0; at < paths.length; at += looksAtOnce) {
    const some = paths.slice(at, at + looksAtOnce);
    const answers = await Promise.all(some.map((path) => client.call('GET', path)));
    for (const [index, answer] of answers.entries()) {
      const path = some[index] ?? '';
      if (answer.status === 404) missing.push(path);
      else if (answer.status !== 200) throw unexpected(`GET ${path}`, answer);
    }
  }
  return missing;
}
