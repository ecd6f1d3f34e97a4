import { defaultProgram } from '../../support/world.ts';
import { buy, type Chapter, refund } from '../shapes.ts';

const { USD: _dollar, ...withoutDollars } = defaultProgram().currencies;

export const orders: Chapter = {
  title: 'Orders that are given back',
  words:
    'An order is given back when each of its lines is. Only then come back the points that paid for it and the vouchers that were used on it; and from then on none can be used on it.',
  examples: [
    {
      id: '15.1',
      title: 'The gift is kept',
      words:
        'A voucher paid for the coffee. All the money is back with the mug, but the coffee is not: the voucher stays used. With the coffee it can be used again, on another order.',
      sums: ['5.00 € × 1 = 5'],
      steps: [
        buy('2026-11-22T08:00+01:00', 'store', ['5.00', { amount: '0.00', category: 'coffee' }], {
          has: { available: 5, order: 'posted' },
        }),
        refund(
          '2026-11-22T09:00+01:00',
          1,
          { 1: '5.00' },
          { takes: 5, has: { order: 'partially refunded' } },
        ),
        refund(
          '2026-11-22T10:00+01:00',
          1,
          { 2: { quantity: 1, amount: '0.00' } },
          {
            takes: 0,
            has: { order: 'refunded' },
          },
        ),
      ],
    },
    {
      id: '15.2',
      title: 'An order that cost nothing, by its units',
      words: 'Points or vouchers paid for all of it. They come back with the last of its units.',
      steps: [
        buy('2026-11-22T08:00+01:00', 'store', [{ amount: '0.00', quantity: 2, sku: 'Espresso' }], {
          earns: 0,
          has: { order: 'posted' },
        }),
        refund(
          '2026-11-22T09:00+01:00',
          1,
          { 1: { quantity: 1, amount: '0.00' } },
          {
            takes: 0,
            has: { order: 'partially refunded' },
          },
        ),
        refund(
          '2026-11-22T10:00+01:00',
          1,
          { 1: { quantity: 1, amount: '0.00' } },
          {
            takes: 0,
            has: { order: 'refunded' },
          },
        ),
      ],
    },
    {
      id: '15.3',
      title: 'The same as a whole',
      words: 'Nothing is all that there is to give back of it; the shipping is not part of what was sold.',
      steps: [
        buy('2026-11-22T08:00+01:00', 'store', ['0.00', '0.00'], {
          shipping: '4.90',
          earns: 0,
          has: { order: 'posted' },
        }),
        refund('2026-11-22T09:00+01:00', 1, { order: '0.00' }, { takes: 0, has: { order: 'refunded' } }),
      ],
    },
    {
      id: '15.4',
      title: 'The shipping alone',
      words: 'It earned nothing and takes nothing. An amount for the rest of the order is then all of it.',
      sums: ['10.00 € × 1 = 10', '10.00 € + 4.90 € − 4.90 € = 10.00'],
      steps: [
        buy('2026-11-22T08:00+01:00', 'store', ['10.00'], {
          shipping: '4.90',
          earns: 10,
          has: { available: 10, order: 'posted' },
        }),
        refund(
          '2026-11-22T09:00+01:00',
          1,
          { shipping: '4.90' },
          {
            takes: 0,
            has: { available: 10, order: 'partially refunded' },
          },
        ),
        refund('2026-11-22T10:00+01:00', 1, { order: '10.00' }, { takes: 10, has: { order: 'refunded' } }),
      ],
    },
    {
      id: '15.5',
      title: 'The same amount of the whole order',
      words: 'It is not known to be the shipping, so it is goods.',
      sums: ['10.00 € − 4.90 € = 5.10 → 5 points', '10 − 5 = 5'],
      steps: [
        buy('2026-11-22T08:00+01:00', 'store', ['10.00'], { shipping: '4.90', has: { available: 10 } }),
        refund(
          '2026-11-22T09:00+01:00',
          1,
          { order: '4.90' },
          {
            takes: 5,
            has: { available: 5, order: 'partially refunded' },
          },
        ),
      ],
    },
    {
      id: '15.6',
      title: 'Cash is rounded',
      words:
        'The two cents that the till rounds by are a line of their own. They cost no point, and nothing comes of them with a refund.',
      sums: ['10.02 € − 0.02 € = 10.00', '10.02 € × 1 = 10.02 → 10 points'],
      steps: [
        buy('2026-11-22T08:00+01:00', 'store', ['10.02', { amount: '-0.02', category: 'rounding' }], {
          earns: 10,
          has: { available: 10 },
        }),
        refund('2026-11-22T09:00+01:00', 1, { 1: '10.02' }, { takes: 10, has: { order: 'refunded' } }),
      ],
    },
    {
      id: '15.7',
      title: 'A deposit is given back',
      words:
        'Empty bottles make the order cheaper, not the goods. Who takes the bottles home again after all pays their deposit again, and earns nothing by it.',
      sums: ['20.00 € − 5.00 € = 15.00', '20.00 € × 1 = 20'],
      steps: [
        buy('2026-11-22T08:00+01:00', 'store', ['20.00', { amount: '-5.00', category: 'deposit' }], {
          earns: 20,
          has: { available: 20, order: 'posted' },
        }),
        refund(
          '2026-11-22T09:00+01:00',
          1,
          { 2: '-5.00' },
          {
            takes: 0,
            has: { available: 20, order: 'partially refunded' },
          },
        ),
        refund('2026-11-22T10:00+01:00', 1, { 1: '20.00' }, { takes: 20, has: { order: 'refunded' } }),
      ],
    },
    {
      id: '15.8',
      title: 'A currency leaves the programme',
      words: 'What was bought in dollars is given back in dollars, by the rate of the day it was bought.',
      sums: ['100.00 $ × 1 = 100'],
      steps: [
        buy('2026-11-22T08:00+01:00', 'store', ['100.00'], {
          currency: 'USD',
          earns: 100,
          has: { available: 100 },
        }),
        {
          do: 'program',
          at: '2026-11-23T08:00+01:00',
          says: 'dollars are no longer accepted.',
          changes: { currencies: withoutDollars },
          has: { available: 100 },
        },
        refund('2026-11-24T08:00+01:00', 1, 'everything', { takes: 100, has: { order: 'refunded' } }),
      ],
    },
  ],
};
