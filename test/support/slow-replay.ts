/** A member's window replayed by the ledger's own commands, entry by entry: what the backtest is held against. */
import { type Account, balanceOf, type Lot } from '../../core/account.ts';
import type { MemberWindow, Outcome, WindowEvent } from '../../core/backtest/window.ts';
import type { RedemptionId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import {
  award,
  clawBack,
  type Earning,
  erase,
  giveReferral,
  isWorthAsMuch,
  settle,
  shrunk,
  takeReferral,
} from '../../core/points.ts';
import type { Program, ProgramDocument } from '../../core/program.ts';
import { newPurchaseRecord, type PurchaseRecord, worth } from '../../core/purchases.ts';
import { capture, hold, redeem, release, type Spent, unredeem } from '../../core/redemptions.ts';
import { refundedMinor } from '../../core/remains.ts';
import { baseTier, tierOf } from '../../core/tiers.ts';

/** Stamp cards give no points, and a budget is never used up: see core/backtest/candidate.ts. */
export function played(document: ProgramDocument): Program {
  const campaigns = document.campaigns.map(({ budgetPoints: _budgetPoints, ...rest }) => rest);
  return { ...document, campaigns, stamps: [], version: 1 };
}

/** As the nights do it: until nothing is due any more. */
export function settled(program: Program, account: Account, now: number): Account {
  const plan = settle(program, account, now);
  return plan.entries.length === 0 ? account : settled(program, plan.account, now);
}

interface Bought {
  record: PurchaseRecord;
  earning: Earning;
}

export function slowReplay(
  document: ProgramDocument,
  { start, events }: Pick<MemberWindow, 'start' | 'events'>,
  to: number,
): Outcome {
  const program = played(document);
  let account = start;
  let [issued, clawedBack] = [0, 0];
  const bought: (Bought | undefined)[] = [];

  const spent = new Map<string, readonly Lot[]>();

  /** As much as there is to be spent: by one of the commands that would refuse more. */
  const spend = (points: number, by: (points: number) => Spent): readonly Lot[] => {
    const { available } = balanceOf(account);
    const drawn = by(Math.min(points, available));
    if (drawn.type === 'insufficient') throw new Error('There is as much as that.');
    account = drawn.account;
    return drawn.lots;
  };

  const play = (event: WindowEvent): void => {
    const { at } = event;
    if (account.status === 'closed') return;
    if (event.type !== 'joined' && event.type !== 'refund') account = settled(program, account, at);
    switch (event.type) {
      case 'settled':
        return;
      case 'joined': {
        const tier = { id: baseTier(program).id, validUntil: null, steps: [] };
        account = { ...account, createdAt: event.since, tier };
        return;
      }
      case 'held': {
        const redemptionId = event.redemptionId as RedemptionId;
        const withMinutes = { ...program, holdMinutes: (Date.parse(event.expiresAt) - at) / 60_000 };
        spend(event.points, (points) => hold(withMinutes, account, { redemptionId, points }, at));
        return;
      }
      case 'spent': {
        const redemptionId = event.redemptionId as RedemptionId;
        const lots = spend(event.points, (points) => redeem(program, account, { redemptionId, points }, at));
        spent.set(redemptionId, lots);
        return;
      }
      case 'captured':
      case 'released': {
        const redemptionId = event.redemptionId as RedemptionId;
        const lots = account.holds.find((one) => one.redemptionId === redemptionId)?.lots ?? [];
        const ended =
          event.type === 'captured'
            ? capture(program, account, { redemptionId }, at)
            : release(program, account, redemptionId, at);
        if (ended.type === 'planned') account = ended.account;
        if (event.type === 'captured') spent.set(redemptionId, lots);
        return;
      }
      case 'unspent': {
        const redemptionId = event.redemptionId as RedemptionId;
        const lots = spent.get(redemptionId) ?? event.lots;
        account = unredeem(program, account, { redemptionId, lots }, at).account;
        return;
      }
      case 'purchase': {
        const { purchase } = event;
        if (!Object.hasOwn(program.currencies, purchase.currency)) {
          bought.push(undefined);
          return;
        }
        const { earning, account: after } = award(program, account, purchase, at);
        account = after;
        issued += earning.points;
        const known = { contentHash: '', memberId: start.memberId, recordedAt: '', earning };
        bought.push({ record: newPurchaseRecord(purchase, known), earning });
        return;
      }
      case 'refund': {
        const one = bought[event.of];
        if (!one) return;
        const before = refundedMinor(one.record);
        one.record = { ...one.record, ...event.refunded };
        const target = worth(one.record, one.earning);
        if (refundedMinor(one.record) === before && isWorthAsMuch(one.earning, target)) return;
        account = settled(program, account, at);
        const clawed = clawBack(
          program,
          account,
          one.earning,
          target,
          { id: 'store:R', occurredAt: utc(at) },
          at,
        );
        one.earning = shrunk(one.earning, target);
        account = clawed.account;
        clawedBack += clawed.clawedBack;
        return;
      }
      case 'clawback': {
        const { earning, target } = earlier(event);
        const clawed = clawBack(
          program,
          account,
          earning,
          target,
          { id: 'store:R', occurredAt: utc(at) },
          at,
        );
        account = clawed.account;
        clawedBack += clawed.clawedBack;
        return;
      }
      case 'granted':
        account = (
          event.points > 0
            ? giveReferral(program, account, event.points, start.memberId, at)
            : takeReferral(program, account, -event.points, start.memberId, at)
        ).account;
        return;
      case 'closed':
        account = erase(program, account, at).account;
    }
  };

  for (const event of events) play(event);
  account = settled(program, account, to);
  const owned = account.lots.reduce((sum, lot) => sum + lot.points, 0);
  const liability = owned + account.held - account.debt;
  return { issued, clawedBack, liability, tier: tierOf(program, account.tier.id).id };
}

/** A purchase from before the window, refunded whole: worth what was taken back, and nothing after it. */
function earlier(event: Extract<WindowEvent, { readonly type: 'clawback' }>) {
  const { points, qualifyingPoints, month, own, visit } = event;
  const basis = {
    currency: 'EUR',
    rate: { points: 1, perMinor: 100 },
    tier: { id: '', multiplier: '1' },
    channel: { id: 'store', multiplier: '1' },
    maxPoints: 1,
    ...(visit ? { visit: { points: 1, minimumMinor: 1 } } : {}),
  };
  const earning: Earning = {
    points,
    qualifyingPoints,
    terms: basis,
    lines: [],
    // A lot that nobody has stands for none.
    lot: own ?? { availableAt: null, expiresAt: '1970-01-01T00:00:00Z' },
    month,
    occurredAt: visit ? visit.at : '',
    programVersion: 1,
    ...(visit ? { lastVisitAt: visit.before } : {}),
  };
  return { earning, target: { ...basis, lines: [], totalMinor: 0, points: 0, qualifyingPoints: 0 } };
}
