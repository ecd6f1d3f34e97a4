/**
 * Doors over the real composition: whichever of what they call takes the request and never answers, the caller is told
 * in time that the outcome is unknown, and nobody tries on top of who has tried already.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { httpFunctions } from '../../core/contract/functions.ts';
import {
  httpEvent,
  type Listening,
  type Outside,
  sqsEvent,
  startOutside,
  startSilence,
} from '../support/outside.ts';

let outside: Outside;
let silence: Listening;
beforeAll(async () => {
  [outside, silence] = await Promise.all([startOutside(), startSilence()]);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  await Promise.all([outside.stop(), silence.stop()]);
});

const services = ['DYNAMODB', 'SECRETS_MANAGER', 'EVENTBRIDGE'] as const;
type Service = (typeof services)[number];
type Result = { statusCode: number; headers: Record<string, string>; body: string };
type Handler = (event: object, context: object) => Promise<Result>;

const load = {
  intake: () => import('../../functions/http/intake.ts'),
  join: () => import('../../functions/http/join.ts'),
  members: () => import('../../functions/http/members.ts'),
  redemptions: () => import('../../functions/http/redemptions.ts'),
  operators: () => import('../../functions/http/operators.ts'),
  channels: () => import('../../functions/http/channels.ts'),
  deliveries: () => import('../../functions/http/deliveries.ts'),
  cards: () => import('../../functions/http/cards.ts'),
};
type Door = keyof typeof load;

/** A door in a new instance, to which some service does not answer. */
async function open(door: Door, silent: Service | undefined, attemptMs: number): Promise<Handler> {
  vi.resetModules();
  vi.unstubAllEnvs();
  const given = { ...outside.environment, SDK_TIMEOUT_MS: String(attemptMs) };
  for (const [name, value] of Object.entries(given)) vi.stubEnv(name, value);
  if (silent) vi.stubEnv(`AWS_ENDPOINT_URL_${silent}`, silence.url);
  return (await load[door]()).handler as unknown as Handler;
}

const purchase = (id: string) => ({
  id,
  occurredAt: new Date().toISOString(),
  currency: 'EUR',
  lines: [{ id: '1', sku: 'A', quantity: 1, amountMinor: 100 }],
  totalMinor: 100,
});

/** A request to each door that needs the service. */
const requests: Record<Door, () => object> = {
  intake: () => httpEvent('POST /v1/purchases', { key: outside.keys.store, body: purchase('S1') }),
  join: () => httpEvent('POST /v1/join', { body: { email: 'ann@example.com' } }),
  members: () =>
    httpEvent('GET /v1/members', { key: outside.keys.store, query: { email: 'ann@example.com' } }),
  redemptions: () => httpEvent('GET /v1/rewards', { key: outside.keys.store }),
  operators: () => httpEvent('GET /v1/program', { key: outside.keys.ops }),
  channels: () => httpEvent('GET /v1/channels', { key: outside.keys.ops }),
  deliveries: () =>
    httpEvent('POST /v1/channels/{channelId}/deliveries', { params: { channelId: 'web' }, body: {} }),
  cards: () => httpEvent('GET /v1/cards/{cardToken}', { params: { cardToken: 'x'.repeat(32) } }),
};
const needs: readonly (readonly [Door, Service])[] = (Object.keys(load) as Door[]).flatMap((door) =>
  services
    .filter((service) => service !== 'EVENTBRIDGE' || door === 'intake' || door === 'join')
    .map((service) => [door, service] as const),
);

function expectUnknown({ statusCode, headers, body }: Result): void {
  expect(statusCode).toBe(503);
  expect(JSON.parse(body).code).toBe('unavailable');
  expect(Number(headers['retry-after'])).toBeGreaterThan(0);
}

describe('what never answers', () => {
  it.each(needs)(
    'lets %s tell so by itself, when it has tried what there is time for: %s',
    async (door, silent) => {
      const handler = await open(door, silent, 50);
      expectUnknown(await handler(requests[door](), { getRemainingTimeInMillis: () => 600_000 }));
    },
  );

  it.each(needs)('does not keep %s beyond its time: %s', async (door, silent) => {
    // An attempt alone would outlast the test; what is left of the request decides.
    const handler = await open(door, silent, 600_000);
    const { answerReserveMs } = await import('../../functions/kit/serve.ts');
    const left = { getRemainingTimeInMillis: () => answerReserveMs + 200 };
    expectUnknown(await handler(requests[door](), left));
  });

  it('is tried as often as the SDK does, and no more', async () => {
    const handler = await open('intake', 'EVENTBRIDGE', 50);
    const { sdk } = await import('../../functions/deps.ts');
    const before = silence.connections();
    await handler(requests.intake(), { getRemainingTimeInMillis: () => 600_000 });
    expect(silence.connections() - before).toBe(sdk.maxAttempts);
  });

  it('leaves nothing under way when the request is over', async () => {
    // Its first attempt would end, and the next begin, a moment after the request.
    const handler = await open('intake', 'EVENTBRIDGE', 300);
    const { answerReserveMs } = await import('../../functions/kit/serve.ts');
    const before = silence.connections();
    await handler(requests.intake(), { getRemainingTimeInMillis: () => answerReserveMs + 200 });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(silence.connections() - before).toBe(1);
  });

  it('does not break a door for good', async () => {
    const handler = await open('intake', undefined, 5_000);
    const answer = await handler(requests.intake(), { getRemainingTimeInMillis: () => 600_000 });
    expect(answer.statusCode).toBe(202);
  });
});

describe('whoever sends messages', () => {
  it.each(['DYNAMODB', 'SECRETS_MANAGER', 'SESV2'])('reports its record in time: %s', async (silent) => {
    vi.resetModules();
    vi.unstubAllEnvs();
    const given = { ...outside.environment, SDK_TIMEOUT_MS: '600000' };
    for (const [name, value] of Object.entries(given)) vi.stubEnv(name, value);
    vi.stubEnv(`AWS_ENDPOINT_URL_${silent}`, silence.url);
    const { handler } = await import('../../functions/events/messages.ts');
    const { reportReserveMs } = await import('../../functions/kit/queue.ts');
    const detail = {
      version: 1,
      memberId: outside.memberId,
      requestedAt: new Date().toISOString(),
    };
    const event = { id: 'e', source: 'philia.members', 'detail-type': 'CardLinkRequested', detail };
    const left = { getRemainingTimeInMillis: () => reportReserveMs + 300 };
    const answer = handler(sqsEvent(event) as never, left as never);
    // Without the key of the look-ups no record can be handled, so the whole batch comes again.
    if (silent === 'SECRETS_MANAGER') await expect(answer).rejects.toThrow('no answer within');
    else expect((await answer).batchItemFailures).toEqual([{ itemIdentifier: 'message-0' }]);
  });
});

describe('the times', () => {
  it('of all attempts, and of the pauses between them, fit into what a request has', async () => {
    vi.resetModules();
    vi.unstubAllEnvs();
    const { sdk } = await import('../../functions/deps.ts');
    const { answerReserveMs } = await import('../../functions/kit/serve.ts');
    const { httpTimeout } = await import('../../infra/queues.ts');
    const { maxAttempts, requestHandler } = sdk;
    // The SDK pauses for up to 100 ms, 200 ms and so on.
    const pauses = Array.from({ length: maxAttempts - 1 }, (_, at) => 100 * 2 ** at);
    const longest = pauses.reduce((sum, pause) => sum + pause, maxAttempts * requestHandler.requestTimeout);
    expect(longest).toBeLessThan(httpTimeout.toMilliseconds() - answerReserveMs);
    expect(requestHandler.connectionTimeout).toBeLessThanOrEqual(requestHandler.requestTimeout);
  });

  it('are looked at for every door that people call', () => {
    const phones = ['apple', 'google', 'samsung'];
    expect([...Object.keys(load), ...phones].toSorted()).toEqual([...httpFunctions].toSorted());
  });
});
