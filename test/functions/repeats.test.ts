/** Who repeats a request with its key gets the first answer, whatever has come since; and may ask again what passes. */
import { randomUUID } from 'node:crypto';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { allChannels } from '../../core/channels.ts';
import { errors } from '../../core/contract/errors.ts';
import type { Deps } from '../../functions/deps.ts';
import { handler } from '../../functions/http/redemptions.ts';
import { createCallers, credentialFreshMs } from '../../functions/kit/callers.ts';
import {
  createKey,
  enrol,
  type MadeKey,
  recordPurchase,
  redemptionSwitch,
  revokeKey,
  rotateKey,
  setSwitch,
} from '../../ledger/ledger.ts';
import { putInForce } from '../support/histories.ts';
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
let till: MadeKey;
let ops: MadeKey;
let memberId: string;

beforeEach(async () => {
  clock.now = noon;
  world = newWorld(clock);
  // Channels are kept by each instance, whoever comes: what is counted is how often a key is read.
  const channels = async () => allChannels([]);
  current.deps = { ...world.deps, channels, credential: createCallers(world.ledger, () => clock.now) };
  await putInForce(world.ledger, program);
  till = await createKey(world.ledger, { name: 'till', role: 'channel', channel: 'store' }, by, noon);
  ops = await createKey(world.ledger, { name: 'ops', role: 'ops' }, by, noon);
  const enrolled = await enrol(world.ledger, program, { email: 'ann@example.com' }, noon);
  if (enrolled.type !== 'enrolled') throw new Error('The member exists already.');
  memberId = enrolled.member.account.memberId;
  const purchase = aPurchase([100_000], { member: { memberId: enrolled.member.account.memberId } });
  await recordPurchase(world.ledger, program, purchase, noon);
});

interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: {
    readonly code: string;
    readonly voucher: { readonly code: string };
    readonly status: string;
  };
}

async function call(
  route: string,
  wanted: { body?: unknown; params?: Record<string, string>; once?: string; key?: string },
): Promise<Answer> {
  const { once, key = till.text, ...rest } = wanted;
  const headers = {
    'x-philia-client': 'a visitor',
    ...(once === undefined ? {} : { 'idempotency-key': once }),
  };
  const event = httpEvent(route, { key, headers, ...rest });
  const answer = (await handler(event as never, {} as never)) as unknown as {
    statusCode: number;
    headers: Record<string, string>;
    body: string;
  };
  return { status: answer.statusCode, headers: answer.headers, body: JSON.parse(answer.body) };
}

const redeem = (once: string) =>
  call('POST /v1/redemptions', { body: { member: { memberId }, rewardId: 'cup', mode: 'capture' }, once });
const useVoucher = (code: string, once: string) =>
  call('POST /v1/vouchers/{code}/redeem', { params: { code }, body: {}, once });
const pause = (paused: boolean) =>
  setSwitch(world.ledger, { name: redemptionSwitch, paused, reason: null }, by, clock.now);
async function guess(times: number): Promise<void> {
  for (let at = 0; at < times; at++)
    await call('GET /v1/vouchers/{code}', { params: { code: '0000000000000' } });
}

describe('a repeat', () => {
  it('of a voucher that was used is answered as the first was, though its caller was stopped since', async () => {
    const { code } = (await redeem(randomUUID())).body.voucher;
    const once = randomUUID();
    const first = await useVoucher(code, once);
    expect([first.status, first.body.status]).toEqual([200, 'used']);
    await guess(12);
    const stopped = await useVoucher(code, randomUUID());
    expect([stopped.status, stopped.headers['retry-after']]).toEqual([429, '900']);
    const again = await useVoucher(code, once);
    expect([again.status, again.body]).toEqual([200, first.body]);
    expect(again.headers['idempotency-replayed']).toBe('true');
  });

  it('of a refusal is that refusal, though its caller was stopped since', async () => {
    const { code } = (await redeem(randomUUID())).body.voucher;
    await useVoucher(code, randomUUID());
    const once = randomUUID();
    const first = await useVoucher(code, once);
    expect([first.status, first.body.code]).toEqual([409, 'voucher_used']);
    await guess(12);
    expect((await useVoucher(code, once)).body).toEqual(first.body);
  });

  it('of what was done before a pause is what was done', async () => {
    const once = randomUUID();
    const first = await redeem(once);
    await pause(true);
    expect((await redeem(once)).body).toEqual(first.body);
  });

  it('after a pause, with the key that met it, is done, and was told when to come again', async () => {
    await pause(true);
    const once = randomUUID();
    const refused = await redeem(once);
    expect([refused.status, refused.body.code]).toEqual([409, 'redemptions_paused']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    await pause(false);
    expect((await redeem(once)).status).toBe(201);
  });
});

describe('a refusal', () => {
  it('says when to come again just where its code says that this can help', async () => {
    await pause(true);
    const paused = await redeem(randomUUID());
    await guess(12);
    const stopped = await call('GET /v1/vouchers/{code}', { params: { code: '0000000000000' } });
    const unknown = await call('GET /v1/vouchers/{code}', {
      params: { code: '0000000000000' },
      key: ops.text,
    });
    for (const { headers, body } of [paused, stopped, unknown])
      expect('retry-after' in headers).toBe(errors[body.code as keyof typeof errors].retry === 'later');
    expect([paused.status, stopped.status, unknown.status]).toEqual([409, 429, 404]);
  });
});

describe("a caller's key", () => {
  const status = async (key: string) => (await call('GET /v1/rewards', { key })).status;
  const readsFor = async (key: string) => {
    world.arm();
    await status(key);
    const reads = world.calls.filter((name) => name === 'get').length;
    world.disarm();
    return reads;
  };

  it('is read once in a while and not for each request', async () => {
    const first = await readsFor(till.text);
    expect(await readsFor(till.text)).toBe(first - 1);
    clock.now += credentialFreshMs;
    expect(await readsFor(till.text)).toBe(first);
  });

  it('that was revoked is refused within five seconds, and by a clock that was set back at once', async () => {
    expect(credentialFreshMs).toBeLessThanOrEqual(5_000);
    for (const passed of [credentialFreshMs, -1]) {
      const made = await createKey(
        world.ledger,
        { name: 'gone', role: 'channel', channel: 'web' },
        by,
        clock.now,
      );
      expect(await status(made.text)).toBe(200);
      expect(await revokeKey(world.ledger, made.credential.keyId, by, clock.now)).toEqual({
        type: 'revoked',
      });
      clock.now += passed;
      expect(await status(made.text)).toBe(401);
    }
  });

  it('that was rotated ends with its grace, to the millisecond, though it was read just before', async () => {
    await rotateKey(world.ledger, till.credential.keyId, 1, by, clock.now);
    clock.now += 3_600_000 - 1;
    expect(await status(till.text)).toBe(200);
    clock.now += 1;
    expect(await status(till.text)).toBe(401);
  });

  it('that is none is asked for each time, and is nobody else’s', async () => {
    const none = `phk_store_${'a'.repeat(32)}`;
    expect([await readsFor(none), await readsFor(none)]).toEqual([1, 1]);
    expect(await status(none)).toBe(401);
  });
});
