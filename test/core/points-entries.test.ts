/** What entries say of what happened: when, why, between which accounts, in which lots. */
import { describe, expect, it } from 'vitest';
import { type Account, balanceOf } from '../../core/account.ts';
import type { MemberId, RedemptionId } from '../../core/contract/ids.ts';
import {
  adjust,
  award,
  clawBack,
  type Earning,
  enrol,
  erase,
  giveReferral,
  isWorthAsMuch,
  nextDue,
  noteProfileChange,
  settle,
  shrunk,
  takeReferral,
  withProfileBonus,
} from '../../core/points.ts';
import { addRefund, worth } from '../../core/purchases.ts';
import { hold } from '../../core/redemptions.ts';
import { aPurchase, aRefund, defaultProgram, noon, recordOf } from '../support/world.ts';

const memberId = 'mem_01JD0000000000000000000000' as MemberId;
const newcomer = 'mem_01JD0000000000000000000001' as MemberId;
const redemptionId = 'red_01JD0000000000000000000000' as RedemptionId;
const program = { ...defaultProgram({ bonuses: {} }), version: 7 };
const forgiving = { ...program, debt: 'forgive' as const };
const now = '2026-11-22T12:00:00Z';
const expiresAt = '2027-11-30T23:00:00Z';
const start = enrol(program, memberId, noon).account;

const bought = (account: Account, amountMinor: number, more: object = {}) =>
  award(program, account, aPurchase([amountMinor], more), noon);
const owing = (debt: number): Account => ({ ...start, debt });

describe('a purchase', () => {
  it('earns what can be spent, or is pending, and repays what is owed first', () => {
    const purchase = aPurchase([10_000]);
    const { entries, account } = award(program, owing(30), purchase, noon);
    expect(entries).toMatchObject([
      {
        type: 'earned',
        cause: { type: 'purchase', id: purchase.id },
        occurredAt: purchase.occurredAt,
        recordedAt: now,
        programVersion: 7,
        postings: [
          { account: 'programme:issued', points: -100 },
          { account: 'member:debt', points: 30 },
          { account: 'member:available', points: 70 },
        ],
        lots: [{ availableAt: null, expiresAt, points: 70 }],
        qualifying: { month: '2026-11', points: 100 },
      },
    ]);
    expect(entries[0]).not.toHaveProperty('tier');
    expect(entries[0]).not.toHaveProperty('stamps');
    expect(balanceOf(account)).toMatchObject({ available: 70, debt: 0 });
    expect(account.purchases).toBe(1);
    const web = bought(start, 10_000, { channel: 'web' });
    expect(web.entries[0]?.postings[1]).toEqual({ account: 'member:pending', points: 100 });
  });

  it('has no place where nobody has counted the purchases before it', () => {
    const { purchases: _purchases, ...before } = start;
    expect(bought(start, 100).earning.place).toBe(1);
    expect(bought(before, 100).earning.place).toBeUndefined();
  });

  it('keeps for its refunds what it was priced under', () => {
    const { earning } = bought(start, 60_000);
    expect(earning).toMatchObject({
      points: 600,
      qualifyingPoints: 600,
      terms: { rate: { points: 1, perMinor: 100 }, maxPoints: 100_000 },
      lines: ['1'],
      lot: { availableAt: null, expiresAt },
      month: '2026-11',
      programVersion: 7,
    });
    for (const none of ['stamps', 'stampDay', 'lastVisitAt']) expect(earning).not.toHaveProperty(none);
    for (const none of ['campaigns', 'visit', 'stampCards']) expect(earning.terms).not.toHaveProperty(none);
  });
});

describe('a refund', () => {
  const back = (rules: typeof program, account: Account, earning: Earning, minor: number) => {
    const purchase = aPurchase([10_000]);
    const refund = aRefund(purchase, minor);
    const { record } = addRefund(recordOf(purchase, earning), refund);
    return clawBack(rules, account, earning, worth(record, earning), refund, noon);
  };

  it('takes from its own lot, then from others, and the rest is owed or forgiven', () => {
    const { account, earning } = bought(start, 10_000);
    const spent: Account = { ...account, lots: [{ availableAt: null, expiresAt, points: 25 }] };
    const { entries, clawedBack, debt, account: after } = back(program, spent, earning, 4000);
    expect(entries).toMatchObject([
      {
        type: 'clawed_back',
        cause: { type: 'refund' },
        occurredAt: '2026-11-22T11:30:00Z',
        recordedAt: now,
        programVersion: 7,
        postings: [
          { account: 'member:available', points: -25 },
          { account: 'member:debt', points: -15 },
          { account: 'programme:clawed_back', points: 40 },
        ],
        lots: [{ availableAt: null, expiresAt, points: -25 }],
      },
    ]);
    expect([clawedBack, debt]).toEqual([40, 15]);
    expect(entries[0]).not.toHaveProperty('stamps');
    // Something of it is still with the customer: it stays one of the member's purchases.
    expect(after.purchases).toBe(1);
    expect(back(forgiving, spent, earning, 4000).entries[0]?.postings).toEqual([
      { account: 'member:available', points: -25 },
      { account: 'programme:forgiven', points: -15 },
      { account: 'programme:clawed_back', points: 40 },
    ]);
  });

  it('takes pending points from what is pending', () => {
    const { account, earning } = bought(start, 10_000, { channel: 'web' });
    expect(back(program, account, earning, 4000).entries[0]?.postings).toEqual([
      { account: 'member:pending', points: -40 },
      { account: 'programme:clawed_back', points: 40 },
    ]);
  });

  it('moves something where points, qualifying points or stamps are fewer, and nothing else', () => {
    const { earning } = bought(start, 10_000);
    const stamps = [{ id: 'coffee', count: 2 }];
    const target = (more: object) => ({ ...shrunk(earning, earning as never), ...more }) as never;
    expect(isWorthAsMuch(earning, target({}))).toBe(true);
    expect(isWorthAsMuch(earning, target({ points: 99 }))).toBe(false);
    expect(isWorthAsMuch(earning, target({ qualifyingPoints: 99 }))).toBe(false);
    expect(isWorthAsMuch({ ...earning, stamps }, target({ stamps }))).toBe(true);
    expect(isWorthAsMuch({ ...earning, stamps }, target({}))).toBe(false);
    expect(shrunk({ ...earning, stamps }, { ...earning, points: 1 } as never)).toEqual({
      ...earning,
      points: 1,
    });
    expect(shrunk(earning, { ...earning, stamps } as never).stamps).toEqual(stamps);
  });
});

describe('time', () => {
  const at = (text: string) => Date.parse(text);

  it('makes pending points such that can be spent, repaying what is owed', () => {
    const { account } = bought(start, 10_000, { channel: 'web' });
    const day = '2026-12-05T23:00:00Z';
    expect(nextDue(account)).toBe(day);
    expect(settle(program, account, at(day) - 1).entries).toEqual([]);
    expect(settle(program, { ...account, debt: 30 }, at('2026-12-06T08:00:00Z')).entries).toMatchObject([
      {
        type: 'activated',
        cause: { type: 'schedule', id: day },
        occurredAt: day,
        recordedAt: '2026-12-06T08:00:00Z',
        programVersion: 7,
        postings: [
          { account: 'member:pending', points: -100 },
          { account: 'member:debt', points: 30 },
          { account: 'member:available', points: 70 },
        ],
      },
    ]);
  });

  it('gives notice a month before points lapse, once, and then lets them lapse', () => {
    const { account } = bought(start, 10_000);
    const notice = '2027-10-30T23:00:00Z';
    expect(nextDue(account)).toBe(notice);
    expect(settle(program, account, at(notice) - 1).entries).toEqual([]);
    const told = settle(program, account, at(notice));
    expect(told.entries).toMatchObject([
      {
        type: 'expiry_noticed',
        cause: { type: 'schedule', id: expiresAt },
        occurredAt: notice,
        recordedAt: notice,
        programVersion: 7,
        postings: [],
        lots: [],
        notice: { points: 100, at: expiresAt },
      },
    ]);
    expect(nextDue(told.account)).toBe(expiresAt);
    expect(settle(program, told.account, at(expiresAt) - 1).entries).toEqual([]);
    expect(settle(program, told.account, at(expiresAt)).entries).toMatchObject([
      {
        type: 'expired',
        cause: { type: 'schedule', id: expiresAt },
        occurredAt: expiresAt,
        postings: [
          { account: 'member:available', points: -100 },
          { account: 'programme:expired', points: 100 },
        ],
        lots: [{ availableAt: null, expiresAt, points: -100 }],
      },
    ]);
  });

  it('gives no notice of what cannot be spent yet', () => {
    const lots = [{ availableAt: '2027-11-15T23:00:00Z', expiresAt, points: 5 }];
    expect(nextDue({ ...start, lots })).toBe('2027-11-15T23:00:00Z');
    expect(settle(program, { ...start, lots }, at('2027-11-01T00:00:00Z')).entries).toEqual([]);
  });

  it('gives notice on the last day of a month that is too short for the day', () => {
    const lots = [{ availableAt: null, expiresAt: '2027-03-31T12:00:00Z', points: 5 }];
    expect(nextDue({ ...start, lots })).toBe('2027-02-28T12:00:00Z');
    const late = [{ availableAt: null, expiresAt: '2027-03-15T12:00:00Z', points: 5 }];
    expect(nextDue({ ...start, lots: late })).toBe('2027-02-15T12:00:00Z');
  });

  it('ends holds: their points can be spent again', () => {
    const held = hold(program, bought(start, 10_000).account, { redemptionId, points: 40 }, noon);
    if (held.type !== 'planned') throw new Error('It is held.');
    const end = '2026-11-22T12:15:00Z';
    expect(nextDue(held.account)).toBe(end);
    const { entries, account } = settle(program, held.account, at(end));
    expect(entries).toMatchObject([
      {
        type: 'holds_expired',
        occurredAt: end,
        postings: [
          { account: 'member:held', points: -40 },
          { account: 'member:available', points: 40 },
        ],
        holds: { ended: [redemptionId] },
      },
    ]);
    expect(balanceOf(account)).toMatchObject({ available: 100, held: 0 });
  });

  it('ends the term of a tier', () => {
    const { account } = bought(start, 60_000);
    const bare: Account = { ...account, lots: [] };
    expect(nextDue(bare)).toBe(expiresAt);
    expect(settle(program, bare, at(expiresAt) - 1).entries).toEqual([]);
    expect(settle(program, bare, at(expiresAt)).entries).toMatchObject([
      { type: 'tier_reviewed', occurredAt: expiresAt, postings: [], lots: [], tier: { id: 'ami' } },
    ]);
  });

  it('changes nothing for who has left, nor where nothing is due', () => {
    const { account } = bought(start, 60_000);
    for (const status of ['closed', 'merged'] as const) {
      expect(settle(program, { ...account, status }, at(expiresAt)).entries).toEqual([]);
      expect(nextDue({ ...account, status })).toBeNull();
    }
    expect(nextDue(start)).toBeNull();
  });
});

describe('what comes by itself', () => {
  it('a welcome is an entry where the programme gives one', () => {
    const types = (rules: typeof program) => enrol(rules, memberId, noon).entries.map(({ type }) => type);
    expect(types(program)).toEqual(['enrolled']);
    expect(types({ ...program, bonuses: { welcome: 50 } })).toEqual(['enrolled', 'bonus']);
  });

  it('a referral gives points that can be spent at once, and is taken back as a debt where they are gone', () => {
    const given = giveReferral(program, start, 200, newcomer, noon);
    const cause = { type: 'referral', id: newcomer };
    expect(given.entries).toMatchObject([
      {
        type: 'bonus',
        cause,
        occurredAt: now,
        recordedAt: now,
        programVersion: 7,
        postings: [
          { account: 'programme:issued', points: -200 },
          { account: 'member:available', points: 200 },
        ],
        lots: [{ availableAt: null, expiresAt, points: 200 }],
      },
    ]);
    const rest: Account = { ...given.account, lots: [{ availableAt: null, expiresAt, points: 150 }] };
    const [taken] = takeReferral(program, rest, 200, newcomer, noon).entries;
    expect(taken).toMatchObject({
      type: 'bonus_taken_back',
      cause,
      occurredAt: now,
      recordedAt: now,
      programVersion: 7,
      postings: [
        { account: 'member:available', points: -150 },
        { account: 'member:debt', points: -50 },
        { account: 'programme:clawed_back', points: 200 },
      ],
      lots: [{ availableAt: null, expiresAt, points: -150 }],
    });
    expect(takeReferral(forgiving, rest, 200, newcomer, noon).entries[0]?.postings).toEqual([
      { account: 'member:available', points: -150 },
      { account: 'programme:forgiven', points: -50 },
      { account: 'programme:clawed_back', points: 200 },
    ]);
  });

  it('a complete profile is honoured once, and a change of it moves no points', () => {
    const giving = { ...program, bonuses: { profile: 50 } };
    const once = withProfileBonus(giving, { account: start, entries: [] }, noon);
    expect(once.entries).toMatchObject([
      { type: 'bonus', bonus: 'profile', cause: { type: 'profile', id: memberId }, occurredAt: now },
    ]);
    expect(withProfileBonus(giving, once, noon)).toBe(once);
    expect(noteProfileChange(program, start, noon).entries).toMatchObject([
      {
        type: 'profile_changed',
        cause: { type: 'profile', id: memberId },
        occurredAt: now,
        recordedAt: now,
        programVersion: 7,
        postings: [],
        lots: [],
      },
    ]);
  });
});

describe('an operator', () => {
  const adjusted = (account: Account, points: number) =>
    adjust(program, account, { adjustmentId: 'adj_1', points }, noon);

  it('gives points, or takes such as can be spent and no more', () => {
    const given = adjusted(start, 80);
    expect(given).toMatchObject({
      type: 'planned',
      entries: [
        {
          type: 'adjusted',
          cause: { type: 'adjustment', id: 'adj_1' },
          occurredAt: now,
          recordedAt: now,
          programVersion: 7,
          postings: [
            { account: 'programme:issued', points: -80 },
            { account: 'member:available', points: 80 },
          ],
          lots: [{ availableAt: null, expiresAt, points: 80 }],
        },
      ],
    });
    if (given.type !== 'planned') return;
    expect(adjusted(given.account, -80)).toMatchObject({
      entries: [
        {
          postings: [
            { account: 'member:available', points: -80 },
            { account: 'programme:clawed_back', points: 80 },
          ],
          lots: [{ availableAt: null, expiresAt, points: -80 }],
        },
      ],
    });
    const pending = bought(given.account, 10_000, { channel: 'web' }).account;
    expect(adjusted(pending, -81)).toEqual({ type: 'insufficient', available: 80 });
  });

  it('closes whatever a member who leaves has, holds and owes', () => {
    const held = hold(program, bought(start, 10_000).account, { redemptionId, points: 40 }, noon);
    if (held.type !== 'planned') throw new Error('It is held.');
    const all = { ...bought(held.account, 5000, { channel: 'web' }).account, debt: 7 };
    const { entries, account } = erase(program, all, noon);
    expect(entries).toMatchObject([
      {
        type: 'erased',
        cause: { type: 'erasure', id: memberId },
        occurredAt: now,
        recordedAt: now,
        programVersion: 7,
        postings: [
          { account: 'member:available', points: -60 },
          { account: 'member:pending', points: -50 },
          { account: 'member:held', points: -40 },
          { account: 'member:debt', points: 7 },
          { account: 'programme:erased', points: 143 },
        ],
        holds: { ended: [redemptionId] },
      },
    ]);
    expect(account).toMatchObject({ status: 'closed', lots: [], holds: [], debt: 0 });
    expect(erase(program, start, noon).entries[0]).not.toHaveProperty('holds');
  });
});
