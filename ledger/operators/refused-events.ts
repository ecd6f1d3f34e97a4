/**
 * Events that a channel put on the bus and that the door would not have let pass: nothing is posted, and an operator is
 * told. Of what was in them only what is wrong is kept, for it may name people whom nobody here could erase from it.
 */
import type { FieldError } from '../../core/contract/errors.ts';
import { utc } from '../../core/contract/shapes/basics.ts';
import type { LedgerContext } from '../store/context.ts';
import { commit } from '../store/decide.ts';
import { type NewException, openOnce } from './exceptions.ts';

export interface RefusedEvent {
  /** The id of the purchase or refund, or of the event where it gives none. */
  readonly subject: string;
  readonly source: string;
  readonly detailType: string;
  /** The event's content, which tells it apart from others; it is not kept. */
  readonly content: string;
  readonly errors: readonly FieldError[];
  /** When it was put on the bus, in milliseconds. */
  readonly putAt: number;
}

const dayMs = 86_400_000;
const errorsMax = 20;
const textMax = 200;

/**
 * Lists a refused event, unless it was listed before, whatever became of it since. A channel that sends the same again
 * and again is told of once a day.
 * @throws LedgerUnavailable when it is not certain to be listed: the event has to stay where it is
 */
export async function listRefusedEvent(
  context: LedgerContext,
  { subject, source, detailType, content, errors, putAt }: RefusedEvent,
  now: number,
): Promise<'listed' | 'known'> {
  const told = errors.slice(0, errorsMax).map(({ path, message }) => ({
    path: path.slice(0, textMax).toWellFormed(),
    message: message.slice(0, textMax).toWellFormed(),
  }));
  const opened: NewException = {
    type: 'event_refused',
    subject,
    memberId: null,
    detail: `${detailType} of ${source} may not pass: ${told.map(({ path, message }) => `${path} ${message}`).join('; ')}.`,
    data: { source, detailType, putAt: utc(putAt), errors: told },
    distinction: context.sha256(`${source} ${detailType} ${content}`),
    occurredAt: utc(Math.floor(putAt / dayMs) * dayMs),
  };
  const met = await commit(context, `Listing the refused event ${subject}`, openOnce(context, opened, now));
  return met ? 'known' : 'listed';
}
