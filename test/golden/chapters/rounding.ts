import { buy, type Chapter } from '../shapes.ts';

/** The default channels with another multiplier for the store. */
function storeMultiplies(multiplier: string) {
  return {
    channels: {
      web: { multiplier: '1', pendingDays: 14 },
      store: { multiplier, pendingDays: 0 },
      app: { multiplier: '1.2', pendingDays: 14 },
    },
  };
}

export const rounding: Chapter = {
  title: 'Rounding',
  words:
    'Cents are added up exactly, everything is multiplied, and only then the fraction of a point is dropped.',
  examples: [
    {
      id: '1.1',
      title: 'A cent short of a euro',
      words: 'A euro is a point; 99 cents are none, and the cents of two purchases are not added up.',
      sums: ['0.99 € × 1 = 0.99 → 0 points', '1.00 € × 1 = 1 → 1 point'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['0.99'], { has: {} }),
        buy('2026-11-22T12:05+01:00', 'store', ['0.99'], { has: {} }),
        buy('2026-11-22T12:10+01:00', 'store', ['1.00'], { has: { available: 1 } }),
      ],
    },
    {
      id: '1.2',
      title: 'Lines that only together make a point',
      words: 'The lines of one purchase are added up before the one floor, so none of their cents is lost.',
      sums: ['(1.99 € + 1.01 €) × 1 = 3.00 → 3 points', '4 × 0.25 € = 1.00 → 1 point'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['1.99', '1.01'], { earns: 3, has: { available: 3 } }),
        buy('2026-11-22T13:00+01:00', 'store', ['0.25', '0.25', '0.25', '0.25'], {
          earns: 1,
          has: { available: 4 },
        }),
      ],
    },
    {
      id: '1.3',
      title: 'Tier and channel multiply before the floor',
      words: 'A Complice (× 1.25) buys in the app (× 1.2): both multiply the cents, and one floor ends it.',
      sums: [
        '12.34 € × 1 × 1.25 × 1.2 = 18.51 → 18 points',
        '13.40 € × 1 × 1.25 × 1.2 = 20.10 → 20 points',
        'floored in between: 16 × 1.2 = 19.2 → 19 points',
      ],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['500.00'], {
          earns: 500,
          has: { available: 500, tier: 'complice', tierUntil: '2027-12-01T00:00+01:00' },
        }),
        buy('2026-11-23T12:00+01:00', 'app', ['12.34'], {
          earns: 18,
          has: { available: 500, pending: 18 },
        }),
        buy('2026-11-24T12:00+01:00', 'app', ['13.40'], {
          earns: 20,
          has: { available: 500, pending: 38 },
        }),
      ],
    },
    {
      id: '1.4',
      title: 'Exact where binary fractions are not',
      words: 'A hundred times 1.15 is 115 to the point; a computer’s floating point makes it 114.99….',
      says: 'The store multiplies by 1.15.',
      program: storeMultiplies('1.15'),
      sums: ['100.00 € × 1 × 1.15 = 115 → 115 points'],
      steps: [buy('2026-11-22T12:00+01:00', 'store', ['100.00'], { has: { available: 115 } })],
    },
    {
      id: '1.5',
      title: 'Four decimals count',
      words: 'A multiplier has up to four decimals, and here the last of them makes a point.',
      says: 'The store multiplies by 1.0001.',
      program: storeMultiplies('1.0001'),
      sums: ['10,000.00 € × 1 × 1.0001 = 10001 → 10001 points'],
      steps: [buy('2026-11-22T12:00+01:00', 'store', ['10000.00'], { has: { available: 10001 } })],
    },
  ],
};
