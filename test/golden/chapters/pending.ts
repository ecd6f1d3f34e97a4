import { buy, type Chapter, look } from '../shapes.ts';

export const pending: Chapter = {
  title: 'Pending points',
  words:
    'Points of web and app can be spent from the midnight that begins the fourteenth day after the purchase.',
  examples: [
    {
      id: '4.1',
      title: 'The midnight that ends the pending period',
      words: 'Bought on the 22nd, spendable from the first moment of 6 December.',
      sums: ['50.00 € × 1 = 50 → 50 points', '22 November + 14 days → 6 December, 00:00'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'web', ['50.00'], {
          has: {
            pending: 50,
            lots: [{ points: 50, from: '2026-12-06T00:00+01:00', until: '2027-12-01T00:00+01:00' }],
          },
        }),
        look('2026-12-05T23:59:59+01:00', { pending: 50 }),
        look('2026-12-06T00:00+01:00', { available: 50 }),
      ],
    },
    {
      id: '4.2',
      title: 'The hour of the purchase does not matter',
      words: 'First and last second of a day wait for the same midnight.',
      sums: ['10 + 20 = 30'],
      steps: [
        buy('2026-11-22T00:00+01:00', 'web', ['10.00'], { has: { pending: 10 } }),
        buy('2026-11-22T23:59:59+01:00', 'web', ['20.00'], { has: { pending: 30 } }),
        look('2026-12-05T23:59:59+01:00', { pending: 30 }),
        look('2026-12-06T00:00+01:00', { available: 30 }),
      ],
    },
    {
      id: '4.3',
      title: 'Over the end of the year',
      words: 'Fourteen days are counted on the calendar, over months and years.',
      sums: ['20 December + 14 days → 3 January, 00:00'],
      steps: [
        buy('2026-12-20T18:00+01:00', 'web', ['50.00'], { has: { pending: 50 } }),
        look('2027-01-02T23:59:59+01:00', { pending: 50 }),
        look('2027-01-03T00:00+01:00', { available: 50 }),
      ],
    },
    {
      id: '4.4',
      title: 'A purchase that arrives after its own pending period',
      words: 'The days count from the purchase, not from its arrival: nothing is left to wait for.',
      sums: ['1 November + 14 days → 15 November, 00:00, which has passed'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'web', ['50.00'], {
          boughtAt: '2026-11-01T10:00+01:00',
          has: { available: 50, lots: [{ points: 50, until: '2027-12-01T00:00+01:00' }] },
        }),
      ],
    },
    {
      id: '4.5',
      title: 'The clocks go forward in between (March)',
      words:
        'The period ends at midnight by the wall clock: 22:00 UTC, where without the change it would be 23:00.',
      sums: ['18 March + 14 days → 1 April, 00:00 summer time'],
      showUtc: true,
      steps: [
        buy('2027-03-18T11:00+01:00', 'web', ['50.00'], { has: { pending: 50 } }),
        look('2027-03-31T23:59:59+02:00', { pending: 50 }),
        look('2027-04-01T00:00+02:00', { available: 50 }),
      ],
    },
    {
      id: '4.6',
      title: 'The clocks go back in between (October)',
      words: 'The hour that October has more does not shift the midnight.',
      sums: ['20 October + 14 days → 3 November, 00:00 winter time'],
      showUtc: true,
      steps: [
        buy('2027-10-20T11:00+02:00', 'web', ['50.00'], { has: { pending: 50 } }),
        look('2027-11-02T23:59:59+01:00', { pending: 50 }),
        look('2027-11-03T00:00+01:00', { available: 50 }),
      ],
    },
    {
      id: '4.7',
      title: 'The period ends on the day of the change itself',
      words:
        'On 31 October 2027 the clocks go back at three in the morning; its midnight is still summer time.',
      sums: ['17 October + 14 days → 31 October, 00:00 summer time'],
      showUtc: true,
      steps: [
        buy('2027-10-17T11:00+02:00', 'web', ['50.00'], { has: { pending: 50 } }),
        look('2027-10-30T23:59:59+02:00', { pending: 50 }),
        look('2027-10-31T00:00+02:00', { available: 50 }),
      ],
    },
  ],
};
