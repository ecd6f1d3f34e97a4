/**
 * How long the answer takes about what is another channel's, beside what never was: 500 of each, by turns, on the
 * running system. Both are 404; nobody is to tell them apart by their time.
 */
import { randomUUID } from 'node:crypto';
import { startSystem } from '../support/system.ts';

const COUNT = 500;
const digits = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const random = () =>
  Array.from(crypto.getRandomValues(new Uint8Array(20)), (byte) => digits[byte % 32]).join('');

const system = await startSystem('--clock', '2026-11-22T10:00:00Z');
const { baseUrl, credentials } = system;

async function ask(method: string, path: string, as: 'web' | 'store', body?: object): Promise<Response> {
  return fetch(`${baseUrl}${path}`, {
    method,
    headers: {
      authorization: `Bearer ${credentials.channels[as]}`,
      'idempotency-key': randomUUID(),
      ...(body ? { 'content-type': 'application/json' } : {}),
    },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
}

/** Redemptions of the store's, captured, each with a voucher. */
async function redemptions(count: number): Promise<string[]> {
  const enrolled = await ask('POST', '/v1/members', 'store', { email: 'bench@example.com' });
  const { memberId } = (await enrolled.json()) as { memberId: string };
  const amountMinor = 100_000 * count;
  await ask('POST', '/v1/purchases', 'store', {
    id: 'B-1',
    occurredAt: '2026-11-22T09:00:00Z',
    currency: 'EUR',
    member: { memberId },
    lines: [{ id: '1', sku: 'A', quantity: 1, amountMinor }],
    totalMinor: amountMinor,
  });
  await system.idle();
  const ids: string[] = [];
  for (let made = 0; made < count; made++) {
    const wanted = { member: { memberId }, rewardId: 'five-euros', mode: 'capture' };
    const answer = await ask('POST', '/v1/redemptions', 'store', wanted);
    ids.push(((await answer.json()) as { redemptionId: string }).redemptionId);
  }
  return ids;
}

function shown(times: number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(share * (sorted.length - 1))] ?? 0).toFixed(2).padStart(7);
  return `p10 ${at(0.1)}  median ${at(0.5)}  p90 ${at(0.9)} ms`;
}

try {
  const there = await redemptions(50);
  for (const [method, suffix] of [
    ['GET', ''],
    ['POST', '/cancel'],
  ] as const) {
    const times: Record<'anothers' | 'random', number[]> = { anothers: [], random: [] };
    for (let round = 0; round < COUNT + 50; round++)
      for (const kind of round % 2 ? (['anothers', 'random'] as const) : (['random', 'anothers'] as const)) {
        const id = kind === 'random' ? `red_01KBAZ${random()}` : there[round % there.length];
        const from = performance.now();
        const answer = await ask(method, `/v1/redemptions/${id}${suffix}`, 'web');
        await answer.arrayBuffer();
        const took = performance.now() - from;
        if (answer.status !== 404) throw new Error(`${id} was answered ${answer.status}.`);
        // The first ones warm the function up.
        if (round >= 50) times[kind].push(took);
      }
    console.info(`${method} /v1/redemptions/{redemptionId}${suffix}, ${COUNT} of each`);
    console.info(`  another channel's  ${shown(times.anothers)}`);
    console.info(`  a random id        ${shown(times.random)}`);
  }
} finally {
  await system.remove();
}
