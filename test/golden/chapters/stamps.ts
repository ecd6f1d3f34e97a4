import { defaultProgram } from '../../support/world.ts';
import { type Amount, buy, type Chapter, type Line, plain, refund } from '../shapes.ts';

const coffees = (quantity: number, amount: Amount): readonly Line[] => [
  { amount, quantity, sku: 'Espresso', category: 'coffee' },
];
const cards = (changes: object) => ({
  stamps: defaultProgram().stamps.map((card) => ({ ...card, ...changes })),
});

export const stamps: Chapter = {
  title: 'Stamp cards',
  words:
    'The coffee card takes a stamp for each coffee, and five of them are a voucher for one. Stamps are for what was paid; they go as the money goes.',
  examples: [
    {
      id: '14.1',
      title: 'A stamp for each coffee',
      words: 'At five stamps the voucher is issued, and the count goes on with the rest.',
      sums: ['2 + 4 − 5 = 1'],
      steps: [
        buy('2026-11-22T08:00+01:00', 'store', coffees(2, '6.00'), {
          has: { available: 6, stamps: 2, vouchers: 0 },
        }),
        buy('2026-11-22T09:00+01:00', 'store', coffees(4, '12.00'), {
          has: { available: 18, stamps: 1, vouchers: 1 },
        }),
      ],
    },
    {
      id: '14.2',
      title: 'What cost nothing fills no card',
      words: 'Five coffees on the house, or taken for vouchers, are no stamps.',
      steps: [
        buy('2026-11-22T08:00+01:00', 'store', coffees(5, '0.00'), {
          earns: 0,
          has: { stamps: 0, vouchers: 0 },
        }),
      ],
    },
    {
      id: '14.3',
      title: 'Unless the card says so',
      words: 'The same five coffees are a full card.',
      says: 'The coffee card is filled by what cost nothing, too.',
      program: cards({ free: true }),
      steps: [
        buy('2026-11-22T08:00+01:00', 'store', coffees(5, '0.00'), {
          earns: 0,
          has: { stamps: 0, vouchers: 1 },
        }),
      ],
    },
    {
      id: '14.4',
      title: 'All but a cent of five coffees',
      words:
        'A refund that names no coffees takes the stamps with the money: a cent is less than the share of one coffee, so no stamp is left, and the voucher they had paid for is revoked.',
      sums: ['15.00 € − 14.99 € = 0.01 → 0 points', '5 × 3.00 € = 15.00'],
      steps: [
        buy('2026-11-22T08:00+01:00', 'store', coffees(5, '15.00'), {
          has: { available: 15, stamps: 0, vouchers: 1 },
        }),
        refund(
          '2026-11-22T09:00+01:00',
          1,
          { order: '14.99' },
          { takes: 15, has: { stamps: 0, vouchers: 0 } },
        ),
      ],
    },
    {
      id: '14.5',
      title: 'A cent beyond a coffee is the next one',
      words:
        'The price of one coffee takes one stamp. As soon as less than the share of another coffee is left, its stamp goes, too.',
      sums: ['15.00 € − 3.00 € = 12.00', '12.00 € − 0.01 € = 11.99 → 11 points'],
      steps: [
        buy('2026-11-22T08:00+01:00', 'store', coffees(5, '15.00'), {
          has: { available: 15, stamps: 0, vouchers: 1 },
        }),
        refund(
          '2026-11-22T09:00+01:00',
          1,
          { 1: '3.00' },
          {
            takes: 3,
            has: { available: 12, stamps: 4, vouchers: 0 },
          },
        ),
        refund(
          '2026-11-22T09:05+01:00',
          1,
          { 1: '0.01' },
          {
            takes: 1,
            has: { available: 11, stamps: 3, vouchers: 0 },
          },
        ),
      ],
    },
    {
      id: '14.6',
      title: 'A used voucher counts against the next',
      words: 'The free coffee was drunk, so its five stamps are owed: of the next six one is left.',
      sums: ['0 − 5 + 6 = 1'],
      steps: [
        buy('2026-11-22T08:00+01:00', 'store', coffees(5, '15.00'), {
          has: { available: 15, stamps: 0, vouchers: 1 },
        }),
        plain('voucher', '2026-11-22T08:30+01:00', { available: 15, stamps: 0, vouchers: 0 }),
        refund(
          '2026-11-22T09:00+01:00',
          1,
          { order: '14.99' },
          { takes: 15, has: { stamps: 0, vouchers: 0 } },
        ),
        buy('2026-11-22T10:00+01:00', 'store', coffees(6, '18.00'), {
          has: { available: 18, stamps: 1, vouchers: 0 },
        }),
      ],
    },
    {
      id: '14.7',
      title: 'A million coffees',
      words:
        'One purchase gives twenty stamps at most, and so does one day; the next day begins at midnight in Paris. The explanation of each entry says how many stamps the bound kept back.',
      sums: ['4 × 5 = 20'],
      steps: [
        buy('2026-11-22T08:00+01:00', 'store', coffees(1_000_000, '1.00'), {
          earns: 1,
          has: { available: 1, stamps: 0, vouchers: 4 },
        }),
        buy('2026-11-22T23:59+01:00', 'store', coffees(3, '9.00'), {
          earns: 9,
          has: { available: 10, stamps: 0, vouchers: 4 },
        }),
        buy('2026-11-23T00:00+01:00', 'store', coffees(3, '9.00'), {
          earns: 9,
          has: { available: 19, stamps: 3, vouchers: 4 },
        }),
      ],
    },
    {
      id: '14.8',
      title: 'What a bound kept back is what a refund takes first',
      words: 'Thirty coffees fill no more of the card than the twenty-two that remain do; nineteen do.',
      sums: ['30 − 8 − 3 = 19', '19 − 3 × 5 = 4', '90.00 € − 24.00 € = 66.00', '66.00 € − 9.00 € = 57.00'],
      steps: [
        buy('2026-11-22T08:00+01:00', 'store', coffees(30, '90.00'), {
          has: { available: 90, stamps: 0, vouchers: 4 },
        }),
        refund(
          '2026-11-22T09:00+01:00',
          1,
          { 1: { quantity: 8, amount: '24.00' } },
          {
            takes: 24,
            has: { available: 66, stamps: 0, vouchers: 4 },
          },
        ),
        refund(
          '2026-11-22T10:00+01:00',
          1,
          { 1: { quantity: 3, amount: '9.00' } },
          {
            takes: 9,
            has: { available: 57, stamps: 4, vouchers: 3 },
          },
        ),
      ],
    },
    {
      id: '14.9',
      title: 'The day gives what its purchases bring together',
      words:
        'Fifteen and ten coffees are more than a day gives. When the fifteen come back, the ten are what the day has: it ends as if they had come alone, whichever was first.',
      sums: ['min(20, 15 + 10) = 20', '20 − 4 × 5 = 0', '10 − 2 × 5 = 0'],
      steps: [
        buy('2026-11-22T08:00+01:00', 'store', coffees(15, '45.00'), {
          has: { available: 45, stamps: 0, vouchers: 3 },
        }),
        buy('2026-11-22T09:00+01:00', 'store', coffees(10, '30.00'), {
          has: { available: 75, stamps: 0, vouchers: 4 },
        }),
        refund('2026-11-22T10:00+01:00', 1, 'everything', {
          takes: 45,
          has: { available: 30, stamps: 0, vouchers: 2 },
        }),
      ],
    },
  ],
};
