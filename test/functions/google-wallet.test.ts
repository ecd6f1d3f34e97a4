/** The upkeep of Google's class and objects, against the server that stands in for Google. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Account } from '../../core/account.ts';
import { update as follow, isWorthANotice } from '../../functions/wallets/google-card.ts';
import {
  changeProfile,
  getAccount,
  getGooglePass,
  listEntries,
  noteGoogleState,
} from '../../ledger/ledger.ts';
import { keys, toItem } from '../../ledger/store/items.ts';
import type { Fault } from '../../local/standins/google-faults.ts';
import { googleWorld, useGoogle, type World } from '../support/google.ts';
import { noon } from '../support/world.ts';

const rig = useGoogle();
const hour = 3_600_000;
let world: World;

beforeEach(async () => {
  rig.now = noon;
  world = await googleWorld(rig);
});
afterEach(() => {
  vi.restoreAllMocks();
});

/** What somebody does who saves the card: they are given the link and use it. Google's word of it may be late. */
const offer = async (deps = world.deps) => rig.google.save(await world.link(deps));
/** What the event of the newest entry does. */
const update = async (deps = world.deps) => {
  const account = await getAccount(world.ledger, world.memberId);
  return follow(deps, { memberId: world.memberId, version: account?.version ?? 0 });
};
let messages = 0;
const says = (state: 'saved' | 'deleted') => {
  const message = {
    memberId: world.memberId,
    state,
    nonce: `${++messages}`,
    until: rig.now + hour + messages,
  };
  return noteGoogleState(world.ledger, message, rig.now);
};

/** What the queue does: the event comes again as long as it fails. */
async function updateAsTheQueueDoes(): Promise<number> {
  for (let failures = 0; failures < 10; failures++) {
    try {
      await update(world.fresh());
      return failures;
    } catch {
      // It comes again.
    }
  }
  throw new Error('The event would be among the dead letters.');
}

describe('an object', () => {
  it('is made by its link when that is used, and not before: giving it out costs Google nothing', async () => {
    await update();
    expect(world.points()).toBeUndefined();
    await world.link(world.deps);
    const before = await world.turns();
    const link = await world.link(world.fresh());
    expect(await world.turns()).toBe(before);
    expect(world.points()).toBeUndefined();
    const offered = { version: 2, state: 'offered', unused: true, doubted: false };
    expect(await getGooglePass(world.ledger, world.memberId)).toMatchObject(offered);
    expect(rig.google.save(link)).toBeUndefined();
    expect(world.points()).toBe(50);
    expect(rig.google.object(world.objectId)).toMatchObject({ classId: world.classId, state: 'ACTIVE' });
  });

  it('that was saved as its link says is left as it is, and costs Google nothing', async () => {
    await offer();
    const before = await world.turns();
    await says('saved');
    await update();
    expect(await world.turns()).toBe(before);
    expect(await getGooglePass(world.ledger, world.memberId)).not.toHaveProperty('unused');
  });

  it('that is not there yet is no error, and has the newest version once an old link is used', async () => {
    const link = await world.link(world.deps);
    await world.buy(10_000);
    await update();
    await world.buy(10_000);
    await world.link(world.deps);
    await update();
    expect(world.points()).toBeUndefined();
    expect(await getGooglePass(world.ledger, world.memberId)).toMatchObject({ version: 2, unused: true });
    rig.google.save(link);
    expect(world.points()).toBe(50);
    await says('saved');
    await update();
    expect(world.points()).toBe(250);
    expect(world.notices()).toBe(1);
  });

  it('follows the ledger although Google never said that the link was used', async () => {
    await offer();
    await world.buy(10_000);
    await update();
    expect(world.points()).toBe(150);
    const pass = await getGooglePass(world.ledger, world.memberId);
    expect(pass).toMatchObject({ version: 3, state: 'offered' });
    expect(pass).not.toHaveProperty('unused');
  });

  it('follows the ledger, and costs Google nothing when it is up to date', async () => {
    await offer();
    await world.buy(10_000);
    await update();
    expect(world.points()).toBe(150);
    const before = await world.turns();
    await update();
    expect(await world.turns()).toBe(before);
  });

  it('says how long it was behind, from the first change that it had not, and of an offer nothing', async () => {
    await offer();
    expect(world.lags).toEqual([]);
    await world.buy(10_000);
    rig.now += 20_000;
    await world.buy(10_000);
    rig.now += 5_000;
    await updateAsTheQueueDoes();
    await update();
    expect(world.lags).toEqual([['CardLag', 25]]);
  });

  it.each<[string, Fault[]]>([
    ['that asks for patience', [{ status: 429, reason: 'rateLimitExceeded' }]],
    ['that fails', [{ status: 500, reason: 'backendError' }]],
    ['that fails for a while', Array(4).fill({ status: 503, reason: 'backendError' })],
    ['that closes the connection before the write', [{ close: 'before' }]],
    ['that closes the connection after the write', [{ close: 'after' }]],
    ['that closes it again and again', [{ close: 'after' }, { close: 'before' }, { close: 'after' }]],
    ['whose quota of notices is spent', [{ status: 403, reason: 'quotaExceeded' }]],
    [
      'that says that the object is gone, then that it is there',
      [
        { status: 404, reason: 'resourceNotFound' },
        { status: 409, reason: 'existingResource' },
      ],
    ],
  ])('has the newest version in the end, behind a Google %s', async (_, faults) => {
    await offer();
    await says('saved');
    await world.buy(10_000);
    for (const fault of faults) rig.google.fail(fault);
    await updateAsTheQueueDoes();
    expect(world.points()).toBe(150);
    expect(await getGooglePass(world.ledger, world.memberId)).toMatchObject({ version: 3, doubted: false });
  });

  it('has the newest version in the end although an older write lands last', async () => {
    await offer();
    await world.buy(10_000);
    // The first write is held on its way until the second, of a newer version, is through and noted.
    const send = globalThis.fetch;
    const held = Promise.withResolvers<void>();
    const isHeld = Promise.withResolvers<void>();
    let patches = 0;
    vi.spyOn(globalThis, 'fetch').mockImplementation(async (input, init) => {
      if (init?.method === 'PATCH' && ++patches === 1) {
        isHeld.resolve();
        await held.promise;
      }
      return send(input, init);
    });
    const deps = world.fresh();
    const older = update(deps);
    await isHeld.promise;
    await world.buy(20_000);
    await update(deps);
    expect(world.points()).toBe(350);
    held.resolve();
    await older;
    expect(patches).toBeGreaterThan(2);
    expect(world.points()).toBe(350);
  });

  it('is sent again when nobody knows what an unanswered write will do after a newer one', async () => {
    await offer();
    await world.buy(10_000);
    for (const close of ['before', 'before'] as const) rig.google.fail({ close });
    await expect(update()).rejects.toMatchObject({ reason: 'unknown' });
    expect(await getGooglePass(world.ledger, world.memberId)).toMatchObject({ doubted: true });
    await update();
    const before = await world.turns();
    await update();
    expect(await world.turns()).toBe(before);
  });

  it('that several links lead to, and two instances follow, is one object, of the newest version', async () => {
    await Promise.all([offer(), offer(), offer()]);
    await world.buy(10_000);
    await Promise.all([update(), update(world.fresh())]);
    expect(world.points()).toBe(150);
    expect(await getGooglePass(world.ledger, world.memberId)).toMatchObject({ version: 3 });
  });

  it('that was deleted is left alone until it is wanted again', async () => {
    await offer();
    await says('deleted');
    await world.buy(10_000);
    await update();
    expect(world.points()).toBe(50);
    await offer();
    expect(await getGooglePass(world.ledger, world.memberId)).toMatchObject({ state: 'offered', version: 2 });
    await says('saved');
    await update();
    expect(world.points()).toBe(150);
  });
});

describe('the object of somebody who has left', () => {
  /** What is left of a member: the account, closed, and nothing of the person. */
  async function leave() {
    const account = await getAccount(world.ledger, world.memberId);
    if (!account) throw new Error('There is no member.');
    const closed: Account = { ...account, version: account.version + 1, status: 'closed' };
    await world.ledger.store.transact([
      { put: toItem(keys.account(world.memberId), 'account', closed) },
      { delete: keys.profile(world.memberId) },
    ]);
  }

  it.each(['saved', 'deleted'] as const)('is expired and names nobody, had they %s it', async (state) => {
    await changeProfile(world.ledger, world.program(), world.memberId, { name: 'Ana Lopes' }, rig.now);
    await offer();
    expect(rig.google.object(world.objectId)).toMatchObject({ accountName: 'Ana Lopes', state: 'ACTIVE' });
    await says(state);
    await leave();
    await update();
    const object = rig.google.object(world.objectId);
    expect(object).toMatchObject({ state: 'EXPIRED' });
    expect(object).not.toHaveProperty('accountName');
    const before = await world.turns();
    await update();
    expect(await world.turns()).toBe(before);
  });
});

describe('the class', () => {
  const nameAtGoogle = () => rig.outside.get('loyaltyClass', world.classId)?.['programName'];

  it('is there before the first link is given out, and a link waits for no newer one', async () => {
    await world.link(world.deps);
    expect(nameAtGoogle()).toBe(world.program().name);
    world.change({ name: 'Maison Nouvelle' });
    const before = await world.turns();
    await world.link(world.fresh());
    expect(await world.turns()).toBe(before);
  });

  it('is written once, however many instances there are', async () => {
    await offer();
    const before = await world.turns();
    for (let instance = 0; instance < 5; instance++) {
      await world.buy(100);
      await update(world.fresh());
    }
    expect((await world.turns()) - before).toBe(5);
  });

  it('follows the programme', async () => {
    await offer();
    const colours = { background: '#f4ece1', foreground: '#3a2a1e', label: '#8a4b2a' };
    world.change({ name: 'Maison Nouvelle', card: { colours } });
    await world.buy(100);
    await update(world.fresh());
    expect(nameAtGoogle()).toBe('Maison Nouvelle');
    expect(rig.outside.get('loyaltyClass', world.classId)?.['hexBackgroundColor']).toBe('#f4ece1');
  });

  it('is written anew where Google does not have it', async () => {
    await offer();
    await says('saved');
    rig.outside.remove('loyaltyClass', world.classId);
    rig.outside.remove('loyaltyObject', world.objectId);
    await world.buy(10_000);
    await update(world.fresh());
    expect(nameAtGoogle()).toBe(world.program().name);
    expect(world.points()).toBe(150);
  });
});

describe('a notice', () => {
  it('is worth points gained and another tier, and nothing of our own housekeeping', () => {
    const types = ['earned', 'bonus', 'tier_reviewed'] as const;
    expect(types.map((type) => isWorthANotice({ type }))).toEqual([true, true, true]);
    const others = [
      'activated',
      'expired',
      'expiry_noticed',
      'profile_changed',
      'clawed_back',
      'enrolled',
    ] as const;
    for (const type of others) expect(isWorthANotice({ type }), type).toBe(false);
    const tier = { id: 'intime', validUntil: null, steps: [] };
    expect(isWorthANotice({ type: 'clawed_back', tier })).toBe(true);
  });

  it('is not spent on the link or a change of the profile', async () => {
    await offer();
    await changeProfile(world.ledger, world.program(), world.memberId, { name: 'Ana' }, rig.now);
    await update();
    expect(world.notices()).toBe(0);
  });

  it('is asked for three times in 24 hours, and then no more until a day has passed', async () => {
    await offer();
    const requests: number[] = [];
    for (let purchase = 0; purchase < 6; purchase++) {
      rig.now += hour;
      await world.buy(100);
      const before = await world.turns();
      await update();
      requests.push((await world.turns()) - before);
    }
    expect(world.notices()).toBe(3);
    // One request each: the quota is counted here, instead of having Google refuse.
    expect(requests).toEqual([1, 1, 1, 1, 1, 1]);
    rig.now += 24 * hour;
    await world.buy(100);
    await update();
    expect(rig.outside.get('notices', world.objectId)).toContain(rig.now);
    expect(world.points()).toBe(57);
  });

  it('is told of an update by anything it brings, not by its newest entry alone', async () => {
    await offer();
    await world.buy(100);
    await changeProfile(world.ledger, world.program(), world.memberId, { name: 'Ana' }, rig.now);
    await update();
    expect(world.notices()).toBe(1);
  });

  it('is not lost when points become available in the same update as others are earned', async () => {
    world.change({ channels: { ...world.program().channels, store: { multiplier: '1', pendingDays: 1 } } });
    await offer();
    await world.buy(10_000);
    await update();
    expect(world.notices()).toBe(1);
    rig.now += 48 * hour;
    // What time has made true is written down with the next purchase: two entries, of which one is worth it.
    await world.buy(10_000);
    expect((await listEntries(world.ledger, world.memberId, { limit: 2 })).map(({ type }) => type)).toEqual([
      'earned',
      'activated',
    ]);
    await update();
    expect(rig.outside.get('notices', world.objectId)).toContain(rig.now);
  });
});
