/** Plays the golden table against the core, and checks the table itself: its sums, clocks and numbers. */
import { describe, expect, it } from 'vitest';
import { balanceOf } from '../../core/account.ts';
import { statusOf } from '../../core/purchases.ts';
import { endText } from '../../core/time.ts';
import { examplesDocument, examplesFile } from '../../tools/examples.ts';
import { differences } from '../../tools/generated.ts';
import { evaluate, mistakeIn } from './arithmetic.ts';
import { chapters, examples, sceneChapters, scenes } from './examples.ts';
import { type Played, play, programOf } from './play.ts';
import type { At, Example, Holding, Step } from './shapes.ts';
import { perform } from './stage.ts';

const instant = (at: At | null | undefined) => (at ? new Date(at).toISOString() : null);

/** What a person expects of a step, in the form of `seen`. */
function expected(step: Step, has: Holding) {
  return {
    ...(step.do === 'buy' && step.earns !== undefined ? { earns: step.earns } : {}),
    ...('takes' in step ? { takes: step.takes } : {}),
    ...(has.stamps === undefined ? {} : { stamps: has.stamps }),
    ...(has.vouchers === undefined ? {} : { vouchers: has.vouchers }),
    ...(has.gifts === undefined ? {} : { gifts: has.gifts }),
    ...(has.order === undefined ? {} : { order: has.order }),
    available: has.available ?? 0,
    pending: has.pending ?? 0,
    debt: has.debt ?? 0,
    ...(has.lapsed === undefined ? {} : { lapsed: has.lapsed }),
    ...(has.lastDay === undefined ? {} : { lastDay: `at the end of ${has.lastDay}` }),
    ...(has.tier === undefined ? {} : { tier: has.tier }),
    ...(has.tierUntil === undefined ? {} : { tierUntil: instant(has.tierUntil) }),
    ...(has.lots
      ? {
          lots: has.lots.map(({ points, from, until }) => ({
            points,
            from: instant(from),
            until: instant(until),
          })),
        }
      : {}),
  };
}

/** What the code makes of a step, reduced to what the example says something about. */
function seen(zone: string, step: Step, has: Holding, played: Played) {
  const { account, earned, taken, vouchers, gifts, record } = played;
  const { available, pending, debt } = balanceOf(account);
  return {
    ...(has.stamps === undefined ? {} : { stamps: Math.max(0, account.stamps['coffee'] ?? 0) }),
    ...(has.vouchers === undefined ? {} : { vouchers }),
    ...(has.gifts === undefined ? {} : { gifts }),
    ...(has.order === undefined ? {} : { order: record && statusOf(record).replace('_', ' ') }),
    ...(step.do === 'buy' && step.earns !== undefined ? { earns: earned } : {}),
    ...('takes' in step ? { takes: taken } : {}),
    available,
    pending,
    debt,
    ...(has.lapsed === undefined ? {} : { lapsed: account.lifetime.expired }),
    ...(has.lastDay === undefined ? {} : { lastDay: endText(String(account.lots[0]?.expiresAt), zone) }),
    ...(has.tier === undefined ? {} : { tier: account.tier.id }),
    ...(has.tierUntil === undefined ? {} : { tierUntil: instant(account.tier.validUntil) }),
    ...(has.lots
      ? {
          lots: account.lots.map(({ points, availableAt, expiresAt }) => ({
            points,
            from: instant(availableAt),
            until: instant(expiresAt),
          })),
        }
      : {}),
  };
}

/** All instants that an example writes down. */
function instantsOf(example: Example): At[] {
  return example.steps.flatMap((step) => [
    step.at,
    ...(step.do === 'buy' && step.boughtAt ? [step.boughtAt] : []),
    ...(step.has?.tierUntil ? [step.has.tierUntil] : []),
    ...(step.has?.lots ?? []).flatMap(({ from, until }) => [from, until].filter((at) => at != null)),
  ]);
}

/** The wall clock of a zone at an instant, asked of the engine and not of the core. */
function wallClockIn(zone: string, at: At): string {
  const style = { dateStyle: 'short', timeStyle: 'medium', hourCycle: 'h23', timeZone: zone } as const;
  return new Intl.DateTimeFormat('sv-SE', style).format(new Date(at)).replace(' ', 'T');
}

for (const chapter of chapters)
  describe(chapter.title, () => {
    it.each(chapter.examples.map((example) => [`${example.id} ${example.title}`, example] as const))(
      '%s',
      (_name, example) => {
        const played = play(example);
        const zone = programOf(example).timeZone;
        const pairs = example.steps.flatMap((step, index) => {
          const done = played[index];
          if (!step.has || !done) return [];
          return [{ wanted: expected(step, step.has), found: seen(zone, step, step.has, done), at: step.at }];
        });
        expect(pairs.map(({ at, found }) => ({ at, ...found }))).toEqual(
          pairs.map(({ at, wanted }) => ({ at, ...wanted })),
        );
      },
    );
  });

for (const chapter of sceneChapters)
  describe(chapter.title, () => {
    it.each(chapter.examples.map((scene) => [`${scene.id} ${scene.title}`, scene] as const))(
      '%s',
      async (_name, scene) => {
        expect(await perform(scene)).toEqual(
          scene.steps.map(({ refused, has }) => ({ ...(refused ? { refused } : {}), has })),
        );
      },
    );
  });

describe('the table', () => {
  it('numbers its examples by chapter, without a gap', () => {
    const all = [...chapters, ...sceneChapters];
    expect([...examples, ...scenes].map(({ id }) => id)).toEqual(
      all.flatMap((chapter, index) => chapter.examples.map((_, at) => `${index + 1}.${at + 1}`)),
    );
  });

  it.each(examples.map((example) => [example.id, example] as const))(
    '%s adds up on paper',
    (_id, example) => {
      const sums = (example.sums ?? []).filter((sum) => sum.includes(' = '));
      expect(sums.map(mistakeIn)).toEqual(sums.map(() => undefined));
    },
  );

  it.each(examples.map((example) => [example.id, example] as const))(
    '%s reads its clock right and goes forward in time',
    (_id, example) => {
      const zone = programOf(example).timeZone;
      const instants = instantsOf(example);
      expect(instants.map((at) => wallClockIn(zone, at))).toEqual(
        instants.map((at) => at.replace(/[+-]\d\d:\d\d$/, '').replace(/(T\d\d:\d\d)$/, '$1:00')),
      );
      const times = example.steps.map((step) => Date.parse(step.at));
      expect(times).toEqual([...times].sort((a, b) => a - b));
    },
  );

  it('says in words what it changes, and ends each example with what the member has', () => {
    const silent = examples.filter(
      ({ program, says, steps }) =>
        (program === undefined) !== (says === undefined) || steps.at(-1)?.has === undefined,
    );
    expect(silent.map(({ id }) => id)).toEqual([]);
  });

  it('is what the document shows', async () => {
    expect(await differences({ [examplesFile]: examplesDocument() })).toEqual([]);
  });
});

describe('the arithmetic that checks the sums', () => {
  it('multiplies before it adds, and computes in exact fractions', () => {
    expect(evaluate('1 + 2 × 3')).toEqual({ top: 7n, bottom: 1n });
    expect(evaluate('(1 + 2) × 3')).toEqual({ top: 9n, bottom: 1n });
    expect(mistakeIn('10,000 ¥ / 150 × 1.2 = 80 → 80 points')).toBeUndefined();
    expect(mistakeIn('min(100, 90.00 € × 1.2) = 100')).toBeUndefined();
  });

  it('finds wrong values, wrong floors, wrong rounding and what is not arithmetic', () => {
    expect(mistakeIn('12.34 € × 1.2 = 14.81')).toContain('14.808000');
    expect(mistakeIn('12.34 € × 1.25 = 15.425 → 16 points')).toContain('comes to 15');
    expect(mistakeIn('6.67 € / 2 = 3.335 → 3.33 €')).toContain('comes to 3.34');
    expect(mistakeIn('1,499 ¥ / 150 = 9.994…')).toContain('9.993333');
    expect(() => mistakeIn('ten + 1 = 11')).toThrow('not arithmetic');
  });
});
