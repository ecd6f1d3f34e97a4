/**
 * Secrets Manager on one machine: values are made once and kept in the data folder, readable by their owner
 * only. The secrets for Apple and Google are filled with the person's own values, or with the stand-ins'.
 */
import { randomInt, randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import type { DatabaseSync } from 'node:sqlite';
import { opening } from './disk.ts';
import { messageOf, StartFailure } from './failure.ts';
import { writePrivately } from './files.ts';
import type { GeneratedSpec, SecretSpec } from './resources/secrets.ts';
import type { Turn } from './turn.ts';

export interface SecretValue {
  readonly name: string;
  readonly arn: string;
  readonly value: string;
  readonly versionId: string;
}

export interface Secrets {
  readonly values: readonly SecretValue[];
  /** Finds a secret by its name, its ARN, or its ARN without the random suffix. */
  find(secretId: string): SecretValue | undefined;
}

interface Stored {
  [name: string]: { value: string; versionId: string };
}

/**
 * Opens `path`, making up the values it lacks. A secret whose name ends in one of the keys of `given` takes
 * that value instead, anew at each start.
 */
export function openSecrets(
  path: string,
  specs: readonly SecretSpec[],
  given: { readonly [nameEnding: string]: string },
): Secrets {
  const stored = existsSync(path) ? readStored(path) : {};
  const values = specs.map((spec): SecretValue => {
    const ending = Object.keys(given).find((candidate) => spec.name.endsWith(candidate));
    if (ending !== undefined) {
      return { name: spec.name, arn: spec.arn, value: given[ending] ?? '', versionId: randomUUID() };
    }
    stored[spec.name] ??= {
      value: 'value' in spec.source ? spec.source.value : generate(spec.source.generate),
      versionId: randomUUID(),
    };
    return { name: spec.name, arn: spec.arn, ...(stored[spec.name] as Stored[string]) };
  });
  writePrivately(path, `${JSON.stringify(stored, null, 2)}\n`);
  return secretsOf(values);
}

export function secretsOf(values: readonly SecretValue[]): Secrets {
  return {
    values,
    find: (secretId) =>
      values.find(({ name, arn }) => secretId === name || secretId === arn || secretId === arn.slice(0, -7)),
  };
}

/** Secrets that functions make, which the template does not know of. */
export interface MadeSecrets extends Pick<Secrets, 'find'> {
  put(name: string, value: string): SecretValue;
}

/** Keeps them in a database that all threads share. */
export function openMadeSecrets(database: DatabaseSync, turn: Turn): MadeSecrets {
  turn.during(() =>
    database.exec(
      'CREATE TABLE IF NOT EXISTS secret (name TEXT PRIMARY KEY, value TEXT NOT NULL, version TEXT NOT NULL)',
    ),
  );
  const found = database.prepare('SELECT name, value, version FROM secret WHERE name = ?');
  const put = database.prepare('INSERT OR REPLACE INTO secret (name, value, version) VALUES (?, ?, ?)');
  const made = (name: string, value: string, versionId: string): SecretValue => ({
    name,
    arn: `arn:aws:secretsmanager:local:000000000000:secret:${name}-000000`,
    value,
    versionId,
  });
  return {
    find: (name) => {
      const row = found.get(name) as { name: string; value: string; version: string } | undefined;
      return row && made(row.name, row.value, row.version);
    },
    put: (name, value) => {
      const versionId = randomUUID();
      turn.during(() => put.run(name, value, versionId));
      return made(name, value, versionId);
    },
  };
}

/** @throws StartFailure when the file does not hold what was written into it */
function readStored(path: string): Stored {
  return opening(path, () => {
    const stored = JSON.parse(readFileSync(path, 'utf8')) as Stored | null;
    const isWhole = (one: Stored[string] | undefined) =>
      typeof one?.value === 'string' && typeof one.versionId === 'string';
    if (stored === null || typeof stored !== 'object' || !Object.values(stored).every(isWhole))
      throw new TypeError('it does not hold secrets');
    return stored;
  });
}

const LOWERCASE = 'abcdefghijklmnopqrstuvwxyz';
const PUNCTUATION = '!"#$%&\'()*+,-./:;<=>?@[\\]^_`{|}~';

/** Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetRandomPassword.html */
export function generate(spec: GeneratedSpec): string {
  const types = [
    spec.excludeLowercase ? '' : LOWERCASE,
    spec.excludeUppercase ? '' : LOWERCASE.toUpperCase(),
    spec.excludeNumbers ? '' : '0123456789',
    spec.excludePunctuation ? '' : PUNCTUATION,
    spec.includeSpace ? ' ' : '',
  ]
    .map((type) => [...type].filter((character) => !spec.excludeCharacters.includes(character)))
    .filter((type) => type.length > 0);
  const all = types.flat();
  const required = spec.requireEachIncludedType ? types : [];
  const characters = [
    ...required,
    ...new Array<string[]>(Math.max(0, spec.length - required.length)).fill(all),
  ].map(pick);
  const password = shuffled(characters).join('');
  if (!spec.template) return password;
  return JSON.stringify({ ...(JSON.parse(spec.template.text) as object), [spec.template.key]: password });
}

function pick(characters: readonly string[]): string {
  return characters[randomInt(characters.length)] ?? '';
}

function shuffled(characters: readonly string[]): string[] {
  const result = [...characters];
  for (let index = result.length - 1; index > 0; index -= 1) {
    const other = randomInt(index + 1);
    [result[index], result[other]] = [result[other] ?? '', result[index] ?? ''];
  }
  return result;
}

/** The JSON that a person put into the data folder for Apple or Google, or undefined when there is none. */
export function configuredSecret(path: string): string | undefined {
  if (!existsSync(path)) return undefined;
  const text = readFileSync(path, 'utf8');
  try {
    JSON.parse(text);
  } catch (error) {
    throw new StartFailure(`${path} is not JSON: ${messageOf(error)}`);
  }
  return text;
}
