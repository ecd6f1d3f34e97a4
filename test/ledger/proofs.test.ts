/** What follows once a contact is known to be a member's: guests' purchases by it, and the referrals that waited. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { MemberId } from '../../core/contract/ids.ts';
import {
  enrol,
  getAccount,
  getMember,
  getPurchase,
  getReferral,
  recordPurchase,
  referralCode,
  settleReferral,
  takeStep,
} from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { type ContactProof, keys, type Profile, toItem } from '../../ledger/store/items.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { followProof } from '../../ledger/walks/proofs.ts';
import { putInForce } from '../support/histories.ts';
import { ledgerWalks, runNight } from '../support/night.ts';
import { aPurchase, defaultProgram, noon, testContext } from '../support/world.ts';

const program = defaultProgram();
let ledger: LedgerContext;

beforeEach(async () => {
  ledger = testContext(createMemoryStore());
  await putInForce(ledger, program);
});

async function join(wanted: Parameters<typeof enrol>[2]): Promise<MemberId> {
  const outcome = await enrol(ledger, program, wanted, noon);
  if (outcome.type !== 'enrolled') throw new Error('The member exists already.');
  return outcome.member.account.memberId;
}

/** Makes somebody one who joined by the public page, and whose e-mail is so known. */
async function known(memberId: MemberId, status: ContactProof['status']): Promise<void> {
  const profile = (await getMember(ledger, memberId))?.profile;
  if (!profile) throw new Error('The member is there.');
  const email = { status, at: new Date(noon).toISOString(), held: true };
  const after: Profile = { ...profile, joined: 'public', proofs: { email } };
  await ledger.store.transact([{ put: toItem(keys.profile(memberId), 'profile', after) }]);
}

const follow = (memberId: MemberId) =>
  followProof(
    { context: ledger, program, now: noon, hasTime: () => true },
    memberId,
    keys.dueProof('2026-11-22', memberId),
  );

describe('who is known by a contact', () => {
  it('is given what was bought by it, however it was spelled, and nothing else', async () => {
    const guests = [{ email: 'Mia@Example.com' }, { email: 'mia@example.com' }, { email: 'max@example.com' }];
    const bought = guests.map((member) => aPurchase([1000], { member }));
    for (const purchase of bought) await recordPurchase(ledger, program, purchase, noon);
    const memberId = await join({ email: 'mia@example.com' });
    const before = (await getAccount(ledger, memberId))?.lifetime.earned ?? 0;
    await runNight(ledger, program, noon);
    const owners = await Promise.all(bought.map(async ({ id }) => (await getPurchase(ledger, id))?.memberId));
    expect(owners).toEqual([memberId, memberId, null]);
    expect(((await getAccount(ledger, memberId))?.lifetime.earned ?? 0) - before).toBeGreaterThanOrEqual(20);
    expect(await follow(memberId)).toMatchObject({ counted: { claimed: 0 } });
  });

  it('is given it at once where they join with it, and no referral is looked for, since none can wait', async () => {
    const asked: string[] = [];
    const { store } = ledger;
    const get: typeof store.get = (key) => {
      asked.push(key.sk);
      return store.get(key);
    };
    const purchase = aPurchase([1000], { member: { email: 'mia@example.com' } });
    await recordPurchase(ledger, program, purchase, noon);
    const joined = await enrol(ledger, program, { email: 'mia@example.com' }, noon);
    if (joined.type !== 'enrolled') throw new Error('The member exists already.');
    const means = {
      context: { ...ledger, store: { ...store, get } },
      program,
      now: noon,
      hasTime: () => true,
    };
    for (const position of joined.due) await takeStep(ledgerWalks, means, { walk: 'due', position });
    expect((await getPurchase(ledger, purchase.id))?.memberId).toBe(joined.member.account.memberId);
    expect(asked.slice(0, 3)).toEqual(['ACCOUNT', 'PROFILE', expect.stringMatching(/^exc_/)]);
  });

  it('is not given it before the contact is confirmed', async () => {
    const purchase = aPurchase([1000], { member: { email: 'mia@example.com' } });
    await recordPurchase(ledger, program, purchase, noon);
    const memberId = await join({ email: 'mia@example.com' });
    for (const [status, owner] of [
      ['unconfirmed', null],
      ['confirmed', memberId],
    ] as const) {
      await known(memberId, status);
      await follow(memberId);
      expect((await getPurchase(ledger, purchase.id))?.memberId).toBe(owner);
    }
  });

  it('takes as many purchases as a step may, and is gone on with', async () => {
    for (let made = 0; made < 25; made++)
      await recordPurchase(ledger, program, aPurchase([100], { member: { email: 'mia@example.com' } }), noon);
    const memberId = await join({ email: 'mia@example.com' });
    expect(await follow(memberId)).toEqual({ counted: { claimed: 20 }, isOpen: true });
    expect(await follow(memberId)).toEqual({ counted: { members: 1, claimed: 5 } });
  });

  it('was brought by whose code they typed when joining, where it is anybody’s but their own', async () => {
    const referrer = await join({ email: 'ann@example.com' });
    /** Somebody who typed it on the public page, where nobody has looked it up. */
    const typed = async (
      code: string | null,
      joined: Partial<Pick<Profile, 'joined'>> = { joined: 'public' },
    ) => {
      const memberId = await join({});
      const own = code === 'own' ? referralCode(ledger, memberId) : code;
      const { profile } = (await getMember(ledger, memberId)) ?? {};
      const put = toItem(keys.profile(memberId), 'profile', {
        ...(profile as Profile),
        ...joined,
        referralCode: own,
      });
      await ledger.store.transact([{ put }]);
      const before = await getAccount(ledger, memberId);
      expect(await follow(memberId)).toEqual({ counted: { members: 1, claimed: 0 } });
      const after = await getAccount(ledger, memberId);
      const listens = (account: typeof after) => account?.listeners?.includes('referrals') ?? false;
      return {
        memberId,
        referral: await getReferral(ledger, memberId),
        listens: [listens(before), listens(after)],
      };
    };
    const code = referralCode(ledger, referrer);
    const { memberId, referral, listens } = await typed(code);
    expect(referral).toMatchObject({ referrerId: referrer, status: 'waiting', revision: 1 });
    expect(listens).toEqual([false, true]);
    // Done again it is the same, whatever was typed.
    await follow(memberId);
    expect(await getReferral(ledger, memberId)).toEqual(referral);
    for (const none of ['own', 'ZZZZZZZZ', null])
      expect(await typed(none)).toMatchObject({ referral: undefined, listens: [false, false] });
    // What whoever sells has looked up already is not looked up again.
    expect(await typed(code, {})).toMatchObject({ referral: undefined });
  });

  it('is paid for whom they have brought, as is whom they brought', async () => {
    const referrer = await join({ email: 'ann@example.com' });
    const newcomer = await join({ referralCode: referralCode(ledger, referrer) });
    await known(referrer, 'unconfirmed');
    await recordPurchase(ledger, program, aPurchase([3000], { member: { memberId: newcomer } }), noon);
    await settleReferral(ledger, program, newcomer, noon);
    await follow(referrer);
    expect(await getReferral(ledger, newcomer)).toMatchObject({ status: 'waiting' });
    await known(referrer, 'confirmed');
    await follow(referrer);
    expect(await getReferral(ledger, newcomer)).toMatchObject({ status: 'paid' });
  });
});
