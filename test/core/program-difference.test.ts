/** Two programmes held against each other: nothing is left out, and an operator understands what is said. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Gift, giftOf } from '../../core/gifts.ts';
import { type ProgramDocument, programDocument } from '../../core/program.ts';
import { type Change, programDifference } from '../../core/program-difference.ts';
import { anyProgram } from '../support/windows.ts';
import { defaultProgram, runs } from '../support/world.ts';

const { version: _version, ...document } = defaultProgram();

/** The default programme with some of it replaced, checked by the schema. */
function changed(changes: object): ProgramDocument {
  return programDocument.parse({ ...document, ...changes });
}

function said(after: ProgramDocument, before: ProgramDocument = document): string[] {
  return programDifference(before, after).map(({ text }) => text);
}

const only = <T extends { readonly id: string }>(list: readonly T[], id: string, changes: object) =>
  list.map((one) => (one.id === id ? { ...one, ...changes } : one));
const { tiers, channels, campaigns, rewards, stamps, bonuses } = document;
const campaign = (changes: object) => ({ campaigns: only(campaigns, 'coffee-week', changes) });
const breakfast = { id: 'breakfast', name: 'Breakfast', points: 200, type: 'bundle' };
const reward = (changes: object) => ({ rewards: only(rewards, 'five-euros', changes) });

describe('a change is said in a sentence', () => {
  it.each<[object, string]>([
    [
      { stamps: only(stamps, 'coffee', { free: true }) },
      'Stamp card coffee is filled by what cost nothing, too.',
    ],
    [
      { stamps: only(stamps, 'coffee', { perPurchase: 5 }) },
      'Stamp card coffee gives at most 5 stamps of one purchase instead of 20.',
    ],
    [
      { stamps: only(stamps, 'coffee', { perDay: 8 }) },
      'Stamp card coffee gives at most 8 stamps of one day instead of 20.',
    ],
    [
      { visits: { points: 5, minimumMinor: 0, coolDownHours: 0, free: true } },
      'What a visit gives is now points 5, minimum minor 0, cool down hours 0, free true; there was none.',
    ],
    [{ name: 'Philia' }, 'The programme is called Philia instead of Maison Philia.'],
    [{ timeZone: 'UTC' }, 'Days and months begin as in UTC instead of Europe/Paris.'],
    [
      { currencies: { ...document.currencies, EUR: { points: 3, perMinor: 200 } } },
      'Purchases in EUR earn 3 points for every 2.00 EUR instead of 1 point for every 1.00 EUR.',
    ],
    [
      { currencies: { ...document.currencies, KRW: { points: 1, perMinor: 1500 } } },
      'Purchases in KRW are accepted: 1 point for every 1500 KRW.',
    ],
    [
      {
        currencies: {
          EUR: document.currencies['EUR'],
          GBP: document.currencies['GBP'],
          USD: document.currencies['USD'],
        },
      },
      'Purchases in JPY are no longer accepted.',
    ],
    [
      { excludedCategories: [...document.excludedCategories, 'tobacco & co. 1.5'] },
      'Lines of the category tobacco & co. 1.5 no longer earn points.',
    ],
    [
      { excludedCategories: ['gift-card', 'shipping', 'fee'] },
      'Lines of the category donation earn points from now on.',
    ],
    [
      { channels: { ...channels, store: { multiplier: '2', pendingDays: 0 } } },
      'The store multiplier rises from 1 to 2.',
    ],
    [
      { channels: { ...channels, app: { multiplier: '1.15', pendingDays: 14 } } },
      'The app multiplier falls from 1.2 to 1.15.',
    ],
    [
      { channels: { ...channels, web: { multiplier: '1', pendingDays: 0 } } },
      'Points from web can be spent at once; before, they waited 14 days.',
    ],
    [
      { channels: { ...channels, store: { multiplier: '1', pendingDays: 1 } } },
      'Points from store wait 1 day before they can be spent; before, they could be spent at once.',
    ],
    [{ expiry: { months: 6 } }, 'Points lapse after 6 months instead of 12.'],
    [{ expiry: null }, 'Points no longer lapse; before, they did after 12 months.'],
    [{ debt: 'forgive' }, 'What a refund cannot take back is written off instead of carried as a debt.'],
    [{ holdMinutes: 1 }, 'An authorised redemption holds its points for 1 minute instead of 15.'],
    [{ grantLimit: 100 }, 'One operator alone may grant up to 100 points instead of 5000.'],
    [{ maxPointsPerPurchase: 500 }, 'One purchase may earn at most 500 points instead of 100000.'],
    [
      { tiers: only(tiers, 'complice', { threshold: 600 }) },
      'Tier complice is reached at 600 instead of 500 points.',
    ],
    [
      { tiers: only(tiers, 'intime', { multiplier: '1.75' }) },
      'The multiplier of tier intime rises from 1.5 to 1.75.',
    ],
    [{ tiers: only(tiers, 'ami', { name: 'Friend' }) }, 'Tier ami is called Friend instead of Ami.'],
    [
      { tiers: only(tiers, 'ami', { benefits: ['Birthday gift', 'Coffee'] }) },
      'What tier ami brings besides points is now Birthday gift, Coffee; it was Birthday gift.',
    ],
    [
      { tiers: [...tiers, { id: 'or', name: 'Or', threshold: 5000, multiplier: '2' }] },
      'Tier or (Or) is new: threshold 5000, multiplier 2.',
    ],
    [
      { tiers: tiers.filter(({ id }) => id !== 'intime') },
      'Tier intime (Intime) is gone: threshold 2000, multiplier 1.5, benefits VIP evenings.',
    ],
    [{ bonuses: { ...bonuses, welcome: 75 } }, 'The welcome bonus rises from 50 to 75 points.'],
    [
      { bonuses: { ...bonuses, welcome: { points: 50, reward: 'free-coffee' } } },
      'The welcome bonus is now 50 points and a voucher for free-coffee; it was 50 points.',
    ],
    [
      { bonuses: { ...bonuses, profile: { reward: 'free-coffee' } } },
      'The profile bonus is now a voucher for free-coffee; it was 50 points.',
    ],
    [{ bonuses: { ...bonuses, welcome: { points: 75 } } }, 'The welcome bonus rises from 50 to 75 points.'],
    [
      { rewards: [...rewards, { ...breakfast, rewards: ['free-coffee', 'five-euros'] }] },
      'Reward breakfast (Breakfast) is new: points 200, type bundle, rewards free-coffee, five-euros.',
    ],
    [{ bonuses: { ...bonuses, birthday: undefined } }, 'The birthday bonus is gone; it was 100 points.'],
    [
      {
        bonuses: { ...bonuses, referral: { referrer: 100, referee: 100, minimumMinor: 2000, perMonth: 10 } },
      },
      'The bonus for who brings a friend falls from 200 to 100 points.',
    ],
    [
      { visits: { points: 5 } },
      'What a visit gives is now points 5, minimum minor 0, cool down hours 0; there was none.',
    ],
    [campaign({ multiplier: '3' }), 'The multiplier of campaign coffee-week rises from 2 to 3.'],
    [
      campaign({ to: '2027-03-09T00:00:00Z' }),
      'Campaign coffee-week ends at 2027-03-09T00:00:00Z instead of 2027-03-07T23:00:00Z.',
    ],
    [
      campaign({ when: undefined }),
      "Campaign coffee-week is now for all lines; it was for those with line.category == 'coffee'.",
    ],
    [campaign({ tiers: ['intime'] }), 'Campaign coffee-week is now for the tiers intime only.'],
    [campaign({ stacks: true }), 'Campaign coffee-week multiplies onto the others.'],
    [campaign({ budgetPoints: 1 }), 'The budget of campaign coffee-week is now 1 point; there was none.'],
    [
      { campaigns: [] },
      "Campaign coffee-week (Coffee week) is gone: from 2027-02-28T23:00:00Z, to 2027-03-07T23:00:00Z, when line.category == 'coffee', multiplier 2.",
    ],
    [{ stamps: only(stamps, 'coffee', { of: 6 }) }, 'Stamp card coffee is full with 6 stamps instead of 5.'],
    [
      { stamps: only(stamps, 'coffee', { reward: 'plant-a-tree' }) },
      'A full stamp card coffee gives plant-a-tree instead of free-coffee.',
    ],
    [reward({ points: 120 }), 'Reward five-euros costs 120 points instead of 100.'],
    [reward({ valueMinor: 650 }), 'The value of reward five-euros is now 6.50 EUR; it was 5.00 EUR.'],
    [reward({ limit: 10 }), 'The limit over all members of reward five-euros is now 10; there was none.'],
    [reward({ name: '5 €' }), 'Reward five-euros is called 5 € instead of €5 off.'],
  ])('%j', (changes, text) => {
    expect(said(changed(changes))).toEqual([text]);
  });

  // What a rule is, what it is changed to, and what is said: where the shipped programme has no such rule.
  const other = { when: "line.category == 'tea'" };
  const members = ['A', 'B', 'C'].map((last) => `mem_01JD000000000000000000000${last}`);
  const noReferral = { bonuses: { ...bonuses, referral: undefined } };
  const referral = (changes: object) => ({
    bonuses: { ...bonuses, referral: { ...bonuses.referral, ...changes } },
  });
  const visits = (changes: object) => ({
    visits: { points: 5, minimumMinor: 100, coolDownHours: 1, ...changes },
  });
  const card = (changes: object) => ({ stamps: only(stamps, 'coffee', changes) });
  const bonusPoints = (points: number) => campaign({ multiplier: undefined, bonusPoints: points });
  const kind = (fields: object) => ({
    rewards: [...rewards, { id: 'new', name: 'New', points: 1, ...fields }],
  });
  const channel = (id: 'web' | 'store', pendingDays: number) => ({
    channels: { ...channels, [id]: { ...channels[id], pendingDays } },
  });

  it.each<[before: object, after: object, text: string]>([
    [{}, { excluded: { skus: ['A-1'] } }, 'Lines of the article A-1 no longer earn points.'],
    [{}, { excluded: { brands: ['Nova'] } }, 'Lines of the brand Nova no longer earn points.'],
    [{}, { excluded: { prefixes: ['GC-'] } }, 'Articles that begin with GC- no longer earn points.'],
    [{ excluded: { prefixes: ['GC-'] } }, {}, 'Articles that begin with GC- earn points from now on.'],
    [
      {},
      { currencies: Object.fromEntries(Object.entries(document.currencies).reverse()) },
      'Minimums that say no currency are in JPY instead of EUR.',
    ],
    [{}, channel('web', 0), 'Points from web can be spent at once; before, they waited 14 days.'],
    [
      {},
      channel('store', 1),
      'Points from store wait 1 day before they can be spent; before, they could be spent at once.',
    ],
    [
      channel('web', 1),
      channel('web', 7),
      'Points from web wait 7 days before they can be spent; before, they waited 1 day.',
    ],
    [{ expiry: null }, { expiry: { months: 1 } }, 'Points lapse after 1 month; before, they never did.'],
    [{}, { expiry: null }, 'Points no longer lapse; before, they did after 12 months.'],
    [{}, { expiry: { months: 24 } }, 'Points lapse after 24 months instead of 12.'],
    [{}, { debt: 'forgive' }, 'What a refund cannot take back is written off instead of carried as a debt.'],
    [{ debt: 'forgive' }, {}, 'What a refund cannot take back is carried as a debt instead of written off.'],
    [{}, { holdMinutes: 1 }, 'An authorised redemption holds its points for 1 minute instead of 15.'],
    [{}, { grantLimit: 1 }, 'One operator alone may grant up to 1 point instead of 5000.'],
    [
      {},
      noReferral,
      'The bonus for bringing a friend is gone; it was referrer 200, referee 100, minimum minor 2000, per month 10.',
    ],
    [
      noReferral,
      {},
      'The bonus for bringing a friend is now referrer 200, referee 100, minimum minor 2000, per month 10; there was none.',
    ],
    [
      {},
      referral({ referee: 120 }),
      'The bonus for who was brought by a friend rises from 100 to 120 points.',
    ],
    [
      {},
      referral({ minimumMinor: 500 }),
      'The first purchase that a friend has to make falls from 2000 to 500 minor units.',
    ],
    [
      {},
      referral({ minimumMinor: { EUR: 500, JPY: 900 } }),
      'The first purchase that a friend has to make is now 5.00 EUR, 900 JPY; it was 2000 minor units.',
    ],
    [{}, referral({ perMonth: 3 }), 'The number of friends that are rewarded in a month falls from 10 to 3.'],
    [
      { bonuses: { ...bonuses, birthday: undefined } },
      {},
      'The birthday bonus is now 100 points; there was none.',
    ],
    [visits({}), {}, 'What a visit gives is gone; it was points 5, minimum minor 100, cool down hours 1.'],
    [visits({}), visits({ points: 1 }), 'What a visit gives falls from 5 to 1 point.'],
    [
      visits({}),
      visits({ minimumMinor: 200 }),
      'The smallest purchase that counts as a visit rises from 100 to 200 minor units.',
    ],
    [
      visits({ coolDownHours: 3 }),
      visits({}),
      'The time between two visits that count falls from 3 to 1 hour.',
    ],
    [visits({}), visits({ free: true }), 'A purchase that cost nothing is a visit, too.'],
    [visits({ free: true }), visits({}), 'A purchase that cost nothing is no visit any more.'],
    [
      {},
      campaign({ from: '2027-02-01T00:00:00Z' }),
      'Campaign coffee-week begins at 2027-02-01T00:00:00Z instead of 2027-02-28T23:00:00Z.',
    ],
    [
      {},
      campaign(other),
      "Campaign coffee-week is for lines with line.category == 'tea' instead of line.category == 'coffee'.",
    ],
    [
      campaign({ when: undefined }),
      {},
      "Campaign coffee-week is now for lines with line.category == 'coffee'; it was for all.",
    ],
    [bonusPoints(9), bonusPoints(1), 'The bonus of campaign coffee-week falls from 9 to 1 point.'],
    [
      campaign({ stacks: true }),
      {},
      'Campaign coffee-week no longer multiplies onto the others: the highest counts.',
    ],
    [
      {},
      campaign({ channels: ['web', 'store'] }),
      'Campaign coffee-week is now for the channels web, store only.',
    ],
    [
      campaign({ channels: ['web'] }),
      {},
      'Campaign coffee-week is now for all channels; it was for web only.',
    ],
    [
      campaign({ tiers: ['ami'] }),
      campaign({ tiers: ['intime'] }),
      'Campaign coffee-week is for the tiers intime instead of ami.',
    ],
    [{}, campaign({ members: members.slice(0, 1) }), 'Campaign coffee-week is only for 1 member.'],
    [
      campaign({ members: members.slice(0, 2) }),
      {},
      'Campaign coffee-week is for all members; it was for 2.',
    ],
    [
      campaign({ members: members.slice(0, 1) }),
      campaign({ members: members.slice(1) }),
      'Campaign coffee-week is for 2 members: 2 came, 1 went.',
    ],
    [
      {},
      campaign({ minimumMinor: 900 }),
      'The smallest purchase of campaign coffee-week is now 900 minor units; there was none.',
    ],
    [
      campaign({ minimumMinor: 800 }),
      campaign({ minimumMinor: 900 }),
      'The smallest purchase of campaign coffee-week rises from 800 to 900 minor units.',
    ],
    [
      campaign({ minimumMinor: { EUR: 5, JPY: 6 } }),
      {},
      'The smallest purchase of campaign coffee-week is gone; it was 0.05 EUR, 6 JPY.',
    ],
    [
      campaign({ budgetPoints: 6 }),
      campaign({ budgetPoints: 5 }),
      'The budget of campaign coffee-week falls from 6 to 5 points.',
    ],
    [{}, campaign({ name: 'Tea' }), 'Campaign coffee-week is called Tea instead of Coffee week.'],
    [
      {},
      card(other),
      "Stamp card coffee is for lines with line.category == 'tea' instead of line.category == 'coffee'.",
    ],
    [card({ free: true }), {}, 'Stamp card coffee is no longer filled by what cost nothing.'],
    [
      {},
      card({ name: { en: 'Cup', fr: 'Tasse' } }),
      'Stamp card coffee is called Cup (en), Tasse (fr) instead of Coffee card.',
    ],
    [card({ perDay: 3 }), {}, 'Stamp card coffee gives at most 20 stamps of one day instead of 3.'],
    [
      {},
      { stamps: [] },
      "Stamp card coffee (Coffee card) is gone: when line.category == 'coffee', of 5, reward free-coffee.",
    ],
    [
      kind({ type: 'experience' }),
      kind({ type: 'donation' }),
      'Reward new is of type donation instead of experience.',
    ],
    [{}, reward({ currency: 'JPY' }), 'The currency of reward five-euros is now JPY; it was EUR.'],
    [
      kind({ type: 'percent', percent: '5' }),
      kind({ type: 'percent', percent: '10' }),
      'The percentage of reward new is now 10 %; it was 5 %.',
    ],
    [
      {},
      reward({ minimumMinor: 2000 }),
      'The smallest purchase of reward five-euros is now 20.00 EUR; there was none.',
    ],
    [
      reward({ minimumMinor: 1000 }),
      reward({ minimumMinor: 2000 }),
      'The smallest purchase of reward five-euros is now 20.00 EUR; it was 10.00 EUR.',
    ],
    [
      kind({ type: 'gift', sku: 'A' }),
      kind({ type: 'gift', sku: 'B' }),
      'The article of reward new is now B; it was A.',
    ],
    [
      kind({ type: 'bundle', rewards: ['free-coffee', 'five-euros'] }),
      kind({ type: 'bundle', rewards: ['five-euros', 'five-euros'] }),
      'What bundle new is made of is now five-euros, five-euros; it was free-coffee, five-euros.',
    ],
    [
      {},
      reward({ validDays: 1 }),
      'The time to use a voucher of reward five-euros is now 1 day; it was 90 days.',
    ],
    [
      {},
      reward({ validDays: undefined }),
      'The time to use a voucher of reward five-euros is gone; it was 90 days.',
    ],
    [
      {},
      reward({ tier: 'intime' }),
      'The tier that reward five-euros is kept for is now intime; there was none.',
    ],
    [
      {},
      reward({ limitPerMember: 2 }),
      'The limit for each member of reward five-euros is now 2; there was none.',
    ],
  ])('from %j to %j', (before, after, text) => {
    expect(said(changed(after), changed(before))).toEqual([text]);
  });

  it('names where it is, what it was and what it is', () => {
    const after = changed({ tiers: only(tiers, 'complice', { threshold: 600 }), expiry: null });
    expect(programDifference(document, after)).toMatchObject([
      { path: 'expiry', kind: 'removed', before: { months: 12 }, after: null },
      { path: 'tiers.complice.threshold', kind: 'changed', before: 500, after: 600 },
    ]);
  });

  it('is none where only the writing differs: order, zeros, what a field is without', () => {
    const rewritten = changed({
      $schema: './docs/generated/program.schema.json',
      rewards: [...rewards].reverse(),
      channels: { ...channels, store: { multiplier: '1.00', pendingDays: 0 } },
      excludedCategories: [...document.excludedCategories].reverse(),
    });
    expect(said(rewritten)).toEqual([]);
    expect(said({ ...document, version: 1 } as ProgramDocument)).toEqual([]);
  });

  it('is there for a field that has no sentence of its own', () => {
    const after = { ...document, future: { depth: 3 } } as unknown as ProgramDocument;
    expect(programDifference(document, after)).toEqual([
      {
        path: 'future',
        kind: 'added',
        before: null,
        after: { depth: 3 },
        text: 'future is new: {"depth":3}.',
      },
    ]);
    const [back] = programDifference(after, { ...after, future: { depth: 4 } } as unknown as ProgramDocument);
    expect(back).toMatchObject({ path: 'future.depth', text: 'future.depth is now 4; it was 3.' });
  });
});

// Two programmes as records by id, and what changes do to the first of them.

type Fields = Record<string, unknown>;

function byIds({ $schema: _schema, ...program }: ProgramDocument): Fields {
  const listed = (list: readonly { readonly id: string }[]) =>
    Object.fromEntries(list.map(({ id, ...rest }) => [id, rest]));
  return JSON.parse(
    JSON.stringify({
      ...program,
      excludedCategories: Object.fromEntries(program.excludedCategories.map((name) => [name, name])),
      tiers: listed(program.tiers),
      campaigns: listed(program.campaigns),
      stamps: listed(program.stamps),
      rewards: listed(program.rewards),
    }),
  );
}

function applied(before: Fields, changes: readonly Change[]): Fields {
  const result = structuredClone(before);
  for (const { path, after } of changes) {
    const parts = path.split('.');
    const last = parts.pop() ?? '';
    const place = parts.reduce((fields, part) => fields[part] as Fields, result);
    if (after === null) delete place[last];
    else place[last] = after;
  }
  return result;
}

const withoutNull = (value: unknown) =>
  JSON.parse(JSON.stringify(value, (_key, one) => (one === null ? undefined : one)));

/** The parts of a programme that have nothing to do with purchases. */
const others = fc
  .record({
    name: fc.constantFrom('Maison Philia', 'Philia'),
    grantLimit: fc.constantFrom(1, 5000),
    bonuses: fc.record(
      {
        welcome: fc.constantFrom<unknown>(0, 50, { reward: 'r1' }, { points: 50, reward: 'r2' }),
        profile: fc.constant(10),
        referral: fc.record({
          referrer: fc.constantFrom(1, 200),
          referee: fc.constant(100),
          minimumMinor: fc.constantFrom(0, 2000),
          perMonth: fc.constantFrom(1, 10),
        }),
      },
      { requiredKeys: [] },
    ),
    rewards: fc.uniqueArray(
      fc.tuple(
        fc.constantFrom('r1', 'r2', 'r3'),
        fc.record(
          { points: fc.nat(3), validDays: fc.integer({ min: 1, max: 2 }) },
          { requiredKeys: ['points'] },
        ),
        fc.constantFrom(
          { type: 'amount', valueMinor: 500, currency: 'EUR' },
          { type: 'amount', valueMinor: 90, currency: 'JPY' },
          { type: 'percent', percent: '10' },
          { type: 'gift', sku: 'ESP-250' },
          { type: 'right' },
        ),
      ),
      { selector: ([id]) => id },
    ),
    stamps: fc.constantFrom('coffee', 'tea'),
    of: fc.integer({ min: 2, max: 3 }),
  })
  .map(({ rewards: all, stamps: category, of, ...rest }) => ({
    ...rest,
    rewards: all.map(([id, fields, kind]) => ({ id, name: `Reward ${id}`, ...fields, ...kind })),
    stamps: all.slice(0, 1).map(([reward]) => {
      return { id: 'card', name: 'Card', when: `line.category == '${category}'`, of, reward };
    }),
  }));
const anyDocument = fc
  .tuple(anyProgram, others)
  .filter(
    ([
      ,
      {
        bonuses: { welcome },
        rewards: all,
      },
    ]) => {
      const { reward: wanted } = giftOf(welcome as Gift | undefined);
      return wanted === undefined || all.some(({ id }) => id === wanted);
    },
  )
  .map(([program, more]) => programDocument.parse({ ...program, ...more }));

describe('for any two programmes', () => {
  it('the changes lead from the one to the other, and each is a sentence', () => {
    fc.assert(
      fc.property(anyDocument, anyDocument, (before, after) => {
        const changes = programDifference(before, after);
        expect(withoutNull(applied(byIds(before), changes))).toEqual(withoutNull(byIds(after)));
        for (const { text } of changes) {
          expect(text).toMatch(/^[A-Z].*\.$/);
          expect(text).not.toMatch(/undefined|null|\[object/);
        }
        expect(new Set(changes.map(({ path }) => path)).size).toBe(changes.length);
        expect(programDifference(before, before)).toEqual([]);
      }),
      runs(1000),
    );
  });
});
