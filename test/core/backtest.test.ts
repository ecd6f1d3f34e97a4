/** The backtest gives what the ledger's own commands give, for any programme and any window of a member. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileCandidate } from '../../core/backtest/candidate.ts';
import { replayMember } from '../../core/backtest/member.ts';
import { slowReplay } from '../support/slow-replay.ts';
import { accountAfter, anyProgram, steps, windowOf } from '../support/windows.ts';
import { runs } from '../support/world.ts';

describe('a replay', () => {
  it('gives the points, the liability and the tier that award and clawBack give', () => {
    const counts = { events: 0, issued: 0, clawed: 0, moved: 0 };
    fc.assert(
      fc.property(anyProgram, anyProgram, steps, steps, (inForce, candidate, before, happened) => {
        const { account, at } = accountAfter(inForce, before);
        const { to, ...window } = windowOf(account, at, happened);
        const { unpriced: _unpriced, ...fast } = replayMember(compileCandidate(candidate), window, to);
        const slow = slowReplay(candidate, window, to);
        expect(fast).toEqual(slow);
        counts.events += window.events.length;
        if (slow.issued > 0) counts.issued++;
        if (slow.clawedBack > 0) counts.clawed++;
        if (slow.tier !== 'a') counts.moved++;
      }),
      runs(2000),
    );
    // What is compared has to happen.
    for (const [what, count] of Object.entries(counts)) expect(count, what).toBeGreaterThan(300);
  }, 240_000);
});
