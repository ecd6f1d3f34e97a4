import { bringBack, buy, type Chapter, type Line, refund } from '../shapes.ts';

function beans(quantity: number, amount: string, category?: string): Line {
  return { sku: 'beans', quantity, amount, ...(category === undefined ? {} : { category }) };
}

export const returns: Chapter = {
  title: 'Returns without receipt',
  words:
    'The newest purchase that still holds the article gives it back at its own price, then the one before it.',
  examples: [
    {
      id: '10.1',
      title: 'The newest purchase first',
      words: 'What was paid last is what goes back.',
      sums: ['12.00 € + 10.00 € = 22 → 22 points', '22 − 10 = 12'],
      steps: [
        buy('2026-11-02T12:00+01:00', 'store', [beans(1, '12.00')], { has: { available: 12 } }),
        buy('2026-11-09T12:00+01:00', 'store', [beans(1, '10.00')], { has: { available: 22 } }),
        bringBack('2026-11-20T12:00+01:00', 1, 'beans', { takes: 10, has: { available: 12 } }),
      ],
    },
    {
      id: '10.2',
      title: 'Newest by the purchase, not by its arrival',
      words: 'A slip of the 2nd that arrives last is still the older purchase.',
      sums: ['22 − 10 = 12'],
      steps: [
        buy('2026-11-09T12:00+01:00', 'store', [beans(1, '10.00')], { has: { available: 10 } }),
        buy('2026-11-19T12:00+01:00', 'store', [beans(1, '12.00')], {
          boughtAt: '2026-11-02T12:00+01:00',
          has: { available: 22 },
        }),
        bringBack('2026-11-20T12:00+01:00', 1, 'beans', { takes: 10, has: { available: 12 } }),
      ],
    },
    {
      id: '10.3',
      title: 'Going on with the next newest',
      words: 'The newest holds one, so the second comes out of the older two.',
      sums: ['24.00 € × 1 / 2 = 12', '10 + 12 = 22', '34 − 22 = 12'],
      steps: [
        buy('2026-11-02T12:00+01:00', 'store', [beans(2, '24.00')], { has: { available: 24 } }),
        buy('2026-11-09T12:00+01:00', 'store', [beans(1, '10.00')], { has: { available: 34 } }),
        bringBack('2026-11-20T12:00+01:00', 2, 'beans', { takes: 22, has: { available: 12 } }),
      ],
    },
    {
      id: '10.4',
      title: 'A third of a price, one after another',
      words: 'Each part is rounded half up to the cent, and the last unit takes the rest.',
      sums: [
        '10.00 € × 1 / 3 = 3.333… → 3.33 €',
        '10.00 € − 3.33 € = 6.67 → 6 points',
        '6.67 € × 1 / 2 = 3.335 → 3.34 €',
        '6.67 € − 3.34 € = 3.33 → 3 points',
        '3.33 € × 1 / 1 = 3.33 → 3.33 €',
      ],
      steps: [
        buy('2026-11-02T12:00+01:00', 'store', [beans(3, '10.00')], { has: { available: 10 } }),
        bringBack('2026-11-18T12:00+01:00', 1, 'beans', { takes: 4, has: { available: 6 } }),
        bringBack('2026-11-19T12:00+01:00', 1, 'beans', { takes: 3, has: { available: 3 } }),
        bringBack('2026-11-20T12:00+01:00', 1, 'beans', { takes: 3, has: {} }),
      ],
    },
    {
      id: '10.5',
      title: 'Two of three at once',
      words: 'Two thirds of the price are rounded once.',
      sums: ['10.00 € × 2 / 3 = 6.666… → 6.67 €', '10.00 € − 6.67 € = 3.33 → 3 points'],
      steps: [
        buy('2026-11-02T12:00+01:00', 'store', [beans(3, '10.00')], { has: { available: 10 } }),
        bringBack('2026-11-20T12:00+01:00', 2, 'beans', { takes: 7, has: { available: 3 } }),
      ],
    },
    {
      id: '10.6',
      title: 'By weight',
      words: 'A quantity may have three decimals: 250 of 750 grams are a third.',
      sums: ['18.00 € × 0.250 / 0.750 = 6', '18.00 € − 6.00 € = 12 → 12 points'],
      steps: [
        buy('2026-11-02T12:00+01:00', 'store', [{ sku: 'cheese', quantity: 0.75, amount: '18.00' }], {
          has: { available: 18 },
        }),
        bringBack('2026-11-20T12:00+01:00', 0.25, 'cheese', { takes: 6, has: { available: 12 } }),
      ],
    },
    {
      id: '10.7',
      title: 'More than was ever bought',
      words: 'Two were bought: the third takes nothing back.',
      sums: ['24.00 € × 2 / 2 = 24'],
      steps: [
        buy('2026-11-02T12:00+01:00', 'store', [beans(2, '24.00'), '5.00'], { has: { available: 29 } }),
        bringBack('2026-11-20T12:00+01:00', 3, 'beans', { takes: 24, has: { available: 5 } }),
      ],
    },
    {
      id: '10.8',
      title: 'Each purchase by its own rules',
      words: 'The newer purchase came after coffee week and counts once; the older one was doubled.',
      sums: ['10.00 € × 2 = 20 → 20 points', '10.00 € × 1 = 10 → 10 points'],
      steps: [
        buy('2027-03-03T12:00+01:00', 'store', [beans(1, '10.00', 'coffee')], { has: { available: 20 } }),
        buy('2027-03-10T12:00+01:00', 'store', [beans(1, '10.00', 'coffee')], { has: { available: 30 } }),
        bringBack('2027-03-11T12:00+01:00', 1, 'beans', { takes: 10, has: { available: 20 } }),
        bringBack('2027-03-12T12:00+01:00', 1, 'beans', { takes: 20, has: {} }),
      ],
    },
    {
      id: '10.9',
      title: 'The same article on two lines',
      words: 'Within a purchase its lines give in their order.',
      sums: ['9.00 € × 2 / 2 = 9', '14.00 € − 9.00 € = 5 → 5 points'],
      steps: [
        buy('2026-11-02T12:00+01:00', 'store', [beans(2, '9.00'), beans(1, '5.00')], {
          has: { available: 14 },
        }),
        bringBack('2026-11-19T12:00+01:00', 2, 'beans', { takes: 9, has: { available: 5 } }),
        bringBack('2026-11-20T12:00+01:00', 1, 'beans', { takes: 5, has: {} }),
      ],
    },
    {
      id: '10.10',
      title: 'After a reduction of the price',
      words: 'A euro was paid back without an article: the return takes its share of what remained.',
      sums: ['10.00 € − 1.00 € = 9.00 → 9 points', '9.00 € × 1 / 3 = 3', '9.00 € − 3.00 € = 6 → 6 points'],
      steps: [
        buy('2026-11-02T12:00+01:00', 'store', [beans(3, '10.00')], { has: { available: 10 } }),
        refund('2026-11-03T12:00+01:00', 1, { 1: '1.00' }, { takes: 1, has: { available: 9 } }),
        bringBack('2026-11-20T12:00+01:00', 1, 'beans', { takes: 3, has: { available: 6 } }),
      ],
    },
    {
      id: '10.11',
      title: 'Half a cent decides a point',
      words: 'Half of 3.99 € is rounded up to 2.00 €, so 1.99 € and one point remain, not two.',
      sums: [
        '3.99 € × 1 = 3.99 → 3 points',
        '3.99 € × 1 / 2 = 1.995 → 2.00 €',
        '3.99 € − 2.00 € = 1.99 → 1 point',
      ],
      steps: [
        buy('2026-11-02T12:00+01:00', 'store', [beans(2, '3.99')], { has: { available: 3 } }),
        bringBack('2026-11-19T12:00+01:00', 1, 'beans', { takes: 2, has: { available: 1 } }),
        bringBack('2026-11-20T12:00+01:00', 1, 'beans', { takes: 1, has: {} }),
      ],
    },
  ],
};
