/** The backtest gives what the ledger's own commands give, for any programme and any window of a member. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { emptyAccount } from '../../core/account.ts';
import { compileCandidate } from '../../core/backtest/candidate.ts';
import { replayMember } from '../../core/backtest/member.ts';
import type { WindowEvent } from '../../core/backtest/window.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { slowReplay } from '../support/slow-replay.ts';
import { accountAfter, anyProgram, steps, windowOf } from '../support/windows.ts';
import { aPurchase, defaultProgram, noon, often, runs } from '../support/world.ts';

const day = 86_400_000;
const memberId = 'mem_01JD0000000000000000000000' as MemberId;
const tier = { id: 'ami', validUntil: null, steps: [] };

describe('a replay', () => {
  it('gives the points, the liability and the tier that award and clawBack give', () => {
    const counts = { events: 0, issued: 0, clawed: 0, moved: 0, held: 0, cameBack: 0, short: 0, closed: 0 };
    fc.assert(
      fc.property(anyProgram, anyProgram, steps, steps, (inForce, candidate, before, happened) => {
        const { account, at } = accountAfter(inForce, before);
        const { to, ...window } = windowOf(account, at, happened);
        const { unpriced: _unpriced, short, ...fast } = replayMember(compileCandidate(candidate), window, to);
        const slow = slowReplay(candidate, window, to);
        expect(fast).toEqual(slow);
        counts.events += window.events.length;
        if (slow.issued > 0) counts.issued++;
        if (slow.clawedBack > 0) counts.clawed++;
        if (slow.tier !== 'a') counts.moved++;
        const types = new Set(window.events.map(({ type }) => type));
        if (types.has('held') || account.holds.length > 0) counts.held++;
        if (types.has('unspent') || types.has('released')) counts.cameBack++;
        if (short > 0) counts.short++;
        if (types.has('closed')) counts.closed++;
      }),
      runs(2000),
    );
    // What is compared has to happen.
    for (const [what, count] of Object.entries(counts)) expect(count, what).toBeGreaterThan(often(100));
  }, 240_000);

  it('gives points back in the order of their ends, lapsed ones with thirty days more', () => {
    const { version: _version, ...document } = defaultProgram();
    const lot = (days: number, points: number) => ({
      availableAt: null,
      expiresAt: utc(noon + days * day),
      points,
    });
    const start = { ...emptyAccount(memberId), tier, lots: [lot(3, 100), lot(20, 50)] };
    const redemptionId = 'red_1';
    const events: WindowEvent[] = [
      { type: 'held', at: noon, redemptionId, points: 150, expiresAt: utc(noon + 9 * day) },
      // A debt, since all points are held: it is repaid by those that lapse in 20 days, and by 30 of the renewed.
      { type: 'granted', at: noon + 1, points: -80 },
      { type: 'released', at: noon + 5 * day, redemptionId },
    ];
    for (const [days, liability] of [
      [6, 70],
      [21, 70],
      [36, 0],
    ] as const) {
      const to = noon + days * day;
      expect(replayMember(compileCandidate(document), { start, events }, to)).toMatchObject({ liability });
      expect(slowReplay(document, { start, events }, to)).toMatchObject({ liability });
    }
  });

  it('settles what time has made true by its instant, whenever the ledger wrote it', () => {
    const { version: _version, ...document } = defaultProgram();
    const pending = { availableAt: utc(noon + day), expiresAt: utc(noon + 60 * day), points: 100 };
    const ready = { availableAt: null, expiresAt: utc(noon + 20 * day), points: 50 };
    const start = { ...emptyAccount(memberId), tier, lots: [ready, pending] };
    const owing: WindowEvent[] = [
      { type: 'held', at: noon, redemptionId: 'red_1', points: 50, expiresAt: utc(noon + 3 * day) },
      { type: 'granted', at: noon + 1, points: -80 },
    ];
    // The pending points repay the debt, for they are there before those that were held come back, which then lapse.
    const night: WindowEvent = { type: 'settled', at: noon + 2 * day };
    for (const events of [[...owing, night], owing]) {
      const to = noon + 21 * day;
      expect(replayMember(compileCandidate(document), { start, events }, to)).toMatchObject({
        liability: 20,
      });
      expect(slowReplay(document, { start, events }, to)).toMatchObject({ liability: 20 });
    }
  });

  it('reaches a tier whatever a refund left of months that were forgotten', () => {
    const { version: _version, ...document } = defaultProgram({ campaigns: [] });
    const start = { ...emptyAccount(memberId), tier, qualifying: { '2024-12': -1 } };
    const purchase = aPurchase([50_000]);
    const events = [
      { type: 'purchase' as const, at: noon, purchase, occurredAt: Date.parse(purchase.occurredAt) },
    ];
    const replayed = replayMember(compileCandidate(document), { start, events }, noon + day);
    expect(replayed).toMatchObject({ issued: 500, tier: 'complice' });
  });

  it('goes on behind a purchase for which the candidate has no rate, and what is given back of it', () => {
    const { version: _version, ...document } = defaultProgram({ campaigns: [], bonuses: {} });
    const { EUR, ...others } = document.currencies;
    if (!EUR) throw new Error('There is a rate for EUR.');
    const [unpriced, priced] = [aPurchase([5000]), aPurchase([5000], { currency: 'CHF' })];
    const posted = (purchase: typeof priced, at: number) => ({
      type: 'purchase' as const,
      at,
      purchase,
      occurredAt: noon,
    });
    const refunded = { refundedLines: {}, refundedOrderMinor: 5000 };
    const events: WindowEvent[] = [
      posted(unpriced, noon),
      { type: 'refund', at: noon + 1, of: 0, refunded },
      posted(priced, noon + 2),
    ];
    const candidate = { ...document, currencies: { ...others, CHF: EUR } };
    const start = { ...emptyAccount(memberId), tier };
    const replayed = replayMember(compileCandidate(candidate), { start, events }, noon + day);
    expect(replayed).toMatchObject({ issued: 50, clawedBack: 0, unpriced: ['EUR'] });
  });
});
