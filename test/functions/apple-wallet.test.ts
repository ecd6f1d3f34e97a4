/** The wallet of an instance over the life of its secret. */
import { createSecureServer, type ServerHttp2Stream } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { loadApple } from '../../functions/wallets/apple.ts';
import { type AppleWorld, openAppleWorld } from './apple-world.ts';

let apple: AppleWorld;
beforeAll(async () => {
  apple = await openAppleWorld();
});
afterAll(() => apple.close());
beforeEach(() => {
  apple.world.secret = apple.secretFor(apple.apns.url);
  apple.logged.length = 0;
});

/** A push service that answers only when it is told to, and knows how many connections it has. */
async function startSlowService() {
  const { serverKey: key, serverCertificate: cert } = apple.certificates;
  const waiting: ServerHttp2Stream[] = [];
  let connections = 0;
  const server = createSecureServer({ key, cert, requestCert: true, rejectUnauthorized: false });
  server.on('stream', (stream) => waiting.push(stream));
  server.on('session', (session) => {
    connections++;
    session.once('close', () => connections--);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}`,
    waiting,
    connections: () => connections,
    answer() {
      for (const stream of waiting.splice(0)) {
        stream.respond({ ':status': 200 });
        stream.end();
      }
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}

describe("Apple's credentials", () => {
  it('are read once for a secret, however often it is asked for', async () => {
    const text = JSON.stringify(apple.world.secret);
    const stringify = vi.spyOn(JSON, 'stringify');
    const first = await loadApple(apple.deps);
    stringify.mockClear();
    expect(await loadApple(apple.deps)).toBe(first);
    expect(stringify).not.toHaveBeenCalled();
    stringify.mockRestore();
    // As it comes every minute: another object that says the same.
    apple.world.secret = JSON.parse(text);
    expect(await loadApple(apple.deps)).toBe(first);
  });

  it('follow a new secret at once, while pushes under way end on the old connection, which then closes', async () => {
    const old = await startSlowService();
    apple.world.secret = apple.secretFor(old.url);
    const before = await loadApple(apple.deps);
    const underWay = before.pusher.push('slow');
    await vi.waitUntil(() => old.waiting.length === 1);
    apple.world.secret = apple.secretFor(apple.apns.url);
    const after = await loadApple(apple.deps);
    expect(after.credentials.pushUrl).toBe(apple.apns.url);
    expect(await after.pusher.push('new')).toEqual({ type: 'accepted' });
    expect(old.connections()).toBe(1);
    old.answer();
    expect(await underWay).toEqual({ type: 'accepted' });
    await vi.waitUntil(() => old.connections() === 0);
    expect(apple.pushes()).toContain('new');
    await old.close();
  });

  it('that cannot be used do not take the place of those that can, and the log says why', async () => {
    const good = await loadApple(apple.deps);
    apple.world.secret = { ...apple.secretFor(apple.apns.url), teamIdentifier: 'OTHER' };
    expect(await loadApple(apple.deps)).toBe(good);
    const problem = "The pass certificate's team (OU) is PHILIA0000, but the secret says OTHER.";
    expect(apple.logged).toEqual([['The Apple Wallet credentials cannot be used', { problem }]]);
  });

  it('that are taken away are not used any more', async () => {
    await loadApple(apple.deps);
    apple.world.secret = {};
    await expect(loadApple(apple.deps)).rejects.toMatchObject({ code: 'wallet_not_configured' });
  });

  it('end with their certificate, though the secret stays', async () => {
    const { credentials } = await loadApple(apple.deps);
    const late = { ...apple.deps, now: () => credentials.notAfter };
    await expect(loadApple(late)).rejects.toMatchObject({ code: 'wallet_not_configured' });
    expect(apple.logged[0]?.[1]).toMatchObject({ problem: expect.stringContaining(' expired at ') });
  });
});
