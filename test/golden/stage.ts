/** Plays a scene against the ledger in memory: what was refused, and what is there after each step. */
import { balanceOf } from '../../core/account.ts';
import { allChannels, fullId } from '../../core/channels.ts';
import type { ErrorCode } from '../../core/contract/errors.ts';
import type { MemberId, PurchaseId } from '../../core/contract/ids.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import { anyAge, refusePurchase } from '../../core/intake.ts';
import { settle } from '../../core/points.ts';
import { statusOf } from '../../core/purchases.ts';
import {
  enrol,
  getAccount,
  getPurchase,
  getVoucher,
  listExceptions,
  postAs,
  recordPurchase,
  recordRefund,
  retryException,
} from '../../ledger/ledger.ts';
import type { LedgerContext } from '../../ledger/store/context.ts';
import type { Voucher } from '../../ledger/store/items.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { putInForce } from '../support/histories.ts';
import { redeemed, used } from '../support/spending.ts';
import { aPurchase, aRefund, defaultProgram, testContext } from '../support/world.ts';
import type { Found, GiveBack, Person, Points, PostAs, Scene, SceneStep, Sell, SpendOn } from './scenes.ts';
import { minorOf } from './shapes.ts';

const program = defaultProgram({ bonuses: {} });
const operator = { keyId: 'key_01JD0000000000000000000000', name: 'operator' };

interface Stage {
  readonly ledger: LedgerContext;
  readonly members: Readonly<Record<Person, MemberId>>;
  voucher?: Voucher;
  /** How often something was sent: each time by an event of its own. */
  sent: number;
}

/** The refusal, where it was refused, and what is there: as much of it as the step names. */
export type Seen = Pick<SceneStep, 'refused' | 'has'>;

export async function perform({ steps }: Scene): Promise<Seen[]> {
  const ledger = testContext(createMemoryStore());
  await putInForce(ledger, program);
  const before = Date.parse('2024-01-01T12:00:00Z');
  const member = async (person: Person) => {
    const enrolled = await enrol(ledger, program, { email: `${person.toLowerCase()}@example.com` }, before);
    if (enrolled.type !== 'enrolled') throw new Error(`${person} exists.`);
    return enrolled.member.account.memberId;
  };
  const stage: Stage = { ledger, members: { Ada: await member('Ada'), Ben: await member('Ben') }, sent: 0 };
  const seen: Seen[] = [];
  for (const step of steps) {
    const now = Date.parse(step.at);
    const refused = await act(stage, step, now);
    seen.push({ ...(refused ? { refused } : {}), has: await found(stage, step.has, now) });
  }
  return seen;
}

function act(stage: Stage, step: SceneStep, now: number): Promise<ErrorCode | undefined> {
  switch (step.do) {
    case 'sell':
    case 'import':
      return sell(stage, step, now);
    case 'give back':
      return giveBack(stage, step, now);
    case 'redeem':
    case 'use':
      return spendOn(stage, step, now);
    case 'post as':
      return postUnder(stage, step, now);
  }
}

async function sell(stage: Stage, step: Sell, now: number): Promise<ErrorCode | undefined> {
  const { channel, id, amount, currency = 'EUR' } = step;
  const purchase = aPurchase([minorOf(amount, currency)], {
    channel,
    id: `${channel}:${id}`,
    occurredAt: utc(step.boughtAt ?? step.at),
    currency,
    member: { memberId: stage.members[step.to] },
  });
  const refusal = refusePurchase(purchase, program, now, 0, step.do === 'import' ? anyAge : undefined);
  if (refusal) return refusal.code;
  await recordPurchase(stage.ledger, program, purchase, now, `sent ${++stage.sent}`);
  return undefined;
}

async function giveBack(stage: Stage, { channel, of, amount }: GiveBack, now: number): Promise<undefined> {
  const what = { channel, id: `${channel}:RF${++stage.sent}`, occurredAt: utc(now) } as const;
  const refund = aRefund(
    aPurchase([], { id: fullId(channel, of, allChannels([])) ?? 'store:NONE' }),
    minorOf(amount, 'EUR'),
    what,
  );
  await recordRefund(stage.ledger, program, refund, now);
}

async function spendOn(stage: Stage, step: SpendOn, now: number): Promise<ErrorCode | undefined> {
  const { ledger, members } = stage;
  const on = step.on as PurchaseId | undefined;
  if (step.do === 'use') {
    const outcome = await used(ledger, program, String(stage.voucher?.code), on as PurchaseId, now);
    return outcome.type === 'refused' ? outcome.refusal.code : undefined;
  }
  const wanted = { memberId: members[step.who], rewardId: step.reward };
  const outcome = await redeemed(ledger, program, { ...wanted, ...(on ? { purchaseId: on } : {}) }, now);
  if (outcome.type === 'unavailable') return 'reward_unavailable';
  if (outcome.type !== 'done') throw new Error(`It was ${outcome.type}.`);
  const [voucher] = outcome.vouchers;
  if (voucher) stage.voucher = voucher;
  return undefined;
}

async function postUnder({ ledger }: Stage, step: PostAs, now: number): Promise<undefined> {
  const [exception] = (await listExceptions(ledger, { status: 'open', limit: 2 })).items;
  if (!exception) throw new Error('There is nothing to look at.');
  const done = await retryException(
    ledger,
    exception.exceptionId,
    (one, found) => postAs(ledger, program, one, step.as as PurchaseId, { operator, found }, now),
    now,
  );
  if (done.type !== 'done') throw new Error(`It was ${done.type}.`);
}

async function found(stage: Stage, wanted: Found, now: number): Promise<Found> {
  const { ledger, members, voucher } = stage;
  const person = (memberId: unknown): Person | 'nobody' =>
    (['Ada', 'Ben'] as const).find((one) => members[one] === memberId) ?? 'nobody';
  const people = (['Ada', 'Ben'] as const).filter((one) => wanted[one] !== undefined);
  const points = await Promise.all(
    people.map(async (one) => [one, await pointsOf(ledger, members[one], now)] as const),
  );
  const orders = wanted.orders && (await ordersOf(ledger, wanted.orders));
  const open = wanted.open && (await listExceptions(ledger, { status: 'open', limit: 10 })).items;
  const kept = wanted.voucher && voucher && (await getVoucher(ledger, voucher.memberId, voucher.voucherId));
  return {
    ...Object.fromEntries(points),
    ...(orders ? { orders } : {}),
    ...(kept ? { voucher: kept.status } : {}),
    ...(open ? { open: open.map(({ type, memberId }) => [type, person(memberId)] as const) } : {}),
  };
}

async function pointsOf(ledger: LedgerContext, memberId: MemberId, now: number): Promise<Points> {
  const account = await getAccount(ledger, memberId);
  if (!account) throw new Error('There is no account.');
  const { available, pending, debt } = balanceOf(settle(program, account, now).account);
  if (debt > 0) throw new Error(`${debt} points are owed.`);
  if (pending > 0 && available > 0) throw new Error('Only a part of them is pending.');
  return pending > 0 ? { pending } : available;
}

/** As many of the orders as there are. */
async function ordersOf(ledger: LedgerContext, wanted: NonNullable<Found['orders']>) {
  const records = await Promise.all(
    Object.keys(wanted).map(async (id) => [id, await getPurchase(ledger, id as PurchaseId)] as const),
  );
  return Object.fromEntries(
    records.flatMap(([id, record]) => (record ? [[id, statusOf(record).replace('_', ' ')]] : [])),
  ) as NonNullable<Found['orders']>;
}
