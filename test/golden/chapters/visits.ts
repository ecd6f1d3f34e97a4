import { buy, type Chapter, refund } from '../shapes.ts';

const fiveAVisit = { visits: { points: 5, minimumMinor: 1000, coolDownHours: 12 } };
const saysFive = 'A visit gives 5 points: from 10.00 € on, at most once within 12 hours.';

const anyVisit = { visits: { points: 5, minimumMinor: 0, coolDownHours: 12 } };
const freeVisit = { visits: { points: 5, minimumMinor: 0, coolDownHours: 12, free: true } };

export const visits: Chapter = {
  title: 'Visits',
  words:
    'A programme may give points for the visit itself, from a minimum on and not again within a cool-down.',
  examples: [
    {
      id: '12.1',
      title: 'From the minimum on',
      words: 'A cent short of it the purchase earns by the euro alone.',
      says: saysFive,
      program: fiveAVisit,
      sums: ['9.99 € × 1 = 9.99 → 9 points', '10.00 € × 1 + 5 = 15'],
      steps: [
        buy('2026-11-22T08:00+01:00', 'store', ['9.99'], { earns: 9, has: { available: 9 } }),
        buy('2026-11-22T08:05+01:00', 'store', ['10.00'], { earns: 15, has: { available: 24 } }),
      ],
    },
    {
      id: '12.2',
      title: 'Not again within the cool-down',
      words: 'A second short of twelve hours is the same visit; twelve hours later is the next.',
      says: saysFive,
      program: fiveAVisit,
      sums: ['10.00 € × 1 + 5 = 15', '10.00 € × 1 = 10 → 10 points', '15 + 10 + 15 = 40'],
      steps: [
        buy('2026-11-22T08:00+01:00', 'store', ['10.00'], { earns: 15, has: { available: 15 } }),
        buy('2026-11-22T19:59:59+01:00', 'store', ['10.00'], { earns: 10, has: { available: 25 } }),
        buy('2026-11-22T20:00+01:00', 'store', ['10.00'], { earns: 15, has: { available: 40 } }),
      ],
    },
    {
      id: '12.3',
      title: 'A visit is not multiplied',
      words: 'The app multiplies what the euros earn; the visit comes on top.',
      says: saysFive,
      program: fiveAVisit,
      sums: ['10.00 € × 1.2 + 5 = 17'],
      steps: [buy('2026-11-22T08:00+01:00', 'app', ['10.00'], { has: { pending: 17 } })],
    },
    {
      id: '12.4',
      title: 'A refund below the minimum takes the visit back',
      words: 'It was no visit then, so the next purchase may be one, cool-down or not.',
      says: saysFive,
      program: fiveAVisit,
      sums: ['20.00 € × 1 + 5 = 25', '(20.00 € − 15.00 €) × 1 = 5 → 5 points', '5 + 15 = 20'],
      steps: [
        buy('2026-11-22T08:00+01:00', 'store', ['20.00'], { earns: 25, has: { available: 25 } }),
        refund('2026-11-22T09:00+01:00', 1, { 1: '15.00' }, { takes: 20, has: { available: 5 } }),
        buy('2026-11-22T10:00+01:00', 'store', ['10.00'], { earns: 15, has: { available: 20 } }),
      ],
    },
    {
      id: '12.5',
      title: 'A slip that arrives late does not end the cool-down',
      words:
        'The slip of two days before is a visit of its own. The purchase at ten is still within twelve hours of the visit at eight.',
      says: saysFive,
      program: fiveAVisit,
      sums: ['15 + 15 + 10 = 40'],
      steps: [
        buy('2026-11-22T08:00+01:00', 'store', ['10.00'], { earns: 15, has: { available: 15 } }),
        buy('2026-11-22T09:00+01:00', 'store', ['10.00'], {
          boughtAt: '2026-11-20T12:00+01:00',
          earns: 15,
          has: { available: 30 },
        }),
        buy('2026-11-22T10:00+01:00', 'store', ['10.00'], { earns: 10, has: { available: 40 } }),
      ],
    },
    {
      id: '12.6',
      title: 'What cost nothing is no visit',
      words: 'A coffee for a voucher gives no points for coming, and the next one is not too soon.',
      says: 'A visit gives 5 points, at most once within 12 hours.',
      program: anyVisit,
      sums: ['3.00 € × 1 + 5 = 8'],
      steps: [
        buy('2026-11-22T08:00+01:00', 'store', [{ amount: '0.00', category: 'coffee' }], {
          earns: 0,
          has: {},
        }),
        buy('2026-11-22T08:10+01:00', 'store', ['3.00'], { earns: 8, has: { available: 8 } }),
      ],
    },
    {
      id: '12.7',
      title: 'Unless the programme says so',
      words: 'Then it is one as long as it is not given back.',
      says: 'A visit gives 5 points, at most once within 12 hours, also where nothing was paid.',
      program: freeVisit,
      sums: ['0.00 € × 1 + 5 = 5', '5 − 5 = 0'],
      steps: [
        buy('2026-11-22T08:00+01:00', 'store', [{ amount: '0.00', category: 'coffee' }], {
          earns: 5,
          has: { available: 5 },
        }),
        refund('2026-11-22T08:05+01:00', 1, { order: '0.00' }, { takes: 5, has: {} }),
      ],
    },
  ],
};
