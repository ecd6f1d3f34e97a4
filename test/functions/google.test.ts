/** Google's callback from the signature to the ledger, with the keys of the server that stands in for Google. */
import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeEach, describe, expect, it } from 'vitest';
import { routes } from '../../core/contract/routes.ts';
import { googleCallback } from '../../functions/http/google.ts';
import { getWallets } from '../../functions/members/wallets.ts';
import { updateGoogle } from '../../functions/wallets/google-card.ts';
import {
  createCallbackSigner,
  type Otherwise,
  type SignedCallback,
} from '../../local/standins/google-callback.ts';
import { googleWorld, useGoogle, type World } from '../support/google.ts';
import { noon } from '../support/world.ts';

const rig = useGoogle();
let world: World;

beforeEach(async () => {
  rig.now = noon;
  world = await googleWorld(rig);
  rig.google.save(await world.link(world.deps));
});

function signed(eventType: 'save' | 'del', otherwise: Otherwise = {}): SignedCallback {
  const { classId, objectId } = world;
  return rig.google.callbacks.sign({ classId, objectId, eventType }, otherwise);
}

/** As the door lets it in: parsed by the route's schema. */
async function post(body: unknown, deps = world.deps): Promise<number> {
  const parsed = routes.googleCallback.body.parse(JSON.parse(JSON.stringify(body)));
  return (await googleCallback({ body: parsed }, deps)).status;
}

async function state() {
  const answer = await getWallets({ params: { memberId: world.memberId } } as never, world.deps);
  return routes.getWallets.answers[200].parse(answer.body).google;
}

describe('a callback', () => {
  it('says that the card was saved, and operators see since when', async () => {
    expect(await state()).toMatchObject({ state: 'offered' });
    rig.now += 60_000;
    expect(await post(signed('save'))).toBe(200);
    const asItIs = { version: 2, doubted: false, behind: null };
    expect(await state()).toEqual({ state: 'saved', at: '2026-11-22T12:01:00Z', ...asItIs });
  });

  it('says that the card was deleted: Google hears no more of it until it is saved again', async () => {
    await post(signed('save'));
    rig.now += 1000;
    await post(signed('del'));
    await world.buy(10_000);
    const before = await world.turns();
    await updateGoogle(world.deps, world.program(), world.memberId);
    expect([await world.turns(), world.points()]).toEqual([before, 50]);
    rig.now += 1000;
    await post(signed('save'));
    expect(world.points()).toBe(150);
    expect(await state()).toMatchObject({ state: 'saved', version: 3 });
  });

  it('that is repeated changes nothing, though Google is told that it came', async () => {
    const deleted = signed('del');
    await post(deleted);
    rig.now += 1000;
    await post(signed('save'));
    expect(await post(deleted)).toBe(200);
    expect(await state()).toMatchObject({ state: 'saved' });
  });

  it('with a nonce that was used changes nothing, whatever else it says', async () => {
    await post(signed('save', { nonce: 'twice' }));
    rig.now += 1000;
    await post(signed('del', { nonce: 'twice' }));
    expect(await state()).toMatchObject({ state: 'saved' });
  });

  it('that comes after a newer one changes nothing', async () => {
    const late = signed('del');
    rig.now += 1000;
    await post(signed('save'));
    await post(late);
    expect(await state()).toMatchObject({ state: 'saved' });
  });

  it('of the same moment, twice at once, counts once', async () => {
    const saved = signed('save');
    expect(await Promise.all([post(saved), post(saved), post(saved)])).toEqual([200, 200, 200]);
    expect(await state()).toMatchObject({ state: 'saved' });
  });

  it('brings the card up to date even where an earlier try ended before it could', async () => {
    await post(signed('del'));
    await world.buy(10_000);
    rig.now += 1000;
    const saved = signed('save');
    rig.google.fail({ status: 500, reason: 'backendError' });
    await expect(post(saved)).rejects.toMatchObject({ reason: 'throttled' });
    expect(world.points()).toBe(50);
    expect(await post(saved)).toBe(200);
    expect(world.points()).toBe(150);
  });

  it('about an object that is none of ours, or a member we do not know, is none of our business', async () => {
    const { classId } = world;
    const { callbacks } = rig.google;
    const stranger = `${classId.split('.')[0]}.mem_01JD0000000000000000000000`;
    for (const objectId of [stranger, 'elsewhere'])
      expect(await post(callbacks.sign({ classId, objectId, eventType: 'del' }))).toBe(200);
    expect(await state()).toMatchObject({ state: 'offered' });
  });
});

describe('a root key that Google has just put on its list', () => {
  it('is found by asking for the list once more', async () => {
    const rotated = createCallbackSigner(world.classId.split('.')[0] ?? '', () => rig.now);
    const lists = [rig.google.callbacks.keys().body, rotated.keys().body];
    const server = createServer((_, response) => response.end(lists.length > 1 ? lists.shift() : lists[0]));
    server.listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const secret = (await world.fresh().walletSecret('google')) as object;
    const callbackKeysUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const deps = { ...world.deps, walletSecret: async () => ({ ...secret, callbackKeysUrl }) };
    await post(signed('save'), deps);
    rig.now += 60_000;
    const { classId, objectId } = world;
    expect(await post(rotated.sign({ classId, objectId, eventType: 'del' }), deps)).toBe(200);
    expect(await state()).toMatchObject({ state: 'deleted' });
    server.close();
  });
});

describe('a forged callback', () => {
  const foreign = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });

  it.each<[string, () => unknown]>([
    ['for another issuer', () => signed('del', { issuerId: '3388000000099999999' })],
    ['by an expired intermediate key', () => signed('del', { keyExpiration: rig.now - 1 })],
    ['that has expired', () => signed('del', { expTimeMillis: rig.now - 1 })],
    ['by an unknown root key', () => signed('del', { rootKey: foreign.privateKey })],
    ['of another protocol', () => signed('del', { protocolVersion: 'ECv1' })],
    [
      'with one byte changed',
      () => {
        const { signedMessage, ...rest } = signed('save');
        return { ...rest, signedMessage: signedMessage.replace('"save"', '"del" ') };
      },
    ],
    ['with nothing signed at all', () => ({ ...signed('del'), signature: '' })],
  ])('%s is answered 401 and changes nothing', async (_, forge) => {
    await expect(post(forge())).rejects.toMatchObject({ code: 'unauthorized' });
    expect(await state()).toMatchObject({ state: 'offered' });
    expect(world.warnings).toHaveLength(1);
  });

  it('cannot be told from a genuine one without Google’s keys: then it is asked to come again', async () => {
    const unreachable = world.fresh();
    const secret = (await unreachable.walletSecret('google')) as object;
    const deps = {
      ...unreachable,
      walletSecret: async () => ({ ...secret, callbackKeysUrl: `${rig.google.url}/nowhere` }),
    };
    await expect(post(signed('save'), deps)).rejects.toMatchObject({ code: 'unavailable' });
    expect(await state()).toMatchObject({ state: 'offered' });
  });
});
