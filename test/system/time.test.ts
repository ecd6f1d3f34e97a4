/** What time does, on the running system, in whatever zone the programme lives: nothing of the stack says which. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type System, startSystem } from '../support/system.ts';

let system: System;
beforeAll(async () => {
  system = await startSystem('--clock', '2027-09-03T12:00:00Z');
}, 150_000);
afterAll(async () => {
  await system?.remove();
});

const document = JSON.parse(readFileSync(join(import.meta.dirname, '../../program.json'), 'utf8'));

async function liveIn(timeZone: string): Promise<void> {
  const channels = { ...document.channels, web: { multiplier: '1', pendingDays: 2 } };
  const put = await system.call('PUT', '/v1/program', { ...document, timeZone, channels }, 'ops');
  expect(put.status).toBe(200);
}

let serial = 0;

async function buyer(more: object = {}): Promise<string> {
  serial++;
  const person = { email: `time${serial}@example.com`, ...more };
  const { body: member } = await system.call('POST', '/v1/members', person, 'web');
  const { body: clock } = await system.call('GET', '/local/clock');
  const purchase = {
    id: `T-${serial}`,
    occurredAt: clock.now,
    currency: 'EUR',
    member: { memberId: member.memberId },
    lines: [{ id: '1', sku: 'A', quantity: 1, amountMinor: 1000 }],
    totalMinor: 1000,
  };
  expect((await system.call('POST', '/v1/purchases', purchase, 'web')).status).toBe(202);
  await system.idle();
  return member.memberId;
}

async function entries(memberId: string) {
  const { body } = await system.call('GET', `/v1/members/${memberId}/entries`, undefined, 'ops');
  return body.items as { type: string; occurredAt: string; recordedAt: string; cause: { id: string } }[];
}

const moveTo = (now: string) => system.call('PUT', '/local/clock', { now });

it.each([
  // The day has no midnight there: it begins at one o'clock.
  ['America/Santiago', '2027-09-05T04:00:00Z', '2027-09-05T04:01'],
  ['Pacific/Kiritimati', '2027-09-06T10:00:00Z', '2027-09-06T10:01'],
  ['Europe/Paris', '2027-09-07T22:00:00Z', '2027-09-07T22:01'],
  // A zone at half hours has its night at the next hour.
  ['Asia/Kolkata', '2027-09-09T18:30:00Z', '2027-09-09T19:01'],
])(
  'points are written down as available just after the day begins in %s',
  async (zone, at, recorded) => {
    await liveIn(zone);
    const memberId = await buyer();
    await moveTo(new Date(Date.parse(at) + 3_600_000).toISOString());
    await system.idle();
    const [activated] = (await entries(memberId)).filter(({ type }) => type === 'activated');
    expect(activated?.occurredAt).toBe(at);
    expect(activated?.recordedAt.slice(0, 16)).toBe(recorded);
  },
  240_000,
);

it('a birthday is honoured on its day of the zone, and says which', async () => {
  await liveIn('Pacific/Kiritimati');
  const { body: clock } = await system.call('GET', '/local/clock');
  // The day after tomorrow there, which begins while it is still a day earlier in UTC.
  const day = new Date(Date.parse(clock.now) + (14 + 48) * 3_600_000).toISOString().slice(0, 10);
  const begins = new Date(Date.parse(`${day}T00:00:00Z`) - 14 * 3_600_000);
  const memberId = await buyer({ birthday: `1990${day.slice(4)}` });
  await moveTo(new Date(begins.getTime() - 60_000).toISOString());
  const bonuses = async () => (await entries(memberId)).filter(({ cause }) => cause.id === day);
  expect(await bonuses()).toEqual([]);
  await moveTo(new Date(begins.getTime() + 600_000).toISOString());
  await system.idle();
  const given = await bonuses();
  expect(given).toHaveLength(1);
  expect(Date.parse(given[0]?.occurredAt ?? '')).toBe(begins.getTime());
  expect(Date.parse(given[0]?.recordedAt ?? '') - begins.getTime()).toBeLessThan(120_000);
}, 240_000);
