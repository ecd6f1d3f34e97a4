/** The route's own part: it stops in time, and its cursor goes on where it stopped and nowhere else. */
import { expect, it } from 'vitest';
import type { MemberId } from '../../core/contract/ids.ts';
import { routes } from '../../core/contract/routes.ts';
import type { Deps } from '../../functions/deps.ts';
import { verifyLedger } from '../../functions/operators/verify.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { newMember, putInForce, richProgram } from '../support/histories.ts';
import { testContext } from '../support/world.ts';

const program = richProgram();

/** A system whose clock moves by `stepMs` each time it is asked. */
async function world(members: number, stepMs: number) {
  const ledger = testContext(createMemoryStore());
  await putInForce(ledger, program);
  const ids: MemberId[] = [];
  for (let made = 0; made < members; made++) ids.push(await newMember(ledger, program));
  let at = 0;
  const monotonic = () => {
    at += stepMs;
    return at;
  };
  const deps = { ledger, monotonic } as unknown as Deps;
  const call = async (body: object) => {
    const answer = await verifyLedger({ body } as Parameters<typeof verifyLedger>[0], deps);
    return routes.verifyLedger.answers[200].parse(answer.body);
  };
  return { ids, call };
}

it('answers a cursor when its time is over, and by following it everybody is verified once', async () => {
  const { call } = await world(5, 7_000);
  const answers = [await call({})];
  for (let cursor = answers[0]?.cursor; cursor; cursor = answers.at(-1)?.cursor)
    answers.push(await call({ cursor }));
  expect(answers.length).toBeGreaterThan(5);
  expect(answers.reduce((sum, one) => sum + one.members, 0)).toBe(5);
  expect(answers.reduce((sum, one) => sum + one.entries, 0)).toBe(10);
  expect(answers.flatMap((one) => one.differences)).toEqual([]);
});

it('has time for many members in one request', async () => {
  const { call } = await world(50, 1);
  expect(await call({})).toEqual({ members: 50, entries: 100, differences: [] });
});

it("refuses a cursor of another member's verification", async () => {
  const { ids, call } = await world(2, 7_000);
  const { cursor } = await call({ memberId: ids[0] });
  expect(cursor).toBeDefined();
  await expect(call({ memberId: ids[1], cursor })).rejects.toMatchObject({ code: 'invalid_cursor' });
  await expect(call({ cursor })).rejects.toMatchObject({ code: 'invalid_cursor' });
});

it('answers 404 for a member who does not exist', async () => {
  const { call } = await world(1, 1);
  const unknown = call({ memberId: 'mem_01JD0000000000000000000000' });
  await expect(unknown).rejects.toMatchObject({ code: 'not_found' });
});

it('verifies everybody once in parts side by side, and names what differs in any', async () => {
  const { call } = await world(40, 7_000);
  const { cursors = [], ...rest } = await call({ segments: 7 });
  expect([cursors.length, rest]).toEqual([7, { members: 0, entries: 0, differences: [] }]);
  const follow = async (from: string) => {
    const answers = [await call({ cursor: from })];
    for (let cursor = answers[0]?.cursor; cursor; cursor = answers.at(-1)?.cursor)
      answers.push(await call({ cursor }));
    return answers;
  };
  const answers = (await Promise.all(cursors.map(follow))).flat();
  expect(answers.reduce((sum, one) => sum + one.members, 0)).toBe(40);
  expect(answers.reduce((sum, one) => sum + one.entries, 0)).toBe(80);
});

it('refuses parts of one member, and parts of what has begun', async () => {
  const { ids, call } = await world(2, 7_000);
  const { cursor } = await call({});
  for (const more of [{ memberId: ids[0] }, { cursor }])
    await expect(call({ segments: 2, ...more })).rejects.toMatchObject({
      code: 'invalid_request',
      errors: [{ path: 'segments' }],
    });
});
