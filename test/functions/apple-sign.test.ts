/** A version is signed once, and what a pass says follows from its version. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { MemberId } from '../../core/contract/ids.ts';
import { loadApple } from '../../functions/wallets/apple.ts';
import { signPass } from '../../functions/wallets/apple-sign.ts';
import { changeProfile, getMember, recordPurchase } from '../../ledger/ledger.ts';
import { fieldsByKey, passJson } from '../passes/apple/read.ts';
import { look } from '../passes/views.ts';
import { aPurchase, defaultProgram, noon } from '../support/world.ts';
import { type AppleWorld, openAppleWorld } from './apple-world.ts';

let apple: AppleWorld;
let memberId: MemberId;
beforeAll(async () => {
  apple = await openAppleWorld();
});
afterAll(() => apple.close());
beforeEach(async () => {
  apple.world.program = defaultProgram();
  memberId = await apple.newMember();
});

/** The pass as it is asked for now; another signing time would give other bytes. */
async function sign(of = memberId): Promise<Buffer> {
  apple.world.at += 1000;
  const member = await getMember(apple.deps.ledger, of);
  if (!member) throw new Error('The member is gone.');
  const { credentials } = await loadApple(apple.deps);
  return signPass(apple.deps, credentials, apple.world.program, member);
}

const noticeOf = (pass: Buffer) => fieldsByKey(passJson(pass)).get('points')?.['changeMessage'];

describe('a pass', () => {
  it('is signed once for a version, also for two who ask at the same time', async () => {
    const [one, two] = await Promise.all([sign(), sign()]);
    expect(two).toBe(one);
    expect(await sign()).toBe(one);
  });

  it.each([
    ['points', () => apple.buy(memberId)],
    ['name', () => changeProfile(apple.deps.ledger, apple.world.program, memberId, { name: 'B' }, noon)],
    [
      'language',
      () => changeProfile(apple.deps.ledger, apple.world.program, memberId, { locale: 'de' }, noon),
    ],
    [
      'programme',
      async () => {
        apple.world.program = { ...apple.world.program, version: 2, name: 'Other' };
      },
    ],
    [
      'credentials',
      async () => {
        apple.world.secret = { ...(apple.world.secret as object), organizationName: 'Other' };
      },
    ],
  ])('is signed again after a change of the %s', async (_what, act) => {
    const before = await sign();
    await act();
    const after = await sign();
    expect(passJson(after)).not.toEqual(passJson(before));
    expect(await sign()).toBe(after);
  });

  it('is signed again for a reader who met a newer name or language beside the old account', async () => {
    const before = await sign();
    const member = await getMember(apple.deps.ledger, memberId);
    const { credentials } = await loadApple(apple.deps);
    if (!member) throw new Error('The member is gone.');
    for (const newer of [{ name: 'B' }, { locale: 'de' }]) {
      const torn = { ...member, profile: { ...member.profile, ...newer } };
      const pass = await signPass(apple.deps, credentials, apple.world.program, torn);
      expect(passJson(pass)).not.toEqual(passJson(before));
    }
  });

  it('is forgotten when many others were asked for since, and only then', async () => {
    const first = await sign();
    for (let other = 0; other < 63; other++) await sign(await apple.newMember());
    expect(await sign()).toBe(first);
    for (let other = 0; other < 64; other++) await sign(await apple.newMember());
    const again = await sign();
    expect(again).not.toBe(first);
    expect(passJson(again)).toEqual(passJson(first));
  });

  it('is not remembered as failed: the next who asks gets it', async () => {
    const member = await getMember(apple.deps.ledger, memberId);
    if (!member) throw new Error('The member is gone.');
    const { credentials } = await loadApple(apple.deps);
    const failing = apple.spyOn('get').mockRejectedValueOnce(new Error('lost'));
    await expect(signPass(apple.deps, credentials, apple.world.program, member)).rejects.toThrow('lost');
    failing.mockRestore();
    expect(passJson(await sign())).toMatchObject({ serialNumber: memberId });
  });
});

describe('what a pass says of its newest change', () => {
  it('is the purchase, with the name of the store where the programme lists it', async () => {
    await recordPurchase(apple.deps.ledger, apple.world.program, inStore('paris-01'), noon);
    expect(noticeOf(await sign())).toBe('+1 point, %@ now');
    apple.world.program = { ...defaultProgram({ card: { stores: [...look.stores] } }), version: 3 };
    expect(noticeOf(await sign())).toBe('Paris Marais: +1 point, %@ now');
    await recordPurchase(apple.deps.ledger, apple.world.program, inStore('nowhere'), noon);
    expect(noticeOf(await sign())).toBe('+1 point, %@ now');
  });

  it('is nothing after a change of the profile', async () => {
    await apple.buy(memberId);
    await changeProfile(apple.deps.ledger, apple.world.program, memberId, { locale: 'fr' }, noon);
    expect(noticeOf(await sign())).toBeUndefined();
  });

  it('costs one read of the ledger, two with stores, and none for a version at hand', async () => {
    await recordPurchase(apple.deps.ledger, apple.world.program, inStore('paris-01'), noon);
    const reads = apple.spyOn('get');
    const readsOf = async () => {
      const before = reads.mock.calls.length;
      await sign();
      // The member's account and profile are the caller's.
      return reads.mock.calls.length - before - 2;
    };
    // A pass that is built is asked for the member's vouchers, too.
    expect([await readsOf(), await readsOf()]).toEqual([1 + 1, 0]);
    apple.world.program = { ...defaultProgram({ card: { stores: [...look.stores] } }), version: 4 };
    expect([await readsOf(), await readsOf()]).toEqual([2 + 1, 0]);
    reads.mockRestore();
  });
});

function inStore(store: string) {
  return aPurchase([100], { member: { memberId }, store });
}
