/** The programme on the running system: what an operator may write, and what members see of it as time passes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem('--clock', '2026-11-22T10:00:00Z');
}, 150_000);
afterAll(async () => {
  await system?.remove();
});

let serial = 0;

async function newMember(fields: object = {}) {
  serial++;
  const person = { email: `person${serial}@example.com`, ...fields };
  const { status, body } = await system.call('POST', '/v1/members', person, 'store');
  expect(status).toBe(201);
  return body;
}

async function member(memberId: string) {
  return (await system.call('GET', `/v1/members/${memberId}`, undefined, 'ops')).body;
}

async function cardOf({ cardUrl }: { cardUrl: string }) {
  return (await system.call('GET', `/v1/cards/${cardUrl.split('/').pop()}`)).body;
}

async function buy(memberId: string, line: object, channel: 'web' | 'store' = 'store') {
  serial++;
  const lines = [{ id: '1', sku: 'A', quantity: 1, amountMinor: 1000, ...line }];
  const { body: clock } = await system.call('GET', '/local/clock');
  const purchase = {
    id: `P-${serial}`,
    occurredAt: clock.now,
    currency: 'EUR',
    member: { memberId },
    lines,
    totalMinor: lines[0]?.amountMinor,
  };
  const { status } = await system.call('POST', '/v1/purchases', purchase, channel);
  expect(status).toBe(202);
  await system.idle();
  return purchase;
}

describe('PUT /v1/program', () => {
  const reversed = (tiers: object[]) => [...tiers].reverse();
  it.each([
    ['an unknown field', 'colour', (program: object) => ({ ...program, colour: 'red' })],
    [
      'tiers out of order',
      'tiers.0.threshold',
      (p: { tiers: object[] }) => ({ ...p, tiers: reversed(p.tiers) }),
    ],
    [
      'a multiplier with a comma',
      'tiers.1.multiplier',
      (p: { tiers: object[] }) => ({
        ...p,
        tiers: p.tiers.map((tier, index) => (index === 1 ? { ...tier, multiplier: '1,5' } : tier)),
      }),
    ],
    [
      'a condition that does not type-check',
      'campaigns.0.when',
      (p: { campaigns: object[] }) => ({
        ...p,
        campaigns: [{ ...p.campaigns[0], when: 'line.category == 5' }],
      }),
    ],
    [
      'a reward without a value',
      'rewards.0.valueMinor',
      (p: { rewards: object[] }) => ({ ...p, rewards: [{ ...p.rewards[0], valueMinor: undefined }] }),
    ],
    [
      'a campaign that ends before it starts',
      'campaigns.0.to',
      (p: { campaigns: object[] }) => ({
        ...p,
        campaigns: [{ ...p.campaigns[0], to: '2020-01-01T00:00:00Z' }],
      }),
    ],
    ['an unknown time zone', 'timeZone', (p: object) => ({ ...p, timeZone: 'Europe/Atlantis' })],
  ])('refuses %s, naming %s', async (_what, path, change) => {
    const { body: before } = await system.call('GET', '/v1/program', undefined, 'ops');
    // Each change takes the part of the document that it needs.
    const changed = (change as (program: object) => object)(before.program);
    const { status, body } = await system.call('PUT', '/v1/program', changed, 'ops');
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'invalid_request' });
    const wrong = body.errors.find((error: { path: string }) => error.path === path);
    expect(wrong?.message.length).toBeGreaterThan(5);
    const { body: after } = await system.call('GET', '/v1/program', undefined, 'ops');
    expect(after.version).toBe(before.version);
  });
});

describe('a member', () => {
  it('collects stamps, which the card shows, and gives them back', async () => {
    const { memberId, ...ada } = await newMember();
    const purchase = await buy(memberId, { category: 'coffee', quantity: 3 });
    expect((await cardOf(ada)).stamps).toEqual([{ id: 'coffee', name: 'Coffee card', count: 3, of: 5 }]);
    await buy(memberId, { category: 'coffee', quantity: 4 });
    expect((await member(memberId)).stamps).toEqual([{ id: 'coffee', count: 2, of: 5 }]);
    const refund = {
      id: `R-${purchase.id}`,
      occurredAt: purchase.occurredAt,
      currency: 'EUR',
      purchaseId: purchase.id,
      amountMinor: 1000,
    };
    await system.call('POST', '/v1/refunds', refund, 'store');
    await system.idle();
    expect((await member(memberId)).stamps).toEqual([{ id: 'coffee', count: 4, of: 5 }]);
  });

  it('and who brought them are both rewarded with the first purchase', async () => {
    const friend = await newMember();
    const { referralCode } = await cardOf(friend);
    const newcomer = await newMember({ referralCode });
    await buy(newcomer.memberId, { amountMinor: 2000 });
    expect((await member(friend.memberId)).balance.available).toBe(250);
    expect((await member(newcomer.memberId)).balance.available).toBe(50 + 20 + 100);
    const wrong = await system.call('POST', '/v1/members', { referralCode: 'NOBODY00' }, 'store');
    expect(wrong.body.errors[0]).toMatchObject({ path: 'referralCode' });
  });

  it('loses that again with a refund, even of a gift card, which moves no points of its own', async () => {
    const friend = await newMember();
    const { referralCode } = await cardOf(friend);
    const newcomer = await newMember({ referralCode });
    const purchase = await buy(newcomer.memberId, { amountMinor: 2000, category: 'gift-card' });
    expect((await member(friend.memberId)).balance.available).toBe(250);
    expect((await member(newcomer.memberId)).balance.available).toBe(50 + 100);
    const { id, occurredAt, currency } = purchase;
    const refund = { id: `R-${id}`, occurredAt, currency, purchaseId: id, amountMinor: 2000 };
    expect((await system.call('POST', '/v1/refunds', refund, 'store')).status).toBe(202);
    await system.idle();
    expect((await member(friend.memberId)).balance.available).toBe(50);
    expect((await member(newcomer.memberId)).balance.available).toBe(50);
  });

  it('sees pending points become available, a birthday and an expiry on the card, each in its night', async () => {
    const person = await newMember({ birthday: '1990-12-24' });
    const { memberId } = person;
    await buy(memberId, { amountMinor: 5000 }, 'web');
    expect((await cardOf(person)).balance).toMatchObject({ available: 50, pending: 50 });
    const before = (await cardOf(person)).version;
    await system.call('PUT', '/local/clock', { now: '2026-12-07T00:00:00Z' });
    const activated = await cardOf(person);
    expect(activated.balance).toMatchObject({ available: 100, pending: 0 });
    expect(activated.version).toBe(before + 1);
    await system.call('PUT', '/local/clock', { now: '2026-12-25T12:00:00Z' });
    expect((await cardOf(person)).balance.available).toBe(200);
    await system.call('PUT', '/local/clock', { now: '2027-12-01T12:00:00Z' });
    const lapsed = await cardOf(person);
    expect(lapsed.balance.available).toBe(100);
    expect(lapsed.expiring).toEqual([{ points: 100, at: '2027-12-31T23:00:00Z' }]);
    const { body } = await system.call('GET', `/v1/members/${memberId}/entries`, undefined, 'ops');
    expect(body.items.map((entry: { type: string }) => entry.type).reverse()).toEqual([
      'enrolled',
      'bonus',
      'earned',
      'activated',
      'bonus',
      'expiry_noticed',
      'expired',
      'expiry_noticed',
    ]);
  }, 900_000);
});

describe('the versions of the programme', () => {
  it('are told, and an earlier one comes back as a new version', async () => {
    const ops = (method: string, path: string, body?: object) => system.call(method, path, body, 'ops');
    const { body: before } = await ops('GET', '/v1/program');
    const put = (program: object) => ops('PUT', '/v1/program', program);
    expect((await put(before.program)).body).toEqual({ version: before.version, unchanged: true });
    const changed = { ...before.program, holdMinutes: 21 };
    expect((await put(changed)).body).toEqual({ version: before.version + 1 });
    const rollback = `/v1/program/versions/${before.version}/rollback`;
    expect((await ops('POST', rollback, {})).body).toEqual({ version: before.version + 2 });
    expect((await ops('GET', '/v1/program')).body).toEqual({ ...before, version: before.version + 2 });
    expect((await ops('POST', rollback, {})).body).toEqual({
      version: before.version + 2,
      unchanged: true,
    });
    const { body: page } = await ops('GET', '/v1/program/versions?limit=2');
    expect(page.items).toMatchObject([
      { version: before.version + 2, restores: before.version, inForce: true, changes: 1 },
      {
        version: before.version + 1,
        restores: null,
        inForce: false,
        putBy: { keyId: expect.stringMatching(/^key_/), name: expect.any(String) },
        summary: ['An authorised redemption holds its points for 21 minutes instead of 15.'],
      },
    ]);
    const { body: next } = await ops('GET', `/v1/program/versions?limit=2&cursor=${page.cursor}`);
    expect(next.items[0].version).toBe(before.version);
    const { body: one } = await ops('GET', `/v1/program/versions/${before.version + 1}`);
    expect(one.program).toEqual(changed);
    expect((await ops('GET', '/v1/program/versions/999')).status).toBe(404);
    expect((await ops('POST', '/v1/program/versions/999/rollback', {})).status).toBe(404);
    const { body: audit } = await ops('GET', '/v1/audit?limit=10');
    expect(audit.items).toContainEqual(
      expect.objectContaining({
        action: 'roll_back_program',
        subject: `program version ${before.version + 2}`,
        reason: `the content of version ${before.version}`,
      }),
    );
  });
});

describe('days and hours in conditions', () => {
  it('are those of the programme, and the readers of UTC are refused with what to write', async () => {
    const { body: before } = await system.call('GET', '/v1/program', undefined, 'ops');
    const { when: _when, ...campaign } = before.program.campaigns[0];
    const withCampaign = (when: string) => ({
      ...before.program,
      campaigns: [
        { ...campaign, id: 'tuesdays', from: '2026-11-01T00:00:00Z', to: '2027-11-01T00:00:00Z', when },
      ],
    });
    const put = (program: object) => system.call('PUT', '/v1/program', program, 'ops');
    const refused = await put(withCampaign('purchase.occurredAt.getDayOfWeek() == 2'));
    expect(refused.status).toBe(400);
    expect(refused.body.errors[0]).toMatchObject({
      path: 'campaigns.0.when',
      message: expect.stringContaining("write purchase.weekday, as purchase.weekday == 'tue'"),
    });
    expect((await put(withCampaign("purchase.weekday == 'tue' && line.quantity == 2"))).status).toBe(200);
    const lines = [{ id: '1', sku: 'A', quantity: 2, amountMinor: 1000 }];
    const quoted = async (occurredAt: string) =>
      (
        await system.call(
          'POST',
          '/v1/quotes',
          { occurredAt, currency: 'EUR', lines, totalMinor: 1000 },
          'store',
        )
      ).body.points;
    // Tuesday begins in Paris at 23:00 UTC of Monday, and ends an hour before it does in UTC.
    expect(await quoted('2026-11-16T22:59:59Z')).toBe(10);
    expect(await quoted('2026-11-16T23:00:00Z')).toBe(20);
    expect(await quoted('2026-11-17T22:59:59Z')).toBe(20);
    expect(await quoted('2026-11-17T23:00:00Z')).toBe(10);
    expect((await put(before.program)).status).toBe(200);
  });
});
