import { type Chapter, look, plain } from '../shapes.ts';

export const bonuses: Chapter = {
  title: 'Welcome, profile and birthday',
  words: 'Bonuses can be spent at once, lapse like the points of a purchase on that day, and make no tier.',
  examples: [
    {
      id: '13.1',
      title: 'Welcome',
      words: 'Given once, with the enrolment.',
      says: 'Enrolment gives 50 points, as in the default programme.',
      program: { bonuses: { welcome: 50 } },
      sums: ['November 2026 + 12 months → end of November 2027'],
      steps: [
        plain('enrol', '2026-11-22T12:00+01:00', {
          available: 50,
          lots: [{ points: 50, until: '2027-12-01T00:00+01:00' }],
        }),
        look('2027-12-01T00:00+01:00', { lapsed: 50 }),
      ],
    },
    {
      id: '13.2',
      title: 'A complete profile, once',
      words: 'Removing something and completing it again gives nothing.',
      says: 'A complete profile gives 50 points, as in the default programme.',
      program: { bonuses: { profile: 50 } },
      sums: ['50 + 0 = 50'],
      steps: [
        plain('profile', '2026-11-22T12:00+01:00', { available: 50 }),
        plain('profile', '2026-11-23T12:00+01:00', { available: 50 }),
      ],
    },
    {
      id: '13.3',
      title: 'A birthday once in 365 days',
      words:
        'Whoever moves the birthday in the profile, by a month or by two days, waits all the same: from 10 May 2027 to 8 May 2028 are 364 days.',
      says: 'A birthday gives 100 points, as in the default programme.',
      program: { bonuses: { birthday: 100 } },
      sums: ['100 + 100 = 200'],
      steps: [
        plain('birthday', '2027-05-10T03:00+02:00', { available: 100 }),
        plain('birthday', '2027-06-10T03:00+02:00', { available: 100 }),
        plain('birthday', '2028-05-08T03:00+02:00', { available: 100 }),
        plain('birthday', '2028-05-10T03:00+02:00', { available: 200 }),
        look('2028-06-01T00:00+02:00', { available: 100, lapsed: 100 }),
      ],
    },
    {
      id: '13.4',
      title: 'Exactly 365 days',
      words: 'From 10 May 2026 to 10 May 2027 are 365 days: that is enough.',
      says: 'A birthday gives 100 points, as in the default programme.',
      program: { bonuses: { birthday: 100 } },
      sums: ['100 + 100 = 200'],
      steps: [
        plain('birthday', '2026-05-10T03:00+02:00', { available: 100 }),
        plain('birthday', '2027-05-10T03:00+02:00', { available: 200 }),
      ],
    },
    {
      id: '13.5',
      title: 'Born on 29 February',
      words: 'The birthday is kept on the 28th in other years; from leap day to the 28th are 365 days.',
      says: 'A birthday gives 100 points, as in the default programme.',
      program: { bonuses: { birthday: 100 } },
      sums: ['100 + 100 = 200', '200 − 100 + 100 = 200'],
      steps: [
        plain('birthday', '2027-02-28T03:00+01:00', { available: 100 }),
        plain('birthday', '2028-02-29T03:00+01:00', { available: 200 }),
        plain('birthday', '2029-02-28T03:00+01:00', { available: 200, lapsed: 100 }),
        look('2029-03-01T00:00+01:00', { available: 100, lapsed: 200 }),
      ],
    },
    {
      id: '13.6',
      title: 'Bonuses make no tier',
      words: 'Only purchases qualify.',
      says: 'A birthday gives 600 points.',
      program: { bonuses: { birthday: 600 } },
      sums: ['for the tier: 600 − 600 = 0'],
      steps: [plain('birthday', '2027-05-10T03:00+02:00', { available: 600, tier: 'ami', tierUntil: null })],
    },
    {
      id: '13.7',
      title: 'A birthday that is noticed late',
      words:
        'The nights from 13 to 18 June were missed. The bonus of 15 June comes on the 19th and belongs to the 15th, so the next year it comes on the 15th again.',
      says: 'A birthday gives 100 points, as in the default programme.',
      program: { bonuses: { birthday: 100 } },
      sums: ['100 + 100 = 200'],
      steps: [
        { do: 'birthday', at: '2027-06-19T01:00+02:00', day: '2027-06-15', has: { available: 100 } },
        plain('birthday', '2028-06-15T01:00+02:00', { available: 200 }),
      ],
    },
  ],
};
