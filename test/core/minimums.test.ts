/** Minimums have a currency: wherever the programme says one, no other currency's number passes for it. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyAccount } from '../../core/account.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { byCurrency, type Minimum, minimumIn, unlisted } from '../../core/minimums.ts';
import { award } from '../../core/points.ts';
import { type ProgramDocument, programDocument } from '../../core/program.ts';
import { programDifference } from '../../core/program-difference.ts';
import { refuseVoucher } from '../../core/vouchers.ts';
import { aPurchase, defaultProgram, noon } from '../support/world.ts';

const { currencies } = defaultProgram();
const memberId = 'mem_01JD0000000000000000000000' as MemberId;

describe('a minimum', () => {
  it.each<[Minimum, string, number | undefined]>([
    [5000, 'EUR', 5000],
    [5000, 'GBP', 5000],
    [5000, 'JPY', 7500],
    [1, 'JPY', 2],
    [0, 'JPY', 0],
    [{ EUR: 5000, JPY: 8000 }, 'JPY', 8000],
    [{ EUR: 5000, JPY: 8000 }, 'USD', 5000],
    [{ JPY: 8000 }, 'EUR', 5334],
    [{ JPY: 8000, EUR: 5000 }, 'GBP', 5334],
    [5000, 'CHF', undefined],
  ])('of %j is, in %s, %s', (minimum, currency, expected) => {
    expect(minimumIn({ currencies }, minimum, currency)).toBe(expected);
  });

  it('is in the currency of what it belongs to, where that is said', () => {
    expect(minimumIn({ currencies }, 8000, 'JPY', 'JPY')).toBe(8000);
    expect(minimumIn({ currencies }, 8000, 'EUR', 'JPY')).toBe(5334);
    // It is what it says, also in a currency that the programme no longer has.
    expect(minimumIn({ currencies: {} }, 8000, 'JPY', 'JPY')).toBe(8000);
  });

  it('converts by no rate that everything has by its name', () => {
    expect(minimumIn({ currencies }, 5000, 'constructor')).toBeUndefined();
    expect(minimumIn({ currencies }, { EUR: 5000 }, 'toString')).toBeUndefined();
    expect(minimumIn({ currencies: {} }, 5000, 'EUR')).toBeUndefined();
  });

  it('of currencies that the programme does not accept names those', () => {
    expect(unlisted({ EUR: 1, CHF: 1, constructor: 1 } as Minimum, currencies)).toEqual([
      'CHF',
      'constructor',
    ]);
    expect([unlisted(5000, currencies), unlisted(undefined, currencies)]).toEqual([[], []]);
  });

  it('is made once for every currency, and as none where there is none', () => {
    let made = 0;
    const make = (minimumMinor: number | undefined) => {
      made++;
      return minimumMinor;
    };
    const of = byCurrency({ currencies }, 5000, make);
    expect(['EUR', 'JPY', 'EUR', 'CHF'].map(of)).toEqual([5000, 7500, 5000, undefined]);
    expect(made).toBe(1 + Object.keys(currencies).length);
    expect(byCurrency({ currencies }, undefined, make)('EUR')).toBeUndefined();
    expect(made).toBe(2 + Object.keys(currencies).length);
  });

  it('is in another currency the smallest amount that earns as many base points, whatever the rates', () => {
    const rate = fc.record({
      points: fc.integer({ min: 1, max: 1_000_000 }),
      perMinor: fc.integer({ min: 1, max: 1_000_000_000 }),
    });
    fc.assert(
      fc.property(rate, rate, fc.nat(1_000_000_000_000), (from, to, amount) => {
        const minimum = minimumIn({ currencies: { EUR: from, JPY: to } }, amount, 'JPY') ?? Number.NaN;
        if (!Number.isSafeInteger(minimum)) return;
        // Points as fractions of one denominator.
        const wanted = BigInt(amount) * BigInt(from.points) * BigInt(to.perMinor);
        const earned = (minor: number) => BigInt(minor) * BigInt(to.points) * BigInt(from.perMinor);
        expect(earned(minimum) >= wanted).toBe(true);
        if (minimum > 0) expect(earned(minimum - 1) < wanted).toBe(true);
      }),
    );
  });
});

/** A programme in which a minimum stands in every place that has one. */
function withMinimums(minimumMinor: Minimum): ProgramDocument {
  const { version: _version, ...document } = defaultProgram();
  const year = { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' };
  return programDocument.parse({
    ...document,
    bonuses: { referral: { referrer: 1, referee: 1, perMonth: 1, minimumMinor } },
    visits: { points: 7, minimumMinor },
    campaigns: [{ id: 'gift', name: 'Gift', ...year, bonusPoints: 100, minimumMinor }],
    stamps: [],
    rewards: [{ id: 'ten', name: 'Ten', type: 'percent', percent: '10', points: 1, minimumMinor }],
  });
}

describe('wherever a programme has a minimum', () => {
  it.each<[Minimum, string, number]>([
    [5000, 'EUR', 5000],
    [5000, 'JPY', 7500],
    [{ EUR: 5000, JPY: 8000 }, 'JPY', 8000],
    [{ JPY: 8000 }, 'USD', 5334],
  ])('%j counts in %s from %i on', (minimum, currency, from) => {
    const program = { ...withMinimums(minimum), version: 1 };
    const [reward] = program.rewards;
    if (!reward) throw new Error('It has a reward.');
    for (const [amount, isEnough] of [
      [from - 1, false],
      [from, true],
    ] as const) {
      const purchase = aPurchase([amount], { currency });
      const { basis } = award(program, emptyAccount(memberId), purchase, noon).entries.at(-1) ?? {};
      const base = basis?.qualifyingPoints ?? 0;
      expect(basis?.points).toBe(base + (isEnough ? 107 : 0));
      // What is kept is the amount in the purchase's own currency: no later programme moves it.
      expect(basis?.campaigns?.[0]?.minimumMinor).toBe(from);
      if (isEnough) expect(basis?.visit).toEqual({ points: 7, minimumMinor: from });
      const voucher = { status: 'issued' as const, expiresAt: null };
      const use = { channel: null, amountMinor: amount, currency };
      expect(refuseVoucher(voucher, program, reward, use, noon)?.code).toBe(
        isEnough ? undefined : 'voucher_not_applicable',
      );
    }
  });

  it('no currency may be named that the programme does not accept, nor none at all', () => {
    const places = (minimum: unknown) => {
      const { version: _version, $schema: _schema, ...document } = { $schema: '', ...defaultProgram() };
      const { referral } = document.bonuses;
      const parsed = programDocument.safeParse({
        ...document,
        bonuses: { referral: { ...referral, minimumMinor: minimum } },
        visits: { points: 1, minimumMinor: minimum },
        campaigns: document.campaigns.map((one) => ({ ...one, minimumMinor: minimum })),
        rewards: document.rewards.slice(2, 3).map((one) => ({ ...one, minimumMinor: minimum })),
      });
      return parsed.error?.issues.map(({ path }) => path.join('.'));
    };
    const all = ['bonuses.referral', 'visits', 'campaigns.0', 'rewards.0'].map((at) => `${at}.minimumMinor`);
    expect(places({ EUR: 1, CHF: 1 })).toEqual(all.map((path) => `${path}.CHF`));
    for (const wrong of [{}, { EUR: -1 }, { EUR: 1.5 }, { euro: 1 }, -1, '5', null])
      expect(all.filter((path) => !places(wrong)?.some((at) => at.startsWith(path)))).toEqual([]);
    expect(places({ EUR: 1, JPY: 2 })).toBeUndefined();
  });

  it('an amount off is in its own currency, its minimum with it, whatever the programme lists first', () => {
    const reward = { currency: 'JPY', minimumMinor: 5000 };
    const voucher = { status: 'issued' as const, expiresAt: null };
    const use = (currency: string | undefined, amountMinor: number) =>
      refuseVoucher(voucher, { currencies }, reward, { channel: null, amountMinor, currency }, noon)?.code;
    expect(use('JPY', 5000)).toBeUndefined();
    expect(use(undefined, 5000)).toBeUndefined();
    expect(use('JPY', 4999)).toBe('voucher_not_applicable');
    expect(use('EUR', 500_000)).toBe('voucher_not_applicable');
  });

  it('a plan says how it changes, and that another currency comes first', () => {
    const told = (from: Minimum, to: Minimum) =>
      programDifference(withMinimums(from), withMinimums(to)).map(({ text }) => text);
    expect(told(2000, { EUR: 2000, JPY: 3000 })).toContain(
      'The smallest purchase that counts as a visit is now 20.00 EUR, 3000 JPY; it was 2000 minor units.',
    );
    const { JPY, ...others } = currencies;
    if (!JPY) throw new Error('The yen is a currency.');
    const before = withMinimums(2000);
    expect(
      programDifference(before, { ...before, currencies: { JPY, ...others } }).map(({ text }) => text),
    ).toEqual(['Minimums that say no currency are in JPY instead of EUR.']);
  });
});
