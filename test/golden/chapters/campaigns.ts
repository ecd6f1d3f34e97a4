import type { ProgramDocument } from '../../../core/program.ts';
import { buy, type Chapter, type Line, plain, refund, theMember } from '../shapes.ts';

const somebodyElse = 'mem_01JD0000000000000000000001' as typeof theMember;

type Campaign = ProgramDocument['campaigns'][number];

const onCoffee = "line.category == 'coffee'";

/** A campaign that holds all of November 2026 in Paris. */
function november(id: string, more: Partial<Campaign>): Campaign {
  return { id, name: id, from: '2026-11-01T00:00:00+01:00', to: '2026-12-01T00:00:00+01:00', ...more };
}

function coffee(amount: string): Line {
  return { amount, category: 'coffee' };
}

const tea = (amount: string): Line => ({ amount, category: 'tea' });

export const campaigns: Chapter = {
  title: 'Campaigns',
  words:
    'A campaign multiplies the lines it matches or gives bonus points once per purchase; the default programme has a coffee week, 1 to 7 March 2027.',
  examples: [
    {
      id: '11.1',
      title: 'Only the lines it matches',
      words: 'In coffee week coffee counts double and tea once.',
      sums: ['10.00 € × 2 + 10.00 € × 1 = 30 → 30 points'],
      steps: [
        buy('2027-03-03T12:00+01:00', 'store', [coffee('10.00'), tea('10.00')], { has: { available: 30 } }),
      ],
    },
    {
      id: '11.2',
      title: 'The borders of the window',
      words: 'Coffee week holds from its first instant to just before its last.',
      sums: ['10.00 € × 2 = 20 → 20 points', '10 + 20 + 20 + 10 = 60'],
      showUtc: true,
      steps: [
        buy('2027-02-28T23:59:59+01:00', 'store', [coffee('10.00')], { earns: 10, has: { available: 10 } }),
        buy('2027-03-01T00:00+01:00', 'store', [coffee('10.00')], { earns: 20, has: { available: 30 } }),
        buy('2027-03-07T23:59:59+01:00', 'store', [coffee('10.00')], { earns: 20, has: { available: 50 } }),
        buy('2027-03-08T00:00+01:00', 'store', [coffee('10.00')], { earns: 10, has: { available: 60 } }),
      ],
    },
    {
      id: '11.3',
      title: 'Bought in coffee week, arrived later',
      words: 'What counts is when it was bought.',
      sums: ['10.00 € × 2 = 20 → 20 points'],
      steps: [
        buy('2027-03-12T12:00+01:00', 'store', [coffee('10.00')], {
          boughtAt: '2027-03-07T20:00+01:00',
          has: { available: 20 },
        }),
      ],
    },
    {
      id: '11.4',
      title: 'The best one counts',
      words: 'Two campaigns match the coffee: the higher multiplier wins, they do not add up.',
      says: 'In November 2026 everything counts double, coffee three times.',
      program: {
        campaigns: [
          november('double', { multiplier: '2' }),
          november('triple', { multiplier: '3', when: onCoffee }),
        ],
      },
      sums: ['10.00 € × 3 + 10.00 € × 2 = 50 → 50 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', [coffee('10.00'), tea('10.00')], { has: { available: 50 } }),
      ],
    },
    {
      id: '11.5',
      title: 'One that stacks multiplies onto the best',
      words: 'Three campaigns at once: the best of the two, times the one that stacks.',
      says: 'In November 2026 everything counts double, coffee three times, and everything 1.5 times on top.',
      program: {
        campaigns: [
          november('double', { multiplier: '2' }),
          november('triple', { multiplier: '3', when: onCoffee }),
          november('on-top', { multiplier: '1.5', stacks: true }),
        ],
      },
      sums: ['10.00 € × 3 × 1.5 + 10.00 € × 2 × 1.5 = 75 → 75 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', [coffee('10.00'), tea('10.00')], { has: { available: 75 } }),
      ],
    },
    {
      id: '11.6',
      title: 'Two that stack',
      words: 'Stacking campaigns multiply each other, and the app’s multiplier comes on top of them.',
      says: 'In November 2026 two campaigns that stack multiply by 1.5 and by 1.1.',
      program: {
        campaigns: [
          november('one', { multiplier: '1.5', stacks: true }),
          november('two', { multiplier: '1.1', stacks: true }),
        ],
      },
      sums: [
        '10.00 € × 1.5 × 1.1 = 16.5 → 16 points',
        'in the app: 10.00 € × 1.2 × 1.5 × 1.1 = 19.8 → 19 points',
      ],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['10.00'], { earns: 16, has: { available: 16 } }),
        buy('2026-11-22T12:05+01:00', 'app', ['10.00'], { earns: 19, has: { available: 16, pending: 19 } }),
      ],
    },
    {
      id: '11.7',
      title: 'Lines with different multipliers make a point together',
      words: 'The one floor comes after all lines, so half points add up.',
      sums: ['0.75 € × 2 + 0.50 € × 1 = 2.00 → 2 points'],
      steps: [
        buy('2027-03-03T12:00+01:00', 'store', [coffee('0.75'), tea('0.50')], { has: { available: 2 } }),
      ],
    },
    {
      id: '11.8',
      title: 'Bonus points once per purchase',
      words: 'Two lines of coffee give the bonus once.',
      says: 'In November 2026 a purchase with coffee gives 100 bonus points.',
      program: { campaigns: [november('hundred', { bonusPoints: 100, when: onCoffee })] },
      sums: ['(10.00 € + 10.00 €) × 1 + 100 = 120'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', [coffee('10.00'), coffee('10.00')], {
          has: { available: 120 },
        }),
      ],
    },
    {
      id: '11.9',
      title: 'Bonus points are not multiplied',
      words: 'The app multiplies what the euros earn, not the bonus.',
      says: 'In November 2026 a purchase gives 100 bonus points.',
      program: { campaigns: [november('hundred', { bonusPoints: 100 })] },
      sums: ['10.00 € × 1.2 + 100 = 112'],
      steps: [buy('2026-11-22T12:00+01:00', 'app', ['10.00'], { has: { pending: 112 } })],
    },
    {
      id: '11.10',
      title: 'A minimum',
      words: 'The minimum is reached by exactly that amount, and missed by a cent.',
      says: 'In November 2026 purchases from 20.00 € on count double.',
      program: { campaigns: [november('double', { multiplier: '2', minimumMinor: 2000 })] },
      sums: ['20.00 € × 2 = 40 → 40 points', '19.99 € × 1 = 19.99 → 19 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['20.00'], { earns: 40, has: { available: 40 } }),
        buy('2026-11-22T12:05+01:00', 'store', ['19.99'], { earns: 19, has: { available: 59 } }),
      ],
    },
    {
      id: '11.11',
      title: 'Only in some channels',
      words: 'The same purchase counts double in the app and once in the store.',
      says: 'In November 2026 purchases in the app count double.',
      program: { campaigns: [november('double', { multiplier: '2', channels: ['app'] })] },
      sums: ['10.00 € × 1.2 × 2 = 24 → 24 points', '10.00 € × 1 = 10 → 10 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'app', ['10.00'], { earns: 24, has: { pending: 24 } }),
        buy('2026-11-22T12:05+01:00', 'store', ['10.00'], { earns: 10, has: { available: 10, pending: 24 } }),
      ],
    },
    {
      id: '11.12',
      title: 'Only for some tiers',
      words: 'The purchase that makes a Complice is not doubled yet; the next one is.',
      says: 'In November 2026 purchases of Complices and Intimes count double.',
      program: { campaigns: [november('double', { multiplier: '2', tiers: ['complice', 'intime'] })] },
      sums: ['500.00 € × 1 = 500 → 500 points', '10.00 € × 1.25 × 2 = 25 → 25 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['500.00'], {
          earns: 500,
          has: { available: 500, tier: 'complice' },
        }),
        buy('2026-11-22T12:05+01:00', 'store', ['10.00'], { earns: 25, has: { available: 525 } }),
      ],
    },
    {
      id: '11.13',
      title: 'Campaigns do not make tiers',
      words: '900 points to spend, 100 for the tier.',
      says: 'In November 2026 everything counts nine times.',
      program: { campaigns: [november('nine', { multiplier: '9' })] },
      sums: ['100.00 € × 9 = 900 → 900 points', 'for the tier: 100.00 € × 1 = 100 → 100 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['100.00'], {
          has: { available: 900, tier: 'ami', tierUntil: null },
        }),
      ],
    },
    {
      id: '11.14',
      title: 'A refund that loses the minimum',
      words: 'As long as 20.00 € remain everything counts double; a cent less, and nothing does.',
      says: 'In November 2026 purchases from 20.00 € on count double.',
      program: { campaigns: [november('double', { multiplier: '2', minimumMinor: 2000 })] },
      sums: [
        '30.00 € × 2 = 60 → 60 points',
        '(30.00 € − 10.00 €) × 2 = 40 → 40 points',
        '(30.00 € − 10.00 € − 0.01 €) × 1 = 19.99 → 19 points',
      ],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['30.00'], { has: { available: 60 } }),
        refund('2026-11-23T12:00+01:00', 1, { 1: '10.00' }, { takes: 20, has: { available: 40 } }),
        refund('2026-11-24T12:00+01:00', 1, { 1: '0.01' }, { takes: 21, has: { available: 19 } }),
      ],
    },
    {
      id: '11.15',
      title: 'A refund of what the bonus was given for',
      words: 'The bonus stays while some of the coffee stays, and goes with the last of it.',
      says: 'In November 2026 a purchase with coffee gives 100 bonus points.',
      program: { campaigns: [november('hundred', { bonusPoints: 100, when: onCoffee })] },
      sums: [
        '(10.00 € + 10.00 €) × 1 + 100 = 120',
        '(10.00 € + 5.00 €) × 1 + 100 = 115',
        '10.00 € × 1 = 10 → 10 points',
      ],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', [coffee('10.00'), tea('10.00')], { has: { available: 120 } }),
        refund('2026-11-23T12:00+01:00', 1, { 1: '5.00' }, { takes: 5, has: { available: 115 } }),
        refund('2026-11-24T12:00+01:00', 1, { 1: '5.00' }, { takes: 105, has: { available: 10 } }),
      ],
    },
    {
      id: '11.16',
      title: 'Coffee week is over when the refund comes',
      words: 'The doubled coffee goes back doubled, in whichever week.',
      sums: ['10.00 € × 2 + 10.00 € = 30 → 30 points', '30 − 20 = 10'],
      steps: [
        buy('2027-03-03T12:00+01:00', 'store', [coffee('10.00'), tea('10.00')], { has: { available: 30 } }),
        refund('2027-04-02T12:00+02:00', 1, { 1: '10.00' }, { takes: 20, has: { available: 10 } }),
      ],
    },
    {
      id: '11.17',
      title: 'Double on Tuesdays',
      words: 'Tuesday begins and ends at midnight where the programme lives.',
      says: 'In November 2026 everything counts double on Tuesdays.',
      program: { campaigns: [november('tuesdays', { multiplier: '2', when: "purchase.weekday == 'tue'" })] },
      sums: ['10.00 € × 2 = 20 → 20 points', '10.00 € × 1 = 10 → 10 points'],
      steps: [
        buy('2026-11-24T00:30+01:00', 'store', ['10.00'], { earns: 20, has: { available: 20 } }),
        buy('2026-11-25T00:30+01:00', 'store', ['10.00'], { earns: 10, has: { available: 30 } }),
      ],
    },
    {
      id: '11.18',
      title: 'A gift for the third purchase',
      words: 'A purchase that is wholly returned counts no more.',
      says: 'In November 2026 the third purchase gives 100 bonus points.',
      program: { campaigns: [november('third', { bonusPoints: 100, when: 'member.purchases == 2' })] },
      sums: ['10.00 € × 1 + 100 = 110'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['10.00'], { earns: 10, has: { available: 10 } }),
        buy('2026-11-22T12:05+01:00', 'store', ['10.00'], { earns: 10, has: { available: 20 } }),
        refund('2026-11-22T12:10+01:00', 2, 'everything', { takes: 10, has: { available: 10 } }),
        buy('2026-11-22T12:15+01:00', 'store', ['10.00'], { earns: 10, has: { available: 20 } }),
        buy('2026-11-22T12:20+01:00', 'store', ['10.00'], { earns: 110, has: { available: 130 } }),
      ],
    },
    {
      id: '11.19',
      title: 'The gift for the third purchase, and the first comes back',
      words:
        'A purchase takes the lowest place that none has. Where the first of three is returned the next is the first again, and no second third; who returns the third itself returns its gift, and may have it with the next.',
      says: 'In November 2026 the third purchase gives 100 bonus points.',
      program: { campaigns: [november('third', { bonusPoints: 100, when: 'member.purchases == 2' })] },
      sums: ['10.00 € × 1 + 100 = 110'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', ['10.00'], { earns: 10, has: { available: 10 } }),
        buy('2026-11-22T12:05+01:00', 'store', ['10.00'], { earns: 10, has: { available: 20 } }),
        buy('2026-11-22T12:10+01:00', 'store', ['10.00'], { earns: 110, has: { available: 130 } }),
        refund('2026-11-22T12:15+01:00', 1, 'everything', { takes: 10, has: { available: 120 } }),
        buy('2026-11-22T12:20+01:00', 'store', ['10.00'], { earns: 10, has: { available: 130 } }),
        refund('2026-11-22T12:25+01:00', 3, 'everything', { takes: 110, has: { available: 20 } }),
        buy('2026-11-22T12:30+01:00', 'store', ['10.00'], { earns: 110, has: { available: 130 } }),
      ],
    },
    {
      id: '11.20',
      title: 'An article that earns nothing',
      words: 'What is excluded by its article earns nothing; the rest of the basket does.',
      says: 'The article ESP-1 is excluded.',
      program: { excluded: { skus: ['ESP-1'] } },
      sums: ['5.00 € × 1 = 5 → 5 points'],
      steps: [
        buy('2026-11-22T12:00+01:00', 'store', [{ amount: '10.00', sku: 'ESP-1' }, '5.00'], {
          earns: 5,
          has: { available: 5 },
        }),
      ],
    },
    {
      id: '11.21',
      title: 'A brand that earns nothing',
      words: 'The same for all that a brand makes.',
      says: 'The brand Elsewhere is excluded.',
      program: { excluded: { brands: ['Elsewhere'] } },
      sums: ['5.00 € × 1 = 5 → 5 points'],
      steps: [
        buy(
          '2026-11-22T12:00+01:00',
          'store',
          [
            { amount: '10.00', brand: 'Elsewhere' },
            { amount: '5.00', brand: 'Maison' },
          ],
          { earns: 5, has: { available: 5 } },
        ),
      ],
    },
    {
      id: '11.22',
      title: 'Double in the month of the birthday',
      words: 'The member has a birthday on some day of November; in December there is nothing to double.',
      says: 'Until the end of 2026 everything counts double in the month of one’s birthday.',
      program: {
        campaigns: [
          november('birthday-month', {
            multiplier: '2',
            when: 'member.birthdayMonth == purchase.month',
            to: '2027-01-01T00:00:00+01:00',
          }),
        ],
      },
      facts: { birthdayMonth: 11 },
      sums: ['10.00 € × 2 = 20 → 20 points', '10.00 € × 1 = 10 → 10 points'],
      steps: [
        buy('2026-11-30T23:59+01:00', 'store', ['10.00'], { earns: 20, has: { available: 20 } }),
        buy('2026-12-01T00:00+01:00', 'store', ['10.00'], { earns: 10, has: { available: 30 } }),
      ],
    },
    {
      id: '11.23',
      title: 'New members only',
      words: 'The member joins on the 1st: the 7th is the sixth day after, the 8th the seventh.',
      says: 'In November 2026 everything counts double in the first week of a membership.',
      program: { campaigns: [november('first-week', { multiplier: '2', when: 'member.joinedDaysAgo < 7' })] },
      sums: ['10.00 € × 2 = 20 → 20 points', '10.00 € × 1 = 10 → 10 points'],
      steps: [
        plain('enrol', '2026-11-01T12:00+01:00'),
        buy('2026-11-07T23:59+01:00', 'store', ['10.00'], { earns: 20, has: { available: 20 } }),
        buy('2026-11-08T00:00+01:00', 'store', ['10.00'], { earns: 10, has: { available: 30 } }),
      ],
    },
    {
      id: '11.24',
      title: 'Only for members who are listed',
      words: 'The double campaign lists this member, the triple one somebody else.',
      says: 'In November 2026 everything counts double for some members, and three times for others.',
      program: {
        campaigns: [
          november('some', { multiplier: '2', members: [theMember] }),
          november('others', { multiplier: '3', members: [somebodyElse] }),
        ],
      },
      sums: ['10.00 € × 2 = 20 → 20 points'],
      steps: [buy('2026-11-22T12:00+01:00', 'store', ['10.00'], { earns: 20, has: { available: 20 } })],
    },
  ],
};
