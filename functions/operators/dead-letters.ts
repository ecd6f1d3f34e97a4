/** Dead letters go back to where they came from: by their queue, or as the events of an entry that was not published. */
import { Problem } from '../../core/contract/errors.ts';
import type { ExceptionAnswer } from '../../core/contract/shapes/exception.ts';
import {
  answerOnce,
  auditSending,
  countDeadLetters,
  type DeadLetter,
  findOnce,
  getEntry,
  type Operator,
  openDeadLetters,
  resendable,
  resolveDeadLetter,
} from '../../ledger/ledger.ts';
import type { Deps } from '../deps.ts';
import type { BusEvent } from '../kit/bus.ts';
import { toEvents } from '../kit/ledger-events.ts';
import { type Answer, type HttpRequest, onceAnswer, operatorOf } from '../kit/serve.ts';

const sentAtOnce = 10;
const leftMax = 1000;

/** Why a dead letter cannot be sent again; undefined when it can. */
export function notSendable(letter: DeadLetter | undefined): string | undefined {
  if (letter === undefined || letter.sendTo !== null) return undefined;
  return letter.consumer === 'outbox'
    ? "It only points into the table's stream: the members' next entries bring their cards up to date."
    : `Nothing leads back to ${letter.consumer}: what its schedule starts, it starts again by itself.`;
}

/** The events of an entry, or why there are none. */
async function eventsOf(
  deps: Deps,
  { memberId, sequence }: NonNullable<DeadLetter['entry']>,
): Promise<BusEvent[] | string> {
  try {
    const entry = await getEntry(deps.ledger, memberId, sequence);
    return entry ? toEvents(entry) : 'The entry is not there.';
  } catch (error) {
    // What was wrong with it when the stream brought it is wrong with it still.
    return `It still cannot be published: ${error instanceof Error ? error.message : String(error)}`;
  }
}

/**
 * Sends a dead letter by the way it came: whoever handles it again finds what was done.
 * @returns why it could not be sent; undefined when it was
 */
export async function sendAgain(exception: ExceptionAnswer, deps: Deps): Promise<string | undefined> {
  const letter = resendable(exception);
  if (!letter) throw new Error(`${exception.exceptionId} cannot be sent again.`);
  if (letter.entry) {
    const events = await eventsOf(deps, letter.entry);
    if (typeof events === 'string') return events;
    const taken = await deps.bus.put(events);
    if (!taken.every(Boolean))
      throw new Problem('unavailable', 'The bus did not take the events for certain.');
  } else await deps.send(letter.sendTo, letter.body);
  return undefined;
}

/** Sends a dead letter, then resolves it; answers whether this call did. */
async function redrive(exception: ExceptionAnswer, operator: Operator, deps: Deps): Promise<boolean> {
  if ((await sendAgain(exception, deps)) !== undefined) return false;
  const resolved = await resolveDeadLetter(deps.ledger, exception.exceptionId, operator, deps.now());
  return resolved.type === 'done';
}

export async function redriveDeadLetters(
  { body, caller, once }: HttpRequest<'redriveDeadLetters'>,
  deps: Deps,
): Promise<Answer> {
  const { consumer, limit } = body;
  const operator = operatorOf(caller);
  const before = await findOnce(deps.ledger, once, deps.now());
  if (before) return onceAnswer(before);
  const letters = await openDeadLetters(deps.ledger, consumer, limit);
  if (letters.length > 0) {
    const subject = `dead letters of ${consumer ?? 'every consumer'}`;
    await auditSending(deps.ledger, operator, { action: 'redrive', subject, reason: null }, deps.now());
  }
  let redriven = 0;
  for (let at = 0; at < letters.length; at += sentAtOnce) {
    const some = letters.slice(at, at + sentAtOnce);
    const sent = await Promise.all(some.map((letter) => redrive(letter, operator, deps)));
    redriven += sent.filter((done) => done).length;
  }
  const left = await countDeadLetters(deps.ledger, consumer, leftMax);
  // Each letter is resolved by itself: where this is not reached, a repeat sends what is left.
  const answer = { status: 200, body: { redriven, left } };
  return onceAnswer(await answerOnce(deps.ledger, 'Redriving', once, answer, deps.now()));
}
