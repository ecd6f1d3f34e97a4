/** Invokes the template's setup function: the programme is loaded and the first keys are made. */
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { messageOf, StartFailure } from './failure.ts';
import { writePrivately } from './files.ts';
import type { FunctionPool } from './functions/pool.ts';
import type { Model } from './resources/model.ts';
import type { State } from './state.ts';

export interface Credentials {
  baseUrl: string;
  channels: { web?: string; store?: string; app?: string };
  ops?: string;
}

export interface ProgramFile {
  readonly path: string;
  readonly content: unknown;
  readonly hash: string;
}

type Key = 'web' | 'store' | 'app' | 'ops';

const CHANNELS = ['web', 'store', 'app'] as const;
const STATE_KEY = 'program';

/** Reads the programme file; one that is no JSON is a sentence. */
export function readProgram(path: string): ProgramFile {
  if (!existsSync(path)) throw new StartFailure(`The programme file ${path} does not exist.`);
  const text = readFileSync(path, 'utf8');
  try {
    return { path, content: JSON.parse(text), hash: createHash('sha256').update(text).digest('hex') };
  } catch (error) {
    throw new StartFailure(`The programme file ${path} is not JSON: ${messageOf(error)}`);
  }
}

export interface SetupSettings {
  readonly model: Model;
  readonly pool: FunctionPool;
  readonly state: State;
  readonly program: ProgramFile;
  readonly credentialsPath: string;
  readonly baseUrl: string;
}

/**
 * Loads the programme when the file is new or has changed since it was last loaded (so that one put by the
 * API outlives a restart), makes the keys that are missing, and writes the credentials.
 */
export async function setUp(settings: SetupSettings): Promise<void> {
  const { state, program, credentialsPath, baseUrl } = settings;
  const credentials = readCredentials(credentialsPath, baseUrl);
  const missing = [
    ...CHANNELS.filter((name) => !credentials.channels[name]),
    ...(credentials.ops ? [] : ['ops' as const]),
  ];
  const isNew = state.get<string>(STATE_KEY) !== program.hash;
  if (isNew || missing.length > 0) {
    const keys = await invokeSetup(settings, missing, isNew);
    for (const name of missing) {
      const key = keys[name];
      if (key === undefined) throw new StartFailure(`The setup function made no key ${name}.`);
      if (name === 'ops') credentials.ops = key;
      else credentials.channels[name] = key;
    }
  }
  writePrivately(credentialsPath, `${JSON.stringify(credentials, null, 2)}\n`);
  state.set(STATE_KEY, program.hash);
}

function readCredentials(path: string, baseUrl: string): Credentials {
  if (!existsSync(path)) return { baseUrl, channels: {} };
  return { ...(JSON.parse(readFileSync(path, 'utf8')) as Credentials), baseUrl };
}

interface SetupAnswer {
  readonly keys?: { readonly [name: string]: string };
  readonly erasures?: {
    readonly checked: number;
    readonly erased: number;
    readonly complete: boolean;
    readonly after?: string;
  };
  readonly error?: {
    readonly message: string;
    readonly errors?: readonly { path: string; message: string }[];
  };
}

/** Has the setup function erase again who was erased, to the end of the list; answers what it did, as a sentence. */
export async function reapplyErasures(model: Model, pool: FunctionPool): Promise<string> {
  let [checked, erased] = [0, 0];
  let wanted: true | { after: string } = true;
  for (;;) {
    const { erasures, error } = await invoke(model, pool, { reapplyErasures: wanted });
    if (error || !erasures) throw new StartFailure(`The erasures were not applied: ${error?.message}`);
    checked += erasures.checked;
    erased += erasures.erased;
    if (erasures.complete) return `Of ${checked} members who were erased ${erased} were erased again.`;
    if (erasures.after !== undefined) wanted = { after: erasures.after };
  }
}

async function invoke(model: Model, pool: FunctionPool, event: object): Promise<SetupAnswer> {
  const setup = model.functions.find(({ name }) => name.endsWith('setup'));
  if (!setup) throw new StartFailure('The template has no function whose name ends in "setup".');
  const outcome = await pool.invoke(setup.name, event);
  if (outcome.kind === 'answer') return JSON.parse(outcome.payload) as SetupAnswer;
  const { errorType, errorMessage } = outcome.error;
  throw new StartFailure(`The setup function failed: ${errorType}: ${errorMessage}`);
}

async function invokeSetup(
  { model, pool, program }: SetupSettings,
  missing: readonly Key[],
  withProgram: boolean,
): Promise<{ readonly [name: string]: string }> {
  const { keys = {}, error } = await invoke(model, pool, {
    ...(withProgram && { program: program.content }),
    keys: missing.map((name) =>
      name === 'ops' ? { name, role: 'ops' } : { name, role: 'channel', channel: name },
    ),
  });
  if (error) throw new StartFailure(`The programme file ${program.path} is not valid: ${describe(error)}`);
  return keys;
}

function describe({ message, errors = [] }: NonNullable<SetupAnswer['error']>): string {
  if (errors.length === 0) return message;
  return errors
    .map(({ path, message: why }) => `${path.replace(/^program\.?/, '') || 'the document'}: ${why}`)
    .join(' ');
}
