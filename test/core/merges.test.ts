/** Two accounts that become one, and two again: what their entries say, and what each has afterwards. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Account,
  balanceOf,
  type Entry,
  foldLots,
  type Hold,
  type Lot,
  type MergeSide,
  type PlannedEntry,
  write,
} from '../../core/account.ts';
import type { MemberId, RedemptionId, VoucherId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { type Both, giveBackBonus, givenAgain, type Merged, merge, unmerge } from '../../core/merges.ts';
import { award, enrol, type Plan, settle } from '../../core/points.ts';
import { capture, hold, redeem, release } from '../../core/redemptions.ts';
import { aPurchase, defaultProgram, noon, runs } from '../support/world.ts';

const ids = ['mem_01JD0000000000000000000000', 'mem_01JD0000000000000000000001'] as [MemberId, MemberId];
const [intoId, fromId] = ids;
const third = 'mem_01JD0000000000000000000002' as MemberId;
const redemptionId = 'red_01JD0000000000000000000000' as RedemptionId;
const program = { ...defaultProgram({ bonuses: {} }), version: 7 };
const now = utc(noon);
const minute = 60_000;
const day = 86_400_000;

const soon = '2027-03-31T22:00:00Z';
const late = '2027-11-30T23:00:00Z';
const opens = '2026-12-05T23:00:00Z';
const lot = (points: number, expiresAt: string | null = late, availableAt: string | null = null): Lot => ({
  availableAt,
  expiresAt,
  points,
});
const ami = { id: 'ami', validUntil: null, steps: [] };
const openHold = { redemptionId, expiresAt: utc(noon + 15 * minute), lots: [lot(30)] };

const account = (memberId: MemberId, more: Partial<Account> = {}): Account => ({
  ...enrol(program, memberId, noon - day).account,
  ...more,
});
const into = (more: Partial<Account> = {}) => account(intoId, more);
const from = (more: Partial<Account> = {}) => account(fromId, more);

/** One who has spent some, and one who was somebody else's other half before. */
const saver = into({
  lots: [lot(40, soon)],
  lifetime: { earned: 140, spent: 100, expired: 0 },
  qualifying: { '2026-10': 200, '2026-11': 140 },
  lastVisitAt: '2026-11-01T10:00:00Z',
  stamps: { coffee: 3 },
  stampDays: { coffee: { '2026-11-22': 3 } },
  purchases: 4,
  freePlaces: [2],
  noticedUntil: '2027-01-31T23:00:00Z',
  bonuses: { welcome: '2026-10-01T10:00:00Z', birthday: '2026-05-05T10:00:00Z' },
});
const other = from({
  lots: [lot(10, soon), lot(50), lot(70, late, opens)],
  holds: [openHold],
  held: 30,
  lifetime: { earned: 190, spent: 20, expired: 10 },
  qualifying: { '2026-09': 50, '2026-11': 200 },
  lastVisitAt: '2026-11-10T10:00:00Z',
  stamps: { coffee: 4 },
  stampDays: { coffee: { '2026-11-21': 1, '2026-11-22': 3 } },
  purchases: 3,
  freePlaces: [1],
  merged: [third],
  bonuses: { welcome: '2026-11-01T10:00:00Z', birthday: '2026-04-04T10:00:00Z', profile: now },
});

const last = ({ entries }: Plan) => entries.at(-1) as PlannedEntry;
type Side = PlannedEntry & { merge: MergeSide };
const told = (both: Both, since: Merged['since'] = []): Merged => ({
  out: last(both.from) as Side,
  in: last(both.into) as Side,
  since,
});
const nothing = { into: [], from: [] };

/** What an account has, without what counts its entries. */
function having({ version: _, head: __, updatedAt: ___, modifiedAt: ____, ...rest }: Account) {
  return rest;
}

/** Merged, something done on what both came to, and parted at an instant. */
function parted(
  one: Account,
  two: Account,
  then: (together: Account) => Plan = (together) => ({ account: together, entries: [] }),
  at = noon,
): Both {
  const both = merge(program, one, two, noon);
  const since = then(both.into.account);
  const { issued = [] } = last(both.into).stamps ?? {};
  return unmerge(program, since.account, both.from.account, told(both, since.entries), nothing, at, issued);
}

const said = { recordedAt: now, occurredAt: now, programVersion: 7 };

describe('together', () => {
  it('all goes from the one, as its entry says', () => {
    const both = merge(program, saver, other, noon);
    expect(both.from.entries).toEqual([
      {
        ...said,
        memberId: fromId,
        sequence: other.version + 1,
        type: 'merged_out',
        cause: { type: 'merge', id: intoId },
        balance: {
          before: { available: 60, pending: 70, held: 30, debt: 0 },
          after: { available: 0, pending: 0, held: 0, debt: 0 },
        },
        postings: [
          { account: 'member:available', points: -60 },
          { account: 'member:pending', points: -70 },
          { account: 'member:held', points: -30 },
          { account: 'programme:transferred', points: 160 },
        ],
        lots: [lot(-10, soon), lot(-50), lot(-70, late, opens)],
        tier: ami,
        lastVisitAt: null,
        holds: { ended: [redemptionId] },
        stamps: { stamps: [{ id: 'coffee', count: -4 }], issued: [], revoked: [] },
        purchases: -3,
        merge: {
          memberId: intoId,
          members: [fromId, third],
          sequence: saver.version + 1,
          qualifying: [
            { month: '2026-09', points: -50 },
            { month: '2026-11', points: -200 },
          ],
          lifetime: { earned: -190, spent: -20, expired: -10 },
          tier: ami,
          before: {
            tier: ami,
            bonuses: other.bonuses,
            lastVisitAt: other.lastVisitAt,
            noticedUntil: null,
            purchases: 3,
            freePlaces: [1],
          },
        },
      },
    ]);
    expect(both.from.account).toMatchObject({
      status: 'merged',
      mergedInto: intoId,
      lots: [],
      holds: [],
      held: 0,
      lifetime: { earned: 0, spent: 0, expired: 0 },
      qualifying: {},
      stamps: {},
      purchases: 0,
    });
  });

  it('and comes to the other, with the tier and the voucher that both make up together', () => {
    const both = merge(program, saver, other, noon);
    const complice = {
      id: 'complice',
      validUntil: '2027-11-30T23:00:00Z',
      steps: [{ id: 'complice', threshold: 500, month: '2026-11', before: { id: 'ami', validUntil: null } }],
    };
    expect(both.into.entries).toEqual([
      {
        ...said,
        memberId: intoId,
        sequence: saver.version + 1,
        type: 'merged_in',
        cause: { type: 'merge', id: fromId },
        balance: {
          before: { available: 40, pending: 0, held: 0, debt: 0 },
          after: { available: 100, pending: 70, held: 30, debt: 0 },
        },
        postings: [
          { account: 'member:available', points: 60 },
          { account: 'member:pending', points: 70 },
          { account: 'member:held', points: 30 },
          { account: 'programme:transferred', points: -160 },
        ],
        lots: [lot(10, soon), lot(50), lot(70, late, opens)],
        tier: complice,
        lastVisitAt: '2026-11-10T10:00:00Z',
        stamps: {
          stamps: [{ id: 'coffee', count: -1 }],
          issued: [expect.objectContaining({ rewardId: 'free-coffee', stamps: 5 })],
          revoked: [],
        },
        purchases: 3,
        merge: {
          memberId: fromId,
          members: [fromId, third],
          qualifying: [
            { month: '2026-09', points: 50 },
            { month: '2026-11', points: 200 },
          ],
          lifetime: { earned: 190, spent: 20, expired: 10 },
          tier: ami,
          holds: [openHold],
          before: {
            tier: ami,
            bonuses: saver.bonuses,
            lastVisitAt: saver.lastVisitAt,
            noticedUntil: saver.noticedUntil,
            purchases: 4,
            freePlaces: [2],
          },
          after: {
            bonuses: {
              welcome: '2026-11-01T10:00:00Z',
              birthday: '2026-05-05T10:00:00Z',
              profile: now,
            },
            // Only the one was told of what lapses: it is told again.
            noticedUntil: null,
            stampDays: { coffee: { '2026-11-21': 1, '2026-11-22': 6 } },
          },
        },
      },
    ]);
    expect(both.into.account).toMatchObject({
      merged: [fromId, third],
      lots: [lot(50, soon), lot(50), lot(70, late, opens)],
      holds: [openHold],
      held: 30,
      lifetime: { earned: 330, spent: 120, expired: 10 },
      qualifying: { '2026-09': 50, '2026-10': 200, '2026-11': 340 },
      stamps: { coffee: 2 },
      purchases: 7,
      freePlaces: [2],
    });
  });

  it('who has nothing brings nothing', () => {
    const both = merge(program, into(), from(), noon);
    for (const plan of [both.into, both.from]) {
      const entry = last(plan);
      expect(entry).toMatchObject({ postings: [], lots: [], tier: ami });
      for (const none of ['stamps', 'holds', 'purchases']) expect(entry).not.toHaveProperty(none);
      for (const none of ['holds', 'repaid']) expect(entry.merge).not.toHaveProperty(none);
      expect(entry.merge?.before).not.toHaveProperty('freePlaces');
    }
    expect(last(both.into)).not.toHaveProperty('lastVisitAt');
    expect(last(both.into).merge?.after).not.toHaveProperty('stampDays');
  });

  it('nobody counts the purchases of who has none counted', () => {
    const { purchases: _, ...before } = into();
    const both = merge(program, before, from(), noon);
    expect(last(both.into).merge?.before).not.toHaveProperty('purchases');
  });

  it('a visit of the one keeps the other from none: the later of the two counts', () => {
    const visited = (one: string | null, two: string | null) =>
      last(merge(program, into({ lastVisitAt: one }), from({ lastVisitAt: two }), noon).into).lastVisitAt;
    expect(visited('2026-11-10T10:00:00Z', '2026-11-01T10:00:00Z')).toBeUndefined();
    expect(visited('2026-11-10T10:00:00Z', null)).toBeUndefined();
    expect(visited(null, '2026-11-01T10:00:00Z')).toBe('2026-11-01T10:00:00Z');
  });

  it('of what lapses everybody is told who has not been', () => {
    const noticed = (one: Partial<Account>, two: Partial<Account>) =>
      merge(program, into(one), from(two), noon).into.account.noticedUntil;
    const lots = [lot(10)];
    const [early, later] = ['2027-01-31T23:00:00Z', '2027-02-28T23:00:00Z'];
    expect(noticed({ lots, noticedUntil: early }, { lots, noticedUntil: later })).toBe(early);
    expect(noticed({ lots, noticedUntil: later }, { lots, noticedUntil: early })).toBe(early);
    expect(noticed({ lots, noticedUntil: null }, { lots, noticedUntil: early })).toBe(null);
    // Who has no points has none that lapse.
    expect(noticed({ lots, noticedUntil: later }, { noticedUntil: early })).toBe(later);
    expect(noticed({ noticedUntil: early }, { lots, noticedUntil: later })).toBe(later);
  });

  it('what the one owes is paid of what the other can spend, soonest to lapse first', () => {
    const has = { lots: [lot(20, soon), lot(50), lot(70, late, opens)] };
    for (const [one, two] of [
      [into(has), from({ debt: 30 })],
      [into({ debt: 30 }), from(has)],
    ] as const) {
      const both = merge(program, one, two, noon);
      expect(both.into.account).toMatchObject({ debt: 0, lots: [lot(40), lot(70, late, opens)] });
      expect(last(both.into).merge?.repaid).toEqual([lot(20, soon), lot(10)]);
      const sums = last(both.into).postings.filter(({ account: name }) => name === 'programme:transferred');
      expect(sums).toEqual([{ account: 'programme:transferred', points: one.debt > 0 ? -140 : 30 }]);
    }
    const both = merge(program, into({ lots: [lot(20)], debt: 0 }), from({ debt: 30 }), noon);
    expect(both.into.account).toMatchObject({ debt: 10, lots: [] });
  });

  it('begins with what time has made true of either', () => {
    const due = { lots: [lot(25, late, utc(noon - day))] };
    const both = merge(program, into(due), from(due), noon);
    for (const plan of [both.into, both.from])
      expect(plan.entries.map(({ type }) => type)[0]).toBe('activated');
    expect(both.into.account.lots).toEqual([lot(50)]);
  });
});

describe('apart again', () => {
  it('at once, both are what they were', () => {
    const owing = { debt: 30, lots: [] };
    const has = { lots: [lot(20, soon), lot(50), lot(70, late, opens)] };
    for (const [one, two] of [
      [saver, other],
      [into(), from()],
      [into(owing), from(has)],
      [into(has), from(owing)],
      [into({ debt: 90 }), from(has)],
      [into(has), from({ debt: 90 })],
      [into(has), award(program, from({ stamps: { coffee: 2 } }), aPurchase([60_000]), noon).account],
    ] as const) {
      const both = parted(one, two);
      expect(having(both.from.account)).toEqual(having(two));
      // Days are bounded together still: nobody gets more stamps of a day for having been one.
      expect(having(both.into.account)).toEqual({ ...having(one), stampDays: both.into.account.stampDays });
    }
  });

  it('says so in an entry on either side', () => {
    const both = parted(saver, other);
    expect(last(both.into)).toMatchObject({
      ...said,
      type: 'unmerged_out',
      cause: { type: 'merge', id: fromId },
      postings: [
        { account: 'member:available', points: -60 },
        { account: 'member:pending', points: -70 },
        { account: 'member:held', points: -30 },
        { account: 'programme:transferred', points: 160 },
      ],
      lots: [lot(-10, soon), lot(-50), lot(-70, late, opens)],
      tier: ami,
      lastVisitAt: saver.lastVisitAt,
      holds: { ended: [redemptionId] },
      stamps: { stamps: [{ id: 'coffee', count: 1 }], revoked: [expect.any(String)] },
      purchases: -3,
      merge: {
        memberId: fromId,
        members: [fromId, third],
        qualifying: [
          { month: '2026-09', points: -50 },
          { month: '2026-11', points: -200 },
        ],
        lifetime: { earned: -190, spent: -20, expired: -10 },
        tier: ami,
        before: { noticedUntil: null, purchases: 7 },
        after: { bonuses: saver.bonuses, noticedUntil: saver.noticedUntil, freePlaces: [2] },
      },
    });
    expect(last(both.from)).toMatchObject({
      ...said,
      type: 'unmerged_in',
      cause: { type: 'merge', id: intoId },
      postings: [
        { account: 'member:available', points: 60 },
        { account: 'member:pending', points: 70 },
        { account: 'member:held', points: 30 },
        { account: 'programme:transferred', points: -160 },
      ],
      lots: [lot(10, soon), lot(50), lot(70, late, opens)],
      tier: ami,
      lastVisitAt: other.lastVisitAt,
      stamps: { stamps: [{ id: 'coffee', count: 4 }], issued: [], revoked: [] },
      purchases: 3,
      merge: {
        memberId: intoId,
        members: [fromId, third],
        qualifying: [
          { month: '2026-09', points: 50 },
          { month: '2026-11', points: 200 },
        ],
        lifetime: { earned: 190, spent: 20, expired: 10 },
        tier: ami,
        before: { purchases: 0 },
        after: { freePlaces: [1] },
        holds: [openHold],
      },
    });
    const bare = parted(into(), from());
    for (const plan of [bare.into, bare.from]) {
      for (const none of ['stamps', 'holds', 'purchases']) expect(last(plan)).not.toHaveProperty(none);
      expect(last(plan).merge).not.toHaveProperty('holds');
      expect(last(plan).merge?.after).not.toHaveProperty('freePlaces');
    }
  });

  const spent = (points: number) => (together: Account) => {
    const plan = redeem(program, together, { redemptionId, points, vouchers: [] }, noon);
    if (plan.type !== 'planned') throw new Error('There are enough.');
    return plan;
  };

  it('what was spent meanwhile stays spent, of the lot that it was spent of', () => {
    const both = parted(into({ lots: [lot(40, soon)] }), from({ lots: [lot(10, soon), lot(50)] }), spent(70));
    // 50 of the sooner lot and 20 of the later: nothing is left of the one, and 30 of the other.
    expect(both.from.account.lots).toEqual([lot(30)]);
    expect(both.into.account.lots).toEqual([]);
    const less = parted(into({ lots: [lot(40, soon)] }), from({ lots: [lot(10, soon), lot(50)] }), spent(45));
    expect(less.from.account.lots).toEqual([lot(5, soon), lot(50)]);
    expect(less.into.account.lots).toEqual([]);
  });

  it('what has lapsed meanwhile does not come back, and what was pending can be spent', () => {
    const two = from({ lots: [lot(10, soon), lot(50), lot(70, late, opens), lot(5, null)] });
    const lapsed = parted(into({ lots: [lot(40, soon)] }), two, undefined, Date.parse(soon));
    expect(lapsed.from.account.lots).toEqual([lot(120), lot(5, null)]);
    expect(lapsed.into.account.lots).toEqual([]);
    const before = parted(into({ lots: [lot(40, soon)] }), two, undefined, Date.parse(soon) - 1);
    expect(before.from.account.lots).toEqual([lot(10, soon), lot(120), lot(5, null)]);
    const opened = parted(into(), two, undefined, Date.parse(opens));
    expect(opened.from.account.lots).toEqual([lot(10, soon), lot(120), lot(5, null)]);
    const pending = parted(into(), two, undefined, Date.parse(opens) - 1);
    expect(pending.from.account.lots).toEqual(two.lots);
  });

  it('a hold that ended gives its points back to whose it was, one that was captured none', () => {
    const two = from({ lots: [lot(50)], holds: [openHold], held: 30 });
    const done = (plan: ReturnType<typeof release> | ReturnType<typeof capture>) => {
      if (plan.type !== 'planned') throw new Error('It is open.');
      return plan;
    };
    const ended = parted(into(), two, (both) => done(release(program, both, redemptionId, noon)));
    expect(ended.from.account).toMatchObject({ lots: [lot(80)], holds: [], held: 0 });
    expect(ended.into.account).toMatchObject({ lots: [], holds: [], held: 0 });
    const over = parted(into(), two, undefined, noon + 15 * minute);
    expect(over.from.account).toMatchObject({ lots: [lot(80)], holds: [], held: 0 });
    const taken = parted(into({ lots: [lot(40)] }), two, (both) =>
      done(capture(program, both, { redemptionId, vouchers: [] }, noon)),
    );
    expect(taken.from.account).toMatchObject({ lots: [lot(50)], holds: [], held: 0 });
    expect(taken.into.account).toMatchObject({ lots: [lot(40)], holds: [], held: 0 });
  });

  it('a hold of one’s own stays, from before and since; of the other all go', () => {
    const another = (tail: string): Hold => ({
      ...openHold,
      redemptionId: `red_01JD000000000000000000000${tail}` as RedemptionId,
    });
    const [own, second, since] = [another('1'), another('2'), another('3')];
    const theirs = [openHold, second];
    const both = parted(
      into({ holds: [own], held: 30, lots: [lot(30)] }),
      from({ holds: theirs, held: 60 }),
      (together) => {
        const { redemptionId: id } = since;
        const plan = hold(program, together, { redemptionId: id, points: 30 }, noon);
        if (plan.type !== 'planned') throw new Error('There are enough.');
        return plan;
      },
    );
    expect(both.into.account).toMatchObject({ holds: [own, since], held: 60, lots: [] });
    expect(both.from.account).toMatchObject({ holds: theirs, held: 60 });
  });

  /** A refund of a purchase of one of them, on the account that both came to. */
  const refunded =
    (of: MemberId, more: Partial<PlannedEntry> = {}) =>
    (together: Account): Plan => {
      const { account: after, draft } = write(together, {
        ...said,
        type: 'clawed_back',
        cause: { type: 'refund', id: 'store:R1' },
        postings: [
          { account: 'member:available', points: -20 },
          { account: 'programme:clawed_back', points: 20 },
        ],
        lots: [lot(-20)],
        qualifying: { month: '2026-11', points: -20 },
        purchases: -1,
        stamps: { stamps: [{ id: 'coffee', count: -1 }], issued: [], revoked: [] },
        of,
        ...more,
      });
      return { account: after, entries: [draft] };
    };
  const buyer = {
    lots: [lot(50)],
    lifetime: { earned: 50, spent: 0, expired: 0 },
    qualifying: { '2026-11': 50 },
    stamps: { coffee: 2 },
    purchases: 2,
  };

  it('what was taken back of somebody’s purchase is taken of them, whoever of those that came it is', () => {
    for (const of of [fromId, third]) {
      const both = parted(into(buyer), from({ ...buyer, merged: [third] }), refunded(of));
      expect(both.from.account).toMatchObject({
        lots: [lot(30)],
        lifetime: { earned: 30, spent: 0, expired: 0 },
        qualifying: { '2026-11': 30 },
        stamps: { coffee: 1 },
        purchases: 1,
      });
      expect(having(both.into.account)).toEqual(having(into(buyer)));
    }
    // Of somebody who had been merged into the other before it is the other's.
    const others = parted(into({ ...buyer, merged: [third] }), from(buyer), refunded(third));
    expect(having(others.from.account)).toEqual(having(from(buyer)));
    const { of: _, ...own } = last(
      refunded(intoId)(merge(program, into(buyer), from(buyer), noon).into.account),
    );
    const both = merge(program, into(buyer), from(buyer), noon);
    const { account: together } = write(both.into.account, own);
    const apart = unmerge(program, together, both.from.account, told(both, [own]), nothing, noon, []);
    expect(having(apart.from.account)).toEqual(having(from(buyer)));
    expect(apart.into.account).toMatchObject({
      lots: [lot(30)],
      lifetime: { earned: 30, spent: 0, expired: 0 },
      qualifying: { '2026-11': 30 },
      stamps: { coffee: 1 },
      purchases: 1,
    });
  });

  it('in a month and on a card of which nothing had come, too', () => {
    const some = refunded(fromId, {
      qualifying: { month: '2026-10', points: -5 },
      stamps: { stamps: [{ id: 'tea', count: -1 }], issued: [], revoked: [] },
    });
    const both = parted(
      into({ ...buyer, qualifying: { '2026-10': 9 }, stamps: { tea: 3 } }),
      from(buyer),
      some,
    );
    expect(both.from.account).toMatchObject({
      qualifying: { '2026-10': -5, '2026-11': 50 },
      stamps: { coffee: 2, tea: -1 },
    });
    expect(both.into.account).toMatchObject({ qualifying: { '2026-10': 9 }, stamps: { tea: 3 } });
  });

  it('where it took neither stamps nor qualifying points, none are taken', () => {
    const bare = (together: Account): Plan => {
      const plan = refunded(fromId)(together);
      const { stamps: _, qualifying: __, ...entry } = last(plan);
      return { account: plan.account, entries: [entry] };
    };
    const both = parted(into(buyer), from(buyer), bare);
    expect(last(both.from).merge?.qualifying).toEqual([{ month: '2026-11', points: 50 }]);
    expect(both.from.account).toMatchObject({ qualifying: { '2026-11': 50 }, stamps: { coffee: 2 } });
    const all = { stamps: { stamps: [{ id: 'coffee', count: -2 }], issued: [], revoked: [] } };
    const none = parted(into(buyer), from(buyer), refunded(fromId, all));
    for (const plan of [none.into, none.from]) expect(last(plan)).not.toHaveProperty('stamps');
  });

  it('stamps that a revoked voucher gave back stay with the card', () => {
    const more = refunded(fromId, {
      stamps: { stamps: [{ id: 'coffee', count: 4 }], issued: [], revoked: [] },
    });
    expect(parted(into(), from(buyer), more).from.account.stamps).toEqual({ coffee: 2 });
  });

  it('a tier that only both had together is neither’s', () => {
    const half = (qualifying: number) => ({ qualifying: { '2026-11': qualifying } });
    const both = parted(into(half(300)), from(half(300)));
    expect([both.into.account.tier.id, both.from.account.tier.id]).toEqual(['ami', 'ami']);
    const since = (together: Account) => award(program, together, aPurchase([30_000]), noon);
    const grown = parted(into(half(300)), from(half(300)), since);
    expect([grown.into.account.tier.id, grown.from.account.tier.id]).toEqual(['complice', 'ami']);
  });

  it('what came since stays where it came: points, place, visit, bonus, notice', () => {
    const since = (together: Account): Plan => {
      const bought = award(program, together, aPurchase([10_000]), noon);
      const { account: after, draft } = write(bought.account, {
        ...said,
        type: 'bonus',
        cause: { type: 'birthday', id: intoId },
        postings: [],
        lots: [],
        bonus: 'birthday',
        lastVisitAt: now,
        notice: { points: 5, at: late },
      });
      return { account: after, entries: [...bought.entries, draft] };
    };
    const both = parted(saver, other, since);
    expect(both.into.account).toMatchObject({
      lots: [lot(40, soon), lot(125)],
      lastVisitAt: now,
      bonuses: { welcome: saver.bonuses.welcome, birthday: now },
      noticedUntil: late,
      // Its place was the free one; those of the other are free again.
      purchases: 5,
    });
    expect(both.into.account.bonuses).not.toHaveProperty('profile');
    expect(both.into.account).not.toHaveProperty('freePlaces');
    expect(having(both.from.account)).toEqual(having(other));
  });

  it('what repaid a debt comes back where it was paid, less what was earned since', () => {
    const has = { lots: [lot(50)] };
    // Theirs, who came, paid 30 for the other: it is owed again, and paid of what was earned since.
    const since = (together: Account) => award(program, together, aPurchase([2000]), noon);
    const lent = parted(into({ debt: 30 }), from(has), since);
    expect(lent.from.account).toMatchObject({ lots: [lot(50)], debt: 0 });
    expect(lent.into.account).toMatchObject({ lots: [], debt: 10 });
    // The other's paid 30 for theirs: they owe it again, and it comes back in its lot.
    const borrowed = parted(into(has), from({ debt: 30 }), since);
    expect(borrowed.from.account).toMatchObject({ lots: [], debt: 30 });
    expect(borrowed.into.account).toMatchObject({ lots: [lot(70)], debt: 0 });
    // Where neither had enough, what was earned since has paid the rest.
    const both = parted(into({ lots: [lot(20)] }), from({ debt: 30 }), since);
    expect(both.from.account).toMatchObject({ lots: [], debt: 30 });
    expect(both.into.account).toMatchObject({ lots: [lot(40)], debt: 0 });
  });

  it('a lot that lapsed while it had repaid a debt comes back for thirty days', () => {
    const two = from({ lots: [lot(20, soon)] });
    const lent = parted(into({ debt: 20 }), two, undefined, Date.parse(soon));
    expect(lent.from.account.lots).toEqual([lot(20, '2027-04-30T22:00:00Z')]);
    expect(lent.into.account).toMatchObject({ lots: [], debt: 20 });
  });
});

describe('what was given twice', () => {
  const given = {
    cause: { type: 'enrolment', id: fromId },
    postings: [
      { account: 'programme:issued', points: -50 },
      { account: 'member:available', points: 50 },
    ],
  } satisfies Pick<Entry, 'cause' | 'postings'>;
  const voucherId = 'vch_01JD0000000000000000000000' as VoucherId;

  it('is taken back, as much as can still be spent of it', () => {
    const rich = into({ lots: [lot(20, soon), lot(40), lot(70, late, opens)] });
    expect(giveBackBonus(program, rich, given, [], noon).entries).toMatchObject([
      {
        ...said,
        type: 'bonus_taken_back',
        cause: given.cause,
        postings: [
          { account: 'member:available', points: -50 },
          { account: 'programme:clawed_back', points: 50 },
        ],
        lots: [lot(-20, soon), lot(-30)],
      },
    ]);
    const poor = giveBackBonus(program, into({ lots: [lot(20), lot(70, late, opens)] }), given, [], noon);
    expect(poor.account).toMatchObject({ lots: [lot(70, late, opens)], debt: 0 });
    expect(last(poor)).not.toHaveProperty('vouchers');
  });

  it('with its unused vouchers; where nothing is left nothing is said', () => {
    expect(giveBackBonus(program, into(), given, [voucherId], noon).entries).toMatchObject([
      { postings: [], lots: [], vouchers: { revoked: [voucherId] } },
    ]);
    expect(giveBackBonus(program, into(), given, [], noon).entries).toEqual([]);
    const due = into({ lots: [lot(20, now)] });
    expect(giveBackBonus(program, due, given, [], noon).entries.map(({ type }) => type)).toEqual(['expired']);
  });

  const taken = {
    cause: given.cause,
    postings: [
      { account: 'member:available', points: -20 },
      { account: 'member:debt', points: -30 },
      { account: 'programme:clawed_back', points: 50 },
    ],
    lots: [lot(-20, soon)],
  } satisfies Parameters<typeof givenAgain>[2];
  const again = (one: Account) => givenAgain(program, settle(program, one, noon), taken, noon);

  it('is given again in its lot, and what was owed for it is owed no more', () => {
    expect(again(into({ debt: 30 })).entries).toMatchObject([
      {
        ...said,
        type: 'bonus',
        cause: given.cause,
        postings: [
          { account: 'programme:issued', points: -50 },
          { account: 'member:debt', points: 30 },
          { account: 'member:available', points: 20 },
        ],
        lots: [lot(20, soon)],
      },
    ]);
    expect(again(into({ debt: 30 })).account).toMatchObject({ debt: 0, lots: [lot(20, soon)] });
    // What was paid of it since comes as new points, and more that is owed is paid first.
    expect(again(into({ debt: 10 })).account).toMatchObject({ debt: 0, lots: [lot(20, soon), lot(20)] });
    expect(again(into({ debt: 45 })).account).toMatchObject({ debt: 0, lots: [lot(5, soon)] });
  });

  it('before two part to the one, and behind it to the other', () => {
    const both = merge(program, into({ lots: [lot(10)] }), from({ lots: [lot(10)] }), noon);
    const entry = last(giveBackBonus(program, into({ lots: [lot(10)] }), given, [], noon));
    const apart = unmerge(
      program,
      both.into.account,
      both.from.account,
      told(both),
      {
        into: [entry],
        from: [
          { entry, vouchers: [] },
          { entry, vouchers: [{ rewardId: 'coffee', expiresAt: soon, usesMax: 1, programVersion: 4 }] },
        ],
      },
      noon,
      [],
    );
    expect(apart.from.entries.map(({ vouchers }) => vouchers?.issued)).toEqual([
      undefined,
      undefined,
      [expect.objectContaining({ rewardId: 'coffee', expiresAt: soon, usesMax: 1, programVersion: 4 })],
    ]);
    expect(apart.into.entries.map(({ type }) => type)).toEqual(['bonus', 'unmerged_out']);
    expect(apart.from.entries.map(({ type }) => type)).toEqual(['unmerged_in', 'bonus', 'bonus']);
    expect(apart.into.account.lots).toEqual([lot(20)]);
    expect(apart.from.account.lots).toEqual([lot(30)]);
  });
});

describe('time alone', () => {
  const days = fc.integer({ min: 1, max: 20 }).map((count) => utc(noon + count * day));
  const points = fc.integer({ min: 1, max: 100 });
  const pending = fc.array(fc.tuple(days, points), { maxLength: 2 }).map((lots) =>
    foldLots(
      [],
      lots.map(([availableAt, each]) => lot(each, each % 2 ? late : null, availableAt)),
    ),
  );
  const held = fc.option(fc.tuple(days, points), { nil: undefined });
  /** Who owes has nothing that can be spent. */
  const balance = fc.integer({ min: -150, max: 100 });

  const someone = (memberId: MemberId, tail: string) =>
    fc.record({ pending, held, balance }).map(({ pending: lots, held: one, balance: has }) =>
      account(memberId, {
        lots: foldLots(lots, has > 0 ? [lot(has, soon)] : []),
        debt: Math.max(0, -has),
        ...(one
          ? {
              holds: [
                {
                  redemptionId: `red_01JD000000000000000000000${tail}` as RedemptionId,
                  expiresAt: one[0],
                  lots: [lot(one[1])],
                },
              ],
              held: one[1],
            }
          : {}),
      }),
    );

  it('makes the same of two who were one for a while as of two who never were', () => {
    const worth = (of: Account) => {
      const { available, pending: later, held: aside, debt } = balanceOf(of);
      return { now: available - debt, later, aside };
    };
    fc.assert(
      fc.property(someone(intoId, '0'), someone(fromId, '1'), fc.nat(25), (one, two, after) => {
        const at = noon + after * day;
        const both = parted(one, two, undefined, at);
        const alone = [one, two].map((each) => worth(settle(program, each, at).account));
        expect([both.into.account, both.from.account].map(worth)).toEqual(alone);
      }),
      runs(2_000),
    );
  });
});
