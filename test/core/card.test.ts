/** What every wallet shows of an account: the ledger's numbers, in the member's language. */
import { describe, expect, it } from 'vitest';
import { type Account, type Entry, emptyAccount, type Posting } from '../../core/account.ts';
import { expiringOf, lastChangeOf, nobody, viewCard } from '../../core/card.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { defaultProgram } from '../support/world.ts';

const at = '2026-11-22T12:00:00Z';
const account: Account = {
  ...emptyAccount('mem_01JD0000000000000000000000' as MemberId),
  ...{ version: 7, updatedAt: at, modifiedAt: '2026-11-22T12:00:01Z' },
  ...{ held: 20, debt: 0, qualifying: { '2026-11': 300 } },
  tier: { id: 'ami', validUntil: null, steps: [] },
  lots: [
    { points: 5, availableAt: null, expiresAt: null },
    { points: 10, availableAt: null, expiresAt: '2027-11-30T23:00:00Z' },
    { points: 30, availableAt: '2026-12-05T23:00:00Z', expiresAt: '2027-11-30T23:00:00Z' },
    { points: 40, availableAt: null, expiresAt: '2027-10-31T23:00:00Z' },
  ],
};
const holder = { name: 'Ana', locale: 'fr', cardNumber: '2900000000001' };
const program = defaultProgram({
  name: { en: 'House', fr: 'Maison' },
  languages: ['en', 'fr'],
  card: {
    stores: [
      { id: 'north', name: { en: 'North', fr: 'Nord' }, latitude: 1, longitude: 2 },
      { id: 'south', name: 'Sud', latitude: 3, longitude: 4, relevantText: { en: 'Come in', fr: 'Entrez' } },
    ],
    beacons: [{ proximityUUID: 'f7826da6-4fa2-4e98-8024-bc5b71e0893e', relevantText: 'Bonjour' }],
    supportUrl: 'https://example.com/help',
  },
});

describe('a card', () => {
  it('is its account as of the newest entry, in the language of who holds it', () => {
    expect(viewCard(program, account, holder)).toMatchObject({
      memberId: account.memberId,
      version: 7,
      modifiedAt: '2026-11-22T12:00:01Z',
      updatedAt: at,
      programName: 'Maison',
      programVersion: 1,
      timeZone: 'Europe/Paris',
      name: 'Ana',
      locale: 'fr',
      cardNumber: '2900000000001',
      balance: { available: 55, pending: 30, held: 20, debt: 0 },
      tier: { id: 'ami', qualifyingPoints: 300, nextTier: { id: 'complice', pointsMissing: 200 } },
      stamps: [{ id: 'coffee', name: 'Coffee card', count: 0, of: 5 }],
      vouchers: [],
      status: 'active',
      lastChange: null,
      supportUrl: 'https://example.com/help',
      stores: [
        { id: 'north', name: 'Nord', latitude: 1, longitude: 2 },
        { id: 'south', name: 'Sud', relevantText: 'Entrez' },
      ],
      beacons: [{ relevantText: 'Bonjour' }],
    });
    expect(viewCard(program, account, holder).stores[0]).not.toHaveProperty('relevantText');
  });

  it('has nothing of its own look where the programme says none', () => {
    expect(viewCard(defaultProgram({ card: undefined }), account, holder)).toMatchObject({
      ...{ colours: null, barcodes: null, stores: [], beacons: [], nfc: null, supportUrl: null },
    });
  });

  it('is closed once its member has left, and moved where the number leads to somebody else’s', () => {
    const status = (changes: Partial<Account>, of: typeof holder | typeof nobody) =>
      viewCard(program, { ...account, ...changes }, of).status;
    expect(status({}, nobody)).toBe('active');
    expect(status({ status: 'closed' }, holder)).toBe('closed');
    expect(status({ status: 'merged' }, holder)).toBe('moved');
    expect(status({ status: 'merged' }, nobody)).toBe('closed');
  });

  it('says what lapses when, soonest first, whatever can be spent already', () => {
    expect(expiringOf(account)).toEqual([
      { at: '2027-10-31T23:00:00Z', points: 40 },
      { at: '2027-11-30T23:00:00Z', points: 40 },
    ]);
    expect(viewCard(program, account, holder).expiring).toEqual(expiringOf(account));
  });
});

describe('the last change', () => {
  const change = (
    type: Entry['type'],
    points: Partial<Record<Posting['account'], number>>,
    store?: string,
  ) => {
    const postings = Object.entries(points).map(([of, value]) => ({ account: of, points: value }));
    const entry = { type, cause: { type: 'purchase', id: 'web:1' }, postings } as unknown as Entry;
    return lastChangeOf(program, entry, store, 'fr');
  };

  it('is what can be spent and what is pending, of what was on hold its spending', () => {
    const points = { 'member:available': 5, 'member:pending': 7, 'member:held': -9 };
    expect(change('earned', points)).toEqual({ type: 'earned', cause: 'purchase', points: 5, pending: 7 });
    expect(change('captured', points)).toMatchObject({ points: -9 });
  });

  it('names the store that it happened in, where the programme knows it', () => {
    expect(change('earned', {}, 'north')).toMatchObject({ store: 'Nord' });
    expect(change('earned', {}, 'south')).toMatchObject({ store: 'Sud' });
    expect(change('earned', {}, 'west')).not.toHaveProperty('store');
  });
});
