import { buy, type Chapter } from '../shapes.ts';

const euro = { points: 1, perMinor: 100 };

export const currencies: Chapter = {
  title: 'Currencies',
  words: 'Each currency has a rate of its own, on its own smallest unit; nothing is converted.',
  examples: [
    {
      id: '2.1',
      title: 'Yen have no decimals',
      words: '150 yen are a point.',
      sums: ['1,500 ¥ / 150 = 10 → 10 points', '1,499 ¥ / 150 = 9.993… → 9 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['1500'], {
          currency: 'JPY',
          earns: 10,
          has: { available: 10 },
        }),
        buy('2026-11-22T12:05+01:00', 'store', ['1499'], {
          currency: 'JPY',
          earns: 9,
          has: { available: 19 },
        }),
      ],
    },
    {
      id: '2.2',
      title: 'Yen with a multiplier',
      words: 'The fraction of a point that the rate leaves is kept until the channel has multiplied.',
      sums: ['10,000 ¥ / 150 × 1.2 = 80 → 80 points', 'floored too early: 66 × 1.2 = 79.2 → 79 points'],
      steps: [buy('2026-11-22T12:00+01:00', 'app', ['10000'], { currency: 'JPY', has: { pending: 80 } })],
    },
    {
      id: '2.3',
      title: 'Kuwaiti dinars have three decimals',
      words: 'The rate is per 1,000 fils, and the fils count.',
      says: '1 KWD gives 3 points.',
      program: { currencies: { EUR: euro, KWD: { points: 3, perMinor: 1000 } } },
      sums: ['2.345 KWD × 3 = 7.035 → 7 points', '2.333 KWD × 3 = 6.999 → 6 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['2.345'], {
          currency: 'KWD',
          earns: 7,
          has: { available: 7 },
        }),
        buy('2026-11-22T12:05+01:00', 'store', ['2.333'], {
          currency: 'KWD',
          earns: 6,
          has: { available: 13 },
        }),
      ],
    },
    {
      id: '2.4',
      title: 'Tunisian dinars, at a rate the operator adds',
      words: 'A point for each 3.400 dinars: one millime short of five times that are four points.',
      says: '3.400 TND give 1 point.',
      program: { currencies: { EUR: euro, TND: { points: 1, perMinor: 3400 } } },
      sums: ['16.999 TND / 3.400 = 4.999… → 4 points', '17.000 TND / 3.400 = 5 → 5 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['16.999'], {
          currency: 'TND',
          earns: 4,
          has: { available: 4 },
        }),
        buy('2026-11-22T12:05+01:00', 'store', ['17.000'], {
          currency: 'TND',
          earns: 5,
          has: { available: 9 },
        }),
      ],
    },
    {
      id: '2.5',
      title: 'A rate of several points per several pounds',
      words: 'Five points for four pounds do not come in steps of five: the exact share is floored once.',
      says: '4.00 £ give 5 points.',
      program: { currencies: { EUR: euro, GBP: { points: 5, perMinor: 400 } } },
      sums: ['9.99 £ × 5 / 4 = 12.4875 → 12 points'],
      steps: [buy('2026-11-22T12:00+01:00', 'store', ['9.99'], { currency: 'GBP', has: { available: 12 } })],
    },
    {
      id: '2.6',
      title: 'Purchases in several currencies',
      words: 'Each purchase is counted and floored in its own currency; the points are the same points.',
      sums: ['19.99 € × 1 = 19.99 → 19 points', '19.99 $ × 1 = 19.99 → 19 points', '19 + 19 = 38'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['19.99'], { earns: 19 }),
        buy('2026-11-22T12:05+01:00', 'store', ['19.99'], {
          currency: 'USD',
          earns: 19,
          has: { available: 38 },
        }),
      ],
    },
    {
      id: '2.7',
      title: 'A minimum in another currency',
      words:
        'A minimum is said in the first currency of the programme. In yen it is the amount that earns as many points: 3,000 yen, not 2,000.',
      says: 'A visit gives 5 points, with a purchase from 20.00 € on.',
      program: { visits: { points: 5, minimumMinor: 2000, coolDownHours: 0 } },
      sums: [
        '20.00 € / 1.00 × 150 ¥ = 3,000 ¥',
        '3,000 ¥ / 150 + 5 = 25 → 25 points',
        '2,999 ¥ / 150 = 19.99… → 19 points',
      ],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['3000'], {
          currency: 'JPY',
          earns: 25,
          has: { available: 25 },
        }),
        buy('2026-11-22T12:05+01:00', 'store', ['2999'], {
          currency: 'JPY',
          earns: 19,
          has: { available: 44 },
        }),
      ],
    },
    {
      id: '2.8',
      title: 'A minimum that is said for each currency',
      words: 'What is said of a currency holds for it, whatever its rate.',
      says: 'A visit gives 5 points, with a purchase from 20.00 € or 2,500 ¥ on.',
      program: { visits: { points: 5, minimumMinor: { EUR: 2000, JPY: 2500 }, coolDownHours: 0 } },
      sums: ['2,500 ¥ / 150 = 16.66… → 16 points', '16 + 5 = 21', '19.99 € × 1 = 19.99 → 19 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['2500'], {
          currency: 'JPY',
          earns: 21,
          has: { available: 21 },
        }),
        buy('2026-11-22T12:05+01:00', 'store', ['19.99'], { earns: 19, has: { available: 40 } }),
      ],
    },
  ],
};
