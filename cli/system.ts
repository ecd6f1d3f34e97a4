/**
 * Where the system is and with which key it is called: by flags or the environment, else by the file that
 * `npm start` writes into its data folder.
 */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exits, Failure, messageOf } from './failure.ts';
import { isRecord, parseJson } from './json.ts';

/** How the person said it. */
export interface Whereabouts {
  readonly url?: string | undefined;
  readonly key?: string | undefined;
  /** The data folder. */
  readonly data: string;
}

export interface System {
  readonly baseUrl: string;
  readonly key: string;
}

/** The role whose key is wanted: an operator's, or a channel's by its name. */
export type Wanted = { readonly role: 'ops' } | { readonly role: 'channel'; readonly channel: string };

/** @throws Failure saying what is missing, and what to do about it */
export async function findSystem(given: Whereabouts, wanted: Wanted): Promise<System> {
  const { url, key, data } = given;
  if (url !== undefined) {
    if (!/^https?:\/\//.test(url) || !URL.canParse(url))
      throw new Failure(exits.usage, `The address ${url} must begin with https:// or http://.`);
    // The key of the data folder is for the system of the data folder.
    if (key === undefined)
      throw new Failure(exits.usage, `A key for ${url} is needed: give --key or set PHILIA_KEY.`);
  }
  if (key !== undefined) checkKey(key, wanted);
  const { baseUrl, keyOf } =
    url === undefined ? await readCredentials(data) : { baseUrl: url, keyOf: undefined };
  return { baseUrl, key: key ?? keyOf?.(wanted) ?? '' };
}

/** A key says whose it is (`phk_<channel>_…`), so a mix-up is told before anything is sent. */
function checkKey(key: string, wanted: Wanted): void {
  const [, whose] = /^phk_([a-z][a-z0-9-]*)_/.exec(key) ?? [];
  const needed = wanted.role === 'ops' ? 'ops' : wanted.channel;
  if (whose !== undefined && whose !== needed)
    throw new Failure(exits.usage, `The key given is of ${whose}, and a key of ${needed} is needed.`);
}

interface Credentials {
  readonly baseUrl: string;
  readonly keyOf: (wanted: Wanted) => string;
}

export async function readCredentials(data: string): Promise<Credentials> {
  const file = join(data, 'credentials.json');
  const credentials = parseJson(await readText(file));
  const { baseUrl, channels, ops } = isRecord(credentials) ? credentials : {};
  if (typeof baseUrl !== 'string')
    throw new Failure(exits.usage, `${file} has no baseUrl: let npm start write it again.`);
  const keyOf = (wanted: Wanted) => {
    if (wanted.role === 'channel') return channelKey(file, channels, wanted.channel);
    if (typeof ops === 'string') return ops;
    throw new Failure(exits.usage, `${file} has no ops: let npm start write it again.`);
  };
  return { baseUrl, keyOf };
}

function channelKey(file: string, channels: unknown, channel: string): string {
  if (!isRecord(channels))
    throw new Failure(exits.usage, `${file} has no channels: let npm start write it again.`);
  const key = Object.hasOwn(channels, channel) ? channels[channel] : undefined;
  if (typeof key === 'string') return key;
  const known = Object.keys(channels).join(', ');
  throw new Failure(exits.usage, `There is no channel "${channel}": ${file} has ${known}.`);
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const remedy = 'Start the system with npm start, or name its folder with --data.';
    throw new Failure(exits.usage, `${file} cannot be read: ${messageOf(error)}. ${remedy}`, {
      cause: error,
    });
  }
}
