/** Imports: a channel's history of any age, posted by operators as if it had been posted then and settled since. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { balanceOf } from '../../core/account.ts';
import type { Deps } from '../../functions/deps.ts';
import { handler as intake } from '../../functions/http/intake.ts';
import { handler } from '../../functions/http/operators.ts';
import {
  createKey,
  enrol,
  getAccount,
  getPurchase,
  listAudit,
  listEntries,
  listExceptions,
  verifyLedger,
} from '../../ledger/ledger.ts';
import { putInForce } from '../support/histories.ts';
import { httpEvent } from '../support/outside.ts';
import { newWorld, type World } from '../support/ports.ts';
import { defaultProgram, noon } from '../support/world.ts';

const current = vi.hoisted(() => ({ deps: undefined as unknown }));
vi.mock('../../functions/deps.ts', () => ({ deps: async () => current.deps as Deps, programFreshMs: 0 }));

const program = defaultProgram();
const dayMs = 86_400_000;
let world: World;
let key: string;
let channelKey: string;
let memberId: string;
beforeEach(async () => {
  world = newWorld();
  current.deps = world.deps;
  await putInForce(world.ledger, program);
  const by = { keyId: 'setup', name: 'setup' };
  key = (await createKey(world.ledger, { name: 'books', role: 'ops' }, by, noon)).text;
  const till = { name: 'till', role: 'channel', channel: 'store' } as const;
  channelKey = (await createKey(world.ledger, till, by, noon)).text;
  const enrolled = await enrol(world.ledger, program, { email: 'ada@example.com' }, noon - 1000);
  if (enrolled.type !== 'enrolled') throw new Error('She exists.');
  memberId = enrolled.member.account.memberId;
});

interface Said {
  readonly statusCode: number;
  readonly body: string;
}

async function post(items: readonly unknown[]) {
  const event = httpEvent('POST /v1/imports', { key, body: { channel: 'store', items } });
  const answer = (await handler(event as never, {} as never)) as Said;
  expect(answer.statusCode).toBe(200);
  return (JSON.parse(answer.body) as { results: { status: string; error?: { code: string } }[] }).results;
}

const sold = (id: string, daysAgo: number, more: object = {}) => ({
  id,
  occurredAt: new Date(noon - daysAgo * dayMs).toISOString(),
  currency: 'EUR',
  member: { email: 'ada@example.com' },
  lines: [{ id: '1', sku: 'A', quantity: 1, amountMinor: 50_000 }],
  totalMinor: 50_000,
  ...more,
});

describe('an import', () => {
  it('takes a purchase of any age, where the door does not', async () => {
    const old = sold('OLD', 6000);
    const event = httpEvent('POST /v1/purchases', { key: channelKey, body: old });
    expect(((await intake(event as never, {} as never)) as Said).statusCode).toBe(400);
    expect((await post([old])).map(({ status }) => status)).toEqual(['posted']);
    expect((await post([old])).map(({ status }) => status)).toEqual(['duplicate']);
    expect((await post([{ ...old, store: 'x' }])).map(({ status }) => status)).toEqual(['conflict']);
    const imports = (await listAudit(world.ledger, { limit: 100 })).filter(
      ({ action }) => action === 'import',
    );
    expect(imports.map(({ name }) => name)).toEqual(['books', 'books', 'books']);
  });

  it('writes what has lapsed as earned and lapsed, counts no tier for it, and tells nobody', async () => {
    const before = await getAccount(world.ledger, memberId as never);
    await post([sold('A', 2000), sold('B', 1500)]);
    const after = await getAccount(world.ledger, memberId as never);
    if (!before || !after) throw new Error('She is there.');
    expect(balanceOf(after)).toEqual(balanceOf(before));
    expect(after.lifetime.earned - before.lifetime.earned).toBe(
      after.lifetime.expired - before.lifetime.expired,
    );
    expect(after.lifetime.earned).toBeGreaterThan(before.lifetime.earned);
    expect(after.tier.id).toBe(before.tier.id);
    const types = (await listEntries(world.ledger, memberId as never, { limit: 100 })).map(
      ({ type }) => type,
    );
    expect(types.filter((type) => type === 'earned' || type === 'expired')).toHaveLength(4);
    expect(types).not.toContain('expiry_noticed');
    expect(after.lots.every(({ expiresAt }) => expiresAt === null || Date.parse(expiresAt) > noon)).toBe(
      true,
    );
    expect(
      (await verifyLedger(world.ledger, { hasTime: () => true, differencesMax: 9 })).differences,
    ).toEqual([]);
  });

  it('has nothing pending of what is long past, and counts what is within the window', async () => {
    const pending = (await getAccount(world.ledger, memberId as never)) ?? undefined;
    await post([sold('A', 100)]);
    const after = await getAccount(world.ledger, memberId as never);
    expect(after && balanceOf(after).pending).toBe(pending && balanceOf(pending).pending);
    expect(after?.tier.id).not.toBe(pending?.tier.id);
  });

  it('posts purchases and refunds in their order, each by itself', async () => {
    const refund = { id: 'R', occurredAt: new Date(noon - 900 * dayMs).toISOString(), currency: 'EUR' };
    const results = await post([
      sold('A', 1000),
      { type: 'refund', ...refund, purchaseId: 'A', amountMinor: 50_000 },
      sold('B', 1000, { totalMinor: 1 }),
      sold('C', 1000, { store: '\ud800' }),
      null,
      { type: 'sale', ...sold('D', 1000) },
      sold('E', -1),
      sold('F', 1000),
    ]);
    expect(results.map(({ status, error }) => error?.code ?? status)).toEqual([
      'posted',
      'posted',
      'total_mismatch',
      'invalid_request',
      'invalid_request',
      'invalid_request',
      'invalid_request',
      'posted',
    ]);
    expect(await getPurchase(world.ledger, 'store:A')).toMatchObject({ refundIds: ['store:R'] });
  });

  it('asks operators to look at what can still be claimed, and at whom it names', async () => {
    const { member: _member, ...guest } = sold('OLD', 1000);
    await post([guest, { ...guest, id: 'NEW', occurredAt: new Date(noon - dayMs).toISOString() }]);
    await post([sold('UNKNOWN', 1000, { member: { email: 'nobody@example.com' } })]);
    const { items } = await listExceptions(world.ledger, { status: 'open', limit: 10 });
    expect(items.map(({ subject }) => subject).sort()).toEqual(['store:NEW', 'store:UNKNOWN']);
  });
});
