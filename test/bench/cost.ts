/**
 * `npm run bench:cost`: what Philia costs to run on AWS, in US dollars: a million purchases, a hundred thousand members
 * for a month, and a month in which nothing happens. Units are counted from its own requests (units-of.ts) and stacks;
 * prices are AWS's list of us-east-1 as known on the day below (they were not fetched), without any free tier. How long
 * a function runs on AWS has not been measured: what is assumed is printed with the rest.
 */
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Units } from './units-of.ts';

const million = 1_000_000;
const day = '2026-12-01';

/** Dollars; https://aws.amazon.com/<service>/pricing, us-east-1. */
const price = {
  writeUnit: 0.625 / million,
  readUnit: 0.125 / million,
  storedGb: 0.25,
  recoveryGb: 0.2,
  apiRequest: 1 / million,
  edgeRequest: 1 / million,
  busEvent: 1 / million,
  queueRequest: 0.4 / million,
  invocation: 0.2 / million,
  gbSecond: 0.0000133334,
  alarm: 0.1,
  secret: 0.4,
  key: 1,
} as const;

/** A warm run of a function, in seconds of 0.5 GB: the local run takes 5 to 20 ms; AWS's services are farther away. */
const assumedSeconds = 0.06;
const memoryGb = 0.5;
/** Of the ten messages that a queue gives at a time; a quiet shop's come one by one. */
const messagesAtOnce = 1;

const script = join(import.meta.dirname, 'units-of.ts');
const here = join(import.meta.dirname, '../..');
const { stdout } = await promisify(execFile)(process.execPath, [script, here], { maxBuffer: 2 ** 26 });
const units = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as Units;

const run = (times: number) => times * (price.invocation + assumedSeconds * memoryGb * price.gbSecond);
/** A message is sent, received and deleted. */
const queued = (messages: number) => messages * (1 + 2 / messagesAtOnce) * price.queueRequest;

type Costs = readonly (readonly [string, number])[];

const { ledger } = units.withStamps;
const purchase: Costs = [
  ['edge and API, a request', price.edgeRequest + price.apiRequest],
  ['bus, the purchase and its entry', 2 * price.busEvent],
  ['queue, a message', queued(1)],
  [
    `table, ${ledger.written} write units and ${ledger.read} read unit`,
    ledger.written * price.writeUnit + ledger.read * price.readUnit,
  ],
  [`functions: intake, purchases and outbox, ${assumedSeconds * 1000} ms each (assumed)`, run(3)],
];

const { behind, messages } = units.withApple;
const told = Object.values(messages).reduce((sum, count) => sum + count, 0);
const card: Costs = [
  ['queue and function', queued(told) + run(told)],
  [
    `table, ${behind.written} write units and ${behind.read} read units`,
    behind.written * price.writeUnit + behind.read * price.readUnit,
  ],
  ['the phone fetches the pass', price.edgeRequest + price.apiRequest + run(2)],
];

const people = 100_000;
const purchasesOfEach = 24;
const gb = (people * (units.stored.member + purchasesOfEach * units.stored.purchase)) / 1024 ** 3;
const members: Costs = [
  [
    `table, ${gb.toFixed(1)} GB (${purchasesOfEach} purchases each), with recovery`,
    gb * (price.storedGb + price.recoveryGb),
  ],
];

const alarms = 81;
const month: Costs = [
  [`${alarms} alarms`, alarms * price.alarm],
  ['5 secrets and a key', 5 * price.secret + price.key],
  ['the web firewall with four rules', 5 + 4],
];

function print(title: string, costs: Costs, times: number): void {
  const total = costs.reduce((sum, [, dollars]) => sum + dollars * times, 0);
  console.log(`\n${title.padEnd(72)}${total.toFixed(2).padStart(9)}`);
  for (const [what, dollars] of costs)
    console.log(`  ${what.padEnd(70)}${(dollars * times).toFixed(2).padStart(9)}`);
}

console.log(`US dollars by AWS's list prices of us-east-1 as known on ${day}, no free tier`);
print('a million purchases that fill a stamp card', purchase, million);
print('a million of them, of members with the card on an iPhone, besides', card, million);
print('a hundred thousand members, a month', members, 1);
print('a month in which nothing happens', month, 1);
