/**
 * A purchase whose goods are all given back leaves nothing of what it gave, whatever was paid for them: bonus points,
 * the visit and stamps that cost nothing, too, and whether settled sums below zero come back with it, after it, or never.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { balanceOf } from '../../core/account.ts';
import { isSettlement } from '../../core/contract/shapes/purchase.ts';
import { statusOf } from '../../core/purchases.ts';
import { getAccount, getPurchase, recordPurchase, recordRefund, verifyLedger } from '../../ledger/ledger.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { aPurchase, aRefund, defaultProgram, noon, runs, testContext } from '../support/world.ts';

const year = { from: '2026-01-01T00:00:00Z', to: '2027-12-31T00:00:00Z' };
const program = defaultProgram({
  bonuses: {},
  visits: { points: 5, minimumMinor: 0, coolDownHours: 0, free: true },
  campaigns: [
    { id: 'bonus', name: 'Bonus', ...year, bonusPoints: 7 },
    { id: 'triple', name: 'Triple', ...year, multiplier: '3' },
  ],
});

const goods = fc.record({
  amountMinor: fc.constantFrom(0, 0, 333, 500),
  quantity: fc.integer({ min: 1, max: 3 }),
  category: fc.constantFrom('coffee', 'mug', 'gift_card'),
});
const settled = fc.record({
  amountMinor: fc.constantFrom(-25, -2, 2, 25),
  quantity: fc.constant(1),
  category: fc.constantFrom('rounding', 'deposit'),
});
const sold = fc
  .tuple(fc.array(goods, { minLength: 1, maxLength: 3 }), fc.array(settled, { maxLength: 2 }))
  .map((all) => all.flat())
  .filter((lines) => lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0) >= 0);

it('leaves nothing of what it gave', async () => {
  await fc.assert(
    fc.asyncProperty(
      sold,
      fc.boolean(),
      fc.boolean(),
      fc.boolean(),
      async (all, whole, last, withSettled) => {
        const ledger = testContext(createMemoryStore());
        await putInForce(ledger, program);
        const memberId = await newMember(ledger, program);
        const bare = aPurchase(
          all.map(({ amountMinor }) => amountMinor),
          { member: { memberId } },
        );
        const purchase = { ...bare, lines: bare.lines.map((line, at) => ({ ...line, ...all[at] })) };
        await recordPurchase(ledger, program, purchase, noon);
        const back = async (line: (typeof purchase.lines)[number]) => {
          const { amountMinor: _whole, ...rest } = aRefund(purchase, 1);
          const { id: lineId, quantity, amountMinor } = line;
          const refund = { ...rest, lines: [{ lineId, quantity, amountMinor }] };
          await recordRefund(ledger, program, refund, noon);
        };
        const isWhole = whole && purchase.totalMinor > 0;
        const lines = purchase.lines.filter((line) => (isSettlement(line) ? withSettled : !isWhole));
        if (isWhole) await recordRefund(ledger, program, aRefund(purchase, purchase.totalMinor), noon);
        for (const line of last ? lines : lines.toReversed()) await back(line);
        const [record, account] = [
          await getPurchase(ledger, purchase.id),
          await getAccount(ledger, memberId),
        ];
        expect(record && statusOf(record)).toBe('refunded');
        expect(account && balanceOf(account)).toEqual({ available: 0, pending: 0, held: 0, debt: 0 });
        expect(account).toMatchObject({ lifetime: { earned: 0 }, stamps: {} });
        const { differences } = await verifyLedger(ledger, { hasTime: () => true, differencesMax: 9 });
        expect(differences).toEqual([]);
      },
    ),
    runs(200),
  );
});
