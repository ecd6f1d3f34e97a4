/**
 * `npm run bench:push [-- --against PATH] [--count 200]`: how long after a sale the member's phone is told, on the
 * whole local system, from the moment at which the till sends the purchase to the one at which Apple's stand-in has the
 * push; and how many pushes a burst of ten sales becomes. Another checkout's system takes turns with this one's, so
 * that whatever else the machine does meets both alike.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { passJson } from '../passes/apple/read.ts';

const { values } = parseArgs({
  options: { against: { type: 'string' }, count: { type: 'string', default: '200' } },
});
const count = Number(values.count);
/** A sale after a burst comes when the last push is certain to have been. */
const restMs = 5000;

interface Running {
  readonly name: string;
  readonly call: (method: string, path: string, body?: unknown, key?: string) => Promise<Response>;
  readonly credentials: { readonly channels: { readonly store: string } };
  readonly stop: () => Promise<void>;
}

async function start(name: string, checkout: string): Promise<Running> {
  const data = await mkdtemp(join(tmpdir(), 'philia-bench-'));
  const args = [join(resolve(checkout), 'local/main.ts'), '--port', '0', '--data', data];
  const child: ChildProcess = spawn(process.execPath, args, {
    cwd: checkout,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await new Promise<void>((ready, failed) => {
    child.stdout?.on('data', (chunk) => String(chunk).includes('Philia is ready at ') && ready());
    child.once('exit', (code) => failed(new Error(`${name} ended with ${code} before it was ready.`)));
  });
  const credentials = JSON.parse(readFileSync(join(data, 'credentials.json'), 'utf8'));
  return {
    name,
    credentials,
    call: (method, path, body, key) =>
      fetch(`${credentials.baseUrl}${path}`, {
        method,
        headers: {
          ...(key && { authorization: `Bearer ${key}` }),
          ...(body !== undefined && { 'content-type': 'application/json' }),
        },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      }),
    async stop() {
      child.kill('SIGTERM');
      await new Promise((ended) => child.once('exit', ended));
      await rm(data, { recursive: true, force: true });
    },
  };
}

let serial = 0;

/** A member whose phone has the pass; answers its push token and how to buy. */
async function newPhone({ call, credentials: { channels } }: Running) {
  const token = `bench-${++serial}`;
  const person = { email: `${token}@example.com` };
  const enrolled = await call('POST', '/v1/members', person, channels.store);
  const { memberId, wallet } = (await enrolled.json()) as { memberId: string; wallet: { appleUrl: string } };
  const pass = passJson(Buffer.from(await (await fetch(wallet.appleUrl)).arrayBuffer()));
  const path = `devices/${token}/registrations/${pass['passTypeIdentifier']}/${memberId}`;
  const registered = await fetch(`${new URL(wallet.appleUrl).origin}/apple/v1/${path}`, {
    method: 'POST',
    headers: { authorization: `ApplePass ${pass['authenticationToken']}` },
    body: JSON.stringify({ pushToken: token }),
  });
  if (registered.status !== 201) throw new Error(`The phone was not registered: ${registered.status}.`);
  const buy = async () => {
    const id = `B-${++serial}`;
    const lines = [{ id: '1', sku: 'A', quantity: 1, amountMinor: 1000 }];
    const at = new Date().toISOString();
    const body = { id, occurredAt: at, currency: 'EUR', member: { memberId }, lines, totalMinor: 1000 };
    const { status } = await call('POST', '/v1/purchases', body, channels.store);
    if (status !== 202) throw new Error(`The purchase was answered ${status}.`);
  };
  return { token, buy };
}

async function pushesTo({ call }: Running, token: string): Promise<string[]> {
  const { pushes } = (await (await call('GET', '/local/apns')).json()) as {
    pushes: { pushToken: string; at: string }[];
  };
  return pushes.filter((one) => one.pushToken === token).map(({ at }) => at);
}

/** Milliseconds from the sale to the push. */
async function once(system: Running): Promise<number> {
  const { token, buy } = await newPhone(system);
  await system.call('GET', '/local/idle');
  const before = (await pushesTo(system, token)).length;
  const start = Date.now();
  await buy();
  for (;;) {
    await sleep(50);
    const at = (await pushesTo(system, token))[before];
    if (at !== undefined) return Date.parse(at) - start;
    if (Date.now() - start > 60_000) throw new Error(`${system.name}: no push in a minute.`);
  }
}

async function burst(system: Running): Promise<number> {
  const { token, buy } = await newPhone(system);
  await system.call('GET', '/local/idle');
  const before = (await pushesTo(system, token)).length;
  await Promise.all(Array.from({ length: 10 }, buy));
  await sleep(restMs);
  await system.call('GET', '/local/idle');
  return (await pushesTo(system, token)).length - before;
}

const systems = [await start('here', join(import.meta.dirname, '../..'))];
if (values.against !== undefined) systems.push(await start('there', values.against));
try {
  const taken = new Map(systems.map(({ name }) => [name, [] as number[]]));
  for (let time = 0; time < count; time++)
    for (const system of systems) taken.get(system.name)?.push(await once(system));
  for (const system of systems) {
    const sorted = (taken.get(system.name) ?? []).sort((a, b) => a - b);
    const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.ceil(share * sorted.length) - 1)];
    const pushes = [await burst(system), await burst(system), await burst(system)];
    console.log(
      `${system.name.padEnd(6)} ${sorted.length} sales, ms to the push: median ${at(0.5)}, p99 ${at(0.99)}, most ${at(1)}; bursts of ten: ${pushes.join(', ')} pushes`,
    );
  }
} finally {
  await Promise.all(systems.map((system) => system.stop()));
}
