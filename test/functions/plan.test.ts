/** The route's own part: what it refuses, and that its answers add up however often it stops. */
import { describe, expect, it } from 'vitest';
import { routes } from '../../core/contract/routes.ts';
import type { Program } from '../../core/program.ts';
import type { Deps } from '../../functions/deps.ts';
import { planProgram } from '../../functions/operators/plan.ts';
import { putProgram, readChannels, recordPurchase, recordRefund } from '../../ledger/ledger.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { aPurchase, aRefund, defaultProgram, noon, testContext } from '../support/world.ts';

const program = defaultProgram();
const { version: _version, ...document } = program;
const doubled = {
  ...document,
  channels: { ...document.channels, store: { multiplier: '2', pendingDays: 0 } },
};
const now = noon + 86_400_000;
const utc = (instant: number) => new Date(instant).toISOString().replace('.000Z', 'Z');
const window = { from: utc(noon), to: utc(now) };

/** A system whose clock for durations moves by `stepMs` each time it is asked. */
async function world(members: number, stepMs: number, inForce: Program = program) {
  const ledger = testContext(createMemoryStore());
  await putInForce(ledger, inForce);
  for (let made = 0; made < members; made++) {
    const memberId = await newMember(ledger, inForce);
    const purchase = aPurchase([10_000 * (made + 1)], { member: { memberId } });
    await recordPurchase(ledger, inForce, purchase, noon + made);
    if (made % 2 === 1)
      await recordRefund(ledger, inForce, aRefund(purchase, { '1': 5_000 }), noon + 3_600_000);
  }
  let at = 0;
  const monotonic = () => {
    at += stepMs;
    return at;
  };
  const deps = { ledger, monotonic, now: () => now, channels: () => readChannels(ledger) } as unknown as Deps;
  const call = async (body: object) => {
    // What comes in is checked by the route's schema, and so is what goes out.
    const request = { body: routes.planProgram.body.parse(body) };
    const answer = await planProgram(request as Parameters<typeof planProgram>[0], deps);
    return routes.planProgram.answers[200].parse(answer.body);
  };
  return { ledger, deps, call };
}

describe('a plan', () => {
  it('without a backtest is what changes, and reads no members', async () => {
    const { call } = await world(1, 1);
    const answer = await call({ program: doubled });
    expect(answer).toEqual({
      changes: [
        {
          path: 'channels.store.multiplier',
          kind: 'changed',
          before: '1',
          after: '2',
          text: 'The store multiplier rises from 1 to 2.',
        },
      ],
    });
    expect(await call({ program: document })).toEqual({ changes: [] });
  });

  it('with a backtest says what the candidate would have issued', async () => {
    const { call } = await world(3, 1);
    const asked = { program: doubled, backtest: window, invariants: ['liability_grows_at_most:99'] };
    const answer = await call(asked);
    expect(answer).not.toHaveProperty('cursor');
    expect(answer.progress).toEqual({ membersDone: 3 });
    expect(answer.backtest).toMatchObject({
      ...window,
      members: 3,
      purchases: 3,
      refunds: 1,
      issued: { actual: 600, candidate: 1200 },
      clawedBack: { actual: 50, candidate: 100 },
      // 50 each for joining.
      liability: { actual: 700, candidate: 1250, difference: 550 },
      tierMoves: [],
      losers: [],
      broken: [{ invariant: 'liability_grows_at_most:99' }],
      notes: [],
    });
    expect(answer.backtest?.winners.map(({ difference }) => difference)).toEqual([300, 150, 100]);
  });

  it('of the programme in force finds nothing that would differ', async () => {
    const { call } = await world(4, 1);
    const { backtest } = await call({ program: document, backtest: window });
    expect(backtest).toMatchObject({ winners: [], losers: [], tierMoves: [], liability: { difference: 0 } });
    expect(backtest?.issued.actual).toBe(backtest?.issued.candidate);
  });

  it('takes an end in the future for now, and stays with it until it is done', async () => {
    const { call, deps } = await world(20, 7_000);
    const asked = { program: doubled, backtest: { ...window, to: utc(now + 86_400_000) } };
    const first = await call(asked);
    expect(first.backtest?.to).toBe(utc(now));
    (deps as { now: () => number }).now = () => now + 3_600_000;
    const second = await call({ ...asked, cursor: first.cursor });
    expect(second.backtest?.to).toBe(utc(now));
  });
});

describe('a plan that takes more than one request', () => {
  it('answers what it has so far, and in the end the same as in one', async () => {
    const many = await world(30, 7_000);
    const asked = { program: doubled, backtest: window, invariants: ['no_member_loses_points'] };
    const answers = [await many.call(asked)];
    for (let cursor = answers[0]?.cursor; cursor; cursor = answers.at(-1)?.cursor)
      answers.push(await many.call({ ...asked, cursor }));
    expect(answers.length).toBeGreaterThan(3);
    const done = answers.map(({ progress }) => progress?.membersDone ?? 0);
    expect(done).toEqual([...done].sort((a, b) => a - b));
    expect(done[0]).toBeLessThan(30);
    (many.deps as { monotonic: () => number }).monotonic = () => 0;
    const { changes, backtest, progress } = await many.call(asked);
    expect(answers.at(-1)).toEqual({ changes, backtest, progress });
    expect(progress).toEqual({ membersDone: 30 });
    // However many members there are, the cursor stays small.
    for (const { cursor } of answers) expect((cursor ?? '').length).toBeLessThan(6_000);
  });

  it('goes on against the programme that was in force when it began', async () => {
    const { call, ledger } = await world(20, 7_000);
    const asked = { program: doubled, backtest: window };
    const { cursor, changes } = await call(asked);
    await putProgram(ledger, { ...document, name: 'Another' }, { keyId: 'test', name: 'test' }, now);
    expect((await call({ ...asked, cursor })).changes).toEqual(changes);
    expect((await call(asked)).changes).toHaveLength(2);
  });

  it('goes on with no other plan', async () => {
    const { call } = await world(20, 7_000);
    const asked = { program: doubled, backtest: window };
    const { cursor } = await call(asked);
    expect(cursor).toBeDefined();
    const others = [
      { program: document, backtest: window },
      { program: doubled, backtest: { ...window, from: utc(noon + 1_000) } },
      { program: doubled, backtest: window, invariants: ['no_member_loses_points'] },
      { program: doubled },
    ];
    for (const other of others)
      await expect(call({ ...other, cursor })).rejects.toMatchObject({ code: 'invalid_cursor' });
    await expect(call({ ...asked, cursor: `${cursor}x` })).rejects.toMatchObject({ code: 'invalid_cursor' });
  });
});

describe('a plan is refused', () => {
  it.each<[string, object, string, string]>([
    [
      'a programme that PUT refuses',
      { program: { ...document, tiers: [] } },
      'program.tiers',
      'must not be empty',
    ],
    [
      'an unknown field of the programme',
      { program: { ...document, colour: 'red' } },
      'program.colour',
      'unknown field',
    ],
    [
      'an unknown invariant',
      { program: document, backtest: window, invariants: ['no_member_loses_points', 'no_member_sleeps'] },
      'invariants.1',
      'no_member_loses_a_tier, no_member_loses_points, liability_does_not_grow, liability_grows_at_most:<points>',
    ],
    [
      'an invariant without a window to hold it against',
      { program: document, invariants: ['no_member_loses_points'] },
      'invariants',
      'need a backtest',
    ],
    [
      'a window that has not begun',
      { program: document, backtest: { from: utc(now), to: utc(now + 1_000) } },
      'backtest.from',
      'must lie in the past',
    ],
  ])('for %s', async (_what, body, path, message) => {
    const { call } = await world(0, 1);
    const refused = await call(body).then(
      () => undefined,
      (error: { code: string; errors: { path: string; message: string }[] }) => error,
    );
    expect(refused?.code).toBe('invalid_request');
    const wrong = refused?.errors.find((one) => one.path === path);
    expect(wrong?.message).toContain(message);
  });

  it('while no programme is in force', async () => {
    const ledger = testContext(createMemoryStore());
    const deps = {
      ledger,
      monotonic: () => 0,
      now: () => now,
      channels: () => readChannels(ledger),
    } as unknown as Deps;
    const call = planProgram(
      { body: { program: document } } as unknown as Parameters<typeof planProgram>[0],
      deps,
    );
    await expect(call).rejects.toMatchObject({ code: 'unavailable' });
  });
});

describe('a backtest in parts', () => {
  const inParts = async (many: Awaited<ReturnType<typeof world>>, asked: object, segments: number) => {
    const { cursors = [] } = await many.call({ ...asked, segments });
    return Promise.all(
      cursors.map(async (from) => {
        for (let cursor: string | undefined = from; ; ) {
          const answer = await many.call({ ...asked, cursor });
          if (answer.part !== undefined) return answer.part;
          cursor = answer.cursor;
        }
      }),
    );
  };
  const asked = { program: doubled, backtest: window, invariants: ['no_member_loses_points'] };

  it('answers the same as in one', async () => {
    const many = await world(30, 7_000);
    const parts = await inParts(many, asked, 5);
    (many.deps as { monotonic: () => number }).monotonic = () => 0;
    const { changes, backtest, progress } = await many.call(asked);
    expect(await many.call({ ...asked, parts })).toEqual({ changes, backtest, progress });
    expect(await many.call({ ...asked, parts: [...parts].reverse() })).toEqual({
      changes,
      backtest,
      progress,
    });
  });

  it('has one window and one programme, whenever its parts are begun', async () => {
    const many = await world(10, 7_000);
    const open = { ...asked, backtest: { ...window, to: utc(now + 86_400_000) } };
    const { cursors = [] } = await many.call({ ...open, segments: 2 });
    (many.deps as { now: () => number }).now = () => now + 3_600_000;
    await putProgram(many.ledger, doubled, { keyId: 'test', name: 'test' }, now);
    for (const cursor of cursors) {
      const answer = await many.call({ ...open, cursor });
      expect([answer.backtest?.to, answer.changes.length]).toEqual([utc(now), 1]);
    }
  });

  it('takes each part once, all of them, and none of another', async () => {
    const many = await world(6, 7_000);
    const [one = '', two = ''] = await inParts(many, asked, 2);
    const [whole = ''] = await inParts(many, asked, 1);
    const { cursors = [] } = await many.call({ ...asked, segments: 2 });
    for (const parts of [[one], [one, one], [one, two, two], [one, whole], [one, ...cursors.slice(1)]])
      await expect(many.call({ ...asked, parts })).rejects.toMatchObject({
        code: 'invalid_request',
        errors: [{ path: 'parts' }],
      });
    const other = { ...asked, invariants: [] };
    await expect(many.call({ ...other, parts: [one, two] })).rejects.toMatchObject({
      code: 'invalid_cursor',
    });
  });
});
