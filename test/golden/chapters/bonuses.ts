import { defaultProgram } from '../../support/world.ts';
import { buy, type Chapter, look, plain, redeem } from '../shapes.ts';

/** The default rewards, and a bundle of two of them. */
const breakfast = [
  ...defaultProgram().rewards,
  { id: 'croissant', name: 'A croissant', points: 100, type: 'gift' as const, sku: 'CRO-1' },
  {
    id: 'breakfast',
    name: 'Breakfast on us',
    points: 200,
    type: 'bundle' as const,
    rewards: ['free-coffee', 'croissant'],
  },
];

export const bonuses: Chapter = {
  title: 'Bonuses, gifts and bundles',
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
    {
      id: '13.8',
      title: 'A gift for joining',
      words: 'The voucher is there with the enrolment, once, as points would be.',
      says: 'Enrolment gives a voucher for a coffee.',
      program: { bonuses: { welcome: { reward: 'free-coffee' } } },
      steps: [plain('enrol', '2026-11-22T12:00+01:00', { available: 0, gifts: ['A coffee on us'] })],
    },
    {
      id: '13.9',
      title: 'A gift beside points',
      words: 'A birthday and a complete profile may give the same: points, a voucher, or both.',
      says: 'A birthday gives 100 points and a voucher for a coffee.',
      program: { bonuses: { birthday: { points: 100, reward: 'free-coffee' } } },
      sums: ['100 + 100 = 200'],
      steps: [
        plain('birthday', '2027-05-10T03:00+02:00', { available: 100, gifts: ['A coffee on us'] }),
        plain('birthday', '2027-06-10T03:00+02:00', { available: 100, gifts: ['A coffee on us'] }),
        plain('birthday', '2028-05-10T03:00+02:00', {
          available: 200,
          gifts: ['A coffee on us', 'A coffee on us'],
        }),
      ],
    },
    {
      id: '13.10',
      title: 'A bundle for joining',
      words: 'Where the reward is a bundle, there is a voucher of each of its rewards.',
      says: 'Enrolment gives breakfast: a coffee and a croissant.',
      program: { bonuses: { welcome: { reward: 'breakfast' } }, rewards: breakfast },
      steps: [
        plain('enrol', '2026-11-22T12:00+01:00', {
          available: 0,
          gifts: ['A coffee on us', 'A croissant'],
        }),
      ],
    },
    {
      id: '13.11',
      title: 'A bundle for points',
      words:
        'Two hundred points are a voucher for a coffee and one for a croissant. Whoever takes the redemption back before either was used has the points again, and neither voucher.',
      says: 'The reward breakfast is a bundle of a coffee and a croissant, for 200 points.',
      program: { rewards: breakfast },
      sums: ['300 − 200 = 100', '100 + 200 = 300'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['300.00'], { has: { available: 300, gifts: [] } }),
        redeem('2026-11-22T12:05+01:00', 'breakfast', {
          available: 100,
          gifts: ['A coffee on us', 'A croissant'],
        }),
        plain('cancel', '2026-11-22T12:10+01:00', { available: 300, gifts: [] }),
      ],
    },
  ],
};
