/** What falls due is settled once, and by the next night that comes to it, however late that is and whatever failed before. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { MemberId } from '../../core/contract/ids.ts';
import { settle } from '../../core/points.ts';
import type { Program } from '../../core/program.ts';
import { dateOf } from '../../core/time.ts';
import {
  beginNight,
  enrol,
  getAccount,
  putProgram,
  recordPurchase,
  takeStep,
  verifyLedger,
  type WalkMessage,
} from '../../ledger/ledger.ts';
import { proofDuePlace } from '../../ledger/members/due.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { dueDayOf, duePrefix, listsPk } from '../../ledger/store/items.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import type { Walk } from '../../ledger/walks/walk.ts';
import { ledgerWalks } from '../support/night.ts';
import { aPurchase, defaultProgram, runs, testContext } from '../support/world.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** Zones on either side of UTC, at half an hour, and one whose clocks go forward at midnight. */
const zone = fc.constantFrom(
  'Europe/Paris',
  'Pacific/Auckland',
  'America/New_York',
  'Asia/Kathmandu',
  'America/Havana',
);

const act = fc.oneof(
  // Who joins is looked at at once, by a message that may be given up.
  { weight: 3, arbitrary: fc.record({ joins: fc.nat(1e6), by: fc.nat(2), isGivenUp: fc.boolean() }) },
  // By which instance, for whom, and how long ago it was: an order may come when its points could long be spent.
  { weight: 5, arbitrary: fc.record({ bought: fc.nat(3), by: fc.nat(2), daysAgo: fc.nat(30) }) },
  { weight: 6, arbitrary: fc.record({ hours: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 1, arbitrary: fc.record({ hours: fc.integer({ min: 24, max: 24 * 20 }) }) },
  // A night, every message of which may be given up, and nobody sends it again.
  { weight: 6, arbitrary: fc.record({ by: fc.nat(2), givenUp: fc.constantFrom(0, 0, 0.3, 1) }) },
);

const due = ledgerWalks['due'] as Walk;

async function night(
  context: LedgerContext,
  program: Program,
  now: number,
  isGivenUp: () => boolean,
): Promise<void> {
  const queue: WalkMessage[] = [];
  await beginNight(
    context,
    async () => program,
    now,
    async (days) => {
      queue.push({ night: days });
    },
  );
  const means = { context, program, now, hasTime: () => true };
  for (let message = queue.shift(); message; message = queue.shift())
    if (!isGivenUp()) queue.push(...(await takeStep(ledgerWalks, means, message)).messages);
}

it('what falls due late, or was given up, is settled once by the next night', async () => {
  const starts = ['2026-03-05', '2026-10-20', '2026-12-20'].map((date) => Date.parse(`${date}T12:00:00Z`));
  await fc.assert(
    fc.asyncProperty(
      zone,
      fc.constantFrom(...starts),
      fc.array(act, { minLength: 10, maxLength: 60 }),
      fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })),
      async (timeZone, start, acts, chance) => {
        const program = defaultProgram({ timeZone });
        const memory = createMemoryStore();
        // Each instance knows for itself what it has listed; all members share a few partitions of a day.
        const instances = [0, 1, 2].map(() => {
          const context = testContext({ ...memory });
          return { ...context, ulid: (at: number) => `${context.ulid(at).slice(0, -1)}0` };
        });
        const [first] = instances as [LedgerContext];
        let now = start;
        const { version: _, ...document } = program;
        await putProgram(first, document, { keyId: 'test', name: 'test' }, now);
        const members: MemberId[] = [];
        for (let made = 0; made < 4; made++) {
          const joined = await enrol(first, program, {}, now);
          if (joined.type === 'enrolled') members.push(joined.member.account.memberId);
        }
        let purchases = 0;
        for (const one of acts)
          if ('hours' in one) now += one.hours * hour;
          else {
            const context = instances[one.by] as LedgerContext;
            if ('givenUp' in one)
              await night(context, program, now, () => (chance.next().value ?? 0) < one.givenUp);
            else if ('joins' in one) {
              const joined = await enrol(context, program, { email: `m${one.joins}@example.com` }, now);
              if (joined.type !== 'enrolled') continue;
              const { memberId } = joined.member.account;
              const means = { context, program, now, hasTime: () => true };
              if (!one.isGivenUp) await due.step(means, proofDuePlace(memberId, now));
            } else {
              const memberId = members[one.bought] as MemberId;
              const occurredAt = new Date(Math.max(now - one.daysAgo * day, start)).toISOString();
              const id = `web:${purchases++}` as const;
              const bought = aPurchase([3_000], { channel: 'web', id, occurredAt, member: { memberId } });
              await recordPurchase(context, program, bought, now);
            }
          }
        // The first night of the next day finds all that was left, and one of a few days later what was due since.
        for (const days of [2, 5]) {
          now += days * day;
          await night(instances[days % 2] as LedgerContext, program, now, () => false);
          for (const memberId of members) {
            const account = await getAccount(first, memberId);
            expect(account && settle(program, account, now).entries).toEqual([]);
          }
        }
        const { differences } = await verifyLedger(first, { hasTime: () => true, differencesMax: 10 });
        expect(differences).toEqual([]);
        // What is listed still is to come, and a night would ask for it.
        const today = dateOf(now, 'UTC');
        const items = memory.items();
        const lists = new Set(items.filter(({ pk }) => pk === listsPk).map(({ sk }) => sk));
        const left = items.filter(({ item, pk }) => item === 'due' && pk.startsWith(duePrefix));
        expect(left.filter(({ pk }) => dueDayOf(pk) < today || !lists.has(pk))).toEqual([]);
      },
    ),
    runs(200),
  );
});
