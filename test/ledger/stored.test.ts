/** How items are written where that differs from what they are: shorter, with nothing lost, and those of before read. */
import { describe, expect, it } from 'vitest';
import type { MemberId } from '../../core/contract/ids.ts';
import { fromBits, listenersOf, listenersText, restored, stored, toBits } from '../../ledger/store/stored.ts';
import { aPurchase } from '../support/world.ts';

const memberId = 'mem_01JD0000000000000000000000' as MemberId;
const back = (type: string, data: object) => restored(type, memberId, stored(type, data));

describe('some of a list', () => {
  const all = Array.from({ length: 10 }, (_, index) => `line ${index}`);

  it('is a bit for each of all, and comes back in the order of all', () => {
    const base64 = (...bytes: number[]) => Buffer.from(bytes).toString('base64url');
    expect(toBits(all, ['line 9', 'line 0', 'line 3'])).toBe(base64(0b1001, 0b10));
    expect(toBits(all, [])).toBe(base64(0, 0));
    expect(toBits([], [])).toBe('');
    expect(fromBits(all, base64(0b1001, 0b10))).toEqual(['line 0', 'line 3', 'line 9']);
    expect(fromBits(all, base64(0b1000_0000))).toEqual(['line 7']);
    expect(() => toBits(all, ['line 10'])).toThrow('line 10 is not among the lines.');
  });
});

describe('a purchase', () => {
  const purchase = aPurchase([100, 200, 300]);
  const terms = {
    campaigns: [{ id: 'some', lines: ['1', '3'] }, { id: 'all' }],
    stampCards: [{ id: 'card', lines: ['2'] }],
    maxPoints: 5,
  };
  const record = {
    ...{ purchase, contentHash: 'h', revision: 3, memberId, recordedAt: 'then', clawedBack: 0 },
    ...{ refundedLines: {}, refundedOrderMinor: 0, refundIds: [], entryIds: [], conflicts: [] },
    earning: { points: 6, lines: ['1', '2'], terms },
  };

  it('leaves out what it has while nothing was refunded, and names its lines by bits', () => {
    const bits = (byte: number) => Buffer.from([byte]).toString('base64url');
    expect(stored('purchase', record)).toEqual({
      ...{ purchase, contentHash: 'h', revision: 3, memberId, recordedAt: 'then', entryIds: [] },
      earning: {
        points: 6,
        lines: bits(0b11),
        terms: {
          campaigns: [{ id: 'some', lines: bits(0b101) }, { id: 'all' }],
          stampCards: [{ id: 'card', lines: bits(0b10) }],
          maxPoints: 5,
        },
      },
    });
    expect(back('purchase', record)).toEqual(record);
  });

  it('has each of its refunds, by the places of its lines', () => {
    const refunded = {
      ...record,
      ...{ clawedBack: 1, refundedOrderMinor: 2, refundIds: ['store:R1'], conflicts: ['exc_1'] },
      refundedLines: { '3': { amountMinor: 1, quantity: 0 }, '1': { amountMinor: 2, quantity: 1 } },
    };
    expect(stored('purchase', refunded)).toMatchObject({
      ...{ clawedBack: 1, refundedOrderMinor: 2, refundIds: ['store:R1'], conflicts: ['exc_1'] },
      refundedLines: { '#2': { amountMinor: 1, quantity: 0 }, '#0': { amountMinor: 2, quantity: 1 } },
    });
    expect(back('purchase', refunded)).toEqual(refunded);
  });

  it('of nobody earns nothing, and one whose lines stand in another order keeps that', () => {
    const guest = { ...record, earning: null, memberId: null };
    expect(back('purchase', guest)).toEqual(guest);
    const { campaigns: _, stampCards: __, ...plain } = terms;
    const other = { ...record, earning: { ...record.earning, lines: ['2', '1'], terms: plain } };
    expect(stored('purchase', other)).toMatchObject({ earning: { lines: ['2', '1'], terms: plain } });
    expect(back('purchase', other)).toEqual(other);
  });

  it('of before is read: its lines by their ids, and a conflict that it only said there was', () => {
    const before = {
      ...record,
      refundedLines: { '2': { amountMinor: 1, quantity: 0 }, '#9': { amountMinor: 1, quantity: 0 } },
    };
    expect(restored('purchase', memberId, before)).toEqual(before);
    const { conflicts: _, ...unsaid } = record;
    expect(restored('purchase', memberId, { ...unsaid, conflict: true })).toEqual({
      ...unsaid,
      conflicts: [''],
    });
    expect(restored('purchase', memberId, { ...unsaid, conflict: false })).toEqual({
      ...unsaid,
      conflicts: [],
    });
  });
});

describe('an entry', () => {
  const lines = [{ id: 'a' }, { id: 'b' }];
  const entry = (basis?: object) => ({ entryId: 'ent_1', memberId, points: 1, ...(basis ? { basis } : {}) });
  const bits = (byte: number) => Buffer.from([byte]).toString('base64url');

  it('says whose it is by where it lies', () => {
    expect(stored('entry', entry())).toEqual({ entryId: 'ent_1', points: 1 });
    expect(back('entry', entry())).toEqual(entry());
    // Who hears of it is no part of it.
    expect(restored('entry', memberId, { entryId: 'ent_1', points: 1, listeners: 'apple' })).toEqual(entry());
  });

  it('names lines by bits: those that earn, and behind them those that only fill a card', () => {
    const basis = {
      lines,
      campaigns: [{ id: 'some', lines: ['b'] }, { id: 'all' }],
      stampCards: [
        { id: 'one', lines: ['a', 'c'] },
        { id: 'two', lines: ['c', 'd'] },
      ],
    };
    expect(stored('entry', entry(basis))).toMatchObject({
      basis: {
        lines,
        campaigns: [{ id: 'some', lines: bits(0b10) }, { id: 'all' }],
        stampCards: [
          { id: 'one', lines: bits(0b101) },
          { id: 'two', lines: bits(0b1100) },
        ],
        others: ['c', 'd'],
      },
    });
    expect(back('entry', entry(basis))).toEqual(entry(basis));
    const plain = { lines, stampCards: [{ id: 'one', lines: ['b'] }] };
    expect(stored('entry', entry(plain))).toMatchObject({
      basis: { ...plain, stampCards: [{ lines: bits(0b10) }] },
    });
    expect(stored('entry', entry(plain))).not.toHaveProperty('basis.others');
    expect(back('entry', entry({ lines }))).toEqual(entry({ lines }));
  });

  it('of before named them by their ids', () => {
    const basis = { lines, campaigns: [{ id: 'some', lines: ['b'] }] };
    expect(restored('entry', memberId, { ...entry(basis) })).toEqual(entry(basis));
  });
});

describe('what is written otherwise', () => {
  it('is who listens to an account: a text, of nobody an empty one, of accounts of before none', () => {
    expect(listenersText(['apple', 'google'] as never)).toBe('apple google');
    expect(listenersText(undefined)).toBeUndefined();
    expect([listenersOf('apple google'), listenersOf(''), listenersOf(undefined)]).toEqual([
      ['apple', 'google'],
      [],
      undefined,
    ]);
    for (const listeners of [['apple'], [], undefined]) {
      const account = { memberId, ...(listeners ? { listeners } : {}) };
      expect(back('account', account)).toEqual(account);
    }
    expect(stored('account', { memberId, listeners: ['apple', 'google'] })).toEqual({
      memberId,
      listeners: 'apple google',
    });
  });

  it('is a programme: one text, and of before a map', () => {
    const program = { version: 2, document: { currencies: { JPY: 1, EUR: 2 } } };
    expect(stored('program', program)).toEqual({ version: 2, document: '{"currencies":{"JPY":1,"EUR":2}}' });
    expect(back('program', program)).toEqual(program);
    expect(restored('program', undefined, program)).toEqual(program);
  });

  it('is nothing else', () => {
    const turn = { revision: 1, document: 'x', listeners: 'y' };
    expect(stored('turn', turn)).toEqual(turn);
    expect(restored('turn', memberId, turn)).toEqual(turn);
  });
});

describe('of before', () => {
  it('what awaited its purchase held the refunds themselves', () => {
    const refunds = [{ id: 'store:R1' }, { id: 'store:R2' }];
    const read = (data: object) => restored('awaitedPurchase', undefined, data);
    expect(read({ refunds, revision: 1 })).toEqual({ refundIds: ['store:R1', 'store:R2'], revision: 1 });
    expect(read({ refundIds: ['store:R3'], revision: 1 })).toEqual({ refundIds: ['store:R3'], revision: 1 });
    expect(read({ revision: 1 })).toEqual({ refundIds: [], revision: 1 });
  });

  it('a redemption gave one voucher at most, and was counted in a shard or not', () => {
    const read = (data: object) => restored('redemption', memberId, data);
    expect(read({ tallyShard: 0, voucherId: 'vou_1' })).toEqual({ voucherIds: ['vou_1'], tallied: true });
    expect(read({ tallyShard: null, voucherId: null })).toEqual({ voucherIds: [], tallied: false });
    expect(read({ voucherIds: ['vou_1', 'vou_2'], tallied: true })).toEqual({
      voucherIds: ['vou_1', 'vou_2'],
      tallied: true,
    });
  });
});
