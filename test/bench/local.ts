/**
 * `npm run bench:local [-- --against PATH] [--documents N] [--days 60] [--seconds 20] [--rest 60]`: what the local run
 * takes and does. Another checkout's takes turns with this one's, stage by stage, so that whatever else the machine
 * does meets both:
 *
 * - memory at rest: once ready and after a purchase, `--rest` seconds later;
 * - the import of December 2010 with `--enrol --clock`, in documents a second;
 * - the clock over `--days` days, with the members of that import;
 * - purchases a second from 32 callers, until all they cause is done.
 *
 * `--soak MINUTES` does something else: some 50 mixed requests a second with 2,000 members, with the most memory and
 * open files seen meanwhile.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { decemberFile } from '../support/december.ts';

const { values } = parseArgs({
  options: {
    against: { type: 'string' },
    documents: { type: 'string', default: '1881' },
    days: { type: 'string', default: '60' },
    seconds: { type: 'string', default: '20' },
    rest: { type: 'string', default: '60' },
    soak: { type: 'string' },
  },
});
const callers = 32;
const here = join(import.meta.dirname, '../..');
const folder = mkdtempSync(join(tmpdir(), 'philia-bench-local-'));

/** Figures by name, of one checkout. */
type Figures = Record<string, number>;

interface Run {
  readonly name: string;
  readonly checkout: string;
  readonly data: string;
  readonly child: ChildProcess;
  readonly url: string;
  readonly keys: { readonly ops: string; readonly channels: Readonly<Record<string, string>> };
  readonly figures: Figures;
}

async function start(name: string, checkout: string): Promise<Run> {
  const data = join(folder, name);
  const flags = ['--port', '0', '--data', data, '--clock', '2010-12-01T00:00:00Z'];
  const child = spawn(join(checkout, 'node_modules/.bin/node'), ['local/main.ts', ...flags], {
    cwd: checkout,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const begun = performance.now();
  await new Promise<void>((ready, failed) => {
    child.stdout?.on('data', (chunk) => String(chunk).includes('Philia is ready at ') && ready());
    child.once('exit', (code) => failed(new Error(`${name} ended with ${code}.`)));
  });
  const { baseUrl, ...keys } = JSON.parse(readFileSync(join(data, 'credentials.json'), 'utf8'));
  return { name, checkout, data, child, url: baseUrl, keys, figures: { 'start, s': secondsSince(begun) } };
}

function secondsSince(begun: number): number {
  return (performance.now() - begun) / 1000;
}

async function call(run: Run, method: string, path: string, body?: unknown, role = 'ops') {
  const key = role === 'ops' ? run.keys.ops : run.keys.channels[role];
  const response = await fetch(`${run.url}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${key}`,
      'idempotency-key': crypto.randomUUID(),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return { status: response.status, text: await response.text() };
}

async function succeed(run: Run, ...asked: [method: string, path: string, body?: unknown, role?: string]) {
  const { status, text } = await call(run, ...asked);
  if (status >= 400) throw new Error(`${run.name}: ${asked[0]} ${asked[1]} answers ${status} ${text}`);
  return JSON.parse(text);
}

async function rest(run: Run): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if ((await call(run, 'GET', '/local/idle?timeout=15')).status === 200) return;
  }
  throw new Error(`${run.name} does not come to rest.`);
}

/** Megabytes that are resident, and files that are open. */
function taken({ child }: Run): { memory: number; files: number } {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  const memory = Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024;
  return { memory, files: readdirSync(`/proc/${child.pid}/fd`).length };
}

/** Seconds of processor that the process has had. */
function processorSeconds({ child }: Run): number {
  const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
  return (Number(fields[11]) + Number(fields[12])) / 100;
}

function purchase(run: Run, id: string, member: object, occurredAt: string) {
  const lines = [
    { id: '1', sku: '85123A', quantity: 6, amountMinor: 1530, category: 'merchandise' },
    { id: '2', sku: '71053', quantity: 6, amountMinor: 2034, category: 'merchandise' },
    { id: '3', sku: '84406B', quantity: 8, amountMinor: 2200, category: 'merchandise' },
  ];
  const body = { id, occurredAt, currency: 'GBP', member, totalMinor: 5764, store: 'one', lines };
  return succeed(run, 'POST', '/v1/purchases', body, 'store');
}

async function systemTime(run: Run): Promise<string> {
  return (await succeed(run, 'GET', '/local/clock')).now;
}

async function measureRest(run: Run): Promise<void> {
  const email = 'first@example.com';
  await succeed(run, 'POST', '/v1/members', { name: 'First', email });
  await purchase(run, 'first', { email }, await systemTime(run));
  await rest(run);
  await sleep(Number(values.rest) * 1000);
  const { memory, files } = taken(run);
  Object.assign(run.figures, { 'memory at rest, MB': memory, 'open files at rest': files });
}

async function measureImport(run: Run): Promise<void> {
  const lines = readFileSync(decemberFile, 'utf8').trim().split('\n').slice(0, Number(values.documents));
  const file = join(folder, 'documents.ndjson');
  writeFileSync(file, `${lines.join('\n')}\n`);
  const [begun, worked] = [performance.now(), processorSeconds(run)];
  const flags = ['--channel', 'store', '--enrol', '--clock', '--data', run.data];
  const importer = ['cli/philia.js', 'purchases', 'import', file, ...flags];
  const child = spawn(join(run.checkout, 'node_modules/.bin/node'), importer, {
    cwd: run.checkout,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const code = await new Promise((done) => child.once('exit', done));
  if (code !== 0) throw new Error(`${run.name}: the import ended with ${code}.`);
  run.figures['import, documents/s'] = lines.length / secondsSince(begun);
  run.figures['import, processor ms/document'] = ((processorSeconds(run) - worked) * 1000) / lines.length;
}

async function measureClock(run: Run): Promise<void> {
  const now = await systemTime(run);
  const days = Number(values.days);
  const to = new Date(Date.parse(now) + days * 86_400_000).toISOString();
  const begun = performance.now();
  await succeed(run, 'PUT', '/local/clock', { now: to });
  await rest(run);
  run.figures['clock, days/s'] = days / secondsSince(begun);
}

async function measureThroughput(run: Run): Promise<void> {
  const emails = Array.from({ length: 200 }, (_, index) => `t${index}@example.com`);
  for (const email of emails) await succeed(run, 'POST', '/v1/members', { name: 'T', email });
  await rest(run);
  const occurredAt = await systemTime(run);
  const begun = performance.now();
  const worked = processorSeconds(run);
  let posted = 0;
  const isOver = () => secondsSince(begun) > Number(values.seconds);
  const caller = async () => {
    for (; !isOver(); ) {
      const number = posted++;
      await purchase(run, `t${number}`, { email: emails[number % emails.length] }, occurredAt);
    }
  };
  await Promise.all(Array.from({ length: callers }, caller));
  run.figures['purchases accepted/s'] = posted / secondsSince(begun);
  await rest(run);
  run.figures['purchases done/s'] = posted / secondsSince(begun);
  run.figures['processor ms/purchase'] = ((processorSeconds(run) - worked) * 1000) / posted;
  const { memory, files } = taken(run);
  Object.assign(run.figures, { 'memory at work, MB': memory, 'open files at work': files });
}

/** Requests as a shop's day has them: mostly purchases and looks at members, some returns, some cards. */
async function measureSoak(run: Run, minutes: number): Promise<void> {
  const members: { id: string; email: string; card: string }[] = [];
  for (let index = 0; index < 2000; index++) {
    const email = `s${index}@example.com`;
    const member = await succeed(run, 'POST', '/v1/members', { name: 'S', email });
    members.push({ id: member.memberId, email, card: new URL(member.cardUrl).pathname });
  }
  await rest(run);
  const occurredAt = await systemTime(run);
  const most = { memory: 0, files: 0 };
  const times: number[] = [];
  const refused = new Map<number, number>();
  let sent = 0;
  const one = async (number: number) => {
    const member = members[(number * 7919) % members.length];
    if (!member) throw new Error('There are no members.');
    const asked = [
      [
        'POST',
        '/v1/purchases',
        {
          id: `s${number}`,
          occurredAt,
          currency: 'GBP',
          member: { email: member.email },
          totalMinor: 1000,
          lines: [{ id: '1', sku: 'a', quantity: 1, amountMinor: 1000 }],
        },
        'store',
      ],
      ['GET', `/v1/members/${member.id}`, undefined, 'store'],
      ['GET', `/v1/members?email=${member.email}`, undefined, 'store'],
      ['GET', `/v1/members/${member.id}/entries`, undefined, 'ops'],
      [
        'POST',
        '/v1/purchases',
        {
          id: `u${number}`,
          occurredAt,
          currency: 'GBP',
          member: { email: member.email },
          totalMinor: 500,
          lines: [{ id: '1', sku: 'a', quantity: 1, amountMinor: 500 }],
        },
        'web',
      ],
      [
        'POST',
        '/v1/refunds',
        { id: `r${number}`, purchaseId: `s${number - 5}`, occurredAt, currency: 'GBP', amountMinor: 100 },
        'store',
      ],
      ['GET', member.card, undefined, 'store'],
    ] as const;
    const [method, path, body, role] = asked[number % asked.length] ?? asked[0];
    const begun = performance.now();
    const { status } = await call(run, method, path, body, role);
    times.push(performance.now() - begun);
    if (status >= 400) refused.set(status, (refused.get(status) ?? 0) + 1);
  };
  const begun = performance.now();
  const flying = new Set<Promise<void>>();
  while (secondsSince(begun) < minutes * 60) {
    const flight = one(sent++).finally(() => flying.delete(flight));
    flying.add(flight);
    if (sent % 50 === 0) {
      const now = taken(run);
      most.memory = Math.max(most.memory, now.memory);
      most.files = Math.max(most.files, now.files);
    }
    const due = begun + (sent * 1000) / 50;
    await sleep(Math.max(0, due - performance.now()));
  }
  await Promise.all(flying);
  times.sort((one, other) => one - other);
  await rest(run);
  await sleep(Number(values.rest) * 1000);
  const after = taken(run);
  Object.assign(run.figures, {
    'requests/s': sent / (minutes * 60),
    'answered 4xx or 5xx': [...refused.values()].reduce((sum, count) => sum + count, 0),
    'median, ms': times[Math.floor(times.length / 2)] ?? 0,
    'p99, ms': times[Math.floor(times.length * 0.99)] ?? 0,
    'most memory, MB': most.memory,
    'most open files': most.files,
    'memory after rest, MB': after.memory,
    'open files after rest': after.files,
  });
  if (refused.size > 0) console.log(`${run.name}: refused by status`, Object.fromEntries(refused));
}

function print(runs: readonly Run[]): void {
  const [ours, other] = runs;
  if (!ours) return;
  const rows = Object.entries(ours.figures).map(([name, figure]) => {
    const before = other?.figures[name];
    return {
      name,
      ours: figure.toFixed(1),
      ...(before === undefined ? {} : { theirs: before.toFixed(1), ratio: (figure / before).toFixed(2) }),
    };
  });
  console.table(rows);
}

if (!existsSync(decemberFile)) {
  console.error(`The purchases of December 2010 are missing: ${decemberFile}`);
  process.exit(1);
}
const runs: Run[] = [];
try {
  runs.push(await start('ours', here));
  if (values.against !== undefined) runs.push(await start('theirs', resolve(values.against)));
  const stages =
    values.soak === undefined
      ? [measureRest, measureImport, measureClock, measureThroughput]
      : [(run: Run) => measureSoak(run, Number(values.soak))];
  for (const stage of stages) for (const run of runs) await stage(run);
} finally {
  print(runs);
  for (const { child } of runs) child.kill('SIGKILL');
  await sleep(500);
  rmSync(folder, { recursive: true, force: true });
}
