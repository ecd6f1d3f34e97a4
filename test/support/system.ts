/** The whole system as a user starts it: `npm start`'s own program in a process of its own, on a free port. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const root = join(import.meta.dirname, '../..');
const readyMsMax = 120_000;

export interface Credentials {
  readonly baseUrl: string;
  readonly channels: Readonly<Record<'web' | 'store' | 'app', string>>;
  readonly ops: string;
}

export interface Answer {
  readonly status: number;
  // Tests look into answers freely; what they expect is checked there.
  // biome-ignore lint/suspicious/noExplicitAny: the shape is what the tests are about.
  readonly body: any;
  readonly headers: Headers;
}

export interface System {
  readonly baseUrl: string;
  readonly credentials: Credentials;
  readonly dataDirectory: string;
  /** A JSON call; `as` is a role's key, or none. */
  call(method: string, path: string, body?: unknown, as?: 'web' | 'store' | 'app' | 'ops'): Promise<Answer>;
  /** Waits until nothing is in flight. */
  idle(): Promise<void>;
  /** Ends the process as a crash does. */
  kill(): Promise<void>;
  /** Starts the same system again after `kill` or `stop`, with these flags. */
  restart(...args: string[]): Promise<System>;
  /** Ends the process as a person does; answers its exit status. */
  stop(): Promise<number | null>;
  /** Ends the process and deletes what it kept. */
  remove(): Promise<void>;
}

export interface Exit {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a script, of this project unless the path is absolute, to its end. */
export async function runScript(script: string, args: readonly string[]): Promise<Exit> {
  const child = spawn(process.execPath, [resolve(root, script), ...args], { cwd: root });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr.on('data', (chunk) => {
    stderr += chunk;
  });
  const code = await exitOf(child);
  return { code, stdout, stderr };
}

async function exitOf(child: ChildProcess): Promise<number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
  return new Promise((resolve) => child.once('exit', (code) => resolve(code)));
}

async function ready(child: ChildProcess): Promise<void> {
  let heard = '';
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`It was not ready in time: ${heard}`)), readyMsMax);
    const listen = (chunk: Buffer) => {
      heard += chunk;
      if (!heard.includes('Philia is ready at ')) return;
      clearTimeout(timer);
      resolve();
    };
    child.stdout?.on('data', listen);
    child.stderr?.on('data', listen);
    child.once('exit', (code) => {
      clearTimeout(timer);
      reject(new Error(`It ended with ${code} before it was ready: ${heard}`));
    });
  });
}

/** Starts a system in an empty folder of its own; `args` are those of `npm start`. */
export async function startSystem(...args: string[]): Promise<System> {
  return startSystemWith({}, ...args);
}

/** Starts a system in a folder of its own, into which somebody has put files before: name -> JSON. */
export async function startSystemWith(
  files: Readonly<Record<string, object>>,
  ...args: string[]
): Promise<System> {
  const dataDirectory = join(await mkdtemp(join(tmpdir(), 'philia-system-')), 'data');
  await mkdir(dataDirectory);
  for (const [name, value] of Object.entries(files))
    await writeFile(join(dataDirectory, name), JSON.stringify(value));
  return start(dataDirectory, args);
}

async function start(dataDirectory: string, args: readonly string[]): Promise<System> {
  const all = [join(root, 'local/main.ts'), '--port', '0', '--data', dataDirectory, ...args];
  const child = spawn(process.execPath, all, { cwd: root });
  await ready(child);
  const credentials: Credentials = JSON.parse(readFileSync(join(dataDirectory, 'credentials.json'), 'utf8'));
  const { baseUrl } = credentials;

  const call: System['call'] = async (method, path, body, as) => {
    const key = as === 'ops' ? credentials.ops : as && credentials.channels[as];
    const response = await fetch(`${baseUrl}${path}`, {
      method,
      redirect: 'manual',
      headers: {
        ...(key ? { authorization: `Bearer ${key}` } : {}),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return { status: response.status, body: isJson ? JSON.parse(text) : text, headers: response.headers };
  };

  const end = async (signal: 'SIGKILL' | 'SIGTERM') => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    return exitOf(child);
  };

  return {
    baseUrl,
    credentials,
    dataDirectory,
    call,
    async idle() {
      const { status } = await call('GET', '/local/idle?timeout=30');
      if (status !== 200) throw new Error('The system did not become idle in 30 seconds.');
    },
    kill: async () => {
      await end('SIGKILL');
    },
    restart: (...args) => start(dataDirectory, args),
    stop: () => end('SIGTERM'),
    async remove() {
      await end('SIGKILL');
      await rm(join(dataDirectory, '..'), { recursive: true, force: true });
    },
  };
}
