/** Quotes, explanations and verification on the running system, as a till and an operator use them. */
import { DatabaseSync } from 'node:sqlite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runScript, type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem('--clock', '2026-11-22T10:00:00Z');
}, 150_000);
afterAll(async () => {
  await system?.remove();
});

let serial = 0;

async function newMember() {
  serial++;
  const { body } = await system.call('POST', '/v1/members', { email: `v${serial}@example.com` }, 'store');
  return body;
}

function aPurchase(member: object | undefined, amounts: readonly number[], more: object = {}) {
  return {
    occurredAt: '2026-11-22T09:59:00Z',
    currency: 'EUR',
    ...(member ? { member } : {}),
    lines: amounts.map((amountMinor, index) => ({
      id: String(index + 1),
      sku: 'ESP-250',
      name: 'Espresso',
      category: index ? 'gift-card' : 'coffee',
      quantity: 1,
      amountMinor,
    })),
    totalMinor: amounts.reduce((sum, amount) => sum + amount, 0),
    ...more,
  };
}

async function buy(purchase: object, as: 'web' | 'store' | 'app') {
  serial++;
  const { status, body } = await system.call('POST', '/v1/purchases', { id: `V-${serial}`, ...purchase }, as);
  expect(status).toBe(202);
  await system.idle();
  return (await system.call('GET', `/v1/purchases/${body.purchaseId}`, undefined, as)).body;
}

const verify = (body: object = {}) => system.call('POST', '/v1/ledger/verify', body, 'ops');

describe('a quote', () => {
  it('is what posting the same purchase then earns, and writes nothing', async () => {
    const { memberId } = await newMember();
    const purchase = aPurchase({ memberId }, [15_000, 2_000]);
    const quote = await system.call('POST', '/v1/quotes', purchase, 'app');
    expect(quote).toMatchObject({ status: 200, body: { points: 180, rewards: [] } });
    expect(quote.body.breakdown.at(-1)).toEqual({
      label: 'Rounded down to whole points',
      value: '180',
      unit: 'points',
    });
    expect((await system.call('GET', `/v1/members/${memberId}`, undefined, 'app')).body.version).toBe(2);
    expect((await buy(purchase, 'app')).points.earned).toBe(180);
  });

  it('offers a member what the points allow, and a guest nothing', async () => {
    const { memberId } = await newMember();
    await buy(aPurchase({ memberId }, [20_000]), 'store');
    const offered = await system.call('POST', '/v1/quotes', aPurchase({ memberId }, [100]), 'store');
    expect(offered.body.rewards).toContainEqual({
      id: 'ten-percent',
      name: '10 % off your basket',
      type: 'percent',
      points: 250,
    });
    const guest = await system.call('POST', '/v1/quotes', aPurchase(undefined, [1_000]), 'store');
    expect(guest.body).toMatchObject({ points: 10, rewards: [] });
  });

  it('is refused where posting would be', async () => {
    const codes = async (more: object) =>
      (await system.call('POST', '/v1/quotes', aPurchase(undefined, [1_000], more), 'store')).body;
    expect(await codes({ totalMinor: 999 })).toMatchObject({ status: 400, code: 'total_mismatch' });
    expect(await codes({ currency: 'CHF' })).toMatchObject({ code: 'currency_not_supported' });
    expect(await codes({ occurredAt: '2099-01-01T00:00:00Z' })).toMatchObject({ code: 'invalid_request' });
    expect(await codes({ id: 'X' })).toMatchObject({ errors: [{ path: 'id', message: 'unknown field' }] });
    expect((await system.call('POST', '/v1/quotes', aPurchase(undefined, [1]), 'ops')).status).toBe(403);
  });
});

describe('an explanation', () => {
  it('is there as soon as the entry is, with its lines for the channel that sold them and for operators', async () => {
    const { memberId } = await newMember();
    const { entryIds, purchaseId } = await buy(aPurchase({ memberId }, [1_250, 500]), 'app');
    const path = `/v1/entries/${entryIds[0]}/explain`;
    const { status, body } = await system.call('GET', path, undefined, 'app');
    expect(status).toBe(200);
    expect(body).toMatchObject({
      entryId: entryIds[0],
      memberId,
      summary: `The purchase ${purchaseId} earned 15 points.`,
      sourceEvent: { via: 'bus', source: 'philia.channel.app', detailType: 'PurchaseRecorded' },
      points: 15,
      lots: [{ points: 15 }],
    });
    expect(body.inputs.lines[1]).toMatchObject({ sku: 'ESP-250', reason: 'gift-card earns nothing' });
    expect((await system.call('GET', path, undefined, 'ops')).body).toEqual(body);
    const other = await system.call('GET', path, undefined, 'store');
    expect(other.body.inputs.lines).toEqual([
      { amountMinor: 1_250, eligible: true },
      { amountMinor: 500, eligible: false },
    ]);
    expect(JSON.stringify(other.body)).not.toContain('ESP-250');
  });

  it('exists for every entry of a member, and for no other id', async () => {
    const { memberId } = await newMember();
    await buy(aPurchase({ memberId }, [60_000]), 'web');
    const entries = await system.call('GET', `/v1/members/${memberId}/entries`, undefined, 'ops');
    for (const { entryId, sequence, type } of entries.body.items)
      expect(
        (await system.call('GET', `/v1/entries/${entryId}/explain`, undefined, 'ops')).body,
      ).toMatchObject({ entryId, sequence, type, memberId });
    for (const id of ['ent_01JD0000000000000000000000', 'ent_1', 'mem_01JD0000000000000000000000'])
      expect((await system.call('GET', `/v1/entries/${id}/explain`, undefined, 'web')).status).toBe(404);
  });
});

describe('verification', () => {
  it('finds nothing wrong, of everybody or one, and is for operators', async () => {
    const { memberId } = await newMember();
    await buy(aPurchase({ memberId }, [60_000]), 'store');
    const all = await verify();
    expect(all).toMatchObject({ status: 200, body: { differences: [] } });
    expect(all.body.members).toBeGreaterThan(0);
    expect(all.body).not.toHaveProperty('cursor');
    expect((await verify({ memberId })).body).toEqual({ members: 1, entries: 3, differences: [] });
    expect((await verify({ memberId: 'mem_01JD0000000000000000000000' })).status).toBe(404);
    expect((await verify({ cursor: 'e30.x' })).body).toMatchObject({ code: 'invalid_cursor' });
    expect((await system.call('POST', '/v1/ledger/verify', {}, 'store')).status).toBe(403);
    const { code, stdout } = await runScript('cli/philia.js', ['verify', '--data', system.dataDirectory]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/differences {2}0\n$/) });
  });

  it('names an entry that was edited on disk, by member, sequence and field', async () => {
    const { memberId } = await newMember();
    await buy(aPurchase({ memberId }, [1_000]), 'store');
    await system.stop();
    editEntry(`${system.dataDirectory}/table.db`, memberId, 3);
    system = await system.restart();
    const { body } = await verify({ memberId });
    expect(body.differences).toContainEqual(
      expect.objectContaining({ memberId, sequence: 3, field: 'hash' }),
    );
    const { code, stdout } = await runScript('cli/philia.js', ['verify', '--data', system.dataDirectory]);
    expect(code).toBe(1);
    expect(stdout).toContain(`${memberId} entry 3 hash: stored `);
  });
});

/** Changes when an entry happened in the table's file, as somebody with access to the disk can. */
function editEntry(file: string, memberId: string, sequence: number): void {
  const database = new DatabaseSync(file);
  try {
    const { changes } = database
      .prepare(
        `UPDATE items SET item = json_set(item, '$.occurredAt.S', '2020-01-01T00:00:00Z')
          WHERE json_extract(item, '$.pk.S') = ? AND json_extract(item, '$.sk.S') = ?`,
      )
      .run(`MEMBER#${memberId}`, `ENTRY#${String(sequence).padStart(12, '0')}`);
    expect(changes).toBe(1);
  } finally {
    database.close();
  }
}
