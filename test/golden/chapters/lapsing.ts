import { buy, type Chapter, look, spend } from '../shapes.ts';

export const lapsing: Chapter = {
  title: 'Points that lapse',
  words: 'Points lapse at the end of the twelfth month after the month of the purchase.',
  examples: [
    {
      id: '5.1',
      title: 'At the end of the month, and once',
      words: 'All points of November 2026 lapse together when November 2027 is over; they never lapse again.',
      sums: ['November 2026 + 12 months → end of November 2027'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['50.00'], {
          has: { available: 50, lots: [{ points: 50, until: '2027-12-01T00:00+01:00' }] },
        }),
        look('2027-11-30T23:59:59+01:00', { available: 50, lapsed: 0 }),
        look('2027-12-01T00:00+01:00', { lapsed: 50 }),
        look('2027-12-02T00:00+01:00', { lapsed: 50 }),
      ],
    },
    {
      id: '5.2',
      title: 'First and last day of a month are alike',
      words: 'What counts is the month, so 31 January waits no shorter than the 1st does.',
      sums: ['January 2027 + 12 months → end of January 2028', '10 + 20 = 30'],
      steps: [
        buy('2027-01-01T00:00+01:00', 'store', ['10.00'], { has: { available: 10 } }),
        buy('2027-01-31T23:59:59+01:00', 'store', ['20.00'], {
          has: { available: 30, lots: [{ points: 30, until: '2028-02-01T00:00+01:00' }] },
        }),
        look('2028-01-31T23:59:59+01:00', { available: 30, lapsed: 0 }),
        look('2028-02-01T00:00+01:00', { lapsed: 30 }),
      ],
    },
    {
      id: '5.3',
      title: 'Bought on a leap day',
      words: '29 February belongs to February; a year later the month ends on the 28th.',
      sums: ['February 2028 + 12 months → end of February 2029'],
      steps: [
        buy('2028-02-29T12:00+01:00', 'store', ['50.00'], { has: { available: 50 } }),
        look('2029-02-28T23:59:59+01:00', { available: 50, lapsed: 0 }),
        look('2029-03-01T00:00+01:00', { lapsed: 50 }),
      ],
    },
    {
      id: '5.4',
      title: 'Lapsing in a leap year',
      words: 'Points of February 2027 last through 29 February 2028.',
      sums: ['February 2027 + 12 months → end of February 2028'],
      steps: [
        buy('2027-02-28T12:00+01:00', 'store', ['50.00'], { has: { available: 50 } }),
        look('2028-02-29T23:59:59+01:00', { available: 50, lapsed: 0 }),
        look('2028-03-01T00:00+01:00', { lapsed: 50 }),
      ],
    },
    {
      id: '5.5',
      title: '31 January and one month',
      words: 'There is no 31 February to stumble over: months are counted, not days.',
      says: 'Points lapse after 1 month.',
      program: { expiry: { months: 1 } },
      sums: ['January 2027 + 1 month → end of February 2027'],
      steps: [
        buy('2027-01-31T12:00+01:00', 'store', ['50.00'], { has: { available: 50 } }),
        look('2027-02-28T23:59:59+01:00', { available: 50, lapsed: 0 }),
        look('2027-03-01T00:00+01:00', { lapsed: 50 }),
      ],
    },
    {
      id: '5.6',
      title: 'December',
      words:
        'The last evening of the year belongs to December; its points lapse as the year after next begins.',
      sums: ['December 2026 + 12 months → end of December 2027'],
      steps: [
        buy('2026-12-31T23:30+01:00', 'store', ['50.00'], { has: { available: 50 } }),
        look('2027-12-31T23:59:59+01:00', { available: 50, lapsed: 0 }),
        look('2028-01-01T00:00+01:00', { lapsed: 50 }),
      ],
    },
    {
      id: '5.7',
      title: 'Pending points of the last day of a month',
      words: 'They become spendable in November, yet belong to October and lapse with it.',
      sums: ['31 October + 14 days → 14 November, 00:00', 'October 2026 + 12 months → end of October 2027'],
      steps: [
        buy('2026-10-31T12:00+01:00', 'web', ['50.00'], {
          has: {
            pending: 50,
            lots: [{ points: 50, from: '2026-11-14T00:00+01:00', until: '2027-11-01T00:00+01:00' }],
          },
        }),
        look('2026-11-14T00:00+01:00', { available: 50 }),
        look('2027-11-01T00:00+01:00', { lapsed: 50 }),
      ],
    },
    {
      id: '5.8',
      title: 'Spending takes the soonest to lapse, and only the rest lapses',
      words: 'Of 40 points spent, October’s 30 go first and 10 of November’s after them.',
      sums: ['40 − 30 = 10', '50 − 10 = 40'],
      steps: [
        buy('2026-10-10T12:00+02:00', 'store', ['30.00'], { has: { available: 30 } }),
        buy('2026-11-22T12:00+01:00', 'store', ['50.00'], { has: { available: 80 } }),
        spend('2026-11-23T12:00+01:00', 40, {
          available: 40,
          lots: [{ points: 40, until: '2027-12-01T00:00+01:00' }],
        }),
        look('2027-11-01T00:00+01:00', { available: 40, lapsed: 0 }),
        look('2027-12-01T00:00+01:00', { lapsed: 40 }),
      ],
    },
    {
      id: '5.9',
      title: 'Points that never lapse',
      words: 'Without an expiry in the programme points stay.',
      says: 'Points do not lapse.',
      program: { expiry: null },
      sums: ['50.00 € × 1 = 50 → 50 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['50.00'], {
          has: { available: 50, lots: [{ points: 50, until: null }] },
        }),
        look('2036-11-22T12:00+01:00', { available: 50, lapsed: 0 }),
      ],
    },
    {
      id: '5.10',
      title: 'A purchase that arrives late lapses by its own month',
      words: 'A slip of September that arrives in November lapses with September’s points.',
      sums: ['September 2026 + 12 months → end of September 2027'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['40.00'], {
          boughtAt: '2026-09-03T12:00+02:00',
          has: { available: 40, lots: [{ points: 40, until: '2027-10-01T00:00+02:00' }] },
        }),
        look('2027-10-01T00:00+02:00', { lapsed: 40 }),
      ],
    },
    {
      id: '5.11',
      title: 'A purchase so late that its points have lapsed',
      words: 'The points of October 2025 lapsed when October 2026 was over: they are earned and gone.',
      sums: ['October 2025 + 12 months → end of October 2026, which has passed'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['50.00'], {
          boughtAt: '2025-10-20T12:00+02:00',
          earns: 50,
          has: { lapsed: 50 },
        }),
      ],
    },
  ],
};
