/** What a programme may hold, at each border: what is refused is named by its place, with what it must be. */
import { describe, expect, it } from 'vitest';
import { type ProgramDocument, programDocument } from '../../core/program.ts';
import { defaultProgram } from '../support/world.ts';

const { version: _version, ...document } = defaultProgram();
const { tiers, campaigns, rewards, stamps, bonuses, currencies } = document;

/** What is wrong with the default programme once some of it is replaced: `[path, message]` of each. */
function wrong(changes: object): [string, string][] {
  const parsed = programDocument.safeParse({ ...document, ...changes });
  return (parsed.error?.issues ?? []).map(({ path, message }) => [path.join('.'), message]);
}

/** The message where there is one alone, at this path. */
function wrongAt(path: string, changes: object): string | undefined {
  const all = wrong(changes);
  expect(all.map(([place]) => place)).toEqual(all.length === 0 ? [] : [path]);
  return all[0]?.[1];
}

const first = <T>(list: readonly T[], changes: object) =>
  list.map((one, index) => (index === 0 ? { ...one, ...changes } : one));
const campaign = (changes: object) => ({ campaigns: first(campaigns, changes) });
const reward = (changes: object) => ({ rewards: first(rewards, changes) });
const stamp = (changes: object) => ({ stamps: first(stamps, changes) });
const bundle = (parts: readonly string[], more: object = {}) => ({
  rewards: [...rewards, { id: 'all', name: 'All', points: 1, type: 'bundle', rewards: parts, ...more }],
});
const members = (count: number) =>
  Array.from({ length: count }, (_, index) => `mem_01JD${String(index).padStart(22, '0')}`);

it('the programme that is shipped is one', () => {
  expect(wrong({})).toEqual([]);
});

describe('ids', () => {
  it.each(['tiers', 'campaigns', 'stamps', 'rewards'] as const)('of %s are distinct', (list) => {
    const [one] = document[list];
    const all = wrong({
      [list]: [...document[list], { ...one, ...(list === 'tiers' ? { threshold: 9999 } : {}) }],
    });
    expect(all).toContainEqual([
      `${list}.${document[list].length}.id`,
      `must be distinct: ${one?.id} stands twice`,
    ]);
  });

  it('are lower-case letters, digits and dashes, up to 64 of them', () => {
    const message = 'must be lower-case letters, digits and dashes';
    for (const id of ['a', '0-a', 'a'.repeat(64)]) expect(wrong(campaign({ id }))).toEqual([]);
    for (const id of ['', '-a', 'A', 'a_b', 'a'.repeat(65), 'é', 'a\n'])
      expect(wrongAt('campaigns.0.id', campaign({ id }))).toBe(message);
  });
});

describe('tiers', () => {
  const thresholds = (...all: number[]) => ({
    tiers: all.map((threshold, index) => ({ ...tiers[index], threshold })),
  });

  it('begin at 0 and go up', () => {
    expect(wrong(thresholds(0, 1, 2))).toEqual([]);
    expect(wrong(thresholds(1, 2, 3))).toEqual([['tiers.0.threshold', 'must be 0 for the first tier']]);
    expect(wrong(thresholds(0, 5, 5))).toEqual([
      ['tiers.2.threshold', 'must be above 5, the threshold before it'],
    ]);
    expect(wrong(thresholds(0, 0, 5))).toEqual([
      ['tiers.1.threshold', 'must be above 0, the threshold before it'],
    ]);
  });

  it('are named by campaigns and rewards as they are', () => {
    const message = 'must be one of the tiers ami, complice, intime';
    expect(wrong({ ...campaign({ tiers: ['intime', 'ami'] }), ...reward({ tier: 'ami' }) })).toEqual([]);
    expect(wrongAt('rewards.0.tier', reward({ tier: 'or' }))).toBe(message);
    expect(wrongAt('campaigns.0.tiers.1', campaign({ tiers: ['ami', 'or'] }))).toBe(message);
  });
});

describe('decimals', () => {
  const four = 'must be a decimal string with at most 4 decimals, as';

  it('of multipliers have up to four digits before and behind the point', () => {
    const of = (multiplier: string) => ({ tiers: first(tiers, { multiplier }) });
    for (const text of ['0', '1.2345', '9999.9999']) expect(wrong(of(text))).toEqual([]);
    for (const text of ['', '1.', '.5', '1.23456', '12345', '1,2', '-1', '1e3', 'x1', '1x'])
      expect(wrongAt('tiers.0.multiplier', of(text))).toBe(`${four} "1.25"`);
  });

  it('of percentages are above 0 and up to 100', () => {
    const of = (percent: string) => ({ rewards: [...rewards, { ...rewards[1], id: 'new', percent }] });
    for (const text of ['0.0001', '100', '100.0000', '12.5']) expect(wrong(of(text))).toEqual([]);
    for (const text of ['0', '0.0', '100.0001', '101'])
      expect(wrongAt('rewards.6.percent', of(text))).toBe('must be above 0 and at most 100');
    for (const text of ['1000', '1.23456', '-5', 'x1', '1x'])
      expect(wrong(of(text))[0]).toEqual(['rewards.6.percent', `${four} "10"`]);
  });
});

describe('currencies', () => {
  it('are ISO 4217, and one at least', () => {
    expect(wrongAt('currencies', { ...campaign({}), currencies: {} })).toBe(
      'must list at least one currency',
    );
    const unknown = { currencies: { ...currencies, XXQ: currencies['EUR'] } };
    expect(wrong(unknown)).toHaveLength(1);
    expect(wrong({ rewards: [...rewards, { ...rewards[0], id: 'new', currency: 'XXQ' }] })).toEqual([
      ['rewards.6.currency', 'must be an ISO 4217 currency code, as EUR'],
    ]);
  });

  it('of minimums have a rate', () => {
    const message = 'must be one of the currencies EUR, GBP, USD, JPY';
    const minimumMinor = { EUR: 100, CHF: 100 };
    const referral = { ...bonuses.referral, minimumMinor };
    expect(wrong(campaign({ minimumMinor: { EUR: 1, JPY: 2 } }))).toEqual([]);
    for (const [path, changes] of [
      ['bonuses.referral', { bonuses: { ...bonuses, referral } }],
      ['visits', { visits: { points: 1, minimumMinor } }],
      ['campaigns.0', campaign({ minimumMinor })],
      ['rewards.0', reward({ minimumMinor })],
    ] as const)
      expect(wrongAt(`${path}.minimumMinor.CHF`, changes)).toBe(message);
  });
});

describe('a campaign', () => {
  it('ends after it begins', () => {
    const from = '2027-03-01T00:00:00Z';
    expect(wrong(campaign({ from, to: '2027-03-01T00:00:00.001Z' }))).toEqual([]);
    expect(wrongAt('campaigns.0.to', campaign({ from, to: from }))).toBe('must be after from');
  });

  it('multiplies or gives points, one of them', () => {
    const message = 'must hold exactly one of multiplier and bonusPoints';
    expect(wrong(campaign({ multiplier: undefined, bonusPoints: 1 }))).toEqual([]);
    expect(wrongAt('campaigns.0', campaign({ bonusPoints: 1 }))).toBe(message);
    expect(wrongAt('campaigns.0', campaign({ multiplier: undefined }))).toBe(message);
  });

  it('gives, and does not take', () => {
    expect(wrong(campaign({ multiplier: '1' }))).toEqual([]);
    expect(wrongAt('campaigns.0.multiplier', campaign({ multiplier: '0.9999' }))).toBe(
      'must be at least 1: a campaign gives, it does not take',
    );
  });

  it('is one of at most eight with a budget, and of at most five that stack', () => {
    const many = (count: number, more: object) => ({
      campaigns: Array.from({ length: 10 }, (_, index) => ({
        ...campaigns[0],
        id: `c${index}`,
        ...(index < count ? more : {}),
      })),
    });
    expect(wrong(many(8, { budgetPoints: 1 }))).toEqual([]);
    expect(wrongAt('campaigns', many(9, { budgetPoints: 1 }))).toBe('must hold at most 8 with budgetPoints');
    expect(wrong(many(5, { stacks: true }))).toEqual([]);
    expect(wrongAt('campaigns', many(6, { stacks: true }))).toBe('must hold at most 5 that stack');
  });

  it('lists members, with the others five thousand at most', () => {
    const two = (one: number, other: number) => ({
      campaigns: [
        { ...campaigns[0], id: 'one', members: members(one) },
        { ...campaigns[0], id: 'other', members: members(other) },
        { ...campaigns[0], id: 'all' },
      ],
    });
    expect(wrong(two(4000, 1000))).toEqual([]);
    expect(wrongAt('campaigns', two(4000, 1001))).toBe(
      'must list at most 5000 members together; there are 5001',
    );
  });

  it('says where its condition is wrong, and what there is', () => {
    const message = wrongAt('campaigns.0.when', campaign({ when: 'line.colour == 1' }));
    expect(message).toMatch(
      /^must be a condition in CEL, but at position 5: No such key: colour\. Known are purchase\.channel, /,
    );
    expect(wrong(campaign({ when: '' }))).toHaveLength(1);
    expect(wrong(campaign({ when: `${' '.repeat(2000)}x` }))).toHaveLength(1);
  });
});

describe('a reward', () => {
  it('ends after it begins, where it does both', () => {
    const from = '2027-03-01T00:00:00Z';
    for (const one of [{ from }, { to: from }, { from, to: '2027-03-01T00:00:01Z' }])
      expect(wrong(reward(one))).toEqual([]);
    expect(wrongAt('rewards.0.to', reward({ from, to: from }))).toBe('must be after from');
  });

  it('is what full stamp cards and bonuses give, where it is a voucher', () => {
    const unknown = 'must be the id of a reward; cake is not';
    expect(wrongAt('stamps.0.reward', stamp({ reward: 'cake' }))).toBe(unknown);
    expect(
      wrongAt('stamps.0.reward', { ...bundle(['free-coffee', 'five-euros']), ...stamp({ reward: 'all' }) }),
    ).toBe('must be a reward of one voucher; all is a bundle');
    const welcome = (given: string) => ({ bonuses: { ...bonuses, welcome: { reward: given } } });
    expect(wrong(welcome('free-coffee'))).toEqual([]);
    expect(wrongAt('bonuses.welcome.reward', welcome('cake'))).toBe(unknown);
    expect(wrongAt('bonuses.welcome.reward', welcome('plant-a-tree'))).toBe(
      'must be a reward that gives a voucher; plant-a-tree is a donation',
    );
  });
});

describe('a bundle', () => {
  const euros = { ...rewards[0], id: 'two-euros' };
  const yen = { ...rewards[0], id: 'yen', currency: 'JPY' };

  it('is made of rewards of one voucher each', () => {
    expect(wrong(bundle(['free-coffee', 'member-price']))).toEqual([]);
    expect(wrongAt('rewards.6.rewards.1', bundle(['free-coffee', 'cake']))).toBe(
      'must be the id of a reward; cake is not',
    );
    expect(wrongAt('rewards.6.rewards.0', bundle(['plant-a-tree', 'free-coffee']))).toBe(
      'must be a reward of one voucher; plant-a-tree is a donation',
    );
    expect(wrongAt('rewards.6.rewards.1', bundle(['free-coffee', 'all']))).toBe(
      'must be a reward of one voucher; all is a bundle',
    );
  });

  it('leaves their terms to them', () => {
    for (const more of [{ validDays: 30 }, { channels: ['web'] }, { minimumMinor: 100 }])
      expect(wrongAt(`rewards.6.${Object.keys(more)[0]}`, bundle(['free-coffee', 'five-euros'], more))).toBe(
        'belongs to the rewards of the bundle: each voucher has its own',
      );
  });

  it('takes amounts off in one currency', () => {
    const of = (...parts: string[]) => ({
      rewards: [
        ...rewards,
        euros,
        yen,
        { id: 'all', name: 'All', points: 1, type: 'bundle', rewards: parts },
      ],
    });
    expect(wrong(of('five-euros', 'free-coffee', 'two-euros'))).toEqual([]);
    expect(wrongAt('rewards.8.rewards.2', of('free-coffee', 'five-euros', 'yen'))).toBe(
      'must take an amount in EUR off, as the others, not in JPY',
    );
  });
});

describe('what else a programme says', () => {
  it('is where its days begin, and in which languages it speaks', () => {
    expect(wrongAt('timeZone', { timeZone: 'Mars/Olympus' })).toBe(
      'must be an IANA time zone, as Europe/Paris',
    );
    expect(wrong({ languages: ['en', 'fr'] })).toEqual([]);
    expect(wrongAt('languages', { languages: ['en', 'fr', 'en'] })).toBe('must name each language once');
  });

  it('is where its pages lead: to addresses that are safe', () => {
    const terms = (value: unknown) => ({ pages: { terms: value } });
    const message = 'must be an https address, or one for each language';
    for (const value of [
      'https://example.com/terms',
      { en: 'https://example.com', fr: 'https://example.fr' },
    ])
      expect(wrong(terms(value))).toEqual([]);
    for (const value of ['http://example.com', 'example.com', { en: 'https://example.com', fr: 'ftp://a.b' }])
      expect(wrongAt('pages.terms', terms(value))).toBe(message);
  });

  it('is filled in where it says nothing', () => {
    const least = programDocument.parse({
      name: 'Least',
      timeZone: 'UTC',
      currencies: { EUR: { points: 1, perMinor: 100 } },
      channels: document.channels,
      tiers: [{ id: 'all', name: 'All', threshold: 0, multiplier: '1' }],
      visits: { points: 1 },
      security: {},
    });
    expect(least satisfies ProgramDocument).toMatchObject({
      excludedCategories: [],
      expiry: null,
      debt: 'carry',
      holdMinutes: 15,
      grantLimit: 5000,
      maxPointsPerPurchase: 100_000,
      bonuses: {},
      campaigns: [],
      stamps: [],
      rewards: [],
      visits: { points: 1, minimumMinor: 0, coolDownHours: 0 },
      security: {
        contactChangeHoldMinutes: 60,
        contactChangeKeepPercent: 50,
        confirmation: 'public_join',
        joinsPerAddress: 20,
      },
    });
  });
});
