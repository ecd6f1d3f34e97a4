/** Samsung's requests and ours, from the link on a card's page to the card on a phone that follows the ledger. */
import { beforeEach, describe, expect, it } from 'vitest';
import { routes } from '../../core/contract/routes.ts';
import type { Deps } from '../../functions/deps.ts';
import { getSamsungCard, noteState } from '../../functions/http/samsung.ts';
import { cardAnswer, cardView } from '../../functions/members/present.ts';
import { getWallets } from '../../functions/members/wallets.ts';
import { offeredWallets } from '../../functions/wallets/offered.ts';
import { loadSamsung } from '../../functions/wallets/samsung.ts';
import { update } from '../../functions/wallets/samsung-card.ts';
import { cardToken, getMember, getSamsungPass, offerSamsung, recordPurchase } from '../../ledger/ledger.ts';
import { createMemoryStore } from '../../ledger/store/memory.ts';
import { openCardData, requestToken, secret } from '../passes/samsung/partner.ts';
import { newMember, putInForce } from '../support/histories.ts';
import { aPurchase, defaultProgram, noon, testContext } from '../support/world.ts';

const program = defaultProgram();
let given = 0;

async function newWorld(samsungSecret: object = { ...secret, tokenSeconds: 300 + ++given }) {
  const ledger = testContext(createMemoryStore());
  await putInForce(ledger, program);
  const memberId = await newMember(ledger, program);
  const clock = { now: noon };
  const lags: [metric: string, seconds: number][] = [];
  const deps = {
    ledger,
    now: () => clock.now,
    monotonic: () => 0,
    newRequestId: () => '7b0f1c1e-8f0a-4f53-9d0e-0a6f0c2b1d3e',
    publicUrl: 'https://philia.example',
    measure: async (...measured: [string, number]) => void lags.push(measured),
    program: async () => program,
    walletSecret: async () => samsungSecret,
    logger: { warn: () => undefined, error: () => undefined },
  } as unknown as Deps;
  const refId = cardToken(ledger, memberId);
  const path = `/samsung/cards/${secret.cardId}/${refId}`;
  const request = async (method: 'GET' | 'POST', changed: Parameters<typeof requestToken>[3] = {}) => ({
    params: { cardId: secret.cardId, refId },
    headers: { authorization: `Bearer ${await requestToken(method, path, clock.now, changed)}` },
  });
  const state = async (event: string, body: { callback?: string } = {}) =>
    noteState({ ...(await request('POST')), query: { cc2: 'FR', event }, body }, deps);
  const buy = () => {
    const purchase = aPurchase([10_000], { member: { memberId }, occurredAt: '2026-11-22T11:00:00Z' });
    return recordPurchase(ledger, program, purchase, clock.now);
  };
  return { ledger, memberId, clock, lags, deps, refId, request, state, buy };
}

/** What would have gone to Samsung; the address is nobody's. */
async function listenTo(deps: Deps, answer = () => new Response()) {
  const told: { url: string; body: { card: { data: { refId: string }[] } } }[] = [];
  const wallet = await loadSamsung(deps);
  const { createSamsungClient } = await import('../../passes/samsung/index.ts');
  const client = createSamsungClient({
    credentials: wallet.credentials,
    fetch: async (input, init) => {
      told.push({ url: String(input), body: JSON.parse(String(init?.body)) });
      return answer();
    },
  });
  Object.assign(wallet, { client });
  return told;
}

let world: Awaited<ReturnType<typeof newWorld>>;
beforeEach(async () => {
  world = await newWorld();
});

describe('Samsung Wallet', () => {
  it('is offered on the card where it is configured, and only there', async () => {
    const member = await getMember(world.ledger, world.memberId);
    if (!member) throw new Error('There is no member.');
    const walletOf = async ({ deps }: { deps: Deps }) => {
      const view = await cardView(deps, program, member);
      return (await cardAnswer(deps, program, member, view, await offeredWallets(deps))).wallet;
    };
    expect(await walletOf(world)).toMatchObject({
      samsungUrl: `https://philia.example/v1/cards/${world.refId}/samsung`,
    });
    for (const unusable of [{}, { partnerId: '1' }])
      expect(await walletOf(await newWorld(unusable))).not.toHaveProperty('samsungUrl');
    const unreadable = { ...world.deps, walletSecret: () => Promise.reject(new Error('No answer.')) };
    expect((await offeredWallets(unreadable)).samsung).toBe(false);
  });

  it.each([
    [{}, 'Samsung Wallet is not configured.'],
    [{ partnerId: '1' }, 'Samsung Wallet is not configured correctly.'],
  ])('says 503 wallet_not_configured for the secret %j', async (unusable, message) => {
    const { deps, request } = await newWorld(unusable);
    const refused = { code: 'wallet_not_configured', status: 503, message };
    await expect(loadSamsung(deps)).rejects.toMatchObject(refused);
    await expect(getSamsungCard(await request('GET'), deps)).rejects.toMatchObject(refused);
  });
});

describe('fetching a card', () => {
  it('answers it as it stands, for Samsung alone to read', async () => {
    await world.buy();
    const { status, body } = await getSamsungCard(await world.request('GET'), world.deps);
    expect(status).toBe(200);
    const { card } = await openCardData((body as { cdata: string }).cdata);
    expect(card.card.data).toMatchObject([{ refId: world.refId, attributes: { balance: '150' } }]);
  });

  it('of a member who does not exist, or of another template, is empty', async () => {
    const path = `/samsung/cards/${secret.cardId}/${'B'.repeat(32)}`;
    const ask = async (cardId: string, refId: string) => {
      const signedPath = path.replace(secret.cardId, cardId).replace('B'.repeat(32), refId);
      const authorization = await requestToken('GET', signedPath, world.clock.now);
      return getSamsungCard({ params: { cardId, refId }, headers: { authorization } }, world.deps);
    };
    expect(await ask(secret.cardId, 'B'.repeat(32))).toEqual({ status: 204 });
    expect(await ask('other', world.refId)).toEqual({ status: 204 });
  });

  it('needs a token that Samsung signed', async () => {
    const forged = await world.request('GET', { by: 'somebody' });
    await expect(getSamsungCard(forged, world.deps)).rejects.toMatchObject({ code: 'unauthorized' });
    const post = await world.request('POST');
    await expect(getSamsungCard(post, world.deps)).rejects.toMatchObject({ code: 'unauthorized' });
  });
});

describe('an update', () => {
  it('is told of once for each version, while the card is kept', async () => {
    const told = await listenTo(world.deps);
    await update(world.deps, { memberId: world.memberId });
    await offerSamsung(world.ledger, world.memberId, 2, 'US', world.clock.now);
    await world.state('ADDED', { callback: 'https://fr-tsapi.walletsvc.samsung.com' });
    expect(told).toEqual([]);
    await world.buy();
    await update(world.deps, { memberId: world.memberId });
    await update(world.deps, { memberId: world.memberId });
    expect(told).toHaveLength(1);
    expect(told[0]?.url).toBe(
      `https://fr-tsapi.walletsvc.samsung.com/FR/wltex/cards/${secret.cardId}/updates`,
    );
    expect(told[0]?.body.card.data).toMatchObject([{ refId: world.refId }]);
    world.clock.now += 1000;
    await world.state('DELETED');
    await world.buy();
    await update(world.deps, { memberId: world.memberId });
    expect(told).toHaveLength(1);
  });

  it('says how long it took, and operators see what Samsung was told of and what it has', async () => {
    await listenTo(world.deps);
    const seen = async () => {
      const answer = await getWallets({ params: { memberId: world.memberId } } as never, world.deps);
      return routes.getWallets.answers[200].parse(answer.body).samsung;
    };
    await offerSamsung(world.ledger, world.memberId, 2, 'US', world.clock.now);
    await world.state('ADDED');
    expect(await seen()).toMatchObject({ version: 2, fetched: 2, behind: null });
    await world.buy();
    const since = '2026-11-22T12:00:00Z';
    world.clock.now += 7000;
    await update(world.deps, { memberId: world.memberId });
    expect(world.lags).toEqual([['CardLag', 7]]);
    const behind = { versions: 1, since, seconds: 7 };
    expect(await seen()).toMatchObject({ version: 3, fetched: 2, behind });
    await getSamsungCard(await world.request('GET'), world.deps);
    expect(await seen()).toMatchObject({ version: 3, fetched: 3, behind: null });
    // What Samsung says of the card later does not take it back.
    await world.state('ADDED');
    expect(await seen()).toMatchObject({ version: 3, fetched: 3 });
  });

  it('that was posted between the link and the adding is told of with the adding', async () => {
    const told = await listenTo(world.deps);
    await offerSamsung(world.ledger, world.memberId, 2, 'US', world.clock.now);
    await world.buy();
    await update(world.deps, { memberId: world.memberId });
    expect(told).toEqual([]);
    await world.state('ADDED');
    expect(told).toHaveLength(1);
  });

  it('that Samsung does not take now is told of again later', async () => {
    let status = 500;
    const told = await listenTo(world.deps, () => new Response(null, { status }));
    await offerSamsung(world.ledger, world.memberId, 2, 'US', world.clock.now);
    await world.state('ADDED');
    await world.buy();
    await expect(update(world.deps, { memberId: world.memberId })).rejects.toMatchObject({
      reason: 'throttled',
    });
    status = 403;
    await expect(update(world.deps, { memberId: world.memberId })).rejects.toThrow('refused');
    status = 200;
    await update(world.deps, { memberId: world.memberId });
    expect(told).toHaveLength(3);
    expect(await getSamsungPass(world.ledger, world.memberId)).toMatchObject({ version: 3 });
  });
});

describe('word of what became of a card', () => {
  const seen = async () => {
    const answer = await getWallets({ params: { memberId: world.memberId } } as never, world.deps);
    return (answer.body as { samsung: unknown }).samsung;
  };

  it('is kept for operators, the newest by Samsung’s own time', async () => {
    await listenTo(world.deps);
    expect(await seen()).toBeNull();
    await offerSamsung(world.ledger, world.memberId, 2, 'US', world.clock.now);
    expect(await seen()).toMatchObject({ state: 'offered' });
    const late = await world.request('POST');
    world.clock.now += 60_000;
    await world.state('ADDED');
    expect(await seen()).toEqual({
      state: 'saved',
      at: '2026-11-22T12:01:00Z',
      version: 2,
      fetched: 2,
      behind: null,
    });
    await noteState({ ...late, query: { cc2: 'FR', event: 'DELETED' }, body: {} }, world.deps);
    expect(await seen()).toMatchObject({ state: 'saved' });
    await world.state('PROVISIONED');
    expect(await seen()).toMatchObject({ state: 'saved' });
  });

  it('needs a token that Samsung signed for it', async () => {
    const forged = { ...(await world.request('GET')), query: { cc2: 'FR', event: 'ADDED' }, body: {} };
    await expect(noteState(forged, world.deps)).rejects.toMatchObject({ code: 'unauthorized' });
    expect(await seen()).toBeNull();
  });
});
