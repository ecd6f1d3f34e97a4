/**
 * Nights only write down what time has made true: every command ends the same with nights before it and without, and
 * the very entries are the same where the night is of the same moment.
 */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Account, EarningBasis, Lot } from '../../core/account.ts';
import type { MemberId, RedemptionId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import {
  adjust,
  award,
  clawBack,
  type Earning,
  enrol,
  erase,
  giveReferral,
  giveYearly,
  noteProfileChange,
  type Plan,
  settle,
  shrunk,
  takeReferral,
  withProfileBonus,
} from '../../core/points.ts';
import { capture, hold, redeem, release, unredeem } from '../../core/redemptions.ts';
import { dateOf } from '../../core/time.ts';
import { check } from '../passes/views.ts';
import { aPurchase, defaultProgram, noon } from '../support/world.ts';

const memberId = 'mem_01JD0000000000000000000000' as MemberId;
const newcomer = 'mem_01JD0000000000000000000001' as MemberId;
const hour = 3_600_000;

/** Everything falls due within weeks. */
const program = defaultProgram({
  expiry: { months: 1 },
  channels: {
    web: { multiplier: '1', pendingDays: 5 },
    store: { multiplier: '1', pendingDays: 0 },
    app: { multiplier: '1.2', pendingDays: 14 },
  },
  holdMinutes: 600,
});

/** What a history remembers beside the account. */
interface Life {
  account: Account;
  readonly bought: { earning: Earning; basis: EarningBasis }[];
  readonly spent: { readonly redemptionId: RedemptionId; readonly lots: readonly Lot[] }[];
  serial: number;
}

interface Given {
  readonly amount: number;
  readonly pick: number;
}

/** Each command of an account: its plan, or undefined where it writes nothing. */
const commands: Readonly<Record<string, (life: Life, given: Given, now: number) => Plan | undefined>> = {
  award(life, { amount, pick }, now) {
    const channel = (['web', 'store', 'app'] as const)[pick % 3] ?? 'web';
    const id = `${channel}:N${life.serial}` as const;
    const purchase = aPurchase([amount * 100], { channel, id, occurredAt: utc(now) });
    const { earning, ...plan } = award(program, life.account, purchase, now);
    const { basis } = plan.entries.at(-1) ?? {};
    if (basis) life.bought.push({ earning, basis });
    return plan;
  },
  clawBack(life, { amount, pick }, now) {
    const one = life.bought[pick % Math.max(1, life.bought.length)];
    if (!one) return undefined;
    const points = Math.max(0, one.earning.points - amount);
    const target = { ...one.basis, points, qualifyingPoints: Math.min(points, one.earning.qualifyingPoints) };
    const refund = { id: `RF-${life.serial}`, occurredAt: utc(now) };
    const plan = clawBack(program, life.account, one.earning, target, refund, now);
    one.earning = shrunk(one.earning, target);
    return { account: plan.account, entries: plan.entries };
  },
  hold: (life, { amount }, now) => spendingOf(life, hold, amount, now),
  redeem: (life, { amount }, now) => spendingOf(life, redeem, amount, now),
  capture: (life, { pick }, now) =>
    ended(capture(program, life.account, { redemptionId: openOf(life, pick) }, now)),
  release: (life, { pick }, now) => ended(release(program, life.account, openOf(life, pick), now)),
  unredeem(life, { pick }, now) {
    const [one] = life.spent.splice(pick % Math.max(1, life.spent.length), 1);
    return one && unredeem(program, life.account, one, now);
  },
  adjust(life, { amount, pick }, now) {
    const points = pick % 2 === 0 ? amount : -amount;
    const adjusted = adjust(program, life.account, { adjustmentId: `adj_${life.serial}`, points }, now);
    return adjusted.type === 'planned' ? adjusted : undefined;
  },
  giveYearly: (life, _given, now) =>
    giveYearly(program, life.account, 'birthday', dateOf(now, program.timeZone), now),
  withProfileBonus: (life, _given, now) =>
    withProfileBonus(program, { account: life.account, entries: [] }, now),
  noteProfileChange: (life, _given, now) => noteProfileChange(program, life.account, now),
  giveReferral: (life, { amount }, now) => giveReferral(program, life.account, amount, newcomer, now),
  takeReferral: (life, { amount }, now) => takeReferral(program, life.account, amount, newcomer, now),
  erase: (life, { pick }, now) => (pick === 0 ? erase(program, life.account, now) : undefined),
};

function spendingOf(life: Life, command: typeof redeem, points: number, now: number): Plan | undefined {
  const redemptionId = `red_${life.serial}` as RedemptionId;
  const spent = command(program, life.account, { redemptionId, points }, now);
  if (spent.type !== 'planned') return undefined;
  if (command === redeem) life.spent.push({ redemptionId, lots: spent.lots });
  return spent;
}

function openOf({ account }: Life, pick: number): RedemptionId {
  const { holds } = account;
  return holds[pick % Math.max(1, holds.length)]?.redemptionId ?? ('red_none' as RedemptionId);
}

function ended(outcome: ReturnType<typeof release>): Plan | undefined {
  return outcome.type === 'planned' ? outcome : undefined;
}

const plainly = (plan: Plan | undefined) => plan?.entries.map((entry) => ({ ...entry }));

/** Runs a command on a life; the same moment's night first gives the same entries. */
function act(life: Life, name: string, given: Given, now: number): void {
  life.serial++;
  if (life.account.status === 'closed') return;
  const night = settle(program, life.account, now);
  const copy = {
    ...life,
    account: night.account,
    bought: life.bought.map((one) => ({ ...one })),
    spent: [...life.spent],
  };
  const nightly = commands[name]?.(copy, given, now);
  const plan = commands[name]?.(life, given, now);
  if (plan && plan.entries.length > 0) {
    expect([name, plainly(plan)]).toEqual([name, [...night.entries, ...(plainly(nightly) ?? [])]]);
    life.account = plan.account;
  } else expect([name, nightly?.entries ?? []]).toEqual([name, []]);
}

/** How a member stands at a moment, whoever wrote it down; notices are messages, and not everybody got one. */
function standingAt({ account }: Life, now: number) {
  const { lots, holds, held, debt, lifetime, tier, qualifying, lastVisitAt, stamps, bonuses, status } =
    settle(program, account, now).account;
  return { lots, holds, held, debt, lifetime, tier, qualifying, lastVisitAt, stamps, bonuses, status };
}

const step = fc.record({
  hours: fc.oneof(fc.integer({ min: 0, max: 30 }), fc.integer({ min: 0, max: 900 })),
  name: fc.constantFrom(...Object.keys(commands)),
  amount: fc.integer({ min: 1, max: 400 }),
  pick: fc.nat(20),
  /** How many nights come before it, at which shares of the time. */
  nights: fc.array(fc.integer({ min: 0, max: 100 }), { maxLength: 4 }),
});

it('every command ends the same, with nights before it and without', () => {
  check(
    fc.property(fc.array(step, { maxLength: 14, size: 'max' }), (steps) => {
      const opened = enrol(program, memberId, noon).account;
      const [without, withNights] = [0, 1].map(
        (): Life => ({ account: opened, bought: [], spent: [], serial: 0 }),
      ) as [Life, Life];
      let now = noon;
      for (const { hours, name, nights, ...given } of steps) {
        for (const share of nights.toSorted((a, b) => a - b)) {
          const at = now + Math.floor((hours * hour * share) / 100);
          withNights.account = settle(program, withNights.account, at).account;
        }
        now += hours * hour;
        for (const life of [without, withNights]) act(life, name, given, now);
        expect([name, standingAt(withNights, now)]).toEqual([name, standingAt(without, now)]);
      }
    }),
  );
});
