/**
 * What is another channel's, and who has left, is answered like what never was: the same body, and the same requests to
 * the table, by which nobody can tell them apart by time either.
 */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { MemberId } from '../../core/contract/ids.ts';
import { type RouteName, routes } from '../../core/contract/routes.ts';
import type { Deps } from '../../functions/deps.ts';
import { createCallers } from '../../functions/kit/callers.ts';
import { createKey, recordPurchase, recordRefund } from '../../ledger/ledger.ts';
import { knock, type Sent } from '../support/doors.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { newWorld, type World } from '../support/ports.ts';
import { aPurchase, aRefund, defaultProgram, noon } from '../support/world.ts';

const current = vi.hoisted(() => ({ deps: undefined as unknown }));
vi.mock('../../functions/deps.ts', () => ({ deps: async () => current.deps as Deps }));

const by = { keyId: 'setup', name: 'setup' };
const program = defaultProgram({
  rewards: [{ id: 'cup', name: 'Cup', type: 'gift', points: 10, sku: 'CUP' }],
});
const nowhere = '01KBAZ5H00QK7WJ0C4PTSH3N1D';
let world: World;
let keys: Record<'web' | 'store' | 'ops', string>;
/** What is there, and is none of the web shop's. */
let ids: Record<
  'redemption' | 'captured' | 'purchase' | 'refund' | 'left' | 'entry' | 'token' | 'code',
  string
>;

beforeEach(async () => {
  world = newWorld({ now: noon });
  current.deps = {
    ...world.deps,
    credential: createCallers(world.ledger, () => noon),
    program: async () => program,
    redemptionsPaused: async () => false,
  };
  await putInForce(world.ledger, program);
  const make = async (channel: 'web' | 'store') =>
    (await createKey(world.ledger, { name: channel, role: 'channel', channel }, by, noon)).text;
  const ops = (await createKey(world.ledger, { name: 'ops', role: 'ops' }, by, noon)).text;
  keys = { web: await make('web'), store: await make('store'), ops };
  const memberId = await newMember(world.ledger, program);
  const sold = aPurchase([100_000], { member: { memberId } });
  await recordPurchase(world.ledger, program, sold, noon);
  const refund = aRefund(sold, 100);
  await recordRefund(world.ledger, program, refund, noon);
  ids = { ...(await spent(memberId)), purchase: sold.id, refund: refund.id, ...(await leaver()) };
  // What an instance reads once in a while is read.
  for (const key of Object.values(keys)) await knock('listRewards', { key });
});

async function spent(memberId: MemberId) {
  const redeem = async (mode: string) => {
    const headers = { 'idempotency-key': mode };
    const body = { member: { memberId }, rewardId: 'cup', mode };
    return (await knock('createRedemption', { key: keys.store, body, headers })).body.redemptionId as string;
  };
  return { redemption: await redeem('authorize'), captured: await redeem('capture') };
}

/** Somebody who had points, a card and a voucher, and has asked to be forgotten. */
async function leaver() {
  const memberId = await newMember(world.ledger, program);
  await recordPurchase(world.ledger, program, aPurchase([100_000], { member: { memberId } }), noon);
  const { body: member } = await knock('getMember', { key: keys.web, params: { memberId } });
  const { body: entries } = await knock('listEntries', { key: keys.web, params: { memberId } });
  const given = { member: { memberId }, rewardId: 'cup', reason: 'Sorry' };
  const { body: voucher } = await knock('issueVoucher', { key: keys.ops, body: given });
  await knock('eraseMember', { key: keys.ops, params: { memberId } });
  return {
    left: memberId as string,
    entry: entries.items[0].entryId as string,
    token: member.cardUrl.split('/').pop() as string,
    code: voucher.code as string,
  };
}

type There = keyof typeof ids;

/** A route, whose what is asked for, and the same of what never was. */
const cases: readonly (readonly [RouteName, There, string, (id: string) => Sent])[] = [
  ...(['redemption', 'captured'] as const).flatMap((one) =>
    (['getRedemption', 'captureRedemption', 'cancelRedemption'] as const).map(
      (name) =>
        [name, one, `red_${nowhere}`, (redemptionId: string) => ({ params: { redemptionId } })] as const,
    ),
  ),
  ['getPurchase', 'purchase', 'store:NONE', (purchaseId) => ({ params: { purchaseId } })],
  [
    'claimPurchase',
    'purchase',
    'store:NONE',
    (purchaseId) => ({ params: { purchaseId }, body: { member: { email: 'a@example.com' }, totalMinor: 1 } }),
  ],
  ['getRefund', 'refund', 'store:NONE', (refundId) => ({ params: { refundId } })],
  ['getMember', 'left', `mem_${nowhere}`, (memberId) => ({ params: { memberId } })],
  ['changeMember', 'left', `mem_${nowhere}`, (memberId) => ({ params: { memberId }, body: { name: 'X' } })],
  ['listEntries', 'left', `mem_${nowhere}`, (memberId) => ({ params: { memberId } })],
  ['listVouchers', 'left', `mem_${nowhere}`, (memberId) => ({ params: { memberId } })],
  ['explainEntry', 'entry', `ent_${nowhere}`, (entryId) => ({ params: { entryId } })],
  ['getCard', 'token', 'x'.repeat(32), (token) => ({ params: { cardToken: token } })],
  ['getApplePass', 'token', 'x'.repeat(32), (token) => ({ params: { cardToken: token } })],
  ['getGoogleLink', 'token', 'x'.repeat(32), (token) => ({ params: { cardToken: token } })],
  ['getSamsungLink', 'token', 'x'.repeat(32), (token) => ({ params: { cardToken: token } })],
  ['sendLink', 'token', 'x'.repeat(32), (token) => ({ params: { cardToken: token }, body: {} })],
  [
    'addToProfile',
    'token',
    'x'.repeat(32),
    (token) => ({ params: { cardToken: token }, body: { name: 'X' } }),
  ],
  [
    'createRedemption',
    'left',
    `mem_${nowhere}`,
    (memberId) => ({ body: { member: { memberId }, rewardId: 'cup', mode: 'capture' } }),
  ],
];

/** Codes are nobody's: any channel takes them. What they lead to of somebody who has left is counted as wrong. */
const noCase: readonly RouteName[] = ['getVoucher', 'redeemVoucher'];

describe.each(cases)('%s of another’s or a former %s', (name, there, never, sent) => {
  it('is answered, and asks of the table, as of what never was', async () => {
    const ask = async (id: string, once: string) => {
      world.arm();
      const reply = await knock(name, { key: keys.web, headers: { 'idempotency-key': once }, ...sent(id) });
      const calls = [...world.calls];
      world.disarm();
      const { requestId: _drawn, ...body } = reply.body;
      return { status: reply.status, body, calls };
    };
    const found = await ask(ids[there], 'one');
    const missing = await ask(never, 'two');
    expect(found).toEqual(missing);
    expect(found.status).toBe(name === 'createRedemption' ? 400 : 404);
  });
});

describe('a channel that guesses the id of another one’s purchase', () => {
  /** One that is there and one that is not, for each kind of whom it is of, and in which state. */
  const kinds = {
    'of a member': {},
    'of a guest': { member: undefined },
    'in another currency': { currency: 'GBP' },
    'that was given back': {},
  } as const;

  it.each(Object.entries(kinds))('%s spends nothing on it, and is told no more', async (kind, more) => {
    const buyer = await newMember(world.ledger, program);
    const other = await newMember(world.ledger, program);
    const { body: voucher } = await knock('issueVoucher', {
      key: keys.ops,
      body: { member: { memberId: other }, rewardId: 'cup', reason: 'Sorry' },
      headers: { 'idempotency-key': 'voucher' },
    });
    const sold = aPurchase([1_000], { id: 'store:THERE', member: { memberId: buyer }, ...more } as object);
    await recordPurchase(world.ledger, program, sold, noon);
    if (kind === 'that was given back') await recordRefund(world.ledger, program, aRefund(sold, 1_000), noon);
    const answers = await Promise.all(
      ['store:THERE', 'store:NEVER'].map(async (purchaseId) => {
        const said = [];
        const spend = { member: { memberId: other }, rewardId: 'cup', mode: 'capture', purchaseId };
        const requests: [RouteName, Sent][] = [
          ['createRedemption', { body: spend }],
          ['redeemVoucher', { params: { code: voucher.code }, body: { purchaseId } }],
        ];
        for (const [name, sent] of requests) {
          const headers = { 'idempotency-key': `${name}-${purchaseId.slice(6)}` };
          const { status, body } = await knock(name, { key: keys.web, headers, ...sent });
          const { requestId: _drawn, ...rest } = body;
          said.push({ status, rest });
        }
        return said;
      }),
    );
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]?.map(({ rest }) => rest.errors?.[0]?.path)).toEqual(['purchaseId', 'purchaseId']);
  });

  it('is told of a refund of it that it waits, until it is applied', async () => {
    const [buyer, other] = [await newMember(world.ledger, program), await newMember(world.ledger, program)];
    const sold = aPurchase([1_000], { id: 'store:THERE', member: { memberId: buyer } });
    await recordPurchase(world.ledger, program, sold, noon);
    const guess = async (id: `web:${string}`, more: object) => {
      const refund = { ...aRefund(sold, 1_000), channel: 'web' as const, id, ...more };
      await recordRefund(world.ledger, program, refund, noon);
      const { body } = await knock('getRefund', { key: keys.web, params: { refundId: id } });
      return { ...body, refundId: '' };
    };
    const named = { member: { memberId: other } };
    const never = await guess('web:R1', { purchaseId: 'store:NEVER', ...named });
    expect(never.status).toBe('waiting');
    expect(await guess('web:R2', named)).toEqual(never);
    expect(await guess('web:R3', { currency: 'GBP' })).toEqual(never);
    expect((await knock('getRefund', { key: keys.ops, params: { refundId: 'web:R2' } })).body.status).toBe(
      'rejected',
    );
    expect(await guess('web:R4', { member: { memberId: buyer } })).toMatchObject({ status: 'applied' });
  });
});

it('the table above has every route that answers 404 to a channel or to the bearer of a card', () => {
  const all = (Object.keys(routes) as RouteName[]).filter((name) => {
    const { who, errors } = routes[name] as { who: readonly string[]; errors: readonly string[] };
    return errors.includes('not_found') && (who.includes('channel') || who.includes('card'));
  });
  const covered = new Set<RouteName>([...cases.map(([name]) => name), ...noCase, 'getApplePasses']);
  expect(all.filter((name) => !covered.has(name))).toEqual([]);
});
