/** Connections are an instance's: the bundles as they are deployed, each given many events, open only a few. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionName } from '../../core/contract/functions.ts';
import { functionNames } from '../../infra/names.ts';
import { keys, toItem } from '../../ledger/store/items.ts';
import { buildFunctions } from '../../tools/build.ts';
import { httpEvent, type Outside, sqsEvent, startOutside } from '../support/outside.ts';

const folder = mkdtempSync(join(tmpdir(), 'philia-connections-'));
let outside: Outside;
beforeAll(async () => {
  [outside] = await Promise.all([startOutside(), buildFunctions(folder)]);
});
afterAll(async () => {
  await outside.stop();
  rmSync(folder, { recursive: true });
});

const invocations = 25;
/**
 * Clients that one function may have, and requests that it may send side by side: eight shards of a list, the caller's
 * key, and the secrets that an instance begins with.
 */
const connectionsMax = 12;

const program = `
  const { default: events, file, invocations } = JSON.parse(process.argv[1]);
  const { handler } = await import(file);
  const context = { awsRequestId: 'r', getRemainingTimeInMillis: () => 60_000 };
  for (let at = 0; at < invocations; at++) await handler(events[at % events.length], context).catch(() => {});
  process.exit(0);
`;

/** The bundle in a process of its own, as in an instance, given the events one after the other. */
async function invoke(name: FunctionName, events: readonly object[]): Promise<void> {
  const settings = { default: events, file: join(folder, name, 'index.mjs'), invocations };
  const child = spawn(process.execPath, ['--input-type=module', '-e', program, JSON.stringify(settings)], {
    env: { ...outside.environment, POWERTOOLS_SERVICE_NAME: name, POWERTOOLS_METRICS_NAMESPACE: 'Philia' },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
  if (code !== 0) throw new Error(said);
}

const busEvent = (name: string, source: string, detail: object) => ({
  id: 'e',
  'detail-type': name,
  source,
  time: new Date().toISOString().replace(/\.\d+/, ''),
  detail,
});

function ledgerEvent(name = 'PointsPosted', more: object = {}): object {
  const balance = { available: 0, pending: 0, held: 0, debt: 0 };
  return busEvent(name, 'philia.ledger', {
    version: 99,
    memberId: outside.memberId,
    entryId: 'ent_01JD3F8Q2V9T4C7XKZ5M6N8P0R',
    entryType: 'purchase',
    cause: { type: 'purchase', id: 'store:1' },
    occurredAt: new Date().toISOString(),
    recordedAt: new Date().toISOString(),
    programVersion: 1,
    points: 1,
    balance: { before: balance, after: balance },
    ...more,
  });
}

function purchase(id: string): object {
  const lines = [{ id: '1', sku: 'A', quantity: 1, amountMinor: 100 }];
  return { id, occurredAt: new Date().toISOString(), currency: 'EUR', lines, totalMinor: 100 };
}

/** What each function is given: something for which it calls what it may. */
const eventsOf: Record<FunctionName, () => object[]> = {
  intake: () => [httpEvent('POST /v1/purchases', { key: outside.keys.store, body: purchase('C1') })],
  members: () => [
    httpEvent('GET /v1/members', { key: outside.keys.store, query: { email: 'ann@example.com' } }),
  ],
  redemptions: () => [
    httpEvent('GET /v1/vouchers/{code}', { key: outside.keys.store, params: { code: '8QK2M7TX04PCR' } }),
  ],
  operators: () => [httpEvent('GET /v1/exceptions', { key: outside.keys.ops })],
  channels: () => [httpEvent('GET /v1/channels', { key: outside.keys.ops })],
  deliveries: () => [
    httpEvent('POST /v1/channels/{channelId}/deliveries', { params: { channelId: 'web' }, body: {} }),
  ],
  join: () => [httpEvent('POST /v1/join', { body: { email: 'ann@example.com' } })],
  cards: () => [httpEvent('GET /v1/cards/{cardToken}', { params: { cardToken: 'x'.repeat(32) } })],
  apple: () => [httpEvent('POST /apple/v1/log', { body: { logs: ['a'] } })],
  google: () => [httpEvent('POST /google/callback', { body: { signedMessage: '{}' } })],
  samsung: () => [httpEvent('GET /samsung/cards/{cardId}/{refId}')],
  purchases: () => [
    sqsEvent(
      busEvent('PurchaseRecorded', 'philia.channel.store', {
        version: 1,
        idempotencyKey: 'k',
        data: { ...purchase('store:C2'), channel: 'store' },
      }),
    ),
  ],
  orders: () => [
    sqsEvent(busEvent('OrderChanged', 'philia.deliveries', { version: 1, channel: 'web', orderId: '7' })),
  ],
  referrals: () => [sqsEvent(ledgerEvent())],
  walks: () => [sqsEvent({ walk: 'due', position: { day: '2026-11-22', pk: 'DUE#2026-11-22#0' } })],
  'apple-push': () => [sqsEvent(ledgerEvent())],
  'google-update': () => [sqsEvent(ledgerEvent())],
  'samsung-update': () => [sqsEvent(ledgerEvent())],
  messages: () => [
    sqsEvent(
      busEvent('CardLinkRequested', 'philia.members', {
        version: 1,
        memberId: outside.memberId,
        requestedAt: new Date().toISOString(),
      }),
    ),
  ],
  holds: () => [
    sqsEvent(
      ledgerEvent('RedemptionAuthorized', {
        redemption: {
          redemptionId: 'red_01JD3F8Q2V9T4C7XKZ5M6N8P0R',
          expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
        },
      }),
    ),
  ],
  quarantine: () => [sqsEvent('a'), sqsEvent('b')],
  outbox: () => {
    const entry = toItem(keys.entry(outside.memberId, 7), 'entry', { type: 'enrolled' } as never);
    const dynamodb = { Keys: marshall({ pk: entry.pk, sk: entry.sk }), NewImage: marshall(entry) };
    return [{ Records: [{ eventName: 'INSERT', dynamodb }] }];
  },
  night: () => [{}],
  certificates: () => [{}],
  setup: () => [{}],
};

describe('connections', () => {
  it.each(functionNames)('of %s are made once, however many events it is given', async (name) => {
    const made = () => outside.table.connections() + outside.services.connections();
    const before = made();
    await invoke(name, eventsOf[name]());
    expect(made() - before).toBeGreaterThan(0);
    expect(made() - before).toBeLessThanOrEqual(connectionsMax);
  });
});
