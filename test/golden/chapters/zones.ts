import { buy, type Chapter, look } from '../shapes.ts';

export const zones: Chapter = {
  title: 'Time zones and clock changes',
  words: 'Days and months begin when they begin in the programme’s time zone, wherever the computers stand.',
  examples: [
    {
      id: '6.1',
      title: 'Half past midnight in Paris is still yesterday in UTC',
      words: 'At 23:30 UTC on 30 November it is December in Paris, so the points last a month longer.',
      sums: ['November 2026 → 1 December 2027', 'December 2026 → 1 January 2028'],
      showUtc: true,
      steps: [
        buy('2026-11-30T23:30+01:00', 'store', ['10.00'], {
          has: { available: 10, lots: [{ points: 10, until: '2027-12-01T00:00+01:00' }] },
        }),
        buy('2026-12-01T00:30+01:00', 'store', ['20.00'], {
          has: {
            available: 30,
            lots: [
              { points: 10, until: '2027-12-01T00:00+01:00' },
              { points: 20, until: '2028-01-01T00:00+01:00' },
            ],
          },
        }),
      ],
    },
    {
      id: '6.2',
      title: 'The same in summer time',
      words: 'In summer Paris is two hours ahead: at 22:30 UTC on 31 July it is August.',
      sums: ['August 2027 + 12 months → end of August 2028'],
      showUtc: true,
      steps: [
        buy('2027-08-01T00:30+02:00', 'store', ['50.00'], {
          has: { available: 50, lots: [{ points: 50, until: '2028-09-01T00:00+02:00' }] },
        }),
      ],
    },
    {
      id: '6.3',
      title: 'Months that end on the other side of a clock change',
      words: 'March ends in summer time, October in winter time, whatever the clock said at the purchase.',
      sums: ['October 2026 → 1 November 2027, winter time', 'March 2027 → 1 April 2028, summer time'],
      showUtc: true,
      steps: [
        buy('2026-10-15T12:00+02:00', 'store', ['10.00'], {
          has: { available: 10, lots: [{ points: 10, until: '2027-11-01T00:00+01:00' }] },
        }),
        buy('2027-03-15T12:00+01:00', 'store', ['20.00'], {
          has: {
            available: 30,
            lots: [
              { points: 10, until: '2027-11-01T00:00+01:00' },
              { points: 20, until: '2028-04-01T00:00+02:00' },
            ],
          },
        }),
        look('2027-10-31T23:59:59+01:00', { available: 30, lapsed: 0 }),
        look('2027-11-01T00:00+01:00', { available: 20, lapsed: 10 }),
        look('2028-03-31T23:59:59+02:00', { available: 20, lapsed: 10 }),
        look('2028-04-01T00:00+02:00', { lapsed: 30 }),
      ],
    },
    {
      id: '6.4',
      title: 'West of UTC',
      words: 'In New York the evening of 31 October is already November in UTC; it counts as October.',
      says: 'The programme’s time zone is America/New_York.',
      program: { timeZone: 'America/New_York' },
      sums: ['October 2026 + 12 months → end of October 2027'],
      showUtc: true,
      steps: [
        buy('2026-10-31T23:30-04:00', 'store', ['50.00'], {
          has: { available: 50, lots: [{ points: 50, until: '2027-11-01T00:00-04:00' }] },
        }),
        look('2027-10-31T23:59:59-04:00', { available: 50, lapsed: 0 }),
        look('2027-11-01T00:00-04:00', { lapsed: 50 }),
      ],
    },
    {
      id: '6.5',
      title: 'New York’s clocks change on other days than Paris’s',
      words: 'They go forward on 14 March 2027 and back on 1 November 2026; midnight stays midnight.',
      says: 'The programme’s time zone is America/New_York.',
      program: { timeZone: 'America/New_York' },
      sums: ['25 October + 14 days → 8 November, 00:00', '1 March + 14 days → 15 March, 00:00'],
      showUtc: true,
      steps: [
        buy('2026-10-25T12:00-04:00', 'web', ['10.00'], { has: { pending: 10 } }),
        look('2026-11-07T23:59:59-05:00', { pending: 10 }),
        look('2026-11-08T00:00-05:00', { available: 10 }),
        buy('2027-03-01T12:00-05:00', 'web', ['20.00'], { has: { available: 10, pending: 20 } }),
        look('2027-03-14T23:59:59-04:00', { available: 10, pending: 20 }),
        look('2027-03-15T00:00-04:00', { available: 30 }),
      ],
    },
    {
      id: '6.6',
      title: 'A zone half an hour off',
      words:
        'Kolkata is five and a half hours ahead: a quarter past midnight on 1 February is January in UTC.',
      says: 'The programme’s time zone is Asia/Kolkata.',
      program: { timeZone: 'Asia/Kolkata' },
      sums: ['January 2027 → 1 February 2028', 'February 2027 → 1 March 2028'],
      showUtc: true,
      steps: [
        buy('2027-01-31T23:59:59+05:30', 'store', ['10.00'], {
          has: { available: 10, lots: [{ points: 10, until: '2028-02-01T00:00+05:30' }] },
        }),
        buy('2027-02-01T00:15+05:30', 'store', ['20.00'], {
          has: {
            available: 30,
            lots: [
              { points: 10, until: '2028-02-01T00:00+05:30' },
              { points: 20, until: '2028-03-01T00:00+05:30' },
            ],
          },
        }),
        look('2028-02-29T23:59:59+05:30', { available: 20, lapsed: 10 }),
        look('2028-03-01T00:00+05:30', { lapsed: 30 }),
      ],
    },
    {
      id: '6.7',
      title: 'A clock change of half an hour',
      words: 'Lord Howe Island goes from 11 to 10½ hours ahead on 4 April 2027.',
      says: 'The programme’s time zone is Australia/Lord_Howe.',
      program: { timeZone: 'Australia/Lord_Howe' },
      sums: ['25 March + 14 days → 8 April, 00:00'],
      showUtc: true,
      steps: [
        buy('2027-03-25T12:00+11:00', 'web', ['50.00'], { has: { pending: 50 } }),
        look('2027-04-07T23:59:59+10:30', { pending: 50 }),
        look('2027-04-08T00:00+10:30', { available: 50 }),
      ],
    },
    {
      id: '6.8',
      title: 'The month of a tier',
      words: 'A tier reached at 23:30 UTC on 30 November is reached in December, and holds a month longer.',
      sums: ['December 2026 + 12 months → end of December 2027'],
      showUtc: true,
      steps: [
        buy('2026-12-01T00:30+01:00', 'store', ['500.00'], {
          has: { available: 500, tier: 'complice', tierUntil: '2028-01-01T00:00+01:00' },
        }),
      ],
    },
    {
      id: '6.9',
      title: 'The last day is that of the programme',
      words:
        'Points that end at midnight end with the day before, wherever the card or the page is looked at: 30 November, though it is still the 30th in New York and already the 1st in Tokyo.',
      sums: ['November 2026 + 12 months → end of November 2027'],
      showUtc: true,
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['10.00'], {
          has: {
            available: 10,
            lots: [{ points: 10, until: '2027-12-01T00:00+01:00' }],
            lastDay: '2027-11-30',
          },
        }),
      ],
    },
  ],
};
