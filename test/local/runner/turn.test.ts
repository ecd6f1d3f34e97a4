/** Nobody waits for ever for a turn, whoever died with it. */
import { expect, it } from 'vitest';
import { newTurn, openTurn, passFor } from '../../../local/turn.ts';

it('a turn whose holder has ended is taken over, and passed on', () => {
  const shared = newTurn();
  const cell = new Int32Array(shared);
  cell[0] = 99;
  expect(openTurn(shared).during(() => cell[0])).not.toBe(99);
  expect(cell[0]).toBe(0);
});

it('a turn is passed for its holder alone', () => {
  const shared = newTurn();
  const cell = new Int32Array(shared);
  cell[0] = 99;
  passFor(shared, 7);
  expect(cell[0]).toBe(99);
  passFor(shared, 98);
  expect(cell[0]).toBe(0);
});
