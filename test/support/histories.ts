/** Random histories of one member: purchases, refunds of them, changes of the profile, and time that passes. */
import fc from 'fast-check';
import type { ChannelKind, MemberId } from '../../core/contract/ids.ts';
import type { RecordedPurchase } from '../../core/contract/shapes/purchase.ts';
import type { Program, ProgramDocument } from '../../core/program.ts';
import { changeProfile, enrol, putProgram, recordPurchase, recordRefund } from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import { someProgram } from './programmes.ts';
import { aPurchase, aRefund, defaultProgram, noon } from './world.ts';

/** The default programme with everything in force at noon that a purchase can meet. */
export function richProgram(): Program {
  const year = { from: '2026-01-01T00:00:00Z', to: '2029-01-01T00:00:00Z' };
  return defaultProgram({
    campaigns: [
      { id: 'coffee', name: 'Coffee year', ...year, when: "line.category == 'coffee'", multiplier: '1.75' },
      { id: 'all', name: 'Everything', ...year, multiplier: '1.3', stacks: true, minimumMinor: 5000 },
      { id: 'launch', name: 'Launch', ...year, multiplier: '3', budgetPoints: 700 },
      { id: 'gift', name: 'Gift', ...year, bonusPoints: 40, budgetPoints: 100, minimumMinor: 2000 },
      { id: 'thanks', name: 'Thank you', ...year, bonusPoints: 25, channels: ['app'] },
      { id: 'third', name: 'Every third', ...year, bonusPoints: 60, when: 'member.purchases % 3 == 2' },
    ],
    visits: { points: 3, minimumMinor: 1000, coolDownHours: 12 },
  });
}

export interface Bought {
  readonly amounts: readonly number[];
  readonly category: string;
  readonly channel: ChannelKind;
  readonly currency: string;
  readonly shippingMinor: number;
}

export const bought: fc.Arbitrary<Bought> = fc.record({
  amounts: fc.array(fc.integer({ min: 0, max: 90_000 }), { minLength: 1, maxLength: 4 }),
  category: fc.constantFrom('coffee', 'kitchen', 'gift-card'),
  channel: fc.constantFrom('web', 'store', 'app'),
  currency: fc.constantFrom('EUR', 'JPY'),
  shippingMinor: fc.nat(900),
});

/** The first line is of the category, the others are kitchen things. */
export function purchaseOf(
  { amounts, category, channel, currency, shippingMinor }: Bought,
  memberId: MemberId | undefined,
  at: number,
): RecordedPurchase {
  const purchase = aPurchase(amounts);
  const lines = purchase.lines.map((line, index) => ({ ...line, category: index ? 'kitchen' : category }));
  return {
    ...purchase,
    channel,
    id: `${channel}:${purchase.id.slice(purchase.id.indexOf(':') + 1)}`,
    lines,
    currency,
    shippingMinor,
    totalMinor: purchase.totalMinor + shippingMinor,
    occurredAt: new Date(at - 60_000).toISOString(),
    ...(memberId ? { member: { memberId } } : {}),
  };
}

type Step =
  | { readonly buy: Bought }
  | { readonly refund: { readonly which: number; readonly line: number | null; readonly amount: number } }
  | { readonly days: number }
  | { readonly rename: string }
  | { readonly rules: Pick<ProgramDocument, 'tiers' | 'timeZone'> };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: bought.map((buy) => ({ buy })) },
  {
    weight: 2,
    arbitrary: fc
      .record({
        which: fc.nat(9),
        line: fc.option(fc.nat(3)),
        amount: fc.integer({ min: 1, max: 90_000 }),
      })
      .map((refund) => ({ refund })),
  },
  { weight: 2, arbitrary: fc.integer({ min: 1, max: 250 }).map((days) => ({ days })) },
  { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength: 5 }).map((rename) => ({ rename })) },
);

export const history: fc.Arbitrary<Step[]> = fc.array(step, { maxLength: 10 });

/** A history in which the programme changes its tiers and its time zone, too. */
export const changingHistory: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: step },
    {
      weight: 1,
      arbitrary: someProgram.map(({ tiers, timeZone }) => ({ rules: { tiers, timeZone } })),
    },
  ),
  { maxLength: 14, size: 'max' },
);

/** Puts the programme in force, as entries name it and verification looks it up. */
export async function putInForce(ledger: LedgerContext, program: Program): Promise<void> {
  const { version, ...rest } = program;
  // One that says the same as before would make no version.
  const document = version === 1 ? rest : { ...rest, name: `Number ${version}` };
  const outcome = await putProgram(ledger, document, { keyId: 'test', name: 'test' }, noon);
  if (outcome.type !== 'put' || outcome.version !== program.version)
    throw new Error(`The programme was not put as version ${program.version}.`);
}

export async function newMember(ledger: LedgerContext, program: Program): Promise<MemberId> {
  const outcome = await enrol(ledger, program, {}, noon);
  if (outcome.type !== 'enrolled') throw new Error('The member exists already.');
  return outcome.member.account.memberId;
}

/** Plays a history through the ledger's own commands; answers the time at its end. */
export async function play(
  ledger: LedgerContext,
  programAtFirst: Program,
  memberId: MemberId,
  steps: readonly Step[],
): Promise<number> {
  let program = programAtFirst;
  let now = noon;
  const purchases: RecordedPurchase[] = [];
  for (const step of steps) {
    now += 3_600_000;
    if ('rules' in step) {
      program = { ...program, ...step.rules, version: program.version + 1 };
      await putInForce(ledger, program);
    } else if ('days' in step) now += step.days * 86_400_000;
    else if ('rename' in step) await changeProfile(ledger, program, memberId, { name: step.rename }, now);
    else if ('buy' in step) {
      const purchase = purchaseOf(step.buy, memberId, now);
      await recordPurchase(ledger, program, purchase, now);
      purchases.push(purchase);
    } else {
      const { which, line, amount } = step.refund;
      const purchase = purchases[which % Math.max(1, purchases.length)];
      const named = purchase?.lines[(line ?? 0) % purchase.lines.length];
      if (!purchase || !named) continue;
      const refund = aRefund(purchase, line === null ? amount : { [named.id]: amount });
      await recordRefund(ledger, program, { ...refund, occurredAt: new Date(now).toISOString() }, now);
    }
  }
  return now;
}
