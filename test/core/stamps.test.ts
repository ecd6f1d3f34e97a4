import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Account } from '../../core/account.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import type { RecordedRefund } from '../../core/contract/shapes/refund.ts';
import { award, clawBack, type Earning, enrol, type Plan, shrunk } from '../../core/points.ts';
import { addRefund, type PurchaseRecord, worth } from '../../core/purchases.ts';
import { type StampVoucher, shownStamps } from '../../core/stamps.ts';
import { aPurchase, aRefund, defaultProgram, noon, recordOf, runs } from '../support/world.ts';

const memberId = 'mem_01JD0000000000000000000000' as MemberId;
const program = defaultProgram({ bonuses: {} });

/** An account with the vouchers that its entries have left unused. */
type Holder = Account & { readonly vouchers: readonly StampVoucher[] };
const member: Holder = { ...enrol(program, memberId, noon).account, vouchers: [] };

function withVouchers({ vouchers }: Holder, plan: Plan): Holder {
  const issued = plan.entries.flatMap((entry) => entry.stamps?.issued ?? []);
  const revoked = plan.entries.flatMap((entry) => entry.stamps?.revoked ?? []);
  const left = [...vouchers, ...issued].filter((voucher) => !revoked.includes(voucher.voucherId));
  return { ...plan.account, vouchers: left };
}

function coffees(quantity: number, amountMinor = Math.ceil(quantity) * 300): RecordedPurchase {
  const purchase = aPurchase([amountMinor]);
  return { ...purchase, lines: purchase.lines.map((line) => ({ ...line, category: 'coffee', quantity })) };
}

interface Bought {
  readonly purchase: RecordedPurchase;
  record: PurchaseRecord;
}

function buy(account: Holder, purchase: RecordedPurchase): { account: Holder; bought: Bought } {
  const plan = award(program, account, purchase, noon);
  const record = recordOf(purchase, plan.earning);
  return { account: withVouchers(account, plan), bought: { purchase, record } };
}

function giveBack(account: Holder, bought: Bought, refund: RecordedRefund): Holder {
  const { record } = addRefund(bought.record, refund);
  const earning = record.earning as Earning;
  const target = worth(record, earning);
  bought.record = { ...record, earning: shrunk(earning, target) };
  return withVouchers(account, clawBack(program, account, earning, target, refund, noon, account.vouchers));
}

/** A refund of units of the one line, with their share of its amount. */
function unitsBack({ purchase }: Bought, quantity: number): RecordedRefund {
  const [line] = purchase.lines;
  const amountMinor = Math.round(((line?.amountMinor ?? 0) * quantity) / (line?.quantity ?? 1));
  return { ...aRefund(purchase, {}), lines: [{ lineId: '1', quantity, amountMinor }] };
}

const shown = (account: Account) => shownStamps(program, account)[0]?.count;

describe('a stamp card', () => {
  it('takes a stamp per whole unit of a matching line', () => {
    expect(shown(buy(member, coffees(2)).account)).toBe(2);
    expect(shown(buy(member, coffees(1.9)).account)).toBe(1);
    expect(shown(buy(member, aPurchase([900])).account)).toBe(0);
  });

  it('issues a voucher when it is full, and goes on with the rest', () => {
    const once = buy(member, coffees(7)).account;
    expect(shown(once)).toBe(2);
    expect(once.vouchers).toMatchObject([{ stampId: 'coffee', rewardId: 'free-coffee', stamps: 5 }]);
    expect(once.vouchers[0]?.expiresAt).toBe('2027-01-21T12:00:00Z');
    const twice = buy(once, coffees(13)).account;
    expect(shown(twice)).toBe(0);
    expect(new Set(twice.vouchers.map((voucher) => voucher.voucherId)).size).toBe(4);
  });

  it('gives stamps back with a refund, and revokes the voucher they had paid for', () => {
    const first = buy(member, coffees(3));
    const second = buy(first.account, coffees(3));
    expect(second.account.vouchers).toHaveLength(1);
    const after = giveBack(second.account, first.bought, unitsBack(first.bought, 2));
    expect(after.vouchers).toEqual([]);
    expect(shown(after)).toBe(4);
  });

  it('owes the stamps of a voucher that was used, and shows none until they are back', () => {
    const full = buy(member, coffees(5));
    const used: Holder = { ...full.account, vouchers: [] };
    const after = giveBack(used, full.bought, aRefund(full.bought.purchase, full.bought.purchase.totalMinor));
    expect(after.stamps).toEqual({ coffee: -5 });
    expect(shown(after)).toBe(0);
    expect(shown(buy(after, coffees(6)).account)).toBe(1);
  });

  it('is after a full refund what it was before, in any order of purchases and refunds', () => {
    const quantity = fc.integer({ min: 1, max: 9000 }).map((thousandths) => thousandths / 1000);
    fc.assert(
      fc.property(
        fc.array(quantity, { minLength: 1, maxLength: 5 }),
        fc.infiniteStream(fc.nat()),
        (list, shuffle) => {
          let account = member;
          const all = list.map((one) => {
            const next = buy(account, coffees(one));
            account = next.account;
            return { bought: next.bought, key: shuffle.next().value ?? 0 };
          });
          for (const { bought } of all.sort((a, b) => a.key - b.key))
            account = giveBack(
              account,
              bought,
              aRefund(bought.purchase, { '1': bought.purchase.totalMinor }),
            );
          expect({ stamps: account.stamps, vouchers: account.vouchers, lots: account.lots }).toEqual({
            stamps: {},
            vouchers: [],
            lots: [],
          });
        },
      ),
      runs(1000),
    );
  });

  it('ends the same however a refund is split', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 12 }), fc.integer({ min: 1, max: 11 }), (units, back) => {
        const taken = Math.min(back, units - 1);
        const end = (parts: number[]) => {
          const start = buy(member, coffees(units));
          return parts.reduce(
            (account, part) => giveBack(account, start.bought, unitsBack(start.bought, part)),
            start.account,
          );
        };
        const [whole, split] = [end([taken]), end(Array.from({ length: taken }, () => 1))];
        expect({ stamps: whole.stamps, vouchers: whole.vouchers.length, lots: whole.lots }).toEqual({
          stamps: split.stamps,
          vouchers: split.vouchers.length,
          lots: split.lots,
        });
        expect(shown(whole)).toBe((units - taken) % 5);
      }),
      runs(1000),
    );
  });
});
