/** What a window of a member holds, entry by entry, made of nothing but what the ledger has. */
import { describe, expect, it } from 'vitest';
import { type Account, type Entry, emptyAccount } from '../../core/account.ts';
import { type AppliedRefund, memberWindow, type WindowRecords } from '../../core/backtest/window.ts';
import type { EntryId, MemberId, PurchaseId, RefundId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { addRefund, type PurchaseRecord } from '../../core/purchases.ts';
import { aPurchase, aRefund, defaultProgram, noon, recordOf } from '../support/world.ts';

const memberId = 'mem_01JD0000000000000000000000' as MemberId;
const program = defaultProgram();
const minute = 60_000;
const to = noon + 60 * minute;
const lot = (points: number) => ({ points, availableAt: null, expiresAt: '2027-11-30T23:00:00Z' });

/** An entry at so many minutes after noon, which is its sequence, too. */
function entry(type: Entry['type'], at: number, more: object = {}): Entry {
  return {
    ...{ memberId, entryId: `ent_${at}` as EntryId, sequence: at, type, postings: [], lots: [] },
    ...{ recordedAt: utc(noon + at * minute), occurredAt: utc(noon), cause: { type: 'schedule', id: 'c' } },
    ...more,
  } as unknown as Entry;
}

const moved = (...postings: [string, number][]) => ({
  postings: postings.map(([account, points]) => ({ account, points })),
});

function windowOf(entries: readonly Entry[], more: Partial<WindowRecords> = {}) {
  const account = emptyAccount(memberId);
  const records = { start: account, end: account, entries, purchases: new Map(), refunds: new Map() };
  return memberWindow({ ...records, ...more } as WindowRecords, program, to);
}

const eventsOf = (entries: readonly Entry[], more: Partial<WindowRecords> = {}) =>
  windowOf(entries, more).events;
const at = (minutes: number) => noon + minutes * minute;

describe('an entry', () => {
  const caused = { cause: { type: 'redemption', id: 'red_1' } };
  const opened = { expiresAt: utc(at(15)) };

  it.each<[string, Entry, object]>([
    ['joins', entry('enrolled', 1), { type: 'joined', at: at(1), since: utc(at(1)) }],
    [
      'earns by a purchase that is not known any more',
      entry('earned', 2, {
        ...moved(['programme:issued', -9], ['member:available', 4], ['member:pending', 5]),
        qualifying: { month: '2026-11', points: 8 },
      }),
      { type: 'granted', at: at(2), points: 9, qualifying: { month: '2026-11', points: 8 } },
    ],
    [
      'sets aside until its hold ends',
      entry('held', 2, {
        ...caused,
        ...moved(['member:available', -7], ['member:held', 7]),
        holds: { opened },
      }),
      { type: 'held', at: at(2), redemptionId: 'red_1', points: 7, expiresAt: utc(at(15)) },
    ],
    [
      'sets aside, before holds were told, for no time',
      entry('held', 2, { ...caused, ...moved(['member:available', -7], ['member:held', 7]) }),
      { type: 'held', at: at(2), redemptionId: 'red_1', points: 7, expiresAt: utc(at(2)) },
    ],
    ['captures', entry('captured', 2, caused), { type: 'captured', at: at(2), redemptionId: 'red_1' }],
    ['releases', entry('released', 2, caused), { type: 'released', at: at(2), redemptionId: 'red_1' }],
    [
      'spends',
      entry('redeemed', 2, { ...caused, ...moved(['member:available', -7], ['programme:redeemed', 7]) }),
      { type: 'spent', at: at(2), redemptionId: 'red_1', points: 7 },
    ],
    [
      'undoes what was spent',
      entry('redemption_cancelled', 2, {
        ...caused,
        ...moved(['programme:redeemed', -7], ['member:available', 7]),
        lots: [lot(7)],
      }),
      { type: 'unspent', at: at(2), redemptionId: 'red_1', lots: [lot(7)] },
    ],
    [
      'undoes what was spent, a part of it repaying a debt',
      entry('redemption_cancelled', 2, {
        ...caused,
        ...moved(['programme:redeemed', -7], ['member:available', 5], ['member:debt', 2]),
        lots: [lot(5)],
      }),
      { type: 'unspent', at: at(2), redemptionId: 'red_1', lots: [lot(2), lot(5)] },
    ],
    ['closes', entry('erased', 2, moved(['member:available', -7])), { type: 'closed', at: at(2) }],
    [
      'goes to another',
      entry('merged_out', 2, moved(['member:available', -7])),
      { type: 'closed', at: at(2) },
    ],
    ['lapses', entry('expired', 2, moved(['member:available', -7])), { type: 'settled', at: at(2) }],
    ['ends holds', entry('holds_expired', 2, moved(['member:available', 7])), { type: 'settled', at: at(2) }],
    ['moves none', entry('voucher_used', 2), { type: 'settled', at: at(2) }],
    [
      'moves them from one place to another',
      entry('activated', 2, moved(['member:pending', -7], ['member:available', 7])),
      { type: 'settled', at: at(2) },
    ],
    [
      'gives a bonus, of which a part repays a debt',
      entry('bonus', 2, moved(['programme:issued', -9], ['member:available', 4], ['member:debt', 5])),
      { type: 'granted', at: at(2), points: 9 },
    ],
    [
      'takes a bonus back',
      entry('bonus_taken_back', 2, moved(['member:available', -9], ['programme:clawed_back', 9])),
      { type: 'granted', at: at(2), points: -9 },
    ],
    [
      'is given by an operator',
      entry('adjusted', 2, { ...caused, ...moved(['member:available', 9]) }),
      { type: 'granted', at: at(2), points: 9 },
    ],
    [
      'is taken by an operator',
      entry('adjusted', 2, { ...caused, ...moved(['member:available', -9]) }),
      { type: 'spent', at: at(2), redemptionId: 'red_1', points: 9 },
    ],
  ])('that %s', (_name, one, event) => {
    expect(eventsOf([one])).toEqual([event]);
  });

  it('of a refund of a purchase from before takes what it took, out of its own lot and visit first', () => {
    const lots = [lot(-3), lot(-2)];
    const taken = moved(['member:available', -5], ['programme:clawed_back', 5]);
    const refunded = { ...taken, lots, cause: { type: 'refund', id: 'store:R1' } };
    const whole = { ...refunded, qualifying: { month: '2026-10', points: -4 }, purchases: -1, place: 3 };
    const event = {
      ...{ type: 'clawback', at: at(2), points: 5, qualifyingPoints: 4, month: '2026-10' },
      ...{ own: lot(-3), isReturned: true, place: 3 },
    };
    expect(eventsOf([entry('clawed_back', 2, whole)])).toEqual([event]);
    expect(eventsOf([entry('clawed_back', 2, refunded)])).toEqual([
      { ...event, qualifyingPoints: 0, month: '', isReturned: false, place: undefined },
    ]);
    const visited = (more: object, lastVisitAt: string | null) =>
      eventsOf([entry('clawed_back', 2, { ...whole, ...more })], {
        start: { ...emptyAccount(memberId), lastVisitAt } as Account,
      });
    const [last, before] = [utc(at(-10)), utc(at(-20))];
    expect(visited({ lastVisitAt: before }, last)).toEqual([{ ...event, visit: { at: last, before } }]);
    expect(visited({ lastVisitAt: null }, last)).toEqual([{ ...event, visit: { at: last, before: null } }]);
    expect(visited({ lastVisitAt: before }, null)).toEqual([event]);
    expect(visited({}, last)).toEqual([event]);
    // The last visit is as the entries before left it.
    const earlier = entry('earned', 1, { lastVisitAt: utc(at(1)) });
    expect(eventsOf([earlier, entry('clawed_back', 2, { ...whole, lastVisitAt: before })])[1]).toMatchObject({
      visit: { at: utc(at(1)), before },
    });
  });

  it('of a merge, and of its undoing, brings points and who they are', () => {
    const merged = (type: Entry['type'], points: number) =>
      eventsOf([
        entry(type, 2, {
          ...moved(['member:available', points], ['member:debt', 1]),
          merge: { qualifying: [{ month: '2026-10', points: 3 }], members: [memberId] },
          cause: { type: 'merge', id: 'mem_01JD0000000000000000000001' },
        }),
      ])[0];
    const event = { type: 'joined_up', at: at(2), months: [{ month: '2026-10', points: 3 }] };
    expect(merged('merged_in', 7)).toMatchObject({ ...event, points: 8 });
    expect(merged('unmerged_in', 7)).toMatchObject({ ...event, points: 8 });
    expect(merged('unmerged_out', -7)).toMatchObject({ type: 'joined_up', points: -6 });
  });
});

describe('a purchase of the window', () => {
  const purchase = { ...aPurchase([600, 400]), occurredAt: utc(noon - minute) };
  const earned = (sequence: number, of = purchase) =>
    entry('earned', sequence, {
      cause: { type: 'purchase', id: of.id },
      ...moved(['programme:issued', -10], ['member:available', 10]),
    });
  const record = (more: Partial<PurchaseRecord> = {}): PurchaseRecord => ({
    ...recordOf(purchase, null),
    entryIds: ['ent_1' as EntryId],
    ...more,
  });
  const applied = (refundId: string, minutes: number, lines: Record<string, number> = { '1': 100 }) => {
    const refund = { ...aRefund(purchase, lines), id: refundId as RefundId };
    return [
      refundId as RefundId,
      { refundId, refund, recordedAt: utc(at(minutes)) } as AppliedRefund,
    ] as const;
  };
  const records = (of: PurchaseRecord, refunds: readonly (readonly [RefundId, AppliedRefund])[] = []) => ({
    purchases: new Map<PurchaseId, PurchaseRecord>([[purchase.id, of]]),
    refunds: new Map(refunds),
  });
  const bought = { type: 'purchase', at: at(1), purchase, occurredAt: noon - minute };

  it('is priced again, and counts as what the entries say', () => {
    const found = windowOf([earned(1)], records(record()));
    expect(found).toMatchObject({ memberId, events: [bought], purchases: 1, refunds: 0, unknown: 0 });
    expect(found.actual).toMatchObject({ issued: 10, clawedBack: 0 });
    const unknown = windowOf([earned(1)]);
    expect(unknown).toMatchObject({ purchases: 0, refunds: 0, unknown: 1, actual: { issued: 0 } });
    expect(unknown.events).toMatchObject([{ type: 'granted', points: 10 }]);
  });

  it('has its refunds at their entries, each with those before it', () => {
    const refundIds = ['store:RA', 'store:RB'] as RefundId[];
    const taken = (sequence: number, id: string) =>
      entry('clawed_back', sequence, {
        cause: { type: 'refund', id },
        ...moved(['member:available', -1], ['programme:clawed_back', 1]),
      });
    const of = record({ refundIds, entryIds: ['ent_1', 'ent_3', 'ent_5'] as EntryId[] });
    const found = windowOf(
      [earned(1), entry('voucher_used', 2), taken(3, 'store:RA'), entry('bonus', 4), taken(5, 'store:RB')],
      records(of, [applied('store:RA', 3), applied('store:RB', 5, { '1': 50, '2': 400 })]),
    );
    expect(found.events.map(({ type }) => type)).toEqual([
      'purchase',
      'settled',
      'refund',
      'settled',
      'refund',
    ]);
    expect([found.events[2], found.events[4]]).toEqual([
      {
        ...{ type: 'refund', at: at(3), of: 0 },
        refunded: { refundedLines: { '1': { amountMinor: 100, quantity: 0 } }, refundedOrderMinor: 0 },
      },
      {
        ...{ type: 'refund', at: at(5), of: 0 },
        refunded: {
          refundedLines: {
            '1': { amountMinor: 150, quantity: 0 },
            '2': { amountMinor: 400, quantity: 0 },
          },
          refundedOrderMinor: 0,
        },
      },
    ]);
    expect(found).toMatchObject({ refunds: 2, unknown: 0, actual: { issued: 10, clawedBack: 2 } });
  });

  it('has a refund without an entry behind what was recorded before it, and none from behind the window', () => {
    const refundIds = ['store:RA', 'store:RB'] as RefundId[];
    const entries = [earned(1), entry('voucher_used', 2), entry('bonus', 4)];
    const found = (first: number, second: number) =>
      windowOf(
        entries,
        records(record({ refundIds }), [applied('store:RA', first), applied('store:RB', second)]),
      );
    const types = ({ events }: ReturnType<typeof found>) => events.map(({ type, at: when }) => [type, when]);
    const [sale, used, bonus] = [
      ['purchase', at(1)],
      ['settled', at(2)],
      ['settled', at(4)],
    ];
    expect(types(found(3, 5))).toEqual([sale, used, ['refund', at(3)], bonus, ['refund', at(5)]]);
    expect(types(found(2, 3))).toEqual([sale, used, ['refund', at(2)], ['refund', at(3)], bonus]);
    // Whatever the clocks said, they stay in their order.
    expect(types(found(3, 2))).toEqual([sale, used, ['refund', at(3)], ['refund', at(2)], bonus]);
    expect(types(found(0, 0))).toEqual([sale, ['refund', at(0)], ['refund', at(0)], used, bonus]);
    expect(types(found(3, 60))).toEqual([sale, used, ['refund', at(3)], bonus]);
    expect([found(3, 60).refunds, found(3, 59).refunds, found(60, 3).refunds]).toEqual([1, 2, 0]);
  });

  it('is left as it was where not all of its refunds can be told', () => {
    const refundIds = ['store:RA'] as RefundId[];
    expect(windowOf([earned(1)], records(record({ refundIds })))).toMatchObject({ purchases: 0, unknown: 1 });
    const [id, { refund, recordedAt }] = applied('store:RA', 3);
    const { purchaseId: _, ...returned } = refund;
    const matched = (purchaseId: PurchaseId) => [
      { purchaseId, lines: [{ lineId: '2', quantity: 1, amountMinor: 400 }] },
    ];
    const without = (more: object) =>
      windowOf(
        [earned(1)],
        records(record({ refundIds }), [
          [id, { refundId: id, refund: returned, recordedAt, ...more } as never],
        ]),
      );
    expect(without({})).toMatchObject({ purchases: 0, unknown: 1 });
    expect(without({ matched: matched('store:other') })).toMatchObject({ purchases: 0, unknown: 1 });
    const known = without({ matched: matched(purchase.id) });
    expect(known).toMatchObject({ purchases: 1, refunds: 1, unknown: 0 });
    expect(known.events[1]).toMatchObject({
      refunded: { refundedLines: { '2': { amountMinor: 400, quantity: 1 } } },
    });
  });

  it('begins unrefunded, whatever was refunded by now, and is counted among those before it', () => {
    const other = { ...aPurchase([100]), occurredAt: utc(noon) };
    const all = new Map<PurchaseId, PurchaseRecord>([
      [other.id, { ...recordOf(other, null), entryIds: ['ent_1' as EntryId] }],
      [
        purchase.id,
        {
          ...addRefund(record(), { ...aRefund(purchase, { '1': 100 }), id: 'store:RA' as RefundId }).record,
          entryIds: ['ent_2' as EntryId],
        },
      ],
    ]);
    const found = windowOf([earned(1, other), earned(2)], {
      purchases: all,
      refunds: new Map([applied('store:RA', 3)]),
    });
    expect(found.events[2]).toEqual({
      ...{ type: 'refund', at: at(3), of: 1 },
      refunded: { refundedLines: { '1': { amountMinor: 100, quantity: 0 } }, refundedOrderMinor: 0 },
    });
    expect(found).toMatchObject({ purchases: 2, actual: { issued: 20 } });
  });
});

it('what is owed at the end is all there is, less the debt, as time has made it', () => {
  const end = {
    ...emptyAccount(memberId),
    lots: [
      { points: 30, availableAt: null, expiresAt: utc(to) },
      { points: 20, availableAt: utc(to + minute), expiresAt: utc(to + 2 * minute) },
      { points: 10, availableAt: null, expiresAt: utc(to + minute) },
    ],
    debt: 4,
  } as Account;
  const refund = entry('clawed_back', 2, {
    cause: { type: 'refund', id: 'store:R1' },
    ...moved(['programme:clawed_back', 5]),
  });
  const found = windowOf([refund, entry('clawed_back', 3, { cause: refund.cause })], { end });
  // The lot that lapses at the end has lapsed.
  expect(found.actual).toMatchObject({ issued: 0, clawedBack: 5, liability: 30 - 4, tier: 'ami' });
  expect(found).toMatchObject({ refunds: 1, purchases: 0, unknown: 0 });
});
