/** What a purchase is priced under: the visit, who buys, and the lines and instants that count. */
import { describe, expect, it } from 'vitest';
import { type Account, emptyAccount, type MemberFacts } from '../../core/account.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import { decided, lotInstants } from '../../core/earning.ts';
import type { ProgramDocument } from '../../core/program.ts';
import { aPurchase, defaultProgram, noon } from '../support/world.ts';

const hour = 3_600_000;
const bought = noon - hour;
const empty = emptyAccount('mem_01JD0000000000000000000000' as MemberId);

function basisOf(
  changes: Partial<ProgramDocument>,
  purchase: RecordedPurchase,
  account: Partial<Account> = {},
  known?: MemberFacts,
) {
  const program = defaultProgram({ campaigns: [], stamps: [], ...changes });
  return decided(program, { ...empty, ...account }, purchase, Date.parse(purchase.occurredAt), {}, known);
}

describe('a visit', () => {
  const visits = { points: 5, minimumMinor: 500, coolDownHours: 2 };
  const given = { points: 5, minimumMinor: 500 };
  const visit = (
    purchase: RecordedPurchase,
    {
      lastVisitAt = null,
      ...more
    }: { lastVisitAt?: string | null; free?: boolean; coolDownHours?: number } = {},
  ) => basisOf({ visits: { ...visits, ...more } }, purchase, { lastVisitAt }).visit;
  const withCategory = (amounts: readonly number[], category: string) => {
    const purchase = aPurchase(amounts);
    return { ...purchase, lines: purchase.lines.map((line) => ({ ...line, category })) };
  };

  it('is a purchase of as much as the programme says, or more', () => {
    expect(visit(aPurchase([500]))).toEqual(given);
    expect(visit(aPurchase([499]))).toBeUndefined();
    expect(basisOf({}, aPurchase([500])).visit).toBeUndefined();
  });

  it('is none within the time that the programme says, before or after the last one', () => {
    const at = (instant: number) => new Date(instant).toISOString();
    for (const [apart, result] of [
      [2 * hour, given],
      [2 * hour - 1, undefined],
      [0, undefined],
      [1 - 2 * hour, undefined],
      [-2 * hour, given],
    ] as const)
      expect(visit(aPurchase([500]), { lastVisitAt: at(bought - apart) })).toEqual(result);
    expect(visit(aPurchase([500]), { lastVisitAt: at(bought), coolDownHours: 0 })).toEqual(given);
  });

  it('is none where nothing earns, nor where it cost nothing unless the programme says so', () => {
    expect(visit(withCategory([500], 'gift-card'))).toBeUndefined();
    expect(visit(withCategory([500], 'gift-card'), { free: true })).toBeUndefined();
    const free = { ...aPurchase([0]), totalMinor: 600 };
    expect(visit(free)).toBeUndefined();
    expect(visit(free, { free: true })).toMatchObject(given);
    expect(visit({ ...aPurchase([0, 1]), totalMinor: 600 })).toEqual(given);
  });
});

describe('who buys', () => {
  const year = { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' };
  const campaign = (when: string) => ({ id: 'asks', name: 'Asks', ...year, bonusPoints: 1, when });
  const factsOf = (when: string, account?: Partial<Account>, known?: MemberFacts) =>
    basisOf({ campaigns: [campaign(when)] }, aPurchase([500]), account, known).facts;

  it('is kept with what conditions ask for, and nothing else', () => {
    expect(factsOf("line.category == 'coffee'", {}, { birthdayMonth: 5 })).toBeUndefined();
    expect(factsOf('member.birthdayMonth == 5', { purchases: 3 }, { birthdayMonth: 5 })).toEqual({
      birthdayMonth: 5,
    });
    expect(factsOf('member.birthdayMonth == 5 || member.purchases == 0')).toEqual({
      birthdayMonth: 0,
      purchases: 0,
    });
  });

  it('has as many purchases as there are places before the next', () => {
    expect(factsOf('member.purchases == 3', { purchases: 3 })).toEqual({ purchases: 3 });
    // The second was given back: who buys next makes the second.
    expect(factsOf('member.purchases == 3', { purchases: 2, freePlaces: [2] })).toEqual({ purchases: 1 });
  });

  it('has the base tier’s multiplier where the tier is no more', () => {
    const tier = (id: string) =>
      basisOf({}, aPurchase([500]), { tier: { id, validUntil: null, steps: [] } }).tier;
    expect([tier('intime').multiplier, tier('gone').multiplier]).toEqual(['1.5', '1']);
  });
});

it('a purchase in a currency that the programme does not have is refused', () => {
  for (const currency of ['CHF', 'constructor'])
    expect(() => basisOf({}, aPurchase([500], { currency }))).toThrow(
      `The programme has no rate for ${currency}.`,
    );
});

it('the lines that earn are those that nothing excludes, wherever they stand', () => {
  const categories = ['gift-card', 'coffee', 'fee', 'tea', 'gift-card'];
  const purchase = aPurchase([1, 2, 3, 4, 5]);
  const lines = purchase.lines.map((line, index) => ({ ...line, category: categories[index] ?? '' }));
  expect(basisOf({}, { ...purchase, lines }).lines.map(({ id }) => id)).toEqual(['2', '4']);
  expect(basisOf({}, { ...purchase, lines: [...lines].reverse() }).lines.map(({ id }) => id)).toEqual([
    '4',
    '2',
  ]);
  expect(basisOf({}, purchase).lines).toBe(purchase.lines);
});

describe('points that were earned', () => {
  const program = defaultProgram();
  const lapse = '2027-11-30T23:00:00Z';

  it('can be spent once the days of their channel are over, at once where they are by then', () => {
    const opens = '2026-12-05T23:00:00Z';
    expect(lotInstants(program, { channel: 'web' }, bought, noon)).toEqual({
      availableAt: opens,
      expiresAt: lapse,
    });
    expect(lotInstants(program, { channel: 'web' }, bought, Date.parse(opens) - 1).availableAt).toBe(opens);
    expect(lotInstants(program, { channel: 'web' }, bought, Date.parse(opens)).availableAt).toBeNull();
    expect(lotInstants(program, { channel: 'store' }, bought, noon)).toEqual({
      availableAt: null,
      expiresAt: lapse,
    });
    expect(lotInstants(program, null, bought, noon)).toEqual({ availableAt: null, expiresAt: lapse });
  });
});
