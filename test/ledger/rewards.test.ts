/** A quote offers exactly what can be redeemed that very moment; and what is held once a contact was replaced. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { balanceOf } from '../../core/account.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { type Program, type ProgramDocument, programDocument } from '../../core/program.ts';
import { holdsMax } from '../../core/redemptions.ts';
import { defaultSecurity } from '../../core/security.ts';
import {
  addToProfile,
  cardToken,
  changeProfile,
  confirmContact,
  contactsOf,
  createRedemption,
  enrol,
  getAccount,
  getMember,
  liftContactHold,
  listAudit,
  listExceptions,
  type Merge,
  mergeMembers,
  newConfirmation,
  quotePurchase,
  type Redeemed,
  recordPurchase,
} from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { putInForce } from '../support/histories.ts';
import { someTiers } from '../support/programmes.ts';
import { redeemed } from '../support/spending.ts';
import { aPurchase, defaultProgram, noon, runs, testContext } from '../support/world.ts';

const minute = 60_000;
const day = 1440 * minute;

async function enrolled(context: LedgerContext, program: Program, email: string): Promise<MemberId> {
  const outcome = await enrol(context, program, { email }, noon);
  if (outcome.type !== 'enrolled') throw new Error('The member exists already.');
  return outcome.member.account.memberId;
}

async function earn(context: LedgerContext, program: Program, memberId: MemberId, euros: number, now = noon) {
  const purchase = aPurchase([euros * 100], { member: { memberId }, occurredAt: utc(now) });
  await recordPurchase(context, program, purchase, now);
}

const availableOf = async (context: LedgerContext, memberId: MemberId) => {
  const account = await getAccount(context, memberId);
  return account ? balanceOf(account).available : 0;
};

describe('a quote', () => {
  const maybe = <T>(one: fc.Arbitrary<T>) => fc.option(one, { nil: undefined });
  const instants = [noon - 2 * day, noon, noon + 3 * day, noon + 400 * day];
  const instant = fc.constantFrom(...instants).map(utc);
  const rewardsOf = (tiers: ProgramDocument['tiers']) =>
    fc.array(
      fc.record({
        points: fc.constantFrom(0, 1, 50, 100, 400),
        type: fc.constantFrom('donation' as const, 'experience' as const),
        tier: maybe(fc.constantFrom(...tiers.map(({ id }) => id))),
        limit: maybe(fc.integer({ min: 1, max: 3 })),
        limitPerMember: maybe(fc.integer({ min: 1, max: 2 })),
        from: maybe(instant),
        to: maybe(instant),
      }),
      { minLength: 1, maxLength: 6 },
    );
  const rules = someTiers.chain((tiers) =>
    fc.record({ tiers: fc.constant(tiers), rewards: rewardsOf(tiers), keeps: fc.constantFrom(0, 50, 100) }),
  );
  const act = fc.oneof(
    { weight: 3, arbitrary: fc.record({ earn: fc.integer({ min: 1, max: 900 }), who: fc.nat(1) }) },
    { weight: 6, arbitrary: fc.record({ redeem: fc.nat(5), who: fc.nat(1), isHeld: fc.boolean() }) },
    { weight: 1, arbitrary: fc.record({ email: fc.nat(5), who: fc.nat(1) }) },
    { weight: 2, arbitrary: fc.constantFrom(...instants, noon + 20 * minute).map((at) => ({ at })) },
    { weight: 1, arbitrary: fc.boolean().map((paused) => ({ paused })) },
    { weight: 1, arbitrary: fc.record({ fill: fc.nat(1) }) },
  );

  function programOf(given: {
    tiers: ProgramDocument['tiers'];
    rewards: readonly { from?: string | undefined; to?: string | undefined }[];
    keeps: number;
  }): Program {
    const rewards = given.rewards.map(({ from, to, ...rest }, at) => ({
      ...rest,
      ...(from !== undefined && to !== undefined && from >= to ? { from } : { from, to }),
      id: `r${at}`,
      name: `R${at}`,
    }));
    const { version, ...document } = defaultProgram({ bonuses: {}, stamps: [], campaigns: [] });
    const security = { contactChangeHoldMinutes: 60, contactChangeKeepPercent: given.keeps };
    const parsed = programDocument.parse({
      ...document,
      tiers: given.tiers,
      security,
      rewards: [...rewards, { id: 'fill', name: 'Fill', type: 'experience', points: 0 }],
    });
    return { ...parsed, version };
  }

  it('offers a reward if and only if redeeming it at that moment would succeed', async () => {
    await fc.assert(
      fc.asyncProperty(rules, fc.array(act, { maxLength: 14 }), async (given, acts) => {
        const program = programOf(given);
        const context = testContext(createMemoryStore());
        await putInForce(context, program);
        const members = [
          await enrolled(context, program, 'ada@example.com'),
          await enrolled(context, program, 'eva@example.com'),
        ] as const;
        let now = noon;
        let paused = false;
        const ask = async (memberId: MemberId, rewardId: string, mode: 'authorize' | 'capture', at = now) => {
          const request = { member: { memberId }, rewardId, mode, purchaseId: null, channel: null, paused };
          const reply = { once: undefined, answer: (body: Redeemed) => ({ status: 200, body }) };
          const result = await createRedemption(context, program, request, reply, at);
          return result.type === 'answered' ? (result.answer.body as Redeemed).type : 'mismatch';
        };
        for (const one of acts) {
          const who = members['who' in one ? one.who : 0] ?? members[0];
          if ('at' in one) now = Math.max(now, one.at);
          else if ('paused' in one) paused = one.paused;
          else if ('earn' in one) await earn(context, program, who, one.earn, now);
          else if ('email' in one)
            await changeProfile(
              context,
              program,
              who,
              { email: `new${one.email}${one.who}@example.com` },
              now,
            );
          else if ('fill' in one)
            for (let count = 0; count < holdsMax; count++)
              await ask(members[one.fill] ?? members[0], 'fill', 'authorize');
          else {
            const reward = program.rewards[one.redeem % program.rewards.length];
            await ask(who, reward?.id ?? '', one.isHeld ? 'authorize' : 'capture');
          }
        }
        for (const memberId of members) {
          const purchase = aPurchase([1000], { member: { memberId }, occurredAt: utc(now) });
          const { rewards } = await quotePurchase(context, program, purchase, paused, now);
          const offered = new Set(rewards.map(({ id }) => id));
          // Each on a copy of the world, as each is offered by itself.
          for (const { id } of program.rewards) {
            const copy = await copyOf(context);
            const request = {
              member: { memberId },
              rewardId: id,
              mode: 'capture' as const,
              purchaseId: null,
              channel: null,
              paused,
            };
            const reply = { once: undefined, answer: (body: Redeemed) => ({ status: 200, body }) };
            const result = await createRedemption(copy, program, request, reply, now);
            const type = result.type === 'answered' && (result.answer.body as Redeemed).type;
            expect([id, offered.has(id)]).toEqual([id, type === 'done']);
          }
        }
      }),
      runs(300),
    );
  }, 120_000);

  async function copyOf({ store }: LedgerContext): Promise<LedgerContext> {
    const copy = createMemoryStore();
    const { items } = store as ReturnType<typeof createMemoryStore>;
    const all = items();
    for (let at = 0; at < all.length; at += 100)
      await copy.transact(all.slice(at, at + 100).map((put) => ({ put })));
    return testContext(copy);
  }
});

describe('an e-mail that was replaced', () => {
  const program = defaultProgram({
    bonuses: {},
    rewards: [
      { id: 'small', name: 'Small', type: 'experience', points: 100 },
      { id: 'all', name: 'All', type: 'experience', points: 400 },
    ],
  });
  const operator = { keyId: 'key_x', name: 'Ops' };

  async function world(under = program) {
    const context = testContext(createMemoryStore());
    await putInForce(context, under);
    const memberId = await enrolled(context, under, 'ada@example.com');
    await earn(context, under, memberId, 400);
    const spend = async (rewardId: string, now: number) =>
      (await redeemed(context, under, { memberId, rewardId }, now)).type;
    const change = (profile: Parameters<typeof changeProfile>[3], now: number) =>
      changeProfile(context, under, memberId, profile, now);
    return { context, memberId, spend, change };
  }

  it('does not drain the points in the same hour, in one piece or in many; after it, they can be spent', async () => {
    const { context, memberId, spend, change } = await world();
    await change({ email: 'eve@example.com' }, noon);
    expect(await spend('all', noon + 1)).toBe('held');
    expect([await spend('small', noon + 1), await spend('small', noon + 1)]).toEqual(['done', 'done']);
    expect(await spend('small', noon + 59 * minute)).toBe('held');
    // Another change does not make what has to stay less, and makes it stay longer.
    await change({ email: 'eve2@example.com' }, noon + 59 * minute);
    expect(await spend('small', noon + 60 * minute)).toBe('held');
    expect(await availableOf(context, memberId)).toBe(200);
    // What is earned since can be spent.
    await earn(context, program, memberId, 100, noon + 60 * minute);
    expect(await spend('small', noon + 61 * minute)).toBe('done');
    expect(await spend('small', noon + 119 * minute)).toBe('done');
  });

  it('is told to operators once for each hold, who can lift it', async () => {
    const { context, memberId, spend, change } = await world();
    await change({ email: 'eve@example.com' }, noon);
    for (let times = 0; times < 3; times++) expect(await spend('all', noon + times)).toBe('held');
    const open = await listExceptions(context, { status: 'open', limit: 10 });
    expect(open.items).toMatchObject([{ type: 'points_held', memberId, data: { rewardId: 'all' } }]);
    expect((await getMember(context, memberId))?.profile.contactHold).toMatchObject({ keeps: 200 });
    const by = { operator, reason: 'She showed her passport' };
    const reply = { once: undefined, answer: (body: unknown) => ({ status: 200, body }) };
    for (let times = 0; times < 2; times++)
      await liftContactHold(context, memberId, by, reply, noon + minute);
    expect(await spend('all', noon + minute)).toBe('done');
    const audit = await listAudit(context, { limit: 10 });
    expect(audit.filter(({ action }) => action === 'lift_contact_hold')).toMatchObject([
      { subject: memberId, reason: 'She showed her passport' },
    ]);
  });

  it('holds the same where a contact is added by the card, and anew where it is confirmed', async () => {
    const { context, memberId, spend } = await world();
    await addToProfile(context, program, memberId, { birthday: '1990-01-01' }, noon);
    expect(await spend('small', noon)).toBe('done');
    await addToProfile(context, program, memberId, { phone: '+33612345678' }, noon);
    expect(await spend('all', noon + 1)).toBe('insufficient');
    expect([await spend('small', noon + 1), await spend('small', noon + 1)]).toEqual(['done', 'held']);
    expect(await confirmed(context, memberId, noon + 61 * minute)).toBe(memberId);
    expect([await spend('small', noon + 62 * minute), await spend('small', noon + 63 * minute)]).toEqual([
      'done',
      'held',
    ]);
    expect(await spend('small', noon + 122 * minute)).toBe('done');
  });

  it('holds the same where who added it is somebody else, with whom the card becomes one', async () => {
    const context = testContext(createMemoryStore());
    await putInForce(context, program);
    const nameless = await enrol(context, program, {}, noon);
    const thief = await enrol(context, program, { phone: '+33612345678' }, noon);
    if (nameless.type !== 'enrolled' || thief.type !== 'enrolled') throw new Error('Both are new.');
    const { memberId } = nameless.member.account;
    await earn(context, program, memberId, 400);
    await addToProfile(context, program, memberId, { phone: '+33612345678' }, noon);
    const into = await confirmed(context, memberId, noon + 61 * minute);
    expect(into).toBe(thief.member.account.memberId);
    const spend = async (rewardId: string, now: number) =>
      (await redeemed(context, program, { memberId: into as MemberId, rewardId }, now)).type;
    expect(await spend('all', noon + 62 * minute)).toBe('held');
    expect(await spend('all', noon + 122 * minute)).toBe('done');
  });

  async function confirmed(context: LedgerContext, memberId: MemberId, now: number) {
    const member = await getMember(context, memberId);
    const phone = contactsOf(member?.profile ?? { email: null, phone: null }).find(
      ({ kind }) => kind === 'phone',
    );
    if (!member || !phone) throw new Error('The phone is there.');
    const code = await newConfirmation(context, memberId, phone, member.profile, 'once', now);
    const token = cardToken(context, memberId);
    const merge: Merge = async (wanted) =>
      (await mergeMembers(context, program, { ...wanted }, now)).type === 'done';
    const outcome = await confirmContact(context, program, { token, code, keepsCard: true }, merge, now);
    return outcome.type === 'confirmed' && outcome.memberId;
  }

  it('holds nothing where a contact is given for the first time, or stays the same, or something else changes', async () => {
    const { spend, change } = await world();
    await change({ phone: '+33612345678' }, noon);
    await change({ name: 'Ada', birthday: '1990-01-01', email: 'ADA@example.com' }, noon);
    expect(await spend('all', noon + 1)).toBe('done');
  });

  it('holds as the programme says, which may be not at all, or everything', async () => {
    const secured = (contactChangeHoldMinutes: number, contactChangeKeepPercent: number) => ({
      ...program,
      security: { ...defaultSecurity, contactChangeHoldMinutes, contactChangeKeepPercent },
    });
    const off = await world(secured(0, 50));
    await off.change({ email: 'eve@example.com' }, noon);
    expect(await off.spend('all', noon + 1)).toBe('done');
    const strict = await world(secured(10, 100));
    await strict.change({ email: 'eve@example.com' }, noon);
    expect(await strict.spend('small', noon + 10 * minute - 1)).toBe('held');
    expect(await strict.spend('small', noon + 10 * minute)).toBe('done');
  });
});
