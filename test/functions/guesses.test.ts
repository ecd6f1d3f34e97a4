/** Whoever guesses codes or totals is stopped after ten wrong ones, exactly, and nobody else behind the same key is. */
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { MemberId } from '../../core/contract/ids.ts';
import type { Deps } from '../../functions/deps.ts';
import { handler as members } from '../../functions/http/members.ts';
import { handler as redemptions } from '../../functions/http/redemptions.ts';
import { createKey, type MadeKey, recordPurchase, referralCode } from '../../ledger/ledger.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { httpEvent } from '../support/outside.ts';
import { newWorld, type World } from '../support/ports.ts';
import { aPurchase, defaultProgram, noon } from '../support/world.ts';

const current = vi.hoisted(() => ({ deps: undefined as unknown }));
vi.mock('../../functions/deps.ts', () => ({ deps: async () => current.deps as Deps }));

const by = { keyId: 'setup', name: 'setup' };
const program = defaultProgram({
  rewards: [{ id: 'cup', name: 'Cup', type: 'gift', points: 10, sku: 'CUP' }],
});
const clock = { now: noon };
let world: World;
let shop: MadeKey;
let ops: MadeKey;
let memberId: string;

beforeEach(async () => {
  clock.now = noon;
  world = newWorld(clock);
  current.deps = world.deps;
  await putInForce(world.ledger, program);
  shop = await createKey(world.ledger, { name: 'shop', role: 'channel', channel: 'store' }, by, noon);
  ops = await createKey(world.ledger, { name: 'ops', role: 'ops' }, by, noon);
  memberId = await newMember(world.ledger, program);
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers freely.
  readonly body: any;
}

interface Wanted {
  readonly client?: string | undefined;
  readonly once?: string;
  readonly key?: string;
}

async function call(
  route: string,
  params: Record<string, string>,
  body: unknown,
  { client, once, key = shop.text }: Wanted = {},
): Promise<Answer> {
  const headers: Record<string, string> = {
    ...(client === undefined ? {} : { 'x-philia-client': client }),
    ...(once === undefined ? {} : { 'idempotency-key': once }),
  };
  const handler = route.includes('claim') || route.endsWith('members') ? members : redemptions;
  const event = httpEvent(route, { key, headers, params, body });
  const answer = (await handler(event as never, {} as never)) as unknown as {
    statusCode: number;
    headers: Record<string, string>;
    body: string;
  };
  return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(answer.body) };
}

const count = (answers: readonly Answer[], status: number) =>
  answers.filter((answer) => answer.status === status).length;

/** Something that can be guessed: a voucher's code, read or used, a referral code, or the total of a guest's purchase. */
interface Guessed {
  readonly wrongStatus: number;
  readonly wrong: (index: number, wanted?: Wanted) => Promise<Answer>;
  readonly right: (wanted?: Wanted) => Promise<Answer>;
}

async function code(route: string, once: () => { once?: string }): Promise<Guessed> {
  const body = { member: { memberId }, rewardId: 'cup', mode: 'capture' };
  await recordPurchase(
    world.ledger,
    program,
    aPurchase([100_000], { member: { memberId: memberId as never } }),
    noon,
  );
  const redeemed = await call('POST /v1/redemptions', {}, body, { once: randomUUID() });
  const right = redeemed.body.voucher.code as string;
  const using = route.startsWith('POST') ? {} : undefined;
  return {
    wrongStatus: 404,
    wrong: (index, wanted) => call(route, { code: `WRONG${index}` }, using, { ...once(), ...wanted }),
    right: (wanted) => call(route, { code: right }, using, { ...once(), ...wanted }),
  };
}

async function total(): Promise<Guessed> {
  const guests = aPurchase([7_777]);
  await recordPurchase(world.ledger, program, guests, noon);
  const claim = (totalMinor: number, wanted?: Wanted) =>
    call(
      'POST /v1/purchases/{purchaseId}/claim',
      { purchaseId: guests.id },
      { member: { memberId }, totalMinor },
      wanted,
    );
  return {
    wrongStatus: 409,
    wrong: (index, wanted) => claim(index, wanted),
    right: (wanted) => claim(7_777, wanted),
  };
}

/** Enrolling with the code of the member, who brought whoever it is. */
async function referral(once: () => { once?: string }): Promise<Guessed> {
  const right = referralCode(world.ledger, memberId as MemberId);
  const enrolling = (code: string, wanted?: Wanted) =>
    call('POST /v1/members', {}, { referralCode: code }, { ...once(), ...wanted });
  return {
    wrongStatus: 400,
    wrong: (index, wanted) => enrolling(`WRONG${index}`, wanted),
    right: async (wanted) => {
      const answer = await enrolling(right, wanted);
      return answer.status === 201 ? { ...answer, status: 200 } : answer;
    },
  };
}

const kinds: [string, () => Promise<Guessed>][] = [
  ['a code that is read', () => code('GET /v1/vouchers/{code}', () => ({}))],
  ['a code that is used', () => code('POST /v1/vouchers/{code}/redeem', () => ({ once: randomUUID() }))],
  ['a referral code', () => referral(() => ({}))],
  ['a referral code with keys', () => referral(() => ({ once: randomUUID() }))],
  ['the total of a claim', total],
  [
    'the total of a claim with keys',
    async () => {
      const { wrong, right, ...rest } = await total();
      const keyed = (wanted?: Wanted) => ({ once: randomUUID(), ...wanted });
      return {
        ...rest,
        wrong: (index, wanted) => wrong(index, keyed(wanted)),
        right: (wanted) => right(keyed(wanted)),
      };
    },
  ],
];

describe.each(kinds)('%s', (what, make) => {
  const ann = { client: 'session of Ann, 203.0.113.7' };
  const bob = { client: 'session of Bob' };

  it('is told to be wrong ten times of thirty at once; then the right one is not told either, for as long as it says', async () => {
    const { wrong, wrongStatus, right } = await make();
    const answers = await Promise.all(Array.from({ length: 30 }, (_, index) => wrong(index, ann)));
    expect([count(answers, wrongStatus), count(answers, 429)]).toEqual([10, 20]);
    const stopped = await right(ann);
    expect([stopped.status, stopped.body.code]).toEqual([429, 'too_many_requests']);
    expect(stopped.body.detail).not.toBe(stopped.body.title);
    const seconds = Number(stopped.headers['retry-after']);
    expect(seconds).toBe(900);
    clock.now += seconds * 1000 - 1;
    const still = await right(ann);
    expect([still.status, still.headers['retry-after']]).toEqual([429, '1']);
    clock.now += 1;
    expect((await right(ann)).status).toBe(200);
  });

  it('that one visitor guesses stops nobody else behind the same key, with a name or without', async () => {
    const { wrong, wrongStatus, right } = await make();
    for (let index = 0; index < 12; index++) await wrong(index, ann);
    // Totals are small numbers: those of one purchase are counted together, whoever guesses.
    const other = what.startsWith('the total') ? await make() : { wrong, right };
    expect((await other.wrong(99, bob)).status).toBe(wrongStatus);
    expect((await other.right(bob)).status).toBe(200);
    expect((await (await make()).right()).status).toBe(200);
  });

  it('that a caller without names guesses is told no more to be wrong, and a shop goes on', async () => {
    const { wrong, wrongStatus, right } = await make();
    const answers = await Promise.all(Array.from({ length: 30 }, (_, index) => wrong(index)));
    expect([count(answers, wrongStatus), count(answers, 429)]).toEqual([10, 20]);
    const goesOn = what.startsWith('the total') ? await make() : { right };
    // The member of a claim is a name already.
    expect((await goesOn.right(what.startsWith('the total') ? bob : {})).status).toBe(200);
  });

  it('leaves nothing of the visitor in the table but a keyed hash that goes by itself', async () => {
    const { wrong } = await make();
    await wrong(1, ann);
    const items = world.items().filter(({ item }) => item === 'guesses');
    expect(items.length).toBeGreaterThan(0);
    for (const item of items) expect(item.ttl).toBeGreaterThan(noon / 1000);
    expect(JSON.stringify(world.items())).not.toContain('Ann');
  });
});

describe('a referral code', () => {
  const enrolling = (code: string, wanted: Wanted = {}) =>
    call('POST /v1/members', {}, { referralCode: code }, wanted);

  it('is counted for itself: who has guessed those may still use a voucher, and the other way round', async () => {
    const codes = await code('GET /v1/vouchers/{code}', () => ({}));
    const ann = { client: 'Ann' };
    for (let index = 0; index < 12; index++) await enrolling(`WRONG${index}`, ann);
    expect((await enrolling('WRONG', ann)).status).toBe(429);
    expect((await codes.right(ann)).status).toBe(200);
    const bob = { client: 'Bob' };
    for (let index = 0; index < 12; index++) await codes.wrong(index, bob);
    expect((await codes.right(bob)).status).toBe(429);
    expect((await (await referral(() => ({}))).right(bob)).status).toBe(200);
  });

  it('that is wrong is told to an operator as often as they ask', async () => {
    for (let index = 0; index < 12; index++)
      expect((await enrolling(`WRONG${index}`, { key: ops.text })).status).toBe(400);
  });

  it('is no matter where none is given, also for who is stopped', async () => {
    const ann = { client: 'Ann' };
    for (let index = 0; index < 12; index++) await enrolling(`WRONG${index}`, ann);
    expect((await call('POST /v1/members', {}, {}, ann)).status).toBe(201);
  });
});

describe("a purchase's total", () => {
  it('is guessed by ten, from however many sessions, and an operator still helps', async () => {
    const { wrong, wrongStatus, right } = await total();
    const answers = await Promise.all(
      Array.from({ length: 30 }, (_, index) => wrong(index, { client: `session ${index}` })),
    );
    expect([count(answers, wrongStatus), count(answers, 429)]).toEqual([10, 20]);
    expect((await right({ client: 'another session' })).status).toBe(429);
    expect((await right({ key: ops.text })).status).toBe(200);
  });

  it('that is right among thirty at once is told only to one of the first', async () => {
    const { wrong, right } = await total();
    const wrongs = Array.from({ length: 29 }, (_, index) => wrong(index, { client: 'one' }));
    const [claimed, ...answers] = await Promise.all([right({ client: 'one' }), ...wrongs]);
    expect(count(answers, 409)).toBeLessThanOrEqual(10);
    expect([200, 429]).toContain(claimed?.status);
  });
});

describe('a wrong code with a key', () => {
  const redeem = (given: string, once: string, body: object = {}) =>
    call('POST /v1/vouchers/{code}/redeem', { code: given }, body, { once, client: 'one' });

  it('is wrong again, as a replay, and is counted once; other content under its key is refused', async () => {
    const first = await redeem('NOPE', 'k1');
    expect([first.status, first.headers['idempotency-replayed']]).toEqual([404, undefined]);
    for (let times = 0; times < 20; times++) {
      const again = await redeem('NOPE', 'k1');
      expect([again.status, again.headers['idempotency-replayed']]).toEqual([404, 'true']);
      expect(again.body).toEqual(first.body);
    }
    expect((await redeem('OTHER', 'k1')).body.code).toBe('idempotency_mismatch');
    expect((await redeem('NOPE', 'k1', { amountMinor: 5 })).body.code).toBe('idempotency_mismatch');
  });

  it('that met the stop is asked again afterwards', async () => {
    for (let index = 0; index < 10; index++) await redeem(`NOPE${index}`, randomUUID());
    expect((await redeem('NOPE', 'k1')).status).toBe(429);
    clock.now += 900_000;
    expect((await redeem('NOPE', 'k1')).status).toBe(404);
  });
});
