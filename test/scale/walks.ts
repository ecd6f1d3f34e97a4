/**
 * Ceilings of whatever goes through many, from the code's own constants and from what its requests were measured to
 * cost on the local endpoint, which counts by AWS's rule. Times of calls are taken as AWS's, not as this machine's.
 */
import { randomUUID } from 'node:crypto';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { type MemberId, makeId } from '../../core/contract/ids.ts';
import { nextDue } from '../../core/points.ts';
import { walkCopies } from '../../infra/concurrency.ts';
import { consumerTimeout } from '../../infra/queues.ts';
import { createMemoryErasureList } from '../../ledger/erasure/list.ts';
import {
  createDynamoDbStore,
  eraseMember,
  type LedgerContext,
  listExceptions,
  nightDays,
  recordPurchase,
  takeStep,
  verifyLedger,
} from '../../ledger/ledger.ts';
import { dueShards } from '../../ledger/store/items.ts';
import { membersAtOnce, readWindows, recordsAtOnce } from '../../ledger/walks/backtest.ts';
import { dueWalk } from '../../ledger/walks/due.ts';
import { besides, stepSize } from '../../ledger/walks/walk.ts';
import { startSqliteDynamoDb } from '../support/dynamodb.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { runNight } from '../support/night.ts';
import { aPurchase, defaultProgram, noon, testContext } from '../support/world.ts';

/** A call's usual time in AWS, from Lambda to DynamoDB in one region, and a function's share of work for a member. */
export const assumed = {
  readMs: 5,
  transactMs: 15,
  /** Folding, hashing and sealing on a third of a core: five times what this machine takes. */
  workMsPerEntry: 0.5,
  sendMs: 10,
  /** Copies of a function that verify or play side by side. */
  copies: 64,
  members: 10_000_000,
  entries: 50,
  /** Write units a second that one partition takes. */
  partitionWrites: 1_000,
  /** Write units a second that a table takes by AWS's default quota; half of them are the tills'. */
  tableWrites: 40_000,
} as const;

export interface Ceiling {
  readonly row: string;
  readonly found: string;
  readonly wanted: string;
  readonly isReached: boolean;
}

interface Units {
  readonly requests: number;
  readonly written: number;
  readonly read: number;
}

/** A ledger on the local endpoint whose requests are counted. */
async function measured() {
  const endpoint = await startSqliteDynamoDb();
  const credentials = { accessKeyId: 'scale', secretAccessKey: 'scale' };
  const client = new DynamoDBClient({ endpoint: endpoint.endpoint, region: 'eu-west-1', credentials });
  let units: Units = { requests: 0, written: 0, read: 0 };
  client.middlewareStack.add(
    (next, context) => async (args) => {
      const input = { ...(args.input as object), ReturnConsumedCapacity: 'TOTAL' };
      const answer = await next({ ...args, input: input as typeof args.input });
      const { ConsumedCapacity: consumed } = answer.output as { ConsumedCapacity?: Consumed | Consumed[] };
      const sum = [consumed ?? []].flat().reduce((total, one) => total + (one.CapacityUnits ?? 0), 0);
      const isWrite = String(context.commandName) === 'TransactWriteItemsCommand';
      units = {
        requests: units.requests + 1,
        written: units.written + (isWrite ? sum : 0),
        read: units.read + (isWrite ? 0 : sum),
      };
      return answer;
    },
    { step: 'initialize' },
  );
  await client.send(
    new CreateTableCommand({
      TableName: 'scale',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
    }),
  );
  const store = createDynamoDbStore({
    client,
    table: 'scale',
    random: () => 0.5,
    sleep: async () => {},
    newToken: randomUUID,
  });
  const context = testContext(store);
  return {
    context,
    /** What some work costs. */
    async cost(work: () => Promise<unknown>): Promise<Units> {
      const before = units;
      await work();
      const { requests, written, read } = units;
      return {
        requests: requests - before.requests,
        written: written - before.written,
        read: read - before.read,
      };
    },
    async stop() {
      client.destroy();
      await endpoint.stop();
    },
  };
}

interface Consumed {
  readonly CapacityUnits?: number;
}

const program = defaultProgram();
const always = () => true;

async function membersOf(context: LedgerContext, members: number, entries: number): Promise<MemberId[]> {
  const ids: MemberId[] = [];
  for (let made = 0; made < members; made++) {
    const memberId = await newMember(context, program);
    ids.push(memberId);
    // Two entries there are already: joining, and its bonus.
    for (let bought = 2; bought < entries; bought++)
      await recordPurchase(context, program, aPurchase([1_000], { member: { memberId } }), noon);
  }
  return ids;
}

/** What each of the walks costs, for one member. */
export async function measureWalks() {
  const { context, cost, stop } = await measured();
  try {
    await putInForce(context, program);
    const members = 10;
    const ids = await membersOf(context, members, assumed.entries);
    const verify = await cost(() => verifyLedger(context, { hasTime: always, differencesMax: 10 }));
    const window = { from: noon - 1, to: noon + 1 };
    const backtest = await cost(() =>
      readWindows(context, program, { window, hasTime: always, onMember: () => undefined }),
    );
    const due = await measureDue(context, cost, ids);
    const exceptions = await measureExceptions(context, cost);
    const each = ({ requests, written, read }: Units): Units => ({
      requests: requests / members,
      written: written / members,
      read: read / members,
    });
    return { verify: each(verify), backtest: each(backtest), due: each(due), ...exceptions };
  } finally {
    await stop();
  }
}

type Cost = Awaited<ReturnType<typeof measured>>['cost'];

/** The steps of the day on which the members' points lapse. */
async function measureDue(context: LedgerContext, cost: Cost, ids: readonly MemberId[]): Promise<Units> {
  const [account] = await context.store.query(`MEMBER#${ids[0]}`, { prefix: 'ACCOUNT', limit: 1 });
  const now = Date.parse(nextDue(account as never) ?? '') + 3_600_000;
  const means = { context, program, now, hasTime: always };
  const night = await nightDays(context, program, now);
  const { messages } = await takeStep({ due: dueWalk }, means, { walk: 'due', night });
  return cost(async () => {
    for (const message of messages) await takeStep({ due: dueWalk }, means, message);
  });
}

/** What is asked of the exceptions of others, among few and among many. */
async function measureExceptions(context: LedgerContext, cost: Cost) {
  const erasure: number[] = [];
  const list: number[] = [];
  await runNight(context, program, noon);
  for (const others of [10, 200]) {
    for (let made = 0; made < others; made++) {
      const member = { email: `guest-${randomUUID()}@example.com` };
      const id = `store:${makeId('member', context.ulid(noon))}` as const;
      await recordPurchase(context, program, aPurchase([100], { id, member }), noon);
    }
    const memberId = await newMember(context, program);
    const request = { memberId, operator: { keyId: 'scale', name: 'scale' }, reason: null };
    const erase = () => eraseMember(context, createMemoryErasureList(), program, request, noon, always);
    erasure.push((await cost(erase)).requests);
    const wanted = { status: 'open', type: 'over_refund', limit: 50 } as const;
    list.push((await cost(() => listExceptions(context, wanted))).requests);
  }
  return { erasure, list };
}

const hours = (seconds: number) => `${(seconds / 3600).toFixed(2)} h`;

/** How long ten million members that fall due on one day take. */
function dueSeconds(due: Units): number {
  const { readMs, transactMs, workMsPerEntry, sendMs, members } = assumed;
  const waitMs = (stepSize / besides) * (readMs + transactMs);
  const stepMs = waitMs + stepSize * 2 * workMsPerEntry + readMs + sendMs;
  const bySteps = ((members / stepSize) * stepMs) / 1000 / Math.min(walkCopies, dueShards);
  // Each shard of a day is one partition: what is taken off the list is two units a member.
  const byPartition = (members * 2) / assumed.partitionWrites / dueShards;
  const byTable = (members * due.written) / (assumed.tableWrites / 2);
  return Math.max(bySteps, byPartition, byTable);
}

/** How long ten million members take whose reads wait so long each. */
function scanSeconds(waitMs: number): number {
  const { members, copies, entries, workMsPerEntry } = assumed;
  return (members / copies) * ((waitMs + entries * workMsPerEntry) / 1000);
}

/** One member's account, page of entries, and records of purchases and refunds, with other members beside. */
function backtestWaitMs({ requests }: Units): number {
  return ((2 + Math.ceil(requests / recordsAtOnce) + 1) * assumed.readMs) / membersAtOnce;
}

/** The rows of the table that walks are about. */
export async function walkCeilings(): Promise<Ceiling[]> {
  const { due, verify, backtest, erasure, list } = await measureWalks();
  const same = ([few, many]: readonly number[]) => few === many;
  const scans = [scanSeconds(verify.requests * assumed.readMs), scanSeconds(backtestWaitMs(backtest))];
  const night = dueSeconds(due);
  const stepMsMax = consumerTimeout.toMilliseconds();
  return [
    {
      row: 'what falls due in one day',
      found: `10 M in ${hours(night)}, ${due.written.toFixed(1)} write and ${due.read.toFixed(1)} read units each; any number finishes, in steps of ${stepSize} with ${stepMsMax / 1000} s each`,
      wanted: '10 M in ≤ 2 h',
      isReached: night <= 7200,
    },
    {
      row: 'birthdays, stale cards',
      found: `walks of ${stepSize} a step, ${besides} side by side`,
      wanted: 'walk',
      isReached: besides > 1,
    },
    {
      row: "erasure, member's export",
      found: `${erasure.join(' requests among few exceptions of others, ')} among many`,
      wanted: "O(the member's own items)",
      isReached: same(erasure),
    },
    {
      row: 'exceptions by type',
      found: `${list.join(' requests among few of other types, ')} among many`,
      wanted: 'an index by type and state',
      isReached: same(list),
    },
    {
      row: 'verify, backtest',
      found: `10 M × ${assumed.entries} at ${assumed.copies} copies in ${scans.map(hours).join(' and ')}, ${verify.read.toFixed(1)} and ${backtest.read.toFixed(1)} read units a member`,
      wanted: '≤ 2 h',
      isReached: scans.every((seconds) => seconds <= 7200),
    },
  ];
}

if (import.meta.main) for (const ceiling of await walkCeilings()) console.log(ceiling);
