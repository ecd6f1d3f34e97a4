/** What instances keep of what they read: never older than is said, whatever clocks and callers do. */
import { beforeEach, describe, expect, it } from 'vitest';
import { fresh, freshByKey } from '../../functions/kit/fresh.ts';

const clock = { now: 1_000_000 };
let loads: string[];
beforeEach(() => {
  loads = [];
});

describe('what is kept for a while', () => {
  const open = () =>
    fresh(
      () => clock.now,
      1_000,
      async () => {
        loads.push('');
        return loads.length;
      },
    );

  it('is read again once its time is over', async () => {
    const read = open();
    expect([await read(), await read()]).toEqual([1, 1]);
    clock.now += 999;
    expect(await read()).toBe(1);
    clock.now += 1;
    expect(await read()).toBe(2);
  });

  it('is not taken for new by an instance that was frozen meanwhile', async () => {
    const read = open();
    await read();
    // An hour on the wall, and none that the instance was running.
    clock.now += 3_600_000;
    expect(await read()).toBe(2);
  });

  it('is read again when the clock was set back, for nobody knows how old it is', async () => {
    const read = open();
    await read();
    clock.now -= 1;
    expect(await read()).toBe(2);
  });

  it('is as old as the question: what a slow answer says was true when it was asked for', async () => {
    const read = fresh(
      () => clock.now,
      1_000,
      async () => {
        loads.push('');
        clock.now += 900;
        return loads.length;
      },
    );
    await read();
    clock.now += 100;
    expect(await read()).toBe(2);
  });

  it('is not kept where reading failed', async () => {
    let fails = true;
    const read = fresh(
      () => clock.now,
      1_000,
      async () => {
        if (fails) throw new Error('not there');
        return 'there';
      },
    );
    await expect(read()).rejects.toThrow('not there');
    fails = false;
    expect(await read()).toBe('there');
  });
});

describe('what is kept of many', () => {
  const open = (entriesMax: number, known: (key: string) => boolean = () => true) =>
    freshByKey(
      () => clock.now,
      { keepMs: 5_000, entriesMax },
      async (key) => {
        loads.push(key);
        return known(key) ? `${key} ${loads.length}` : undefined;
      },
    );

  it('is apart for each, and read again once its time is over or the clock was set back', async () => {
    const read = open(10);
    await read('a');
    await read('b');
    clock.now += 4_999;
    await read('a');
    expect(loads).toEqual(['a', 'b']);
    clock.now += 1;
    await read('a');
    clock.now -= 1;
    await read('a');
    expect(loads).toEqual(['a', 'b', 'a', 'a']);
  });

  it('is bounded: the one that was read first goes', async () => {
    const read = open(2);
    for (const key of ['a', 'b', 'c', 'b', 'c', 'a']) await read(key);
    expect(loads).toEqual(['a', 'b', 'c', 'a']);
  });

  it('is not pushed out by those who guess', async () => {
    const read = open(2, (key) => key.length === 1);
    await read('a');
    for (let guess = 0; guess < 100; guess++) await read(`guess ${guess}`);
    await read('a');
    expect(loads.filter((key) => key === 'a')).toHaveLength(1);
  });
});
