import type { ProgramDocument } from '../../../core/program.ts';
import { type At, buy, type Chapter, look, type ProgramChange, refund, spend } from '../shapes.ts';

// Tiers of the default programme, and one that comes later.
const ami = { id: 'ami', name: 'Ami', threshold: 0, multiplier: '1' };
const complice = { id: 'complice', name: 'Complice', threshold: 500, multiplier: '1.25' };
const gold = { id: 'gold', name: 'Gold', threshold: 400, multiplier: '1.5' };

function change(at: At, says: string, tiers: ProgramDocument['tiers']): ProgramChange {
  return { do: 'program', at, says, changes: { tiers } };
}

export const tiers: Chapter = {
  title: 'Tiers',
  words:
    'Complice from 500 and Intime from 2,000 points within twelve calendar months, counted before anything multiplies.',
  examples: [
    {
      id: '7.1',
      title: 'A step up counts from the next purchase on',
      words: 'The purchase that reaches Complice is itself still an Ami’s.',
      sums: ['500.00 € × 1 = 500 → 500 points', '10.00 € × 1.25 = 12.5 → 12 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['500.00'], {
          earns: 500,
          has: { available: 500, tier: 'complice', tierUntil: '2027-12-01T00:00+01:00' },
        }),
        buy('2026-11-22T12:05+01:00', 'store', ['10.00'], { earns: 12, has: { available: 512 } }),
      ],
    },
    {
      id: '7.2',
      title: 'Two steps at once',
      words: 'One purchase reaches both thresholds; the next earns as Intime.',
      sums: ['2,000.00 € × 1 = 2000 → 2000 points', '10.00 € × 1.5 = 15 → 15 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['2000.00'], {
          earns: 2000,
          has: { available: 2000, tier: 'intime', tierUntil: '2027-12-01T00:00+01:00' },
        }),
        buy('2026-11-22T12:05+01:00', 'store', ['10.00'], { earns: 15, has: { available: 2015 } }),
      ],
    },
    {
      id: '7.3',
      title: 'A cent short of the threshold',
      words: '499.99 € qualify with 499 points.',
      sums: ['499.99 € × 1 = 499.99 → 499 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['499.99'], {
          has: { available: 499, tier: 'ami', tierUntil: null },
        }),
      ],
    },
    {
      id: '7.4',
      title: 'Each purchase qualifies with whole points',
      words: '500 euros in two purchases with cents qualify with a point less.',
      sums: ['250.50 € × 1 = 250.50 → 250 points', '249.50 € × 1 = 249.50 → 249 points', '250 + 249 = 499'],
      steps: [
        buy('2026-11-21T12:00+01:00', 'store', ['250.50'], { has: { available: 250 } }),
        buy('2026-11-22T12:00+01:00', 'store', ['249.50'], {
          has: { available: 499, tier: 'ami', tierUntil: null },
        }),
      ],
    },
    {
      id: '7.5',
      title: 'The app’s multiplier does not qualify',
      words: '450 € in the app are 540 points to spend and 450 for the tier.',
      sums: ['450.00 € × 1.2 = 540 → 540 points', 'for the tier: 450.00 € × 1 = 450 → 450 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'app', ['450.00'], {
          has: { pending: 540, tier: 'ami', tierUntil: null },
        }),
      ],
    },
    {
      id: '7.6',
      title: 'The tier’s multiplier does not qualify either',
      words: 'The Complice has 2,000 points to spend, yet only 1,700 for the tier.',
      sums: [
        '500.00 € × 1 + 1,200.00 € × 1.25 = 2000 → 2000 points',
        'for the tier: 500.00 € + 1,200.00 € = 1700 → 1700 points',
      ],
      steps: [
        buy('2026-11-21T12:00+01:00', 'store', ['500.00'], { has: { available: 500, tier: 'complice' } }),
        buy('2026-11-22T12:00+01:00', 'store', ['1200.00'], {
          earns: 1500,
          has: { available: 2000, tier: 'complice', tierUntil: '2027-12-01T00:00+01:00' },
        }),
      ],
    },
    {
      id: '7.7',
      title: 'The window: this month and the eleven before it',
      words: 'On 30 November 2026 December 2025 still counts.',
      sums: ['300 + 250 = 550'],
      steps: [
        buy('2025-12-15T12:00+01:00', 'store', ['300.00'], { has: { available: 300, tier: 'ami' } }),
        buy('2026-11-30T12:00+01:00', 'store', ['250.00'], {
          has: { available: 550, tier: 'complice', tierUntil: '2027-12-01T00:00+01:00' },
        }),
      ],
    },
    {
      id: '7.8',
      title: 'The window has moved on',
      words: 'A day later it is December 2026, and December 2025 has dropped out of the twelve months.',
      sums: ['for the tier: 250.00 € × 1 = 250 → 250 points'],
      steps: [
        buy('2025-12-15T12:00+01:00', 'store', ['300.00'], { has: { available: 300, tier: 'ami' } }),
        buy('2026-12-01T12:00+01:00', 'store', ['250.00'], {
          has: { available: 550, tier: 'ami', tierUntil: null },
        }),
      ],
    },
    {
      id: '7.9',
      title: 'The validity ends',
      words: 'Reached in November 2026, held through November 2027; nothing was bought since.',
      sums: ['November 2026 + 12 months → end of November 2027'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['500.00'], { has: { available: 500, tier: 'complice' } }),
        look('2027-11-30T23:59:59+01:00', {
          available: 500,
          tier: 'complice',
          tierUntil: '2027-12-01T00:00+01:00',
        }),
        look('2027-12-01T00:00+01:00', { lapsed: 500, tier: 'ami', tierUntil: null }),
      ],
    },
    {
      id: '7.10',
      title: 'Kept for another twelve months',
      words: 'At the end of the validity the window of 2027 decides afresh, and 500 points are enough.',
      sums: [
        '500.00 € × 1.25 = 625 → 625 points',
        'for the tier, January to December 2027: 500.00 € × 1 = 500 → 500 points',
      ],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['500.00'], { has: { available: 500, tier: 'complice' } }),
        buy('2027-06-15T12:00+02:00', 'store', ['500.00'], { earns: 625, has: { available: 1125 } }),
        look('2027-12-01T00:00+01:00', {
          available: 625,
          lapsed: 500,
          tier: 'complice',
          tierUntil: '2028-12-01T00:00+01:00',
        }),
        look('2028-12-01T00:00+01:00', { lapsed: 1125, tier: 'ami', tierUntil: null }),
      ],
    },
    {
      id: '7.11',
      title: 'Down as many steps as the window says: two',
      words: 'An Intime who buys nothing more is an Ami again.',
      sums: ['November 2026 + 12 months → end of November 2027'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['2000.00'], { has: { available: 2000, tier: 'intime' } }),
        look('2027-11-30T23:59:59+01:00', { available: 2000, tier: 'intime' }),
        look('2027-12-01T00:00+01:00', { lapsed: 2000, tier: 'ami', tierUntil: null }),
      ],
    },
    {
      id: '7.12',
      title: 'Down as many steps as the window says: one',
      words: 'With 600 points in 2027 an Intime becomes a Complice.',
      sums: ['600.00 € × 1.5 = 900 → 900 points', 'for the tier: 600.00 € × 1 = 600 → 600 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['2000.00'], { has: { available: 2000, tier: 'intime' } }),
        buy('2027-06-15T12:00+02:00', 'store', ['600.00'], { earns: 900, has: { available: 2900 } }),
        look('2027-12-01T00:00+01:00', {
          available: 900,
          lapsed: 2000,
          tier: 'complice',
          tierUntil: '2028-12-01T00:00+01:00',
        }),
      ],
    },
    {
      id: '7.13',
      title: 'Spending never lowers a tier',
      words: 'What is spent still counts as bought.',
      sums: ['500 − 500 = 0'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['500.00'], { has: { available: 500, tier: 'complice' } }),
        spend('2026-11-23T12:00+01:00', 500, { tier: 'complice', tierUntil: '2027-12-01T00:00+01:00' }),
      ],
    },
    {
      id: '7.14',
      title: 'A refund that leaves the threshold reached',
      words: 'Exactly 500 points remain: that is still a Complice.',
      sums: ['600.00 € − 100.00 € = 500 → 500 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['600.00'], { has: { available: 600, tier: 'complice' } }),
        refund(
          '2026-11-23T12:00+01:00',
          1,
          { 1: '100.00' },
          {
            takes: 100,
            has: { available: 500, tier: 'complice', tierUntil: '2027-12-01T00:00+01:00' },
          },
        ),
      ],
    },
    {
      id: '7.15',
      title: 'A refund takes the tier back',
      words: 'With a cent more returned, the window no longer reaches 500.',
      sums: ['600.00 € − 100.01 € = 499.99 → 499 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['600.00'], { has: { available: 600, tier: 'complice' } }),
        refund(
          '2026-11-23T12:00+01:00',
          1,
          { 1: '100.01' },
          { takes: 101, has: { available: 499, tier: 'ami', tierUntil: null } },
        ),
      ],
    },
    {
      id: '7.16',
      title: 'What was held before comes back, its end included',
      words:
        'The refund of the purchase that made an Intime leaves the Complice of November, until its old end.',
      sums: ['for the tier: 600 + 1,400 = 2000', '1,400.00 € × 1.25 = 1750 → 1750 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['600.00'], {
          has: { available: 600, tier: 'complice', tierUntil: '2027-12-01T00:00+01:00' },
        }),
        buy('2027-03-10T12:00+01:00', 'store', ['1400.00'], {
          earns: 1750,
          has: { available: 2350, tier: 'intime', tierUntil: '2028-04-01T00:00+02:00' },
        }),
        refund('2027-03-20T12:00+01:00', 2, 'everything', {
          takes: 1750,
          has: { available: 600, tier: 'complice', tierUntil: '2027-12-01T00:00+01:00' },
        }),
      ],
    },
    {
      id: '7.17',
      title: 'Two steps taken back one after the other',
      words: 'Each refund takes back what the window no longer reaches.',
      sums: ['2,000.00 € − 1,000.00 € = 1000 → 1000 points', '1,000.00 € − 600.00 € = 400 → 400 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['2000.00'], { has: { available: 2000, tier: 'intime' } }),
        refund(
          '2026-11-23T12:00+01:00',
          1,
          { 1: '1000.00' },
          {
            takes: 1000,
            has: { available: 1000, tier: 'complice', tierUntil: '2027-12-01T00:00+01:00' },
          },
        ),
        refund(
          '2026-11-24T12:00+01:00',
          1,
          { 1: '600.00' },
          { takes: 600, has: { available: 400, tier: 'ami', tierUntil: null } },
        ),
      ],
    },
    {
      id: '7.18',
      title: 'A purchase that arrives late earns by today’s tier',
      words:
        'Bought in September as an Ami, posted in November for a Complice: it is the posting that counts.',
      sums: ['100.00 € × 1.25 = 125 → 125 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['500.00'], { has: { available: 500, tier: 'complice' } }),
        buy('2026-11-23T12:00+01:00', 'store', ['100.00'], {
          boughtAt: '2026-09-03T12:00+02:00',
          earns: 125,
          has: { available: 625, tier: 'complice', tierUntil: '2027-12-01T00:00+01:00' },
        }),
      ],
    },
    {
      id: '7.19',
      title: 'A late purchase of a month outside the window',
      words:
        'In November 2026 the window begins with December 2025: a slip of the month before earns, and does not qualify.',
      sums: ['600.00 € × 1 = 600 → 600 points', 'for the tier: 600 − 600 = 0'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['600.00'], {
          boughtAt: '2025-11-30T12:00+01:00',
          has: { available: 600, tier: 'ami', tierUntil: null },
        }),
      ],
    },
    {
      id: '7.20',
      title: 'Buying and returning something small leaves the tier as it was',
      words:
        'Complice was reached in December 2026 with January’s help. In March 2027 January has left the window, and the tier holds all the same; a purchase that is wholly returned must not end it.',
      sums: ['300 + 250 = 550', '10.00 € × 1.25 = 12.5 → 12 points', '250 + 12 − 12 = 250'],
      steps: [
        buy('2026-01-15T12:00+01:00', 'store', ['300.00'], { has: { available: 300, tier: 'ami' } }),
        buy('2026-12-10T12:00+01:00', 'store', ['250.00'], {
          has: { available: 550, tier: 'complice', tierUntil: '2028-01-01T00:00+01:00' },
        }),
        buy('2027-03-10T12:00+01:00', 'store', ['10.00'], {
          earns: 12,
          has: { available: 262, lapsed: 300, tier: 'complice', tierUntil: '2028-01-01T00:00+01:00' },
        }),
        refund('2027-03-12T12:00+01:00', 3, 'everything', {
          takes: 12,
          has: { available: 250, lapsed: 300, tier: 'complice', tierUntil: '2028-01-01T00:00+01:00' },
        }),
      ],
    },
    {
      id: '7.21',
      title: 'The restored tier’s own end has passed meanwhile',
      words:
        'The refund gives the Complice back that would have ended on 1 December 2027. On that day the window of January to December 2027 decided: without the refunded purchase it held 500 points, so the tier goes on for twelve months.',
      sums: [
        '500.00 € × 1.25 = 625 → 625 points',
        '900.00 € × 1.25 = 1125 → 1125 points',
        'for the tier in June: 600 + 500 + 900 = 2000',
        '10.00 € × 1.5 = 15 → 15 points',
        '625 + 15 = 640',
      ],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['600.00'], {
          has: { available: 600, tier: 'complice', tierUntil: '2027-12-01T00:00+01:00' },
        }),
        buy('2027-01-20T12:00+01:00', 'store', ['500.00'], { earns: 625, has: { available: 1225 } }),
        buy('2027-06-15T12:00+02:00', 'store', ['900.00'], {
          earns: 1125,
          has: { available: 2350, tier: 'intime', tierUntil: '2028-07-01T00:00+02:00' },
        }),
        buy('2028-01-10T12:00+01:00', 'store', ['10.00'], {
          earns: 15,
          has: { available: 1765, lapsed: 600, tier: 'intime' },
        }),
        refund('2028-01-20T12:00+01:00', 3, 'everything', {
          takes: 1125,
          has: { available: 640, lapsed: 600, tier: 'complice', tierUntil: '2028-12-01T00:00+01:00' },
        }),
      ],
    },
    {
      id: '7.22',
      title: 'A threshold lowered between purchase and refund keeps nothing that the purchase brought',
      words:
        'The second purchase reached the 500 points of its day. Without it there are 350: that Complice has become easier since is for the next purchase to say.',
      sums: ['for the tier: 350 + 200 = 550', '550 − 200 = 350'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['350.00'], { has: { available: 350, tier: 'ami' } }),
        buy('2026-11-23T12:00+01:00', 'store', ['200.00'], {
          has: { available: 550, tier: 'complice', tierUntil: '2027-12-01T00:00+01:00' },
        }),
        change('2026-11-24T12:00+01:00', 'Complice from 300 points', [ami, { ...complice, threshold: 300 }]),
        refund('2026-11-25T12:00+01:00', 2, 'everything', {
          takes: 200,
          has: { available: 350, tier: 'ami', tierUntil: null },
        }),
      ],
    },
    {
      id: '7.23',
      title: 'A threshold raised between purchase and refund takes nothing',
      words:
        'Complice was reached by 500 points, and 540 remain; only the second refund goes below. What the programme asks of others since does not matter.',
      sums: ['600.00 € − 60.00 € = 540 → 540 points', '540.00 € − 60.00 € = 480 → 480 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['600.00'], { has: { available: 600, tier: 'complice' } }),
        change('2026-11-23T12:00+01:00', 'Complice from 1,000 points', [
          ami,
          { ...complice, threshold: 1000 },
        ]),
        refund(
          '2026-11-24T12:00+01:00',
          1,
          { 1: '60.00' },
          { takes: 60, has: { available: 540, tier: 'complice', tierUntil: '2027-12-01T00:00+01:00' } },
        ),
        refund(
          '2026-11-25T12:00+01:00',
          1,
          { 1: '60.00' },
          { takes: 60, has: { available: 480, tier: 'ami', tierUntil: null } },
        ),
      ],
    },
    {
      id: '7.24',
      title: 'A tier that the programme no longer has comes back all the same',
      words:
        'After Complice and Intime were given up the refund takes the Intime back, and the Complice held before is held until its old end, although the card shows an Ami and purchases earn like an Ami’s. There the window decides among the tiers that there are.',
      sums: [
        'for the tier in March: 600 + 1,400 = 2000',
        '1,400.00 € × 1.25 = 1750 → 1750 points',
        '450.00 € × 1 = 450 → 450 points',
        'for the tier on 1 December 2027: 1,400 − 1,400 + 450 = 450',
      ],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['600.00'], { has: { available: 600, tier: 'complice' } }),
        buy('2027-03-10T12:00+01:00', 'store', ['1400.00'], {
          earns: 1750,
          has: { available: 2350, tier: 'intime', tierUntil: '2028-04-01T00:00+02:00' },
        }),
        change('2027-03-15T12:00+01:00', 'only Ami and, from 400 points, Gold', [ami, gold]),
        refund('2027-03-20T12:00+01:00', 2, 'everything', {
          takes: 1750,
          has: { available: 600, tier: 'complice', tierUntil: '2027-12-01T00:00+01:00' },
        }),
        buy('2027-06-15T12:00+02:00', 'store', ['450.00'], {
          earns: 450,
          has: { available: 1050, tier: 'complice', tierUntil: '2027-12-01T00:00+01:00' },
        }),
        look('2027-12-01T00:00+01:00', {
          available: 450,
          lapsed: 600,
          tier: 'gold',
          tierUntil: '2028-12-01T00:00+01:00',
        }),
      ],
    },
  ],
};
