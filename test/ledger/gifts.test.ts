/** Vouchers that the programme gives for joining and a complete profile: there at once, and once for one person. */
import { describe, expect, it } from 'vitest';
import { balanceOf } from '../../core/account.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { createMemoryErasureList } from '../../ledger/erasure/list.ts';
import {
  cardToken,
  changeProfile,
  confirmContact,
  enrol,
  eraseMember,
  findVoucher,
  getAccount,
  getMember,
  joinPublicly,
  listVouchers,
  mergeMembers,
  newConfirmation,
  unmergeMembers,
  usableVouchers,
  useVoucher,
  verifyLedger,
} from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { putInForce } from '../support/histories.ts';
import { defaultProgram, noon, testContext } from '../support/world.ts';

const program = defaultProgram({
  bonuses: { welcome: { points: 50, reward: 'free-coffee' }, profile: { reward: 'five-euros' } },
});

async function newLedger(): Promise<LedgerContext> {
  const ledger = testContext(createMemoryStore());
  await putInForce(ledger, program);
  return ledger;
}

async function join(ledger: LedgerContext, wanted: object = {}): Promise<MemberId> {
  const outcome = await enrol(ledger, program, wanted, noon);
  if (outcome.type !== 'enrolled') throw new Error('The member exists already.');
  return outcome.member.account.memberId;
}

async function gifts(ledger: LedgerContext, memberId: MemberId): Promise<string[]> {
  const account = await getAccount(ledger, memberId);
  return account ? (await usableVouchers(ledger, account, noon)).map(({ rewardId }) => rewardId) : [];
}

async function points(ledger: LedgerContext, memberId: MemberId): Promise<number | undefined> {
  const account = await getAccount(ledger, memberId);
  return account && balanceOf(account).available;
}

async function use(ledger: LedgerContext, memberId: MemberId) {
  const [first] = await listVouchers(ledger, memberId, { limit: 1 });
  const voucher = await findVoucher(ledger, first?.code ?? '');
  if (!voucher) throw new Error('There is no voucher.');
  const wanted = { voucher, channel: 'store' as const, purchaseId: null, amountMinor: 500, paused: false };
  const answer = ({ type }: { type: string }) => ({ status: 200, body: type });
  const used = await useVoucher(ledger, program, wanted, { once: undefined, answer }, noon);
  return used.type === 'answered' ? used.answer.body : undefined;
}

async function differences(ledger: LedgerContext) {
  return (await verifyLedger(ledger, { hasTime: () => true, differencesMax: 100 })).differences;
}

describe('a gift for joining', () => {
  it('is there with the enrolment, as a voucher like any other', async () => {
    const ledger = await newLedger();
    const memberId = await join(ledger, { email: 'ada@example.com' });
    expect(await gifts(ledger, memberId)).toEqual(['free-coffee']);
    expect(await points(ledger, memberId)).toBe(50);
    expect(await use(ledger, memberId)).toBe('done');
    expect(await gifts(ledger, memberId)).toEqual([]);
    expect(await differences(ledger)).toEqual([]);
  });

  it('of who joined by the public page can be used once the contact is confirmed', async () => {
    const ledger = await newLedger();
    const { account, profile } = await joinPublicly(ledger, program, { email: 'ada@example.com' }, noon);
    const { memberId } = account;
    expect(await gifts(ledger, memberId)).toEqual(['free-coffee']);
    expect(await use(ledger, memberId)).toBe('unconfirmed');
    const contact = { kind: 'email' as const, value: 'ada@example.com' };
    const code = await newConfirmation(ledger, memberId, contact, profile, 'first', noon);
    await confirmContact(
      ledger,
      program,
      { token: cardToken(ledger, memberId), code, keepsCard: true },
      async () => false,
      noon,
    );
    expect(await use(ledger, memberId)).toBe('done');
  });

  it('goes with who leaves', async () => {
    const ledger = await newLedger();
    const memberId = await join(ledger, { email: 'ada@example.com' });
    const [{ code } = { code: null }] = await listVouchers(ledger, memberId, { limit: 1 });
    const request = { memberId, operator: { keyId: 'key_test', name: 'Tess' }, reason: null };
    await eraseMember(ledger, createMemoryErasureList(), program, request, noon, () => true);
    expect(await findVoucher(ledger, code ?? '')).toBe(undefined);
  });
});

it('a gift for a complete profile comes once', async () => {
  const ledger = await newLedger();
  const memberId = await join(ledger, { email: 'ada@example.com', name: 'Ada', birthday: '1990-05-05' });
  await changeProfile(ledger, program, memberId, { consents: { email: true } }, noon);
  expect((await gifts(ledger, memberId)).sort()).toEqual(['five-euros', 'free-coffee']);
  await changeProfile(ledger, program, memberId, { birthday: null }, noon);
  await changeProfile(ledger, program, memberId, { birthday: '1990-05-05' }, noon);
  expect((await gifts(ledger, memberId)).sort()).toEqual(['five-euros', 'free-coffee']);
  expect(await differences(ledger)).toEqual([]);
});

describe('of two who prove to be one person', () => {
  async function both() {
    const ledger = await newLedger();
    const into = await join(ledger, { email: 'ada@example.com' });
    const from = await join(ledger, { phone: '+33612345678' });
    return { ledger, into, from };
  }

  it.each([
    ['neither was used', [], ['free-coffee']],
    ['theirs was used who stays', ['into'], []],
    ['theirs was used who joined again', ['from'], ['free-coffee']],
  ] as const)('the gift is left once, where %s', async (_when, used, left) => {
    const { ledger, into, from } = await both();
    for (const one of used) expect(await use(ledger, one === 'into' ? into : from)).toBe('done');
    const request = { into, from, leads: false };
    expect((await mergeMembers(ledger, program, request, noon)).type).toBe('done');
    expect(await gifts(ledger, into)).toEqual(left);
    expect(await points(ledger, into)).toBe(50);
    const all = await listVouchers(ledger, into, { limit: 9 });
    const status = used.includes('from' as never) ? 'used' : 'revoked';
    expect(all.find(({ memberId }) => memberId === from)).toMatchObject({ status });
    expect(await differences(ledger)).toEqual([]);
  });

  it('a right that was used already is theirs who used it, and stays', async () => {
    const ledger = await newLedger();
    const right = defaultProgram({ bonuses: { welcome: { reward: 'member-price' } } });
    const memberIds: MemberId[] = [];
    for (const wanted of [{ email: 'ada@example.com' }, { phone: '+33612345678' }]) {
      const outcome = await enrol(ledger, right, wanted, noon);
      if (outcome.type === 'enrolled') memberIds.push(outcome.member.account.memberId);
    }
    const [into, from] = memberIds as [MemberId, MemberId];
    expect(await use(ledger, from)).toBe('done');
    await mergeMembers(ledger, right, { into, from, leads: false }, noon);
    expect(await gifts(ledger, into)).toEqual(['member-price', 'member-price']);
    expect(await differences(ledger)).toEqual([]);
  });

  it('each has theirs again once they are parted, as often as they are merged', async () => {
    const { ledger, into, from } = await both();
    const before = [await points(ledger, into), await points(ledger, from)];
    const [own] = await listVouchers(ledger, from, { limit: 1 });
    for (let time = 0; time < 3; time++) {
      await mergeMembers(ledger, program, { into, from }, noon);
      expect(await gifts(ledger, into)).toEqual(['free-coffee']);
      expect(await points(ledger, into)).toBe(50);
      await unmergeMembers(ledger, program, { into, from }, noon);
      expect([await gifts(ledger, into), await gifts(ledger, from)]).toEqual([
        ['free-coffee'],
        ['free-coffee'],
      ]);
      expect([await points(ledger, into), await points(ledger, from)]).toEqual(before);
    }
    const [again] = await listVouchers(ledger, from, { limit: 1 });
    expect(again).toMatchObject({ status: 'issued', expiresAt: own?.expiresAt, usesMax: own?.usesMax });
    expect(again?.code).toBeTypeOf('string');
    expect((await getMember(ledger, from))?.account.memberId).toBe(from);
    expect(await differences(ledger)).toEqual([]);
  });

  it('it is left once also where whom they are merged into had theirs as somebody else', async () => {
    const { ledger, into, from } = await both();
    const bare = defaultProgram({ bonuses: {} });
    const outcome = await enrol(ledger, bare, { email: 'ada@work.example.com' }, noon);
    if (outcome.type !== 'enrolled') throw new Error('They are new.');
    const between = outcome.member.account.memberId;
    await mergeMembers(ledger, program, { into: between, from }, noon);
    expect(await points(ledger, between)).toBe(50);
    await mergeMembers(ledger, program, { into, from: between }, noon);
    expect(await points(ledger, into)).toBe(50);
    expect(await gifts(ledger, into)).toEqual(['free-coffee']);
    expect(await differences(ledger)).toEqual([]);
  });
});
