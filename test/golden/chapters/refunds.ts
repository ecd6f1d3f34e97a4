import { buy, type Chapter, look, refund, spend } from '../shapes.ts';

export const refunds: Chapter = {
  title: 'Refunds',
  words:
    'After a refund the purchase is counted anew with what remains of it, and only the difference to what it was worth is taken back.',
  examples: [
    {
      id: '8.1',
      title: 'All of it back',
      words: 'What is left is exactly what was there before the purchase.',
      sums: ['30 + 50 − 50 = 30'],
      steps: [
        buy('2026-11-21T12:00+01:00', 'store', ['30.00'], { has: { available: 30 } }),
        buy('2026-11-22T12:00+01:00', 'store', ['50.00'], { has: { available: 80 } }),
        refund('2026-11-23T12:00+01:00', 2, 'everything', { takes: 50, has: { available: 30 } }),
      ],
    },
    {
      id: '8.2',
      title: 'Cents decide only where they make a point',
      words: 'The 99 cents beyond the last whole euro earned nothing, so they take nothing back.',
      sums: [
        '19.99 € × 1 = 19.99 → 19 points',
        '19.99 € − 0.99 € = 19.00 → 19 points',
        '19.00 € − 0.01 € = 18.99 → 18 points',
      ],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['19.99'], { has: { available: 19 } }),
        refund('2026-11-23T12:00+01:00', 1, { 1: '0.99' }, { takes: 0, has: { available: 19 } }),
        refund('2026-11-24T12:00+01:00', 1, { 1: '0.01' }, { takes: 1, has: { available: 18 } }),
      ],
    },
    {
      id: '8.3',
      title: 'Two partial refunds, in one order',
      words: 'First the whole first line, then a part of the second.',
      sums: [
        '10.50 € + 9.75 € = 20.25 → 20 points',
        '20.25 € − 10.50 € = 9.75 → 9 points',
        '9.75 € − 5.25 € = 4.50 → 4 points',
      ],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['10.50', '9.75'], { has: { available: 20 } }),
        refund('2026-11-23T12:00+01:00', 1, { 1: '10.50' }, { takes: 11, has: { available: 9 } }),
        refund('2026-11-24T12:00+01:00', 1, { 2: '5.25' }, { takes: 5, has: { available: 4 } }),
      ],
    },
    {
      id: '8.4',
      title: 'The same two in the other order',
      words: 'Each takes another share, and the end is the same.',
      sums: [
        '10.50 € + 9.75 € = 20.25 → 20 points',
        '20.25 € − 5.25 € = 15.00 → 15 points',
        '15.00 € − 10.50 € = 4.50 → 4 points',
      ],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['10.50', '9.75'], { has: { available: 20 } }),
        refund('2026-11-23T12:00+01:00', 1, { 2: '5.25' }, { takes: 5, has: { available: 15 } }),
        refund('2026-11-24T12:00+01:00', 1, { 1: '10.50' }, { takes: 11, has: { available: 4 } }),
      ],
    },
    {
      id: '8.5',
      title: 'Many small refunds take no more than one large one',
      words: 'Each refund of 60 cents is counted from what remains, so no cent is rounded twice.',
      sums: [
        '10.00 € − 0.60 € = 9.40 → 9 points',
        '9.40 € − 0.60 € = 8.80 → 8 points',
        '8.80 € − 0.60 € = 8.20 → 8 points',
        'at once: 10.00 € − 1.80 € = 8.20 → 8 points',
      ],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['10.00'], { has: { available: 10 } }),
        refund('2026-11-23T12:00+01:00', 1, { 1: '0.60' }, { takes: 1, has: { available: 9 } }),
        refund('2026-11-24T12:00+01:00', 1, { 1: '0.60' }, { takes: 1, has: { available: 8 } }),
        refund('2026-11-25T12:00+01:00', 1, { 1: '0.60' }, { takes: 0, has: { available: 8 } }),
      ],
    },
    {
      id: '8.6',
      title: 'An amount on the whole order',
      words: 'A third of the order is paid back, so each line counts two thirds.',
      sums: [
        '(60.00 € + 30.00 €) × 1.2 = 108 → 108 points',
        '(60.00 € + 30.00 €) × 1.2 × (90.00 € − 30.00 €) / 90.00 € = 72 → 72 points',
      ],
      steps: [
        buy('2026-11-22T12:00+01:00', 'app', ['60.00', '30.00'], { has: { pending: 108 } }),
        refund('2026-11-23T12:00+01:00', 1, { order: '30.00' }, { takes: 36, has: { pending: 72 } }),
      ],
    },
    {
      id: '8.7',
      title: 'An amount on an order whose lines earned differently',
      words: 'In coffee week the coffee counts double; the amount shrinks coffee and tea alike.',
      sums: [
        '60.00 € × 2 + 30.00 € = 150 → 150 points',
        '(60.00 € × 2 + 30.00 €) × (90.00 € − 30.00 €) / 90.00 € = 100 → 100 points',
      ],
      steps: [
        buy('2027-03-03T12:00+01:00', 'store', [{ amount: '60.00', category: 'coffee' }, '30.00'], {
          has: { available: 150 },
        }),
        refund('2027-03-04T12:00+01:00', 1, { order: '30.00' }, { takes: 50, has: { available: 100 } }),
      ],
    },
    {
      id: '8.8',
      title: 'A share that does not come out even',
      words: 'The exact fraction is kept to the end and floored once.',
      sums: [
        '10.00 € × 2 + 5.00 € = 25 → 25 points',
        '(10.00 € × 2 + 5.00 €) × (15.00 € − 1.00 €) / 15.00 € = 23.333… → 23 points',
      ],
      steps: [
        buy('2027-03-03T12:00+01:00', 'store', [{ amount: '10.00', category: 'coffee' }, '5.00'], {
          has: { available: 25 },
        }),
        refund('2027-03-04T12:00+01:00', 1, { order: '1.00' }, { takes: 2, has: { available: 23 } }),
      ],
    },
    {
      id: '8.9',
      title: 'An amount on an order with a gift card in it',
      words: 'The amount is spread over the lines that earn, so all of it counts against them.',
      sums: ['40.00 € × 1 = 40 → 40 points', '40.00 € × (40.00 € − 10.00 €) / 40.00 € = 30 → 30 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['40.00', { amount: '20.00', category: 'gift-card' }], {
          has: { available: 40 },
        }),
        refund('2026-11-23T12:00+01:00', 1, { order: '10.00' }, { takes: 10, has: { available: 30 } }),
      ],
    },
    {
      id: '8.10',
      title: 'The gift card itself is paid back',
      words: 'A line that earned nothing takes nothing back.',
      sums: ['40.00 € × 1 = 40 → 40 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['40.00', { amount: '20.00', category: 'gift-card' }], {
          has: { available: 40 },
        }),
        refund('2026-11-23T12:00+01:00', 1, { 2: '20.00' }, { takes: 0, has: { available: 40 } }),
      ],
    },
    {
      id: '8.11',
      title: 'A line and an amount on the order, in one order',
      words: 'First 30 € on the whole order, then the second line.',
      sums: [
        '(60.00 € + 30.00 €) × (90.00 € − 30.00 €) / 90.00 € = 60 → 60 points',
        '60.00 € × (60.00 € − 30.00 €) / 60.00 € = 30 → 30 points',
      ],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['60.00', '30.00'], { has: { available: 90 } }),
        refund('2026-11-23T12:00+01:00', 1, { order: '30.00' }, { takes: 30, has: { available: 60 } }),
        refund('2026-11-24T12:00+01:00', 1, { 2: '30.00' }, { takes: 30, has: { available: 30 } }),
      ],
    },
    {
      id: '8.12',
      title: 'Coffee doubled, a line and an amount on the order, in both orders',
      words: 'Whichever comes first, in the end half of the coffee line counts, and counts double.',
      sums: [
        '60.00 € × 2 + 30.00 € = 150 → 150 points',
        'the amount first: (60.00 € × 2 + 30.00 €) × (90.00 € − 30.00 €) / 90.00 € = 100 → 100 points',
        'the line first: 60.00 € × 2 = 120 → 120 points',
        'both: 60.00 € × 2 × (60.00 € − 30.00 €) / 60.00 € = 60 → 60 points',
      ],
      steps: [
        buy('2027-03-03T12:00+01:00', 'store', [{ amount: '60.00', category: 'coffee' }, '30.00'], {
          has: { available: 150 },
        }),
        refund('2027-03-04T12:00+01:00', 1, { order: '30.00' }, { takes: 50, has: { available: 100 } }),
        refund('2027-03-05T12:00+01:00', 1, { 2: '30.00' }, { takes: 40, has: { available: 60 } }),
        buy('2027-03-06T12:00+01:00', 'store', [{ amount: '60.00', category: 'coffee' }, '30.00'], {
          has: { available: 210 },
        }),
        refund('2027-03-07T12:00+01:00', 2, { 2: '30.00' }, { takes: 30, has: { available: 180 } }),
        refund('2027-03-08T12:00+01:00', 2, { order: '30.00' }, { takes: 60, has: { available: 120 } }),
      ],
    },
    {
      id: '8.13',
      title: 'More than the line was',
      words: 'A line gives back what it was and no more; the other line stays untouched.',
      sums: ['10.00 € + 10.00 € = 20 → 20 points', '10.00 € × 1 = 10 → 10 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['10.00', '10.00'], { has: { available: 20 } }),
        refund('2026-11-23T12:00+01:00', 1, { 1: '15.00' }, { takes: 10, has: { available: 10 } }),
      ],
    },
    {
      id: '8.14',
      title: 'The programme has changed in between',
      words: 'A refund is counted by the rules the purchase was made under.',
      sums: ['100.00 € × 1 = 100 → 100 points', '(100.00 € − 40.00 €) × 1 = 60 → 60 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['100.00'], { has: { available: 100 } }),
        {
          do: 'program',
          at: '2026-11-23T12:00+01:00',
          says: 'a euro gives 2 points from now on',
          changes: { currencies: { EUR: { points: 2, perMinor: 100 } } },
          has: { available: 100 },
        },
        refund('2026-11-24T12:00+01:00', 1, { 1: '40.00' }, { takes: 40, has: { available: 60 } }),
      ],
    },
    {
      id: '8.15',
      title: 'The tier has changed in between',
      words:
        'The purchase was made as an Ami and made a Complice: what goes back counts once, not 1.25 times.',
      sums: ['(600.00 € − 100.00 €) × 1 = 500 → 500 points', '600 − 500 = 100'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['600.00'], { has: { available: 600, tier: 'complice' } }),
        refund('2026-11-23T12:00+01:00', 1, { 1: '100.00' }, { takes: 100, has: { available: 500 } }),
      ],
    },
    {
      id: '8.16',
      title: 'While the points are pending',
      words: 'The purchase’s own pending points go first; what can be spent is left alone.',
      sums: ['(50.00 € − 20.00 €) × 1 = 30 → 30 points', '40 + 30 = 70'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['40.00'], { has: { available: 40 } }),
        buy('2026-11-22T12:05+01:00', 'web', ['50.00'], { has: { available: 40, pending: 50 } }),
        refund(
          '2026-11-25T12:00+01:00',
          2,
          { 1: '20.00' },
          { takes: 20, has: { available: 40, pending: 30 } },
        ),
        look('2026-12-06T00:00+01:00', { available: 70 }),
      ],
    },
    {
      id: '8.17',
      title: 'First its own points, then the soonest to lapse',
      words: 'Of November’s 50 only 30 are left; the other 20 come from October’s, not from December’s.',
      sums: ['50 − 20 = 30', '50 − 30 = 20', '30 − 20 = 10'],
      steps: [
        buy('2026-11-02T12:00+01:00', 'store', ['50.00'], { has: { available: 50 } }),
        spend('2026-11-03T12:00+01:00', 20, { available: 30 }),
        buy('2026-12-02T12:00+01:00', 'store', ['100.00'], { has: { available: 130 } }),
        buy('2026-12-03T12:00+01:00', 'store', ['30.00'], {
          boughtAt: '2026-10-20T12:00+02:00',
          has: { available: 160 },
        }),
        refund('2026-12-04T12:00+01:00', 1, 'everything', {
          takes: 50,
          has: {
            available: 110,
            lots: [
              { points: 10, until: '2027-11-01T00:00+01:00' },
              { points: 100, until: '2028-01-01T00:00+01:00' },
            ],
          },
        }),
      ],
    },
  ],
};
