/**
 * Nobody is told who does not listen, and nobody misses what was written since they began to: over thousands of
 * orders in which purchases, phones and links come and go.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { withoutListeners } from '../../core/account.ts';
import type { Listener } from '../../core/contract/events.ts';
import { replay } from '../../core/replay.ts';
import {
  enrol,
  getAccount,
  getReferral,
  listEntries,
  offerGoogle,
  offerSamsung,
  recordPurchase,
  referralCode,
  registerDevice,
  registrationsOf,
  settleReferral,
  unregisterDevice,
  verifyLedger,
} from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { heardBy, keys, toItem } from '../../ledger/store/items.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import type { Store } from '../../ledger/store/store.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { aPurchase, defaultProgram, noon, runs, sha256, testContext } from '../support/world.ts';

const program = defaultProgram();
type Id = Awaited<ReturnType<typeof newMember>>;

/** A ledger each step of whose store is given to a scheduler. */
function scheduled(store: Store, scheduler: fc.Scheduler): LedgerContext {
  const step = async <T>(what: () => Promise<T>): Promise<T> => {
    await scheduler.schedule(Promise.resolve());
    return what();
  };
  const context = testContext({
    ...store,
    get: (key) => step(() => store.get(key)),
    query: (pk, range) => step(() => store.query(pk, range)),
    transact: (writes) => step(() => store.transact(writes)),
  });
  return { ...context, sleep: () => step(async () => undefined) };
}

async function heard(ledger: LedgerContext, memberId: Id, sequence: number) {
  const item = await ledger.store.get(keys.entry(memberId, sequence));
  return item && heardBy(item);
}

const versionOf = async (ledger: LedgerContext, memberId: Id) =>
  (await getAccount(ledger, memberId))?.version ?? 0;

type Act = 'register' | 'unregister';
const acts = fc.array(fc.constantFrom<Act>('register', 'unregister'), { minLength: 1, maxLength: 4 });
const history = fc.record({
  phones: fc.array(acts, { minLength: 1, maxLength: 3 }),
  purchases: fc.integer({ min: 1, max: 4 }),
  google: fc.boolean(),
  samsung: fc.boolean(),
});

describe('whoever begins to listen', () => {
  it('hears of every entry since, and nobody of any while no phone has the card', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), history, async (scheduler, { phones, purchases, google, samsung }) => {
        const calm = testContext(createMemoryStore());
        const memberId = await newMember(calm, program);
        const ledger = scheduled(calm.store, scheduler);
        /** By listener, and of phones by device, the version that they were brought to when they began. */
        const began = new Map<string, { listener: Listener; version: number }>();
        const begin = async (name: string, listener: Listener) =>
          void began.set(name, { listener, version: await versionOf(ledger, memberId) });
        const use = async (device: string, wanted: readonly Act[]) => {
          for (const act of wanted) {
            if (act === 'unregister') {
              await unregisterDevice(ledger, memberId, device);
              began.delete(device);
              continue;
            }
            const registration = { memberId, device, passType: 'pass', pushToken: device };
            const outcome = await registerDevice(ledger, registration, 1, noon);
            if (outcome === 'created') await begin(device, 'apple-push');
          }
        };
        await scheduler.waitFor(
          Promise.all([
            ...phones.map((wanted, index) => use(`phone-${index}`, wanted)),
            ...Array.from({ length: purchases }, () =>
              recordPurchase(ledger, program, aPurchase([1000], { member: { memberId } }), noon),
            ),
            google &&
              offerGoogle(ledger, { memberId, objectId: 'o', version: 2, isWhole: true }, noon).then(() =>
                begin('google', 'google-update'),
              ),
            samsung &&
              offerSamsung(ledger, memberId, 2, 'FR', noon).then(() => begin('samsung', 'samsung-update')),
          ]),
        );
        const account = await getAccount(calm, memberId);
        if (!account) throw new Error('The member is gone.');
        const registered = await registrationsOf(calm, memberId);
        expect(account.version).toBe(2 + purchases);
        expect(account.listeners?.toSorted()).toEqual([
          ...(registered.length > 0 ? ['apple-push'] : []),
          ...(google ? ['google-update'] : []),
          ...(samsung ? ['samsung-update'] : []),
        ]);
        for (const { listener, version } of began.values())
          for (let sequence = version + 1; sequence <= account.version; sequence++)
            expect(await heard(calm, memberId, sequence), `entry ${sequence}`).toContain(listener);
        const entries = await listEntries(calm, memberId, { limit: 100 });
        expect(replay(memberId, entries.reverse(), sha256)).toEqual(withoutListeners(account));
      }),
      runs(1500),
    );
  }, 240_000);
});

describe('who listens', () => {
  async function world() {
    const ledger = testContext(createMemoryStore());
    await putInForce(ledger, program);
    return { ledger, memberId: await newMember(ledger, program) };
  }
  const buy = (ledger: LedgerContext, memberId: Id, amountMinor = 1000) =>
    recordPurchase(ledger, program, aPurchase([amountMinor], { member: { memberId } }), noon);

  it('is nobody of a new member', async () => {
    const { ledger, memberId } = await world();
    await buy(ledger, memberId);
    for (const sequence of [1, 2, 3]) expect(await heard(ledger, memberId, sequence)).toEqual([]);
  });

  it('is no difference to what entries add up to, nor part of what their hashes cover', async () => {
    const { ledger, memberId } = await world();
    await offerSamsung(ledger, memberId, 2, 'FR', noon);
    await buy(ledger, memberId);
    expect(await heard(ledger, memberId, 3)).toEqual(['samsung-update']);
    const verified = await verifyLedger(ledger, { hasTime: () => true, differencesMax: 10 });
    expect(verified).toMatchObject({ members: 1, differences: [] });
  });

  it('is not known of an account of before: everybody hears of it, as they did, whoever begins to listen', async () => {
    const { ledger, memberId } = await world();
    const account = await getAccount(ledger, memberId);
    if (!account) throw new Error('The member is gone.');
    const before = toItem(keys.account(memberId), 'account', withoutListeners(account));
    await ledger.store.transact([{ put: before }]);
    await buy(ledger, memberId);
    await offerSamsung(ledger, memberId, 3, 'FR', noon);
    await registerDevice(ledger, { memberId, device: 'd', passType: 'pass', pushToken: 't' }, 3, noon);
    await unregisterDevice(ledger, memberId, 'd');
    await buy(ledger, memberId);
    for (const sequence of [3, 4]) expect(await heard(ledger, memberId, sequence)).toBeUndefined();
    expect(await getAccount(ledger, memberId)).not.toHaveProperty('listeners');
  });

  it('is the referral of a newcomer while it can be paid or taken back, and not of one that is refused', async () => {
    const { ledger, memberId } = await world();
    const brought = async (email: string) => {
      const wanted = { email, referralCode: referralCode(ledger, memberId) };
      const outcome = await enrol(ledger, program, wanted, noon);
      if (outcome.type !== 'enrolled') throw new Error(outcome.type);
      return outcome.member.account.memberId;
    };
    const minimum = Number(program.bonuses.referral?.minimumMinor);
    const newcomer = await brought('newcomer@example.com');
    await buy(ledger, newcomer, minimum);
    expect((await getAccount(ledger, newcomer))?.listeners).toEqual(['referrals']);
    const settle = (id: Id) => settleReferral(ledger, program, id, noon + 60 * 86_400_000);
    await settle(newcomer);
    expect((await getReferral(ledger, newcomer))?.status).toBe('paid');
    expect((await getAccount(ledger, newcomer))?.listeners).toEqual(['referrals']);

    const perMonth = program.bonuses.referral?.perMonth ?? 0;
    for (let paid = 1; paid <= perMonth; paid++) {
      const another = await brought(`another${paid}@example.com`);
      await buy(ledger, another, minimum);
      await settle(another);
      const status = (await getReferral(ledger, another))?.status;
      expect(status).toBe(paid < perMonth ? 'paid' : 'refused');
      expect((await getAccount(ledger, another))?.listeners).toEqual(paid < perMonth ? ['referrals'] : []);
    }
  });
});
