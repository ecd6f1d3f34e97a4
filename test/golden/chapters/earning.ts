import { buy, type Chapter, refund } from '../shapes.ts';

const autumn = { from: '2026-11-01T00:00:00+01:00', to: '2026-12-01T00:00:00+01:00' };

export const earning: Chapter = {
  title: 'What earns: categories, channels, the cap',
  words: 'Gift cards, shipping, fees and donations earn nothing; the app multiplies by 1.2.',
  examples: [
    {
      id: '3.1',
      title: 'A gift card earns nothing',
      words: 'The line of an excluded category is left out, the others earn as ever.',
      sums: ['20.00 € × 1 = 20 → 20 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['20.00', { amount: '50.00', category: 'gift-card' }], {
          has: { available: 20 },
        }),
      ],
    },
    {
      id: '3.2',
      title: 'Shipping earns nothing, in whichever form it comes',
      words: 'Shipping is no line of the purchase, or a line of the category shipping: neither earns.',
      sums: ['20.00 € × 1 = 20 → 20 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['20.00'], {
          shipping: '4.90',
          earns: 20,
          has: { available: 20 },
        }),
        buy('2026-11-22T12:05+01:00', 'store', ['20.00', { amount: '4.90', category: 'shipping' }], {
          earns: 20,
          has: { available: 40 },
        }),
      ],
    },
    {
      id: '3.3',
      title: 'The operator excludes another category',
      words: 'Which categories are left out is the programme’s to say, gift cards included.',
      says: 'Only the category tobacco is excluded.',
      program: { excludedCategories: ['tobacco'] },
      sums: ['50.00 € × 1 = 50 → 50 points'],
      steps: [
        buy(
          '2026-11-22T12:00+01:00',
          'store',
          [
            { amount: '12.00', category: 'tobacco' },
            { amount: '50.00', category: 'gift-card' },
          ],
          { has: { available: 50 } },
        ),
      ],
    },
    {
      id: '3.4',
      title: 'The app multiplies by 1.2',
      words: 'Ten euros are twelve points in the app; of 9.99 € the fraction is dropped after multiplying.',
      sums: ['10.00 € × 1 × 1.2 = 12 → 12 points', '9.99 € × 1 × 1.2 = 11.988 → 11 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'app', ['10.00'], { earns: 12, has: { pending: 12 } }),
        buy('2026-11-22T12:05+01:00', 'app', ['9.99'], { earns: 11, has: { pending: 23 } }),
      ],
    },
    {
      id: '3.5',
      title: 'A cap per purchase',
      words: 'The cap holds for each purchase by itself, after all multipliers.',
      says: 'A purchase earns at most 100 points.',
      program: { maxPointsPerPurchase: 100 },
      sums: ['min(100, 90.00 € × 1.2) = 100', 'min(100, 99.00 € × 1) = 99'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'app', ['90.00'], { earns: 100, has: { pending: 100 } }),
        buy('2026-11-22T12:05+01:00', 'store', ['99.00'], {
          earns: 99,
          has: { available: 99, pending: 100 },
        }),
      ],
    },
    {
      id: '3.6',
      title: 'Bonus points come on top of the cap',
      words: 'The cap holds for what is earned by the euro, not for a campaign’s bonus points.',
      says: 'A purchase earns at most 100 points. A campaign gives 30 bonus points in November 2026.',
      program: {
        maxPointsPerPurchase: 100,
        campaigns: [{ id: 'thirty', name: 'Thirty more', ...autumn, bonusPoints: 30 }],
      },
      sums: ['min(100, 500.00 € × 1) + 30 = 130'],
      steps: [buy('2026-11-22T12:00+01:00', 'store', ['500.00'], { has: { available: 130 } })],
    },
    {
      id: '3.7',
      title: 'A refund of a capped purchase',
      words: 'What remains is counted anew: while it is still above the cap, a refund takes nothing.',
      says: 'A purchase earns at most 100 points.',
      program: { maxPointsPerPurchase: 100 },
      sums: [
        'min(100, 500.00 € × 1) = 100',
        'min(100, (500.00 € − 350.00 €) × 1) = 100',
        'min(100, (500.00 € − 350.00 € − 100.00 €) × 1) = 50',
      ],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['500.00'], { has: { available: 100 } }),
        refund('2026-11-23T12:00+01:00', 1, { 1: '350.00' }, { takes: 0, has: { available: 100 } }),
        refund('2026-11-24T12:00+01:00', 1, { 1: '100.00' }, { takes: 50, has: { available: 50 } }),
      ],
    },
  ],
};
