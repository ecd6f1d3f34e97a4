/** Explanations name every campaign: what it gave, or why it gave nothing. */
import { describe, expect, it } from 'vitest';
import { considered } from '../../core/considered.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { award, enrol } from '../../core/points.ts';
import { programDocument } from '../../core/program.ts';
import { aPurchase, defaultProgram, noon } from '../support/world.ts';

const memberId = 'mem_01JD0000000000000000000000' as MemberId;
const year = { from: '2026-01-01T00:00:00Z', to: '2027-01-01T00:00:00Z' };

/** What is said of a campaign that holds all year, with these differences, beside one that doubles everything. */
function said(changes: object, lines: { amountMinor?: number; category?: string }[] = [{}], left?: number) {
  const campaign = { id: 'one', name: 'One', ...year, ...changes };
  const fixed = 'bonusPoints' in campaign ? campaign : { multiplier: '3', ...campaign };
  const { version: _version, ...document } = defaultProgram({ bonuses: {} });
  const double = { id: 'double', name: 'Double', ...year, multiplier: '2', channels: ['web' as const] };
  const parsed = programDocument.parse({ ...document, campaigns: [fixed, double] });
  const program = { ...parsed, version: 1 };
  const { account } = enrol(program, memberId, noon);
  const bought = aPurchase([]);
  const all = lines.map((line, index) => ({
    id: String(index + 1),
    sku: 'A',
    quantity: 1,
    amountMinor: 1000,
    ...line,
  }));
  const totalMinor = all.reduce((sum, line) => sum + line.amountMinor, 0);
  const purchase = { ...bought, channel: 'web' as const, id: 'web:P1' as const, lines: all, totalMinor };
  const budgets = left === undefined ? {} : { one: left };
  const { basis } = award(program, account, purchase, noon, budgets).entries.at(-1) ?? {};
  if (!basis) throw new Error('A purchase earns.');
  const member = { memberId, tier: basis.tier.id, since: account.createdAt, ...basis.facts };
  const found = considered({ program, purchase, basis, member });
  expect(found.map(({ id }) => id)).toEqual(['one', 'double']);
  const [one] = found;
  return [one?.outcome, one?.points, one?.reason];
}

describe('a campaign of the programme', () => {
  it.each<[string, object, Parameters<typeof said>[1], number | undefined, number, RegExp | null]>([
    ['gave', {}, undefined, undefined, 10, null],
    ['gave', { bonusPoints: 7 }, undefined, undefined, 7, null],
    ['gave', { budgetPoints: 50 }, undefined, 4, 4, null],
    ['not_begun', { from: '2026-12-01T00:00:00Z' }, undefined, undefined, 0, /begins at 2026-12-01/],
    ['over', { to: '2026-11-01T00:00:00Z' }, undefined, undefined, 0, /ended at 2026-11-01/],
    ['channel', { channels: ['store', 'app'] }, undefined, undefined, 0, /store, app, not for web/],
    ['members', { members: ['mem_01JD0000000000000000000001'] }, undefined, undefined, 0, /lists/],
    ['tier', { tiers: ['intime'] }, undefined, undefined, 0, /intime; the member was ami/],
    ['nothing_earns', {}, [{ category: 'gift-card' }], undefined, 0, /No line/],
    ['condition', { when: "line.category == 'tea'" }, undefined, undefined, 0, /line.category == 'tea'/],
    ['condition', { when: 'member.purchases == 4' }, undefined, undefined, 0, /member.purchases == 4/],
    ['minimum', { minimumMinor: 2000 }, undefined, undefined, 0, /20.00 EUR on; this one came to 10.00 EUR/],
    ['nothing_paid', { bonusPoints: 7 }, [{ amountMinor: 0 }], undefined, 0, /Nothing was paid/],
    ['better_one', { multiplier: '1.5' }, undefined, undefined, 0, /better one counted: Double/],
    ['budget', { budgetPoints: 50 }, undefined, 0, 0, /used up/],
    ['less_than_a_point', { multiplier: '2.5' }, [{ amountMinor: 101 }], undefined, 0, /less than one/],
  ])('%s: %j', (outcome, changes, lines, left, points, reason) => {
    expect(said(changes, lines, left)).toEqual([
      outcome,
      points,
      reason === null ? null : expect.stringMatching(reason),
    ]);
  });

  it('is for its members, and asks what is known of them', () => {
    expect(said({ members: [memberId] })).toEqual(['gave', 10, null]);
    expect(said({ when: 'member.purchases == 0 && member.joinedDaysAgo <= 30' })).toEqual(['gave', 10, null]);
  });
});
