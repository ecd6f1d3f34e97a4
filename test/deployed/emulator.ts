/** AWS as MiniStack emulates it, the CDK and AWS CLIs that are pointed at it, and CloudFront's part in reaching the API. */
import { execFile, spawn } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, request } from 'node:http';
import { type AddressInfo, createServer as listen } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { venv } from '../../tools/venv.ts';

const root = join(import.meta.dirname, '../..');
export const region = 'eu-west-1';
export const account = '000000000000';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Emulator {
  /** Runs a script of bash where the project's files are, with the AWS CLI and the CDK CLI pointed here. */
  run(script: string, environment?: Readonly<Record<string, string>>): Promise<Ran>;
  /** The same, and what it printed; what failed is thrown with all that it said. */
  must(script: string, environment?: Readonly<Record<string, string>>): Promise<string>;
  stop(): Promise<void>;
}

async function freePort(): Promise<number> {
  const server = listen();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts an empty AWS of its own, with a folder in which the page's commands find the project's files. */
export async function startEmulator(): Promise<Emulator> {
  const folder = await mkdtemp(join(tmpdir(), 'philia-deployed-'));
  const work = join(folder, 'work');
  const bin = join(folder, 'bin');
  await Promise.all([linkProject(work), wrapAws(bin)]);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const environment = {
    ...process.env,
    PATH: [bin, join(venv, 'bin'), join(root, 'node_modules/.bin'), process.env['PATH']].join(':'),
    AWS_ENDPOINT_URL: url,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_PAGER: '',
    CDK_APP: 'node test/deployed/app.ts',
    CDK_OUTPUT: join(folder, 'cdk.out'),
    CDK_REQUIRE_APPROVAL: 'never',
    CI: 'true',
    // What an interactive shell of this machine would do first.
    BASH_ENV: '',
  };
  const server = spawn(join(venv, 'bin/ministack'), [], {
    cwd: folder,
    env: {
      ...environment,
      GATEWAY_PORT: String(port),
      MINISTACK_REGION: region,
      MINISTACK_ACCOUNT_ID: account,
      STATE_DIR: join(folder, 'state'),
      S3_DATA_DIR: join(folder, 's3'),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const log: string[] = [];
  for (const stream of [server.stdout, server.stderr]) stream.on('data', (text) => log.push(String(text)));
  const failed = new Promise<never>((_, reject) => {
    server.on('error', (error) =>
      reject(
        new Error(
          `${error.message}: run \`python3 -m venv .venv && .venv/bin/pip install -r .ci/requirements.txt\`.`,
        ),
      ),
    );
    server.on('exit', (code) => reject(new Error(`MiniStack ended with ${code}:\n${log.join('')}`)));
  });
  failed.catch(() => undefined);
  await Promise.race([failed, answers(url)]);
  const run = (script: string, more: Readonly<Record<string, string>> = {}) =>
    bash(script, work, { ...environment, ...more });
  return {
    run,
    must: async (script, more) => {
      const { code, stdout, stderr } = await run(script, more);
      if (code !== 0)
        throw new Error(`${script}\nended with ${code}:\n${stdout}\n${stderr}\n${log.slice(-20).join('')}`);
      return stdout;
    },
    stop: async () => {
      // Its functions are processes of its group.
      if (server.pid !== undefined && server.exitCode === null) process.kill(-server.pid, 'SIGKILL');
      await rm(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A folder that looks like the project's, into which the page's commands may write. */
async function linkProject(work: string): Promise<void> {
  await mkdir(work);
  for (const name of await readdir(root))
    if (!['.git', 'cdk.out'].includes(name)) await symlink(join(root, name), join(work, name));
}

/** The AWS CLI learned of AWS_ENDPOINT_URL in 2.13 only; Debian 12 has 2.9. */
async function wrapAws(bin: string): Promise<void> {
  await mkdir(bin);
  await writeFile(join(bin, 'aws'), '#!/bin/sh\nexec /usr/bin/aws --endpoint-url "$AWS_ENDPOINT_URL" "$@"\n');
  await chmod(join(bin, 'aws'), 0o755);
}

async function answers(url: string): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    const response = await fetch(`${url}/_ministack/health`).catch(() => undefined);
    if (response) return;
    await sleep(100);
  }
  throw new Error('MiniStack does not answer.');
}

function bash(script: string, cwd: string, env: NodeJS.ProcessEnv): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(
      'bash',
      ['-euo', 'pipefail', '-c', script],
      { cwd, env, maxBuffer: 64 * 1024 * 1024, timeout: 600_000 },
      (error, stdout, stderr) => resolve({ code: error ? Number(error.code ?? -1) : 0, stdout, stderr }),
    );
  });
}

export interface Front {
  readonly url: string;
  close(): void;
}

/**
 * What CloudFront does on the way to the API: it says the secret, and the API's own host. The emulator's CloudFront goes
 * to no origin of AWS's own names (it answers 502), so the distribution is deployed, and its settings are asked for, and
 * requests go this way.
 */
export async function startFront(
  endpoint: string,
  host: string,
  headers: Readonly<Record<string, string>>,
): Promise<Front> {
  const { port } = new URL(endpoint);
  const server = createServer((incoming, outgoing) => {
    const forwarded = request(
      {
        port,
        method: incoming.method,
        path: incoming.url,
        headers: { ...incoming.headers, ...headers, host },
      },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    forwarded.on('error', () => outgoing.destroy());
    incoming.pipe(forwarded);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: own } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${own}`, close: () => void server.close() };
}
