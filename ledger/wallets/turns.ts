/**
 * Turns that many instances take one after the other, for a service that takes so many requests a second of
 * all of them together. No clock is compared: whoever wants the turn reads the place in the queue, waits a
 * step by its own timer, and takes the turn only if nobody else did meanwhile. So two turns are never closer
 * than a step, however many want one and whatever their clocks say.
 */

import { type LedgerContext, LedgerUnavailable } from '../store/context.ts';
import { unavailable } from '../store/decide.ts';
import { fromItem, keys, type Turn, toItem } from '../store/items.ts';
import { asRead, type Item } from '../store/store.ts';

/** One in as many contenders gets each turn, so this is far more than a few instances ever need. */
const attemptsMax = 100;

/**
 * Waits for the turn and takes it.
 * @param stepMs between this turn and the one before, at least
 * @throws LedgerUnavailable when others kept taking it, or the table asks for patience
 */
export async function takeTurn(context: LedgerContext, name: string, stepMs: number): Promise<void> {
  const key = keys.turn(name);
  let seen = await context.store.get(key);
  // Whoever has waited already goes before a newcomer.
  await context.sleep(context.randomInteger(Math.ceil(stepMs / 2)));
  for (let attempt = 1; attempt <= attemptsMax; attempt++) {
    await context.sleep(stepMs);
    const before = turnOf(seen);
    const outcome = await context.store.transact([
      {
        put: toItem(key, 'turn', { revision: (before?.revision ?? 0) + 1 }),
        if: asRead(before),
      },
    ]);
    switch (outcome.type) {
      case 'committed':
        return;
      case 'refused':
        // Somebody took it between the reading and here: their turn is what the next step is counted from.
        seen = outcome.standing.at(key);
        break;
      case 'throttled':
        throw unavailable(outcome, 'Taking a turn');
      default:
        // Taken or not, nobody knows; as not taken it is safe, since the step is counted anew.
        seen = await context.store.get(key);
    }
  }
  throw new LedgerUnavailable('contended', 'Taking a turn');
}

function turnOf(item: Item | undefined): Turn | undefined {
  return item && fromItem(item, 'turn');
}
