import { type Buy, buy, type Chapter, look, plain, refund, type Step, spend } from '../shapes.ts';

const hundred: Buy = buy('2026-11-02T12:00+01:00', 'store', ['100.00'], { has: { available: 100 } });

/** 100 points, 80 of them spent, then all of the purchase paid back. */
const owingEighty: readonly Step[] = [
  hundred,
  spend('2026-11-03T12:00+01:00', 80, { available: 20 }),
  refund('2026-11-04T12:00+01:00', 1, 'everything', { takes: 100, has: { debt: 80 } }),
];

export const debt: Chapter = {
  title: 'Debt',
  words: 'Points that were spent cannot be taken back: they are owed, and the next points repay them first.',
  examples: [
    {
      id: '9.1',
      title: 'Refunded after the points were spent',
      words: 'What is left of the points goes back, the rest is owed, and the next purchases repay it.',
      sums: ['100 − 20 = 80', '80 − 50 = 30', '50 − 30 = 20'],
      steps: [
        ...owingEighty,
        buy('2026-11-10T12:00+01:00', 'store', ['50.00'], { earns: 50, has: { debt: 30 } }),
        buy('2026-11-11T12:00+01:00', 'store', ['50.00'], { earns: 50, has: { available: 20 } }),
      ],
    },
    {
      id: '9.2',
      title: 'Pending points repay a debt at once',
      words: 'The next credit repays it, even though its points cannot be spent yet.',
      sums: ['100 − 80 = 20'],
      steps: [
        ...owingEighty,
        buy('2026-11-10T12:00+01:00', 'web', ['100.00'], { earns: 100, has: { pending: 20 } }),
        look('2026-11-24T00:00+01:00', { available: 20 }),
      ],
    },
    {
      id: '9.3',
      title: 'Other purchases’ pending points are not taken',
      words: 'They stay pending beside the debt, and repay it when they become spendable.',
      sums: ['80 − 50 = 30'],
      steps: [
        hundred,
        buy('2026-11-02T13:00+01:00', 'web', ['50.00'], { has: { available: 100, pending: 50 } }),
        spend('2026-11-03T12:00+01:00', 80, { available: 20, pending: 50 }),
        refund('2026-11-04T12:00+01:00', 1, 'everything', { takes: 100, has: { pending: 50, debt: 80 } }),
        look('2026-11-15T23:59:59+01:00', { pending: 50, debt: 80 }),
        look('2026-11-16T00:00+01:00', { debt: 30 }),
      ],
    },
    {
      id: '9.4',
      title: 'A programme that forgives',
      words: 'What is missing is written off, so the next points are the member’s to keep.',
      says: 'Missing points are forgiven.',
      program: { debt: 'forgive' },
      sums: ['100 − 20 = 80'],
      steps: [
        hundred,
        spend('2026-11-03T12:00+01:00', 80, { available: 20 }),
        refund('2026-11-04T12:00+01:00', 1, 'everything', { takes: 100, has: {} }),
        buy('2026-11-10T12:00+01:00', 'store', ['50.00'], { earns: 50, has: { available: 50 } }),
      ],
    },
    {
      id: '9.5',
      title: 'The purchase that repaid a debt is refunded',
      words: 'Its points had gone into the debt, so the debt comes back.',
      sums: ['80 − 50 = 30', '30 + 50 = 80'],
      steps: [
        ...owingEighty,
        buy('2026-11-10T12:00+01:00', 'store', ['50.00'], { has: { debt: 30 } }),
        refund('2026-11-11T12:00+01:00', 2, 'everything', { takes: 50, has: { debt: 80 } }),
      ],
    },
    {
      id: '9.6',
      title: 'A bonus repays it, too',
      words: 'Any credit does, not only a purchase.',
      says: 'A birthday gives 100 points.',
      program: { bonuses: { birthday: 100 } },
      sums: ['100 − 80 = 20'],
      steps: [...owingEighty, plain('birthday', '2026-11-10T03:00+01:00', { available: 20 })],
    },
    {
      id: '9.7',
      title: 'A debt does not lapse',
      words: 'Three years later it is still owed.',
      sums: ['100 − 20 = 80'],
      steps: [...owingEighty, look('2029-11-04T12:00+01:00', { debt: 80, lapsed: 0 })],
    },
  ],
};
