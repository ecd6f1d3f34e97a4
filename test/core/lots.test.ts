/** Points that come back: to the lots that they came from, at every instant around their end. */
import { describe, expect, it } from 'vitest';
import { credit, giveBack, givenBack, spendable, take, takenBack } from '../../core/lots.ts';

const end = Date.parse('2027-11-30T23:00:00Z');
const day = 86_400_000;
const lot = (expiresAt: number | null, points = 10) => ({
  availableAt: null,
  expiresAt: expiresAt === null ? null : new Date(expiresAt).toISOString().replace('.000Z', 'Z'),
  points,
});

describe('what is given back', () => {
  it.each([
    { when: 'a millisecond before its end', at: end - 1, keeps: true },
    // From its end on nothing of a lot can be spent, so at that very instant it has lapsed.
    { when: 'at its end', at: end, keeps: false },
    { when: 'a millisecond behind it', at: end + 1, keeps: false },
    { when: 'long behind it', at: end + 90 * day, keeps: false },
  ])('$when has its own end, or thirty days', ({ at, keeps }) => {
    const { lots } = givenBack({ debt: 0 }, [lot(end)], at);
    const renewed = new Date(at + 30 * day).toISOString();
    expect(lots).toEqual([{ ...lot(end), expiresAt: keeps ? lot(end).expiresAt : lots[0]?.expiresAt }]);
    expect(Date.parse(lots[0]?.expiresAt ?? '')).toBe(keeps ? end : Date.parse(renewed));
  });

  it('has no end where it had none, and repays what is owed first, the soonest to lapse first', () => {
    expect(givenBack({ debt: 0 }, [lot(null)], end).lots).toEqual([lot(null)]);
    const { lots, debt } = givenBack({ debt: 12 }, [lot(null), lot(end)], end - 1);
    expect({ lots, debt }).toEqual({ lots: [lot(null, 8)], debt: -12 });
  });
});

it('what is taken back is owed where it is missing, or forgiven', () => {
  const some = { lots: [lot(end, 7)] };
  expect(takenBack({ debt: 'carry' }, some, 10)).toMatchObject({ change: { debt: 3 }, forgiven: 0 });
  expect(takenBack({ debt: 'forgive' }, some, 10)).toMatchObject({ change: { debt: 0 }, forgiven: 3 });
});

describe('a credit', () => {
  const pending = { availableAt: '2026-12-06T23:00:00Z', expiresAt: null };
  const available = { availableAt: null, expiresAt: null };

  it.each([
    ['available', available],
    ['pending', pending],
  ])('is %s points of the member, and no posting is empty', (name, instants) => {
    expect(credit({ debt: 0 }, 10, instants)).toEqual({
      postings: [
        { account: 'programme:issued', points: -10 },
        { account: `member:${name}`, points: 10 },
      ],
      lots: [{ ...instants, points: 10 }],
    });
    expect(credit({ debt: 4 }, 10, instants)).toEqual({
      postings: [
        { account: 'programme:issued', points: -10 },
        { account: 'member:debt', points: 4 },
        { account: `member:${name}`, points: 6 },
      ],
      lots: [{ ...instants, points: 6 }],
    });
  });

  it.each([10, 12])('that only repays what is owed, of %i, leaves no lot', (debt) => {
    expect(credit({ debt }, 10, pending)).toEqual({
      postings: [
        { account: 'programme:issued', points: -10 },
        { account: 'member:debt', points: 10 },
      ],
      lots: [],
    });
  });
});

it('points that are given back are the member’s again, less what is owed', () => {
  expect(giveBack({ debt: 0 }, [lot(end)], end - 1).postings).toEqual([
    { account: 'member:available', points: 10 },
  ]);
  expect(giveBack({ debt: 4 }, [lot(end)], end - 1).postings).toEqual([
    { account: 'member:debt', points: 4 },
    { account: 'member:available', points: 6 },
  ]);
});

it('what is spent comes from lots that can be, in their order, and from no more of them than it takes', () => {
  const pending = { ...lot(end, 5), availableAt: '2026-12-06T23:00:00Z' };
  const lots = spendable({ lots: [lot(end, 3), pending, lot(null, 3)] });
  expect(lots).toEqual([lot(end, 3), lot(null, 3)]);
  expect(take(lots, 3)).toEqual({ taken: [lot(end, -3)], missing: 0 });
  expect(take(lots, 7)).toEqual({ taken: [lot(end, -3), lot(null, -3)], missing: 1 });
});
