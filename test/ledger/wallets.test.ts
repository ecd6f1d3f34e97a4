/** What each wallet was told and says of a card, and which cards were left behind. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { createMemoryErasureList } from '../../ledger/erasure/list.ts';
import { eraseMember, getAccount, recordPurchase } from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import {
  type ApplePass,
  fromItem,
  type GooglePass,
  keys,
  type SamsungPass,
  toItem,
} from '../../ledger/store/items.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { registerDevice } from '../../ledger/wallets/devices.ts';
import { knownToPhones, staleCard, supersededAt } from '../../ledger/wallets/freshness.ts';
import {
  doubtGooglePass,
  getGoogleClass,
  getGooglePass,
  noteGoogleClass,
  noteGoogleState,
  offerGoogle,
} from '../../ledger/wallets/google.ts';
import {
  getSamsungPass,
  noteSamsungFetched,
  noteSamsungState,
  noteSamsungTold,
} from '../../ledger/wallets/samsung.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { aPurchase, defaultProgram, noon, testContext } from '../support/world.ts';

const program = defaultProgram({ bonuses: {}, campaigns: [], stamps: [] });
const minute = 60_000;
let ledger: LedgerContext;
let memberId: MemberId;
/** The member's version. */
let version: number;

beforeEach(async () => {
  ledger = testContext(createMemoryStore());
  await putInForce(ledger, program);
  memberId = await newMember(ledger, program);
  for (const minutes of [1, 2]) await buy(noon + minutes * minute);
});

async function buy(now: number) {
  await recordPurchase(ledger, program, aPurchase([1000], { member: { memberId } }), now);
  version = (await getAccount(ledger, memberId))?.version ?? 0;
}

async function leave() {
  const request = { memberId, operator: { keyId: 'key_test', name: 'Tess' }, reason: null };
  await eraseMember(ledger, createMemoryErasureList(), program, request, noon + 3 * minute, () => true);
}

const google = (more: Partial<GooglePass> = {}): GooglePass => ({
  ...{
    memberId,
    revision: 1,
    objectId: 'object',
    version,
    doubted: false,
    state: 'saved',
    stateAt: utc(noon),
  },
  ...{ messageUntil: 0, notices: [], ...more },
});
const samsung = (more: Partial<SamsungPass> = {}): SamsungPass => ({
  ...{ memberId, revision: 1, version, state: 'saved', stateAt: utc(noon), signedAt: noon },
  ...{ countryCode: 'FR', callback: null, ...more },
});
const put = (item: ReturnType<typeof toItem>) => ledger.store.transact([{ put: item }]);
const putGoogle = (more?: Partial<GooglePass>) =>
  put(toItem(keys.googlePass(memberId), 'googlePass', google(more)));
const putSamsung = (more?: Partial<SamsungPass>) =>
  put(toItem(keys.samsungPass(memberId), 'samsungPass', samsung(more)));
const isHolder = async () => (await ledger.store.get(keys.walletHolder(memberId))) !== undefined;

describe('a card is left behind', () => {
  /** The wallets that should be told again, of versions that were left behind before so many minutes. */
  const stale = async (minutes = 60) => {
    const card = await staleCard(ledger, memberId, noon + minutes * minute);
    if (card) expect(card).toMatchObject({ memberId, version });
    return card?.wallets;
  };

  it('by no wallet that has it not, or has the newest', async () => {
    expect(await stale()).toBeUndefined();
    await putGoogle();
    await putSamsung();
    expect(await stale()).toBeUndefined();
    expect(await staleCard(ledger, 'mem_01JD0000000000000000000000' as MemberId, noon)).toBeUndefined();
  });

  it('at Google, as long as it may show an older version to somebody', async () => {
    await putGoogle({ version: version - 1 });
    expect(await stale()).toEqual(['google']);
    for (const more of [{ unused: true as const }, { state: 'deleted' as const }]) {
      await putGoogle({ version: version - 1, ...more });
      expect(await stale()).toBeUndefined();
    }
    await putGoogle({ state: 'offered', version: version - 1 });
    expect(await stale()).toEqual(['google']);
    // Of one that is doubted nobody knows which version it shows.
    await putGoogle({ doubted: true });
    expect(await stale()).toEqual(['google']);
  });

  it('at Samsung, while it is saved there', async () => {
    for (const state of ['saved', 'deleted', 'offered'] as const) {
      await putSamsung({ version: version - 1, state });
      expect(await stale()).toEqual(state === 'saved' ? ['samsung'] : undefined);
    }
  });

  it('on phones, where one is registered that was told of no newer one', async () => {
    const apple = (more: Partial<ApplePass>): ApplePass => ({
      ...{ memberId, revision: 1, first: null, told: null, fetched: null, ...more },
    });
    const at = (of: number) => ({ version: of, at: utc(noon) });
    const putApple = (more: Partial<ApplePass>) =>
      put(toItem(keys.applePass(memberId), 'applePass', apple(more)));
    await putApple({ first: version - 1 });
    expect(await stale()).toBeUndefined();
    await registerDevice(ledger, { memberId, device: 'd', passType: 'p', pushToken: 't' }, version - 1, noon);
    for (const [more, wallets] of [
      [{ first: version - 1 }, ['apple']],
      [{ first: version }, undefined],
      [{ first: version - 2, told: at(version) }, undefined],
      [{ first: version, told: at(version - 1) }, ['apple']],
      [{}, ['apple']],
    ] as const) {
      await putApple(more);
      expect(await stale()).toEqual(wallets);
    }
    expect([knownToPhones(undefined), knownToPhones(apple({ first: 3 }))]).toEqual([0, 3]);
  });

  it('only since the next version came, if that was long enough ago', async () => {
    await putGoogle({ version: version - 1 });
    await putSamsung({ version: version - 2 });
    expect(await supersededAt(ledger, memberId, version - 1)).toBe(utc(noon + 2 * minute));
    expect(await supersededAt(ledger, memberId, version)).toBeUndefined();
    expect(await stale(1)).toBeUndefined();
    expect(await stale(2)).toEqual(['samsung']);
    expect(await stale(3)).toEqual(['google', 'samsung']);
    // Doubted, it is judged by when the newest one came.
    await putGoogle({ doubted: true });
    expect(await stale(2)).toEqual(['samsung']);
  });

  it('of who has left until all were told, and then nobody looks again', async () => {
    await offerGoogle(ledger, { memberId, objectId: 'object', version, isWhole: true }, noon);
    await putGoogle({ state: 'deleted' });
    expect(await isHolder()).toBe(true);
    await leave();
    version = (await getAccount(ledger, memberId))?.version ?? 0;
    expect(await stale()).toEqual(['google']);
    expect(await isHolder()).toBe(true);
    await putGoogle({ state: 'deleted' });
    expect(await stale()).toBeUndefined();
    expect(await isHolder()).toBe(false);
  });
});

describe('a link to Google', () => {
  const offer = (more: object = {}) =>
    offerGoogle(ledger, { memberId, objectId: 'object', version: 3, isWhole: true, ...more }, noon + minute);
  const pass = () => getGooglePass(ledger, memberId);

  it('that was given out is noted with the version of the oldest, and who is to be told', async () => {
    expect(await offer()).toBe(true);
    const first = {
      ...{ memberId, objectId: 'object', version: 3, revision: 1, unused: true, doubted: false },
      ...{ state: 'offered', stateAt: utc(noon + minute), notices: [], messageUntil: 0 },
    };
    expect(await pass()).toEqual(first);
    expect(await isHolder()).toBe(true);
    expect((await getAccount(ledger, memberId))?.listeners).toContain('google-update');
    expect(await offer({ version: 4 })).toBe(true);
    expect(await pass()).toEqual(first);
    // The rest of one that is not whole has to be sent: of the two nobody knows which will be used.
    await offer({ version: 4, isWhole: false });
    expect(await pass()).toEqual({ ...first, doubted: true, revision: 2 });
    await offer({ isWhole: false });
    expect((await pass())?.revision).toBe(2);
  });

  it('changes nothing of what is saved, and wants again what was deleted', async () => {
    await putGoogle({ version: 2, notices: [noon], messageUntil: 7 });
    for (const isWhole of [true, false]) await offer({ isWhole });
    expect(await pass()).toEqual(google({ version: 2, notices: [noon], messageUntil: 7 }));
    await putGoogle({ version: 2, state: 'deleted', notices: [noon], messageUntil: 7 });
    await offer({ isWhole: false });
    const again = {
      version: 2,
      state: 'offered' as const,
      stateAt: utc(noon + minute),
      doubted: true,
      revision: 2,
    };
    expect(await pass()).toEqual(google({ ...again, notices: [noon], messageUntil: 7 }));
    // Another object is one that Google has not.
    await offer({ objectId: 'other' });
    expect(await pass()).toMatchObject({
      ...{ objectId: 'other', version: 3, unused: true, doubted: false },
      ...{ notices: [noon], messageUntil: 7, revision: 3 },
    });
  });

  it('is given to nobody who has left', async () => {
    await leave();
    expect(await offer()).toBe(false);
    expect(await pass()).toBeUndefined();
  });
});

describe('what Google says', () => {
  const pass = () => getGooglePass(ledger, memberId);
  const says = (state: 'saved' | 'deleted', nonce: string, until: number) =>
    noteGoogleState(ledger, { memberId, state, nonce, until }, noon + minute);

  it('is taken once, and not before what it said later', async () => {
    expect(await says('saved', 'a', noon)).toBeUndefined();
    await putGoogle({ state: 'offered', unused: true });
    const saved = google({ stateAt: utc(noon + minute), messageUntil: noon, revision: 2 });
    expect(await says('saved', 'a', noon)).toMatchObject({ state: 'saved', messageUntil: noon });
    expect(await pass()).toEqual(saved);
    expect(await says('deleted', 'a', noon + 1)).toEqual(saved);
    expect(await says('deleted', 'b', noon)).toEqual(saved);
    expect(await pass()).toEqual(saved);
    await says('deleted', 'c', noon + 1);
    expect(await pass()).toMatchObject({ state: 'deleted', messageUntil: noon + 1, revision: 3 });
    // A nonce is kept as long as its message, and a day.
    const nonce = await ledger.store.get(keys.nonce('google', ledger.sha256('c')));
    expect(nonce?.['ttl']).toBe(Math.floor((noon + 1) / 1000) + 86_400);
    expect(nonce && fromItem(nonce, 'nonce')).toEqual({ at: utc(noon + minute) });
  });

  it('may be doubted', async () => {
    await doubtGooglePass(ledger, memberId);
    expect(await pass()).toBeUndefined();
    await putGoogle();
    await doubtGooglePass(ledger, memberId);
    expect(await pass()).toEqual(google({ doubted: true, revision: 2 }));
  });

  it('of the class is written by one at a time', async () => {
    expect(await getGoogleClass(ledger)).toBeUndefined();
    expect(await noteGoogleClass(ledger, undefined, 'x')).toBe('noted');
    expect(await noteGoogleClass(ledger, undefined, 'y')).toBe('overtaken');
    const first = await getGoogleClass(ledger);
    expect(first).toEqual({ hash: 'x', revision: 1 });
    expect(await noteGoogleClass(ledger, first, 'y')).toBe('noted');
    expect(await noteGoogleClass(ledger, first, 'z')).toBe('overtaken');
    expect(await getGoogleClass(ledger)).toEqual({ hash: 'y', revision: 2 });
  });
});

describe('what Samsung says', () => {
  const pass = () => getSamsungPass(ledger, memberId);
  const says = (state: 'saved' | 'deleted', signedAt: number) =>
    noteSamsungState(
      ledger,
      { memberId, state, signedAt, countryCode: 'DE', callback: 'https://samsung.example' },
      noon + minute,
    );

  it('is what it signed last', async () => {
    const first = await says('saved', noon);
    expect(first).toMatchObject({ version: 0, state: 'saved', stateAt: utc(noon + minute), signedAt: noon });
    expect(first).not.toHaveProperty('fetched');
    expect(await pass()).toMatchObject({ countryCode: 'DE', callback: 'https://samsung.example' });
    const before = await pass();
    expect(await says('deleted', noon)).toEqual(before);
    expect(await pass()).toEqual(before);
    await putSamsung({ version: 2, fetched: 1 });
    await says('deleted', noon + 1);
    expect(await pass()).toMatchObject({ version: 2, fetched: 1, state: 'deleted', signedAt: noon + 1 });
  });

  it('it was told, and fetched, is never older than before', async () => {
    await noteSamsungTold(ledger, memberId, 3);
    await noteSamsungFetched(ledger, memberId, 3);
    expect(await pass()).toBeUndefined();
    await putSamsung({ version: 2 });
    for (const [told, now] of [
      [2, 2],
      [1, 2],
      [3, 3],
    ] as const) {
      await noteSamsungTold(ledger, memberId, told);
      expect((await pass())?.version).toBe(now);
    }
    for (const [fetched, now] of [
      [0, undefined],
      [2, 2],
      [1, 2],
      [3, 3],
    ] as const) {
      await noteSamsungFetched(ledger, memberId, fetched);
      expect((await pass())?.fetched).toBe(now);
    }
    expect((await pass())?.revision).toBe(4);
  });
});
