/** The API's own address: nobody is answered there but CloudFront, by what it says. */
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { originHeader } from '../../core/contract/functions.ts';
import { type RouteName, routes } from '../../core/contract/routes.ts';
import type { Deps } from '../../functions/deps.ts';
import { createDoor } from '../../functions/kit/door.ts';
import { createKey } from '../../ledger/ledger.ts';
import { knock, stray } from '../support/doors.ts';
import { newWorld } from '../support/ports.ts';
import { noon, originSecret } from '../support/world.ts';

const current = vi.hoisted(() => ({ deps: undefined as unknown }));
vi.mock('../../functions/deps.ts', () => ({ deps: async () => current.deps as Deps }));

const world = newWorld();
let key: string;
beforeAll(async () => {
  current.deps = world.deps;
  const by = { keyId: 'setup', name: 'setup' };
  key = (await createKey(world.ledger, { name: 'ops', role: 'ops' }, by, noon)).text;
});

const strangers = { nothing: '', 'what somebody guessed': `${originSecret}!` };

describe.each(Object.keys(routes) as RouteName[])('%s', (name) => {
  it.each(Object.entries(strangers))(
    'is closed to who says %s, whatever key is shown',
    async (_who, said) => {
      const before = world.items().length;
      world.arm();
      const { status, body } = await knock(name, { key, headers: { [originHeader]: said } });
      world.disarm();
      expect([status, body.code]).toEqual([403, 'forbidden']);
      expect(body.detail).toContain('https://cards.example.com');
      // Neither the key nor anything else was looked up.
      expect(world.calls).toEqual([]);
      expect(world.items()).toHaveLength(before);
    },
  );
});

it('is closed at paths that are none, too', async () => {
  expect((await stray('GET', '/v1/nothing', { [originHeader]: '' })).status).toBe(403);
  expect((await stray('GET', '/v1/nothing')).status).toBe(404);
});

describe('the secret', () => {
  /** Values in force as the secret's stages hold them, and how often they were read. */
  function open(...values: string[]) {
    const clock = { now: noon };
    const held = { values, reads: 0 };
    const door = createDoor(
      () => clock.now,
      60_000,
      async () => {
        held.reads++;
        return held.values;
      },
    );
    return { clock, held, door };
  }

  it('is read once, however many requests say it', async () => {
    const { clock, held, door } = open('first');
    for (let request = 0; request < 10; request++) {
      expect(await door('first')).toBe(true);
      clock.now += 3_600_000;
    }
    expect(held.reads).toBe(1);
  });

  it('changes without a refused request: the old value holds until CloudFront says the new one', async () => {
    const { clock, held, door } = open('first');
    expect(await door('first')).toBe(true);
    held.values = ['second', 'first'];
    clock.now += 60_000;
    expect(await door('first')).toBe(true);
    expect(await door('second')).toBe(true);
    expect(await door('first')).toBe(true);
    held.values = ['third', 'second'];
    clock.now += 60_000;
    expect(await door('third')).toBe(true);
    expect(await door('first')).toBe(false);
  });

  it('is read once in a while at most for who guesses, and not at all for who says nothing', async () => {
    const { held, door } = open('first');
    expect(await door(undefined)).toBe(false);
    expect(held.reads).toBe(0);
    for (const guess of ['', 'firs', 'first ', 'FIRST']) expect(await door(guess)).toBe(false);
    expect(held.reads).toBe(1);
  });

  it('that cannot be read opens nothing, and is tried again', async () => {
    let broken = true;
    const door = createDoor(
      () => noon,
      60_000,
      async () => {
        if (broken) throw new Error('away');
        return ['first'];
      },
    );
    await expect(door('first')).rejects.toThrow('away');
    broken = false;
    expect(await door('first')).toBe(true);
  });
});
