/**
 * The first days of December 2010 on the running system, and what candidates would have made of them: held
 * against a recomputation of the file that has no line in common with the backtest.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DecemberRules, decemberFile, hasDecember, recomputeDecember } from '../support/december.ts';
import { runScript, type System, startSystem } from '../support/system.ts';

if (!hasDecember) console.warn(`The plan is not tried on December: ${decemberFile} is missing.`);

const rows = 400;
const window = { from: '2010-12-01T00:00:00Z', to: '2011-01-01T00:00:00Z' };
const ranks = ['ami', 'complice', 'intime'];

interface Figures {
  readonly actual: number;
  readonly candidate: number;
}

/** What a plan has to answer, from the two recomputations alone. */
function expected(rules: DecemberRules) {
  const was = recomputeDecember({ rows });
  const would = recomputeDecember({ rows, ...rules });
  const both = [...was.members].map(([email, actual]) => {
    const candidate = would.members.get(email);
    if (!candidate) throw new Error(`${email} is missing.`);
    return { email, actual, candidate };
  });
  const figures = (of: (member: (typeof both)[number]['actual']) => number): Figures => ({
    actual: both.reduce((sum, { actual }) => sum + of(actual), 0),
    candidate: both.reduce((sum, { candidate }) => sum + of(candidate), 0),
  });
  const points = both.map(({ email, actual, candidate }) => {
    const [before, after] = [actual.earned - actual.clawedBack, candidate.earned - candidate.clawedBack];
    return { email, actual: before, candidate: after, difference: after - before };
  });
  const moves = new Map<string, number>();
  for (const { actual, candidate } of both)
    if (actual.tier !== candidate.tier) {
      const move = `${actual.tier} ${candidate.tier}`;
      moves.set(move, (moves.get(move) ?? 0) + 1);
    }
  const liability = figures(({ available }) => available);
  return {
    members: both.length,
    purchases: was.purchases,
    refunds: was.returns,
    issued: figures(({ earned }) => earned),
    clawedBack: figures(({ clawedBack }) => clawedBack),
    liability: { ...liability, difference: liability.candidate - liability.actual },
    moves,
    points,
    demoted: both.filter(
      ({ actual, candidate }) => ranks.indexOf(candidate.tier) < ranks.indexOf(actual.tier),
    ).length,
  };
}

describe.skipIf(!hasDecember)('a plan over December', () => {
  let system: System;
  beforeAll(async () => {
    system = await startSystem('--fresh', '--clock', '2010-12-01T00:00:00Z');
    const slice = join(system.dataDirectory, '..', 'slice.ndjson');
    writeFileSync(slice, readFileSync(decemberFile, 'utf8').split('\n').slice(0, rows).join('\n'));
    const flags = ['--channel', 'store', '--enrol', '--clock', '--data', system.dataDirectory];
    const { code, stderr } = await runScript('cli/philia.js', ['purchases', 'import', slice, ...flags]);
    if (code !== 0) throw new Error(stderr);
  }, 300_000);
  afterAll(async () => {
    await system?.remove();
  });

  const ask = (body: object, as: 'ops' | 'store' = 'ops') =>
    system.call('POST', '/v1/program/plan', body, as);

  async function candidate(change: (program: Record<string, unknown>) => object) {
    const { body } = await system.call('GET', '/v1/program', undefined, 'ops');
    return { ...body.program, ...change(body.program) };
  }

  /** Follows the cursors to the end. */
  async function plan(body: object) {
    let answer = await ask(body);
    while (answer.status === 200 && answer.body.cursor)
      answer = await ask({ ...body, cursor: answer.body.cursor });
    expect(answer.status).toBe(200);
    return answer.body;
  }

  /** Winners and losers by the e-mail that the file knows them by, and that ties may stand in any order. */
  async function named(list: readonly ({ memberId: string; difference: number } & Figures)[]) {
    const people = list.map(async ({ memberId, ...figures }) => {
      const { body } = await system.call('GET', `/v1/members/${memberId}`, undefined, 'ops');
      return { email: body.email, ...figures };
    });
    return Promise.all(people);
  }

  async function compare(answer: Awaited<ReturnType<typeof plan>>, wanted: ReturnType<typeof expected>) {
    const { backtest, progress } = answer;
    const { moves, points, demoted: _demoted, ...figures } = wanted;
    expect(backtest).toMatchObject(figures);
    expect(backtest.notes).toEqual([]);
    expect(progress).toEqual({ membersDone: wanted.members });
    const answered = new Map(
      backtest.tierMoves.map(({ from, to, members }: { from: string; to: string; members: number }) => [
        `${from} ${to}`,
        members,
      ]),
    );
    expect(answered).toEqual(moves);
    const differences = points.map(({ difference }) => difference).sort((a, b) => b - a);
    const most = (sign: number) =>
      [...differences]
        .sort((a, b) => (b - a) * sign)
        .filter((one) => one * sign > 0)
        .slice(0, 10);
    const winners = await named(backtest.winners);
    const losers = await named(backtest.losers);
    expect(winners.map(({ difference }) => difference)).toEqual(most(1));
    expect(losers.map(({ difference }) => difference)).toEqual(most(-1));
    for (const person of [...winners, ...losers])
      expect(person).toEqual(points.find(({ email }) => email === person.email));
  }

  it('with twice the points in the stores', async () => {
    const program = await candidate(({ channels }) => ({
      channels: { ...(channels as object), store: { multiplier: '2', pendingDays: 0 } },
    }));
    const wanted = expected({ storeMultiplier: 2 });
    const grows = wanted.liability.difference;
    const invariants = [
      'no_member_loses_points',
      'no_member_loses_a_tier',
      'liability_does_not_grow',
      `liability_grows_at_most:${grows}`,
      `liability_grows_at_most:${grows - 1}`,
      'issued_grows_at_most:99',
    ];
    const answer = await plan({ program, backtest: window, invariants });
    expect(answer.changes.map(({ text }: { text: string }) => text)).toEqual([
      'The store multiplier rises from 1 to 2.',
    ]);
    await compare(answer, wanted);
    expect(answer.backtest.broken.map(({ invariant }: { invariant: string }) => invariant)).toEqual([
      'liability_does_not_grow',
      `liability_grows_at_most:${grows - 1}`,
      'issued_grows_at_most:99',
    ]);
  });

  it('with a tier that is reached later', async () => {
    const program = await candidate(({ tiers }) => ({
      tiers: (tiers as { id: string }[]).map((tier) =>
        tier.id === 'complice' ? { ...tier, threshold: 600 } : tier,
      ),
    }));
    const wanted = expected({ compliceThreshold: 600 });
    expect(wanted.demoted).toBeGreaterThan(0);
    const invariants = ['no_member_loses_a_tier'];
    const answer = await plan({ program, backtest: window, invariants });
    expect(answer.changes.map(({ text }: { text: string }) => text)).toEqual([
      'Tier complice is reached at 600 instead of 500 points.',
    ]);
    await compare(answer, wanted);
    expect(answer.backtest.broken).toMatchObject([{ invariant: invariants[0], members: wanted.demoted }]);
  });

  it('changes nothing', async () => {
    const versions = async () => (await system.call('GET', '/v1/program', undefined, 'ops')).body.version;
    const before = await versions();
    await plan({ program: await candidate(() => ({ name: 'Another' })), backtest: window });
    expect(await versions()).toBe(before);
    const { body } = await system.call('POST', '/v1/ledger/verify', {}, 'ops');
    expect(body.differences).toEqual([]);
  });

  it.each<[string, object, string]>([
    ['a programme that PUT refuses', { program: { tiers: 'none' } }, 'program.tiers'],
    ['no programme', {}, 'program'],
    ['an unknown field', { program: {}, colour: 'red' }, 'colour'],
    [
      'a window without offset',
      { program: {}, backtest: { ...window, from: '2010-12-01T00:00:00' } },
      'backtest.from',
    ],
    [
      'a window that ends before it begins',
      { program: {}, backtest: { from: window.to, to: window.from } },
      'backtest.to',
    ],
    ['half a window', { program: {}, backtest: { from: window.from } }, 'backtest.to'],
    [
      'too many invariants',
      { program: {}, invariants: Array(21).fill('no_member_loses_points') },
      'invariants',
    ],
  ])('is refused for %s', async (_what, body, path) => {
    const answer = await ask(body);
    expect({ status: answer.status, code: answer.body.code }).toEqual({
      status: 400,
      code: 'invalid_request',
    });
    expect(answer.body.errors.map((one: { path: string }) => one.path)).toContain(path);
  });

  it('is refused for an unknown invariant, which it names with those that are known', async () => {
    const program = await candidate(() => ({}));
    const { status, body } = await ask({ program, backtest: window, invariants: ['nobody_minds'] });
    expect(status).toBe(400);
    expect(body.errors).toMatchObject([{ path: 'invariants.0' }]);
    expect(body.errors[0].message).toContain('no_member_loses_a_tier');
    expect(body.errors[0].message).toContain('nobody_minds');
  });

  it('is for operators, and goes on with its own cursors only', async () => {
    const program = await candidate(() => ({}));
    expect((await ask({ program }, 'store')).status).toBe(403);
    const { status, body } = await ask({ program, backtest: window, cursor: 'e30.x' });
    expect({ status, code: body.code }).toEqual({ status: 400, code: 'invalid_cursor' });
  });
});
