/** Points that come back: to the lots that they came from, at every instant around their end. */
import { describe, expect, it } from 'vitest';
import { givenBack, takenBack } from '../../core/lots.ts';

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
