/** Whatever is bought and given back, in whatever order: what is given for the n-th purchase is had by one at a time. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { MemberId } from '../../core/contract/ids.ts';
import { foldPlaces, nextPlace, noPlaces } from '../../core/places.ts';
import {
  enrol,
  getAccount,
  getPurchase,
  mergeMembers,
  recordPurchase,
  recordRefund,
  unmergeMembers,
  verifyLedger,
} from '../../ledger/ledger.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { aPurchase, aRefund, defaultProgram, noon, often, runs, testContext } from '../support/world.ts';

const year = { from: '2026-01-01T00:00:00Z', to: '2029-01-01T00:00:00Z' };
const fives = [1, 2, 3, 4, 5];
const program = defaultProgram({
  bonuses: {},
  campaigns: fives.map((n) => ({
    id: `n${n}`,
    name: `Number ${n}`,
    ...year,
    bonusPoints: 10 ** n,
    when: `member.purchases == ${n - 1}`,
  })),
});

/** Buys, or gives back one of those that were bought, all of it or a part. */
const someSteps = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.constant({ buy: true as const }) },
    {
      weight: 2,
      arbitrary: fc.record({ buy: fc.constant(false as const), which: fc.nat(20), part: fc.nat(3) }),
    },
  ),
  { maxLength: 25, size: 'max' },
);

describe('what is given for the n-th purchase', () => {
  it('is had by one purchase at a time, and leaves nothing where all was given back', async () => {
    let again = 0;
    await fc.assert(
      fc.asyncProperty(someSteps, async (steps) => {
        const ledger = testContext(createMemoryStore());
        await putInForce(ledger, program);
        const outcome = await enrol(ledger, program, {}, noon);
        if (outcome.type !== 'enrolled') throw new Error('The member exists already.');
        const { memberId } = outcome.member.account;
        const kept: ReturnType<typeof aPurchase>[] = [];
        let now = noon;
        for (const step of steps) {
          now += 60_000;
          if (step.buy) {
            // One euro: a point that tells nothing apart, and nothing beside the bonuses.
            const purchase = aPurchase([99], {
              member: { memberId },
              occurredAt: new Date(now).toISOString(),
            });
            kept.push(purchase);
            await recordPurchase(ledger, program, purchase, now);
            continue;
          }
          const purchase = kept[step.which % Math.max(1, kept.length)];
          if (!purchase) continue;
          if (step.part === 0) await recordRefund(ledger, program, aRefund(purchase, 10), now);
          else {
            kept.splice(kept.indexOf(purchase), 1);
            again++;
            await recordRefund(ledger, program, aRefund(purchase, 99), now);
          }
        }
        const records = await Promise.all(kept.map(({ id }) => getPurchase(ledger, id)));
        const places = records.map((record) => record?.earning?.place ?? 0);
        const account = await getAccount(ledger, memberId);
        expect(new Set(places).size).toBe(kept.length);
        // The bonuses of the places that are taken, each once.
        expect(account?.lifetime.earned).toBe(
          places.reduce((sum, place) => sum + (place <= 5 ? 10 ** place : 0), 0),
        );
        expect(account?.purchases).toBe(kept.length);
        for (const purchase of kept) await recordRefund(ledger, program, aRefund(purchase, 99), now);
        const empty = await getAccount(ledger, memberId);
        expect(empty).toMatchObject({ purchases: 0, debt: 0, lots: [], lifetime: { earned: 0 } });
        expect(empty).not.toHaveProperty('freePlaces');
        const { differences } = await verifyLedger(ledger, { hasTime: () => true, differencesMax: 9 });
        expect(differences).toEqual([]);
      }),
      runs(100),
    );
    expect(again).toBeGreaterThan(often(50));
  });

  it('is had by one at a time, too, where two members were one for a while', async () => {
    let gaps = 0;
    await fc.assert(
      fc.asyncProperty(someSteps, someSteps, someSteps, someSteps, async (one, other, together, apart) => {
        const ledger = testContext(createMemoryStore());
        await putInForce(ledger, program);
        const [into, from] = [await newMember(ledger, program), await newMember(ledger, program)];
        const kept: ReturnType<typeof aPurchase>[] = [];
        let now = noon;
        const live = async (memberId: MemberId, steps: typeof one) => {
          for (const step of steps) {
            now += 60_000;
            const purchase = step.buy
              ? aPurchase([99], { member: { memberId }, occurredAt: new Date(now).toISOString() })
              : kept[step.which % Math.max(1, kept.length)];
            if (!purchase) continue;
            if (step.buy) {
              kept.push(purchase);
              await recordPurchase(ledger, program, purchase, now);
            } else {
              kept.splice(kept.indexOf(purchase), 1);
              await recordRefund(ledger, program, aRefund(purchase, 99), now);
            }
          }
        };
        const distinct = async () => {
          const records = await Promise.all(kept.map(({ id }) => getPurchase(ledger, id)));
          for (const id of [into, from]) {
            const account = await getAccount(ledger, id);
            const own = records.filter((record) => record?.memberId === id);
            const places = own.map((record) => record?.earning?.place ?? 0);
            if (account?.freePlaces) gaps++;
            const { purchases = 0, freePlaces = noPlaces } = account ?? {};
            const next = nextPlace({ purchases, freePlaces });
            const isOpen = account?.status === 'active';
            expect(new Set([...places, ...(isOpen ? [next] : [])]).size).toBe(own.length + (isOpen ? 1 : 0));
          }
        };
        await live(into, one);
        await live(from, other);
        await mergeMembers(ledger, program, { into, from }, now);
        await live(into, together);
        await distinct();
        expect((await unmergeMembers(ledger, program, { into, from }, now)).type).toBe('done');
        await distinct();
        await live(into, apart);
        await distinct();
        await live(from, apart);
        await distinct();
        const { differences } = await verifyLedger(ledger, { hasTime: () => true, differencesMax: 9 });
        expect(differences).toEqual([]);
      }),
      runs(60),
    );
    expect(gaps).toBeGreaterThan(often(20));
  }, 60_000);

  it('keeps the places in order whatever is taken and given up', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(12), { maxLength: 40, size: 'max' }), (picks) => {
        const taken = new Set<number>();
        let state = { purchases: 0, freePlaces: noPlaces };
        for (const pick of picks) {
          const place = [...taken][pick];
          if (place === undefined) {
            const next = nextPlace(state);
            expect(taken.has(next)).toBe(false);
            taken.add(next);
            state = { purchases: state.purchases + 1, freePlaces: foldPlaces(state, 1, next) };
          } else {
            taken.delete(place);
            state = { purchases: state.purchases - 1, freePlaces: foldPlaces(state, -1, place) };
          }
          const last = Math.max(0, ...taken);
          const free = Array.from({ length: last }, (_, index) => index + 1).filter((one) => !taken.has(one));
          expect(state).toEqual({ purchases: taken.size, freePlaces: free });
        }
      }),
    );
  });
});
