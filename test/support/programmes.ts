/** Valid programmes at random, as far as tiers hang on them: thresholds, ids, and where the calendar turns. */
import fc from 'fast-check';
import { type Program, type ProgramDocument, programDocument } from '../../core/program.ts';
import { defaultProgram } from './world.ts';

const ids = ['ami', 'complice', 'intime', 'gold', 'silver', 'bronze'];

/** One to five tiers with ids of a few and thresholds that purchases of some hundred euros reach. */
export const someTiers: fc.Arbitrary<ProgramDocument['tiers']> = fc
  .tuple(
    fc.shuffledSubarray(ids, { minLength: 1, maxLength: 5 }),
    fc.uniqueArray(fc.integer({ min: 1, max: 1500 }), { minLength: 4, maxLength: 4 }),
    fc.constantFrom('1', '1.5'),
  )
  .map(([names, numbers, multiplier]) => {
    const thresholds = [0, ...numbers.sort((a, b) => a - b)];
    return names.map((id, index) => ({
      id,
      name: id,
      threshold: thresholds[index] ?? 0,
      multiplier: index === 0 ? '1' : multiplier,
    }));
  });

/** Programmes that differ in their tiers, their time zone and how long points last. */
export const someProgram: fc.Arbitrary<Program> = fc
  .record({
    tiers: someTiers,
    timeZone: fc.constantFrom('Europe/Paris', 'Pacific/Kiritimati', 'America/Los_Angeles'),
    expiry: fc.constantFrom(null, { months: 12 }),
  })
  .map((changes) => {
    const { version, ...document } = defaultProgram({ bonuses: {}, stamps: [], rewards: [], ...changes });
    return { ...programDocument.parse(document), version };
  });
