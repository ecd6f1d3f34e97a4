/**
 * What the doors and the channels' queues can take, from the code's own constants and costs that are measured here. A
 * cost is processor time of the bundle as it is deployed, on this machine;
 * what the services take to answer is of their documentation and dashboards, and stands below by name.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { channelKinds } from '../../core/contract/ids.ts';
import { credentialFreshMs } from '../../functions/kit/callers.ts';
import { reportReserveMs } from '../../functions/kit/queue.ts';
import { answerReserveMs } from '../../functions/kit/serve.ts';
import { accountDefault, concurrencyOf } from '../../infra/concurrency.ts';
import { consumerTimeout, httpTimeout } from '../../infra/queues.ts';
import { recordsAtOnce } from '../../infra/triggers.ts';
import { enrol } from '../../ledger/ledger.ts';
import { buildFunctions } from '../../tools/build.ts';
import { delayAfter } from '../../web/card/state.ts';
import { startOutside } from '../support/outside.ts';
import { defaultProgram, noon } from '../support/world.ts';
import type { Ceiling } from './ceiling.ts';

/** Of a purchase's two requests one after the other, a strong read and a transaction, in the region (p50). */
const tableMs = 25;
/** A vCPU is given for so many MB; infra/functions.ts gives the purchases' function this many. */
const vcpuMb = 1_769;
const purchasesMb = 1_024;
/** Strong reads of 4 KB that one partition gives in a second. */
const partitionReads = 3_000;
/** Members whose purchases are measured: more than one batch holds, so that none of a batch waits for another. */
const membersMet = 100;
/** Requests per second over all callers (infra/api.ts). */
const apiRate = 1_000;

/**
 * Processor time of one purchase in the purchases' bundle, in milliseconds on this machine: parsed, checked, decided,
 * sent and answered, ten at a time, without the table's.
 */
export async function purchaseCpuMs(batches = 60): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'philia-scale-'));
  const outside = await startOutside();
  try {
    await buildFunctions(folder);
    const members = [];
    for (let number = 0; number < membersMet; number++)
      members.push(await enrol(outside.ledger, defaultProgram(), { email: `m${number}@example.com` }, noon));
    const memberIds = members.map((one) => one.type === 'enrolled' && one.member.account.memberId);
    const program = `
      const { handler } = await import(${JSON.stringify(join(folder, 'purchases', 'index.mjs'))});
      const memberIds = ${JSON.stringify(memberIds)};
      const context = { awsRequestId: 'r', getRemainingTimeInMillis: () => 60_000 };
      const time = new Date().toISOString().replace(/\\.\\d+/, '');
      const record = (number) => {
        const lines = [1, 2, 3].map((id) => ({ id: String(id), sku: 'SKU-' + id, name: 'A thing to buy', category: 'coffee', quantity: 1, amountMinor: 1000 }));
        const data = { channel: 'store', id: 'store:C' + number, occurredAt: time, currency: 'EUR', member: { memberId: memberIds[number % memberIds.length] }, lines, totalMinor: 3000, store: 'paris-01' };
        const detail = { version: 1, idempotencyKey: data.id, data };
        const body = JSON.stringify({ id: 'e', source: 'philia.channel.store', 'detail-type': 'PurchaseRecorded', time, detail });
        return { messageId: String(number), body, attributes: { ApproximateReceiveCount: '1' } };
      };
      let number = 0;
      const batch = () => ({ Records: Array.from({ length: ${recordsAtOnce} }, () => record(number++)) });
      for (let warm = 0; warm < 20; warm++) await handler(batch(), context);
      const before = process.cpuUsage();
      let failed = 0;
      for (let at = 0; at < ${batches}; at++) failed += (await handler(batch(), context)).batchItemFailures.length;
      const { user, system } = process.cpuUsage(before);
      console.log(JSON.stringify({ milliseconds: (user + system) / 1000, failed }));
      process.exit(0);
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      env: { ...outside.environment, POWERTOOLS_SERVICE_NAME: 'purchases' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const { milliseconds, failed } = JSON.parse(await text(child.stdout)) as {
      milliseconds: number;
      failed: number;
    };
    if (failed > 0) throw new Error(`${failed} purchases failed.`);
    return milliseconds / (batches * recordsAtOnce);
  } finally {
    await outside.stop();
    rmSync(folder, { recursive: true });
  }
}

/** Requests that a page which shows nothing new makes in so many seconds. */
function asked(seconds: number): number {
  let requests = 0;
  for (let at = 0; at < seconds * 1000; at += delayAfter(0, requests++));
  return requests;
}

/** The rows of the doors. `cpuMs` is what purchaseCpuMs measured. */
export function doorCeilings(cpuMs: number): Ceiling[] {
  const concurrency = concurrencyOf(accountDefault);
  const batchMs = Math.max(tableMs, (recordsAtOnce * cpuMs * vcpuMb) / purchasesMb);
  const ofChannel = (concurrency.ofQueue('purchases') * recordsAtOnce * 1000) / batchMs;
  const flooded = concurrency.ofQueue('purchases') * channelKinds.length;
  const openPages = 2_000;
  return [
    {
      path: "one channel's purchases",
      value: ofChannel,
      wanted: 2_000,
      better: 'more',
      unit: 'purchases/s',
      bound: `${concurrency.ofQueue('purchases')} copies of ${recordsAtOnce} at once, a batch in ${batchMs.toFixed(0)} ms`,
    },
    {
      path: 'copies left when every channel is flooded',
      value: accountDefault - flooded,
      wanted: accountDefault / 2,
      better: 'more',
      unit: 'copies',
      bound: `an account's ${accountDefault} concurrent executions`,
    },
    {
      path: "reads of one caller's key, all copies its",
      value: (accountDefault * 1000) / credentialFreshMs,
      wanted: partitionReads,
      better: 'less',
      unit: 'reads/s',
      bound: `kept ${credentialFreshMs} ms by each instance`,
    },
    {
      path: 'a revoked key is good for',
      value: credentialFreshMs,
      wanted: 5_000,
      better: 'less',
      unit: 'ms',
      bound: 'as long as an instance keeps it',
    },
    {
      path: `${openPages} card pages in their first minute`,
      value: (openPages * asked(60)) / 60,
      wanted: apiRate,
      better: 'less',
      unit: 'requests/s',
      bound: 'how far apart a visible page asks; windows of one visitor ask once, hidden ones not at all',
    },
    {
      path: `${openPages} card pages, quiet`,
      value: (openPages * 1000) / delayAfter(0, Number.MAX_SAFE_INTEGER),
      wanted: apiRate / 4,
      better: 'less',
      unit: 'requests/s',
      bound: 'the longest pause of a page that shows nothing new',
    },
    {
      path: 'a silent service is told of after',
      value: httpTimeout.toMilliseconds() - answerReserveMs,
      wanted: httpTimeout.toMilliseconds() - 1_000,
      better: 'less',
      unit: 'ms',
      bound: "a request's time less what the answer takes",
    },
    {
      path: 'a record that nobody waits behind may take',
      value: consumerTimeout.toMilliseconds() - reportReserveMs,
      wanted: consumerTimeout.toMilliseconds() / 2,
      better: 'more',
      unit: 'ms',
      bound: 'its own share of a batch',
    },
  ];
}
