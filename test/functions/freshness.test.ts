/** Which version a card shows and how long it lacks the newest: noted where it is known, measured, and healed. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { routes } from '../../core/contract/routes.ts';
import { fetchPass } from '../../functions/http/apple.ts';
import type { BusEvent } from '../../functions/kit/bus.ts';
import type { HttpRequest } from '../../functions/kit/serve.ts';
import { getWallets } from '../../functions/members/wallets.ts';
import { update as pushChange } from '../../functions/wallets/apple-card.ts';
import { tellNewcomer } from '../../functions/wallets/apple-tell.ts';
import { staleCardsWalk } from '../../functions/wallets/stale-cards.ts';
import {
  eraseMember,
  getApplePass,
  type Member,
  noteAppleFetched,
  noteGooglePass,
  passToken,
  registrationsOf,
} from '../../ledger/ledger.ts';
import { runWalks } from '../support/night.ts';
import { type AppleWorld, openAppleWorld, passType, versionOf } from './apple-world.ts';

let apple: AppleWorld;
beforeAll(async () => {
  apple = await openAppleWorld();
});
afterAll(() => apple.close());

type Id = Member['account']['memberId'];
let phones = 0;
let memberId: Id;
let token: string;
beforeEach(async () => {
  phones++;
  token = `fresh-${phones}`;
  apple.world.at += 3_600_000;
  memberId = await apple.newMember();
  await download();
  apple.lags.length = 0;
  apple.logged.length = 0;
});

const ledger = () => apple.deps.ledger;
/** The pass by the card's link. */
const download = async () =>
  noteAppleFetched(ledger(), memberId, await versionOf(apple.deps, memberId), apple.world.at);
const change = async () => pushChange(apple.deps, await newest());
const newest = async () => ({
  memberId,
  version: await versionOf(apple.deps, memberId),
  cause: { type: 'purchase', id: 'store:P' },
});
const pushes = (phone = token) => apple.pushes().filter((one) => one === phone).length;
const later = (seconds: number) => {
  apple.world.at += seconds * 1000;
};
const register = async (device = token, pushToken = device) => {
  await apple.register(memberId, device, pushToken);
  const registrations = await registrationsOf(ledger(), memberId);
  const own = registrations.find((one) => one.device === device);
  if (!own) throw new Error('The device is not registered.');
  await tellNewcomer(apple.deps, own, true);
};
const fetchAsAPhone = () => {
  const headers = { authorization: `ApplePass ${passToken(ledger(), memberId)}` };
  const request = { params: { passType, serial: memberId }, headers };
  return fetchPass(apple.deps, request as unknown as HttpRequest<'getPass'>, true);
};
const wallets = async () => {
  const answer = await getWallets({ params: { memberId } } as never, apple.deps);
  return routes.getWallets.answers[200].parse(answer.body);
};
const iso = (seconds = 0) => new Date(apple.world.at + seconds * 1000).toISOString().replace('.000Z', 'Z');

describe('operators see', () => {
  it('which version the phones were told of, which was fetched, and since when one is missing', async () => {
    await register();
    const downloaded = { version: 2, at: iso() };
    expect(await wallets()).toMatchObject({
      version: 2,
      apple: { devices: 1, told: null, fetched: downloaded, behind: null },
      google: null,
      samsung: null,
    });
    later(10);
    await apple.buy(memberId);
    const since = iso();
    later(5);
    await apple.buy(memberId);
    later(60);
    const behind = { versions: 2, since, seconds: 65 };
    expect((await wallets()).apple).toEqual({ devices: 1, told: null, fetched: downloaded, behind });
    await change();
    const told = { version: 4, at: iso() };
    expect((await wallets()).apple).toEqual({ devices: 1, told, fetched: downloaded, behind });
    later(3);
    await fetchAsAPhone();
    const fetched = { version: 4, at: iso() };
    expect((await wallets()).apple).toEqual({ devices: 1, told, fetched, behind: null });
  });

  it('no lag of a pass that is on no phone', async () => {
    await apple.buy(memberId);
    expect((await wallets()).apple).toMatchObject({ devices: 0, behind: null });
  });

  it('that not every phone was told, where one was not', async () => {
    await register();
    await register(`${token}-watch`);
    await apple.buy(memberId);
    apple.apns.respond({ pushToken: token, status: 403, reason: 'BadCertificate' });
    await change();
    expect(pushes(`${token}-watch`)).toBe(1);
    expect((await wallets()).apple.told).toBeNull();
    expect(apple.lags).toEqual([]);
  });

  it('nothing told where the only phone is gone', async () => {
    await register();
    await apple.buy(memberId);
    later(1);
    apple.apns.respond({ pushToken: token, status: 410, reason: 'Unregistered' });
    await change();
    expect((await wallets()).apple).toMatchObject({ devices: 0, told: null, behind: null });
  });
});

describe('the lag', () => {
  it('is measured from the first change that a phone had not, once when it is told and once when it fetches', async () => {
    await register();
    await apple.buy(memberId);
    later(40);
    await apple.buy(memberId);
    later(2);
    await Promise.all([change(), change()]);
    await change();
    expect(apple.lags).toEqual([['CardLag', 42]]);
    later(8);
    await fetchAsAPhone();
    await fetchAsAPhone();
    expect(apple.lags).toEqual([
      ['CardLag', 42],
      ['CardLag', 50],
    ]);
    await apple.buy(memberId);
    later(3);
    await change();
    expect(apple.lags.at(-1)).toEqual(['CardLag', 3]);
  });
});

describe('a phone that registers', () => {
  it('is told at once when the card has changed since it was first downloaded', async () => {
    await apple.buy(memberId);
    later(30);
    await change();
    expect(pushes()).toBe(0);
    await register();
    expect(pushes()).toBe(1);
    expect((await wallets()).apple.told).toEqual({ version: 3, at: iso() });
  });

  it('is told of nothing when nobody can have an older pass', async () => {
    await register();
    expect(pushes()).toBe(0);
  });

  it('is told although another phone has fetched the newest version', async () => {
    await register();
    await apple.buy(memberId);
    await change();
    await fetchAsAPhone();
    await register(`${token}-pad`);
    expect([pushes(), pushes(`${token}-pad`)]).toEqual([1, 1]);
    expect((await wallets()).apple.told).toMatchObject({ version: 3 });
  });

  it('and cannot be told is one that nobody was told of, and is told when it asks again', async () => {
    await apple.buy(memberId);
    apple.apns.respond({ pushToken: token, status: 503, reason: 'Shutdown' });
    await register();
    expect((await wallets()).apple.told).toBeNull();
    const [registration] = await registrationsOf(ledger(), memberId);
    if (!registration) throw new Error('It is gone.');
    await tellNewcomer(apple.deps, registration, false);
    expect((await wallets()).apple.told).toMatchObject({ version: 3 });
    await tellNewcomer(apple.deps, registration, false);
    expect(pushes()).toBe(2);
  });

  it('and cannot be told is not counted among those who were', async () => {
    await register();
    await apple.buy(memberId);
    await change();
    expect((await wallets()).apple.told).toMatchObject({ version: 3 });
    apple.apns.respond({ pushToken: `${token}-pad`, status: 503, reason: 'Shutdown' });
    await register(`${token}-pad`);
    expect((await wallets()).apple.told).toBeNull();
  });

  it('with a token that Apple does not know is forgotten again', async () => {
    await apple.buy(memberId);
    apple.apns.respond({ pushToken: token, status: 400, reason: 'BadDeviceToken' });
    await register();
    expect(await registrationsOf(ledger(), memberId)).toEqual([]);
  });
});

describe('what is noted of a pass', () => {
  it('never goes back, whatever comes at the same time, and keeps the first version', async () => {
    const versions = Array.from({ length: 20 }, (_, index) => 3 + index);
    const mixed = versions.toSorted((a, b) => (a % 7) - (b % 7));
    await Promise.all(
      mixed.map((version) => patiently(() => noteAppleFetched(ledger(), memberId, version, 0))),
    );
    expect(await getApplePass(ledger(), memberId)).toMatchObject({ first: 2, fetched: { version: 22 } });
    expect(await noteAppleFetched(ledger(), memberId, 21, 0)).toBeUndefined();
  });

  /** A crowd on one item may give up: whoever asked asks again. */
  async function patiently(note: () => Promise<unknown>): Promise<void> {
    for (;;)
      try {
        return void (await note());
      } catch {
        // Nothing was noted.
      }
  }
});

describe('a card that was left behind', () => {
  const announced: BusEvent[] = [];
  beforeEach(async () => {
    announced.length = 0;
    // Those of earlier tests are nobody's business here.
    const others = apple.store.items().filter(({ pk, sk }) => pk.startsWith('WALLETS#') && sk !== memberId);
    if (others.length > 0) await apple.store.transact(others.map((one) => ({ delete: one })));
  });
  const bus = {
    put: async (events: readonly BusEvent[]) => {
      announced.push(...events);
      return events.map(() => true);
    },
  };
  const night = async (max?: number) => {
    const walks = { 'stale-cards': staleCardsWalk({ bus, logger: apple.deps.logger }, max) };
    const means = { context: ledger(), program: apple.world.program, now: apple.world.at };
    const { stale = 0, announced: again = 0 } = await runWalks(walks, means, {
      from: '2026-11-22',
      to: '2026-11-22',
    });
    return { stale, announced: again };
  };

  it('is announced again after an hour, by its newest entry, until the phones were told', async () => {
    await register();
    await apple.buy(memberId);
    await apple.buy(memberId);
    later(3599);
    expect(await night()).toEqual({ stale: 0, announced: 0 });
    later(2);
    expect(await night()).toEqual({ stale: 1, announced: 1 });
    expect(announced.map(({ name, detail }) => [name, (detail as { version: number }).version])).toEqual([
      ['PointsPosted', 4],
    ]);
    await change();
    expect(await night()).toEqual({ stale: 0, announced: 0 });
  });

  it('is none while nobody has it, or while a phone that was told does not come', async () => {
    await apple.buy(memberId);
    later(7200);
    expect((await night()).stale).toBe(0);
    await register();
    expect(pushes()).toBe(1);
    expect((await night()).stale).toBe(0);
    await apple.buy(memberId);
    await change();
    later(7200);
    expect((await night()).stale).toBe(0);
    expect((await wallets()).apple.behind).not.toBeNull();
  });

  it("may be Google's, unless it was deleted there", async () => {
    const pass = {
      memberId,
      objectId: 'x',
      version: 2,
      doubted: false,
      state: 'saved' as const,
      stateAt: iso(),
      messageUntil: 0,
      notices: [],
    };
    await noteGooglePass(ledger(), undefined, pass);
    await apple.buy(memberId);
    later(7200);
    expect((await night()).stale).toBe(1);
    await noteGooglePass(ledger(), { ...pass, revision: 1 }, { ...pass, state: 'deleted' });
    expect((await night()).stale).toBe(0);
    await noteGooglePass(ledger(), { ...pass, revision: 2 }, { ...pass, version: 3, doubted: true });
    expect((await night()).stale).toBe(1);
  });

  it('is counted, but not announced, beyond the number that one night takes', async () => {
    await register();
    await apple.buy(memberId);
    later(7200);
    expect(await night(0)).toEqual({ stale: 1, announced: 0 });
    expect(announced).toEqual([]);
  });

  it('of somebody who has left is looked at until their phones were told, and then no more', async () => {
    await register();
    const list = { add: async () => undefined, page: async () => ({ items: [] }) };
    const operator = { keyId: 'setup', name: 'setup' };
    const request = { memberId, operator, reason: null };
    await eraseMember(ledger(), list, apple.world.program, request, apple.world.at, () => true);
    later(7200);
    expect((await night()).stale).toBe(1);
    expect(announced.map(({ name }) => name)).toEqual(['MemberErased']);
    await change();
    expect((await night()).stale).toBe(0);
    const reads = apple.spyOn('get');
    await night();
    // Only which partitions there are.
    expect(reads.mock.calls.filter((call) => !JSON.stringify(call).includes('LISTS'))).toEqual([]);
    reads.mockRestore();
  });
});
