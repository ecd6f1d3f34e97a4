/** A member's purchases from the newest on, held against all of them sorted. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { aheadMaxMs } from '../../core/intake.ts';
import { getAccount, mergeMembers, recordPurchase, recordRefund } from '../../ledger/ledger.ts';
import { entriesMax, newestPurchases } from '../../ledger/purchases/newest.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { aPurchase, aRefund, defaultProgram, noon, runs, testContext } from '../support/world.ts';

const minute = 60_000;
const program = defaultProgram({ bonuses: {}, campaigns: [], stamps: [] });

/** Purchases of two members who become one: each a minute or more behind the last, by clocks that differ. */
const bought = fc.record({
  isOther: fc.boolean(),
  minutes: fc.integer({ min: 0, max: 3 }),
  ahead: fc.integer({ min: -aheadMaxMs, max: aheadMaxMs }),
  isReturned: fc.integer({ min: 0, max: 9 }).map((one) => one === 0),
});

async function live(
  list: readonly { isOther: boolean; minutes: number; ahead: number; isReturned: boolean }[],
) {
  const store = createMemoryStore();
  const ledger = testContext(store);
  await putInForce(ledger, program);
  const [into, from] = [await newMember(ledger, program), await newMember(ledger, program)];
  let now = noon;
  const all: { id: string; at: number }[] = [];
  for (const { isOther, minutes, ahead, isReturned } of list) {
    now += minutes * minute;
    const occurredAt = new Date(now + ahead).toISOString();
    const member = { memberId: isOther ? from : into };
    const purchase = aPurchase([500], { member, occurredAt });
    await recordPurchase(ledger, program, purchase, now);
    // Whatever else happens to the account has entries of its own.
    if (isReturned) await recordRefund(ledger, program, aRefund(purchase, 100), now);
    all.push({ id: purchase.id, at: now + ahead });
  }
  return { store, ledger, into, from, now, all };
}

it('every purchase comes once, newest first, of whoever the member was before, too', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(bought, { minLength: 130, maxLength: 300, size: 'max' }), async (list) => {
      const { ledger, into, from, now, all } = await live(list);
      await mergeMembers(ledger, program, { into, from }, now);
      const account = await getAccount(ledger, into);
      if (!account) throw new Error('There is no account.');
      const found: { id: string; at: number }[] = [];
      for await (const { purchase } of newestPurchases(ledger, account))
        found.push({ id: purchase.id, at: Date.parse(purchase.occurredAt) });
      expect(new Set(found.map(({ id }) => id))).toEqual(new Set(all.map(({ id }) => id)));
      expect(found).toHaveLength(all.length);
      expect(found.map(({ at }) => at)).toEqual(all.map(({ at }) => at).sort((a, b) => b - a));
    }),
    runs(10),
  );
}, 60_000);

it('of purchases at one instant the one posted last comes first', async () => {
  const { ledger, into, all } = await live(
    Array.from({ length: 30 }, () => ({ isOther: false, minutes: 0, ahead: 0, isReturned: false })),
  );
  const found: string[] = [];
  for await (const { purchase } of newestPurchases(ledger, { memberId: into })) found.push(purchase.id);
  expect(found).toEqual(all.map(({ id }) => id).reverse());
});

it('the newest ones are had without reading the history, and no more than a thousand entries are', async () => {
  const days = Array.from({ length: entriesMax + 130 }, () => ({
    isOther: false,
    minutes: 30,
    ahead: 0,
    isReturned: false,
  }));
  const { store, ledger, into, all } = await live(days);
  let pages = 0;
  const context = {
    ...ledger,
    store: {
      ...store,
      query: async (pk: string, range: Parameters<typeof store.query>[1]) => {
        pages++;
        return store.query(pk, range);
      },
    },
  };
  const first = await newestPurchases(context, { memberId: into }).next();
  expect(first.value?.purchase.id).toBe(all.at(-1)?.id);
  expect(pages).toBe(1);
  let count = 0;
  for await (const _ of newestPurchases(context, { memberId: into })) count++;
  // The entry of the enrolment is none of the newest thousand.
  expect(count).toBe(entriesMax);
}, 60_000);
