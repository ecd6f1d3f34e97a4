import { describe, expect, it } from 'vitest';
import type { CardAnswer } from '../../core/contract/shapes/card.ts';
import { type CardState, delayAfter, initialState, type News, next } from '../../web/card/state.ts';

const card = (version: number, available: number) =>
  ({ version, balance: { available, pending: 0, held: 0, debt: 0 } }) as CardAnswer;

const stateAfter = (...all: News[]): CardState =>
  all.reduce((state, news, at) => next(state, { news, at }), initialState);

describe('the card page', () => {
  it('remembers the balance before a change, and none on the first answer', () => {
    const first: News = { kind: 'card', card: card(1, 50) };
    expect(stateAfter(first).previous).toBeNull();
    expect(stateAfter(first, { kind: 'card', card: card(2, 118) })).toMatchObject({
      previous: 50,
      card: { balance: { available: 118 } },
    });
  });

  it('never turns the balance back for a late answer of an older version', () => {
    const state = stateAfter({ kind: 'card', card: card(2, 118) }, { kind: 'card', card: card(1, 50) });
    expect(state.card?.balance.available).toBe(118);
  });

  it('keeps the card while it cannot be reached, and the time it was last seen', () => {
    const lost = stateAfter({ kind: 'card', card: card(1, 50) }, { kind: 'same' }, { kind: 'unreachable' });
    expect(lost).toMatchObject({ card: { version: 1 }, reachable: false, seenAt: 1 });
    expect(next(lost, { news: { kind: 'same' }, at: 9 })).toMatchObject({ reachable: true, seenAt: 9 });
  });

  it('says that a card does not exist once the API says so', () => {
    expect(stateAfter({ kind: 'card', card: card(1, 50) }, { kind: 'unknown' }).exists).toBe(false);
  });

  it('asks every two seconds, and after failures ever less often down to every half minute', () => {
    const delays = [0, 1, 2, 3, 4, 5, 50].map((failures) => delayAfter(failures, 0));
    expect(delays).toEqual([2000, 4000, 8000, 16000, 30000, 30000, 30000]);
  });

  it('asks less often where nothing happens, and still within seconds', () => {
    const delays = Array.from({ length: 200 }, (_, same) => delayAfter(0, same));
    expect(delays).toEqual(delays.toSorted((one, other) => one - other));
    expect(delays[0]).toBe(2_000);
    expect(delays.at(-1)).toBe(10_000);
  });
});
