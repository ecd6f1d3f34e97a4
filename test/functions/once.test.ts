/**
 * Every route that takes an Idempotency-Key: the same key and content gets the first answer again, a success and a
 * refusal, says that it is a repeat and writes nothing; the key with other content is refused.
 */
import { describe, expect, it, vi } from 'vitest';
import type { ErrorCode } from '../../core/contract/errors.ts';
import type { MemberId } from '../../core/contract/ids.ts';
import { type Route, type RouteName, routes } from '../../core/contract/routes.ts';
import type { Deps } from '../../functions/deps.ts';
import { createKey, enrol, listDeadLetter, listExceptions, recordPurchase } from '../../ledger/ledger.ts';
import { knock, type Reply, type Sent } from '../support/doors.ts';
import { putInForce } from '../support/histories.ts';
import { newWorld, type World } from '../support/ports.ts';
import { aPurchase, defaultProgram, noon } from '../support/world.ts';

const current = vi.hoisted(() => ({ deps: undefined as unknown }));
vi.mock('../../functions/deps.ts', () => ({
  deps: async () => current.deps as Deps,
  programFreshMs: 0,
}));

const program = defaultProgram();
const by = { keyId: 'setup', name: 'setup' };
const ulid = '01KBAZ5H00QK7WJ0C4PTSH3N1D';
const nobody = `mem_${ulid}`;

/** A world with two members, the first of whom has points, and keys. */
interface Stage {
  readonly world: World;
  readonly memberId: MemberId;
  readonly second: MemberId;
  readonly keys: Readonly<Record<'store' | 'ops' | 'other', string>>;
  /** The id of the second operator's key. */
  readonly otherId: string;
}

async function stage(): Promise<Stage> {
  const world = newWorld({ now: noon });
  current.deps = world.deps;
  const { ledger } = world;
  await putInForce(ledger, program);
  const store = await createKey(ledger, { name: 'till', role: 'channel', channel: 'store' }, by, noon);
  const ops = await createKey(ledger, { name: 'ops', role: 'ops' }, by, noon);
  const other = await createKey(ledger, { name: 'other', role: 'ops' }, by, noon);
  const [memberId, second] = [await joined(world, 'ada'), await joined(world, 'grace')];
  await recordPurchase(ledger, program, aPurchase([40_000], { member: { memberId } }), noon);
  return {
    world,
    memberId,
    second,
    keys: { store: store.text, ops: ops.text, other: other.text },
    otherId: other.credential.keyId,
  };
}

async function joined({ ledger }: World, name: string): Promise<MemberId> {
  const outcome = await enrol(ledger, program, { email: `${name}@example.com` }, noon);
  if (outcome.type !== 'enrolled') throw new Error('The member exists already.');
  return outcome.member.account.memberId;
}

/** Something done before, under a key of its own. */
async function before({ keys }: Stage, name: RouteName, sent: Sent): Promise<Reply> {
  const reply = await knock(name, { key: keys.ops, ...sent, headers: { 'idempotency-key': 'before' } });
  expect([name, reply.status < 300]).toEqual([name, true]);
  return reply;
}

async function held(at: Stage): Promise<Sent> {
  const body = { member: { memberId: at.memberId }, rewardId: 'five-euros', mode: 'authorize' };
  const { redemptionId } = (await before(at, 'createRedemption', { body, key: at.keys.store })).body;
  return { params: { redemptionId }, body: {} };
}

async function voucherOf(at: Stage): Promise<{ code: string }> {
  const body = { member: { memberId: at.memberId }, rewardId: 'free-coffee', reason: 'Late parcel' };
  return { code: (await before(at, 'issueVoucher', { body })).body.code };
}

async function letter({ world: { ledger } }: Stage): Promise<{ exceptionId: string }> {
  const sent = { consumer: 'purchases', queue: 'purchases-store-dead', sendTo: 'purchases-store' } as const;
  const about = { subject: 'message-1', sentAt: '2026-11-22T11:00:00Z', memberId: null, detail: 'Given up.' };
  await listDeadLetter(ledger, { ...about, ...sent, body: '{}', receiveCount: 10 }, noon);
  const { items } = await listExceptions(ledger, { status: 'open', limit: 1 });
  return { exceptionId: items[0]?.exceptionId ?? '' };
}

async function asked(at: Stage): Promise<{ adjustmentId: string }> {
  const body = { memberId: at.memberId, points: 6000, reason: 'Lost card' };
  return { adjustmentId: (await before(at, 'createAdjustment', { body })).body.adjustmentId };
}

interface Line {
  readonly as?: keyof Stage['keys'];
  readonly done: (at: Stage) => Sent | Promise<Sent>;
  /** Other content, and with what code it is refused; null where nothing that is well-formed is. */
  readonly other: (at: Stage) => Sent;
  readonly refusedAs: ErrorCode | null;
}

const reason = 'As asked';
const { version: _version, ...document } = program;

/** A new route that takes a key has to be given a line here. */
type Keyed = {
  [name in RouteName]: (typeof routes)[name] extends { readonly idempotent: string } ? name : never;
}[RouteName];

const lines: Readonly<Record<Keyed, Line>> = {
  enrolMember: {
    done: () => ({ body: { email: 'new@example.com' } }),
    other: () => ({ body: { email: 'ada@example.com' } }),
    refusedAs: 'member_exists',
  },
  changeMember: {
    done: ({ memberId }) => ({ params: { memberId }, body: { name: 'Ada' } }),
    other: () => ({ params: { memberId: nobody }, body: { name: 'Ada' } }),
    refusedAs: 'not_found',
  },
  liftContactHold: {
    as: 'ops',
    done: ({ memberId }) => ({ params: { memberId }, body: { reason } }),
    other: () => ({ params: { memberId: nobody }, body: { reason } }),
    refusedAs: 'not_found',
  },
  mergeMember: {
    as: 'ops',
    done: ({ memberId, second }) => ({ params: { memberId }, body: { from: second } }),
    other: ({ memberId }) => ({ params: { memberId }, body: { from: nobody } }),
    refusedAs: 'invalid_request',
  },
  unmergeMember: {
    as: 'ops',
    done: async (at) => {
      const sent = { params: { memberId: at.memberId }, body: { from: at.second } };
      await before(at, 'mergeMember', sent);
      return sent;
    },
    other: ({ memberId }) => ({ params: { memberId }, body: { from: nobody } }),
    refusedAs: 'invalid_request',
  },
  eraseMember: {
    as: 'ops',
    done: ({ second }) => ({ params: { memberId: second }, body: {} }),
    other: () => ({ params: { memberId: nobody }, body: {} }),
    refusedAs: 'not_found',
  },
  claimPurchase: {
    done: async ({ world, memberId }) => {
      await recordPurchase(world.ledger, program, aPurchase([3000], { id: 'store:GUEST' }), noon);
      const body = { member: { memberId }, totalMinor: 3000 };
      return { params: { purchaseId: 'store:GUEST' }, body };
    },
    other: ({ memberId }) => ({
      params: { purchaseId: 'store:NONE' },
      body: { member: { memberId }, totalMinor: 3000 },
    }),
    refusedAs: 'not_found',
  },
  createRedemption: {
    done: ({ memberId }) => ({ body: { member: { memberId }, rewardId: 'five-euros', mode: 'capture' } }),
    other: ({ second }) => ({
      body: { member: { memberId: second }, rewardId: 'five-euros', mode: 'capture' },
    }),
    refusedAs: 'insufficient_points',
  },
  captureRedemption: {
    done: held,
    other: () => ({ params: { redemptionId: `red_${ulid}` }, body: {} }),
    refusedAs: 'not_found',
  },
  cancelRedemption: {
    done: held,
    other: () => ({ params: { redemptionId: `red_${ulid}` }, body: {} }),
    refusedAs: 'not_found',
  },
  redeemVoucher: {
    done: async (at) => ({ params: await voucherOf(at), body: {} }),
    other: () => ({ params: { code: '0000000000000' }, body: {} }),
    refusedAs: 'not_found',
  },
  issueVoucher: {
    as: 'ops',
    done: ({ memberId }) => ({ body: { member: { memberId }, rewardId: 'free-coffee', reason } }),
    other: ({ memberId }) => ({ body: { member: { memberId }, rewardId: 'none', reason } }),
    refusedAs: 'reward_unavailable',
  },
  revokeVoucher: {
    as: 'ops',
    done: async (at) => ({ params: await voucherOf(at), body: { reason } }),
    other: () => ({ params: { code: '0000000000000' }, body: { reason } }),
    refusedAs: 'not_found',
  },
  putProgram: {
    as: 'ops',
    done: () => ({ body: { ...document, name: 'Another' } }),
    other: () => ({ body: {} }),
    refusedAs: 'invalid_request',
  },
  rollBackProgram: {
    as: 'ops',
    done: async (at) => {
      await before(at, 'putProgram', { body: { ...document, name: 'Another' } });
      return { params: { version: '1' }, body: {} };
    },
    other: () => ({ params: { version: '99' }, body: {} }),
    refusedAs: 'not_found',
  },
  retryException: {
    as: 'ops',
    done: async (at) => ({ params: await letter(at), body: {} }),
    other: () => ({ params: { exceptionId: `exc_${ulid}` }, body: {} }),
    refusedAs: 'not_found',
  },
  dismissException: {
    as: 'ops',
    done: async (at) => ({ params: await letter(at), body: { reason } }),
    other: () => ({ params: { exceptionId: `exc_${ulid}` }, body: { reason } }),
    refusedAs: 'not_found',
  },
  redriveDeadLetters: {
    as: 'ops',
    done: async (at) => {
      await letter(at);
      return { body: {} };
    },
    other: () => ({ body: { limit: 5 } }),
    refusedAs: null,
  },
  createAdjustment: {
    as: 'ops',
    done: ({ memberId }) => ({ body: { memberId, points: 100, reason } }),
    other: ({ memberId }) => ({ body: { memberId, points: -4000, reason } }),
    refusedAs: 'insufficient_points',
  },
  approveAdjustment: {
    as: 'other',
    done: async (at) => ({ params: await asked(at), body: {} }),
    other: () => ({ params: { adjustmentId: `adj_${ulid}` }, body: {} }),
    refusedAs: 'not_found',
  },
  rejectAdjustment: {
    as: 'other',
    done: async (at) => ({ params: await asked(at), body: { reason } }),
    other: () => ({ params: { adjustmentId: `adj_${ulid}` }, body: { reason } }),
    refusedAs: 'not_found',
  },
  setRedemptionSwitch: {
    as: 'ops',
    done: () => ({ body: { paused: true, reason } }),
    other: () => ({ body: { paused: false } }),
    refusedAs: null,
  },
  putChannel: {
    as: 'ops',
    done: () => ({ params: { channelId: 'till-2' }, body: { kind: 'store', name: 'Second till' } }),
    other: () => ({ params: { channelId: 'web' }, body: { kind: 'store', name: 'Second till' } }),
    refusedAs: 'channel_kind_fixed',
  },
  removeChannel: {
    as: 'ops',
    done: async (at) => {
      const params = { channelId: 'till-2' };
      await before(at, 'putChannel', { params, body: { kind: 'store', name: 'Second till' } });
      return { params };
    },
    other: () => ({ params: { channelId: 'web' } }),
    refusedAs: 'channel_in_use',
  },
  revokeKey: {
    as: 'ops',
    done: ({ otherId }) => ({ params: { keyId: otherId } }),
    other: () => ({ params: { keyId: `key_${ulid}` } }),
    refusedAs: 'not_found',
  },
};

const all = Object.entries(lines) as [Keyed, Line][];

/** Sends one thing twice and the other with the same key; what it was answered first. */
async function twiceThenOther(name: Keyed, at: Stage, sent: Sent, other: Sent): Promise<Reply> {
  const key = at.keys[lines[name].as ?? 'store'];
  const send = (what: Sent) => knock(name, { ...what, key, headers: { 'idempotency-key': 'one' } });
  const first = await send(sent);
  expect(first.headers).not.toHaveProperty('idempotency-replayed');
  const written = JSON.stringify(at.world.items());
  const again = await send(sent);
  expect([again.status, again.body]).toEqual([first.status, first.body]);
  expect(again.headers['idempotency-replayed']).toBe('true');
  const refused = await send(other);
  expect([refused.status, refused.body.code]).toEqual([422, 'idempotency_mismatch']);
  expect(JSON.stringify(at.world.items())).toBe(written);
  return first;
}

describe('with one key', () => {
  it.each(all)('%s is done once, and is nothing else', async (name, { done, other }) => {
    const at = await stage();
    const first = await twiceThenOther(name, at, await done(at), other(at));
    expect(Object.keys(routes[name].answers)).toContain(String(first.status));
  });

  it.each(all.filter(([, { refusedAs }]) => refusedAs))(
    '%s is refused once and for all, and is nothing else',
    async (name, { done, other, refusedAs }) => {
      const at = await stage();
      const wanted = await done(at);
      const first = await twiceThenOther(name, at, other(at), wanted);
      expect(first.body.code).toBe(refusedAs);
    },
  );

  it('says of no route that nothing can be refused where its errors say otherwise', () => {
    for (const [name, { refusedAs }] of all) {
      const kept = (routes[name] as Route).errors.filter((code) => code !== 'unavailable');
      expect([name, refusedAs === null]).toEqual([name, kept.length === 0]);
    }
  });
});
